"""Charts and tables where they are read: numbered, captioned, cited."""

import base64
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from nianbao.catalogue import Catalogue, Chart
from nianbao.figures import Figures
from nianbao.languages import LANGUAGES
from nianbao.narrative import Narrator
from nianbao.printing import marked, printed
from nianbao.tables import numbered_tables

if TYPE_CHECKING:
    from nianbao.charts import Drawing

_OF_TARGETS = ("levels_against_targets", "attainment", "departments", "pace")
_CITED = Markup('<span class="name"><a href="#{}-{}">{}{}</a></span>')


class Exhibits:
    """The charts and tables of one report, for its sentences to place and to cite."""

    def __init__(self, figures: Figures, lang: str, folders: Sequence[Path]) -> None:
        self._figures = figures
        self._catalogue: Catalogue = figures.catalogue
        self._lang = lang
        self._language = LANGUAGES[lang]
        self._folders = tuple(folders)
        self._placed: set[str] = set()
        self._narrator: Narrator | None = None

    def hang(self, narrator: Narrator) -> None:
        """Let the templates of a narrator place and cite charts and tables."""
        self._narrator = narrator
        narrator.tell(
            chart=self.chart, chart_note=self.chart_note, table=self.table, table_ref=self.table_ref
        )

    def left_over(self, section: str) -> Iterator[Markup]:
        """The charts of a section that its sentences did not place, in order."""
        for chart_id in self._catalogue.outline.sections[section].charts:
            if chart_id not in self._placed:
                yield self.chart(chart_id)

    def chart(self, chart_id: str) -> Markup:
        """A chart with its caption; where the data cannot fill it, a note that says why."""
        self._placed.add(chart_id)
        if chart_id not in self._charts:
            return Markup("")
        chart, drawing = self._charts[chart_id]
        if isinstance(drawing, str):
            return self._part("_chart_missing", title=str(chart.title), reason=drawing)
        return self._part(
            "_chart",
            id=chart_id,
            number=self._number(chart_id),
            unit=drawing.unit,
            alt=drawing.alt,
            width=drawing.width_px,
            height=drawing.height_px,
            image=base64.b64encode(drawing.svg).decode(),
            kind=chart.kind,
            shown=drawing.shown,
            places=list(dict.fromkeys(place for _, place in drawing.shown)),
            quarters=list(self._quarters(drawing)) if chart.kind == "quarters" else [],
            **self._about(chart, drawing),
        )

    def _about(self, chart: Chart, drawing: "Drawing") -> dict[str, object]:
        """What a chart's caption says of it, beside its picture and in its file."""
        codes = self._forms(drawing)
        return {
            "title": str(chart.title),
            "indicators": list(dict.fromkeys(indicator for indicator, _ in drawing.shown)),
            "codes": codes,
            "forms": [self._form(form) for form in codes],
            "of_targets": chart.kind in _OF_TARGETS,
            "of_plan": chart.kind in _OF_TARGETS and chart.options.get("targets", "plan") == "plan",
        }

    def _quarters(self, drawing: "Drawing") -> Iterator[list[Markup]]:
        """What a chart of quarters draws: each quarter's number, and last year's."""
        figures, ((indicator, place),) = self._figures, drawing.shown
        columns = {"quarter": figures.period.year, "previous_quarter": figures.period.year - 1}
        values = {
            (column, period.quarter): value
            for column, year in columns.items()
            for period, value in figures.quarters(indicator, year)
        }
        for quarter in range(1, 5):
            yield [
                marked(
                    self._language.digits(text := printed(value)),
                    indicator,
                    place,
                    figures.period.name,
                    f"{column}_{quarter}",
                    text,
                )
                if (value := values.get((column, quarter))) is not None
                else Markup("—")
                for column in columns
            ]

    def chart_note(self, section: str, only: Iterable[str] = ()) -> Markup:
        """（见图3、图4）for the charts of a section that could be drawn."""
        wanted = list(only) or list(self._catalogue.outline.sections[section].charts)
        cited = [
            _CITED.format("chart", chart_id, self._language.figure, self._number(chart_id))
            for chart_id in wanted
            if chart_id in self._drawn
        ]
        see = Markup(self._language.see)  # noqa: S704 -- our own words
        return see.format(self._language.listed(cited)) if cited else Markup("")

    def drawings(self) -> Iterator[tuple[str, "Drawing"]]:
        """Every chart that could be drawn, by its name."""
        for name, (_, drawing) in self._charts.items():
            if not isinstance(drawing, str):
                yield name, drawing

    def alone(self, name: str, drawing: "Drawing") -> tuple[bytes, bytes]:
        """A chart as files, SVG and PNG, that say themselves what the page says beside it."""
        chart, _ = self._charts[name]
        text = self._speaker.text("_chart_alone.txt.j2", **self._about(chart, drawing))
        lines = [Markup(line).striptags() for line in text.splitlines()]  # noqa: S704 -- escaped
        return drawing.alone(lines)

    def table(self, name: str) -> Markup:
        """A numbered table of wording/, as a block of its own."""
        html = self._part(
            f"_table_{name.partition('_')[0]}", id=name, number=self._table_number(name)
        )
        return Markup("\n\n{}\n\n").format(html.strip())

    def table_ref(self, name: str) -> Markup:
        """表1, as a link."""
        return _CITED.format("table", name, self._language.table, self._table_number(name))

    @cached_property
    def _charts(self) -> dict[str, "tuple[Chart, Drawing | str]"]:
        """Every chart of this kind of period, drawn once; the reason where it could not be."""
        from nianbao.charts import NoData, draw

        charts: dict[str, tuple[Chart, Drawing | str]] = {}
        kind = "quarter" if self._figures.period.quarter else "year"
        for _, chart_id, chart in self._catalogue.charts():
            if chart.periods in ("all", kind) and self._collected(chart):
                try:
                    charts[chart_id] = chart, draw(chart, self._figures, self._lang, self._folders)
                except NoData as nothing:
                    charts[chart_id] = chart, nothing.reason
        return charts

    @cached_property
    def _drawn(self) -> tuple[str, ...]:
        return tuple(name for name, (_, one) in self._charts.items() if not isinstance(one, str))

    def _collected(self, chart: Chart) -> bool:
        """Whether anything that a chart shows is collected in this period."""
        return not chart.indicators or any(
            self._catalogue.collected(name, self._figures.period) for name in chart.indicators
        )

    def _table_number(self, name: str) -> int:
        return numbered_tables(self._catalogue, self._figures.period).index(name) + 1

    def _number(self, chart_id: str) -> int:
        return self._drawn.index(chart_id) + 1

    def _forms(self, drawing: "Drawing") -> list[str]:
        """The forms that a chart's figures come from, W2 before W10."""
        found = {form for indicator, _ in drawing.shown for form in self._forms_of(indicator)}
        return sorted(found, key=lambda form: (len(form), form))

    def _form(self, form: str) -> str:
        """A form as a chart's source names it: its code and its name."""
        return self._language.form.format(form=form, name=self._catalogue.forms[form].name)

    def _forms_of(self, indicator: str) -> set[str]:
        one = self._catalogue.indicators[indicator]
        if one.across:
            return self._forms_of(one.across.of)
        if one.index:
            return {form for part in one.index.components for form in self._forms_of(part)}
        return {self._catalogue.home(item).form for item in one.items}

    def _part(self, template: str, **words: object) -> Markup:
        return self._speaker.part(template, **words)

    @property
    def _speaker(self) -> Narrator:
        if self._narrator is None:
            raise RuntimeError("hang the exhibits on a narrator first")
        return self._narrator
