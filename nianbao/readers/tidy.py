"""Delimited text of any size, made ready for a database in little memory.

Tidy text (UTF-8, no quotes, no empty lines, one kind of line end) is read where it lies. Any other
is written anew into a private file, by the csv rules of `nianbao.readers.delimited`.
"""

import codecs
import csv
import hashlib
import io
import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from nianbao.readers.delimited import (
    LOST_LETTERS,
    OPEN_END,
    UTF_8_RESAVE,
    check_letters,
    decoded,
    delimiter_of,
    encoding_of,
    is_part_utf_8,
    read_delimited,
    refuse_stray_quotes,
    rows_of,
)
from nianbao.readers.workbook import Rejected

_CHUNK = 4 << 20
_HEAD = 256 << 10
_LONGEST_RECORD = 16 << 20  # characters without a line end outside quotes
_BOM = b"\xef\xbb\xbf"
_UNTIDY = (b'"', b"\0", b"\n\n", b"\n\r\n", *(lost.encode() for lost in LOST_LETTERS))


@dataclass(frozen=True, slots=True)
class Text:
    """What a delimited text is, looked through once; `width` is that of its rows.

    `tidy` says that a database may read it as it lies, `open_end` that its last line has no end.
    """

    path: Path
    sha256: str
    encoding: str
    delimiter: str
    width: int
    tidy: bool
    open_end: bool


def head_rows(path: Path) -> tuple[tuple[object, ...], ...]:
    """The first rows of a text, as many as a quarter of a megabyte holds whole.

    Raises `Rejected` as `read_delimited` does.
    """
    with path.open("rb") as file:
        content = file.read(_HEAD + 1)
    if len(content) <= _HEAD:
        (sheet,), _ = read_delimited(content, path.stem)
        return sheet.rows
    text = decoded(_whole_lines(content))
    return rows_of(text[: _end_of_records(text)])


def look_through(path: Path) -> Text:
    """Read a text once from end to end. Raises `Rejected`, OSError."""
    head = head_rows(path)
    digest = hashlib.sha256()
    decoder = codecs.getincrementaldecoder("utf-8")()
    begin = before = foreign = b""
    tidy = True
    lines = returns = pairs = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            begin = begin or chunk[:_HEAD]
            digest.update(chunk)
            seam = (before or b"\n") + chunk
            tidy = tidy and not any(one in seam for one in _UNTIDY)
            lines += chunk.count(b"\n")
            returns += chunk.count(b"\r")
            pairs += seam.count(b"\r\n") - before.count(b"\r\n")
            if not foreign:
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError:
                    foreign = chunk
            before = seam[-8:]
    tidy = tidy and not foreign and returns == pairs and returns in (0, lines)
    begin = _whole_lines(begin) if len(begin) == _HEAD else begin
    encoding = encoding_of(begin if b"\0" in begin or begin.startswith(_BOM) else foreign or begin)
    return Text(
        path,
        digest.hexdigest(),
        encoding,
        delimiter_of(decoded(begin)) or ",",
        len(head[0]),
        tidy,
        not before.rstrip(b"\0").endswith((b"\n", b"\r")),
    )


def write_anew(text: Text, to: Path) -> Text:
    """The same text as UTF-8 with one width and one line end, an empty row as empty fields.

    Raises `Rejected` for what `read_delimited` refuses, in the same words.
    """
    with to.open("w", encoding="utf-8", newline="") as file:
        try:
            widths = _copy(text, file)
            _check_widths(widths)
        except Rejected as rejected:
            if text.open_end and rejected.code == "E_CSV_SHAPE":
                raise Rejected(*OPEN_END) from rejected
            raise
    return Text(to, text.sha256, "utf-8", ",", text.width, tidy=False, open_end=text.open_end)


