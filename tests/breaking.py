"""Runs broken on purpose, in processes of their own, and what readers find published afterwards."""

import contextlib
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
from small_runs import CLEAN, small_home, write_notebook, write_notebooks

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
    "unlink": "EIO",
    "flock": "ENOLCK",
}
_CALLS = {  # the same under its other names
    "rename": "rename,renameat,renameat2",
    "mkdir": "mkdir,mkdirat",
    "symlink": "symlink,symlinkat",
    "chmod": "chmod,fchmod,fchmodat",
    "unlink": "unlink,unlinkat,rmdir",
}
_IN_CELL = "{name}.ipynb, cell 2 ("
MISDEEDS = {  # what a notebook does instead of its work; the run's exit code, and what it says
    "dies": (
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        (70, _IN_CELL, "ended in the middle"),
    ),
    "hangs": (
        "import time; time.sleep(600)",
        (70, _IN_CELL, "did not end within 3 seconds"),
    ),
    "exits early": (
        "import sys; sys.exit(0)",
        (70, _IN_CELL, "left before the notebook's end"),
    ),
    "prints 50 MB": (
        "for _ in range(50): print('x' * 999_999)",
        (70, _IN_CELL, "printed more than 10 MB"),
    ),
    "finds the disk full": (
        "open('/dev/full', 'w').write('x' * 10_000)",
        (74, "No space left on device", "What is published is whole"),
    ),
}
_SLOW = "import time; time.sleep(4)"
_GONE_WITHIN = 15  # seconds for the processes of a killed run to end by themselves
_SMALL_RUN = """
import sys
from pathlib import Path
from nianbao import cli
from nianbao.workspace import Workspace
notebooks = Path(sys.argv.pop(1))
Workspace.notebook = lambda self, name: notebooks / f"{name}.ipynb"
sys.exit(cli.main())
"""


_USUAL = {"PYTHONPATH": str(PROJECT), "NIANBAO_LANG": "en"}


@dataclass(frozen=True, slots=True)
class Bench:
    """A workspace, its notebooks or the stand-ins for them, and the raw file that changes."""

    home: Path
    notebooks: Path
    file: str = "a.xls"

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
            env={**os.environ, **_USUAL, "TMPDIR": str(self.home.parent), **(env or {})},
            cwd=self.home.parent,  # and no litter of a broken run outside
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

    def hand_in(self, what: object) -> None:
        """Change the raw file, so that the next run makes another release."""
        (self.home / "data" / "raw" / "2023" / self.file).write_bytes(f"file {what}".encode())


def bench(root: Path) -> Bench:
    """A small workspace with nothing published yet."""
    notebooks = root / "notebooks"
    write_notebooks(notebooks)
    return Bench(small_home(root / "home"), notebooks)


def sample_bench(root: Path) -> Bench:
    """The sample and its real notebooks; what changes is a notice among its workbooks."""
    left = shutil.ignore_patterns("processed", "quarantine")
    shutil.copytree(PROJECT / "data", root / "home" / "data", ignore=left)
    return Bench(root / "home", PROJECT / "notebooks", "通知.txt")


def half_published(home: Path) -> list[str]:
    """What is wrong with what readers see, who had a report before; nothing at all may be."""
    place = pointing.current(home / "outputs", YEAR)
    if place is None:
        return ["no report is published any more"]
    return [f"{damage.path}: {damage.kind}" for damage in manifest.damages(place)]


def recovered(one: Bench) -> list[str]:
    """What is wrong after the next run, which nobody helps."""
    code, told = one.run("--quiet")
    wrong = [] if code == 0 else [f"the next run ended with {code}: {told[-300:]}"]
    wrong += half_published(one.home)
    shown = {"2023", "index.html", "releases"}
    left = [path.name for path in (one.home / "outputs").iterdir() if path.name not in shown]
    return wrong + [f"litter: {name}" for name in left if not name.startswith(".lock")]


def killed(
    one: Bench, moments: Sequence[float], what: signal.Signals, *more: str
) -> Iterator[tuple[bool, list[str]]]:
    """Stop one run for each moment, a share of the time that a whole one takes.

    Gives whether it ended by that, not before its moment came, and what is wrong after.
    """
    one.run("--quiet", *more)
    one.hand_in("before")
    started = time.monotonic()
    one.run("--quiet", *more)
    whole = time.monotonic() - started
    # Before it has come so far as to hear signals, Python ends as any process does.
    told = {-what} if what is signal.SIGKILL else {-what, 128 + what}
    for number, moment in enumerate(moments):
        one.hand_in(number)
        process = one.start("--quiet", *more)
        try:
            process.wait(moment * whole)
        except subprocess.TimeoutExpired:
            pass
        family = _children(process)
        process.send_signal(what)
        process.communicate()
        wrong = [] if process.returncode in {0, *told} else [f"exit {process.returncode}"]
        _, alive = psutil.wait_procs(family, timeout=_GONE_WITHIN)
        wrong += [f"process {child.pid} lives on" for child in alive]
        met = process.returncode in told
        yield met, [*wrong, *half_published(one.home), *recovered(one)]


