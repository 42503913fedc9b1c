"""Ledgers: tables whose rows are events, read one by one."""

import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from decimal import Decimal
from typing import NamedTuple

from nianbao.addresses import Folded, Where
from nianbao.catalogue import nearest
from nianbao.catalogue.models import LedgerField
from nianbao.counting import belonging, count_events, days_of
from nianbao.dates import NotADate, read_date
from nianbao.events import Entry, Event
from nianbao.facts import Harvest
from nianbao.findings import Finding, errors_among
from nianbao.numerals import Meaning, NotANumber, Reading, read_number
from nianbao.period import Period, squeezed
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

_MMDD = re.compile(r"([0-9]{2})([0-9]{2})")
_WORDS: Mapping[str, Meaning] = {"无": "zero", "—": "missing"}


def harvest_ledger(
    where: Where, rows: Rows, filled: Rows, body: range, earlier: Sequence[Event] = ()
) -> Harvest:
    """Read a ledger and count it. `filled` has merged areas filled; `body` is 1-based.

    `earlier` are the events on earlier sheets of the same ledger. Rows below a footer are footer
    too, unless they hold all that an event must: an event added below the signatures still counts.
    """
    reader = LedgerReader(where)
    for number in body:
        reader.read(number, rows[number - 1], filled[number - 1])
    harvest = reader.harvest
    harvest.findings = folded(harvest.findings)
    harvest.accepted = len(harvest.events)
    if not reader.refused:
        harvest.facts, harvest.applied = count_events(
            where, harvest.events, reader.sheet_place, earlier
        )
    return harvest


def folded(findings: Iterable[Finding]) -> list[Finding]:
    """The findings of a ledger, very many of a code as their span."""
    said = Folded()
    for finding in findings:
        said.add(finding)
    return said.all()


class LedgerReader:
    """Reads the rows of a ledger one by one, from top to bottom, into a harvest."""

    def __init__(self, where: Where) -> None:
        self.where = where
        self.harvest = Harvest()
        self.sheet_place, self.refused = _place_of_sheet(where, self.harvest)
        self.columns = columns_of(where)
        self._over = False  # below a footer

    def read(self, number: int, row: tuple[object, ...], filled: tuple[object, ...]) -> None:
        """Read one row, and decide its fate."""
        if not has_content(row):
            return
        where, harvest = self.where, self.harvest
        fate = kind_of_ledger_row(row)
        self._over = self._over or fate == "footer"
        if fate != "data" or (self._over and not _is_complete(where, row)):
            other = "control row" if fate == "control" else fate
            harvest.fates[number] = "footer" if self._over else other
            if not self._over:
                event, _ = _event(where, self.columns, row, row, number, "")
                _count(harvest, "excluded", event)
            return
        event, findings = _event(where, self.columns, row, filled, number, self.sheet_place)
        errors = [self.refused] if self.refused else []
        if not self.refused:
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
            harvest.events.append(event)


def _count(harvest: Harvest, fate: str, event: Event) -> None:
    for entry in event.numbers.values():
        harvest.count(fate, entry.value)


def read_field(field: LedgerField, raw: object) -> Reading:
    """Read one number of an event. Raises NotANumber."""
    if isinstance(raw, CellError):
        raise NotANumber("E_CELL_ERROR", f"{raw.text} is an error, not a number")
    return read_number(raw, unit=field.unit, words=_WORDS)


def _date(field: LedgerField, raw: object, period: Period) -> datetime.date:
    """Read the date of an event. Raises NotADate."""
    if field.written == "mmdd" and isinstance(raw, str) and _MMDD.fullmatch(squeezed(raw)):
        raw = _MMDD.sub(r"\1/\2", squeezed(raw))
    return read_date(raw, period)


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
                _date(field, raw, where.period)
            except NotADate:
                return False
    return True


class Column(NamedTuple):
    """One field of a ledger on this sheet; `number` is 0 where the head lacks it."""

    name: str
    field: LedgerField
    number: int
    choices: Mapping[str, str]  # a value or alias in its one spelling → the listed value


def columns_of(where: Where) -> tuple[Column, ...]:
    """Every field of a ledger, made ready once for all its rows."""
    return tuple(
        Column(name, field, where.head.columns.get(name, 0), _choices(field))
        for name, field in where.table.fields.items()
    )


def _choices(field: LedgerField) -> dict[str, str]:
    choices: dict[str, str] = {}
    for value, aliases in field.values.items():
        for word in (value, *aliases):
            choices.setdefault(label(word), value)
    return choices


