"""The body: each element of the page becomes paragraphs, tables and pictures, in order."""

from collections.abc import Iterable
from pathlib import Path

from docx.document import Document
from docx.oxml.shape import CT_Inline
from docx.shared import Length, Mm

from nianbao.documents.grid import Grid, grid_of
from nianbao.documents.markup import Element, element
from nianbao.documents.paragraphs import Paragraphs
from nianbao.documents.reading import (
    GAP,
    Line,
    Piece,
    classes,
    line,
    lines,
    on_paper,
    plain,
    tidy,
    title_lines,
)
from nianbao.documents.styles import new_list
from nianbao.errors import NotebookFailed
from nianbao.terminal import say

PICTURE_WIDTH, PICTURE_HEIGHT = Mm(128), Mm(185)  # its type is 9 pt on paper at that width
_HEADINGS = {"h2": "heading 1", "h3": "heading 2", "h4": "heading 3"}
_INLINE = frozenset(
    {"a", "abbr", "b", "br", "button", "code", "data", "em", "i", "small", "span", "strong", "sub"}
    | {"sup", "time", "u", "wbr"}
)


class Body:
    """Writes the page into a document."""

    def __init__(self, document: Document, charts: Path, lang: str) -> None:
        self._lang = lang
        self.title = ""
        self._document = document
        self._charts = charts
        self._pictures = 0
        self._after_table = False
        self._end = document.element.body[-1]  # the section's settings stay last
        self._paragraphs = Paragraphs((), lang)

    def write(self, page: Element) -> None:
        """Write every element that goes on paper."""
        printed = (found.get("id") for found in _printed(page))
        self._paragraphs = Paragraphs((name for name in printed if name), self._lang)
        self._children(page, "Body Text")

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
            self._paragraph("caption", _joined(parts))
        elif "cards" in kinds:
            self._cards(found)
        else:
            notice = kinds & {"note", "partial-notice", "sample-notice"}
            self._children(found, "Notice" if notice else style)

    def _title(self, found: Element) -> None:
        parts = title_lines(found)
        self.title = self.title or "".join(parts)
        self._add(self._paragraphs.title(parts))

    def _heading(self, found: Element) -> None:
        """A heading; an appendix begins a page, its name at the edge as the standard has it."""
        appendix = found.tag == "h2" and "appendix" in classes(found.getparent())
        settings = (element("pageBreakBefore"),) if appendix else ()
        late = (element("ind", firstLineChars=0, firstLine=0),) if appendix else ()
        self._paragraph(_HEADINGS[found.tag], line(found), settings, late)

    def _lines(self, style: str, found: Element) -> None:
        for one in lines(found):
            self._paragraph(style, one)

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
            self._paragraph("Entry", _joined([term, *parts[1:]]))

    # --- tables -----------------------------------------------------------------------------------

    def _table(self, grid: Grid, found: Element | None = None) -> None:
        """A table under its caption; two of them are never left to grow together."""
        title = grid.label if self._after_table and not grid.caption else ""
        self._paragraph("caption", grid.caption or ((Piece(title),) if title else ()), keep=True)
        self._add(grid.written(self._paragraphs))
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
        image = next(found.iter("img"))
        name = found.get("id", "").removeprefix("chart-")
        path = self._charts / f"{name}.png"
        if not path.is_file():
            raise NotebookFailed(_not_saved(name))
        relation, picture = self._document.part.get_or_add_image(str(path))
        scale = min(PICTURE_WIDTH / picture.px_width, PICTURE_HEIGHT / picture.px_height)
        self._pictures += 1
        inline = CT_Inline.new_pic_inline(
            self._pictures,
            relation,
            f"{name}.png",
            Length(round(picture.px_width * scale)),
            Length(round(picture.px_height * scale)),
        )
        inline.docPr.set("descr", image.get("alt", ""))
        inline.docPr.set("name", name)
        self._add(self._paragraphs.of("Picture", (), (), (), element("drawing", inline)))
        captions = [one for part in found.iter("figcaption") for one in lines(part)]
        for number, caption in enumerate(captions):
            last = number + 1 == len(captions)
            self._paragraph("Picture Source" if number else "caption", caption, keep=not last)

    # --- paragraphs -------------------------------------------------------------------------------

    def _paragraph(
        self,
        style: str,
        found: Line,
        settings: Iterable[Element] = (),
        late: Iterable[Element] = (),
        *,
        keep: bool = False,
    ) -> None:
        if not found:
            return
        early = (element("keepNext"), *settings) if keep else tuple(settings)
        apart = (element("spacing", before=180),) if self._after_table else ()
        self._add(self._paragraphs.of(style, found, early, (*apart, *late)))

    def _add(self, made: Element) -> None:
        self._end.addprevious(made)
        self._after_table = False


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


def _joined(parts: Iterable[Line]) -> Line:
    """Lines put into one, a wide blank between them."""
    joined: list[Piece] = []
    for part in parts:
        joined += [GAP, *part] if joined and part else part
    return tuple(joined)
