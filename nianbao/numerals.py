"""The number grammar: what a bureau's clerk may type into a number's cell, and what it means.

Read exactly or refused: nothing left over is dropped, no value is guessed. Source of the cases:
the trap catalogue of the forms, and the rule that 余 says more, 近 says less, 约 either.
"""

import datetime
import functools
import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Literal

from nianbao.rounding import plain

Qualifier = Literal["=", ">=", "<=", "~"]
State = Literal["number", "missing", "not_applicable"]
Policy = Literal["missing", "not_applicable", "zero"]
Code = Literal["E_PARSE", "E_UNIT", "E_NONFINITE", "E_PRECISION", "E_TYPE", "E_CELL_ERROR"]
Meaning = Policy | Literal["below_unit"] | Decimal | int


@dataclass(frozen=True, slots=True)
class Reading:
    """What a cell says: a number with its qualifier, or that there is none and why.

    `value` is set exactly where `state` is "number", without trailing zeros and never -0;
    `notes` are finding codes: W_APPROXIMATE, W_CTRL_CHAR, W_MISSING.
    """

    value: Decimal | None
    qualifier: Qualifier = "="
    state: State = "number"
    notes: tuple[str, ...] = ()


class NotANumber(ValueError):
    """A cell that cannot be read as a number; `code` is the finding, `reason` says why.

    Codes: E_PARSE, E_UNIT (another unit than the column's), E_NONFINITE, E_PRECISION (over 15
    digits), E_TYPE (a date, a truth value), E_CELL_ERROR (the text of a spreadsheet's error).
    """

    def __init__(self, code: Code, reason: str) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


_LONGEST = 64  # characters; a number with its words is shorter, a remark may be of any length
_DIGITS_KEPT = 15  # what a double holds for certain, and all that a spreadsheet shows
_TOO_LARGE = Decimal(10) ** _DIGITS_KEPT
_EXACT = Context(prec=4 * _LONGEST)  # wide enough that no product of what was typed is rounded
_AS_DOUBLE = Context(prec=_DIGITS_KEPT)

_DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2500"
_WORD_SPELLINGS = {"✓": "√", "✔": "√", "☑": "√", "✗": "×", "✘": "×", "☓": "×", "✕": "×"}
_WORDS_BY_DEFAULT: dict[str, Meaning] = {"—": "missing", "/": "not_applicable"}

# Classifiers that count the same thing; a column in one of them takes the others of its line.
_SAME_UNIT = (
    ("件", "起", "宗"),
    ("人", "名", "位"),
    ("次", "场", "场次"),
    ("个", "所", "家", "处"),
)
_COUNT_UNIT = re.compile(r"(?:人次|件次|场次|[件起宗卷人名位次场个所家处份册本项条篇户支部台套])$")
# Units that change what the number means: never read unless the column says so.
_MEASURE = re.compile(r"(?:个?百分点|平方米|公里|小时|[元%‰天岁])$")

_QUALIFIERS: dict[str, Qualifier] = {
    "约": "~",
    "大约": "~",
    "左右": "~",
    "近": "<=",
    "将近": "<=",
    "接近": "<=",
    "超": ">=",
    "超过": ">=",
    "逾": ">=",
    "≥": ">=",
    "≧": ">=",
    "≤": "<=",
    "≦": "<=",
    "余": ">=",
    "多": ">=",
    "+": ">=",
    "以上": ">=",
}
_SCALES = {"百": 2, "千": 3, "万": 4, "百万": 6, "千万": 7, "亿": 8}  # powers of ten
_CHINESE_DIGIT = {digit: value for value, digit in enumerate("零一二三四五六七八九")}
# As cheques, calendars and traditional characters write numerals; each has one reading.
_OTHER_NUMERALS = "壹贰貳参叁參肆伍陆陸柒捌玖拾佰仟萬億兩"
_ORDINARY = str.maketrans(
    dict(zip(_OTHER_NUMERALS, "一二二三三三四五六六七八九十百千万亿两", strict=True))
    | {"廿": "二十", "卅": "三十"}
)
_PREFIX = r"(?P<prefix>大约|约|将近|接近|近|超过|超|逾|[≥≧≤≦])?"
_NUMBER = re.compile(
    _PREFIX + r"(?:(?P<sign>[+-])?(?P<digits>[0-9][0-9,]*(?:\.[0-9]+)?)"
    r"|(?P<chinese>[零〇一二两三四五六七八九十百千万亿]+)"
    r"(?:点(?P<point>[零〇一二三四五六七八九]+))?)"
    r"(?:(?P<inner>[余多])(?P<inner_scale>[万亿])"
    r"|(?P<scale>百万|千万|百|千|万|亿)?(?P<more>[余多+])?)"
)
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_SHARE = re.compile(_PREFIX + r"(?P<of>[百千])分之(?P<many>.+)")
_FORM_BLANK = re.compile(_PREFIX + r"[×✕xX*_]{2,}[余多]?")
_SPLIT_NUMBER = re.compile(
    r"[0-9.,零〇一二两三四五六七八九十百千万亿]\s+[0-9.,零〇一二两三四五六七八九十]|^[+-]\s"
)
_WHY = (
    (re.compile(r"[0-9]\+[0-9]"), "is a sum; write its result"),
    (re.compile(r"[0-9零一二两三四五六七八九十]+[(\[【]"), "has a remark; move it to the remarks"),
    (re.compile(r"[0-9]\s*[-~～至到—–]\s*[0-9]"), "is a range; write one number"),
    (re.compile(r"[0-9],|,[0-9]"), "has a thousands mark out of place"),
    (re.compile(r"[0-9]\.?[0-9]*[eE][+-]?[0-9]"), "has an exponent; write all its digits"),
    (re.compile(r"若干|几|数[十百千万]|许多|多[个件人次场]"), "names no number"),
    (re.compile(r"[0-9]"), "has something beside the number; write the number alone"),
)


