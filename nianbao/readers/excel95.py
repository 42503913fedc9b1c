"""Workbooks in the manner of Excel 95, through xlrd: their text is in a code page, not in Unicode.

calamine takes such text for single bytes (a GBK 甲镇 comes out as rubbish), and old Chinese
programs still write it. xlrd is slower and right, so only these files go this way.
"""

import datetime
import io
from collections.abc import Sequence
from typing import Literal

import xlrd

from nianbao.readers.workbook import Marks, Sheet, mark_cells


def read_excel_95(content: bytes, marks: Sequence[Marks], code_page: int) -> tuple[Sheet, ...]:
    """Read every worksheet; `Sheet` says what the cells are.

    `marks` are the worksheets', in the workbook's order; `code_page` is 0 where the file names
    none, which is then taken to be Chinese.
    """
    # Formatting is asked for because xlrd reads merges only together with it.
    book = xlrd.open_workbook(
        file_contents=content,
        formatting_info=True,
        logfile=io.StringIO(),
        encoding_override=None if code_page else "gb18030",
    )
    return tuple(
        _sheet(sheet, marks[number], book.datemode) for number, sheet in enumerate(book.sheets())
    )


def _sheet(sheet: xlrd.sheet.Sheet, marks: Marks, datemode: Literal[0, 1]) -> Sheet:
    rows = [
        [_value(sheet.cell(row, column), datemode) for column in range(sheet.ncols)]
        for row in range(sheet.nrows)
    ]
    merges = tuple(
        (top + 1, left + 1, below, right) for top, below, left, right in sheet.merged_cells
    )
    return Sheet(sheet.name, mark_cells(rows, marks), merges, sheet.visibility != 0)


def _value(cell: xlrd.sheet.Cell, datemode: Literal[0, 1]) -> object:
    """Turn a cell into its value; an error gives None here and is among the marks."""
    empty = (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK, xlrd.XL_CELL_ERROR)
    if cell.ctype in empty or cell.value == "":
        return None
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return bool(cell.value)
    if cell.ctype == xlrd.XL_CELL_DATE and isinstance(cell.value, float):
        return _moment(cell.value, datemode)
    return cell.value


def _moment(days: float, datemode: Literal[0, 1]) -> object:
    """Turn a date cell's number into a time, a date, or both; what is no date stays a number."""
    try:
        moment = xlrd.xldate.xldate_as_datetime(days, datemode)
    except (xlrd.xldate.XLDateError, OverflowError):
        return days
    if days < 1:
        return moment.time()
    return moment.date() if moment.time() == datetime.time() else moment
