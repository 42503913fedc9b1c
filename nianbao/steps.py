"""The line: the whole pipeline on one screen."""

import contextlib
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from nianbao import engine, manifest, pointing, publish, render
from nianbao.catalogue import Catalogue, load_catalogue
from nianbao.checking import FindingRow, Watch, complete_or_refused, finding_rows, logged
from nianbao.disclosure import disclosed
from nianbao.earlier import lay_out, memory_of_run, since_release, since_year_before
from nianbao.errors import NianbaoError
from nianbao.findings import load_messages, read_findings, write_findings
from nianbao.memory import Changes, Memory, as_kept, digest, unpacked
from nianbao.period import Period
from nianbao.runs import Options, Outcome, files_in
from nianbao.schema import write_rows
from nianbao.translation import check_edition, edition
from nianbao.workspace import Workspace

NOTEBOOKS = ("01_clean", "02_indicators", "03_report")


@dataclass(frozen=True, slots=True)
class _Line:
    """One report in the making: `folder` is where its release is built."""

    workspace: Workspace
    period: Period
    options: Options
    watch: Watch
    folder: Path
    catalogue: Catalogue


@dataclass(frozen=True, slots=True)
class _Computed:
    """What is known before the report is written; `made_of` does not know the year before yet."""

    complete: bool
    findings: list[FindingRow]
    made_of: manifest.Ingredients
    memory: Memory


def run(workspace: Workspace, period: Period, options: Options, watch: Watch) -> Outcome:
    """Clean, compute, render and publish one report; the caller holds the workspace.

    Raises CatalogueError, DataRejected, InputMissing, NotebookFailed and OutputsNotWritable;
    whatever is raised, the published report is as it was.
    """
    with _line(workspace, period, options, watch) as line:
        computed = _compute(line)
        year_before = since_year_before(workspace, period, computed.memory)
        made_of = replace(computed.made_of, year_before=digest(year_before))
        supersedes, unchanged = _published(workspace, period, made_of)
        release = made_of.release(supersedes)
        if not unchanged or options.force:
            since = since_release(workspace, period, supersedes, computed.memory)
            changes = {"release": since, "year_before": year_before}
            _write(line, computed, made_of, supersedes, changes)
            watch.progress("publish", 0)
            publish.publish(workspace, period, release, line.folder)
            watch.progress("publish", 1)
        status = "unchanged" if unchanged and not options.force else "published"
        place = workspace.outputs / pointing.shown(workspace.outputs, period)
        bureau = line.catalogue.office.bureau
        names = (bureau.zh, bureau.en)
        return Outcome(status, computed.complete, release, files_in(place), names)


def rebuild(
    workspace: Workspace, period: Period, place: Path, watch: Watch
) -> list[manifest.Damage]:
    """Make the release in `place`, whose files are whole, once more; give what `rebuilt` differs.

    Where it cannot be the same, because what it was made from is not what lies here now, gives
    each `source` that differs instead: a raw file, or `catalogue`, `code`, ... Raises what `run`
    raises; nothing is published.
    """
    told = manifest.read_manifest(place) or {}
    changes = unpacked(told["changes"])
    made_of = manifest.recorded(told, digest(changes["year_before"]))
    parameters = made_of.parameters
    options = Options(
        lang=str(parameters["lang"]),
        date=str(parameters["date"]),
        allow_partial=bool(parameters["allow_partial"]),
        force=True,
    )
    supersedes = str(told["supersedes"]) if told["supersedes"] else None
    with _line(workspace, period, options, watch) as line:
        computed = _compute(line)
        if differing := made_of.differing(
            replace(computed.made_of, year_before=made_of.year_before)
        ):
            return [manifest.Damage(name, "source") for name in differing]
        _write(line, computed, made_of, supersedes, changes)
        files = manifest.differing_files(place, line.folder)
        return [manifest.Damage(name, "rebuilt") for name in files]


# --- steps ----------------------------------------------------------------------------------------


@contextlib.contextmanager
def _line(workspace: Workspace, period: Period, options: Options, watch: Watch) -> Iterator[_Line]:
    """Load what every step needs, and give a folder to build in while it lasts."""
    catalogue = load_catalogue(workspace)
    for lang in options.languages:
        check_edition(catalogue, workspace, lang)
    with logged(workspace, period), publish.building(workspace, period) as folder:
        yield _Line(workspace, period, options, watch, folder, catalogue)