def _children(process: "subprocess.Popen[str]") -> list[psutil.Process]:
    """The processes that a run has started by now, and theirs."""
    try:
        return psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def moments(number: int, seed: int) -> list[float]:
    """Random shares of a run's time; the last part, where it publishes, is met more often."""
    chance = random.Random(seed)  # noqa: S311 - the same moments each time
    return [chance.choice((chance.random(), 0.8 + chance.random() / 4)) for _ in range(number)]


def faulty(one: Bench, call: str, when: int) -> tuple[bool, list[str]]:
    """Make the nth such call of a run's main process fail, which is the one that publishes.

    Gives whether it came to that, and what is wrong after.
    """
    log = one.home.parent / "strace.log"
    log.unlink(missing_ok=True)
    traced = _CALLS.get(call, call)
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


@contextlib.contextmanager
def instead(one: Bench, name: str, source: str) -> Iterator[None]:
    """Let a notebook do this while it lasts."""
    path = one.notebooks / f"{name}.ipynb"
    usual = path.read_bytes()
    write_notebook(one.notebooks, name, source)
    try:
        yield
    finally:
        path.write_bytes(usual)


def misled(one: Bench, name: str, deed: str) -> list[str]:
    """Let a notebook misbehave; what is wrong with how the run ends, and after."""
    source, (exit_code, *words) = MISDEEDS[deed]
    one.hand_in(f"{name} {deed}")
    with instead(one, name, source):
        code, told = one.run("--quiet", env={"NIANBAO_CELL_TIMEOUT": "3"})
    said = all(each.format(name=name) in told for each in words)
    wrong = (
        [] if (code, said) == (exit_code, True) else [f"{name} {deed}: exit {code}: {told[-300:]}"]
    )
    return [*wrong, *half_published(one.home), *recovered(one)]


def raced(one: Bench, runs: int) -> list[str]:
    """Start so many runs at once; one may publish, the others must be turned away by name."""
    one.hand_in(runs)
    with instead(one, steps.NOTEBOOKS[0], _SLOW + CLEAN):
        processes = [one.start("--quiet", "--force") for _ in range(runs)]
        told = [process.communicate()[1] for process in processes]
    codes = [process.returncode for process in processes]
    wrong = [] if sorted(codes) == [0] + [75] * (runs - 1) else [f"exit codes {sorted(codes)}"]
    holder = f"process {processes[codes.index(0)].pid}: run 2023" if 0 in codes else "nobody"
    wrong += [text for code, text in zip(codes, told, strict=True) if code and holder not in text]
    return [*wrong, *recovered(one)]


def turned_away(one: Bench) -> tuple[float, list[str]]:
    """The seconds until a second run, started while one is at work, ends; what is wrong."""
    one.hand_in(0)
    with instead(one, steps.NOTEBOOKS[0], _SLOW + CLEAN):
        first = one.start("--quiet")
        while not (one.home / "outputs" / ".lock.json").exists() and first.poll() is None:
            time.sleep(0.05)
        time.sleep(1)  # let the first one come to its rest
        started = time.monotonic()
        code, told = one.run("--quiet")
        seconds = time.monotonic() - started
        first.communicate()
    named = f"process {first.pid}: run 2023" in told
    wrong = [] if (code, named) == (75, True) else [f"exit {code}: {told}"]
    return seconds, [*wrong, *recovered(one)]


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
        "a Chinese terminal": {"env": {"LC_ALL": "zh_CN.UTF-8", "NIANBAO_LANG": "zh"}},
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


def published_in_all(
    root: Path, bench_in: Callable[[Path], Bench]
) -> Iterator[tuple[str, dict[str, str]]]:
    """Each variation that can be had here, and the hash of each file that it published."""
    for number, (name, how) in enumerate(variations().items()):
        before = how.get("before", ("true",))
        if shutil.which(before[0]) is None:  # type: ignore[index]
            continue
        one = bench_in(root / f"place {number}")  # a folder of its own, and a blank in its name
        code, told = one.run("--quiet", **how)
        place = (one.home / "outputs" / YEAR.name).resolve()
        yield name, hashes(place) if code == 0 else {"exit": f"{code}: {told[-300:]}"}


def read_while(one: Bench, releases: int) -> tuple[int, list[str]]:
    """Hold what readers see against its manifest while releases follow one another."""
    one.run("--quiet")
    seen, wrong = 0, []
    for number in range(releases):
        one.hand_in(number)
        process = one.start("--quiet")
        while process.poll() is None:
            wrong += half_published(one.home)
            seen += 1
        process.communicate()
    return seen, wrong
