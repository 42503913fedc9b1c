"""Receiving: everything that lies below a raw folder, each file read or refused by itself."""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from nianbao.readers import (
    LIMITS,
    SUFFIXES,
    Large,
    Limits,
    Rejected,
    Seen,
    Workbook,
    is_large,
    not_regular,
    read_all,
    see,
)
from nianbao.terminal import printable
from nianbao.workspace import Workspace

LITTER = frozenset({".ds_store", "thumbs.db", "desktop.ini"})
_LOCK = re.compile(r"~\$(?P<excel>.+)|\.~lock\.(?P<libre>.+)#|\.~(?P<wps>.+)", re.DOTALL)
_CUT = 2  # letters that Office writes over where a lock's name would grow too long


@dataclass(frozen=True, slots=True)
class Arrival:
    """One file as it came in; `answer` is None for the traces of office programs.

    What may be a large ledger has not been read yet.

    `shown` is its path from the workspace with what cannot be printed escaped; `lock` is the name
    of the lock beside it, where some program has it open.
    """

    path: Path
    shown: str
    answer: Workbook | Large | Rejected | OSError | None
    lock: str = ""


def receive(workspace: Workspace, root: Path, limits: Limits = LIMITS) -> Iterator[Arrival]:
    """Read every file below a folder of raw workbooks, in the order of their names.

    A link is followed where it stays in the workspace. Raises NianbaoError where no process can be
    started to read in.
    """
    homes = tuple(Path(os.path.realpath(home)) for home in (workspace.root, workspace.raw))
    found = sorted(
        _below(root, _Walk(homes, set())), key=lambda one: one[0].relative_to(root).as_posix()
    )
    locks = _locks(path for path, _ in found)
    every = [(path, _put_off(request)) for path, request in found]
    answers = read_all([request for _, request in every if isinstance(request, tuple)], limits)
    for path, request in every:
        answer = next(answers) if isinstance(request, tuple) else request
        yield Arrival(path, printable(workspace.shown(path)), answer, locks.get(path, ""))


def _put_off(
    request: tuple[Path, Seen] | Rejected | OSError | None,
) -> tuple[Path, Seen] | Large | Rejected | OSError | None:
    """The same, what is not to be read whole set apart."""
    return Large(*request) if isinstance(request, tuple) and is_large(*request) else request


def is_litter(path: Path) -> bool:
    """Tell the traces of office programs and file managers, which nobody meant to hand in.

    `~$x.xlsx` and `.~x.xlsx` are the locks of Excel and WPS, `.~lock.x.ods#` LibreOffice's,
    `._x.xlsx` a Mac's shadow of x.xlsx.
    """
    name = path.name.casefold()
    return name in LITTER or name.startswith(("~$", ".~", "._"))


def _locks(paths: Iterable[Path]) -> dict[Path, str]:
    """Each file that a program has open, by the lock that the program put beside it."""
    every = set(paths)
    locks: dict[Path, str] = {}
    for lock in sorted(path for path in every if is_litter(path)):
        found = _LOCK.fullmatch(lock.name)
        if found is None:
            continue
        whole = found["excel"] or found["libre"] or found["wps"]
        for path in every:
            cut = found["excel"] and path.name[_CUT:] == whole
            if path.parent == lock.parent and (path.name == whole or cut) and not is_litter(path):
                locks[path] = printable(lock.name)
    return locks


_Found = tuple[Path, tuple[Path, Seen] | Rejected | OSError | None]


@dataclass(frozen=True, slots=True)
class _Walk:
    """Where links may lead, and the folders walked so far."""

    homes: tuple[Path, ...]
    walked: set[str]


def _below(folder: Path, walk: _Walk) -> Iterator[_Found]:
    """Everything in a folder and its folders: what to read, or why it is not read."""
    real = os.path.realpath(folder)
    if real in walk.walked:
        return
    walk.walked.add(real)
    try:
        paths = sorted(folder.iterdir(), key=lambda path: (path.is_symlink(), path.name))
    except OSError as error:
        yield folder, error
        return
    for path in paths:
        try:
            yield from _entry(path, walk)
        except Rejected as rejected:
            yield path, rejected
        except OSError as error:
            yield path, error


def _entry(path: Path, walk: _Walk) -> Iterator[_Found]:
    if is_litter(path):
        yield path, None
        return
    real = path
    if path.is_symlink():
        real = Path(os.path.realpath(path))
        if not any(real.is_relative_to(home) for home in walk.homes):
            raise not_regular("a link that leads out of the workspace")
        if not real.exists():
            raise not_regular("a link that leads nowhere")
    if not real.is_dir():
        yield path, (real, see(real))
    elif any(path.suffix.casefold() in suffixes for suffixes in SUFFIXES.values()):
        raise not_regular("a folder that is called like a workbook")
    else:
        yield from _below(path, walk)
