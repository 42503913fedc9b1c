"""Reading what was handed in: xlsx, xls, ods, csv and parquet, told apart by content, not by name.

The program calls `read_all`, which reads in processes of their own; `read_workbook` reads one file
in this one. Either gives a `Workbook` or a `Rejected`; what the libraries underneath raise does not
pass this door, and none of them is imported before it is needed.
"""

from pathlib import Path

from nianbao.readers.database import Database, Large, Loaded, is_large
from nianbao.readers.occupied import MOST_ROWS
from nianbao.readers.opening import Seen, not_regular, see
from nianbao.readers.pool import LIMITS, Limits, read_all
from nianbao.readers.workbook import (
    SUFFIXES,
    CellError,
    Rejected,
    Sheet,
    UncachedFormula,
    Workbook,
    address,
)

__all__ = [
    "LIMITS",
    "MOST_ROWS",
    "SUFFIXES",
    "CellError",
    "Database",
    "Large",
    "Limits",
    "Loaded",
    "Rejected",
    "Seen",
    "Sheet",
    "UncachedFormula",
    "Workbook",
    "address",
    "is_large",
    "not_regular",
    "read_all",
    "read_workbook",
    "see",
]


def read_workbook(path: Path) -> Workbook:
    """Read one file whole, in this very process.

    Raises `Rejected` for whatever is not a readable table, and OSError where the disk refuses.
    """
    from nianbao.readers.reading import read_workbook as read  # the parsers, all of them

    return read(path)
