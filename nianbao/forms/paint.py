"""A page onto a worksheet: title, head, cells to be filled in, validation, protection, print."""

import math
import unicodedata
from collections.abc import Mapping

from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from nianbao.forms.guards import Lists, protect, validate, validate_grid
from nianbao.forms.pages import HEAD_ROW, REMARK, Page, head_texts, item_unit, unit_column
from nianbao.forms.rules import (
    Rule,
    computed_cells,
    is_summed,
    rules_of_page,
    total_formula,
    totals,
)
from nianbao.forms.words import Words
from nianbao.readers import address

FONT = "宋体"
_THIN, _HAIR = Side(style="thin", color="FF9AA5B1"), Side(style="hair", color="FF9AA5B1")
BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_FAINT_BOX = Border(left=_HAIR, right=_HAIR, top=_HAIR, bottom=_HAIR)
HEAD_FILL = PatternFill("solid", fgColor="FFDDE6F0")
_GREY_FILL = PatternFill("solid", fgColor="FFF0F0F0")
MIDDLE = Alignment(horizontal="center", vertical="center", wrap_text=True)
LEFT = Alignment(horizontal="left", vertical="center", wrap_text=True)
_OPEN = Protection(locked=False)
_LINE = 15.0  # points a line of text takes
_ROWS_SHOWN = 20  # empty rows of a ledger with a frame of their own, so that they print
_ROWS_CHECKED = 5000  # rows of a ledger that are validated
_WIDEST_LABEL = 44
_NARROWEST = 84  # characters that a title and the line below it need
_ONE_PAPER = 30  # rows of a grid that are printed on one sheet of paper


def paint(
    sheet: Worksheet,
    page: Page,
    title: str,
    places: tuple[str, ...],
    words: Words,
    *,
    before: Page | None = None,
    lists: Lists,
    hints: Mapping[tuple[str, str], str],
) -> None:
    """Draw one page. `hints` are by item and place; `lists` hold the choices of the notes."""
    rules = dict(rules_of_page(page, places, words))
    _head(sheet, page, words)
    _title(sheet, page, title, words)
    if page.table.kind == "ledger":
        _ledger(sheet, page, rules, lists)
    else:
        _grid(sheet, page, words, rules, before, lists, hints)
    _set_up(sheet, page)


def _write(sheet: Worksheet, row: int, column: int, value: str | None = None) -> None:
    """Write a text as a text, also where it looks like a formula."""
    cell = sheet.cell(row, column, value)
    if value is not None and cell.data_type == "f":
        cell.data_type = "s"


def _title(sheet: Worksheet, page: Page, title: str, words: Words) -> None:
    """The title, and the line below it of who reports and when."""
    width = len(page.columns)
    widths = [sheet.column_dimensions[get_column_letter(c)].width for c in range(1, width + 1)]
    _write(sheet, 1, 1, title)
    _merge(sheet, 1, 1, 1, width)
    for column in range(1, width + 1):
        cell = sheet.cell(1, column)
        cell.font, cell.alignment = Font(name=FONT, size=16, bold=True), MIDDLE
        cell.border = Border()
    sheet.row_dimensions[1].height = lines(title, sum(widths) * 11 / 16) * 22.0 + 12
    texts = [words("reporting_unit", unit=page.unit), words("reporting_date")]
    if page.table.kind == "ledger":
        texts += [words("filled_by"), words("telephone")]
    _spread(sheet, 2, width, texts)


def _merge(sheet: Worksheet, top: int, left: int, bottom: int, right: int) -> None:
    if (top, left) != (bottom, right):
        sheet.merge_cells(start_row=top, start_column=left, end_row=bottom, end_column=right)


def _spread(sheet: Worksheet, row: int, width: int, texts: list[str]) -> None:
    """Texts to be written on, side by side over the table's width, wherever there is room."""
    if width < len(texts):
        texts = ["　　".join(texts)]
    sizes = [sheet.column_dimensions[get_column_letter(c)].width for c in range(1, width + 1)]
    starts = [1]
    for k in range(1, len(texts)):  # the first column from which so much of the width is behind
        share = sum(sizes) * k / len(texts)
        passed = next(c for c in range(1, width + 1) if sum(sizes[: c - 1]) >= share or c == width)
        starts.append(min(max(passed, starts[-1] + 1), width - len(texts) + k + 1))
    for text, start, end in zip(texts, starts, [*starts[1:], width + 1], strict=True):
        _write(sheet, row, start, text)
        _merge(sheet, row, start, row, end - 1)
        for column in range(start, end):
            cell = sheet.cell(row, column)
            cell.font, cell.alignment, cell.protection = Font(name=FONT, size=11), LEFT, _OPEN
            cell.border = Border()
    sheet.row_dimensions[row].height = 24


