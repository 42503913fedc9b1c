"""Taking in files: each one read, recognised and harvested by itself."""

from collections.abc import Iterator
from dataclasses import replace

from nianbao.addresses import Where
from nianbao.catalogue import Catalogue
from nianbao.corrections import corrected, for_sheet
from nianbao.drift import drift_of
from nianbao.events import Event
from nianbao.facts import Decision, Harvest, Tally
from nianbao.findings import Finding
from nianbao.grids import harvest_grid
from nianbao.harvests import FileHarvest, Folder, SetAside, claims_of, ledger_claim, says_something
from nianbao.headings import about_head, marked, other_period
from nianbao.large import count_large
from nianbao.ledgers import harvest_ledger
from nianbao.period import Period
from nianbao.places import PlaceNames
from nianbao.readers import (
    MOST_ROWS,
    Database,
    Large,
    Rejected,
    Sheet,
    Workbook,
    address,
    read_all,
)
from nianbao.receiving import Arrival, receive
from nianbao.recognise import Head, Nearest, Recogniser, Rows, merged_filled
from nianbao.reconciliation import SheetTally, tally_unread
from nianbao.rows import has_content, holds_table, row_text, year_of_sheet
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
    folder = Folder(catalogue, period, recogniser, names, decisions, restate, years)
    seen: dict[str, str] = {}
    for arrival in receive(workspace, root):
        yield _harvest_file(FileHarvest(arrival.path, arrival.shown, period), arrival, folder, seen)


def _harvest_file(
    harvest: FileHarvest, arrival: Arrival, folder: Folder, seen: dict[str, str]
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
        if harvest.is_new(answer, {sheet.name for sheet in answer.sheets}, seen):
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


def _harvest_large(
    harvest: FileHarvest, arrival: Arrival, large: Large, folder: Folder, seen: dict[str, str]
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
                count_large(harvest, database, sheet, heads[0], folder, seen)
            except OSError as error:
                return _harvest_file(harvest, replace(arrival, answer=error), folder, seen)
            except Rejected as rejected:
                rejected.sha256 = rejected.sha256 or harvest.sha256
                return _harvest_file(harvest, replace(arrival, answer=rejected), folder, seen)
            return _if_filled(harvest)
    (answer,) = read_all([(large.path, large.seen)])
    return _harvest_file(harvest, replace(arrival, answer=answer), folder, seen)


def _unfit(workbook: Workbook, folder: Folder) -> Rejected | None:
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


def _harvest_workbook(harvest: FileHarvest, workbook: Workbook, folder: Folder) -> None:
    unknown: list[Sheet] = []
    for typed in workbook.sheets:
        cells = for_sheet(folder.decisions, workbook.sha256, typed.name, restate=folder.restate)
        decided = corrected(typed, cells)
        sheet = decided.sheet
        harvest.say_stale(typed.name, decided)
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


def _pass_over(harvest: FileHarvest, sheet: Sheet, folder: Folder) -> None:
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


def _refuse_unknown(harvest: FileHarvest, sheets: list[Sheet], folder: Folder) -> None:
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
    folder: Folder,
) -> None:
    """Read all tables of one sheet. `sheet` has decisions applied, `typed` is as typed."""
    filled = merged_filled(sheet)
    account = SheetTally(harvest.shown, sheet.name, sheet.rows)
    for number, head in enumerate(heads):
        harvest.forms.add(head.form)
        last = heads[number + 1].start - 1 if number + 1 < len(heads) else len(sheet.rows)
        body = range(head.last_row + 1, last + 1)
        where = folder.where(harvest, sheet.name, decisions, head)
        where, yearless = _in_year_of_sheet(where)
        rows = _with_labels(sheet.rows, filled, head)
        earlier = harvest.events.get(ledger_claim(where), [])
        got = (
            yearless
            or other_period(where, rows)
            or _harvest_table(where, rows, filled, typed.rows, body, earlier)
        )
        if isinstance(got, Harvest):
            got = _told_twice(harvest, where, got, earlier) or got
        harvest.filled |= says_something(head.table, got)
        if isinstance(got, Harvest):
            drift = drift_of(head, harvest.period, harvest.shown)
            harvest.drifts.extend([drift] if drift else [])
            harvest.findings.extend(about_head(where, drift))
            harvest.findings.extend(marked(where, typed.rows, body))
            account.take(where, rows, body, got, earlier)
            harvest.take(where, got)
        else:
            account.set_aside(where, body)
            harvest.findings.append(got)
            _set_aside(harvest, got, rows, body)
    harvest.tallies.append(account.tally())


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


def _told_twice(
    harvest: FileHarvest, where: Where, got: Harvest, earlier: list[Event]
) -> Finding | None:
    """A table that reports what an earlier sheet of the same file does: a copy left behind.

    A ledger may go on from sheet to sheet (1月, 2月), as long as no event stands on two of them.
    """
    known = next((harvest.claims[c] for c in claims_of(where, got) if c in harvest.claims), None)
    if known is None:
        return None
    if where.table.kind == "grid":
        return where.finding("E_DUP_TABLE", known=known)
    before = {event.content() for event in earlier}
    again = next((event.row for event in got.events if event.content() in before), 0)
    return where.finding("E_DUP_TABLE", f"{again}:{again}", known=known) if again else None
