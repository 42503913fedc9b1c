"""What the sheets are made of: the report's narrator and words, and how a page is put together."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from nianbao.captions import Captions
from nianbao.catalogue import Indicator
from nianbao.narrative import Narrator
from nianbao.printing import Said, printed
from nianbao.revised import Compared
from nianbao.spreadsheets.pages import Cell, Column, Kind, Page
from nianbao.tables import groups_of, indicators_of

Rows = Sequence[Mapping[str, str]]
Row = Mapping[str, Cell]
"""A row of a sheet: what stands under each column of wording/tables.yml, in order."""

_NAMES = ("indicator", "milestone", "finding", "sign")
_NUMBERS = (
    *("value", "previous", "change", "reported", "expected"),
    *("target_year", "target", "gap", "attainment", "pace", "required"),
    *("former", "now", "difference"),
    *("rows_seen", "accepted", "excluded", "quarantined", "contents_rows"),
)
_WORDS = (
    *("comparison", "note", "evidence", "basis_note", "causes", "message", "reason", "file"),
    *("formula", "definition", "meaning"),
)
KINDS: Mapping[str, Kind] = {
    **dict.fromkeys(_NAMES, "name"),
    **dict.fromkeys(_NUMBERS, "number"),
    **dict.fromkeys(_WORDS, "words"),
}
"""What stands in a column; the others hold a short text."""


@dataclass(frozen=True, slots=True)
class Material:
    """What the workbook is made of: the report's narrator, its words, and its published tables."""

    narrator: Narrator
    words: Captions
    meanings: Captions  # of the codes of findings
    findings: Rows
    corrections: Rows
    files: Rows
    revised: Sequence[Compared]

    def say(self, group: str, name: str, /, **words: object) -> str:
        """One text of wording/tables.yml."""
        return self.words.say(group, name, words)

    def lacking(self, why: str) -> str:
        """What stands in the place of a number that is not there."""
        return self.say("shorthand", why)

    def number(self, value: Decimal | None, why: str, *, whole: bool = False) -> Cell:
        """A number as the page prints it, or why there is none."""
        return self.lacking(why) if value is None else Decimal(printed(value, whole))

    def unit(self, name: str) -> str:
        """A unit's name; what is merely counted is a number."""
        return self.narrator.unit_name(name) or self.say("cover", "number")

    def place(self, code: str) -> str:
        """A place's name."""
        places = self.narrator.catalogue.places
        return places[code].name if code in places else code

    def one(self, indicator: str) -> Indicator:
        """An indicator of the catalogue."""
        return self.narrator.catalogue.indicators[indicator]

    def collected(self, *, milestones: bool = False) -> Iterator[tuple[str, Said]]:
        """The indicators of the report by group, either the milestones or all others."""
        catalogue, period = self.narrator.catalogue, self.narrator.period
        for group in groups_of(catalogue, period):
            for name in indicators_of(catalogue, group, period):
                if (self.one(name).over_time == "done") == milestones:
                    yield str(catalogue.outline.groups.get(group, group)), self.narrator.said(name)

    def notices(self) -> list[str]:
        """What must stand on every sheet."""
        notice = self.narrator.catalogue.office.sample_notice
        return [self.say("cover", "sample", notice=notice)] if notice else []


def listed(m: Material, key: str, rows: Iterable[Row]) -> Page:
    """One sheet of rows that all have the same columns, headed by their names."""
    every = tuple(rows)
    heads = (Column(m.say("columns", name), kind_of(name)) for name in (every or ({},))[0])
    return headed(m, key, tuple(heads), tuple(tuple(row.values()) for row in every))


def kind_of(column: str) -> Kind:
    """What stands in a column."""
    return KINDS.get(column, "short")


def headed(
    m: Material, key: str, heads: tuple[Column, ...], rows: tuple[tuple[Cell, ...], ...]
) -> Page:
    """One sheet below its title, its source, and what its rows and blank cells mean."""
    narrator = m.narrator
    period = narrator.language.period(narrator.period)
    bureau = narrator.catalogue.office.bureau
    notes = [
        m.say("cover", "of", bureau=bureau, period=period),
        *m.notices(),
        m.say("abouts", key),
    ]
    if any(cell == "" for row in rows for cell in row):
        notes.append(m.say("cover", "blank"))
    title = m.say("titles", key, period=period)
    return Page(key, m.say("sheets", key), title, tuple(notes), heads, rows)
