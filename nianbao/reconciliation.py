"""Rows reconcile: what was seen on a sheet against what became of it, counted twice."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from nianbao.addresses import Where
from nianbao.catalogue import Catalogue
from nianbao.counting import belonging, working_days
from nianbao.events import Event
from nianbao.facts import ZERO, Fact, Harvest, Tally
from nianbao.findings import Finding
from nianbao.items import item_columns, label_of, read_item
from nianbao.ledgers import read_field
from nianbao.numerals import NotANumber, Qualifier, Reading
from nianbao.period import Period
from nianbao.readers import UncachedFormula, address
from nianbao.recognise import Rows
from nianbao.rounding import plain
from nianbao.rows import cell_at, has_content

_NOT_COUNTED = frozenset(
    {"title", "head", "unit row", "index row", "footer", "noted", "outside the table"}
)
_MOST_NAMED = 5  # cells that a message names

Row = tuple[object, ...]
Said = tuple[Decimal, Qualifier]
Cell = tuple[int, str]
"""A row, and the item or field that stands in it."""


class SheetTally:
    """Adds up what became of one sheet, table by table."""

    def __init__(self, file: str, sheet: str, rows: Rows) -> None:
        self._file, self._sheet, self._rows = file, sheet, rows
        self._fates: dict[int, str] = {}
        self._accepted = 0
        self._seen = ZERO
        self._unaccounted = 0
        self._numbers: dict[str, Decimal] = {}
        self._astray: list[str] = []
        self._facts: list[Fact] = []

    def take(
        self,
        where: Where,
        rows: Rows,
        body: range,
        harvest: Harvest,
        earlier: Sequence[Event] = (),
    ) -> None:
        """Account for one table: its rows by their fate, its numbers by a reading of its own."""
        self._mark_head(where)
        self._fates |= harvest.fates
        self._accepted += harvest.accepted
        self._facts += harvest.facts
        seen = recount(where, rows, body, harvest.fates)
        kept = list(_kept(where, harvest))
        self._seen += sum((value for value, _ in seen.values()), ZERO)
        told = harvest.numbers | {"kept": sum((value for _, (value, _) in kept), ZERO)}
        for fate, number in told.items():
            self._numbers[fate] = self._numbers.get(fate, ZERO) + number
        known = len(kept) + harvest.counts["excluded"] + harvest.counts["quarantined"]
        self._unaccounted += len(seen) - known
        self._astray += [
            f"{name} {row}" for (row, name), said in kept if seen.get((row, name)) != said
        ]
        self._astray += (
            _miscounted(where, harvest.facts, harvest.events, earlier)
            if where.table.kind == "ledger"
            else _misplaced(where, rows, harvest.facts)
        )

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
            self._unaccounted,
            tuple(self._astray),
            tuple(self._facts),
        )


def recount(where: Where, rows: Rows, body: range, fates: dict[int, str]) -> dict[Cell, Said]:
    """All numbers of a table, read anew and without regard to what was kept."""
    read = _numbers_of_grid if where.table.kind == "grid" else _numbers_of_ledger
    return {
        (row, name): (reading.value, reading.qualifier)
        for row in body
        if has_content(rows[row - 1]) and fates.get(row) not in _NOT_COUNTED
        for name, reading in read(where, rows[row - 1])
        if reading.value is not None
    }


def _numbers_of_grid(where: Where, row: Row) -> Iterator[tuple[str, Reading]]:
    for year, columns in item_columns(where.head, label_of(where.head, row)).items():
        for name, column in columns.items():
            item = where.table.items[name]
            raw = cell_at(row, column)
            if item.type != "milestone" and not isinstance(raw, UncachedFormula):
                try:
                    yield _named(name, year), read_item(item, raw, where.head)
                except NotANumber:
                    continue


def _named(item: str, year: int) -> str:
    """An item of a row, told apart by year where columns are years."""
    return f"{item} {year}" if year else item


def _numbers_of_ledger(where: Where, row: Row) -> Iterator[tuple[str, Reading]]:
    for name, field in where.table.fields.items():
        raw = cell_at(row, where.head.columns.get(name, 0))
        if field.type in ("number", "amount") and not isinstance(raw, UncachedFormula):
            try:
                yield name, read_field(field, raw)
            except NotANumber:
                continue


def _kept(where: Where, harvest: Harvest) -> Iterator[tuple[Cell, Said]]:
    """The numbers that became facts (grids), or that stand in the events kept (ledgers)."""
    for event in harvest.events:
        for name, entry in event.numbers.items():
            yield (event.row, name), (entry.value, entry.qualifier)
    if where.table.kind == "grid":
        for fact in harvest.facts:
            if where.table.items[fact.item].type != "milestone" and fact.value is not None:
                name = _named(fact.item, _column_year(where, fact))
                yield (fact.row, name), (fact.value, fact.qualifier)


def _column_year(where: Where, fact: Fact) -> int:
    return Period.parse(fact.period).year if where.head.years else 0


def _misplaced(where: Where, rows: Rows, facts: Iterable[Fact]) -> Iterator[str]:
    """Facts of a grid whose address or place is not that of the row that they were read from."""
    head = where.head
    columns: dict[int, dict[int, dict[str, int]]] = {}
    names = {where.period.name: where.names}
    for fact in facts:
        text = label_of(head, rows[fact.row - 1])
        if fact.row not in columns:
            columns[fact.row] = item_columns(head, text)
        if fact.period not in names:
            names[fact.period] = where.in_year(Period.parse(fact.period).year).names
        by_item = columns[fact.row].get(_column_year(where, fact), {})
        column = by_item.get(fact.item, -1) or head.label_column
        place = fact.place
        if where.table.rows not in ("label", "year"):
            place = names[fact.period].code(text, (where.table.rows or "district",)) or ""
        if column < 1 or (fact.cell, fact.place) != (address(fact.row, column), place):
            yield f"{fact.item} {fact.cell}"


def _miscounted(
    where: Where, facts: Iterable[Fact], events: Sequence[Event], earlier: Sequence[Event]
) -> Iterator[str]:
    """Items of a ledger whose facts do not add up to what its events come to."""
    told = dict.fromkeys(where.table.items, ZERO)
    for fact in facts:
        told[fact.item] += fact.value or ZERO
    for name, number in told.items():
        if number != _come_to(where, name, events, earlier):
            yield name


def _come_to(where: Where, name: str, events: Sequence[Event], earlier: Sequence[Event]) -> Decimal:
    """What all events of a ledger come to for an item, at all places together."""
    item = where.table.items[name]
    mine = belonging(_placed(where, name, events), item, where)
    if item.count == "rows":
        return Decimal(len(mine))
    if item.count == "distinct":
        before = belonging(_placed(where, name, earlier), item, where)
        return Decimal(len(_told_apart(where, name, mine) - _told_apart(where, name, before)))
    if item.sum in where.table.derived:
        start, end = where.table.derived[item.sum].working_days
        days = [event.dates for event in mine if start in event.dates and end in event.dates]
        return Decimal(sum(working_days(dates[start], dates[end]) for dates in days))
    numbers = [event.numbers[item.sum or ""] for event in mine if item.sum in event.numbers]
    return sum((number.value for number in numbers), ZERO)


def _placed(where: Where, name: str, events: Sequence[Event]) -> list[Event]:
    """The events at places that an item is counted at."""
    kinds = where.table.kinds_of(name)
    if where.table.place.sheet:
        code = where.names.code(where.sheet, where.table.place.kinds)
        return list(events) if code and where.names.kinds[code] in kinds else []
    if kinds == ("district",):
        return list(events)
    places = set(where.catalogue.places_of_kinds(kinds, where.period))
    return [event for event in events if event.place in places]


def _told_apart(where: Where, name: str, events: Iterable[Event]) -> set[tuple[str, ...]]:
    of = where.table.items[name].of
    by_place = where.table.kinds_of(name) != ("district",)
    return {(e.place if by_place else "", *(e.said(part) for part in of)) for e in events}


def tally_unread(file: str, sheet: str, rows: Rows) -> Tally:
    """The account of a sheet without a table on it."""
    seen = sum(has_content(row) for row in rows)
    return Tally(file, sheet, seen, 0, {"outside the table": seen}, 0)


def check_reconciliation(tallies: Iterable[Tally]) -> list[Finding]:
    """Rows and numbers seen on every sheet against what became of them."""
    return [
        _unreconciled(
            tally.file,
            tally.sheet,
            f"{tally.accepted}+{sum(tally.excluded.values())}+{tally.quarantined}",
            str(tally.seen),
            (f"{plain(tally.numbers_told)}/{plain(tally.numbers_seen)}", *tally.astray),
        )
        for tally in tallies
        if not tally.reconciles
    ]


def check_handed_on(
    catalogue: Catalogue,
    tallies: Iterable[Tally],
    facts: Iterable[Fact],
    gaps: Iterable[Finding],
) -> list[Finding]:
    """The facts that every sheet gave against those that the figures will be made of.

    A cumulative number is handed on as the quarter's own amount: that and the quarter before make
    up what the sheet says. One that cannot be turned so is named in `gaps`.
    """
    given = [fact for tally in tallies for fact in tally.facts]
    stated = {_series(fact): fact.value for fact in given if _cumulative(catalogue, fact)}
    expected = Counter(_identity(fact, fact.value) for fact in given)
    found = Counter(
        _identity(fact, _stated(fact, stated) if _cumulative(catalogue, fact) else fact.value)
        for fact in facts
    )
    known = {(gap.file, gap.sheet, gap.item, gap.cell) for gap in gaps}
    lost = [one for one in (expected - found).elements() if one[:4] not in known]
    wrong: dict[tuple[str, str], list[str]] = {}
    for file, sheet, item, cell, *_ in (*lost, *(found - expected).elements()):
        wrong.setdefault((file, sheet), []).append(f"{item} {cell}")
    rows = Counter((fact.file, fact.sheet) for fact in given)
    return [
        _unreconciled(*where, str(rows[where] - len(cells)), str(rows[where]), cells)
        for where, cells in wrong.items()
    ]


def _identity(fact: Fact, value: Decimal | None) -> tuple[str, str, str, str, str, str, object]:
    return fact.file, fact.sheet, fact.item, fact.cell, fact.place, fact.period, value


def _cumulative(catalogue: Catalogue, fact: Fact) -> bool:
    table = catalogue.table_of(fact.item)
    return table.flow_of(fact.item) == "cumulative" and table.items[fact.item].type != "milestone"


def _series(fact: Fact, back: int = 0) -> tuple[str, str, int, int]:
    period = Period.parse(fact.period)
    return fact.item, fact.place, period.year, (period.quarter or 0) - back


def _stated(
    own: Fact, stated: Mapping[tuple[str, str, int, int], Decimal | None]
) -> Decimal | None:
    """What a sheet said from 1 January on, if a quarter's own amount is right."""
    if own.value is None or (Period.parse(own.period).quarter or 1) == 1:
        return own.value
    return own.value + (stated.get(_series(own, 1)) or ZERO)


def _unreconciled(
    file: str, sheet: str, found: str, expected: str, detail: Sequence[str]
) -> Finding:
    more = "…" if len(detail) > _MOST_NAMED else ""
    said = "、".join(detail[:_MOST_NAMED]) + more
    words = {"found": found, "expected": expected, "detail": said}
    return Finding("E_UNRECONCILED", file=file, sheet=sheet, words=words)
