"""Exact amounts: the facts of an item added up over the quarters and places that have to report it.

Missing is not zero: an amount knows which places it lacks.
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import NamedTuple

import pandas as pd

from nianbao import schema
from nianbao.catalogue import Catalogue
from nianbao.errors import DataRejected
from nianbao.formulas import Formula, PlaceCount, Sum
from nianbao.numerals import Qualifier
from nianbao.period import Period
from nianbao.quantities import Exact, Quantity, combined, decided, number, satisfies

_MONTHS_OF_A_QUARTER = 3


class FactRow(NamedTuple):
    """One row of the facts table; every column is text."""

    period: str
    place: str
    item: str
    value: str
    qualifier: Qualifier
    raw: str
    form: str
    file: str
    sheet: str
    cell: str


class Correction(NamedTuple):
    """One decision of the office that took effect; every column is text."""

    kind: str
    period: str
    place: str
    item: str
    form: str
    file: str
    sheet: str
    cell: str
    as_typed: str
    value: str
    reason: str
    by: str
    date: str


@dataclass(frozen=True, slots=True)
class Amount:
    """What one place reported of one item over a span."""

    quantity: Quantity
    complete: bool
    decisions: frozenset[str]  # kinds of the corrections that touch it


@dataclass(frozen=True, slots=True, eq=False)
class Span:
    """The quarters that one side of a comparison covers, and the year of its annual items.

    Compared by identity: a calculation makes each of its spans once, and looks amounts up by them.

    `stand_in` is the year whose annual items serve where those of `year` are not held and the
    formula needs quarterly items too: residents of 2023 under the cases of 2024 and of 2023 alike.
    """

    quarters: tuple[Period, ...]
    year: int
    stand_in: int | None = None

    @classmethod
    def of(cls, period: Period) -> "Span":
        """What a report covers: in a quarter report the annual items are last year's."""
        return cls(period.quarters, period.year - (period.quarter is not None))

    @classmethod
    def before(cls, period: Period) -> "Span":
        """What a report compares with: the same quarters of the year before."""
        base = cls.of(period.previous)
        return base if period.quarter is None else cls(base.quarters, base.year, period.year - 1)


class FactIndex:
    """The facts by item, place and period, so that nobody filters a frame in a loop."""

    def __init__(self, facts: pd.DataFrame) -> None:
        columns = [facts[name].tolist() for name in schema.FACTS]
        self._facts: dict[str, dict[str, dict[str, list[FactRow]]]] = {}
        self._periods: dict[str, set[str]] = {}
        self.years: set[int] = set()
        for row in map(FactRow._make, zip(*columns, strict=True)):
            places = self._facts.setdefault(row.item, {})
            places.setdefault(row.place, {}).setdefault(row.period, []).append(row)
            self._periods.setdefault(row.item, set()).add(row.period)
        for period in {name for names in self._periods.values() for name in names}:
            self.years.add(Period.parse(period).year)

    def at(self, item: str, place: str, period: Period) -> list[FactRow]:
        """The facts of an item at a place in a single quarter, or in a year for an annual form."""
        return self._facts.get(item, {}).get(place, {}).get(period.name, [])

    def holds(self, item: str, periods: Iterable[Period]) -> bool:
        """Whether any place reported the item in any of the periods."""
        held = self._periods.get(item, set())
        return any(period.name in held for period in periods)


def indexed(facts: "pd.DataFrame | FactIndex") -> FactIndex:
    """The index of a facts frame; an index is passed through, so that callers can share one."""
    return facts if isinstance(facts, FactIndex) else FactIndex(facts)


