"""Charts of this year beside last year: quarters, rates, counts, composition."""

from collections.abc import Sequence

from nianbao.charts.canvas import HIGHLIGHT, MUTED, NOW, PAPER, RULE, Canvas
from nianbao.charts.layout import (
    Key,
    Scale,
    Told,
    fitting,
    heading,
    notes,
    rows_of,
    scale,
)
from nianbao.charts.scene import Scene, Sketch, missing_note, number
from nianbao.charts.typeset import SMALL
from nianbao.figures import Figure


def then_and_now(scene: Scene) -> Sketch:
    """Rates of last year and this year as two dots a row, the change beside them in points.

    Rows stand in the order of the chart's indicators. Orange: a move in the wrong direction.
    """
    words = scene.words
    everyone = [f for f in scene.figures_of() if scene.is_current(f)]
    rows = [f for f in everyone if f.value is not None]
    if not any(f.previous is not None for f in rows):
        raise scene.nothing()
    year = scene.figures.period
    canvas = Canvas()
    keys = [
        Key("circle", MUTED, words.period(year.previous), filled=False),
        Key("circle", NOW, words.period(year)),
    ]
    worse = [f for f in rows if _is_worse(scene, f)]
    if worse:
        keys.append(Key("diamond", HIGHLIGHT, words.say("then_and_now.worse")))
    unit = scene.common_unit()
    y = heading(canvas, keys, words.unit_line(unit))
    told = [Told(words.value(f), words.change(f), "second" if f in worse else "") for f in rows]
    lines = rows_of(canvas, y, [scene.name(f.indicator) for f in rows], told, (50, 48))
    at = _common_scale(rows, lines.left, lines.right)
    for row, figure in enumerate(rows):
        _pair(canvas, scene, figure, at, lines.middle(row))
    absent = [scene.name(f.indicator) for f in everyone if f.value is None]
    height = notes(canvas, lines.bottom, [missing_note(scene, absent, "missing_names")])
    shown = tuple((f.indicator, f.place) for f in rows)
    alt = _moves_alt(scene, rows, "then_and_now")
    return Sketch(canvas, height, words.unit(unit), shown, alt, {"worse": str(len(worse))})


def _common_scale(rows: Sequence[Figure], left: float, right: float) -> Scale:
    values = [float(v) for f in rows for v in (f.value, f.previous) if v is not None]
    units = {f.unit for f in rows}
    return scale(*fitting(values, units.pop() if len(units) == 1 else ""), left, right)


def _is_worse(scene: Scene, figure: Figure) -> bool:
    """Whether it moved in the wrong direction, as far as its change may be printed."""
    better, change = scene.indicator(figure.indicator).better, figure.change
    if change is None or better in ("volume", "context"):
        return False
    return change > 0 if better == "lower" else change < 0


def _pair(canvas: Canvas, scene: Scene, figure: Figure, at: Scale, y: float) -> None:
    bad = _is_worse(scene, figure)
    colour = HIGHLIGHT if bad else NOW
    now = at(number(figure))
    if figure.previous is None:
        canvas.mark(now, y, "circle", colour)
        return
    before = at(figure.previous)
    canvas.line([(before, y), (now, y)], colour, 3)
    canvas.mark(before, y, "circle", MUTED, filled=False)
    canvas.mark(now, y, "diamond" if bad else "circle", colour)
    # Last year's value stands on the side away from this year's dot.
    rightward = now < before
    canvas.text(
        before + (12 if rightward else -12),
        y,
        scene.words.base(figure),
        size=SMALL,
        colour=MUTED,
        align="left" if rightward else "right",
    )


