"""Paragraphs: pieces of text as runs, each with its fonts, links and the places they lead to."""

from collections.abc import Iterable, Sequence

from nianbao.documents.looks import Look, Style
from nianbao.documents.markup import Element, element, words
from nianbao.documents.reading import Line, Piece


class Paragraphs:
    """Makes paragraphs; places that links lead to get bookmarks, in the order of the page."""

    def __init__(self, places: Iterable[str], look: Look) -> None:
        self.look = look
        self._bookmarks = {name: f"_p{number}" for number, name in enumerate(places, 1)}
        self._waiting: list[str] = []

    def mark(self, place: str | None) -> None:
        """Let the next paragraph be where links to an id lead."""
        if place:
            self._waiting.append(place)

    def of(
        self,
        style: str,
        pieces: Line,
        early: Sequence[Element] = (),
        late: Sequence[Element] = (),
        *drawn: Element,
    ) -> Element:
        """A paragraph; `early` and `late` are settings that stand before and after numbering."""
        look = self.look.styles[style]
        made = element("p", element("pPr", element("pStyle", val=look.id), *early, *late))
        for start, end in self._places():
            made.extend([start, end])
        for piece in pieces:
            run = self._run(look, piece, words(piece.text))
            name = self._bookmarks.get(piece.target)
            made.append(element("hyperlink", run, anchor=name, history=1) if name else run)
        made.extend(self._run(look, Piece(""), one) for one in drawn)
        return made

    def title(self, parts: Sequence[str]) -> Element:
        """The title, each part on a line of its own."""
        made = self.of("Title", tuple(Piece(part) for part in parts))
        for run in made.findall(element("r").tag)[1:]:
            run.insert(1, element("br"))
        return made

    def _places(self) -> Iterable[tuple[Element, Element]]:
        for place in self._waiting:
            if name := self._bookmarks.get(place):
                number = int(name.removeprefix("_p"))
                start = element("bookmarkStart", id=number, name=name)
                yield start, element("bookmarkEnd", id=number)
        self._waiting = []

    def _run(self, style: Style, piece: Piece, content: Element) -> Element:
        bold = piece.bold or style.bold
        look = element(
            "rPr",
            self.look.fonts(style),
            element("b") if bold else None,
            element("sz", val=max(style.size - 4, 15)) if piece.mark else None,
            element("bdr", val="single", sz=4, space=0, color="auto") if piece.mark else None,
        )
        return element("r", look, content)
