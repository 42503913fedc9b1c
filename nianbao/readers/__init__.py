"""Reading what was handed in: xlsx, xls, ods and csv, told apart by content, never by name.

The one thing to call is `read_workbook`. It gives a `Workbook` or raises `Rejected`; what the
libraries underneath raise does not pass this door.
"""

import hashlib
import stat
from pathlib import Path

from nianbao.readers.delimited import read_delimited
from nianbao.readers.excel import read_ods, read_xls, read_xlsx
from nianbao.readers.sniff import Found, sniff
from nianbao.readers.workbook import (
    CellError,
    Rejected,
    Sheet,
    UncachedFormula,
    Workbook,
    address,
)

__all__ = [
    "CellError",
    "Rejected",
    "Sheet",
    "UncachedFormula",
    "Workbook",
    "address",
    "is_litter",
    "read_workbook",
]

LITTER = frozenset({".ds_store", "thumbs.db", "desktop.ini"})


def is_litter(path: Path) -> bool:
    """Tell the traces of office programs and file managers, which nobody meant to hand in.

    `~$x.xlsx` and `.~x.xlsx` are the locks of Excel and WPS, `.~lock.x.ods#` LibreOffice's,
    `._x.xlsx` a Mac's shadow of x.xlsx.
    """
    name = path.name.casefold()
    return name in LITTER or name.startswith(("~$", ".~", "._"))


def read_workbook(path: Path) -> Workbook:
    """Read one file whole.

    Raises `Rejected` for whatever is not a readable table, and OSError where the disk refuses.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise Rejected(
            "E_NOT_REGULAR", "this is a folder, pipe or device, not a file; hand in the file itself"
        )
    content = path.read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    try:
        found = sniff(content, path.suffix.casefold())
        sheets, notes = _sheets(found, content, path.stem)
    except Rejected as rejected:
        rejected.sha256 = sha256
        raise
    # The readers beneath meet broken bytes in ways of their own (struct.error, AssertionError,
    # IndexError, a Rust panic, which is no Exception): all of them say one thing about the file.
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise Rejected(
            "E_CORRUPT",
            "the file is damaged and cannot be read through; open it in Excel or WPS, save it anew "
            "as .xlsx and hand it in again",
            sha256=sha256,
        ) from error
    return Workbook(path, sha256, found.kind, sheets, found.notes + notes)


def _sheets(
    found: Found, content: bytes, stem: str
) -> tuple[tuple[Sheet, ...], tuple[tuple[str, str], ...]]:
    if found.archive is not None and found.kind == "xlsx":
        return read_xlsx(found.archive, content)
    if found.archive is not None:
        return read_ods(found.archive, content)
    if found.compound is not None:
        return read_xls(found.compound, content)
    return (read_delimited(content, stem),), ()
