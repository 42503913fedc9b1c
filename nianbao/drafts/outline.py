"""The outline of a draft: which headings stand above a paragraph."""

import re

_LEVELS = (  # as GB/T 9704 numbers them: 一、 （一） 1. （1）
    re.compile(r"[\s#*]*(?:第?[一二三四五六七八九十]+(?:、|[部章]分?)|附(?:件|录|表))"),
    re.compile(r"[\s#*]*[（(][一二三四五六七八九十]+[）)]"),
    re.compile(r"[\s#*]*\d{1,2}(?:、|[.．](?!\d))"),
    re.compile(r"[\s#*]*[（(]\d{1,2}[）)]"),
)
_MARKDOWN = re.compile(r"\s{0,3}(#{1,6})\s")
_LONGEST = 50  # letters of a heading


class Outline:
    """The headings passed so far; `above` are those that hold now, the outermost first."""

    __slots__ = ("_open",)

    def __init__(self) -> None:
        self._open: list[tuple[int, str]] = []

    @property
    def above(self) -> tuple[str, ...]:
        """The headings above what comes next."""
        return tuple(text for _, text in self._open)

    def pass_by(self, text: str, *, level: int = 0, markdown: bool = False) -> None:
        """Take note of a paragraph: a heading by its `level` (from 1), or by its own signs.

        A heading may be the first sentence of the paragraph that it opens.
        """
        if markdown and (marks := _MARKDOWN.match(text)):
            level = len(marks[1])
        level = level or _level(text)
        heading = text.strip().lstrip("#").strip() if level else ""
        if (heading := heading.partition("。")[0]) and len(heading) <= _LONGEST:
            self._open = [one for one in self._open if one[0] < level]
            self._open.append((level, heading))


def _level(text: str) -> int:
    return next((at for at, sign in enumerate(_LEVELS, 1) if sign.match(text)), 0)
