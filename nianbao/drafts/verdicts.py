"""Whether a figure that a draft states is what the data say, and what would be right."""

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from nianbao.drafts.answers import answer, number_at, same_unit, sign_of, unit_shift
from nianbao.drafts.figures import POINTS, Data, Stated
from nianbao.drafts.terms import Mark, Match
from nianbao.numerals import Qualifier
from nianbao.rounding import Rule, round_half

_SLACK = Fraction(11, 10)  # 超过4500 may be said of 4950, 近300 of 273
_NEAR = Fraction(1, 20)  # 约 may be off by so much
_OPPOSITE = {
    "减少": "增加",
    "增加": "减少",
    "降低": "提高",
    "回落": "提高",
    "缩短": "延长",
    "延长": "缩短",
    "少": "多",
    "多": "少",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said of code points `start` to `end` of a paragraph.

    `verdict` is agrees, disagrees (`right` is the text that belongs there) or unchecked; `kind`
    what was looked at or what is wrong, `why` the reason as a name of wording/drafts.yml.
    """

    paragraph: int
    start: int
    end: int
    text: str
    verdict: str
    kind: str
    right: str = ""
    why: str = ""
    match: Match | None = None
    stated: Stated | None = None


def judged(data: Data, match: Match, stated: Stated, text: str) -> Verdict:
    """The verdict on a matched figure of a paragraph's text."""
    mark = match.mark
    said = Verdict(
        mark.paragraph, mark.start, mark.end, mark.text, "agrees", "value", "", "", match, stated
    )
    if stated.why == "other_kind":
        role = "change_points" if stated.role == "change_percent" else "change_percent"
        other = data.stated(stated.indicator, stated.period, stated.place, role)
        if other.value is not None:
            return _with_unit(said, other, "points", text)
    if stated.value is None:
        return replace(said, verdict="unchecked", why=stated.why)
    if unit_shift(stated.unit, mark) is None:
        pair = {stated.unit, "%" if mark.unit == "％" else mark.unit}
        return _with_unit(said, stated, "points" if pair == {"%", POINTS} else "unit", text)
    if (wrong := _wrong_way(stated, mark)) is not None:
        return _other_way(said, stated, text, wrong)
    if unit_shift(stated.unit, mark) and mark.value == stated.value.scaleb(mark.scale):
        return _with_unit(said, stated, "unit", text)
    kind = compared(stated, mark, data.report.catalogue.office.rounding)
    if not kind:
        return said
    given = answer(stated, mark, text)
    return replace(
        said,
        start=given.start,
        end=given.end,
        text=text[given.start : given.end],
        verdict="disagrees",
        kind=kind,
        right=given.text,
        why=kind,
    )


def compared(stated: Stated, mark: Mark, rule: Rule) -> str:
    """What is wrong with a number as written, or "" where it says what the data say."""
    if stated.exact is None or stated.value is None or mark.value is None:
        raise ValueError("only a number can be compared")
    shift = (unit_shift(stated.unit, mark) or 0) + mark.scale
    exact = stated.exact * Fraction(10) ** shift
    printed = Fraction(stated.value) * Fraction(10) ** shift
    written = abs(Fraction(mark.value))
    places = (mark.decimals or 0) - mark.scale
    if mark.qualifier != "=":
        return _held(written, exact, mark.qualifier, stated.qualifier)
    if written not in (printed, Fraction(round_half(exact, places, rule))):
        near = abs(written - exact) <= 2 * Fraction(10) ** -places
        return "rounding" if places > 0 and near else "value"
    return "" if stated.qualifier == "=" else "qualifier"


def _held(written: Fraction, exact: Fraction, says: Qualifier, known: Qualifier) -> str:
    """Whether 余, 近 or 约 may stand beside a number."""
    if known not in ("=", says) and "~" not in (known, says):
        return "qualifier"
    if says == "~":
        return "" if abs(written - exact) <= exact * _NEAR else "value"
    sure = known == "="
    if written == exact:
        return "qualifier" if sure else ""
    if says == ">=":
        fits = written < exact and (exact <= written * _SLACK or written == _cut(exact, written))
    else:
        fits = exact < written and written <= exact * _SLACK
    return "" if fits else "qualifier"


def _cut(exact: Fraction, written: Fraction) -> Fraction:
    """A number cut to as many digits as were written before the zeros: 5412 gives 5000 for 6000."""
    digits = len(str(int(written)).rstrip("0")) if written >= 1 else 1
    step = Fraction(10) ** max(len(str(int(exact))) - digits, 0)
    return exact // step * step


def _wrong_way(stated: Stated, mark: Mark) -> int | None:
    """The direction of the data where the draft says another one."""
    if not stated.role.startswith("change"):
        return None
    said = sign_of(mark.direction)
    if said is None and mark.value is not None and not mark.direction:
        said = 1 if mark.value > 0 else -1 if mark.value < 0 else 0
    return stated.sign if said is not None and said != stated.sign else None


def _other_way(said: Verdict, stated: Stated, text: str, sign: int) -> Verdict:
    """A change in the wrong direction: from its word to its unit, said anew."""
    mark = said.match.mark if said.match else None
    if mark is None:
        raise ValueError("a direction without its mark")
    word = way(mark.direction, stated.unit, sign)
    at = text.rfind(mark.direction, 0, mark.start) if mark.direction else -1
    start, end = max(at, 0) if at >= 0 else mark.start, _end_of_unit(mark, text)
    between = text[start + len(mark.direction) : mark.start] if at >= 0 else ""
    number = answer(stated, replace(mark, direction=word), text).text
    unit = text[mark.end : end]
    right = word if sign == 0 else f"{word}{between}{number}{unit}"
    if at < 0:
        right = "0" + unit if sign == 0 else f"{'-' * (sign < 0)}{number}{unit}"
    return replace(
        said,
        start=start,
        end=end,
        text=text[start:end],
        verdict="disagrees",
        kind="direction",
        right=right,
        why="direction",
    )


def way(written: str, unit: str, sign: int) -> str:
    """The word of a change in the place of a wrong one: its opposite, where it has one."""
    if sign == 0:
        return "持平"
    grown = "提高" if same_unit(unit, POINTS) else "增长"
    return _OPPOSITE.get(written.removeprefix("有所"), grown if sign > 0 else "下降")


def _with_unit(said: Verdict, stated: Stated, kind: str, text: str) -> Verdict:
    mark = said.match.mark if said.match else None
    if mark is None:
        raise ValueError("a unit without its mark")
    end = _end_of_unit(mark, text)
    right = f"{number_at(stated, mark)}{'％' if stated.unit == '%' else stated.unit}"
    return replace(
        said,
        end=end,
        text=text[mark.start : end],
        verdict="disagrees",
        kind=kind,
        right=right,
        why=kind,
    )


def _end_of_unit(mark: Mark, text: str) -> int:
    return mark.end + (len(mark.unit) if text.startswith(mark.unit, mark.end) else 0)


def exact_of(mark: Mark) -> Decimal:
    """The number of a mark that has one."""
    if mark.value is None:
        raise ValueError(f"{mark.text} is no number")
    return mark.value
