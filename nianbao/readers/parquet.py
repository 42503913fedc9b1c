"""Parquet tables through DuckDB, which may touch nothing but a private copy of the one file."""

import itertools
import tempfile
from collections.abc import Mapping
from pathlib import Path

import duckdb

from nianbao.readers.occupied import MOST_COLUMNS
from nianbao.readers.workbook import Rejected, Sheet, sharing_texts

MOST_CELLS = 6_000_000  # of a ledger read whole; what a reader's memory holds
_AT_ONCE = 20_000
# What a cell may be as it stands; anything else is read as its text.
PLAIN = frozenset(
    (
        *("BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE"),
        *("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "VARCHAR", "DATE", "TIMESTAMP", "TIME"),
    )
)
SETTINGS: Mapping[str, str | int] = {  # nothing is fetched
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
}
_SMALL: Mapping[str, str | int] = {"threads": 1, "memory_limit": "256MB"}


def read_parquet(content: bytes, name: str) -> Sheet:
    """Read a Parquet table into one sheet called `name`, whose first row is the columns' names.

    Of two columns with one name the second gets another by DuckDB. Raises `Rejected`
    `E_DIM_LIMIT`, `E_CORRUPT`.
    """
    with tempfile.TemporaryDirectory(prefix="nianbao-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "table.parquet"
        path.write_bytes(content)
        try:
            with duckdb.connect(":memory:", config={**SETTINGS, **_SMALL}) as session:
                session.execute("SET allowed_paths = [$path]", {"path": str(path)})
                session.execute("SET enable_external_access = false")
                session.execute("SET lock_configuration = true")
                return Sheet(name, _rows(session, str(path)))
        except duckdb.Error as error:
            raise Rejected(
                "E_CORRUPT", "the Parquet table is damaged; hand it in again", found="parquet"
            ) from error


def _rows(session: duckdb.DuckDBPyConnection, path: str) -> tuple[tuple[object, ...], ...]:
    (found,) = session.execute(
        "SELECT num_rows FROM parquet_file_metadata($path)", {"path": path}
    ).fetchall()
    described = session.execute(
        "DESCRIBE SELECT * FROM read_parquet($path)", {"path": path}
    ).fetchall()
    columns = [(str(column), str(kind)) for column, kind, *_ in described]
    _check_size(int(found[0]), len(columns))
    cells = ", ".join(cell(column, kind) for column, kind in columns)
    # The cells are names of columns, quoted; the path goes as a parameter.
    query = session.execute(f"SELECT {cells} FROM read_parquet($path)", {"path": path})  # noqa: S608
    head = tuple(column for column, _ in columns)
    rows = itertools.chain.from_iterable(iter(lambda: query.fetchmany(_AT_ONCE), []))
    return (head, *sharing_texts(rows))


def check_columns(columns: int) -> None:
    """Raise `Rejected` `E_DIM_LIMIT` for more columns than any form has."""
    if columns > MOST_COLUMNS:
        detail = f"the table has {columns} columns; hand in those that the ledger asks for"
        raise Rejected("E_DIM_LIMIT", detail, found=str(columns))


def _check_size(rows: int, columns: int) -> None:
    if columns > MOST_COLUMNS or rows * columns > MOST_CELLS:
        raise Rejected(
            "E_DIM_LIMIT",
            f"the table has {rows:,} rows of {columns}, over {MOST_CELLS:,} cells; hand in the "
            "columns that the ledger asks for, or the ledger by months",
            found=f"{rows}×{columns}",
        )


def cell(column: str, kind: str) -> str:
    """A column in SQL, as its cells are read; what no sheet holds is read as its text."""
    quoted = '"' + column.replace('"', '""') + '"'
    return quoted if kind in PLAIN else f"CAST({quoted} AS VARCHAR)"
