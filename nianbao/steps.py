"""The line: the whole pipeline on one screen."""

import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path

from nianbao import engine, manifest, publish, render
from nianbao.catalogue import Catalogue, load_catalogue
from nianbao.checking import FindingRow, Watch, complete_or_refused, finding_rows, held
from nianbao.disclosure import disclosed
from nianbao.earlier import lay_out, memory_of_run, since_release, since_year_before
from nianbao.errors import NianbaoError
from nianbao.findings import load_messages, read_findings, write_findings
from nianbao.memory import as_kept, digest
from nianbao.period import Period
from nianbao.schema import write_rows
from nianbao.translation import check_edition, edition
from nianbao.workspace import Workspace

NOTEBOOKS = ("01_clean", "02_indicators", "03_report")


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line decides beside the period.

    `date` is YYYY-MM-DD or ""; `lang` names one language or several, the report's own first.
    """

    lang: str = "zh"
    date: str = ""
    allow_partial: bool = False
    force: bool = False
    limits: engine.Limits = field(default_factory=engine.Limits)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages, that of `report.html` first."""
        return tuple(self.lang.split(","))

    def named(self, stem: str, lang: str, ending: str = "") -> str:
        """A file's name: report.html in the first language, report.en.html in another."""
        return f"{stem}{ending}" if lang == self.languages[0] else f"{stem}.{lang}{ending}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended: `published` or `unchanged`."""

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
    for lang in options.languages:
        check_edition(catalogue, workspace, lang)
    with (
        held(workspace, period, "run"),
        publish.building(workspace, period) as folder,
    ):
        complete = _clean(workspace, period, options, watch, folder)
        _notebook(NOTEBOOKS[1], workspace, period, options, watch, folder)
        findings = _findings(workspace, period)
        watch.findings(findings)

        parameters = _parameters(period, options)
        made_of = manifest.gather(workspace, period, catalogue.sha256, parameters)
        memory = memory_of_run(workspace, period, catalogue, made_of, options.languages)
        year_before = since_year_before(workspace, period, memory)
        made_of = replace(made_of, year_before=digest(year_before))
        supersedes, unchanged = _published(workspace, period, made_of)
        release = made_of.release(supersedes)
        place = workspace.outputs / period.name
        if unchanged and not options.force:
            publish.write_index(workspace, str(catalogue.office.bureau))
            return Outcome("unchanged", complete, release, _files(place))

        since = since_release(workspace, period, supersedes, memory)
        changes = {"release": since, "year_before": year_before}
        lay_out(workspace, period, changes)
        for lang in options.languages:
            _write_report(workspace, period, options, watch, folder, lang, catalogue)
        manifest.write_manifest(
            folder,
            period,
            made_of,
            complete=complete,
            headline=manifest.headline(workspace, period),
            finding_codes=[row["code"] for row in findings],
            supersedes=supersedes,
            remembered=as_kept(memory, changes),
        )
        _refuse_personal_data(workspace, period, options, watch, folder)
        watch.progress("publish", 0)
        place = publish.publish(workspace, period, release, folder, str(catalogue.office.bureau))
        watch.progress("publish", 1)
        return Outcome("published", complete, release, _files(place))


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
    return finding_rows(workspace, read_findings(workspace.processed(period)))


def _notebook(
    name: str,
    workspace: Workspace,
    period: Period,
    options: Options,
    watch: Watch,
    folder: Path,
    lang: str = "",
) -> Path:
    lang = lang or options.languages[0]
    executed = folder / "notebooks" / options.named(name, lang, ".ipynb")
    engine.run_notebook(
        workspace.notebook(name),
        executed,
        {"workspace": str(workspace.root), **_parameters(period, options), "lang": lang},
        shown={"workspace": ".."},  # what the notebooks say themselves: the folder above theirs
        limits=options.limits,
        progress=lambda step, done, total: watch.progress(step, done / total),
    )
    return executed


def _write_report(
    workspace: Workspace,
    period: Period,
    options: Options,
    watch: Watch,
    folder: Path,
    lang: str,
    catalogue: Catalogue,
) -> None:
    """Write the page of one language, its charts, tables, and the official document."""
    from nianbao.documents import write_document  # heavy, and only for a run that gets this far

    executed = _notebook(NOTEBOOKS[2], workspace, period, options, watch, folder, lang)
    watch.progress("page", 0)
    page, charts = (
        folder / options.named("report", lang, ".html"),
        folder / options.named("charts", lang),
    )
    render.render_report(executed, page, lang)
    saved = workspace.processed(period) / "charts"
    if saved.is_dir():
        shutil.move(saved, charts)
    tables = workspace.processed(period) / "tables.xlsx"
    if tables.exists():
        shutil.move(tables, folder / options.named("tables", lang, ".xlsx"))
    write_document(
        page,
        charts,
        folder / options.named("report", lang, ".docx"),
        creator=str(edition(catalogue, workspace, lang).office.bureau),
        lang=lang,
        date=options.date,
    )


def _refuse_personal_data(
    workspace: Workspace, period: Period, options: Options, watch: Watch, folder: Path
) -> None:
    """Stop where any file of the release holds an ID or mobile number; the findings say where."""
    processed = workspace.processed(period)
    if found := disclosed(folder, processed):
        messages = load_messages(workspace, options.languages[0])
        every = [*found, *read_findings(processed)]
        write_rows("findings", map(messages.row, every), processed)
        write_findings(every, processed)
        rows = finding_rows(workspace, found)
        watch.findings(rows)
        complete_or_refused(rows, options.allow_partial)


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


def _files(place: Path) -> tuple[Path, ...]:
    return tuple(path for path in sorted(place.rglob("*")) if path.is_file())
