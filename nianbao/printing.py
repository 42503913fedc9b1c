"""Figures as a reader sees them: one printed number, marked with what it is."""

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from markupsafe import Markup

from nianbao.catalogue import Catalogue
from nianbao.figures import Figure, Figures, Standing
from nianbao.languages import LANGUAGES, Language
from nianbao.period import Period
from nianbao.plan import Required, required_per_quarter
from nianbao.rounding import plain
from nianbao.withholding import MARK

_MARKS = re.compile(r"[&<>\"'\\`*_{}\[\]()#+!|~$:-]")
_NUMERAL = re.compile(r"[0-9０-９]")


def source_id(indicator: str, place: str, year: str = "") -> str:
    """The name of the popover in which a figure's source stands; `year` for one of years ago."""
    return "-".join(part for part in ("s", indicator.strip("_"), place, year) if part)


def marked(
    text: str,
    indicator: str,
    place: str,
    period: str,
    column: str,
    value: str = "",
    *,
    past: bool = False,
) -> Markup:
    """One printed number as a `<data>` element that opens its source.

    `value` is the number in plain form where the print differs from it; `past` is a figure of years
    ago, whose source is that year's.
    """
    return Markup(
        '<button type="button" class="fig" popovertarget="{}">'
        '<data value="{}" data-indicator="{}" data-place="{}" data-period="{}" data-column="{}">'
        "{}</data></button>"
    ).format(
        source_id(indicator, place, period if past else ""),
        value or text,
        indicator,
        place,
        period,
        column,
        text,
    )


def unsaid(indicator: str, place: str, period: str, column: str) -> Markup:
    """The mark of a withheld number; it opens the number's source, which gives the address only."""
    return Markup(
        '<button type="button" class="fig" popovertarget="{}">'
        '<span class="withheld" data-indicator="{}" data-place="{}" data-period="{}" '
        'data-column="{}">{}</span></button>'
    ).format(source_id(indicator, place), indicator, place, period, column, MARK)


def as_typed(text: str) -> Markup:
    """What somebody typed, so that neither HTML nor Markdown takes it for its own."""
    html = _MARKS.sub(lambda m: f"&#{ord(m[0])};", text)
    return Markup(html)  # noqa: S704 -- every mark of HTML is an entity now


def named(text: str, lang: str = "zh") -> Markup:
    """A name; the numerals in it (民法典“十进”, a document number) are no figures."""
    foreign = Markup(' lang="zh"') if LANGUAGES[lang].is_foreign(text) else ""
    return Markup('<span class="name"{}>{}</span>').format(foreign, as_typed(text))


def in_name(text: str, lang: str = "zh") -> Markup:
    """A name as prose needs it: marked only where it holds a numeral, or is in Chinese abroad."""
    marks = _NUMERAL.search(text) or LANGUAGES[lang].is_foreign(text)
    return named(text, lang) if marks else as_typed(text)


def printed(value: Decimal | None, exact_whole: bool = False) -> str:
    """A number's digits; 100 % exactly is printed 100, not 100.0."""
    if value is None:
        return "—"
    if value == 0:
        return "0"
    if exact_whole and value == value.to_integral_value():
        return plain(value.to_integral_value())
    return plain(value)


