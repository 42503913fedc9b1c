"""Publishing: a release is built aside, then shown whole in one step."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from nianbao.errors import OutputsNotWritable
from nianbao.holding import building_place, clear_litter, open_folder, writing
from nianbao.overview import index_page, shelf
from nianbao.period import Period
from nianbao.pointing import flush, point, releases, replace
from nianbao.terminal import say
from nianbao.workspace import Workspace

_ON_POSIX = os.name == "posix"


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
    folder = building_place(workspace) / "release"
    with writing(workspace):
        folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        clear_litter(workspace)


def publish(workspace: Workspace, period: Period, release: str, folder: Path) -> Path:
    """Make the release in `folder` the one that readers see; returns the release's own folder.

    Nothing is shown before all of it is on the disk. Raises OutputsNotWritable; OSError where the
    disk is full or fails.
    """
    with writing(workspace):
        _settle(folder)
        shelf = releases(workspace.outputs, period)
        for above in (shelf.parent, shelf):
            open_folder(above)
        target = shelf / release
        if target.is_dir():
            _mend(target, folder)
        else:
            folder.rename(target)
        for above in (shelf, shelf.parent, workspace.outputs):
            flush(above)
        point(workspace.outputs, period, release)
        flush(workspace.outputs)
    return target


def _settle(folder: Path) -> None:
    """Give files and folders modes of their own, whatever the umask, and put them on the disk."""
    for path in (*sorted(folder.rglob("*")), folder):
        path.chmod(0o755 if path.is_dir() else 0o644)
        flush(path)


def _mend(target: Path, folder: Path) -> None:
    """Make a release that is there the same as the one in `folder`, file by file.

    The same name means the same bytes, unless somebody damaged it or it was rebuilt by force; its
    readers never find it gone.
    """
    wanted = sorted(path.relative_to(folder) for path in folder.rglob("*"))
    for path in wanted:
        if (folder / path).is_dir():
            open_folder(target / path)
        else:
            (folder / path).replace(target / path)
    for path in sorted(target.rglob("*"), reverse=True):
        if path.relative_to(target) not in wanted:
            path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    for path in (*target.rglob("*"), target):
        if path.is_dir():
            flush(path)


def thin_out(workspace: Workspace, period: Period, keep: int) -> None:
    """Remove all but the newest `keep` of the releases before the one that readers see."""
    aside = building_place(workspace) / "gone"
    for release in shelf(workspace.outputs, period).former[keep:]:
        aside.mkdir(parents=True, exist_ok=True)
        (releases(workspace.outputs, period) / release.folder).rename(aside / release.folder)
        shutil.rmtree(aside, ignore_errors=True)


def write_index(workspace: Workspace, title: str, english: str = "") -> None:
    """Make the page of every report published here anew, in one step; the same is not touched."""
    page, path = index_page(workspace.outputs, title, english), workspace.outputs / "index.html"
    if not path.is_file() or path.read_bytes() != page:
        with writing(workspace):
            replace(path, page)
            flush(workspace.outputs)
