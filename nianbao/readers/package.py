"""The zip package of an xlsx or ods, opened as a stranger's: counted, measured and checked.

Nothing here trusts what the package says of itself. Every part is inflated in small pieces, its
real bytes are counted and held against its checksum before any parser sees them.
Source: PKWARE APPNOTE 4.3.7 (local file header), 4.4.5 (methods).
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from nianbao.readers.workbook import RESAVE, Rejected, encrypted

MOST_MEMBERS = 10_000
MOST_BYTES = 1 << 30  # of all parts together, inflated
MOST_RATIO = 250  # a million empty styled rows, the densest of honest sheets, come to 20
PLAIN_BYTES = 64 << 20  # up to here all parts denser than that may come to
_PIECE = 1 << 18
_DIRECTORY_ENTRY = b"PK\x01\x02"
_DRIVE = re.compile("[A-Za-z]:")
_DOCTYPE = re.compile(rb"<!doctype", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Package:
    """A zip file whose list of members is sound; `members` go by their folded names."""

    content: bytes
    members: dict[str, zipfile.ZipInfo]

    def read(self, part: str) -> bytes:
        """One part whole, checked; an empty one where there is none of that name."""
        member = self.members.get(part)
        return b"".join(self._pieces(member)) if member else b""

    def pieces(self, part: str) -> Iterator[bytes]:
        """One part of XML piece by piece, checked, and without a document type."""
        member = self.members[part]
        return without_doctype(self._pieces(member))

    def check(self, *, but: frozenset[str] = frozenset()) -> None:
        """Inflate every part (`but` those that somebody else does) and let it go again."""
        for part in self.members.keys() - but:
            for _ in self.pieces(part):
                pass

    def _pieces(self, member: zipfile.ZipInfo) -> Iterator[bytes]:
        start = self._start(member)
        packed = memoryview(self.content)[start : start + member.compress_size]
        if member.compress_type == zipfile.ZIP_STORED:
            inflated: Iterator[bytes] = (
                bytes(packed[at : at + _PIECE]) for at in range(0, len(packed), _PIECE)
            )
        elif member.compress_type == zipfile.ZIP_DEFLATED:
            inflated = _inflated(packed)
        else:
            raise Rejected(
                "E_UNSUPPORTED",
                f"a zip package packed in a way that Excel does not use "
                f"(method {member.compress_type}); save it as .xlsx",
                found="zip",
            )
        size = checksum = 0
        for piece in inflated:
            size += len(piece)
            if size > member.file_size + PLAIN_BYTES:
                raise bomb("a part of it goes on far beyond the size that it states")
            checksum = zlib.crc32(piece, checksum)
            if size <= member.file_size:
                yield piece
        if size != member.file_size or checksum != member.CRC:
            raise damaged()

    def _start(self, member: zipfile.ZipInfo) -> int:
        """Where a member's bytes begin; its own header must agree with the directory."""
        at = member.header_offset
        header = self.content[at : at + 30]
        if len(header) < 30 or not header.startswith(b"PK\x03\x04"):
            raise damaged()
        flags, method = struct.unpack_from("<HH", header, 6)
        name_length, extra_length = struct.unpack_from("<HH", header, 26)
        name = self.content[at + 30 : at + 30 + name_length]
        coding = "utf-8" if flags & 0x800 else "cp437"
        if method != member.compress_type or name.decode(coding, "replace") != member.orig_filename:
            raise damaged()
        return int(at + 30 + name_length + extra_length)


def _inflated(packed: memoryview) -> Iterator[bytes]:
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    at = 0
    waiting = b""
    while not stream.eof:
        if not waiting:
            waiting = bytes(packed[at : at + _PIECE])
            at += len(waiting)
        try:
            piece = stream.decompress(waiting, _PIECE)
        except zlib.error as error:
            raise damaged() from error
        spent = not waiting
        waiting = stream.unconsumed_tail
        if piece:
            yield piece
        elif spent:
            raise damaged()  # nothing went in and nothing came out: it breaks off
    if stream.unused_data or waiting or at < len(packed):
        raise damaged()


def open_package(content: bytes) -> Package:
    """Read the directory of a zip file.

    Raises `Rejected`: `E_CORRUPT`, `E_ENCRYPTED`, `E_ZIP_BOMB`, `E_ZIP_NAME`, `E_DUP_MEMBER`.
    """
    if content.count(_DIRECTORY_ENTRY) > MOST_MEMBERS:
        raise bomb(f"it has over {MOST_MEMBERS} members")
    try:
        # Only the directory is read this way: no member is ever opened by zipfile.
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            listed = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error) as error:
        raise damaged() from error
    end = content.rfind(b"PK\x05\x06")
    if end + 22 + int.from_bytes(content[end + 20 : end + 22], "little") != len(content):
        raise Rejected("E_CORRUPT", f"the file goes on after its end; {RESAVE}", found="zip")
    members: dict[str, zipfile.ZipInfo] = {}
    for member in listed:
        _check_name(member.orig_filename)
        if member.flag_bits & 1:
            raise encrypted()
        part = folded(member.orig_filename)
        if part in members:
            raise Rejected("E_DUP_MEMBER", f"the package holds {part} twice; {RESAVE}", found="zip")
        members[part] = member
    _check_sizes(listed, len(content))
    return Package(content, members)


def _check_sizes(members: list[zipfile.ZipInfo], room: int) -> None:
    if sum(member.file_size for member in members) > MOST_BYTES:
        raise bomb(f"it would unpack to over {MOST_BYTES >> 20} MB")
    if sum(member.compress_size for member in members) > room:
        raise bomb("its members lie over one another")
    dense = [one for one in members if one.file_size > MOST_RATIO * one.compress_size]
    if sum(member.file_size for member in dense) > PLAIN_BYTES:
        raise bomb(f"a part of it would unpack to over {MOST_RATIO} times its size")


def _check_name(name: str) -> None:
    parts = name.replace("\\", "/").split("/")
    if (
        ".." in parts
        or not name
        or parts[0] == ""
        or _DRIVE.match(name)
        or any(ord(letter) < 32 for letter in name)
    ):
        raise Rejected(
            "E_ZIP_NAME",
            f"the package holds a member whose name leads elsewhere ({name!r}); {RESAVE}",
            found="zip",
        )


def without_doctype(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Pass on what comes, and raise `Rejected` `E_XML_DTD` at a document type, in any encoding."""
    tail = b""
    for piece in pieces:
        seen = tail + piece
        # UTF-16 is ASCII with a zero byte beside every letter.
        plain = seen.replace(b"\0", b"") if b"\0" in seen else seen
        if b"<!" in plain and _DOCTYPE.search(plain):
            raise Rejected(
                "E_XML_DTD", f"the file declares a document type of its own; {RESAVE}", found="zip"
            )
        yield piece
        tail = seen[-32:]


def folded(part: str) -> str:
    """The one spelling of a part's name: small letters, `/`, none at the front."""
    return part.replace("\\", "/").lstrip("/").casefold()


def bomb(why: str) -> Rejected:
    """Refuse a package that is made to fill memory or disk."""
    return Rejected("E_ZIP_BOMB", f"the package was not opened: {why}; {RESAVE}", found="zip")


def damaged() -> Rejected:
    """Refuse a package that does not hold together."""
    return Rejected("E_CORRUPT", f"the file is cut short or damaged; {RESAVE}", found="zip")
