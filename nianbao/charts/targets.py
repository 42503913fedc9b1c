"""Charts of targets: levels, attainment, pace, and how each department's targets stand."""

from collections.abc import Sequence
from decimal import Decimal

from nianbao.charts.canvas import HIGHLIGHT, INK, MUTED, NOW, PAPER, RULE, Canvas, Shape
from nianbao.charts.layout import (
    RIGHT,
    Key,
    Scale,
    Told,
    heading,
    notes,
    rows_of,
    scale,
)
from nianbao.charts.scene import Scene, Sketch
from nianbao.charts.typeset import SMALL, width_of
from nianbao.charts.words import whole
from nianbao.figures import Standing
from nianbao.rounding import plain

_GROUPS = {
    "met": "met",
    "done": "met",
    "on_track": "on_track",
    "behind": "behind",
    "missed": "behind",
    "not_done": "behind",
}


LOOKS: dict[str, tuple[Shape, str, bool]] = {
    "met": ("circle", NOW, True),
    "on_track": ("circle", NOW, False),
    "behind": ("triangle", HIGHLIGHT, True),
    "unknown": ("square", RULE, False),
}


_STATES = ("met", "on_track", "behind", "unknown")
_OPERATORS = {">=": "≥", "<=": "≤", "=": ""}


def group(standing: Standing) -> str:
    """How a standing is drawn: met, on_track, behind or unknown."""
    return _GROUPS.get(standing.standing, "unknown")


def state_keys(scene: Scene, standings: Sequence[Standing]) -> list[Key]:
    """A key for the states that occur, the worst first."""
    present = {group(standing) for standing in standings}
    keys = []
    for state in ("behind", "on_track", "met", "unknown"):
        if state in present:
            shape, colour, filled = LOOKS[state]
            keys.append(Key(shape, colour, scene.words.say(f"standing.{state}"), filled))
    return keys


def levels_against_targets(scene: Scene) -> Sketch:
    """Rates by their distance from the target, which is one line for all rows.

    Left of it what is behind, right of it what has reached it; a target of the form ≤ is turned so
    that right is always better. The furthest behind stands at the top. Options: `limit` rows
    (default 12; the rest, nearer to their targets or past them, are counted below), `targets`
    plan or own (the report's own year).
    """
    words = scene.words
    found = sorted(
        (
            standing
            for standing in scene.standings()
            if scene.indicator(standing.indicator).unit == "%" and standing.gap is not None
        ),
        key=_headroom,
    )
    ordered, unknown = _measurable(found)
    if not ordered:
        raise scene.nothing()
    limit = int(scene.option("limit", 12))
    rows, rest = ordered[:limit], ordered[limit:]
    canvas = Canvas()
    y = heading(canvas, state_keys(scene, rows), words.say("unit", unit="%")) + 24
    names = [scene.dated_name(standing) for standing in rows]
    pads = _room_for_gaps(scene, rows)
    lines = rows_of(canvas, y, names, [_level(scene, standing) for standing in rows], pads)
    reach = [0.0, *(float(_headroom(standing)) for standing in rows)]
    low, high = min(reach), max(reach)
    low, high = (low, high) if low < high else (-1.0, 1.0)
    at = scale(low, high, lines.left, lines.right)
    for row, standing in enumerate(rows):
        _distance(canvas, scene, standing, at, lines.middle(row))
    text = words.say("levels.target")
    canvas.line([(at(0), lines.top), (at(0), lines.bottom)], INK, 1.3)
    canvas.text(at(0), y - 13, text, size=SMALL, colour=MUTED, align="center")
    height = notes(canvas, lines.bottom, [_left_out(scene, rest), _unmeasured(scene, unknown)])
    shown = tuple((standing.indicator, standing.place) for standing in rows)
    alt = _levels_alt(scene, ordered)
    met = sum(group(standing) == "met" for standing in ordered)
    summary = {"met": str(met), "count": str(len(ordered))}
    return Sketch(canvas, height, "%", shown, alt, summary)


def _headroom(standing: Standing) -> Decimal:
    """How much better than its target a level is, as printed; below zero while it is behind."""
    return -(standing.gap or Decimal(0))


def _level(scene: Scene, standing: Standing) -> Told:
    target = scene.words.say("target_is", target=_target(scene, standing))
    return Told(_value(scene, standing), target)


def _value(scene: Scene, standing: Standing) -> str:
    """The standing's value as its figure is printed."""
    return scene.words.value(scene.figures.figure(standing.indicator, standing.place))


def _target(scene: Scene, standing: Standing) -> str:
    if standing.target is None:
        return scene.words.say("nothing")
    unit = scene.indicator(standing.indicator).unit
    target = scene.words.amount(whole(standing.target), unit)
    return _OPERATORS.get(standing.op, "") + target


def _distance(canvas: Canvas, scene: Scene, standing: Standing, at: Scale, y: float) -> None:
    """A dot with a stem from the target, and the printed distance at its outer side."""
    shape, colour, filled = LOOKS[group(standing)]
    room = _headroom(standing)
    x = at(room)
    canvas.line([(at(0), y), (x, y)], colour, 2.5)
    canvas.mark(x, y, shape, colour, filled=filled)
    canvas.text(
        x + (-13 if room < 0 else 13),
        y,
        _gap(scene, room),
        size=SMALL,
        colour=colour if room < 0 else INK,
        align="right" if room < 0 else "left",
    )


def _gap(scene: Scene, room: Decimal) -> str:
    """How far a level is from its target, as it stands beside the dot."""
    key = "levels.short" if room < 0 else "levels.over" if room > 0 else "levels.even"
    return scene.words.say(key, gap=plain(abs(room)))


