"""What a typed number means, worked out another way than the program does: by writing it again."""

import re
from decimal import Decimal, InvalidOperation

_BEFORE = {
    "约": "~", "大约": "~", "近": "<=", "将近": "<=", "接近": "<=", "超": ">=", "超过": ">=",
    "逾": ">=", "≥": ">=", "≧": ">=", "≤": "<=", "≦": "<=",
}  # fmt: skip
_AFTER = {"以上": ">=", "左右": "~"}
_COUNTED = ("件", "起", "宗")
_SCALE = {"": 0, "百": 2, "千": 3, "万": 4, "百万": 6, "千万": 7, "亿": 8}
_NARROW = {code + 0xFEE0: code for code in range(0x21, 0x7F)}
_CHEQUE = zip("壹贰叁肆伍陆柒捌玖拾佰仟萬億", "一二三四五六七八九十百千万亿", strict=True)
_SAME = {"〇": "零", "廿": "二十", "卅": "三十", **dict(_CHEQUE)}
_NUMERALS = "零一二两三四五六七八九十百千万亿"


def written_chinese(number: int) -> str:
    """Write a whole number as a school book does, 零 once for a gap."""
    for mark, place in (("亿", 10**8), ("万", 10**4)):
        if number >= place:
            head, rest = divmod(number, place)
            gap = "零" if 0 < rest < place // 10 else ""
            return written_chinese(head) + mark + gap + (written_chinese(rest) if rest else "")
    if number == 0:
        return "零"
    written, gap = "", False
    for digit, mark in zip(f"{number:04d}", "千百十 ", strict=True):
        if digit == "0":
            gap = bool(written)
            continue
        written += ("零" if gap else "") + "零一二三四五六七八九"[int(digit)] + mark.strip()
        gap = False
    return written


def oracle(text: str) -> tuple[Decimal, str] | None:
    """The number that a cell of a column in 件 says, and how sure it is; None where none is said.

    For text without blanks and invisible characters.
    """
    text = text.translate(_NARROW).translate(str.maketrans(_SAME))
    text = text.removeprefix("'")
    sure: set[str] = set()
    for word in sorted(_BEFORE, key=len, reverse=True):
        if text.startswith(word):
            sure.add(_BEFORE[word])
            text = text.removeprefix(word)
            break
    trails = 0
    units = 0
    while True:
        if (word := text[-2:]) in _AFTER and not trails:
            sure.add(_AFTER[word])
            text, trails = text[:-2], 1
        elif text.endswith(_COUNTED) and not units:
            text, units = text[:-1], 1
        else:
            break
    body = re.fullmatch(r"([+-]?)(.+?)(?:([余多])([万亿])|([余多+]?))", text)
    if body is None:
        return None
    sign, core, inner, inner_scale, more = body.groups()
    sure |= {">="} if inner or more else set()
    if len(sure) > 1:
        return None
    value = _arabic(core, inner_scale) if re.match("[0-9]", core) else _chinese(core, bool(sure))
    if value is None or (sign and not re.match("[0-9]", core)):
        return None
    if sure and sign and (sign == "+" or sure != {"~"}):
        return None
    value = value.scaleb(_SCALE[inner_scale or ""])
    return -value if sign == "-" else value, sure.pop() if sure else "="


def _arabic(core: str, scaled: str | None) -> Decimal | None:
    digits = core.rstrip("百千万亿")
    scale = core[len(digits) :]
    if scale not in _SCALE or (scale and scaled):
        return None
    try:
        value = Decimal(digits.replace(",", ""))
    except InvalidOperation:
        return None
    whole, point, rest = digits.partition(".")
    if point and not rest:
        return None
    if "," in digits and (whole != f"{int(value):,}" or "," in rest):
        return None
    return value.scaleb(_SCALE[scale])


def _chinese(core: str, bounded: bool) -> Decimal | None:
    whole, point, rest = core.partition("点")
    if bounded and not point and core in ("百", "千", "万", "百万", "千万", "亿"):
        return Decimal(10) ** _SCALE[core]
    scale = ""
    if point:
        digits = rest.rstrip("百千万亿")
        scale, rest = rest[len(digits) :], digits
        if not rest or scale not in _SCALE or any(d not in "零一二三四五六七八九" for d in rest):
            return None
    if not whole or any(letter not in _NUMERALS for letter in whole):
        return None
    number = _spelled(whole)
    if number is None:
        return None
    part = "".join(str("零一二三四五六七八九".index(digit)) for digit in rest)
    return Decimal(f"{number}.{part}" if part else number).scaleb(_SCALE[scale])


def _spelled(text: str) -> int | None:
    """The number whose school-book form this is, with 两 for 二 before 百 千 万 亿 or alone."""
    plain = "二" if text == "两" else re.sub("两(?=[百千万亿])", "二", text)
    value = total = digit = 0
    for letter in plain:
        if letter in "零一二三四五六七八九":
            digit = "零一二三四五六七八九".index(letter)
        elif letter in "十百千":
            value += (digit or 1) * 10 ** ("十百千".index(letter) + 1)
            digit = 0
        elif letter == "万":
            total, value, digit = total + (value + digit) * 10**4, 0, 0
        elif letter == "亿":
            total, value, digit = (total + value + digit) * 10**8, 0, 0
        else:
            return None
    number = total + value + digit
    same = written_chinese(number).replace("一十", "十") == plain.replace("一十", "十")
    return number if same else None
