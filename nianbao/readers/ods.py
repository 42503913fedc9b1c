"""What calamine does not say of an ods: merges, error cells, formulas saved without a result.

Source: OpenDocument 1.3 part 3, 9.1.4 (`table:table-cell`) and 19.676 and following.
"""

import re
import zipfile

from nianbao.readers.ooxml import walk
from nianbao.readers.workbook import (
    MOST_CELLS,
    CellError,
    Marks,
    Merge,
    Rejected,
    UncachedFormula,
)

WORTH_A_WALK = re.compile(rb'-spanned="|:formula="|value-type="error"')
ERROR = re.compile(r"#(?:N/A|[A-Z0-9/]+[!?])|(?:Err|错误):\d+")


def scan_ods(archive: zipfile.ZipFile) -> tuple[dict[str, Marks], dict[str, tuple[Merge, ...]]]:
    """Find by sheet name the error cells, the formulas without a result, and the merges."""
    xml = archive.read("content.xml")
    if not WORTH_A_WALK.search(xml):
        return {}, {}
    tables = _TableWalk()
    walk(xml, tables.start, tables.end, tables.text)
    return tables.marks, {name: tuple(merges) for name, merges in tables.merges.items()}


class _TableWalk:
    """One pass over content.xml; rows and cells may stand for many (`number-…-repeated`)."""

    def __init__(self) -> None:
        self.marks: dict[str, Marks] = {}
        self.merges: dict[str, list[Merge]] = {}
        self.table = ""
        self.row = 0
        self.rows = 1
        self.column = 0
        self.cell: dict[str, str] | None = None
        self.shown = ""
        self.note = 0
        self.marked = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table":
            self.table, self.row, self.rows = attributes.get("name", ""), 0, 1
            self.marks.setdefault(self.table, {})
            self.merges.setdefault(self.table, [])
        elif name == "table-row":
            self.rows = int(attributes.get("number-rows-repeated", 1))
            self.column = 0
        elif name in ("table-cell", "covered-table-cell"):
            self.cell, self.shown = attributes, ""
        elif name == "annotation":
            self.note += 1

    def text(self, text: str) -> None:
        if self.cell is not None and not self.note:
            self.shown += text

    def end(self, name: str) -> None:
        if name == "annotation":
            self.note -= 1
        elif name == "table-row":
            self.row += self.rows
        elif name in ("table-cell", "covered-table-cell") and self.cell is not None:
            columns = int(self.cell.get("number-columns-repeated", 1))
            self._note_merge(self.cell)
            self._note_mark(self.cell, columns)
            self.column += columns
            self.cell = None

    def _note_merge(self, cell: dict[str, str]) -> None:
        down = int(cell.get("number-rows-spanned", 1))
        across = int(cell.get("number-columns-spanned", 1))
        if down > 1 or across > 1:
            top, left = self.row + 1, self.column + 1
            self.merges[self.table].append((top, left, top + down - 1, left + across - 1))

    def _note_mark(self, cell: dict[str, str], columns: int) -> None:
        """Mark an error by its shown text, and a formula that has neither value nor text.

        LibreOffice says `calcext:value-type="error"` beside an empty string, Excel a float of 0.
        """
        shown, formula = self.shown.strip(), cell.get("formula")
        mark: CellError | UncachedFormula
        if ERROR.fullmatch(shown) and formula is not None:
            mark = CellError(shown)
        elif formula is not None and not shown and "value-type" not in cell:
            mark = UncachedFormula(formula)
        else:
            return
        self.marked += self.rows * columns
        if self.marked > MOST_CELLS:
            # A repeated row can claim any number of cells in a few bytes.
            raise Rejected("E_DIM_LIMIT", "a formula is repeated over millions of cells")
        for row in range(self.row + 1, self.row + self.rows + 1):
            for column in range(self.column + 1, self.column + columns + 1):
                self.marks[self.table][row, column] = mark
