"""Good files of the sample, damaged by chance from a seed, and what may come of each.

Damaged bytes: the same facts, or a finding. An edit of one cell: other facts at that address, or a
finding. Rows or columns that change places: the same facts, or a finding. Never a traceback.
"""

import io
import random
import re
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from pathlib import Path

from spreadsheets import Page, write_pages, zipped

from nianbao.catalogue import Catalogue, load_catalogue
from nianbao.cleaning import Cleaned, clean
from nianbao.facts import Fact
from nianbao.period import Period
from nianbao.readers import Rejected, Sheet, read_workbook
from nianbao.workspace import PROJECT, Workspace

PERIOD = Period(2023, 1)
FOLDER = PROJECT / "data/raw" / PERIOD.name
GOOD = (
    "12348*.csv", "*楸林*.csv", "普法*.csv", "*禾溪*.xls", "*枫屿*.xls", "W2-*.xlsx",
    "W4-*.xlsx", "W7-泉沄*.xlsx", "W8*.xlsx", "W11*.xlsx", "W9*.xlsx",
)  # fmt: skip
SLOWEST = 10.0  # seconds

Key = tuple[str, str, str, int]  # item, place, period, month
Numbers = dict[Key, tuple[Decimal | None, str]]
Cells = dict[tuple[str, int, int], object]


@dataclass(frozen=True)
class Case:
    """One damaged file: what it was, how it was damaged, and what may come of it."""

    name: str
    content: bytes
    kind: str
    good: bytes  # the file that it is held against
    touched: frozenset[tuple[str, int]] = frozenset()  # rows of an edit: sheet and row
    same: bool = False  # whether the facts have to be the same where nothing is found


@dataclass(frozen=True)
class Outcome:
    """What came of a damaged file; `wrong` is empty unless a number changed in silence."""

    kind: str
    result: str
    seconds: float
    wrong: str = ""


class Bench:
    """A workspace of one file, cleaned again and again."""

    def __init__(self, root: Path) -> None:
        self.workspace = Workspace(root)
        self.folder = root / "data/raw" / PERIOD.name
        self.folder.mkdir(parents=True, exist_ok=True)
        self.catalogue: Catalogue = load_catalogue(Workspace(PROJECT))
        self._good: dict[tuple[str, bytes], Cleaned] = {}

    def cleaned(self, name: str, content: bytes) -> Cleaned:
        """What cleaning makes of one file."""
        path = self.folder / name
        path.write_bytes(content)
        try:
            return clean(self.workspace, self.catalogue, PERIOD)
        finally:
            path.unlink()

    def good(self, case: Case) -> Cleaned:
        """What cleaning made of the file before it was damaged."""
        key = case.name, case.good
        if key not in self._good:
            self._good = {key: self.cleaned(*key)}
        return self._good[key]

    def cells(self, name: str, content: bytes) -> Cells | None:
        """All cells of a file that hold something; None where it cannot be read."""
        path = self.folder / name
        path.write_bytes(content)
        try:
            return _cells(read_workbook(path).sheets)
        except Rejected:
            return None
        finally:
            path.unlink()

    def tried(self, case: Case) -> Outcome:
        """Clean a damaged file and judge what came of it."""
        good = self.good(case)
        started = time.monotonic()
        got = self.cleaned(case.name, case.content)
        seconds = time.monotonic() - started
        if seconds > SLOWEST:
            return Outcome(case.kind, "too slow", seconds, f"{seconds:.1f} s")
        found = _said(got) - _said(good)
        if got.files and got.files[0].rejected:
            return Outcome(case.kind, f"refused {got.files[0].rejected}", seconds)
        changed = _changed(good, got)
        if not changed:
            return Outcome(case.kind, "found" if found else "the same", seconds)
        if found:
            return Outcome(case.kind, "found", seconds)
        return Outcome(case.kind, "edited", seconds, self._silent(case, good, got, changed))

    def _silent(self, case: Case, good: Cleaned, got: Cleaned, changed: set[Key]) -> str:
        """Why a number that changed in silence should not have; "" where no reader could tell."""
        if case.same:
            return f"other facts, nothing found: {sorted(changed)[:3]}"
        if case.touched:
            facts = [*good.facts, *got.facts]
            far = {
                key
                for key in changed
                if not any(_touches(f, case) for f in facts if _key(f) == key)
            }
            return f"facts elsewhere: {sorted(far)[:3]}" if far else ""
        before, after = self.cells(case.name, case.good), self.cells(case.name, case.content)
        if before is None or after is None:
            return f"unreadable, yet other facts: {sorted(changed)[:3]}"
        return _not_one_edit(before, after)


