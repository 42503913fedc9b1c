"""Indicators worked out exactly: their value at one place over one span, before any rounding."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

import pandas as pd

from nianbao.amounts import Amount, Amounts, FactIndex, Span, indexed
from nianbao.catalogue import Catalogue, Indicator
from nianbao.catalogue.models import Across, Diversity, Index
from nianbao.errors import CatalogueError
from nianbao.formulas import Sum
from nianbao.numerals import Qualifier
from nianbao.period import Period
from nianbao.quantities import Exact, Quantity, combined
from nianbao.spread import SPREADS, below_half_median, evenness

_PERCENT = 100


@dataclass(frozen=True, slots=True)
class Result:
    """One indicator at one place over one span, exact.

    `value` is None where a place is missing, where the denominator is zero, and where nothing
    applies. A rate is in percent. `held` is False where some item was reported by nobody: there is
    then nothing to compare with, rather than a place that failed to report.
    """

    value: Exact | None = None
    qualifier: Qualifier = "="
    numerator: Exact | None = None
    denominator: Exact | None = None
    expected: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    held: bool = True
    zero_denominator: bool = False
    decisions: frozenset[str] = frozenset()
    annual: int | None = None

    @property
    def approximate(self) -> bool:
        """Whether the value is only a bound or an estimate."""
        return self.qualifier != "="


@dataclass(frozen=True, slots=True)
class _Ground:
    """What a formula needs over a span: its amounts by place, item by item."""

    span: Span
    amounts: tuple[Mapping[str, Amount], ...]
    expected: tuple[str, ...]
    held: bool
    annual: int | None


class Calculation:
    """Every indicator of a report, each worked out once for a place and a span."""

    def __init__(
        self,
        facts: pd.DataFrame | FactIndex,
        catalogue: Catalogue,
        period: Period,
        corrections: pd.DataFrame | None = None,
    ) -> None:
        self.catalogue = catalogue
        self.period = period
        self.amounts = Amounts(indexed(facts), catalogue, corrections)
        self.now = Span.of(period)
        self.before = Span.before(period)
        self._spans: dict[tuple[tuple[Period, ...], int], Span] = {}
        self._grounds: dict[tuple[str, Span], _Ground] = {}
        self._results: dict[tuple[str, str, Span, tuple[str, ...] | None], Result] = {}

    def places(self, name: str) -> tuple[str, ...]:
        """Where an indicator is worked out: the district, then the places that report all of it."""
        indicator = self.catalogue.indicators[name]
        district, last = self.catalogue.district, self.period.quarters[-1]
        if indicator.index:
            return (district, *self.catalogue.townships(last))
        if indicator.across or indicator.diversity:
            return (district,)
        first, *rest = (self.amounts.places(item, last) for item in indicator.items)
        shared = (place for place in first if all(place in other for other in rest))
        return (district, *(place for place in shared if place != district))

    def result(
        self, name: str, place: str, span: Span, within: tuple[str, ...] | None = None
    ) -> Result:
        """One indicator at a place; the district's may be limited to the places `within`."""
        key = (name, place, span, within)
        if key not in self._results:
            self._results[key] = self._worked_out(name, place, span, within)
        return self._results[key]

    def settled(self, name: str, span: Span) -> Span:
        """The span as an indicator takes it: levels from the last quarter, annual items of a year.

        Where only the stand-in year's annual items are held, and the formula needs quarterly items
        too, they serve (see Span).
        """
        indicator = self.catalogue.indicators[name]
        level = indicator.over_time in ("end_of_period", "latest", "done")
        quarters = span.quarters[-1:] if level else span.quarters
        annual = [item for item in indicator.items if self.catalogue.is_annual(item)]
        year = span.year
        if span.stand_in is not None and 0 < len(annual) < len(indicator.items):
            own = (Period(year),)
            if not any(self.amounts.index.holds(item, own) for item in annual):
                year = span.stand_in
        return self._spans.setdefault((quarters, year), Span(quarters, year))

    def _worked_out(
        self, name: str, place: str, span: Span, within: tuple[str, ...] | None
    ) -> Result:
        indicator = self.catalogue.indicators[name]
        if indicator.across:
            return self._across(indicator, indicator.across, span, within)
        if indicator.index:
            if place == self.catalogue.district:
                return self._mean(name, indicator, span, within)
            return self._index(indicator.index, place, span)
        ground = self._ground(name, span)
        base = self._reported(ground, place, within)
        if not base.expected or (base.missing and not self._shows(indicator, base, place)):
            return base
        counted = within if place == self.catalogue.district else (place,)
        if base.missing:
            counted = tuple(code for code in base.expected if code not in base.missing)
        if indicator.diversity:
            return self._diverse(base, indicator.diversity, ground.span, counted)
        return self._ratio(base, indicator, ground.span, counted)

    def _shows(self, indicator: Indicator, base: Result, place: str) -> bool:
        """Whether the sum of those that did report is given although some did not."""
        some = len(base.missing) < len(base.expected)
        return indicator.incomplete == "show" and place == self.catalogue.district and some

    def _ground(self, name: str, span: Span) -> _Ground:
        if (name, span) not in self._grounds:
            items = self.catalogue.indicators[name].items
            settled = self.settled(name, span)
            index = self.amounts.index
            amounts = tuple(self.amounts.by_place(item, settled) for item in items)
            yearly = any(self.catalogue.is_annual(item) for item in items)
            places = {place for by_place in amounts for place in by_place}
            self._grounds[name, span] = _Ground(
                span=settled,
                amounts=amounts,
                expected=self._in_order(places),
                held=all(index.holds(i, self.amounts.periods(i, settled)) for i in items),
                annual=settled.year if yearly and self.period.quarter is not None else None,
            )
        return self._grounds[name, span]

    def _in_order(self, places: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted(places, key=lambda code: self.catalogue.places[code].order))

    def _reported(self, ground: _Ground, place: str, within: tuple[str, ...] | None) -> Result:
        """Who had to report and who did not; nothing is added up yet."""
        if place == self.catalogue.district:
            expected = tuple(p for p in ground.expected if within is None or p in within)
        else:
            expected = (place,) if all(place in amounts for amounts in ground.amounts) else ()
        missing: list[str] = []
        decisions: set[str] = set()
        for code in expected:
            parts = [amounts[code] for amounts in ground.amounts if code in amounts]
            if all(part.complete for part in parts):
                decisions.update(kind for part in parts for kind in part.decisions)
            else:
                missing.append(code)
        return Result(
            expected=expected,
            missing=tuple(missing),
            held=ground.held,
            decisions=frozenset(decisions),
            annual=ground.annual,
        )

    def _ratio(
        self, base: Result, indicator: Indicator, span: Span, counted: tuple[str, ...] | None
    ) -> Result:
        if indicator.numerator is None:
            raise CatalogueError("catalogue/indicators.yml: an indicator has no formula")
        above = self.amounts.evaluate(indicator.numerator, span, counted)
        if indicator.denominator is None:
            return replace(
                base, value=above.value, qualifier=above.qualifier, numerator=above.value
            )
        below = self.amounts.evaluate(indicator.denominator, span, counted)
        base = replace(base, numerator=above.value, denominator=below.value)
        if above.value is None or below.value is None:
            return base
        if not below.value:
            return replace(base, zero_denominator=True)
        ratio = Fraction(above.value) / below.value
        return replace(
            base,
            value=ratio * _PERCENT if indicator.is_rate else ratio,
            qualifier=combined(above.qualifier, below.qualifier, inverse=True),
        )

    def _diverse(
        self, base: Result, of: Diversity, span: Span, counted: tuple[str, ...] | None
    ) -> Result:
        totals = [self.amounts.total(Sum(((1, item),)), span, counted) for item in of.items]
        if all(total.value is None for total in totals):
            return base
        parts = [Fraction(total.value or 0) for total in totals]
        whole = sum(parts, Fraction())
        base = replace(base, qualifier=_estimate(totals))
        if of.measure == "distinct":
            kinds = sum(part > 0 for part in parts)
            return replace(base, value=kinds, numerator=kinds)
        if not whole:
            return replace(base, denominator=whole, zero_denominator=True)
        if of.measure == "top_share":
            top = max(parts)
            share = top / whole * _PERCENT
            return replace(base, value=share, numerator=top, denominator=whole)
        return replace(base, value=evenness(parts), denominator=whole)

    def _across(
        self, indicator: Indicator, across: Across, span: Span, within: tuple[str, ...] | None
    ) -> Result:
        base, results = self._townships(across.of, span, within)
        values = [Fraction(result.value) for result in results if result.value is not None]
        short = len(values) < len(results)
        if not values or (short and indicator.incomplete == "missing"):
            return base
        if across.measure == "below_half_median":
            below = below_half_median(values)
            share = Fraction(below, len(values)) * (_PERCENT if indicator.is_rate else 1)
            return replace(base, value=share, numerator=below, denominator=len(values))
        value = SPREADS[across.measure](values)
        return replace(base, value=value, zero_denominator=value is None or base.zero_denominator)

    def _mean(
        self, name: str, indicator: Indicator, span: Span, within: tuple[str, ...] | None
    ) -> Result:
        base, results = self._townships(name, span, within)
        values = [Fraction(result.value) for result in results if result.value is not None]
        if not values or (len(values) < len(results) and indicator.incomplete == "missing"):
            return base
        return replace(base, value=sum(values, Fraction()) / len(values))

    def _townships(
        self, name: str, span: Span, within: tuple[str, ...] | None
    ) -> tuple[Result, list[Result]]:
        """An indicator at every township, and what they have in common."""
        codes = [
            code
            for code in self.catalogue.townships(span.quarters[-1])
            if within is None or code in within
        ]
        results = [self.result(name, code, span) for code in codes]
        silent = tuple(
            code
            for code, result in zip(codes, results, strict=True)
            if result.value is None and not result.zero_denominator
        )
        return _joined(results, tuple(codes), silent), results

    def _index(self, index: Index, place: str, span: Span) -> Result:
        results = [self.result(name, place, span) for name in index.components]
        silent = any(result.value is None and not result.zero_denominator for result in results)
        base = _joined(results, (place,), (place,) if silent else ())
        if any(result.value is None for result in results):
            return base
        score, weights = Fraction(), Fraction()
        for result, part in zip(results, index.components.values(), strict=True):
            reached = Fraction(result.value or 0) / Fraction(part.full_marks)
            score += Fraction(part.weight) * min(reached, Fraction(1))
            weights += Fraction(part.weight)
        return replace(base, value=score / weights * _PERCENT)


def _joined(results: list[Result], expected: tuple[str, ...], missing: tuple[str, ...]) -> Result:
    """What a figure made of other figures takes over from them."""
    return Result(
        qualifier="~" if any(result.approximate for result in results) else "=",
        expected=expected,
        missing=missing,
        held=all(result.held for result in results),
        zero_denominator=any(result.zero_denominator for result in results),
        decisions=frozenset().union(*(result.decisions for result in results)),
        annual=max((r.annual for r in results if r.annual is not None), default=None),
    )


def _estimate(totals: Iterable[Quantity]) -> Qualifier:
    """A share or an index moves either way with its parts: approximate parts leave an estimate."""
    return "~" if any(total.qualifier != "=" for total in totals) else "="
