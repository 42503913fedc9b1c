"""What calamine does not say of an xls: error cells, formulas never calculated, macros, links.

Source: [MS-XLS] 2.4.127 (Formula), 2.4.24 (BoolErr), 2.4.28 (BoundSheet8), 2.5.198 (tokens).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from xlrd.compdoc import CompDoc

from nianbao.readers.occupied import Occupied, place
from nianbao.readers.workbook import CellError, Marks, Rejected, UncachedFormula, encrypted

BOF, EOF, FORMULA, BOOLERR = 0x0809, 0x000A, 0x0006, 0x0205
BOUNDSHEET, FILEPASS, SUPBOOK, CODEPAGE = 0x0085, 0x002F, 0x01AE, 0x0042
LABEL, RSTRING, LABELSST, NUMBER, RK, MULRK = 0x0204, 0x00D6, 0x00FD, 0x0203, 0x027E, 0x00BD
FILLED = frozenset({FORMULA, BOOLERR, LABEL, RSTRING, LABELSST, NUMBER, RK, MULRK})
RESULT_ERROR, RESULT_EMPTY = 2, 3
WORKSHEET, MACRO_SHEET = 0, 1
BIFF8 = 0x0600
UTF_16 = 1200
SUPBOOKS_OF_ITS_OWN = (0x0401, 0x3A01)  # the workbook itself, and its add-in functions

ERROR_TEXTS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}
# Bytes that follow a BIFF8 token, by its base number; those with a length of their own are apart.
TOKEN_BYTES = (
    {0x01: 4, 0x02: 4, 0x15: 0, 0x16: 0, 0x1C: 1, 0x1D: 1, 0x1E: 2, 0x1F: 8, 0x20: 7, 0x21: 2}
    | {0x22: 3, 0x23: 4, 0x24: 4, 0x25: 8, 0x26: 6, 0x27: 6, 0x28: 6, 0x29: 2, 0x2A: 4, 0x2B: 8}
    | {0x2C: 4, 0x2D: 8, 0x39: 6, 0x3A: 6, 0x3B: 10, 0x3C: 6, 0x3D: 10}
    | dict.fromkeys(range(0x03, 0x15), 0)
)
TOKEN_STRING, TOKEN_ATTRIBUTE, TOKEN_PARENTHESES = 0x17, 0x19, 0x15
ATTRIBUTE_CHOOSE, ATTRIBUTE_SUM = 0x04, 0x10
TOKEN_FUNCTION, TOKEN_VARIADIC_FUNCTION = 0x21, 0x22
# Arithmetic, comparison, signs, percent, number constants: they never give a text.
NUMERIC_TOKENS = {*range(0x03, 0x08), *range(0x09, 0x0F), 0x12, 0x13, 0x14, 0x1D, 0x1E, 0x1F}
# COUNT SUM AVERAGE MIN MAX ABS INT ROUND COUNTA PRODUCT SUMPRODUCT SUBTOTAL SUMIF COUNTIF
NUMERIC_FUNCTIONS = {0, 4, 5, 6, 7, 24, 25, 27, 169, 183, 228, 344, 345, 346}


@dataclass(frozen=True, slots=True)
class XlsScan:
    """Marks of every sheet in the workbook's order (None: no worksheet), and what else it carries.

    `old_text`: its text is, or may be, in a code page, or in the cells' own records, as before
    Excel 97, and not in Unicode in the shared table. `code_page` is 0 where the file names none.
    """

    marks: tuple[Marks | None, ...]
    macro: bool
    linked: bool
    old_text: bool
    code_page: int


def scan_xls(compound: CompDoc) -> XlsScan:
    """Walk the records of an xls once.

    Raises `Rejected`: `E_ENCRYPTED`; `E_CORRUPT` where the records break off; `E_DIM_LIMIT`,
    `E_DUP_CELL`.
    """
    stream = _stream(compound)
    version = int.from_bytes(stream[4:6], "little")
    sheets: list[tuple[int, int]] = []  # offset of its records, kind
    linked = False
    code_page = 0
    for record, start, length in _records(stream, 0):
        if record == FILEPASS:
            raise encrypted()
        if record == CODEPAGE:
            code_page = int.from_bytes(stream[start : start + 2], "little")
        elif record == BOUNDSHEET:
            sheets.append((int.from_bytes(stream[start : start + 4], "little"), stream[start + 5]))
        elif record == SUPBOOK and length > 4:
            name_length = int.from_bytes(stream[start + 2 : start + 4], "little")
            linked |= name_length not in SUPBOOKS_OF_ITS_OWN and name_length > 1
    macro = any(kind == MACRO_SHEET for _, kind in sheets) or any(
        entry.name.casefold() == "_vba_project_cur" for entry in compound.dirlist
    )
    occupied = Occupied()
    found: list[_Cells | None] = []
    for number, (offset, kind) in enumerate(sheets, 1):
        occupied.begin(str(number))
        found.append(_cells(stream, offset, version, occupied) if kind == WORKSHEET else None)
    # A sum that gives a text was never calculated, and then nor was any other formula here.
    uncalculated = any(cells.impossible for cells in found if cells)
    marks = tuple(
        cells.errors | (cells.blanks if uncalculated else {}) if cells else None for cells in found
    )
    old_text = (
        version != BIFF8
        or code_page not in (0, UTF_16)
        or any(cells.labels for cells in found if cells)
    )
    return XlsScan(marks, macro, linked, old_text, code_page)


def _stream(compound: CompDoc) -> bytes:
    """Take the workbook's stream: `Workbook` since Excel 97, `Book` before; files may have both."""
    for name in ("Workbook", "Book"):
        memory, start, length = compound.locate_named_stream(name)
        if memory is not None:
            return memory[start : start + length]
    raise Rejected("E_CORRUPT", "the workbook's content is missing; save the file anew as .xlsx")


