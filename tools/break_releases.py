"""Breaks runs in every way a machine can, and says what readers and the next run made of it.

    python tools/break_releases.py                300 kills, every fault, races, a full disk
    python tools/break_releases.py --kills 50 --faults 5

The same seed gives the same moments. Exit 1 if a report was ever less than whole. Faults need
strace, a full disk needs a small tmpfs (root); what is not to be had is said.
"""

import argparse
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(PROJECT), str(PROJECT / "tests")]

from breaking import (  # noqa: E402 - lies in tests/
    FAULTS,
    Bench,
    bench,
    faulty,
    filled,
    killed,
    moments,
    raced,
    read_while,
)

_STEP = 24_000  # bytes more left free each time, up to _ENOUGH
_ENOUGH = 600_000
_DISK = "8m"


def main() -> int:
    """Try everything, print one line each, then what was wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--kills", type=int, default=300, help="moments at which a run is killed")
    parser.add_argument("--faults", type=int, default=0, help="most faults of each kind, 0: all")
    parser.add_argument("--seed", type=int, default=2023)
    asked = parser.parse_args()
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name, tried, found in _trials(root, asked.kills, asked.faults, asked.seed):
            print(f"{name:<44}{tried:>7}   {'whole' if not found else f'{len(found)} WRONG'}")
            sys.stdout.flush()
            wrong += [f"{name}: {line}" for line in found]
    print(*wrong, sep="\n")
    return 1 if wrong else 0


def _trials(root: Path, kills: int, faults: int, seed: int) -> Iterator[tuple[str, int, list[str]]]:
    """Each way to break a run: its name, how often it was tried, what was wrong."""
    for what, number in ((signal.SIGKILL, kills), (signal.SIGTERM, kills // 10)):
        one = bench(root / what.name)
        yield _counted(f"{what.name} at random moments", killed(one, moments(number, seed), what))
    if shutil.which("strace"):
        for call, error in FAULTS.items():
            one = bench(root / call)
            yield _counted(f"{call} fails with {error}", _faults(one, call, faults))
    else:
        print("no strace here: no faults tried")
    codes, found = raced(bench(root / "race"), 8)
    turned = [] if set(codes) <= {0, 75} else [f"exit codes {codes}"]
    yield f"at once: {codes.count(0)} published, {codes.count(75)} turned away", 8, turned + found
    seen, found = read_while(bench(root / "readers"), 10)
    yield "readers' looks while ten releases follow", seen, found
    yield from _full_disks(root / "disk")


def _counted(name: str, outcomes: Iterable[list[str]]) -> tuple[str, int, list[str]]:
    found = [*outcomes]
    return name, len(found), [line for lines in found for line in lines]


def _faults(one: Bench, call: str, most: int) -> Iterator[list[str]]:
    """Fail the first such call of a run, then the second, until a run has no more of them."""
    one.run("--quiet")
    when, met = 0, True
    while met and (not most or when < most):
        when += 1
        met, wrong = faulty(one, call, when)
        if met or wrong:
            yield wrong


def _full_disks(place: Path) -> Iterator[tuple[str, int, list[str]]]:
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={_DISK}", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        print("no tmpfs can be mounted here: no full disk tried")
        return
    try:
        one = bench(place / "on")
        one.run("--quiet")
        trials = (filled(one, free) for free in range(0, _ENOUGH, _STEP))
        yield _counted("a full disk", trials)
    finally:
        subprocess.run(["umount", str(place)], check=True)


if __name__ == "__main__":
    sys.exit(main())
