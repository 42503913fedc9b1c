"""Taking in files: each one read, recognised and harvested by itself."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from nianbao.addresses import Where
from nianbao.bulk import corrected_in, count_ledger, unread
from nianbao.catalogue import Catalogue, Table
from nianbao.corrections import corrected, for_sheet
from nianbao.drift import Drift, drift_of
from nianbao.events import Event
from nianbao.facts import Applied, Control, Decision, Fact, Harvest, RowReading, Tally
from nianbao.findings import Finding
from nianbao.flows import FLOWS, OTHER
from nianbao.grids import harvest_grid
from nianbao.ledgers import harvest_ledger
from nianbao.period import Period, flow_in_text, period_in_text, squeezed
from nianbao.places import PlaceNames
from nianbao.readers import (
    MOST_ROWS,
    Database,
    Large,
    Loaded,
    Rejected,
    Sheet,
    Workbook,
    address,
    read_all,
)
from nianbao.receiving import Arrival, receive
from nianbao.recognise import Head, Nearest, Recogniser, Rows, merged_filled
from nianbao.reconciliation import SheetTally, tally_unread
from nianbao.rows import has_content, holds_table, is_marked, row_text, year_of_sheet
from nianbao.workspace import Workspace

_NEAR_FORM = 0.3  # share of a form's labels that makes an unknown sheet look like that form
_PROSE = (".txt", ".text", ".log", ".md")  # a letter, unless it has the labels of a form
NOTES_SHEET = "填报说明"  # of a blank form: words about it, beside the tables
_ABOUT_FORM = ("E_HEADER", "W_HEADER", "W_HEADER_OLD", "W_LABEL_CONFLICT")  # filled in or not
_NOT_FILLED = (
    "the form is not filled in; fill it in and hand it in again, or, where a ledger has nothing to "
    "report, write 无 in its first row"
)
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


@dataclass(frozen=True, slots=True)
class _Folder:
    """Everything that is the same for all files of one raw folder."""

    catalogue: Catalogue
    period: Period
    recogniser: Recogniser
    names: PlaceNames
    decisions: tuple[Decision, ...]
    restate: bool
    years: frozenset[int]


def harvest_folder(
    workspace: Workspace,
    catalogue: Catalogue,
    period: Period,
    decisions: tuple[Decision, ...],
    *,
    restate: bool,
    years: frozenset[int] = frozenset(),
) -> Iterator[FileHarvest]:
    """Read every file of one raw folder, in the order of their names.

    `restate` says whether restated numbers count: only in the report of a later year. `years` are
    those that the report uses of a table of years.
    """
    root = workspace.raw / period.name
    if not root.is_dir():
        return
    names = PlaceNames.of(catalogue, period)
    recogniser = Recogniser(catalogue, period)
    folder = _Folder(catalogue, period, recogniser, names, decisions, restate, years)
    seen: dict[str, str] = {}
    for arrival in receive(workspace, root):
        yield _harvest_file(FileHarvest(arrival.path, arrival.shown, period), arrival, folder, seen)


def _harvest_file(
    harvest: FileHarvest, arrival: Arrival, folder: _Folder, seen: dict[str, str]
) -> FileHarvest:
    """Take in one file; `seen` are the files before it, by sha256."""
    answer = arrival.answer
    if arrival.lock:
        harvest.say("W_OPEN_IN_EXCEL", known=arrival.lock)
    if answer is None:
        harvest.rejected = "I_IGNORED"
        harvest.say("I_IGNORED")
        return harvest
    if isinstance(answer, OSError):
        harvest.rejected = "E_UNREADABLE"
        harvest.say("E_UNREADABLE", detail=answer.strerror or "")
        return harvest
    if isinstance(answer, Large):
        return _harvest_large(harvest, arrival, answer, folder, seen)
    rejected = answer if isinstance(answer, Rejected) else _unfit(answer, folder)
    if rejected is not None:
        harvest.sha256, harvest.rejected = rejected.sha256, rejected.code
        harvest.say(rejected.code, found=rejected.found, detail=rejected.detail)
    elif isinstance(answer, Workbook):
        if _is_new(harvest, answer, {sheet.name for sheet in answer.sheets}, seen):
            _harvest_workbook(harvest, answer, folder)
        return _if_filled(harvest)
    return harvest


def _if_filled(harvest: FileHarvest) -> FileHarvest:
    """A file whose tables say something; a form that was not filled in is refused."""
    if not harvest.forms or harvest.filled:
        return harvest
    refused = harvest.refused(harvest.say("E_EMPTY", detail=_NOT_FILLED))
    refused.findings += [f for f in harvest.findings if f.code in _ABOUT_FORM]
    return refused


def _is_new(
    harvest: FileHarvest, read: Workbook | Loaded, sheets: set[str], seen: dict[str, str]
) -> bool:
    """Whether a file that was read is not the copy of an earlier one; says what is known of it."""
    harvest.sha256, harvest.sheets = read.sha256, sheets
    if read.sha256 in seen:
        harvest.rejected = "W_DUPLICATE"
        harvest.say("W_DUPLICATE", known=seen[read.sha256])
        return False
    seen[read.sha256] = harvest.shown
    for code, detail in read.notes:
        if not code.startswith("E_"):
            harvest.say(code, detail=detail)
    return True


def _harvest_large(
    harvest: FileHarvest, arrival: Arrival, large: Large, folder: _Folder, seen: dict[str, str]
) -> FileHarvest:
    """Take in a file that lies in a database, where its head is a ledger's; else as any other."""
    with Database(large.path, large.seen) as database:
        try:
            sheet = Sheet(large.path.stem, database.head())
        except (Rejected, OSError):  # whoever reads it whole says why
            sheet = Sheet(large.path.stem, ())
        heads = folder.recogniser.heads(sheet)
        if len(heads) == 1 and heads[0].table.kind == "ledger":
            try:
                _count_large(harvest, database, sheet, heads[0], folder, seen)
            except OSError as error:
                return _harvest_file(harvest, replace(arrival, answer=error), folder, seen)
            except Rejected as rejected:
                rejected.sha256 = rejected.sha256 or harvest.sha256
                return _harvest_file(harvest, replace(arrival, answer=rejected), folder, seen)
            return _if_filled(harvest)
    (answer,) = read_all([(large.path, large.seen)])
    return _harvest_file(harvest, replace(arrival, answer=answer), folder, seen)


