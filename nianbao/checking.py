"""The checking line: raw workbooks in; findings, quarantine and proposed lines out."""

import contextlib
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nianbao.captions import Captions, load_captions
from nianbao.catalogue import load_catalogue
from nianbao.cleaning import clean
from nianbao.errors import DataRejected, InputMissing, NianbaoError, OutputsNotWritable
from nianbao.findings import Finding, load_messages, write_findings
from nianbao.period import Period
from nianbao.proposals import Proposal, propose
from nianbao.quarantine import quarantine
from nianbao.schema import write_rows
from nianbao.terminal import printable, say, terminal_language
from nianbao.workspace import Workspace

NEVER_PUBLISHED = frozenset({"E_PII", "E_UNRECONCILED"})

FindingRow = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is told while a run goes on: of a step and its share done (0 to 1), of the findings."""

    progress: Callable[[str, float], None] = lambda step, share: None
    findings: Callable[[Sequence[FindingRow]], None] = lambda rows: None


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found, in the language of the terminal; `refusal` is why nothing may go on."""

    complete: bool
    refusal: NianbaoError | None
    findings: Sequence[FindingRow]
    files: Sequence[Mapping[str, object]]
    facts: int
    proposals: Sequence[Proposal]
    captions: Captions
    findings_file: Path
    quarantine: Path | None

    @property
    def exit_code(self) -> int:
        """What a run would end with."""
        if self.refusal is not None:
            return self.refusal.exit_code
        return 0 if self.complete else 3

    def as_record(self) -> dict[str, object]:
        """The check as plain values, for `--json`."""
        return {
            "complete": self.complete,
            "files": [dict(file) for file in self.files],
            "facts": self.facts,
            "finding_rows": [dict(row) for row in self.findings],
            "proposals": [proposal.as_record(self.captions) for proposal in self.proposals],
        }


def check(
    workspace: Workspace, period: Period, lang: str, watch: Watch, *, allow_partial: bool
) -> Checked:
    """Read and check the raw workbooks as a run would; publish nothing.

    Writes the findings and the quarantine only; the caller holds the workspace. Raises
    CatalogueError and OutputsNotWritable; what is wrong with the data comes back as findings and
    as the refusal.
    """
    catalogue = load_catalogue(workspace)
    messages = load_messages(workspace, lang)
    captions = load_captions(workspace, terminal_language())
    with logged(workspace, period):
        watch.progress("01_clean", 0)
        cleaned = clean(workspace, catalogue, period)
        proposals = propose(catalogue, cleaned)
        folder = workspace.processed(period)
        path = write_rows("findings", map(messages.row, cleaned.findings), folder)
        write_findings(cleaned.findings, folder)
        quarantine(workspace, period, cleaned, lang, proposals)
        watch.progress("01_clean", 1)
        rows = finding_rows(workspace, cleaned.findings)
        watch.findings(rows)
    complete, refusal = False, None
    try:
        complete = complete_or_refused(rows, allow_partial)
    except NianbaoError as error:
        refusal = error
    aside = workspace.quarantine(period)
    return Checked(
        complete,
        refusal,
        rows,
        [file.as_row() for file in cleaned.files],
        len(cleaned.facts),
        proposals,
        captions,
        path,
        aside if aside.exists() else None,
    )


def finding_rows(workspace: Workspace, findings: Sequence[Finding]) -> list[FindingRow]:
    """Findings as rows of their table, in the language of the terminal."""
    messages = load_messages(workspace, terminal_language())
    return [{name: str(text) for name, text in messages.row(one).items()} for one in findings]


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


def _counted(codes: Mapping[str, int]) -> str:
    return ", ".join(f"{code} {number}" for code, number in sorted(codes.items()))


@contextlib.contextmanager
def logged(workspace: Workspace, period: Period) -> Iterator[None]:
    """Write a fresh log while it lasts."""
    path = log_file(workspace, period)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        log = logging.FileHandler(path, mode="w", encoding="utf-8")
    except OSError as error:
        raise OutputsNotWritable(
            say(
                zh=f"无法写入 {printable(str(path))}：{error.strerror}。请检查权限。",
                en=f"cannot write {printable(str(path))}: {error.strerror}. Check its permissions.",
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
