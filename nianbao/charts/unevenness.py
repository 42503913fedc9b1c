"""Charts of what is uneven among townships: a heat map of several indicators, and dispersion."""

from collections.abc import Sequence
from decimal import Decimal

from nianbao.charts.canvas import GRID, INK, MUTED, NOW, PAPER, RULE, WORSE, Canvas
from nianbao.charts.layout import LEFT, RIGHT, ROW, Key, Scale, heading, notes, round_up, scale
from nianbao.charts.scene import (
    Scene,
    Sketch,
    better_first,
    lagging,
    middle,
    missing_note,
    number,
)
from nianbao.charts.typeset import BASE, LEADING, SMALL, clipped, width_of, wrap
from nianbao.figures import Figure
from nianbao.withholding import MARK


def heatmap(scene: Scene) -> Sketch:
    """Townships in official order by several indicators, each cell darker the further it is behind.

    Every column is scaled to its own best and worst; one that is neither good nor bad has no tint.
    The printed values stand in the cells, a missing one is hatched.
    """
    words, names = scene.words, scene.chart.indicators
    columns = [scene.figures.townships(name) for name in names]
    places = _places_of(columns)
    if not places:
        raise scene.nothing()
    canvas = Canvas()
    y = _shade_key(canvas, scene)
    left = LEFT + max(width_of(scene.place_label(code)) for code in places) + 10
    wide = (RIGHT - left) / len(names)
    heads = [_headed(scene, name, wide - 8, SMALL) for name in names]
    deep = max(len(lines) for lines in heads) * SMALL * LEADING
    for number_, lines in enumerate(heads):
        x = left + wide * (number_ + 0.5)
        middle_y = y + deep - len(lines) * SMALL * LEADING / 2
        canvas.block(x, middle_y, lines, size=SMALL, align="center")
    top = y + deep + 6
    for row, code in enumerate(places):
        canvas.text(LEFT, top + ROW * (row + 0.5), scene.place_label(code))
    hatched = False
    for number_, (name, figures) in enumerate(zip(names, columns, strict=True)):
        by_place = {figure.place: figure for figure in figures}
        tint = _tints(scene, name, figures)
        x = left + wide * number_
        for row, code in enumerate(places):
            y = top + ROW * row
            figure = by_place.get(code)
            hatched |= _cell(canvas, scene, figure, (x, y, wide), tint.get(code, PAPER))
    bottom = top + ROW * len(places)
    texts = [words.say("heatmap.missing")] if hatched else []
    if any(f.withheld for figures in columns for f in figures):
        texts.append(words.say("withheld_cells"))
    height = notes(canvas, bottom + 2, texts)
    shown = tuple(
        (f.indicator, f.place) for figures in columns for f in figures if f.value is not None
    )
    alt = words.say("heatmap.alt", places=len(places), names=words.listed(scene.names(names)))
    alt += _heatmap_worst(scene, columns)
    return Sketch(
        canvas, height, words.unit(scene.common_unit()), shown, alt, {"places": str(len(places))}
    )


def _places_of(columns: Sequence[Sequence[Figure]]) -> list[str]:
    """Every township of any column, in the order given, if anything at all is known."""
    if not any(figure.value is not None for figures in columns for figure in figures):
        return []
    return list(dict.fromkeys(figure.place for figures in columns for figure in figures))


def _headed(scene: Scene, name: str, width: float, size: float) -> list[str]:
    """An indicator's name, and its unit in brackets on lines of its own."""
    unit = scene.words.unit(scene.indicator(name).unit)
    brackets = wrap(scene.words.say("in_brackets", text=unit), width, SMALL) if unit else ()
    return [*wrap(scene.name(name), width, size), *brackets]


def _shade_key(canvas: Canvas, scene: Scene) -> float:
    """A strip from best to worst: what the tint means."""
    words, y, steps = scene.words, LEFT + 10.0, 8
    x = LEFT + width_of(words.say("heatmap.best"), SMALL) + 8
    canvas.text(LEFT, y, words.say("heatmap.best"), size=SMALL)
    for step in range(steps):
        colour = _mixed(step / (steps - 1))
        canvas.bar(x + 14 * step, y - 8, x + 14 * (step + 1), y + 8, colour)
    canvas.bar(x, y - 8, x + 14 * steps, y + 8, "none", edge=RULE)
    canvas.text(x + 14 * steps + 8, y, words.say("heatmap.worst"), size=SMALL)
    return y + 22


