"""Numbers that name a person: ID numbers and mobile numbers in text.

An ID number of 18 digits has a valid check digit; the old one of 15 has a province and a birthday.
"""

import re
from collections.abc import Iterator

_DIGITS = str.maketrans("０１２３４５６７８９Ｘｘ", "0123456789XX")
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")
_LIKELY = re.compile(
    "[0-9０-９](?:[ \t\u00a0\u00ad\u2002-\u2015\u202f\u2060-\u2064\u2212\u3000\ufeff\uff0d-]?"
    "[0-9０-９]){9,}[XxＸｘ]?"
)
_AROUND = 4  # characters on either side that tell whether it is a whole token
# As a whole token: not inside a longer word or a hash, not part of a decimal. The groups in which
# people type it may stand apart, all in the same way.
_BEFORE = r"(?<![0-9A-Za-z])(?<![0-9]\.)"
_AFTER = r"(?![0-9A-Za-z]|\.[0-9])"
_MOBILE = re.compile(
    rf"{_BEFORE}(?:\+?86[- ]?)?(1[3-9][0-9])([- ]?)([0-9]{{4}})\2([0-9]{{4}}){_AFTER}"
)
_IDENTITY = re.compile(
    rf"{_BEFORE}([1-9][0-9]{{5}})([- ]?)((?:18|19|20)[0-9]{{2}}(?:0[1-9]|1[0-2])"
    rf"(?:0[1-9]|[12][0-9]|3[01]))\2([0-9]{{3}}[0-9Xx]){_AFTER}"
)
_OLD_IDENTITY = re.compile(
    rf"{_BEFORE}((?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])[0-9]{{4}})([- ]?)"
    rf"([0-9]{{2}}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01]))\2([0-9]{{3}}){_AFTER}"
)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_SPACES = re.compile("[\u00a0\u2002-\u200a\u202f\u3000\t]")
_DASHES = re.compile("[\u2010-\u2015\u2212\uff0d]")


def personal_numbers(text: str) -> Iterator[str]:
    """The ID and mobile numbers in a text, in plain digits, however they were typed."""
    for likely in _LIKELY.finditer(text):
        plain = _plain(text[max(likely.start() - _AROUND, 0) : likely.end() + _AROUND])
        for found in _MOBILE.finditer(plain):
            yield found[1] + found[3] + found[4]
        for found in _IDENTITY.finditer(plain):
            number = (found[1] + found[3] + found[4]).upper()
            if checks(number):
                yield number
        for found in _OLD_IDENTITY.finditer(plain):
            yield found[1] + found[3] + found[4]


def masked(text: str) -> str:
    """The same text with its ID and mobile numbers struck out: 138****5678.

    Text without any comes back as it was, character for character.
    """
    if not any(True for _ in personal_numbers(text)):
        return text
    plain = _MOBILE.sub(lambda found: f"{found[1]}****{found[4]}", _plain(text))
    plain = _OLD_IDENTITY.sub(lambda found: f"{found[1]}******{found[4]}", plain)
    return _IDENTITY.sub(_struck, plain)


def _struck(found: re.Match[str]) -> str:
    number = (found[1] + found[3] + found[4]).upper()
    return f"{found[1]}********{found[4]}" if checks(number) else found[0]


def checks(number: str) -> bool:
    """Whether the last digit of an ID number is the one that the others call for (GB 11643)."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number, strict=False))
    return number[-1] == _CHECK[total % 11]


def _plain(text: str) -> str:
    """Half-width digits, one kind of space and dash, nothing unseen."""
    text = _UNSEEN.sub("", text).translate(_DIGITS)
    return _DASHES.sub("-", _SPACES.sub(" ", text))