def read_number(
    raw: object,
    *,
    unit: str = "",
    blank: Policy = "missing",
    words: Mapping[str, Meaning] = {},
) -> Reading:
    """Read one cell exactly, or refuse it.

    `unit` is the column's (件, 万元, %); the cell may repeat it, another one is E_UNIT. `blank` is
    what an empty cell means, `words` what a word means ({"无": "zero", "√": 1}); by default — is
    missing, / not applicable, any other word refused. A run of × x * _ is missing, whatever is
    declared. 约, 近, 余 and their like become the qualifier. Raises NotANumber.
    """
    if raw is None:
        return _meant(blank, ())
    if isinstance(raw, str):
        return _read_text(raw, unit, blank, tuple(words.items()))
    if isinstance(raw, float):
        return _read_float(raw)
    if isinstance(raw, bool):
        raise NotANumber("E_TYPE", f"{raw} is a truth value, not a number")
    if isinstance(raw, (datetime.date, datetime.time, datetime.timedelta)):
        raise NotANumber("E_TYPE", f"{raw} is a date or time; format the cell as a number")
    if isinstance(raw, int):
        if abs(raw) >= _TOO_LARGE:
            raise NotANumber("E_PRECISION", _TOO_MANY_DIGITS)
        return Reading(Decimal(raw))
    if isinstance(raw, Decimal):
        if not raw.is_finite():
            raise NotANumber("E_NONFINITE", f"{raw} is not a finite number")
        return Reading(_checked(raw))
    raise NotANumber("E_TYPE", f"{type(raw).__name__} is not a number")


def print_number(value: Decimal, qualifier: Qualifier = "=") -> str:
    """Print a number as a clerk types it, so that read_number reads it back: 约120, 100余, 近50.

    Raises ValueError for a negative number with 余 or 近, whose direction would be in doubt.
    """
    digits = plain(_canonical(value))
    if qualifier in (">=", "<=") and value < 0:
        raise ValueError(f"{digits} with {qualifier} has no typed form")
    match qualifier:
        case "=":
            return digits
        case "~":
            return f"约{digits}"
        case ">=":
            return f"{digits}余"
        case "<=":
            return f"近{digits}"


def normal_word(text: str) -> str:
    """Give the one spelling of a word: narrow, no blanks or invisible marks, any dash —, ✓ as √."""
    word = "".join(letter for letter in _cleaned(text)[0] if not letter.isspace())
    if word and all(letter in _DASHES for letter in word):
        return "—"
    if word and all(letter in "/\\" for letter in word):
        return "/"
    return _WORD_SPELLINGS.get(word, word)


@functools.lru_cache(maxsize=8192)  # most numbers are small, and come again and again
def _read_float(raw: float) -> Reading:
    if not math.isfinite(raw):
        raise NotANumber("E_NONFINITE", f"{raw} is not a finite number")
    return Reading(_checked(Decimal(format(raw, f".{_DIGITS_KEPT}g"))))


