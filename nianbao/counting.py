"""Counting events into items, by the rules of the form's YAML."""

import datetime
import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from nianbao.addresses import Where
from nianbao.catalogue import Item, Table
from nianbao.catalogue.models import Condition
from nianbao.facts import ZERO, Applied, Fact
from nianbao.numerals import Qualifier
from nianbao.period import Period, squeezed
from nianbao.rounding import plain


@dataclass(frozen=True, slots=True)
class Event:
    """One row of a ledger, read: dates, choices, numbers, places and texts by field."""

    row: int
    dates: Mapping[str, datetime.date]
    words: Mapping[str, str]
    numbers: Mapping[str, tuple[Decimal, Qualifier]]
    place: str

    def having(
        self,
        dates: Mapping[str, datetime.date],
        words: Mapping[str, str],
        numbers: Mapping[str, tuple[Decimal, Qualifier]],
        place: str,
    ) -> "Event":
        """The event with more of its fields read."""
        return Event(
            self.row,
            {**self.dates, **dates},
            {**self.words, **words},
            {**self.numbers, **numbers},
            place,
        )

    def said(self, field: str) -> str:
        """What a field says, as text to tell events apart by."""
        if field in self.dates:
            return self.dates[field].isoformat()
        if field in self.numbers:
            return plain(self.numbers[field][0])
        return squeezed(self.words.get(field, ""))


@dataclass(frozen=True, slots=True)
class _Counted:
    """One item at one place, with the rows that it was counted from."""

    fact: Fact
    rows: frozenset[int]


def count_events(
    where: Where, events: Sequence[Event], sheet_place: str
) -> tuple[list[Fact], list[Applied]]:
    """One fact for every item and place that reports it, also where nothing happened there.

    `sheet_place` is set where the sheet is one place's. Decisions on an event's cells touch what
    its row was counted into; a row they took out of every count, all that was counted from here.
    """
    examined = _ranges([event.row for event in events]) or f"{where.head.last_row}"
    counted = [
        one
        for name in where.table.items
        for one in _counted(where, name, events, sheet_place, examined)
    ]
    applied: list[Applied] = []
    for cell, decision in where.decisions.items():
        row = int(re.sub(r"\D", "", cell))
        if all(row != event.row for event in events):
            continue
        touched = [one for one in counted if row in one.rows] or counted
        applied += [
            Applied(decision, one.fact.place, one.fact.item, one.fact.form, one.fact.file)
            for one in touched
        ]
    return [one.fact for one in counted], applied


def _counted(
    where: Where, name: str, events: Sequence[Event], sheet_place: str, examined: str
) -> Iterator[_Counted]:
    item = where.table.items[name]
    matching = [event for event in events if belongs(event, item, where)]
    for place, here in _by_place(where, name, matching, sheet_place).items():
        value, qualifier = _amount(item, here, where.table)
        rows = frozenset(event.row for event in here)
        fact = Fact(
            period=where.period.name,
            place=place,
            item=name,
            value=value,
            qualifier=qualifier,
            raw=plain(value),
            form=where.head.form,
            file=where.file,
            sheet=where.sheet,
            cell=_ranges(sorted(rows)) or examined,
        )
        yield _Counted(fact, rows)


def _by_place(
    where: Where, name: str, matching: list[Event], sheet_place: str
) -> dict[str, list[Event]]:
    kinds = where.table.kinds_of(name)
    if sheet_place:
        return {sheet_place: matching} if where.names.kinds[sheet_place] in kinds else {}
    if kinds == ("district",):
        return {where.catalogue.district: matching}
    by_place: dict[str, list[Event]] = {
        place: [] for place in where.catalogue.places_of_kinds(kinds, where.period)
    }
    for event in matching:
        if event.place in by_place:
            by_place[event.place].append(event)
    return by_place


def belongs(event: Event, item: Item, where: Where) -> bool:
    """Whether a row counts for an item: its date lies in the period, and it says what is asked."""
    date = event.dates.get(item.date or where.table.date or "")
    if date is None or not in_period(date, where.period):
        return False
    return all(_satisfies(event, field, condition) for field, condition in item.where.items())


def in_period(date: datetime.date, period: Period) -> bool:
    """Whether a day lies in a single quarter, or in the year of an annual form."""
    first, last = _days(period)
    return first <= date <= last


@functools.cache
def _days(period: Period) -> tuple[datetime.date, datetime.date]:
    first = period.quarter_first_day if period.quarter else period.first_day
    return first, period.last_day


def _satisfies(event: Event, field: str, condition: Condition) -> bool:
    said = event.words.get(field, "")
    if condition.filled:
        return bool(event.said(field))
    if condition.excluded:
        return said not in condition.excluded
    return said in condition.among


def _amount(item: Item, events: Sequence[Event], table: Table) -> tuple[Decimal, Qualifier]:
    if item.count == "rows":
        return Decimal(len(events)), "="
    if item.count == "distinct":
        return Decimal(len({tuple(event.said(part) for part in item.of) for event in events})), "="
    name = item.sum or ""
    if name in table.derived:
        start, end = table.derived[name].working_days
        spans = [e.dates for e in events if start in e.dates and end in e.dates]
        return Decimal(sum(working_days(dates[start], dates[end]) for dates in spans)), "="
    total = ZERO
    qualifier: Qualifier = "="
    for event in events:
        if name in event.numbers:
            value, said = event.numbers[name]
            total += value
            qualifier = combined(qualifier, said)
    return total, qualifier


def combined(first: Qualifier, second: Qualifier) -> Qualifier:
    """The qualifier of a sum: ~ with anything is ~, >= with = is >=, >= with <= is ~."""
    if first == "=" or first == second:
        return second
    return first if second == "=" else "~"


def working_days(start: datetime.date, end: datetime.date) -> int:
    """Mondays to Fridays after `start`, up to and with `end`; 0 where the end is not later."""
    days = range(1, (end - start).days + 1)
    return sum((start + datetime.timedelta(days=day)).weekday() < 5 for day in days)


def _ranges(numbers: Sequence[int]) -> str:
    """Row numbers as ranges: [5, 6, 7, 40] is `5:7,40`."""
    parts: list[list[int]] = []
    for number in sorted(numbers):
        if parts and number == parts[-1][-1] + 1:
            parts[-1] = [parts[-1][0], number]
        else:
            parts.append([number])
    return ",".join(":".join(str(end) for end in part) for part in parts)