def _mixed(share: float) -> str:
    best, worst = WORSE
    parts = (round(b + (w - b) * share) for b, w in zip(best, worst, strict=True))
    return "#" + "".join(f"{part:02x}" for part in parts)


def _tints(scene: Scene, name: str, figures: Sequence[Figure]) -> dict[str, str]:
    """A colour for each place, by how far it is from the column's best."""
    better = scene.indicator(name).better
    known = [f for f in figures if f.value is not None]
    if better in ("volume", "context") or not known:
        return {}
    values = [number(f) for f in known]
    low, high = min(values), max(values)
    if low == high:
        return {}
    share = {f.place: float((number(f) - low) / (high - low)) for f in known}
    return {
        place: _mixed(position if better == "lower" else 1 - position)
        for place, position in share.items()
    }


def _cell(
    canvas: Canvas,
    scene: Scene,
    figure: Figure | None,
    box: tuple[float, float, float],
    colour: str,
) -> bool:
    """Draw one cell; True where it is hatched because nothing was reported."""
    x, y, wide = box
    edges = (x + 1, y + 1, x + wide - 1, y + ROW - 1)
    missing = figure is None or (figure.value is None and not figure.withheld)
    if missing:
        canvas.bar(*edges, PAPER, hatch="////", edge=GRID)
        canvas.bar(x + wide / 2 - 14, y + 4, x + wide / 2 + 14, y + ROW - 4, PAPER)
        text = scene.words.say("nothing")
    elif figure is not None and figure.withheld:
        canvas.bar(*edges, PAPER, edge=GRID)
        text = MARK
    else:
        canvas.bar(*edges, colour, edge=GRID)
        text = scene.words.value(figure, unit=False) if figure else ""
    canvas.text(x + wide / 2, y + ROW / 2, text, align="center", colour=INK)
    return missing


def _heatmap_worst(scene: Scene, columns: Sequence[Sequence[Figure]]) -> str:
    """Which township stands last in most columns, where one does in at least two."""
    counts: dict[str, int] = {}
    for figures in columns:
        known = [f for f in figures if f.value is not None]
        if not known or not lagging(scene, known[0].indicator, known):
            continue
        worst = number(better_first(scene, known[0].indicator, known)[-1])
        for figure in known:
            if figure.value == worst:
                counts[figure.place] = counts.get(figure.place, 0) + 1
    most = max(counts.values(), default=0)
    if most < 2:
        return ""
    names = [scene.place(place) for place, count in counts.items() if count == most]
    return scene.words.say("heatmap.alt_worst", names=scene.words.listed(names), count=most)


def dispersion(scene: Scene) -> Sketch:
    """Townships along a line for each indicator, measured by the median township (= 1).

    The extremes are named with their values. An indicator whose median is 0 cannot be measured so
    and is named below. Option `cap`: ratios beyond it are drawn at the edge (default 4).
    """
    words = scene.words
    rows, skipped = _ratios(scene)
    if not rows:
        raise scene.nothing()
    cap = float(scene.option("cap", 4))
    highest = max(float(max(ratios)) for _, _, ratios in rows)
    limit = min(max(round_up(highest), 2.0), cap)
    canvas = Canvas()
    y = heading(canvas, [Key("circle", NOW, words.say("dispersion.key"), filled=False)]) + 20
    labels = [_headed(scene, figures[0].indicator, 150, BASE) for _, figures, _ in rows]
    wide = max(width_of(line) for lines in labels for line in lines)
    tall = max(len(lines) for lines in labels) * BASE * LEADING
    left, right = LEFT + wide + 26, RIGHT - 14
    at = scale(0, limit, left, right)
    step = max(tall + 14, 78.0)
    _ratio_axis(canvas, scene, at, limit, (y, y + step * len(rows)))
    for row, (_, figures, ratios) in enumerate(rows):
        top = y + step * row
        canvas.line([(LEFT, top), (RIGHT, top)], GRID)
        canvas.block(LEFT, top + step / 2, labels[row])
        line = top + 28
        canvas.line([(left, line), (right, line)], RULE)
        for x, offset, beyond in _swarm([at(r) for r in ratios], ratios, cap):
            canvas.mark(
                x,
                line + offset,
                "right" if beyond else "circle",
                NOW,
                size=9,
                filled=False,
                width=1.6,
            )
        _extremes(canvas, scene, figures, (left - 8, RIGHT), top + step - 17)
    bottom = y + step * len(rows)
    note = missing_note(scene, scene.names(skipped), "dispersion.skipped")
    height = notes(canvas, bottom + 4, [note])
    shown = tuple((f.indicator, f.place) for _, figures, _ in rows for f in figures)
    alt = words.say("dispersion.alt", count=len(rows))
    alt += words.listed([_dispersion_alt(scene, figures) for _, figures, _ in rows], "then")
    alt += words.say("stop")
    return Sketch(canvas, height, "", shown, alt, {"indicators": str(len(rows))})


