"""Security: nothing that lies among the data is ever run, and nothing waits for callers."""

import ast
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from breaking import Bench, bench
from packaging.requirements import Requirement

from nianbao.catalogue.source import parse_source
from nianbao.engine import dismiss, forked, run_notebook
from nianbao.errors import CatalogueError
from nianbao.workspace import PROJECT

# Modules that the program imports; whoever is found in their place says that it was.
TRAPS = ("openpyxl", "pandas", "xlrd", "lxml", "json", "csv", "typing", "nianbao", "sitecustomize")
CODE = [PROJECT / "pipeline.py", *(PROJECT / "nianbao").rglob("*.py")]

# Advisories that concern what we do with a library, and the first version without them.
WITHOUT_KNOWN_HOLES = {
    "nbconvert": "7.17.1",  # CVE-2025-53000, CVE-2026-39377, CVE-2026-39378
    "jinja2": "3.1.6",  # CVE-2024-56201, CVE-2025-27516
}


# --- what is never run ----------------------------------------------------------------------------


@pytest.mark.parametrize("path", CODE, ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_nothing_is_unpickled_evaluated_or_loaded_from_unsafe_yaml(path: Path):
    unsafe = {"load", "load_all", "unsafe_load", "full_load", "Loader", "UnsafeLoader"}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Name):
            assert node.id not in ("eval", "exec", "pickle"), f"line {node.lineno}"
        elif isinstance(node, ast.Attribute):
            assert "pickle" not in node.attr, f"line {node.lineno}"
            of_yaml = isinstance(node.value, ast.Name) and node.value.id == "yaml"
            assert not (of_yaml and node.attr in unsafe), f"line {node.lineno}"
        elif isinstance(node, ast.keyword):
            assert not (node.arg == "shell" and ast.unparse(node.value) != "False")
            assert not (node.arg == "allow_pickle" and ast.unparse(node.value) != "False")


@pytest.mark.parametrize(
    "text",
    [
        "a: !!python/object/apply:pathlib.Path.touch [{mark}]",
        "a: !!python/object/new:pathlib.Path [{mark}]",
        "a: !!python/name:os.system",
    ],
)
def test_yaml_that_asks_for_python_is_refused(tmp_path: Path, text: str):
    mark = tmp_path / "mark"
    with pytest.raises(CatalogueError):
        parse_source(text.replace("{mark}", str(mark)).encode(), "forms/W1.yml")
    assert not mark.exists()


def lay_traps(folder: Path, mark: Path) -> None:
    for name in TRAPS:
        text = f"import pathlib; pathlib.Path({str(mark)!r}).write_text({name!r})\n1 / 0\n"
        (folder / f"{name}.py").write_text(text, encoding="utf-8")


@pytest.mark.slow
def test_a_module_dropped_among_the_raw_files_is_not_imported(tmp_path: Path):
    left = shutil.ignore_patterns("outputs", "processed", "quarantine")
    home = shutil.copytree(PROJECT / "examples" / "national", tmp_path / "home", ignore=left)
    for folder in (home, *sorted((home / "data" / "raw").iterdir())):
        lay_traps(folder, tmp_path / "mark")
    words = ["--year", "2014", "--workspace", str(home), "--quiet"]
    done = subprocess.run(
        [sys.executable, str(PROJECT / "pipeline.py"), *words],
        cwd=home / "data" / "raw" / "2014",
        env={**os.environ, "NIANBAO_LANG": "en"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not (tmp_path / "mark").exists()
    assert done.returncode == 0, done.stderr
    tables = (home / "data" / "processed" / "2014" / "findings.csv").read_text(encoding="utf-8-sig")
    assert "data/raw/2014/openpyxl.py" in tables


@pytest.mark.parametrize("engine", ["forked", "stock"] if forked.available() else ["stock"])
def test_a_notebook_does_not_import_from_the_folder_that_the_run_was_started_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: str
):
    monkeypatch.setenv("NIANBAO_ENGINE", engine)
    monkeypatch.chdir(tmp_path)
    lay_traps(tmp_path, tmp_path / "mark")
    dismiss()
    notebook = PROJECT / "notebooks" / "01_clean.ipynb"
    empty = tmp_path / "empty"
    (empty / "data" / "raw" / "2023").mkdir(parents=True)
    parameters = {"workspace": str(empty), "period": "2023"}
    run_notebook(notebook, tmp_path / "executed.ipynb", parameters)
    assert not (tmp_path / "mark").exists()


# --- who is listened to ---------------------------------------------------------------------------


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
@pytest.mark.skipif(not forked.available(), reason="there is no fork here")
def test_a_run_listens_nowhere_and_calls_nobody(tmp_path: Path):
    one: Bench = bench(tmp_path)
    log = tmp_path / "strace.log"
    tracer = ("strace", "-f", "-qq", "-o", str(log), "-e", "trace=listen,accept4,connect,sendto")
    assert one.run("--quiet", before=tracer) == (0, "")
    calls = [line for line in log.read_text(errors="replace").splitlines() if "(" in line]
    abroad = [line for line in calls if "listen(" in line or "AF_INET" in line]
    assert abroad == []


# --- libraries ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", WITHOUT_KNOWN_HOLES)
def test_no_version_with_a_known_hole_may_be_installed(name: str):
    asked = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (floor,) = (one for one in map(Requirement, asked["dependencies"]) if one.name == name)
    assert str(floor.specifier) == f">={WITHOUT_KNOWN_HOLES[name]}"
