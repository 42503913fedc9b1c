"""Tables: rows and cells of the page laid out on the width of the text."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from nianbao.documents.layout import TEXT_WIDTH
from nianbao.documents.markup import Element, element
from nianbao.documents.paragraphs import Paragraphs
from nianbao.documents.reading import Line, classes, line, lines, on_paper, plain
from nianbao.documents.styles import STYLES

_MANY, _VERY_MANY = 6, 11  # columns: from here on small type; heads set upright
_WORDY = 1.6  # so many times wider than the text wants to be: small type as well
_MARGIN, _NARROW = 80, 45  # twips at either side of a cell, and where there are very many columns
_SLACK = 20
# What is not broken: a figure and its unit, a few characters.
_WORD = re.compile(r"[!-~]+[^ -~]{0,2}|[^ -~]{1,4}")
_LONGEST_WORD = 13.0  # ems; a longer word, such as a path, may be broken
_UPRIGHT_LINE = 1.3  # ems across for a line of upright type
_UPRIGHT_STEP = 1.45  # ems down for a letter of it, in fonts that know no upright type
Side = Literal["left", "right", "center"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its lines, the id of its row where it is the first, how it is set."""

    lines: tuple[Line, ...]
    side: Side = "left"
    span: int = 1


@dataclass(frozen=True, slots=True)
class Row:
    """One row and the id that links lead to."""

    cells: tuple[Cell, ...]
    place: str = ""


@dataclass(frozen=True, slots=True)
class Need:
    """How wide a column must be at least, for nine rows of ten, and for all of them."""

    least: float
    usual: float
    most: float


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

    def written(self, paragraphs: Paragraphs) -> Element:
        """The table as XML: heads repeat on every page, rows stay whole."""
        upright = self.columns >= _VERY_MANY
        margin = _NARROW if upright else _MARGIN
        small = " Small" if self.columns >= _MANY or self._wordy() else ""
        ems = STYLES[f"Table Text{small}"].size * 10
        widths = _shared(self._needs(ems, 2 * margin + _SLACK, upright), TEXT_WIDTH)
        made = element("tbl", self._settings(margin), _grid(widths))
        for row in self.head:
            height = _height(row, ems) if upright else 0
            made.append(_row(row, widths, paragraphs, f"Table Head{small}", height))
        for row in self.body:
            made.append(_row(row, widths, paragraphs, f"Table Text{small}"))
        return made

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

    def _wordy(self) -> bool:
        needs = self._needs(STYLES["Table Text"].size * 10, 2 * _MARGIN, upright=False)
        return sum(need.most for need in needs) > _WORDY * TEXT_WIDTH

    def _needs(self, ems: int, around: int, upright: bool) -> list[Need]:
        """What every column needs, in twips."""
        found: list[list[tuple[float, float]]] = [[] for _ in range(self.columns)]
        for row in (*self.head, *self.body):
            place = 0
            for cell in row.cells:
                if cell.span == 1:
                    found[place].append(_need(cell, upright and row in self.head))
                place += cell.span
        return [_column(column, ems, around) for column in found]


def grid_of(table: Element) -> Grid:
    """Read a table of the page."""
    rows = [found for found in table.iter("tr") if on_paper(found)]
    head = [found for found in rows if found.getparent().tag == "thead"]
    captions = [line(found) for found in table.iter("caption")]
    return Grid(
        tuple(_read(found) for found in head),
        tuple(_read(found) for found in rows if found not in head),
        captions[0] if captions else (),
        table.get("aria-label") or table.getparent().get("aria-label", ""),
    )


def _read(row: Element) -> Row:
    cells = []
    for found in row.iter("td", "th"):
        kinds = classes(found)
        cells.append(
            Cell(
                tuple(lines(found)),
                "right" if "num" in kinds else "left",
                int(found.get("colspan", 1)),
            )
        )
    return Row(tuple(cells), row.get("id", ""))


# --- widths ---------------------------------------------------------------------------------------


