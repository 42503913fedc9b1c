"""The index page: every period published here, newest first, with its releases, from their files.

What cannot be read is shown as such: a broken release never keeps the others from being found.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import jinja2

from nianbao import pointing
from nianbao.manifest import read_manifest
from nianbao.period import Period

_TEMPLATES = Path(__file__).resolve().parent / "template"
_FORMATS = (
    "report.html",
    "report.docx",
    "report.en.html",
    "report.en.docx",
    "report.zh.html",
    "report.zh.docx",
    "tables.xlsx",
    "tables.en.xlsx",
    "tables.zh.xlsx",
)
_TALLY = {
    "met": ("met", "done"),
    "on_track": ("on_track",),
    "behind": ("behind", "not_done", "missed"),
    "not_measurable": ("not_measurable",),
}


@dataclass(frozen=True, slots=True)
class Format:
    """One file of a release that a reader may open; `size` is in bytes."""

    name: str
    path: str  # from the index page
    size: int


@dataclass(frozen=True, slots=True)
class Release:
    """One release as its own files describe it; nothing is known of one without a manifest."""

    name: str
    folder: str
    formats: tuple[Format, ...]
    known: bool = False
    complete: bool = False
    missing: int = 0
    errors: int = 0
    date: str = ""
    supersedes: str = ""
    target_year: int = 0
    tally: Mapping[str, int] | None = None  # None in releases that did not count yet


@dataclass(frozen=True, slots=True)
class Shelf:
    """One period: the release that readers see, and those before it, the newest first."""

    period: Period
    current: Release
    former: tuple[Release, ...]


def index_page(outputs: Path, title: str) -> bytes:
    """The page, made anew from what lies in `outputs`."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    template = environment.get_template("index/index.html.j2")
    return template.render(title=title, shelves=list(shelves(outputs))).encode()


def shelves(outputs: Path) -> Iterator[Shelf]:
    """Every period that has something published, the newest first."""
    for period in pointing.periods(outputs):
        yield shelf(outputs, period)


def shelf(outputs: Path, period: Period) -> Shelf:
    """One period that has something published."""
    shown = pointing.shown(outputs, period)
    current = _release(outputs / shown, shown, period)
    return Shelf(period, current, tuple(_former(outputs, period, current)))


def _former(outputs: Path, period: Period, current: Release) -> Iterator[Release]:
    """The releases before the current one: each the one that the next superseded, then the rest."""
    folder = pointing.releases(outputs, period)
    names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    kept = {
        name: _release(folder / name, f"releases/{period.name}/{name}", period)
        for name in names
        if name != current.folder and (folder / name).is_dir()
    }
    following = current.supersedes
    while following in kept:
        one = kept.pop(following)
        yield one
        following = one.supersedes
    yield from kept.values()


def _release(folder: Path, shown: str, period: Period) -> Release:
    formats = tuple(
        Format(name, f"{shown}/{name}", (folder / name).stat().st_size)
        for name in _FORMATS
        if (folder / name).is_file()
    )
    manifest = read_manifest(folder)
    if manifest is None:
        return Release(folder.resolve().name, folder.resolve().name, formats)
    findings = _mapping(manifest.get("findings"))
    parameters = _mapping(manifest.get("parameters"))
    return Release(
        name=str(manifest.get("release") or folder.resolve().name),
        folder=folder.resolve().name,
        formats=formats,
        known=True,
        complete=manifest.get("complete") is True,
        missing=_count(findings, "E_MISSING"),
        errors=sum(_count(findings, code) for code in findings if code[:2] == "E_")
        - _count(findings, "E_MISSING"),
        date=str(parameters.get("date") or ""),
        supersedes=str(manifest.get("supersedes") or ""),
        target_year=period.plan_year,
        tally=_tally(manifest.get("headline")),
    )


def _tally(headline: object) -> Mapping[str, int] | None:
    """Standings as the report's first screen counts them; a milestone that is done is met."""
    if not isinstance(headline, dict):
        return None
    return {
        word: sum(_count(headline, standing) for standing in standings)
        for word, standings in _TALLY.items()
    }


def _mapping(content: object) -> dict[str, object]:
    return content if isinstance(content, dict) else {}


def _count(counts: Mapping[str, object], name: str) -> int:
    number = counts.get(name, 0)
    return number if isinstance(number, int) else 0
