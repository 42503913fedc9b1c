"""The engine: whatever a notebook does, it ends in a tidy copy or in words that name the cell."""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
import psutil
import pytest

from nianbao.engine import Limits, dismiss, forked, run_notebook
from nianbao.errors import CatalogueError, InputMissing, NotebookFailed
from nianbao.workspace import PROJECT

PARAMETERS = 'workspace = ".."\nperiod = "2023"\nallow_partial = False'


FORKS = forked.available()
both_engines = pytest.mark.parametrize(
    "engine", ["forked", "stock"] if FORKS else ["stock"], indirect=True
)
only_forked = pytest.mark.skipif(not FORKS, reason="there is no fork here")


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIANBAO_LANG", "en")


@pytest.fixture
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("NIANBAO_ENGINE", request.param)
    return request.param


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


@both_engines
def test_two_runs_give_the_same_bytes_whatever_the_surroundings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: str
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
    dismiss()
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


@both_engines
def test_the_kernel_is_this_python_in_a_private_empty_folder(tmp_path: Path, engine: str):
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
@both_engines
def test_nothing_listens_beyond_this_machine_and_of_ours_nothing_at_all(
    tmp_path: Path, engine: str
):
    executed = run(
        notebook(
            tmp_path,
            "import psutil\n"
            "mine = psutil.Process()\n"
            f"for it in (mine, *mine.parents()[: {1 if engine == 'forked' else 0}]):\n"
            "    for one in it.net_connections('all'):\n"
            "        if one.status == 'LISTEN': print(one.laddr.ip)\n"
            "        elif one.laddr and not hasattr(one.laddr, 'ip'): print(one.laddr)",
        )
    )
    listening = [line for line in printed(executed).split() if not line.startswith("/")]
    if engine == "forked":
        assert printed(executed) == ""
    # The one that is left is ipykernel's own, for what child processes print.
    assert set(listening) <= {"127.0.0.1"}
    assert len(listening) <= 1


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


@both_engines
@pytest.mark.parametrize("leave", LEAVING)
def test_a_notebook_that_does_not_reach_its_end_is_named_with_its_cell(
    tmp_path: Path, leave: str, engine: str
):
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


@both_engines
def test_a_tag_cannot_excuse_an_error(tmp_path: Path, engine: str):
    path = notebook(tmp_path, "1 / 0")
    content = json.loads(path.read_text(encoding="utf-8"))
    content["cells"][2]["metadata"]["tags"] = ["raises-exception"]
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(NotebookFailed, match="ZeroDivisionError"):
        run(path)


@both_engines
def test_a_hanging_cell_is_stopped_at_its_limit_and_leaves_no_process(tmp_path: Path, engine: str):
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
    assert gone(mark)


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


@both_engines
@pytest.mark.parametrize("path", ["/some/values.csv", None])
def test_a_disk_that_is_full_is_told_as_it_is_anywhere(
    tmp_path: Path, engine: str, path: str | None
):
    with pytest.raises(OSError, match="No space left on device") as caught:
        run(notebook(tmp_path, f"raise OSError(28, 'No space left on device', {path!r})"))
    assert (caught.value.errno, caught.value.filename) == (28, path)


@both_engines
def test_a_file_that_a_notebook_misses_is_its_own_failure(tmp_path: Path, engine: str):
    with pytest.raises(NotebookFailed, match=r"cell 3 .*FileNotFoundError"):
        run(notebook(tmp_path, "open('none')"))


