"""Taking in files: each one read, recognised and harvested by itself."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from nianbao.addresses import Where
from nianbao.catalogue import Catalogue
from nianbao.corrections import corrected, for_sheet
from nianbao.facts import Applied, Control, Decision, Fact, Harvest, RowReading, Tally
from nianbao.findings import Finding
from nianbao.grids import harvest_grid
from nianbao.ledgers import harvest_ledger
from nianbao.period import Period, period_in_text
from nianbao.places import PlaceNames
from nianbao.readers import Rejected, Sheet, Workbook, is_litter, read_workbook
from nianbao.recognise import Head, Recogniser, Rows, merged_filled
from nianbao.reconciliation import SheetTally, tally_unread
from nianbao.rows import has_content, row_text
from nianbao.workspace import Workspace

_NEAR_FORM = 0.3  # share of a form's labels that makes an unknown workbook look like that form
_MOST_NAMED = 5  # labels that a message names

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
    findings: list[Finding] = field(default_factory=list)
    readings: list[RowReading] = field(default_factory=list)
    controls: list[Control] = field(default_factory=list)
    applied: list[Applied] = field(default_factory=list)
    set_aside: list[SetAside] = field(default_factory=list)
    tallies: list[Tally] = field(default_factory=list)
    claims: dict[Claim, str] = field(default_factory=dict)  # → the sheet
    sheets: set[str] = field(default_factory=set)
    rejected: str = ""

    def say(self, code: str, sheet: str = "", cell: str = "", **words: str) -> None:
        """Add a finding about the file."""
        self.findings.append(
            Finding(
                code,
                period=self.period.name,
                form="、".join(sorted(self.forms)),
                file=self.shown,
                sheet=sheet,
                cell=cell,
                words=words,
            )
        )

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


@dataclass(frozen=True, slots=True)
class _Folder:
    """Everything that is the same for all files of one raw folder."""

    catalogue: Catalogue
    period: Period
    recogniser: Recogniser
    names: PlaceNames
    decisions: tuple[Decision, ...]
    restate: bool


def harvest_folder(
    workspace: Workspace,
    catalogue: Catalogue,
    period: Period,
    decisions: tuple[Decision, ...],
    *,
    restate: bool,
) -> Iterator[FileHarvest]:
    """Read every file of one raw folder, in the order of their names.

    `restate` says whether restated numbers count: only in the report of a later year.
    """
    root = workspace.raw / period.name
    if not root.is_dir():
        return
    names = PlaceNames.of(catalogue, period)
    folder = _Folder(catalogue, period, Recogniser(catalogue, period), names, decisions, restate)
    seen: dict[str, str] = {}
    for path in sorted(_files_below(root), key=lambda p: p.relative_to(root).as_posix()):
        yield _harvest_file(FileHarvest(path, workspace.shown(path), period), folder, seen)


def _files_below(root: Path) -> Iterator[Path]:
    for folder, _, names in os.walk(root):
        for name in names:
            yield Path(folder) / name


def _harvest_file(harvest: FileHarvest, folder: _Folder, seen: dict[str, str]) -> FileHarvest:
    """Read one file; `seen` are the files read before it, by sha256."""
    if is_litter(harvest.path):
        harvest.rejected = "I_IGNORED"
        harvest.say("I_IGNORED")
        return harvest
    try:
        workbook = read_workbook(harvest.path)
    except Rejected as rejected:
        harvest.sha256, harvest.rejected = rejected.sha256, rejected.code
        harvest.say(rejected.code, found=rejected.found, detail=rejected.detail)
        return harvest
    except OSError as error:
        harvest.rejected = "E_UNREADABLE"
        harvest.say("E_UNREADABLE", detail=error.strerror or "")
        return harvest
    harvest.sha256 = workbook.sha256
    harvest.sheets = {sheet.name for sheet in workbook.sheets}
    if workbook.sha256 in seen:
        harvest.rejected = "W_DUPLICATE"
        harvest.say("W_DUPLICATE", known=seen[workbook.sha256])
        return harvest
    seen[workbook.sha256] = harvest.shown
    for code, detail in workbook.notes:
        harvest.say(code, detail=detail)
    _harvest_workbook(harvest, workbook, folder)
    return harvest


def _harvest_workbook(harvest: FileHarvest, workbook: Workbook, folder: _Folder) -> None:
    unknown: list[Sheet] = []
    for typed in workbook.sheets:
        cells = for_sheet(folder.decisions, workbook.sha256, typed.name, restate=folder.restate)
        decided = corrected(typed, cells)
        sheet = decided.sheet
        for decision, said in decided.stale:
            words = {"raw": said, "expected": decision.as_typed, "found": str(decision.line)}
            harvest.say("E_CORRECTION", typed.name, decision.cell, **words)
        if heads := folder.recogniser.heads(sheet):
            _harvest_sheet(harvest, sheet, typed, heads, decided.fitting, folder)
        elif any(has_content(row) for row in sheet.rows):
            unknown.append(sheet)
    if harvest.forms:
        for sheet in unknown:
            harvest.say("I_SHEET", sheet.name)
            harvest.tallies.append(tally_unread(harvest.shown, sheet.name, sheet.rows))
    elif unknown:
        _refuse_unknown(harvest, unknown, folder)
    else:
        harvest.rejected = "E_EMPTY"
        harvest.say("E_EMPTY", detail="no sheet holds anything; hand in the filled form")


def _refuse_unknown(harvest: FileHarvest, sheets: list[Sheet], folder: _Folder) -> None:
    near = folder.recogniser.nearest_form(sheets)
    harvest.rejected = "E_UNKNOWN_FORM" if near.share >= _NEAR_FORM else "W_NOT_DATA"
    harvest.say(
        harvest.rejected,
        near=f"{near.form}《{folder.catalogue.forms[near.form].name.zh}》",
        detail="、".join(near.missing[:_MOST_NAMED]),
    )


def _harvest_sheet(
    harvest: FileHarvest,
    sheet: Sheet,
    typed: Sheet,
    heads: tuple[Head, ...],
    decisions: dict[str, Decision],
    folder: _Folder,
) -> None:
    """Read all tables of one sheet. `sheet` has decisions applied, `typed` is as typed."""
    filled = merged_filled(sheet)
    account = SheetTally(harvest.shown, sheet.name, sheet.rows)
    for number, head in enumerate(heads):
        harvest.forms.add(head.form)
        last = heads[number + 1].start - 1 if number + 1 < len(heads) else len(sheet.rows)
        body = range(head.last_row + 1, last + 1)
        where = Where(
            folder.catalogue,
            harvest.period,
            harvest.shown,
            sheet.name,
            folder.names,
            decisions,
            head,
        )
        rows = _with_labels(sheet.rows, filled, head.label_column)
        got = _other_period(where, rows) or _harvest_table(where, rows, filled, typed.rows, body)
        if isinstance(got, Harvest):
            got = _told_twice(harvest, where, got) or got
        if isinstance(got, Harvest):
            harvest.findings.extend(_about_head(where))
            account.take(where, rows, body, got)
            _take(harvest, where, got)
        else:
            account.set_aside(where, body)
            _set_aside(harvest, got, rows, body)
    harvest.tallies.append(account.tally())


def _harvest_table(where: Where, rows: Rows, filled: Rows, typed: Rows, body: range) -> Harvest:
    if where.table.kind == "grid":
        return harvest_grid(where, rows, typed, body)
    return harvest_ledger(where, rows, filled, body)


def _set_aside(harvest: FileHarvest, refused: Finding, rows: Rows, body: range) -> None:
    """Set a whole table aside, row by row."""
    harvest.findings.append(refused)
    harvest.set_aside.extend(
        SetAside(harvest.shown, refused.sheet, row, refused.code, row_text(rows[row - 1]))
        for row in body
        if has_content(rows[row - 1])
    )


def _with_labels(rows: Rows, filled: Rows, column: int) -> Rows:
    """The rows with merged labels filled, and nothing else: a merged number counts once."""
    if not column or rows is filled:
        return rows
    return tuple(
        (*row[: column - 1], whole[column - 1], *row[column:])
        for row, whole in zip(rows, filled, strict=True)
    )


def _take(harvest: FileHarvest, where: Where, got: Harvest) -> None:
    harvest.facts.extend(got.facts)
    harvest.findings.extend(got.findings)
    harvest.readings.extend(got.readings)
    harvest.controls.extend(got.controls)
    harvest.applied.extend(got.applied)
    harvest.set_aside.extend(
        SetAside(where.file, where.sheet, row, code, text) for row, code, text in got.set_aside
    )
    for claim in _claims(where, got):
        harvest.claims.setdefault(claim, where.sheet)


def _claims(where: Where, got: Harvest) -> Iterator[Claim]:
    """What one table reports, also where a row had to be set aside, and so no other may."""
    table, period = f"{where.head.form}/{where.head.table_id}", where.period.name
    if where.table.kind == "ledger":
        place = ""
        if where.table.place.sheet:
            place = where.names.code(where.sheet, where.table.place.kinds) or where.sheet
        yield table, period, 0, place
        return
    for reading in (*got.readings, *got.refused):
        place = "" if where.table.rows == "label" else reading.place
        yield table, period, reading.month, place


def _about_head(where: Where) -> Iterator[Finding]:
    head = where.head
    cell = f"{head.first_row}:{head.last_row}"
    for missing in head.missing:
        yield where.finding("E_HEADER", cell, name=missing)
    for _, extra in head.extra:
        yield where.finding("W_HEADER", cell, name=extra)
    if not head.in_force:
        yield where.finding("W_HEADER_OLD", cell, name=head.version_key)


def _other_period(where: Where, rows: Rows) -> Finding | None:
    """A title, or a line between it and the head, that names another period than the folder's."""
    if not where.head.title_row:
        return None
    for number in range(where.head.title_row, where.head.first_row):
        for text in rows[number - 1]:
            said = period_in_text(text) if isinstance(text, str) else None
            if said is None or said in (where.period, Period(where.period.year)):
                continue
            words = {"found": said.name, "expected": where.period.name}
            return where.finding("E_PERIOD", f"{number}:{number}", **words)
    return None


def _told_twice(harvest: FileHarvest, where: Where, got: Harvest) -> Finding | None:
    """A table that reports what an earlier sheet of the same file does: a copy left behind."""
    for claim in _claims(where, got):
        if claim in harvest.claims:
            return where.finding("E_DUP_TABLE", known=harvest.claims[claim])
    return None
