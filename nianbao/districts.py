"""The page of a batch: every district with the state of its report and its standings."""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from nianbao import pointing
from nianbao.captions import Captions, load_captions
from nianbao.holding import open_folder
from nianbao.languages import LANGUAGES
from nianbao.overview import Format, Release, filled, shelf
from nianbao.period import Period
from nianbao.workspace import PROJECT, Workspace

_STANDINGS = ("met", "on_track", "behind", "not_measurable")


@dataclass(frozen=True, slots=True)
class Row:
    """One district: `kind` is whole, partial or failed; `files` are what its readers can open."""

    name: str
    folder: str
    kind: str
    code: int
    errors: Mapping[str, int]
    files: tuple[Format, ...]
    tally: Mapping[str, int] | None


@dataclass(frozen=True, slots=True)
class Ending:
    """How a district's run ended: its exit code, whether it failed, and its errors by code."""

    code: int
    failed: bool
    errors: Mapping[str, int]


def row(workspace: Workspace, period: Period, page: Path, name: str, ending: Ending) -> Row:
    """One district as it ended, and what its readers see: perhaps what was published before."""
    shown = _shown(workspace, period)
    files = tuple(_reached(one, workspace, page) for one in shown.formats if _is_main(one.name))
    published = "partial" if ending.code else "whole"
    kind = "failed" if ending.failed else published
    folder = workspace.root.name
    return Row(name or folder, folder, kind, ending.code, ending.errors, files, shown.tally)


def _shown(workspace: Workspace, period: Period) -> Release:
    if pointing.current(workspace.outputs, period) is None:
        return Release("", "", ())
    return shelf(workspace.outputs, period).current


def _is_main(name: str) -> bool:
    return name in ("report.html", "report.docx", "tables.xlsx")


def _reached(one: Format, workspace: Workspace, page: Path) -> Format:
    """The file by its path from the page."""
    path = Path(os.path.relpath(workspace.outputs / one.path, page.parent)).as_posix()
    return Format(one.name, quote(path), one.size, one.lang)


def write_page(
    page: Path, period: Period, rows: Sequence[Row], lang: str, parent: Row | None = None
) -> None:
    """Write the page, in one step; `parent` is the row of the area that they are rolled up to."""
    words = load_captions(Workspace(PROJECT), lang, "batch.yml")
    kinds = Counter(row.kind for row in rows)
    count = {name: kinds[name] for name in ("partial", "failed")}
    count |= {"all": len(rows), "published": len(rows) - kinds["failed"]}
    content = filled(
        "index/batch.html.j2",
        html_lang=LANGUAGES[lang].html,
        title=_title(words, period, lang),
        sub=words.say("page", "sub", count),
        caption=words.say("page", "caption", {"year": period.plan_year}),
        words=words.texts,
        standings=_STANDINGS,
        rows=[parent, *rows] if parent else rows,
        parent=parent,
    )
    open_folder(page.parent)
    pointing.replace(page, content)
    pointing.flush(page.parent)


def _title(words: Captions, period: Period, lang: str) -> str:
    return words.say("page", "title", {"period": LANGUAGES[lang].period(period)})
