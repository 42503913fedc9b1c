"""Grids: tables whose rows are places, labels or years and whose columns are items."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from nianbao.addresses import Where
from nianbao.catalogue import nearest
from nianbao.facts import Applied, Fact, Harvest, Number, RowReading
from nianbao.findings import Finding, errors_among
from nianbao.items import is_bare, item_columns, label_of, limit, read_item, wrong_numbers
from nianbao.numerals import NotANumber, Qualifier
from nianbao.period import squeezed
from nianbao.readers import UncachedFormula, address
from nianbao.recognise import Head, Rows, label
from nianbao.rounding import plain
from nianbao.rows import (
    cell_at,
    has_content,
    kind_of_grid_row,
    month_of_row,
    month_of_sheet,
    row_text,
    typed_text,
    year_of_label,
)
from nianbao.totals import Standing, controls, kind_of_total

_DONE = ("已完成", "完成", "done")
_OPEN = ("未启动", "进行中", "推进中", "未完成")
_NO_EVIDENCE = ("", "无", "—", "/", "暂无")


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of a grid in one period: its cells, corrected and as typed, and where its items are.

    Where columns are years, a row of the sheet is several of these.
    """

    where: Where
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
    in_order: list[list[Standing]] = []  # totals and rows of data, a list for each year of columns
    taken: dict[tuple[str, int, str, str], int] = {}  # period, month, place, item → row
    present: set[str] = set()  # items whose row is there, whatever became of it
    over = False
    years: dict[int, Where] = {}
    for number in body:
        if not has_content(rows[number - 1]):
            continue
        parts = list(_parts(where, years, rows[number - 1], typed[number - 1], number))
        row = parts[0]
        present |= row.columns.keys()
        fate = _fate(row, started=bool(taken))
        over = over or fate == "footer"
        if fate == "control" and not over:
            kind, readings = _set_apart(parts, harvest)
        elif fate != "data" or (over and not row.place):
            harvest.fates[number] = "footer" if over else fate
            continue
        else:
            kind, readings = "data", _harvest_row(parts, harvest, taken)
        in_order.append([Standing(kind, row.text.strip(), reading) for reading in readings])
    for standing in zip(*in_order, strict=True):
        harvest.controls.extend(controls(standing))
    harvest.findings.extend(_absent_rows(where, present))
    return _as_empty(where, harvest, body)


def _parts(
    where: Where,
    years: dict[int, Where],
    cells: tuple[object, ...],
    typed: tuple[object, ...],
    number: int,
) -> Iterator[_Row]:
    """A row of the sheet, once for every period that it is about; `years` are those met so far."""
    table = where.table
    text = label_of(where.head, cells)
    for column_year, columns in item_columns(where.head, text).items():
        row_year = year_of_label(text, table.calendar) if table.rows == "year" else 0
        year = column_year or row_year
        if year and year not in years:
            years[year] = where.in_year(year)
        own = years[year] if year else where
        place, month = "", 0
        if table.each_row == "month":
            month = month_of_row(text)
            place = where.catalogue.district if month else ""
        elif table.rows == "label":
            place = where.catalogue.district if columns else ""
        elif table.rows == "year":
            place = where.catalogue.district if row_year else ""
        else:
            place = own.names.code(text, (table.rows or "district",)) or ""
            month = month_of_sheet(where.sheet) if table.each_sheet == "month" else 0
        yield _Row(own, number, cells, typed, text, columns, place, month)


def _fate(row: _Row, *, started: bool) -> str:
    table, head = row.where.table, row.where.head
    if any(label(row.text) == label(noted) for noted in table.noted_rows):
        return "noted"
    word = squeezed(row.text)
    declared = any(word == squeezed(text) for text in (*table.totals, *table.shares))
    if declared and (word or started):
        return "control"
    column, width = head.label_column, head.width
    return kind_of_grid_row(row.cells, column, known=bool(row.place), started=started, width=width)


def _set_apart(parts: Sequence[_Row], harvest: Harvest) -> tuple[str, list[RowReading]]:
    """Read a row of totals or shares, which is compared and never added in."""
    readings = [_reading(part, Harvest()) for part in parts]
    harvest.fates[parts[0].number] = "control row"
    _count(harvest, "excluded", readings)
    return kind_of_total(parts[0].where.table, parts[0].text), readings