def _count_large(
    harvest: FileHarvest,
    database: Database,
    sheet: Sheet,
    head: Head,
    folder: _Folder,
    seen: dict[str, str],
) -> None:
    """Count a ledger in a database. Raises `Rejected`, OSError."""
    loaded = database.load()
    for code, detail in loaded.notes:
        if code == "E_TRUNCATED" and head.table.last_line != "may_be_open":
            raise Rejected(code, detail, sha256=loaded.sha256)
    if not _is_new(harvest, loaded, {sheet.name}, seen):
        return
    cells = for_sheet(folder.decisions, loaded.sha256, sheet.name, restate=folder.restate)
    decided = corrected_in(database, sheet, cells)
    for decision, said in decided.stale:
        words = {"raw": said, "expected": decision.as_typed, "found": str(decision.line)}
        harvest.say("E_CORRECTION", sheet.name, decision.cell, **words)
    where = Where(
        folder.catalogue,
        harvest.period,
        harvest.shown,
        sheet.name,
        folder.names,
        decided.fitting,
        head,
        folder.years,
    )
    harvest.forms.add(head.form)
    rows = decided.sheet.rows[: head.last_row]
    account = SheetTally(harvest.shown, sheet.name, rows)
    account.set_aside(where, range(0))  # marks the head
    refused = _other_period(where, rows)
    if refused:
        harvest.findings.append(refused)
        harvest.filled = True
        tally = unread(where, database, loaded)
    else:
        got, tally = count_ledger(where, database, loaded)
        drift = drift_of(head, harvest.period, harvest.shown)
        harvest.drifts.extend([drift] if drift else [])
        harvest.findings.extend(_about_head(where, drift))
        harvest.findings.extend(_marked(where, sheet.rows, range(0)))
        _take(harvest, where, got)
        harvest.filled = _says_something(head.table, got)
    database.unchanged()
    harvest.tallies.append(_below(account.tally(), tally))


