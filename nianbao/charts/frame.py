"""What a chart says of itself where no page does: a title above it, its source below."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil

from nianbao.charts.canvas import GRID, INK, MARGIN, MUTED, Canvas
from nianbao.charts.layout import LEFT, RIGHT, paragraph

_TITLE, _SMALL = 20.0, 14.0


@dataclass(frozen=True, slots=True)
class Frame:
    """A sheet with a chart's title at its top, its source at its foot, and room between them."""

    title: str
    top: int  # where the room for the chart begins
    height: int
    canvas: Canvas = field(repr=False)

    @classmethod
    def around(cls, height: int, lines: Sequence[str]) -> "Frame":
        """The frame for a chart of a height; an empty line parts what is above from what is below.

        The first line is the title.
        """
        canvas, parting = Canvas(), lines.index("")
        y = paragraph(canvas, MARGIN, lines[0], _TITLE, INK, bold=True) + 2
        for text in lines[1:parting]:
            y = paragraph(canvas, y, text, _SMALL, MUTED, even=False)
        top = ceil(y + MARGIN)
        y = top + height + MARGIN
        canvas.line([(LEFT, y - MARGIN + 1), (RIGHT, y - MARGIN + 1)], GRID)
        for text in filter(None, lines[parting:]):
            y = paragraph(canvas, y, text, _SMALL, MUTED, even=False) + 2
        return cls(lines[0], top, ceil(y + MARGIN), canvas)
