"""Small counts of persons: which figures of single places are withheld, decided here alone.

A count under the office's threshold is withheld, and with it enough of its neighbours that the
published totals, the reports of earlier quarters and the form's identities do not give it back.
Whatever is made of a withheld count goes with it: its rate, its change, an index that it is part
of. The decision on a count depends on its own year alone, so this year's base is withheld where
last year's report withheld the value.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from nianbao.amounts import Span
from nianbao.calculation import Calculation
from nianbao.catalogue import Catalogue
from nianbao.findings import Finding
from nianbao.relations import Count, Counts
from nianbao.schema import records
from nianbao.suppression import Tables

if TYPE_CHECKING:
    import pandas as pd

MARK = "＊"
"""What stands for a withheld number; the same for a small one and for its neighbour."""

_NOW = ("numerator", "denominator", "value", "change")
_BASE = ("previous", "change")
_TELLING = (  # notes that hold of some numbers only
    "small_base",
    "zero_denominator",
    "base_zero_denominator",
    "at_least",
    "at_most",
    "about",
    "base_at_least",
    "base_at_most",
    "base_about",
)
_SAID = ("raw", "expected", "found", "detail", "known", "near")  # words that may carry the number


# --- the decision ---------------------------------------------------------------------------------


class Withholding:
    """Which figures of one calculation are withheld."""

    def __init__(self, calculation: Calculation) -> None:
        self._calculation = calculation
        self._catalogue: Catalogue = calculation.catalogue
        self._counts = Counts(calculation.amounts)
        self._decided: Tables[Count] | None = None
        self._of_indicator: dict[tuple[str, Span], frozenset[str]] = {}

    def hides(self, indicator: str, place: str, span: Span) -> bool:
        """Whether an indicator at a place is withheld on one side of the comparison."""
        if place == self._catalogue.district:
            return self._solves(indicator, span)
        return place in self._places(indicator, span)

    def _solves(self, name: str, span: Span) -> bool:
        """Whether the district's figure is one more equation in withheld numbers of townships.

        What a sum over townships tells is reckoned with; the mean of an index, and how unevenly a
        figure is spread, are not.
        """
        indicator = self._catalogue.indicators[name]
        of = indicator.across.of if indicator.across else name
        return bool((indicator.across or indicator.index) and self._places(of, span))

    def _places(self, name: str, span: Span) -> frozenset[str]:
        key = (name, span)
        if key not in self._of_indicator:
            indicator = self._catalogue.indicators[name]
            found: frozenset[str] = frozenset()
            if indicator.index:
                found = self._partnered(name, span, indicator.index.components)
            elif not indicator.across:
                settled = self._calculation.settled(name, span)
                found = found.union(*(self._hidden(item, settled) for item in indicator.items))
            self._of_indicator[key] = found
        return self._of_indicator[key]

    def _hidden(self, item: str, span: Span) -> frozenset[str]:
        """Where one item is withheld over a span."""
        if not counts_persons(self._catalogue, item):
            return frozenset()
        if self._decided is None:
            self._decided = Tables(self._catalogue.office.suppression_threshold)
            for side in (self._calculation.before, self._calculation.now):
                self._decide(self._decided, side)
        return self._decided.hidden((item, self._calculation.amounts.periods(item, span)))

    def _decide(self, tables: Tables[Count], side: Span) -> None:
        """Decide on each count of one side, after those of the earlier quarters of its year.

        Their reports were decided without this one, and are known to its readers.
        """
        for quarters in range(1, len(side.quarters) + 1):
            whole = quarters == len(side.quarters)
            span = side if whole else Span(side.quarters[:quarters], side.year, side.stand_in)
            awaited = self._counts_over(span, annual=whole)
            for count in list(awaited):
                del awaited[count]
                if count not in tables:
                    bound = [*self._counts.identities(count, span, awaited)]
                    for other in tables:
                        bound += self._counts.growth(other, count)
                    totals = (self._in_both_years(count),) if whole else ()
                    tables.decide(count, self._counts.numbers(count), totals, bound)

    def _counts_over(self, span: Span, *, annual: bool) -> dict[Count, None]:
        """The counts of persons that figures over a span are made of."""
        catalogue, calculation = self._catalogue, self._calculation
        return {
            (item, calculation.amounts.periods(item, calculation.settled(name, span))): None
            for name, indicator in catalogue.indicators.items()
            for item in indicator.items
            if counts_persons(catalogue, item) and (annual or not catalogue.is_annual(item))
        }

    def _in_both_years(self, count: Count) -> tuple[str, ...]:
        """The places that both sides have whole: their sum is what is compared."""
        amounts = self._calculation.amounts
        sides = (self._calculation.now, self._calculation.before)
        by_side = [amounts.by_place(count[0], side) for side in sides]
        return tuple(
            place
            for place in self._counts.numbers(count)
            if all(place in one and one[place].complete for one in by_side)
        )

    def _partnered(self, name: str, span: Span, components: Collection[str]) -> frozenset[str]:
        """Where an index has a withheld part, and a second place where that is one alone."""
        townships = self._catalogue.townships(span.quarters[-1])
        hidden = {p for part in components for p in self._places(part, span) if p in townships}
        others = {
            place: result.value
            for place in townships
            if place not in hidden
            and (result := self._calculation.result(name, place, span)).value is not None
        }
        if len(hidden) == 1 and others:
            hidden.add(min(others, key=lambda place: (others[place], townships.index(place))))
        return frozenset(hidden)


def counts_persons(catalogue: Catalogue, item: str) -> bool:
    """Whether an item of a form counts persons whom a small number would point at."""
    try:
        return catalogue.home(item).item.counts_persons
    except KeyError:  # a field of a ledger, which a finding may name
        return False


# --- what is shown instead ------------------------------------------------------------------------


def published_values(values: "pd.DataFrame") -> "pd.DataFrame":
    """The values table as it may be published: a mark for each number that is withheld."""
    shown = values.copy()
    for note, columns in (("withheld", _NOW), ("base_withheld", _BASE)):
        rows = shown["note"].str.split(";").map(lambda notes, note=note: note in notes)
        for column in columns:
            shown.loc[rows & (shown[column] != ""), column] = MARK
        shown.loc[rows, "change_kind"] = "none"
        shown.loc[rows, "note"] = [
            ";".join(published_notes(text.split(";"))) for text in shown.loc[rows, "note"]
        ]
    return shown


def published_notes(notes: Iterable[str]) -> tuple[str, ...]:
    """The notes of a withheld figure that say nothing of its number."""
    return tuple(note for note in notes if note not in _TELLING)


def published_facts(facts: "pd.DataFrame", catalogue: Catalogue) -> "pd.DataFrame":
    """Facts as they may be published: no number of persons at a single place."""
    return _without(facts, catalogue, ("value", "raw"))


def published_corrections(corrections: "pd.DataFrame", catalogue: Catalogue) -> "pd.DataFrame":
    """Decisions as they may be published: no number of persons at a single place."""
    return _without(corrections, catalogue, ("as_typed", "value", "reason"))


def _without(table: "pd.DataFrame", catalogue: Catalogue, columns: Sequence[str]) -> "pd.DataFrame":
    if not catalogue.office.suppression_threshold:
        return table
    shown = table.copy()
    rows = [
        points_at(catalogue, item, place)
        for item, place in zip(shown["item"], shown["place"], strict=True)
    ]
    for column in columns:
        shown.loc[rows, column] = MARK
    return shown


def published_findings(
    findings: Collection[Finding], catalogue: Catalogue, values: Callable[[], "pd.DataFrame"]
) -> Iterator[Finding]:
    """Findings as they may be published: those on persons at a single place say no number.

    A jump of a withheld figure is not told: it would say how large the figure is at least.
    `values` gives the values table, which holds figures once there are jumps.
    """
    jumps = any(finding.code == "W_JUMP" for finding in findings)
    hidden = set(_withheld_figures(values())) if jumps else set()
    for finding in findings:
        if finding.code == "W_JUMP" and (finding.item, finding.place) in hidden:
            continue
        if catalogue.office.suppression_threshold and _tells(catalogue, finding):
            words = {k: MARK if k in _SAID and v else v for k, v in finding.words.items()}
            yield replace(finding, words=words)
        else:
            yield finding


def _withheld_figures(values: "pd.DataFrame") -> Iterator[tuple[str, str]]:
    for row in records(values):
        if {"withheld", "base_withheld"} & set(row["note"].split(";")):
            yield row["indicator"], row["place"]


def _tells(catalogue: Catalogue, finding: Finding) -> bool:
    """Whether a finding may carry the number of persons at a single place."""
    if finding.item:
        return points_at(catalogue, finding.item, finding.place)
    form = catalogue.forms.get(finding.form)
    if form is None or not finding.cell or finding.place == catalogue.district:
        return False
    tables = [form.tables[finding.table]] if finding.table in form.tables else form.tables.values()
    return any(
        item.counts_persons and table.kinds_of(name) != ("district",)
        for table in tables
        for name, item in table.items.items()
    )


def points_at(catalogue: Catalogue, name: str, place: str) -> bool:
    """Whether an item or an indicator counts persons at a single place."""
    if not place or place == catalogue.district:
        return False
    if name in catalogue.indicators:
        return any(counts_persons(catalogue, item) for item in catalogue.indicators[name].items)
    return bool(name) and counts_persons(catalogue, name)
