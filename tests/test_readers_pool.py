"""Reading in processes of their own: the same workbooks, and no file costs more than itself."""

import datetime
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from test_readers import write, xlsx_bytes

from nianbao.errors import NianbaoError
from nianbao.readers import (
    LIMITS,
    CellError,
    Limits,
    Rejected,
    Sheet,
    UncachedFormula,
    Workbook,
    read_all,
    read_workbook,
    see,
)
from nianbao.readers.wire import pack_answer, unpack_answer
from nianbao.workspace import PROJECT

# A worker like the real one, but for files of certain names.
WORKER = f"""
import os, sys, time
sys.path.insert(0, {str(PROJECT)!r})
from nianbao.readers.reading import read_workbook
from nianbao.readers.worker import serve

def read(path, seen):
    match path.stem:
        case "abort":
            os.abort()
        case "hang":
            time.sleep(600)
        case "spin":
            while True:
                pass
        case "greedy":
            bytearray(4 << 30)
        case "once" if not path.with_name("done").exists():
            path.with_name("done").touch()
            os.abort()
    return read_workbook(path, seen)

serve(int(sys.argv[1]), int(sys.argv[2]), read)
"""
STRANGE = Limits(seconds=1, megabytes=1000, command=(sys.executable, "-c", WORKER))
UNIX_ONLY = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limits")


def read(*paths: Path, limits: Limits = LIMITS) -> list[Workbook | Rejected | OSError]:
    return list(read_all([(path, see(path)) for path in paths], limits))


def workbook(path: Path, value: object = "甲镇") -> Path:
    return write(path, xlsx_bytes({"A1": value}))


def first_cells(answers: list[Workbook | Rejected | OSError]) -> list[object]:
    return [
        answer.sheets[0].rows[0][0] if isinstance(answer, Workbook) else answer.code
        for answer in answers
        if not isinstance(answer, OSError)
    ]


# --- what goes over the pipe


def test_every_kind_of_cell_comes_over_as_it_was() -> None:
    cells = (
        *(None, "", "12 \u200b\r\n", "\ud800", "a\0b", '{"date": "2023-01-01"}', True, False),
        *(0, -0.0, 0.1, 1e308, 5e-324, 2**53 + 1, 10**30, math.inf, -math.inf),
        *(datetime.date(1, 1, 1), datetime.datetime(2023, 12, 31, 23, 59, 59, 999999)),
        *(datetime.time(9, 30), datetime.timedelta(days=-1, microseconds=1)),
        *(CellError("#DIV/0!"), UncachedFormula(), UncachedFormula("SUM(A1:A3)")),
    )
    sheet = Sheet("调解", (cells, (None,) * len(cells)), ((1, 1, 2, 2),), hidden=True)
    book = Workbook(Path("a.xlsx"), "0" * 64, "xlsx", (sheet,), (("W_MACRO", "…"),))
    again = unpack_answer(pack_answer(book), book.path)
    assert again == book
    assert isinstance(again, Workbook)
    assert list(map(repr, again.sheets[0].rows[0])) == list(map(repr, cells))


def test_a_number_that_is_none_comes_over_as_such() -> None:
    book = Workbook(Path("a"), "", "xls", (Sheet("a", ((math.nan,),)),))
    again = unpack_answer(pack_answer(book), book.path)
    assert isinstance(again, Workbook)
    assert repr(again.sheets[0].rows) == "((nan,),)"


def test_a_refusal_comes_over_whole() -> None:
    rejected = Rejected("E_DUP_CELL", "…", found="A1", sha256="1" * 64)
    again = unpack_answer(pack_answer(rejected), Path("a"))
    assert isinstance(again, Rejected)
    assert vars(again) == vars(rejected)
    refused = unpack_answer(pack_answer(PermissionError(13, "Permission denied")), Path("a"))
    assert isinstance(refused, PermissionError)


# --- the processes


def test_many_files_come_back_in_their_order_and_as_read_here(tmp_path: Path) -> None:
    paths = [workbook(tmp_path / f"{number:02}.xlsx", f"第{number}") for number in range(60)]
    paths[7].write_bytes(b"")
    answers = read(*paths)
    assert first_cells(answers) == [
        "E_EMPTY" if number == 7 else f"第{number}" for number in range(60)
    ]
    assert answers[30] == read_workbook(paths[30])