def _cells(sheets: tuple[Sheet, ...]) -> Cells:
    return {
        (sheet.name, r, c): value
        for sheet in sheets
        for r, row in enumerate(sheet.rows, 1)
        for c, value in enumerate(row, 1)
        if value is not None
    }


def _not_one_edit(before: Cells, after: Cells) -> str:
    """Nothing where only one thing reads otherwise: a cell, or a text that cells share.

    Without a checksum (xls, csv, xml in a repaired zip) that is as good as an edit by hand.
    """
    differ = {at for at in before.keys() | after.keys() if before.get(at) != after.get(at)}
    were, are = {before.get(at) for at in differ}, {after.get(at) for at in differ}
    moved = len(differ) == 2 and were == are and None in were
    if len(were) == len(are) == 1 or moved:
        return ""
    cut = set(after) < set(before) and all(before[at] == after[at] for at in after)
    rows = {(sheet, row) for sheet, row, _ in differ}
    if cut and not rows & {(sheet, row) for sheet, row, _ in after}:
        return ""  # whole rows are gone, as if they had never been typed
    return f"{len(differ)} cells read otherwise: {sorted(differ)[:3]}"


def _key(fact: Fact) -> Key:
    return fact.item, fact.place, fact.period, fact.month


def _numbers(got: Cleaned) -> Numbers:
    return {_key(fact): (fact.value, fact.qualifier) for fact in got.facts}


def _changed(good: Cleaned, got: Cleaned) -> set[Key]:
    before, after = _numbers(good), _numbers(got)
    return {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}


def _said(got: Cleaned) -> Counter[tuple[str, ...]]:
    """Errors and warnings, wherever they stand: a row that moved takes its finding along."""
    return Counter(
        (finding.code, finding.place, finding.item, finding.words.get("name", ""))
        for finding in got.findings
        if finding.severity != "info"
    )


def _touches(fact: Fact, case: Case) -> bool:
    """Whether a fact was read from a row that was edited, or counted from it."""
    rows = {row for sheet, row in case.touched if sheet == fact.sheet}
    for part in fact.cell.split(","):
        ends = [int(re.sub("[A-Z]", "", end)) for end in part.split(":")]
        if any(ends[0] <= row <= ends[-1] for row in rows):
            return True
    return False


# ── damage ────────────────────────────────────────────────────────────────────

Damage = Callable[[random.Random, str, bytes], Case]


@cache
def good_files() -> tuple[tuple[str, bytes], ...]:
    """Files of the sample, and two of them as ods: name and content."""
    files = [path for pattern in GOOD for path in sorted(FOLDER.glob(pattern))[:1]]
    named = [(path.name, path.read_bytes()) for path in files]
    named += [
        (f"{path.stem}.ods", _as_ods(path)) for path in files if path.name[:2] in ("W7", "W4")
    ]
    return tuple(named)


def _as_ods(path: Path) -> bytes:
    return _written(list(read_workbook(path).sheets), ".ods")


def _written(sheets: list[Sheet], ending: str) -> bytes:
    pages = [
        Page(s.name, [[_plain(cell) for cell in row] for row in s.rows], s.merges) for s in sheets
    ]
    with tempfile.TemporaryDirectory() as folder:
        return write_pages(Path(folder) / f"x{ending}", pages).read_bytes()


def _plain(cell: object) -> object:
    return cell if cell is None or isinstance(cell, (int, float, str)) else str(cell)[:10]