def _copy(text: Text, file: TextIO) -> dict[int, tuple[int, int]]:
    """Write all records; gives for each width how many rows with text have it, and the first."""
    writer = csv.writer(file, lineterminator="\n")
    many: Counter[int] = Counter()
    first: dict[int, int] = {}
    number = 0
    for block, line in _blocks(text):
        lines = io.StringIO(block, newline="")
        records = csv.reader(lines, delimiter=text.delimiter, strict=True)
        try:
            for record in records:
                number += 1
                if any(field.strip() for field in record):
                    many[len(record)] += 1
                    first.setdefault(len(record), number)
                writer.writerow([*record, *[""] * text.width][: text.width])
        except csv.Error as error:
            detail = f"the rows cannot be told apart; {UTF_8_RESAVE}"
            raise Rejected("E_CSV_SHAPE", detail, found=str(line)) from error
    return {width: (times, first[width]) for width, times in many.items()}


def _check_widths(widths: dict[int, tuple[int, int]]) -> None:
    """Refuse rows of several lengths, naming the first that has not the commonest."""
    if len(widths) < 2:
        return
    common = max(widths, key=lambda width: (widths[width][0], -widths[width][1]))
    row, width = min((row, width) for width, (_, row) in widths.items() if width != common)
    detail = f"row {row} has {width} fields where most have {common}; {UTF_8_RESAVE}"
    raise Rejected("E_CSV_SHAPE", detail, found=str(row))


def _blocks(text: Text) -> Iterator[tuple[str, int]]:
    """A text in blocks of whole records, each with the number of its first line."""
    left, line = "", 1
    for piece in itertools.chain(_pieces(text), ("",)):
        left += piece
        cut = _end_of_records(left) if piece else len(left)
        if cut:
            block, left = left[:cut], left[cut:]
            refuse_stray_quotes(block, text.delimiter, line)
            yield block, line
            line += block.count("\n")
        elif len(left) > _LONGEST_RECORD:
            detail = f"a quotation mark in line {line} or after it is left open; {UTF_8_RESAVE}"
            raise Rejected("E_CSV_SHAPE", detail, found=str(line))


def _end_of_records(text: str) -> int:
    """Where the last whole record ends: at a line end with no quote left open; 0 for none."""
    end_mark = "\n" if "\n" in text else "\r"
    end = text.rfind(end_mark)
    while end >= 0 and text.count('"', 0, end) % 2:
        end = text.rfind(end_mark, 0, end)
    return end + 1


def _pieces(text: Text) -> Iterator[str]:
    """A text decoded piece by piece, the letters of each checked."""
    decoder = codecs.getincrementaldecoder(text.encoding)()
    lines, first = 0, True
    with text.path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            try:
                piece = decoder.decode(chunk)
            except UnicodeDecodeError as error:
                raise _mixed(lines + chunk[: error.start].count(b"\n") + 1) from error
            if text.encoding == "gb18030" and is_part_utf_8(_inner_lines(chunk)):
                raise _mixed(lines + 1)
            piece, first = (piece.removeprefix("\ufeff") if first else piece), False
            check_letters(piece, text.encoding)
            lines += chunk.count(b"\n")
            yield piece
        try:
            yield decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            raise _mixed(lines + 1) from error


def _mixed(line: int) -> Rejected:
    return Rejected(
        "E_ENCODING",
        f"the text is neither UTF-8, GB18030, Big5 nor UTF-16 throughout (line {line}); "
        f"{UTF_8_RESAVE}",
        found=str(line),
    )


def _inner_lines(chunk: bytes) -> bytes:
    """The different lines of a piece, without those that its edges may have torn."""
    return b"\n".join(sorted(set(chunk.split(b"\n")[1:-1])))


def _whole_lines(content: bytes) -> bytes:
    """Without the last line, which a cut at any byte may have torn (in UTF-16 too)."""
    end: Sequence[bytes] = (b"\n\0", b"\0\n") if b"\0" in content[:_HEAD] else (b"\n", b"\r")
    for mark in end:
        cut = content.rfind(mark)
        while len(mark) == 2 and cut > 0 and cut % 2:
            cut = content.rfind(mark, 0, cut + 1)
        if cut > 0:
            return content[: cut + len(mark)]
    return content