def _records(stream: bytes, offset: int) -> Iterator[tuple[int, int, int]]:
    """Give the records of one substream: kind, start of its bytes, length; nested ones included."""
    depth = 0
    while offset + 4 <= len(stream):
        record, length = struct.unpack_from("<HH", stream, offset)
        yield record, offset + 4, length
        offset += 4 + length
        depth += (record == BOF) - (record == EOF)
        if depth <= 0:
            break
    else:
        depth = 1
    if depth or offset > len(stream):
        raise Rejected(
            "E_CORRUPT",
            "the workbook breaks off in the middle; open it in Excel or WPS, save it anew as .xlsx",
        )


@dataclass(frozen=True, slots=True)
class _Cells:
    """Error cells; formulas whose result is an empty text; whether one of these cannot be so;
    whether text stands in records of its own.
    """

    errors: Marks
    blanks: Marks
    impossible: bool
    labels: bool


def _cells(stream: bytes, offset: int, version: int, occupied: Occupied) -> _Cells:
    errors: Marks = {}
    blanks: Marks = {}
    impossible = labels = False
    places: list[int] = []
    depth = 0
    for record, start, length in _records(stream, offset):
        depth += (record == BOF) - (record == EOF)
        if depth != 1:
            continue  # a chart that stands on the sheet has records of its own
        if record in FILLED:
            places.extend(_places(stream, record, start, length))
        labels |= record in (LABEL, RSTRING)
        if record == BOOLERR and stream[start + 7]:
            errors[_place(stream, start)] = CellError(_error_text(stream[start + 6]))
        elif record == FORMULA and stream[start + 12 : start + 14] == b"\xff\xff":
            result = stream[start + 6]
            if result == RESULT_ERROR:
                errors[_place(stream, start)] = CellError(_error_text(stream[start + 8]))
            elif result == RESULT_EMPTY:
                blanks[_place(stream, start)] = UncachedFormula()
                size = int.from_bytes(stream[start + 20 : start + 22], "little")
                tokens = stream[start + 22 : min(start + 22 + size, start + length)]
                impossible |= version == BIFF8 and _gives_a_number(tokens)
    occupied.take(places)
    return _Cells(errors, blanks, impossible, labels)


def _places(stream: bytes, record: int, start: int, length: int) -> Iterator[int]:
    """Name the cells that a record fills; a MULRK fills several side by side."""
    row, column = _place(stream, start)
    cells = max((length - 6) // 6, 0) if record == MULRK else 1
    return (place(row, each) for each in range(column, column + cells))


def _place(stream: bytes, start: int) -> tuple[int, int]:
    row, column = struct.unpack_from("<HH", stream, start)
    return row + 1, column + 1


def _error_text(code: int) -> str:
    return ERROR_TEXTS.get(code, f"#{code}")


def _gives_a_number(tokens: bytes) -> bool:
    """Tell whether a formula's outermost operation, its last token, can only give a number."""
    numeric = False
    at = 0
    while at < len(tokens):
        token = tokens[at]
        base = (token & 0x1F) | 0x20 if token >= 0x20 else token
        size = _token_size(tokens, at, base)
        if size is None:
            return False
        argument = tokens[at + 1 : at + size]
        if base == TOKEN_ATTRIBUTE:
            numeric = numeric or bool(argument[0] & ATTRIBUTE_SUM)
        elif base == TOKEN_FUNCTION:
            numeric = int.from_bytes(argument, "little") in NUMERIC_FUNCTIONS
        elif base == TOKEN_VARIADIC_FUNCTION:
            numeric = int.from_bytes(argument[1:], "little") & 0x7FFF in NUMERIC_FUNCTIONS
        elif base != TOKEN_PARENTHESES:
            numeric = base in NUMERIC_TOKENS
        at += size
    return numeric


def _token_size(tokens: bytes, at: int, base: int) -> int | None:
    """Measure a BIFF8 token with its id, in bytes; None for one that is not known."""
    if base == TOKEN_STRING:
        return 3 + tokens[at + 1] * (2 if tokens[at + 2] & 1 else 1)
    if base == TOKEN_ATTRIBUTE:
        jumps = int.from_bytes(tokens[at + 2 : at + 4], "little")
        return 4 + (2 * (jumps + 1) if tokens[at + 1] & ATTRIBUTE_CHOOSE else 0)
    return 1 + TOKEN_BYTES[base] if base in TOKEN_BYTES else None