def _head(sheet: Worksheet, page: Page, words: Words) -> None:
    texts, depth = head_texts(page, words), page.depth
    widths = _widths(page, texts)
    for c, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(c)].width = width
        for level in range(depth):
            cell = sheet.cell(HEAD_ROW + level, c)
            cell.font, cell.fill = Font(name=FONT, size=11, bold=True), HEAD_FILL
            cell.alignment, cell.border = MIDDLE, BOX
    heights = [1] * depth
    for level in range(depth):
        start = 1
        for c in range(1, len(page.columns) + 1):
            if c < len(page.columns) and _same_group(page, level, c):
                continue
            path = page.columns[start - 1].path
            if level < len(path):
                last = level == len(path) - 1
                bottom = HEAD_ROW + (depth - 1 if last else level)
                _write(sheet, HEAD_ROW + level, start, texts[level, start])
                _merge(sheet, HEAD_ROW + level, start, bottom, c)
                at = depth - 1 if last else level
                high = lines(texts[level, start], sum(widths[start - 1 : c]))
                heights[at] = max(heights[at], high - (at - level))
            start = c + 1
    for level, high in enumerate(heights):
        sheet.row_dimensions[HEAD_ROW + level].height = high * _LINE + 6


def _same_group(page: Page, level: int, c: int) -> bool:
    """Whether a column (from 1) shares its label at a level with the next one."""
    here, other = page.columns[c - 1].path, page.columns[c].path
    return (
        level < len(here) - 1 and level < len(other) - 1 and here[: level + 1] == other[: level + 1]
    )


def lines(text: str, width: float) -> int:
    """How many lines a text takes in a column of a width."""
    return sum(max(1, math.ceil(_span(part) / max(width - 1.5, 1))) for part in text.split("\n"))


