"""Rows reconcile: what was seen on a sheet against what became of it, counted twice."""

from collections.abc import Iterable
from decimal import Decimal

from nianbao.addresses import Where
from nianbao.facts import ZERO, Harvest, Tally
from nianbao.findings import Finding
from nianbao.grids import item_columns, read_item
from nianbao.ledgers import read_field
from nianbao.numerals import NotANumber
from nianbao.readers import UncachedFormula
from nianbao.recognise import Rows
from nianbao.rounding import plain
from nianbao.rows import cell_at, has_content, typed_text

_NOT_COUNTED = frozenset(
    {"title", "head", "unit row", "index row", "footer", "noted", "outside the table"}
)


class SheetTally:
    """Adds up what became of one sheet, table by table."""

    def __init__(self, file: str, sheet: str, rows: Rows) -> None:
        self._file, self._sheet, self._rows = file, sheet, rows
        self._fates: dict[int, str] = {}
        self._accepted = 0
        self._seen = ZERO
        self._numbers: dict[str, Decimal] = {}

    def take(self, where: Where, rows: Rows, body: range, harvest: Harvest) -> None:
        """Account for one table: its rows by their fate, its numbers by a reading of its own."""
        self._mark_head(where)
        self._fates |= harvest.fates
        self._accepted += harvest.accepted
        self._seen += recount(where, rows, body, harvest.fates)
        told = harvest.numbers | {"kept": _kept(where, harvest)}
        for fate, number in told.items():
            self._numbers[fate] = self._numbers.get(fate, ZERO) + number

    def set_aside(self, where: Where, body: range) -> None:
        """Account for a table that was not read: all its rows are quarantined."""
        self._mark_head(where)
        for row in body:
            if has_content(self._rows[row - 1]):
                self._fates[row] = "quarantined"

    def _mark_head(self, where: Where) -> None:
        head = where.head
        for row in range(head.start, head.last_row + 1):
            if has_content(self._rows[row - 1]):
                self._fates[row] = "head" if row >= head.first_row else "title"

    def tally(self) -> Tally:
        """The account of the whole sheet; rows above its first table stand outside it."""
        first = min(self._fates, default=len(self._rows) + 1)
        seen = [number for number, row in enumerate(self._rows, 1) if has_content(row)]
        excluded: dict[str, int] = {}
        for number in seen:
            fate = self._fates.get(number, "outside the table" if number < first else "lost")
            if fate not in ("accepted", "quarantined", "lost"):
                excluded[fate] = excluded.get(fate, 0) + 1
        return Tally(
            self._file,
            self._sheet,
            len(seen),
            self._accepted,
            excluded,
            sum(self._fates.get(number) == "quarantined" for number in seen),
            self._seen,
            self._numbers.get("kept", ZERO),
            self._numbers.get("excluded", ZERO),
            self._numbers.get("quarantined", ZERO),
        )


def recount(where: Where, rows: Rows, body: range, fates: dict[int, str]) -> Decimal:
    """The sum of all numbers of a table, read anew and without regard to what was kept."""
    read = _numbers_of_grid if where.table.kind == "grid" else _numbers_of_ledger
    counted = (n for n in body if has_content(rows[n - 1]) and fates.get(n) not in _NOT_COUNTED)
    return sum((number for n in counted for number in read(where, rows[n - 1])), ZERO)


def _numbers_of_grid(where: Where, row: tuple[object, ...]) -> Iterable[Decimal]:
    text = typed_text(cell_at(row, where.head.label_column))
    for name, column in item_columns(where.head, text).items():
        item = where.table.items[name]
        raw = cell_at(row, column)
        if item.type != "milestone" and not isinstance(raw, UncachedFormula):
            try:
                yield read_item(item, raw, where.head).value or ZERO
            except NotANumber:
                continue


def _numbers_of_ledger(where: Where, row: tuple[object, ...]) -> Iterable[Decimal]:
    for name, field in where.table.fields.items():
        raw = cell_at(row, where.head.columns.get(name, 0))
        if field.type in ("number", "amount") and not isinstance(raw, UncachedFormula):
            try:
                yield read_field(field, raw).value or ZERO
            except NotANumber:
                continue


def _kept(where: Where, harvest: Harvest) -> Decimal:
    """The sum of the numbers that became facts (grids), or of the events kept (ledgers)."""
    if where.table.kind == "ledger":
        return harvest.numbers.get("kept", ZERO)
    items = where.table.items
    kept = [fact.value for fact in harvest.facts if items[fact.item].type != "milestone"]
    return sum((value for value in kept if value is not None), ZERO)


def tally_unread(file: str, sheet: str, rows: Rows) -> Tally:
    """The account of a sheet without a table on it."""
    seen = sum(has_content(row) for row in rows)
    return Tally(file, sheet, seen, 0, {"outside the table": seen}, 0)


def check_reconciliation(tallies: Iterable[Tally]) -> list[Finding]:
    """Rows and numbers seen on every sheet against what became of them."""
    return [
        Finding(
            "E_UNRECONCILED",
            file=tally.file,
            sheet=tally.sheet,
            words={
                "found": f"{tally.accepted}+{sum(tally.excluded.values())}+{tally.quarantined}",
                "expected": str(tally.seen),
                "detail": f"{plain(tally.numbers_told)}/{plain(tally.numbers_seen)}",
            },
        )
        for tally in tallies
        if not tally.reconciles
    ]
