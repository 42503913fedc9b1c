"""Reading the page: which of it goes on paper, and its text as lines of like-looking pieces."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from nianbao.documents.markup import Element

# Shown on a screen only: contents, source cards, signs that repeat a word, lists left off paper.
_SCREEN_TAGS = frozenset({"nav", "script", "style", "template"})
_SCREEN_CLASSES = frozenset({"more", "on-screen", "close", "contents-button"})
# What begins a line of its own inside a cell or a caption.
_LINE_TAGS = frozenset({"p", "div", "ul", "ol", "li", "br", "dt", "dd", "summary"})
_LINE_CLASSES = frozenset({"where", "chart-title", "chart-source"})
_BLANKS = re.compile(r"[ \t\n\r\f]+")
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Piece:
    """Text of one look; `target` is the id that a link leads to, a mark is a word in a frame."""

    text: str
    bold: bool = False
    mark: bool = False
    target: str = ""


Line = tuple[Piece, ...]
GAP = Piece("\u3000")  # between what a page sets apart by space alone
_BREAK = Piece("\n")
_SOFT_BREAK = Piece("\v")  # where a title may be broken


def classes(found: Element) -> frozenset[str]:
    """The classes of an element."""
    return frozenset(found.get("class", "").split())


def on_paper(found: Element) -> bool:
    """Whether an element is printed; comments are not."""
    if not isinstance(found.tag, str) or found.tag in _SCREEN_TAGS:
        return False
    if found.get("popover") is not None or found.get("aria-hidden") == "true":
        return False
    if found.tag == "button":
        return "fig" in classes(found)
    return not classes(found) & _SCREEN_CLASSES


def lines(found: Element) -> list[Line]:
    """The text of an element, a line for each block in it, blanks as a browser shows them."""
    done: list[Line] = []
    waiting: list[Piece] = []
    for piece in (*_pieces(found, Piece("")), _BREAK):
        if piece != _BREAK:
            waiting.append(piece)
            continue
        if line := tidy(waiting):
            done.append(line)
        waiting = []
    return done


def line(found: Element) -> Line:
    """The text of an element as one line."""
    return tuple(piece for one in lines(found) for piece in one)


def plain(found: Line) -> str:
    """The letters of a line."""
    return "".join(piece.text for piece in found)


def joined(parts: Iterable[Line], gap: Piece = GAP) -> Line:
    """Lines put into one, a blank between them."""
    done: list[Piece] = []
    for part in parts:
        done += [gap, *part] if done and part else part
    return tuple(done)


def title_lines(found: Element) -> list[str]:
    """A title, broken after its first part where it has parts: the bureau, then what it tells."""
    first, _, rest = plain(tuple(_pieces(found, Piece("")))).partition(_SOFT_BREAK.text)
    parts = (first, rest.replace(_SOFT_BREAK.text, ""))
    return [text for part in parts if (text := _BLANKS.sub(" ", part).strip())]


def tidy(pieces: list[Piece]) -> Line:
    """Pieces with blanks folded, none at either end."""
    folded: list[Piece] = []
    for piece in pieces:
        text = _BLANKS.sub(" ", _NOT_XML.sub("", piece.text.replace(_SOFT_BREAK.text, "")))
        if not folded or folded[-1].text.endswith(" "):
            text = text.removeprefix(" ")
        if text:
            folded.append(replace(piece, text=text))
    if folded:
        folded[-1] = replace(folded[-1], text=folded[-1].text.removesuffix(" "))
    return tuple(piece for piece in folded if piece.text)


def _pieces(found: Element, look: Piece) -> Iterator[Piece]:
    """The text inside an element in order, with breaks before and after what has its own line."""
    if found.text:
        yield replace(look, text=found.text)
    for child in found:
        if on_paper(child):
            apart = _stands_apart(child)
            if apart:
                yield _BREAK
            if child.tag == "wbr":
                yield _SOFT_BREAK
            yield from _pieces(child, _look(child, look))
            if apart:
                yield _BREAK
            elif "standing" in classes(child) and (child.tail or child.getnext() is not None):
                yield GAP
        if child.tail:
            yield replace(look, text=child.tail)


def _stands_apart(child: Element) -> bool:
    if child.tag in _LINE_TAGS or classes(child) & _LINE_CLASSES:
        return True
    in_head = child.getparent().tag == "th"
    return in_head and (child.tag == "code" or "unit" in classes(child))


def _look(child: Element, look: Piece) -> Piece:
    target = child.get("href", "").partition("#")[2] if child.tag == "a" else look.target
    return Piece(
        "",
        bold=look.bold or child.tag in ("strong", "b", "dt"),
        mark=look.mark or "mark" in classes(child),
        target=target,
    )
