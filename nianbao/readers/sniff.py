"""Telling what a file is by its first bytes and its parts, and refusing what is no table."""

import io
from dataclasses import dataclass

from xlrd.compdoc import CompDoc, CompDocError

from nianbao.readers.delimited import decoded, delimiter_of, is_table
from nianbao.readers.package import Package, folded, open_package
from nianbao.readers.workbook import (
    RESAVE,
    SUFFIXES,
    WORKBOOK_SUFFIXES,
    Rejected,
    encrypted,
)

OLE = bytes.fromhex("d0cf11e0a1b11ae1")
NOT_TABLES = (
    (b"%PDF-", "pdf", "a PDF document"),
    (b"\x89PNG\r\n", "png", "a picture (PNG)"),
    (b"\xff\xd8\xff", "jpeg", "a picture (JPEG)"),
    (b"GIF8", "gif", "a picture (GIF)"),
    (b"BM", "bmp", "a picture (BMP)"),
    (b"II*\0", "tiff", "a picture or scan (TIFF)"),
    (b"MM\0*", "tiff", "a picture or scan (TIFF)"),
    (b"RIFF", "webp", "a picture or recording (RIFF)"),
    (b"{\\rtf", "rtf", "a letter (RTF)"),
)
UNSUPPORTED = (
    (b"Rar!", "rar", "a RAR archive; unpack it and hand in the workbooks inside"),
    (b"7z\xbc\xaf\x27\x1c", "7z", "a 7-Zip archive; unpack it and hand in the workbooks inside"),
    (b"\x1f\x8b", "gzip", "a gzip archive; unpack it and hand in the workbooks inside"),
    (b"SQLite format 3\0", "sqlite", "a database; export the table from it as .xlsx or .csv"),
    (b"\x09\x00\x04\x00", "xls2", "an Excel 2 sheet; save it as .xlsx"),
    (b"\x09\x02\x06\x00", "xls3", "an Excel 3 sheet; save it as .xlsx"),
    (b"\x09\x04\x06\x00", "xls4", "an Excel 4 sheet; save it as .xlsx"),
)
# Workbooks first: a workbook may have a letter embedded; a letter's workbooks have no `.main`.
OOXML_KINDS = (
    (b"sheet.binary.macroEnabled.main", "xlsb"),
    (b"spreadsheetml.sheet.main", "xlsx"),
    (b"ms-excel.sheet.macroEnabled.main", "xlsx"),
    (b"spreadsheetml.template.main", "xlsx"),
    (b"ms-excel.template.macroEnabled.main", "xlsx"),
    (b"wordprocessingml", "docx"),
    (b"presentationml", "pptx"),
)
OFFICE_DOCUMENTS = {
    "docx": "a Word document",
    "pptx": "a presentation",
    "odt": "a text document",
    "odp": "a presentation",
    "odg": "a drawing",
    "ofd": "an OFD document",
    "doc": "a Word document",
    "ppt": "a presentation",
}
PARQUET, PARQUET_LOCKED = b"PAR1", b"PARE"


@dataclass(frozen=True, slots=True)
class Found:
    """What a file is, and its container opened: `package` for xlsx and ods, `compound` for xls."""

    kind: str
    package: Package | None = None
    compound: CompDoc | None = None
    notes: tuple[tuple[str, str], ...] = ()


def sniff(content: bytes, suffix: str) -> Found:
    """Tell the kind of a file from its content; `suffix` (`.xls`, lower case) only judges its name.

    Raises `Rejected` for everything that is not xlsx, xls, ods, parquet or delimited text.
    """
    if not content:
        raise Rejected("E_EMPTY", "the file holds nothing (0 bytes); hand it in again")
    if not content.strip(b"\0"):
        raise Rejected("E_CORRUPT", "the file holds zero bytes only; hand it in again")
    if content.startswith(OLE):
        found = _compound(content)
    elif content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        found = _package(content)
    elif content.startswith((PARQUET, PARQUET_LOCKED)):
        found = _parquet(content)
    else:
        _refuse_known_binaries(content)
        return Found(_text_kind(content, suffix))
    if suffix in (".et", ".ett"):
        # WPS keeps its own format in the same containers, and no sign in the bytes is documented.
        raise Rejected("E_UNSUPPORTED", "a WPS table (.et); save it as .xlsx", found="et")
    if suffix in SUFFIXES[found.kind]:
        return found
    detail = f"the file is called {suffix or 'without an extension'}, its content is {found.kind}"
    return Found(found.kind, found.package, found.compound, (("W_TYPE_MISMATCH", detail),))


def open_word(content: bytes) -> Package:
    """Open a Word document (.docx), every part of it checked.

    Raises `Rejected` for whatever else it is.
    """
    if not content:
        raise Rejected("E_EMPTY", "the file holds nothing (0 bytes)")
    if content.startswith(OLE):
        _refuse_locked(_directory(content))
    elif content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        package = open_package(content)
        if _package_kind(package) == "docx":
            package.check()
            return package
    elif not content.strip(b"\0"):
        raise Rejected("E_CORRUPT", "the file holds zero bytes only")
    raise Rejected("E_UNSUPPORTED", "this is no Word document (.docx) inside; save it as .docx")


def _refuse_known_binaries(content: bytes) -> None:
    for magic, name, what in NOT_TABLES:
        if content.startswith(magic):
            raise _not_data(name, what)
    if content[4:8] == b"ftyp":
        raise _not_data("media", "a picture or film (HEIC, MP4)")
    for magic, name, what in UNSUPPORTED:
        if content.startswith(magic):
            raise Rejected("E_UNSUPPORTED", what, found=name)


