"""One indicator by quarter, last year beside this year."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Literal

from nianbao.charts.canvas import BEFORE, INK, MUTED, NOW, PAPER, RULE, Canvas
from nianbao.charts.layout import (
    LEFT,
    RIGHT,
    Key,
    fitting,
    heading,
    notes,
    scale,
)
from nianbao.charts.scene import Scene, Sketch, missing_note
from nianbao.charts.typeset import BASE, width_of
from nianbao.period import Period

Quarter = tuple[int, Decimal | None]


def quarters(scene: Scene) -> Sketch:
    """One indicator over the four quarters, last year lighter beside this year.

    Option `style`: columns (from zero; the default for amounts) or line (a range that fits; the
    default for rates). A quarter without a value leaves a gap, never a zero.
    """
    words, name = scene.words, scene.chart.indicators[0]
    year, unit = scene.figures.period.year, scene.indicator(name).unit
    series = [
        [(period.quarter or 0, value) for period, value in scene.figures.quarters(name, one)]
        for one in (year - 1, year)
    ]
    if not any(value is not None for _, value in series[1]):
        raise scene.nothing()
    has_before = any(value is not None for _, value in series[0])
    columns = scene.option("style", "line" if unit == "%" else "columns") == "columns"
    canvas = Canvas()
    shape: Literal["bar", "line"] = "bar" if columns else "line"
    keys = [Key(shape, BEFORE, words.period(Period(year - 1)))] if has_before else []
    keys.append(Key(shape, NOW, words.period(Period(year))))
    y = heading(canvas, keys, words.unit_line(unit))
    top, bottom = y + 24, y + 24 + 190
    centres = [LEFT + (RIGHT - LEFT) * (place + 0.5) / 4 for place in range(4)]
    draw = _columns if columns else _lines
    draw(canvas, series, centres, (top, bottom), scene)
    foot = bottom + (0 if columns else 18)
    for quarter, x in enumerate(centres, 1):
        canvas.text(x, foot + 18, words.quarter(quarter), align="center")
    last = scene.figures.period.quarter or 4
    silent = [
        words.quarter(quarter)
        for quarter in range(1, last + 1)
        if dict(series[1]).get(quarter) is None
    ]
    height = notes(
        canvas,
        foot + 30,
        [
            missing_note(scene, silent, "missing_quarters"),
            "" if columns else words.say("not_from_zero"),
        ],
    )
    alt = _quarters_alt(scene, name, series)
    return Sketch(
        canvas, height, words.unit(unit), ((name, scene.district),), alt, {"name": scene.name(name)}
    )


def _columns(
    canvas: Canvas,
    series: Sequence[Sequence[Quarter]],
    centres: Sequence[float],
    span: tuple[float, float],
    scene: Scene,
) -> None:
    values = [float(v) for one in series for _, v in one if v is not None]
    top, bottom = span
    at = scale(0, max(*values, 0.0) or 1.0, bottom, top)
    for side, one in enumerate(series):
        colour = NOW if side else BEFORE
        for quarter, value in one:
            if value is None:
                continue
            x = centres[quarter - 1] + (2 if side else -62)
            canvas.bar(x, at(value), x + 60, bottom, colour)
            canvas.text(
                x + 30,
                at(value) - 12,
                scene.words.number(value),
                colour=INK if side else MUTED,
                bold=bool(side),
                align="center",
            )
    canvas.line([(LEFT, bottom), (RIGHT, bottom)], RULE)


def _lines(
    canvas: Canvas,
    series: Sequence[Sequence[Quarter]],
    centres: Sequence[float],
    span: tuple[float, float],
    scene: Scene,
) -> None:
    values = [float(v) for one in series for _, v in one if v is not None]
    at = scale(*fitting(values, scene.indicator(scene.chart.indicators[0]).unit), span[1], span[0])
    canvas.line([(LEFT, span[1] + 18), (RIGHT, span[1] + 18)], RULE)
    other = [dict(one) for one in reversed(series)]
    known_of = [[(centres[q - 1], at(v), q, v) for q, v in one if v is not None] for one in series]
    for side, known in enumerate(known_of):
        colour = NOW if side else BEFORE
        for (x, y, q, _), (x2, y2, q2, _) in pairwise(known):
            if q2 == q + 1:
                canvas.line([(x, y), (x2, y2)], colour, 2.5)
    for side, known in enumerate(known_of):
        colour = NOW if side else BEFORE
        for x, y, q, value in known:
            canvas.mark(x, y, "circle", colour, size=10)
            beside = other[side].get(q)
            if value == beside and side == 0:
                continue  # this year's label stands for both
            # The higher of two labels stands above its point, the lower below.
            label_y = y + (-16 if beside is None or value >= beside else 16)
            half = width_of(scene.words.number(value), BASE, True) / 2
            canvas.bar(x - half, label_y - 8, x + half, label_y + 8, PAPER)
            canvas.text(
                x,
                label_y,
                scene.words.number(value),
                colour=INK if side else MUTED,
                bold=bool(side),
                align="center",
            )


def _quarters_alt(scene: Scene, name: str, series: Sequence[Sequence[Quarter]]) -> str:
    words, year = scene.words, scene.figures.period.year
    now = [(quarter, value) for quarter, value in series[1] if value is not None]
    parts = words.listed(
        [words.say("quarter_is", quarter=words.quarter(q), value=words.number(v)) for q, v in now]
    )
    highest = max(value for _, value in now)
    unit = words.unit(scene.indicator(name).unit)
    text = words.say(
        "quarters.alt",
        name=scene.name(name) + (words.say("in_brackets", text=unit) if unit else ""),
        year=year,
        parts=parts,
        best=words.listed([words.quarter(q) for q, v in now if v == highest]),
    )
    before = dict(series[0])
    above = [q for q, v in now if (old := before.get(q)) is not None and v > old]
    if any(before.get(q) is not None for q, _ in now):
        said = [words.quarter(q) for q in above]
        key = "quarters.alt_above" if above else "quarters.alt_none_above"
        text += words.say(key, quarters=words.listed(said))
    return text
