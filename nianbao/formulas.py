"""The small language of the catalogue: sums of items, counts of places, identities."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from nianbao.terminal import say

Comparison = Literal["=", "==", "<=", ">=", "<", ">"]
_COMPARISONS: dict[str, Comparison] = {op: op for op in ("<=", ">=", "==", "=", "<", ">")}

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_TERM = re.compile(
    r"(?:(?P<earlier>[a-z_]+)\(\s*)?(?P<item>[a-z][a-z0-9_]*)(?(earlier)\s*\))"
    r"(?:\s*\*\s*(?P<factor>[1-9][0-9]*)(?![0-9.]))?"
)
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


Earlier = Literal["", "quarter_before", "year_before"]

IN_WORDS: Mapping[Earlier, str] = {"": "", "quarter_before": "上季度", "year_before": "上年同期"}
_EARLIER: dict[str, Earlier] = {name: name for name in ("", "quarter_before", "year_before")}


@dataclass(frozen=True, slots=True)
class Term:
    """One item of an identity, times a whole number, now or as it was reported before."""

    factor: int
    item: str
    earlier: Earlier = ""


@dataclass(frozen=True, slots=True)
class Identity:
    """Two sums that must agree: `a + b = c`, `a <= b`, `a * 10000 = year_before(b)`."""

    left: tuple[Term, ...]
    op: Comparison
    right: tuple[Term, ...]
    text: str

    @property
    def terms(self) -> tuple[Term, ...]:
        """The terms of both sides, in order."""
        return self.left + self.right


def parse_sum(text: str) -> Sum:
    """Read `a + b - c`.

    Raises FormulaError, saying what was not understood.
    """
    return Sum(tuple((sign, found[0]) for sign, found in _parts(text, _NAME)))


def _parts(text: str, part: re.Pattern[str]) -> list[tuple[int, re.Match[str]]]:
    """What a sum adds (1) and takes away (-1)."""
    parts: list[tuple[int, re.Match[str]]] = []
    sign, rest = 1, text.strip()
    while rest:
        found = part.match(rest)
        if not found:
            raise FormulaError(
                say(
                    zh=f"“{rest}”处应是数据项的代号", en=f"expected the name of an item at “{rest}”"
                )
            )
        parts.append((sign, found))
        rest = rest[found.end() :].strip()
        if not rest:
            break
        if rest[0] not in "+-":
            raise FormulaError(say(zh=f"“{rest}”处应是+或-", en=f"expected + or - at “{rest}”"))
        sign = 1 if rest[0] == "+" else -1
        rest = rest[1:].strip()
        if not rest:
            raise FormulaError(
                say(zh=f"“{text}”末尾多了运算符", en=f"“{text}” ends in an operator")
            )
    if not parts:
        raise FormulaError(say(zh="公式是空的", en="the formula is empty"))
    return parts


def parse_formula(text: str) -> Formula:
    """Read a numerator or denominator: a sum of items, or `places(sum op number)`."""
    found = _PLACES.fullmatch(text.strip())
    if not found:
        return parse_sum(text)
    condition = _COMPARISON.fullmatch(found["inside"].strip())
    if not condition:
        raise FormulaError(
            say(
                zh=f"“{text}”中应有比较，如places(item >= 1)",
                en=f"expected a comparison in “{text}”, such as places(item >= 1)",
            )
        )
    try:
        value = Decimal(condition["right"])
    except ArithmeticError as error:
        raise FormulaError(_not_a_number(condition["right"])) from error
    if not value.is_finite():
        raise FormulaError(_not_a_number(condition["right"]))
    return PlaceCount(parse_sum(condition["left"]), _COMPARISONS[condition["op"]], value)


def _not_a_number(text: str) -> str:
    return say(zh=f"“{text}”不是数字", en=f"“{text}” is not a number")


def parse_identity(text: str) -> Identity:
    """Read `a + b = c` or `a <= b`; a term may be `a * 10`, `year_before(a)`, both of them.

    Raises FormulaError, saying what was not understood.
    """
    found = _COMPARISON.fullmatch(text.strip())
    if not found or found["op"] not in {"=", "<="}:
        raise FormulaError(
            say(
                zh=f"应写成“a + b = c”或“a <= b”，而不是“{text}”",
                en=f"expected “a + b = c” or “a <= b”, not “{text}”",
            )
        )
    left, right = _terms(found["left"]), _terms(found["right"])
    return Identity(left, _COMPARISONS[found["op"]], right, text)


def _terms(text: str) -> tuple[Term, ...]:
    terms: list[Term] = []
    for sign, found in _parts(text, _TERM):
        if found["earlier"] and found["earlier"] not in _EARLIER:
            known = " or ".join(name for name in _EARLIER if name)
            name = found["earlier"]
            raise FormulaError(
                say(
                    zh=f"没有“{name}(…)”，可以写{known}",
                    en=f"unknown “{name}(…)”; it can be {known}",
                )
            )
        earlier = _EARLIER[found["earlier"] or ""]
        terms.append(Term(sign * int(found["factor"] or 1), found["item"], earlier))
    return tuple(terms)


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


def agree(left: Decimal, op: Comparison, right: Decimal, tolerance: Decimal = Decimal(0)) -> bool:
    """Whether two sides are equal, or the left at most the right, give or take a tolerance."""
    return left - right <= tolerance and (op == "<=" or right - left <= tolerance)


def said(identity: Identity, names: Mapping[str, str]) -> str:
    """An identity as the office writes it, with the names of its items: 成功＝书面＋口头."""
    op = "＝" if identity.op == "=" else "≤"
    return op.join(_said(terms, names) for terms in (identity.left, identity.right))


def _said(terms: tuple[Term, ...], names: Mapping[str, str]) -> str:
    text = ""
    for term in terms:
        if text or term.factor < 0:
            text += "＋" if term.factor > 0 else "－"
        text += IN_WORDS[term.earlier] + names[term.item]
        text += f"×{abs(term.factor)}" if abs(term.factor) > 1 else ""
    return text
