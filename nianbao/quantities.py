"""Exact quantities: whole numbers and fractions, never floats, each with how sure it is.

An approximate number stays one: its qualifier is carried through every sum and division.
"""

from dataclasses import dataclass
from fractions import Fraction

from nianbao.formulas import Comparison
from nianbao.numerals import Qualifier

Exact = int | Fraction

_FLIPPED: dict[Qualifier, Qualifier] = {">=": "<=", "<=": ">=", "=": "=", "~": "~"}


@dataclass(frozen=True, slots=True)
class Quantity:
    """An exact number and how sure it is; `value` is None where nothing applies."""

    value: Exact | None
    qualifier: Qualifier = "="


def number(text: str) -> Exact:
    """A fact's decimal text as an exact number."""
    return int(text) if text.isdigit() else Fraction(text)


def exact_text(value: Exact) -> str:
    """An exact decimal in full: Fraction(5, 4) gives 1.25.

    Raises ValueError for a fraction that has no finite decimal form: sums of facts always have one.
    """
    fraction = Fraction(value)
    for decimals in range(64):
        scaled = fraction * 10**decimals
        if scaled.denominator == 1:
            digits = str(abs(scaled.numerator)).rjust(decimals + 1, "0")
            whole, rest = digits[: len(digits) - decimals], digits[len(digits) - decimals :]
            return ("-" if fraction < 0 else "") + whole + (f".{rest}" if rest else "")
    raise ValueError(f"{fraction} has no finite decimal form")


def combined(one: Qualifier, other: Qualifier, *, inverse: bool = False) -> Qualifier:
    """The qualifier of a sum; `inverse` where the second is subtracted or divided by.

    ~ with anything gives ~, >= with = gives >=, >= with <= gives ~.
    """
    if inverse:
        other = _FLIPPED[other]
    if one == other or other == "=":
        return one
    return other if one == "=" else "~"


def satisfies(value: Exact, op: Comparison, limit: Exact) -> bool:
    """Whether a comparison of exact numbers is true."""
    return {
        "=": value == limit,
        "==": value == limit,
        "<=": value <= limit,
        ">=": value >= limit,
        "<": value < limit,
        ">": value > limit,
    }[op]


def decided(quantity: Quantity, op: Comparison, limit: Exact) -> bool | None:
    """Whether a comparison holds, or None where an approximate number leaves it open.

    “120 or more” is certainly at least 100, and certainly not at most 110.
    """
    value = quantity.value
    if value is None:
        return None
    if quantity.qualifier == "=":
        return satisfies(value, op, limit)
    if quantity.qualifier == ">=":
        if op in (">=", ">"):
            return True if satisfies(value, op, limit) else None
        over = value >= limit if op == "<" else value > limit
        return False if over else None
    if quantity.qualifier == "<=":
        if op in ("<=", "<"):
            return True if satisfies(value, op, limit) else None
        under = value <= limit if op == ">" else value < limit
        return False if under else None
    return None
