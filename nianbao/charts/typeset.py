"""Type: the shipped font, how wide words are, where lines break, how labels keep apart."""

import functools
import re
from collections.abc import Sequence
from pathlib import Path

from matplotlib.font_manager import FontProperties
from matplotlib.ft2font import FT2Font
from matplotlib.textpath import text_to_path

BASE, SMALL = 16.0, 16.0
LEADING = 1.25
FONTS = Path(__file__).resolve().parent.parent / "fonts"
_CHINESE = re.compile("[\u3000-\u9fff\uff01-\uff5e]")
_STRAIGHT = str.maketrans("“”‘’", "\"\"''")
MISSING_SORT = "〓"  # the printer's mark for a character that the fount lacks


@functools.cache
def font(bold: bool = False) -> FontProperties:
    """The shipped font, by its file: a system font is never asked for."""
    return FontProperties(fname=FONTS / f"NotoSansSC-{'Bold' if bold else 'Regular'}.ttf")


@functools.cache
def _characters() -> frozenset[int]:
    return frozenset(FT2Font(str(font().get_file())).get_charmap())


def printable(text: str) -> str:
    """Text without control characters, and with 〓 for characters that the font lacks."""
    shown = visible(straight(text))
    return "".join(letter if ord(letter) in _characters() else MISSING_SORT for letter in shown)


def visible(text: str) -> str:
    """Text without control characters."""
    return "".join(letter for letter in text if letter.isprintable())


def straight(text: str) -> str:
    """Text without Chinese with straight quotes: the font's curly ones are as wide as 一."""
    return text if _CHINESE.search(text) else text.translate(_STRAIGHT)


@functools.lru_cache(maxsize=8192)
def width_of(text: str, size: float = BASE, bold: bool = False) -> float:
    """How many pixels wide a line of text is, without blanks at its end."""
    prop = font(bold).copy()
    prop.set_size(size)
    width, _, _ = text_to_path.get_text_width_height_descent(printable(text).rstrip(), prop, False)
    return float(width)


def clipped(text: str, width: float, size: float = BASE) -> str:
    """A name that is too long for its column, cut off with …; others as they are."""
    if width_of(text, size) <= width:
        return text
    while text and width_of(text + "…", size) > width:
        text = text[:-1]
    return text + "…"


_TOKEN = re.compile(r"“[^”]*”|[A-Za-z]{3,}-(?=[A-Za-z]{3})|[!-~’]+|\s+|.")
_CLOSING = "，。；：、！？）”》〉】%％"
OPENING = "（“《〈【"


def wrap(
    text: str, width: float, size: float = BASE, bold: bool = False, *, even: bool = True
) -> tuple[str, ...]:
    """Break text into lines no wider than so many pixels, of even length where it can be.

    Latin words and numbers stay whole unless one alone is too wide; no line begins with a closing
    mark or ends with an opening one. The lines put together are the text again.
    """
    units = _units(straight(text), width, size, bold)
    least = _filled(units, width, size, bold)
    if not even:
        return least
    # The narrowest width that needs no more lines gives lines of even length.
    narrowest = max([3 * size, *(width_of(unit, size, bold) for unit in units)])
    for tried in range(int(narrowest) + 1, int(width), 4):
        lines = _filled(units, tried, size, bold)
        if len(lines) == len(least):
            return lines
    return least


def _filled(units: Sequence[str], width: float, size: float, bold: bool) -> tuple[str, ...]:
    lines = [""]
    for unit in units:
        if lines[-1] and width_of((lines[-1] + unit).rstrip(), size, bold) > width:
            lines.append("")
        lines[-1] += unit if lines[-1] else unit.lstrip()
    return tuple(line for line in lines if line.strip()) or ("",)


def _units(text: str, width: float, size: float, bold: bool) -> list[str]:
    """What is kept whole: a word, a quoted name, a character with the marks that cling to it."""
    units: list[str] = []
    for token in _TOKEN.findall(text):
        first = len(units)
        clings = units and (token[0] in _CLOSING or units[-1][-1] in OPENING)
        if clings:
            units[-1] += token
        elif width_of(token, size, bold) > width:
            units.extend(_units(token[1:], width, size, bold) if token[0] == "“" else token)
            units[first] = token[0] + units[first] if token[0] == "“" else units[first]
        else:
            units.append(token)
    return units


def spread(wanted: Sequence[float], room: float, low: float, high: float) -> list[float]:
    """Move label positions apart so that neighbours keep `room`, staying within low and high.

    `wanted` ascends. Where there is not enough space for all, they stand evenly.
    """
    count = len(wanted)
    if count and (count - 1) * room >= high - low:
        step = (high - low) / max(count - 1, 1)
        return [low + number * step for number in range(count)]
    placed: list[float] = []
    for place in wanted:
        placed.append(max(place, low, placed[-1] + room if placed else low))
    ceiling = high
    for number in reversed(range(count)):
        placed[number] = min(placed[number], ceiling)
        ceiling = placed[number] - room
    return placed
