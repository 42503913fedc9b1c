"""Sentences: the templates of `wording/`, filled with printed figures and turned into HTML."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import jinja2
from markdown_it import MarkdownIt
from markupsafe import Markup

from nianbao.catalogue import Catalogue, did_you_mean
from nianbao.catalogue.source import missing_file, unknown
from nianbao.errors import CatalogueError
from nianbao.figures import Figure, Figures
from nianbao.languages import LANGUAGES, noun, quotable
from nianbao.period import Period
from nianbao.printing import (
    Said,
    SaidStanding,
    count_of,
    in_name,
    marked,
    named,
    printed,
    said_standings,
)
from nianbao.terminal import say

_HEADING = re.compile(r"<h([23])>(.*?)</h\1>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
_ABSENT = re.compile(r"\s?<!--absent-->(.*?)<!--/absent-->")
_FENCE = re.compile(r"<!--/?absent-->")

STANDINGS = ("met", "on_track", "behind", "missed", "done", "not_done", "not_measurable")


class Narrator:
    """Fills templates: they ask for figures by name and get them printed and marked."""

    def __init__(
        self,
        figures: Figures,
        lang: str,
        folders: Sequence[Path],
        milestones: Mapping[str, tuple[str, str]],
        units: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.figures = figures
        self.language = LANGUAGES[lang]
        self._units = units
        self.catalogue: Catalogue = figures.catalogue
        self.period: Period = figures.period
        self.standings: tuple[SaidStanding, ...] = said_standings(figures)
        self._milestones = milestones
        self._folders = folders
        self._markdown = MarkdownIt("commonmark", {"html": True})
        self._environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader([folder / lang for folder in folders]),
            undefined=jinja2.StrictUndefined,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._environment.globals.update(self._words())

    def tell(self, **words: object) -> None:
        """Give the templates further words, such as the charts that they may place."""
        self._environment.globals.update(words)

    def _words(self) -> dict[str, Any]:
        """What a template may say."""
        period, catalogue = self.period, self.catalogue
        plan_year = self.plan_year
        return {
            "fig": self.said,
            "quotable": quotable,
            "in_year": self.said_in,
            "years_of": self.years_of,
            "standing": self.standing,
            "standings_of_plan": self.standings_of_plan,
            "is_done": self.is_done,
            "status": self.status,
            "evidence": self.evidence,
            "name": lambda indicator: self.name(str(catalogue.indicators[indicator].name)),
            "item_name": lambda item: self.name(catalogue.home(item).item.en),
            "revised": lambda _figure: (),
            "noun": lambda words, said: noun(words, said and said.figure.value),
            "unit_name": self.unit_name,
            "day": self.language.date,
            "the_year": lambda year: _time(self.language.year(int(year))),
            "lagging": self.lagging,
            "distance": self.distance,
            "summary": self.summary,
            "listed": self.language.listed,
            "named": lambda text: named(text, self.language.code),
            "in_name": self.name,
            "target_year": lambda s: _time(self.language.year(s.standing.target_year)),
            "period": period,
            "is_quarter": period.quarter is not None,
            "this_period": self.period_words(period),
            "last": self._last(),
            "plan_year": _time(self.language.year(plan_year)),
            "calendar_pace": count_of(
                "_calendar_pace", period.elapsed * 100, catalogue.district, period.name
            ),
            "has_plan": plan_year in catalogue.targets,
            "has_base": any(
                figure is not None and figure.previous is not None for figure in self._every()
            ),
            "rounding": catalogue.office.rounding,
            "small_base": printed(catalogue.office.small_base),
            "place_name": self.place_name,
            "office": catalogue.office,
            "catalogue": catalogue,
            "district_name": catalogue.places[catalogue.district].name,
        }

    @property
    def plan_year(self) -> int:
        """The year whose targets the report is held against: the next one for a year report."""
        return self.period.year + (0 if self.period.quarter else 1)

    def period_words(self, period: Period) -> Markup:
        """A period as prose says it: 2023年, or 2024年1—9月."""
        return _time(self.language.period(period))

    def name(self, text: str) -> Markup:
        """A name as this language's prose needs it."""
        return in_name(text, self.language.code)

    def _last(self) -> Markup | str:
        """What a figure is compared with."""
        if self.language.code == "zh":
            return "上年同期" if self.period.quarter else "上年"
        return "a year earlier" if self.period.quarter else _time(f"{self.period.year - 1}")

    def _every(self) -> list[Figure | None]:
        return [self._figure(name) for name in self.catalogue.indicators]

    def _figure(self, indicator: str) -> Figure | None:
        try:
            return self.figures.figure(indicator)
        except LookupError:
            return None

    def said(self, indicator: str, place: str | None = None) -> Said:
        """A figure for a sentence. Raises LookupError, with near names, if it is not there."""
        if indicator not in self.catalogue.indicators:
            hint = did_you_mean(indicator, self.catalogue.indicators)
            raise LookupError(unknown(indicator, hint, zh="指标", en="indicator"))
        return Said(self.figures.figure(indicator, place), self.catalogue)

    def said_in(self, indicator: str, year: int) -> Said:
        """The figure of one year of a table of years; one without a value where there is none."""
        figure = self.figures.in_year(indicator, year)
        return Said(figure, self.catalogue, past=figure.period != self.period.name)

    def years_of(self, indicators: Iterable[str]) -> tuple[int, ...]:
        """The years in which any of some indicators has a figure, the first one first."""
        return tuple(sorted({year for one in indicators for year, _ in self.figures.years(one)}))

    def place_name(self, code: str) -> Markup:
        """A place's name by its code; a code that is none stays as it is."""
        place = self.catalogue.places.get(code)
        return self.name(place.name if place else code)

    def standing(self, indicator: str) -> SaidStanding | None:
        """The standing against the plan's target, or None where the plan has none."""
        for one in self.standings:
            if one.said.id == indicator and one.standing.target_year == self.plan_year:
                return one
        return None

    def standings_of_plan(self) -> tuple[SaidStanding, ...]:
        """The standings against the plan's targets, in the plan's order."""
        return tuple(s for s in self.standings if s.standing.target_year == self.plan_year)

    def is_done(self, indicator: str) -> bool:
        """Whether a milestone is done, with evidence."""
        return self.status(indicator) == "done"

    def status(self, indicator: str) -> str:
        """How far a milestone is: done, unproven (said to be done), open, not_started, unknown."""
        return self._milestone(indicator)[0] if self.said(indicator).known else "unknown"

    def evidence(self, indicator: str) -> Markup:
        """The document number or link that proves a milestone; empty where there is none."""
        text = self._milestone(indicator)[1]
        return named(text, self.language.code) if text else Markup("")

    def _milestone(self, indicator: str) -> tuple[str, str]:
        formula = self.catalogue.indicators[indicator].numerator
        return self._milestones.get(formula.items[0] if formula else "", ("unknown", ""))

    def lagging(self, indicator: str) -> tuple[Said, ...]:
        """The townships that stand last, worst first; none where good is not defined."""
        return tuple(Said(f, self.catalogue) for f in self.figures.lagging(indicator))

    def distance(self, said: Said) -> Markup:
        """How far a place's printed figure is from the district's."""
        whole = self.figures.figure(said.id).value
        own = said.figure.value
        if whole is None or own is None:
            return Markup("—")
        f = said.figure
        return marked(printed(abs(whole - own)), f.indicator, f.place, f.period, "gap_to_district")

    def summary(self, name: str) -> Markup:
        """A count over the plan's targets: `_targets`, `_targets_met`, `_targets_assumed`, …"""
        return count_of(name, self.summary_number(name), self.catalogue.district, self.period.name)

    def summary_number(self, name: str) -> int:
        """The number behind `summary`."""
        return len(self.counted(name))

    def counted(self, name: str) -> tuple[SaidStanding, ...]:
        """The targets that `summary` counts. A milestone that is done counts as met."""
        plan = self.standings_of_plan()
        word = name.removeprefix("_targets").removeprefix("_")
        if not word:
            return plan
        alike = {"met": ("met", "done"), "behind": ("behind", "not_done", "missed")}
        wanted = alike.get(word, (word,))
        return tuple(s for s in plan if s.standing.standing in wanted or s.standing.basis == word)

    def formula(self, indicator: str) -> str:
        """An indicator's formula in words."""
        words: Any = self._environment.get_template("_formula.html.j2").module
        return Markup(words.formula(indicator)).striptags()  # noqa: S704 -- a template's own

    def unit_name(self, unit: str) -> str:
        """A unit in this language; one without a name stays as it is."""
        return self._units.get(unit, unit)

    def phrase(self, macro: str, *of: object, template: str = "_phrases.md.j2") -> str:
        """What a macro of a template says, as plain text: `phrase("changed", said)`."""
        words: Any = self._environment.get_template(template).module
        html = str(getattr(words, macro)(*of)).replace("<span", " <span")
        return Markup(html).striptags()  # noqa: S704 -- a template's own

    def word(self, group: str, key: str) -> str:
        """One of the words that `_phrases.md.j2` sets by key: `word("standing_words", "met")`."""
        words: Any = self._environment.get_template("_phrases.md.j2").module
        return str(getattr(words, group).get(key, key))

    def _absent_again(self) -> str:
        """What is said of a second missing figure of a paragraph."""
        words: Any = self._environment.get_template("_phrases.md.j2").module
        return str(getattr(words, "absent_again", ""))

    def prose(self, template: str, **more: object) -> Markup:
        """Render a Markdown template of wording/ as HTML, with anchors at its headings."""
        text = self.text(f"{template}.md.j2", **more)
        html = _anchored(self._markdown.render(text), template)
        return Markup(html)  # noqa: S704 -- the template escaped whatever was put into it

    def part(self, template: str, **more: object) -> Markup:
        """Render an HTML template of wording/."""
        html = self.text(f"{template}.html.j2", **more)
        return Markup(html)  # noqa: S704 -- the template escaped whatever was put into it

    def text(self, name: str, **more: object) -> str:
        """Render any template.

        Raises CatalogueError with file and line for a mistake in it (exit 78).
        """
        try:
            text = self._environment.get_template(name).render(**more)
            again = self._absent_again() if _ABSENT.search(text) else ""
            return _kept_together(_said_once(text, again))
        except jinja2.TemplateNotFound as error:
            raise CatalogueError(f"wording/{error.name}:1:1: {missing_file()}") from None
        except jinja2.TemplateSyntaxError as error:
            where = f"{_shown(error.filename or name)}:{error.lineno}:1"
            text = say(zh=f"句子的写法有误：{error.message}", en=str(error.message))
            raise CatalogueError(f"{where}: {text}") from None
        except (LookupError, jinja2.UndefinedError, AttributeError, TypeError) as error:
            # Without its cause: IPython would read the template's lines as Python, and fail.
            raise CatalogueError(f"{_where(error, name)}: {error}") from None