def test_the_traceback_goes_to_the_log_without_colours(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    with pytest.raises(NotebookFailed):
        run(notebook(tmp_path, "def divide():\n    1 / 0\ndivide()"))
    assert "ZeroDivisionError" in caplog.text
    assert "divide()" in caplog.text
    assert "\x1b" not in caplog.text


@pytest.mark.parametrize("value", [True, 2023, None])
def test_a_parameter_of_another_type_is_refused(tmp_path: Path, value: object):
    with pytest.raises(NotebookFailed, match=r"the parameter period .* is a str, not a"):
        run(notebook(tmp_path, "1"), {"period": value})  # type: ignore[dict-item]


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
    dismiss()
    assert list(long.iterdir()) == []


@both_engines
def test_a_cell_that_prints_without_measure_is_stopped(tmp_path: Path, engine: str):
    path = notebook(tmp_path, "for _ in range(50): print('x' * 999_999)")
    with pytest.raises(NotebookFailed, match=r"cell 3 .* printed more than 10 MB"):
        run(path)


# --- either engine --------------------------------------------------------------------------------

# Whatever a cell may show, and how: one of each.
SHOWING = (
    "import sys, subprocess, pandas as pd\nfrom IPython.display import HTML, Markdown, display",
    "print('one'); print('错误', file=sys.stderr); display(HTML('<b>两</b>')); print('three')",
    "pd.DataFrame({f'c{n}': range(70) for n in range(30)})",
    "pd.DataFrame({'甲': [1.5, None], '乙': ['x', 'y']}).describe()",
    "display({'text/plain': 'a', 'application/json': {'n': [1, 2.5, None, True]}}, raw=True)",
    "from matplotlib.figure import Figure\nfigure = Figure()\nfigure.subplots().plot(1)\nfigure",
    "import matplotlib\nmatplotlib.get_backend()",
    "%matplotlib inline\nfigure",
    "from IPython.display import Image\nImage(data=bytes.fromhex('89504e470d0a1a'), format='png')",
    "shown = display(1, display_id='a'); print('between'); shown.update(HTML('<i>2</i>'))",
    "shown.update(Markdown('**later**'))",
    "from IPython.display import clear_output\nprint('gone'); clear_output(); print('stays')",
    "print('goes with the next'); clear_output(wait=True); print('next')",
    "subprocess.run(['echo', 'from a program']); __import__('time').sleep(0.5)",
    "!echo from a shell",
    "x = 41; x + 1",
    "_ + 1, In[3] if False else len(In), Out[max(Out)]",
    "x;",
    "# nothing but words",
    "%%capture caught\nprint('held back')",
    "caught.stdout",
    "import asyncio\nawait asyncio.sleep(0, 'awaited')",
    "class Odd:\n    def __repr__(self): return 'odd\\x1b[31m\\u202e'\nOdd()",
    "print?",
    "import warnings; warnings.warn('careful')",
    "import threading as t\naside = t.Thread(target=lambda: print(1))\naside.start(); aside.join()",
    "{'b': 1, 'a': {2, 1}}, {'甲', '乙', '丙', '丁'}",
    "object()",
    "for n in range(3): display(n)",
)


@only_forked
def test_either_engine_gives_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("PYTEST_CURRENT_TEST")  # where a kernel sees it, it hears no programs
    path = notebook(tmp_path, *SHOWING)
    output = tmp_path / "executed" / path.name
    run(path)
    ours = output.read_text(encoding="utf-8")
    monkeypatch.setenv("NIANBAO_ENGINE", "stock")
    run(path)
    assert ours.splitlines() == output.read_text(encoding="utf-8").splitlines()
    assert '"image/png"' in ours
    assert "from a program" in ours


@only_forked
@pytest.mark.xdist_group("national")
def test_either_engine_publishes_the_same_release(tmp_path: Path):
    releases = []
    for engine in ("forked", "stock"):
        workspace = tmp_path / engine
        left = shutil.ignore_patterns("outputs", "processed", "quarantine")
        shutil.copytree(PROJECT / "examples" / "national", workspace, ignore=left)
        subprocess.run(
            [
                *(sys.executable, str(PROJECT / "pipeline.py"), "--year", "2014", "--quiet"),
                *("--workspace", str(workspace)),
            ],
            env={**os.environ, "NIANBAO_ENGINE": engine},
            check=True,
            capture_output=True,
        )
        folder = workspace / "outputs" / "2014"
        files = (path for path in folder.rglob("*") if path.is_file())
        releases.append({path.relative_to(folder): path.read_bytes() for path in files})
    assert releases[0].keys() == releases[1].keys()
    assert [path for path in releases[0] if releases[0][path] != releases[1][path]] == []


@both_engines
def test_a_question_has_nobody_to_answer_it(tmp_path: Path, engine: str):
    with pytest.raises(NotebookFailed, match=r"cell 3 .*StdinNotImplementedError: raw_input"):
        run(notebook(tmp_path, "input('?')"))


# --- the forked engine ----------------------------------------------------------------------------


def gone(mark: str) -> bool:
    """Whether no process with this word on its command line is left after a few seconds."""
    found = [one for one in psutil.process_iter(["cmdline"]) if mark in (one.info["cmdline"] or ())]
    return all(ended(one.pid) for one in found)


def ended(process: int) -> bool:
    """Whether a process is gone after a few seconds, or is only waiting to be counted."""
    for _ in range(50):
        with contextlib.suppress(psutil.NoSuchProcess):
            if psutil.Process(process).status() != "zombie":
                time.sleep(0.1)
                continue
        return True
    return False


@only_forked
class TestForking:
    @pytest.fixture(autouse=True)
    def fresh(self) -> Iterator[None]:
        yield
        dismiss()

    def test_one_process_serves_several_notebooks_and_none_sees_another(self, tmp_path: Path):
        first = run(notebook(tmp_path, "import os, nianbao; nianbao.left = 1; print(os.getppid())"))
        again = run(
            notebook(tmp_path, "import os, nianbao; print(os.getppid(), hasattr(nianbao, 'left'))")
        )
        assert printed(again).split() == [*printed(first).split(), "False"]

    def test_it_forks_from_a_process_that_runs_no_thread(self, tmp_path: Path):
        path = notebook(
            tmp_path,
            "import psutil, threading\n"
            "print(psutil.Process().parent().num_threads(), threading.active_count())",
        )
        assert printed(run(path)) == "1 1\n"

    def test_what_a_notebook_leaves_running_ends_with_it(self, tmp_path: Path):
        mark = f"nianbao-left-{os.getpid()}"
        run(
            notebook(
                tmp_path,
                "import subprocess, sys, threading, time\n"
                "wait = 'import time; time.sleep(60)'\n"
                f"subprocess.Popen([sys.executable, '-c', wait, {mark!r}])\n"
                "threading.Thread(target=time.sleep, args=(60,)).start()",
            )
        )
        assert gone(mark)

    def test_a_file_that_bears_a_librarys_name_is_not_imported(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        for name in ("pandas", "openpyxl", "nbformat", "IPython", "json"):
            (tmp_path / f"{name}.py").write_text("raise SystemError('dropped')", encoding="utf-8")
        monkeypatch.chdir(tmp_path)
        dismiss()
        path = notebook(tmp_path, "import json, openpyxl, pandas; print('whole')")
        assert printed(run(path)) == "whole\n"

    def test_a_home_that_cannot_be_written_is_no_obstacle_and_nothing_is_written_there(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        home = tmp_path / "home"
        home.mkdir(mode=0o500)
        monkeypatch.setenv("HOME", str(home))
        dismiss()
        path = notebook(tmp_path, "import matplotlib.font_manager, os; print(os.environ['HOME'])")
        assert printed(run(path)) == f"{home}\n"
        assert list(home.iterdir()) == []

    def test_a_cell_that_forks_has_one_voice(self, tmp_path: Path):
        path = notebook(tmp_path, "import os\nif not (child := os.fork()): pass", "print('once')")
        assert printed(run(path)) == "once\n"

    def test_after_a_failure_the_next_notebook_runs(self, tmp_path: Path):
        with pytest.raises(NotebookFailed):
            run(notebook(tmp_path, "import os; os._exit(3)"))
        assert printed(run(notebook(tmp_path, "print('again')"))) == "again\n"

    def test_a_warm_process_that_cannot_start_says_so_before_the_first_cell(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ):
        dismiss()
        monkeypatch.setattr(forked, "_CODE", "raise SystemError('no memory')")
        with pytest.raises(NotebookFailed, match="before cell 1: its process cannot start"):
            run(notebook(tmp_path, "1"))
        assert "no memory" in caplog.text

    def test_a_warm_process_that_was_killed_is_replaced(self, tmp_path: Path):
        run(notebook(tmp_path, "1"))
        forked._warm[0].process.kill()
        forked._warm[0].process.wait()
        assert printed(run(notebook(tmp_path, "print('again')"))) == "again\n"

    def test_a_warm_process_killed_under_its_notebook_takes_it_along(self, tmp_path: Path):
        told = tmp_path / "process"
        kill = f"open({str(told)!r}, 'w').write(str(os.getpid()))\nos.kill(os.getppid(), 9)"
        path = notebook(tmp_path, "import os, time", f"{kill}\ntime.sleep(60)")
        with pytest.raises(NotebookFailed, match=r"cell 4 .* its process ended in the middle"):
            run(path)
        assert ended(int(told.read_text()))

    @pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
    def test_when_its_parent_ends_the_notebook_ends_at_once(self, tmp_path: Path, number: int):
        mark, started = f"nianbao-orphan-{os.getpid()}-{number}", tmp_path / "started"
        path = notebook(
            tmp_path,
            "import os, subprocess, sys, time\n"
            f"subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)', {mark!r}])\n"
            f"open({str(started)!r}, 'w').write(str(os.getpid()))\n"
            "time.sleep(60)",
        )
        code = (
            "import signal, sys; from pathlib import Path\n"
            "from nianbao.engine import run_notebook\n"
            "signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))\n"
            "run_notebook(Path(sys.argv[1]), Path(sys.argv[2]), {'period': '2023'})"
        )
        with subprocess.Popen(
            [sys.executable, "-c", code, str(path), str(tmp_path / "out.ipynb")],
            cwd=PROJECT,
            stderr=subprocess.DEVNULL,
        ) as parent:
            while not started.exists() or not started.read_text():
                assert parent.poll() is None
                time.sleep(0.05)
            parent.send_signal(number)
            assert parent.wait(10) != 0
        assert gone(mark)
        assert ended(int(started.read_text()))
        assert not (tmp_path / "out.ipynb").exists()
