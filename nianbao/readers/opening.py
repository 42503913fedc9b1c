"""Opening a file as a stranger's: a plain file only, read once, and the same before and after."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from nianbao.readers.workbook import Rejected

MOST_BYTES = 256 << 20
_HOW = os.O_RDONLY
for _flag in ("O_NONBLOCK", "O_NOFOLLOW", "O_NOCTTY", "O_BINARY"):  # those that the system has
    _HOW |= getattr(os, _flag, 0)


@dataclass(frozen=True, slots=True)
class Seen:
    """A file's size, time of change and identity, by which a change shows."""

    size: int
    changed: int
    device: int
    number: int

    @classmethod
    def of(cls, found: os.stat_result) -> "Seen":
        """What `os.stat` says."""
        return cls(found.st_size, found.st_mtime_ns, found.st_dev, found.st_ino)


def see(path: Path) -> Seen:
    """Look at a plain file without opening it.

    Raises `Rejected` `E_NOT_REGULAR` for anything else (a link too), OSError where there is none.
    """
    found = path.stat(follow_symlinks=False)
    if not stat.S_ISREG(found.st_mode):
        raise not_regular()
    return Seen.of(found)


def read_once(path: Path, seen: Seen) -> bytes:
    """The bytes of a plain file that is still as it was `seen`.

    Raises `Rejected` `E_NOT_REGULAR`, `E_UNSTABLE`, `E_DIM_LIMIT`, and OSError.
    """
    # A pipe is not waited for, a link that has come to stand here meanwhile is not followed.
    with open(os.open(path, _HOW), "rb") as file:  # noqa: PTH123
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise not_regular()
        if found.st_size > MOST_BYTES:
            raise Rejected(
                "E_DIM_LIMIT",
                f"the file is larger than {MOST_BYTES >> 20} MB; hand in the form alone",
                found=f"{MOST_BYTES >> 20} MB",
            )
        content = file.read(found.st_size + 1)
        after = os.fstat(file.fileno())
    if not Seen.of(found) == Seen.of(after) == seen or len(content) != seen.size:
        raise unstable()
    return content


def check_unchanged(path: Path, seen: Seen) -> None:
    """Raise `Rejected` `E_UNSTABLE` where a file is no longer as it was `seen`."""
    try:
        now = Seen.of(path.stat(follow_symlinks=False))
    except FileNotFoundError:
        raise unstable() from None
    if now != seen:
        raise unstable()


def unstable() -> Rejected:
    """Refuse a file that somebody is writing."""
    return Rejected(
        "E_UNSTABLE", "the file changed while it was read; save and close it, then run again"
    )


def not_regular(what: str = "a folder, pipe, device or link, not a file") -> Rejected:
    """Refuse what is no plain file."""
    return Rejected("E_NOT_REGULAR", f"this is {what}; hand in the file itself")
