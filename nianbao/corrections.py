"""data/corrections.csv: the office's decisions on cells, superseding files, restated bases."""

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path

from nianbao.catalogue.source import did_you_mean, not_utf8, twice, unknown
from nianbao.errors import CatalogueError
from nianbao.facts import Decision
from nianbao.period import Period, squeezed
from nianbao.readers import Sheet
from nianbao.rows import cell_at, typed_text
from nianbao.schema import unguarded
from nianbao.terminal import say

NAME = "data/corrections.csv"
COLUMNS = (
    "kind",
    "period",
    "file_sha256",
    "sheet",
    "cell",
    "as_typed",
    "value",
    "reason",
    "by",
    "date",
)
BLANK = "____"  # stands in a proposed line for what a person has to fill in
KINDS = ("value", "restates", "supersedes")
_OTHER_NAMES = {"file sha256": "file_sha256", "sha256": "file_sha256", "file": "file_sha256"}
_CELL = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")


def read_corrections(path: Path) -> tuple[Decision, ...]:
    """Read the decisions in their order; none where there is no file.

    `kind` may be left out or blank, meaning `value`. Raises CatalogueError with line and column
    for an unknown column or kind, and for a row without its reason, file or cell.
    """
    if not path.exists():
        return ()
    reader = csv.reader(io.StringIO(_decoded(path.read_bytes())))
    header = [_OTHER_NAMES.get(name.strip(), name.strip()) for name in next(reader, [])]
    for column, name in enumerate(header, 1):
        if name not in COLUMNS:
            hint = did_you_mean(name, COLUMNS)
            raise CatalogueError(f"{NAME}:1:{column}: {unknown(name, hint, zh='栏', en='column')}")
        if name in header[: column - 1]:
            raise CatalogueError(f"{NAME}:1:{column}: {twice(name)}")
    return tuple(
        _decision(header, row, reader.line_num) for row in reader if any(map(str.strip, row))
    )


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass  # Excel saves csv in the system's own encoding
    try:
        return content.decode("gb18030")
    except UnicodeDecodeError as error:
        raise CatalogueError(f"{NAME}:1:1: {not_utf8()}") from error


def _decision(header: list[str], cells: list[str], line: int) -> Decision:
    def wrong(name: str, message: str) -> CatalogueError:
        column = header.index(name) + 1 if name in header else 1
        return CatalogueError(f"{NAME}:{line}:{column}: {message}")

    if len(cells) > len(header) and any(cells[len(header) :]):
        text = say(
            zh=f"本行有{len(cells)}格，表头只有{len(header)}栏；含逗号的文字请加双引号",
            en=f"the row has {len(cells)} cells under {len(header)} columns; "
            "put text that holds a comma in double quotes",
        )
        raise wrong(header[-1], text)
    row = {name: unguarded(text.strip()) for name, text in zip(header, cells, strict=False)}
    row = dict.fromkeys(COLUMNS, "") | row
    if blank := [name for name in COLUMNS if row[name] == BLANK]:
        text = say(
            zh=f"请填写{'、'.join(blank)}，替换{BLANK}（核实的数、原因、经办人、日期YYYY-MM-DD）",
            en=f"fill in {', '.join(blank)} in the place of {BLANK} "
            "(what was found out, why, by whom, YYYY-MM-DD)",
        )
        raise wrong(blank[0], text)
    kind = row["kind"] or "value"
    if kind not in KINDS:
        raise wrong("kind", unknown(kind, did_you_mean(kind, KINDS), zh="种类", en="kind"))
    if not row["reason"]:
        raise wrong("reason", say(zh="请写明原因", en="a decision needs its reason"))
    try:
        Period.parse(row["period"])
    except ValueError as error:
        raise wrong("period", str(error)) from error
    if not re.fullmatch("[0-9a-f]{64}", row["file_sha256"].lower()):
        hint = say(
            zh="请写文件的sha256，共64位数字和字母a–f（见files.csv）",
            en="name the file by its sha256, 64 digits and letters a–f (see files.csv)",
        )
        raise wrong("file_sha256", hint)
    if kind != "supersedes" and not _CELL.fullmatch(row["cell"].upper()):
        raise wrong(
            "cell",
            say(
                zh=f"“{row['cell']}”不是单元格地址，请写成F9的样式",
                en=f"“{row['cell']}” is no cell; write one such as F9",
            ),
        )
    return Decision(
        kind=kind,
        period=row["period"],
        sha256=row["file_sha256"].lower(),
        sheet=row["sheet"],
        cell=row["cell"].upper(),
        as_typed=row["as_typed"],
        value=row["value"],
        reason=row["reason"],
        by=row["by"],
        date=row["date"],
        line=line,
    )


def for_sheet(
    decisions: Iterable[Decision], sha256: str, sheet: str, *, restate: bool
) -> dict[str, Decision]:
    """The decisions about the cells of one sheet: cell → decision.

    A restated base counts only in a later year's report (`restate`): a year's own report says what
    was reported then.
    """
    wanted = ("value", "restates") if restate else ("value",)
    return {
        d.cell: d
        for d in decisions
        if d.sha256 == sha256 and d.sheet in ("", sheet, sheet.strip()) and d.kind in wanted
    }


@dataclass(frozen=True, slots=True)
class Corrected:
    """A sheet with the office's decisions in their cells.

    `fitting` are those that were put there; `stale` those that were not, for their cell does not
    read as they say, each with what it reads.
    """

    sheet: Sheet
    fitting: dict[str, Decision]
    stale: tuple[tuple[Decision, str], ...]


def corrected(sheet: Sheet, decisions: dict[str, Decision]) -> Corrected:
    """Put the decisions that fit a sheet into its cells."""
    if not decisions:
        return Corrected(sheet, {}, ())
    rows = [list(row) for row in sheet.rows]
    stale: list[tuple[Decision, str]] = []
    for cell, decision in decisions.items():
        row, column = _position(cell)
        typed = typed_text(cell_at(sheet.rows[row - 1], column)) if row <= len(rows) else ""
        inside = row <= len(rows) and column <= len(rows[row - 1])
        if inside and _same(typed, decision.as_typed):
            rows[row - 1][column - 1] = decision.value
        else:
            stale.append((decision, typed))
    refused = {decision.cell for decision, _ in stale}
    fitting = {cell: decision for cell, decision in decisions.items() if cell not in refused}
    changed = replace(sheet, rows=tuple(tuple(row) for row in rows))
    return Corrected(changed, fitting, tuple(stale))


def _same(typed: str, recorded: str) -> bool:
    if squeezed(typed) == squeezed(recorded):
        return True
    try:
        return Decimal(squeezed(typed)) == Decimal(squeezed(recorded))
    except InvalidOperation:
        return False


def _position(cell: str) -> tuple[int, int]:
    """Row and column of an address: F9 is (9, 6)."""
    found = _CELL.fullmatch(cell)
    if not found:
        raise ValueError(f"{cell!r} is no cell")
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(found[2]), column
