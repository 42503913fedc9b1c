"""The terminal: the language that it speaks, and names shown so that they cannot play tricks."""

import contextlib
import locale
import os
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

_PIECE = re.compile(r"[!-~“]+[”）。，、]*| |.")  # a word or a number with its marks, or a letter


def speaks_chinese() -> bool:
    """Whether NIANBAO_LANG, or else the locale, is Chinese."""
    for name in ("NIANBAO_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if setting := os.environ.get(name):
            return setting.lower().startswith("zh")
    return (locale.getlocale()[0] or "").lower().startswith(("zh", "chinese"))


def terminal_language() -> str:
    """`zh` or `en`."""
    return "zh" if speaks_chinese() else "en"


def say(*, zh: str, en: str) -> str:
    """Give the one of the two sentences that the terminal speaks."""
    return zh if speaks_chinese() else en


def printable(text: str) -> str:
    r"""Text on one line, with control, bidi and other invisible characters as ``\u202e``."""
    return "".join(
        letter.encode("unicode_escape").decode("ascii") if _invisible(letter) else letter
        for letter in text
    )


def typed(path: Path) -> str:
    """A path as it can be typed here: short where it lies below this folder."""
    with contextlib.suppress(ValueError, OSError):
        return str(path.relative_to(Path.cwd()))
    return str(path)


def columns(text: str) -> int:
    """How many columns a text takes; a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def wrapped(text: str, width: int, *, first: str = "", hanging: str = "") -> Iterator[str]:
    """A text on as many lines as it takes: broken anywhere in Chinese, else between words.

    A width of 0 leaves it whole.
    """
    line = head = first
    for piece in _PIECE.findall(text) if width else [text]:
        if width and columns(line + piece.rstrip()) > width and len(line) > len(head):
            yield line.rstrip()
            line = head = hanging
            piece = piece.lstrip()
        line += piece
    yield line.rstrip()


def _invisible(letter: str) -> bool:
    kind = unicodedata.category(letter)
    return kind.startswith("C") or kind in ("Zl", "Zp")
