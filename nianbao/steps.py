"""The line: the whole pipeline on one screen."""

import contextlib
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nianbao import engine, manifest, publish, render
from nianbao.catalogue import load_catalogue
from nianbao.errors import DataRejected, InputMissing, NianbaoError, OutputsNotWritable
from nianbao.findings import load_messages, read_findings
from nianbao.period import Period
from nianbao.terminal import printable, say, speaks_chinese
from nianbao.workspace import Workspace

NOTEBOOKS = ("01_clean", "02_indicators", "03_report")
NEVER_PUBLISHED = frozenset({"E_PII", "E_UNRECONCILED"})

FindingRow = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line decides beside the period; `date` is YYYY-MM-DD or ""."""

    lang: str = "zh"
    date: str = ""
    allow_partial: bool = False
    force: bool = False
    limits: engine.Limits = field(default_factory=engine.Limits)


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is told while a run goes on: of a step and its share done (0 to 1), of the findings."""

    progress: Callable[[str, float], None] = lambda step, share: None
    findings: Callable[[Sequence[FindingRow]], None] = lambda rows: None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended: `published`, `unchanged` or `checked`."""

    status: str
    complete: bool
    release: str = ""
    files: tuple[Path, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 where every expected file was accepted, else 3."""
        return 0 if self.complete else 3


def run(workspace: Workspace, period: Period, options: Options, watch: Watch) -> Outcome:
    """Clean, compute, render and publish one report.

    Raises CatalogueError, DataRejected, InputMissing, NotebookFailed, OutputsNotWritable and
    WorkspaceBusy; whatever is raised, the published report is as it was.
    """
    catalogue = load_catalogue(workspace)
    with (
        _held(workspace, period, "run"),
        publish.building(workspace, period) as folder,
    ):
        complete = _clean(workspace, period, options, watch, folder)
        _notebook(NOTEBOOKS[1], workspace, period, options, watch, folder)
        findings = _findings(workspace, period)
        watch.findings(findings)

        parameters = _parameters(period, options)
        made_of = manifest.gather(workspace, period, catalogue.sha256, parameters)
        supersedes, unchanged = _published(workspace, period, made_of)
        release = made_of.release(supersedes)
        place = workspace.outputs / period.name
        if unchanged and not options.force:
            return Outcome("unchanged", complete, release, _files(place))

        _notebook(NOTEBOOKS[2], workspace, period, options, watch, folder)
        watch.progress("page", 0)
        executed = folder / "notebooks" / f"{NOTEBOOKS[2]}.ipynb"
        render.render_report(executed, folder / "report.html", options.lang)
        manifest.write_manifest(
            folder,
            period,
            made_of,
            complete=complete,
            finding_codes=[row["code"] for row in findings],
            supersedes=supersedes,
        )
        watch.progress("publish", 0)
        place = publish.publish(workspace, period, release, folder, str(catalogue.office.bureau))
        watch.progress("publish", 1)
        return Outcome("published", complete, release, _files(place))


def check(workspace: Workspace, period: Period, options: Options, watch: Watch) -> Outcome:
    """Read and check the raw workbooks as a run would; publish nothing."""
    from nianbao.report import Report  # heavy, and a run leaves it to its notebooks

    load_catalogue(workspace)
    with _held(workspace, period, "check"):
        watch.progress(NOTEBOOKS[0], 0)
        Report(workspace, period, options.lang, options.date, options.allow_partial).check()
        watch.progress(NOTEBOOKS[0], 1)
        findings = _findings(workspace, period)
        watch.findings(findings)
        return Outcome("checked", complete_or_refused(findings, options.allow_partial))


