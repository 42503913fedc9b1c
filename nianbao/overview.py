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
_MADE_FROM = ("inputs", "corrections", "catalogue", "wording", "code", "lock", "parameters")
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
    lang: str


@dataclass(frozen=True, slots=True)
class Release:
    """One release as its own files describe it; nothing is known of one without a manifest."""

    name: str
    folder: str
    formats: tuple[Format, ...]
    lang: str = "zh"
    known: bool = False
    complete: bool = False
    missing: int = 0
    errors: int = 0
    date: str = ""
    supersedes: str = ""
    changed: tuple[str, ...] = ()  # what it was made from otherwise than the one it supersedes
    target_year: int = 0
    tally: Mapping[str, int] | None = None  # None in releases that did not count yet


@dataclass(frozen=True, slots=True)
class Shelf:
    """One period: the release that readers see, and those before it, the newest first."""

    period: Period
    current: Release
    former: tuple[Release, ...]


def index_page(outputs: Path, title: str, english: str = "") -> bytes:
    """The page, made anew from what lies in `outputs`, in the language of its newest report.

    `title` names the bureau, `english` in English.
    """
    every = list(shelves(outputs))
    lang = every[0].current.lang if every else "zh"
    named = english or title if lang == "en" else title
    return filled("index/index.html.j2", title=named, shelves=every, lang=lang)


def filled(template: str, **content: object) -> bytes:
    """A page of the template folder with its content."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(template).render(content).encode()


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
    manifest = read_manifest(folder)
    parameters = _mapping(manifest.get("parameters")) if manifest else {}
    lang = "en" if str(parameters.get("lang")).startswith("en") else "zh"
    formats = tuple(
        Format(name, f"{shown}/{name}", (folder / name).stat().st_size, _language(name, lang))
        for name in _FORMATS
        if (folder / name).is_file()
    )
    if manifest is None:
        return Release(folder.resolve().name, folder.resolve().name, formats)
    findings = _mapping(manifest.get("findings"))
    return Release(
        name=str(manifest.get("release") or folder.resolve().name),
        folder=folder.resolve().name,
        formats=formats,
        lang=lang,
        known=True,
        complete=manifest.get("complete") is True,
        missing=_count(findings, "E_MISSING"),
        errors=sum(_count(findings, code) for code in findings if code[:2] == "E_")
        - _count(findings, "E_MISSING"),
        date=str(parameters.get("date") or ""),
        supersedes=str(manifest.get("supersedes") or ""),
        changed=_changed(manifest, folder.resolve().parent),
        target_year=period.plan_year,
        tally=_tally(manifest.get("headline")),
    )


def _language(name: str, own: str) -> str:
    """The language of a file of a release: in its name, or the release's own."""
    _, *code, _ = name.split(".")
    return code[0] if code else own


def _changed(manifest: Mapping[str, object], releases: Path) -> tuple[str, ...]:
    """What a release was made from otherwise than the one that it supersedes, if that is there."""
    former = manifest.get("supersedes")
    then = read_manifest(releases / former) if isinstance(former, str) else None
    if then is None:
        return ()
    sides = [{**one, "inputs": _files_of(one)} for one in (manifest, then)]
    return tuple(name for name in _MADE_FROM if sides[0].get(name) != sides[1].get(name))


def _files_of(manifest: Mapping[str, object]) -> list[tuple[object, object]]:
    rows = manifest.get("inputs")
    listed = [_mapping(row) for row in rows] if isinstance(rows, list) else []
    return [(row.get("path"), row.get("sha256")) for row in listed]


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
