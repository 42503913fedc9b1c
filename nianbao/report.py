"""The one object a notebook holds: it cleans, computes, and shows each part of the report."""

import re
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from markupsafe import Markup

from nianbao import schema
from nianbao.catalogue import Catalogue, load_catalogue
from nianbao.exhibits import Exhibits
from nianbao.figures import Figures
from nianbao.findings import Finding, load_messages, read_findings, write_findings
from nianbao.narrative import Narrator, headings
from nianbao.period import Period
from nianbao.tables import (
    finding_groups,
    indicators_of,
    township_rows,
)
from nianbao.workspace import Workspace

if TYPE_CHECKING:
    from nianbao.cleaning import Cleaned

_REFERENCE = re.compile(
    r'popovertarget="(s-[^"]+)"><data value="[^"]*" data-indicator="([^"]+)" data-place="([^"]+)"'
)


class Report:
    """One report of one workspace, period and language."""

    def __init__(
        self, workspace: Workspace, period: Period, lang: str, date: str, allow_partial: bool
    ) -> None:
        self.workspace = workspace
        self.period = period
        self.lang = lang
        self.date = date
        self.allow_partial = allow_partial
        self.folder = workspace.processed(period)
        self.shown: list[str] = []  # every piece of HTML so far, for the sources at the end

    @classmethod
    def open(
        cls,
        workspace: str = ".",
        period: str = "2023",
        lang: str = "zh",
        date: str = "",
        allow_partial: bool = False,
    ) -> "Report":
        """Open the report that the parameters of a notebook name."""
        root = Workspace(Path(workspace).resolve())
        return cls(root, Period.parse(period), lang, date, allow_partial)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The checked catalogue of the workspace."""
        return load_catalogue(self.workspace)

    # ── 01 clean ──────────────────────────────────────────────────────────────

    def check(self) -> None:
        """Read and check the raw workbooks; write the findings and the quarantine only."""
        self._write_findings(self._cleaned().findings)

    def clean(self) -> pd.DataFrame:
        """Read the raw workbooks into facts and findings; returns the number of facts by form."""
        cleaned = self._cleaned()
        self._write("facts", (fact.as_row() for fact in cleaned.facts))
        self._write("files", (record.as_row() for record in cleaned.files))
        self._write("corrections", (applied.as_row() for applied in cleaned.applied))
        self._write_findings(cleaned.findings)
        by_form = pd.Series([fact.form for fact in cleaned.facts], dtype=str).value_counts()
        return by_form.rename_axis("form").rename("facts").reset_index()

    def _cleaned(self) -> "Cleaned":
        from nianbao.cleaning import clean
        from nianbao.quarantine import quarantine

        cleaned = clean(self.workspace, self.catalogue, self.period)
        quarantine(self.workspace, self.period, cleaned, self.lang)
        return cleaned

    def show_files(self) -> pd.DataFrame:
        """Every file that was read, and what became of its rows."""
        return self.table("files")

    def show_findings(self) -> pd.DataFrame:
        """Everything that is wrong or worth knowing."""
        return self.table("findings")

    def show_facts(self) -> pd.DataFrame:
        """The first facts, to look at."""
        return self.table("facts").head(20)

    # ── 02 indicators ─────────────────────────────────────────────────────────

    def compute_values(self) -> pd.DataFrame:
        """Work out every indicator at every place, last year's beside it."""
        from nianbao.indicators import compute_series, compute_values, find_jumps

        facts, corrections = self.table("facts"), self.table("corrections")
        values = compute_values(facts, corrections, self.catalogue, self.period)
        schema.write_table("values", values, self.folder)
        series = compute_series(facts, self.catalogue, self.period)
        schema.write_table("series", series, self.folder)
        jumps = find_jumps(values, self.catalogue, self.period)
        findings = [f for f in read_findings(self.folder) if f.code != "W_JUMP"]
        self._write_findings([*findings, *(self._jump(jump) for jump in jumps)])
        return values[values["place"] == self.catalogue.district]

    def compute_standings(self) -> pd.DataFrame:
        """Hold the values against the targets."""
        from nianbao.targets import compute_standings

        standings = compute_standings(
            self.table("values"), self.table("facts"), self.catalogue, self.period
        )
        schema.write_table("standings", standings, self.folder)
        return standings

    def show_values(self) -> pd.DataFrame:
        """Every value that was computed."""
        return self.table("values")

    def show_standings(self) -> pd.DataFrame:
        """Every value against its target."""
        return self.table("standings")

    def _jump(self, jump: dict[str, Any]) -> Finding:
        indicator = self.catalogue.indicators[jump["indicator"]]
        unit = indicator.unit
        return Finding(
            "W_JUMP",
            period=self.period.name,
            place=jump["place"],
            item=jump["indicator"],
            words={
                "name": f"{self.catalogue.places[jump['place']].name}·{indicator.name}",
                "found": f"{jump['value']}{unit}",
                "expected": f"{jump['previous']}{unit}",
            },
        )

    # ── tables on disk ────────────────────────────────────────────────────────

    def table(self, name: str) -> pd.DataFrame:
        """One of the tables of this report, as written by an earlier step."""
        return schema.read_table(name, self.folder)

    def _write(self, name: str, rows: Iterable[dict[str, object]]) -> None:
        schema.write_table(name, schema.table(name, rows), self.folder)

    def _write_findings(self, findings: Iterable[Finding]) -> None:
        """The findings table in the report's language, and their codes and words for any other."""
        kept = list(findings)
        messages = load_messages(self.workspace, self.lang)
        self._write("findings", (messages.row(finding) for finding in kept))
        write_findings(kept, self.folder)

    # ── 03 report ─────────────────────────────────────────────────────────────

    @cached_property
    def figures(self) -> Figures:
        """The figures as the earlier steps computed them."""
        return Figures(
            self.catalogue,
            self.period,
            self.table("values"),
            self.table("standings"),
            self.table("series"),
        )

    @cached_property
    def exhibits(self) -> Exhibits:
        """The charts and tables, numbered in the order of the report."""
        return Exhibits(self.figures, self.lang, self.workspace.wording_folders())

    @cached_property
    def narrator(self) -> Narrator:
        """What turns figures into sentences."""
        narrator = Narrator(
            self.figures, self.lang, self.workspace.wording_folders(), self._milestones()
        )
        catalogue = self.catalogue
        narrator.tell(
            sample_notice=str(catalogue.office.sample_notice or ""),
            date=self.date,
            finding_groups=lambda: finding_groups(self.table("findings")),
            missing_inputs=self._missing_inputs,
            files=lambda: schema.records(self.table("files")),
            corrections=lambda: schema.records(self.table("corrections")),
            indicators_of=lambda section: indicators_of(catalogue, section),
            township_rows=lambda: township_rows(self.figures, catalogue.outline.township_table),
        )
        self.exhibits.hang(narrator)
        return narrator

    def masthead(self) -> None:
        """Title, period, sample notice, what is missing, and the contents."""
        contents = [
            heading
            for section in self.catalogue.outline.sections
            for heading in headings(self._sections[section])
        ]
        self._show(self.narrator.part("_masthead", contents=contents))

    def headlines(self) -> None:
        """The first screen: how many targets are met, and the headline figures."""
        self._show(self.narrator.part("_headlines", headlines=self.catalogue.outline.headlines))

    def section(self, name: str) -> None:
        """One section of the outline: its sentences, charts and tables."""
        self._show(f'<section class="sub" id="{name}">{self._sections[name]}</section>')

    def appendix(self, name: str) -> None:
        """One appendix: values, targets, quality, definitions or method."""
        html = self.narrator.part(f"_appendix_{name}")
        if name == "method":
            html = html.replace(Markup("<!--method-->"), self.narrator.prose("method"))
        self._show(html)

    def sources(self) -> None:
        """The sources of every figure shown, each in a popover of its own."""
        from nianbao.sources import Sources

        wanted: dict[str, tuple[str, str]] = {}
        for html in self.shown:
            for popover, indicator, place in _REFERENCE.findall(html):
                wanted.setdefault(popover, (indicator, place))
        cards = Sources(self.narrator, self.table("facts"), self.table("corrections"))
        self._show("\n".join(cards.card(popover, *which) for popover, which in wanted.items()))

    @cached_property
    def _sections(self) -> dict[str, str]:
        """Every section's HTML; charts that the sentences did not place stand at the end."""
        done: dict[str, str] = {}
        for name, section in self.catalogue.outline.sections.items():
            html = self.narrator.prose(section.wording)
            done[name] = html + Markup("").join(self.exhibits.left_over(name))
        return done

    def _milestones(self) -> dict[str, tuple[str, str]]:
        """Milestone item → how far it is and its evidence, as reported last this year."""
        found: dict[str, tuple[str, str, str]] = {}
        facts = self.table("facts")
        for period, item, raw, value in zip(
            facts["period"], facts["item"], facts["raw"], facts["value"], strict=True
        ):
            if self.catalogue.home(item).item.type != "milestone":
                continue
            if period[:4] == str(self.period.year) and period >= found.get(item, ("",))[0]:
                found[item] = (period, _progress(raw, done=value == "1"), raw.partition("；")[2])
        return {item: (status, evidence) for item, (_, status, evidence) in found.items()}

    def _missing_inputs(self) -> list[dict[str, str]]:
        findings = self.table("findings")
        return schema.records(findings[findings["severity"] == "error"])

    def _show(self, html: str) -> None:
        from IPython.display import HTML, display

        self.shown.append(str(html))
        display(HTML(html))  # type: ignore[no-untyped-call]


def _progress(raw: str, *, done: bool) -> str:
    """How far a milestone is, by its status as typed."""
    status = raw.partition("；")[0].strip()
    if done:
        return "done"
    if status in ("已完成", "完成"):
        return "unproven"
    return "not_started" if status == "未启动" else "open"
