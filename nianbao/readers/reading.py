"""Reading one file in this very process, with every parser that it takes.

A parser may panic, abort, hang or take all memory: the program reads through `nianbao.readers.pool`
instead, whose worker processes call this.
"""

import hashlib
from pathlib import Path

from nianbao.readers.delimited import read_delimited
from nianbao.readers.excel import Read, read_ods, read_xls, read_xlsx
from nianbao.readers.opening import Seen, check_unchanged, read_once, see
from nianbao.readers.sniff import Found, sniff
from nianbao.readers.wire import too_much
from nianbao.readers.workbook import RESAVE, Rejected, Workbook


def read_workbook(path: Path, seen: Seen | None = None) -> Workbook:
    """Read one file whole, as it was `seen` when it was listed.

    Raises `Rejected` for whatever is not a readable table, and OSError where the disk refuses.
    """
    seen = seen or see(path)
    content = read_once(path, seen)
    sha256 = hashlib.sha256(content).hexdigest()
    try:
        found = sniff(content, path.suffix.casefold())
        sheets, notes = _sheets(found, content, path.stem)
    except Rejected as rejected:
        rejected.sha256 = sha256
        raise
    except MemoryError as error:
        raise too_much("in the memory that a file is given", sha256) from error
    # The readers beneath meet broken bytes in ways of their own (struct.error, AssertionError,
    # IndexError, a Rust panic, which is no Exception): all of them say one thing about the file.
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise Rejected(
            "E_CORRUPT", f"the file is damaged and cannot be read through; {RESAVE}", sha256=sha256
        ) from error
    check_unchanged(path, seen)
    return Workbook(path, sha256, found.kind, sheets, found.notes + notes)


def _sheets(found: Found, content: bytes, stem: str) -> Read:
    if found.package is not None and found.kind == "xlsx":
        return read_xlsx(found.package)
    if found.package is not None:
        return read_ods(found.package)
    if found.compound is not None:
        return read_xls(found.compound, content)
    if found.kind == "parquet":
        from nianbao.readers.parquet import read_parquet  # duckdb, which few files need

        return (read_parquet(content, stem),), ()
    return read_delimited(content, stem)
