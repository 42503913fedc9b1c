"""The sheets in their order, and the first one, which leads to the others."""

from collections.abc import Iterator

from nianbao.spreadsheets import background, results
from nianbao.spreadsheets.material import Material, kind_of
from nianbao.spreadsheets.pages import Column, Page

_SHEETS = (
    results.values,
    results.milestones,
    results.townships,
    results.places,
    results.quarters,
    results.years,
    results.standings,
    results.revisions,
    background.findings,
    background.corrections,
    background.files,
    background.definitions,
    background.notes,
)


def pages(material: Material) -> Iterator[Page]:
    """Every sheet that has something to say, in order."""
    for make in _SHEETS:
        if (page := make(material)).rows:
            yield page


def contents(m: Material, every: tuple[Page, ...], date: str, missing: int) -> Page:
    """The first sheet: what this is, who made it, for when, and a table of the others."""
    narrator = m.narrator
    period, language = narrator.period, narrator.language
    how = "cumulative" if period.quarter else "period"
    notes = [
        m.say("cover", "bureau", bureau=narrator.catalogue.office.bureau),
        m.say("cover", how, period=language.period(period)),
    ]
    if date:
        notes.append(m.say("cover", "date", date=language.date(date)))
    if missing:
        quality = m.say("sheets", "findings")
        notes.append(m.say("cover", "partial", count=missing, sheet=quality))
    columns = ("contents_title", "contents_sheet", "contents_rows")
    return Page(
        "contents",
        m.say("sheets", "contents"),
        m.say("cover", "title", title=narrator.part("_title").striptags()),
        (*notes, *m.notices(), m.say("cover", "same")),
        tuple(Column(m.say("columns", name), kind_of(name)) for name in columns),
        tuple((page.title, page.name, len(page.rows)) for page in every),
        tuple(page.name for page in every),
    )
