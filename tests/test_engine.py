"""The engine: whatever a notebook does, it ends in a tidy copy or in words that name the cell."""

import json
import os
import re
import time
from pathlib import Path

import nbformat
import psutil
import pytest

from nianbao.engine import Limits, run_notebook
from nianbao.errors import CatalogueError, InputMissing, NotebookFailed

PARAMETERS = 'workspace = ".."\nperiod = "2023"\nallow_partial = False'


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIANBAO_LANG", "en")


def notebook(folder: Path, *cells: str, parameters: str = PARAMETERS) -> Path:
    """A notebook with a heading, a parameters cell (the second) and these code cells."""
    made = [
        {"cell_type": "markdown", "source": "# 标题", "metadata": {}},
        {"cell_type": "code", "source": parameters, "metadata": {"tags": ["parameters"]}},
        *({"cell_type": "code", "source": cell, "metadata": {}} for cell in cells),
    ]
    for number, cell in enumerate(made, 1):
        cell["id"] = f"c{number:02d}"
        if cell["cell_type"] == "code":
            cell |= {"execution_count": None, "outputs": []}
    kernel = {"display_name": "不存在", "language": "python", "name": "no-such-kernel"}
    content = {
        "cells": made,
        "metadata": {"kernelspec": kernel},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path = folder / "01_try.ipynb"
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


def run(path: Path, parameters: dict[str, str | bool] | None = None, **options) -> dict:
    output = path.parent / "executed" / path.name
    run_notebook(path, output, parameters or {"period": "2024Q3"}, **options)
    return json.loads(output.read_text(encoding="utf-8"))


def printed(executed: dict) -> str:
    return "".join(
        output["text"]
        for cell in executed["cells"]
        for output in cell.get("outputs", ())
        if output["output_type"] == "stream"
    )


# --- good runs ------------------------------------------------------------------------------------


def test_parameters_reach_the_cells_and_the_copy_is_a_valid_notebook(tmp_path: Path):
    executed = run(
        notebook(tmp_path, "print(period, allow_partial)"),
        {"period": "2024Q3", "allow_partial": True},
    )
    assert printed(executed) == "2024Q3 True\n"
    nbformat.validate(executed)


def test_a_path_of_this_machine_does_not_get_into_the_copy(tmp_path: Path):
    executed = run(
        notebook(tmp_path, "import os; print(os.path.isdir(workspace))"),
        {"workspace": str(tmp_path), "period": "2023"},
        shown={"workspace": ".."},
    )
    assert printed(executed) == "True\n"
    assert str(tmp_path) not in json.dumps(executed)
    injected = executed["cells"][2]
    assert injected["metadata"]["tags"] == ["injected-parameters"]
    assert "".join(injected["source"]) == "# Parameters\nworkspace = '..'\nperiod = '2023'"


def test_two_runs_give_the_same_bytes_whatever_the_surroundings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = notebook(
        tmp_path,
        "import sys, time, locale\n"
        "print({'甲', '乙', '丙'}, time.tzname[0], locale.getlocale()[1])\n"
        "print('noise', time.time(), file=sys.stderr)\n"
        "sys.stdout.flush()\n"
        "print('more')",
        "object()",
    )
    output = tmp_path / "executed" / path.name
    run(path)
    first = output.read_bytes()
    for name, value in {"TZ": "Asia/Shanghai", "LC_ALL": "C", "PYTHONHASHSEED": "7"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HOME", str(tmp_path / "elsewhere"))
    run(path)
    assert output.read_bytes() == first
    said = printed(json.loads(first))
    assert "UTC UTF-8" in said
    assert said.endswith("\nmore\n")
    assert b'"stderr"' not in first


def test_cells_are_numbered_by_position_and_carry_no_timing(tmp_path: Path):
    executed = run(notebook(tmp_path, "1", "2"))
    assert [cell["id"] for cell in executed["cells"]] == ["c01", "c02", "c03", "c04", "c05"]
    for cell in executed["cells"]:
        assert set(cell["metadata"]) <= {"tags"}
    assert set(executed["metadata"]) == {"kernelspec", "language_info"}
    assert executed["metadata"]["kernelspec"]["name"] == "python3"


def test_the_kernel_is_this_python_in_a_private_empty_folder(tmp_path: Path):
    import sys

    executed = run(
        notebook(
            tmp_path,
            "import os, sys, pathlib\n"
            "print(sys.executable, os.listdir(), os.getcwd(), sep='|')\n"
            "print(os.environ['OMP_NUM_THREADS'], os.environ['MPLBACKEND'])\n"
            "import nianbao",
        )
    )
    python, listing, folder = printed(executed).splitlines()[0].split("|")
    assert python == sys.executable
    assert listing == "[]"
    assert Path(folder) != Path.cwd()
    assert not Path(folder).exists()
    assert printed(executed).splitlines()[1] == "1 Agg"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no sockets in the file system")
def test_nothing_listens_beyond_this_machine(tmp_path: Path):
    executed = run(
        notebook(
            tmp_path,
            "import psutil\n"
            "for one in psutil.Process().net_connections('inet'):\n"
            "    if one.status == 'LISTEN': print(one.laddr.ip)",
        )
    )
    # The one that is left is ipykernel's own, for what child processes print.
    assert set(printed(executed).split()) <= {"127.0.0.1"}
    assert len(printed(executed).split()) <= 1


def test_progress_is_told_before_each_cell_and_at_the_end(tmp_path: Path):
    told: list[tuple[str, int, int]] = []
    run(notebook(tmp_path, "1", "2"), progress=lambda *step: told.append(step))
    assert told[0] == ("01_try", 0, 4)
    assert told[-1] == ("01_try", 4, 4)
    shares = [done for _, done, _ in told]
    assert shares == sorted(shares)


# --- bad runs -------------------------------------------------------------------------------------

LEAVING = {
    "sys.exit()": "left before the notebook's end",
    "sys.exit(0)": "left before the notebook's end",
    "sys.exit(3)": "left before the notebook's end",
    "exit()": "left before the notebook's end",
    "raise SystemExit": "left before the notebook's end",
    "os._exit(0)": "its process ended in the middle",
    "os.kill(os.getpid(), 9)": "its process ended in the middle",
    "1 / 0": "ZeroDivisionError: division by zero",
    "raise ValueError('一行\\n两行')": "ValueError: 一行",
    "def (": "SyntaxError",
}


@pytest.mark.parametrize("leave", LEAVING)
def test_a_notebook_that_does_not_reach_its_end_is_named_with_its_cell(tmp_path: Path, leave: str):
    path = notebook(tmp_path, "import os, sys", leave, "print('reached')")
    with pytest.raises(NotebookFailed) as caught:
        run(path)
    assert caught.value.message.startswith("the notebook 01_try.ipynb, cell 4 (")
    assert leave.splitlines()[0] in caught.value.message
    assert LEAVING[leave] in caught.value.message
    assert "Traceback" not in caught.value.message
    assert caught.value.exit_code == 70
    assert not (tmp_path / "executed").exists()


def test_a_last_cell_that_exits_quietly_is_a_failure_too(tmp_path: Path):
    with pytest.raises(NotebookFailed, match=r"cell 3 \(import sys; sys.exit\(0\)\)"):
        run(notebook(tmp_path, "import sys; sys.exit(0)"))


def test_a_tag_cannot_excuse_an_error(tmp_path: Path):
    path = notebook(tmp_path, "1 / 0")
    content = json.loads(path.read_text(encoding="utf-8"))
    content["cells"][2]["metadata"]["tags"] = ["raises-exception"]
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(NotebookFailed, match="ZeroDivisionError"):
        run(path)


def test_a_hanging_cell_is_stopped_at_its_limit_and_leaves_no_process(tmp_path: Path):
    mark = f"nianbao-hanging-{os.getpid()}"
    path = notebook(
        tmp_path,
        "import subprocess, sys, time\n"
        f"subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)', {mark!r}])\n"
        "time.sleep(60)",
    )
    started = time.monotonic()
    with pytest.raises(NotebookFailed, match=r"cell 3 .* did not end within 2 seconds"):
        run(path, limits=Limits(cell=2))
    assert time.monotonic() - started < 20
    left = [one for one in psutil.process_iter(["cmdline"]) if mark in (one.info["cmdline"] or ())]
    psutil.wait_procs(left, timeout=5)
    assert not [one for one in left if one.is_running() and one.status() != "zombie"]


def test_an_error_of_ours_keeps_its_kind_and_its_words(tmp_path: Path):
    with pytest.raises(CatalogueError) as caught:
        run(
            notebook(
                tmp_path,
                "from nianbao.errors import CatalogueError\n"
                "raise CatalogueError('wording/zh/party.md.j2:3:1: unknown figure')",
            )
        )
    assert caught.value.message == "wording/zh/party.md.j2:3:1: unknown figure"
    with pytest.raises(InputMissing):
        run(notebook(tmp_path, "from nianbao.errors import *\nraise InputMissing('x')"))


def test_the_traceback_goes_to_the_log_without_colours(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    with pytest.raises(NotebookFailed):
        run(notebook(tmp_path, "def divide():\n    1 / 0\ndivide()"))
    assert "ZeroDivisionError" in caplog.text
    assert "divide()" in caplog.text
    assert "\x1b" not in caplog.text


def test_an_unknown_parameter_is_refused_before_anything_runs(tmp_path: Path):
    mark = tmp_path / "ran"
    path = notebook(tmp_path, f"open({str(mark)!r}, 'w')")
    with pytest.raises(NotebookFailed) as caught:
        run(path, {"perod": "2023"})
    assert "has no parameter perod" in caught.value.message
    assert "allow_partial, period, workspace" in caught.value.message
    assert not mark.exists()


def test_a_notebook_that_is_not_one_is_said_to_be_unreadable(tmp_path: Path):
    path = tmp_path / "03_report.ipynb"
    for content in ("", "{", '{"cells": 3}'):
        path.write_text(content, encoding="utf-8")
        with pytest.raises(NotebookFailed, match=re.escape("03_report.ipynb cannot be read")):
            run(path)
    with pytest.raises(NotebookFailed, match="cannot be read"):
        run(tmp_path / "none.ipynb")


def test_a_long_temporary_folder_is_no_obstacle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    import tempfile

    long = tmp_path / ("很长的名字" * 12)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    assert printed(run(notebook(tmp_path, "print(period)"))) == "2024Q3\n"
    assert list(long.iterdir()) == []
