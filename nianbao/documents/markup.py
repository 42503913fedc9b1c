"""Elements of WordprocessingML, written as they nest."""

from typing import Any, Literal

from docx.oxml.ns import nsmap
from lxml import etree

Element = Any  # of lxml, which ships no types

_SPACES = {"w": nsmap["w"]}
_W = f"{{{nsmap['w']}}}"
_XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


def element(tag: str, /, *children: Element | None, **attributes: object) -> Element:
    """A `w:` element with `w:` attributes; children that are None are left out."""
    named = {_W + name: str(value) for name, value in attributes.items()}
    made = etree.Element(_W + tag, named, _SPACES)
    made.extend([child for child in children if child is not None])
    return made


def words(text: str, tag: str = "t") -> Element:
    """Text as it stands, blanks and all."""
    made = element(tag)
    made.set(_XML_SPACE, "preserve")
    made.text = text
    return made


def fonts(latin: str, chinese: str, *, ambiguous: Literal["eastAsia", "default"]) -> Element:
    """The fonts of a run, and which of them has what both scripts have, such as “” and —."""
    return element("rFonts", ascii=latin, hAnsi=latin, eastAsia=chinese, cs=latin, hint=ambiguous)


def emptied(made: Element) -> Element:
    """An element without its children and attributes."""
    for child in list(made):
        made.remove(child)
    made.attrib.clear()
    return made