@functools.lru_cache(maxsize=8192)
def _read_text(
    text: str, unit: str, blank: Policy, words: tuple[tuple[str, Meaning], ...]
) -> Reading:
    unit = normal_word(unit)
    cleaned, notes = _cleaned(text)
    # One apostrophe: the spreadsheet's own mark of a number typed as text.
    body = re.sub(r"^['‘’]", "", cleaned.strip()).strip()
    word = normal_word(body)
    if not word:
        return _meant(blank, notes)
    if _FORM_BLANK.fullmatch(_split_unit(word, unit)[0]):
        return Reading(None, state="missing", notes=(*notes, "W_MISSING"))
    meanings = _WORDS_BY_DEFAULT | {normal_word(key): meaning for key, meaning in words}
    meaning = meanings.get(word, meanings.get("无") if word == "没有" else None)
    if meaning is not None:
        return _meant(meaning, notes)
    _refuse_hopeless(text, word)
    body = body.translate(_ORDINARY)
    if _SPLIT_NUMBER.search(body):
        raise NotANumber("E_PARSE", f"{text!r} has a blank inside the number")
    value, qualifier = _read_phrase("".join(body.split()), unit, text)
    if qualifier != "=":
        notes = (*notes, "W_APPROXIMATE")
    return Reading(value, qualifier, notes=notes)


def _read_phrase(body: str, unit: str, shown: str) -> tuple[Decimal, Qualifier]:
    """Read qualifier, number, scale and unit: 约3.2万件, 二十余万人次, 98.5%以上."""
    if share := _SHARE.fullmatch(body):
        many = "100" if share["of"] == share["many"] else share["many"]  # 百分之百
        body = f"{share['prefix'] or ''}{many}{'%' if share['of'] == '百' else '‰'}"
    trail = next((end for end in ("以上", "左右") if body.endswith(end)), "")
    rest, written_unit = _split_unit(body.removesuffix(trail), unit)
    if not trail:
        trail = next((end for end in ("以上", "左右") if rest.endswith(end)), "")
        rest = rest.removesuffix(trail)
    parts = _NUMBER.fullmatch(rest)
    if parts is None:
        raise NotANumber("E_PARSE", f"{shown!r} {_why(shown)}")
    _check_unit(written_unit, unit, shown)
    scale = parts["inner_scale"] or parts["scale"] or ""
    scaled = scale or re.search("[万亿]", parts["chinese"] or "")
    if scaled and not written_unit and unit.startswith(("百", "千", "万", "亿")):
        raise NotANumber("E_UNIT", f"{shown!r} may or may not count in {unit}; write it in {unit}")
    qualifiers = {
        _QUALIFIERS[mark]
        for mark in (parts["prefix"], parts["inner"], parts["more"], trail)
        if mark
    }
    if len(qualifiers) > 1:
        raise NotANumber("E_PARSE", f"{shown!r} says two things at once; keep one of 约, 近, 余")
    qualifier: Qualifier = qualifiers.pop() if qualifiers else "="
    if parts["chinese"]:
        value = _read_decimal(parts["chinese"], parts["point"] or "")
        alone = parts["chinese"] in _SCALES and not parts["point"]
        if value is None and qualifier != "=" and alone:
            value = Decimal(10) ** _SCALES[parts["chinese"]]  # 百余, 近千: the one is left out
    else:
        value = _read_digits(parts["digits"])
    if value is None:
        raise NotANumber("E_PARSE", f"{shown!r} {_why(shown)}")
    if qualifier != "=" and (parts["sign"] == "+" or (parts["sign"] and qualifier != "~")):
        raise NotANumber("E_PARSE", f"{shown!r}: which way a signed number is bounded is in doubt")
    value = value if parts["sign"] != "-" else value.copy_negate()
    return _checked(_EXACT.scaleb(value, _SCALES.get(scale, 0))), qualifier


def _read_digits(text: str) -> Decimal | None:
    if "," not in text:
        return Decimal(text)
    return Decimal(text.replace(",", "")) if _GROUPED.fullmatch(text) else None


def _read_decimal(whole: str, point: str) -> Decimal | None:
    """Read 九十八点五: a numeral, and the digits behind its point one by one."""
    number = read_chinese(whole)
    if number is None:
        return None
    digits = (str(read_chinese(digit)) for digit in point)
    return Decimal(f"{number}.{''.join(digits)}" if point else number)


def read_chinese(text: str) -> int | None:
    """Read a Chinese numeral in its full written form: 十二, 一百零五, 两万三千; None for others.

    Short forms (一百二), rows of digits (一二) and 概数 (三四十) are others: each has two readings.
    """
    text = text.replace("〇", "零")
    if len(text) == 1:
        return {**_CHINESE_DIGIT, "两": 2, "十": 10}.get(text)
    for mark, power in (("亿", 8), ("万", 4), ("千", 3), ("百", 2), ("十", 1)):
        head, found, tail = text.partition(mark)
        if found:
            return _read_places(head, 10**power, tail)
    return None