def complete_or_refused(findings: Sequence[FindingRow], allow_partial: bool) -> bool:
    """Whether every expected file was accepted.

    Raises DataRejected for an error in the data, InputMissing where files are only missing; with
    `allow_partial`, DataRejected only for what is never published.
    """
    codes = Counter(row["code"] for row in findings if row["severity"] == "error")
    wrong = {code: number for code, number in codes.items() if code != "E_MISSING"}
    if never := {code: number for code, number in wrong.items() if code in NEVER_PUBLISHED}:
        raise DataRejected(
            say(
                zh=f"原始数据有绝不发布的问题（{_counted(never)}），没有发布任何内容。"
                "请按上面各行改正后重新运行。",
                en=f"the raw data have what is never published ({_counted(never)}); "
                "nothing was published. Correct the lines above and run again.",
            )
        )
    if wrong and not allow_partial:
        raise DataRejected(
            say(
                zh=f"原始数据有误（{_counted(codes)}），没有发布任何内容。请按上面各行改正后重新运行，"
                "或用 --allow-partial 先发布其余部分。",
                en=f"the raw data are wrong ({_counted(codes)}); nothing was published. Correct "
                "the lines above and run again, or publish the rest with --allow-partial.",
            )
        )
    if codes and not allow_partial:
        raise InputMissing(
            say(
                zh=f"缺少 {codes['E_MISSING']} 项应报材料（见上），没有发布任何内容。"
                "请补齐后重新运行，或用 --allow-partial 先发布其余部分。",
                en=f"{codes['E_MISSING']} expected inputs are missing (listed above); nothing was "
                "published. Add them and run again, or publish the rest with --allow-partial.",
            )
        )
    return not codes


# --- steps ----------------------------------------------------------------------------------------


def _clean(
    workspace: Workspace, period: Period, options: Options, watch: Watch, folder: Path
) -> bool:
    """Run the first notebook, and decide on what it found; a refusal shows the findings first."""
    _notebook(NOTEBOOKS[0], workspace, period, options, watch, folder)
    findings = _findings(workspace, period)
    try:
        return complete_or_refused(findings, options.allow_partial)
    except NianbaoError:
        watch.findings(findings)
        raise


def _findings(workspace: Workspace, period: Period) -> list[FindingRow]:
    """The findings of the last step, in the language of the terminal."""
    messages = load_messages(workspace, "zh" if speaks_chinese() else "en")
    found = read_findings(workspace.processed(period))
    return [{name: str(text) for name, text in messages.row(one).items()} for one in found]


def _notebook(
    name: str,
    workspace: Workspace,
    period: Period,
    options: Options,
    watch: Watch,
    folder: Path,
) -> None:
    engine.run_notebook(
        workspace.notebook(name),
        folder / "notebooks" / f"{name}.ipynb",
        {"workspace": str(workspace.root), **_parameters(period, options)},
        shown={"workspace": ".."},  # what the notebooks say themselves: the folder above theirs
        limits=options.limits,
        progress=lambda step, done, total: watch.progress(step, done / total),
    )


def _parameters(period: Period, options: Options) -> dict[str, str | bool]:
    return {
        "period": period.name,
        "lang": options.lang,
        "date": options.date,
        "allow_partial": options.allow_partial,
    }


def _published(
    workspace: Workspace, period: Period, made_of: manifest.Ingredients
) -> tuple[str | None, bool]:
    """The release that the new one supersedes, and whether readers have the new one already."""
    place = publish.current(workspace, period)
    found = manifest.read_manifest(place) if place else None
    if place is None or found is None:
        return None, False
    former = found.get("supersedes")
    supersedes = str(former) if former else None
    if found.get("release") == made_of.release(supersedes):
        return supersedes, manifest.intact(place, found)
    return str(found.get("release")), False


# --- around them ----------------------------------------------------------------------------------


@contextlib.contextmanager
def _held(workspace: Workspace, period: Period, verb: str) -> Iterator[None]:
    """Hold the workspace, and write a fresh log while it lasts."""
    with publish.hold(workspace, f"{verb} {period.name}"):
        path = log_file(workspace, period)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            log = logging.FileHandler(path, mode="w", encoding="utf-8")
        except OSError as error:
            raise OutputsNotWritable(
                say(
                    zh=f"无法写入 {printable(str(path))}：{error.strerror}。请检查权限。",
                    en=f"cannot write {printable(str(path))}: {error.strerror}. "
                    "Check its permissions.",
                )
            ) from error
        log.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
        logging.getLogger().addHandler(log)
        try:
            yield
        finally:
            logging.getLogger().removeHandler(log)
            log.close()


def log_file(workspace: Workspace, period: Period) -> Path:
    """Where a run writes what is for developers: tracebacks, and what cells said on stderr."""
    return workspace.processed(period) / "run.log"


def _files(place: Path) -> tuple[Path, ...]:
    return tuple(path for path in sorted(place.rglob("*")) if path.is_file())


def _counted(codes: Mapping[str, int]) -> str:
    return ", ".join(f"{code} {number}" for code, number in sorted(codes.items()))
