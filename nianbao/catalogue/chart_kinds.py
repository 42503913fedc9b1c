"""The kinds of chart that an outline may ask for: what each takes, without drawing anything."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nianbao.catalogue.models import Chart
from nianbao.catalogue.source import did_you_mean, unknown
from nianbao.terminal import say


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of chart: how many indicators it takes, and its options.

    An option's allowed values are a tuple of words, or a type (bool, int, float, dict).
    """

    least: int
    most: int
    options: Mapping[str, tuple[str, ...] | type]


_TARGETS = ("plan", "own")
KINDS: Mapping[str, Kind] = {
    "levels_against_targets": Kind(0, 99, {"limit": int, "targets": _TARGETS, "labels": dict}),
    "attainment": Kind(0, 99, {"cap": float, "targets": _TARGETS, "labels": dict}),
    "pace": Kind(1, 6, {"labels": dict}),
    "departments": Kind(0, 99, {"targets": _TARGETS}),
    "quarters": Kind(1, 1, {"style": ("columns", "line"), "labels": dict}),
    "history": Kind(1, 3, {"labels": dict}),
    "then_and_now": Kind(1, 12, {"labels": dict}),
    "changes": Kind(1, 14, {"cap": float, "labels": dict}),
    "composition": Kind(2, 8, {"labels": dict}),
    "ranked": Kind(1, 1, {"style": ("bars", "dots"), "target": bool, "labels": dict}),
    "heatmap": Kind(2, 6, {"labels": dict}),
    "staffing": Kind(1, 5, {"alone": float, "labels": dict}),
    "dispersion": Kind(1, 5, {"cap": float, "labels": dict}),
}
"""Every kind of chart by its name in the outline."""


def complaint(chart: Chart) -> tuple[tuple[str, ...], str] | None:
    """What is wrong with an entry of the outline: where in it, and the message; None if nothing.

    Whether its indicators exist is the catalogue's own check.
    """
    kind = KINDS.get(chart.kind)
    if kind is None:
        hint = did_you_mean(chart.kind, KINDS)
        return ("kind",), unknown(chart.kind, hint, zh="图", en="kind of chart")
    count = len(chart.indicators)
    if not kind.least <= count <= kind.most:
        to = say(zh="至", en=" to ")
        span = str(kind.least) if kind.least == kind.most else f"{kind.least}{to}{kind.most}"
        text = say(
            zh=f"“{chart.kind}”图应有{span}个指标，而不是{count}个",
            en=f"“{chart.kind}” takes {span} indicators, not {count}",
        )
        return ("indicators",), text
    for name, value in chart.options.items():
        if name not in kind.options:
            hint = did_you_mean(name, kind.options)
            text = say(
                zh=f"“{chart.kind}”图没有选项“{name}”{hint}",
                en=f"“{chart.kind}” has no option “{name}”{hint}",
            )
            return ("options", name), text
        wrong = _wrong_option(chart, kind.options[name], value)
        if wrong:
            return ("options", name), f"{name}: {wrong}"
    return None


def _wrong_option(chart: Chart, allowed: tuple[str, ...] | type, value: Any) -> str:
    if isinstance(allowed, tuple):
        if value in allowed:
            return ""
        hint = did_you_mean(str(value), allowed)
        return say(zh=f"请用{'或'.join(allowed)}{hint}", en=f"use {' or '.join(allowed)}{hint}")
    if allowed is dict:
        return _wrong_labels(chart, value)
    if allowed is bool:
        return "" if isinstance(value, bool) else say(zh="请用true或false", en="use true or false")
    numeric = isinstance(value, int if allowed is int else int | float)
    if numeric and not isinstance(value, bool) and value > 0:
        return ""
    return say(zh="请用大于0的数", en="use a number above 0")


def _wrong_labels(chart: Chart, value: Any) -> str:
    if not isinstance(value, dict):
        return say(
            zh="请写指标代号，各带{zh: …, en: …}",
            en="use names of indicators, each with {zh: …, en: …}",
        )
    for name, label in value.items():
        if name not in chart.indicators and chart.indicators:
            hint = did_you_mean(str(name), chart.indicators)
            return say(zh=f"图中没有指标“{name}”{hint}", en=f"“{name}” is not in this chart{hint}")
        if not isinstance(label, dict) or "zh" not in label or set(label) - {"zh", "en"}:
            return say(
                zh=f"“{name}”的标注请写成{{zh: …, en: …}}",
                en=f"write the label of “{name}” as {{zh: …, en: …}}",
            )
    return ""
