"""Year on year: what kind of change a change is, and its size, from exact values.

Source of the rules: the wording table of the domain notes (C.1); each branch is one of its rows.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from nianbao.catalogue import Indicator, Office
from nianbao.quantities import Exact
from nianbao.rounding import round_half

ChangeKind = Literal["percent", "points", "times", "same", "count", "new", "none", "not_comparable"]
_PERCENT_DECIMALS = 1
_TIMES_FROM = 2  # a growth of over 200 % is said in times


@dataclass(frozen=True, slots=True)
class Change:
    """A change on last year: its kind, its rounded size, and what a reader has to know of it."""

    kind: ChangeKind
    size: Decimal | None = None
    notes: tuple[str, ...] = ()


def compare(
    now: Exact, before: Exact, indicator: Indicator, office: Office, *, counted: Exact | None = None
) -> Change:
    """Compare two exact values of an indicator (a rate is in percent: 97.9).

    `counted` is the base in cases: a rate per 10 000 residents rests on the cases behind it, and it
    is their number that can be too small for percent; without it the base is its own count.
    Percent kinds: nothing changed → same; from zero → new; base under `small_base`, or a change
    that would print as 0.0 % → count; over 200 % → times (g of 增长g倍); else percent.
    Percentages: points, or same where the difference prints as 0.0.
    Differences (averages, ratios, CV): count, or same.
    """
    if indicator.change_as == "points":
        return _difference("points", now, before, max(1, indicator.decimals), indicator, office)
    if indicator.change_as == "difference":
        return _difference("count", now, before, indicator.decimals, indicator, office)
    decimals, rule = indicator.decimals, office.rounding
    delta = Fraction(now) - before
    printed = round_half(delta, decimals, rule)
    if not printed and round_half(now, decimals, rule) == round_half(before, decimals, rule):
        return Change("same", printed)
    if not before:
        return Change("new", round_half(now, decimals, rule))
    if (before if counted is None else counted) < Fraction(office.small_base):
        change = _difference("count", now, before, decimals, indicator, office)
        return Change(change.kind, change.size, (*change.notes, "small_base"))
    growth = delta / abs(Fraction(before))
    if growth > _TIMES_FROM:
        return Change("times", round_half(growth, _PERCENT_DECIMALS, rule))
    percent = round_half(growth * 100, _PERCENT_DECIMALS, rule)
    if not percent:  # 10 003 after 10 000: “grew by 0.0 %” says nothing, “by 3” does
        return _difference("count", now, before, decimals, indicator, office)
    return Change("percent", percent)


def _difference(
    kind: Literal["points", "count"],
    now: Exact,
    before: Exact,
    decimals: int,
    indicator: Indicator,
    office: Office,
) -> Change:
    """The difference of the exact values, with a note where the printed ends say another one."""
    rule = office.rounding
    size = round_half(Fraction(now) - before, decimals, rule)
    ends = [round_half(end, indicator.decimals, rule) for end in (now, before)]
    notes = () if ends[0] - ends[1] == size else ("ends_disagree",)
    return Change(kind if size else "same", size, notes)
