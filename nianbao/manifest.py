"""The manifest: what a release was made from, and the name that follows from it."""

import hashlib
import json
import platform
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from nianbao import __version__
from nianbao.period import Period
from nianbao.schema import read_table, records
from nianbao.workspace import PROJECT, Workspace

NAME = "manifest.json"
_COUNTS = ("rows_seen", "accepted", "excluded", "quarantined")
_PACKAGES = ("papermill", "nbconvert", "ipykernel", "pandas", "matplotlib", "openpyxl")


@dataclass(frozen=True, slots=True)
class Ingredients:
    """Everything that decides the bytes of a release, but for the release that it supersedes.

    `inputs` are rows of the files table; the others are sha256 in hex, "" where there is no file.
    """

    inputs: tuple[Mapping[str, str | int | None], ...]
    corrections: str
    catalogue: str
    wording: str
    code: str
    lock: str
    parameters: Mapping[str, str | bool]
    year_before: str = ""  # what last year's report said otherwise of the base

    def release(self, supersedes: str | None) -> str:
        """Name the release: sixteen hex digits, the same for the same ingredients."""
        made_of = asdict(self) | {
            "inputs": sorted([str(row["path"]), str(row["sha256"])] for row in self.inputs),
            "supersedes": supersedes,
        }
        text = json.dumps(made_of, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def gather(
    workspace: Workspace,
    period: Period,
    catalogue_sha256: str,
    parameters: Mapping[str, str | bool],
) -> Ingredients:
    """Hash what a release of this period is made from; the raw files are those cleaning read."""
    return Ingredients(
        inputs=_inputs(workspace.processed(period)),
        corrections=_file_hash(workspace.corrections) if workspace.corrections.exists() else "",
        catalogue=catalogue_sha256,
        wording=_tree_hash(_wording(workspace)),
        code=_tree_hash(_code()),
        lock=_file_hash(PROJECT / "requirements.lock"),
        parameters=parameters,
    )


def write_manifest(
    folder: Path,
    period: Period,
    ingredients: Ingredients,
    *,
    complete: bool,
    headline: Mapping[str, int],
    finding_codes: Iterable[str],
    supersedes: str | None,
    remembered: Mapping[str, object] | None = None,
) -> Path:
    """Write the manifest of the release in `folder`: no times, no path of this machine.

    `headline` counts the plan's targets by standing, for the index page; `remembered` is what the
    next release will be compared with, and what this one was.
    """
    content = {
        "release": ingredients.release(supersedes),
        "period": period.name,
        "parameters": dict(ingredients.parameters),
        "complete": complete,
        "headline": dict(headline),
        "inputs": list(ingredients.inputs),
        "corrections": ingredients.corrections,
        "catalogue": ingredients.catalogue,
        "wording": ingredients.wording,
        "code": ingredients.code,
        "lock": ingredients.lock,
        "versions": _versions(),
        "outputs": _outputs(folder),
        "findings": dict(sorted(Counter(finding_codes).items())),
        "supersedes": supersedes,
        **(remembered or {}),
    }
    path = folder / NAME
    path.write_bytes((json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode())
    return path


def headline(workspace: Workspace, period: Period) -> dict[str, int]:
    """How many of the plan's targets have which standing."""
    rows = records(read_table("standings", workspace.processed(period)))
    year = str(period.plan_year)
    return dict(Counter(row["standing"] for row in rows if row["target_year"] == year))


def read_manifest(folder: Path) -> dict[str, object] | None:
    """The manifest of a release, or None where there is none that can be read."""
    try:
        content = json.loads((folder / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def intact(folder: Path, manifest: Mapping[str, object]) -> bool:
    """Whether every file that the manifest lists is there with its bytes, and no other file is."""
    return _outputs(folder) == manifest.get("outputs")


def _inputs(folder: Path) -> tuple[Mapping[str, str | int | None], ...]:
    """Rows of the files table, counts as numbers; a file that is no form has none."""
    rows = [
        {str(name): str(text) for name, text in row.items()}
        for row in read_table("files", folder).to_dict("records")
    ]
    return tuple(
        {
            "path": row["path"],
            "sha256": row["sha256"],
            "form": row["form"],
            **{name: int(row[name]) if row[name] else None for name in _COUNTS},
        }
        for row in sorted(rows, key=lambda row: row["path"])
    )


def texts(workspace: Workspace, languages: Iterable[str]) -> dict[str, str]:
    """The hash of each file of sentences that a report in these languages is told with."""
    wanted = tuple(f"{lang}/" for lang in languages)
    return {
        name: _file_hash(path)
        for name, path in sorted(_wording(workspace).items())
        if name.startswith(wanted) or name == "charts.yml"
    }


def _wording(workspace: Workspace) -> dict[str, Path]:
    """Each sentence file by name; the workspace's own stands before the project's."""
    found: dict[str, Path] = {}
    for folder in reversed(workspace.wording_folders()):
        found |= _files(folder)
    return found


def _code() -> dict[str, Path]:
    """The package with its templates and fonts, and the notebooks."""
    return {
        f"{name}/{path}": file
        for name in ("nianbao", "notebooks")
        for path, file in _files(PROJECT / name).items()
    }


def _files(folder: Path) -> dict[str, Path]:
    """Regular files under a folder by their `/` path, without caches and hidden files."""
    return {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and not any(
            part.startswith(".") or part == "__pycache__" for part in path.relative_to(folder).parts
        )
    }


def _outputs(folder: Path) -> list[dict[str, str]]:
    return [
        {"path": name, "sha256": _file_hash(path)}
        for name, path in sorted(_files(folder).items())
        if name != NAME
    ]


def _tree_hash(files: Mapping[str, Path]) -> str:
    digest = hashlib.sha256()
    for name, path in sorted(files.items()):
        digest.update(f"{name}\0{_file_hash(path)}\n".encode())
    return digest.hexdigest()


def _file_hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _versions() -> dict[str, str]:
    return {
        "nianbao": __version__,
        "python": platform.python_version(),
        "platform": f"{sys.platform}-{platform.machine()}",
        **{name: version(name) for name in _PACKAGES},
    }
