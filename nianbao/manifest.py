"""The manifest: what a release was made from, and the name that follows from it."""

import hashlib
import json
import platform
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from importlib.metadata import version
from pathlib import Path
from typing import Any

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

    def differing(self, other: "Ingredients") -> list[str]:
        """What is not the same in another: raw files by path, else the ingredient's name."""
        mine, theirs = (
            {str(row["path"]): str(row["sha256"]) for row in one.inputs} for one in (self, other)
        )
        files = [path for path in {**mine, **theirs} if mine.get(path) != theirs.get(path)]
        names = [one.name for one in fields(self) if one.name != "inputs"]
        return sorted(files) + [
            name for name in names if getattr(self, name) != getattr(other, name)
        ]


@dataclass(frozen=True, slots=True)
class Damage:
    """One file of a release that is not as its manifest says; `kind`: changed, missing, added."""

    path: str
    kind: str


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
        "versions": versions(),
        "outputs": _outputs(folder),
        "findings": dict(sorted(Counter(finding_codes).items())),
        "supersedes": supersedes,
        **(remembered or {}),
    }
    path = folder / NAME
    path.write_bytes(_sealed(content))
    return path


def headline(workspace: Workspace, period: Period) -> dict[str, int]:
    """How many of the plan's targets have which standing."""
    rows = records(read_table("standings", workspace.processed(period)))
    year = str(period.plan_year)
    return dict(Counter(row["standing"] for row in rows if row["target_year"] == year))


def recorded(manifest: Mapping[str, Any], year_before: str) -> Ingredients:
    """What a release says it was made from; `year_before` is the digest of what its report told.

    A manifest that lacks any of it raises KeyError, TypeError or ValueError.
    """
    names = ("corrections", "catalogue", "wording", "code", "lock")
    return Ingredients(
        inputs=tuple(dict(row) for row in manifest["inputs"]),
        parameters=dict(manifest["parameters"]),
        year_before=year_before,
        **{name: str(manifest[name]) for name in names},
    )


def read_manifest(folder: Path) -> dict[str, object] | None:
    """The manifest of a release, or None where there is none that can be read."""
    try:
        content = json.loads((folder / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def damages(folder: Path) -> list[Damage]:
    """Every file of a release that was changed, lost or added since it was published.

    The manifest holds a hash of itself, so that a change in it is found too.
    """
    manifest = read_manifest(folder)
    if manifest is None:
        return [Damage(NAME, "changed" if (folder / NAME).exists() else "missing")]
    sealed = (folder / NAME).read_bytes() == _sealed(manifest)
    listed = _listed(manifest)
    found = {NAME: "" if sealed else "changed"} | dict.fromkeys(listed, "missing")
    for name, path in _published(folder).items():
        if name in listed:
            same = path.is_file() and _file_hash(path) == listed[name]
            found[name] = "" if same else "changed"
        elif name != NAME:
            found[name] = "added"
    return [Damage(name, kind) for name, kind in sorted(found.items()) if kind]


def differing_files(place: Path, folder: Path) -> list[str]:
    """The files of two releases that are not byte for byte the same, or only in one of them."""
    here, there = _published(place), _published(folder)
    return [
        name
        for name in sorted({**here, **there})
        if name not in here
        or name not in there
        or _file_hash(here[name]) != _file_hash(there[name])
    ]


def _listed(manifest: Mapping[str, Any]) -> dict[str, str]:
    """The outputs that a manifest lists; none in one that was damaged beyond reading."""
    try:
        return {str(row["path"]): str(row["sha256"]) for row in manifest["outputs"]}
    except (KeyError, TypeError):
        return {}


def _sealed(content: Mapping[str, object]) -> bytes:
    """A manifest as its file holds it, the hash of the rest at its end."""

    def written(seal: str) -> bytes:
        sealed = {**content, "sha256": seal}
        return (json.dumps(sealed, ensure_ascii=False, indent=1) + "\n").encode()

    return written(hashlib.sha256(written("")).hexdigest())


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
        for name, path in sorted(_published(folder).items())
        if name != NAME
    ]


def _published(folder: Path) -> dict[str, Path]:
    """Everything in a release by its path, hidden or not; a link counts as what it points to."""
    return {
        path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*")
        if path.is_symlink() or not path.is_dir()
    }


def _tree_hash(files: Mapping[str, Path]) -> str:
    digest = hashlib.sha256()
    for name, path in sorted(files.items()):
        digest.update(f"{name}\0{_file_hash(path)}\n".encode())
    return digest.hexdigest()


def _file_hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def versions() -> dict[str, str]:
    """The versions that a release was made with."""
    return {
        "nianbao": __version__,
        "python": platform.python_version(),
        "platform": f"{sys.platform}-{platform.machine()}",
        **{name: version(name) for name in _PACKAGES},
    }