class Amounts:
    """Amounts of items by place, each worked out once for a span."""

    def __init__(
        self, index: FactIndex, catalogue: Catalogue, corrections: pd.DataFrame | None = None
    ) -> None:
        self.index = index
        self.catalogue = catalogue
        self._corrections: dict[tuple[str, str, str], list[Correction]] = {}
        for row in [] if corrections is None else corrections.to_dict("records"):
            one = Correction(*(str(row.get(name, "")) for name in Correction._fields))
            self._corrections.setdefault((one.item, one.place, one.period), []).append(one)
        self._by_place: dict[tuple[str, Span], Mapping[str, Amount]] = {}
        self._places: dict[tuple[tuple[str, ...], Period], tuple[str, ...]] = {}

    def periods(self, item: str, span: Span) -> tuple[Period, ...]:
        """Where in a span an item stands: flows in every quarter, a stock in the last one."""
        if self.catalogue.is_annual(item):
            return (Period(span.year),)
        flow = self.catalogue.flow_of(item)
        if flow == "stock" or self.catalogue.home(item).item.type == "milestone":
            return span.quarters[-1:]
        return span.quarters[:1] if flow == "opening" else span.quarters

    def places(self, item: str, period: Period) -> tuple[str, ...]:
        """The places that have to report an item in a period, in official order."""
        key = (self.catalogue.table_of(item).kinds_of(item), period)
        if key not in self._places:
            self._places[key] = self.catalogue.places_of_kinds(*key)
        return self._places[key]

    def by_place(self, item: str, span: Span) -> Mapping[str, Amount]:
        """The amount of an item at every place that has to report it, in official order.

        A place counts for the quarters in which it exists. Raises DataRejected where a place has
        more facts for a period than its form can give: a sum would count something twice.
        """
        if (item, span) not in self._by_place:
            expected: dict[str, list[Period]] = {}
            for period in self.periods(item, span):
                for place in self.places(item, period):
                    expected.setdefault(place, []).append(period)
            order = self.catalogue.places
            amounts = {
                place: self._amount(item, place, expected[place])
                for place in sorted(expected, key=lambda code: order[code].order)
            }
            self._by_place[item, span] = MappingProxyType(amounts)
        return self._by_place[item, span]

    def total(self, of: Sum, span: Span, within: Container[str] | None = None) -> Quantity:
        """Items added and subtracted over all their places, or over those `within`."""
        value: Exact | None = None
        qualifier: Qualifier = "="
        for sign, item in of.terms:
            for place, amount in self.by_place(item, span).items():
                if within is not None and place not in within:
                    continue
                part = amount.quantity
                if part.value is None:
                    continue
                value = (value or 0) + sign * part.value
                qualifier = combined(qualifier, part.qualifier, inverse=sign < 0)
        return Quantity(value, qualifier)

    def evaluate(
        self, formula: Formula, span: Span, within: Container[str] | None = None
    ) -> Quantity:
        """The value of a numerator or denominator."""
        if isinstance(formula, Sum):
            return self.total(formula, span, within)
        return self._count(formula, span, within)

    def corrections(self, fact: FactRow) -> tuple[Correction, ...]:
        """The decisions that touch one fact.

        A monthly form has three facts a quarter: where a decision names a cell that one of them
        stands in, it touches that one only.
        """
        found = self._corrections.get((fact.item, fact.place, fact.period), [])
        if not found:
            return ()
        twins = self.index.at(fact.item, fact.place, Period.parse(fact.period))
        addresses = {(twin.sheet, twin.cell) for twin in twins}
        return tuple(
            one
            for one in found
            if (one.sheet, one.cell) not in addresses
            or (one.sheet, one.cell) == (fact.sheet, fact.cell)
        )

    def restated(self, item: str, place: str, period: Period) -> bool:
        """Whether the office restated what a place reported of an item in a period."""
        found = self._corrections.get((item, place, period.name), ())
        return any(one.kind == "restates" for one in found)

    def _amount(self, item: str, place: str, periods: list[Period]) -> Amount:
        table = self.catalogue.table_of(item)
        monthly = table.monthly
        flow = self.catalogue.flow_of(item) in ("quarter", "cumulative")
        needed = _MONTHS_OF_A_QUARTER if monthly and flow else 1
        value: Exact | None = None
        qualifier: Qualifier = "="
        complete = True
        decisions: set[str] = set()
        for period in periods:
            facts = self.index.at(item, place, period)
            found = len(facts)
            if table.kind == "ledger" and len({(f.file, f.sheet, f.cell) for f in facts}) == found:
                found = len({fact.file for fact in facts})  # it may go on from sheet to sheet
            if found > needed:
                name = self.catalogue.places[place].name
                raise DataRejected(
                    f"{item}, {name}, {period}: {found} facts where the form gives {needed}; "
                    "decide in data/corrections.csv which file supersedes which"
                )
            complete = complete and found == needed
            decisions.update(
                one.kind for one in self._corrections.get((item, place, period.name), ())
            )
            for fact in facts:
                if fact.value:
                    value = (value or 0) + number(fact.value)
                    qualifier = combined(qualifier, fact.qualifier)
        return Amount(Quantity(value, qualifier), complete, frozenset(decisions))

    def _count(self, formula: PlaceCount, span: Span, within: Container[str] | None) -> Quantity:
        """How many places satisfy a condition; a place where the item does not apply is not one."""
        first, *rest = (self.by_place(item, span) for item in formula.items)
        count, sure = 0, True
        for place in first:
            if (within is not None and place not in within) or any(place not in o for o in rest):
                continue
            amount = self.total(formula.of, span, (place,))
            if amount.value is None:
                continue
            limit = Fraction(formula.value)
            verdict = decided(amount, formula.op, limit)
            sure = sure and verdict is not None
            count += satisfies(amount.value, formula.op, limit) if verdict is None else verdict
        return Quantity(count, "=" if sure else "~")
