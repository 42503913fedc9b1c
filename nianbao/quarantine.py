"""Quarantine: what was rejected or set aside, with reasons, and lines that may settle it."""

import csv
import hashlib
import shutil
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from nianbao.captions import load_captions
from nianbao.cleaning import Cleaned
from nianbao.corrections import COLUMNS, NAME
from nianbao.findings import load_messages
from nianbao.period import Period
from nianbao.proposals import Proposal
from nianbao.schema import write_rows
from nianbao.terminal import printable
from nianbao.workspace import Workspace


def quarantine(
    workspace: Workspace,
    period: Period,
    cleaned: Cleaned,
    lang: str = "zh",
    proposals: Sequence[Proposal] = (),
) -> None:
    """Write data/quarantine/<period>: `<sha256>.xlsx`, `<sha256>.reason.txt`, `rows.csv`.

    And in `proposals/` the lines that a person may paste. A folder of an earlier run is removed
    first; there is none where nothing was rejected and nothing is proposed. A file whose content
    was never read (a pipe, a link) has its reason alone, named by its path's hash.
    """
    folder = workspace.quarantine(period)
    if folder.exists():
        shutil.rmtree(folder)
    rejected = [file for file in cleaned.files if file.rejected.startswith("E_")]
    if not (rejected or cleaned.set_aside or proposals):
        return
    folder.mkdir(parents=True)
    messages = load_messages(workspace, lang)
    reasons: dict[str, list[str]] = {}
    for file in rejected:
        name = file.sha256 or hashlib.sha256(file.shown.encode()).hexdigest()
        if file.sha256 and not (folder / f"{name}{file.path.suffix}").exists():
            shutil.copyfile(file.path, folder / f"{name}{file.path.suffix}")
        said = [
            f"{finding.code} {messages.message(finding)}"
            for finding in cleaned.findings
            if finding.file == file.shown and finding.severity == "error"
        ]
        reasons.setdefault(name, []).extend([file.shown, *said])
    for name, lines in reasons.items():
        (folder / f"{name}.reason.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    write_rows("rows", (row.as_row() for row in cleaned.set_aside), folder)
    if proposals:
        _write_proposals(folder / "proposals", proposals, workspace, lang)


def _write_proposals(
    folder: Path, proposals: Sequence[Proposal], workspace: Workspace, lang: str
) -> None:
    """corrections.csv, to be completed; and for each file of the catalogue a text of its lines."""
    folder.mkdir()
    captions = load_captions(workspace, lang)
    for into, lines in groupby(proposals, key=lambda proposal: proposal.into):
        if into == NAME:
            with (folder / "corrections.csv").open("w", encoding="utf-8-sig", newline="") as file:
                csv.writer(file, lineterminator="\n").writerow(COLUMNS)
                file.writelines(f"{proposal.line}\n" for proposal in lines)
            continue
        text = [into]
        for proposal in lines:
            text += ["", f"# {proposal.at}", f"# {printable(proposal.note(captions))}"]
            text += [proposal.line]
        name = into.replace("/", "-") + ".txt"
        (folder / name).write_text("\n".join(text) + "\n", encoding="utf-8")
