"""Where a figure comes from, as the card that opens at a click: formula, numbers, cells."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from decimal import Decimal

import pandas as pd

from nianbao.amounts import Correction
from nianbao.calculation import Calculation
from nianbao.catalogue import Catalogue
from nianbao.catalogue.models import Text
from nianbao.lineage import (
    CellRange,
    ComponentFigure,
    Trace,
    TracedFact,
    TracePart,
    grouped,
    traced,
)
from nianbao.narrative import Narrator
from nianbao.numerals import Qualifier
from nianbao.period import Period
from nianbao.printing import Said, SaidStanding, printed
from nianbao.schema import records
from nianbao.touching import Row, touching
from nianbao.withholding import MARK, points_at


@dataclass(frozen=True, slots=True)
class Part:
    """One item of a formula: its role, sign and total, with its cells folded into ranges."""

    role: str
    sign: int
    item: str
    counted: bool  # it is places that are counted, by this item
    qualifier: Qualifier
    total: str
    cells: tuple[CellRange, ...]
    facts: tuple[TracedFact, ...]


@dataclass(frozen=True, slots=True)
class PutIn:
    """A formula with its numbers: numerator and denominator as (sign, number), and the result."""

    numerator: tuple[tuple[int, str], ...]
    denominator: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Told:
    """All that is told of one figure's source, on its card and in the terminal alike."""

    f: Said
    when: str
    put_in: PutIn | None
    whole: Said | None  # the district's figure beside a place's
    standing: SaidStanding | None
    definition: Text | None
    corrections: list[Correction]
    components: tuple[ComponentFigure, ...]
    parts: list[Part]
    base_parts: list[Part]
    touched: list[Row]  # findings, as rows of their table


class Sources:
    """Tells the sources of one report's figures; the facts are indexed once."""

    def __init__(
        self,
        narrator: Narrator,
        facts: pd.DataFrame,
        corrections: pd.DataFrame,
        findings: pd.DataFrame,
    ) -> None:
        self._narrator = narrator
        self._corrections = corrections
        self._findings = records(findings)
        self._calculation = Calculation(facts, narrator.catalogue, narrator.period, corrections)
        self._past: dict[Period, Calculation] = {}

    def card(self, popover: str, indicator: str, place: str, period: str) -> str:
        """The card of one figure, of this report's period or of a year before, or of a count."""
        narrator = self._narrator
        if indicator.startswith("_"):
            names = [s.said.name for s in narrator.counted(indicator)]
            return narrator.part("_source_count", id=popover, about=indicator, names=names)
        told = self.told(indicator, place, Period.parse(period))
        words = {field.name: getattr(told, field.name) for field in fields(told)}
        return narrator.part("_source", id=popover, **words)

    def told(self, indicator: str, place: str, when: Period) -> Told:
        """What there is to tell of one figure, of this report's period or of a year before."""
        narrator = self._narrator
        own = when == narrator.period
        said = narrator.said(indicator, place) if own else narrator.said_in(indicator, when.year)
        calculation = self._calculation if own else self._in_year(when)
        trace = traced(calculation, indicator, place)
        compared = said.has_previous or said.base_withheld
        base = traced(calculation, indicator, place, base=True) if compared else None
        catalogue = narrator.catalogue
        at_district = own and place == catalogue.district
        compares = own and not at_district and catalogue.district in calculation.places(indicator)
        both = [trace, base] if base else [trace]
        return Told(
            f=said,
            when=narrator.period_words(when),
            put_in=_put_in(trace) if said.known else None,
            whole=narrator.said(indicator, catalogue.district) if compares else None,
            standing=narrator.standing(indicator) if at_district else None,
            definition=narrator.catalogue.indicators[indicator].definition,
            corrections=_corrections(catalogue, trace, base),
            components=tuple(self._component(one) for one in trace.components),
            parts=list(_parts(trace, catalogue, withheld=said.withheld)),
            base_parts=list(_parts(base, catalogue, withheld=said.base_withheld)) if base else [],
            touched=touching(calculation, both, self._findings),
        )

    def _component(self, one: ComponentFigure) -> ComponentFigure:
        """A figure that another is made of, as it is shown elsewhere."""
        figure = self._narrator.said(one.indicator, one.place).figure
        return replace(one, value=MARK) if figure.withheld else one

    def _in_year(self, year: Period) -> Calculation:
        """The same facts, looked at from another year; they are indexed once."""
        if year not in self._past:
            index, catalogue = self._calculation.amounts.index, self._narrator.catalogue
            self._past[year] = Calculation(index, catalogue, year, self._corrections)
        return self._past[year]


def _parts(trace: Trace, catalogue: Catalogue, *, withheld: bool = False) -> Iterator[Part]:
    for part in trace.parts:
        for term in part.terms:
            facts = tuple(_addressed(one, catalogue) for one in term.facts)
            yield Part(
                part.role,
                term.sign,
                term.item,
                part.condition is not None,
                term.qualifier,
                MARK if withheld else printed(part.total if part.condition else term.total),
                grouped(replace(term, facts=facts)),
                facts,
            )


def _addressed(one: TracedFact, catalogue: Catalogue) -> TracedFact:
    """A fact as it may be shown: persons at a single place with their address, without number."""
    fact = one.fact
    if not catalogue.office.suppression_threshold or not points_at(
        catalogue, fact.item, fact.place
    ):
        return one
    decided = tuple(c._replace(as_typed=MARK, value=MARK, reason=MARK) for c in one.corrections)
    return TracedFact(fact._replace(value=MARK, raw=MARK), decided)


def _corrections(catalogue: Catalogue, *traces: Trace | None) -> list[Correction]:
    """The office's decisions behind a figure and its base, each once."""
    found: dict[Correction, None] = {}
    for trace in traces:
        for part in trace.parts if trace else ():
            for fact in part.facts:
                found.update(dict.fromkeys(_addressed(fact, catalogue).corrections))
    return list(found)


def _put_in(trace: Trace) -> PutIn | None:
    """The formula with its numbers put in; None where it is a single number."""
    totals = {part.role: part for part in trace.parts if part.total is not None}
    top, bottom = totals.get("numerator"), totals.get("denominator")
    if top is None or (bottom is None and len(top.terms) == 1):
        return None
    return PutIn(_terms(top), _terms(bottom) if bottom else ())


def _terms(part: TracePart) -> tuple[tuple[int, str], ...]:
    if part.condition or len(part.terms) == 1:
        return ((1, printed(part.total or Decimal(0))),)
    return tuple((term.sign, printed(term.total)) for term in part.terms)
