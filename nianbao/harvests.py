"""What one raw file gave: its facts, findings, rows set aside, and what it claims to report."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from nianbao.addresses import Where
from nianbao.catalogue import Catalogue, Table
from nianbao.corrections import Corrected
from nianbao.drift import Drift
from nianbao.events import Event
from nianbao.facts import Applied, Control, Decision, Fact, Harvest, RowReading, Tally
from nianbao.findings import Finding
from nianbao.period import Period
from nianbao.places import PlaceNames
from nianbao.readers import Loaded, Workbook
from nianbao.recognise import Head, Recogniser

Claim = tuple[str, str, int, str]
"""What a file reports: form/table, period, month (0 for none) and place ("" for the district)."""


@dataclass(frozen=True, slots=True)
class FileRecord:
    """One file as it came in, and what became of its rows."""

    path: Path
    shown: str
    sha256: str
    form: str
    rows_seen: int = 0
    accepted: int = 0
    excluded: int = 0
    quarantined: int = 0
    rejected: str = ""

    def as_row(self) -> dict[str, object]:
        """The record as a row of the files table."""
        return {
            "path": self.shown,
            "sha256": self.sha256,
            "form": self.form,
            "rows_seen": self.rows_seen,
            "accepted": self.accepted,
            "excluded": self.excluded,
            "quarantined": self.quarantined,
            "rejected": self.rejected,
        }


@dataclass(frozen=True, slots=True)
class SetAside:
    """A row that was not taken in."""

    file: str
    sheet: str
    row: int
    code: str
    text: str

    def as_row(self) -> dict[str, object]:
        """The row as a row of the table of rows set aside."""
        return {
            "file": self.file,
            "sheet": self.sheet,
            "row": self.row,
            "code": self.code,
            "text": self.text,
        }


@dataclass(slots=True)
class FileHarvest:
    """What one file gave, before files are held against one another."""

    path: Path
    shown: str
    period: Period
    sha256: str = ""
    forms: set[str] = field(default_factory=set)
    facts: list[Fact] = field(default_factory=list)
    elsewhere: list[Fact] = field(default_factory=list)  # of years that the report does not use
    findings: list[Finding] = field(default_factory=list)
    readings: list[RowReading] = field(default_factory=list)
    unused: list[RowReading] = field(default_factory=list)  # rows of known places, set aside
    controls: list[Control] = field(default_factory=list)
    applied: list[Applied] = field(default_factory=list)
    set_aside: list[SetAside] = field(default_factory=list)
    tallies: list[Tally] = field(default_factory=list)
    drifts: list[Drift] = field(default_factory=list)
    claims: dict[Claim, str] = field(default_factory=dict)  # → the sheet
    events: dict[Claim, list[Event]] = field(default_factory=dict)  # of ledgers, sheet after sheet
    sheets: set[str] = field(default_factory=set)
    filled: bool = False  # whether any of its tables says anything
    rejected: str = ""

    def say(self, code: str, sheet: str = "", cell: str = "", **words: str) -> Finding:
        """Add a finding about the file."""
        finding = Finding(
            code,
            period=self.period.name,
            form="、".join(sorted(self.forms)),
            file=self.shown,
            sheet=sheet,
            cell=cell,
            words=words,
        )
        self.findings.append(finding)
        return finding

    def refused(self, finding: Finding) -> "FileHarvest":
        """The same file with nothing taken from it, and why."""
        return FileHarvest(
            self.path,
            self.shown,
            self.period,
            self.sha256,
            forms=self.forms,
            findings=[finding],
            sheets=self.sheets,
            rejected=finding.code,
        )

    def record(self) -> FileRecord:
        """The file's line in the list of files."""
        return FileRecord(
            self.path,
            self.shown,
            self.sha256,
            "、".join(sorted(self.forms)),
            sum(t.seen for t in self.tallies),
            sum(t.accepted for t in self.tallies),
            sum(sum(t.excluded.values()) for t in self.tallies),
            sum(t.quarantined for t in self.tallies),
            self.rejected,
        )

    def is_new(self, read: Workbook | Loaded, sheets: set[str], seen: dict[str, str]) -> bool:
        """Whether it is not the copy of an earlier file; says what is known of it."""
        self.sha256, self.sheets = read.sha256, sheets
        if read.sha256 in seen:
            self.rejected = "W_DUPLICATE"
            self.say("W_DUPLICATE", known=seen[read.sha256])
            return False
        seen[read.sha256] = self.shown
        for code, detail in read.notes:
            if not code.startswith("E_"):
                self.say(code, detail=detail)
        return True

    def take(self, where: Where, got: Harvest) -> None:
        """Take over what one of its tables gave."""
        self.facts.extend(got.facts)
        self.findings.extend(got.findings)
        self.elsewhere.extend(got.elsewhere)
        self.readings.extend(got.readings)
        self.unused.extend(got.refused)
        self.controls.extend(got.controls)
        self.applied.extend(got.applied)
        self.set_aside.extend(
            SetAside(where.file, where.sheet, row, code, text) for row, code, text in got.set_aside
        )
        for claim in claims_of(where, got):
            self.claims.setdefault(claim, where.sheet)
        if where.table.kind == "ledger":
            self.events.setdefault(ledger_claim(where), []).extend(got.events)

    def say_stale(self, sheet: str, decided: Corrected) -> None:
        """Name the office's decisions that no longer fit their cells."""
        for decision, said in decided.stale:
            words = {"raw": said, "expected": decision.as_typed, "found": str(decision.line)}
            self.say("E_CORRECTION", sheet, decision.cell, **words)


@dataclass(frozen=True, slots=True)
class Folder:
    """Everything that is the same for all files of one raw folder."""

    catalogue: Catalogue
    period: Period
    recogniser: Recogniser
    names: PlaceNames
    decisions: tuple[Decision, ...]
    restate: bool
    years: frozenset[int]

    def where(
        self, harvest: FileHarvest, sheet: str, decisions: dict[str, Decision], head: Head
    ) -> Where:
        """The table below a head, with the office's decisions on the cells of its sheet."""
        return Where(
            self.catalogue,
            harvest.period,
            harvest.shown,
            sheet,
            self.names,
            decisions,
            head,
            self.years,
        )


def ledger_claim(where: Where) -> Claim:
    """The ledger that a sheet belongs to: one of the district, or of the sheet's own place."""
    place = ""
    if where.table.place.sheet:
        place = where.names.code(where.sheet, where.table.place.kinds) or where.sheet
    return f"{where.head.form}/{where.head.table_id}", where.period.name, 0, place


def claims_of(where: Where, got: Harvest) -> Iterator[Claim]:
    """What one table reports, also where a row had to be set aside, and so no other may."""
    table = f"{where.head.form}/{where.head.table_id}"
    if where.table.kind == "ledger":
        yield ledger_claim(where)
        return
    for reading in (*got.readings, *got.refused):
        place = "" if where.table.rows in ("label", "year") else reading.place
        yield table, reading.period, reading.month, place


def says_something(table: Table, got: Harvest | Finding) -> bool:
    """Whether a table was filled in; a ledger counts zeros even where it holds no row at all."""
    if isinstance(got, Finding):
        return True
    told = got.accepted if table.kind == "ledger" else got.facts or got.elsewhere or got.counts
    wrong = any(finding.severity == "error" for finding in got.findings)
    return bool(told or got.set_aside) or wrong or "nil return" in got.fates.values()
