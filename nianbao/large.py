"""A ledger too large to be read whole, taken in from the database that holds it."""

from dataclasses import replace

from nianbao.bulk import corrected_in, count_ledger, unread
from nianbao.corrections import for_sheet
from nianbao.drift import drift_of
from nianbao.facts import Tally
from nianbao.harvests import FileHarvest, Folder, says_something
from nianbao.headings import about_head, marked, other_period
from nianbao.readers import Database, Rejected, Sheet
from nianbao.recognise import Head
from nianbao.reconciliation import SheetTally


def count_large(
    harvest: FileHarvest,
    database: Database,
    sheet: Sheet,
    head: Head,
    folder: Folder,
    seen: dict[str, str],
) -> None:
    """Count a ledger in a database. Raises `Rejected`, OSError."""
    loaded = database.load()
    for code, detail in loaded.notes:
        if code == "E_TRUNCATED" and head.table.last_line != "may_be_open":
            raise Rejected(code, detail, sha256=loaded.sha256)
    if not harvest.is_new(loaded, {sheet.name}, seen):
        return
    cells = for_sheet(folder.decisions, loaded.sha256, sheet.name, restate=folder.restate)
    decided = corrected_in(database, sheet, cells)
    harvest.say_stale(sheet.name, decided)
    where = folder.where(harvest, sheet.name, decided.fitting, head)
    harvest.forms.add(head.form)
    rows = decided.sheet.rows[: head.last_row]
    account = SheetTally(harvest.shown, sheet.name, rows)
    account.set_aside(where, range(0))  # marks the head
    refused = other_period(where, rows)
    if refused:
        harvest.findings.append(refused)
        harvest.filled = True
        tally = unread(where, database, loaded)
    else:
        got, tally = count_ledger(where, database, loaded)
        drift = drift_of(head, harvest.period, harvest.shown)
        harvest.drifts.extend([drift] if drift else [])
        harvest.findings.extend(about_head(where, drift))
        harvest.findings.extend(marked(where, sheet.rows, range(0)))
        harvest.take(where, got)
        harvest.filled = says_something(head.table, got)
    database.unchanged()
    harvest.tallies.append(_below(account.tally(), tally))


def _below(head: Tally, body: Tally) -> Tally:
    """The tally of a whole sheet, from those of its head and of the rows below."""
    excluded = {**head.excluded, **body.excluded}
    return replace(body, seen=head.seen + body.seen, excluded=excluded)