def _below(head: Tally, body: Tally) -> Tally:
    """The tally of a whole sheet, from those of its head and of the rows below."""
    excluded = {**head.excluded, **body.excluded}
    return replace(body, seen=head.seen + body.seen, excluded=excluded)


def _unfit(workbook: Workbook, folder: _Folder) -> Rejected | None:
    """Why a file that could be read must not be: what its form's tables do not allow."""
    if workbook.kind not in ("csv", "parquet"):
        return None
    (sheet,) = workbook.sheets
    tables = [head.table for head in folder.recogniser.heads(sheet)]
    ledger = all(table.kind == "ledger" for table in tables)
    letter = not tables and workbook.path.suffix.casefold() in _PROSE
    open_end = bool(tables) and all(table.last_line == "may_be_open" for table in tables)
    refused: Rejected | None = None
    for code, detail in workbook.notes:
        if code == "E_TRUNCATED" and not open_end and not letter:
            refused = Rejected(code, detail)
    if workbook.kind == "parquet" and not ledger:
        detail = "a Parquet table, which only a ledger may be; save it as .xlsx or .csv"
        refused = Rejected("E_UNSUPPORTED", detail, found="parquet")
    if len(sheet.rows) > MOST_ROWS and not ledger:
        detail = f"the form has over {MOST_ROWS:,} rows; hand in the form alone"
        refused = Rejected("E_DIM_LIMIT", detail, found=address(len(sheet.rows), 1))
    if refused is not None:
        refused.sha256 = workbook.sha256
    return refused


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
            _pass_over(harvest, sheet, folder)
    elif unknown:
        _refuse_unknown(harvest, unknown, folder)
    else:
        harvest.rejected = "E_EMPTY"
        harvest.say("E_EMPTY", detail="no sheet holds anything; hand in the filled form")


def _pass_over(harvest: FileHarvest, sheet: Sheet, folder: _Folder) -> None:
    """A further sheet of a known workbook: a form that lost its head, or something else."""
    if sheet.name == NOTES_SHEET:
        harvest.tallies.append(tally_unread(harvest.shown, sheet.name, sheet.rows))
        return
    near = folder.recogniser.nearest_form([sheet])
    if near.share < _NEAR_FORM or not holds_table(sheet.rows):
        harvest.say("I_SHEET", sheet.name)
        harvest.tallies.append(tally_unread(harvest.shown, sheet.name, sheet.rows))
        return
    finding = harvest.say("E_UNKNOWN_FORM", sheet.name, **_nearest(near, folder.catalogue))
    _set_aside(harvest, finding, sheet.rows, range(1, len(sheet.rows) + 1))
    seen = sum(has_content(row) for row in sheet.rows)
    harvest.tallies.append(Tally(harvest.shown, sheet.name, seen, 0, {}, seen))


def _refuse_unknown(harvest: FileHarvest, sheets: list[Sheet], folder: _Folder) -> None:
    """A workbook with a table that is no form's, or something that is no table."""
    near = folder.recogniser.nearest_form(sheets)
    prose = harvest.path.suffix.lower() in _PROSE
    tabled = not prose and any(holds_table(sheet.rows) for sheet in sheets)
    known = near.share >= _NEAR_FORM
    harvest.rejected = "E_UNKNOWN_FORM" if tabled or known else "W_NOT_DATA"
    harvest.say(harvest.rejected, **_nearest(near, folder.catalogue))


