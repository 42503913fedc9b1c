"""An ods before calamine has it: how far it reaches, and its merges, error cells, formulas.

A row or cell may stand for a million (`number-…-repeated`), in a few bytes; empty ones, which
LibreOffice puts at the end of every sheet, are no matter.
Source: OpenDocument 1.3 part 3, 9.1.4 (`table:table-cell`) and 19.676 and following.
"""

import re
from dataclasses import dataclass, field

from nianbao.readers.occupied import Occupied
from nianbao.readers.ooxml import refuse_twins, walk
from nianbao.readers.package import Package
from nianbao.readers.workbook import CellError, Marks, Merge, Rejected, UncachedFormula

CONTENT = "content.xml"
ERROR = re.compile(r"#(?:N/A|[A-Z0-9/]+[!?])|(?:Err|错误):\d+")


@dataclass(slots=True)
class OdsTable:
    """What one table holds beside its values; `foreign`: a copy of another file's sheet."""

    name: str
    marks: Marks = field(default_factory=dict)
    merges: list[Merge] = field(default_factory=list)
    foreign: bool = False


def scan_ods(package: Package) -> dict[str, OdsTable]:
    """Check every part, and find by sheet name what calamine does not say.

    Raises `Rejected`: `E_CORRUPT`, `E_XML_DTD`, `E_ZIP_BOMB`, `E_DIM_LIMIT`, `E_DUP_SHEET`.
    """
    package.check(but=frozenset({CONTENT}))
    if CONTENT not in package.members:
        raise Rejected(
            "E_CORRUPT", "the workbook's content is missing; save the file anew as .xlsx"
        )
    content = _ContentWalk()
    walk(package.pieces(CONTENT), content.start, content.end, content.text)
    refuse_twins(table.name for table in content.tables)
    return {table.name: table for table in content.tables}


class _ContentWalk:
    """One pass over content.xml; rows and cells may stand for many (`number-…-repeated`)."""

    def __init__(self) -> None:
        self.occupied = Occupied()
        self.tables: list[OdsTable] = []
        self.depth = 0
        self.row = 0
        self.rows = 1
        self.column = 0
        self.cell: dict[str, str] | None = None
        self.shown = ""
        self.note = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table":
            self.depth += 1
            if self.depth == 1:
                self.tables.append(OdsTable(attributes.get("name", "")))
                self.occupied.begin(self.tables[-1].name)
                self.row, self.rows = 0, 1
        elif name == "table-source" and self.tables:
            self.tables[-1].foreign = True
        elif name == "table-row" and self.depth == 1:
            self.rows = int(attributes.get("number-rows-repeated", 1))
            self.column = 0
        elif name in ("table-cell", "covered-table-cell") and self.depth == 1:
            self.cell, self.shown = attributes, ""
        elif name == "annotation":
            self.note += 1

    def text(self, text: str) -> None:
        if self.cell is not None and not self.note:
            self.shown += text

    def end(self, name: str) -> None:
        if name == "table":
            self.depth -= 1
        elif name == "annotation":
            self.note -= 1
        elif name == "table-row" and self.depth == 1:
            self.row += self.rows
        elif name in ("table-cell", "covered-table-cell") and self.cell is not None:
            columns = int(self.cell.get("number-columns-repeated", 1))
            self._note_cell(self.tables[-1], self.cell, columns)
            self.column += columns
            self.cell = None

    def _note_cell(self, table: OdsTable, cell: dict[str, str], columns: int) -> None:
        down = int(cell.get("number-rows-spanned", 1))
        across = int(cell.get("number-columns-spanned", 1))
        if down > 1 or across > 1:
            top, left = self.row + 1, self.column + 1
            table.merges.append((top, left, top + down - 1, left + across - 1))
        if self.shown or "value-type" in cell or "formula" in cell:
            last_row, last_column = self.row + self.rows, self.column + columns
            self.occupied.reach(last_row, last_column, self.rows * columns)
            if mark := self._mark(cell):
                for row in range(self.row + 1, last_row + 1):
                    for column in range(self.column + 1, last_column + 1):
                        table.marks[row, column] = mark

    def _mark(self, cell: dict[str, str]) -> CellError | UncachedFormula | None:
        """An error by its shown text, and a formula that has neither value nor text.

        LibreOffice says `calcext:value-type="error"` beside an empty string, Excel a float of 0.
        """
        shown, formula = self.shown.strip(), cell.get("formula")
        if formula is not None and ERROR.fullmatch(shown):
            return CellError(shown)
        if formula is not None and not shown and "value-type" not in cell:
            return UncachedFormula(formula)
        return None