Row = tuple[Decimal, list[Figure], list[Decimal]]


def _ratios(scene: Scene) -> tuple[list[Row], list[str]]:
    """For each indicator its median, its townships and their multiples of the median."""
    rows: list[Row] = []
    skipped: list[str] = []
    for name in scene.chart.indicators:
        figures = scene.figures.townships(name)
        known = [f for f in figures if f.value is not None]
        median = middle([number(f) for f in known]) if known else Decimal(0)
        if len(known) < 3 or median <= 0:
            skipped.append(name)
        else:
            rows.append((median, known, [number(f) / median for f in known]))
    return rows, skipped


def _ratio_axis(
    canvas: Canvas, scene: Scene, at: Scale, limit: float, span: tuple[float, float]
) -> None:
    top, bottom = span
    tick = 0
    while tick <= limit:
        key = "dispersion.median" if tick == 1 else "dispersion.times"
        text = scene.words.say(key, times=tick)
        x = at(tick)
        canvas.line([(x, top), (x, bottom)], MUTED if tick == 1 else GRID, dashed=tick == 1)
        canvas.text(x, top - 12, text, size=SMALL, colour=MUTED, align="center")
        tick += 1


def _swarm(
    places: Sequence[float], ratios: Sequence[Decimal], cap: float
) -> list[tuple[float, float, bool]]:
    """Dots that would cover each other step aside: above and below the line in turn."""
    taken: list[tuple[float, float]] = []
    dots: list[tuple[float, float, bool]] = []
    for x, ratio in sorted(zip(places, ratios, strict=True)):
        offsets = (0.0, -7.0, 7.0, -13.0, 13.0)
        free = [o for o in offsets if all(abs(x - a) + abs(o - b) >= 9 for a, b in taken)]
        offset = free[0] if free else offsets[len(taken) % len(offsets)]
        taken.append((x, offset))
        dots.append((x, offset, float(ratio) > cap))
    return dots


def _extremes(
    canvas: Canvas,
    scene: Scene,
    figures: Sequence[Figure],
    edges: tuple[float, float],
    y: float,
) -> None:
    low, high = min(figures, key=number), max(figures, key=number)
    if number(low) == number(high):
        text = scene.words.say("dispersion.equal", value=scene.words.value(low, unit=False))
        canvas.text(edges[0], y, text, size=SMALL)
        return
    for figure, key, x, align in (
        (low, "dispersion.lowest", edges[0], "left"),
        (high, "dispersion.highest", edges[1], "right"),
    ):
        value = scene.words.value(figure, unit=False)
        room = (edges[1] - edges[0]) / 2 - 6 - width_of(scene.words.say(key, place="", value=value))
        place = clipped(scene.place(figure.place), room)
        text = scene.words.say(key, place=place, value=value)
        canvas.text(x, y, text, size=SMALL, align="left" if align == "left" else "right")


def _dispersion_alt(scene: Scene, figures: Sequence[Figure]) -> str:
    low, high = min(figures, key=number), max(figures, key=number)
    if number(low) == number(high):
        name, value = scene.name(low.indicator), scene.words.value(low)
        return scene.words.say("dispersion.alt_equal", name=name, value=value)
    return scene.words.say(
        "dispersion.alt_row",
        name=scene.name(low.indicator),
        highest=scene.place(high.place),
        highest_value=scene.words.value(high),
        lowest=scene.place(low.place),
        lowest_value=scene.words.value(low),
    )
