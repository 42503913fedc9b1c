"""Publishing: a release is built aside, then shown whole in one step, by one run at a time."""

import contextlib
import errno
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import filelock

from nianbao.errors import OutputsNotWritable, WorkspaceBusy
from nianbao.overview import index_page
from nianbao.period import Period
from nianbao.terminal import printable, say
from nianbao.workspace import Workspace

_BUILDING = ".building"  # one run at a time, so fixed names serve, and litter is easy to know
_LINK = ".link"
_ON_POSIX = os.name == "posix"


@contextlib.contextmanager
def hold(workspace: Workspace, purpose: str) -> Iterator[None]:
    """Hold the workspace for one run, and clear what a dead one left behind.

    Raises WorkspaceBusy at once, naming the holder, and OutputsNotWritable.
    """
    with _writing(workspace):
        workspace.outputs.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(workspace.outputs / ".lock", timeout=0, mode=0o644)
        try:
            lock.acquire()
        except filelock.Timeout as error:
            raise WorkspaceBusy(_busy(workspace)) from error
    try:
        with _writing(workspace):
            holder = {"pid": os.getpid(), "purpose": purpose}
            _holder(workspace).write_text(json.dumps(holder), encoding="utf-8")
            _clear(workspace)
        yield
    finally:
        _holder(workspace).unlink(missing_ok=True)
        lock.release()


@contextlib.contextmanager
def building(workspace: Workspace, period: Period) -> Iterator[Path]:
    """Give an empty folder, on the file system of the outputs, to build a release in.

    Whatever is left in it when the run ends, or fails, is thrown away. Raises OutputsNotWritable,
    also where something that is not ours stands in the place of the period's link.
    """
    link = workspace.outputs / period.name
    if _ON_POSIX and link.exists() and not link.is_symlink():
        raise OutputsNotWritable(
            say(
                zh=f"outputs/{period.name} 不是本程序建立的链接。请把它移走，再运行一次。",
                en=f"outputs/{period.name} is not a link that this program made. "
                "Move it away and run again.",
            )
        )
    folder = workspace.outputs / _BUILDING / "release"
    with _writing(workspace):
        folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        _clear(workspace)


def current(workspace: Workspace, period: Period) -> Path | None:
    """The folder of the release that readers see now, or None."""
    folder = workspace.outputs / period.name
    return folder.resolve() if folder.is_dir() else None


def publish(workspace: Workspace, period: Period, release: str, folder: Path, title: str) -> Path:
    """Make the release in `folder` the one that readers see; returns `outputs/<period>`.

    A folder of the same name is replaced: same name, same bytes, unless somebody damaged it.
    Raises OutputsNotWritable; OSError where the disk is full or fails.
    """
    with _writing(workspace):
        _settle(folder)
        target = workspace.outputs / "releases" / period.name / release
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            target.rename(folder.parent / "replaced")
        folder.rename(target)
        _flush(target.parent)
        _point(workspace, period, target)
        write_index(workspace, title)
    return workspace.outputs / period.name


def _settle(folder: Path) -> None:
    """Give files and folders modes of their own, whatever the umask, and put them on the disk."""
    for path in sorted(folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
        _flush(path)
    folder.chmod(0o755)
    _flush(folder)


def _flush(path: Path) -> None:
    if os.name != "posix" and path.is_dir():
        return  # Windows has no way to flush a folder
    file = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _point(workspace: Workspace, period: Period, target: Path) -> None:
    """Turn the period's link to a release, in one step."""
    link = workspace.outputs / period.name
    fresh = workspace.outputs / f"{_LINK}-{period.name}"
    try:
        fresh.symlink_to(Path("releases") / period.name / target.name, target_is_directory=True)
    except OSError:
        if _ON_POSIX:
            raise
        _copy(target, link, workspace.outputs / _BUILDING)  # Windows lets few people make links
        return
    fresh.replace(link)
    _flush(workspace.outputs)


def _copy(target: Path, place: Path, aside: Path) -> None:
    """Put a copy where a link cannot be: two steps, so a reader may find it gone for a moment."""
    shutil.copytree(target, aside / "copy")
    if place.exists():
        place.rename(aside / "former")
    (aside / "copy").rename(place)


def write_index(workspace: Workspace, title: str) -> None:
    """Make the page of every report published here anew, in one step; the same is not touched."""
    page, path = index_page(workspace.outputs, title), workspace.outputs / "index.html"
    if path.is_file() and path.read_bytes() == page:
        return
    fresh = workspace.outputs / f"{_LINK}-index"
    fresh.write_bytes(page)
    fresh.chmod(0o644)
    _flush(fresh)
    fresh.replace(path)


def _holder(workspace: Workspace) -> Path:
    return workspace.outputs / ".lock.json"


def _busy(workspace: Workspace) -> str:
    try:
        holder = json.loads(_holder(workspace).read_text(encoding="utf-8"))
        pid, purpose = int(holder["pid"]), printable(str(holder["purpose"]))
    except (OSError, ValueError, KeyError, TypeError):  # it has only just taken the lock
        pid, purpose = 0, "?"
    return say(
        zh=f"另一次运行（进程 {pid or '?'}：{purpose}）正在使用这个工作区。请等它结束再运行。",
        en=f"another run (process {pid or '?'}: {purpose}) holds this workspace. "
        "Wait for it to end, then run again.",
    )


def _clear(workspace: Workspace) -> None:
    shutil.rmtree(workspace.outputs / _BUILDING, ignore_errors=True)
    for litter in workspace.outputs.glob(f"{_LINK}-*"):
        litter.unlink(missing_ok=True)


@contextlib.contextmanager
def _writing(workspace: Workspace) -> Iterator[None]:
    """Turn a refusal of the file system into words; a full disk stays what it is."""
    try:
        yield
    except (PermissionError, FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        raise OutputsNotWritable(_not_writable(workspace, error)) from error
    except OSError as error:
        if error.errno != errno.EROFS:
            raise
        raise OutputsNotWritable(_not_writable(workspace, error)) from error


def _not_writable(workspace: Workspace, error: OSError) -> str:
    place = printable(str(error.filename or workspace.outputs))
    return say(
        zh=f"无法写入 {place}：{error.strerror}。请检查权限，或用 --workspace 换一个工作区。",
        en=f"cannot write {place}: {error.strerror}. "
        "Check its permissions, or choose another folder with --workspace.",
    )
