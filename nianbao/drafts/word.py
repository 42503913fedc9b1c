"""Word files: every paragraph that a reader sees, and a copy in which edits alone are new.

The package is a stranger's: it is opened by the checks of `nianbao.readers`. Parts that no edit
touches are copied byte for byte. Source: ECMA-376 part 2 (packages), part 1, 17.13.4 (comments).
"""

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lxml import etree

from nianbao.documents.markup import Element, element, words
from nianbao.drafts.pieces import W, mark, mark_units, replace
from nianbao.drafts.stories import GONE, Block, Reader
from nianbao.drafts.text import Edit, Paragraph
from nianbao.packaging import packed
from nianbao.readers.package import Package, damaged, folded
from nianbao.readers.sniff import open_word
from nianbao.readers.workbook import Rejected

_MOST_BYTES = 48 << 20  # of one part of text
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_R = f"{{{_OFFICE}}}"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_COMMENTS = "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml"
_ROOT_TYPES = "[Content_Types].xml"
_HEADING = re.compile(r"(?i)heading ([1-9])|标题 ?([1-9])")


def read_word(content: bytes, lang: str) -> tuple[Paragraph, ...]:
    """Every paragraph with text: body and tables, notes, then headers and footers.

    Raises `Rejected`, as the readers of tables do.
    """
    return tuple(
        Paragraph(number, one.text, one.where, one.headings, one.row_head, one.column_head)
        for number, one in enumerate(_blocks(_Word(open_word(content)), lang))
    )


def write_word(content: bytes, edits: Sequence[Edit], author: str) -> bytes:
    """The same package with its edits made and its comments set."""
    word = _Word(open_word(content))
    blocks = list(_blocks(word, "zh"))
    comments = _Comments(word, author) if any(one.comment for one in edits) else None
    for number in sorted({one.paragraph for one in edits}):
        block = blocks[number]
        here = sorted((one for one in edits if one.paragraph == number), key=lambda one: one.start)
        marks = [
            comments.add(one.comment, block) if comments and one.comment else None for one in here
        ]
        # From the end, so that places before an edit stay what they are.
        for edit, comment in reversed(list(zip(here, marks, strict=True))):
            _make(block, edit, comment, word)
    return word.packed()


def _make(block: Block, edit: Edit, comment: int | None, word: "_Word") -> None:
    end = edit.end
    if edit.text is not None:
        for paragraph in (block.element, *block.twins):
            replace(paragraph, edit.start, edit.end, edit.text)
        end = edit.start + len(edit.text)
    if comment is None:
        return
    if block.inside:
        mark(block.element, edit.start, end, comment)
    elif block.anchor is not None:
        mark_units(block.anchor, block.anchor, comment)
    else:  # a header or footer: at the beginning of the text
        first = next(word.part(word.main).iter(W + "p"), None)
        if first is not None:
            mark(first, 0, 0, comment)


def _blocks(word: "_Word", lang: str) -> Iterator[Block]:
    reader, root, zh = Reader(_levels(word), lang), word.part(word.main), lang == "zh"
    yield from reader.body(root)
    for kind, name in (("footnote", "脚注"), ("endnote", "尾注")):
        notes = _notes(word, kind)
        for number, sign in enumerate(_references(root, kind), 1):
            note = notes.get(sign.get(W + "id", ""))
            if note is not None:
                where = f"{name}{number}" if zh else f"{kind} {number}"
                yield from reader.aside(note, where, _body_run(sign))
    for kind, name in (("header", "页眉"), ("footer", "页脚")):
        ids = [one.get(_R + "id", "") for one in root.iter(f"{W}{kind}Reference")]
        targets = dict.fromkeys(word.relations[one] for one in ids if one in word.relations)
        for target in targets:
            yield from reader.aside(word.part(target), name if zh else kind, None)


def _references(root: Element, kind: str) -> list[Element]:
    """The numbers of notes in the text, but those that were deleted."""
    return [
        one
        for one in root.iter(f"{W}{kind}Reference")
        if one.getparent().tag == W + "r" and not any(one.iterancestors(*GONE))
    ]


def _notes(word: "_Word", kind: str) -> dict[str, Element]:
    target = word.kinds.get(f"{_OFFICE}/{kind}s")
    notes = word.part(target).iter(W + kind) if target else ()
    return {one.get(W + "id", ""): one for one in notes}


def _body_run(sign: Element) -> Element:
    """The run of the body that a note's number stands in, outside any text box."""
    boxed = list(sign.iterancestors(W + "txbxContent"))
    return next((boxed[-1] if boxed else sign).iterancestors(W + "r"))


def _levels(word: "_Word") -> dict[str, int]:
    """The level of a heading, from 1, that each style of paragraphs gives."""
    target = word.kinds.get(f"{_OFFICE}/styles")
    styles = {
        one.get(W + "styleId", ""): one for one in (word.part(target) if target else ()) if len(one)
    }
    levels = {}
    for name, style in styles.items():
        seen: set[str] = set()
        at: Element | None = style
        while at is not None and at.get(W + "styleId", "") not in seen:
            seen.add(at.get(W + "styleId", ""))
            if level := _own_level(at):
                levels[name] = level % 10
                break
            based = at.find(W + "basedOn")
            at = styles.get(based.get(W + "val", "")) if based is not None else None
    return levels


