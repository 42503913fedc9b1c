"""The styles of the official document: which font, size and place each kind of paragraph has."""

from dataclasses import dataclass
from typing import Literal

from docx.document import Document
from docx.opc.oxml import serialize_part_xml
from docx.oxml.parser import OxmlElement

from nianbao.documents.markup import Element, element, emptied, fonts, script_of

# 225 mm in 22 lines and 156 mm in 28 characters, measured in LibreOffice: 29 pt gives 21 lines, and
# a grid of characters tears figures apart.
LINE = 579  # twips, 28.95 pt
SQUEEZE = -5  # twips: a character of 16 pt takes 15.75 pt

_FRAME = 110  # twips from a frame to its words, so that the frame is as wide as the text

SONG, FANG, KAI, HEI = "宋体", "仿宋_GB2312", "楷体_GB2312", "黑体"
TITLE_SONG, LATIN = "方正小标宋简体", "Times New Roman"
# What stands in where a machine lacks the font that the standard names.
_STAND_INS = {
    SONG: "SimSun",
    FANG: "仿宋",
    KAI: "楷体",
    HEI: "SimHei",
    TITLE_SONG: "华文中宋",
    LATIN: "Liberation Serif",
}


@dataclass(frozen=True, slots=True)
class Style:
    """A paragraph style: size in half points, `indent` in characters, other lengths in twips."""

    name: str
    font: str
    size: int = 32
    latin: str = LATIN
    bold: bool = False
    align: Literal["both", "center", "left"] = "both"
    indent: int = 0
    hanging: int = 0
    line: int = LINE
    rule: Literal["exact", "auto"] = "exact"
    before: int = 0
    after: int = 0
    outline: int | None = None
    keep_next: bool = False
    boxed: bool = False

    @property
    def id(self) -> str:
        """The name as a paragraph refers to it."""
        return self.name.title().replace(" ", "")

    def fonts(self, lang: str) -> Element:
        """The fonts of a run of this style, in a text of this language."""
        return fonts(self.latin, self.font, ambiguous=script_of(lang))

    @property
    def first_line(self) -> int:
        """How far the first line is moved in."""
        return self.indent * (self.size * 10 + SQUEEZE)


# Names in small letters are those that Word knows by themselves.
_ALL = (
    Style("Normal", FANG),
    Style("Body Text", FANG, indent=2),
    Style("Title", TITLE_SONG, 44, TITLE_SONG, align="center", line=700, after=290, keep_next=True),
    Style("Subtitle", KAI, align="center", after=290),
    Style("heading 1", HEI, indent=2, outline=0, keep_next=True),
    Style("heading 2", KAI, indent=2, outline=1, keep_next=True),
    Style("heading 3", FANG, bold=True, indent=2, outline=2, keep_next=True),
    Style("List Number", FANG, indent=2),
    Style("Notice", KAI, 28, line=480, after=240, boxed=True),
    Style("caption", HEI, 24, align="center", line=360, before=120, after=60),
    Style("Picture", FANG, align="center", line=240, rule="auto", before=160, keep_next=True),
    Style("Picture Source", SONG, 21, align="center", line=280, after=160),
    Style("Table Text", SONG, 21, align="left", line=300),
    Style("Table Text Small", SONG, 18, align="left", line=250),
    Style("Table Head", HEI, 21, align="left", line=300, keep_next=True),
    Style("Table Head Small", HEI, 18, align="left", line=250, keep_next=True),
    Style("Entry", SONG, 21, hanging=420, line=330, after=40),
    Style("footer", SONG, 28, SONG, line=280),
)
STYLES = {style.name: style for style in _ALL}


def set_styles(document: Document, lang: str) -> None:
    """Replace the template's styles and lists by those of the standard."""
    languages = {"val": "en-US" if lang == "zh" else "en-GB", "eastAsia": "zh-CN"}
    size = element("sz", val=32)
    common = element("rPr", STYLES["Normal"].fonts(lang), size, element("lang", **languages))
    emptied(document.styles.element).extend(
        [
            element("docDefaults", element("rPrDefault", common), element("pPrDefault")),
            *(_paragraph_style(style, lang) for style in _ALL),
            _table_style(),
        ]
    )
    numbering = emptied(document.part.numbering_part.element)
    numbering.append(_list(STYLES["List Number"], lang))


def _paragraph_style(style: Style, lang: str) -> Element:
    paragraph = (
        element("keepNext") if style.keep_next else None,
        element("keepLines") if style.keep_next else None,
        element("widowControl", val=0),
        _box() if style.boxed else None,
        element("autoSpaceDE", val=0),
        element("autoSpaceDN", val=0),
        element("snapToGrid", val=0) if style.line != LINE else None,
        element(
            "spacing", before=style.before, after=style.after, line=style.line, lineRule=style.rule
        ),
        _indent(style),
        element("jc", val=style.align),
        element("outlineLvl", val=style.outline) if style.outline is not None else None,
    )
    squeezed = lang == "zh" and style.size == STYLES["Normal"].size
    run = (
        style.fonts(lang),
        element("b") if style.bold else None,
        element("spacing", val=SQUEEZE) if squeezed else None,
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


def _list(style: Style, lang: str) -> Element:
    """One kind of list, `1.` as on the third level of the standard."""
    level = element(
        "lvl",
        element("start", val=1),
        element("numFmt", val="decimal"),
        element("suff", val="nothing"),
        element("lvlText", val="%1. "),
        element("lvlJc", val="left"),
        element("pPr", _indent(style)),
        element("rPr", style.fonts(lang)),
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
