"""Reading a finished report as its contract says: where numerals may stand, what a figure is."""

import re
from collections import Counter
from collections.abc import Iterator

from bs4 import BeautifulSoup, NavigableString, Tag

NUMERAL = re.compile(r"[0-9０-９]")
EXEMPT_TAGS = {"data", "time", "code", "nav", "caption", "figcaption", "style", "title", "head"}
EXEMPT_TAGS |= {f"h{level}" for level in range(1, 7)}
EXEMPT_CLASSES = {"name", "source"}


def parse(html: str) -> BeautifulSoup:
    """The page as a tree."""
    return BeautifulSoup(html, "html.parser")


def stray_numerals(page: BeautifulSoup) -> Iterator[str]:
    """Texts with a numeral that belongs to no figure, name, date, heading or source."""
    for text in page.find_all(string=NUMERAL):
        if type(text) is NavigableString and not _exempt(text):
            yield str(text).strip()


def _exempt(text: NavigableString) -> bool:
    return any(
        isinstance(parent, Tag)
        and (parent.name in EXEMPT_TAGS or EXEMPT_CLASSES & set(parent.get("class") or ()))
        for parent in text.parents
    )


def figures(page: BeautifulSoup) -> list[Tag]:
    """Every figure of the page."""
    return list(page.find_all("data"))


def marks(page: BeautifulSoup) -> Counter[tuple[str, ...]]:
    """What the figures of a page are and say, and how often."""
    names = ("data-indicator", "data-place", "data-period", "data-column", "value")
    return Counter(tuple(str(one[name]) for name in names) for one in figures(page))
