"""The stories of a Word document: body, tables, text boxes, notes, headers, in reading order."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from nianbao.documents.markup import Element
from nianbao.drafts.outline import Outline
from nianbao.drafts.pieces import W, text_of

_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
GONE = (W + "del", W + "moveFrom")
_FLOWN = (W + "sdt", W + "sdtContent", W + "customXml", W + "ins", W + "moveTo")
_SERIAL = re.compile(r"[\s\d０-９一二三四五六七八九十、.．()（）]*")


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph that has text; `twins` are copies of it for older programs, changed with it.

    `anchor` is the run of the body that a comment goes to where it may not stand here: beside a
    text box or a note's number; `inside` says whether it may.
    """

    element: Element
    text: str
    where: str
    inside: bool = True
    anchor: Element | None = None
    headings: tuple[str, ...] = ()
    row_head: str = ""
    column_head: str = ""
    twins: tuple[Element, ...] = ()


class Reader:
    """One pass over a document; tables and paragraphs are counted as they come."""

    __slots__ = ("_levels", "_outline", "_paragraphs", "_tables", "_zh")

    def __init__(self, levels: dict[str, int], lang: str) -> None:
        self._levels = levels  # of headings, by style
        self._outline = Outline()
        self._zh = lang == "zh"
        self._tables = self._paragraphs = 0

    def body(self, root: Element) -> Iterator[Block]:
        """The paragraphs of the main story, its tables and text boxes."""
        yield from self._walk(root, Block(root, "", ""))

    def aside(self, root: Element, name: str, anchor: Element | None) -> Iterator[Block]:
        """The paragraphs of a header, footer or note, which bears no comments of its own."""
        yield from self._walk(root, Block(root, "", name, inside=False, anchor=anchor))

    def _walk(self, node: Element, at: Block) -> Iterator[Block]:
        for child in node:
            if not isinstance(child.tag, str) or child.tag in GONE:
                continue
            if child.tag == W + "p":
                yield from self._paragraph(child, at)
            elif child.tag == W + "tbl":
                yield from self._table(child, at)
            elif child.tag == _MC + "AlternateContent":
                yield from self._alternatives(child, at)
            elif child.tag == W + "txbxContent":
                yield from self._walk(child, self._box(child, at))
            else:
                yield from self._walk(child, at)

    def _paragraph(self, paragraph: Element, at: Block) -> Iterator[Block]:
        text = text_of(paragraph)
        if text.strip():
            plain = not at.where
            self._paragraphs += plain
            yield replace(
                at,
                element=paragraph,
                text=text,
                where=at.where or self._said(f"正文第{self._paragraphs}段", self._paragraphs),
                headings=self._outline.above,
            )
            if plain:
                self._outline.pass_by(text, level=self._level(paragraph))
        yield from self._walk(paragraph, at)  # text boxes, which hang on its runs

    def _said(self, zh: str, number: int) -> str:
        return zh if self._zh else f"paragraph {number}"

    def _level(self, paragraph: Element) -> int:
        direct = paragraph.find(f"{W}pPr/{W}outlineLvl")
        if direct is not None:
            return (int(direct.get(W + "val", "9")) + 1) % 10
        style = paragraph.find(f"{W}pPr/{W}pStyle")
        return self._levels.get(style.get(W + "val", ""), 0) if style is not None else 0

    def _box(self, box: Element, at: Block) -> Block:
        run = next((above for above in box.iterancestors(W + "r")), None)
        name = "文本框" if self._zh else "text box"
        where = f"{at.where} {name}".strip()
        return replace(at, where=where, inside=False, anchor=run if at.inside else at.anchor)

    def _alternatives(self, node: Element, at: Block) -> Iterator[Block]:
        """The first alternative; those after it, when they say the same, change with it."""
        first, *others = [list(self._again(child, at)) for child in node]
        for other in others:
            if not first:
                first = other
            elif [one.text for one in first] == [one.text for one in other]:
                first = [
                    replace(one, twins=(*one.twins, two.element))
                    for one, two in zip(first, other, strict=True)
                ]
        yield from first

    def _again(self, node: Element, at: Block) -> Iterator[Block]:
        tables, paragraphs = self._tables, self._paragraphs
        yield from self._walk(node, at)
        if node.tag == _MC + "Fallback":  # counted with the first
            self._tables, self._paragraphs = tables, paragraphs

    def _table(self, table: Element, at: Block) -> Iterator[Block]:
        self._tables += 1
        number, rows = self._tables, _grid(table)
        first, below = _head_rows(rows)
        for line, row in enumerate(rows):
            for place, cell in enumerate(row):
                own = f"表{number} 第{line + 1}行第{place + 1}格"
                if not self._zh:
                    own = f"table {number} row {line + 1} cell {place + 1}"
                heads = [_at(rows[above], cell.column) for above in range(first, min(below, line))]
                head = " ".join(dict.fromkeys(text for text in heads if text))
                left = [one.text for one in row[:place] if not _SERIAL.fullmatch(one.text)]
                yield from self._walk(
                    cell.element,
                    replace(
                        at,
                        where=f"{at.where} {own}".strip(),
                        row_head=left[0] if left else "",
                        column_head=head if head != cell.text else "",
                    ),
                )


@dataclass(frozen=True, slots=True)
class _Cell:
    element: Element
    text: str  # of the cell above where it is merged with that
    column: int  # of the grid
    width: int
    goes_on: bool


def _grid(table: Element) -> list[list[_Cell]]:
    rows: list[list[_Cell]] = []
    for row in _flat(table, W + "tr"):
        if row.find(f"{W}trPr/{W}del") is not None:
            continue
        column = _number(row.find(f"{W}trPr/{W}gridBefore"), 0)
        cells = []
        for cell in _flat(row, W + "tc"):
            width = _number(cell.find(f"{W}tcPr/{W}gridSpan"), 1)
            merged = cell.find(f"{W}tcPr/{W}vMerge")
            goes_on = bool(rows) and merged is not None and merged.get(W + "val") != "restart"
            text = " ".join(filter(None, (text_of(one).strip() for one in cell.iter(W + "p"))))
            text = _at(rows[-1], column) if goes_on else text
            cells.append(_Cell(cell, text, column, width, goes_on))
            column += width
        rows.append(cells)
    return rows


def _flat(node: Element, tag: str) -> Iterator[Element]:
    """Children of a tag, also those within content controls."""
    for child in node:
        if child.tag == tag:
            yield child
        elif child.tag in _FLOWN:
            yield from _flat(child, tag)


def _number(found: Element | None, usual: int) -> int:
    text = found.get(W + "val", "") if found is not None else ""
    return int(text) if text.isdecimal() else usual


def _at(row: list[_Cell], column: int) -> str:
    return next((one.text for one in row if one.column <= column < one.column + one.width), "")


def _head_rows(rows: list[list[_Cell]]) -> tuple[int, int]:
    """The first row of a table's head, and the first below it; a title over all is not in it."""
    first = next((line for line, row in enumerate(rows) if len(row) > 1), 0)
    below = first + 1
    while below < len(rows) and _heads_too(rows[below]):
        below += 1
    return first, below


def _heads_too(row: list[_Cell]) -> bool:
    return bool(row) and (
        row[0].goes_on or row[0].element.getparent().find(f"{W}trPr/{W}tblHeader") is not None
    )
