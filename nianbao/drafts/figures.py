"""What the data say of a figure that a draft names, from the values and standings of the report."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from nianbao.explain import Unwritten, work_out
from nianbao.figures import Figure, Standing
from nianbao.numerals import Qualifier
from nianbao.period import Period
from nianbao.plan import required_per_quarter
from nianbao.printing import Said, printed
from nianbao.rounding import round_half
from nianbao.workspace import Workspace

POINTS = "个百分点"
TIMES = "倍"
_OF_TARGETS = ("target", "gap", "attainment", "required", "pace")


@dataclass(frozen=True, slots=True)
class Stated:
    """One number of the data; `value` is as the report prints it, a change without its sign.

    `exact` is the number before it was rounded, where its counts are known. Without a value, `why`
    says what stands against it: no_data, withheld, missing (places), not_comparable, other_kind.
    """

    indicator: str
    period: str
    place: str
    role: str
    unit: str
    value: Decimal | None = None
    exact: Fraction | None = None
    text: str = ""
    qualifier: Qualifier = "="
    sign: int = 0  # of a change
    why: str = ""


class Data:
    """The figures of one report, worked out of the raw workbooks as `explain` does."""

    def __init__(self, report: Unwritten) -> None:
        self.report = report
        self.period = report.period

    def stated(self, indicator: str, period: str, place: str, role: str) -> Stated:
        """What the data say; `indicator` of a share is its part and its whole: part/whole."""
        empty = Stated(indicator, period, place, role, "")
        part, _, whole = indicator.partition("/")
        if whole:
            return self._share(replace(empty, unit="%"), part, whole)
        try:
            if role in _OF_TARGETS:
                return self._target(empty)
            if role == "rank":
                return self._rank(empty)
            if role == "apart":
                return self._apart(empty)
            figure = self._figure(indicator, period, place)
        except LookupError:
            return replace(empty, why="no_data")
        if role == "level" and period == self.period.previous.name:
            return self._level(empty, figure, "previous")
        if role in ("level", "previous", "numerator", "denominator"):
            return self._level(empty, figure, role)
        return self._change(empty, figure)

    def cells(self, stated: Stated) -> Iterator[str]:
        """Where it comes from: file › sheet › cells, the base's too for a change."""
        part, _, whole = stated.indicator.partition("/")
        for name in filter(None, (part, whole)):
            when = self._report_period(stated.period)
            told = self.report.cards.told(name, stated.place, when)
            before = stated.role == "previous" or stated.period == self.period.previous.name
            of_base = told.base_parts if before or "change" in stated.role else []
            for one in [*([] if before else told.parts), *of_base]:
                for cells in one.cells:
                    yield " › ".join(filter(None, (cells.file, cells.sheet, cells.cells)))

    def _report_period(self, name: str) -> Period:
        period = Period.parse(name)
        years = {self.period, self.period.previous, Period(self.period.plan_year)}
        return self.period if period in years else period

    def _figure(self, indicator: str, period: str, place: str) -> Figure:
        figures = self.report.figures
        if period in (self.period.name, self.period.previous.name):
            return figures.figure(indicator, place)
        last = figures.figure(indicator, place)
        if (annual := last.note("annual")) and annual.startswith(period):
            return last  # a quarter report shows the last year's figure
        if place != self.report.catalogue.district or Period.parse(period).quarter:
            raise LookupError(f"{indicator} has no figure of {period} at {place}")
        return figures.in_year(indicator, int(period))

    def _level(self, empty: Stated, figure: Figure, role: str) -> Stated:
        said = Said(figure, self.report.catalogue)
        column = "value" if role == "level" else role
        value: Decimal | None = getattr(figure, column)
        before = column == "previous"
        unit = figure.unit if column in ("value", "previous") else ""
        if value is None:
            hidden = figure.base_withheld if before else figure.withheld
            return replace(empty, unit=unit, why=_why(figure, hidden=hidden))
        exact = Fraction(value)
        if column == "value" and said.is_rate and figure.numerator and figure.denominator:
            exact = Fraction(figure.numerator) / Fraction(figure.denominator) * 100
        whole = said.was_whole if before else said.whole
        return replace(
            empty,
            unit=unit,
            value=value,
            exact=exact,
            text=printed(value, whole and column != "numerator"),
            qualifier=_sureness(figure, "base_" if before else ""),
        )

    def _change(self, empty: Stated, figure: Figure) -> Stated:
        """A change as the report words it, or in another way that its two counts allow."""
        now, before = figure.value, figure.previous
        unit = {
            "change_percent": "%",
            "change_points": POINTS,
            "change_count": figure.unit,
            "times": TIMES,
            "change_times": TIMES,
        }.get(empty.role)
        if unit is None:
            raise ValueError(f"no role {empty.role!r}")
        empty = replace(empty, unit=unit)
        if now is None or before is None:
            hidden = figure.withheld or figure.base_withheld
            return replace(empty, why=_why(figure, hidden=hidden))
        unsure = _sureness(figure, "") != "=" or _sureness(figure, "base_") != "="
        if unsure or figure.change_kind == "not_comparable":
            return replace(empty, why="not_comparable")
        rate = self.report.catalogue.indicators[figure.indicator].is_rate
        if rate != (empty.role == "change_points"):
            return replace(empty, why="other_kind")
        moved = figure.change or now - before  # 0.33 after 0.33 may be 0.01 more
        sign = (moved > 0) - (moved < 0)
        if rate:
            change = figure.change if figure.change is not None else now - before
            return _of_change(empty, Fraction(change), abs(change), sign)
        if empty.role == "change_count":
            as_said = figure.change if figure.change_kind == "count" else None
            change = now - before if as_said is None else as_said
            return _of_change(empty, Fraction(change), abs(change), sign)
        if before == 0:
            return replace(empty, why="from_zero")
        exact = Fraction(now) / Fraction(before) - (0 if empty.role == "times" else 1)
        exact *= 100 if empty.role == "change_percent" else 1
        rule = self.report.catalogue.office.rounding
        kind = {"change_percent": "percent", "change_times": "times"}.get(empty.role)
        as_printed = figure.change if kind == figure.change_kind else None
        value = as_printed if as_printed is not None else round_half(exact, 1, rule)
        return _of_change(empty, exact, abs(value), sign)

    def _target(self, empty: Stated) -> Stated:
        standing = self._standing(empty)
        indicator = self.report.catalogue.indicators[empty.indicator]
        required = required_per_quarter(standing, indicator, self.period)
        value: Decimal | None = (
            required.amount if empty.role == "required" else getattr(standing, empty.role)
        )
        unit = indicator.unit
        if empty.role in ("attainment", "pace"):
            unit = "%"
        elif empty.role in ("gap", "required") and unit == "%":
            unit = POINTS
        if value is None:
            return replace(empty, unit=unit, why="no_data")
        text = printed(abs(value), exact_whole=empty.role in ("target", "required"))
        sign = (value > 0) - (value < 0)
        exact = abs(Fraction(value))
        return replace(empty, unit=unit, value=abs(value), exact=exact, text=text, sign=sign)

    def _standing(self, asked: Stated) -> Standing:
        """The target of the year asked for, else of the report's plan. Raises LookupError."""
        figures = self.report.figures
        for year in (Period.parse(asked.period).year, figures.target_year):
            standing = figures.standing(asked.indicator, asked.place, year)
            if standing is not None:
                return standing
        raise LookupError(f"{asked.indicator} has no target at {asked.place}")

    def _rank(self, empty: Stated) -> Stated:
        """The place among the townships that have a value, the best one first."""
        figures = self.report.figures
        own = self._figure(empty.indicator, empty.period, empty.place)
        lower = self.report.catalogue.indicators[empty.indicator].better == "lower"
        known = [one for one in figures.townships(empty.indicator) if one.value is not None]
        if own.value is None or own.place not in {one.place for one in known}:
            return replace(empty, why=_why(own, hidden=own.withheld))
        others = (one.value for one in known if one.value is not None)
        ahead = sum((other < own.value) if lower else (other > own.value) for other in others)
        rank = Decimal(ahead + 1)
        return replace(empty, unit="位", value=rank, exact=Fraction(rank), text=printed(rank))

    def _apart(self, empty: Stated) -> Stated:
        """How far a place is from the whole district, as the two are printed."""
        own = self._figure(empty.indicator, empty.period, empty.place)
        whole = self._figure(empty.indicator, empty.period, self.report.catalogue.district)
        unit = POINTS if own.unit == "%" else own.unit
        if own.value is None or whole.value is None:
            return replace(empty, unit=unit, why=_why(own, hidden=own.withheld))
        apart = own.value - whole.value
        return _of_change(
            replace(empty, unit=unit), Fraction(apart), abs(apart), (apart > 0) - (apart < 0)
        )

    def _share(self, empty: Stated, part: str, whole: str) -> Stated:
        one, other = (self.stated(n, empty.period, empty.place, "level") for n in (part, whole))
        for count in (one, other):
            if count.exact is None or count.qualifier != "=":
                return replace(empty, why=count.why or "not_comparable")
        if not other.exact or one.exact is None:
            return replace(empty, why="from_zero")
        exact = one.exact / other.exact * 100
        value = round_half(exact, 1, self.report.catalogue.office.rounding)
        return replace(empty, value=value, exact=exact, text=printed(value, exact in (0, 100)))


def opened(workspace: Workspace, period: Period, lang: str) -> Data:
    """Work the figures of a period out. Raises InputMissing where nothing was reported."""
    report = Unwritten(workspace, period, lang)
    work_out(report)
    return Data(report)


def _of_change(empty: Stated, exact: Fraction, value: Decimal, sign: int) -> Stated:
    return replace(empty, value=value, exact=abs(exact), text=printed(value), sign=sign)


def _sureness(figure: Figure, whose: str) -> Qualifier:
    known: dict[str, Qualifier] = {"at_least": ">=", "at_most": "<=", "about": "~"}
    return next((q for note, q in known.items() if figure.note(whose + note) is not None), "=")


def _why(figure: Figure, *, hidden: bool) -> str:
    if hidden:
        return "withheld"
    return "missing" if figure.note("missing") is not None else "no_data"
