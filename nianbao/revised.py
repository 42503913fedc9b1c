"""Revised figures as a reader sees them: rows of the table of revisions, and signs at figures."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from nianbao.calculation import Calculation
from nianbao.catalogue import Catalogue
from nianbao.memory import Changes
from nianbao.narrative import Narrator
from nianbao.printing import Said, marked, printed
from nianbao.revisions import AGAINST, Against, Cause, Revision, beside, revisions

_ROWS = 30  # of townships that the table lists
_FIGURE = re.compile(
    r'<button type="button" class="fig"[^>]*><data value="[^"]*" data-indicator="([^"]+)" '
    r'data-place="([^"]+)" data-period="([^"]+)" data-column="([^"]+)">.*?</button>'
)
_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class SaidRevision:
    """One revision ready for its table: every number printed and marked."""

    revision: Revision
    said: Said

    @property
    def anchor(self) -> str:
        """What a sign at the figure leads to."""
        one = self.revision
        return f"revised-{one.against}-{one.indicator}-{one.place}-{one.column}"

    @property
    def causes(self) -> tuple[Cause, ...]:
        """The causes that are spelt out; `more` counts the others."""
        return self.revision.shown

    @property
    def more(self) -> int:
        """How many further causes there are."""
        return self.revision.more

    @property
    def of_base(self) -> bool:
        """Whether it is the number of the year before that was revised."""
        return self.revision.column == "previous"

    @property
    def former(self) -> Markup:
        """What the earlier report gave."""
        return self._mark(self.revision.former, self._column("former"))

    @property
    def former_text(self) -> str:
        """The same as plain text."""
        return self.said.language.digits(printed(self.revision.former))

    @property
    def now(self) -> Markup:
        """What this report gives."""
        return self._mark(self.revision.now, self.revision.column)

    @property
    def difference(self) -> Markup:
        """By how much it was revised, with its sign."""
        return self._mark(self.revision.difference, self._column("revision"), signed=True)

    def _column(self, what: str) -> str:
        if self.revision.against == "year_before":
            return f"{what}_published"
        return what if self.revision.column == "value" else f"{what}_previous"

    def _mark(self, number: Decimal | None, column: str, *, signed: bool = False) -> Markup:
        if number is None:
            return Markup("—")
        f, text = self.said.figure, printed(number)
        shown = self.said.language.digits(text.removeprefix("-"))
        if signed:
            shown = ("−" if number < 0 else "+") + shown
        elif number < 0:
            shown = f"-{shown}"
        return marked(shown, f.indicator, f.place, f.period, column, text)


@dataclass(frozen=True, slots=True)
class Compared:
    """All that changed since one earlier report; `districts` and `townships` are in order."""

    against: str
    districts: tuple[SaidRevision, ...]
    townships: tuple[SaidRevision, ...]
    unlisted: tuple[SaidRevision, ...]
    beside: tuple[Cause, ...]  # targets and definitions, where no figure is another for it
    texts: tuple[str, ...]

    @property
    def rows(self) -> tuple[SaidRevision, ...]:
        """The revisions that are listed."""
        return (*self.districts, *self.townships)

    def __bool__(self) -> bool:
        return bool(self.districts or self.townships or self.beside or self.texts)


def compared(
    narrator: Narrator, calculation: Calculation, all_changes: Mapping[str, Changes]
) -> tuple[Compared, ...]:
    """What changed, by earlier report; of the townships' revisions the first ones only."""
    return tuple(
        one
        for against in AGAINST
        if (one := _compared(narrator, calculation, against, all_changes.get(against, {})))
    )


def _compared(
    narrator: Narrator, calculation: Calculation, against: Against, changes: Changes
) -> Compared:
    district = narrator.catalogue.district
    found = revisions(calculation, against, changes)
    rows = [SaidRevision(one, narrator.said(one.indicator, one.place)) for one in found]
    own = tuple(row for row in rows if row.revision.place == district)
    other = tuple(row for row in rows if row.revision.place != district)
    lang = narrator.language.code
    texts = (name for name in changes.get("texts", {}) if name.startswith((f"{lang}/", "charts.")))
    also: Iterable[Cause] = ()
    if against == "release":
        also = beside(narrator.catalogue, narrator.period, changes, found)
    return Compared(against, own, other[:_ROWS], other[_ROWS:], tuple(also), tuple(texts))


def anchors(all_compared: Iterable[Compared]) -> dict[tuple[str, str, str], str]:
    """Where a revised figure (indicator, place, column) is accounted for.

    A change is marked where its base alone was revised: beside a revised value it goes without.
    """
    found: dict[tuple[str, str, str], str] = {}
    for one in all_compared:
        for row in one.rows:
            key = (row.revision.indicator, row.revision.place, row.revision.column)
            found.setdefault(key, row.anchor)
    for (indicator, place, column), anchor in list(found.items()):
        if column == "previous" and (indicator, place, "value") not in found:
            found[indicator, place, "change"] = anchor
    return found


def with_signs(html: str, where: Mapping[tuple[str, str, str], str], period: str, sign: str) -> str:
    """A page's part with a sign behind each revised figure; `sign` is a link to `#ANCHOR`."""
    if not where:
        return html

    def signed(found: re.Match[str]) -> str:
        indicator, place, when, column = found.groups()
        anchor = where.get((indicator, place, column)) if when == period else None
        return found[0] + sign.replace("ANCHOR", anchor) if anchor else found[0]

    return _FIGURE.sub(signed, html)


def in_words(formula: str, catalogue: Catalogue) -> str:
    """A formula as a definition keeps it, with the names of its items and indicators."""
    return _NAME.sub(lambda found: item_in_words(found[0], catalogue), formula)


def item_in_words(word: str, catalogue: Catalogue) -> str:
    """The name of an item, or of an indicator, by its id; any other word as it is."""
    try:
        item = catalogue.home(word).item
    except KeyError:
        indicator = catalogue.indicators.get(word)
        return str(indicator.name) if indicator else word
    return item.zh if catalogue.lang == "zh" else item.en or item.zh
