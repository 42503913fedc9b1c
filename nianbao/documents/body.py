"""The body: each element of the page becomes paragraphs, tables and pictures, in order."""

from collections.abc import Iterable
from pathlib import Path

from docx.document import Document
from docx.oxml.shape import CT_Inline
from docx.shared import Length, Mm

from nianbao.documents.flow import Block, flowed
from nianbao.documents.grid import Grid, grid_of
from nianbao.documents.layout import TEXT_HEIGHT, TEXT_WIDTH
from nianbao.documents.looks import Look
from nianbao.documents.markup import Element, element
from nianbao.documents.paragraphs import Paragraphs
from nianbao.documents.reading import (
    Line,
    Piece,
    classes,
    joined,
    line,
    lines,
    on_paper,
    plain,
    tidy,
    title_lines,
)
from nianbao.documents.styles import new_list
from nianbao.documents.widths import width_in_ems
from nianbao.errors import NotebookFailed
from nianbao.terminal import say

PICTURE_WIDTH, PICTURE_HEIGHT = Mm(128), Mm(185)  # its type is 9 pt on paper at that width
_HEADINGS = {"h2": "heading 1", "h3": "heading 2", "h4": "heading 3"}
_CHART = "chart-"  # so begin the ids of pictures
_GAP = 180  # twips between a table and what follows
_APART = 579  # between the text and who signs it
_INLINE = frozenset(
    {"a", "abbr", "b", "br", "button", "code", "data", "em", "i", "small", "span", "strong", "sub"}
    | {"sup", "time", "u", "wbr"}
)


