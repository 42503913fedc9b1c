"""What a target still asks of every quarter."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Literal

from nianbao.catalogue import Indicator
from nianbao.figures import Standing
from nianbao.period import Period

Pace = Literal["amount", "step", "hold", "none"]


@dataclass(frozen=True, slots=True)
class Required:
    """How a target is reached: so much a quarter (`amount`), so much more each quarter (`step`),
    the level itself in every quarter (`hold`), or nothing any more (`none`).

    `amount` is in the indicator's unit; percentage points for a step of a rate.
    """

    kind: Pace
    amount: Decimal | None = None


def required_per_quarter(standing: Standing, indicator: Indicator, period: Period) -> Required:
    """Share what is left evenly over the quarters left until the target's year ends.

    A year report looks at all four quarters of the next year, for which flows start from nothing.
    """
    target, value = standing.target, standing.value
    if target is None or indicator.over_time == "done":
        return Required("none")
    if indicator.over_time == "ratio_of_sums" or standing.op == "<=":
        return Required("hold")
    ahead = standing.target_year > period.year
    left = 4 if ahead or period.quarter is None else 4 - period.quarter
    if left == 0:
        return Required("none")
    if indicator.over_time == "sum":
        rest = target if ahead else target - (value or Decimal(0))
        return _shared(rest, left, 0 if indicator.decimals == 0 else indicator.decimals, "amount")
    if value is None:
        return Required("none")
    if value >= target:
        return Required("hold")
    return _shared(target - value, left, indicator.decimals, "step")


def _shared(rest: Decimal, left: int, decimals: int, kind: Pace) -> Required:
    if rest <= 0:
        return Required("none")
    quantum = Decimal(1).scaleb(-decimals)
    return Required(kind, (rest / left).quantize(quantum, rounding=ROUND_CEILING))
