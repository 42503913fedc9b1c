"""The process behind `nianbao.readers.database`: one file, made a table, and questions about it."""

import contextlib
import hashlib
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from nianbao.readers.delimited import OPEN_END
from nianbao.readers.opening import Seen, check_unchanged
from nianbao.readers.parquet import PLAIN, SETTINGS, cell, check_columns
from nianbao.readers.sniff import PARQUET, sniff
from nianbao.readers.tidy import Text, head_rows, look_through, write_anew
from nianbao.readers.wire import LENGTH, pack, too_much, unpack
from nianbao.readers.workbook import Rejected
from nianbao.readers.worker import limit_time, streams

_ENDS = 4096  # bytes at either end of a file, which tell what it is
_HEAD_ROWS = 200
_OURS = (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException)


def serve() -> None:
    """Answer questions on standard input until there are no more."""
    questions, answers = streams()
    start = unpack(questions.readline())
    limit_time(start["seconds"])
    table = _Table(start)
    try:
        for line in questions:
            packed = pack(_answer(table, unpack(line)))
            answers.write(len(packed).to_bytes(LENGTH, "little") + packed)
            answers.flush()
    finally:  # the program that asked may be gone
        shutil.rmtree(start["folder"], ignore_errors=True)


def _answer(table: "_Table", question: dict[str, Any]) -> dict[str, object]:
    try:
        return {"told": table.answer(question)}
    except Rejected as rejected:
        return {"rejected": [rejected.code, rejected.detail, rejected.found, rejected.sha256]}
    except OSError as error:
        return {"refused": [error.errno, error.strerror]}
    except (duckdb.OutOfMemoryException, MemoryError):
        refused = too_much("in the memory that a file is given", table.sha256)
        return {"rejected": [refused.code, refused.detail, refused.found, refused.sha256]}
    except _OURS as error:  # the statement is wrong, whatever the file
        return {"failed": str(error)}
    except duckdb.Error:
        detail = "the table is damaged; hand it in again"
        return {"rejected": ["E_CORRUPT", detail, table.kind, table.sha256]}


class _Table:
    """One file: parquet as it is, delimited text in a table of the private folder."""

    def __init__(self, start: dict[str, Any]) -> None:
        self.path, self.seen = Path(start["path"]), Seen(**start["seen"])
        self.folder = Path(start["folder"])
        self.kind = self.sha256 = ""
        self.notes: list[tuple[str, str]] = []
        settings = {
            **SETTINGS,
            "threads": start["threads"],
            "memory_limit": f"{start['megabytes']}MB",
            "temp_directory": str(self.folder / "spilled"),
        }
        self.session = duckdb.connect(str(self.folder / "table.duckdb"), config=settings)
        self.session.execute(
            "SET allowed_paths = [$given, $anew]",
            {"given": str(self.path), "anew": str(self.folder / "anew.csv")},
        )
        self.session.execute("SET force_compression = 'uncompressed'")  # costs more than it saves
        # What is looked up in is small, whatever is thought of the size of the file.
        self.session.execute("SET disabled_optimizers = 'build_side_probe_side,join_order'")
        self.session.execute("SET enable_progress_bar = false")
        self.session.execute("SET enable_external_access = false")
        self.session.execute("SET lock_configuration = true")

    def answer(self, question: dict[str, Any]) -> object:
        """Do what is asked for. Raises `Rejected`, OSError, duckdb.Error."""
        if "sql" in question:
            return self._rows(question["sql"], question["params"])
        if "head" in question:
            return self._head()
        if "load" in question:
            return self._load()
        check_unchanged(self.path, self.seen)
        return None

    def _rows(self, sql: str, params: dict[str, object]) -> Sequence[Sequence[object]]:
        done = self.session.execute(sql, params)
        return done.fetchall() if done.description else []

    def _head(self) -> tuple[tuple[object, ...], ...]:
        """The first rows. Raises `Rejected` for what is neither text nor parquet too."""
        check_unchanged(self.path, self.seen)
        with self.path.open("rb") as file:
            begin = file.read(_ENDS)
            file.seek(max(0, self.seen.size - _ENDS))
            ends = begin + file.read(_ENDS)
        suffix = self.path.suffix.casefold() if begin.startswith(PARQUET) else ".csv"
        found = sniff(ends, suffix)
        self.kind, self.notes = found.kind, list(found.notes)
        if self.kind == "csv":
            return head_rows(self.path)
        columns = self._columns()
        rows = self._rows(f"SELECT {_listed(columns)} FROM read_parquet($path) LIMIT {_HEAD_ROWS}",
                          {"path": str(self.path)})  # fmt: skip
        return (tuple(name for name, _ in columns), *map(tuple, rows))

    def _columns(self) -> list[tuple[str, str]]:
        described = self._rows(
            "DESCRIBE SELECT * FROM read_parquet($path)", {"path": str(self.path)}
        )
        check_columns(len(described))
        return [(str(name), str(kind)) for name, kind, *_ in described]

    def _load(self) -> object:
        if self.kind == "csv":
            text = look_through(self.path)
            self.sha256 = text.sha256
            self._copy(text)
            self.notes += [OPEN_END] if text.open_end else []
        else:
            self.sha256 = _sha256(self.path)
            self.session.execute(
                f"CREATE VIEW cells AS SELECT file_row_number + 2 AS n, {_listed(self._columns())} "
                f"FROM read_parquet({_quoted(self.path)}, file_row_number = true)"
            )
        check_unchanged(self.path, self.seen)
        kinds = [str(kind) for _, kind, *_ in self._rows("DESCRIBE cells", {})]
        return self.sha256, kinds[1:], self.notes

    def _copy(self, text: Text) -> None:
        """Copy a text into the table `typed`; the reader's own rules say what is wrong with it."""
        if text.tidy:
            with contextlib.suppress(duckdb.Error):
                self._read_csv(text)
                return
        try:
            self._read_csv(write_anew(text, self.folder / "anew.csv"))
        except Rejected as rejected:
            rejected.sha256 = text.sha256
            raise

    def _read_csv(self, text: Text) -> None:
        """Copy a text in its order, by which a row's number is known. Raises duckdb.Error."""
        numbers = range(1, text.width + 1)
        quote = "" if text.tidy else '"'
        columns = ", ".join(f"'c{number}': 'VARCHAR'" for number in numbers)
        cells = ", ".join(f"nullif(c{number}, '') AS c{number}" for number in numbers)
        self.session.execute(
            f"CREATE OR REPLACE TABLE typed AS SELECT {cells} FROM read_csv($path, "
            f"auto_detect = false, header = false, delim = $delimiter, quote = '{quote}', "
            f"escape = '{quote}', strict_mode = true, parallel = {text.tidy}, "
            f"columns = {{{columns}}})",
            {"path": str(text.path), "delimiter": text.delimiter},
        )
        self.session.execute("CREATE VIEW cells AS SELECT rowid + 1 AS n, * FROM typed")


def _quoted(path: Path) -> str:
    """A path within a statement: a view takes no parameters."""
    return "'" + str(path).replace("'", "''") + "'"


def _listed(columns: Sequence[tuple[str, str]]) -> str:
    """The columns of a parquet file as c1, c2, …, an empty text as nothing."""
    cells = (cell(name, kind) for name, kind in columns)
    as_read = (
        one if kind in PLAIN - {"VARCHAR"} else f"nullif({one}, '')"
        for one, (_, kind) in zip(cells, columns, strict=True)
    )
    return ", ".join(f"{one} AS c{number}" for number, one in enumerate(as_read, 1))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