@dataclass(slots=True)
class _Draft:
    """An event as far as its fields have been read."""

    place: str
    dates: dict[str, datetime.date] = dataclass_field(default_factory=dict)
    words: dict[str, str] = dataclass_field(default_factory=dict)
    numbers: dict[str, Entry] = dataclass_field(default_factory=dict)


def _event(
    where: Where,
    columns: Sequence[Column],
    row: tuple[object, ...],
    filled: tuple[object, ...],
    number: int,
    sheet_place: str,
) -> tuple[Event, list[Finding]]:
    """Read every field of one row, and say what could not be read."""
    draft = _Draft(sheet_place)
    findings: list[Finding] = []
    for column in columns:
        raw = cell_at(filled if column.field.merged == "fill" else row, column.number)
        if not is_blank(raw):
            _read_cell(draft, _Cell(where, column, raw, number), findings)
        elif column.field.required and column.number:
            findings.append(_Cell(where, column, raw, number).finding("E_REQUIRED"))
    return Event(number, draft.dates, draft.words, draft.numbers, draft.place), findings


def read_alone(where: Where, column: Column, raw: object) -> Event | None:
    """What one cell says wherever it stands; None where there is anything to say about it."""
    draft = _Draft("")
    findings: list[Finding] = []
    if not is_blank(raw):
        _read_cell(draft, _Cell(where, column, raw, where.head.last_row + 1), findings)
    elif column.field.required:
        return None
    return None if findings else Event(0, draft.dates, draft.words, draft.numbers, draft.place)


class _Cell(NamedTuple):
    """One cell of an event: its column, what it holds and its row."""

    where: Where
    column: Column
    raw: object
    row: int

    @property
    def address(self) -> str:
        """Where it stands; "" where the head lacks its column."""
        return address(self.row, self.column.number) if self.column.number else ""

    def typed(self) -> str:
        """What was typed here, also where the office decided otherwise since."""
        decisions = self.where.decisions
        decision = decisions.get(self.address) if decisions else None
        return decision.as_typed if decision else typed_text(self.raw)

    def finding(self, code: str, **words: str) -> Finding:
        """Something found in this cell."""
        name = self.column.name
        shown = "".join(self.where.head.labels.get(name, (name,)))
        said = {"raw": typed_text(self.raw), "name": shown, **words}
        return self.where.finding(code, self.address, **said)


def _read_cell(draft: _Draft, cell: _Cell, findings: list[Finding]) -> None:
    """Read one more field of an event, or say why it cannot be read."""
    name, field, raw = cell.column.name, cell.column.field, cell.raw
    try:
        if isinstance(raw, UncachedFormula):
            findings.append(cell.finding("E_FORMULA_NOCACHE"))
        elif isinstance(raw, CellError):
            findings.append(cell.finding("E_CELL_ERROR"))
        elif field.type == "date":
            draft.dates[name] = _date(field, raw, cell.where.period)
        elif field.type in ("number", "amount"):
            reading = read_field(field, raw)
            findings.extend(cell.finding(note) for note in reading.notes)
            if reading.value is not None:
                draft.numbers[name] = Entry(reading.value, reading.qualifier, cell.typed())
                findings.extend(_wrong(cell, reading.value))
        elif field.type == "choice":
            draft.words[name] = _choice(cell, findings)
        elif field.type == "place":
            draft.words[name] = draft.place = _place(cell, findings) or draft.place
        else:
            draft.words[name] = typed_text(raw).strip()
    except NotADate as error:
        findings.append(cell.finding("E_DATE", why=str(error)))
    except NotANumber as error:
        findings.append(cell.finding(error.code, why=error.reason))


def _wrong(cell: _Cell, value: Decimal) -> list[Finding]:
    if value < 0:
        return [cell.finding("E_NEGATIVE")]
    whole = cell.column.field.type == "amount" or value == value.to_integral_value()
    return [] if whole else [cell.finding("E_NOT_INTEGER")]


def _choice(cell: _Cell, findings: list[Finding]) -> str:
    """The listed value that a text stands for; anything else is refused with the nearest ones."""
    text = typed_text(cell.raw)
    if value := cell.column.choices.get(label(text)):
        return value
    values = cell.column.field.values
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
        first, last = days_of(where.period)
        if date and not first <= date <= last:
            cell = address(event.row, where.head.columns[name or ""])
            return [where.finding("W_DATE_OUTSIDE", cell, raw=date.isoformat())]
    field = where.table.place.field
    if event.place or not field or field not in where.head.columns:
        return []
    cell = address(event.row, where.head.columns[field])
    for name, item in items:
        if where.table.kinds_of(name) != ("district",) and belonging([event], item, where):
            shown = "".join(where.head.labels.get(field, (field,)))
            return [where.finding("E_REQUIRED", cell, item=name, name=shown)]
    return []
