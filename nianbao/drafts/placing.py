"""Placing a file beside a draft: in one step, and never over what somebody else wrote."""

import io
import zipfile
from pathlib import Path

from nianbao.errors import OutputsNotWritable
from nianbao.packaging import LONG_AGO
from nianbao.pointing import replace
from nianbao.terminal import printable, say

MADE_BY = b'<meta name="generator" content="nianbao">'  # in the head of a page of ours


def put(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; a stranger's of that name is kept as `spare` says.

    Raises OutputsNotWritable, and OSError where the disk is full or fails.
    """
    try:
        if path.is_file():
            there = path.read_bytes()
            if there == content:
                return
            if not _ours(there):
                path.rename(spare(path))
        replace(path, content)
    except (PermissionError, IsADirectoryError) as error:
        folder = printable(str(path.parent))
        raise OutputsNotWritable(
            say(
                zh=f"不能写入 {folder}；请检查权限，或把文稿放到能写的文件夹。",
                en=f"{folder} cannot be written; check its permissions, or move the draft.",
            )
        ) from error


def spare(path: Path) -> Path:
    """The name under which `put` keeps what stood at a path: `NAME.filled.1.docx`, … ."""
    number = 1
    while (free := path.with_name(f"{path.stem}.{number}{path.suffix}")).exists():
        number += 1
    return free


def beside(draft: Path) -> set[Path]:
    """Every file that is called after a draft, the draft too."""
    folder = draft.parent
    names = folder.iterdir() if folder.is_dir() else ()
    return {path for path in names if path.name.startswith(f"{draft.stem}.")}


def _ours(content: bytes) -> bool:
    """Whether this program made a file and nobody has saved it since.

    Every entry of a package of ours bears one date, which no office program gives. Plain text
    bears no sign, so it counts as a stranger's.
    """
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return MADE_BY in content[:2000]
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return all(entry.date_time == LONG_AGO for entry in package.infolist())
