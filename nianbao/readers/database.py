"""A table of any size in DuckDB, in a process of its own: what it costs, it costs alone.

The program asks in SQL over a pipe; rows come back as `nianbao.readers.wire` packs them. DuckDB may
touch nothing but the one file and a private folder, in which it keeps what its memory cannot hold.
"""

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from nianbao.readers.opening import Seen
from nianbao.readers.wire import LENGTH, pack, too_much, unpack
from nianbao.readers.workbook import SUFFIXES, Rejected

Params = Mapping[str, object]

_CODE = (
    "import sys; sys.path.insert(0, sys.argv[1]); import nianbao; del sys.path[0]; "
    "from nianbao.readers.database_worker import serve; serve()"
)
_NOTHING: Params = MappingProxyType({})
_PARENT = str(Path(__file__).resolve().parents[2])
_LONG = 1 << 30  # bytes of text
_SECONDS, _BYTES_A_SECOND = 300, 1 << 20  # of the processor: for any file, and by its size


LARGE = 1 << 20  # bytes of delimited text that a reader takes whole; parquet is packed


@dataclass(frozen=True, slots=True)
class Large:
    """A file that may be a ledger too large to be read whole."""

    path: Path
    seen: Seen


def is_large(path: Path, seen: Seen) -> bool:
    """Whether a file is looked at in a database first."""
    suffix = path.suffix.casefold()
    return suffix in SUFFIXES["parquet"] or (suffix in SUFFIXES["csv"] and seen.size > LARGE)


@dataclass(frozen=True, slots=True)
class Budget:
    """What the database may take: memory for its work (the rest is spilled) and threads."""

    megabytes: int
    threads: int = min(4, os.cpu_count() or 1)

    @classmethod
    def of(cls, path: Path, seen: Seen) -> "Budget":
        """Little, but for the longest ledgers; parquet is packed to a quarter or less."""
        unpacked = seen.size * (4 if path.suffix.casefold() in SUFFIXES["parquet"] else 1)
        return cls(512 if unpacked > _LONG else 256)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A table made ready: `cells(n, c1, c2, …)`, n being the row on the sheet, from 1."""

    sha256: str
    kinds: tuple[str, ...]  # DuckDB's type of each column
    notes: tuple[tuple[str, str], ...]


class Database:
    """One file's table. A context manager: the process and the folder end with it."""

    def __init__(self, path: Path, seen: Seen, budget: Budget | None = None) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="nianbao-", ignore_cleanup_errors=True)
        self._seconds = _SECONDS + seen.size // _BYTES_A_SECOND
        self._process = subprocess.Popen(
            [sys.executable, "-E", "-P", "-X", "utf8", "-c", _CODE, _PARENT],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=_PARENT,
        )
        self._start = {
            "path": str(path),
            "seen": asdict(seen),
            "folder": self._folder.name,
            "seconds": self._seconds,
            **asdict(budget or Budget.of(path, seen)),
        }

    def __enter__(self) -> "Database":
        self._say(self._start)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        self._folder.cleanup()

    def head(self) -> tuple[tuple[object, ...], ...]:
        """The first rows of the sheet. Raises `Rejected`, OSError."""
        return tuple(map(tuple, self._ask({"head": True})))

    def load(self) -> Loaded:
        """Make the whole table ready for `ask`. Raises `Rejected`, OSError."""
        sha256, kinds, notes = self._ask({"load": True})
        return Loaded(sha256, tuple(kinds), tuple(map(tuple, notes)))

    def ask(self, sql: str, params: Params = _NOTHING) -> list[tuple[Any, ...]]:
        """All rows of a query. Raises `Rejected` where the table turns out to be damaged."""
        return list(map(tuple, self._ask({"sql": sql, "params": dict(params)})))

    def pages(
        self, table: str, columns: str, page: int = 20_000
    ) -> Iterator[list[tuple[Any, ...]]]:
        """The rows of one of the own tables in the order in which they were put there."""
        start = 0
        sql = f"SELECT {columns} FROM {table} WHERE rowid >= $start AND rowid < $end ORDER BY rowid"
        while rows := self.ask(sql, {"start": start, "end": start + page}):
            yield rows
            start += page

    def unchanged(self) -> None:
        """Raise `Rejected` `E_UNSTABLE` where the file is no longer as it was seen."""
        self._ask({"unchanged": True})

    def _say(self, told: object) -> None:
        if self._process.stdin:
            self._process.stdin.write(pack(told) + b"\n")
            self._process.stdin.flush()

    def _ask(self, question: object) -> Any:
        watch = threading.Timer(2 * self._seconds, self._process.kill)
        watch.start()
        try:
            self._say(question)
            answer = self._read()
        except BrokenPipeError:
            answer = None
        finally:
            watch.cancel()
        if answer is None:
            raise too_much("in the memory and time that a file is given", "")
        if "failed" in answer:
            raise RuntimeError(answer["failed"])
        if "refused" in answer:
            raise OSError(*answer["refused"])
        if "rejected" in answer:
            code, detail, found, sha256 = answer["rejected"]
            raise Rejected(code, detail, found=found, sha256=sha256)
        return answer["told"]

    def _read(self) -> dict[str, Any] | None:
        out = self._process.stdout
        head = out.read(LENGTH) if out else b""
        length = int.from_bytes(head, "little")
        packed = out.read(length) if out and len(head) == LENGTH else b""
        if not packed or len(packed) < length:
            return None
        answer: dict[str, Any] = unpack(packed)
        return answer
