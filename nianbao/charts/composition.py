"""Parts of a whole, last year and this year."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from nianbao.charts.canvas import GRID, INK, MUTED, PAPER, PARTS, RULE, Canvas
from nianbao.charts.layout import (
    LEFT,
    RIGHT,
    heading,
    notes,
)
from nianbao.charts.scene import Scene, Sketch
from nianbao.charts.typeset import BASE, LEADING, SMALL, spread, width_of, wrap
from nianbao.rounding import plain, round_half


def composition(scene: Scene) -> Sketch:
    """Shares of several amounts as two stacked columns of 100 %, last year and this year.

    The parts stand in the chart's order; beside each its amount and share. A year in which a part
    was not reported, or in which nothing happened, has no column.
    """
    words, period = scene.words, scene.figures.period
    figures = [f for f in scene.figures_of() if scene.is_current(f)]
    now = _parts([f.value for f in figures])
    before = _parts([f.previous for f in figures])
    if not figures or now is None:
        raise scene.nothing()
    unit = scene.common_unit()
    names = [scene.name(f.indicator) for f in figures]
    canvas = Canvas()
    y = heading(canvas, [], words.unit_line(unit))
    aside = max(_told_widths(scene, before)) if before else 70.0
    told = [_told(scene, now, index) for index in range(len(now))]
    room = RIGHT - LEFT - aside - 44 - max(width_of(one, SMALL, True) for one in told)
    wide = min(74.0, room / 3)  # a column, and the space between two
    columns = [(LEFT + aside + 22, LEFT + aside + 22 + wide)]
    if before is not None:
        columns.append((columns[0][0] + 2 * wide, columns[0][1] + 2 * wide))
    place = _Labels(columns[-1][1] + 22, names, told)
    years = [_year_lines(words.period(one), 2 * wide - 8) for one in (period.previous, period)]
    top = y + 8 + 18 * max(map(len, years))
    bottom = top + max(300.0, len(figures) * place.room + 24)
    if before is not None:
        _stacked(canvas, before, columns[0], (top, bottom))
        _year(canvas, years[0], columns[0], top, MUTED)
        _joined(canvas, before, now, (columns[0][1], columns[1][0]), (top, bottom))
        _left_labels(canvas, scene, before, columns[0][0], (top, bottom))
    _stacked(canvas, now, columns[-1], (top, bottom))
    _year(canvas, years[1], columns[-1], top, INK)
    _right_labels(canvas, place, now, (top, bottom))
    none = words.say("composition.no_before", before=words.period(period.previous))
    height = notes(canvas, bottom + 12, [none if before is None else ""])
    shown = tuple((f.indicator, f.place) for f in figures)
    order = sorted(range(len(now)), key=lambda i: -now[i])
    alt = words.say(
        "composition.alt",
        now=words.period(period),
        total=words.amount(sum(now, Decimal(0)), unit),
        rows=words.listed(
            [
                words.say(
                    "composition.alt_row",
                    name=names[i],
                    value=words.amount(now[i], unit),
                    share=_share(scene, now, i),
                )
                for i in order
            ]
        ),
    )
    return Sketch(canvas, height, words.unit(unit), shown, alt, {"largest": names[order[0]]})


def _parts(values: Sequence[Decimal | None]) -> list[Decimal] | None:
    """The amounts of one year, if every part was reported and something happened."""
    known = [value for value in values if value is not None]
    return known if len(known) == len(values) and sum(known) > 0 else None


def _share(scene: Scene, parts: Sequence[Decimal], index: int) -> str:
    """A part's share in percent, rounded once from the exact amounts."""
    whole = sum((Fraction(part) for part in parts), Fraction(0))
    share = Fraction(parts[index]) / whole * 100
    if 0 < share < Fraction(5, 100):
        return "<0.1%"  # 0.0 % would say that there was none
    return plain(round_half(share, 1, scene.catalogue.office.rounding)) + "%"


