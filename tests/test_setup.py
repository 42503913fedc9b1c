"""The set-up: lock, conda environment, front door, make and the shipped font agree and hold."""

import ast
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from fontTools.ttLib import TTFont
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

PROJECT = Path(__file__).resolve().parent.parent
PYPROJECT = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCKS = {
    name: (PROJECT / name).read_text(encoding="utf-8")
    for name in ("requirements.lock", "tools/sbom.lock", "tests/axe.lock")
}
LOCK = LOCKS["requirements.lock"]
BILL_MAKER = PROJECT / "build" / "sbom" / "bin" / "python"
FONTS = PROJECT / "nianbao" / "fonts"

posix = pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
with_make = pytest.mark.skipif(shutil.which("make") is None, reason="needs make")


# --- the lock -------------------------------------------------------------------------------------


each_lock = pytest.mark.parametrize("lock", LOCKS.values(), ids=LOCKS)


def lock_entries(lock: str = LOCK) -> dict[str, tuple[Requirement, list[str]]]:
    """Canonical name to the requirement and its hashes, read as pip reads the file."""
    text = re.sub(r"(?m)^\s*#.*\n", "", lock).replace("\\\n", " ")
    entries = {}
    for line in text.splitlines():
        requirement, *hashes = re.split(r"\s+--hash=", line.strip())
        parsed = Requirement(requirement)
        entries[canonicalize_name(parsed.name)] = (parsed, hashes)
    return entries


def direct_requirements() -> list[Requirement]:
    extras = PYPROJECT["optional-dependencies"]["dev"]
    return [Requirement(line) for line in [*PYPROJECT["dependencies"], *extras]]


def test_the_lock_is_of_everything():
    assert len(lock_entries()) > 50


@each_lock
def test_every_locked_package_has_one_exact_version_and_sha256_hashes(lock: str):
    entries = lock_entries(lock)
    assert entries
    for requirement, hashes in entries.values():
        assert re.fullmatch(r"==[\w.!+]+", str(requirement.specifier)), requirement
        assert hashes, requirement
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", text) for text in hashes), requirement


@each_lock
def test_a_lock_names_no_index_no_address_and_no_folder(lock: str):
    assert "://" not in lock
    for line in lock.splitlines():
        bare = line.split("#", 1)[0]
        assert "/" not in bare, line
        assert " @ " not in bare, line
        assert not re.match(r"\s*-(?!-hash=)", bare), f"an option of pip: {line}"


@pytest.mark.parametrize("requirement", direct_requirements(), ids=str)
def test_what_pyproject_asks_for_is_in_the_lock_at_a_version_it_accepts(requirement: Requirement):
    locked, _ = lock_entries()[canonicalize_name(requirement.name)]
    (version,) = locked.specifier
    assert requirement.specifier.contains(version.version, prereleases=True)
    assert locked.marker is None, "a direct requirement is locked for every platform"


@pytest.mark.skipif(not BILL_MAKER.exists(), reason="needs cyclonedx-py: make sbom")
def test_the_bill_of_materials_lists_what_is_locked_with_its_hashes(tmp_path: Path):
    bill = tmp_path / "sbom.json"
    words = ["requirements", "requirements.lock", "--pyproject", "pyproject.toml"]
    made = [BILL_MAKER, "-m", "cyclonedx_py", *words, "--output-reproducible", "-o", bill]
    subprocess.run(made, cwd=PROJECT, check=True, capture_output=True)
    told = json.loads(bill.read_text(encoding="utf-8"))
    assert told["bomFormat"] == "CycloneDX"
    assert told["metadata"]["component"]["name"] == "nianbao"
    listed = {
        canonicalize_name(one["name"]): (
            f"=={one['version']}",
            {f"sha256:{known['content']}" for known in one["externalReferences"][0]["hashes"]},
        )
        for one in told["components"]
    }
    locked = lock_entries().items()
    assert listed == {name: (str(one.specifier), {*hashes}) for name, (one, hashes) in locked}


# --- conda ----------------------------------------------------------------------------------------


def test_conda_takes_every_package_from_the_lock_and_only_python_from_its_channel():
    environment = yaml.safe_load((PROJECT / "environment.yml").read_text(encoding="utf-8"))
    *from_channel, from_pip = environment["dependencies"]
    assert from_pip == {"pip": ["-r requirements.lock"]}
    assert [re.split("[=<>]", line)[0] for line in from_channel] == ["python", "pip"]
    version = from_channel[0].split("=")[1]
    assert SpecifierSet(PYPROJECT["requires-python"]).contains(version)


# --- the front door -------------------------------------------------------------------------------


