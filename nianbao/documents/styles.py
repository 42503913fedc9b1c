"""The styles of the document as XML: paragraphs, tables, lists, and the fonts they name."""

from docx.document import Document
from docx.opc.oxml import serialize_part_xml
from docx.oxml.parser import OxmlElement

from nianbao.documents.looks import FANG, HEI, KAI, LATIN, LINE, SONG, TITLE_SONG, Look, Style
from nianbao.documents.markup import Element, element, emptied

_FRAME = 110  # twips from a frame to its words, so that the frame is as wide as the text

# What stands in where a machine lacks the font that the standard names.
_STAND_INS = {
    SONG: "SimSun",
    FANG: "仿宋",
    KAI: "楷体",
    HEI: "SimHei",
    TITLE_SONG: "华文中宋",
    LATIN: "Liberation Serif",
}


def set_styles(document: Document, look: Look) -> None:
    """Replace the template's styles and lists by those of this look."""
    normal = look.styles["Normal"]
    size = element("sz", val=normal.size)
    common = element("rPr", look.fonts(normal), size, element("lang", **look.languages))
    emptied(document.styles.element).extend(
        [
            element("docDefaults", element("rPrDefault", common), element("pPrDefault")),
            *(_paragraph_style(style, look) for style in look.styles.values()),
            _table_style(),
        ]
    )
    numbering = emptied(document.part.numbering_part.element)
    numbering.append(_list(look))


def _paragraph_style(style: Style, look: Look) -> Element:
    paragraph = (
        element("keepNext") if style.keep_next else None,
        element("keepLines") if style.keep_next else None,
        element("widowControl", val=0),
        _box() if style.boxed else None,
        element("autoSpaceDE", val=0),
        element("autoSpaceDN", val=0),
        element("snapToGrid", val=0) if look.grid and style.line != LINE else None,
        element(
            "spacing", before=style.before, after=style.after, line=style.line, lineRule=style.rule
        ),
        _indent(style),
        element("contextualSpacing") if style.boxed else None,
        element("jc", val=style.align),
        element("outlineLvl", val=style.outline) if style.outline is not None else None,
    )
    run = (
        look.fonts(style),
        element("b") if style.bold else None,
        element("spacing", val=style.squeeze) if style.squeeze else None,
        element("sz", val=style.size),
        element("szCs", val=style.size),
    )
    normal = style.name == "Normal"
    return element(
        "style",
        element("name", val=style.name),
        None if normal else element("basedOn", val="Normal"),
        element("next", val="BodyText") if style.outline is not None else None,
        element("qFormat"),
        element("pPr", *paragraph),
        element("rPr", *run),
        type="paragraph",
        styleId=style.id,
        **({"default": 1} if normal else {}),
    )


def _indent(style: Style) -> Element | None:
    if style.indent:
        return element("ind", firstLineChars=100 * style.indent, firstLine=style.first_line)
    if style.hanging:
        return element("ind", left=style.hanging, hanging=style.hanging)
    return element("ind", left=_FRAME, right=_FRAME) if style.boxed else None


def _box() -> Element:
    return element("pBdr", *(_rule(side, 4, 5) for side in ("top", "left", "bottom", "right")))


def _rule(side: str, eighths: int, space: int = 0) -> Element:
    return element(side, val="single", sz=eighths, space=space, color="auto")


def _table_style() -> Element:
    """Open at the sides, heavy above and below, a hair line under each row."""
    head = element("tcPr", element("tcBorders", _rule("bottom", 6)))
    return element(
        "style",
        element("name", val="Statistics"),
        element(
            "tblPr",
            element("tblBorders", _rule("top", 12), _rule("bottom", 12), _rule("insideH", 2)),
        ),
        element("tblStylePr", head, type="firstRow"),
        type="table",
        customStyle=1,
        styleId="Statistics",
    )


def _list(look: Look) -> Element:
    """One kind of list, `1.` as on the third level of the standard."""
    style = look.styles["List Number"]
    level = element(
        "lvl",
        element("start", val=1),
        element("numFmt", val="decimal"),
        element("suff", val="tab" if style.hanging else "nothing"),
        element("lvlText", val="%1." if style.hanging else "%1. "),
        element("lvlJc", val="left"),
        element("pPr", _indent(style)),
        element("rPr", look.fonts(style)),
        ilvl=0,
    )
    return element(
        "abstractNum", element("multiLevelType", val="singleLevel"), level, abstractNumId=0
    )


def new_list(document: Document) -> int:
    """Begin a list that counts from one; its number is what paragraphs refer to."""
    numbering = document.part.numbering_part.element
    number = len(numbering)
    again = element("lvlOverride", element("startOverride", val=1), ilvl=0)
    numbering.append(element("num", element("abstractNumId", val=0), again, numId=number))
    return number


def set_fonts(document: Document) -> None:
    """List the fonts, each with what stands in for it."""
    listed = OxmlElement("w:fonts")
    for name, other in _STAND_INS.items():
        listed.append(
            element(
                "font",
                element("altName", val=other),
                element("charset", val="00" if name == LATIN else "86"),
                element("pitch", val="variable"),
                name=name,
            )
        )
    for relation in document.part.rels.values():
        if relation.reltype.endswith("/fontTable"):
            relation.target_part._blob = serialize_part_xml(listed)
