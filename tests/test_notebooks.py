"""The notebooks: thin enough to read as a table of contents, and whole enough to run."""

import ast
import inspect
import json
from pathlib import Path

import nbformat
import pytest

from nianbao.report import Report
from nianbao.steps import NOTEBOOKS, Options
from nianbao.workspace import PROJECT

PATHS = [PROJECT / "notebooks" / f"{name}.ipynb" for name in NOTEBOOKS]

CALLS = {
    "01_clean": ["clean()", "show_files()", "show_findings()", "show_facts()"],
    "02_indicators": [
        "compute_values()",
        "show_values()",
        "compute_standings()",
        "show_standings()",
    ],
    "03_report": [
        "masthead()",
        "headlines()",
        "sections()",
        "appendices()",
        "sources()",
        "save_charts()",
        "save_tables()",
    ],
}


def read(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def code(path: Path) -> list[dict]:
    return [cell for cell in read(path)["cells"] if cell["cell_type"] == "code"]


def tree(cell: dict) -> ast.Module:
    return ast.parse("".join(cell["source"]))


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
class TestEachNotebook:
    def test_it_is_valid_and_has_stable_ids_and_no_outputs(self, path: Path):
        content = read(path)
        nbformat.validate(content)
        assert (content["nbformat"], content["nbformat_minor"]) == (4, 5)
        ids = [cell["id"] for cell in content["cells"]]
        assert ids == [f"c{number:02d}" for number in range(1, len(ids) + 1)]
        for cell in code(path):
            assert cell["outputs"] == []
            assert cell["execution_count"] is None
        assert content["metadata"]["kernelspec"]["name"] == "python3"

    def test_it_begins_with_a_title_and_every_step_has_a_chinese_heading(self, path: Path):
        cells = read(path)["cells"]
        assert cells[0]["source"][0].startswith("# ")
        for cell in cells:
            if cell["cell_type"] == "markdown":
                heading = cell["source"][0]
                assert heading.startswith("#")
                assert any("\u4e00" <= letter <= "\u9fff" for letter in heading)

    def test_its_parameters_are_plain_and_those_that_the_program_passes(self, path: Path):
        parameters, _, opening, *_ = code(path)
        assert parameters["metadata"]["tags"] == ["parameters"]
        values = {
            node.targets[0].id: ast.literal_eval(node.value) for node in tree(parameters).body
        }
        assert values == {
            "workspace": "..",
            "period": "2023",
            "lang": "zh",
            "date": "",
            "allow_partial": False,
        }
        usual = Options()
        for name in ("lang", "date", "allow_partial"):
            assert values[name] == getattr(usual, name)
        assert set(values) == set(inspect.signature(Report.open).parameters)
        (call,) = [node for node in ast.walk(tree(opening)) if isinstance(node, ast.Call)]
        assert {keyword.arg: keyword.value.id for keyword in call.keywords} == {
            name: name for name in values
        }

    def test_it_imports_once_and_only_the_report(self, path: Path):
        imports = [
            ast.unparse(node)
            for cell in code(path)
            for node in ast.walk(tree(cell))
            if isinstance(node, ast.Import | ast.ImportFrom)
        ]
        assert imports == ["from nianbao.report import Report"]

    def test_each_further_cell_is_one_call_of_the_report(self, path: Path):
        calls = []
        for cell in code(path)[3:]:
            (statement,) = tree(cell).body
            assert isinstance(statement, ast.Expr)
            calls.append(ast.unparse(statement).removeprefix("report."))
        assert calls == CALLS[path.stem]
        for call in calls:
            assert callable(getattr(Report, call.partition("(")[0]))


def test_there_are_no_other_notebooks():
    assert sorted((PROJECT / "notebooks").glob("*.ipynb")) == PATHS
