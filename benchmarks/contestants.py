"""What is compared: the program, its functions without notebooks, its notebooks without it."""

import json
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
PERIOD = "2023"
NOTEBOOKS = ("01_clean.ipynb", "02_indicators.ipynb", "03_report.ipynb")

Command = Sequence[str]

# Everybody computes in one thread, so that nobody gains by a second core what others do not use.
ALIKE = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "PYTHONUTF8": "1",
}


@dataclass(frozen=True, slots=True)
class Contestant:
    """One way to do the work: its commands in a workspace, and the page that they leave there.

    `times` is how often it is run in each round; what ends at once is run more often.
    """

    name: str
    commands: Callable[[Path], Sequence[Command]]
    page: str = ""
    times: int = 1


def _program(workspace: Path) -> Sequence[Command]:
    return [
        _python(
            *("pipeline.py", "--year", PERIOD, "--force", "--quiet"),
            *("--workspace", str(workspace)),
        )
    ]


def _plain(workspace: Path) -> Sequence[Command]:
    script = str(Path("benchmarks", "plain_script.py"))
    return [_python(script, str(workspace), PERIOD, str(workspace / "plain"))]


def _stock(workspace: Path) -> Sequence[Command]:
    """Run the notebooks as anybody would: one papermill each, and nbconvert with its own template.

    `python -m nbconvert` is what `jupyter nbconvert` hands over to; it saves the stock peer that
    step.
    """
    commands: list[Command] = []
    given = ("-r", "workspace", str(workspace), "-r", "period", PERIOD)
    for name in NOTEBOOKS:
        source, executed = Path("notebooks", name), workspace / name
        commands.append(_python("-m", "papermill", str(source), str(executed), *given))
    page = ("--to", "html", "--output", "stock.html", str(workspace / NOTEBOOKS[-1]))
    return [*commands, _python("-m", "nbconvert", *page)]


def _check(workspace: Path) -> Sequence[Command]:
    """Read, recognise, check and reconcile: all but the report."""
    checked = ("check", "--year", PERIOD, "--quiet", "--workspace", str(workspace))
    return [_python("pipeline.py", *checked)]


def _read_excel(workspace: Path) -> Sequence[Command]:
    """Only read the same workbooks (csv files left out) into frames."""
    return [_python(str(Path("benchmarks", "read_excel.py")), str(workspace), PERIOD)]


def _python(*words: str) -> Command:
    return (sys.executable, *words)


PROGRAM = Contestant("program", _program, f"outputs/{PERIOD}/report.html")
PLAIN = Contestant("plain script", _plain, "plain/report.html")
STOCK = Contestant("stock papermill + nbconvert", _stock, "stock.html")
HELP = Contestant("pipeline.py --help", lambda _: [_python("pipeline.py", "--help")], times=5)
NOTHING = Contestant("python -c pass", lambda _: [_python("-c", "pass")], times=5)

CHECK = Contestant("pipeline.py check", _check)
READ_EXCEL = Contestant("pandas.read_excel", _read_excel)

EVERYBODY = (PROGRAM, PLAIN, STOCK, CHECK, READ_EXCEL, HELP, NOTHING)


def new_workspace(folder: Path) -> Path:
    """Copy the sample's data to a workspace of its own, without what earlier runs made of them."""
    made_by_runs = shutil.ignore_patterns("processed", "quarantine")
    shutil.copytree(PROJECT / "data", folder / "data", ignore=made_by_runs)
    return folder


def environment(folder: Path) -> dict[str, str]:
    """Give everybody the same environment; what Jupyter and matplotlib keep is kept in `folder`."""
    kernel = folder / "jupyter" / "kernels" / "python3" / "kernel.json"
    kernel.parent.mkdir(parents=True)
    start = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": start, "display_name": "Python 3", "language": "python"}
    kernel.write_text(json.dumps(spec), encoding="utf-8")
    own = {
        "PYTHONPATH": str(PROJECT),
        "JUPYTER_PATH": str(folder / "jupyter"),
        "JUPYTER_CONFIG_DIR": str(folder / "jupyter-settings"),
        "JUPYTER_RUNTIME_DIR": str(folder / "jupyter-runtime"),
        "IPYTHONDIR": str(folder / "ipython"),
        "MPLCONFIGDIR": str(folder / "matplotlib"),
    }
    # Where compiled modules are not kept, whoever starts most processes compiles most.
    kept = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | ALIKE | own


def files(page: Path) -> dict[str, bytes]:
    """What lies beside a page, itself included: by name, without notebooks and manifest."""
    release = page.parent.resolve()
    found = {path.relative_to(release).as_posix(): path for path in release.rglob("*.*")}
    return {
        name: path.read_bytes()
        for name, path in sorted(found.items())
        if path.suffix not in (".ipynb", ".json")
    }


# --- the same figures ---------------------------------------------------------------------------


def figures(page: str) -> list[tuple[tuple[str, str], ...]]:
    """Every `<data>` element of a page in order: its attributes and, last, its text."""
    reader = _Figures()
    reader.feed(page)
    return reader.found


class _Figures(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[tuple[str, str], ...]] = []
        self.attributes: list[tuple[str, str]] = []
        self.text: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "data":
            self.attributes = sorted((name, value or "") for name, value in attrs)
            self.text = []

    def handle_data(self, data: str) -> None:
        if self.text is not None:
            self.text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "data" and self.text is not None:
            self.found.append((*self.attributes, ("", "".join(self.text))))
            self.text = None
