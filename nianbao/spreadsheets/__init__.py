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
from nianbao.spreadsheets.contents import contents, pages
from nianbao.spreadsheets.material import Material, Rows
from nianbao.spreadsheets.pages import Page
from nianbao.spreadsheets.paint import Frame, add_styles, as_text, paint

__all__ = ["Material", "Rows", "write_tables"]

_LANGUAGES = {"zh": "zh-CN", "en": "en-GB"}


def write_tables(material: Material, output: Path, *, date: str = "", missing: int = 0) -> None:
    """Write the workbook; the same report gives the same bytes.

    `date` (YYYY-MM-DD) is the document's own, if it has one; `missing` how many inputs it lacks.
    """
    every = tuple(pages(material))
    first = contents(material, every, date, missing)
    book = Workbook()
    book.remove(book.worksheets[0])
    book.calculation.fullCalcOnLoad = False
    add_styles(book, material.say("cover", "font"))
    frame = _frame(material, first)
    for page in (first, *every):
        paint(book.create_sheet(page.name), page, frame)
    _describe(book, material, first.title)
    loose = io.BytesIO()
    book.save(loose)
    output.write_bytes(repacked(loose.getvalue()))


def _frame(m: Material, first: Page) -> Frame:
    bureau = str(m.narrator.catalogue.office.bureau).replace("&", "&&")
    footer = (bureau, m.say("cover", "page"))
    return Frame(footer, (m.say("cover", "back"), first.name))


def _describe(book: Workbook, m: Material, title: str) -> None:
    """What the file says of itself: the bureau, never a person."""
    properties = book.properties
    properties.creator = as_text(str(m.narrator.catalogue.office.bureau))[:255]
    properties.title = as_text(title)[:255]
    properties.language = _LANGUAGES[m.narrator.language.code]
