"""What a draft's sentences say among themselves: sums, shares, lists, one figure said twice."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import combinations

from nianbao.drafts.answers import same_unit, styled
from nianbao.drafts.terms import Mark
from nianbao.drafts.text import Paragraph
from nianbao.drafts.verdicts import Verdict, exact_of
from nianbao.numerals import read_chinese
from nianbao.rounding import plain, round_half

_END = re.compile(r"[。！？；\n]")
_PERCENT = ("%", "％")
_TOTAL = re.compile(r"(?:合计|共计|总计|总共|累计)[^，。；、]{0,4}$|，共$")
_NAMED_SHARE = re.compile(r"([^，。；、：\s]{0,12}?)(?:所)?占(?:比|总数|全部|到)?[^，。；、]{0,8}$")
_WHOLE = Fraction(9, 10)  # parts after 其中 that make so much of the total are meant to be all
_NUMBER = r"[0-9０-９]+|[一二两三四五六七八九十]+"
_PROMISED = re.compile(
    rf"(?<![第0-9０-９一二三四五六七八九十])(?P<n>{_NUMBER})(?P<unit>批|轮|次|期|阶段|步|项|个方面|"
    r"方面|件|条|点|大|类|种|个)[^。；：:\n]{0,12}[：:]"
)
_NAME = r"[^\W\d_等]{2,12}"
_NAMES = re.compile(
    rf"(?P<names>{_NAME}(?:、{_NAME})+(?:[和及与]{_NAME})?)(?P<more>等)?"
    rf"(?P<n>{_NUMBER})(?=[个家项名所处条类种])"
)
_ORDER = "一二三四五六七八九十"
_SHORTEST = 4  # letters that two clauses share where they speak of the same thing


def sums(paragraph: Paragraph, marks: Sequence[Mark]) -> Iterator[Verdict]:
    """Totals against the parts that their sentence gives: 其中 after them, 合计 at the end."""
    for start, end in _sentences(paragraph.text):
        here = [one for one in marks if start <= one.start < end and one.qualifier == "="]
        yield from _of_which(paragraph.text, start, end, here)
        for at, total in enumerate(here):
            if _TOTAL.search(paragraph.text, start, total.start):
                parts = [one for one in here[:at] if one.unit == total.unit]
                if len(parts) > 1:
                    yield from _added(total, parts, whole=True)


def shares(paragraph: Paragraph, marks: Sequence[Mark]) -> Iterator[Verdict]:
    """Percentages that are called the share of a number of the same sentence."""
    text = paragraph.text
    for start, end in _sentences(text):
        here = [one for one in marks if start <= one.start < end and one.qualifier == "="]
        for at, share in enumerate(here):
            named = _NAMED_SHARE.search(text, start, share.start)
            counts = [one for one in here[:at] if one.unit not in _PERCENT]
            if share.unit not in _PERCENT or not named or len(counts) < 2:
                continue
            part = _named(text, counts, named[1])
            total = max((c for c in counts if _alike(c, part)), key=exact_of) if part else None
            if part and total and total is not part and exact_of(total):
                yield _shared(share, part, total)


def twice(paragraphs: Sequence[Paragraph], marks: Sequence[Mark]) -> Iterator[Verdict]:
    """Two clauses that speak of one thing and give it two numbers, of which one is a slip."""
    texts = {one.number: one.text for one in paragraphs}
    for one, other in combinations(marks, 2):
        if one.unit != other.unit or not one.unit or one.unit in _PERCENT or len(one.text) < 3:
            continue
        if one.direction or other.direction or one.unit.endswith("百分点"):
            continue
        clauses = [_clause(texts[mark.paragraph], mark) for mark in (one, other)]
        if _common(*clauses) < _SHORTEST:
            continue
        if one.value == other.value:
            yield _verdict(one, "agrees", "twice")
            yield _verdict(other, "agrees", "twice")
        elif _is_slip(one.text, other.text):
            yield _verdict(other, "disagrees", "twice", one.text)


def lists(paragraph: Paragraph) -> Iterator[Verdict]:
    """How many there are said to be, and how many are then named."""
    text = paragraph.text
    for found in _PROMISED.finditer(text):
        counted = _numbered(text[found.end() :], found["unit"])
        if counted > 1:
            yield _counted(paragraph, found, counted)
    for found in _NAMES.finditer(text):
        counted = len(re.split("[、和及与]", found["names"]))
        number = _number(found["n"])
        sure = number is not None and (number <= counted if found["more"] else number < 10)
        if sure and (found["more"] or not found["n"].isdecimal()):  # 司法所、调解室12个 are 12
            yield _counted(paragraph, found, counted)


def _of_which(text: str, start: int, end: int, here: Sequence[Mark]) -> Iterator[Verdict]:
    at = text.find("其中", start, end)
    before = [one for one in here if one.start < at and one.unit not in _PERCENT]
    if at < 0 or not before:
        return
    total = before[-1]
    parts = [one for one in here if one.start > at and one.unit == total.unit]
    if len(parts) > 1:
        yield from _added(total, parts, whole="等" not in text[at:end])


def _added(total: Mark, parts: Sequence[Mark], *, whole: bool) -> Iterator[Verdict]:
    added = sum((exact_of(one) for one in parts), Decimal(0))
    wanted = exact_of(total)
    if added == wanted:
        for one in (total, *parts):
            yield _verdict(one, "agrees", "sum")
    elif added > wanted or (whole and Fraction(added) >= Fraction(wanted) * _WHOLE):
        right = styled(plain(added.scaleb(-total.scale)), total.style)
        yield _verdict(total, "disagrees", "sum", right + total.text[-1] * (total.scale > 0))


def _named(text: str, counts: Sequence[Mark], name: str) -> Mark | None:
    """The number that a share is of: the one with its name before it, else the one just before."""
    if not name or name in ("其中", "约"):
        return counts[-1]
    for one in reversed(counts):
        if text[: one.start].rstrip("为共有达").endswith(name):
            return one
    return None


def _shared(share: Mark, part: Mark, total: Mark) -> Verdict:
    exact = Fraction(exact_of(part)) / Fraction(exact_of(total)) * 100
    right = round_half(exact, share.decimals or 0)
    if right == share.value:
        return _verdict(share, "agrees", "share")
    return _verdict(share, "disagrees", "share", styled(plain(right), share.style))


def _alike(one: Mark, other: Mark) -> bool:
    return same_unit(one.unit, other.unit)


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for found in _END.finditer(text):
        yield start, found.start()
        start = found.end()
    yield start, len(text)


def _clause(text: str, mark: Mark) -> str:
    """The clause around a number, without the number."""
    marks = "，。；：、,;\n"
    start = max(text.rfind(one, 0, mark.start) for one in marks) + 1
    ends = [at for one in marks if (at := text.find(one, mark.end)) >= 0]
    after = text[mark.end : min(ends, default=len(text))].removeprefix(mark.unit)
    return f"{text[start : mark.start]}|{after}"


def _common(one: str, other: str) -> int:
    """How long a piece of Chinese both texts have."""
    longest = 0
    for start in range(len(one)):
        while (piece := one[start : start + longest + 1]) in other and len(piece) > longest:
            if not piece.isalpha():
                break
            longest += 1
    return longest


def _is_slip(one: str, other: str) -> bool:
    """Whether one number looks like the other mistyped: digits exchanged, or one of them other."""
    if len(one) != len(other):
        return False
    differ = sum(a != b for a, b in zip(one, other, strict=True))
    return differ == 1 or (differ == 2 and Counter(one) == Counter(other))


def _numbered(text: str, unit: str) -> int:
    """How far an enumeration counts: 一是 二是 三是, 第一批 第二批, （一）（二）."""
    counted = 0
    for letter in _ORDER:
        if not re.search(
            rf"(?:^|[^第一二三四五六七八九十]){letter}[是要]|第{letter}{unit}|[（(]{letter}[)）]",
            text,
        ):
            break
        counted += 1
    return counted


def _counted(paragraph: Paragraph, found: re.Match[str], counted: int) -> Verdict:
    number = _number(found["n"])
    right = found["n"]
    if number != counted:
        chinese = not found["n"][0].isdecimal()
        right = styled(str(counted), "chinese" if chinese else "arabic")
    return Verdict(
        paragraph.number,
        found.start("n"),
        found.end("n"),
        found["n"],
        "agrees" if number == counted else "disagrees",
        "list",
        "" if number == counted else right,
        "" if number == counted else "list",
    )


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() else read_chinese(text)


def _verdict(mark: Mark, verdict: str, kind: str, right: str = "") -> Verdict:
    why = kind if verdict == "disagrees" else ""
    return Verdict(mark.paragraph, mark.start, mark.end, mark.text, verdict, kind, right, why)
