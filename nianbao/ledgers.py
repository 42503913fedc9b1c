"""Ledgers: tables whose rows are events, read one by one."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from nianbao.addresses import Where
from nianbao.catalogue import nearest
from nianbao.catalogue.models import LedgerField
from nianbao.counting import Event, belongs, count_events, in_period
from nianbao.dates import NotADate, read_date
from nianbao.facts import Harvest
from nianbao.findings import Finding, errors_among
from nianbao.numerals import Meaning, NotANumber, Qualifier, Reading, read_number
from nianbao.readers import CellError, UncachedFormula, address
from nianbao.recognise import Rows, label
from nianbao.rows import (
    cell_at,
    has_content,
    is_blank,
    kind_of_ledger_row,
    row_text,
    typed_text,
)

_WORDS: Mapping[str, Meaning] = {"无": "zero", "—": "missing"}


def harvest_ledger(where: Where, rows: Rows, filled: Rows, body: range) -> Harvest:
    """Read a ledger and count it. `filled` has merged areas filled; `body` is 1-based.

    Rows below a footer are footer too, unless they hold all that an event must: an event added
    below the signatures still counts.
    """
    harvest = Harvest()
    events: list[Event] = []
    sheet_place, refused = _place_of_sheet(where, harvest)
    over = False
    for number in body:
        row = rows[number - 1]
        if not has_content(row):
            continue
        fate = kind_of_ledger_row(row)
        over = over or fate == "footer"
        if fate != "data" or (over and not _is_complete(where, row)):
            harvest.fates[number] = "footer" if over else "control row"
            if not over:
                _count(harvest, "excluded", _event(where, row, row, number, "")[0])
            continue
        event, findings = _event(where, row, filled[number - 1], number, sheet_place)
        errors = [refused] if refused else []
        if not refused:
            if not errors_among(findings):
                findings += _unplaced(where, event)
            harvest.findings.extend(findings)
            errors = [finding.code for finding in errors_among(findings)]
        if errors:
            harvest.fates[number] = "quarantined"
            harvest.set_aside.append((number, errors[0], row_text(row)))
            _count(harvest, "quarantined", event)
        else:
            harvest.fates[number] = "accepted"
            events.append(event)
    harvest.accepted = len(events)
    for event in events:
        _count(harvest, "kept", event)
    if not refused:
        harvest.facts, harvest.applied = count_events(where, events, sheet_place)
    return harvest


def _count(harvest: Harvest, fate: str, event: Event) -> None:
    for value, _ in event.numbers.values():
        harvest.count(fate, value)


def read_field(field: LedgerField, raw: object) -> Reading:
    """Read one number of an event. Raises NotANumber."""
    if isinstance(raw, CellError):
        raise NotANumber("E_CELL_ERROR", f"{raw.text} is an error, not a number")
    return read_number(raw, unit=field.unit, words=_WORDS)


def _place_of_sheet(where: Where, harvest: Harvest) -> tuple[str, str]:
    """The place that a sheet is named after, or the code of the finding that it has none."""
    if not where.table.place.sheet:
        return "", ""
    if code := where.names.code(where.sheet, where.table.place.kinds):
        return code, ""
    refused, words = where.names.refusal(where.sheet, where.table.place.kinds)
    harvest.findings.append(where.finding(refused, **words))
    return "", refused


def _is_complete(where: Where, row: tuple[object, ...]) -> bool:
    """Whether a row holds everything that an event must, its date a readable one."""
    for name, field in where.table.fields.items():
        raw = cell_at(row, where.head.columns.get(name, 0))
        if field.required and is_blank(raw):
            return False
        if field.required and field.type == "date":
            try:
                read_date(raw, where.period)
            except NotADate:
                return False
    return True


def _event(
    where: Where,
    row: tuple[object, ...],
    filled: tuple[object, ...],
    number: int,
    sheet_place: str,
) -> tuple[Event, list[Finding]]:
    """Read every field of one row, and say what could not be read."""
    event = Event(number, {}, {}, {}, sheet_place)
    findings: list[Finding] = []
    for name, field in where.table.fields.items():
        column = where.head.columns.get(name, 0)
        raw = cell_at(filled if field.merged == "fill" else row, column)
        cell = _Cell(where, name, field, raw, address(number, column) if column else "")
        if not is_blank(raw):
            event = _with_field(event, cell, findings)
        elif field.required and column:
            findings.append(cell.finding("E_REQUIRED"))
    return event, findings


@dataclass(frozen=True, slots=True)
class _Cell:
    """One cell of an event: its field, what it holds and its address."""

    where: Where
    name: str
    field: LedgerField
    raw: object
    address: str

    def finding(self, code: str, **words: str) -> Finding:
        """Something found in this cell."""
        shown = "".join(self.where.head.labels.get(self.name, (self.name,)))
        said = {"raw": typed_text(self.raw), "name": shown, **words}
        return self.where.finding(code, self.address, **said)


def _with_field(event: Event, cell: _Cell, findings: list[Finding]) -> Event:
    """The event with one more field read, or as it was with a finding why not."""
    dates: dict[str, datetime.date] = {}
    words: dict[str, str] = {}
    numbers: dict[str, tuple[Decimal, Qualifier]] = {}
    place = event.place
    kind = cell.field.type
    try:
        if isinstance(cell.raw, UncachedFormula):
            findings.append(cell.finding("E_FORMULA_NOCACHE"))
        elif isinstance(cell.raw, CellError):
            findings.append(cell.finding("E_CELL_ERROR"))
        elif kind == "date":
            dates[cell.name] = read_date(cell.raw, cell.where.period)
        elif kind in ("number", "amount"):
            reading = read_field(cell.field, cell.raw)
            findings.extend(cell.finding(note) for note in reading.notes)
            if reading.value is not None:
                numbers[cell.name] = (reading.value, reading.qualifier)
                findings.extend(_wrong(cell, reading.value))
        elif kind == "choice":
            words[cell.name] = _choice(cell, findings)
        elif kind == "place":
            words[cell.name] = place = _place(cell, findings) or place
        else:
            words[cell.name] = typed_text(cell.raw).strip()
    except NotADate as error:
        findings.append(cell.finding("E_DATE", why=str(error)))
    except NotANumber as error:
        findings.append(cell.finding(error.code, why=error.reason))
    return event.having(dates, words, numbers, place)


def _wrong(cell: _Cell, value: Decimal) -> list[Finding]:
    if value < 0:
        return [cell.finding("E_NEGATIVE")]
    whole = cell.field.type == "amount" or value == value.to_integral_value()
    return [] if whole else [cell.finding("E_NOT_INTEGER")]


def _choice(cell: _Cell, findings: list[Finding]) -> str:
    """The listed value that a text stands for; anything else is refused with the nearest ones."""
    text = typed_text(cell.raw)
    typed = label(text)
    values = cell.field.values
    for value, aliases in values.items():
        if typed == label(value) or any(typed == label(alias) for alias in aliases):
            return value
    every = [*values, *(alias for aliases in values.values() for alias in aliases)]
    near = "、".join(nearest(text, every))
    findings.append(cell.finding("E_CHOICE", near=near, known="、".join(values)))
    return ""


def _place(cell: _Cell, findings: list[Finding]) -> str:
    kinds = cell.where.table.place.kinds
    text = typed_text(cell.raw)
    if code := cell.where.names.code(text, kinds):
        return code
    refused, words = cell.where.names.refusal(text, kinds)
    findings.append(cell.finding(refused, **words))
    return ""


def _unplaced(where: Where, event: Event) -> list[Finding]:
    """What keeps an event from being counted: no place where its item needs one, or no date in it.

    A date outside the period is only said where the table has one date: a case stays on its
    ledger from the quarter it came in to the quarter it is closed.
    """
    items = where.table.items.items()
    dates = {item.date or where.table.date for _, item in items}
    if len(dates) == 1:
        (name,) = dates
        date = event.dates.get(name or "")
        if date and not in_period(date, where.period):
            cell = address(event.row, where.head.columns[name or ""])
            return [where.finding("W_DATE_OUTSIDE", cell, raw=date.isoformat())]
    field = where.table.place.field
    if event.place or not field or field not in where.head.columns:
        return []
    cell = address(event.row, where.head.columns[field])
    for name, item in items:
        if where.table.kinds_of(name) != ("district",) and belongs(event, item, where):
            shown = "".join(where.head.labels.get(field, (field,)))
            return [where.finding("E_REQUIRED", cell, item=name, name=shown)]
    return []