def _nearest(near: Nearest, catalogue: Catalogue) -> dict[str, str]:
    """The words about the form that something resembles most."""
    more = "…" if len(near.missing) > _MOST_NAMED else ""
    return {
        "near": f"{near.form}《{catalogue.forms[near.form].name.zh}》",
        "detail": "、".join(near.missing[:_MOST_NAMED]) + more,
    }


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
            folder.years,
        )
        where, yearless = _in_year_of_sheet(where)
        rows = _with_labels(sheet.rows, filled, head)
        earlier = harvest.events.get(_ledger_claim(where), [])
        got = (
            yearless
            or _other_period(where, rows)
            or _harvest_table(where, rows, filled, typed.rows, body, earlier)
        )
        if isinstance(got, Harvest):
            got = _told_twice(harvest, where, got, earlier) or got
        harvest.filled |= _says_something(head.table, got)
        if isinstance(got, Harvest):
            drift = drift_of(head, harvest.period, harvest.shown)
            harvest.drifts.extend([drift] if drift else [])
            harvest.findings.extend(_about_head(where, drift))
            harvest.findings.extend(_marked(where, typed.rows, body))
            account.take(where, rows, body, got, earlier)
            _take(harvest, where, got)
        else:
            account.set_aside(where, body)
            harvest.findings.append(got)
            _set_aside(harvest, got, rows, body)
    harvest.tallies.append(account.tally())


def _says_something(table: Table, got: Harvest | Finding) -> bool:
    """Whether a table was filled in; a ledger counts zeros even where it holds no row at all."""
    if isinstance(got, Finding):
        return True
    told = got.accepted if table.kind == "ledger" else got.facts or got.elsewhere or got.counts
    wrong = any(finding.severity == "error" for finding in got.findings)
    return bool(told or got.set_aside) or wrong or "nil return" in got.fates.values()


def _harvest_table(
    where: Where, rows: Rows, filled: Rows, typed: Rows, body: range, earlier: list[Event]
) -> Harvest:
    if where.table.kind == "grid":
        return harvest_grid(where, rows, typed, body)
    return harvest_ledger(where, rows, filled, body, earlier)


def _set_aside(harvest: FileHarvest, refused: Finding, rows: Rows, body: range) -> None:
    """Set a whole table aside, row by row."""
    harvest.set_aside.extend(
        SetAside(harvest.shown, refused.sheet, row, refused.code, row_text(rows[row - 1]))
        for row in body
        if has_content(rows[row - 1])
    )


def _in_year_of_sheet(where: Where) -> tuple[Where, Finding | None]:
    """The year that a sheet is about, where the form has one sheet a year."""
    if where.table.each_sheet != "year":
        return where, None
    year = year_of_sheet(where.sheet, where.table.calendar)
    if not year:
        return where, where.finding("E_YEAR", raw=where.sheet)
    return where.in_year(year), None


def _with_labels(rows: Rows, filled: Rows, head: Head) -> Rows:
    """The rows with merged labels filled, and nothing else: a merged number counts once."""
    for column in (*head.group_columns, head.label_column):
        if column and rows is not filled:
            rows = tuple(
                (*row[: column - 1], whole[column - 1], *row[column:])
                for row, whole in zip(rows, filled, strict=True)
            )
    return rows


def _take(harvest: FileHarvest, where: Where, got: Harvest) -> None:
    harvest.facts.extend(got.facts)
    harvest.findings.extend(got.findings)
    harvest.elsewhere.extend(got.elsewhere)
    harvest.readings.extend(got.readings)
    harvest.unused.extend(got.refused)
    harvest.controls.extend(got.controls)
    harvest.applied.extend(got.applied)
    harvest.set_aside.extend(
        SetAside(where.file, where.sheet, row, code, text) for row, code, text in got.set_aside
    )
    for claim in _claims(where, got):
        harvest.claims.setdefault(claim, where.sheet)
    if where.table.kind == "ledger":
        harvest.events.setdefault(_ledger_claim(where), []).extend(got.events)


def _ledger_claim(where: Where) -> Claim:
    """The ledger that a sheet belongs to: one of the district, or of the sheet's own place."""
    place = ""
    if where.table.place.sheet:
        place = where.names.code(where.sheet, where.table.place.kinds) or where.sheet
    return f"{where.head.form}/{where.head.table_id}", where.period.name, 0, place