def start(
    script: Path,
    *arguments: str,
    flags: Sequence[str] = (),
    cwd: Path,
    language: str = "en",
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *flags, str(script), *arguments],
        cwd=cwd,
        env={**os.environ, "NIANBAO_LANG": language, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


@pytest.fixture
def lone_door(tmp_path: Path) -> Path:
    """A copy of pipeline.py in a folder that has no .venv and no package."""
    folder = tmp_path.resolve() / "项目 one"
    folder.mkdir()
    return Path(shutil.copy(PROJECT / "pipeline.py", folder))


WITHOUT_PACKAGES = ("-I", "-S")  # no site-packages, whatever is installed


@pytest.mark.parametrize(
    ("language", "wrong", "remedy"),
    [("en", "this Python lacks packages: ", "make setup"), ("zh", "缺少程序包：", "make setup")],
)
def test_without_packages_and_without_a_venv_two_lines_say_how_to_get_one(
    lone_door: Path, tmp_path: Path, language: str, wrong: str, remedy: str
):
    done = start(
        lone_door, "--year", "2023", flags=WITHOUT_PACKAGES, cwd=tmp_path, language=language
    )
    assert done.returncode == 69
    assert done.stdout == ""
    first, second = done.stderr.splitlines()
    assert wrong in first
    assert "pandas" in first
    assert remedy in second
    assert "conda env create -f environment.yml" in second


def test_too_old_a_python_is_told_so_in_two_lines(lone_door: Path, tmp_path: Path):
    pretender = tmp_path / "old.py"
    pretender.write_text(
        "import runpy, sys\n"
        "sys.version_info = (3, 8, 1, 'final', 0)\n"
        f"runpy.run_path({str(lone_door)!r}, run_name='__main__')\n",
        encoding="utf-8",
    )
    done = start(pretender, cwd=tmp_path)
    assert done.returncode == 69
    first, second = done.stderr.splitlines()
    assert first == "nianbao: needs Python 3.11 or newer, and this is 3.8.1"
    assert "conda" in second


def test_the_front_door_can_be_read_by_a_python_too_old_to_run_the_program():
    source = (PROJECT / "pipeline.py").read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 7))
    newer = (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.Match)
    assert [node for node in ast.walk(tree) if isinstance(node, newer)] == []


def venv_python(door: Path, script: str) -> None:
    python = door.parent / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    python.chmod(0o755)


@posix
def test_without_packages_it_starts_again_in_the_projects_venv_with_the_same_arguments(
    lone_door: Path, tmp_path: Path
):
    venv_python(lone_door, "printf '[%s]' \"$@\"; exit 3")
    done = start(lone_door, "--year", "20 23", "*", flags=WITHOUT_PACKAGES, cwd=tmp_path)
    assert done.stdout == f"[{lone_door}][--year][20 23][*]"
    assert done.returncode == 3


@posix
def test_a_venv_that_is_broken_ends_in_two_lines_and_not_in_a_loop(lone_door: Path, tmp_path: Path):
    venv_python(lone_door, f"exec '{sys.executable}' -I -S \"$@\"")
    done = start(lone_door, flags=WITHOUT_PACKAGES, cwd=tmp_path)
    assert done.returncode == 69
    assert len(done.stderr.splitlines()) == 2


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_front_door_looks_for_exactly_what_pyproject_asks_for():
    import_names = {
        "pyyaml": "yaml",
        "markdown-it-py": "markdown_it",
        "python-docx": "docx",
        "pillow": "PIL",
    }
    asked = (Requirement(line).name for line in PYPROJECT["dependencies"])
    expected = {import_names.get(name, name.replace("-", "_")) for name in asked}
    assert set(load(PROJECT / "pipeline.py").PACKAGES) == expected


