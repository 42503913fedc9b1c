"""Holding: a workspace is written by one run at a time; the next clears what a dead one left."""

import contextlib
import errno
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import filelock

from nianbao.errors import OutputsNotWritable, WorkspaceBusy
from nianbao.terminal import printable, say
from nianbao.workspace import Workspace

LITTER = ".fresh-"  # one run at a time, so fixed names serve, and litter is easy to know
_BUILDING = ".building"
_REFUSALS = (errno.EROFS, errno.ENOLCK)  # the other kinds have exceptions of their own


def building_place(workspace: Workspace) -> Path:
    """Where a release is built, aside from what readers see."""
    return workspace.outputs / _BUILDING


@contextlib.contextmanager
def hold(workspace: Workspace, purpose: str) -> Iterator[None]:
    """Hold the workspace for one run, and clear what a dead one left behind.

    Raises WorkspaceBusy at once, naming the holder, and OutputsNotWritable.
    """
    with writing(workspace):
        open_folder(workspace.outputs)
        lock = filelock.FileLock(workspace.outputs / ".lock", timeout=0, mode=0o644)
        try:
            lock.acquire()
        except filelock.Timeout as error:
            raise WorkspaceBusy(_busy(workspace)) from error
    try:
        with writing(workspace):
            holder = {"pid": os.getpid(), "purpose": purpose}
            _holder(workspace).write_text(json.dumps(holder), encoding="utf-8")
            clear_litter(workspace)
        yield
    finally:
        with contextlib.suppress(OSError):  # what was done is done; the next run clears the rest
            _holder(workspace).unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # held until this process ends
            lock.release()


def open_folder(folder: Path) -> None:
    """Make a folder that everybody may read, whatever the umask; one that is there stays."""
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)


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


def clear_litter(workspace: Workspace) -> None:
    """Throw away what was being built, by this run or by a dead one."""
    shutil.rmtree(building_place(workspace), ignore_errors=True)
    for litter in workspace.outputs.glob(f"{LITTER}*"):
        litter.unlink(missing_ok=True)


@contextlib.contextmanager
def writing(workspace: Workspace) -> Iterator[None]:
    """Turn a refusal of the file system into words; a full disk stays what it is."""
    try:
        yield
    except (PermissionError, FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        raise OutputsNotWritable(_not_writable(workspace, error)) from error
    except OSError as error:
        if error.errno not in _REFUSALS:
            raise
        raise OutputsNotWritable(_not_writable(workspace, error)) from error


def _not_writable(workspace: Workspace, error: OSError) -> str:
    place = printable(str(error.filename or workspace.outputs))
    return say(
        zh=f"无法写入 {place}：{error.strerror}。请检查权限，或用 --workspace 换一个工作区。",
        en=f"cannot write {place}: {error.strerror}. "
        "Check its permissions, or choose another folder with --workspace.",
    )