def _harvest_row(
    parts: Sequence[_Row], harvest: Harvest, taken: dict[tuple[str, int, str, str], int]
) -> list[RowReading]:
    """Take in a row of data, or set it aside where it cannot be read whole or placed."""
    nowhere = next((part for part in parts if not part.place), None)
    if nowhere:
        return _set_aside_unknown(nowhere, parts, harvest)
    before = len(harvest.findings)
    readings = [_reading(part, harvest) for part in parts]
    for part in parts:
        harvest.findings.extend(_twice(part, taken))
        harvest.findings.extend(_other_label(part))
    if errors := errors_among(harvest.findings[before:]):
        _quarantine(harvest, parts[0], errors[0].code, readings)
        harvest.refused.extend(readings)
        return readings
    wanted = any(part.where.wanted for part in parts)
    harvest.fates[parts[0].number] = "accepted" if wanted else "another year"
    harvest.accepted += wanted
    harvest.readings.extend(readings)
    for part, reading in zip(parts, readings, strict=True):
        taken.update(dict.fromkeys(_keys(part), part.number))
        for item in part.columns:
            if fact := _fact(part, item, reading, harvest):
                _take(part, fact, harvest)
    return readings


def _keys(row: _Row) -> list[tuple[str, int, str, str]]:
    return [(row.where.period.name, row.month, row.place, item) for item in row.columns]


def _twice(row: _Row, taken: dict[tuple[str, int, str, str], int]) -> Iterator[Finding]:
    """A row that says again what an earlier one does."""
    if first := next((taken[key] for key in _keys(row) if key in taken), 0):
        cell = address(row.number, row.where.head.label_column)
        words = {"raw": row.text, "known": str(first)}
        yield row.where.finding("E_DUP_ROW", cell, place=row.place, **words)


def _other_label(row: _Row) -> Iterator[Finding]:
    """A second label of the row that says something else than the first: which one counts?"""
    head = row.where.head
    for column in head.twin_columns:
        other = cell_at(row.cells, column)
        if isinstance(other, str) and label(other) not in ("", label(row.text)):
            cell = address(row.number, head.label_column)
            words = {"raw": row.text.strip(), "found": other.strip()}
            words["detail"] = address(row.number, column)
            yield row.where.finding("W_LABEL_CONFLICT", cell, place=row.place, **words)


def _take(row: _Row, fact: Fact, harvest: Harvest) -> None:
    """Keep a fact, and the decision that changed its cell or the label of its row."""
    if not row.where.wanted:
        harvest.elsewhere.append(fact)
        return
    harvest.facts.append(fact)
    for cell in (fact.cell, address(row.number, row.where.head.label_column)):
        if decision := row.where.decisions.get(cell):
            harvest.applied.append(
                Applied(decision, fact.place, fact.item, fact.form, fact.file),
            )


def _set_aside_unknown(row: _Row, parts: Sequence[_Row], harvest: Harvest) -> list[RowReading]:
    """A row that belongs to nobody known: quarantined, or only listed where it is a mere label."""
    where = row.where
    readings = [_reading(part, Harvest()) for part in parts]
    cell = address(row.number, where.head.label_column)
    if where.table.rows in ("label", "year"):
        known = {item.row for item in where.table.items.values() if item.row}
        near = "、".join(nearest(row.text, known))
        harvest.findings.append(where.finding("W_ROW_UNKNOWN", cell, raw=row.text, near=near))
        harvest.fates[row.number] = "unknown row"
        _count(harvest, "excluded", readings)
        return readings
    code, words = where.names.refusal(row.text, (where.table.rows or "district",))
    harvest.findings.append(where.finding(code, cell, **words))
    _quarantine(harvest, row, code, readings)
    return readings


def _quarantine(harvest: Harvest, row: _Row, code: str, readings: Sequence[RowReading]) -> None:
    harvest.fates[row.number] = "quarantined"
    harvest.set_aside.append((row.number, code, row_text(row.cells)))
    _count(harvest, "quarantined", readings)


def _count(harvest: Harvest, fate: str, readings: Sequence[RowReading]) -> None:
    for reading in readings:
        for number in reading.numbers.values():
            harvest.count(fate, number.value)


def _reading(row: _Row, harvest: Harvest) -> RowReading:
    """Read every item of one row; what cannot be read becomes a finding in `harvest`."""
    where = row.where
    numbers: dict[str, Number] = {}
    for name, column in row.columns.items():
        item = where.table.items[name]
        if item.type == "milestone":
            continue
        raw = cell_at(row.cells, column)
        cell = address(row.number, column)
        try:
            if isinstance(raw, UncachedFormula):
                harvest.findings.append(_about(row, name, "E_FORMULA_NOCACHE"))
                continue
            reading = read_item(item, raw, where.head)
        except NotANumber as error:
            harvest.findings.append(_about(row, name, error.code, why=error.reason))
            continue
        notes = [note for note in reading.notes if note != "W_MISSING"]
        if reading.state == "missing" and where.wanted:
            notes.append("W_MISSING")
        if reading.value is not None:
            numbers[name] = Number(reading.value, reading.qualifier, cell)
            notes += wrong_numbers(item, reading.value)
            harvest.findings.extend(_as_fraction(row, name, reading.value))
        harvest.findings.extend(_about(row, name, note) for note in notes)
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
        where.wanted,
    )


