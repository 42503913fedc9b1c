"""Grids: tables whose rows are places or labels and whose columns are items."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from nianbao.addresses import Where
from nianbao.catalogue import Item, nearest
from nianbao.facts import Applied, Control, Fact, Harvest, Number, RowReading
from nianbao.findings import Finding
from nianbao.numerals import Meaning, NotANumber, Qualifier, Reading, read_number
from nianbao.period import squeezed
from nianbao.readers import CellError, UncachedFormula, address
from nianbao.recognise import Head, Rows, label
from nianbao.rows import (
    SUBTOTAL,
    TOTAL,
    cell_at,
    has_content,
    kind_of_grid_row,
    month_of_row,
    month_of_sheet,
    row_text,
    typed_text,
)

_DONE = ("已完成", "完成", "done")
_OPEN = ("未启动", "进行中", "推进中", "未完成")
_NO_EVIDENCE = ("", "无", "—", "/", "暂无")
_NO_NAME = ("无", "—", "暂无", "未建", "否", "×", "没有", "0")


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of a grid: its cells with decisions applied and as typed, and where its items are."""

    number: int
    cells: tuple[object, ...]
    typed: tuple[object, ...]
    text: str  # its label
    columns: dict[str, int]  # item → column
    place: str = ""  # "" where it belongs to nobody known
    month: int = 0


def harvest_grid(where: Where, rows: Rows, typed: Rows, body: range) -> Harvest:
    """Read one grid. `rows` have decisions applied, `typed` are as typed; `body` is 1-based.

    Rows below a footer are footer too, unless their label is one that the form knows: a township
    added below the signatures still counts.
    """
    harvest = Harvest()
    in_order: list[tuple[str, RowReading]] = []  # totals (by their label) and rows of data ("")
    taken: dict[tuple[int, str, str], int] = {}  # month, place, item → row
    present: set[str] = set()  # items whose row is there, whatever became of it
    over = False
    for number in body:
        if not has_content(rows[number - 1]):
            continue
        row = _row(where, rows[number - 1], typed[number - 1], number)
        present |= row.columns.keys()
        fate = _fate(where, row, started=bool(taken))
        over = over or fate == "footer"
        if fate == "control" and not over:
            reading = _reading(where, row, Harvest())
            harvest.fates[number] = "control row"
            _count(harvest, "excluded", reading)
            in_order.append((row.text.strip(), reading))
        elif fate != "data" or (over and not row.place):
            harvest.fates[number] = "footer" if over else fate
        else:
            in_order.append(("", _harvest_row(where, row, harvest, taken)))
    harvest.controls = _controls(in_order)
    harvest.findings.extend(_absent_rows(where, present))
    return harvest


def item_columns(head: Head, text: str) -> dict[str, int]:
    """The items that stand in one row of a grid, and their columns (1-based)."""
    if head.table.rows == "label" and not head.table.each_row:
        wanted = label(text)
        status = head.columns.get("status", 0)
        return {
            name: status if item.type == "milestone" else head.columns[item.column or name]
            for name, item in head.table.items.items()
            if item.row is not None
            and label(item.row) == wanted
            and (item.type == "milestone" or (item.column or name) in head.columns)
        }
    return {name: head.columns[name] for name in head.table.items if name in head.columns}


def read_item(item: Item, raw: object, head: Head) -> Reading:
    """Read one cell as its item says. Raises NotANumber."""
    if isinstance(raw, CellError):
        raise NotANumber("E_CELL_ERROR", f"{raw.text} is an error, not a number")
    if item.type == "named":
        return _named(raw)
    words: dict[str, Meaning] = {**head.table.words, **item.words}
    return read_number(raw, unit=item.unit, blank=head.table.blank, words=words)


def _named(raw: object) -> Reading:
    text = squeezed(typed_text(raw))
    if not text:
        return Reading(None, state="missing", notes=("W_MISSING",))
    return Reading(Decimal(0 if text in _NO_NAME else 1))


def _row(where: Where, cells: tuple[object, ...], typed: tuple[object, ...], number: int) -> _Row:
    text = typed_text(cell_at(cells, where.head.label_column))
    columns = item_columns(where.head, text)
    place, month = "", 0
    if where.table.rows == "label":
        month = month_of_row(text) if where.table.each_row == "month" else 0
        known = bool(month) if where.table.each_row == "month" else bool(columns)
        place = where.catalogue.district if known else ""
    else:
        place = where.names.code(text, (where.table.rows or "district",)) or ""
        month = month_of_sheet(where.sheet) if where.table.each_sheet == "month" else 0
    return _Row(number, cells, typed, text, columns, place, month)


