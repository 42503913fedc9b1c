"""What surrounds a mark: its clause, the sentence before it, what stands further up, its row."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from nianbao.drafts.phrases import squeezed
from nianbao.drafts.terms import Mark
from nianbao.drafts.text import Paragraph

FIGURES = ("blank", "number")
_ALIKE = re.compile(r"（(居|街道|街|社区|村|乡镇|镇|办事处|居委会)）")
CLAUSE = re.compile(r"[，。；：！？,;:\n（）()【】|\t]")
_LIST = re.compile(r"[、和及与]")
_JOINED = re.compile(r"(?:[、，]|[、，]?[和及与])\s?")
_SENTENCE = re.compile(r"[。！？\n]")
_COUNTED = re.compile(r"(人次|场次|[条件人次场期个户家份项](?=数))数?量?$")
ASIDE = re.compile(r"（[^（）]*）")
_SERIAL = re.compile(r"[A-Z]?[0-9.、\s-]*")
_DATE = re.compile(r"20[0-9]{2}年?|[0-9]{1,2}(?:月|[-—－–~至](?=[0-9]))|12348|1?5分钟")
_MORE, _AFTER = re.compile(r"\s?[余多]?"), re.compile(r"[余多]?(?:以上|以内|左右)?")
_UNIT_OF_HEAD = re.compile(r"[（(]\s*(?:单位[:：])?\s*([^（）()]{1,6})\s*[）)]")


@dataclass(frozen=True, slots=True)
class Window:
    """A mark with the words that may tell what it is.

    `left` and `right` stand in its clause up to the next mark; `before` are the clauses before it,
    the nearest first, up to the mark before; `sentence` and `above` what stands further up.
    """

    mark: Mark
    left: str
    right: str
    after: str = ""  # all that follows in its sentence
    before: tuple[str, ...] = ()
    sentence: str = ""
    above: tuple[str, ...] = ()  # headings from the outermost, then the paragraph's sentences
    turn: int = 0  # of the figures of a row such as A件、B件
    turns: int = 1
    respectively: bool = False  # 分别 opens the row
    row: str = ""  # what stands in the clause before its first figure

    @property
    def clause(self) -> str:
        """The clause in one spelling."""
        return squeezed(self.left) + "\n" + squeezed(self.right)


def windows(paragraph: Paragraph, marks: Sequence[Mark]) -> list[Window]:
    """The window of each figure of a paragraph, in reading order."""
    text = _ALIKE.sub(lambda found: f"\0{found[1]}\0", paragraph.text)
    figures = [one for one in marks if one.kind in FIGURES]
    found: list[Window] = []
    for row in _in_rows(figures, text):
        for turn, mark in enumerate(row):
            at = figures.index(mark)
            reached = end_of(figures[at - 1], text) if at else 0
            until = figures[at + 1].start if at + 1 < len(figures) else len(text)
            window = _window(paragraph, text, mark, reached, until)
            found.append(_in_turn(window, found[-1] if turn else None, turn, len(row)))
    return found


def _in_turn(window: Window, former: Window | None, turn: int, turns: int) -> Window:
    """A window with its place in a row, and its own of as many names before 分别."""
    head, respectively, tail = (former.row if former else window.left).partition("分别")
    names = _LIST.split(head)
    named = respectively and len(names) == turns > 1
    return replace(
        window,
        left=f"{names[turn]}{tail}" if named else window.left,
        turn=turn,
        turns=turns,
        respectively=bool(respectively),
        row=head + respectively + tail,
    )


def _in_rows(figures: Sequence[Mark], text: str) -> list[list[Mark]]:
    """Figures that nothing but 、 or 和 and a word of change keeps apart, together."""
    row: list[list[Mark]] = []
    for mark in figures:
        if row:
            between = text[end_of(row[-1][-1], text) : mark.start].removesuffix(mark.direction)
            if _JOINED.fullmatch(between):
                row[-1].append(mark)
                continue
        row.append([mark])
    return row


def _window(paragraph: Paragraph, text: str, mark: Mark, reached: int, until: int) -> Window:
    opened = max((one.end() for one in CLAUSE.finditer(text, 0, mark.start)), default=0)
    start = max(opened, reached)
    right = _right(text, mark, until)
    left = text[start : mark.start].removesuffix("百分之")
    if right.strip() and reached > opened and (cut := list(_LIST.finditer(left))):
        left = left[cut[-1].end() :]
    sentence = max((one.end() for one in _SENTENCE.finditer(text, 0, start)), default=0)
    span = ASIDE.sub("", text[max(sentence, reached) : start])
    before = [one for one in reversed(CLAUSE.split(span)) if one.strip("、和及与的 ")]
    earlier = [one for one in _SENTENCE.split(text[:sentence]) if one.strip()]
    return Window(
        mark,
        left,
        right,
        _SENTENCE.split(text[end_of(mark, text) :], maxsplit=1)[0],
        tuple(before),
        text[sentence:start],
        (*paragraph.headings, *earlier),
    )


def clause_before(text: str, mark: Mark) -> str:
    """What stands in a mark's clause before it."""
    return text[
        max((one.end() for one in CLAUSE.finditer(text, 0, mark.start)), default=0) : mark.start
    ]


