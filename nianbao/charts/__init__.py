"""The report's pictures: an entry of the outline and the figures become one SVG with its alt text.

A chart is chosen in `catalogue/outline.yml` by its kind, indicators and options; `KINDS` says which
kinds and options there are, and `complaint` what is wrong with an entry.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nianbao.catalogue import Chart, did_you_mean
from nianbao.charts import composition, progress, quarters, targets, townships, unevenness, years
from nianbao.charts.canvas import WIDTH
from nianbao.charts.scene import NoData, Scene, Sketch
from nianbao.charts.vector import standard_settings, svg
from nianbao.charts.words import Words, load_words
from nianbao.figures import Figures

__all__ = [
    "KINDS",
    "Drawing",
    "Kind",
    "NoData",
    "Words",
    "complaint",
    "draw",
    "load_words",
    "sketch",
]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A finished picture.

    `shown` lists what it draws as (indicator, place); `summary` has plain strings for templates.
    """

    svg: bytes
    width_px: int
    height_px: int
    unit: str
    shown: tuple[tuple[str, str], ...]
    summary: Mapping[str, str]
    alt: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of chart: its drawing function, how many indicators it takes, its options.

    An option's allowed values are a tuple of words, or a type (bool, int, float, dict).
    """

    draw: Callable[[Scene], Sketch]
    least: int
    most: int
    options: Mapping[str, tuple[str, ...] | type]


_TARGETS = ("plan", "own")
KINDS: Mapping[str, Kind] = {
    "levels_against_targets": Kind(
        targets.levels_against_targets, 0, 99, {"limit": int, "targets": _TARGETS, "labels": dict}
    ),
    "attainment": Kind(
        targets.attainment, 0, 99, {"cap": float, "targets": _TARGETS, "labels": dict}
    ),
    "pace": Kind(progress.pace, 1, 6, {"labels": dict}),
    "departments": Kind(progress.departments, 0, 99, {"targets": _TARGETS}),
    "quarters": Kind(quarters.quarters, 1, 1, {"style": ("columns", "line"), "labels": dict}),
    "then_and_now": Kind(years.then_and_now, 1, 12, {"labels": dict}),
    "changes": Kind(years.changes, 1, 14, {"cap": float, "labels": dict}),
    "composition": Kind(composition.composition, 2, 8, {"labels": dict}),
    "ranked": Kind(
        townships.ranked, 1, 1, {"style": ("bars", "dots"), "target": bool, "labels": dict}
    ),
    "heatmap": Kind(unevenness.heatmap, 2, 6, {"labels": dict}),
    "staffing": Kind(townships.staffing, 1, 5, {"alone": float, "labels": dict}),
    "dispersion": Kind(unevenness.dispersion, 1, 5, {"cap": float, "labels": dict}),
}
"""Every kind of chart by its name in the outline."""


def complaint(chart: Chart) -> tuple[tuple[str, ...], str] | None:
    """What is wrong with an entry of the outline: where in it, and the message; None if nothing.

    Whether its indicators exist is the catalogue's own check.
    """
    kind = KINDS.get(chart.kind)
    if kind is None:
        return ("kind",), f"unknown kind of chart “{chart.kind}”{did_you_mean(chart.kind, KINDS)}"
    count = len(chart.indicators)
    if not kind.least <= count <= kind.most:
        span = str(kind.least) if kind.least == kind.most else f"{kind.least} to {kind.most}"
        return ("indicators",), f"“{chart.kind}” takes {span} indicators, not {count}"
    for name, value in chart.options.items():
        if name not in kind.options:
            hint = did_you_mean(name, kind.options)
            return ("options", name), f"“{chart.kind}” has no option “{name}”{hint}"
        wrong = _wrong_option(chart, kind.options[name], value)
        if wrong:
            return ("options", name), f"{name}: {wrong}"
    return None


def _wrong_option(chart: Chart, allowed: tuple[str, ...] | type, value: Any) -> str:
    if isinstance(allowed, tuple):
        if value in allowed:
            return ""
        return f"use {' or '.join(allowed)}{did_you_mean(str(value), allowed)}"
    if allowed is dict:
        return _wrong_labels(chart, value)
    if allowed is bool:
        return "" if isinstance(value, bool) else "use true or false"
    numeric = isinstance(value, int if allowed is int else int | float)
    return "" if numeric and not isinstance(value, bool) and value > 0 else "use a number above 0"


def _wrong_labels(chart: Chart, value: Any) -> str:
    if not isinstance(value, dict):
        return "use names of indicators, each with {zh: …, en: …}"
    for name, label in value.items():
        if name not in chart.indicators and chart.indicators:
            return f"“{name}” is not in this chart{did_you_mean(str(name), chart.indicators)}"
        if not isinstance(label, dict) or "zh" not in label or set(label) - {"zh", "en"}:
            return f"write the label of “{name}” as {{zh: …, en: …}}"
    return ""


def sketch(chart: Chart, figures: Figures, words: Words) -> Sketch:
    """Lay a chart out without writing it: what `draw` writes, still open to measurement.

    Raises NoData where there is nothing to draw, LookupError for a kind that does not exist.
    """
    return KINDS[chart.kind].draw(Scene(chart, figures, words))


def draw(
    chart: Chart, figures: Figures, lang: str = "zh", folders: tuple[Path, ...] = ()
) -> Drawing:
    """Draw a chart of the outline.

    `folders` are the workspace's wording folders. The same figures, words and chart give the same
    bytes. Raises NoData, with its reason in the report's language, where there is nothing to draw.
    """
    with standard_settings():
        plan = sketch(chart, figures, load_words(lang, folders))
        height = round(plan.height)
        picture = svg(plan.canvas.finish(height))
    return Drawing(
        svg=picture,
        width_px=WIDTH,
        height_px=height,
        unit=plan.unit,
        shown=plan.shown,
        summary=plan.summary,
        alt=plan.alt,
    )
