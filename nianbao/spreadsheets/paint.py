"""A page onto a worksheet: real numbers, real tables, and a text that stays a text."""

import math
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell, MergedCell
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.table import Table
from openpyxl.worksheet.worksheet import Worksheet

from nianbao.spreadsheets.pages import Cell as Content
from nianbao.spreadsheets.pages import Column, Page

_LONGEST = 32_767  # characters in a cell
_ESCAPE = re.compile("_(x[0-9A-Fa-f]{4}_)")  # what a spreadsheet program would read as a letter
_FORMULA = ("=", "+", "-", "@")
_INK, _LINK_INK = "FF23282E", "FF1F4E6E"
_LINE = Side(style="thin", color="FFD5DAE0")
_RULE = Side(style="medium", color="FF5B6770")
_HEAD_FILL = PatternFill("solid", fgColor="FFE6ECF2")
_WIDTHS = {"name": (14, 42), "short": (8, 42), "number": (10, 18), "words": (20, 68)}
_PAGE_WIDE = 84  # the first column of the contents
_PAPER_WIDE = 200  # of columns: fitted to the width of the paper, type is no smaller than 7 points
_LEADING = 15.5  # points that a line of text takes


@dataclass(frozen=True, slots=True)
class Frame:
    """What every sheet of one workbook has: a footer, and the way back to the contents."""

    footer: tuple[str, str]  # left and right; &P and &N are the page numbers
    back: tuple[str, str]  # a text, and the sheet that it leads to


def add_styles(book: Workbook, font: str) -> None:
    """Name the styles that the sheets use."""
    line, rule = Border(bottom=_LINE), Border(top=_RULE, bottom=_RULE)

    def style(name: str, size: int = 11, *, bold: bool = False, ink: str = _INK) -> NamedStyle:
        made = NamedStyle(name)
        made.font = Font(name=font, size=size, bold=bold, color=ink)
        if ink == _LINK_INK:
            made.font.u = "single"
        book.add_named_style(made)
        return made

    style("np_title", 16, bold=True).alignment = Alignment(vertical="center")
    style("np_note").alignment = Alignment(vertical="top")
    style("np_prose").alignment = Alignment(vertical="top", wrap_text=True)
    style("np_back", ink=_LINK_INK)
    # Texts are set in, so that they keep apart from the numbers before them.
    text = Alignment(horizontal="left", vertical="center", wrap_text=True, indent=1)
    number = Alignment(horizontal="right", vertical="center", wrap_text=True)
    for name, alignment in (("np_head", text), ("np_head_number", number)):
        head = style(name, bold=True)
        head.fill, head.border, head.alignment = _HEAD_FILL, rule, alignment
    for name, ink in (("np_text", _INK), ("np_link", _LINK_INK)):
        one = style(name, ink=ink)
        one.border, one.alignment = line, text
    figure = style("np_number")
    figure.border, figure.alignment = line, Alignment(horizontal="right", vertical="center")


def paint(sheet: Worksheet, page: Page, frame: Frame) -> None:
    """Draw one page on an empty sheet."""
    prose = bool(page.links)  # the contents: their first column is as wide as a page of text
    _put(sheet, 1, 1, page.title, "np_title")
    sheet.row_dimensions[1].height = 30
    for row, note in enumerate(page.notes, 2):
        _put(sheet, row, 1, note, "np_prose" if prose else "np_note")
    head = len(page.notes) + 2
    if not prose:
        _link(_put(sheet, head, 1, frame.back[0], "np_back"), frame.back[1])
        head += 1
    _table(sheet, page, head)
    _measure(sheet, page, head, prose=prose)
    _set_up(sheet, page, head, frame)


def _table(sheet: Worksheet, page: Page, head: int) -> None:
    for c, column in enumerate(page.columns, 1):
        _put(sheet, head, c, column.head, _head_style(column))
    for r, row in enumerate(page.rows, head + 1):
        for c, (content, column) in enumerate(zip(row, page.columns, strict=True), 1):
            _put(sheet, r, c, content, "np_number" if column.kind == "number" else "np_text")
    for r, target in enumerate(page.links, head + 1):
        _link(_put(sheet, r, 1, page.rows[r - head - 1][0], "np_link"), target)
    last = f"{get_column_letter(len(page.columns))}{head + len(page.rows)}"
    sheet.add_table(Table(displayName=page.key, ref=f"A{head}:{last}"))


