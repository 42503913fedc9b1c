"""Pointing: which release of a period readers see, by a link, or a page where links cannot be."""

import contextlib
import errno
import html
import os
import re
from collections.abc import Iterator
from pathlib import Path

from nianbao.holding import LITTER
from nianbao.period import Period

RELEASES = "releases"
_PAGE = (
    '<!doctype html>\n<html lang="zh"><meta charset="utf-8"><title>{name}</title>\n'
    '<meta http-equiv="refresh" content="0; url={path}/report.html">\n'
    '<p><a href="{path}/report.html">{name}</a></p>\n</html>\n'
)
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.ENOSYS}  # a file system without; Windows: no right
_POINTS_TO = re.compile(r'href="([^"]+)/report\.html"')


def releases(outputs: Path, period: Period) -> Path:
    """The folder that holds every release of a period."""
    return outputs / RELEASES / period.name


def current(outputs: Path, period: Period) -> Path | None:
    """The folder of the release that readers see now, or None."""
    link, page = outputs / period.name, outputs / f"{period.name}.html"
    if link.is_dir():
        return link.resolve()
    with contextlib.suppress(OSError, UnicodeDecodeError):
        if found := _POINTS_TO.search(page.read_text(encoding="utf-8")):
            folder = outputs / html.unescape(found[1])
            return folder.resolve() if folder.is_dir() else None
    return None


def shown(outputs: Path, period: Period) -> str:
    """The path by which a reader finds the current release, from `outputs`."""
    if (outputs / period.name).is_dir():
        return period.name
    place = current(outputs, period)
    return place.relative_to(outputs.resolve()).as_posix() if place else period.name


def periods(outputs: Path) -> Iterator[Period]:
    """Every period of which a release is shown, the newest first."""
    for period in sorted(named(outputs), reverse=True):
        if current(outputs, period):
            yield period


def named(outputs: Path) -> set[Period]:
    """Every period that has a link or a page, also one that points to nothing."""
    found = set()
    for path in outputs.iterdir() if outputs.is_dir() else ():
        with contextlib.suppress(ValueError):
            found.add(Period.parse(path.name.removesuffix(".html")))
    return found


def point(outputs: Path, period: Period, release: str) -> None:
    """Turn the period to a release, in one step; the caller puts `outputs` on the disk."""
    target = f"{RELEASES}/{period.name}/{release}"
    link, fresh = outputs / period.name, outputs / f"{LITTER}{period.name}"
    page = outputs / f"{period.name}.html"
    try:
        fresh.symlink_to(Path(target), target_is_directory=True)
    except OSError as error:
        if os.name == "posix" and error.errno not in _NO_LINKS:
            raise
        replace(page, _PAGE.format(name=period.name, path=html.escape(target)).encode())
        if link.is_symlink():
            link.unlink()
        return
    fresh.replace(link)
    page.unlink(missing_ok=True)


def replace(path: Path, content: bytes) -> None:
    """Write a file that everybody may read in one step: its readers see the old one or the new."""
    fresh = path.with_name(f"{LITTER}{path.name}")
    fresh.write_bytes(content)
    fresh.chmod(0o644)
    flush(fresh)
    fresh.replace(path)


def flush(path: Path) -> None:
    """Put a file, or a folder's list of names, on the disk."""
    if os.name != "posix" and path.is_dir():
        return  # Windows has no way to flush a folder
    file = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
    try:
        os.fsync(file)
    finally:
        os.close(file)