def _own_level(style: Element) -> int:
    """The level that a style itself gives, 10 for body text, 0 where it says nothing."""
    outline = style.find(f"{W}pPr/{W}outlineLvl")
    if outline is not None:
        return int(outline.get(W + "val", "9")) + 1
    name = style.find(W + "name")
    found = _HEADING.fullmatch(name.get(W + "val", "")) if name is not None else None
    return int(found[1] or found[2]) if found else 0


@dataclass(slots=True)
class _Word:
    """A package with the parts that were read; those that were changed are written anew."""

    package: Package
    main: str = ""
    relations: dict[str, str] = field(default_factory=dict)  # parts by id, of the main part
    kinds: dict[str, str] = field(default_factory=dict)  # and by type
    trees: dict[str, tuple[Element, bytes]] = field(default_factory=dict)
    fresh: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        roots = self.part("_rels/.rels")
        office = [one for one in roots if one.get("Type") == f"{_OFFICE}/officeDocument"]
        if not office:
            raise Rejected("E_UNSUPPORTED", "no document of Transitional Open XML", found="docx")
        self.main = office[0].get("Target", "").lstrip("/")
        if self.part(self.main).tag != W + "document":
            raise Rejected("E_UNSUPPORTED", "no document of Transitional Open XML", found="docx")
        for one in self._related():
            if one.get("TargetMode") != "External":
                folder = posixpath.dirname(self.main)
                target = posixpath.normpath(posixpath.join(folder, one.get("Target", "")))
                self.relations[one.get("Id", "")] = target.lstrip("/")
                self.kinds.setdefault(one.get("Type", ""), target.lstrip("/"))

    @property
    def relations_part(self) -> str:
        """Where the main part says what belongs to it."""
        folder, name = posixpath.split(self.main)
        return posixpath.join(folder, "_rels", f"{name}.rels")

    def _related(self) -> Sequence[Element]:
        there = folded(self.relations_part) in self.package.members
        return self.part(self.relations_part) if there else ()

    def part(self, name: str) -> Element:
        """The root of a part of XML. Raises `Rejected`."""
        key = folded(name)
        if key not in self.trees:
            content = self.fresh.get(name, b"")
            if not content:
                member = self.package.members.get(key)
                if member is None:
                    raise damaged()
                if member.file_size > _MOST_BYTES:
                    raise Rejected("E_DIM_LIMIT", "a part of it is too large", found="docx")
                content = b"".join(self.package.pieces(key))
            parser = etree.XMLParser(resolve_entities=False, no_network=True)
            try:
                root = etree.fromstring(content, parser)
            except etree.XMLSyntaxError as error:
                raise damaged() from error
            self.trees[key] = root, _serialized(root)
        return self.trees[key][0]

    def add(self, name: str, root: Element) -> None:
        """Give the package a part that it does not have."""
        self.fresh[name] = _serialized(root)

    def packed(self) -> bytes:
        """The package: members in their order, those changed written anew, new ones at the end."""
        contents = {}
        for key, member in self.package.members.items():
            root, former = self.trees.get(key, (None, b""))
            now = _serialized(root) if root is not None else b""
            contents[member.orig_filename] = now if now != former else self.package.read(key)
        for name in self.fresh:
            contents[name] = _serialized(self.part(name))
        return packed(contents.items())


def _serialized(root: Element) -> bytes:
    tree = root.getroottree()
    return bytes(etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True))


class _Comments:
    """The part with the comments, which is made where the document has none yet."""

    def __init__(self, word: _Word, author: str) -> None:
        self._author = author
        target = word.kinds.get(f"{_OFFICE}/comments")
        self._root = word.part(target) if target else _new_comments(word)
        ids = [int(one.get(W + "id", "0")) for one in self._root]
        self._next = max(ids, default=-1) + 1

    def add(self, text: str, block: Block) -> int:
        """Write a comment, and give its number; one that stands elsewhere says where it belongs."""
        number, self._next = self._next, self._next + 1
        if not block.inside:
            text = f"【{block.where}】{text}"
        lines = [element("p", element("r", words(line))) for line in text.split("\n")]
        lines[0].insert(0, element("r", element("annotationRef")))
        names = {"author": self._author, "initials": self._author[:1]}
        self._root.append(element("comment", *lines, id=number, **names))
        return number


def _new_comments(word: _Word) -> Element:
    """An empty part of comments, with its type and its relationship."""
    folder = posixpath.dirname(word.main)
    name = "comments.xml"
    while folded(posixpath.join(folder, name)) in word.package.members:
        name = f"nianbao-{name}"
    path = posixpath.join(folder, name)
    word.add(path, element("comments"))
    types = word.part(_ROOT_TYPES)
    etree.SubElement(types, f"{{{_TYPES}}}Override", PartName=f"/{path}", ContentType=_COMMENTS)
    if folded(word.relations_part) not in word.package.members:
        word.add(word.relations_part, etree.Element(f"{{{_RELATIONS}}}Relationships"))
    related = word.part(word.relations_part)
    taken = {one.get("Id") for one in related}
    free = next(f"rId{n}" for n in range(1, len(taken) + 2) if f"rId{n}" not in taken)
    etree.SubElement(
        related, f"{{{_RELATIONS}}}Relationship", Id=free, Type=f"{_OFFICE}/comments", Target=name
    )
    return word.part(path)