def width_in_ems(text: str) -> float:
    """How wide text is, in characters, where the Latin font is a wide one."""
    return sum(
        1.0 if not letter.isascii() else 0.8 if letter.isupper() else 0.65 for letter in text
    )


def _need(cell: Cell, upright: bool) -> tuple[float, float]:
    """The narrowest width of a cell, and the one at which no line of it breaks, in ems."""
    if upright and cell.side == "right":
        across = _UPRIGHT_LINE * len(cell.lines)
        return across, across
    texts = [plain(one) for one in cell.lines]
    wide = max(map(width_in_ems, texts), default=0.0)
    words = [width_in_ems(word) for text in texts for word in _WORD.findall(text)]
    return min(max(words, default=0.0), _LONGEST_WORD), wide


def _column(cells: Sequence[tuple[float, float]], ems: int, around: int) -> Need:
    wide = sorted(width for _, width in cells)
    least = max(narrow for narrow, _ in cells)
    usual = max(least, wide[(len(wide) - 1) * 9 // 10])
    return Need(*(width * ems + around for width in (least, usual, max(usual, wide[-1]))))


def _shared(needs: Sequence[Need], room: int) -> list[int]:
    """Share out the room: no number is broken, most rows stay on one line, then what they like."""
    least, usual, most = zip(*((need.least, need.usual, need.most) for need in needs), strict=True)
    if sum(most) <= room:
        found = [width * room / sum(most) for width in most]
    elif sum(usual) <= room:
        found = _filled(usual, most, room)
    elif sum(least) <= room:
        found = _filled(least, usual, room)
    else:
        found = [width * room / sum(least) for width in least]
    widths = [int(width) for width in found]
    widths[widths.index(max(widths))] += room - sum(widths)
    return widths


def _filled(least: Sequence[float], wanted: Sequence[float], room: int) -> list[float]:
    """Widths between the two that take up the room; the widest give way first."""
    low, high = 0.0, max(wanted)
    for _ in range(40):
        level = (low + high) / 2
        taken = sum(max(a, min(b, level)) for a, b in zip(least, wanted, strict=True))
        low, high = (level, high) if taken <= room else (low, level)
    return [max(a, min(b, low)) for a, b in zip(least, wanted, strict=True)]


def _height(row: Row, ems: int) -> int:
    """How high a head of upright words must be."""
    longest = max(
        (width_in_ems(plain(one)) for cell in row.cells for one in cell.lines), default=0.0
    )
    return round(longest * ems * _UPRIGHT_STEP) + 2 * _MARGIN


# --- writing --------------------------------------------------------------------------------------


def _grid(widths: Sequence[int]) -> Element:
    return element("tblGrid", *(element("gridCol", w=width) for width in widths))


def _row(
    row: Row, widths: Sequence[int], paragraphs: Paragraphs, style: str, height: int = 0
) -> Element:
    in_head = style.startswith("Table Head")
    made = element(
        "tr",
        element(
            "trPr",
            element("cantSplit"),
            element("trHeight", val=height, hRule="atLeast") if height else None,
            element("tblHeader") if in_head else None,
        ),
    )
    paragraphs.mark(row.place)
    place = 0
    for cell in row.cells:
        width = sum(widths[place : place + cell.span])
        upright = bool(height) and cell.side == "right"
        made.append(_cell(cell, width, paragraphs, style, upright=upright))
        place += cell.span
    return made


def _cell(cell: Cell, width: int, paragraphs: Paragraphs, style: str, *, upright: bool) -> Element:
    in_head = style.startswith("Table Head")
    made = element(
        "tc",
        element(
            "tcPr",
            element("tcW", w=width, type="dxa"),
            element("gridSpan", val=cell.span) if cell.span > 1 else None,
            element("textDirection", val="tbRl") if upright else None,
            element("vAlign", val="center" if upright else "bottom" if in_head else "top"),
        ),
    )
    side = element("jc", val=cell.side) if cell.side != "left" and not upright else None
    late = [side] if side is not None else []
    for one in cell.lines or ((),):
        made.append(paragraphs.of(style, one, (), late))
        late = [element("jc", val=cell.side)] if late else []
    return made
