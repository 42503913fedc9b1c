"""The widths of columns: what each needs, and the room shared out among them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

# What is not broken: a figure and its unit, a few characters.
_WORD = re.compile(r"[≥≤]?[!-~]+[^ -~]{0,2}|[^ -~]{1,4}")
_LONGEST_WORD = 13.0  # ems; a longer word, such as a path, may be broken


@dataclass(frozen=True, slots=True)
class Need:
    """How wide a column must be at least, for nine rows of ten, and for all of them."""

    least: float
    usual: float
    most: float


def width_in_ems(text: str) -> float:
    """How wide text is, in characters, where the Latin font is a wide one.

    Some programs leave a little between the two scripts.
    """
    borders = sum(one.isascii() != next_.isascii() for one, next_ in pairwise(text))
    return sum(map(_width, text)) + borders / 4


def _width(letter: str) -> float:
    if not letter.isascii() or letter in "%+=<>~&@#MWmw":
        return 1.0
    if letter in "fijlt":
        return 0.42
    if letter in "crsz":
        return 0.56
    if letter.isalnum():
        return 0.76 if letter.isupper() else 0.64
    return 0.4


def longest_word(texts: Iterable[str]) -> float:
    """The longest that is not broken in these texts, in ems."""
    words = [width_in_ems(word) for text in texts for word in _WORD.findall(text)]
    return min(max(words, default=0.0), _LONGEST_WORD)


def column(cells: Sequence[tuple[float, float]], ems: int, around: int) -> Need:
    """What a column needs whose cells need so much, at least and to break no line, in ems."""
    wide = sorted(width for _, width in cells)
    least = max((narrow for narrow, _ in cells), default=0.0)
    usual = max(least, wide[(len(wide) - 1) * 9 // 10])
    return Need(*(width * ems + around for width in (least, usual, max(usual, wide[-1]))))


def shared(needs: Sequence[Need], room: int) -> list[int]:
    """Share out the room: no number is broken, most rows stay on one line, then what they like."""
    least, usual, most = zip(*((need.least, need.usual, need.most) for need in needs), strict=True)
    if sum(most) <= room:
        found = [width * room / sum(most) for width in most]
    elif sum(usual) <= room:
        found = _filled(usual, most, room)
    elif sum(least) <= room:
        found = _filled(least, usual, room)
    else:
        found = _filled([0.0] * len(least), least, room)
    widths = [int(width) for width in found]
    widths[widths.index(max(widths))] += room - sum(widths)
    return widths


def _filled(least: Sequence[float], wanted: Sequence[float], room: int) -> list[float]:
    """Widths between the two that take up the room; the widest give way first."""
    low, high = 0.0, max(wanted)
    for _ in range(40):
        level = (low + high) / 2
        taken = sum(max(a, min(b, level)) for a, b in zip(least, wanted, strict=True))
        low, high = (level, high) if taken <= room else (low, level)
    return [max(a, min(b, low)) for a, b in zip(least, wanted, strict=True)]
