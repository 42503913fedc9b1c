"""Workbooks through calamine, and what calamine leaves out filled in from the file itself.

calamine gives error cells and formulas without a result as blanks, and no merges for ods; each of
those is found by `ooxml`, `ods` or `biff` and put back at its address.
"""

import io
import zipfile
from collections.abc import Callable, Mapping

from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum
from xlrd.compdoc import CompDoc

from nianbao.readers.biff import scan_xls
from nianbao.readers.excel95 import read_excel_95
from nianbao.readers.ods import scan_ods
from nianbao.readers.ooxml import scan_xlsx
from nianbao.readers.workbook import Marks, Merge, Rejected, Sheet, mark_cells

Read = tuple[tuple[Sheet, ...], tuple[tuple[str, str], ...]]

MACRO = ("W_MACRO", "the workbook carries macros; they are not run, its values are read")
EXTERNAL_LINK = (
    "W_EXTLINK",
    "the workbook takes values from other files; those last saved are read, nothing is fetched",
)


def read_xlsx(archive: zipfile.ZipFile, content: bytes) -> Read:
    """Read xlsx and xlsm, whose package is open as `archive`."""
    marks = scan_xlsx(archive)
    parts = [name.casefold() for name in archive.namelist()]
    macro = any(part.endswith("vbaproject.bin") or "/macrosheets/" in part for part in parts)
    linked = any("/externallinks/" in part for part in parts)
    return _sheets(content, lambda _, name: marks.get(name, {}), {}), _notes(
        macro=macro, linked=linked
    )


def read_ods(archive: zipfile.ZipFile, content: bytes) -> Read:
    """Read ods, whose package is open as `archive`."""
    marks, merges = scan_ods(archive)
    macro = any(name.startswith(("Basic/", "Scripts/")) for name in archive.namelist())
    return _sheets(content, lambda _, name: marks.get(name, {}), merges), _notes(
        macro=macro, linked=False
    )


def read_xls(compound: CompDoc, content: bytes) -> Read:
    """Read xls (Excel 5 to 2003), whose compound file is open as `compound`."""
    scan = scan_xls(compound)
    notes = _notes(macro=scan.macro, linked=scan.linked)
    if scan.old_text:
        worksheets = [marks for marks in scan.marks if marks is not None]
        return _all_different(read_excel_95(content, worksheets, scan.code_page)), notes
    return _sheets(content, lambda index, _: scan.marks[index] or {}, {}), notes


def _notes(*, macro: bool, linked: bool) -> tuple[tuple[str, str], ...]:
    return ((MACRO,) if macro else ()) + ((EXTERNAL_LINK,) if linked else ())


def _sheets(
    content: bytes,
    marks_of: Callable[[int, str], Marks],
    merges: Mapping[str, tuple[Merge, ...]],
) -> tuple[Sheet, ...]:
    """Read every worksheet of the workbook, with the marks and merges found beside calamine.

    `marks_of` gives a sheet's marks by its place in the workbook and its name.
    """
    sheets: list[Sheet] = []
    with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
        for index, about in enumerate(book.sheets_metadata):
            if about.typ != SheetTypeEnum.WorkSheet:
                continue
            sheet = book.get_sheet_by_index(index)
            # skip_empty_area=False keeps the empty rows above and columns left of the first value:
            # row 1 is row 1. calamine writes "" for an empty cell and for an empty text alike.
            rows: list[list[object]] = [
                [None if value == "" else value for value in row]
                for row in sheet.to_python(skip_empty_area=False)
            ]
            ranges = sheet.merged_cell_ranges or []
            sheets.append(
                Sheet(
                    name=about.name,
                    rows=mark_cells(rows, marks_of(index, about.name)),
                    merges=merges.get(about.name)
                    or tuple(
                        (top + 1, left + 1, low + 1, right + 1)
                        for (top, left), (low, right) in ranges
                    ),
                    hidden=about.visible != SheetVisibleEnum.Visible,
                )
            )
    return _all_different(tuple(sheets))


def _all_different(sheets: tuple[Sheet, ...]) -> tuple[Sheet, ...]:
    """Refuse two sheets of one name, which no address could tell apart."""
    names = [sheet.name.casefold() for sheet in sheets]
    for sheet in sheets:
        if names.count(sheet.name.casefold()) > 1:
            raise Rejected(
                "E_DUP_SHEET", f"two sheets are called {sheet.name}; rename or remove one of them"
            )
    return sheets
