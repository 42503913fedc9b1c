"""Tables: rows and cells of the page laid out on the width of the text."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from nianbao.documents.layout import TEXT_WIDTH
from nianbao.documents.looks import Look, Style
from nianbao.documents.markup import Element, element
from nianbao.documents.paragraphs import Paragraphs
from nianbao.documents.reading import Line, Piece, classes, joined, line, lines, on_paper, plain
from nianbao.documents.widths import Need, column, longest_word, shared, width_in_ems

_MANY, _VERY_MANY = 6, 11  # columns: from here on small type; heads set upright
_WORDY = 1.6  # so many times wider than the text wants to be: small type as well
_MARGIN, _NARROW = 80, 45  # twips at either side of a cell, and where the columns need the room
_USUAL = (("", _MARGIN),)
_SMALLER = ((" Small", _MARGIN), (" Small", _NARROW))
_SLACK = 20
_MARK = 0.85  # so wide is a word in a frame, in its smaller type
_BOLD = 1.2  # so many times wider are letters of a bold head
_TOGETHER = 2  # rows at the end of a table that are not left alone
_TURNED_LINE = 1.3  # ems across for a line of a turned head
_STACKED = 1.45  # ems down for a letter of it, in fonts that know no upright type
_FOLDED, _SHORT = 0.6, 8.0  # of a line's length where it is folded once; shorter ones are not
Turn = Literal["", "tbRl", "btLr"]
Side = Literal["left", "right", "center"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its lines, how they are set, the columns and rows it takes up.

    What a cell of an earlier row takes up here is a cell as well, `joined` to that one.
    """

    lines: tuple[Line, ...]
    side: Side = "left"
    span: int = 1
    rows: int = 1
    joined: bool = False
    turn: Turn = ""

    def turned(self, turn: Turn) -> "Cell":
        """The cell with its words down the page; Latin words are one text, read from below."""
        if self.side != "right":
            return self
        whole = (joined(self.lines, Piece(" ")),)
        return replace(self, turn=turn, lines=self.lines if turn == "tbRl" else whole)

    def across(self) -> tuple[float, float]:
        """Its narrowest width, and the one at which no line of it breaks, in ems."""
        texts = [plain(one) for one in self.lines]
        wide = max(map(width_in_ems, texts), default=0.0)
        if self.turn:
            folds = 1 + (self.turn == "btLr" and wide > _SHORT)
            return (_TURNED_LINE * len(texts) * folds,) * 2
        marks = [_MARK * width_in_ems(one.text) for each in self.lines for one in each if one.mark]
        unmarked = [plain(tuple(one for one in each if not one.mark)) for each in self.lines]
        return max(longest_word(unmarked), *marks, 0.0), wide

    def down(self) -> float:
        """How much a turned cell needs down the page, in ems."""
        texts = [plain(one) for one in self.lines] if self.turn else []
        wide = max(map(width_in_ems, texts), default=0.0)
        if self.turn == "btLr" and wide > _SHORT:
            return max(wide * _FOLDED, longest_word(texts))
        return wide * _STACKED if self.turn == "tbRl" else wide


