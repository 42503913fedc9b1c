"""A draft as the office wrote it: its paragraphs in reading order, and a copy with edits.

Word files are read and written in `nianbao.drafts.word`; this module has plain text and Markdown.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nianbao.drafts.outline import Outline
from nianbao.drafts.placing import put
from nianbao.drafts.refusal import unreadable, wrong_kind
from nianbao.errors import UsageError
from nianbao.readers import see
from nianbao.readers.delimited import check_letters, encoding_of
from nianbao.readers.opening import read_once
from nianbao.readers.workbook import Rejected
from nianbao.terminal import printable, say

KINDS = ("docx", "txt", "md")
_LINE_END = re.compile(r"(\r\n|\r|\n)")
_RULE = re.compile(r"[\s|:\-－—]*-[\s|:\-－—]*")  # the line below the head of a Markdown table
_CELL = re.compile(r"(?:\\.|[^|\\])+")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph, or a table's cell; `text` is what a reader sees, tabs and line breaks in it.

    `headings` stand above it, the outermost first; a cell knows the heads of its row and column.
    """

    number: int
    text: str
    where: str
    headings: tuple[str, ...] = ()
    row_head: str = ""
    column_head: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft that was read; `kind` is one of KINDS, `content` the bytes of the file."""

    path: Path
    kind: str
    encoding: str
    paragraphs: tuple[Paragraph, ...]
    content: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Edit:
    """A change at code points `start` to `end` of a paragraph's text.

    `text` None leaves what stands there; a comment is written in Word files only.
    """

    paragraph: int
    start: int
    end: int
    text: str | None
    comment: str = ""


def read_draft(path: Path, lang: str = "zh") -> Draft:
    """Read a draft; `lang` is the language of `where` its paragraphs stand.

    Raises UsageError where there is no such file or it is of no kind that is read, DataRejected
    where it is broken, protected by a password or made to fill memory.
    """
    kind = path.suffix.casefold().removeprefix(".")
    if not path.exists():
        raise UsageError(
            say(
                zh=f"没有文件 {printable(str(path))}；请核对路径。",
                en=f"there is no file {printable(str(path))}; check the path.",
            )
        )
    if kind not in KINDS:
        raise wrong_kind(path)
    try:
        real = path.resolve()
        content = read_once(real, see(real))
        if kind == "docx":
            from nianbao.drafts.word import read_word  # lxml, which plain text can do without

            return Draft(path, kind, "utf-8", read_word(content, lang), content)
        encoding, text = _decoded(content)
    except Rejected as rejected:
        raise unreadable(path, rejected) from rejected
    paragraphs = tuple(one for _, one in _plain_paragraphs(text, kind, lang))
    return Draft(path, kind, encoding, paragraphs, content)


def write_draft(draft: Draft, edits: Sequence[Edit], to: Path, author: str) -> Path:
    """Write the draft with its edits to a new file; the same edits give the same bytes.

    What stood at `to` is kept under another name unless this program made it. Raises ValueError
    where an edit lies outside its paragraph, edits overlap, or `to` is the draft itself.
    """
    check_edits(draft, edits)
    if to.resolve() == draft.path.resolve():
        raise ValueError(f"{to} is the draft itself")
    if draft.kind == "docx":
        from nianbao.drafts.word import write_word  # lxml, which plain text can do without

        put(to, write_word(draft.content, edits, author))
        return to
    encoding, text = _decoded(draft.content)
    starts = {one.number: start for start, one in _plain_paragraphs(text, draft.kind, "zh")}
    for edit in sorted(edits, key=lambda edit: (edit.paragraph, edit.start), reverse=True):
        if edit.text is not None:
            at = starts[edit.paragraph]
            text = text[: at + edit.start] + edit.text + text[at + edit.end :]
    put(to, text.encode(encoding))
    return to


def check_edits(draft: Draft, edits: Sequence[Edit]) -> None:
    """Raise ValueError where an edit lies outside its paragraph, or two that change overlap."""
    lengths = {one.number: len(one.text) for one in draft.paragraphs}
    reached: tuple[int, int] = (-1, 0)
    for edit in sorted(edits, key=lambda edit: (edit.paragraph, edit.start, edit.end)):
        if not 0 <= edit.start <= edit.end <= lengths.get(edit.paragraph, -1):
            raise ValueError(f"{edit} lies outside its paragraph")
        if edit.text is not None:
            if (edit.paragraph, edit.start) < reached:
                raise ValueError(f"{edit} overlaps with another")
            reached = (edit.paragraph, edit.end)


def _decoded(content: bytes) -> tuple[str, str]:
    """The encoding, and the text with its byte order mark, so that encoding gives the same bytes.

    Raises `Rejected`, as the readers of tables do.
    """
    if not content:
        raise Rejected("E_EMPTY", "the file holds nothing")
    encoding = encoding_of(content)
    if encoding == "utf-16":
        encoding = "utf-16-le" if content.startswith(b"\xff\xfe") else "utf-16-be"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise Rejected("E_ENCODING", "mixed encodings", found=str(line)) from error
    check_letters(text, encoding)
    if text.encode(encoding) != content:
        raise Rejected("E_ENCODING", "the text cannot be written as it was read")
    return encoding, text


def _plain_paragraphs(text: str, kind: str, lang: str) -> Iterator[tuple[int, Paragraph]]:
    """Every line that is not blank, or cell of a Markdown table, with where in the text it is."""
    outline = Outline()
    number, at = 0, 0
    heads: list[str] = []
    # Pieces alternate: a line, its end, a line, …
    for index, piece in enumerate(_LINE_END.split(text)):
        if index % 2 == 0:
            start = at + piece.startswith("\ufeff")
            line = piece.removeprefix("\ufeff")
            where = f"第{index // 2 + 1}行" if lang == "zh" else f"line {index // 2 + 1}"
            if kind == "md" and line.lstrip().startswith("|"):
                cells = _cells(line)
                texts = [cell for _, cell in cells]
                for column, (offset, cell) in enumerate(cells if not _is_rule(line) else ()):
                    head = heads[column] if column < len(heads) else ""
                    row = texts[0] if column else ""
                    yield (
                        start + offset,
                        Paragraph(number, cell, where, outline.above, row, head),
                    )
                    number += 1
                heads = heads or texts
            elif line.strip():
                heads = []
                yield start, Paragraph(number, line, where, outline.above)
                number += 1
                outline.pass_by(line, markdown=kind == "md")
            else:
                heads = []
        at += len(piece)


def _is_rule(line: str) -> bool:
    return _RULE.fullmatch(line) is not None


def _cells(line: str) -> list[tuple[int, str]]:
    """The cells of a Markdown table's row, each with where in the line its text begins."""
    cells = []
    for found in _CELL.finditer(line):
        inner = found[0].strip()
        if inner or found.start() > line.index("|"):
            cells.append((found.start() + len(found[0]) - len(found[0].lstrip()), inner))
    if cells and not cells[-1][1]:  # what follows the last bar
        cells.pop()
    return cells