def test_no_file_needs_no_process(tmp_path: Path) -> None:
    nowhere = Limits(command=(str(tmp_path / "none"),))
    assert read(limits=nowhere) == []


@pytest.mark.parametrize("name", ["abort", "hang", "spin", pytest.param("greedy", marks=UNIX_ONLY)])
def test_a_file_that_breaks_its_reader_costs_that_file_alone(name: str, tmp_path: Path) -> None:
    paths = [
        workbook(tmp_path / f"{stem}.xlsx", stem) for stem in ("a", "b", name, "c", "d", "e", "f")
    ]
    answers = read(*paths, limits=STRANGE)
    assert first_cells(answers) == ["a", "b", "E_CORRUPT", "c", "d", "e", "f"]
    broken = answers[2]
    assert isinstance(broken, Rejected)
    assert broken.sha256 == read_workbook(paths[2]).sha256
    assert "could not be read through" in broken.detail


def test_two_such_files_in_a_row_cost_two(tmp_path: Path) -> None:
    paths = [
        workbook(tmp_path / name / "abort.xlsx") for name in ("a", "b") if _folder(tmp_path, name)
    ]
    paths.append(workbook(tmp_path / "c.xlsx", "c"))
    assert first_cells(read(*paths, limits=STRANGE)) == ["E_CORRUPT", "E_CORRUPT", "c"]


def _folder(root: Path, name: str) -> Path:
    (root / name).mkdir()
    return root / name


def test_a_reader_that_was_killed_from_outside_costs_no_file(tmp_path: Path) -> None:
    path = workbook(tmp_path / "once.xlsx", "一")
    assert first_cells(read(path, limits=STRANGE)) == ["一"]


def test_a_run_given_up_in_the_middle_leaves_the_next_one_sound(tmp_path: Path) -> None:
    paths = [workbook(tmp_path / f"{number}.xlsx", f"第{number}") for number in range(9)]
    answers = read_all([(path, see(path)) for path in paths])
    next(answers)
    answers.close()  # type: ignore[attr-defined]
    assert first_cells(read(*paths[5:7])) == ["第5", "第6"]


@pytest.mark.parametrize(
    "command", [("no-such-python",), (sys.executable, "-c", "raise SystemExit('no pandas here')")]
)
def test_where_no_process_can_be_started_the_reason_is_said(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    with pytest.raises(NianbaoError, match=r"cannot be started|无法启动") as caught:
        read(workbook(tmp_path / "a.xlsx"), limits=Limits(command=command))
    assert caught.value.exit_code == 70


def test_a_module_dropped_among_the_files_is_never_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trap = f"import pathlib; pathlib.Path({str(tmp_path / 'sprung')!r}).touch(); raise ImportError"
    for name in ("xlrd", "openpyxl", "python_calamine", "nianbao", "json", "duckdb"):
        (tmp_path / f"{name}.py").write_text(trap, encoding="utf-8")
    path = workbook(tmp_path / "a.xlsx")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    fresh = Limits(seconds=9)  # no idle worker is like this one
    assert first_cells(read(path, limits=fresh)) == ["甲镇"]
    assert not (tmp_path / "sprung").exists()


@UNIX_ONLY
def test_readers_end_with_their_program_however_it_ends(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx")
    program = f"""
import sys, time
sys.path.insert(0, {str(PROJECT)!r})
from pathlib import Path
from nianbao.readers import pool, read_all, see
path = Path({str(path)!r})
list(read_all([(path, see(path))]))
print(pool._idle[0].process.pid, flush=True)
time.sleep(60)
"""
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    with parent.stdout as said:
        worker = int(said.readline())
        os.kill(worker, 0)
        parent.send_signal(signal.SIGKILL)
    parent.wait()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.kill(worker, 0)
        except ProcessLookupError:
            return
        state = Path(f"/proc/{worker}/stat")  # a process that nobody waits for is still listed
        if state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z":
            return
        time.sleep(0.05)
    pytest.fail("the reader outlives its program")
