"""Charts of townships in a column: ranked by an indicator, and the staff of their stations."""

from collections.abc import Sequence
from decimal import Decimal

from nianbao.charts.canvas import (
    GRID,
    HIGHLIGHT,
    INK,
    MUTED,
    NOW,
    PAPER,
    PARTS,
    RULE,
    Canvas,
    is_dark,
)
from nianbao.charts.layout import (
    LEFT,
    RIGHT,
    ROW,
    Key,
    Scale,
    fitting,
    heading,
    notes,
    round_up,
    scale,
)
from nianbao.charts.scene import (
    Scene,
    Sketch,
    better_first,
    lagging,
    middle,
    missing_note,
    number,
)
from nianbao.charts.typeset import BASE, SMALL, width_of
from nianbao.figures import Figure
from nianbao.rounding import plain


def ranked(scene: Scene) -> Sketch:
    """Rank the townships by one indicator, the best at the top; those that lag are marked.

    Options: `style` bars (from zero) or dots (a range that fits, for rates close together),
    `target` true to draw the district's target. A township without a report is named below.
    """
    words, indicator = scene.words, scene.chart.indicators[0]
    everyone = scene.figures.townships(indicator)
    known = [f for f in everyone if f.value is not None]
    if not known:
        raise scene.nothing()
    ordered = better_first(scene, indicator, known)
    last = lagging(scene, indicator, known)
    unit = scene.indicator(indicator).unit
    standing = scene.figures.standing(indicator) if scene.option("target", False) else None
    target = standing.target if standing else None

    canvas = Canvas()
    said = words.say("ranked.lagging", count=len(last))
    keys = [Key("triangle", HIGHLIGHT, said)] if last else []
    y = heading(canvas, keys, words.unit_line(unit))
    printed = [words.value(f, unit=False) for f in ordered]
    left = _name_column(scene, [f.place for f in ordered])
    right = RIGHT - max(width_of(text, BASE, True) for text in printed) - 14
    values = [float(number(f)) for f in ordered] + ([float(target)] if target is not None else [])
    bars = scene.option("style", "bars") == "bars"
    low, high = (min(0.0, *values), max(0.0, *values) or 1.0) if bars else fitting(values, unit)
    at = scale(low, high, left, right)
    top, bottom = y + 22, y + 22 + ROW * len(ordered)
    median = at(middle([number(f) for f in ordered]))
    for row, figure in enumerate(ordered):
        late = figure.place in last
        _row(canvas, scene, (figure.place, printed[row]), top + ROW * (row + 0.5), late)
        _level(canvas, at, number(figure), top + ROW * (row + 0.5), (left, right, bars, late))
    if bars:
        canvas.line([(at(0), top), (at(0), bottom)], RULE)
    _labelled_line(canvas, median, (top, bottom), words.say("median"), (left, right))
    if target is not None:
        text = words.say("target_is", target=words.amount(target, unit))
        _labelled_line(canvas, at(target), (top, bottom + 6), text, (left, right), below=True)
        bottom += 26
    height = notes(
        canvas, bottom, [*_absent(scene, everyone), "" if bars else words.say("not_from_zero")]
    )
    return Sketch(
        canvas,
        height,
        words.unit(unit),
        tuple((indicator, f.place) for f in ordered),
        _ranked_alt(scene, ordered, last),
        {
            "best": scene.place(ordered[0].place),
            "worst": scene.place(ordered[-1].place),
            "count": str(len(ordered)),
        },
    )


def _name_column(scene: Scene, places: Sequence[str]) -> float:
    """Where the drawing begins, after a column for a mark and one for the names."""
    return LEFT + 20 + max(width_of(scene.place_label(code)) for code in places) + 10


def _row(canvas: Canvas, scene: Scene, told: tuple[str, str], y: float, late: bool) -> None:
    """A place's name at the left, its printed value at the right, both marked where it lags."""
    place, value = told
    if late:
        canvas.mark(LEFT + 8, y, "triangle", HIGHLIGHT, size=9)
    canvas.text(LEFT + 20, y, scene.place_label(place))
    colour = HIGHLIGHT if late else INK
    canvas.text(RIGHT, y, value, bold=late, colour=colour, align="right")


def _level(
    canvas: Canvas, at: Scale, value: Decimal, y: float, look: tuple[float, float, bool, bool]
) -> None:
    """A bar from zero, or a dot on a line from edge to edge."""
    left, right, bar, late = look
    colour = HIGHLIGHT if late else NOW
    if bar:
        canvas.bar(at(0), y - 9, at(value), y + 9, colour)
    else:
        canvas.line([(left, y), (right, y)], GRID)
        canvas.mark(at(value), y, "triangle" if late else "circle", colour)


def _labelled_line(
    canvas: Canvas,
    x: float,
    span: tuple[float, float],
    text: str,
    edges: tuple[float, float],
    *,
    below: bool = False,
) -> None:
    """A vertical line with its name at its end, moved inward where it would be cut off."""
    top, bottom = span
    half = width_of(text, SMALL) / 2
    colour = INK if below else MUTED
    canvas.line([(x, top), (x, bottom)], colour, 1.3, dashed=not below)
    label_x = min(max(x, edges[0] + half), edges[1] - half)
    label_y = bottom + 11 if below else top - 11
    canvas.text(label_x, label_y, text, size=SMALL, colour=colour, align="center")


