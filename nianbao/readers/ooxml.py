"""An xlsx before calamine has it: how far it reaches, and what calamine does not say of it.

calamine leaves error cells and formulas saved without a result blank, takes the last of two cells
of one address, and asks for memory by the farthest cell. A sheet whose bytes are plain (no error
cells, cells and formulas spelled the usual way) is looked at by its bytes, any other is walked.
Source: ECMA-376 part 1, 18.3.1.4 (`c`), 18.3.1.40 (`f`), 18.3.1.96 (`v`).
"""

import html
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from xml.parsers import expat

from nianbao.readers.occupied import Occupied, place
from nianbao.readers.package import Package, folded
from nianbao.readers.workbook import RESAVE, CellError, Marks, Rejected, UncachedFormula

STRICT = b"http://purl.oclc.org/ooxml/"
# A cell that holds something, spelled the usual way; cells spelled otherwise, with a prefix too.
FILLED = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"[^<>/]*>(?!</c>)')
UNUSUAL = re.compile(rb'<c(?![a-zA-Z]| r="[A-Z]{1,3}[0-9]{1,7}"[^<>/]*/?>)')
PREFIXED = re.compile(rb":c[\s/>]")
FORMULA = re.compile(rb"<f[\s/>]")
# A cell with a formula, spelled the usual way: name, attributes, formula, value.
CALCULATED = re.compile(
    rb'<c r="([A-Z]{1,3})([0-9]{1,7})"([^<>/]*)>'
    rb"<f(?:\s[^<>]*)?(?:/>|(?<!/)>([^<>]*)</f>)"
    rb"(?:<v ?/>|<v>([^<>]*)</v>)?</c>"
)
CONTENTS = (b"<v", b"<is", b"<f")  # what a cell may hold
# What sends a sheet to be walked: UTF-16, comments, and error cells (`t="e"`).
STRANGE = (b"\0", b"<!", b'"e"', b"'e'")
PROVED_BYTES = 16 << 20  # of a sheet that is proved well-formed; a larger one takes seconds

Start = Callable[[str, dict[str, str]], None]
End = Callable[[str], None]
Text = Callable[[str], None]


def scan_xlsx(package: Package) -> dict[str, Marks]:
    """Check every part, and find the error cells and formulas without a result, by sheet name.

    Raises `Rejected`: `E_UNSUPPORTED` for strict OOXML; `E_CORRUPT`, `E_XML_DTD`, `E_ZIP_BOMB` for
    a part that is damaged, declares a DTD, or does not end; `E_DIM_LIMIT`, `E_DUP_CELL`,
    `E_DUP_SHEET`.
    """
    workbook = _workbook_part(package)
    content = package.read(workbook)
    if STRICT in content:
        raise Rejected(
            "E_UNSUPPORTED",
            "a strict Open XML workbook; save it as .xlsx (Excel Workbook, not Strict)",
            found="strict",
        )
    folder, name = posixpath.split(workbook)
    targets = _targets(package, f"{folder}/_rels/{name}.rels".lstrip("/"), folder)
    listed = _sheets(content)
    refuse_twins(sheet for sheet, _ in listed)
    # A sheet that leads nowhere is left out here; calamine may find it yet, and is then not heard.
    parts = {sheet: targets.get(relationship, "") for sheet, relationship in listed}
    parts = {sheet: part for sheet, part in parts.items() if part in package.members}
    package.check(but=frozenset(parts.values()))
    occupied = Occupied()
    marks: dict[str, Marks] = {}
    for sheet, part in parts.items():
        occupied.begin(sheet)
        plain = _plain_marks(package.pieces(part), occupied)
        if plain is None:
            occupied.begin(sheet)
            plain = _marks(package.pieces(part), occupied)
        marks[sheet] = plain
    return marks


def refuse_twins(names: Iterable[str]) -> None:
    """Refuse two sheets of one name, which no address could tell apart."""
    seen: set[str] = set()
    for name in names:
        if name.casefold() in seen:
            raise Rejected(
                "E_DUP_SHEET",
                f"two sheets are called {name}; rename or remove one of them",
                found=name,
            )
        seen.add(name.casefold())


def walk(
    pieces: Iterable[bytes], start: Start, end: End | None = None, text: Text | None = None
) -> None:
    """Walk XML with local names only; a DTD, which no office program writes, is refused.

    Raises `Rejected` `E_XML_DTD`, or `expat.ExpatError` where the XML is broken.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True

    def refuse(*_: object) -> None:
        raise Rejected("E_XML_DTD", f"the file declares a document type of its own; {RESAVE}")

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda name, attributes: start(
        name.rpartition(" ")[2],
        {key.rpartition(" ")[2]: value for key, value in attributes.items()},
    )
    if end is not None:
        parser.EndElementHandler = lambda name: end(name.rpartition(" ")[2])
    if text is not None:
        parser.CharacterDataHandler = text
    for piece in pieces:
        parser.Parse(piece, False)
    parser.Parse(b"", True)


def _workbook_part(package: Package) -> str:
    """Find the workbook's main part, which need not be xl/workbook.xml."""
    found: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and attributes.get("Type", "").endswith("/officeDocument"):
            found.append(folded(attributes.get("Target", "")))

    if "_rels/.rels" in package.members:
        walk(package.pieces("_rels/.rels"), start)
    for part in (*found, "xl/workbook.xml"):
        if part in package.members:
            return part
    raise Rejected("E_CORRUPT", "the workbook's main part is missing; save the file anew as .xlsx")