def _edges(parts: Sequence[Decimal], span: tuple[float, float]) -> list[tuple[float, float]]:
    top, bottom = span
    whole = float(sum(parts))
    edges: list[tuple[float, float]] = []
    y = top
    for part in parts:
        edges.append((y, y + float(part) / whole * (bottom - top)))
        y = edges[-1][1]
    return edges


def _stacked(
    canvas: Canvas,
    parts: Sequence[Decimal],
    sides: tuple[float, float],
    span: tuple[float, float],
) -> None:
    for index, (top, bottom) in enumerate(_edges(parts, span)):
        if bottom > top:
            canvas.bar(sides[0], top, sides[1], bottom, PARTS[index % len(PARTS)], edge=PAPER)


def _joined(
    canvas: Canvas,
    before: Sequence[Decimal],
    now: Sequence[Decimal],
    sides: tuple[float, float],
    span: tuple[float, float],
) -> None:
    """Thin lines from each part's border last year to its border this year."""
    for (_, left), (_, right) in zip(_edges(before, span), _edges(now, span), strict=True):
        canvas.line([(sides[0] + 2, left), (sides[1] - 2, right)], GRID, 1.5)


def _year(
    canvas: Canvas, lines: Sequence[str], column: tuple[float, float], top: float, colour: str
) -> None:
    for above, line in enumerate(reversed(lines)):
        y = top - 16 - 18 * above
        canvas.text(sum(column) / 2, y, line, align="center", bold=colour == INK, colour=colour)


def _year_lines(name: str, wide: float) -> tuple[str, ...]:
    return wrap(name, wide, BASE, bold=True)


def _told(scene: Scene, parts: Sequence[Decimal], index: int) -> str:
    """A part's amount and share: 41（42.3%）."""
    share = _share(scene, parts, index)
    return scene.words.say("composition.part", value=scene.words.number(parts[index]), share=share)


def _told_widths(scene: Scene, parts: Sequence[Decimal]) -> list[float]:
    return [width_of(_told(scene, parts, index), SMALL) for index in range(len(parts))]


def _left_labels(
    canvas: Canvas,
    scene: Scene,
    parts: Sequence[Decimal],
    edge: float,
    span: tuple[float, float],
) -> None:
    wanted = [(top + bottom) / 2 for top, bottom in _edges(parts, span)]
    for index, y in enumerate(spread(wanted, 22, span[0] + 10, span[1] - 10)):
        canvas.line([(edge - 16, y), (edge - 2, wanted[index])], RULE)
        text = _told(scene, parts, index)
        canvas.text(edge - 20, y, text, size=SMALL, colour=MUTED, align="right")


class _Labels:
    """Names with their amounts at the right: on one line where all fit, else one above the other.

    `room` is what each needs from its neighbour.
    """

    def __init__(self, x: float, names: Sequence[str], told: Sequence[str]) -> None:
        self.x, self.told = x, told
        space = RIGHT - x
        widths = zip(names, told, strict=True)
        self.beside = all(width_of(n) + 8 + width_of(t, SMALL, True) <= space for n, t in widths)
        self.names = [wrap(name, space) for name in names]
        deepest = max(len(lines) for lines in self.names) + (0 if self.beside else 1)
        self.room = BASE * LEADING * deepest + 4


def _right_labels(
    canvas: Canvas, place: _Labels, parts: Sequence[Decimal], span: tuple[float, float]
) -> None:
    wanted = [(top + bottom) / 2 for top, bottom in _edges(parts, span)]
    half = place.room / 2
    for index, y in enumerate(spread(wanted, place.room, span[0] + half, span[1] - half)):
        canvas.line([(place.x - 20, wanted[index]), (place.x - 4, y)], RULE)
        lines, told = place.names[index], place.told[index]
        if place.beside:
            canvas.text(place.x, y, lines[0])
            canvas.text(place.x + width_of(lines[0]) + 8, y, told, size=SMALL, bold=True)
        else:
            canvas.block(place.x, y - BASE * LEADING / 2, lines)
            under = y + BASE * LEADING * len(lines) / 2
            canvas.text(place.x, under, told, size=SMALL, bold=True)
