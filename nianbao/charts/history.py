"""Indicators over as many years as their tables hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from nianbao.charts.canvas import GRID, HIGHLIGHT, INK, MUTED, NOW, RULE, Canvas, Shape
from nianbao.charts.layout import LEFT, RIGHT, Key, Scale, heading, round_up, scale
from nianbao.charts.scene import Scene, Sketch
from nianbao.charts.typeset import BASE, LEADING, SMALL, spread, width_of
from nianbao.charts.words import Words

_LEAST_YEARS = 3  # fewer are said in a sentence
_APART = 70.0  # pixels from one value written to the next
_STYLES: tuple[tuple[Shape, str], ...] = (
    ("circle", NOW),
    ("diamond", HIGHLIGHT),
    ("square", MUTED),
)


@dataclass(frozen=True, slots=True)
class _Line:
    """One indicator: its years in order, and how it is drawn."""

    name: str
    years: tuple[tuple[int, Decimal], ...]
    shape: Shape
    colour: str


def history(scene: Scene) -> Sketch:
    """One to three indicators of one unit over the years, a line each, from zero.

    A year without a value leaves a gap. Named is the last value of each line, and of a single line
    the first, the highest and the lowest too.
    """
    words, unit = scene.words, scene.common_unit()
    lines = [
        _Line(name, years, shape, colour)
        for name, (shape, colour) in zip(scene.chart.indicators, _STYLES, strict=False)
        if len(years := scene.figures.years(name)) >= _LEAST_YEARS
    ]
    if not lines:
        raise scene.nothing()
    canvas = Canvas()
    keys = [Key(line.shape, line.colour, scene.name(line.name)) for line in lines]
    y = heading(
        canvas,
        keys if len(scene.chart.indicators) > 1 else [],
        words.unit_line(unit),
    )
    top, bottom = y + 24, y + 24 + 230
    highest = round_up(max(float(value) for line in lines for _, value in line.years))
    up = scale(0, highest, bottom, top)
    left = _ruled(canvas, scene.words, up, highest)
    first, last = (end(year for line in lines for year, _ in line.years) for end in (min, max))
    along = scale(first, last, left + 12, RIGHT - 20 - max(_width(words, line) for line in lines))
    _years_below(canvas, along, (first, last), bottom)
    for line in lines:
        _drawn(canvas, line, along, up)
    _ends(canvas, words, lines, up, (top, bottom - BASE))
    if len(lines) == 1:
        _peaks(canvas, words, lines[0], (along, up), bottom)
    shown = tuple((line.name, scene.district) for line in lines)
    summary = {"first": str(first), "last": str(last)}
    return Sketch(canvas, bottom + 44, words.unit(unit), shown, _alt(scene, lines), summary)


def _ruled(canvas: Canvas, words: Words, up: Scale, highest: float) -> float:
    """Lines across at nothing, half and the top, with their values; returns where they begin."""
    marks = [Decimal(0), Decimal(str(highest)) / 2, Decimal(str(highest))]
    texts = [words.number(mark.normalize()) for mark in marks]
    left = LEFT + max(width_of(text, SMALL) for text in texts) + 8
    for mark, text in zip(marks, texts, strict=True):
        canvas.line([(left, up(mark)), (RIGHT, up(mark))], GRID if mark else RULE)
        canvas.text(left - 8, up(mark), text, size=SMALL, colour=MUTED, align="right")
    return left


def _years_below(canvas: Canvas, along: Scale, span: tuple[int, int], bottom: float) -> None:
    """The first and the last year, and the fives and tens between that keep clear of both."""
    first, last = span
    step = next(step for step in (1, 2, 5, 10, 20, 50) if (last - first) / step <= 8)
    between = [year for year in range(first, last + 1) if year % step == 0]
    kept = [year for year in between if min(year - first, last - year) >= step * 0.8]
    for year in (first, *kept, last):
        canvas.line([(along(year), bottom), (along(year), bottom + 5)], RULE)
        canvas.text(along(year), bottom + 18, str(year), size=SMALL, colour=MUTED, align="center")


def _drawn(canvas: Canvas, line: _Line, along: Scale, up: Scale) -> None:
    for (year, value), (following, next_value) in pairwise(line.years):
        if following == year + 1:
            points = [(along(year), up(value)), (along(following), up(next_value))]
            canvas.line(points, line.colour, 2.5)
    for year, value in line.years:
        canvas.mark(along(year), up(value), line.shape, line.colour, size=5, width=1)


def _ends(
    canvas: Canvas, words: Words, lines: Sequence[_Line], up: Scale, span: tuple[float, float]
) -> None:
    """The last value of every line, beside it and clear of one another."""
    ordered = sorted(lines, key=lambda line: line.years[-1][1], reverse=True)
    wanted = [up(line.years[-1][1]) for line in ordered]
    for line, y in zip(ordered, spread(wanted, BASE * LEADING, *span), strict=True):
        canvas.text(RIGHT, y, _last(words, line), bold=True, colour=line.colour, align="right")


def _peaks(
    canvas: Canvas, words: Words, line: _Line, at: tuple[Scale, Scale], bottom: float
) -> None:
    """The first, the highest and the lowest value of a line, where they keep clear of others."""
    along, up = at
    lowest, highest = _extremes(line)
    start, second, *_, end = line.years
    under = {lowest} | ({start} if second[1] > start[1] else set())  # clear of the line that rises
    taken = [(along(end[0]), up(end[1]))]
    for year, value in dict.fromkeys((highest, lowest, start)):
        beneath = (year, value) in under and up(value) + 18 + BASE / 2 < bottom
        x, y = along(year), up(value) + (18 if beneath else -18)
        if year != end[0] and all(abs(x - a) > _APART or abs(y - b) > BASE for a, b in taken):
            canvas.text(x, y, words.number(value), bold=True, colour=INK, align="center")
            taken.append((x, y))


def _last(words: Words, line: _Line) -> str:
    return words.number(line.years[-1][1])


def _width(words: Words, line: _Line) -> float:
    return width_of(_last(words, line), BASE, bold=True)


def _extremes(line: _Line) -> tuple[tuple[int, Decimal], tuple[int, Decimal]]:
    """The year of the lowest and the year of the highest value; of equals the first."""
    lowest = min(line.years, key=lambda one: one[1])
    return lowest, max(line.years, key=lambda one: one[1])


def _alt(scene: Scene, lines: Sequence[_Line]) -> str:
    """Each line's ends, and its highest and lowest year."""
    words, unit = scene.words, scene.common_unit()
    rows = []
    for line in lines:
        (low_year, low), (high_year, high) = _extremes(line)
        rows.append(
            words.say(
                "history.alt_row",
                name=scene.name(line.name),
                first=line.years[0][0],
                before=words.amount(line.years[0][1], unit),
                last=line.years[-1][0],
                now=words.amount(line.years[-1][1], unit),
                high_year=high_year,
                high=words.amount(high, unit),
                low_year=low_year,
                low=words.amount(low, unit),
            )
        )
    return words.listed(rows, "then") + words.say("stop")
