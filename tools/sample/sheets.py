"""Sheets as rows of cells, and their way into .xlsx, .xls and .csv, the same bytes each time."""

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import openpyxl
import xlwt
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter

from sample.clerk import Cell

FIXED_DATE = (2000, 1, 1, 0, 0, 0)
FIXED_STAMP = b"2000-01-01T00:00:00Z"
FOOTER = "审核人：　　　　填表人：　　　　联系电话：0000-0000000"


class Column(NamedTuple):
    """One column of a grid: its item (empty if ignored), header path and unit."""

    item: str
    path: tuple[str, ...]
    unit: str = ""


@dataclass(slots=True)
class Sheet:
    """One sheet while it is written; rows and columns count from 1, merges are inclusive."""

    name: str
    rows: list[list[Cell]] = field(default_factory=list)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    titles: set[int] = field(default_factory=set)
    headers: set[int] = field(default_factory=set)

    def add(self, *cells: Cell) -> int:
        """Append a row and return its number."""
        self.rows.append(list(cells))
        return len(self.rows)

    def title(self, text: str, width: int) -> None:
        """A title merged over the table's width."""
        row = self.add(text)
        self.titles.add(row)
        if width > 1:
            self.merges.append((row, 1, row, width))

    def about(self, width: int, *texts: str) -> None:
        """The line under a title: who reports, when, in which units."""
        cells: list[Cell] = [None] * max(width, len(texts))
        step = max(1, width // len(texts))
        for i, text in enumerate(texts):
            cells[i * step] = text
        self.rows.append(cells)

    def header(
        self,
        paths: Sequence[tuple[str, ...]],
        shown: Mapping[str, str] | None = None,
    ) -> None:
        """Header rows, one a level, with the merges that a form would have.

        `shown` gives the wording of a label where it differs from the path (units, blanks).
        """
        wording = shown or {}
        depth = max(len(path) for path in paths)
        top = len(self.rows) + 1
        for level in range(depth):
            cells: list[Cell] = []
            for at, path in enumerate(paths):
                first = (
                    at == 0 or len(path) <= level or path[: level + 1] != paths[at - 1][: level + 1]
                )
                here = level < len(path) and (first or level == len(path) - 1)
                cells.append(wording.get(path[level], path[level]) if here else None)
            self.headers.add(self.add(*cells))
        for at, path in enumerate(paths):
            if len(path) < depth:
                self.merges.append((top + len(path) - 1, at + 1, top + depth - 1, at + 1))
        for level in range(depth - 1):
            start = 0
            for at in range(1, len(paths) + 1):
                prefix = paths[start][: level + 1]
                if (
                    at < len(paths)
                    and level < len(paths[at]) - 1
                    and paths[at][: level + 1] == prefix
                ):
                    continue
                if at - start > 1 and level < len(paths[start]) - 1:
                    self.merges.append((top + level, start + 1, top + level, at))
                start = at

    def units(self, columns: Sequence[Column], label: str = "计量单位") -> None:
        """The row of units under a header."""
        self.headers.add(self.add(label, *(column.unit for column in columns)))

    def index(self, width: int, label: str = "（甲）") -> None:
        """The row of column numbers under a header: (甲) 1 2 3."""
        self.headers.add(self.add(label, *range(1, width)))

    def foot(self, *texts: str) -> None:
        """Lines below the table."""
        for text in texts:
            self.add(text)


def write_xlsx(path: Path, sheets: Sequence[Sheet]) -> None:
    """A workbook without names, places or times of its making."""
    book = openpyxl.Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    thin = Side(style="thin", color="FF808080")
    box = Border(left=thin, right=thin, top=thin, bottom=thin)
    middle = Alignment(horizontal="center", vertical="center", wrap_text=True)
    for sheet in sheets:
        page = book.create_sheet(sheet.name)
        for r, row in enumerate(sheet.rows, start=1):
            for c, value in enumerate(row, start=1):
                if value is None:
                    continue
                cell = page.cell(r, c, value)
                if isinstance(value, dt.date):
                    cell.number_format = "yyyy/m/d"
                if r in sheet.titles:
                    cell.font, cell.alignment = Font(size=16, bold=True), middle
                elif r in sheet.headers:
                    cell.font, cell.alignment, cell.border = Font(bold=True), middle, box
        for first_row, first_col, last_row, last_col in sheet.merges:
            page.merge_cells(
                start_row=first_row, start_column=first_col, end_row=last_row, end_column=last_col
            )
        for c in range(1, max((len(row) for row in sheet.rows), default=0) + 1):
            page.column_dimensions[get_column_letter(c)].width = 13
    book.properties.creator = ""
    loose = io.BytesIO()
    book.save(loose)
    path.write_bytes(_without_times(loose))


def _without_times(loose: io.BytesIO) -> bytes:
    """The same zip with every date fixed: members' and the document's."""
    firm = io.BytesIO()
    with zipfile.ZipFile(loose) as source, zipfile.ZipFile(firm, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT[\d:.]+Z", FIXED_STAMP, content)
            member = zipfile.ZipInfo(name, FIXED_DATE)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o600 << 16
            target.writestr(member, content, compresslevel=9)
    return firm.getvalue()


def write_xls(path: Path, sheets: Sequence[Sheet]) -> None:
    """An Excel 97 workbook, as WPS saves it."""
    book = xlwt.Workbook(encoding="utf-8")
    book.set_owner("")
    middle = "align: horiz center, vert center, wrap on"
    title = xlwt.easyxf(f"font: bold on, height 320; {middle}")
    head = xlwt.easyxf(
        f"font: bold on; {middle}; borders: left thin, right thin, top thin, bottom thin"
    )
    date = xlwt.easyxf(num_format_str="YYYY/M/D")
    usual = xlwt.easyxf("")
    for sheet in sheets:
        page = book.add_sheet(sheet.name, cell_overwrite_ok=True)
        spans = {(r1, c1): (r2, c2) for r1, c1, r2, c2 in sheet.merges}
        for r, row in enumerate(sheet.rows, start=1):
            style = title if r in sheet.titles else head if r in sheet.headers else usual
            for c, value in enumerate(row, start=1):
                if value is None:
                    continue
                use = date if isinstance(value, dt.date) else style
                if (r, c) in spans:
                    r2, c2 = spans[(r, c)]
                    page.write_merge(r - 1, r2 - 1, c - 1, c2 - 1, value, use)
                else:
                    page.write(r - 1, c - 1, value, use)
    book.save(str(path))


def write_csv(path: Path, sheet: Sheet, encoding: str) -> None:
    """Rows of equal width, as a spreadsheet program saves them."""
    width = max(len(row) for row in sheet.rows)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    for row in sheet.rows:
        cells = ["" if value is None else str(value) for value in row]
        writer.writerow(cells + [""] * (width - len(cells)))
    path.write_bytes(text.getvalue().encode(encoding))


def write(path: Path, sheets: Sequence[Sheet], *, encoding: str = "gb18030") -> None:
    """Write by the ending of the name: .xlsx, .xls or .csv (of one sheet)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".xlsx":
        write_xlsx(path, sheets)
    elif path.suffix == ".xls":
        write_xls(path, sheets)
    else:
        write_csv(path, sheets[0], encoding)


def ledger(
    name: str, title: str, about: Sequence[str], fields: Sequence[str], shown: Mapping[str, str]
) -> Sheet:
    """A ledger's sheet down to its header."""
    sheet = Sheet(name)
    sheet.title(title, len(fields))
    if about:
        sheet.about(len(fields), *about)
    sheet.header([(label,) for label in fields], shown)
    return sheet