def make_case(seed: int) -> Case:
    """The damaged file of a seed."""
    chance = random.Random(seed)  # noqa: S311 - seeded, not secret
    name, content = chance.choice(good_files())
    kinds = [*BYTES, *(EDITS if not name.endswith(".csv") else CSV_EDITS)]
    if zipfile.is_zipfile(io.BytesIO(content)):
        kinds += [*ZIPS]
    made = chance.choice(kinds)(chance, name, content)
    while made.content == made.good:
        made = chance.choice(kinds)(chance, name, content)
    return made


def _flip(chance: random.Random, name: str, content: bytes) -> Case:
    damaged = bytearray(content)
    for _ in range(chance.choice((1, 1, 1, 3))):
        damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
    return Case(name, bytes(damaged), "bits flipped", content)


def _one_flip(chance: random.Random, name: str, content: bytes) -> Case:
    damaged = bytearray(content)
    damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
    return Case(name, bytes(damaged), "one bit flipped", content)


def _truncated(chance: random.Random, name: str, content: bytes) -> Case:
    return Case(name, content[: chance.randrange(len(content))], "cut short", content)


def _zero_tail(chance: random.Random, name: str, content: bytes) -> Case:
    at = chance.randrange(len(content))
    return Case(name, content[:at] + bytes(len(content) - at), "zero tail", content)


def _more(chance: random.Random, name: str, content: bytes) -> Case:
    more = chance.randbytes(chance.randrange(1, 200))
    return Case(name, content + more, "bytes behind the end", content)


def _recoded(chance: random.Random, name: str, content: bytes) -> Case:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030")
    encoding = chance.choice(("utf-8", "utf-8-sig", "utf-16", "gb18030", "gbk", "big5", "utf-7"))
    recoded = text.encode(encoding, "replace")
    return Case(name, recoded, f"csv as {encoding}", content, same=True)


def _csv_byte(chance: random.Random, name: str, content: bytes) -> Case:
    at = chance.randrange(len(content))
    typed = chance.choice((b",", b'"', b"\n", b"0", b"9", b" ", b"\xff", b""))
    return Case(name, content[:at] + typed + content[at + 1 :], "csv byte typed over", content)