def test_help_works_from_any_folder(tmp_path: Path):
    done = start(PROJECT / "pipeline.py", "--help", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "--year" in done.stdout
    assert done.stderr == ""


# --- make -----------------------------------------------------------------------------------------


@pytest.fixture
def bare_checkout(tmp_path: Path) -> Path:
    """A folder with the Makefile and a short lock; `python` in it stands in for the interpreter."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    shutil.copy(PROJECT / "Makefile", folder)
    (folder / "requirements.lock").write_text("six==1.0\n", encoding="utf-8")
    stand_in(folder, pip="exit 0")
    return folder


def stand_in(folder: Path, pip: str) -> None:
    """An interpreter whose venvs hold a python that answers `-m pip` with the shell code `pip`."""
    python = folder / "python"
    python.write_text(
        "#!/bin/sh\n"
        'case "$1 $2" in\n'
        '  "--version ") echo Python 3.11.0 ;;\n'
        '  "-m venv") mkdir -p "$3/bin"\n'
        f'     printf \'#!/bin/sh\\ncase "$2" in pip) {pip} ;; esac\\n\' >"$3/bin/python"\n'
        '     chmod +x "$3/bin/python" ;;\n'
        "esac\n",
        encoding="utf-8",
    )
    python.chmod(0o755)


def make_setup(folder: Path, python: str = "./python") -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    return subprocess.run(
        ["make", "setup", f"PYTHON={python}"],
        cwd=folder,
        env={**environment, "LC_ALL": "C"},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


@posix
@with_make
def test_a_venv_is_made_once_and_a_merely_touched_lock_does_not_cost_another(bare_checkout: Path):
    assert "Setting up .venv with Python 3.11.0" in make_setup(bare_checkout).stderr
    assert "Setting up" not in make_setup(bare_checkout).stderr
    (bare_checkout / "requirements.lock").touch()
    assert "Setting up" not in make_setup(bare_checkout).stderr


@posix
@with_make
def test_a_changed_lock_makes_the_venv_from_nothing(bare_checkout: Path):
    make_setup(bare_checkout)
    leftover = bare_checkout / ".venv" / "leftover"
    leftover.touch()
    lock = bare_checkout / "requirements.lock"
    lock.write_text("six==1.1\n", encoding="utf-8")
    later = (bare_checkout / ".venv" / "requirements.lock").stat().st_mtime + 10
    os.utime(lock, (later, later))
    assert "Setting up" in make_setup(bare_checkout).stderr
    assert not leftover.exists()


@posix
@with_make
def test_a_set_up_that_was_interrupted_does_not_count_as_good(bare_checkout: Path):
    stand_in(bare_checkout, pip="exit 1")
    assert make_setup(bare_checkout).returncode != 0
    assert (bare_checkout / ".venv" / "bin" / "python").exists()
    stand_in(bare_checkout, pip="exit 0")
    again = make_setup(bare_checkout)
    assert "Setting up" in again.stderr
    assert again.returncode == 0


@posix
@with_make
def test_no_suitable_python_is_said_with_what_to_do(bare_checkout: Path):
    done = make_setup(bare_checkout, python="./no-such-python")
    assert done.returncode != 0
    assert "No Python 3.11 or newer with venv among: ./no-such-python" in done.stderr
    assert "make PYTHON=/path/to/python" in done.stderr
    assert not (bare_checkout / ".venv").exists()


# --- the font -------------------------------------------------------------------------------------

SIGNS = "°±×÷·‰％℃℉①②⑨⑩⑳↑↓→←▲▼△▽●○◆◇■□★☆√≈≠≤≥−–—…‘’“”、。《》〈〉【】「」（），：；？！￥㎡ⅠⅣ㈠★½²³"


@pytest.fixture(scope="module", params=["Regular", "Bold"])
def font(request: pytest.FixtureRequest) -> TTFont:
    return TTFont(FONTS / f"NotoSansSC-{request.param}.ttf")


def test_the_font_has_every_character_of_gb2312_and_of_the_standard_list(font: TTFont):
    tool = load(PROJECT / "tools" / "font.py")
    assert len(tool.standard_characters()) == 8105
    # GB 2312-80 has 6,763 hanzi and 682 other characters.
    assert len(tool.gb2312()) == 6763 + 682
    covered = font.getBestCmap().keys()
    assert {chr(code) for code in (tool.standard_characters() | tool.gb2312()) - covered} == set()


def test_the_font_has_the_digits_letters_and_signs_that_a_report_uses(font: TTFont):
    ascii_and_full_width = {*map(chr, range(0x20, 0x7F)), *map(chr, range(0xFF01, 0xFF5F))}
    needed = ascii_and_full_width | set(SIGNS) | set("镕堃喆垚")
    assert {char for char in needed if ord(char) not in font.getBestCmap()} == set()


def test_the_two_weights_are_told_apart_and_carry_no_hinting(font: TTFont):
    names = font["name"]
    weight = {"Regular": 400, "Bold": 700}[names.getDebugName(2)]
    assert names.getDebugName(1) == "Noto Sans SC"
    assert font["OS/2"].usWeightClass == weight
    assert not {"fpgm", "prep", "cvt ", "gasp", "vmtx"} & set(font.keys())


def test_cutting_the_cut_font_gives_the_same_bytes_so_it_is_what_the_tool_makes(tmp_path: Path):
    shipped = FONTS / "NotoSansSC-Regular.ttf"
    again = tmp_path / "again.ttf"
    assert load(PROJECT / "tools" / "font.py").cut(shipped, again) == set()
    assert again.read_bytes() == shipped.read_bytes()
    assert shipped.stat().st_size < 3_000_000


def test_the_fonts_licence_lies_beside_it():
    licence = (FONTS / "OFL.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert "Adobe" in licence