@dataclass(frozen=True, slots=True)
class Said:
    """A figure ready for a sentence: every number printed and marked, every case told apart."""

    figure: Figure
    catalogue: Catalogue
    past: bool = False  # of a year before those that the report compares

    def _mark(self, text: str, column: str) -> Markup:
        f, shown = self.figure, self.language.digits(text)
        if self.base_withheld if column == "previous" else self.withheld and column != "missing":
            return unsaid(f.indicator, f.place, f.period, column)
        return marked(shown, f.indicator, f.place, f.period, column, text, past=self.past)

    @property
    def language(self) -> Language:
        """The language in which it is said."""
        return LANGUAGES[self.catalogue.lang]

    @property
    def id(self) -> str:
        """The indicator's id."""
        return self.figure.indicator

    @property
    def name(self) -> Markup:
        """The indicator's name."""
        return in_name(str(self.catalogue.indicators[self.id].name), self.catalogue.lang)

    @property
    def place(self) -> Markup:
        """The place's name."""
        return in_name(self.catalogue.places[self.figure.place].name, self.catalogue.lang)

    @property
    def unit(self) -> str:
        """The unit as a sentence needs it."""
        return self.figure.unit

    @property
    def known(self) -> bool:
        """Whether there is a value at all."""
        return self.figure.value is not None

    @property
    def withheld(self) -> bool:
        """Whether its number is not shown: too few persons, or a neighbour of such."""
        return self.figure.withheld

    @property
    def base_withheld(self) -> bool:
        """Whether the number of the year before is not shown."""
        return self.figure.base_withheld

    @property
    def is_rate(self) -> bool:
        """Whether it is a percentage."""
        return self.catalogue.indicators[self.id].is_rate

    @property
    def better(self) -> str:
        """Which direction is good."""
        return self.catalogue.indicators[self.id].better

    @property
    def lower_is_better(self) -> bool:
        """Whether less is good."""
        return self.better == "lower"

    @property
    def over_time(self) -> str:
        """How it adds up over time."""
        return self.catalogue.indicators[self.id].over_time

    def note(self, name: str) -> str | None:
        """A note of the figure: the text after its colon, or None where it has no such note."""
        return self.figure.note(name)

    @property
    def value(self) -> Markup:
        """The printed value."""
        return self._mark(self.value_text, "value")

    @property
    def value_text(self) -> str:
        """The printed value as plain text."""
        return MARK if self.withheld else printed(self.figure.value, self.whole)

    @property
    def whole(self) -> bool:
        """Whether a rate is exactly 0 or 100, so that it is printed without decimals."""
        f = self.figure
        return self.is_rate and (f.numerator == f.denominator or f.numerator == 0)

    @property
    def is_full(self) -> bool:
        """Whether a rate is exactly 100 %."""
        f = self.figure
        return self.is_rate and f.numerator is not None and f.numerator == f.denominator

    @property
    def is_round(self) -> bool:
        """Whether the value ends in a zero, so that 余 or 近 may stand beside it."""
        value = self.figure.value
        return value is not None and value != 0 and value % 10 == 0

    @property
    def is_zero(self) -> bool:
        """Whether the value is exactly nothing."""
        return self.figure.value is not None and self.figure.value == 0

    @property
    def was_zero(self) -> bool:
        """Whether the base is exactly nothing."""
        return self.figure.previous is not None and self.figure.previous == 0

    @property
    def was_full(self) -> bool:
        """Whether the base was 100 %."""
        return self.is_rate and self.figure.previous == 100

    @property
    def previous(self) -> Markup:
        """The printed base."""
        return self._mark(self.previous_text, "previous")

    @property
    def previous_text(self) -> str:
        """The printed base as plain text."""
        return printed(self.figure.previous, self.was_whole)

    @property
    def was_whole(self) -> bool:
        """Whether the base of a rate is 0 or 100, so that it is printed without decimals."""
        return self.is_rate and self.figure.previous in (Decimal(0), Decimal(100))

    @property
    def has_previous(self) -> bool:
        """Whether there is a base."""
        return self.figure.previous is not None

    @property
    def kind(self) -> str:
        """The kind of its change."""
        return self.figure.change_kind

    @property
    def rises(self) -> bool:
        """Whether it went up (also where only the direction may be said)."""
        f = self.figure
        if f.change is not None:
            return f.change > 0
        return f.value is not None and f.previous is not None and f.value > f.previous

    @property
    def equal_as_printed(self) -> bool:
        """Whether value and base are the same digits."""
        return self.figure.value == self.figure.previous

    @property
    def change(self) -> Markup:
        """The printed size of the change, without its sign: the verb says the direction."""
        change = self.figure.change
        return self._mark(printed(abs(change) if change is not None else None), "change")

    @property
    def numerator(self) -> Markup:
        """The printed numerator."""
        return self._mark(printed(self.figure.numerator), "numerator")

    @property
    def denominator(self) -> Markup:
        """The printed denominator."""
        return self._mark(printed(self.figure.denominator), "denominator")

    @property
    def small(self) -> bool:
        """Whether a rate rests on fewer than ten cases, which are then shown."""
        f = self.figure
        return self.is_rate and f.denominator is not None and f.denominator < 10

    @property
    def annual_only(self) -> bool:
        """Whether a quarter report shows it as the last year's figure, without comparison."""
        return bool(self.note("annual")) and not self.has_previous and self._all_annual(self.id)

    @property
    def partly_annual(self) -> bool:
        """Whether only some of what it is made of is the last year's."""
        return bool(self.note("annual")) and not self.has_previous and not self.annual_only

    def _all_annual(self, indicator: str) -> bool:
        one = self.catalogue.indicators[indicator]
        if one.across:
            return self._all_annual(one.across.of)
        if one.index:
            return all(map(self._all_annual, one.index.components))
        return all(map(self.catalogue.is_annual, one.items))

    @property
    def none_reported(self) -> bool:
        """Whether not one of the places reported it whole."""
        return self.figure.completeness.startswith("0/")

    @property
    def silent_codes(self) -> tuple[str, ...]:
        """The codes of the places whose report is missing."""
        return tuple(code for code in (self.note("missing") or "").split(",") if code)

    @property
    def silent_places(self) -> tuple[Markup, ...]:
        """Their names."""
        places, lang = self.catalogue.places, self.catalogue.lang
        return tuple(in_name(places[code].name, lang) for code in self.silent_codes)

    @property
    def silent_count(self) -> Markup:
        """How many they are, printed."""
        return self._mark(str(len(self.silent_codes)), "missing")


