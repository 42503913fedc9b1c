"""Unchanged: whether a run would find everything as the last one left it, told without a run.

After each run a stamp in `data/processed/<period>` says, by hash, what was read and what was left.
Where all of that is the same, what readers see is what a run would make.
"""

import hashlib
import json
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from nianbao import manifest, pointing
from nianbao.period import Period, raw_periods
from nianbao.runs import Options, Outcome, files_in
from nianbao.schema import read_table, records
from nianbao.workspace import PROJECT, Workspace

_STAMP = "stamp.json"
_LEFT_OUT = frozenset({_STAMP, "run.log"})


@dataclass(frozen=True, slots=True)
class Seen:
    """All that a run reads, by hash, as it lay there before the run; `raw` by path."""

    raw: Mapping[str, str]
    rest: Mapping[str, object]


def see(workspace: Workspace, period: Period, options: Options) -> Seen:
    """Look at everything that a run of this period reads."""
    own, before = raw_periods(period)
    raw: dict[str, str] = {}
    for folder in (*before, *own):
        raw |= _tree(workspace.raw / folder.name, workspace.root)
    former = pointing.current(workspace.outputs, period.previous)
    folders = [PROJECT / name for name in ("nianbao", "notebooks", "catalogue", "wording")]
    folders += [workspace.root / "catalogue", workspace.root / "wording"]
    files = [workspace.corrections, PROJECT / "requirements.lock"]
    files += [former / manifest.NAME] if former else []
    rest: dict[str, object] = {
        str(folder): _digest(_tree(folder, folder)) for folder in dict.fromkeys(folders)
    }
    rest |= {str(path): _content(path) for path in files}
    rest |= {"parameters": options.parameters(period), "versions": manifest.versions()}
    return Seen(raw, rest)


def as_before(workspace: Workspace, period: Period, seen: Seen) -> Outcome | None:
    """How a run would end that has nothing to do; None where it has.

    That is so where the stamp says the same of what is read, where every table is as the last run
    left it, and where every byte that readers see is as it was published.
    """
    try:
        stamp = json.loads((workspace.processed(period) / _STAMP).read_text(encoding="utf-8"))
        told = [stamp[name] for name in ("seen", "left", "release")]
        complete, (zh, en) = bool(stamp["complete"]), stamp["bureau"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    place = pointing.current(workspace.outputs, period)
    if place is None or told != [_plain(seen), _left(workspace, period), place.name]:
        return None
    if manifest.damages(place):
        return None
    shown = workspace.outputs / pointing.shown(workspace.outputs, period)
    return Outcome("unchanged", complete, place.name, files_in(shown), (str(zh), str(en)))


def stamp(workspace: Workspace, period: Period, seen: Seen, ended: Outcome) -> None:
    """Write down what a run saw and left; nothing where a file was changed while it was read."""
    processed = workspace.processed(period)
    path = processed / _STAMP
    path.unlink(missing_ok=True)
    for row in records(read_table("files", processed)):
        if row["sha256"] and seen.raw.get(row["path"], row["sha256"]) != row["sha256"]:
            return
    content = {
        "seen": _plain(seen),
        "left": _left(workspace, period),
        "release": ended.release,
        "complete": ended.complete,
        "bureau": ended.bureau,
    }
    path.write_text(json.dumps(content), encoding="utf-8")


def _plain(seen: Seen) -> str:
    return _digest({"raw": seen.raw, "rest": seen.rest})


def _left(workspace: Workspace, period: Period) -> str:
    """What a run leaves beside its release: tables, and files put aside."""
    processed, aside = workspace.processed(period), workspace.quarantine(period)
    tables = {
        name: content
        for name, content in _tree(processed, processed).items()
        if name not in _LEFT_OUT
    }
    return _digest({"processed": tables, "quarantine": _tree(aside, aside)})


def _tree(folder: Path, home: Path) -> dict[str, str]:
    """Everything below a folder by its path from `home`; links are told as such."""
    return {
        path.relative_to(home).as_posix(): content
        for path, content in _below(folder, frozenset())
        if "__pycache__" not in path.parts
    }


def _below(folder: Path, above: frozenset[str]) -> Iterator[tuple[Path, str]]:
    real = os.path.realpath(folder)
    if real in above:
        return
    try:
        paths = sorted(folder.iterdir())
    except OSError as error:
        yield folder, f"! {error.errno}"
        return
    for path in paths:
        if path.is_symlink():
            yield path, f"-> {path.readlink()} {_content(path)}"
        if path.is_dir():
            yield from _below(path, above | {real})
        elif not path.is_symlink():
            yield path, _content(path)


def _content(path: Path) -> str:
    """The hash of a file; what else it is where it has no bytes that can be read."""
    try:
        kind = path.stat().st_mode
        if not stat.S_ISREG(kind):
            return f"! {stat.S_IFMT(kind)}"
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        return f"! {error.errno}"


def _digest(content: object) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
