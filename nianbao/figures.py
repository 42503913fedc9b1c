"""Figures to read: one report by indicator and place, for prose, charts and tables."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import pandas as pd

from nianbao.catalogue import Catalogue, did_you_mean
from nianbao.period import Period
from nianbao.schema import records
from nianbao.withholding import published_notes


@dataclass(frozen=True, slots=True)
class Figure:
    """One indicator at one place, as printed; None where there is nothing to print."""

    indicator: str
    period: str
    place: str
    numerator: Decimal | None
    denominator: Decimal | None
    value: Decimal | None
    previous: Decimal | None
    change: Decimal | None
    unit: str
    change_kind: str
    completeness: str
    notes: tuple[str, ...]

    @property
    def withheld(self) -> bool:
        """Whether its number is known but not shown: too few persons, or a neighbour of such."""
        return self.note("withheld") is not None

    @property
    def base_withheld(self) -> bool:
        """Whether the number of the year before is known but not shown."""
        return self.note("base_withheld") is not None

    def note(self, name: str) -> str | None:
        """What a note says after its colon ("" where it says no more); None without the note."""
        for note in self.notes:
            head, _, rest = note.partition(":")
            if head == name:
                return rest
        return None


@dataclass(frozen=True, slots=True)
class Standing:
    """One figure against its target; None where there is nothing to print."""

    indicator: str
    period: str
    place: str
    target_year: int
    value: Decimal | None
    op: str
    target: Decimal | None
    gap: Decimal | None
    attainment: Decimal | None
    pace: Decimal | None
    pace_kind: str
    standing: str
    basis: str
    department: str


class Figures:
    """All figures and standings of one report."""

    def __init__(
        self,
        catalogue: Catalogue,
        period: Period,
        values: pd.DataFrame,
        standings: pd.DataFrame,
        series: pd.DataFrame,
    ) -> None:
        self.catalogue = catalogue
        self.period = period
        self._figures = {(row["indicator"], row["place"]): _figure(row) for row in records(values)}
        self._standings = [_standing(row) for row in records(standings)]
        self._series = {
            (row["indicator"], row["period"]): _number(row["value"]) for row in records(series)
        }

    def figure(self, indicator: str, place: str | None = None) -> Figure:
        """One figure, of the district unless a place is named.

        Raises LookupError, naming near ones, for an indicator or a place that has none.
        """
        where = place or self.catalogue.district
        if (indicator, where) in self._figures:
            return self._figures[indicator, where]
        known = {name for name, _ in self._figures}
        if indicator not in known:
            raise LookupError(f"no indicator “{indicator}”{did_you_mean(indicator, known)}")
        places = [code for name, code in self._figures if name == indicator]
        raise LookupError(f"“{indicator}” has no figure at {where}; it has at {', '.join(places)}")

    def standing(
        self, indicator: str, place: str | None = None, year: int | None = None
    ) -> Standing | None:
        """One figure against its target; None where it has no target."""
        self.figure(indicator)
        where = place or self.catalogue.district
        for standing in self.standings(year):
            if (standing.indicator, standing.place) == (indicator, where):
                return standing
        return None

    def standings(self, year: int | None = None) -> tuple[Standing, ...]:
        """Every target of a year in the order of its file; without a year, of `target_year`."""
        wanted = year or self.target_year
        return tuple(standing for standing in self._standings if standing.target_year == wanted)

    @property
    def target_year(self) -> int:
        """Whose targets the report looks to: a quarter to its own year's, a year to the next one's.

        A year report that has no targets for the next year yet looks to its own.
        """
        if self.period.quarter is not None:
            return self.period.year
        ahead = self.period.year + 1
        years = {standing.target_year for standing in self._standings}
        return ahead if ahead in years or not years else self.period.year

    def places(self, indicator: str) -> tuple[str, ...]:
        """Every place that has a figure of an indicator, the district first."""
        return tuple(code for name, code in self._figures if name == indicator)

    def townships(self, indicator: str) -> tuple[Figure, ...]:
        """An indicator at every township that has it, in official order."""
        self.figure(indicator)
        codes = self.catalogue.townships(self.period.quarters[-1])
        found = (self._figures.get((indicator, code)) for code in codes)
        return tuple(figure for figure in found if figure is not None)

    def lagging(self, indicator: str) -> tuple[Figure, ...]:
        """The townships that stand last, worst first, as many as the office names."""
        known = [figure for figure in self.townships(indicator) if figure.value is not None]
        better = self.catalogue.indicators[indicator].better
        return laggards(known, better, self.catalogue.office.lagging_places)

    def years(self, indicator: str) -> tuple[tuple[int, Decimal], ...]:
        """The district's values of an indicator in every year that its tables hold, in order."""
        self.figure(indicator)
        found = (
            (int(name), value)
            for (one, name), value in self._series.items()
            if one == indicator and name.isdecimal() and value is not None
        )
        return tuple(sorted(found))

    def in_year(self, indicator: str, year: int) -> Figure:
        """The district's figure of one year of its tables, without a value where there is none.

        The year's value alone: what it compares with stands in the report of that year.
        """
        if year == self.period.year and self.period.quarter is None:
            return self.figure(indicator)
        value = dict(self.years(indicator)).get(year)
        unit, place = self.catalogue.indicators[indicator].unit, self.catalogue.district
        return Figure(
            indicator, str(year), place, None, None, value, None, None, unit, "none", "", ()
        )

    def quarters(self, indicator: str, year: int) -> tuple[tuple[Period, Decimal | None], ...]:
        """The district's single quarters of a year that the report covers, each with its value.

        Empty for indicators that have no quarterly series.
        """
        self.figure(indicator)
        return tuple(
            (quarter, self._series[indicator, quarter.name])
            for quarter in Period(year).quarters
            if (indicator, quarter.name) in self._series
        )


