"""Counting events into items, by the rules of the form's YAML."""

import datetime
import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from nianbao.addresses import Where
from nianbao.catalogue import Item, Table
from nianbao.catalogue.models import Condition
from nianbao.events import Event
from nianbao.facts import ZERO, Applied, Fact
from nianbao.numerals import Qualifier
from nianbao.period import Period
from nianbao.rounding import plain

_LONGEST_ADDRESS = 4000  # characters; beyond it a list of rows is its span and its count
MOST_LISTED = 2000  # rows of a list with gaps, the same


@dataclass(frozen=True, slots=True)
class _Counted:
    """One item at one place, with the rows that it was counted from."""

    fact: Fact
    rows: frozenset[int]


def count_events(
    where: Where, events: Sequence[Event], sheet_place: str, earlier: Sequence[Event] = ()
) -> tuple[list[Fact], list[Applied]]:
    """One fact for every item and place that reports it, also where nothing happened there.

    `sheet_place` is set where the sheet is one place's. `earlier` are the events that earlier
    sheets of the same ledger hold: what is counted once was counted there. Decisions on an event's
    cells touch what its row was counted into; a row they took out of every count, all that was
    counted from here.
    """
    examined = ranges([event.row for event in events]) or f"{where.head.last_row}"
    counted = [
        one
        for name in where.table.items
        for one in _counted(where, name, events, sheet_place, examined, earlier)
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
    where: Where,
    name: str,
    events: Sequence[Event],
    sheet_place: str,
    examined: str,
    earlier: Sequence[Event],
) -> Iterator[_Counted]:
    item = where.table.items[name]
    matching = belonging(events, item, where)
    before = belonging(earlier, item, where)
    counted = by_place(where, name, before, sheet_place) if before else {}
    for place, here in by_place(where, name, matching, sheet_place).items():
        value, qualifier, raw = _amount(item, here, counted.get(place, ()), where.table)
        rows = frozenset(event.row for event in here)
        fact = Fact(
            period=where.period.name,
            place=place,
            item=name,
            value=value,
            qualifier=qualifier,
            raw=raw,
            form=where.head.form,
            file=where.file,
            sheet=where.sheet,
            cell=ranges(sorted(rows)) or examined,
        )
        yield _Counted(fact, rows)


def by_place(
    where: Where, name: str, matching: list[Event], sheet_place: str
) -> dict[str, list[Event]]:
    """The events that count for an item, under each of the places that report it."""
    kinds = where.table.kinds_of(name)
    if sheet_place:
        return {sheet_place: matching} if where.names.kinds[sheet_place] in kinds else {}
    if kinds == ("district",):
        return {where.catalogue.district: matching}
    found: dict[str, list[Event]] = {
        place: [] for place in where.catalogue.places_of_kinds(kinds, where.period)
    }
    for event in matching:
        if event.place in found:
            found[event.place].append(event)
    return found


def belonging(events: Sequence[Event], item: Item, where: Where) -> list[Event]:
    """The rows that count for an item: their date lies in the period, and they say what is asked.

    Item by item and condition by condition, for a ledger has many rows and many items.
    """
    if not events:
        return []
    name = item.date or where.table.date or ""
    first, last = days_of(where.period)
    found = [e for e in events if name in e.dates and first <= e.dates[name] <= last]
    for field, condition in item.where.items():
        found = _satisfying(found, field, condition)
    return found


@functools.cache
def days_of(period: Period) -> tuple[datetime.date, datetime.date]:
    """The first and last day of a single quarter, or of the year of an annual form."""
    first = period.quarter_first_day if period.quarter else period.first_day
    return first, period.last_day


def _satisfying(events: list[Event], field: str, condition: Condition) -> list[Event]:
    if condition.filled:
        return [event for event in events if event.said(field)]
    if excluded := condition.excluded:
        return [event for event in events if event.words.get(field, "") not in excluded]
    among = condition.among
    return [event for event in events if event.words.get(field, "") in among]


def _amount(
    item: Item, events: Sequence[Event], before: Sequence[Event], table: Table
) -> tuple[Decimal, Qualifier, str]:
    """What the events of one place come to, how sure it is, and as it was typed."""
    if item.count == "rows":
        return _exactly(len(events))
    if item.count == "distinct":
        return _exactly(len(_told_apart(item, events) - _told_apart(item, before)))
    name = item.sum or ""
    if name in table.derived:
        start, end = table.derived[name].working_days
        spans = [e.dates for e in events if start in e.dates and end in e.dates]
        return _exactly(sum(working_days(dates[start], dates[end]) for dates in spans))
    total = ZERO
    qualifier: Qualifier = "="
    entries = [event.numbers[name] for event in events if name in event.numbers]
    for value, said, _ in entries:
        total += value
        qualifier = combined(qualifier, said)
    return total, qualifier, entries[0].raw if len(entries) == 1 else plain(total)


def _exactly(number: int) -> tuple[Decimal, Qualifier, str]:
    return Decimal(number), "=", str(number)


def _told_apart(item: Item, events: Sequence[Event]) -> set[tuple[str, ...]]:
    return {tuple(event.said(part) for part in item.of) for event in events}


def combined(first: Qualifier, second: Qualifier) -> Qualifier:
    """The qualifier of a sum: ~ with anything is ~, >= with = is >=, >= with <= is ~."""
    if first == "=" or first == second:
        return second
    return first if second == "=" else "~"


def working_days(start: datetime.date, end: datetime.date) -> int:
    """Mondays to Fridays after `start`, up to and with `end`; 0 where the end is not later."""
    days = range(1, (end - start).days + 1)
    return sum((start + datetime.timedelta(days=day)).weekday() < 5 for day in days)


def ranges(numbers: Sequence[int]) -> str:
    """Row numbers as ranges: [5, 6, 7, 40] is `5:7,40`; very many as their span and their count."""
    if len(numbers) > MOST_LISTED:
        return span(min(numbers), max(numbers), len(numbers))
    parts: list[list[int]] = []
    for number in sorted(numbers):
        if parts and number == parts[-1][-1] + 1:
            parts[-1] = [parts[-1][0], number]
        else:
            parts.append([number])
    said = ",".join(":".join(str(end) for end in part) for part in parts)
    if len(said) <= _LONGEST_ADDRESS:
        return said
    return span(parts[0][0], parts[-1][-1], len(numbers))


def span(first: int, last: int, many: int) -> str:
    """So many rows from the first to the last; their number is said where there are gaps."""
    gaps = "" if last - first + 1 == many else f" ({many})"
    return f"{first}:{last}{gaps}"
