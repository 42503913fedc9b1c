"""The layout of GB/T 9704-2012 in the terms of Word: page, page numbers, settings.

A4 with a text area of 156 × 225 mm, 22 lines of 28 characters. Twips are twentieths of a point.
"""

from typing import Literal

from docx.document import Document

from nianbao.documents.markup import Element, element, emptied, words
from nianbao.documents.styles import LINE, STYLES, set_fonts, set_styles

MM = 1440 / 25.4  # twips
PAGE = {"w": round(210 * MM), "h": round(297 * MM)}
MARGINS = {
    "top": round(37 * MM),
    "right": round(26 * MM),
    "bottom": round(35 * MM),
    "left": round(28 * MM),
}
TEXT_WIDTH = PAGE["w"] - MARGINS["left"] - MARGINS["right"]
# The number's line is 14 pt high, the middle of it 7 mm below the text.
_FOOTER = round(25.5 * MM)
_WORD = "http://schemas.microsoft.com/office/word"


def lay_out(document: Document, lang: str) -> None:
    """Give an empty document the standard's styles, page, page numbers and settings."""
    set_styles(document, lang)
    set_fonts(document)
    _set_page(document, lang)
    _set_settings(document, lang)


def _set_page(document: Document, lang: str) -> None:
    section = document.sections[0]
    emptied(section._sectPr).extend(
        [
            element("pgSz", **PAGE),
            element("pgMar", **MARGINS, header=round(15 * MM), footer=_FOOTER, gutter=0),
            element("docGrid", type="lines", linePitch=LINE),
        ]
    )
    _number(section.footer._element, "right", lang)
    _number(section.even_page_footer._element, "left", lang)


def _number(footer: Element, side: Literal["left", "right"], lang: str) -> None:
    """— 1 — at the outer edge, one character in from it."""
    style = STYLES["footer"]
    character = {f"{side}Chars": 100, side: style.size * 10}
    parts = (
        words("— "),
        element("fldChar", fldCharType="begin"),
        words("PAGE", "instrText"),
        element("fldChar", fldCharType="separate"),
        words("1"),
        element("fldChar", fldCharType="end"),
        words(" —"),
    )
    runs = (element("r", element("rPr", style.fonts(lang)), part) for part in parts)
    look = element(
        "pPr",
        element("pStyle", val=style.id),
        element("ind", **character),
        element("jc", val=side),
    )
    emptied(footer).append(element("p", look, *runs))


def _set_settings(document: Document, lang: str) -> None:
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
            element("themeFontLang", val="en-US" if lang == "zh" else "en-GB", eastAsia="zh-CN"),
            element("decimalSymbol", val="."),
            element("listSeparator", val=","),
        ]
    )