def _head_style(column: Column) -> str:
    return "np_head_number" if column.kind == "number" else "np_head"


def _put(
    sheet: Worksheet, row: int, column: int, content: Content, style: str
) -> Cell | MergedCell:
    """Write a number as a number, and a text as a text, also where it looks like a formula."""
    cell = sheet.cell(row, column)
    cell.style = style
    if isinstance(content, str):
        if text := as_text(content):
            cell.value = text
            cell.data_type = "s"
            if text.startswith(_FORMULA):
                cell.quotePrefix = True
        return cell
    cell.value = content if isinstance(content, int) else float(content)
    cell.number_format = number_format(content)
    return cell


def as_text(text: str) -> str:
    """What somebody typed, as a cell can hold it."""
    clean = ILLEGAL_CHARACTERS_RE.sub("\ufffd", text).encode("utf-8", "replace").decode()
    clean = _ESCAPE.sub(r"_x005F_\1", clean)
    return clean if len(clean) <= _LONGEST else f"{clean[: _LONGEST - 1]}…"


def number_format(number: int | Decimal) -> str:
    """The format that prints a number with the decimals it has."""
    exponent = number.as_tuple().exponent if isinstance(number, Decimal) else 0
    decimals = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    return f"0.{'0' * decimals}" if decimals else "0"


def _link(cell: Cell | MergedCell, target: str) -> None:
    """Lead to the top of another sheet of the same workbook."""
    quoted = target.replace("'", "''")
    cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{quoted}'!A1")


# --- the sheet ------------------------------------------------------------------------------------


def _measure(sheet: Worksheet, page: Page, head: int, *, prose: bool) -> None:
    """Columns as wide, and rows as high, as what stands in them, within limits."""
    widths: list[float] = []
    for c, column in enumerate(page.columns):
        least, most = _WIDTHS[column.kind]
        longest = max((span(str(row[c])) for row in page.rows), default=0)
        wanted = max(longest, math.ceil(span(column.head) / 2) + 3) + 4
        widths.append(_PAGE_WIDE if prose and not c else min(most, max(least, wanted)))
        sheet.column_dimensions[get_column_letter(c + 1)].width = widths[c]
    heads = [column.head for column in page.columns]
    for r, texts in enumerate([heads, *page.rows], head):
        lines = max(map(_lines, map(str, texts), widths))
        sheet.row_dimensions[r].height = lines * _LEADING + 4
    for r, note in enumerate(page.notes, 2):
        lines = _lines(note, _PAGE_WIDE) if prose else 1
        sheet.row_dimensions[r].height = lines * _LEADING + 3


def _lines(text: str, width: float) -> int:
    """How many lines a text takes in a column of a width."""
    return max(1, math.ceil(span(text) / (width - 2.5)))


def span(text: str) -> float:
    """The width of a text in digits: a Chinese letter takes about two."""
    wide = sum(unicodedata.east_asian_width(letter) in "WFA" for letter in text)
    return len(text) + 1.1 * wide


def _set_up(sheet: Worksheet, page: Page, head: int, frame: Frame) -> None:
    """Freeze the head, and print on A4: as wide as the paper where that can be read."""
    sheet.freeze_panes = f"{'A' if page.links else 'B'}{head + 1}"
    sheet.sheet_view.showGridLines = False
    sheet.print_title_rows = f"{head}:{head}"
    sheet.page_setup.orientation = "portrait" if len(page.columns) < 4 else "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    width = sum(one.width for one in sheet.column_dimensions.values())
    sheet.page_setup.fitToWidth = math.ceil(width / _PAPER_WIDE)
    sheet.page_setup.fitToHeight = 0
    if sheet.page_setup.fitToWidth > 1:
        sheet.print_title_cols = "A:A"
        sheet.page_setup.pageOrder = "overThenDown"  # what belongs together lies together
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    margins = sheet.page_margins
    margins.left = margins.right = 0.5
    margins.top, margins.bottom = 0.7, 0.7
    if sheet.oddHeader is not None and sheet.oddFooter is not None:
        sheet.oddHeader.right.text = "&A"
        sheet.oddFooter.left.text, sheet.oddFooter.right.text = frame.footer