def _targets(package: Package, relationships: str, folder: str) -> dict[str, str]:
    """Read where relationship ids lead: id to part name."""
    targets: dict[str, str] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        target = attributes.get("Target", "").replace("\\", "/")
        if name == "Relationship" and target:
            path = target if target.startswith("/") else posixpath.join(folder, target)
            targets[attributes.get("Id", "")] = folded(posixpath.normpath(path))

    if relationships in package.members:
        walk(package.pieces(relationships), start)
    return targets


def _sheets(workbook: bytes) -> list[tuple[str, str]]:
    """List the sheets of a workbook part: name and relationship id."""
    sheets: list[tuple[str, str]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == "sheet":
            sheets.append((attributes.get("name", ""), attributes.get("id", "")))

    walk((workbook,), start)
    return sheets


def _plain_marks(pieces: Iterator[bytes], occupied: Occupied) -> Marks | None:
    """Count the filled cells of a plain sheet and mark its formulas; None if it is not plain."""
    marks: Marks = {}
    rest = b""
    proof = expat.ParserCreate()
    proved = 0
    for piece in pieces:
        if proved < PROVED_BYTES:
            proof.Parse(piece, False)
        proved += len(piece)
        seen = rest + piece
        # A cell never reaches over the beginning of the next cell or row.
        cut = max(seen.rfind(b"<c "), seen.rfind(b"<row"), seen.rfind(b"</row>"), 0)
        whole, rest = seen[:cut], seen[cut:]
        if not _take_plain(whole, marks, occupied):
            return None
    if proved < PROVED_BYTES:
        proof.Parse(b"", True)
    return marks if _take_plain(rest, marks, occupied) else None


def _take_plain(xml: bytes, marks: Marks, occupied: Occupied) -> bool:
    if any(sign in xml for sign in STRANGE) or PREFIXED.search(xml):
        return False
    if not any(sign in xml for sign in CONTENTS):
        return True  # a million formatted cells go by here
    formulas = CALCULATED.findall(xml)
    if UNUSUAL.search(xml) or len(formulas) != len(FORMULA.findall(xml)):
        return False
    occupied.take([int(row) << 16 | column_number(name) for name, row in FILLED.findall(xml)])
    for name, row, attributes, formula, value in formulas:
        # A formula that gave an empty text is saved as t="str" and an empty v: that is a result.
        if not value and b"str" not in attributes:
            typed = html.unescape(formula.decode("utf-8", "replace"))
            marks[int(row), column_number(name)] = UncachedFormula(typed)
    return True


@lru_cache(maxsize=2048)
def column_number(letters: bytes) -> int:
    """Number a column by its letters: `F` is 6."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def _marks(pieces: Iterator[bytes], occupied: Occupied) -> Marks:
    sheet = _SheetWalk(occupied)
    walk(pieces, sheet.start, sheet.end, sheet.text)
    sheet.count()
    return sheet.marks


class _SheetWalk:
    """One pass over a sheet's XML, noting the cells that calamine would leave blank."""

    def __init__(self, occupied: Occupied) -> None:
        self.occupied = occupied
        self.places: list[int] = []
        self.marks: Marks = {}
        self.row = 0
        self.column = 0
        self.kind = ""
        self.formula: str | None = None
        self.value = ""
        self.inside = ""
        self.filled = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "row":
            self.row = int(attributes.get("r", self.row + 1))
            self.column = 0
        elif name == "c":
            self.column += 1
            if "r" in attributes:
                self.row, self.column = position(attributes["r"])
            self.kind, self.formula, self.value = attributes.get("t", "n"), None, ""
            self.filled = False
        elif name in ("f", "v", "is"):
            self.inside = name
            self.filled = True
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
        if self.filled:
            self.places.append(place(self.row, self.column))
            if len(self.places) == 4096:
                self.count()
        if self.kind == "e":
            self.marks[self.row, self.column] = CellError(self.value)
        # A formula that gave an empty text is saved as t="str" and an empty v: that is a result.
        elif self.formula is not None and not self.value and self.kind != "str":
            self.marks[self.row, self.column] = UncachedFormula(self.formula)

    def count(self) -> None:
        """Hand over the cells found since the last time."""
        self.occupied.take(self.places)
        self.places = []


def position(cell: str) -> tuple[int, int]:
    """Take a cell's name apart: `F9` is (9, 6)."""
    letters = cell.rstrip("0123456789")
    return int(cell[len(letters) :]), column_number(letters.upper().encode())