def _compute(line: _Line) -> _Computed:
    """Clean and compute; the report is decided by then, though not yet written."""
    complete = _clean(line)
    _notebook(line, NOTEBOOKS[1])
    findings = _findings(line)
    line.watch.findings(findings)
    parameters = line.options.parameters(line.period)
    made_of = manifest.gather(line.workspace, line.period, line.catalogue.sha256, parameters)
    memory = memory_of_run(
        line.workspace, line.period, line.catalogue, made_of, line.options.languages
    )
    return _Computed(complete, findings, made_of, memory)


def _clean(line: _Line) -> bool:
    """Run the first notebook, and decide on what it found; a refusal shows the findings first."""
    _notebook(line, NOTEBOOKS[0])
    findings = _findings(line)
    try:
        return complete_or_refused(findings, line.options.allow_partial)
    except NianbaoError:
        line.watch.findings(findings)
        raise


def _findings(line: _Line) -> list[FindingRow]:
    """The findings of the last step, in the language of the terminal."""
    processed = line.workspace.processed(line.period)
    return finding_rows(line.workspace, read_findings(processed))


def _notebook(
    line: _Line, name: str, lang: str = "", meanwhile: Callable[[], None] = lambda: None
) -> Path:
    options, lang = line.options, lang or line.options.languages[0]
    executed = line.folder / "notebooks" / options.named(name, lang, ".ipynb")
    parameters = options.parameters(line.period)
    engine.run_notebook(
        line.workspace.notebook(name),
        executed,
        {"workspace": str(line.workspace.root), **parameters, "lang": lang},
        shown={"workspace": ".."},  # what the notebooks say themselves: the folder above theirs
        limits=options.limits,
        progress=lambda step, done, total: line.watch.progress(step, done / total),
        meanwhile=meanwhile,
    )
    return executed


def _import_the_press() -> None:
    """Import what is heavy, and needed only by a run that gets as far as its page."""
    from nianbao import documents  # noqa: F401

    render.prepare()


def _write(
    line: _Line,
    computed: _Computed,
    made_of: manifest.Ingredients,
    supersedes: str | None,
    changes: Mapping[str, Changes],
) -> None:
    """Write every file of the release, and refuse it where one holds personal data."""
    lay_out(line.workspace, line.period, changes)
    for lang in line.options.languages:
        _write_report(line, lang)
    manifest.write_manifest(
        line.folder,
        line.period,
        made_of,
        complete=computed.complete,
        headline=manifest.headline(line.workspace, line.period),
        finding_codes=[row["code"] for row in computed.findings],
        supersedes=supersedes,
        remembered=as_kept(computed.memory, changes),
    )
    _refuse_personal_data(line)


def _write_report(line: _Line, lang: str) -> None:
    """Write the page of one language, its charts, tables, and the official document."""
    options, folder = line.options, line.folder
    executed = _notebook(line, NOTEBOOKS[2], lang, _import_the_press)
    from nianbao.documents import write_document

    line.watch.progress("page", 0)
    page = folder / options.named("report", lang, ".html")
    charts = folder / options.named("charts", lang)
    render.render_report(executed, page, lang)
    saved = line.workspace.processed(line.period) / "charts"
    if saved.is_dir():
        shutil.move(saved, charts)
    tables = saved.with_name("tables.xlsx")
    if tables.exists():
        shutil.move(tables, folder / options.named("tables", lang, ".xlsx"))
    plain = charts / "plain"
    write_document(
        page,
        plain,
        folder / options.named("report", lang, ".docx"),
        creator=str(edition(line.catalogue, line.workspace, lang).office.bureau),
        lang=lang,
        date=options.date,
    )
    shutil.rmtree(plain, ignore_errors=True)


def _refuse_personal_data(line: _Line) -> None:
    """Stop where any file of the release holds an ID or mobile number; the findings say where."""
    workspace, options = line.workspace, line.options
    processed = workspace.processed(line.period)
    if found := disclosed(line.folder, processed):
        messages = load_messages(workspace, options.languages[0])
        every = [*found, *read_findings(processed)]
        write_rows("findings", map(messages.row, every), processed)
        write_findings(every, processed)
        rows = finding_rows(workspace, found)
        line.watch.findings(rows)
        complete_or_refused(rows, options.allow_partial)


def _published(
    workspace: Workspace, period: Period, made_of: manifest.Ingredients
) -> tuple[str | None, bool]:
    """The release that the new one supersedes, and whether readers have the new one already."""
    place = pointing.current(workspace.outputs, period)
    found = manifest.read_manifest(place) if place else None
    if place is None or found is None:
        return None, False
    former = found.get("supersedes")
    supersedes = str(former) if former else None
    if found.get("release") == made_of.release(supersedes):
        return supersedes, not manifest.damages(place)
    return str(found.get("release")), False
