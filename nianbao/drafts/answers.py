"""How a figure of the data is written at a mark of a draft: unit, digits, 余 and direction."""

import re
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_HALF_UP, Decimal

from nianbao.drafts.figures import Stated
from nianbao.drafts.terms import Mark
from nianbao.rounding import plain

_FULL = str.maketrans("0123456789.", "０１２３４５６７８９．")
_DIGITS = "零一二三四五六七八九"
_SCALES = {"千万": 7, "百万": 6, "亿": 8, "万": 4}
_SAME_UNITS = (
    ("%", "％", "百分之"),
    ("件", "起", "宗", "案", "卷", "件次"),
    ("人", "名", "位"),
    ("次", "场", "场次"),
    ("个", "所", "家", "处", "项"),
    ("日", "天", "个工作日", "工作日"),
    ("个百分点", "百分点", "个"),
)
_BEFORE = re.compile(r"(?:大约|约|将近|接近|近|不到|不足|超过|突破|超|逾)$")
_AFTER = re.compile(r"(?:余|多|左右|以上)")
_LESS = re.compile(r"[降减少缩落滑低]")
_MORE = re.compile(r"[增升提高多扩延涨]")
_EQUAL = re.compile(r"持平|不变|一致|相当|相同")


@dataclass(frozen=True, slots=True)
class Answer:
    """What belongs at code points `start` to `end`; `why` says what forbids an answer instead."""

    start: int
    end: int
    text: str
    why: str = ""


def sign_of(word: str) -> int | None:
    """Whether a word of change says more (1), less (-1) or the same (0)."""
    if _EQUAL.search(word):
        return 0
    if _LESS.search(word):
        return -1
    return 1 if _MORE.search(word) else None


def answer(stated: Stated, mark: Mark, text: str) -> Answer:
    """What the data put at a mark of a paragraph's text, in the way in which it is written."""
    none = Answer(mark.start, mark.end, mark.text)
    if stated.value is None:
        return Answer(none.start, none.end, none.text, stated.why)
    shift = unit_shift(stated.unit, mark)
    if shift is None:
        return Answer(none.start, none.end, none.text, "unit")
    said = sign_of(mark.direction)
    signed = stated.role.startswith("change")
    if signed and (stated.sign == 0 or (said is not None and said != stated.sign)):
        return Answer(none.start, none.end, none.text, "direction")
    value = stated.value.scaleb(shift) if shift else stated.value
    digits = stated.text if not shift else _short(value)
    start, end, digits = _qualified(stated, mark, text, value, digits)
    if signed and said is None and stated.sign < 0:
        digits = f"-{digits}"
    return Answer(start, end, digits)


def number_at(stated: Stated, mark: Mark) -> str:
    """The number of the data in its own unit, in the digits of a mark."""
    return styled(stated.text, mark.style)


def unit_shift(unit: str, mark: Mark) -> int | None:
    """The power of ten that a number of the data takes on at a mark; None for another unit."""
    power, base = _split(unit)
    written_power, written = _split(mark.unit)
    if base and written and not same_unit(base, written):
        return None
    return power - written_power - mark.scale


def same_unit(one: str, other: str) -> bool:
    """Whether two units count the same thing."""
    return one == other or any(one in alike and other in alike for alike in _SAME_UNITS)


def styled(digits: str, style: str) -> str:
    """Digits as the draft writes them."""
    if style == "fullwidth":
        return digits.translate(_FULL)
    if style == "chinese" and digits.isdecimal() and int(digits) < 100:
        tens, ones = divmod(int(digits), 10)
        many = ("" if tens == 1 else _DIGITS[tens]) + "十" if tens else ""
        return many + (_DIGITS[ones] if ones or not tens else "")
    return digits


def two_digits(value: Decimal, rounding: str) -> Decimal:
    """A number cut to its first two digits, never beyond its point: 155 gives 150."""
    step = Decimal(1).scaleb(max(value.adjusted() - 1, 0 if value >= 10 else value.adjusted() - 1))
    return (value / step).quantize(Decimal(1), rounding) * step


def _split(unit: str) -> tuple[int, str]:
    for scale, power in _SCALES.items():
        if unit.startswith(scale):
            return power, unit.removeprefix(scale)
    return 0, "%" if unit == "％" else unit.partition("/")[0]  # 村均4.7人 is in 人/村


def _short(value: Decimal) -> str:
    """A number moved to another unit: in full to two decimals, without zeros at its end."""
    digits = plain(value.quantize(Decimal("0.01"), ROUND_HALF_UP))
    return digits.rstrip("0").rstrip(".")


def _qualified(
    stated: Stated, mark: Mark, text: str, value: Decimal, digits: str
) -> tuple[int, int, str]:
    """Where the answer stands with its words 余, 近, 约, and what it says."""
    before = _BEFORE.search(text[: mark.start])
    after = _AFTER.match(text, mark.end)
    start = before.start() if before else mark.start
    end = after.end() if after else mark.end
    lead, tail = text[start : mark.start], text[mark.end : end]
    written = "=" if not (before or after) else mark.qualifier
    own = {">=": ("", "余"), "<=": ("近", ""), "~": ("约", ""), "=": ("", "")}
    unit = mark.text[-1] if mark.scale else ""
    if written == "=" or (stated.qualifier != "=" and stated.qualifier != written):
        lead, tail = own[stated.qualifier]
        if stated.qualifier in (">=", "<=") and value % 10:
            lead, tail = {">=": "不少于", "<=": "不超过"}[stated.qualifier], ""
    else:
        rounding = {">=": ROUND_DOWN, "<=": ROUND_CEILING}.get(written, ROUND_HALF_UP)
        short = two_digits(value, rounding)
        if short == value and stated.qualifier == "=":
            lead = tail = ""
        digits = plain(short.normalize() if short % 1 else short.quantize(Decimal(1)))
    return start, end, f"{lead}{styled(digits, mark.style)}{unit}{tail}"
