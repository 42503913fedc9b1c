"""The tables of the program: their columns, and how they are written and read."""

import csv
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
"""One row is one indicator over one single quarter or year: what charts over time draw."""

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

REVISIONS = (
    "against",
    "indicator",
    "place",
    "column",
    "former",
    "value",
    "difference",
    "cause",
    "where",
)
"""One row is one figure that an earlier report gave otherwise, and why."""

ROWS = ("file", "sheet", "row", "code", "text")
"""One row is one row of a workbook that was set aside, with the finding that did it."""

TABLES = {
    "facts": FACTS,
    "history": FACTS,
    "findings": FINDINGS,
    "values": VALUES,
    "standings": STANDINGS,
    "series": SERIES,
    "files": FILES,
    "corrections": CORRECTIONS,
    "rows": ROWS,
    "revisions": REVISIONS,
}

# What a spreadsheet program takes for the start of a formula; full-width signs in some locales.
_FORMULA = re.compile(r"'*[=+\-@\t\n＝＋－＠]")
_HARMLESS = re.compile(r"-?[0-9]+(?:\.[0-9]+)?|[=+\-@＝＋－＠]")  # a number, or a sign alone


def table(name: str, rows: Iterable[Mapping[str, object]]) -> "pd.DataFrame":
    """Make one of the tables from rows; every column is text, an absent value is ``""``.

    Numbers stay the exact decimal text they were given: a table is a record, not a computation.
    """
    import pandas as pd  # heavy, and who only writes tables needs none

    columns = list(TABLES[name])
    return pd.DataFrame(list(_texts(name, rows)), columns=columns, dtype=str)


def _texts(name: str, rows: Iterable[Mapping[str, object]]) -> Iterable[list[str]]:
    columns = TABLES[name]
    for row in rows:
        yield ["" if (value := row.get(column)) is None else str(value) for column in columns]


def write_table(name: str, frame: "pd.DataFrame", folder: Path) -> Path:
    """Write a table as CSV (UTF-8 with BOM, so that a spreadsheet program shows Chinese)."""
    return write_rows(name, records(frame), folder)


def write_rows(name: str, rows: Iterable[Mapping[str, object]], folder: Path) -> Path:
    """Write rows as `write_table` does."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table_file = csv.writer(file, lineterminator="\n")
        table_file.writerow(TABLES[name])
        for texts in _texts(name, rows):
            table_file.writerow([guarded(text) for text in texts])
    return path


def read_table(name: str, folder: Path) -> "pd.DataFrame":
    """Read a table back; every column is text, an absent value is ``""``."""
    import pandas as pd

    frame = pd.read_csv(
        folder / f"{name}.csv",
        dtype=str,
        keep_default_na=False,
        encoding="utf-8-sig",
    )
    return frame.map(unguarded)


def guarded(text: str) -> str:
    """Put a quote before text that a spreadsheet program would take for a formula.

    A carriage return becomes a line feed: alone it would end the row in the eyes of most readers.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{text}" if _FORMULA.match(text) and not _HARMLESS.fullmatch(text) else text


def unguarded(text: str) -> str:
    """Take the quote off again; text that starts with quotes of its own has one more."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def records(frame: "pd.DataFrame") -> list[dict[str, str]]:
    """The rows of a table as plain mappings, for templates and loops."""
    columns = [str(column) for column in frame.columns]
    return [
        dict(zip(columns, row, strict=True)) for row in frame.itertuples(index=False, name=None)
    ]
