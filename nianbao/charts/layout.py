"""How a chart's sheet is laid out: scales, keys, notes, and rows between words."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from nianbao.charts.canvas import (
    GRID,
    HIGHLIGHT,
    INK,
    MARGIN,
    MUTED,
    WIDTH,
    Canvas,
    Shape,
)
from nianbao.charts.typeset import BASE, LEADING, SMALL, width_of, wrap

LEFT, RIGHT = MARGIN, WIDTH - MARGIN
ROW = 29.0  # the height of a one-line row

Scale = Callable[[Decimal | float], float]
"""Values to pixels."""


def scale(low: float, high: float, left: float, right: float) -> Scale:
    """Map values to pixels; what lies outside stays at the edge."""
    span = (high - low) or 1.0

    def at(value: Decimal | float) -> float:
        share = (float(value) - low) / span
        return left + min(max(share, 0.0), 1.0) * (right - left)

    return at


def round_up(value: float) -> float:
    """The next number of 1, 1.5, 2, 2.5, 3, 4, 5, 6, 8 times a power of ten: where an axis ends."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    steps = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
    return next(step * power for step in steps if step * power >= value * 0.999999)


@dataclass(frozen=True, slots=True)
class Key:
    """One entry of a key: a bar, a line, a dashed line or a marker, and what it stands for."""

    shape: Shape | Literal["bar", "line", "dashed"]
    colour: str
    text: str
    filled: bool = True


def heading(canvas: Canvas, keys: Sequence[Key], unit: str = "") -> float:
    """Set the key and, at the right, the unit in a strip of their own; return where it ends."""
    if not keys and not unit:
        return MARGIN
    y = MARGIN + BASE / 2
    limit = RIGHT - (width_of(unit, SMALL) + 16 if unit else 0)
    canvas.text(RIGHT, y, unit, size=SMALL, colour=MUTED, align="right")
    x = LEFT
    for key in keys:
        canvas.words.append(key.text)
        for number, line in enumerate(wrap(key.text, limit - LEFT - 30, SMALL)):
            wide = width_of(line, SMALL)
            if x > LEFT and x + 28 + wide > limit:
                x, y = LEFT, y + BASE * 1.4
            if number == 0:
                _sample(canvas, x, y, key)
            canvas.text(x + 28, y, line, size=SMALL, colour=INK)
            x += 28 + wide + 18
    return y + BASE / 2 + 10


def _sample(canvas: Canvas, x: float, y: float, key: Key) -> None:
    if key.shape == "bar":
        canvas.bar(x, y - 7, x + 22, y + 7, key.colour)
    elif key.shape == "line" or key.shape == "dashed":
        canvas.line([(x, y), (x + 22, y)], key.colour, 2.5, dashed=key.shape == "dashed")
    else:
        canvas.mark(x + 11, y, key.shape, key.colour, filled=key.filled)


def notes(canvas: Canvas, y: float, texts: Sequence[str]) -> float:
    """Set notes under the picture; return the height of the sheet."""
    y += 4 if any(texts) else 0
    for text in filter(None, texts):
        y = paragraph(canvas, y, text, SMALL, MUTED)
    return y + MARGIN


def paragraph(
    canvas: Canvas,
    y: float,
    text: str,
    size: float,
    colour: str,
    *,
    bold: bool = False,
    even: bool = True,
) -> float:
    """Set a text over the whole width from y down; return where it ends."""
    lines = wrap(text, RIGHT - LEFT, size, bold, even=even)
    deep = len(lines) * size * LEADING
    middle = y + 0.075 * size + deep / 2
    canvas.block(LEFT, middle, lines, size=size, colour=colour, bold=bold)
    return y + deep


@dataclass(frozen=True, slots=True)
class Told:
    """What stands at the right of a row: a bold line, a small one under it, and which alerts."""

    first: str
    second: str
    alert: Literal["", "first", "second"] = ""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows with a name at the left and words at the right: where the drawing between them goes."""

    left: float
    right: float
    top: float
    step: float
    count: int

    @property
    def bottom(self) -> float:
        """Where the last row ends."""
        return self.top + self.step * self.count

    def middle(self, row: int) -> float:
        """The middle of a row."""
        return self.top + self.step * (row + 0.5)


def rows_of(
    canvas: Canvas,
    top: float,
    names: Sequence[str],
    told: Sequence[Told],
    pads: tuple[float, float] = (16.0, 18.0),
) -> Rows:
    """Write the names and words of rows; between them stays room, less a pad at each side."""
    labels = [wrap(name, 148) for name in names]
    wide = max(width_of(line) for lines in labels for line in lines)
    third = max(max(width_of(one.first, BASE, True), width_of(one.second, SMALL)) for one in told)
    deepest = max(2, *(len(lines) for lines in labels))
    rows = Rows(
        LEFT + wide + pads[0],
        RIGHT - third - pads[1],
        top,
        deepest * BASE * LEADING + 11,
        len(names),
    )
    for row, (lines, one) in enumerate(zip(labels, told, strict=True)):
        middle = rows.middle(row)
        canvas.line([(LEFT, middle - rows.step / 2), (RIGHT, middle - rows.step / 2)], GRID)
        canvas.block(LEFT, middle, lines)
        first = HIGHLIGHT if one.alert == "first" else INK
        second = HIGHLIGHT if one.alert == "second" else MUTED
        canvas.text(RIGHT, middle - 11, one.first, bold=True, colour=first, align="right")
        canvas.text(RIGHT, middle + 11, one.second, size=SMALL, colour=second, align="right")
    return rows


def fitting(values: Sequence[float], unit: str) -> tuple[float, float]:
    """A range a little wider than the values, for dots and lines; a percentage never passes 100."""
    low, high = min(values), max(values)
    pad = (high - low) * 0.08 or max(abs(high) * 0.05, 0.5)
    return low - pad, (min(high + pad, max(100.0, high)) if unit == "%" else high + pad)
