"""A rerun does nothing where nothing has changed, and everything where anything has."""

import json
import shutil
from pathlib import Path

import pytest
from small_runs import find, small_home, stand_in

from nianbao import cli, steps, unchanged
from nianbao.findings import Finding

YEAR = ("run", "--year", "2023", "--quiet")
WARNING = Finding("W_NOT_DATA", file="data/raw/2023/a.xls")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small workspace whose raw file lies in a quarter's folder; its report is published."""
    stand_in(tmp_path / "notebooks", monkeypatch)
    home = small_home(tmp_path / "home")
    (home / "data" / "raw" / "2023Q4").mkdir()
    (home / "data" / "raw" / "2023Q4" / "W7.xls").write_bytes(b"typed")
    assert run(home) == 0
    return home


def run(home: Path, *more: str) -> int:
    return cli.main([*YEAR, "--workspace", str(home), *more])


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What of the pipeline was run since: one entry for each run that did anything."""
    runs: list[str] = []
    really = steps.run

    def watched(*words, **more):
        runs.append("run")
        return really(*words, **more)

    monkeypatch.setattr(steps, "run", watched)
    return runs


def test_a_rerun_of_the_same_does_nothing_and_answers_the_same(home: Path, made, capsys):
    find(home, WARNING)
    run(home, "--force")
    capsys.readouterr()
    made.clear()
    assert run(home, "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert made == []
    assert answer["status"] == "unchanged"
    assert answer["findings"] == {"W_NOT_DATA": 1}
    assert len(answer["files"]) == len(list((home / "outputs" / "2023").rglob("*.*")))
    run(home, "--force")
    assert made == ["run"]


def write(home: Path, name: str, text: str = "other") -> None:
    path = home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


CHANGES = {
    "a raw file": lambda home: write(home, "data/raw/2023Q4/W7.xls"),
    "a raw file of the year before": lambda home: write(home, "data/raw/2022Q1/W7.xls"),
    "a trace of an office program": lambda home: write(home, "data/raw/2023Q4/~$W7.xls"),
    "a link among the raw files": lambda home: (home / "data/raw/2023Q4/link.xls").symlink_to(
        "W7.xls"
    ),
    "a raw file gone": lambda home: (home / "data/raw/2023Q4/W7.xls").unlink(),
    "corrections": lambda home: write(home, "data/corrections.csv", "period\n"),
    "a sentence": lambda home: write(home, "wording/zh/own.md.j2"),
    "a table": lambda home: write(home, "data/processed/2023/values.csv"),
    "a table gone": lambda home: (home / "data/processed/2023/facts.csv").unlink(),
    "the quarantine": lambda home: write(home, "data/quarantine/2023/x"),
    "the stamp": lambda home: write(home, "data/processed/2023/stamp.json", "[]"),
    "a published file": lambda home: write(home, "outputs/2023/report.html"),
    "a published file gone": lambda home: (home / "outputs/2023/report.docx").unlink(),
    "the link": lambda home: (home / "outputs/2023").unlink(),
    "the releases": lambda home: shutil.rmtree(home / "outputs/releases"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_whatever_has_changed_is_run_again(home: Path, made, name: str):
    CHANGES[name](home)
    run(home)
    assert made == ["run"]


def test_a_raw_folder_that_no_report_of_the_period_reads_changes_nothing(home: Path, made):
    write(home, "data/raw/2021Q1/W7.xls")
    run(home)
    assert made == []


@pytest.mark.parametrize("more", [["--date", "2024-01-05"], ["--allow-partial"]])
def test_what_is_asked_for_is_part_of_it(home: Path, made, more: list[str]):
    run(home, *more)
    assert made == ["run"]


def test_last_years_report_is_part_of_it(home: Path, made):
    before = ["run", "--year", "2022", "--quiet", "--workspace", str(home)]
    assert cli.main(before) == 0
    made.clear()
    run(home)
    assert made == ["run"]


def test_a_file_that_changed_while_it_was_read_leaves_no_stamp(
    home: Path, made, monkeypatch: pytest.MonkeyPatch
):
    raw = {"data/raw/2023/a.xls": "0" * 64}
    really = unchanged.see
    monkeypatch.setattr(unchanged, "see", lambda *words: unchanged.Seen(raw, really(*words).rest))
    run(home, "--force")
    assert not (home / "data" / "processed" / "2023" / "stamp.json").exists()


def test_the_index_is_complete_after_a_rerun_that_did_nothing(home: Path, made):
    index = home / "outputs" / "index.html"
    page = index.read_bytes()
    index.unlink()
    run(home)
    assert (made, index.read_bytes()) == ([], page)
