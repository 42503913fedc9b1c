"""Delimited text (csv, tsv): its encoding, its delimiter, its shape; every cell stays text."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable

from nianbao.readers.workbook import Rejected, Sheet, sharing_texts

DELIMITERS = (",", "\t", ";")
UTF_8_RESAVE = "open it in Excel or WPS and save it as .xlsx, or as CSV UTF-8"
# What is left of text that went through the wrong encoding once already: the letters are lost.
LOST_LETTERS = ("\ufffd", "锟斤拷")
# A field ends at these bytes in UTF-8 and in GB18030 alike: no later byte of a character is one.
FIELD_ENDS = re.compile(rb'[,\t;\r\n"]+')
_TORN, _PAIR = 0.5, 2  # the share of even rows, and the fields, that a torn table has more than
_RARELY, _MOSTLY = 0.6, 0.8  # shares of common letters: below is no Chinese, above is
HANZI = re.compile(r"[\u3400-\u9fff\ue000-\uf8ff\U00020000-\U0003ffff]")


OPEN_END = (
    "E_TRUNCATED",
    (
        "the last row has no line end, so it may be cut short; compare it with the original and "
        "save the file anew"
    ),
)


def read_delimited(
    content: bytes, name: str
) -> tuple[tuple[Sheet, ...], tuple[tuple[str, str], ...]]:
    """Read delimited text into one sheet called `name`; an empty field is None.

    A last row without a line end may be cut short: the note `E_TRUNCATED` says so. Raises
    `Rejected`: `E_ENCODING`, `E_CSV_SHAPE` (rows of different lengths, stray quotes), `E_EMPTY`,
    `E_CORRUPT`, and `E_TRUNCATED` where the last row is not as long as the others.
    """
    text = decoded(content)
    if not text.strip():
        raise Rejected("E_EMPTY", "the file holds no rows; hand it in again")
    open_end = text[-1] not in "\r\n"
    try:
        rows = rows_of(text)
    except Rejected as rejected:
        if open_end:
            raise Rejected(*OPEN_END) from rejected
        raise
    return (Sheet(name, rows),), ((OPEN_END,) if open_end else ())


def rows_of(text: str) -> tuple[tuple[object, ...], ...]:
    """Split text into rows of one length. Raises `Rejected` `E_CSV_SHAPE`."""
    delimiter = delimiter_of(text) or ","
    refuse_stray_quotes(text, delimiter)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        records = list(sharing_texts(reader))
    except csv.Error as error:
        raise Rejected("E_CSV_SHAPE", f"the rows cannot be told apart; {UTF_8_RESAVE}") from error
    return _even_rows(records)


def decoded(content: bytes) -> str:
    """Decode UTF-8, UTF-16 (both with or without a byte order mark), GB18030 or Big5.

    Raises `Rejected` `E_ENCODING` where no one encoding fits the whole, or the letters that come
    out are hardly Chinese; `E_CORRUPT` where zero bytes stand in the text.
    """
    encoding = encoding_of(content)
    try:
        text = content.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise Rejected(
            "E_ENCODING",
            f"the text is neither UTF-8, GB18030, Big5 nor UTF-16 throughout (line {line}); "
            f"{UTF_8_RESAVE}",
            found=str(line),
        ) from error
    check_letters(text, encoding)
    return text


def check_letters(text: str, encoding: str) -> None:
    """Refuse text that holds what no writer typed: zero bytes, lost letters, a wrong encoding's."""
    if "\0" in text:
        raise Rejected("E_CORRUPT", "zero bytes stand in the text; hand in the original again")
    if any(lost in text for lost in LOST_LETTERS):
        raise Rejected(
            "E_ENCODING",
            "letters were lost when the file was saved in another encoding; go back to the "
            f"original, {UTF_8_RESAVE}",
        )
    if encoding == "gb18030":
        _refuse_mojibake(text)


