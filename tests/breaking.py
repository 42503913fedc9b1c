"""Runs broken on purpose, in processes of their own, and what readers find published afterwards."""

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from small_runs import CLEAN, COUNT, SHOW, small_home, write_notebook

from nianbao import manifest, pointing, steps
from nianbao.period import Period
from nianbao.workspace import PROJECT

YEAR = Period(2023)
TELLS = (0, 70, 73, 74)  # what a run whose disk fails may answer
FAULTS = {  # system calls of publication, and how a disk makes them fail
    "write": "ENOSPC",
    "fsync": "EIO",
    "rename": "EIO",
    "mkdir": "ENOSPC",
    "symlink": "ENOSPC",
    "chmod": "EROFS",
}
_SMALL_RUN = """
import sys
from pathlib import Path
from nianbao import cli
from nianbao.workspace import Workspace
notebooks = Path(sys.argv.pop(1))
Workspace.notebook = lambda self, name: notebooks / f"{name}.ipynb"
sys.exit(cli.main())
"""


@dataclass(frozen=True, slots=True)
class Bench:
    """A workspace and the stand-ins for its notebooks."""

    home: Path
    notebooks: Path

    def command(self, *more: str) -> list[str]:
        """The command line of one run."""
        words = ["run", "--year", "2023", "--workspace", str(self.home), *more]
        return [sys.executable, "-c", _SMALL_RUN, str(self.notebooks), *words]

    def start(
        self,
        *more: str,
        before: Sequence[str] = (),
        env: Mapping[str, str] | None = None,
        umask: int = -1,
    ) -> "subprocess.Popen[str]":
        """Start one run, perhaps under another program, in another environment."""
        return subprocess.Popen(
            [*before, *self.command(*more)],
            env={**os.environ, "PYTHONPATH": str(PROJECT), "NIANBAO_LANG": "en", **(env or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            umask=umask,
        )

    def run(self, *more: str, **how: object) -> tuple[int, str]:
        """One run to its end: its exit code and what it said."""
        process = self.start(*more, **how)  # type: ignore[arg-type]
        _, told = process.communicate(timeout=120)
        return process.returncode, told

    def hand_in(self, number: int) -> None:
        """Change the raw file, so that the next run makes another release."""
        (self.home / "data" / "raw" / "2023" / "a.xls").write_bytes(f"file {number}".encode())


def bench(root: Path) -> Bench:
    """A small workspace with nothing published yet."""
    notebooks = root / "notebooks"
    notebooks.mkdir(parents=True)
    for name, source in zip(steps.NOTEBOOKS, (CLEAN, COUNT, SHOW), strict=True):
        write_notebook(notebooks, name, source)
    return Bench(small_home(root / "home"), notebooks)


def half_published(home: Path) -> list[str]:
    """What is wrong with what readers see; nothing at all may be."""
    outputs = home / "outputs"
    place = pointing.current(outputs, YEAR)
    if place is None:
        return ["the period shows nothing"] if (outputs / YEAR.name).is_symlink() else []
    return [f"{damage.what}: {damage.file}" for damage in manifest.damages(place)]


def recovered(one: Bench) -> list[str]:
    """What is wrong after the next run, which nobody helps."""
    code, told = one.run("--quiet")
    wrong = [] if code == 0 else [f"the next run ended with {code}: {told[-300:]}"]
    place = pointing.current(one.home / "outputs", YEAR)
    wrong += ["nothing is published"] if place is None else half_published(one.home)
    shown = {"2023", "index.html", "releases"}
    left = [path.name for path in (one.home / "outputs").iterdir() if path.name not in shown]
    return wrong + [f"litter: {name}" for name in left if not name.startswith(".lock")]


def killed(one: Bench, moments: Sequence[float], what: signal.Signals) -> Iterator[list[str]]:
    """Stop one run for each moment, a share of the time that a whole one takes."""
    started = time.monotonic()
    one.run("--quiet")
    whole = time.monotonic() - started
    for number, moment in enumerate(moments):
        one.hand_in(number)
        process = one.start("--quiet")
        try:
            process.wait(moment * whole)
        except subprocess.TimeoutExpired:
            process.send_signal(what)
        process.communicate()
        yield [*half_published(one.home), *recovered(one)]


def moments(number: int, seed: int) -> list[float]:
    """Random shares of a run's time; the last part, where it publishes, is met more often."""
    chance = random.Random(seed)  # noqa: S311 - the same moments each time
    return [chance.choice((chance.random(), 0.8 + chance.random() / 4)) for _ in range(number)]


def faulty(one: Bench, call: str, when: int) -> tuple[bool, list[str]]:
    """Make the nth such call of a run fail; whether it came to that, and what is wrong after."""
    log = one.home.parent / "strace.log"
    log.unlink(missing_ok=True)
    traced = f"{call},renameat,renameat2" if call == "rename" else call
    inject = f"inject={traced}:error={FAULTS[call]}:when={when}"
    tracer = ("strace", "-qq", "-o", str(log), "-e", f"trace={traced}", "-e", inject)
    one.hand_in(when)
    code, told = one.run("--quiet", before=tracer)
    met = "(INJECTED)" in log.read_text(errors="replace")
    wrong = [] if code in TELLS else [f"{call} {when}: exit {code}: {told[-300:]}"]
    wrong += [f"{call} {when}: a traceback"] if "Traceback" in told else []
    return met, [*wrong, *half_published(one.home), *recovered(one)]


def filled(one: Bench, free: int) -> list[str]:
    """Run with so many bytes free on the disk, then with enough; what is wrong after either."""
    filler = one.home / "filler"
    one.hand_in(free)
    with filler.open("wb") as file:
        file.write(bytes(max(0, shutil.disk_usage(one.home).free - free)))
    code, told = one.run("--quiet")
    wrong = [] if code in TELLS else [f"{free} bytes free: exit {code}: {told[-300:]}"]
    wrong += [f"{free} bytes free: a traceback"] if "Traceback" in told else []
    wrong += half_published(one.home)
    filler.unlink()
    return wrong + recovered(one)


def raced(one: Bench, runs: int) -> tuple[list[int], list[str]]:
    """Start so many runs at once; their exit codes, and what is wrong after."""
    one.hand_in(runs)
    processes = [one.start("--quiet", "--force") for _ in range(runs)]
    for process in processes:
        process.communicate()
    return sorted(process.returncode for process in processes), recovered(one)


def hashes(folder: Path) -> dict[str, str]:
    """Every file below with its hash."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def variations() -> dict[str, dict[str, object]]:
    """What must not change a byte: how a run is started each time."""
    return {
        "as it is": {},
        "another locale": {"env": {"LC_ALL": "C.UTF-8", "LANG": "C.UTF-8"}},
        "a locale without Chinese": {"env": {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0"}},
        "another time zone": {"env": {"TZ": "Pacific/Kiritimati"}},
        "another user": {"env": {"HOME": "/nonexistent", "USER": "zhang", "LOGNAME": "zhang"}},
        "hash seed 1": {"env": {"PYTHONHASHSEED": "1"}},
        "hash seed 4242": {"env": {"PYTHONHASHSEED": "4242"}},
        "a tight umask": {"umask": 0o077},
        "one core": {"before": ("taskset", "-c", "0")},
        "stock kernels": {"env": {"NIANBAO_ENGINE": "stock"}},
        "years ahead": {"before": ("faketime", "-f", "+3000d")},
    }


def read_while(one: Bench, releases: int) -> tuple[int, list[str]]:
    """Hold what readers see against its manifest while releases follow one another."""
    one.run("--quiet")
    seen, wrong = 0, []
    for number in range(releases):
        one.hand_in(number)
        process = one.start("--quiet")
        while process.poll() is None:
            place = (one.home / "outputs" / YEAR.name).resolve()
            told = json.loads((place / "manifest.json").read_text(encoding="utf-8"))
            listed = {output["path"]: output["sha256"] for output in told["outputs"]}
            held = {name: sha for name, sha in hashes(place).items() if name != "manifest.json"}
            wrong += [] if listed == held else [f"release {place.name} is not whole"]
            seen += 1
        process.communicate()
    return seen, wrong
