"""What calamine does not say of an xlsx: its error cells and its formulas saved without a result.

A sheet's XML is walked only where its bytes hold an error cell or a formula at all.
Source: ECMA-376 part 1, 18.3.1.4 (`c`), 18.3.1.40 (`f`), 18.3.1.96 (`v`).
"""

import posixpath
import re
import zipfile
from collections.abc import Callable
from xml.parsers import expat

from nianbao.readers.workbook import CellError, Marks, Rejected, UncachedFormula

WORTH_A_WALK = re.compile(rb"""\st\s*=\s*["']e["']|<(?:[\w.-]+:)?f[\s/>]""")
STRICT = b"http://purl.oclc.org/ooxml/"

Start = Callable[[str, dict[str, str]], None]
End = Callable[[str], None]
Text = Callable[[str], None]


def scan_xlsx(archive: zipfile.ZipFile) -> dict[str, Marks]:
    """Find the error cells and formulas without a result, by sheet name.

    Raises `Rejected`: `E_UNSUPPORTED` for strict OOXML, `E_CORRUPT` for a part that is missing or
    fails its checksum, `E_XML_DTD` for a DTD in a part read here.
    """
    parts = {_folded(name): name for name in archive.namelist()}
    for name in parts.values():
        if name.endswith(("sharedStrings.xml", "styles.xml")):
            archive.read(name)  # zipfile holds it against its checksum, calamine does not
    workbook = _workbook_part(archive, parts)
    content = archive.read(parts[workbook])
    if STRICT in content:
        raise Rejected(
            "E_UNSUPPORTED",
            "a strict Open XML workbook; save it as .xlsx (Excel Workbook, not Strict)",
            found="strict",
        )
    folder, name = posixpath.split(workbook)
    targets = _targets(archive, parts, f"{folder}/_rels/{name}.rels".lstrip("/"), folder)
    marks: dict[str, Marks] = {}
    for sheet, relationship in _sheets(content):
        part = parts.get(targets.get(relationship, ""))
        if part is None:
            continue  # a sheet that leads nowhere; calamine says so where it matters
        xml = archive.read(part)
        if WORTH_A_WALK.search(xml) or xml.startswith((b"\xff\xfe", b"\xfe\xff")):
            marks.setdefault(sheet, _marks(xml))
    return marks


def _folded(part: str) -> str:
    return part.replace("\\", "/").lstrip("/").casefold()


def walk(xml: bytes, start: Start, end: End | None = None, text: Text | None = None) -> None:
    """Walk XML with local names only; a DTD, which no office program writes, is refused.

    Raises `Rejected` `E_XML_DTD`, or `expat.ExpatError` where the XML is broken.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True

    def refuse(*_: object) -> None:
        raise Rejected(
            "E_XML_DTD", "the file declares a document type of its own; save it anew as .xlsx"
        )

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda name, attributes: start(
        name.rpartition(" ")[2],
        {key.rpartition(" ")[2]: value for key, value in attributes.items()},
    )
    if end is not None:
        parser.EndElementHandler = lambda name: end(name.rpartition(" ")[2])
    if text is not None:
        parser.CharacterDataHandler = text
    parser.Parse(xml, True)


def _workbook_part(archive: zipfile.ZipFile, parts: dict[str, str]) -> str:
    """Find the workbook's main part, which need not be xl/workbook.xml."""
    found: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and attributes.get("Type", "").endswith("/officeDocument"):
            found.append(_folded(attributes.get("Target", "")))

    if "_rels/.rels" in parts:
        walk(archive.read(parts["_rels/.rels"]), start)
    for part in (*found, "xl/workbook.xml"):
        if part in parts:
            return part
    raise Rejected("E_CORRUPT", "the workbook's main part is missing; save the file anew as .xlsx")


def _targets(
    archive: zipfile.ZipFile, parts: dict[str, str], relationships: str, folder: str
) -> dict[str, str]:
    """Read where relationship ids lead: id to part name."""
    targets: dict[str, str] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        target = attributes.get("Target", "")
        if name == "Relationship" and target:
            absolute = target.startswith("/")
            path = target if absolute else posixpath.join(folder, target.replace("\\", "/"))
            targets[attributes.get("Id", "")] = _folded(posixpath.normpath(path))

    if relationships.casefold() in parts:
        walk(archive.read(parts[relationships.casefold()]), start)
    return targets


def _sheets(workbook: bytes) -> list[tuple[str, str]]:
    """List the sheets of a workbook part: name and relationship id."""
    sheets: list[tuple[str, str]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == "sheet":
            sheets.append((attributes.get("name", ""), attributes.get("id", "")))

    walk(workbook, start)
    return sheets


class _SheetWalk:
    """One pass over a sheet's XML, noting the cells that calamine would leave blank."""

    def __init__(self) -> None:
        self.marks: Marks = {}
        self.row = 0
        self.column = 0
        self.kind = ""
        self.formula: str | None = None
        self.value = ""
        self.inside = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "row":
            self.row = int(attributes.get("r", self.row + 1))
            self.column = 0
        elif name == "c":
            self.column += 1
            if "r" in attributes:
                self.row, self.column = position(attributes["r"])
            self.kind, self.formula, self.value = attributes.get("t", "n"), None, ""
        elif name in ("f", "v"):
            self.inside = name
            if name == "f":
                self.formula = ""

    def text(self, text: str) -> None:
        if self.inside == "v":
            self.value += text
        elif self.inside == "f":
            self.formula = (self.formula or "") + text

    def end(self, name: str) -> None:
        self.inside = ""
        if name != "c":
            return
        if self.kind == "e":
            self.marks[self.row, self.column] = CellError(self.value)
        # A formula that gave an empty text is saved as t="str" and an empty v: that is a result.
        elif self.formula is not None and not self.value and self.kind != "str":
            self.marks[self.row, self.column] = UncachedFormula(self.formula)


def _marks(xml: bytes) -> Marks:
    sheet = _SheetWalk()
    walk(xml, sheet.start, sheet.end, sheet.text)
    return sheet.marks


def position(cell: str) -> tuple[int, int]:
    """Take a cell's name apart: `F9` is (9, 6)."""
    letters = cell.rstrip("0123456789")
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(cell[len(letters) :]), column
