"""Delimited text (csv, tsv): its encoding, its delimiter, its shape; every cell stays text."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable

from nianbao.readers.workbook import Rejected, Sheet

DELIMITERS = (",", "\t", ";")
UTF_8_RESAVE = "open it in Excel or WPS and save it as .xlsx, or as CSV UTF-8"
# What is left of text that went through the wrong encoding once already: the letters are lost.
LOST_LETTERS = ("\ufffd", "锟斤拷")
# A field ends at these bytes in UTF-8 and in GB18030 alike: no later byte of a character is one.
FIELD_ENDS = re.compile(rb'[,\t;\r\n"]+')
HANZI = re.compile(r"[\u3400-\u9fff\ue000-\uf8ff\U00020000-\U0003ffff]")


def read_delimited(content: bytes, name: str) -> Sheet:
    """Read delimited text into one sheet called `name`; an empty field is None.

    Raises `Rejected`: `E_ENCODING`, `E_TRUNCATED` (no line end after the last row: it may be cut),
    `E_CSV_SHAPE` (rows of different lengths, stray quotes), `E_EMPTY`, `E_CORRUPT`.
    """
    text = decoded(content)
    if not text.strip():
        raise Rejected("E_EMPTY", "the file holds no rows; hand it in again")
    if text[-1] not in "\r\n":
        raise Rejected(
            "E_TRUNCATED",
            "the last row has no line end, so it may be cut short; compare it with the original "
            "and save the file anew",
        )
    delimiter = delimiter_of(text) or ","
    _refuse_stray_quotes(text, delimiter)
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise Rejected("E_CSV_SHAPE", f"the rows cannot be told apart; {UTF_8_RESAVE}") from error
    return Sheet(name, _even_rows(records))


def decoded(content: bytes) -> str:
    """Decode UTF-8, GB18030 (so GBK and GB 2312) or UTF-16, with or without a byte order mark.

    Raises `Rejected` `E_ENCODING` where no one encoding fits the whole, or the letters that come
    out are hardly Chinese; `E_CORRUPT` where zero bytes stand in the text.
    """
    encoding = _encoding(content)
    try:
        text = content.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise Rejected(
            "E_ENCODING",
            f"the text is neither UTF-8, GB18030 nor UTF-16 throughout (line {line}); "
            f"{UTF_8_RESAVE}",
        ) from error
    if "\0" in text:
        raise Rejected("E_CORRUPT", "zero bytes stand in the text; hand in the original again")
    if any(lost in text for lost in LOST_LETTERS):
        raise Rejected(
            "E_ENCODING",
            "letters were lost when the file was saved in another encoding; go back to the "
            f"original, {UTF_8_RESAVE}",
        )
    if encoding == "gb18030":
        _refuse_mojibake(content, text)
    return text


def _encoding(content: bytes) -> str:
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
        marked = content.startswith(b"\xef\xbb\xbf")
        return "utf-8" if marked or _is_part_utf_8(content) else "gb18030"
    return "utf-8"


def _is_part_utf_8(content: bytes) -> bool:
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


def _refuse_mojibake(content: bytes, text: str) -> None:
    """Refuse Big5 and the like, whose bytes GB18030 decodes into rare characters.

    Simplified Chinese lies nearly whole within GB 2312; traditional Chinese in GBK to about two
    thirds; Big5 taken for GBK to under a half.
    """
    hanzi = HANZI.findall(text)
    if not hanzi:
        return
    as_gb = sum(_within(char, "gb2312", 0xB0, 0xF7) for char in hanzi) / len(hanzi)
    try:
        traditional = HANZI.findall(content.decode("big5"))
    except UnicodeDecodeError:
        traditional = []
    as_big5 = sum(_within(char, "big5", 0xA4, 0xC6) for char in traditional)
    if as_gb < 0.6 or as_big5 > as_gb * max(len(traditional), 1):
        raise Rejected(
            "E_ENCODING",
            "the text is in an encoding other than UTF-8, GB18030 and UTF-16 (Big5, perhaps); "
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


def _refuse_stray_quotes(text: str, delimiter: str) -> None:
    """Refuse a quote that neither encloses a field nor is doubled inside one.

    The csv module takes such a quote as a letter, or swallows the rows up to the next one.
    """
    if '"' not in text:
        return
    edge = f"{delimiter}\r\n"
    quoted = rf'(?:\A|(?<=[{edge}]))"[^"]*+(?:""[^"]*+)*+"(?=[{edge}]|\Z)'
    bare = re.sub(quoted, lambda field: "\n" * field[0].count("\n"), text)
    if '"' in bare:
        line = bare[: bare.index('"')].count("\n") + 1
        raise Rejected("E_CSV_SHAPE", f"a stray quotation mark in line {line}; {UTF_8_RESAVE}")


def _even_rows(records: list[list[str]]) -> tuple[tuple[object, ...], ...]:
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
            )
    return tuple(
        tuple(field or None for field in record[:width]) + (None,) * (width - len(record))
        for record in records
    )


def _has_text(record: Iterable[str]) -> bool:
    return any(field.strip() for field in record)