def _span(text: str) -> int:
    """The width of a text in characters: a Chinese one counts two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WFA" else 1 for letter in text)


def _widths(page: Page, texts: Mapping[tuple[int, int], str]) -> list[float]:
    widths: list[float] = []
    labelled = len(page.table.row_groups) + 1 if page.table.kind == "grid" else 0
    for c, column in enumerate(page.columns, 1):
        longest = max(_span(part) for part in texts[len(column.path) - 1, c].split("\n"))
        least, most = 9, 15
        if page.table.kind == "ledger":
            field = page.table.fields[column.name]
            least = {"date": 13, "text": 20, "place": 24}.get(field.type, 10)
            if field.type == "choice":
                least = max(10, *(_span(value) + 5 for value in field.values))
            most = max(least, 15)
        elif c <= labelled:
            longest = max((_span(page.label_at(row, c) or "") for row in page.rows), default=8)
            least, most = 12, _WIDEST_LABEL
        elif column.name == "evidence" or any(row.noted for row in page.rows):
            least, most = 24, 30
        elif not column.name or column.name == "status":
            least, most = 14, 18
        half = longest if longest <= most - 3 else math.ceil(longest / 2)
        if c <= labelled:
            half = longest
        widths.append(float(min(most, max(least, half + 3))))
    wider = max(1.0, _NARROWEST / sum(widths))
    return [round(width * wider, 1) for width in widths]


# --- bodies ---------------------------------------------------------------------------------------


def _grid(
    sheet: Worksheet,
    page: Page,
    words: Words,
    rules: Mapping[str, Rule],
    before: Page | None,
    lists: Lists,
    hints: Mapping[tuple[str, str], str],
) -> None:
    formulas = computed_cells(page, before, address)
    units = unit_column(page)
    for r, row in enumerate(page.rows, page.first_row):
        labels = [(page.label_at(row, c) or "", c) for c in range(1, len(page.columns) + 1)]
        high = max(
            lines(text, sheet.column_dimensions[get_column_letter(c)].width) for text, c in labels
        )
        sheet.row_dimensions[r].height = max(22.0, high * _LINE + 6)
    for r, row in enumerate(page.rows, page.first_row):
        for c, column in enumerate(page.columns, 1):
            cell = sheet.cell(r, c)
            cell.border, cell.alignment, cell.font = BOX, MIDDLE, Font(name=FONT, size=11)
            item = page.item_at(row, column)
            if (text := page.label_at(row, c)) is not None:
                _write(sheet, r, c, text)
                cell.alignment = LEFT if page.table.rows == "label" else MIDDLE
            elif (r, c) in formulas:
                cell.value, cell.fill = formulas[r, c], _GREY_FILL
            elif item:
                cell.protection = _OPEN
                place = page.places.get(row.text, "")
                if (hint := hints.get((item, place))) and page.month in (0, _first_month(page)):
                    cell.comment = Comment(hint, "", height=60, width=200)
            elif c == units and (unit := _row_unit(page, r)):
                told = words("row_unit", unit=unit) if column.path[-1] == REMARK else unit
                _write(sheet, r, c, told)
            elif not column.name or row.noted or page.proves_at(row, column):
                cell.protection, cell.alignment = _OPEN, LEFT
            else:
                cell.fill = _GREY_FILL
    _totals(sheet, page, words)
    validate_grid(sheet, page, rules, formulas, lists)


def _first_month(page: Page) -> int:
    return 3 * page.period.quarter - 2 if page.period.quarter else 1


def _row_unit(page: Page, r: int) -> str:
    row = page.rows[r - page.first_row]
    found = {
        item_unit(page.table.items[item])
        for column in page.columns
        if (item := page.item_at(row, column))
    }
    return found.pop() if len(found) == 1 else ""


def _totals(sheet: Worksheet, page: Page, words: Words) -> None:
    """The row of totals, and below it who signs."""
    last = page.first_row + len(page.rows) - 1
    if totals(page):
        counted = [row for row in page.rows if not row.noted]
        end = page.first_row + len(counted) - 1
        last += 1
        sheet.row_dimensions[last].height = 22
        for c, column in enumerate(page.columns, 1):
            cell = sheet.cell(last, c)
            cell.border, cell.alignment, cell.fill = BOX, MIDDLE, _GREY_FILL
            cell.font = Font(name=FONT, size=11, bold=True)
            if c == len(page.table.row_groups) + 1:
                _write(sheet, last, c, words("total"))
            elif is_summed(page, column):
                area = f"{address(page.first_row, c)}:{address(end, c)}"
                item = page.table.items[column.name]
                cell.value = total_formula(page.table, item, area, len(counted))
    _spread(
        sheet,
        last + 2,
        len(page.columns),
        [words("signed_by"), words("filled_by"), words("telephone")],
    )
    _write(sheet, last + 3, 1, words("see_notes"))
    sheet.cell(last + 3, 1).font = Font(name=FONT, size=10, color="FF666666")
    _merge(sheet, last + 3, 1, last + 3, len(page.columns))


def _ledger(sheet: Worksheet, page: Page, rules: Mapping[str, Rule], lists: Lists) -> None:
    """Whole columns to write in, without end; the first rows have cells so that they print."""
    for c, column in enumerate(page.columns, 1):
        rule = rules[column.name]
        letter = get_column_letter(c)
        text = rule.kind == "text"
        whole = sheet.column_dimensions[letter]
        cells = [sheet.cell(page.first_row + k, c) for k in range(_ROWS_SHOWN)]
        for style in (whole, *cells):
            style.font, style.protection = Font(name=FONT, size=11), _OPEN
            style.border = _FAINT_BOX if style is whole else BOX
            style.alignment = LEFT if text else MIDDLE
            style.number_format = "yyyy-mm-dd" if rule.kind == "date" else "General"
        area = f"{letter}{page.first_row}:{letter}{page.first_row + _ROWS_CHECKED - 1}"
        validate(sheet, rule, area, lists)


# --- the sheet ------------------------------------------------------------------------------------


def _set_up(sheet: Worksheet, page: Page) -> None:
    frozen = 0 if page.table.kind == "ledger" else len(page.table.row_groups) + 1
    sheet.freeze_panes = address(page.first_row, frozen + 1)
    sheet.sheet_view.showGridLines = False
    sheet.print_title_rows = f"{HEAD_ROW}:{page.first_row - 1}"
    set_up_print(sheet)
    if page.table.kind == "grid" and len(page.rows) <= _ONE_PAPER:
        sheet.page_setup.fitToHeight = 1
    protect(sheet)


def set_up_print(sheet: Worksheet) -> None:
    """A4 across, as wide as the paper, with page numbers."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_options.horizontalCentered = True
    margins = sheet.page_margins
    margins.left = margins.right = 0.4
    margins.top = margins.bottom = 0.6
    if sheet.oddFooter is not None:
        sheet.oddFooter.center.text = "&P / &N"
