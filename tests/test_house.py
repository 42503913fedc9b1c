"""The house: floors, owners and manners, read from the source with ast."""

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from nianbao.workspace import PROJECT

PACKAGE = PROJECT / "nianbao"

# Import strictly downward; within a floor, without going in a circle. A new module gets its floor
# here, the lowest on which it can stand.
FLOORS = {
    8: "cli arguments options screen summary",
    7: "steps checking verifying rerun batch rollup",
    6: """render publish manifest earlier overview documents drafts forms holding pointing runs
          unchanged districts""",
    5: "report engine explain",
    4: "narrative charts tables printing sources exhibits spreadsheets revised",
    3: """indicators spread targets lineage touching figures plan amounts calculation comparison
          quantities relations suppression withholding memory revisions translation""",
    2: """readers cleaning numerals dates validation ledgers corrections counting events facts
          findings grids intake arrivals cumulative places addresses quarantine recognise
          receiving agreements reported flows units reconciliation rows series totals items drift
          reshaping proposals captions privacy disclosure bulk cells masses
          harvests headings large""",
    1: "catalogue schema formulas languages",
    0: "errors workspace period rounding terminal packaging accidents sharing",
}
FLOOR_OF = {name: floor for floor, names in FLOORS.items() for name in names.split()}

# Each outside library (and the argparse of the standard one) has one owner; its types may be
# needed next door.
OWNERS = {
    "yaml": {"catalogue"},
    "pydantic": {"catalogue"},
    "pandas": {name for name, floor in FLOOR_OF.items() if 1 <= floor <= 5} - {"engine"},
    "numpy": {"charts"},
    "python_calamine": {"readers"},
    "xlrd": {"readers"},
    "duckdb": {"readers"},
    "openpyxl": {"readers", "forms", "spreadsheets"},
    "matplotlib": {"charts"},
    "jinja2": {"narrative", "overview"},
    "markdown_it": {"narrative"},
    "markupsafe": {"narrative", "printing", "exhibits", "report", "languages", "revised"},
    "IPython": {"report", "engine"},
    "papermill": {"engine"},
    "nbclient": {"engine"},
    "jupyter_client": {"engine"},
    "zmq": {"engine"},
    "nbformat": {"engine", "render"},
    "nbconvert": {"render"},
    "traitlets": {"render", "engine"},
    "docx": {"documents", "drafts"},
    "lxml": {"documents", "drafts"},
    "PIL": {"charts"},
    "filelock": {"holding"},
    "argparse": {"arguments"},
    "rich": {"screen"},
    "distributed": {"batch"},
}