def _where(error: BaseException, name: str) -> str:
    """File and line of the sentence in which an error arose, rather than of the macro it called."""
    found: list[tuple[str, int]] = []
    trace = error.__traceback__
    while trace is not None:
        path = trace.tb_frame.f_code.co_filename
        if path.endswith(".j2"):
            found.append((path, trace.tb_lineno))
        trace = trace.tb_next
    sentences = [place for place in found if not Path(place[0]).name.startswith("_")]
    path, line = (sentences or found or [(name, 1)])[-1]
    return f"{_shown(path)}:{line}:1"


def _shown(path: str) -> str:
    """A template as a message names it: wording/zh/party.md.j2."""
    return f"wording/{Path(path).parent.name or 'zh'}/{Path(path).name}"


def _kept_together(html: str) -> str:
    """Take a percent sign into its figure's button: no line may break between the two."""
    return html.replace("</data></button>%", "</data>%</button>")


def _said_once(text: str, again: str) -> str:
    """Say once in each paragraph (a line of its template) why figures are missing, then `again`."""
    return "".join(_line_said_once(line, again) for line in text.splitlines(keepends=True))


def _line_said_once(line: str, again: str) -> str:
    told: set[str] = set()

    def said(found: re.Match[str]) -> str:
        repeated = found[1] in told
        told.add(found[1])
        return again if repeated else _FENCE.sub("", found[0])

    return _ABSENT.sub(said, line)


def _time(text: str) -> Markup:
    return Markup("<time>{}</time>").format(text)


def _anchored(html: str, template: str) -> str:
    count = iter(range(1, 1000))
    return _HEADING.sub(lambda m: f'<h{m[1]} id="{template}-{next(count)}">{m[2]}</h{m[1]}>', html)


def headings(html: str) -> tuple[tuple[int, str, str], ...]:
    """The headings of a rendered page as (level, anchor, text)."""
    found = re.findall(r'<h([23]) id="([^"]+)">(.*?)</h\1>', html, re.DOTALL)
    return tuple((int(level), anchor, _TAG.sub("", text)) for level, anchor, text in found)
