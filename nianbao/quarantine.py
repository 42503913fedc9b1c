"""Quarantine: rejected files and rows set aside, each with its reason; rebuilt at every run."""

import hashlib
import shutil

from nianbao.cleaning import Cleaned
from nianbao.findings import load_messages
from nianbao.period import Period
from nianbao.schema import table, write_table
from nianbao.workspace import Workspace


def quarantine(workspace: Workspace, period: Period, cleaned: Cleaned, lang: str = "zh") -> None:
    """Write data/quarantine/<period>: `<sha256>.xlsx`, `<sha256>.reason.txt` and `rows.csv`.

    A folder of an earlier run is removed first; there is none where nothing was rejected. A file
    whose content was never read (a pipe, a link) has its reason alone, named by its path's hash.
    """
    folder = workspace.quarantine(period)
    if folder.exists():
        shutil.rmtree(folder)
    rejected = [file for file in cleaned.files if file.rejected.startswith("E_")]
    if not rejected and not cleaned.set_aside:
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
    write_table("rows", table("rows", (row.as_row() for row in cleaned.set_aside)), folder)