def encoding_of(content: bytes) -> str:
    """The encoding of some text, by its bytes. Raises `Rejected` `E_CORRUPT`."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if b"\0" in content:
        # In UTF-16 the digits and commas have a zero byte, all on the same side; 一 (4E 00) and a
        # few others have theirs on the other.
        even, odd = content[0:8192:2].count(0), content[1:8192:2].count(0)
        if odd > 4 * even:
            return "utf-16-le"
        if even > 4 * odd:
            return "utf-16-be"
        raise Rejected("E_CORRUPT", "zero bytes stand in the text; hand in the original again")
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        if content.startswith(b"\xef\xbb\xbf") or is_part_utf_8(content):
            return "utf-8"
        return _chinese_encoding(content)
    return "utf-8"


def _chinese_encoding(content: bytes) -> str:
    """Tell Big5 from GB18030, which decodes nearly everything: by how common the letters are.

    Simplified Chinese lies nearly whole within GB 2312, traditional Chinese within the first plane
    of Big5; either taken for the other comes out as rare letters by a half.
    """
    as_gb = _share_of_common(content, "gb18030", "gb2312", 0xB0, 0xF7)
    for big5 in ("big5", "cp950"):
        as_big5 = _share_of_common(content, big5, "big5", 0xA4, 0xC6)
        if as_big5 > max(as_gb, _MOSTLY):
            return big5
    return "gb18030"


def _share_of_common(content: bytes, encoding: str, common: str, first: int, last: int) -> float:
    """The share of the Chinese letters that are common ones; 0 where the encoding does not fit."""
    try:
        hanzi = HANZI.findall(content.decode(encoding))
    except UnicodeDecodeError:
        return 0.0
    return sum(_within(char, common, first, last) for char in hanzi) / max(len(hanzi), 1)


def is_part_utf_8(content: bytes) -> bool:
    """Tell broken or mixed UTF-8 from GB18030, field by field.

    A GB18030 field that happens to be valid UTF-8 gives Greek or Arabic letters; Chinese ones only
    if its bytes fall into threes, which for a word of two characters (four bytes) they cannot.
    """
    for field in FIELD_ENDS.split(content):
        if field.isascii():
            continue
        try:
            hanzi = HANZI.findall(field.decode("utf-8"))
        except UnicodeDecodeError:
            continue
        if hanzi and all(_within(char, "gb2312", 0xB0, 0xF7) for char in hanzi):
            return True
    return False


def _refuse_mojibake(text: str) -> None:
    """Refuse the bytes of other encodings, which GB18030 decodes into rare characters.

    Common ones are those of GB 2312, and those of Big5's first plane: GBK holds both.
    """
    hanzi = HANZI.findall(text)
    common = sum(
        _within(char, "gb2312", 0xB0, 0xF7) or _within(char, "big5", 0xA4, 0xC6) for char in hanzi
    )
    if common < _RARELY * len(hanzi):
        raise Rejected(
            "E_ENCODING",
            "the text is in an encoding other than UTF-8, GB18030, Big5 and UTF-16; "
            f"{UTF_8_RESAVE}",
        )


def _within(char: str, encoding: str, first: int, last: int) -> bool:
    """Tell whether a character's first byte in an encoding lies in the range of its common ones."""
    return first <= char.encode(encoding, "replace")[0] <= last


def delimiter_of(text: str) -> str:
    """Find the delimiter that splits the first rows most evenly; "" where there is none."""
    head = text[:65536]
    if len(text) > len(head):
        head = head[: head.rfind("\n") + 1] or head
    evenness = {delimiter: _evenness(head, delimiter) for delimiter in DELIMITERS}
    best = max(DELIMITERS, key=lambda delimiter: evenness[delimiter])
    return best if evenness[best][1] > 1 else ""


def is_table(text: str) -> bool:
    """Tell rows of fields from a letter with commas in it.

    All rows of a table have one width, or, where some are torn, most have three fields or more.
    """
    head = text[:65536]
    share, width = max(_evenness(head, delimiter) for delimiter in DELIMITERS)
    return (share == 1 and width > 1) or (share > _TORN and width > _PAIR)


def _evenness(text: str, delimiter: str) -> tuple[float, int]:
    """Measure a delimiter: the share of rows that have the commonest width, and that width."""
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        widths = Counter(len(row) for row in rows if row)
    except csv.Error:
        return 0.0, 0
    if not widths:
        return 0.0, 0
    width, rows_of_it = widths.most_common(1)[0]
    return (rows_of_it / widths.total() if width > 1 else 0.0), width


def refuse_stray_quotes(text: str, delimiter: str, first_line: int = 1) -> None:
    """Refuse a quote that neither encloses a field nor is doubled inside one.

    The csv module takes such a quote as a letter, or swallows the rows up to the next one.
    """
    if '"' not in text:
        return
    edge = f"{delimiter}\r\n"
    quoted = rf'(?:\A|(?<=[{edge}]))"[^"]*+(?:""[^"]*+)*+"(?=[{edge}]|\Z)'
    bare = re.sub(quoted, lambda field: "\n" * field[0].count("\n"), text)
    if '"' in bare:
        line = first_line + bare[: bare.index('"')].count("\n")
        detail = f"a stray quotation mark in line {line}; {UTF_8_RESAVE}"
        raise Rejected("E_CSV_SHAPE", detail, found=str(line))


def _even_rows(records: list[tuple[object, ...]]) -> tuple[tuple[object, ...], ...]:
    """Make rows of one length; a row with no text may have any, so that addresses stay right."""
    while not _has_text(records[-1]):
        records.pop()
    widths = Counter(len(record) for record in records if _has_text(record))
    width = widths.most_common(1)[0][0]
    for number, record in enumerate(records, 1):
        if _has_text(record) and len(record) != width:
            raise Rejected(
                "E_CSV_SHAPE",
                f"row {number} has {len(record)} fields where most have {width}; {UTF_8_RESAVE}",
                found=str(number),
            )
    return tuple(
        record if len(record) == width else record[:width] + (None,) * (width - len(record))
        for record in records
    )


def _has_text(record: Iterable[object]) -> bool:
    return any(isinstance(field, str) and field.strip() for field in record)
