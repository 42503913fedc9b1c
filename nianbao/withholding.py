"""Small counts of persons: which figures of single places are withheld, decided here alone.

A count under the office's threshold is withheld, and with it enough of its neighbours that the
published total does not give it back. Whatever is made of a withheld count goes with it: its rate,
its change, an index that it is part of. The decision on a count depends on that count alone, so
this year's base is withheld where last year's report withheld the value.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from nianbao.amounts import Span
from nianbao.calculation import Calculation
from nianbao.catalogue import Catalogue
from nianbao.findings import Finding
from nianbao.quantities import Exact

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


def withheld(
    amounts: Mapping[str, Exact], threshold: int, totals: Sequence[Collection[str]] = ()
) -> frozenset[str]:
    """Whose amounts are withheld, where the sum of all of them is published.

    `amounts` are counts of persons by place, in official order; `totals` are more sets of places
    whose sum is published. Zero tells of nobody and is shown, unless it has to hide another.
    """
    hidden = {place for place, amount in amounts.items() if 0 < amount < threshold}
    if not hidden:
        return frozenset()
    for total in (*totals, amounts):
        among = [place for place in amounts if place in total]
        while exposed(amounts, hidden.intersection(among), threshold):
            candidates = [place for place in among if place not in hidden]
            if not candidates:
                break  # all are hidden: only the total itself still tells
            hidden.add(_next(candidates, amounts, hidden))
    return frozenset(hidden)


def exposed(amounts: Mapping[str, Exact], hidden: Collection[str], threshold: int) -> bool:
    """Whether the sum of the hidden amounts leaves one of them a single value.

    One is safe where a person may be moved between it and another, and all would look the same. A
    reader knows that a zero is withheld only where it must be, and may guess that all are small.
    """
    least = 0 if any(amounts[place] == 0 for place in hidden) else 1
    small = all(amounts[place] < threshold for place in hidden)

    def lower(place: str) -> bool:
        return amounts[place] > least

    def higher(place: str) -> bool:
        return not small or amounts[place] < threshold - 1

    return not all(
        any(
            (lower(place) and higher(other)) or (higher(place) and lower(other))
            for other in hidden
            if other != place
        )
        for place in hidden
    )


def _next(candidates: Sequence[str], amounts: Mapping[str, Exact], hidden: Collection[str]) -> str:
    """The neighbour to withhold: the smallest count, zeros last; of equals the one paired off.

    Places are paired in their order. Pairs are the same seen from either side: which of the two was
    the small one does not show.
    """
    order = {place: number for number, place in enumerate(amounts)}
    paired = {order[place] ^ 1 for place in hidden}
    return min(
        candidates,
        key=lambda place: (
            amounts[place] == 0,
            amounts[place],
            order[place] not in paired,
            order[place],
        ),
    )


class Withholding:
    """Which figures of one calculation are withheld."""

    def __init__(self, calculation: Calculation) -> None:
        self._calculation = calculation
        self._catalogue: Catalogue = calculation.catalogue
        self._of_item: dict[tuple[str, Span], frozenset[str]] = {}
        self._of_indicator: dict[tuple[str, Span], frozenset[str]] = {}

    def hides(self, indicator: str, place: str, span: Span) -> bool:
        """Whether an indicator at a place is withheld on one side of the comparison."""
        if place == self._catalogue.district:
            return False
        return place in self._places(indicator, span)

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
        key = (item, span)
        if key not in self._of_item:
            calculation = self._calculation
            sides = (calculation.now, calculation.before)
            amounts = {
                place: amount.quantity.value
                for place, amount in calculation.amounts.by_place(item, span).items()
                if amount.quantity.value is not None and place != self._catalogue.district
            }
            both = [p for p in amounts if all(self._complete(item, p, side) for side in sides)]
            threshold = self._catalogue.office.suppression_threshold
            self._of_item[key] = withheld(amounts, threshold, (both,))
        return self._of_item[key]

    def _complete(self, item: str, place: str, side: Span) -> bool:
        amount = self._calculation.amounts.by_place(item, side).get(place)
        return amount is not None and amount.complete

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


def published_findings(findings: Collection[Finding], catalogue: Catalogue) -> Iterator[Finding]:
    """Findings as they may be published: those on persons at a single place say no number."""
    for finding in findings:
        if catalogue.office.suppression_threshold and _tells(catalogue, finding):
            words = {k: MARK if k in _SAID and v else v for k, v in finding.words.items()}
            yield replace(finding, words=words)
        else:
            yield finding


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
