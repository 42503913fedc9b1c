"""The benchmarks: that they compare the same work and sum it up right. Nothing is timed here."""

import ast
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import __main__ as bench
from benchmarks import contestants, measure, table
from benchmarks.contestants import EVERYBODY, PLAIN, PROGRAM, STOCK
from benchmarks.measure import CommandFailed, Run
from nianbao.workspace import PROJECT

FIGURE = '<p>办结<data value="{0}" data-indicator="closed">{0}</data>件</p>'


def calls_of_a_report(source: str) -> Iterator[str]:
    """`report.section("party")` and its like, in the order of the source."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("report."):
            yield ast.unparse(node)


def test_the_plain_script_calls_what_the_notebooks_call_in_their_order():
    in_notebooks = []
    for name in contestants.NOTEBOOKS:
        notebook = json.loads((PROJECT / "notebooks" / name).read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                in_notebooks += calls_of_a_report("".join(cell["source"]))
    script = (PROJECT / "benchmarks" / "plain_script.py").read_text(encoding="utf-8")
    assert list(calls_of_a_report(script)) == in_notebooks


def test_everybody_works_in_the_workspace_that_is_given_and_not_in_the_project(tmp_path: Path):
    for one in (PROGRAM, PLAIN, STOCK):
        for command in one.commands(tmp_path):
            assert any(str(tmp_path) in word for word in command), command
            assert command[0] == sys.executable


def test_the_median_stands_between_the_lowest_and_the_highest():
    assert table.spread([3.0, 1.0, 2.5]) == table.Spread(2.5, 1.0, 3.0)


def test_a_ratio_is_of_the_medians_and_its_range_is_of_the_rounds():
    # medians 6 and 3; the rounds give 4/2 = 2, 6/4 = 1.5 and 9/3 = 3
    assert table.ratio([4.0, 6.0, 9.0], [2.0, 4.0, 3.0]) == table.Spread(2.0, 1.5, 3.0)


def test_the_row_of_a_ratio_gives_its_range_and_leaves_out_a_cpu_that_nobody_measured():
    # 6/3 on the wall, 5/4 in CPU
    row = table.ratio_row("a / b", [Run(6.0, 5.0)], [Run(3.0, 4.0)])
    assert row.split() == ["a", "/", "b", "2.00", "(2.00", "to", "2.00)", "in", "CPU", "1.25"]
    assert table.ratio_row("a / b", [Run(6.0)], [Run(3.0)]).endswith("2.00 to 2.00)")


def test_a_row_shows_seconds_and_megabytes_and_a_dash_for_what_nobody_measured():
    runs = {
        "program": [Run(3.0, 2.5, 170_000_000), Run(1.0, 2.0, 190_000_000), Run(2.0, 2.25, 1)],
        "elsewhere": [Run(0.25)],
    }
    _, program, elsewhere = table.rows(runs, {"program": 230_000_000})
    assert re.split(r"\s+", program) == ["program", "2.00", "1.00", "3.00", "2.25", "190", "230"]
    assert re.split(r"\s+", elsewhere) == ["elsewhere", "0.25", "0.25", "0.25", "–", "–", "–"]


def test_the_rows_of_the_table_are_of_one_width():
    runs = {one.name: [Run(12.345, 11.0, 170_000_000)] for one in EVERYBODY}
    assert len({len(row) for row in table.rows(runs, {})}) == 1


def test_times_of_several_commands_add_up_and_the_largest_memory_is_the_largest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    took = {"one": Run(1.5, 1.0, 300), "two": Run(2.0, 0.25, 200)}
    monkeypatch.setattr(measure, "_run_one", lambda command, *_: took[command[0]])
    assert measure.run([["one"], ["two"]], tmp_path, {}) == Run(3.5, 1.25, 300)


def test_a_command_takes_time_and_memory(tmp_path: Path):
    one = measure.run([(sys.executable, "-c", "pass")], tmp_path, {})
    assert one.seconds > 0
    assert (one.cpu is None) == (one.largest is None)
    assert one.largest is None or 1_000_000 < one.largest < 1_000_000_000


def test_a_contestant_that_fails_is_named_with_what_it_said(tmp_path: Path):
    command = (sys.executable, "-c", "raise SystemExit('no such notebook')")
    with pytest.raises(CommandFailed, match=r"(?s)exit 1.*no such notebook"):
        measure.run([command], tmp_path, {})


def test_pages_with_the_same_figures_are_compared():
    page = FIGURE.format(12) + FIGURE.format(7)
    assert bench._same_figures({PROGRAM.name: page, PLAIN.name: f"<h1>又一页</h1>{page}"}) == 2


@pytest.mark.parametrize("other", [FIGURE.format(13), FIGURE.format(12) * 2, ""])
def test_pages_with_other_figures_are_not_compared(other: str):
    with pytest.raises(CommandFailed, match="plain script has other figures"):
        bench._same_figures({PROGRAM.name: FIGURE.format(12), PLAIN.name: other})


def test_a_page_without_figures_proves_nothing():
    with pytest.raises(CommandFailed, match="no figure"):
        bench._same_figures({PROGRAM.name: "", PLAIN.name: ""})


def test_the_stock_kernel_is_this_python_and_nothing_is_kept_outside_the_folder(tmp_path: Path):
    environment = contestants.environment(tmp_path)
    spec = json.loads(
        (tmp_path / "jupyter" / "kernels" / "python3" / "kernel.json").read_text(encoding="utf-8")
    )
    assert spec["argv"][0] == sys.executable
    for name in ("JUPYTER_PATH", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        assert Path(environment[name]).is_relative_to(tmp_path)


def test_a_new_workspace_has_the_raw_workbooks_and_nothing_that_a_run_made(tmp_path: Path):
    workspace = contestants.new_workspace(tmp_path / "workspace")
    made = {path.name for path in (workspace / "data").iterdir()}
    assert {"raw", "corrections.csv"} <= made
    assert not made & {"processed", "quarantine"}
