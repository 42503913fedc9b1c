"""What cleaning takes from a sheet: facts, each with its address, and what became of every row."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from nianbao.events import Event
from nianbao.findings import Finding, lighter
from nianbao.numerals import Qualifier
from nianbao.rounding import plain

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Fact:
    """One reported number; `value` is None where the item does not apply to the place.

    `month` is set for forms that report monthly, `row` is the row on the sheet (0 for a count
    over several rows).
    """

    period: str
    place: str
    item: str
    value: Decimal | None
    qualifier: Qualifier
    raw: str
    form: str
    file: str
    sheet: str
    cell: str
    month: int = 0
    row: int = 0

    def as_row(self) -> dict[str, object]:
        """The fact as a row of the facts table."""
        return {
            "period": self.period,
            "place": self.place,
            "item": self.item,
            "value": None if self.value is None else plain(self.value),
            "qualifier": self.qualifier,
            "raw": self.raw,
            "form": self.form,
            "file": self.file,
            "sheet": self.sheet,
            "cell": self.cell,
        }


@dataclass(frozen=True, slots=True)
class Decision:
    """One row of data/corrections.csv: what the office decided about a cell or a file."""

    kind: str  # value · restates · supersedes
    period: str
    sha256: str
    sheet: str
    cell: str
    as_typed: str
    value: str
    reason: str
    by: str
    date: str
    line: int


@dataclass(frozen=True, slots=True)
class Applied:
    """A decision that took effect, and on which fact."""

    decision: Decision
    place: str
    item: str
    form: str
    file: str

    def as_row(self) -> dict[str, object]:
        """The decision as a row of the corrections table."""
        return {
            "kind": self.decision.kind,
            "period": self.decision.period,
            "place": self.place,
            "item": self.item,
            "form": self.form,
            "file": self.file,
            "sheet": self.decision.sheet,
            "cell": self.decision.cell,
            "as_typed": self.decision.as_typed,
            "value": self.decision.value,
            "reason": self.decision.reason,
            "by": self.decision.by,
            "date": self.decision.date,
        }


class Number(NamedTuple):
    """A number as read from one cell."""

    value: Decimal
    qualifier: Qualifier
    cell: str


@dataclass(frozen=True, slots=True)
class RowReading:
    """All numbers of one row of a grid, read once: what identities and totals compare."""

    period: str
    month: int
    place: str
    form: str
    table_id: str
    file: str
    sheet: str
    row: int
    numbers: Mapping[str, Number]  # by item
    wanted: bool = True  # False for a year that the report does not use

    def weighed(self, finding: Finding) -> Finding:
        """A finding about this row: an error only where the report uses it."""
        return finding if self.wanted else lighter(finding)


@dataclass(frozen=True, slots=True)
class Control:
    """A row of totals or shares, with the rows that it is the sum of: none where it is no sum."""

    reading: RowReading
    label: str
    of: tuple[RowReading, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the rows of one sheet, and of the numbers in them.

    `accepted` counts the rows that were turned into facts, `seen` all rows that hold anything: two
    counts made apart, so that a row lost or doubled between them shows. `unaccounted` is how many
    numbers were seen beyond those whose fate is known, `astray` names what does not say what its
    cells say, `facts` are what the sheet gave.
    """

    file: str
    sheet: str
    seen: int
    accepted: int
    excluded: Mapping[str, int]
    quarantined: int
    numbers_seen: Decimal = ZERO
    numbers_kept: Decimal = ZERO
    numbers_excluded: Decimal = ZERO
    numbers_quarantined: Decimal = ZERO
    unaccounted: int = 0
    astray: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()

    @property
    def reconciles(self) -> bool:
        """Whether every row and every number is accounted for, each at its place."""
        rows = self.accepted + sum(self.excluded.values()) + self.quarantined
        sums = self.numbers_told == self.numbers_seen and not self.unaccounted
        return rows == self.seen and sums and not self.astray

    @property
    def numbers_told(self) -> Decimal:
        """The sum of the numbers whose fate is known."""
        return self.numbers_kept + self.numbers_excluded + self.numbers_quarantined


@dataclass(slots=True)
class Harvest:
    """What one table of one sheet gave."""

    facts: list[Fact] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)  # what a ledger's facts were counted from
    findings: list[Finding] = field(default_factory=list)
    readings: list[RowReading] = field(default_factory=list)
    controls: list[Control] = field(default_factory=list)
    elsewhere: list[Fact] = field(default_factory=list)  # of years that the report does not use
    applied: list[Applied] = field(default_factory=list)
    accepted: int = 0  # rows turned into facts
    fates: dict[int, str] = field(default_factory=dict)  # row → accepted, quarantined or a reason
    numbers: dict[str, Decimal] = field(default_factory=dict)  # kept, excluded, quarantined
    counts: Counter[str] = field(default_factory=Counter)  # how many numbers the same
    set_aside: list[tuple[int, str, str]] = field(default_factory=list)  # row, code, what it says
    refused: list[RowReading] = field(default_factory=list)  # rows of known places, set aside

    def count(self, fate: str, value: Decimal) -> None:
        """Account for a number that was read."""
        self.numbers[fate] = self.numbers.get(fate, ZERO) + value
        self.counts[fate] += 1
