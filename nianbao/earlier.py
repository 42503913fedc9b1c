"""What earlier releases said: read from their manifests, and laid out for the report to tell."""

from collections.abc import Mapping, Sequence

from nianbao.catalogue import Catalogue
from nianbao.manifest import Ingredients, read_manifest, texts
from nianbao.memory import (
    Changes,
    Made,
    Memory,
    as_remembered,
    differences,
    differences_of_base,
    remember,
    unpacked,
    write_changes,
)
from nianbao.period import Period
from nianbao.pointing import current
from nianbao.schema import read_table
from nianbao.workspace import Workspace


def memory_of_run(
    workspace: Workspace,
    period: Period,
    catalogue: Catalogue,
    made_of: Ingredients,
    languages: Sequence[str],
) -> Memory:
    """What the release that is being made will remember, from its tables."""
    processed = workspace.processed(period)
    made = Made(
        files={str(row["path"]): str(row["sha256"]) for row in made_of.inputs},
        texts=texts(workspace, languages),
        code=made_of.code,
        lock=made_of.lock,
        catalogue=made_of.catalogue,
    )
    values, facts, corrections = (
        read_table(name, processed) for name in ("values", "facts", "corrections")
    )
    return remember(values, facts, corrections, catalogue, made)


def published_values(workspace: Workspace, period: Period) -> Mapping[str, Sequence[str]]:
    """What the release that readers see gives: "indicator place" → [value, previous]."""
    then = _remembered(workspace, period)
    return then["values"] if then else {}


def since_year_before(workspace: Workspace, period: Period, memory: Memory) -> Changes:
    """Where last year's report said otherwise of what is now the base; empty without that report.

    A quarter report looks to the same quarter's.
    """
    then = _remembered(workspace, period.previous)
    return differences_of_base(then, memory, period.previous.year) if then else {}


def since_release(
    workspace: Workspace, period: Period, supersedes: str | None, memory: Memory
) -> Changes:
    """Where the superseded release said otherwise; empty for the first one.

    A release that is made once more takes it from itself: the superseded one may be gone.
    """
    place = current(workspace.outputs, period)
    found = read_manifest(place) if place else None
    if supersedes is None or found is None:
        return {}
    if found.get("release") == supersedes:
        then = as_remembered(found)
        return differences(then, memory) if then else {}
    kept = unpacked(found.get("changes", ""))
    changes: Changes = kept.get("release", {}) if isinstance(kept, dict) else {}
    return changes


def lay_out(workspace: Workspace, period: Period, changes: Mapping[str, Changes]) -> None:
    """Put what changed where the report's notebook finds it."""
    write_changes(changes, workspace.processed(period))


def _remembered(workspace: Workspace, period: Period) -> Memory | None:
    place = current(workspace.outputs, period)
    found = read_manifest(place) if place else None
    return as_remembered(found) if found else None
