"""The tables of figures: every indicator at every place, its quarterly series, and its jumps."""

from collections.abc import Iterator
from decimal import Decimal

import pandas as pd

from nianbao import schema
from nianbao.amounts import FactIndex, Span
from nianbao.calculation import Calculation, Result
from nianbao.catalogue import Catalogue, Indicator
from nianbao.comparison import Change, compare
from nianbao.period import Period
from nianbao.quantities import Exact, exact_text
from nianbao.rounding import plain, round_half
from nianbao.withholding import Withholding

NOTES = (
    "at_least",
    "at_most",
    "about",
    "base_at_least",
    "base_at_most",
    "base_about",
    "base_restated",
    "corrected",
    "zero_denominator",
    "base_zero_denominator",
    "small_base",
    "missing",
    "base_missing",
    "incomplete_shown",
    "annual",
    "redefined",
    "ends_disagree",
    "withheld",
    "base_withheld",
)
"""What `note` may say, in the order in which it says it; some carry more after a colon."""

_SURENESS = {">=": "at_least", "<=": "at_most", "~": "about"}
_SERIES = ("sum", "end_of_period", "ratio_of_sums")


def compute_values(
    facts: pd.DataFrame | FactIndex,
    corrections: pd.DataFrame | None,
    catalogue: Catalogue,
    period: Period,
) -> pd.DataFrame:
    """Work out every indicator at the district and at every place that reports all of its items.

    `facts` is a facts table or an index of one; `corrections` are the decisions that took effect.
    One row of the values table an indicator and place, in the order of the catalogue: value and
    previous rounded once to the indicator's decimals, change from the exact values (percent and
    times to 1 decimal, points to at least 1), numerator and denominator exact.
    """
    calculation = Calculation(facts, catalogue, period, corrections)
    withholding = Withholding(calculation)
    rows = (
        _row(calculation, name, place, withholding)
        for name in catalogue.indicators
        for place in calculation.places(name)
    )
    return schema.table("values", rows)


def compute_series(
    facts: pd.DataFrame | FactIndex, catalogue: Catalogue, period: Period
) -> pd.DataFrame:
    """The district's figure of each single quarter of last year and this one, or of each year.

    For sums, levels and rates whose items all arrive quarterly; a quarter without its facts has an
    empty value. For indicators whose items all stand in tables of years: each year that has them.
    """
    calculation = Calculation(facts, catalogue, period)
    quarters = (*Period(period.year - 1).quarters, *period.quarters)
    spans = [Span((quarter,), quarter.year) for quarter in quarters]
    held = sorted(calculation.amounts.index.years)
    years = [Span(Period(year).quarters, year) for year in held if year <= period.year]
    rows, district = [], catalogue.district
    for name, indicator in catalogue.indicators.items():
        if not indicator.items:
            continue
        if all(catalogue.table_of(item).yearly for item in indicator.items):
            found = ((span.year, calculation.result(name, district, span).value) for span in years)
            known = ((year, value) for year, value in found if value is not None)
            rows += [_in_series(name, year, value, catalogue) for year, value in known]
        elif indicator.over_time in _SERIES and not any(map(catalogue.is_annual, indicator.items)):
            for span in spans:
                value = calculation.result(name, district, span).value
                rows.append(_in_series(name, span.quarters[0].name, value, catalogue))
    return schema.table("series", rows)


def _in_series(
    name: str, period: int | str, value: Exact | None, catalogue: Catalogue
) -> dict[str, object]:
    indicator = catalogue.indicators[name]
    return {
        "indicator": name,
        "period": period,
        "place": catalogue.district,
        "value": rounded(value, indicator, catalogue),
        "unit": indicator.unit,
    }


def find_jumps(
    values: pd.DataFrame, catalogue: Catalogue, period: Period
) -> list[dict[str, object]]:
    """Changes at reporting places that are worth a look (W_JUMP), in the order of the values table.

    Counts: over the office's percent from a base of its `base` or more; rates: over its points
    where at least `base` cases stand under the rate; an indicator's own `jump` replaces either.
    Keys: indicator, period, place, value, previous, change (percent or points, to 1 decimal), unit.

    Not looked at: the district (the sum of what is looked at), milestones, figures derived from
    others, and averages and figures per resident whose jump is the jump of a count that is looked
    at already.
    """
    watched = set(_watched(catalogue))
    jumps: list[dict[str, object]] = []
    for row in values.to_dict("records"):
        name, place = str(row["indicator"]), str(row["place"])
        if name not in watched or place == catalogue.district or row["period"] != period.name:
            continue
        if row["change_kind"] in ("none", "not_comparable") or not row["previous"]:
            continue
        change = _jump(
            {str(k): str(v) for k, v in row.items()}, catalogue.indicators[name], catalogue
        )
        if change is not None:
            kept = ("indicator", "period", "place", "value", "previous")
            unit = "points" if catalogue.indicators[name].is_rate else "percent"
            jumps.append({**{key: row[key] for key in kept}, "change": plain(change), "unit": unit})
    return jumps


def rounded(value: Exact | None, indicator: Indicator, catalogue: Catalogue) -> str:
    """A value as it is printed: rounded once to the indicator's decimals; "" for none."""
    if value is None:
        return ""
    return plain(round_half(value, indicator.decimals, catalogue.office.rounding))


