"""The report's pictures: an entry of the outline and the figures become one SVG with its alt text.

A chart is chosen in `catalogue/outline.yml` by its kind, indicators and options; which there are,
and what each takes, is checked with the catalogue (`catalogue/chart_kinds.py`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from matplotlib.figure import Figure

from nianbao.catalogue import Chart
from nianbao.charts import (
    composition,
    history,
    progress,
    quarters,
    raster,
    targets,
    townships,
    unevenness,
    vector,
    years,
)
from nianbao.charts.canvas import WIDTH
from nianbao.charts.frame import Frame
from nianbao.charts.scene import NoData, Scene, Sketch
from nianbao.charts.vector import standard_settings, svg
from nianbao.charts.words import Words, load_words
from nianbao.figures import Figures

__all__ = [
    "DRAWN_BY",
    "Drawing",
    "NoData",
    "Words",
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
    words: tuple[str, ...]  # every text that is drawn
    figure: Figure = field(repr=False, compare=False)

    def png(self) -> bytes:
        """The same picture as PNG, at twice its size in pixels."""
        return raster.png(self.figure)

    def alone(self, lines: Sequence[str]) -> tuple[bytes, bytes]:
        """The picture as files that stand by themselves, SVG and PNG.

        `lines` are its title and what else stands above it, an empty one, and what stands below.
        The SVG tells in text what its outlines say, so that it can be read out and searched.
        """
        frame = Frame.around(self.height_px, lines)
        words = *lines, *self.words
        about = {"title": [frame.title], "desc": [self.alt], "metadata": words}
        with standard_settings():
            figure = frame.canvas.finish(frame.height)
            picture = vector.inside(svg(figure), self.svg, frame.top, about)
        return picture, raster.inside(figure, self.figure, frame.top)


DRAWN_BY: Mapping[str, Callable[[Scene], Sketch]] = {
    "levels_against_targets": targets.levels_against_targets,
    "attainment": targets.attainment,
    "pace": progress.pace,
    "departments": progress.departments,
    "quarters": quarters.quarters,
    "history": history.history,
    "then_and_now": years.then_and_now,
    "changes": years.changes,
    "composition": composition.composition,
    "ranked": townships.ranked,
    "heatmap": unevenness.heatmap,
    "staffing": townships.staffing,
    "dispersion": unevenness.dispersion,
}
"""The drawing function of every kind of chart that the catalogue knows."""


def sketch(chart: Chart, figures: Figures, words: Words) -> Sketch:
    """Lay a chart out without writing it: what `draw` writes, still open to measurement.

    Raises NoData where there is nothing to draw, LookupError for a kind that does not exist.
    """
    return DRAWN_BY[chart.kind](Scene(chart, figures, words))


def draw(
    chart: Chart,
    figures: Figures,
    lang: str = "zh",
    folders: tuple[Path, ...] = (),
) -> Drawing:
    """Draw a chart of the outline.

    `folders` are the workspace's wording folders. The same figures, words and chart give the same
    bytes. Raises NoData, with its reason in the report's language, where there is nothing to draw.
    """
    with standard_settings():
        plan = sketch(chart, figures, load_words(lang, folders))
        height = round(plan.height)
        figure = plan.canvas.finish(height)
        picture = svg(figure)
    return Drawing(
        svg=picture,
        width_px=WIDTH,
        height_px=height,
        unit=plan.unit,
        shown=plan.shown,
        summary=plan.summary,
        alt=plan.alt,
        words=tuple(plan.canvas.words),
        figure=figure,
    )