def _members(content: bytes) -> dict[str, str | bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _xml_letter(chance: random.Random, name: str, content: bytes) -> Case:
    members = _members(content)
    part = chance.choice([member for member in members if member.endswith(".xml")])
    xml = bytearray(members[part])
    xml[chance.randrange(len(xml))] = chance.choice(b'0123456789<>/"=s nBC')
    return Case(name, zipped({**members, part: bytes(xml)}), "xml letter typed over", content)


def _xml_tag(chance: random.Random, name: str, content: bytes) -> Case:
    members = _members(content)
    part = chance.choice([member for member in members if re.search("sheet|content", member)])
    xml = bytes(members[part])  # type: ignore[arg-type]
    tags = [*re.finditer(rb"<[^>]*>", xml)]
    tag = chance.choice(tags)
    return Case(
        name,
        zipped({**members, part: xml[: tag.start()] + xml[tag.end() :]}),
        "xml tag gone",
        content,
    )


def _member_gone(chance: random.Random, name: str, content: bytes) -> Case:
    members = _members(content)
    del members[chance.choice(list(members))]
    return Case(name, zipped(members), "zip member gone", content, same=True)


def _edited(
    chance: random.Random,
    name: str,
    content: bytes,
    change: Callable[[random.Random, list[list[object]], list[int]], tuple[set[int], bool] | None],
    kind: str,
) -> Case:
    """A workbook written anew, with something changed in the rows of one sheet."""
    ending = Path(name).suffix
    sheets = list(_sheets(name, content))
    good = _written(sheets, ending)
    at = chance.randrange(len(sheets))
    sheet = sheets[at]
    rows = [list(row) for row in sheet.rows]
    merged = {row for top, _, bottom, _ in sheet.merges for row in range(top, bottom + 1)}
    body = [
        n for n, row in enumerate(rows, 1)
        if n not in merged and sum(cell is not None for cell in row) > 2 and n > 3
    ]  # fmt: skip
    made = change(chance, rows, body) if len(body) > 1 else None
    if made is None:
        return Case(name, good, "written anew", good, same=True)
    touched, same = made
    sheets[at] = replace(sheet, rows=tuple(tuple(row) for row in rows))
    where = frozenset((sheet.name, row) for row in touched)
    return Case(name, _written(sheets, ending), kind, good, where, same)


@cache
def _sheets(name: str, content: bytes) -> tuple[Sheet, ...]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        return read_workbook(path).sheets


TYPED = (
    "若干", "2+1", "约120", "１２", None, "××", "无", "/", "", 0, -3, 2.5, 7777777, "=1+1", "甲镇",
    "\u200b12", "98.5%", "2023-02-30", "合计", "1e5",
)  # fmt: skip


def _cell_typed(chance: random.Random, name: str, content: bytes) -> Case:
    def change(
        chance: random.Random, rows: list[list[object]], body: list[int]
    ) -> tuple[set[int], bool]:
        row = chance.choice(body)
        column = chance.randrange(len(rows[row - 1]))
        was = rows[row - 1][column]
        near = was + chance.choice((-1, 1, 10)) if isinstance(was, (int, float)) else was
        rows[row - 1][column] = chance.choice((*TYPED, near, near, near))
        return {row}, False

    return _edited(chance, name, content, change, "a cell typed over")


def _rows_swapped(chance: random.Random, name: str, content: bytes) -> Case:
    def change(
        chance: random.Random, rows: list[list[object]], body: list[int]
    ) -> tuple[set[int], bool]:
        one, other = chance.sample(body, 2)
        rows[one - 1], rows[other - 1] = rows[other - 1], rows[one - 1]
        return {one, other}, True

    return _edited(chance, name, content, change, "two rows swapped")


def _row_doubled(chance: random.Random, name: str, content: bytes) -> Case:
    def change(
        chance: random.Random, rows: list[list[object]], body: list[int]
    ) -> tuple[set[int], bool] | None:
        row = body[-1]
        if row != len(rows):
            return None  # what stands below would move
        rows.append(list(rows[row - 1]))
        return {row, row + 1}, False

    return _edited(chance, name, content, change, "a row doubled")


def _row_emptied(chance: random.Random, name: str, content: bytes) -> Case:
    def change(
        chance: random.Random, rows: list[list[object]], body: list[int]
    ) -> tuple[set[int], bool]:
        row = chance.choice(body)
        rows[row - 1] = [None] * len(rows[row - 1])
        return {row}, False

    return _edited(chance, name, content, change, "a row emptied")


def _columns_swapped(chance: random.Random, name: str, content: bytes) -> Case:
    """Two columns with their whole heads; only where heads are one row deep can that be told."""

    def change(
        chance: random.Random, rows: list[list[object]], body: list[int]
    ) -> tuple[set[int], bool] | None:
        if not all(isinstance(cell, (str, type(None))) for cell in rows[1]) or None in rows[1]:
            return None
        one, other = chance.sample(range(len(rows[1])), 2)
        for row in rows[1:]:
            row[one], row[other] = row[other], row[one]
        return set(range(1, len(rows) + 1)), True

    return _edited(chance, name, content, change, "two columns swapped")


BYTES: tuple[Damage, ...] = (_one_flip, _flip, _truncated, _zero_tail, _more)
ZIPS: tuple[Damage, ...] = (_xml_letter, _xml_letter, _xml_tag, _member_gone)
EDITS: tuple[Damage, ...] = (
    _cell_typed, _cell_typed, _rows_swapped, _row_doubled, _row_emptied, _columns_swapped,
)  # fmt: skip
CSV_EDITS: tuple[Damage, ...] = (_csv_byte, _recoded, _cell_typed, _rows_swapped, _row_emptied)


def cases(first: int, number: int) -> Iterator[tuple[int, Case]]:
    """Damaged files of successive seeds."""
    return ((seed, make_case(seed)) for seed in range(first, first + number))