def _read_places(head: str, place: int, tail: str) -> int | None:
    """Add so many of a place and what follows, which says 零 exactly where it skips a place."""
    if place == 10:
        many = 1 if not head else None if head == "两" else read_chinese(head)
    else:
        many = read_chinese(head)
    limit = 10 if place <= 1000 else 10_000
    if many is None or not 0 < many < limit:
        return None
    if not tail:
        return many * place
    skips = tail.startswith("零")
    below = tail.removeprefix("零")
    rest = None if below == "两" else read_chinese(below)
    if rest is None or not 0 < rest < place or skips != (rest < place // 10):
        return None
    return many * place + rest


def _split_unit(text: str, unit: str) -> tuple[str, str]:
    """Split the longest known unit off the end; the column's own counts as known."""
    found = _COUNT_UNIT.search(text) or _MEASURE.search(text)
    ending = found[0] if found else ""
    if unit and text.endswith(unit) and len(unit) >= len(ending):
        ending = unit
    return (text, "") if text == ending else (text.removesuffix(ending), ending)


def _check_unit(written: str, unit: str, shown: str) -> None:
    if not written or written == unit:
        return
    if not unit and _COUNT_UNIT.fullmatch(written):
        return
    if any(written in line and unit in line for line in _SAME_UNIT):
        return
    wanted = f"the column counts in {unit}" if unit else "the column declares no such unit"
    raise NotANumber("E_UNIT", f"{shown!r} is in {written}, but {wanted}")


def _refuse_hopeless(text: str, word: str) -> None:
    if len(text) > _LONGEST:
        raise NotANumber("E_PARSE", f"{text[:20]!r}… is a text, not a number")
    if re.fullmatch(r"[+-]?(?:nan|inf|infinity|∞)", word.lower()):
        raise NotANumber("E_NONFINITE", f"{text!r} is not a finite number")
    if re.fullmatch(r"#(?:REF|DIV/0|VALUE|NAME|NULL|NUM|N/A|SPILL|CALC)[!?]?", word.upper()):
        raise NotANumber("E_CELL_ERROR", f"{text!r} is a spreadsheet error; repair the formula")
    if any(map(has_digit_form, text)):
        raise NotANumber("E_PARSE", f"{text!r} has a note mark or a form such as ① or ²")


def has_digit_form(letter: str) -> bool:
    """Tell a mark that NFKC would turn into part of a number: 5² is not 52, nor 12① 121."""
    if letter.isascii() or "\u2f00" <= letter <= "\u2fd5":  # Kangxi radicals: 十 as PDF copies it
        return False
    kind = unicodedata.decomposition(letter).partition(" ")[0]
    if not kind.startswith("<") or kind in ("<wide>", "<narrow>", "<small>", "<noBreak>"):
        return False
    return bool(
        re.search(r"[-+\u22120-9零一二三四五六七八九十]", unicodedata.normalize("NFKC", letter))
    )


def _cleaned(text: str) -> tuple[str, tuple[str, ...]]:
    """Bring text to NFKC without control, zero-width and bidi characters, white space as blanks."""
    kept: list[str] = []
    marked = False
    for letter in unicodedata.normalize("NFKC", text):
        if unicodedata.category(letter) in ("Cc", "Cf") and letter not in "\t\n\r":
            marked = True
            letter = " " if letter.isspace() else ""
        kept.append(" " if letter.isspace() else "-" if letter == "\u2212" else letter)
    return "".join(kept), ("W_CTRL_CHAR",) if marked else ()


def _meant(meaning: Meaning, notes: tuple[str, ...]) -> Reading:
    match meaning:
        case "missing":
            return Reading(None, state="missing", notes=notes)
        case "not_applicable":
            return Reading(None, state="not_applicable", notes=notes)
        case "zero":
            return Reading(Decimal(0), notes=notes)
        case "below_unit":  # the yearbooks' …: something, but less than one of the column's unit
            return Reading(Decimal(1), "<=", notes=(*notes, "W_APPROXIMATE"))
        case _:
            return Reading(_checked(Decimal(meaning)), notes=notes)


_TOO_MANY_DIGITS = (
    "has over 15 digits, more than a spreadsheet keeps; split it or use a larger unit"
)


def _checked(value: Decimal) -> Decimal:
    """Hold a value to the 15 digits that every path keeps, so that CSV and xlsx read the same."""
    kept = value if abs(value) >= _TOO_LARGE else _AS_DOUBLE.plus(value)
    if abs(kept) >= _TOO_LARGE:
        raise NotANumber("E_PRECISION", _TOO_MANY_DIGITS)
    return _canonical(kept)


def _canonical(value: Decimal) -> Decimal:
    """Strip exponent, trailing zeros and the sign of -0."""
    digits = format(value, "f")
    if "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    return Decimal(digits) if Decimal(digits) else Decimal(0)


def _why(text: str) -> str:
    shown = unicodedata.normalize("NFKC", text)
    return next((why for found, why in _WHY if found.search(shown)), "is not a number")
