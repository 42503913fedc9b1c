"""What a reader hands on: workbooks as typed, with the address of every cell, or a refusal."""

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path


class Rejected(Exception):
    """A file cannot be taken in; `code` is a finding's, `detail` says what it is and what to do.

    `found` is the short name of what the file turned out to be (`xlsb`, `html`, `pdf`, …) or the
    cell or line where it is wrong, for messages in another language than `detail`'s; empty where
    the code says it all. `sha256` is filled in by `read_workbook` once the bytes are known. Code
    `W_NOT_DATA` is a warning: the file is a picture or a letter, to be listed and left alone.
    """

    def __init__(self, code: str, detail: str, *, found: str = "", sha256: str = "") -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.found = found
        self.sha256 = sha256


@dataclass(frozen=True, slots=True)
class CellError:
    """A cell whose value is an error, such as `#DIV/0!`: neither a number nor blank."""

    text: str


@dataclass(frozen=True, slots=True)
class UncachedFormula:
    """A formula saved without its result; `formula` is its text where the file tells it."""

    formula: str = ""


Marks = dict[
    tuple[int, int], CellError | UncachedFormula
]  # (row, column), 1-based, to what stands in that cell
Merge = tuple[int, int, int, int]
_MOST_SHARED = 65_536  # texts; a ledger says the same few thousand over and over

# What a file's name may end in, by what it holds.
SUFFIXES = {
    "xlsx": (".xlsx", ".xlsm", ".xltx", ".xltm"),
    "xls": (".xls", ".xlt"),
    "ods": (".ods", ".ots"),
    "csv": (".csv", ".tsv", ".txt"),
    "parquet": (".parquet", ".pq"),
}
WORKBOOK_SUFFIXES = (*SUFFIXES["xlsx"], *SUFFIXES["xls"], *SUFFIXES["ods"], ".xlsb", ".et", ".ett")
RESAVE = "open it in Excel or WPS, save it anew as .xlsx and hand it in again"


def encrypted() -> Rejected:
    """Refuse a file that needs a password."""
    return Rejected(
        "E_ENCRYPTED", "the file is protected by a password; remove it and hand the file in again"
    )


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet; `rows[0]` is row 1 and `rows[n][0]` is column A, whatever was left empty.

    A cell is None (empty), str exactly as typed, bool, float or int, a `datetime` date, datetime,
    time or timedelta, a `CellError` or an `UncachedFormula`. All rows have one length. Numbers are
    as the file keeps them: xlsx and ods give float throughout, xls gives int where it stored an
    integer, csv gives str only. `merges` are (first row, first column, last row, last column),
    1-based and inclusive; the value stands in the first cell.
    """

    name: str
    rows: tuple[tuple[object, ...], ...]
    merges: tuple[Merge, ...] = ()
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Workbook:
    """One file as received; `notes` are (finding code, detail), such as `W_TYPE_MISMATCH`.

    A note that is an error (`E_TRUNCATED`) refuses the file unless its form's table allows it.

    `kind` is what the content is (`xlsx` `xls` `ods` `csv` `parquet`), whatever the file is called;
    chart and macro sheets are left out, hidden sheets are in and say so.
    """

    path: Path
    sha256: str
    kind: str
    sheets: tuple[Sheet, ...]
    notes: tuple[tuple[str, str], ...] = ()


def address(row: int, column: int) -> str:
    """Name a cell as spreadsheets do: (9, 6) is `F9`; both count from 1."""
    if row < 1 or column < 1:
        raise ValueError(f"rows and columns count from 1, not ({row}, {column})")
    return f"{_letters(column)}{row}"


@functools.cache
def _letters(column: int) -> str:
    letters = ""
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters


def sharing_texts(rows: Iterable[Iterable[object]]) -> Iterator[tuple[object, ...]]:
    """Rows as tuples, in which "" is None and a text that comes again takes no memory again."""
    known: dict[str, str | None] = {"": None}
    for row in rows:
        shared: list[object] = []
        for cell in row:
            if isinstance(cell, str):
                shared.append(known.get(cell, cell))
                if len(known) < _MOST_SHARED:
                    known.setdefault(cell, cell)
            else:
                shared.append(cell)
        yield tuple(shared)


def mark_cells(rows: list[list[object]], marks: Marks) -> tuple[tuple[object, ...], ...]:
    """Put marks into rows at their addresses, growing the rows where a mark lies beyond them.

    Rows and columns that hold nothing at the end of the sheet, however many, are left out.
    """
    width = max([len(row) for row in rows] + [column for _, column in marks], default=0)
    height = max(len(rows), max((row for row, _ in marks), default=0))
    rows += [[] for _ in range(height - len(rows))]
    for row in rows:
        row += [None] * (width - len(row))
    for (row_number, column), mark in marks.items():
        rows[row_number - 1][column - 1] = mark
    return tuple(tuple(row) for row in rows)