def _claims(where: Where, got: Harvest) -> Iterator[Claim]:
    """What one table reports, also where a row had to be set aside, and so no other may."""
    table = f"{where.head.form}/{where.head.table_id}"
    if where.table.kind == "ledger":
        yield _ledger_claim(where)
        return
    for reading in (*got.readings, *got.refused):
        place = "" if where.table.rows in ("label", "year") else reading.place
        yield table, reading.period, reading.month, place


def _about_head(where: Where, drift: Drift | None) -> Iterator[Finding]:
    """What the head lacks, has twice or has beside the form's own columns."""
    head = where.head
    cell = f"{head.first_row}:{head.last_row}"
    renamed = {item: "›".join(path) for item, path in drift.renamed} if drift else {}
    for item, path in head.labels.items():
        columns = dict(head.twice).get(item, ())
        if item not in head.columns:
            found = "、".join(address(head.last_row, column) for column in columns)
            words = {"name": "›".join(path), "near": renamed.get(item, ""), "found": found}
            yield where.finding("E_HEADER", cell, item=_item(where, item), **words)
    for _, extra in head.extra:
        yield where.finding("W_HEADER", cell, name=extra)
    if not head.in_force:
        yield where.finding("W_HEADER_OLD", cell, name=head.version_key)


def _marked(where: Where, rows: Rows, body: range) -> Iterator[Finding]:
    """Labels with invisible characters: of columns, and of a grid's rows."""
    head = where.head
    labels = {column for column in (*head.group_columns, head.label_column) if column}
    for number in (*range(head.first_row, head.last_row + 1), *(body if labels else ())):
        for column, cell in enumerate(rows[number - 1], 1):
            if (number <= head.last_row or column in labels) and is_marked(cell):
                words = {"raw": str(cell), "name": squeezed(str(cell))}
                yield where.finding("W_CTRL_CHAR", address(number, column), **words)


def _item(where: Where, name: str) -> str:
    """The item of a column, where it is one's alone."""
    return name if name in where.table.items and where.table.kind == "grid" else ""


def _other_period(where: Where, rows: Rows) -> Finding | None:
    """A title, or a line between it and the head, that names another period than the folder's."""
    yearly = where.table.yearly
    if not where.head.title_row or (yearly and where.table.each_sheet != "year"):
        return None
    for number in range(where.head.title_row, where.head.first_row):
        for text in rows[number - 1]:
            if not isinstance(text, str):
                continue
            said = period_in_text(text)
            if said is None or said in (where.period, Period(where.period.year)):
                if _says_other_flow(where, text):
                    return where.finding("E_FLOW", f"{number}:{number}", **_flows(where, text))
                continue
            words = {"found": said.name, "expected": where.period.name, "raw": where.sheet}
            code = "E_YEAR" if yearly else "E_PERIOD"
            return where.finding(code, f"{number}:{number}", **words)
    return None


def _says_other_flow(where: Where, text: str) -> bool:
    """Whether a title says 累计 where the quarter's own is asked for, or the reverse.

    In the first quarter both are one.
    """
    table, quarter = where.table, where.period.quarter
    if table.kind != "grid" or table.monthly or quarter in (None, 1):
        return False
    return OTHER.get(table.flow, "") == flow_in_text(text) != ""


def _flows(where: Where, text: str) -> dict[str, str]:
    asked = where.table.flow
    return {
        "name": where.table.title,
        "expected": FLOWS[asked],
        "found": FLOWS[OTHER[asked]],
        "detail": text.strip(),
    }


def _told_twice(
    harvest: FileHarvest, where: Where, got: Harvest, earlier: list[Event]
) -> Finding | None:
    """A table that reports what an earlier sheet of the same file does: a copy left behind.

    A ledger may go on from sheet to sheet (1月, 2月), as long as no event stands on two of them.
    """
    known = next((harvest.claims[c] for c in _claims(where, got) if c in harvest.claims), None)
    if known is None:
        return None
    if where.table.kind == "grid":
        return where.finding("E_DUP_TABLE", known=known)
    before = {event.content() for event in earlier}
    again = next((event.row for event in got.events if event.content() in before), 0)
    return where.finding("E_DUP_TABLE", f"{again}:{again}", known=known) if again else None
