"""The cells of a workbook that hold something, counted and held against the limits as they come.

What a parser would need for a sheet is known before it starts: one cell at XFD1048576 makes it ask
for the memory of seventeen thousand million. Cells that are only formatted do not count.
"""

from collections import Counter
from collections.abc import Sequence

from nianbao.readers.workbook import Rejected, address

MOST_ROWS, MOST_COLUMNS, MOST_CELLS = 200_000, 500, 2_000_000
MOST_AREA = 2 * MOST_CELLS  # of the rectangle from A1 to the last value, whatever lies in it


def place(row: int, column: int) -> int:
    """A cell as one number, for sets of millions of them."""
    return row << 16 | column


class Occupied:
    """How far the sheets of one workbook reach, and how many of their cells hold something."""

    def __init__(self) -> None:
        self._sheet = ""
        self._cells = self._cells_before = 0
        self._height = self._width = 0
        self._seen: set[int] = set()

    def begin(self, sheet: str) -> None:
        """Go on with another sheet, or start the same one over."""
        if sheet != self._sheet:
            self._cells_before = self._cells
        self._sheet, self._cells = sheet, self._cells_before
        self._height = self._width = 0
        self._seen = set()

    def take(self, places: Sequence[int]) -> None:
        """Count cells, each given by its `place`.

        Raises `Rejected`: `E_DUP_CELL` where one was there before, `E_DIM_LIMIT`.
        """
        if not places:
            return
        self.reach(max(places) >> 16, max(each & 0xFFFF for each in places), len(places))
        new = set(places)
        if len(new) < len(places):
            raise self._twice(Counter(places).most_common(1)[0][0])
        if not self._seen.isdisjoint(new):
            raise self._twice(min(self._seen & new))
        self._seen |= new

    def reach(self, row: int, column: int, cells: int) -> None:
        """Count `cells` cells, the lowest of them in `row`, the last in `column`, both from 1.

        Raises `Rejected` `E_DIM_LIMIT`.
        """
        self._cells += cells
        self._height, self._width = max(self._height, row), max(self._width, column)
        if (
            self._height > MOST_ROWS
            or self._width > MOST_COLUMNS
            or self._height * self._width > MOST_AREA
        ):
            corner = address(self._height, self._width)
            raise Rejected(
                "E_DIM_LIMIT",
                f"the sheet {self._sheet} has values as far as {corner}, beyond any form; delete "
                "what stands far outside the table and save the file anew",
                found=corner,
            )
        if self._cells > MOST_CELLS:
            raise Rejected(
                "E_DIM_LIMIT",
                f"the workbook has over {MOST_CELLS:,} filled cells, beyond any form; hand in the "
                "form alone, or a ledger as .csv",
                found=str(MOST_CELLS),
            )

    def _twice(self, found: int) -> Rejected:
        cell = address(found >> 16, found & 0xFFFF)
        return Rejected(
            "E_DUP_CELL",
            f"the file holds the cell {cell} of the sheet {self._sheet} twice; check it, save it "
            "anew as .xlsx and hand it in again",
            found=cell,
        )