def _fate(where: Where, row: _Row, *, started: bool) -> str:
    if any(label(row.text) == label(noted) for noted in where.table.noted_rows):
        return "noted"
    column = where.head.label_column
    return kind_of_grid_row(row.cells, column, known=bool(row.place), started=started)


def _harvest_row(
    where: Where, row: _Row, harvest: Harvest, taken: dict[tuple[int, str, str], int]
) -> RowReading:
    """Take in a row of data, or set it aside where it cannot be read whole or placed."""
    if not row.place:
        return _set_aside_unknown(where, row, harvest)
    before = len(harvest.findings)
    reading = _reading(where, row, harvest)
    keys = [(row.month, row.place, item) for item in row.columns]
    if first := next((taken[key] for key in keys if key in taken), 0):
        cell = address(row.number, where.head.label_column)
        harvest.findings.append(
            where.finding("E_DUP_ROW", cell, place=row.place, raw=row.text, known=str(first))
        )
    errors = [f.code for f in harvest.findings[before:] if f.severity == "error"]
    if errors:
        _quarantine(harvest, row, errors[0], reading)
        harvest.refused.append(reading)
        return reading
    taken.update(dict.fromkeys(keys, row.number))
    harvest.fates[row.number] = "accepted"
    harvest.accepted += 1
    harvest.readings.append(reading)
    for item in row.columns:
        if fact := _fact(where, row, item, reading, harvest):
            _take(where, row, fact, harvest)
    return reading


def _take(where: Where, row: _Row, fact: Fact, harvest: Harvest) -> None:
    """Keep a fact, and the decision that changed its cell or the label of its row."""
    harvest.facts.append(fact)
    for cell in (fact.cell, address(row.number, where.head.label_column)):
        if decision := where.decisions.get(cell):
            harvest.applied.append(
                Applied(decision, fact.place, fact.item, fact.form, fact.file),
            )


def _set_aside_unknown(where: Where, row: _Row, harvest: Harvest) -> RowReading:
    """A row that belongs to nobody known: quarantined, or only listed where it is a mere label."""
    reading = _reading(where, row, Harvest())
    cell = address(row.number, where.head.label_column)
    if where.table.rows == "label":
        known = {item.row for item in where.table.items.values() if item.row}
        near = "、".join(nearest(row.text, known))
        harvest.findings.append(where.finding("W_ROW_UNKNOWN", cell, raw=row.text, near=near))
        harvest.fates[row.number] = "unknown row"
        _count(harvest, "excluded", reading)
        return reading
    code, words = where.names.refusal(row.text, (where.table.rows or "district",))
    harvest.findings.append(where.finding(code, cell, **words))
    _quarantine(harvest, row, code, reading)
    return reading


def _quarantine(harvest: Harvest, row: _Row, code: str, reading: RowReading) -> None:
    harvest.fates[row.number] = "quarantined"
    harvest.set_aside.append((row.number, code, row_text(row.cells)))
    _count(harvest, "quarantined", reading)


def _count(harvest: Harvest, fate: str, reading: RowReading) -> None:
    for number in reading.numbers.values():
        harvest.count(fate, number.value)


def _reading(where: Where, row: _Row, harvest: Harvest) -> RowReading:
    """Read every item of one row; what cannot be read becomes a finding in `harvest`."""
    numbers: dict[str, Number] = {}
    for name, column in row.columns.items():
        item = where.table.items[name]
        if item.type == "milestone":
            continue
        raw = cell_at(row.cells, column)
        cell = address(row.number, column)
        try:
            if isinstance(raw, UncachedFormula):
                harvest.findings.append(_about(where, row, name, "E_FORMULA_NOCACHE"))
                continue
            reading = read_item(item, raw, where.head)
        except NotANumber as error:
            harvest.findings.append(_about(where, row, name, error.code, why=error.reason))
            continue
        notes = [note for note in reading.notes if note != "W_MISSING"]
        if reading.state == "missing":
            notes.append("W_MISSING")
        if reading.value is not None:
            numbers[name] = Number(reading.value, reading.qualifier, cell)
            notes += _wrong_numbers(item, reading.value)
        harvest.findings.extend(_about(where, row, name, note) for note in notes)
    return RowReading(
        where.period.name,
        row.month,
        row.place,
        where.head.form,
        where.head.table_id,
        where.file,
        where.sheet,
        row.number,
        numbers,
    )


def _wrong_numbers(item: Item, value: Decimal) -> list[str]:
    if value < 0:
        return ["E_NEGATIVE"]
    whole = item.type == "amount" or value == value.to_integral_value()
    return [] if whole else ["E_NOT_INTEGER"]


