"""A run in small: three notebooks that stand in for the real ones, and a workspace for them."""

import json
from dataclasses import fields
from pathlib import Path

import pytest

from nianbao import checking, steps
from nianbao.cleaning import Cleaned
from nianbao.findings import Finding, read_findings, write_findings
from nianbao.workspace import Workspace

PARAMETERS = 'workspace = ".."\nperiod = "2023"\nlang = "zh"\ndate = ""\nallow_partial = False'

# Of data/raw/2023, `01` finds what findings.json says and reads *.xls; `03` shows what `02` found.
CLEAN = """
import csv, hashlib, pathlib, shutil
raw = pathlib.Path(workspace, "data", "raw", "2023")
folder = pathlib.Path(workspace, "data", "processed", period)
folder.mkdir(parents=True, exist_ok=True)
shutil.copy(raw / "findings.json", folder)
with open(folder / "files.csv", "w", encoding="utf-8-sig", newline="") as file:
    table = csv.writer(file)
    table.writerow("path sha256 form rows_seen accepted excluded quarantined rejected".split())
    for path in sorted(raw.glob("*.xls")):
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        table.writerow([f"data/raw/2023/{path.name}", sha256, "W7", 3, 2, 1, 0, ""])
"""
COUNT = """
import pathlib
from nianbao.schema import TABLES, write_rows
folder = pathlib.Path(workspace, "data", "processed", period)
for name in TABLES:
    if not (folder / f"{name}.csv").exists():
        write_rows(name, [], folder)
lines = (folder / "files.csv").read_text(encoding="utf-8-sig").splitlines()
(folder / "count.txt").write_text(str(len(lines) - 1))
"""
SHOW = """
import pathlib
from IPython.display import HTML, display
count = pathlib.Path(workspace, "data", "processed", period, "count.txt").read_text()
display(HTML(f"<h1>{period} {lang} {date}</h1><p>{count}</p>"))
"""


CLEANED = [field.name for field in fields(Cleaned)]


def write_notebook(folder: Path, name: str, source: str) -> None:
    cells = [
        {"source": PARAMETERS, "metadata": {"tags": ["parameters"]}},
        {"source": source, "metadata": {}},
    ]
    for number, cell in enumerate(cells, 1):
        cell |= {"cell_type": "code", "execution_count": None, "outputs": [], "id": f"c{number}"}
    content = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (folder / f"{name}.ipynb").write_text(json.dumps(content), encoding="utf-8")


def write_notebooks(folder: Path) -> None:
    """Write the three small notebooks into a new folder."""
    folder.mkdir(parents=True)
    for name, source in zip(steps.NOTEBOOKS, (CLEAN, COUNT, SHOW), strict=True):
        write_notebook(folder, name, source)


def stand_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put the three small notebooks in the place of the real ones; the terminal speaks English."""
    write_notebooks(folder)
    monkeypatch.setattr(Workspace, "notebook", lambda self, name: folder / f"{name}.ipynb")
    monkeypatch.setattr(checking, "clean", clean_only)
    monkeypatch.setenv("NIANBAO_LANG", "en")
    return folder


def clean_only(workspace: Workspace, *_: object) -> Cleaned:
    """What CLEAN does, for the verb that needs no notebook."""
    return Cleaned(
        **dict.fromkeys(CLEANED, ()) | {"findings": read_findings(workspace.raw / "2023")}
    )


def small_home(root: Path) -> Path:
    """Make a workspace with one raw file and nothing wrong."""
    raw = root / "data" / "raw" / "2023"
    raw.mkdir(parents=True)
    (raw / "a.xls").write_bytes(b"first")
    find(root)
    return root


def find(home: Path, *findings: Finding) -> None:
    """Let the first notebook find this in the next run."""
    write_findings(findings, home / "data" / "raw" / "2023")
