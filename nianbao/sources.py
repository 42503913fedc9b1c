"""Where a figure comes from, as the card that opens at a click: formula, numbers, cells."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from nianbao.amounts import Correction
from nianbao.calculation import Calculation
from nianbao.lineage import CellRange, Trace, TracePart, grouped, traced
from nianbao.narrative import Narrator
from nianbao.numerals import Qualifier
from nianbao.printing import printed


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


@dataclass(frozen=True, slots=True)
class PutIn:
    """A formula with its numbers: numerator and denominator as (sign, number), and the result."""

    numerator: tuple[tuple[int, str], ...]
    denominator: tuple[tuple[int, str], ...]


class Sources:
    """Makes the cards of one report; the facts are indexed once."""

    def __init__(self, narrator: Narrator, facts: pd.DataFrame, corrections: pd.DataFrame) -> None:
        self._narrator = narrator
        self._calculation = Calculation(facts, narrator.catalogue, narrator.period, corrections)

    def card(self, popover: str, indicator: str, place: str) -> str:
        """The card of one figure, or of a summary count."""
        narrator = self._narrator
        if indicator.startswith("_"):
            names = [s.said.name for s in narrator.counted(indicator)]
            return narrator.part("_source_count", id=popover, about=indicator, names=names)
        said = narrator.said(indicator, place)
        trace = traced(self._calculation, indicator, place)
        base = traced(self._calculation, indicator, place, base=True) if said.has_previous else None
        at_district = place == narrator.catalogue.district
        return narrator.part(
            "_source",
            id=popover,
            f=said,
            put_in=_put_in(trace) if said.known else None,
            standing=narrator.standing(indicator) if at_district else None,
            definition=narrator.catalogue.indicators[indicator].definition,
            corrections=_corrections(trace, base),
            components=trace.components,
            parts=list(_parts(trace)),
            base_parts=list(_parts(base)) if base else [],
        )


def _parts(trace: Trace) -> Iterator[Part]:
    for part in trace.parts:
        for term in part.terms:
            yield Part(
                part.role,
                term.sign,
                term.item,
                part.condition is not None,
                term.qualifier,
                printed(part.total if part.condition else term.total),
                grouped(term),
            )


def _corrections(*traces: Trace | None) -> list[Correction]:
    """The office's decisions behind a figure and its base, each once."""
    found: dict[Correction, None] = {}
    for trace in traces:
        for part in trace.parts if trace else ():
            for fact in part.facts:
                found.update(dict.fromkeys(fact.corrections))
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
