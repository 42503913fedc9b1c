"""How unevenly figures are spread over townships, and how varied a composition is.

Everything is exact; where a root or a logarithm is needed, Decimal works to 50 digits whatever the
machine or its settings, so the same facts give the same digits everywhere.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

_FIFTY_DIGITS = Context(prec=50, rounding=ROUND_HALF_EVEN)
_ONLY_ONE = 1


def cv(values: Sequence[Fraction]) -> Fraction | None:
    """Coefficient of variation: the population standard deviation over the mean.

    None where the mean is zero.
    """
    mean = sum(values, Fraction()) / len(values)
    if not mean:
        return None
    squares = sum(((value - mean) ** 2 for value in values), Fraction())
    variance = squares / len(values)
    return Fraction(_decimal(variance / mean**2).sqrt(_FIFTY_DIGITS))


def max_min(values: Sequence[Fraction]) -> Fraction | None:
    """The highest over the lowest; None where the lowest is zero."""
    return max(values) / min(values) if min(values) else None


def gini(values: Sequence[Fraction]) -> Fraction | None:
    """Gini coefficient: the mean absolute difference over twice the mean, each place alike.

    0 where all are equal, (n-1)/n where one has everything; None where all are zero.
    """
    total = sum(values, Fraction())
    if not total:
        return None
    count = len(values)
    ranked = sum(
        ((2 * rank - count - 1) * value for rank, value in enumerate(sorted(values), 1)), Fraction()
    )
    return ranked / (count * total)


def below_half_median(values: Sequence[Fraction]) -> int:
    """How many lie under half the median."""
    ranked = sorted(values)
    middle = len(ranked) // 2
    median = ranked[middle] if len(ranked) % 2 else (ranked[middle - 1] + ranked[middle]) / 2
    return sum(value < median / 2 for value in values)


def evenness(parts: Sequence[Fraction]) -> Fraction | None:
    """Shannon's index of the shares over its maximum, ln k for the k parts that are possible.

    1 where all parts are equal, 0 where there is one only; None where nothing is there at all.
    """
    total = sum(parts, Fraction())
    if not total:
        return None
    if len(parts) == _ONLY_ONE:
        return Fraction()
    entropy = Decimal(0)
    for part in parts:
        if part:
            share = _decimal(part / total)
            term = _FIFTY_DIGITS.multiply(share, share.ln(_FIFTY_DIGITS))
            entropy = _FIFTY_DIGITS.subtract(entropy, term)
    return Fraction(_FIFTY_DIGITS.divide(entropy, Decimal(len(parts)).ln(_FIFTY_DIGITS)))


SPREADS: Mapping[str, Callable[[Sequence[Fraction]], Fraction | None]] = {
    "cv": cv,
    "max_min": max_min,
    "gini": gini,
}


def _decimal(value: Fraction) -> Decimal:
    return _FIFTY_DIGITS.divide(Decimal(value.numerator), Decimal(value.denominator))
