#!/usr/bin/env python3
# -*- coding: utf-8 -*-
"""The front door: `python pipeline.py --year 2023`, from any folder.

Runs the program where this Python has its packages; else starts itself again with the project's
.venv; else says in two lines how to get one, exit 69. Every Python must be able to read this file,
the ones too old to run the program too: no f-strings, no annotations, no pathlib.
"""

import os
import sys

OLDEST = (3, 11)
# What pyproject.toml asks for, by import name; tests/test_setup.py holds it to that.
PACKAGES = (
    "papermill",
    "nbconvert",
    "pandas",
    "matplotlib",
    "openpyxl",
    "ipykernel",
    "python_calamine",
    "xlrd",
    "yaml",
    "pydantic",
    "jinja2",
    "markdown_it",
    "rich",
    "filelock",
    "duckdb",
    "docx",
    "lxml",
    "PIL",
)
EX_UNAVAILABLE = 69
CONDA = "conda env create -f environment.yml && conda activate nianbao"
RESTARTED = "NIANBAO_RESTARTED"  # set over the restart, so that a broken .venv cannot loop

ROOT = os.path.dirname(os.path.realpath(__file__))
VENV = os.path.join(ROOT, ".venv")


def missing_packages():
    """Names of the packages that this Python does not have; looks, imports nothing."""
    from importlib.util import find_spec

    return [name for name in PACKAGES if find_spec(name) is None]


def restart_in_venv():
    """Hand over to the project's .venv; returns only where there is none, or this is it."""
    windows = os.name == "nt"
    python = os.path.join(VENV, "Scripts", "python.exe") if windows else VENV + "/bin/python"
    here = os.path.realpath(sys.prefix) == os.path.realpath(VENV)
    if here or os.environ.pop(RESTARTED, "") or not os.path.exists(python):
        return
    os.environ[RESTARTED] = "1"
    command = [python, os.path.join(ROOT, "pipeline.py")] + sys.argv[1:]
    if windows:  # there, execv returns to the prompt before the program has ended
        import subprocess

        sys.exit(subprocess.call(command))
    os.execv(python, command)


def speaks_chinese():
    """Whether NIANBAO_LANG, or else the locale, is Chinese."""
    for name in ("NIANBAO_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            return os.environ[name].lower().startswith("zh")
    import locale

    return (locale.getlocale()[0] or "").lower().startswith(("zh", "chinese"))


def explain_and_leave(missing):
    """Two lines on stderr: what is wrong, and what to do; exit 69."""
    version = ".".join(str(part) for part in sys.version_info[:3])
    if speaks_chinese():
        lacking = "缺少程序包：" + "、".join(missing)
        old = "需要 Python 3.11 或更新版本，当前为 " + version
        how = "请在项目目录运行 make setup，或 " + CONDA + "；然后重新运行本命令。"
    else:
        lacking = "this Python lacks packages: " + ", ".join(missing)
        old = "needs Python 3.11 or newer, and this is " + version
        how = "In the project's folder run `make setup`, or `" + CONDA + "`; then run this again."
    what = lacking if missing else old
    sys.stderr.write("nianbao: " + what + "\n" + how + "\n")
    sys.exit(EX_UNAVAILABLE)


def run():
    """Find the packages, then do what the command line asks."""
    missing = missing_packages() if sys.version_info >= OLDEST else []
    if missing or sys.version_info < OLDEST:
        restart_in_venv()
        explain_and_leave(missing)
    os.environ.pop(RESTARTED, None)

    # A notebook's kernel is another process; under conda no .pth tells it where we are.
    if ROOT not in sys.path:
        sys.path.insert(0, ROOT)
    inherited = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([ROOT, inherited] if inherited else [ROOT])

    from nianbao.cli import main

    return main()


if __name__ == "__main__":
    sys.exit(run())
