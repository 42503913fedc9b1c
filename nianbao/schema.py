"""The tables of the program: their columns, and how they are written and read."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

FACTS = (
    "period",
    "place",
    "item",
    "value",
    "qualifier",
    "raw",
    "form",
    "file",
    "sheet",
    "cell",
)
FINDINGS = (
    "severity",
    "code",
    "period",
    "place",
    "form",
    "item",
    "file",
    "sheet",
    "cell",
    "message",
)
VALUES = (
    "indicator",
    "period",
    "place",
    "numerator",
    "denominator",
    "value",
    "unit",
    "previous",
    "change",
    "change_kind",
    "completeness",
    "note",
)
STANDINGS = (
    "indicator",
    "period",
    "place",
    "target_year",
    "value",
    "op",
    "target",
    "gap",
    "attainment",
    "pace",
    "pace_kind",
    "standing",
    "basis",
    "department",
)
SERIES = ("indicator", "period", "place", "value", "unit")
"""One row is one indicator over one single quarter: what the quarterly charts draw."""

FILES = ("path", "sha256", "form", "rows_seen", "accepted", "excluded", "quarantined", "rejected")
"""One row is one file as it came in, and what became of its rows; `rejected` is a code or empty."""

CORRECTIONS = (
    "kind",
    "period",
    "place",
    "item",
    "form",
    "file",
    "sheet",
    "cell",
    "as_typed",
    "value",
    "reason",
    "by",
    "date",
)
"""One row is one decision of the office at one fact that it touches."""

ROWS = ("file", "sheet", "row", "code", "text")
"""One row is one row of a workbook that was set aside, with the finding that did it."""

TABLES = {
    "facts": FACTS,
    "findings": FINDINGS,
    "values": VALUES,
    "standings": STANDINGS,
    "series": SERIES,
    "files": FILES,
    "corrections": CORRECTIONS,
    "rows": ROWS,
}

# What a spreadsheet program takes for the start of a formula; full-width signs in some locales.
_FORMULA = re.compile(r"'*[=+\-@\t\n＝＋－＠]")
_HARMLESS = re.compile(r"-?[0-9]+(?:\.[0-9]+)?|[=+\-@＝＋－＠]")  # a number, or a sign alone


def table(name: str, rows: Iterable[Mapping[str, object]]) -> pd.DataFrame:
    """Make one of the tables from rows; every column is text, an absent value is ``""``.

    Numbers stay the exact decimal text they were given: a table is a record, not a computation.
    """
    columns = TABLES[name]
    records = [{c: "" if (v := row.get(c)) is None else str(v) for c in columns} for row in rows]
    return pd.DataFrame(records, columns=list(columns), dtype=str)


def write_table(name: str, frame: pd.DataFrame, folder: Path) -> Path:
    """Write a table as CSV (UTF-8 with BOM, so that a spreadsheet program shows Chinese)."""
    folder.mkdir(parents=True, exist_ok=True)
    guarded = frame.loc[:, list(TABLES[name])].map(_guard)
    path = folder / f"{name}.csv"
    guarded.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")
    return path


def read_table(name: str, folder: Path) -> pd.DataFrame:
    """Read a table back; every column is text, an absent value is ``""``."""
    frame = pd.read_csv(
        folder / f"{name}.csv",
        dtype=str,
        keep_default_na=False,
        encoding="utf-8-sig",
    )
    return frame.map(_unguard)


def _guard(text: str) -> str:
    """Put a quote before text that a spreadsheet program would take for a formula.

    A carriage return becomes a line feed: alone it would end the row in the eyes of most readers.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{text}" if _FORMULA.match(text) and not _HARMLESS.fullmatch(text) else text


def _unguard(text: str) -> str:
    """Take the quote off again; text that starts with quotes of its own has one more."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def records(frame: pd.DataFrame) -> list[dict[str, str]]:
    """The rows of a table as plain mappings, for templates and loops."""
    columns = [str(column) for column in frame.columns]
    return [
        dict(zip(columns, row, strict=True)) for row in frame.itertuples(index=False, name=None)
    ]
