"""Verifying: published files against their manifests, and releases rebuilt to be compared."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nianbao import manifest, pointing, steps
from nianbao.checking import Watch
from nianbao.errors import InputMissing
from nianbao.manifest import Damage
from nianbao.period import Period
from nianbao.terminal import printable, say
from nianbao.workspace import Workspace

DIFFERENCE = 76


@dataclass(frozen=True, slots=True)
class Verified:
    """One release that was looked at; `current` is what readers see now.

    `damages` are of its files; after a rerun also `source` (what it was made from is not here any
    more) and `rebuilt` (the file comes out otherwise).
    """

    period: Period
    release: str
    current: bool
    damages: tuple[Damage, ...]

    def as_record(self) -> dict[str, object]:
        """The release as plain values, for `--json`."""
        return {
            "period": self.period.name,
            "release": self.release,
            "current": self.current,
            "differences": [{"path": one.path, "kind": one.kind} for one in self.damages],
        }


def exit_code(verified: Sequence[Verified]) -> int:
    """0 where nothing differs, else 76."""
    return DIFFERENCE if any(one.damages for one in verified) else 0


def verify(
    workspace: Workspace, period: Period | None, watch: Watch, *, rerun: bool
) -> list[Verified]:
    """Hold every release of a period, or of all, against its manifest.

    With `rerun` the releases that readers see are made once more and compared byte for byte; the
    caller then holds the workspace. Raises InputMissing where nothing is published; what `run`
    raises with `rerun`.
    """
    shelf = workspace.outputs / pointing.RELEASES
    on_shelf = {Period.parse(path.name) for path in sorted(shelf.glob("*")) if path.is_dir()}
    periods = sorted({*on_shelf, *pointing.named(workspace.outputs)})
    if period is not None:
        periods = [one for one in periods if one == period]
    if not periods:
        raise InputMissing(_nothing(period))
    verified = [one for period in periods for one in _releases(workspace, period)]
    return [_rerun(workspace, one, watch) if rerun else one for one in verified]


def lines(verified: Sequence[Verified], *, rerun: bool) -> Iterator[str]:
    """The answer for a terminal: a line for each release, and one for each file that differs."""
    for one in verified:
        name = f"{one.period.name} {one.release}".strip()
        if one.damages:
            yield say(zh=f"{name}：有 {len(one.damages)} 处不同", en=f"{name}: differs")
        elif rerun and one.current:
            yield say(zh=f"{name}：重新生成，逐字节相同", en=f"{name}: made once more, same bytes")
        else:
            yield say(zh=f"{name}：完好", en=f"{name}: intact")
        for damage in one.damages:
            yield f"  {printable(damage.path)}: {_kinds()[damage.kind]}"


def _kinds() -> dict[str, str]:
    return {
        "changed": say(zh="被改动", en="changed"),
        "missing": say(zh="缺失", en="missing"),
        "added": say(zh="多出", en="added"),
        "misplaced": say(
            zh="文件夹与清单所记的版本不符", en="not the release that its manifest names"
        ),
        "source": say(
            zh="与当时的材料不同，无法重新生成", en="not what it was made from; cannot be rebuilt"
        ),
        "rebuilt": say(zh="重新生成的内容不同", en="comes out otherwise when made once more"),
    }


def _releases(workspace: Workspace, period: Period) -> list[Verified]:
    """The releases of a period, the one that readers see first; a period that shows none is one."""
    place = pointing.current(workspace.outputs, period)
    folders = sorted(
        pointing.releases(workspace.outputs, period).glob("*"),
        key=lambda path: (path.resolve() != place, path.name),
    )
    verified = [_verified(period, folder, current=folder.resolve() == place) for folder in folders]
    if not any(one.current for one in verified):
        lost = Damage(period.name, "missing")
        verified.insert(0, Verified(period, "", True, (lost,)))
    return verified


def _verified(period: Period, folder: Path, *, current: bool) -> Verified:
    damages = manifest.damages(folder)
    told = manifest.read_manifest(folder) or {}
    if not damages and (told.get("release"), told.get("period")) != (folder.name, period.name):
        damages = [Damage(".", "misplaced")]
    return Verified(period, folder.name, current, tuple(damages))


def _rerun(workspace: Workspace, one: Verified, watch: Watch) -> Verified:
    """The same with what differs when it is made once more; a damaged one is not made."""
    if one.damages or not one.current:
        return one
    place = pointing.releases(workspace.outputs, one.period) / one.release
    rebuilt = steps.rebuild(workspace, one.period, place, watch)
    return replace(one, damages=tuple(rebuilt))


def _nothing(period: Period | None) -> str:
    named = period.name if period else ""
    return say(
        zh=f"没有发布过 {named} 的报告，无可核对。" if named else "还没有发布过报告，无可核对。",
        en=f"no report of {named} is published, so there is nothing to verify."
        if named
        else "no report is published yet, so there is nothing to verify.",
    )
