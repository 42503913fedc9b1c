"""Targets: where each figure of the district stands against what was promised, by its exact value.

A year report holds the year against next year's targets (reached or not yet), and against its own
where the catalogue has them. A quarter report measures progress to the targets of its own year.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Literal

import pandas as pd

from nianbao import schema
from nianbao.amounts import FactIndex, Span
from nianbao.calculation import Calculation, Result
from nianbao.catalogue import Catalogue, Indicator, Target
from nianbao.formulas import PlaceCount
from nianbao.numerals import Qualifier
from nianbao.period import Period
from nianbao.quantities import Exact, Quantity, combined, decided
from nianbao.rounding import Rule, plain, round_half

StandingKind = Literal[
    "met",
    "on_track",
    "behind",
    "missed",
    "done",
    "not_done",
    "no_target",
    "not_measurable",
]
_PERCENT = 100


@dataclass(frozen=True, slots=True)
class Pace:
    """How far a figure should be by now, as a percentage of its target."""

    percent: Fraction
    kind: Literal["seasonal", "calendar"]


def compute_standings(
    values: pd.DataFrame, facts: pd.DataFrame | FactIndex, catalogue: Catalogue, period: Period
) -> pd.DataFrame:
    """Hold the district's figures against the targets: one row a target, in the file's order.

    `values` gives each figure as it is printed, `facts` the exact ones that are compared: 99.96 is
    not 100. Columns of the standings table:
    gap — how far the target is away, in the indicator's unit: target - value for >=, value - target
    for <=, their distance for =. It is above zero exactly while the target is not reached; below
    zero it is the margin.
    attainment — value / target in percent, over 100 as it is; empty for limits (<=), which are kept
    or not. pace — what attainment should be by now (see `pace`).
    Neither gap nor attainment is rounded into saying that a target is reached when it is not.
    """
    calculation = Calculation(facts, catalogue, period)
    own = values[values["place"] == catalogue.district]
    printed = {
        row["indicator"]: None if "withheld" in row["note"].split(";") else row["value"]
        for row in schema.records(own)
    }
    years = (period.year,) if period.quarter else (period.year, period.year + 1)
    rows = [
        _row(calculation, name, target, year, printed[name])
        for year in years
        for name, target in catalogue.targets.get(year, {}).items()
    ]
    return schema.table("standings", rows)


def pace(calculation: Calculation, name: str, target: Target) -> Pace | None:
    """How far a figure should be by the end of a quarter; None where nothing builds up.

    Sums, and coverages that count distinct places over the year: last year's cumulative share to
    the same quarter where last year is whole and exact (publicity peaks in March and December),
    else the share of the year gone. Levels: the straight line from last year's end to the target.
    Rates and limits have no pace, nor have annual figures.
    """
    indicator = calculation.catalogue.indicators[name]
    period, district = calculation.period, calculation.catalogue.district
    if period.quarter is None or not target.value or target.op == "<=":
        return None
    if all(map(calculation.catalogue.is_annual, indicator.items)):
        return None
    whole = Span(Period(period.year - 1).quarters, period.year - 1)
    last_year = calculation.result(name, district, whole)
    usable = last_year.value is not None and not (last_year.approximate or last_year.missing)
    if _builds_up(calculation.catalogue, indicator):
        so_far = calculation.result(name, district, calculation.before)
        if usable and last_year.value and so_far.value is not None:
            return Pace(Fraction(so_far.value) / last_year.value * _PERCENT, "seasonal")
        return Pace(period.elapsed * _PERCENT, "calendar")
    if indicator.over_time != "end_of_period" or not usable:
        return None
    goal = Fraction(target.value)
    start = min(Fraction(last_year.value or 0), goal)
    return Pace((start + (goal - start) * period.elapsed) / goal * _PERCENT, "calendar")


def _row(
    calculation: Calculation, name: str, target: Target, year: int, printed: str | None
) -> dict[str, object]:
    catalogue = calculation.catalogue
    indicator = catalogue.indicators[name]
    rule = catalogue.office.rounding
    result = calculation.result(name, catalogue.district, calculation.now)
    if printed is None:  # it would give small numbers of persons away
        result = replace(result, value=None)
    due_pace = pace(calculation, name, target) if year == calculation.period.year else None
    row: dict[str, object] = {
        "indicator": name,
        "period": calculation.period.name,
        "place": catalogue.district,
        "target_year": year,
        "value": printed,
        "op": target.op,
        "standing": _standing(calculation, name, result, target, due_pace),
        "basis": target.basis,
        "department": indicator.department,
    }
    if target.value is not None:
        row["target"] = plain(target.value)
        if due_pace is not None:
            row["pace"] = plain(round_half(due_pace.percent, 1, rule))
            row["pace_kind"] = due_pace.kind
        if result.value is not None:
            gap = _gap(result.value, target)
            row["gap"] = plain(_telling(gap, 0, indicator.decimals, rule))
            if target.op != "<=" and target.value:
                reached = Fraction(result.value) / Fraction(target.value) * _PERCENT
                row["attainment"] = plain(_telling(reached, _PERCENT, 1, rule))
    return row


def _standing(
    calculation: Calculation,
    name: str,
    result: Result,
    target: Target,
    due_pace: Pace | None,
) -> StandingKind:
    """Say where a figure stands.

    `met` is final: a year report, a due date that has come, or a sum or level that has reached
    what it was to reach. A rate, a limit or a level to hold is only kept so far (`on_track`).
    A milestone is done or not done, also after its due date. An annual figure says nothing about
    a year that is not over.
    """
    period = calculation.period
    if result.value is None:
        return "not_measurable"
    if target.value is None or target.op == "done":
        return "done" if result.value else "not_done"
    if period.quarter is not None and _only_annual(calculation.catalogue, name):
        return "not_measurable"
    indicator = calculation.catalogue.indicators[name]
    figure = Quantity(result.value, _sureness(result, indicator))
    goal = Fraction(target.value)
    reached = decided(figure, target.op, goal)
    over = target.due <= period.last_day
    if reached:
        final = _final(calculation.catalogue, indicator, target)
        return "met" if final or over or period.quarter is None else "on_track"
    if reached is False and (over or period.quarter is None):
        return "missed" if over else "behind"
    kept_pace = _keeps_pace(figure, goal, target, due_pace) if not over else None
    if kept_pace:
        return "on_track"
    return "behind" if reached is False and kept_pace is False else "not_measurable"


def _keeps_pace(
    figure: Quantity, goal: Fraction, target: Target, due_pace: Pace | None
) -> bool | None:
    """Whether a figure that has not reached its target is where it should be by now."""
    if due_pace is None or (target.op == "=" and decided(figure, ">", goal)):
        return False
    return decided(figure, ">=", goal * due_pace.percent / _PERCENT)


def _sureness(result: Result, indicator: Indicator) -> Qualifier:
    """How sure a figure is; a sum that some places are not in is at least what it is."""
    if not result.missing:
        return result.qualifier
    return combined(result.qualifier, ">=" if indicator.over_time == "sum" else "~")


def _builds_up(catalogue: Catalogue, indicator: Indicator) -> bool:
    """Whether a figure can only grow as the year goes on: a sum, or a count of places reached."""
    counted = indicator.numerator
    if isinstance(counted, PlaceCount):
        flows = all(catalogue.flow_of(item) in ("quarter", "cumulative") for item in counted.items)
        return flows and counted.op in (">=", ">") and indicator.over_time == "ratio_of_sums"
    return indicator.over_time == "sum"


def _final(catalogue: Catalogue, indicator: Indicator, target: Target) -> bool:
    """Whether a target once reached stays reached, or was only to be reached once."""
    if isinstance(indicator.numerator, PlaceCount) and target.op == "=":
        return _builds_up(catalogue, indicator)
    level = indicator.over_time == "end_of_period"
    return target.op == ">=" and (level or _builds_up(catalogue, indicator))


def _only_annual(catalogue: Catalogue, name: str) -> bool:
    """Whether everything a figure rests on arrives once a year."""
    indicator = catalogue.indicators[name]
    if indicator.across:
        return _only_annual(catalogue, indicator.across.of)
    if indicator.index:
        return all(_only_annual(catalogue, part) for part in indicator.index.components)
    return all(map(catalogue.is_annual, indicator.items))


def _gap(value: Exact, target: Target) -> Fraction:
    distance = Fraction(target.value or 0) - value
    if target.op == "<=":
        return -distance
    return abs(distance) if target.op == "=" else distance


def _telling(value: Fraction, landmark: int, decimals: int, rule: Rule) -> Decimal:
    """Round, with more decimals where the landmark would be printed although it is not hit."""
    rounded = round_half(value, decimals, rule)
    while rounded == landmark and value != landmark:
        decimals += 1
        rounded = round_half(value, decimals, rule)
    return rounded