FORBIDDEN_NAMES = ("util", "helper", "common", "misc", "archive", "shared", "stuff")
NETWORK = {"socket", "socketserver", "http", "urllib.request", "ftplib", "smtplib", "xmlrpc"}
CHANCE = {"random", "secrets", "uuid", "pickle", "shelve", "marshal"}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def room(path: Path) -> str:
    """The module, or the package under nianbao, that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path, *, everywhere: bool = True) -> Iterator[str]:
    """Full names of what a file imports: `nianbao.errors`, `pandas`, `importlib.metadata`."""
    for node in ast.walk(tree(path)) if everywhere else tree(path).body:
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            assert node.module is not None
            if node.module == "nianbao":
                yield from (f"nianbao.{name.name}" for name in node.names)
            else:
                yield node.module


def rooms_used(path: Path) -> set[str]:
    found = {name.split(".")[1] for name in imports(path) if name.startswith("nianbao.")}
    return {name for name in found if not name.startswith("__")} - {room(path)}


each_module = pytest.mark.parametrize(
    "path", modules(), ids=lambda path: path.relative_to(PACKAGE).as_posix()
)


# --- floors and owners ----------------------------------------------------------------------------


def test_every_room_has_a_floor_and_every_floor_its_rooms():
    rooms = {room(path) for path in modules()} - {"__init__"}
    assert rooms == set(FLOOR_OF), "give a new module its floor in FLOORS, take a gone one out"


@each_module
def test_imports_go_down(path: Path):
    if room(path) == "__init__":
        return
    for other in sorted(rooms_used(path)):
        assert FLOOR_OF[other] <= FLOOR_OF[room(path)], f"{room(path)} imports {other} above it"


def test_no_two_rooms_import_each_other_in_a_circle():
    uses: dict[str, set[str]] = {}
    for path in modules():
        uses.setdefault(room(path), set()).update(rooms_used(path))
    while leaves := {name for name, others in uses.items() if not others & uses.keys()}:
        uses = {name: others for name, others in uses.items() if name not in leaves}
    assert uses == {}


@each_module
def test_a_library_is_used_by_its_owner_only(path: Path):
    for name in imports(path):
        library = name.split(".")[0]
        if library == "nianbao" or (library in sys.stdlib_module_names and library not in OWNERS):
            continue
        assert library in OWNERS, f"{library} has no owner yet; name one in OWNERS"
        assert room(path) in OWNERS[library], f"{library} belongs to {OWNERS[library]}"


def test_the_door_imports_nothing_heavy_before_it_is_opened():
    light = {
        "accidents",
        "arguments",
        "errors",
        "options",
        "period",
        "screen",
        "terminal",
        "workspace",
    }
    seen, waiting = set(), ["cli"]
    while waiting:
        name = waiting.pop()
        seen.add(name)
        for imported in imports(PACKAGE / f"{name}.py", everywhere=False):
            library, _, rest = imported.partition(".")
            if library == "nianbao":
                inner = rest.split(".")[0]
                waiting += [inner] if inner not in seen and not inner.startswith("__") else []
            else:
                assert library in sys.stdlib_module_names, f"{name} imports {library}"
    assert seen == light | {"cli"}


# --- manners --------------------------------------------------------------------------------------


def test_no_module_or_folder_has_a_name_that_means_anything():
    for folder in ("nianbao", "tests", "tools", "notebooks", "catalogue", "wording", "benchmarks"):
        for path in (PROJECT / folder).rglob("*"):
            words = path.stem.lower().split("_")
            for word in words:
                assert not word.startswith(FORBIDDEN_NAMES), path


@each_module
def test_no_chance_no_clock_no_network(path: Path):
    for name in imports(path):
        assert name.split(".")[0] not in CHANCE, name
        assert name not in NETWORK, name
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Attribute):
            called = ast.unparse(node)
            assert not called.endswith((".today", "datetime.now", ".utcnow")), called
            assert called not in ("time.time", "time.localtime", "time.gmtime"), called


@each_module
def test_no_assert_stands_for_a_check_and_no_error_is_swallowed_whole(path: Path):
    for node in ast.walk(tree(path)):
        assert not isinstance(node, ast.Assert), f"line {node.lineno}"
        if isinstance(node, ast.ExceptHandler):
            silent = len(node.body) == 1 and isinstance(node.body[0], ast.Pass)
            wide = node.type is None or ast.unparse(node.type) in ("Exception", "BaseException")
            assert not (silent and wide), f"line {node.lineno}"
            assert node.type is not None, f"line {node.lineno}"


@each_module
def test_what_is_public_says_what_it_is(path: Path):
    if path.name != "__init__.py" or room(path) != "__init__":
        assert ast.get_docstring(tree(path)), "the module"
    for node in tree(path).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), node.name


@each_module
def test_dataclasses_have_slots(path: Path):
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ClassDef):
            for decorator in map(ast.unparse, node.decorator_list):
                if decorator.startswith("dataclass"):
                    assert "slots=True" in decorator, node.name


def test_no_file_names_a_place_of_one_machine():
    for folder in ("nianbao", "notebooks", "catalogue", "wording", "tools"):
        for path in (PROJECT / folder).rglob("*"):
            if path.suffix in (".py", ".ipynb", ".yml", ".j2", ".css", ".csv", ".json"):
                text = path.read_text(encoding="utf-8-sig")
                for place in (*(f"/{top}/" for top in ("home", "root", "tmp", "work")), "C:\\\\"):
                    assert place not in text, path
