"""The text of one Word paragraph as its runs hold it, changed in place with every run kept.

Source: ECMA-376 part 1, 17.3 (paragraphs, runs, symbols), 17.13.4 (comments), 17.16.18 (fields).
"""

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass

from docx.oxml.ns import nsmap

from nianbao.documents.markup import Element, element, words

W = f"{{{nsmap['w']}}}"
M = f"{{{nsmap['m']}}}"
_CHOICE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Choice"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_AS_TEXT = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "\u2011"}
_SYMBOLS = {0xB4: "×", 0xB1: "±", 0xB0: "°", 0xA3: "≤", 0xB3: "≥", 0xBB: "≈"}  # of font Symbol
_PAGES = re.compile(r"\s*(?:PAGE|PAGEREF|NUMPAGES|SECTIONPAGES)\b", re.IGNORECASE)
# Deleted text, properties, the reading above a character, and what has paragraphs of its own.
_UNSEEN = frozenset(
    W + name
    for name in ("del", "moveFrom", "pPr", "rPr", "sdtPr", "sdtEndPr", "rt", "drawing", "pict")
) | {W + "object", _FALLBACK}


@dataclass(frozen=True, slots=True)
class Piece:
    """What one element adds to the text, and where in the text it begins."""

    element: Element
    text: str
    start: int

    @property
    def end(self) -> int:
        """Where in the text it ends."""
        return self.start + len(self.text)


def text_of(paragraph: Element) -> str:
    """What a reader sees of a paragraph."""
    return "".join(text for _, text in _seen(paragraph))


def pieces(paragraph: Element) -> list[Piece]:
    """Every element that adds to the text, in order."""
    found, at = [], 0
    for source, text in _seen(paragraph):
        found.append(Piece(source, text, at))
        at += len(text)
    return found


def _seen(paragraph: Element) -> Iterator[tuple[Element, str]]:
    """Elements with their text; a field shows its result, not its code, a page number neither."""
    codes: list[str | None] = []  # of each field that is open; None in a result that is seen
    waiting = list(reversed(paragraph))
    while waiting:
        here = waiting.pop()
        if not isinstance(here.tag, str) or here.tag in _UNSEEN or _hidden(here):
            continue
        if here.tag == W + "fldChar":
            _turn(codes, here.get(W + "fldCharType"))
        elif here.tag == W + "instrText":
            codes = [*codes[:-1], (codes[-1] or "") + (here.text or "")] if codes else codes
        elif text := _text(here):
            if all(code is None for code in codes):
                yield here, text
        else:
            waiting.extend(reversed(here))


def _turn(codes: list[str | None], kind: str | None) -> None:
    if kind == "begin":
        codes.append("")
    elif kind == "separate" and codes and not _PAGES.match(codes[-1] or ""):
        codes[-1] = None
    elif kind == "end" and codes:
        codes.pop()


def _text(here: Element) -> str:
    if here.tag in (W + "t", M + "t"):
        text = here.text or ""
        kept = here.get("{http://www.w3.org/XML/1998/namespace}space") == "preserve"
        return text if kept else text.strip(" \t\r\n")
    if here.tag == W + "sym":
        code = int(here.get(W + "char", "20"), 16)
        if here.get(W + "font") == "Symbol":
            return _SYMBOLS.get(code & 0xFF, chr(code))
        return chr(code)
    if here.tag.startswith(W) and here.getparent().tag == W + "r":  # a tab of a run, not a tab stop
        return _AS_TEXT.get(here.tag.removeprefix(W), "")
    return ""


def _hidden(here: Element) -> bool:
    if here.tag == W + "fldSimple":
        return _PAGES.match(here.get(W + "instr", "")) is not None
    if here.tag != W + "r":
        return False
    vanish = here.find(f"{W}rPr/{W}vanish")
    return vanish is not None and vanish.get(W + "val", "1") not in ("0", "false", "off")


def replace(paragraph: Element, start: int, end: int, text: str) -> None:
    """Put `text` in the place of a stretch, in the format of the run where it starts."""
    every = pieces(paragraph)
    touched = [one for one in every if one.start < end and start < one.end]
    if not touched:  # an insertion: into what stands here, or else what ends here
        touched = [one for one in every if one.start <= start <= one.end][-1:]
    for place, one in enumerate(touched):
        head = one.text[: max(start - one.start, 0)]
        tail = one.text[end - one.start :]
        _set(one.element, f"{head}{'' if place else text}{tail}")


def _set(source: Element, text: str) -> None:
    """Give an element of a run another text, whatever it was before."""
    if source.tag == M + "t":
        source.text = text
    else:
        source.getparent().replace(source, words(text))


def mark(paragraph: Element, start: int, end: int, comment: int) -> None:
    """Put the signs of a comment around a stretch; runs are split where it begins and ends."""
    for at in (start, end):
        _split(paragraph, at)
    every = pieces(paragraph)
    within = [one for one in every if start <= one.start and one.end <= end and one.text]
    if within:
        mark_units(_unit(within[0].element), _unit(within[-1].element), comment)
    elif after := [one for one in every if one.start >= start]:
        unit = _unit(after[0].element)
        for sign in _signs(comment):
            unit.addprevious(sign)
    else:
        paragraph.extend(_signs(comment))


def mark_units(first: Element, last: Element, comment: int) -> None:
    """Put the signs of a comment around runs."""
    opening, *closing = _signs(comment)
    first.addprevious(opening)
    for sign in reversed(closing):
        last.addnext(sign)


def _signs(comment: int) -> tuple[Element, Element, Element]:
    return (
        element("commentRangeStart", id=comment),
        element("commentRangeEnd", id=comment),
        element("r", element("commentReference", id=comment)),
    )


def _unit(source: Element) -> Element:
    """The outermost run, or formula, that an element stands in: signs go around it."""
    unit = source
    for above in source.iterancestors():
        if above.tag == W + "p":
            break
        if above.tag == W + "r" or above.tag.startswith(M):
            unit = above
    return unit


def _split(paragraph: Element, at: int) -> None:
    """Let a run end at a place of the text, unless one does already."""
    for one in pieces(paragraph):
        run = one.element.getparent()
        if not one.start <= at < one.end or run.tag != W + "r" or _unit(one.element) is not run:
            continue
        source = one.element
        if at > one.start:
            cut = at - one.start
            before, source = words(one.text[:cut]), words(one.text[cut:])
            run.replace(one.element, source)
            source.addprevious(before)
        _part(run, source)
        return


def _part(run: Element, first: Element) -> None:
    """Move what stands before an element of a run into a run of its own, of the same format."""
    index = run.index(first)
    before = [child for child in run[:index] if child.tag != W + "rPr"]
    if not before:
        return
    former = element("r")
    former.attrib.update(run.attrib)
    if (looks := run.find(W + "rPr")) is not None:
        former.append(copy.deepcopy(looks))
    former.extend(before)
    run.addprevious(former)
