"""The terminal: the language that it speaks, and names shown so that they cannot play tricks."""

import locale
import os
import unicodedata


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


def _invisible(letter: str) -> bool:
    kind = unicodedata.category(letter)
    return kind.startswith("C") or kind in ("Zl", "Zp")
