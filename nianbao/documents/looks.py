"""The look of each kind of paragraph: in Chinese by the standard, in English by habit."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from nianbao.documents.markup import Element, fonts

# 225 mm in 22 lines and 156 mm in 28 characters, measured in LibreOffice: 29 pt gives 21 lines, and
# a grid of characters tears figures apart.
LINE = 579  # twips, 28.95 pt
SQUEEZE = -5  # twips: a character of 16 pt takes 15.75 pt
# What stays on one line: a word or a character with the signs before and after it.
_WORD = re.compile(r"[（《“〔]*(?:[!-~]+|[^!-~])[，。；：、）》”〕！？]*")

SONG, FANG, KAI, HEI = "宋体", "仿宋_GB2312", "楷体_GB2312", "黑体"
TITLE_SONG, LATIN = "方正小标宋简体", "Times New Roman"


@dataclass(frozen=True, slots=True)
class Style:
    """A paragraph style: size in half points, `indent` in characters, other lengths in twips."""

    name: str
    font: str
    size: int = 32
    latin: str = LATIN
    bold: bool = False
    align: Literal["both", "center", "left", "right"] = "both"
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

    @property
    def squeeze(self) -> int:
        """How much closer its characters stand: 28 of them on a line of the grid."""
        return SQUEEZE if self.line == LINE else 0

    @property
    def first_line(self) -> int:
        """How far the first line is moved in."""
        return self.indent * (self.size * 10 + self.squeeze)


@dataclass(frozen=True, slots=True)
class Look:
    """The look of one language's document.

    `grid` is the pitch of its lines, 0 without a grid; `around` stands about the number of a page;
    `letter` is about how wide a Latin letter is, in ems, where a machine may lack the font;
    `ambiguous` says whose signs are meant where both scripts have one, such as “” and —.
    """

    styles: Mapping[str, Style]
    tag: str
    latin_tag: str
    grid: int
    letter: float
    around: tuple[str, str]
    ambiguous: Literal["eastAsia", "default"]

    def fonts(self, style: Style) -> Element:
        """The fonts of a run of this style."""
        return fonts(style.latin, style.font, ambiguous=self.ambiguous)

    def height(self, style: Style, text: str, width: float) -> int:
        """About how high a paragraph is on a text as wide as this."""
        em = style.size * 10 + style.squeeze
        lines, used = 1, float(style.first_line)
        for word in _WORD.findall(text):
            wide = em * sum(self.letter if letter.isascii() else 1.0 for letter in word)
            if used and used + wide > width:
                lines, used = lines + 1, 0.0
            used += wide
        return style.before + style.after + style.line * lines

    @property
    def languages(self) -> dict[str, str]:
        """The language of each script, as Word checks it."""
        return {"val": self.latin_tag, "eastAsia": "zh-CN"}


# Names in small letters are those that Word knows by themselves.
_STANDARD = (
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
    Style("Signature", FANG, align="right"),
    Style("footer", SONG, 28, SONG, line=280),
)


def _english(name: str, size: int = 24, line: int = 330, **look: object) -> Style:
    """A style of English text: a serif face, ragged to the right, no indent."""
    return Style(name, SONG, size, line=line, **{"align": "left", **look})  # type: ignore[arg-type]


_ENGLISH = (
    _english("Normal"),
    _english("Body Text", after=130),
    _english("Title", 42, 540, bold=True, align="center", after=160, keep_next=True),
    _english("Subtitle", align="center", after=240),
    _english("heading 1", 32, 420, bold=True, before=320, after=120, outline=0, keep_next=True),
    _english("heading 2", 26, 350, bold=True, before=200, after=90, outline=1, keep_next=True),
    _english("heading 3", 24, 330, bold=True, before=160, after=60, outline=2, keep_next=True),
    _english("List Number", hanging=400, after=80),
    _english("Notice", 22, 300, after=240, boxed=True),
    _english("caption", 20, 280, bold=True, align="center", before=120, after=60),
    _english("Picture", 24, 240, rule="auto", align="center", before=120, keep_next=True),
    _english("Picture Source", 18, 240, align="center", after=200),
    _english("Table Text", 20, 260),
    _english("Table Text Small", 18, 230),
    _english("Table Head", 20, 260, bold=True, keep_next=True),
    _english("Table Head Small", 18, 230, bold=True, keep_next=True),
    _english("Entry", 20, 260, hanging=400, after=60),
    _english("Signature", align="right"),
    _english("footer", 20, 280),
)


def _named(styles: tuple[Style, ...]) -> dict[str, Style]:
    return {style.name: style for style in styles}


LOOKS = {
    "zh": Look(_named(_STANDARD), "zh-CN", "en-US", LINE, 0.64, ("— ", " —"), "eastAsia"),
    "en": Look(_named(_ENGLISH), "en-GB", "en-GB", 0, 0.5, ("", ""), "default"),
}
