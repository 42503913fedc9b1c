"""Where a figure comes from: its formula, its facts with their cells, and their corrections."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import pandas as pd

from nianbao.amounts import Correction, FactIndex, FactRow, Span
from nianbao.calculation import Calculation, Result
from nianbao.catalogue import Catalogue
from nianbao.formulas import Comparison, Formula, PlaceCount, Sum
from nianbao.indicators import rounded
from nianbao.numerals import Qualifier
from nianbao.period import Period
from nianbao.quantities import Exact, Quantity, exact_text

Role = Literal["numerator", "denominator", "composition"]

_CELL = re.compile(r"([A-Z]+)([0-9]+)")
_ROWS = re.compile(r"[0-9]+(?::[0-9]+)?(?:,[0-9]+(?::[0-9]+)?)*")


@dataclass(frozen=True, slots=True)
class TracedFact:
    """One fact of a figure, and the decisions of the office that touch it."""

    fact: FactRow
    corrections: tuple[Correction, ...] = ()


@dataclass(frozen=True, slots=True)
class Term:
    """One item of a formula: its sign, its total, and the facts that the total adds up.

    `total` is None where a place is missing; the facts that are there stand all the same.
    """

    sign: int
    item: str
    total: Decimal | None
    qualifier: Qualifier
    facts: tuple[TracedFact, ...]


@dataclass(frozen=True, slots=True)
class TracePart:
    """A numerator, a denominator, or (for diversity) the parts that are weighed.

    `condition` is set where places are counted: the places whose sum of the terms satisfies it.
    """

    role: Role
    total: Decimal | None
    terms: tuple[Term, ...]
    condition: tuple[Comparison, Decimal] | None = None

    @property
    def facts(self) -> tuple[TracedFact, ...]:
        """The facts of all its terms."""
        return tuple(fact for term in self.terms for fact in term.facts)


@dataclass(frozen=True, slots=True)
class ComponentFigure:
    """A figure that another figure is computed from, as printed."""

    indicator: str
    place: str
    value: str


@dataclass(frozen=True, slots=True)
class Trace:
    """One figure down to its cells (`parts`) or to the figures that it is made of (`components`).

    `period` is the one traced (with `base`, the year before); `annual` the year of its annual items
    in a quarter report; `missing` the places that did not report.
    """

    indicator: str
    period: str
    place: str
    base: bool
    value: str
    missing: tuple[str, ...] = ()
    annual: int | None = None
    parts: tuple[TracePart, ...] = ()
    components: tuple[ComponentFigure, ...] = ()


@dataclass(frozen=True, slots=True)
class CellRange:
    """The cells of one column of a sheet, folded: D7:D12,D15; or rows of a ledger: 5:31,40."""

    form: str
    file: str
    sheet: str
    cells: str
    count: int  # facts
    corrected: bool
    typed: tuple[str, ...] = ()  # what stands in the cells; not for the rows of a ledger


def trace(
    facts: pd.DataFrame | FactIndex,
    corrections: pd.DataFrame | None,
    catalogue: Catalogue,
    period: Period,
    indicator: str,
    place: str,
    base: bool = False,
) -> Trace:
    """Follow one figure of a report (with `base`, last year's) down to its cells.

    For many figures make one Calculation and call `traced`. Raises LookupError for a figure that
    the report does not have.
    """
    calculation = Calculation(facts, catalogue, period, corrections)
    return traced(calculation, indicator, place, base=base)


def traced(calculation: Calculation, indicator: str, place: str, *, base: bool = False) -> Trace:
    """Follow one figure of a calculation down to its cells, or to the figures it is made of."""
    catalogue = calculation.catalogue
    if indicator not in catalogue.indicators or place not in calculation.places(indicator):
        raise LookupError(f"the report has no figure “{indicator}” at {place}")
    span = calculation.before if base else calculation.now
    result = calculation.result(indicator, place, span)
    components = tuple(
        ComponentFigure(name, code, _printed(calculation, name, code, span))
        for name, code in _made_of(calculation, indicator, place, span)
    )
    parts = () if components else tuple(_parts(calculation, indicator, place, span, result))
    period = calculation.period
    return Trace(
        indicator=indicator,
        period=(period.previous if base else period).name,
        place=place,
        base=base,
        value=_printed(calculation, indicator, place, span),
        missing=result.missing,
        annual=result.annual,
        parts=parts,
        components=components,
    )


def grouped(part: TracePart | Term) -> tuple[CellRange, ...]:
    """The facts of a part or a term, the cells of one file, sheet and column folded together."""
    columns: dict[tuple[str, str, str, str], list[TracedFact]] = {}
    for one in _telling(part.facts):
        cell = _CELL.fullmatch(one.fact.cell)
        column = cell[1] if cell else ""
        key = (one.fact.form, one.fact.file, one.fact.sheet, column)
        columns.setdefault(key, []).append(one)
    for (_, _, _, column), facts in columns.items():
        if column:
            facts.sort(key=lambda one: int(one.fact.cell.removeprefix(column)))
    return tuple(
        CellRange(
            form=form,
            file=file,
            sheet=sheet,
            cells=_folded(column, [one.fact.cell for one in facts]),
            count=len(facts),
            corrected=any(one.corrections for one in facts),
            typed=tuple(one.fact.raw for one in facts) if column else (),
        )
        for (form, file, sheet, column), facts in columns.items()
    )


def _telling(facts: tuple[TracedFact, ...]) -> Iterator[TracedFact]:
    """All facts but the zeros of a ledger that counted something: those name every row searched."""
    counted = {
        (one.fact.file, one.fact.sheet)
        for one in facts
        if _ROWS.fullmatch(one.fact.cell) and one.fact.value
    }
    for one in facts:
        searched = _ROWS.fullmatch(one.fact.cell) and not one.fact.value
        if not (searched and (one.fact.file, one.fact.sheet) in counted):
            yield one


def _made_of(
    calculation: Calculation, name: str, place: str, span: Span
) -> Iterator[tuple[str, str]]:
    """The figures (indicator, place) that a derived one is computed from; none for a formula."""
    catalogue = calculation.catalogue
    indicator = catalogue.indicators[name]
    townships = catalogue.townships(span.quarters[-1])
    if indicator.across:
        yield from ((indicator.across.of, code) for code in townships)
    elif indicator.index and place == catalogue.district:
        yield from ((name, code) for code in townships)
    elif indicator.index:
        yield from ((component, place) for component in indicator.index.components)


def _parts(
    calculation: Calculation, name: str, place: str, span: Span, result: Result
) -> Iterator[TracePart]:
    indicator = calculation.catalogue.indicators[name]
    settled = calculation.settled(name, span)
    silent = result.missing if result.value is not None else ()
    within = tuple(code for code in result.expected if code not in silent)
    if indicator.diversity:
        terms = tuple(_term(calculation, 1, i, settled, within) for i in indicator.diversity.items)
        yield TracePart("composition", _decimal(result.denominator), terms)
    if indicator.numerator:
        total = _decimal(result.numerator)
        yield _part(calculation, "numerator", indicator.numerator, total, settled, within)
    if indicator.denominator:
        total = _decimal(result.denominator)
        yield _part(calculation, "denominator", indicator.denominator, total, settled, within)


def _part(
    calculation: Calculation,
    role: Role,
    formula: Formula,
    total: Decimal | None,
    span: Span,
    within: tuple[str, ...],
) -> TracePart:
    of: Sum = formula.of if isinstance(formula, PlaceCount) else formula
    condition = (formula.op, formula.value) if isinstance(formula, PlaceCount) else None
    terms = tuple(_term(calculation, sign, item, span, within) for sign, item in of.terms)
    return TracePart(role, total, terms, condition)


def _term(
    calculation: Calculation, sign: int, item: str, span: Span, within: tuple[str, ...]
) -> Term:
    amounts = calculation.amounts
    by_place = amounts.by_place(item, span)
    whole = all(by_place[place].complete for place in within if place in by_place)
    total = amounts.total(Sum(((1, item),)), span, within) if whole else Quantity(None)
    facts = tuple(
        TracedFact(fact, amounts.corrections(fact))
        for period in amounts.periods(item, span)
        for place in amounts.places(item, period)
        if place in within
        for fact in amounts.index.at(item, place, period)
    )
    return Term(sign, item, _decimal(total.value), total.qualifier, facts)


def _printed(calculation: Calculation, name: str, place: str, span: Span) -> str:
    catalogue = calculation.catalogue
    value = calculation.result(name, place, span).value
    return rounded(value, catalogue.indicators[name], catalogue)


def _decimal(value: Exact | None) -> Decimal | None:
    return None if value is None else Decimal(exact_text(value))


def _folded(column: str, cells: list[str]) -> str:
    """Addresses of one column as ranges; text that is no address stands as it is."""
    rows: list[tuple[int, int]] = []
    other: list[str] = []
    for cell in cells:
        if column:
            row = int(cell.removeprefix(column))
            rows.append((row, row))
        elif _ROWS.fullmatch(cell):
            ends = (part.partition(":") for part in cell.split(","))
            rows.extend((int(first), int(last or first)) for first, _, last in ends)
        elif cell and cell not in other:
            other.append(cell)
    ranges = (
        f"{column}{first}" if first == last else f"{column}{first}:{column}{last}"
        for first, last in _merged(rows)
    )
    return ",".join((*ranges, *other))


def _merged(rows: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Ranges of rows in order, those that touch or overlap made one."""
    current: tuple[int, int] | None = None
    for first, last in sorted(rows):
        if current is not None and first <= current[1] + 1:
            current = (current[0], max(current[1], last))
        else:
            if current is not None:
                yield current
            current = (first, last)
    if current is not None:
        yield current
