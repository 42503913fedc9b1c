"""The small language of the catalogue: sums of items, counts of places, identities."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Comparison = Literal["=", "==", "<=", ">=", "<", ">"]
_COMPARISONS: dict[str, Comparison] = {op: op for op in ("<=", ">=", "==", "=", "<", ">")}

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_PLACES = re.compile(r"places\((?P<inside>.*)\)\s*")
_COMPARISON = re.compile(r"(?P<left>.+?)\s*(?P<op><=|>=|==|=|<|>)\s*(?P<right>.+)")


class FormulaError(ValueError):
    """A formula that cannot be read."""


@dataclass(frozen=True, slots=True)
class Sum:
    """Items added and subtracted: `a + b - c` as ((1, a), (1, b), (-1, c))."""

    terms: tuple[tuple[int, str], ...]

    @property
    def items(self) -> tuple[str, ...]:
        """The items it needs, in order."""
        return tuple(item for _, item in self.terms)


@dataclass(frozen=True, slots=True)
class PlaceCount:
    """How many places satisfy a condition: `places(a >= 1)`."""

    of: Sum
    op: Comparison
    value: Decimal

    @property
    def items(self) -> tuple[str, ...]:
        """The items it needs, in order."""
        return self.of.items


Formula = Sum | PlaceCount


@dataclass(frozen=True, slots=True)
class Identity:
    """Two sums that must agree: `a + b = c`, or `a <= b`."""

    left: Sum
    op: Comparison
    right: Sum
    text: str


def parse_sum(text: str) -> Sum:
    """Read `a + b - c`.

    Raises FormulaError, saying what was not understood.
    """
    terms: list[tuple[int, str]] = []
    sign, rest = 1, text.strip()
    while rest:
        found = _NAME.match(rest)
        if not found:
            raise FormulaError(f"expected the name of an item at “{rest}”")
        terms.append((sign, found[0]))
        rest = rest[found.end() :].strip()
        if not rest:
            break
        if rest[0] not in "+-":
            raise FormulaError(f"expected + or - at “{rest}”")
        sign = 1 if rest[0] == "+" else -1
        rest = rest[1:].strip()
        if not rest:
            raise FormulaError(f"“{text}” ends in an operator")
    if not terms:
        raise FormulaError("the formula is empty")
    return Sum(tuple(terms))


def parse_formula(text: str) -> Formula:
    """Read a numerator or denominator: a sum of items, or `places(sum op number)`."""
    found = _PLACES.fullmatch(text.strip())
    if not found:
        return parse_sum(text)
    condition = _COMPARISON.fullmatch(found["inside"].strip())
    if not condition:
        raise FormulaError(f"expected a comparison in “{text}”, such as places(item >= 1)")
    try:
        value = Decimal(condition["right"])
    except ArithmeticError as error:
        raise FormulaError(f"“{condition['right']}” is not a number") from error
    if not value.is_finite():
        raise FormulaError(f"“{condition['right']}” is not a number")
    return PlaceCount(parse_sum(condition["left"]), _COMPARISONS[condition["op"]], value)


def parse_identity(text: str) -> Identity:
    """Read `a + b = c` or `a <= b`."""
    found = _COMPARISON.fullmatch(text.strip())
    if not found or found["op"] not in {"=", "<="}:
        raise FormulaError(f"expected “a + b = c” or “a <= b”, not “{text}”")
    left, right = parse_sum(found["left"]), parse_sum(found["right"])
    return Identity(left, _COMPARISONS[found["op"]], right, text)


def holds(left: Decimal, op: Comparison, right: Decimal) -> bool:
    """Whether a comparison is true."""
    return {
        "=": left == right,
        "==": left == right,
        "<=": left <= right,
        ">=": left >= right,
        "<": left < right,
        ">": left > right,
    }[op]
