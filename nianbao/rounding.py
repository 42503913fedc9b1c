"""Exact rounding and plain printing of figures.

Only Fraction, Decimal and int come in: a float has already lost the half that decides.
Source of the half-even rule: GB/T 8170, numbers rounded in one step, negatives by absolute value.
"""

from decimal import Decimal
from fractions import Fraction
from typing import Literal

Rule = Literal["half_up", "gbt8170"]


def round_half(value: Fraction | Decimal | int, decimals: int, rule: Rule = "half_up") -> Decimal:
    """Round once to so many decimals, a half going away from zero or (gbt8170) to the even digit.

    The result carries exactly `decimals` places (100.0, not 100) and is never -0; a negative number
    of decimals rounds to tens, hundreds and so on. Raises TypeError for a float or a bool,
    ValueError for nan, infinity or an unknown rule.
    """
    if rule not in ("half_up", "gbt8170"):
        raise ValueError(f"unknown rounding rule {rule!r}; use half_up or gbt8170")
    scaled = abs(_exact(value)) * Fraction(10) ** decimals
    units, rest = divmod(scaled, 1)
    away = rest > Fraction(1, 2)
    if rest == Fraction(1, 2):
        away = rule == "half_up" or units % 2 == 1
    rounded = int(units) + int(away)
    sign = 1 if value < 0 and rounded else 0
    # Built from its digits: arithmetic on Decimal would round to the context's precision.
    return Decimal((sign, _digits(rounded), -decimals))


def plain(value: Decimal) -> str:
    """Print a Decimal with the places it carries, no exponent or thousands mark: 12.5, 1234, 100.0.

    Raises TypeError for anything but a Decimal, ValueError for nan or infinity.
    """
    if type(value) is not Decimal:
        raise TypeError(f"plain() prints a Decimal, not {type(value).__name__}; round it first")
    if not value.is_finite():
        raise ValueError(f"{value} has no plain form")
    return format(value.copy_abs() if value == 0 else value, "f")


def _exact(value: object) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, (Fraction, Decimal, int)):
        raise TypeError(
            f"round_half() needs Fraction, Decimal or int, not {type(value).__name__}; "
            "keep counts exact until they are printed"
        )
    if isinstance(value, Decimal) and not value.is_finite():
        raise ValueError(f"{value} cannot be rounded")
    return Fraction(value)


def _digits(number: int) -> tuple[int, ...]:
    return tuple(int(digit) for digit in str(number))