def _as_fraction(row: _Row, name: str, value: Decimal) -> Iterator[Finding]:
    """A bare 0.985 in a column of percent: was 98.5 meant? What says % itself is certain."""
    item = row.where.table.items[name]
    bare = is_bare(cell_at(row.cells, row.columns[name]))
    if item.unit == "%" and bare and 0 < value <= 1 and not (item.fraction or item.below_1):
        found = _about(row, name, "W_UNIT_SUSPECT")
        words = {"found": plain(value), "expected": plain(value * 100), "near": "%"}
        yield replace(found, words={**found.words, **words})


def _about(row: _Row, item: str, code: str, why: str = "") -> Finding:
    """A finding about one item's cell in a row."""
    where, column = row.where, row.columns[item]
    most = limit(where.table.items[item])
    return where.finding(
        code,
        address(row.number, column or where.head.label_column),
        place=row.place,
        item=item,
        raw=typed_text(cell_at(row.cells, column)),
        found=typed_text(cell_at(row.cells, column)),
        name=where.table.items[item].zh,
        detail="" if most is None else f"≤{plain(most)}",
        why=why,
    )


def _fact(row: _Row, name: str, reading: RowReading, harvest: Harvest) -> Fact | None:
    """The fact that one cell gives; None where the number is missing or not this quarter's."""
    where = row.where
    item = where.table.items[name]
    if item.type == "milestone":
        return _milestone(row, name, harvest)
    column = row.columns[name]
    raw = typed_text(cell_at(row.typed, column))
    if number := reading.numbers.get(name):
        counts = _counts_in_month(where.head, name, row.month)
        harvest.count("kept" if counts and where.wanted else "excluded", number.value)
        if not counts:
            return None
        return _made(row, name, number.value, number.qualifier, raw, number.cell)
    raw_cell = cell_at(row.cells, column)
    if where.wanted and read_item(item, raw_cell, where.head).state == "not_applicable":
        return _made(row, name, None, "=", raw, address(row.number, column))
    return None


def _milestone(row: _Row, name: str, harvest: Harvest) -> Fact | None:
    """A milestone is done only with its evidence."""
    columns = row.where.head.columns
    status = typed_text(cell_at(row.cells, columns.get("status", 0))).strip()
    evidence = typed_text(cell_at(row.cells, columns.get("evidence", 0))).strip()
    if squeezed(status) not in (*_DONE, *_OPEN):
        code = "E_STATUS" if status else "W_MISSING"
        harvest.findings.append(_about(row, name, code))
        return None
    proven = squeezed(evidence) not in _NO_EVIDENCE
    done = squeezed(status) in _DONE
    if done and not proven:
        harvest.findings.append(_about(row, name, "W_NO_EVIDENCE"))
    raw = f"{status}；{evidence}" if evidence else status
    cell = address(row.number, row.columns[name] or row.where.head.label_column)
    return _made(row, name, Decimal(1 if done and proven else 0), "=", raw, cell)


def _counts_in_month(head: Head, name: str, month: int) -> bool:
    """A stock is the quarter's last month's, an opening balance the first's."""
    flow = head.table.flow_of(name)
    if month and flow == "stock":
        return month % 3 == 0
    if month and flow == "opening":
        return month % 3 == 1
    return True


def _made(
    row: _Row, item: str, value: Decimal | None, qualifier: Qualifier, raw: str, cell: str
) -> Fact:
    where = row.where
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


def _absent_rows(where: Where, present: set[str]) -> Iterator[Finding]:
    """Where rows carry labels, a row that is not there leaves its items missing."""
    if where.table.rows != "label" or where.table.each_row:
        return
    items = where.table.items.items()
    absent = {item.row: name for name, item in items if item.row and name not in present}
    cell = f"{where.head.first_row}:{where.head.last_row}"
    for row, item_id in absent.items():
        yield where.finding("W_ROW_MISSING", cell, item=item_id, name=row)


def _as_empty(where: Where, harvest: Harvest, body: range) -> Harvest:
    """A return with no number in it is said to be empty, once, and not cell by cell."""
    blank = [finding for finding in harvest.findings if finding.code == "W_MISSING"]
    read = (*harvest.readings, *harvest.refused)
    if len(blank) < 2 or harvest.facts or any(reading.numbers for reading in read):
        return harvest
    rows = f"{body.start}:{body.stop - 1}"
    harvest.findings = [f for f in harvest.findings if f.code != "W_MISSING"]
    found = {"name": f"{where.head.form}《{where.table.title}》", "found": str(len(blank))}
    harvest.findings.append(where.finding("W_EMPTY_RETURN", rows, **found))
    return harvest
