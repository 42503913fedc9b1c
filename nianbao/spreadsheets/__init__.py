"""The tables of a report as one workbook, for other offices to work with.

It follows the published guidance on accessible statistical spreadsheets: contents first, one real
table a sheet that begins below its title and notes in column A, no merged cell, no empty row or
column within, a sign and its meaning wherever a number is missing. No formula, no macro, no link to
another file.
"""

import io
from pathlib import Path

from openpyxl import Workbook

from nianbao.packaging import repacked
from nianbao.spreadsheets.contents import Material, Rows, pages
from nianbao.spreadsheets.pages import Column, Page
from nianbao.spreadsheets.paint import Frame, add_styles, as_text, paint

__all__ = ["Material", "Rows", "write_tables"]

_LANGUAGES = {"zh": "zh-CN", "en": "en-GB"}


def write_tables(material: Material, output: Path, *, date: str = "", missing: int = 0) -> None:
    """Write the workbook; the same report gives the same bytes.

    `date` (YYYY-MM-DD) is the document's own, if it has one; `missing` how many inputs it lacks.
    """
    every = tuple(pages(material))
    contents = _contents(material, every, date, missing)
    book = Workbook()
    book.remove(book.worksheets[0])
    book.calculation.fullCalcOnLoad = False
    add_styles(book, material.say("cover", "font"))
    frame = _frame(material, contents)
    for page in (contents, *every):
        paint(book.create_sheet(page.name), page, frame)
    _describe(book, material, contents.title)
    loose = io.BytesIO()
    book.save(loose)
    output.write_bytes(repacked(loose.getvalue()))


def _contents(m: Material, every: tuple[Page, ...], date: str, missing: int) -> Page:
    """The first sheet: what this is, who made it, for when, and a table of the others."""
    narrator = m.narrator
    office, period, language = narrator.catalogue.office, narrator.period, narrator.language
    title = narrator.part("_title").striptags()
    how = "cumulative" if period.quarter else "period"
    notes = [
        m.say("cover", "bureau", bureau=office.bureau),
        m.say("cover", how, period=language.period(period)),
    ]
    if date:
        notes.append(m.say("cover", "date", date=language.date(date)))
    if missing:
        quality = m.say("sheets", "findings")
        notes.append(m.say("cover", "partial", count=missing, sheet=quality))
    if office.sample_notice:
        notes.append(m.say("cover", "sample", notice=office.sample_notice))
    notes.append(m.say("cover", "same"))
    return Page(
        "contents",
        m.say("sheets", "contents"),
        m.say("cover", "title", title=title),
        tuple(notes),
        (
            Column(m.say("columns", "contents_title"), "name"),
            Column(m.say("columns", "contents_sheet")),
            Column(m.say("columns", "contents_rows"), "number"),
        ),
        tuple((page.title, page.name, len(page.rows)) for page in every),
        tuple(page.name for page in every),
    )


def _frame(m: Material, contents: Page) -> Frame:
    bureau = str(m.narrator.catalogue.office.bureau).replace("&", "&&")
    footer = (bureau, m.say("cover", "page"))
    return Frame(footer, (m.say("cover", "back"), contents.name))


def _describe(book: Workbook, m: Material, title: str) -> None:
    """What the file says of itself: the bureau, never a person."""
    properties = book.properties
    properties.creator = as_text(str(m.narrator.catalogue.office.bureau))[:255]
    properties.title = as_text(title)[:255]
    properties.language = _LANGUAGES[m.narrator.language.code]
