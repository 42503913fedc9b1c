"""The one object a notebook holds: it cleans, computes, and shows each part of the report."""

import re
import shutil
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cache, cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from markupsafe import Markup

from nianbao import schema
from nianbao.catalogue import Catalogue, did_you_mean, load_catalogue
from nianbao.exhibits import Exhibits
from nianbao.figures import Figures
from nianbao.findings import Finding, load_messages, read_findings, write_findings
from nianbao.languages import LANGUAGES
from nianbao.memory import read_changes
from nianbao.narrative import Narrator, headings
from nianbao.period import Period
from nianbao.printing import printed
from nianbao.sharing import shared
from nianbao.tables import (
    finding_groups,
    groups_of,
    indicators_of,
    township_rows,
)
from nianbao.translation import edition, retold
from nianbao.withholding import (
    published_corrections,
    published_facts,
    published_findings,
    published_values,
)
from nianbao.workspace import Workspace

if TYPE_CHECKING:
    from nianbao.charts import Drawing
    from nianbao.cleaning import Cleaned
    from nianbao.memory import Changes
    from nianbao.revised import Compared
    from nianbao.sources import Sources

_REFERENCE = re.compile(
    r'popovertarget="(s-[^"]+)"><(?:data value="[^"]*"|span class="withheld") '
    r'data-indicator="([^"]+)" data-place="([^"]+)" data-period="([^"]+)"'
)
_REVISIONS = "revisions"  # the appendix that stands last, where there is anything to tell
_ALL = 100  # percent, which is printed without decimals
_CARDS = 40  # source cards that are written at a stretch
_TITLE = re.compile(r"<h2[^>]*>(.*?)</h2>", re.DOTALL)


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

    @cached_property
    def edition(self) -> Catalogue:
        """The catalogue as the report of this language shows it."""
        return edition(self.catalogue, self.workspace, self.lang)

    # ── 01 clean ──────────────────────────────────────────────────────────────

    def clean(self) -> pd.DataFrame:
        """Read the raw workbooks into facts and findings; returns the number of facts by form."""
        cleaned = self._cleaned()
        self._write("facts", (fact.as_row() for fact in cleaned.facts))
        self._write("history", (fact.as_row() for fact in cleaned.elsewhere))
        self._write("files", (record.as_row() for record in cleaned.files))
        self._write("corrections", (applied.as_row() for applied in cleaned.applied))
        self._write_findings(cleaned.findings)
        by_form = pd.Series([fact.form for fact in cleaned.facts], dtype=str).value_counts()
        return by_form.rename_axis("form").rename("facts").reset_index()

    def _cleaned(self) -> "Cleaned":
        from nianbao.cleaning import clean
        from nianbao.proposals import propose
        from nianbao.quarantine import quarantine

        cleaned = clean(self.workspace, self.catalogue, self.period)
        proposals = propose(self.catalogue, cleaned)
        quarantine(self.workspace, self.period, cleaned, self.lang, proposals)
        return cleaned

    def show_files(self) -> pd.DataFrame:
        """Every file that was read, and what became of its rows."""
        return self.table("files")

    def show_findings(self) -> pd.DataFrame:
        """Everything that is wrong or worth knowing."""
        return self._shown_findings

    def show_facts(self) -> pd.DataFrame:
        """The first facts, to look at."""
        return published_facts(self.table("facts").head(20), self.catalogue)

    # ── 02 indicators ─────────────────────────────────────────────────────────

    def compute_values(self) -> pd.DataFrame:
        """Work out every indicator at every place, last year's beside it."""
        from nianbao.indicators import compute_series, compute_values, find_jumps

        facts, corrections = self.table("facts"), self.table("corrections")
        values = compute_values(facts, corrections, self.catalogue, self.period)
        self._keep("values", values)
        series = compute_series(self._all_years(), self.catalogue, self.period)
        self._keep("series", series)
        jumps = find_jumps(values, self.catalogue, self.period)
        findings = [f for f in self._findings() if f.code != "W_JUMP"]
        self._write_findings([*findings, *(self._jump(jump) for jump in jumps)])
        return values[values["place"] == self.catalogue.district]

    def compute_standings(self) -> pd.DataFrame:
        """Hold the values against the targets."""
        from nianbao.targets import compute_standings

        standings = compute_standings(
            self.table("values"), self.table("facts"), self.catalogue, self.period
        )
        self._keep("standings", standings)
        return standings

    def show_values(self) -> pd.DataFrame:
        """Every value that was computed."""
        return published_values(self.table("values"))

    def show_standings(self) -> pd.DataFrame:
        """Every value against its target."""
        return self.table("standings")

    def _jump(self, jump: dict[str, Any]) -> Finding:
        indicator = self.catalogue.indicators[jump["indicator"]]

        def said(value: str) -> str:
            number = Decimal(value)
            return f"{printed(number, indicator.is_rate and number == _ALL)}{indicator.unit}"

        return Finding(
            "W_JUMP",
            period=self.period.name,
            place=jump["place"],
            item=jump["indicator"],
            words={
                "name": f"{self.catalogue.places[jump['place']].name}·{indicator.name}",
                "found": said(jump["value"]),
                "expected": said(jump["previous"]),
            },
        )

    # ── tables on disk ────────────────────────────────────────────────────────

    def table(self, name: str) -> pd.DataFrame:
        """One of the tables of this report, as written by an earlier step."""
        return schema.read_table(name, self.folder)

    def _all_years(self) -> pd.DataFrame:
        """The facts, with those of the years before that stand in tables of years."""
        return pd.concat([self.table("history"), self.table("facts")], ignore_index=True)

    def _keep(self, name: str, frame: pd.DataFrame) -> None:
        schema.write_table(name, frame, self.folder)

    def _write(self, name: str, rows: Iterable[dict[str, object]]) -> None:
        self._keep(name, schema.table(name, rows))

    def _findings(self) -> tuple[Finding, ...]:
        return read_findings(self.folder)

    @property
    def _shown_findings(self) -> pd.DataFrame:
        """The findings as they may be published: none says how few persons there are at a place."""
        messages = load_messages(self.workspace, self.lang)
        values = partial(self.table, "values")
        shown: Iterable[Finding] = published_findings(self._findings(), self.catalogue, values)
        if self.lang != "zh":
            shown = retold(shown, self.catalogue, self.edition, self._units)
        return schema.table("findings", map(messages.row, shown))

    @property
    def _shown_corrections(self) -> pd.DataFrame:
        return published_corrections(self.table("corrections"), self.catalogue)

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
            self.edition,
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
    def _units(self) -> Mapping[str, str]:
        """What units are called in this language; one that is not there goes by its own name."""
        from nianbao.charts import load_words

        return load_words(self.lang, self.workspace.wording_folders()).units

    @cached_property
    def narrator(self) -> Narrator:
        """What turns figures into sentences."""
        folders = self.workspace.wording_folders()
        narrator = Narrator(self.figures, self.lang, folders, self._milestones(), self._units)
        catalogue = self.edition
        narrator.tell(
            sample_notice=str(catalogue.office.sample_notice or ""),
            date=self.date,
            finding_groups=lambda: finding_groups(self._shown_findings),
            missing_inputs=cache(self._missing_inputs),
            files=lambda: schema.records(self.table("files")),
            corrections=lambda: schema.records(self._shown_corrections),
            groups=groups_of(catalogue, self.period),
            group_name=lambda group: str(catalogue.outline.groups.get(group, group)),
            indicators_of=lambda group: indicators_of(catalogue, group, self.period),
            appendix=self._appendix_number,
            township_rows=lambda: township_rows(self.figures, catalogue.outline.township_table),
        )
        self._tell_revisions(narrator)
        self.exhibits.hang(narrator)
        return narrator

    @cached_property
    def _compared(self) -> "tuple[Compared, ...]":
        """What changed since this report, and last year's, were published last."""
        from nianbao.calculation import Calculation
        from nianbao.revised import compared

        changes = self._changes()
        if not any(changes.values()):
            return ()
        calculation = Calculation(
            self._all_years(), self.catalogue, self.period, self.table("corrections")
        )
        return compared(self.narrator, calculation, changes)

    def _changes(self) -> "Mapping[str, Changes]":
        return read_changes(self.folder)

    def _tell_revisions(self, narrator: Narrator) -> None:
        """Let the templates tell what changed."""
        from nianbao.revised import in_words, item_in_words

        narrator.tell(
            compared=lambda: self._compared,
            revised=lambda f: [
                (one.against, row)
                for one in self._compared
                for row in (*one.rows, *one.unlisted)
                if (row.said.id, row.said.figure.place, self.period.name)
                == (f.id, f.figure.place, f.figure.period)
            ],
            formula_words=lambda formula: in_words(formula, self.edition),
            item_words=lambda item: item_in_words(item, self.edition),
        )

    def _signed(self, html: str) -> str:
        """A part of the page with a sign behind each figure that was revised."""
        from nianbao.revised import anchors, with_signs

        if not self._compared:
            return html
        sign = str(self.narrator.part("_revised").strip())
        return with_signs(str(html), anchors(self._compared), self.period.name, sign)

    def masthead(self) -> None:
        """Title, period, sample notice, what is missing, and the contents."""
        contents = [heading for html in self._sections.values() for heading in headings(html)]
        appendices = [
            (f"appendix-{name}", title[1])
            for name, html in self._appendices.items()
            if (title := _TITLE.search(html))
        ]
        self._show(self.narrator.part("_masthead", contents=contents, appendices=appendices))

    def headlines(self) -> None:
        """The first screen: how many targets are met, and the headline figures."""
        wanted = [
            name
            for name in self.catalogue.outline.headlines
            if self.catalogue.collected(name, self.period)
        ]
        self._show(self._signed(self.narrator.part("_headlines", headlines=wanted)))

    def sections(self) -> None:
        """Every section of the outline in its order: its sentences, charts and tables."""
        for name, html in self._sections.items():
            self._show(f'<section class="sub" id="{name}">{self._signed(html)}</section>')

    def appendices(self) -> None:
        """Every appendix of the outline in its order."""
        for name, html in self._appendices.items():
            self._show(html if name == _REVISIONS else self._signed(html))
        rows = (row for one in self._compared for row in (*one.rows, *one.unlisted))
        self._write("revisions", (row.revision.as_row() for row in rows))

    @cached_property
    def cards(self) -> "Sources":
        """What tells where a figure comes from."""
        from nianbao.sources import Sources

        facts, corrections = self._all_years(), self.table("corrections")
        return Sources(self.narrator, facts, corrections, self._shown_findings)

    def sources(self) -> None:
        """The sources of every figure shown, each in a popover of its own."""
        wanted: dict[str, tuple[str, str, str]] = {}
        for html in self.shown:
            for popover, *which in _REFERENCE.findall(html):
                wanted.setdefault(popover, (which[0], which[1], which[2]))
        cards = self.cards  # before they are shared out: made once
        asked = list(wanted.items())
        parts = (asked[start : start + _CARDS] for start in range(0, len(asked), _CARDS))
        texts = shared([partial(_written, cards, part) for part in parts])
        self._show(b"\n".join(texts).decode())

    def save_charts(self) -> None:
        """Every chart as two files that stand alone, `charts/NAME.svg` and `charts/NAME.png`.

        `charts/plain/NAME.png` has no title or source: the document says them beside its pictures.
        """
        folder = self.folder / "charts"
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "plain").mkdir(parents=True)
        shared(
            [
                partial(self._save_chart, folder, name, drawing)
                for name, drawing in self.exhibits.drawings()
            ]
        )

    def _save_chart(self, folder: Path, name: str, drawing: "Drawing") -> bytes:
        (folder / "plain" / f"{name}.png").write_bytes(drawing.png())
        picture, pixels = self.exhibits.alone(name, drawing)
        (folder / f"{name}.svg").write_bytes(picture)
        (folder / f"{name}.png").write_bytes(pixels)
        return b""

    def save_tables(self) -> None:
        """Every table as a sheet of one workbook, `tables.xlsx`."""
        from nianbao.captions import load_captions
        from nianbao.spreadsheets import Material, write_tables

        material = Material(
            self.narrator,
            load_captions(self.workspace, self.lang, "tables.yml"),
            load_captions(self.workspace, self.lang),
            schema.records(self._shown_findings),
            schema.records(self._shown_corrections),
            schema.records(self.table("files")),
            self._compared,
        )
        output = self.folder / "tables.xlsx"
        write_tables(material, output, date=self.date, missing=len(self._missing_inputs()))

    @cached_property
    def _sections(self) -> dict[str, str]:
        """Every section's HTML; charts that the sentences did not place stand at the end.

        A section that has nothing to say of this period is left out.
        """
        done: dict[str, str] = {}
        for name, section in self.catalogue.outline.sections.items():
            html = self.narrator.prose(section.wording)
            html += Markup("").join(self.exhibits.left_over(name))
            if html.strip():
                done[name] = html
        return done

    @cached_property
    def _appendices(self) -> dict[str, str]:
        """Every appendix's HTML; the method is prose inside its frame."""
        done: dict[str, str] = {}
        for name in self.catalogue.outline.appendices:
            html = self.narrator.part(f"_appendix_{name}")
            if name == "method":
                html = html.replace(Markup("<!--method-->"), self.narrator.prose("method"))
            done[name] = html
        if self._compared:
            done[_REVISIONS] = self.narrator.part(f"_appendix_{_REVISIONS}")
        return done

    def _appendix_number(self, name: str) -> str:
        """附录三 or Appendix C, by its place in the outline. Raises LookupError for no appendix."""
        order = (*self.catalogue.outline.appendices, _REVISIONS)
        if name not in order:
            raise LookupError(f"no appendix “{name}”{did_you_mean(name, order)}")
        language = LANGUAGES[self.lang]
        return language.appendix.format(language.appendices[order.index(name)])

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
        findings = self._shown_findings
        return schema.records(findings[findings["severity"] == "error"])

    def _show(self, html: str) -> None:
        from IPython.display import HTML, display

        self.shown.append(str(html))
        display(HTML(html))  # type: ignore[no-untyped-call]


def _written(cards: "Sources", wanted: list[tuple[str, tuple[str, str, str]]]) -> bytes:
    """Some source cards, one a line."""
    return "\n".join(cards.card(popover, *which) for popover, which in wanted).encode()


def _progress(raw: str, *, done: bool) -> str:
    """How far a milestone is, by its status as typed."""
    status = raw.partition("；")[0].strip()
    if done:
        return "done"
    if status in ("已完成", "完成"):
        return "unproven"
    return "not_started" if status == "未启动" else "open"