@dataclass(frozen=True, slots=True)
class SaidStanding:
    """A target ready for a sentence or a table."""

    standing: Standing
    said: Said
    period: Period
    note: str
    row: str

    def _mark(self, value: Decimal | None, column: str, whole: bool = False) -> Markup:
        f, text = self.said.figure, printed(value, whole)
        shown = self.said.language.digits(text)
        return marked(shown, f.indicator, f.place, f.period, column, text)

    @property
    def op(self) -> str:
        """`>=`, `<=`, `=` or `done`."""
        return self.standing.op

    @property
    def target(self) -> Markup:
        """The printed target."""
        return self._mark(self.standing.target, "target", whole=True)

    @property
    def has_gap(self) -> bool:
        """Whether something is still to go."""
        return self.standing.gap is not None and self.standing.gap > 0

    @property
    def gap(self) -> Markup:
        """The printed distance that is still to go."""
        gap = self.standing.gap
        return self._mark(abs(gap) if gap is not None else None, "gap")

    @property
    def attainment(self) -> Markup:
        """The printed attainment, in percent."""
        return self._mark(self.standing.attainment, "attainment")

    @property
    def pace(self) -> Markup:
        """The printed pace, in percent of the target."""
        return self._mark(self.standing.pace, "pace")

    @property
    def required(self) -> Required:
        """What it asks of every quarter."""
        indicator = self.said.catalogue.indicators[self.said.id]
        return required_per_quarter(self.standing, indicator, self.period)

    @property
    def required_amount(self) -> Markup:
        """The printed amount that it asks of every quarter."""
        return self._mark(self.required.amount, "required_per_quarter")


def said_standings(figures: Figures, year: int | None = None) -> tuple[SaidStanding, ...]:
    """Every target's standing of a year (without one, of the plan), in the order of its file."""
    result = []
    for standing in figures.standings(year):
        target = figures.catalogue.targets[standing.target_year][standing.indicator]
        figure = figures.figure(standing.indicator, standing.place)
        said = Said(figure, figures.catalogue)
        result.append(SaidStanding(standing, said, figures.period, target.note, target.row))
    return tuple(result)


def count_of(name: str, number: int | Fraction, district: str, period: str) -> Markup:
    """A number about the whole report, such as `_targets_met` or `_calendar_pace`."""
    return marked(str(number), name, district, period, "value")