def _absent(scene: Scene, everyone: Sequence[Figure]) -> list[str]:
    silent = [scene.place(f.place) for f in everyone if f.value is None and not f.withheld]
    withheld = [scene.place(f.place) for f in everyone if f.withheld]
    return [missing_note(scene, silent), missing_note(scene, withheld, "withheld_places")]


def _ranked_alt(scene: Scene, ordered: Sequence[Figure], last: Sequence[str]) -> str:
    words, name = scene.words, scene.name(ordered[0].indicator)
    if number(ordered[0]) == number(ordered[-1]):
        return words.say(
            "ranked.alt_equal", name=name, count=len(ordered), value=words.value(ordered[0])
        )
    ranked_by = scene.indicator(ordered[0].indicator).better
    text = words.say(
        "ranked.alt_volume" if ranked_by in ("volume", "context") else "ranked.alt",
        name=name,
        count=len(ordered),
        first=scene.place(ordered[0].place),
        first_value=words.value(ordered[0]),
        last=scene.place(ordered[-1].place),
        last_value=words.value(ordered[-1]),
    )
    if last:
        names = words.listed([scene.place(code) for code in last])
        text += words.say("ranked.alt_lagging", names=names)
    return text


def staffing(scene: Scene) -> Sketch:
    """Staff of each township's station, the stations with no more than `alone` persons marked.

    One indicator, or several of one unit that are stacked; option `alone` (default 1). Staff are
    posts, not persons under supervision: small counts are shown.
    """
    words, names = scene.words, scene.chart.indicators
    columns = [scene.figures.townships(name) for name in names]
    rows = _staff(columns)
    if not rows:
        raise scene.nothing()
    alone = Decimal(str(scene.option("alone", 1)))
    marked = [code for code, values in rows if sum(values) <= alone]
    unit = scene.common_unit()
    canvas = Canvas()
    keys = [Key("bar", _part(i), scene.name(name)) for i, name in enumerate(names)][
        : len(names) if len(names) > 1 else 0
    ]
    if marked:
        keys.append(Key("triangle", HIGHLIGHT, words.say("staffing.alone", limit=plain(alone))))
    y = heading(canvas, keys, words.unit_line(unit))
    left = _name_column(scene, [code for code, _ in rows])
    single = len(names) == 1
    right = RIGHT - (64 if single else 20)
    at = scale(0, round_up(float(max(sum(values) for _, values in rows))), left, right)
    for row, (code, values) in enumerate(rows):
        middle_y = y + ROW * (row + 0.5)
        few = code in marked
        _row(canvas, scene, (code, scene.words.number(values[0]) if single else ""), middle_y, few)
        _stack(canvas, at, middle_y, values, few and single)
    bottom = y + ROW * len(rows)
    canvas.line([(left, y), (left, bottom)], RULE)
    known = {code for code, _ in rows}
    silent = [scene.place(code) for code in dict.fromkeys(_codes(columns)) if code not in known]
    height = notes(canvas, bottom, [missing_note(scene, silent)])
    shown = tuple((name, code) for code, _ in rows for name in names)
    alt = words.say(
        "staffing.alt",
        count=len(rows),
        name=words.listed(scene.names(names)),
        most=scene.place(rows[0][0]),
        most_value=words.amount(sum(rows[0][1], Decimal(0)), unit),
    )
    key = "staffing.alt_alone" if marked else "staffing.alt_none"
    places = words.listed([scene.place(code) for code in marked])
    alt += words.say(key, count=len(marked), names=places, limit=plain(alone))
    return Sketch(canvas, height, words.unit(unit), shown, alt, {"alone": str(len(marked))})


def _codes(columns: Sequence[Sequence[Figure]]) -> list[str]:
    return [figure.place for figures in columns for figure in figures]


def _staff(columns: Sequence[Sequence[Figure]]) -> list[tuple[str, tuple[Decimal, ...]]]:
    """Townships that reported every part, the best staffed first."""
    reported: dict[str, list[Decimal]] = {}
    for figures in columns:
        for figure in figures:
            if figure.value is not None:
                reported.setdefault(figure.place, []).append(figure.value)
    whole = [(code, tuple(parts)) for code, parts in reported.items() if len(parts) == len(columns)]
    order = {code: place for place, code in enumerate(dict.fromkeys(_codes(columns)))}
    return sorted(whole, key=lambda row: (-sum(row[1]), order[row[0]]))


def _part(index: int) -> str:
    return PARTS[index % len(PARTS)]


def _stack(canvas: Canvas, at: Scale, y: float, values: Sequence[Decimal], highlight: bool) -> None:
    start = Decimal(0)
    for index, value in enumerate(values):
        colour = HIGHLIGHT if highlight else _part(index)
        left, right = at(start), at(start + value)
        canvas.bar(left, y - 9, right, y + 9, colour, edge=PAPER if len(values) > 1 else None)
        text = plain(value)
        if len(values) > 1 and width_of(text, SMALL) + 6 < right - left:
            ink = PAPER if is_dark(colour) else INK
            canvas.text((left + right) / 2, y, text, size=SMALL, colour=ink, align="center")
        start += value