def _not_data(name: str, what: str) -> Rejected:
    return Rejected("W_NOT_DATA", f"{what}, not a form; it is listed and not read", found=name)


def _compound(content: bytes) -> Found:
    """Tell an OLE compound file (xls and its cousins)."""
    compound = _directory(content)
    names = _refuse_locked(compound)
    if names & {"workbook", "book"}:
        return Found("xls", compound=compound)
    for stream, name in (("worddocument", "doc"), ("powerpoint document", "ppt")):
        if stream in names:
            raise _not_data(name, OFFICE_DOCUMENTS[name])
    raise Rejected(
        "E_UNSUPPORTED", "an Office file with no workbook inside; save the table as .xlsx"
    )


def _directory(content: bytes) -> CompDoc:
    try:
        return CompDoc(content, logfile=io.StringIO())
    except (CompDocError, AssertionError, IndexError, ValueError) as error:
        raise Rejected(
            "E_CORRUPT", f"the file is cut short or damaged; {RESAVE}", found="xls"
        ) from error


def _refuse_locked(compound: CompDoc) -> set[str]:
    """The names of what a compound file holds. Raises `Rejected` where it needs a password."""
    names = {entry.name.casefold() for entry in compound.dirlist}
    if "encryptedpackage" in names:
        raise encrypted()
    return names


def _parquet(content: bytes) -> Found:
    if content.startswith(PARQUET_LOCKED):
        raise encrypted()
    if len(content) < 12 or not content.endswith(PARQUET):
        raise Rejected("E_CORRUPT", "the file is cut short; hand it in again", found="parquet")
    return Found("parquet")


def _package(content: bytes) -> Found:
    """Open a zip package and tell which program's it is; whatever may be read is checked whole."""
    package = open_package(content)
    kind = _package_kind(package)
    if kind in OFFICE_DOCUMENTS:
        raise _not_data(kind, OFFICE_DOCUMENTS[kind])
    if kind in ("xlsx", "ods"):
        return Found(kind, package=package)
    package.check()
    what = {
        "xlsb": "an Excel binary workbook (.xlsb); save it as .xlsx",
        "numbers": "an Apple Numbers table; export it as .xlsx",
        "zip": "a zip archive; unpack it and hand in the workbooks inside",
    }
    raise Rejected("E_UNSUPPORTED", what[kind], found=kind)


def _package_kind(package: Package) -> str:
    members = package.members
    types = package.read(folded("[Content_Types].xml")).replace(b"\0", b"")
    for content_type, kind in OOXML_KINDS:
        if content_type in types:
            return kind
    manifest = package.read(folded("META-INF/manifest.xml"))
    if b"encryption-data" in manifest:
        raise encrypted()
    declared = package.read("mimetype") or manifest
    for word, kind in (("spreadsheet", "ods"), ("text", "odt"), ("presentation", "odp")):
        if f"vnd.oasis.opendocument.{word}".encode() in declared:
            return kind
    if folded("OFD.xml") in members:
        return "ofd"
    if any(part.startswith("index/") and part.endswith(".iwa") for part in members):
        return "numbers"
    return "xlsx" if "xl/workbook.xml" in members else "zip"


def _text_kind(content: bytes, suffix: str) -> str:
    """Tell delimited text, the only text that is read, from web pages, letters and the like."""
    named_as_table = suffix in WORKBOOK_SUFFIXES or suffix in (".csv", ".tsv")
    name, what = _markup(content)
    if name == "spreadsheetml" and not named_as_table:
        raise Rejected("E_UNSUPPORTED", f"{what}; save it as .xlsx", found=name)
    if name and named_as_table:
        raise _mismatch(name, what, suffix)
    if name:
        raise _not_data(name, what)
    if suffix in (".csv", ".tsv"):
        return "csv"
    try:
        text = decoded(content)
    except Rejected as rejected:
        if suffix in WORKBOOK_SUFFIXES:
            raise Rejected("E_CORRUPT", f"the file is no workbook inside; {RESAVE}") from rejected
        raise Rejected(
            "E_UNSUPPORTED", "a file of a kind that is not known here; save it as .xlsx"
        ) from rejected
    if suffix in WORKBOOK_SUFFIXES:
        separated = {"\t": "tab-separated text", "": "plain text"}
        raise _mismatch("text", separated.get(delimiter_of(text), "delimited text (CSV)"), suffix)
    if suffix == ".txt" and is_table(text):
        return "csv"
    raise _not_data("text", "plain text")


def _mismatch(name: str, what: str, suffix: str) -> Rejected:
    detail = f"the file is called {suffix}, but it is {what}; open it and save it as .xlsx"
    return Rejected("E_TYPE_MISMATCH", detail, found=name)


def _markup(content: bytes) -> tuple[str, str]:
    """Name a web page or XML by how it begins; ("", "") for anything else."""
    head = content[:4096].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if b"schemas-microsoft-com:office:spreadsheet" in head or b'progid="excel.sheet"' in head:
        return "spreadsheetml", "an XML Spreadsheet 2003"
    if head.startswith((b"<!doctype html", b"<html", b"<head", b"<table", b"<meta", b"<style")):
        return "html", "a web page (HTML)"
    if head.startswith(b"mime-version:"):
        return "mhtml", "a web page in one file (MHTML)"
    if head.startswith(b"<"):
        return ("html", "a web page (HTML)") if b"<html" in head else ("xml", "an XML file")
    return "", ""