def laggards(figures: Sequence[Figure], better: str, how_many: int) -> tuple[Figure, ...]:
    """Of figures with a value those that stand last, worst first.

    Only places on the wrong side of the median lag; equals of the last one named are named too.
    Where good is not defined nobody lags.
    """
    if better in ("volume", "context") or len(figures) < 3:
        return ()
    sign = -1 if better == "lower" else 1
    ordered = sorted(figures, key=lambda figure: sign * (figure.value or Decimal(0)))
    levels = [sign * (figure.value or Decimal(0)) for figure in ordered]
    middle = statistics.median(levels)
    edge = levels[min(how_many, len(levels)) - 1]
    return tuple(
        figure
        for figure, level in zip(ordered, levels, strict=True)
        if level < middle and level <= edge
    )


def _figure(row: dict[str, str]) -> Figure:
    """One row as it is shown: here a withheld number ends, and nothing after this can show it."""
    figure = Figure(
        indicator=row["indicator"],
        period=row["period"],
        place=row["place"],
        numerator=_number(row["numerator"]),
        denominator=_number(row["denominator"]),
        value=_number(row["value"]),
        previous=_number(row["previous"]),
        change=_number(row["change"]),
        unit=row["unit"],
        change_kind=row["change_kind"],
        completeness=row["completeness"],
        notes=tuple(note for note in row["note"].split(";") if note),
    )
    if figure.withheld:
        figure = replace(figure, numerator=None, denominator=None, value=None)
    if figure.base_withheld:
        figure = replace(figure, previous=None)
    if figure.withheld or figure.base_withheld:
        notes = published_notes(figure.notes)
        figure = replace(figure, change=None, change_kind="none", notes=notes)
    return figure


def _standing(row: dict[str, str]) -> Standing:
    return Standing(
        indicator=row["indicator"],
        period=row["period"],
        place=row["place"],
        target_year=int(row["target_year"]),
        value=_number(row["value"]),
        op=row["op"],
        target=_number(row["target"]),
        gap=_number(row["gap"]),
        attainment=_number(row["attainment"]),
        pace=_number(row["pace"]),
        pace_kind=row["pace_kind"],
        standing=row["standing"],
        basis=row["basis"],
        department=row["department"],
    )


def _number(text: str) -> Decimal | None:
    return Decimal(text) if text else None
