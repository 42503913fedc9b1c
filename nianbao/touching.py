"""Which findings touch a figure: what is said of its cells, its items, its files, or of itself."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from nianbao.amounts import FactRow
from nianbao.calculation import Calculation
from nianbao.lineage import Trace

Row = Mapping[str, str]

_CELL = re.compile(r"[A-Z]+([0-9]+)")


@dataclass(frozen=True, slots=True)
class Ground:
    """What one figure rests on; `places` is empty for the district's, which rests on all."""

    indicator: str
    place: str
    period: str
    items: frozenset[str]
    forms: frozenset[str]
    periods: frozenset[str]
    places: frozenset[str]
    files: frozenset[str]
    cells: frozenset[tuple[str, str, str]]
    ledgers: Mapping[tuple[str, str], tuple[FactRow, ...]]  # counted rows, by file and sheet

    def holds(self, row: Row) -> bool:
        """Whether a finding touches it."""
        if (row["file"], row["sheet"], row["cell"]) in self.cells or self._is_its_own(row):
            return True
        counted = self.ledgers.get((row["file"], row["sheet"]), ())
        return any(_counts(fact, row) for fact in counted) or self._is_around(row)

    def _is_its_own(self, row: Row) -> bool:
        """Said of the figure itself: a change worth a look."""
        said_of = (row["item"], row["place"], row["period"])
        return said_of == (self.indicator, self.place, self.period)

    def _is_around(self, row: Row) -> bool:
        """Said of one of its items, or of a form or a file as a whole."""
        if row["period"] not in self.periods:
            return False
        if self.places and row["place"] not in ("", *self.places):
            return False
        wrong = row["severity"] == "error"
        within = not row["file"] or row["file"] in self.files or (wrong and bool(row["place"]))
        if row["item"]:
            return row["item"] in self.items and (within or (wrong and not self.places))
        if row["cell"]:
            return wrong and row["form"] in self.forms and row["file"] in self.files
        return row["form"] in self.forms and (within or (wrong and not self.places))


def touching(
    calculation: Calculation, traces: Iterable[Trace], findings: Iterable[Row]
) -> list[Row]:
    """The findings that touch any of some traces, in their order, each once."""
    grounds = [_ground(calculation, trace) for trace in traces]
    return [row for row in findings if any(ground.holds(row) for ground in grounds)]


def _ground(calculation: Calculation, trace: Trace) -> Ground:
    catalogue, amounts = calculation.catalogue, calculation.amounts
    span = calculation.before if trace.base else calculation.now
    settled = calculation.settled(trace.indicator, span)
    items = frozenset(term.item for part in trace.parts for term in part.terms)
    facts = [one.fact for part in trace.parts for one in part.facts]
    ledgers: dict[tuple[str, str], tuple[FactRow, ...]] = {}
    for fact in facts:
        if not _CELL.fullmatch(fact.cell):
            sheet = (fact.file, fact.sheet)
            ledgers[sheet] = (*ledgers.get(sheet, ()), fact)
    return Ground(
        indicator=trace.indicator,
        place=trace.place,
        period=trace.period,
        items=items,
        forms=frozenset(catalogue.home(item).form for item in items),
        periods=frozenset(p.name for item in items for p in amounts.periods(item, settled)),
        places=frozenset() if trace.place == catalogue.district else frozenset({trace.place}),
        files=frozenset(fact.file for fact in facts),
        cells=frozenset((fact.file, fact.sheet, fact.cell) for fact in facts),
        ledgers=ledgers,
    )


def _counts(fact: FactRow, row: Row) -> bool:
    """Whether the row of a ledger that a finding names was counted, or set aside for it.

    An approximate number touches only what it made approximate: a sum, no count.
    """
    cell = _CELL.fullmatch(row["cell"])
    if not cell or (row["code"] == "W_APPROXIMATE" and fact.qualifier == "="):
        return False
    if row["severity"] == "error":
        return True
    return any(first <= int(cell[1]) <= last for first, last in _ranges(fact.cell))


def _ranges(cells: str) -> Iterator[tuple[int, int]]:
    """The rows that a ledger's address names: 5:31,40."""
    for part in cells.split(","):
        first, _, last = part.partition(":")
        if first.isdecimal():
            yield int(first), int(last) if last.isdecimal() else int(first)