def _room_for_gaps(scene: Scene, rows: Sequence[Standing]) -> tuple[float, float]:
    """What the printed distances need at either side of the dots."""
    wide: dict[bool, float] = {True: 0.0, False: 0.0}
    for standing in rows:
        room = _headroom(standing)
        wide[room < 0] = max(wide[room < 0], 13 + width_of(_gap(scene, room), SMALL))
    return 10 + wide[True], 14 + wide[False]


def _left_out(scene: Scene, rest: Sequence[Standing]) -> str:
    if not rest:
        return ""
    return scene.words.say("levels.rest", count=len(rest), states=counted(scene, rest))


def _measurable(standings: Sequence[Standing]) -> tuple[list[Standing], int]:
    """Those that say something about this period, and how many (annual ones) do not."""
    known = [standing for standing in standings if group(standing) != "unknown"]
    return known, len(standings) - len(known)


def _unmeasured(scene: Scene, count: int) -> str:
    return scene.words.say("standing.unmeasured", count=count) if count else ""


def counted(scene: Scene, standings: Sequence[Standing]) -> str:
    """How many are in each state, states without any left out: 12项已达到、16项未达到."""
    counts = {state: sum(group(s) == state for s in standings) for state in _STATES}
    words = scene.words
    return words.listed(
        [
            words.say("standing.counted", count=count, state=words.say(f"standing.{state}"))
            for state, count in counts.items()
            if count
        ]
    )


def _levels_alt(scene: Scene, ordered: Sequence[Standing]) -> str:
    words = scene.words
    behind = [s for s in ordered if group(s) == "behind"]
    text = words.say("levels.alt", count=len(ordered), states=counted(scene, ordered))
    if behind:
        furthest = behind[0]
        text += words.say(
            "levels.alt_furthest",
            name=scene.name(furthest.indicator),
            value=_value(scene, furthest),
            target=_target(scene, furthest),
        )
    return text


def attainment(scene: Scene) -> Sketch:
    """How much of each target of an amount has been attained, in percent, as bars from zero.

    One line marks 100 %; where the standing has a pace, a tick marks it on each bar. Bars beyond
    option `cap` (default 200) are cut. The lowest stands at the top. Option `targets` plan or own.
    """
    words = scene.words
    found = sorted(
        (
            s
            for s in scene.standings()
            if s.attainment is not None
            and s.op == ">="
            and (scene.chart.indicators or scene.indicator(s.indicator).unit != "%")
        ),
        key=lambda standing: standing.attainment or Decimal(0),
    )
    rows, unknown = _measurable(found)
    if not rows:
        raise scene.nothing()
    canvas = Canvas()
    keys = state_keys(scene, rows)
    kinds = {s.pace_kind for s in rows if s.pace is not None}
    if kinds:
        kind = kinds.pop() if len(kinds) == 1 else "mixed"
        keys.append(Key("tick", INK, words.say(f"attainment.pace_{kind}")))
    y = heading(canvas, keys, words.say("unit", unit="%")) + 24
    told = [_attained(scene, standing) for standing in rows]
    lines = rows_of(canvas, y, [scene.dated_name(s) for s in rows], told)
    cap = float(scene.option("cap", 200))
    high = min(cap, max(100.0, *(float(s.attainment or 0) for s in rows)))
    at = scale(0, high, lines.left, lines.right)
    for row, standing in enumerate(rows):
        _attainment_bar(canvas, standing, at, high, lines.middle(row))
    canvas.line([(at(100), lines.top), (at(100), lines.bottom)], INK, 1.3)
    text = words.say("attainment.whole")
    half = width_of(text, SMALL) / 2
    x = min(at(100), RIGHT - half)
    canvas.text(x, y - 13, text, size=SMALL, colour=MUTED, align="center")
    height = notes(canvas, lines.bottom, [_unmeasured(scene, unknown)])
    shown = tuple((standing.indicator, standing.place) for standing in rows)
    reached = sum(group(standing) == "met" for standing in rows)
    alt = words.say("attainment.alt", count=len(rows), states=counted(scene, rows))
    for key, standing in (("lowest", rows[0]), ("highest", rows[-1])):
        alt += words.say(
            f"attainment.alt_{key}",
            name=scene.name(standing.indicator),
            value=words.amount(standing.attainment, "%"),
        )
    return Sketch(canvas, height, "%", shown, alt, {"reached": str(reached)})


def _attained(scene: Scene, standing: Standing) -> Told:
    words, figure = scene.words, scene.figures.figure(standing.indicator, standing.place)
    target = words.amount(standing.target, figure.unit)
    second = words.say("attainment.of", value=words.value(figure, unit=False), target=target)
    behind = group(standing) == "behind"
    return Told(words.amount(standing.attainment, "%"), second, "first" if behind else "")


def _attainment_bar(canvas: Canvas, standing: Standing, at: Scale, high: float, y: float) -> None:
    share = standing.attainment or Decimal(0)
    colour = HIGHLIGHT if group(standing) == "behind" else NOW
    canvas.bar(at(0), y - 10, at(share), y + 10, colour)
    if float(share) > high:
        canvas.line([(at(high) - 19, y + 12), (at(high) - 9, y - 12)], PAPER, 4)
    shape, _, filled = LOOKS[group(standing)]
    if at(share) - at(0) > 24:
        canvas.mark(at(0) + 12, y, shape, PAPER, size=8)
        if not filled:
            canvas.mark(at(0) + 12, y, shape, colour, size=4)
    if standing.pace is not None:
        canvas.line([(at(standing.pace), y - 15), (at(standing.pace), y + 15)], PAPER, 5)
        canvas.line([(at(standing.pace), y - 15), (at(standing.pace), y + 15)], INK, 2)