class Body:
    """Writes the page into a document."""

    def __init__(self, document: Document, charts: Path, look: Look) -> None:
        self.title = ""
        self._document = document
        self._charts = charts
        self._blocks: list[Block] = []
        self._after_table = False
        self._paragraphs = Paragraphs((), look)
        self._signature: list[tuple[str, int]] = []

    def write(self, page: Element, *, signed: tuple[str, str]) -> None:
        """Write every element that goes on paper, `signed` by the bureau if it bears a date."""
        printed = (found.get("id") for found in _printed(page))
        names = (name for name in printed if name)
        self._paragraphs = Paragraphs(names, self._paragraphs.look)
        self._signature = _signature(page, *signed)
        self._children(page, "Body Text")
        self._sign()
        end = self._document.element.body[-1]  # the section's settings stay last
        for made in flowed(self._blocks, TEXT_HEIGHT):
            end.addprevious(made)

    # --- blocks -----------------------------------------------------------------------------------

    def _children(self, found: Element, style: str) -> None:
        """The blocks of an element; text that stands between them is a paragraph."""
        loose: list[Piece] = [Piece(found.text or "")]
        for child in found:
            if on_paper(child) and child.tag in _INLINE:
                loose += [*line(child)]
            elif on_paper(child):
                self._paragraph(style, tidy(loose))
                loose = []
                self._block(child, style)
            loose.append(Piece(child.tail or ""))
        self._paragraph(style, tidy(loose))

    def _block(self, found: Element, style: str) -> None:
        kinds = classes(found)
        self._paragraphs.mark(found.get("id"))
        if found.tag == "h1":
            self._title(found)
        elif found.tag in _HEADINGS:
            self._heading(found)
        elif found.tag == "p":
            self._lines(_style_of(found, style), found)
        elif found.tag in ("ul", "ol"):
            self._list(found, style)
        elif found.tag == "dl":
            self._entries(found)
        elif found.tag == "table":
            self._table(grid_of(found), found)
        elif found.tag == "figure":
            self._picture(found)
        elif "tally" in kinds:
            parts = [line(part) for part in found.iter("p", "li")]
            self._paragraph("caption", joined(parts))
        elif "cards" in kinds:
            self._cards(found)
        else:
            notice = kinds & {"note", "partial-notice", "sample-notice"}
            self._children(found, "Notice" if notice else style)

    def _title(self, found: Element) -> None:
        parts = title_lines(found)
        self.title = self.title or "".join(parts)
        high = sum(self._high("Title", part) for part in parts)
        self._add(Block((self._paragraphs.title(parts),), high))

    def _heading(self, found: Element) -> None:
        """A heading; an appendix begins a page, its name at the edge as the standard has it."""
        appendix = found.tag == "h2" and "appendix" in classes(found.getparent())
        if appendix:
            self._sign()
        settings = (element("pageBreakBefore"),) if appendix else ()
        late = (element("ind", firstLineChars=0, firstLine=0),) if appendix else ()
        self._paragraph(_HEADINGS[found.tag], line(found), settings, late, part=found.tag == "h2")

    def _lines(self, style: str, found: Element) -> None:
        """The lines of a paragraph; one that explains a table stays with it."""
        after = next((one for one in found.itersiblings() if on_paper(one)), None)
        explains = after is not None and "table-wrap" in classes(after)
        for one in lines(found):
            self._paragraph(style, one, keep=explains)

    def _list(self, found: Element, style: str) -> None:
        items = [one for one in found if on_paper(one)]
        if "milestones" in classes(found):
            for number, one in enumerate(items, 2):
                self._paragraphs.mark(one.get("id"))
                self._paragraph("Entry", line(one), keep=number == len(items))
            return
        if style != "Body Text":
            for one in items:
                self._lines(style, one)
            return
        number = new_list(self._document)
        for one in items:
            self._paragraphs.mark(one.get("id"))
            counted = element("numPr", element("ilvl", val=0), element("numId", val=number))
            first, *more = lines(one) or [()]
            self._paragraph("List Number", first, (counted,))
            for further in more:
                self._paragraph("List Number", further)

    def _entries(self, found: Element) -> None:
        """Terms, each followed by what it means, in one paragraph."""
        for group in found.iter("div"):
            self._paragraphs.mark(group.get("id"))
            parts = [line(part) for part in group if on_paper(part)]
            term = tuple(Piece(plain(parts[0]), bold=True) for _ in parts[:1])
            self._paragraph("Entry", joined([term, *parts[1:]]))

    def _sign(self) -> None:
        """Bureau and date under the text, before the appendices: a line apart from it, and once."""
        for number, (words, right) in enumerate(self._signature):
            settings = (element("spacing", before=_APART),) if not number else ()
            edge = element("ind", rightChars=right, right=right * 3)
            keep = number + 1 < len(self._signature)
            self._paragraph("Signature", (Piece(words),), (), (*settings, edge), keep=keep)
        self._signature = []

    # --- tables -----------------------------------------------------------------------------------

    def _table(self, grid: Grid, found: Element | None = None) -> None:
        """A table under its caption; two of them are never left to grow together."""
        title = grid.label if self._after_table and not grid.caption else ""
        self._paragraph("caption", grid.caption or ((Piece(title),) if title else ()), keep=True)
        made, height = grid.written(self._paragraphs)
        self._add(Block((made,), height))
        self._after_table = True

    def _cards(self, found: Element) -> None:
        """The headline figures, one a row: name, value, change, target."""
        names = ("card-name", "card-value", "card-change", "card-target")
        rows = [
            [
                next((line(part) for part in card if name in classes(part)), ())
                for name in names
            ]
            for card in found
            if on_paper(card)
        ]  # fmt: skip
        if rows:
            label = found.getparent().get("aria-label", "")
            self._table(Grid.of_lines(rows, label, numbers=(1,)))

    # --- pictures ---------------------------------------------------------------------------------

    def _picture(self, found: Element) -> None:
        """A chart with its alt text, and its caption below."""
        name = found.get("id", "").removeprefix(_CHART)
        alt = next(found.iter("img")).get("alt", "")
        number = sum(block.drawn is not None for block in self._blocks) + 1
        drawn = self._drawn(name, alt, number)
        height, tall = self._high("Picture"), drawn.extent.cy.twips
        captions = [one for part in found.iter("figcaption") for one in lines(part)]
        made = [self._paragraphs.of("Picture", (), (), (), element("drawing", drawn))]
        for place, caption in enumerate(captions):
            style = "Picture Source" if place else "caption"
            keep = (element("keepNext"),) if place + 1 < len(captions) else ()
            made.append(self._paragraphs.of(style, caption, keep))
            height += self._high(style, plain(caption))
        self._blocks.append(Block(tuple(made), height, name=name, drawn=drawn, drawn_height=tall))

    def _drawn(self, name: str, alt: str, number: int) -> CT_Inline:
        path = self._charts / f"{name}.png"
        if not path.is_file():
            raise NotebookFailed(_not_saved(name))
        relation, picture = self._document.part.get_or_add_image(str(path))
        scale = min(PICTURE_WIDTH / picture.px_width, PICTURE_HEIGHT / picture.px_height)
        sizes = (Length(round(side * scale)) for side in (picture.px_width, picture.px_height))
        inline = CT_Inline.new_pic_inline(number, relation, f"{name}.png", *sizes)
        inline.docPr.set("descr", alt)
        inline.docPr.set("name", name)
        return inline

    # --- paragraphs -------------------------------------------------------------------------------

    def _paragraph(
        self,
        style: str,
        found: Line,
        settings: Iterable[Element] = (),
        late: Iterable[Element] = (),
        *,
        keep: bool = False,
        part: bool = False,
    ) -> None:
        if not found:
            return
        early = (element("keepNext"), *settings) if keep else tuple(settings)
        apart = (element("spacing", before=_GAP),) if self._after_table else ()
        made = self._paragraphs.of(style, found, early, (*apart, *late))
        targets = (piece.target for piece in found if piece.target.startswith(_CHART))
        self._add(
            Block(
                (made,),
                self._high(style, plain(found)) + (_GAP if apart else 0),
                cites=frozenset(target.removeprefix(_CHART) for target in targets),
                holds=keep or self._paragraphs.look.styles[style].keep_next,
                part=part,
                page=part and bool(settings),
            )
        )

    def _high(self, style: str, text: str = "") -> int:
        look = self._paragraphs.look
        return look.height(look.styles[style], text, TEXT_WIDTH)

    def _add(self, block: Block) -> None:
        self._blocks.append(block)
        self._after_table = False


def _signature(page: Element, bureau: str, date: str) -> list[tuple[str, int]]:
    """What the bureau signs with, and how far from the edge, in hundredths of a character.

    A report without a date is not signed. The date begins two characters right of the bureau, and
    neither is nearer to the edge than two.
    """
    dates = [plain(line(found)) for found in page.iter("time") if found.get("datetime") == date]
    if not dates:
        return []
    wide = width_in_ems(bureau) - width_in_ems(dates[0])
    edge = max(2.0, 4.0 - wide)
    return [(bureau, round(100 * edge)), (dates[0], round(100 * (edge + wide - 2)))]


def _not_saved(name: str) -> str:
    return say(
        zh=f"报告中有图 {name}，但笔记本没有把它存为文件。"
        "请在 03_report.ipynb 末尾加上 report.save_charts()。",
        en=f"the report shows the chart {name}, but its notebook saved no picture of it. "
        "End 03_report.ipynb with report.save_charts().",
    )


def _printed(page: Element) -> Iterable[Element]:
    yield page
    for child in page:
        if on_paper(child):
            yield from _printed(child)


def _style_of(found: Element, style: str) -> str:
    kinds = classes(found)
    if kinds & {"note", "sample-notice"}:
        return "Notice"
    return "Subtitle" if "sub" in kinds else style