def _right(text: str, mark: Mark, until: int) -> str:
    """What follows a mark in its clause, unless the next mark does."""
    start = end_of(mark, text)
    stop = min(
        (one.start() for sign in (CLAUSE, _LIST) if (one := sign.search(text, start))),
        default=len(text),
    )
    return text[start:stop] if stop <= until else ""


def end_of(mark: Mark, text: str) -> int:
    """Where a mark ends with its 余, its unit and 以上."""
    more = _MORE.match(text, mark.end)
    end = more.end() if more else mark.end
    units = (mark.unit, "个") if mark.unit.endswith("百分点") else (mark.unit,)
    end += next((len(unit) for unit in units if text.startswith(unit, end)), 0)
    after = _AFTER.match(text, end)
    return after.end() if after else end


# --- tables ---------------------------------------------------------------------------------------


def rows(paragraphs: Sequence[Paragraph]) -> Iterator[tuple[Paragraph, str, str]]:
    """Each cell with the words of its row, and the unit that the row or its column gives."""
    for row in _rows(paragraphs):
        units = [one.text for one in row if squeezed(one.column_head) in ("单位", "计量单位")]
        for cell in row:
            head = cell.row_head if cell.row_head != cell.text else ""
            if _SERIAL.fullmatch(head):
                head = _first_words(row)
            counted = "".join(_COUNTED.findall(cell.column_head))
            unit = _unit(cell.column_head) or counted or _unit(head)
            yield cell, head, unit or "".join(units[:1])


def _rows(paragraphs: Sequence[Paragraph]) -> Iterator[list[Paragraph]]:
    row: list[Paragraph] = []
    for one in paragraphs:
        if not (one.column_head or one.row_head):
            continue
        if row and (not one.row_head or one.column_head in {cell.column_head for cell in row}):
            yield row
            row = []
        row.append(one)
    if row:
        yield row


def _first_words(row: Sequence[Paragraph]) -> str:
    return next((one.text for one in row if not _SERIAL.fullmatch(one.text)), "")


def _unit(head: str) -> str:
    found = _UNIT_OF_HEAD.findall(_ALIKE.sub(r"\1", head))
    return found[-1] if found else "%" if head.endswith(("%", "％")) else ""


def bare(head: str) -> str:
    """The head of a row or column without its unit; "" for a cell of figures in its place."""
    head = _UNIT_OF_HEAD.sub("", _ALIKE.sub(r"\1", head))
    return "" if re.search(r"[0-9]", _DATE.sub("", head)) else head


def headed(found: Sequence[Window], row: str, column: str) -> list[Window]:
    """The windows of a cell with the heads of its row and column before them."""
    row = bare(row)
    return [
        replace(
            one,
            left=one.left if at else f"{column}|{one.left}",
            before=(*one.before, row) if row else one.before,
            sentence=f"{row}|{one.sentence}",
        )
        for at, one in enumerate(found)
    ]