@dataclass(frozen=True, slots=True)
class Row:
    """One row and the id that links lead to."""

    cells: tuple[Cell, ...]
    place: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: rows of the head, rows of the body; `label` says what it is, for who cannot see."""

    head: tuple[Row, ...]
    body: tuple[Row, ...]
    caption: Line
    label: str

    @classmethod
    def of_lines(cls, rows: Iterable[Sequence[Line]], label: str, numbers: Sequence[int]) -> "Grid":
        """A table without a head from plain lines; the columns of numbers stand to the right."""
        body = (
            Row(
                tuple(
                    Cell((one,) if one else (), "right" if place in numbers else "left")
                    for place, one in enumerate(row)
                )
            )
            for row in rows
        )
        return cls((), tuple(body), (), label)

    @property
    def columns(self) -> int:
        """How many columns the widest row has."""
        return max(sum(cell.span for cell in row.cells) for row in (*self.head, *self.body))

    def written(self, paragraphs: Paragraphs) -> tuple[Element, int]:
        """The table as XML, and about how high it is.

        Heads repeat on every page; rows stay whole, and the first and last not alone.
        """
        styles = paragraphs.look.styles
        upright = self.columns >= _VERY_MANY
        grid = self._turned("tbRl" if paragraphs.look.grid else "btLr") if upright else self
        small = self.columns >= _MANY or grid._wordy(styles["Table Text"])
        size, margin = grid._fitting(styles, _SMALLER if small else _USUAL, upright=upright)
        head, text = styles[f"Table Head{size}"], styles[f"Table Text{size}"]
        widths = shared(grid._needs(text, 2 * margin + _SLACK), TEXT_WIDTH)
        made = element("tbl", self._settings(margin), _grid(widths))
        last = len(self.body) - 1
        for row in grid.head:
            made.append(_row(row, widths, paragraphs, head))
        for number, row in enumerate(self.body):
            keep = number != last and (number == 0 or number >= last - _TOGETHER)
            made.append(_row(row, widths, paragraphs, text, keep=keep))
        rows = [(row, head) for row in grid.head] + [(row, text) for row in self.body]
        look = paragraphs.look
        return made, sum(_height(row, widths, look, style, 2 * margin) for row, style in rows)

    def _fitting(
        self, styles: Mapping[str, Style], sizes: Sequence[tuple[str, int]], *, upright: bool
    ) -> tuple[str, int]:
        """The first size of type, and margin of a cell, at which no word has to be broken."""
        tried = [(size, _NARROW if upright else margin) for size, margin in sizes]
        for size, margin in tried:
            needs = self._needs(styles[f"Table Text{size}"], 2 * margin + _SLACK)
            if sum(need.least for need in needs) <= TEXT_WIDTH:
                return size, margin
        return tried[-1]

    def _turned(self, turn: Turn) -> "Grid":
        """The table with its heads turned, where its columns are too many."""
        head = (Row(tuple(cell.turned(turn) for cell in row.cells), row.place) for row in self.head)
        return replace(self, head=tuple(head))

    def _settings(self, margin: int) -> Element:
        sides = (element(side, w=margin, type="dxa") for side in ("left", "right"))
        return element(
            "tblPr",
            element("tblStyle", val="Statistics"),
            element("tblW", w=TEXT_WIDTH, type="dxa"),
            element("tblLayout", type="fixed"),
            element("tblCellMar", *sides),
            element("tblLook", firstRow=int(bool(self.head)), lastRow=0, noHBand=1, noVBand=1),
            element("tblCaption", val=plain(self.caption) or self.label),
        )

    def _wordy(self, style: Style) -> bool:
        needs = self._needs(style, 2 * _MARGIN)
        return sum(need.most for need in needs) > _WORDY * TEXT_WIDTH

    def _needs(self, style: Style, around: int) -> list[Need]:
        """What every column needs, in twips."""
        found: list[list[tuple[float, float]]] = [[] for _ in range(self.columns)]
        for row in (*self.head, *self.body):
            place = 0
            for cell in row.cells:
                bold = _BOLD if row in self.head and not cell.turn else 1.0
                if cell.span == 1:
                    least, most = cell.across()
                    found[place].append((least * bold, most * bold))
                place += cell.span
        return [column(cells, style.size * 10, around) for cells in found]


def grid_of(table: Element) -> Grid:
    """Read a table of the page."""
    rows = [found for found in table.iter("tr") if on_paper(found)]
    head = [found for found in rows if found.getparent().tag == "thead"]
    captions = [line(found) for found in table.iter("caption")]
    return Grid(
        _read(head),
        _read([found for found in rows if found not in head]),
        captions[0] if captions else (),
        table.get("aria-label") or table.getparent().get("aria-label", ""),
    )


def _read(rows: Sequence[Element]) -> tuple[Row, ...]:
    """Rows of cells; where a cell reaches down, the rows below have one that is joined to it."""
    done: list[Row] = []
    below: dict[int, Cell] = {}  # by column, what reaches into the next row
    for row in rows:
        cells: list[Cell] = []
        above, below, place = below, {}, 0
        waiting = [_cell_of(found) for found in row.iter("td", "th")]
        while waiting or place in above:
            cell = above.pop(place) if place in above else waiting.pop(0)
            if cell.rows > 1:
                below[place] = Cell((), cell.side, cell.span, cell.rows - 1, joined=True)
            cells.append(cell)
            place += cell.span
        done.append(Row(tuple(cells), row.get("id", "")))
    return tuple(done)


def _cell_of(found: Element) -> Cell:
    side: Side = "right" if "num" in classes(found) else "left"
    span, rows = (int(found.get(name, 1)) for name in ("colspan", "rowspan"))
    return Cell(tuple(lines(found)), side, span, rows)


# --- writing --------------------------------------------------------------------------------------


def _grid(widths: Sequence[int]) -> Element:
    return element("tblGrid", *(element("gridCol", w=width) for width in widths))


def _height(row: Row, widths: Sequence[int], look: Look, style: Style, around: int) -> int:
    """About how high a row is."""
    heights, place = [style.line], 0
    for cell in row.cells:
        room = max(sum(widths[place : place + cell.span]) - around, 1)
        lined = () if cell.turn else cell.lines
        heights.append(sum(look.height(style, plain(one), room) for one in lined))
        place += cell.span
    return max(*heights, _down(row, style))


def _down(row: Row, style: Style) -> int:
    """How high a row of turned cells must be; 0 where none is."""
    longest = max((cell.down() for cell in row.cells), default=0.0)
    return round(longest * style.size * 10) + 2 * _MARGIN if longest else 0


def _row(
    row: Row, widths: Sequence[int], paragraphs: Paragraphs, style: Style, *, keep: bool = False
) -> Element:
    height = _down(row, style)
    made = element(
        "tr",
        element(
            "trPr",
            element("cantSplit"),
            element("trHeight", val=height, hRule="atLeast") if height else None,
            element("tblHeader") if style.keep_next else None,
        ),
    )
    paragraphs.mark(row.place)
    place = 0
    for cell in row.cells:
        width = sum(widths[place : place + cell.span])
        made.append(_cell(cell, width, paragraphs, style, keep=keep))
        place += cell.span
    return made


def _cell(cell: Cell, width: int, paragraphs: Paragraphs, style: Style, *, keep: bool) -> Element:
    merged = {"val": "restart"} if cell.rows > 1 and not cell.joined else {}
    made = element(
        "tc",
        element(
            "tcPr",
            element("tcW", w=width, type="dxa"),
            element("gridSpan", val=cell.span) if cell.span > 1 else None,
            element("vMerge", **merged) if cell.rows > 1 or cell.joined else None,
            element("textDirection", val=cell.turn) if cell.turn else None,
            element("vAlign", val=_stand(cell, style)),
        ),
    )
    for one in cell.lines or ((),):
        early = (element("keepNext"),) if keep else ()
        side = () if cell.side == "left" or cell.turn else (element("jc", val=cell.side),)
        made.append(paragraphs.of(style.name, one, early, side))
    return made


def _stand(cell: Cell, style: Style) -> str:
    if cell.turn:
        return "center"
    return "bottom" if style.keep_next else "top"
