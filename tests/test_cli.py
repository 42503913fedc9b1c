"""The door and the line: words in, exit codes out; three small notebooks stand in for the real."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from small_runs import CLEAN, SHOW, find, small_home, stand_in, write_notebook

from nianbao import cli, steps
from nianbao.errors import DataRejected, InputMissing
from nianbao.findings import Finding
from nianbao.workspace import PROJECT


@pytest.fixture
def notebooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return stand_in(tmp_path / "notebooks", monkeypatch)


PARSE = Finding(
    "E_PARSE",
    period="2023Q4",
    place="S03",
    form="W7",
    item="mediation_cases",
    file="data/raw/2023Q4/W7-甲镇.xls",
    sheet="调解",
    cell="F9",
    words={"raw": "若干", "name": "受理调解件数", "why": "names no number"},
)
MISSING = Finding("E_MISSING", form="W7", words={"name": "W7 of 甲镇", "detail": "data/raw/2023Q4"})
WARNING = Finding(
    "W_APPROXIMATE",
    form="W7",
    file="data/raw/2023/a.xls",
    sheet="调解",
    cell="F10",
    words={"raw": "约120", "name": "受理调解件数"},
)


@pytest.fixture
def home(tmp_path: Path, notebooks: Path) -> Path:
    return small_home(tmp_path / "home")


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*words: str) -> tuple[int, str, str]:
        code = cli.main([*words, "--workspace", str(home)])
        out, err = capsys.readouterr()
        return code, out, err

    return run


def manifest(home: Path, period: str = "2023") -> dict:
    return json.loads((home / "outputs" / period / "manifest.json").read_text(encoding="utf-8"))


# --- publishing -----------------------------------------------------------------------------------


def test_a_report_is_published_and_each_of_its_files_is_a_line(run: Run, home: Path):
    code, out, err = run("--year", "2023", "--date", "2024-01-15")
    assert code == 0, err
    place = home / "outputs" / "2023"
    assert out.splitlines() == [
        str(place / name)
        for name in (
            "manifest.json",
            "notebooks/01_clean.ipynb",
            "notebooks/02_indicators.ipynb",
            "notebooks/03_report.ipynb",
            "report.docx",
            "report.html",
        )
    ]
    assert "<h1>2023 zh 2024-01-15</h1><p>1</p>" in (place / "report.html").read_text("utf-8")
    assert "[1/5] 01_clean" in err
    assert "published" in err
    for path in place.rglob("*.*"):
        assert str(home).encode() not in path.read_bytes(), path


def test_a_quarter_is_a_period_of_its_own(run: Run, home: Path):
    code, _, err = run("run", "--year", "2024", "--quarter", "3")
    assert code == 0, err
    assert manifest(home, "2024Q3")["period"] == "2024Q3"
    assert "<h1>2024Q3" in (home / "outputs" / "2024Q3" / "report.html").read_text("utf-8")


def test_a_rerun_of_the_same_is_unchanged_and_force_gives_the_same_bytes(run: Run, home: Path):
    run("--year", "2023")
    page = home / "outputs" / "2023" / "report.html"
    first, stamp = manifest(home), page.stat().st_mtime_ns
    code, out, err = run("--year", "2023")
    assert code == 0
    assert "unchanged" in err
    assert str(page) in out
    assert page.stat().st_mtime_ns == stamp
    assert run("--year", "2023", "--force")[0] == 0
    assert page.stat().st_mtime_ns != stamp
    assert manifest(home) == first


def test_new_data_supersede_the_release_and_keep_it(run: Run, home: Path):
    run("--year", "2023")
    first = manifest(home)
    (home / "data" / "raw" / "2023" / "b.xls").write_bytes(b"second")
    assert run("--year", "2023")[0] == 0
    second = manifest(home)
    assert second["supersedes"] == first["release"] != second["release"]
    assert first["supersedes"] is None
    assert [row["path"] for row in second["inputs"]] == [
        "data/raw/2023/a.xls",
        "data/raw/2023/b.xls",
    ]
    assert (home / "outputs" / "releases" / "2023" / first["release"] / "report.html").exists()


def test_a_release_that_somebody_changed_is_made_again(run: Run, home: Path):
    run("--year", "2023")
    page = home / "outputs" / "2023" / "report.html"
    good = page.read_bytes()
    page.write_bytes(b"tampered")
    code, _, err = run("--year", "2023")
    assert code == 0
    assert "unchanged" not in err
    assert page.read_bytes() == good


# --- what is refused ------------------------------------------------------------------------------


def test_bad_data_are_65_and_the_published_report_stays(run: Run, home: Path):
    run("--year", "2023")
    before = manifest(home)
    find(home, PARSE, MISSING)
    code, out, err = run("--year", "2023")
    assert code == 65
    assert out == ""
    assert (
        "error E_PARSE data/raw/2023Q4/W7-甲镇.xls › 调解 › F9: "
        '"若干" is not a number; the row is set aside. Write a number, or leave it blank '
        "if unknown.\n"
    ) in err
    assert "nothing was published" in err
    assert manifest(home) == before
    find(home)
    assert run("--year", "2023")[0] == 0


def test_missing_files_are_66_and_named(run: Run, home: Path):
    find(home, MISSING)
    code, out, err = run("--year", "2023")
    assert (code, out) == (66, "")
    assert (
        "error E_MISSING: There is no usable “W7 of 甲镇” (expected in data/raw/2023Q4). Ask for it"
        in err
    )
    assert not (home / "outputs" / "2023").exists()


def test_allow_partial_publishes_what_there_is_and_says_so_with_3(run: Run, home: Path):
    find(home, MISSING, PARSE)
    code, out, err = run("--year", "2023", "--allow-partial")
    assert code == 3
    assert out.count("\n") == 6
    assert "PARTIAL" in err
    assert manifest(home)["complete"] is False
    assert manifest(home)["findings"] == {"E_MISSING": 1, "E_PARSE": 1}
    assert run("--year", "2023", "--allow-partial")[0] == 3  # unchanged, and still partial


def row(finding: Finding) -> dict[str, str]:
    return {"severity": finding.severity, "code": finding.code}


def test_what_must_never_be_published_is_not_whatever_the_flags():
    for code in ("E_PII", "E_UNRECONCILED"):
        for allow_partial in (False, True):
            with pytest.raises(DataRejected, match=code):
                steps.complete_or_refused([{"severity": "error", "code": code}], allow_partial)


def test_personal_data_in_a_page_are_never_published_and_said_nowhere(
    run: Run, home: Path, notebooks: Path
):
    run("--year", "2023")
    before = manifest(home)
    write_notebook(notebooks, steps.NOTEBOOKS[2], SHOW + "display(HTML('<p>13812345678</p>'))")
    (home / "data" / "raw" / "2023" / "b.xls").write_bytes(b"second")
    for words in ((), ("--allow-partial",), ("--force", "--allow-partial")):
        code, out, err = run("--year", "2023", *words)
        assert (code, out) == (65, ""), err
        assert "error E_PII" in err
        assert "138****5678" in err
        assert "13812345678" not in err
    assert manifest(home) == before
    assert sorted(path.name for path in (home / "outputs" / "releases" / "2023").iterdir()) == [
        before["release"]
    ]
    assert not (home / "outputs" / ".building").exists()
    table = (home / "data" / "processed" / "2023" / "findings.csv").read_text("utf-8-sig")
    assert "E_PII" in table
    assert "13812345678" not in table


def test_a_number_in_the_name_of_a_file_is_traced_to_it(run: Run, home: Path):
    (home / "data" / "raw" / "2023" / "13812345678.xls").write_bytes(b"named")
    code, _, err = run("--year", "2023")
    assert code == 65
    assert "error E_PII data/raw/2023/138****5678.xls: manifest.json" in err
    assert not (home / "outputs" / "2023").exists()


def test_wrong_data_come_before_missing_data():
    with pytest.raises(DataRejected):
        steps.complete_or_refused([row(MISSING), row(PARSE)], allow_partial=False)
    with pytest.raises(InputMissing):
        steps.complete_or_refused([row(MISSING), row(WARNING)], allow_partial=False)
    assert steps.complete_or_refused([row(WARNING)], allow_partial=False) is True
    assert steps.complete_or_refused([], allow_partial=True) is True
    assert steps.complete_or_refused([row(MISSING)], allow_partial=True) is False


def test_a_failing_notebook_is_70_with_its_cell_and_the_traceback_only_in_the_log(
    run: Run, home: Path, notebooks: Path
):
    write_notebook(notebooks, "02_indicators", "total = 1\ntotal / 0")
    code, out, err = run("--year", "2023")
    assert (code, out) == (70, "")
    assert "02_indicators.ipynb, cell 2 (total = 1): ZeroDivisionError" in err
    assert "Traceback" not in err
    log = (home / "data" / "processed" / "2023" / "run.log").read_text(encoding="utf-8")
    assert "Traceback" in log
    assert "total / 0" in log
    assert not (home / "outputs" / "2023").exists()


def test_a_hanging_notebook_is_70_after_its_time(
    run: Run, notebooks: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("NIANBAO_CELL_TIMEOUT", "2")
    write_notebook(notebooks, "01_clean", "import time; time.sleep(60)")
    code, _, err = run("--year", "2023")
    assert code == 70
    assert "did not end within 2 seconds" in err


def test_a_mistake_in_the_catalogue_is_78_with_its_place(run: Run, home: Path):
    own = home / "catalogue" / "office.yml"
    own.parent.mkdir()
    text = (PROJECT / "catalogue" / "office.yml").read_text(encoding="utf-8")
    own.write_text(text.replace("rounding:", "roundin:"), encoding="utf-8")
    code, _, err = run("--year", "2023")
    assert code == 78
    assert "catalogue/office.yml:" in err
    assert "roundin" in err


def test_an_accident_inside_is_70_in_one_line_and_its_traceback_is_in_the_log(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
):
    def broken(*_: object) -> None:
        raise KeyError("surprise")

    monkeypatch.setattr("nianbao.steps.load_catalogue", broken)
    code, out, err = run("--year", "2023")
    assert (code, out) == (70, "")
    assert len(err.splitlines()) == 1
    assert "KeyError: 'surprise'" in err
    log = home / "data" / "processed" / "2023" / "run.log"
    assert str(log) in err
    assert "Traceback" in log.read_text(encoding="utf-8")


def test_a_full_disk_is_74(run: Run, home: Path, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", str(home / "outputs"))

    monkeypatch.setattr("nianbao.steps.load_catalogue", full)
    code, _, err = run("--year", "2023")
    assert code == 74
    assert "No space left on device" in err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_where_nobody_can_be_told_the_exit_code_still_says_it(home: Path):
    words = ["verify", "2019", "--workspace", str(home)]
    with open("/dev/full", "w") as full:  # noqa: PTH123
        done = subprocess.run(
            [sys.executable, str(PROJECT / "pipeline.py"), *words], stderr=full, check=False
        )
    assert done.returncode == 66


def test_outputs_that_cannot_be_written_are_73(run: Run, home: Path):
    (home / "outputs").write_text("", encoding="utf-8")
    assert run("--year", "2023")[0] == 73


# --- check ----------------------------------------------------------------------------------------


def test_check_reports_and_publishes_nothing(run: Run, home: Path):
    find(home, WARNING)
    code, out, err = run("check", "--year", "2023", "--verbose")
    assert code == 0
    assert "Ready to publish (exit 0)." in out
    assert (
        "warning W_APPROXIMATE data/raw/2023/a.xls › 调解 › F10: “受理调解件数” is approximate"
        in err
    )
    assert not (home / "outputs" / "2023").exists()
    find(home, PARSE)
    assert run("check", "--year", "2023")[0] == 65
    find(home, MISSING)
    assert run("check", "--year", "2023")[0] == 66


# --- what is said ---------------------------------------------------------------------------------


def test_a_run_counts_warnings_by_code_and_check_lists_them(run: Run, home: Path):
    find(home, WARNING, WARNING, replace(WARNING, code="W_JUMP"))
    _, _, err = run("--year", "2023")
    assert "3 warnings: W_APPROXIMATE 2, W_JUMP 1" in err
    assert "约120" not in err
    _, _, err = run("check", "--year", "2023")
    assert err.count("warning W_APPROXIMATE data/raw/2023/a.xls › 调解 › F10: ") == 2


def test_quiet_says_nothing_but_errors(run: Run, home: Path):
    find(home, WARNING)
    assert run("check", "--year", "2023", "--quiet") == (0, "", "")
    find(home, PARSE)
    _, _, err = run("check", "--year", "2023", "--quiet")
    assert [line.split()[0] for line in err.splitlines()] == ["error", "nianbao:"]


def test_json_is_one_object_on_stdout(run: Run, home: Path):
    find(home, WARNING)
    _, out, _ = run("--year", "2023", "--json")
    answer = json.loads(out)
    assert answer["status"] == "published"
    assert answer["exit_code"] == 0
    assert answer["complete"] is True
    assert answer["release"] == manifest(home)["release"]
    assert answer["findings"] == {"W_APPROXIMATE": 1}
    assert str(home / "outputs" / "2023" / "report.html") in answer["files"]
    find(home, PARSE)
    code, out, _ = run("--year", "2023", "--json")
    answer = json.loads(out)
    assert (code, answer["status"], answer["exit_code"]) == (65, "failed", 65)
    assert answer["findings"] == {"E_PARSE": 1}


def test_names_cannot_play_tricks_on_the_terminal(run: Run, home: Path):
    find(home, replace(PARSE, file="\x1b[31m\u202eslx.xls"))
    _, _, err = run("check", "--year", "2023")
    assert r"\x1b[31m\u202eslx.xls" in err
    assert "\x1b" not in err
    assert "\u202e" not in err


def test_the_terminal_speaks_chinese_where_it_is_asked_to(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("NIANBAO_LANG", "zh")
    find(home, MISSING)
    code, _, err = run("--year", "2023")
    assert code == 66
    assert "缺少 1 项应报材料" in err


# --- usage ----------------------------------------------------------------------------------------

USAGE = {
    "--year 23": "--year 23: write a year from 1900 to 2999",
    "--year ２０２３": "write a year",
    "--year 2023 --quarter 5": "a quarter is 1, 2, 3 or 4",
    "--year 2023 --quarter x": "a quarter is 1, 2, 3 or 4",
    "--quarter 1": "say which --year",
    "--year": "expected one argument",
    "--year 2023 --date 2024-1-1": "write a date such as 2024-01-15",
    "--year 2023 --date 2024-02-30": "write a date such as 2024-01-15",
    "--year 2023 --lang xx": "there is no such language",
    "--year 2023 --lang zh,zh": "there is no such language",
    "--year 2023 --workspace /no/such/folder": "there is no such folder",
    "--year 2023 --forse": "did you mean --force?",
    "--year 2023 check": "the verb comes first",
    "chek --year 2023": "did you mean check?",
    "publish": "there is no verb “publish”",
}


@pytest.mark.parametrize("words", USAGE)
def test_wrong_usage_is_2_with_one_line(
    words: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("NIANBAO_LANG", "en")
    assert cli.main(words.split()) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1
    assert USAGE[words] in err


def test_no_words_at_all_get_the_help_and_2(capsys: pytest.CaptureFixture[str]):
    assert cli.main([]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "--year" in err


@pytest.mark.parametrize("words", ["--help", "run --help", "check -h", "--year 2023 --help"])
@pytest.mark.parametrize(("language", "word"), [("zh", "用法："), ("en", "usage: ")])
def test_every_verb_has_help_in_both_languages(
    words: str,
    language: str,
    word: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setenv("NIANBAO_LANG", language)
    assert cli.main(words.split()) == 0
    out, err = capsys.readouterr()
    assert out.startswith(word)
    assert "--allow-partial" in out
    assert err == ""


def test_help_loads_nothing_heavy():
    script = (
        "import sys\n"
        "from nianbao.cli import main\n"
        "assert main(['--help']) == 0\n"
        "assert main(['run', '--help']) == 0\n"
        "assert main(['--year', '1']) == 2\n"
        "print(*sys.modules, file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=PROJECT,
        capture_output=True,
        encoding="utf-8",
        check=True,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )
    loaded = set(done.stderr.split())
    assert "nianbao.arguments" in loaded
    heavy = {"pandas", "numpy", "matplotlib", "papermill", "nbconvert", "nbformat", "jinja2"}
    heavy |= {"pydantic", "yaml", "rich", "openpyxl", "IPython", "jupyter_client", "filelock"}
    assert loaded & heavy == set()


# --- signals --------------------------------------------------------------------------------------


@pytest.mark.skipif(os.name == "nt", reason="signals of a POSIX system")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_stops_the_run_frees_the_workspace_and_ends_its_children(
    home: Path, notebooks: Path, number: signal.Signals, code: int, run: Run
):
    mark = home / "kernel.pid"
    slow = f"import os, time\nopen({str(mark)!r}, 'w').write(str(os.getpid()))\ntime.sleep(60)"
    write_notebook(notebooks, "01_clean", slow)
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from nianbao import cli\n"
        "from nianbao.workspace import Workspace\n"
        f"Workspace.notebook = lambda self, name: Path({str(notebooks)!r}, name + '.ipynb')\n"
        f"sys.exit(cli.main(['--year', '2023', '--workspace', {str(home)!r}]))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        waited = time.monotonic() + 60
        while not (mark.exists() and mark.read_text()) and time.monotonic() < waited:
            time.sleep(0.05)
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    assert process.returncode == code
    assert out == ""
    assert "Traceback" not in err
    assert err.splitlines()[-1] == "nianbao: stopped."
    assert gone(int(mark.read_text()))
    left = {path.name for path in (home / "outputs").iterdir()}
    assert left <= {".lock"}
    write_notebook(notebooks, "01_clean", CLEAN)
    assert run("check", "--year", "2023")[0] == 0


def test_a_signal_that_some_callback_swallowed_is_raised_again(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(cli, "_PATIENCE", 0.2)
    with cli._signals():
        with contextlib.suppress(cli.Stopped):
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(5)
        with pytest.raises(cli.Stopped):
            time.sleep(5)


def gone(pid: int) -> bool:
    """Whether a process ends within a few seconds."""
    import psutil

    for _ in range(50):
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == "zombie":
            return True
        time.sleep(0.1)
    return False
