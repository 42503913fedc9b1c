"""The sheet that every chart is drawn on: measured text, few shapes, and small self-contained SVG.

Everything is placed in pixels from the top left, after the words have been measured, so that
nothing overlaps and nothing is cut off whatever the names and numbers are; matplotlib's own axes
would place labels first and discover collisions afterwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.transforms import Affine2D

from nianbao.charts.typeset import BASE, LEADING, OPENING, font, printable

WIDTH = 520  # pixels; its 16-pixel type is still 11 pixels on a 360-pixel telephone
MARGIN = 8.0
# One hue for this year, its grey for last year, one highlight; their lightness differs in grey
# print, blue and orange stay apart for colour-blind readers, and shape or word always says it too.
INK, MUTED, RULE, GRID, PAPER = "#1f2933", "#56616b", "#9aa5ae", "#e1e6ea", "#ffffff"
NOW, BEFORE, HIGHLIGHT = "#2f5d8a", "#b9c4ce", "#c4510f"
# Parts of a whole: neighbours differ in lightness.
PARTS = (
    "#2f5d8a",
    "#a9c3da",
    "#5d87b0",
    "#dbe5ee",
    "#1d3d5c",
    "#8ea3b5",
    "#c9ced3",
    "#6c7a86",
)
WORSE = ((255, 255, 255), (246, 178, 128))  # a heat map's best and worst, both under dark type
Align = Literal["left", "center", "right"]
Shape = Literal["circle", "diamond", "triangle", "tick", "square", "right"]
_SHAPES = {
    "circle": "o",
    "diamond": "D",
    "triangle": "^",
    "tick": "|",
    "square": "s",
    "right": ">",
}


@dataclass(slots=True)
class Canvas:
    """A sheet 520 pixels wide that grows downward; y is measured from the top."""

    artists: list[Artist] = field(default_factory=list)
    words: list[str] = field(default_factory=list)  # all that is written, as it reads

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = BASE,
        colour: str = INK,
        bold: bool = False,
        align: Align = "left",
    ) -> None:
        """Write one line whose middle is at y."""
        self.words.append(text)
        self._line(x, y, text, size=size, colour=colour, bold=bold, align=align)

    def _line(
        self, x: float, y: float, text: str, *, size: float, colour: str, bold: bool, align: Align
    ) -> None:
        if not text.strip():
            return
        if align == "left" and text[0] in OPENING:
            x -= 0.4 * size  # an opening mark hangs out, so that the words stand in line
        # The middle of a Chinese character and of a digit is 0.37 em above the baseline.
        self.artists.append(
            Text(
                x,
                y + 0.37 * size,
                printable(text).rstrip(),
                color=colour,
                horizontalalignment=align,
                verticalalignment="baseline",
                fontproperties=font(bold),
                fontsize=size,
                parse_math=False,
            )
        )

    def block(
        self,
        x: float,
        y: float,
        lines: Sequence[str],
        *,
        size: float = BASE,
        colour: str = INK,
        bold: bool = False,
        align: Align = "left",
    ) -> None:
        """Write the lines of one text, whose common middle is at y."""
        self.words.append("".join(lines))
        top = y - (len(lines) - 1) * size * LEADING / 2
        for number, line in enumerate(lines):
            self._line(
                x,
                top + number * size * LEADING,
                line,
                size=size,
                colour=colour,
                bold=bold,
                align=align,
            )

    def bar(
        self,
        left: float,
        top: float,
        right: float,
        bottom: float,
        colour: str,
        *,
        hatch: str | None = None,
        edge: str | None = None,
    ) -> None:
        """Fill a rectangle; a hatch is drawn in the edge's colour."""
        self.artists.append(
            Rectangle(
                (left, top),
                right - left,
                bottom - top,
                facecolor=colour,
                edgecolor=edge or "none",
                hatch=hatch,
                linewidth=1.0 if edge else 0.0,
            )
        )

    def line(
        self,
        points: Sequence[tuple[float, float]],
        colour: str = RULE,
        width: float = 1.0,
        *,
        dashed: bool = False,
    ) -> None:
        """Join points."""
        xs, ys = zip(*points, strict=True)
        self.artists.append(
            Line2D(
                xs,
                ys,
                color=colour,
                linewidth=width,
                linestyle=(0, (4, 3)) if dashed else "solid",
                solid_capstyle="butt",
            )
        )

    def mark(
        self,
        x: float,
        y: float,
        shape: Shape,
        colour: str,
        *,
        size: float = 11.0,
        filled: bool = True,
        width: float = 2.0,
    ) -> None:
        """Set a marker."""
        self.artists.append(
            Line2D(
                [x],
                [y],
                linestyle="none",
                marker=_SHAPES[shape],
                markersize=size,
                markerfacecolor=colour if filled else PAPER,
                markeredgecolor=colour,
                markeredgewidth=width,
            )
        )

    def finish(self, height: float) -> Figure:
        """Lay everything on a figure of a height in pixels (one pixel is one point)."""
        figure = Figure(figsize=(WIDTH / 72, height / 72), dpi=72, facecolor=PAPER)
        pixels = Affine2D().scale(1 / 72, -1 / 72).translate(0, height / 72)
        for order, artist in enumerate(self.artists):
            artist.set_transform(pixels + figure.dpi_scale_trans)
            artist.set_zorder(order)  # as on paper: what is drawn later lies on top
            figure.add_artist(artist, clip=False)
        return figure


def is_dark(colour: str) -> bool:
    """Whether type on this colour (`#rrggbb`) must be white."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue < 140