def changes(scene: Scene) -> Sketch:
    """Year-on-year changes of amounts as bars to both sides of zero, the largest rise at the top.

    Beside each bar: the change in words, and both amounts. A change that is no percentage (from
    zero, too small a base, no base) has words and no bar. Option `cap`: longer bars are cut off
    there and marked (default 150 percent).
    """
    words = scene.words
    everyone = [f for f in scene.figures_of() if scene.is_current(f)]
    rows = sorted((f for f in everyone if f.value is not None), key=_rise, reverse=True)
    if not rows or all(f.previous is None for f in rows):
        raise scene.nothing()
    canvas = Canvas()
    y = heading(canvas, [], _compared(scene))
    told = [
        Told(words.change(f), _from_to(scene, f), "first" if _is_worse(scene, f) else "")
        for f in rows
    ]
    lines = rows_of(canvas, y, [scene.name(f.indicator) for f in rows], told)
    shares = [_percent(f) for f in rows]
    ends = _ends([share for share in shares if share is not None], scene.option("cap", 150))
    at = scale(*ends, lines.left, lines.right)
    for row, share in enumerate(shares):
        if share is not None:
            _percent_bar(canvas, at, share, ends, lines.middle(row))
    canvas.line([(at(0), lines.top), (at(0), lines.bottom)], RULE, 1.5)
    absent = [scene.name(f.indicator) for f in everyone if f.value is None]
    height = notes(canvas, lines.bottom, [missing_note(scene, absent, "missing_names")])
    shown = tuple((f.indicator, f.place) for f in rows)
    return Sketch(
        canvas, height, "%", shown, _moves_alt(scene, rows, "changes"), {"rows": str(len(rows))}
    )


def _compared(scene: Scene) -> str:
    period = scene.figures.period
    words = scene.words
    return words.say("changes.key", now=words.period(period), before=words.period(period.previous))


def _ends(shares: Sequence[float], cap: float) -> tuple[float, float]:
    """Where the scale of changes begins and ends: 0 is always on it."""
    low, high = max(-cap, min([0.0, *shares])), min(cap, max([0.0, *shares]))
    return (low, high) if low < high else (0.0, 1.0)


def _percent(figure: Figure) -> float | None:
    """How long a change's bar is, in percent; None where the change is no percentage."""
    if figure.change_kind == "same":
        return 0.0
    if figure.change is None or figure.change_kind not in ("percent", "times"):
        return None
    return float(figure.change) * (100 if figure.change_kind == "times" else 1)


def _rise(figure: Figure) -> tuple[int, float]:
    """Percentages from the largest rise to the deepest fall, then what has no percentage."""
    share = _percent(figure)
    return (1, share) if share is not None else (0, 0.0)


def _from_to(scene: Scene, figure: Figure) -> str:
    words = scene.words
    if figure.previous is None:
        return words.value(figure)
    return words.say("changes.from_to", before=words.base(figure), now=words.value(figure))


def _percent_bar(
    canvas: Canvas, at: Scale, share: float, ends: tuple[float, float], y: float
) -> None:
    """A bar from zero; one that passes the end of the scale is cut by a white slash."""
    colour = NOW if share >= 0 else RULE
    start, end = sorted((at(0), at(share)))
    canvas.bar(start, y - 10, end, y + 10, colour)
    if share > ends[1] or share < ends[0]:
        x = end - 16 if share > 0 else start + 16
        canvas.line([(x - 5, y + 12), (x + 5, y - 12)], PAPER, 4)


def _moves_alt(scene: Scene, rows: Sequence[Figure], kind: str) -> str:
    """How many rose and fell, and the largest rise and fall that have a size."""
    words, period = scene.words, scene.figures.period
    up = sum(f.change is not None and f.change > 0 for f in rows)
    down = sum(f.change is not None and f.change < 0 for f in rows)
    text = words.say(
        f"{kind}.alt",
        now=words.period(period),
        before=words.period(period.previous),
        count=len(rows),
        up=up,
        down=down,
    )
    measured = [f for f in rows if _percent(f) is not None or f.change_kind == "points"]
    ordered = sorted(measured, key=_size)
    for end in (ordered[-1:] if up else []) + (ordered[:1] if down else []):
        text += words.say(
            "moves.alt_row",
            name=scene.name(end.indicator),
            before=words.base(end),
            value=words.value(end),
            change=words.change(end),
        )
    return text + words.say("stop")


def _size(figure: Figure) -> float:
    """A change as a number: percent, or points for a rate."""
    share = _percent(figure)
    return share if share is not None else float(figure.change or 0)
