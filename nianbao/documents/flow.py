"""The order on paper: text as it comes, and each picture where it leaves the least white.

A picture stands after the words that cite it, as few headings later as the white allows, at the
latest before the next part. Heights are estimates: where a program sets other fonts some white may
stay before a picture, nothing more.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from nianbao.documents.markup import Element

_SMALLEST = 0.85  # of its size: how far a picture may shrink to stand on this page
_DOUBT = 1100  # twips by which an estimate may be wrong
_RISK = 2.5  # what a twip nearer than that to the end of a page costs, in twips of white
_STRAY = 500  # what each heading or caption between it and the words that cite it costs


@dataclass(frozen=True, slots=True)
class Block:
    """What stands together: its elements and about how high they are, in twips.

    `cites` names pictures; what `holds` stays with the next block; a `part` begins with a heading
    of the first level, perhaps a `page` with it; `drawn` is a picture of this `name`, its own
    height apart.
    """

    made: tuple[Element, ...]
    height: int
    cites: frozenset[str] = frozenset()
    holds: bool = False
    part: bool = False
    page: bool = False
    name: str = ""
    drawn: Element | None = None
    drawn_height: int = 0


@dataclass(frozen=True, slots=True)
class _Way:
    """A way to place the blocks so far: where it ends down all pages, its white, its lateness."""

    end: int
    white: int = 0
    late: int = 0
    block: Block | None = None
    scale: float = 1.0
    before: "_Way | None" = None

    def then(self, block: Block, page: int) -> "_Way":
        """This way with one block of text more; it may run on to further pages."""
        used = self.end % page
        turned = block.page or (block.holds and used + block.height > page)
        start = self.end + (page - used if turned and used else 0)
        return _Way(start + block.height, self.white, self.late, block, before=self)

    def shows(self, block: Block, page: int, late: int, strayed: int) -> "_Way":
        """This way with one picture more, on the next page where this one has no room."""
        white = self.white + _STRAY * strayed
        room = page - self.end % page
        scale = min(1.0, max(_SMALLEST, (room - _DOUBT - block.height) / block.drawn_height))
        left = room - block.height - round(block.drawn_height * scale)
        if left < 0:
            height = block.height + block.drawn_height
            white += room
            return _Way(self.end + room + height, white, self.late + late, block, before=self)
        white += round(_RISK * max(0, _DOUBT - left))
        return _Way(self.end + room - left, white, self.late + late, block, scale, self)

    def elements(self) -> Iterator[Element]:
        """What it places, in order, its pictures as large as it has them."""
        for way in reversed([*self._back()]):
            if way.block is not None:
                if way.block.drawn is not None:
                    _resize(way.block.drawn, way.scale)
                yield from way.block.made

    def _back(self) -> Iterator["_Way"]:
        way: _Way | None = self
        while way is not None:
            yield way
            way = way.before


def flowed(blocks: Iterable[Block], page: int) -> Iterator[Element]:
    """The elements of the blocks in their order on pages of this height."""
    end = 0
    for part in _parts(blocks):
        way = _best(part, end, page)
        end = way.end
        yield from way.elements()


def _parts(blocks: Iterable[Block]) -> Iterator[Sequence[Block]]:
    part: list[Block] = []
    for block in blocks:
        if block.part and part:
            yield part
            part = []
        part.append(block)
    yield part


def _best(part: Sequence[Block], start: int, page: int) -> _Way:
    """The way with the least white and straying, and of several the one with early pictures."""
    texts = [block for block in part if block.drawn is None]
    pictures = [block for block in part if block.drawn is not None]
    earliest = [_earliest(picture, part) for picture in pictures]
    headings = [0, *accumulate(int(text.holds) for text in texts)]
    ways: dict[int, _Way] = {0: _Way(start)}  # by how many pictures they have placed
    for number in range(len(texts) + 1):
        if number:
            ways = {placed: way.then(texts[number - 1], page) for placed, way in ways.items()}
        if number and number < len(texts) and texts[number - 1].holds:
            continue
        for place, picture in enumerate(pictures):
            if place in ways and number >= earliest[place]:
                strayed = headings[number] - headings[earliest[place]]
                shown = ways[place].shows(picture, page, number, strayed)
                found = [shown, ways.get(place + 1)]
                better = min(filter(None, found), key=lambda way: (way.white, way.late))
                ways[place + 1] = better
    return ways[len(pictures)]


def _earliest(picture: Block, part: Sequence[Block]) -> int:
    """After how many texts a picture may stand: the first that cites it, or those before it."""
    texts = 0
    for block in part:
        if block is picture:
            break
        texts += block.drawn is None
        if picture.name in block.cites:
            break
    return texts


def _resize(drawn: Element, scale: float) -> None:
    for size in drawn.iter("{*}extent", "{*}ext"):
        for side in ("cx", "cy"):
            size.set(side, str(round(int(size.get(side)) * scale)))
