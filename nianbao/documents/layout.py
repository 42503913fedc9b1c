"""The layout of GB/T 9704-2012 in the terms of Word: page, page numbers, settings.

A4 with a text area of 156 × 225 mm, 22 lines of 28 characters. Twips are twentieths of a point.
"""

from typing import Literal

from docx.document import Document

from nianbao.documents.looks import Look
from nianbao.documents.markup import Element, element, emptied, words
from nianbao.documents.styles import set_fonts, set_styles

MM = 1440 / 25.4  # twips
PAGE = {"w": round(210 * MM), "h": round(297 * MM)}
MARGINS = {
    "top": round(37 * MM),
    "right": round(26 * MM),
    "bottom": round(35 * MM),
    "left": round(28 * MM),
}
TEXT_WIDTH = PAGE["w"] - MARGINS["left"] - MARGINS["right"]
TEXT_HEIGHT = PAGE["h"] - MARGINS["top"] - MARGINS["bottom"]
# The number's line is 14 pt high, the middle of it 7 mm below the text.
_FOOTER = round(25.5 * MM)
_WORD = "http://schemas.microsoft.com/office/word"


def lay_out(document: Document, look: Look) -> None:
    """Give an empty document the styles, page, page numbers and settings of a look."""
    set_styles(document, look)
    set_fonts(document)
    _set_page(document, look)
    _set_settings(document, look)


def _set_page(document: Document, look: Look) -> None:
    section = document.sections[0]
    emptied(section._sectPr).extend(
        [
            element("pgSz", **PAGE),
            element("pgMar", **MARGINS, header=round(15 * MM), footer=_FOOTER, gutter=0),
            element("docGrid", type="lines", linePitch=look.grid)
            if look.grid
            else element("docGrid"),
        ]
    )
    _number(section.footer._element, "right", look)
    _number(section.even_page_footer._element, "left", look)


def _number(footer: Element, side: Literal["left", "right"], look: Look) -> None:
    """— 1 — at the outer edge, one character in from it; in English the bare number at the edge."""
    style = look.styles["footer"]
    character = {f"{side}Chars": 100, side: style.size * 10}
    before, after = (words(sign) if sign else None for sign in look.around)
    parts = (
        before,
        element("fldChar", fldCharType="begin"),
        words("PAGE", "instrText"),
        element("fldChar", fldCharType="separate"),
        words("1"),
        element("fldChar", fldCharType="end"),
        after,
    )
    runs = (
        element("r", element("rPr", look.fonts(style)), one) for one in parts if one is not None
    )
    settings = element(
        "pPr",
        element("pStyle", val=style.id),
        element("ind", **character) if look.grid else None,
        element("jc", val=side),
    )
    emptied(footer).append(element("p", settings, *runs))


def _set_settings(document: Document, look: Look) -> None:
    """Nothing of the template, and the present manner of Word rather than an old one's."""
    emptied(document.settings.element).extend(
        [
            element("zoom", percent=100),
            element("defaultTabStop", val=640),
            element("evenAndOddHeaders"),
            element("characterSpacingControl", val="doNotCompress"),
            element(
                "compat", element("compatSetting", name="compatibilityMode", uri=_WORD, val=15)
            ),
            element("themeFontLang", **look.languages),
            element("decimalSymbol", val="."),
            element("listSeparator", val=","),
        ]
    )