def _about(where: Where, row: _Row, item: str, code: str, why: str = "") -> Finding:
    """A finding about one item's cell in a row."""
    column = row.columns[item]
    return where.finding(
        code,
        address(row.number, column or where.head.label_column),
        place=row.place,
        item=item,
        raw=typed_text(cell_at(row.cells, column)),
        name=where.table.items[item].zh,
        why=why,
    )


def _fact(where: Where, row: _Row, name: str, reading: RowReading, harvest: Harvest) -> Fact | None:
    """The fact that one cell gives; None where the number is missing or not this quarter's."""
    item = where.table.items[name]
    if item.type == "milestone":
        return _milestone(where, row, name, harvest)
    column = row.columns[name]
    raw = typed_text(cell_at(row.typed, column))
    if number := reading.numbers.get(name):
        if not _counts_in_month(where.head, name, row.month):
            harvest.count("excluded", number.value)
            return None
        harvest.count("kept", number.value)
        return _made(where, row, name, number.value, number.qualifier, raw, number.cell)
    if read_item(item, cell_at(row.cells, column), where.head).state == "not_applicable":
        return _made(where, row, name, None, "=", raw, address(row.number, column))
    return None


def _milestone(where: Where, row: _Row, name: str, harvest: Harvest) -> Fact | None:
    """A milestone is done only with its evidence."""
    columns = where.head.columns
    status = typed_text(cell_at(row.cells, columns.get("status", 0))).strip()
    evidence = typed_text(cell_at(row.cells, columns.get("evidence", 0))).strip()
    if squeezed(status) not in (*_DONE, *_OPEN):
        code = "E_STATUS" if status else "W_MISSING"
        harvest.findings.append(_about(where, row, name, code))
        return None
    proven = squeezed(evidence) not in _NO_EVIDENCE
    done = squeezed(status) in _DONE
    if done and not proven:
        harvest.findings.append(_about(where, row, name, "W_NO_EVIDENCE"))
    raw = f"{status}；{evidence}" if evidence else status
    cell = address(row.number, row.columns[name] or where.head.label_column)
    return _made(where, row, name, Decimal(1 if done and proven else 0), "=", raw, cell)


def _counts_in_month(head: Head, name: str, month: int) -> bool:
    """A stock is the quarter's last month's, an opening balance the first's."""
    flow = head.table.flow_of(name)
    if month and flow == "stock":
        return month % 3 == 0
    if month and flow == "opening":
        return month % 3 == 1
    return True


def _made(
    where: Where,
    row: _Row,
    item: str,
    value: Decimal | None,
    qualifier: Qualifier,
    raw: str,
    cell: str,
) -> Fact:
    return Fact(
        period=where.period.name,
        place=row.place,
        item=item,
        value=value,
        qualifier=qualifier,
        raw=raw,
        form=where.head.form,
        file=where.file,
        sheet=where.sheet,
        cell=cell,
        month=row.month,
        row=row.number,
    )


def _controls(in_order: list[tuple[str, RowReading]]) -> list[Control]:
    """Each total with its rows: 合计 has all of them, 小计 those above it, up to the next 小计.

    Where a 小计 opens the table, every 小计 stands above its own rows.
    """
    every = tuple(reading for text, reading in in_order if not text)
    leading = bool(in_order) and next(
        (bool(SUBTOTAL.match(squeezed(text))) for text, _ in in_order if not _is_total(text)), False
    )
    controls: list[Control] = []
    for position, (text, reading) in enumerate(in_order):
        if _is_total(text):
            controls.append(Control(reading, text, every))
        elif SUBTOTAL.match(squeezed(text)):
            beside = in_order[position + 1 :] if leading else in_order[:position][::-1]
            group: list[RowReading] = []
            for other, row in beside:
                if SUBTOTAL.match(squeezed(other)) or _is_total(other):
                    break
                group += [] if other else [row]
            controls.append(Control(reading, text, tuple(group)))
    return controls


def _is_total(text: str) -> bool:
    return bool(TOTAL.match(squeezed(text)))


def _absent_rows(where: Where, present: set[str]) -> Iterator[Finding]:
    """Where rows carry labels, a row that is not there leaves its items missing."""
    if where.table.rows != "label" or where.table.each_row:
        return
    items = where.table.items.items()
    absent = {item.row: name for name, item in items if item.row and name not in present}
    cell = f"{where.head.first_row}:{where.head.last_row}"
    for row, item_id in absent.items():
        yield where.finding("W_ROW_MISSING", cell, item=item_id, name=row)
