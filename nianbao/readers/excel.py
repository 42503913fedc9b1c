"""Workbooks through calamine, and what calamine leaves out filled in from the file itself.

calamine gives error cells and formulas without a result as blanks, and no merges for ods; each of
those is found by `ooxml`, `ods` or `biff` and put back at its address.
"""

import io
from collections.abc import Callable

from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum
from xlrd.compdoc import CompDoc

from nianbao.readers.biff import scan_xls
from nianbao.readers.excel95 import read_excel_95
from nianbao.readers.ods import scan_ods
from nianbao.readers.ooxml import refuse_twins, scan_xlsx
from nianbao.readers.package import Package
from nianbao.readers.workbook import RESAVE, Marks, Merge, Rejected, Sheet, mark_cells

Read = tuple[tuple[Sheet, ...], tuple[tuple[str, str], ...]]
Beside = tuple[Marks | None, tuple[Merge, ...]]
"""What calamine leaves out of a sheet: marks (None where it was not found at all), and merges."""

MACRO = ("W_MACRO", "the workbook carries macros; they are not run, its values are read")
EXTERNAL_LINK = (
    "W_EXTLINK",
    "the workbook takes values from other files; those last saved are read, nothing is fetched",
)


def read_xlsx(package: Package) -> Read:
    """Read xlsx and xlsm."""
    marks = scan_xlsx(package)
    parts = package.members
    macro = any(part.endswith("vbaproject.bin") or "/macrosheets/" in part for part in parts)
    linked = any("/externallinks/" in part for part in parts)
    sheets = _sheets(package.content, lambda _, name: (marks.get(name), ()))
    return sheets, _notes(macro=macro, linked=linked)


def read_ods(package: Package) -> Read:
    """Read ods; the copies that it keeps of other files' sheets are left out."""
    tables = scan_ods(package)

    def beside(_: int, name: str) -> Beside:
        table = tables.get(name)
        return (table.marks, tuple(table.merges)) if table else (None, ())

    foreign = {table.name for table in tables.values() if table.foreign}
    macro = any(part.startswith(("basic/", "scripts/")) for part in package.members)
    sheets = _sheets(package.content, beside)
    return (
        tuple(sheet for sheet in sheets if sheet.name not in foreign),
        _notes(macro=macro, linked=bool(foreign)),
    )


def read_xls(compound: CompDoc, content: bytes) -> Read:
    """Read xls (Excel 5 to 2003), whose compound file is open as `compound`."""
    scan = scan_xls(compound)
    notes = _notes(macro=scan.macro, linked=scan.linked)
    if scan.old_text:
        worksheets = [marks for marks in scan.marks if marks is not None]
        sheets = read_excel_95(content, worksheets, scan.code_page)
        refuse_twins(sheet.name for sheet in sheets)
        return sheets, notes
    return _sheets(content, lambda index, _: (scan.marks[index], ())), notes


def _notes(*, macro: bool, linked: bool) -> tuple[tuple[str, str], ...]:
    return ((MACRO,) if macro else ()) + ((EXTERNAL_LINK,) if linked else ())


def _sheets(content: bytes, beside: Callable[[int, str], Beside]) -> tuple[Sheet, ...]:
    """Read every worksheet of the workbook.

    `beside` gives, by a sheet's place in the workbook and its name, what was found beside calamine.
    """
    sheets: list[Sheet] = []
    with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
        for index, about in enumerate(book.sheets_metadata):
            if about.typ != SheetTypeEnum.WorkSheet:
                continue
            marks, merges = beside(index, about.name)
            if marks is None:
                # Had calamine read it all the same, its errors would pass for blanks.
                raise Rejected(
                    "E_CORRUPT", f"the sheet {about.name} is listed and is not there; {RESAVE}"
                )
            sheet = book.get_sheet_by_index(index)
            # skip_empty_area=False keeps the empty rows above and columns left of the first value:
            # row 1 is row 1. calamine writes "" for an empty cell and for an empty text alike.
            rows: list[list[object]] = [
                [None if value == "" else value for value in row]
                for row in sheet.to_python(skip_empty_area=False)
            ]
            sheets.append(
                Sheet(
                    name=about.name,
                    rows=mark_cells(rows, marks),
                    merges=merges
                    or tuple(
                        (top + 1, left + 1, low + 1, right + 1)
                        for (top, left), (low, right) in sheet.merged_cell_ranges or ()
                    ),
                    hidden=about.visible != SheetVisibleEnum.Visible,
                )
            )
    refuse_twins(sheet.name for sheet in sheets)
    return tuple(sheets)
