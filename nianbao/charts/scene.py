"""What the drawing functions are given and hand back, and what they ask of the figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from nianbao.catalogue import Catalogue, Chart, Indicator
from nianbao.charts.canvas import Canvas
from nianbao.charts.typeset import clipped
from nianbao.charts.words import Words
from nianbao.figures import Figure, Figures, Standing, laggards

PLACES = 136.0  # pixels for the names of places: eight characters


class NoData(Exception):
    """There is nothing to draw; `reason` says so in the report's language."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Sketch:
    """A finished sheet before it becomes SVG: what was drawn, and the words for the alt text."""

    canvas: Canvas
    height: float
    unit: str
    shown: tuple[tuple[str, str], ...]
    alt: str
    summary: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Scene:
    """One chart to be drawn: its entry in the outline, the figures, the words."""

    chart: Chart
    figures: Figures
    words: Words

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue behind the figures."""
        return self.figures.catalogue

    @property
    def district(self) -> str:
        """The district's code."""
        return self.catalogue.district

    def option(self, name: str, default: Any) -> Any:
        """An option of the chart, or its default."""
        return self.chart.options.get(name, default)

    def indicator(self, name: str) -> Indicator:
        """An indicator's definition."""
        return self.catalogue.indicators[name]

    def name(self, indicator: str) -> str:
        """What an indicator is called in this chart: its label here, else its own name."""
        label = self.option("labels", {}).get(indicator)
        own = self.catalogue.indicators[indicator].name
        if label:
            return str(label.get(self.words.lang) or label["zh"])
        return (own.en or own.zh) if self.words.lang == "en" else own.zh

    def names(self, indicators: Sequence[str]) -> list[str]:
        """What several indicators are called in this chart."""
        return [self.name(indicator) for indicator in indicators]

    def dated_name(self, figure: Figure | Standing) -> str:
        """The name, followed by the year where an annual figure stands in a quarter's report."""
        name = self.name(figure.indicator)
        year = _annual_year(self.figures.figure(figure.indicator, figure.place))
        return self.words.say("dated", name=name, year=year) if year else name

    def place(self, code: str) -> str:
        """A place's name."""
        return self.catalogue.places[code].name

    def place_label(self, code: str) -> str:
        """A place's name as it fits into a column of names."""
        return clipped(self.place(code), PLACES)

    def is_current(self, figure: Figure) -> bool:
        """Whether a figure is of this report's period, not last year's annual one shown again."""
        return _annual_year(figure) == ""

    def figures_of(self) -> list[Figure]:
        """The district's figures of the chart's indicators, in its order."""
        return [self.figures.figure(name) for name in self.chart.indicators]

    def standings(self) -> tuple[Standing, ...]:
        """The district's standings among the chart's indicators (all, where it names none)."""
        year = self.figures.period.year if self.option("targets", "plan") == "own" else None
        wanted = self.chart.indicators
        return tuple(
            standing
            for standing in self.figures.standings(year)
            if standing.place == self.district and (not wanted or standing.indicator in wanted)
        )

    def nothing(self) -> NoData:
        """The refusal to draw an empty chart."""
        return NoData(self.words.say("no_data"))

    def common_unit(self) -> str:
        """The unit of all the chart's indicators, "" where they differ."""
        units = {self.indicator(name).unit for name in self.chart.indicators}
        return units.pop() if len(units) == 1 else ""


def _annual_year(figure: Figure) -> str:
    return figure.note("annual") or ""


def better_first(scene: Scene, indicator: str, figures: Sequence[Figure]) -> list[Figure]:
    """Figures from the best to the worst; equals keep their official order."""
    lower = scene.indicator(indicator).better == "lower"
    return sorted(figures, key=lambda f: number(f) if lower else -number(f))


def number(figure: Figure) -> Decimal:
    """A figure's value; ValueError where it has none (ask before)."""
    if figure.value is None:
        raise ValueError(f"{figure.indicator} at {figure.place} has no value to draw")
    return figure.value


def middle(values: Sequence[Decimal]) -> Decimal:
    """The median of the values as they are drawn."""
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def lagging(scene: Scene, indicator: str, figures: Sequence[Figure]) -> tuple[str, ...]:
    """The places that stand last, worst first: the same ones that the sentences name."""
    better = scene.indicator(indicator).better
    how_many = scene.catalogue.office.lagging_places
    return tuple(figure.place for figure in laggards(figures, better, how_many))


def missing_note(scene: Scene, names: Sequence[str], key: str = "missing_places") -> str:
    """A note naming what is not in the picture, "" where nothing is missing."""
    return scene.words.say(key, names=scene.words.listed(names)) if names else ""