def _row(
    calculation: Calculation, name: str, place: str, withholding: Withholding
) -> dict[str, object]:
    catalogue = calculation.catalogue
    indicator = catalogue.indicators[name]
    now = calculation.result(name, place, calculation.now)
    before = calculation.result(name, place, calculation.before)
    alike_now, alike_before = _alike(calculation, name, place, now, before)
    change = _change(calculation, name, place, alike_now, alike_before)
    notes = _notes(now, before, alike_before, change)
    if withholding.hides(name, place, calculation.now):
        notes.append("withheld")
    if withholding.hides(name, place, calculation.before):
        notes.append("base_withheld")
    return {
        "indicator": name,
        "period": calculation.period.name,
        "place": place,
        "numerator": None if now.numerator is None else exact_text(now.numerator),
        "denominator": None if now.denominator is None else exact_text(now.denominator),
        "value": rounded(now.value, indicator, catalogue),
        "unit": indicator.unit,
        "previous": rounded(alike_before.value, indicator, catalogue),
        "change": None if change.size is None else plain(change.size),
        "change_kind": change.kind,
        "completeness": f"{len(now.expected) - len(now.missing)}/{len(now.expected)}",
        "note": ";".join(notes),
    }


def _alike(
    calculation: Calculation, name: str, place: str, now: Result, before: Result
) -> tuple[Result, Result]:
    """The two sides to compare: where some places are missing, only those that both years have."""
    if now.value is None or before.value is None or not (now.missing or before.missing):
        return now, before
    silent = {*now.missing, *before.missing}
    both = tuple(p for p in now.expected if p in before.expected and p not in silent)
    return (
        calculation.result(name, place, calculation.now, both),
        calculation.result(name, place, calculation.before, both),
    )


def _change(calculation: Calculation, name: str, place: str, now: Result, before: Result) -> Change:
    indicator = calculation.catalogue.indicators[name]
    if indicator.over_time == "done" or now.value is None or before.value is None:
        return Change("none")
    if _parted(calculation, name, place):
        return Change("not_comparable", notes=("redefined",))
    if now.approximate or before.approximate or not _same_quarters(calculation, name, place):
        return Change("not_comparable")
    counted = before.numerator if before.denominator is not None else None
    return compare(
        now.value, before.value, indicator, calculation.catalogue.office, counted=counted
    )


def _parted(calculation: Calculation, name: str, place: str) -> bool:
    """Whether a change of definition lies between the two years, and the base was not restated."""
    catalogue, period = calculation.catalogue, calculation.period
    indicator = catalogue.indicators[name]
    change = indicator.redefined
    if change and not change.restated and change.parts(period.previous, period):
        return not _restated(calculation, name, place)
    return any(_parted(calculation, part, place) for part in indicator.parts)


def _restated(calculation: Calculation, name: str, place: str) -> bool:
    """Whether the office restated the base: some item of it at every place, in every quarter."""
    amounts = calculation.amounts
    span = calculation.settled(name, calculation.before)
    everywhere = place == calculation.catalogue.district
    done: dict[tuple[str, Period], bool] = {}
    for item in calculation.catalogue.indicators[name].items:
        for period in amounts.periods(item, span):
            for code in amounts.places(item, period) if everywhere else (place,):
                restated = amounts.restated(item, code, period)
                done[code, period] = done.get((code, period), False) or restated
    return bool(done) and all(done.values())


def _same_quarters(calculation: Calculation, name: str, place: str) -> bool:
    """Whether a place existed in the same quarters of both years: a half is no base for a whole."""
    where = calculation.catalogue.places[place]
    if where.valid_from is None and where.valid_to is None:
        return True
    now, before = (
        [q.quarter for q in calculation.settled(name, side).quarters if where.valid_in(q)]
        for side in (calculation.now, calculation.before)
    )
    return now == before


def _notes(now: Result, before: Result, alike_before: Result, change: Change) -> list[str]:
    found = dict.fromkeys(change.notes, "")
    if now.value is not None and now.approximate:
        found[_SURENESS[now.qualifier]] = ""
    if alike_before.value is not None:
        if before.approximate:
            found[f"base_{_SURENESS[before.qualifier]}"] = ""
        if "restates" in before.decisions:
            found["base_restated"] = ""
    if now.decisions:
        found["corrected"] = ""
    if now.zero_denominator:
        found["zero_denominator"] = ""
    if now.missing:
        found["missing"] = ",".join(now.missing)
        if now.value is not None:
            found["incomplete_shown"] = ""
    if before.held:
        if before.zero_denominator:
            found["base_zero_denominator"] = ""
        if before.missing:
            found["base_missing"] = ",".join(before.missing)
    if now.annual is not None:
        found["annual"] = str(now.annual)
    return [f"{name}:{found[name]}" if found[name] else name for name in NOTES if name in found]


def _watched(catalogue: Catalogue) -> Iterator[str]:
    counts = {i.numerator for i in catalogue.indicators.values() if i.denominator is None}
    for name, indicator in catalogue.indicators.items():
        if indicator.over_time == "done" or indicator.numerator is None:
            continue
        if indicator.denominator and not indicator.is_rate and indicator.numerator in counts:
            continue
        yield name


def _jump(row: dict[str, str], indicator: Indicator, catalogue: Catalogue) -> Decimal | None:
    """The change of one row where it is a jump: points of a rate, percent of anything else."""
    rule = catalogue.office.jump
    value, previous = Decimal(row["value"]), Decimal(row["previous"])
    if indicator.is_rate:
        limit = rule.points if indicator.jump is None else indicator.jump
        points = value - previous if row["change_kind"] == "same" else Decimal(row["change"])
        return points if Decimal(row["denominator"]) >= rule.base and abs(points) > limit else None
    limit = rule.percent if indicator.jump is None else indicator.jump
    if not previous or previous < rule.base or abs(value - previous) * 100 <= limit * previous:
        return None
    return round_half((value - previous) * 100 / previous, 1, catalogue.office.rounding)
