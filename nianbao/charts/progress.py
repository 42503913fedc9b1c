"""Charts of progress: the pace towards annual targets, and how each department stands."""

from collections.abc import Sequence
from decimal import Decimal

from nianbao.charts.canvas import BEFORE, GRID, HIGHLIGHT, INK, MUTED, NOW, PAPER, RULE, Canvas
from nianbao.charts.layout import (
    LEFT,
    RIGHT,
    Key,
    heading,
    notes,
    scale,
)
from nianbao.charts.scene import Scene, Sketch
from nianbao.charts.targets import LOOKS, counted, group, state_keys
from nianbao.charts.typeset import BASE, LEADING, SMALL, width_of, wrap
from nianbao.figures import Standing


def pace(scene: Scene) -> Sketch:
    """Share of the annual target reached by quarter, beside last year's path and the calendar.

    A small picture for each indicator: this year's line ends with the printed attainment. Last
    year's path is its own cumulative share of its year, drawn where all four quarters are known.
    """
    words, year = scene.words, scene.figures.period.year
    panels = []
    for name in scene.chart.indicators:
        standing = scene.figures.standing(name)
        if standing is None or not standing.target or standing.attainment is None:
            continue
        path = _path(scene, name, year, standing.target)
        if len(path) > 1:
            panels.append((standing, path, _seasonal(scene, name, year - 1)))
    if not panels:
        raise scene.nothing()
    canvas = Canvas()
    keys = [
        Key("line", NOW, words.say("pace.now", year=year)),
        Key("line", BEFORE, words.say("pace.before", year=year - 1)),
        Key("dashed", MUTED, words.say("pace.calendar")),
        Key("line", RULE, words.say("pace.target")),
    ]
    y = heading(canvas, keys, words.say("unit", unit="%"))
    columns = min(2, len(panels))
    wide = (RIGHT - LEFT - 24 * (columns - 1)) / columns
    heads = [wrap(scene.name(standing.indicator), wide) for standing, _, _ in panels]
    deep = max(len(lines) for lines in heads) * BASE * LEADING
    tall = deep + 196
    for number, (standing, path, before) in enumerate(panels):
        x = LEFT + (wide + 24) * (number % columns)
        top = y + tall * (number // columns)
        canvas.block(x, top + len(heads[number]) * BASE * LEADING / 2, heads[number], bold=True)
        _panel(canvas, scene, (x, top + deep + 20, wide), (path, before), standing)
    bottom = y + tall * ((len(panels) + columns - 1) // columns)
    height = notes(canvas, bottom - 10, [])
    alt = words.say("pace.alt", now=words.period(scene.figures.period))
    alt += words.listed([_pace_row(scene, standing) for standing, _, _ in panels], "then")
    alt += words.say("stop")
    shown = tuple((standing.indicator, standing.place) for standing, _, _ in panels)
    return Sketch(canvas, height, "%", shown, alt, {"count": str(len(panels))})


def _path(scene: Scene, name: str, year: int, target: Decimal) -> list[float]:
    """Cumulative percent of a target from 0 at New Year, up to the first unknown quarter."""
    path, total = [0.0], Decimal(0)
    for period, value in scene.figures.quarters(name, year):
        if value is None or period > scene.figures.period:
            break
        total += value
        path.append(float(total / target * 100))
    return path


def _seasonal(scene: Scene, name: str, year: int) -> list[float]:
    """Last year's cumulative share of its own year, empty unless all quarters are known."""
    values = [value for _, value in scene.figures.quarters(name, year)]
    known = [value for value in values if value is not None]
    whole = sum(known, Decimal(0))
    if len(known) < 4 or whole <= 0:
        return []
    return [float(sum(known[:count], Decimal(0)) / whole * 100) for count in range(5)]


def _panel(
    canvas: Canvas,
    scene: Scene,
    box: tuple[float, float, float],
    paths: tuple[Sequence[float], Sequence[float]],
    standing: Standing,
) -> None:
    left, top, wide = box
    bottom = top + 118
    now, before = paths
    high = max(100.0, *now) * 1.0
    across = scale(0, 4, left + 4, left + wide - 16)
    up = scale(0, high, bottom, top + 10)
    canvas.line([(left, bottom), (left + wide, bottom)], RULE)
    canvas.line([(left, up(100)), (left + wide, up(100))], RULE)
    for quarter in range(1, 5):
        x = across(quarter) - (across(1) - across(0)) / 2
        text = scene.words.quarter(quarter)
        canvas.text(x, bottom + 14, text, size=SMALL, colour=MUTED, align="center")
    canvas.line([(across(0), up(0)), (across(4), up(100))], MUTED, 1.5, dashed=True)
    if before:
        canvas.line([(across(q), up(share)) for q, share in enumerate(before)], BEFORE, 3)
    canvas.line([(across(q), up(share)) for q, share in enumerate(now)], NOW, 3)
    end = len(now) - 1
    state = group(standing)
    shape, colour, filled = LOOKS[state]
    canvas.mark(across(end), up(now[-1]), shape, colour, filled=filled)
    _end_label(canvas, scene, (across(end), up(now[-1])), box, standing)


def _end_label(
    canvas: Canvas,
    scene: Scene,
    end: tuple[float, float],
    box: tuple[float, float, float],
    standing: Standing,
) -> None:
    """The printed attainment above the line's end."""
    text = scene.words.amount(standing.attainment, "%")
    colour = HIGHLIGHT if group(standing) == "behind" else INK
    half = width_of(text, BASE, True) / 2
    x = min(max(end[0], box[0] + half), box[0] + box[2] - half)
    canvas.bar(x - half - 1, end[1] - 27, x + half + 1, end[1] - 9, PAPER)
    canvas.text(x, end[1] - 18, text, bold=True, colour=colour, align="center")


def _pace_row(scene: Scene, standing: Standing) -> str:
    words = scene.words
    return words.say(
        "pace.alt_row",
        name=scene.name(standing.indicator),
        value=words.amount(standing.attainment, "%"),
        state=words.say(f"standing.{group(standing)}"),
    )


def departments(scene: Scene) -> Sketch:
    """Every target as one mark in the row of the department that answers for it.

    Marks stand the worst first; at the right, how many are reached out of how many. Option
    `targets` plan or own.
    """
    words = scene.words
    by_department: dict[str, list[Standing]] = {}
    for standing in scene.standings():
        department = scene.indicator(standing.indicator).department
        by_department.setdefault(department, []).append(standing)
    if not by_department:
        raise scene.nothing()
    everyone = [s for standings in by_department.values() for s in standings]
    canvas = Canvas()
    y = heading(canvas, state_keys(scene, everyone), words.unit_line("项"))
    names = sorted(by_department, key=lambda name: -len(by_department[name]))
    left = LEFT + max(width_of(line) for name in names for line in wrap(name, 210)) + 20
    told = []
    for name in names:
        met = sum(group(standing) == "met" for standing in by_department[name])
        told.append(words.say("departments.met", met=met, count=len(by_department[name])))
    right = RIGHT - max(width_of(text, BASE, True) for text in told) - 16
    step = min(24.0, (right - left) / max(len(row) for row in by_department.values()))
    deep = max(len(wrap(name, 210)) for name in names) * BASE * LEADING + 12
    order = ("behind", "unknown", "on_track", "met")
    for row, name in enumerate(names):
        middle = y + deep * (row + 0.5)
        canvas.line([(LEFT, middle - deep / 2), (RIGHT, middle - deep / 2)], GRID)
        canvas.block(LEFT, middle, wrap(name, 210))
        marks = sorted(by_department[name], key=lambda s: order.index(group(s)))
        for place, standing in enumerate(marks):
            shape, colour, filled = LOOKS[group(standing)]
            x = left + step * (place + 0.5)
            canvas.mark(x, middle, shape, colour, filled=filled, size=min(12, step - 6))
        canvas.text(RIGHT, middle, told[row], bold=True, align="right")
    height = notes(canvas, y + deep * len(names), [])
    counts = {state: sum(group(s) == state for s in everyone) for state in order}
    alt = words.say(
        "departments.alt",
        count=len(everyone),
        departments=len(names),
        states=counted(scene, everyone),
    )
    shown = tuple((standing.indicator, standing.place) for standing in everyone)
    summary = {state: str(count) for state, count in counts.items()}
    return Sketch(canvas, height, words.unit("项"), shown, alt, summary)
