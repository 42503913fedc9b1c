"""Breaks runs in every way a machine can, and says what readers and the next run made of it.

    python tools/break_releases.py                all of it, about an hour
    python tools/break_releases.py --kills 50 --faults 5 --sample 0

Most is done to small stand-ins for the notebooks; `--sample` kills so many runs of the real ones,
and has them make the same bytes in other surroundings. The same seed gives the same moments. Exit 1
if a report was ever less than whole. Faults need strace, a full disk needs a small tmpfs (root);
what is not to be had is said.
"""

import argparse
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(PROJECT), str(PROJECT / "tests")]

from breaking import (  # noqa: E402 - lies in tests/
    FAULTS,
    MISDEEDS,
    Bench,
    bench,
    faulty,
    filled,
    killed,
    misled,
    moments,
    published_in_all,
    raced,
    read_while,
    sample_bench,
    turned_away,
)

from nianbao.steps import NOTEBOOKS  # noqa: E402

_STEP = 24_000  # bytes more left free each time, up to _ENOUGH
_ENOUGH = 600_000
_DISK = "8m"
_LONGEST = 1.0  # seconds until a second run is turned away


def main() -> int:
    """Try everything, print one line each, then what was wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--kills", type=int, default=300, help="moments at which a run is killed")
    parser.add_argument("--faults", type=int, default=0, help="most faults of each kind, 0: all")
    parser.add_argument(
        "--sample", type=int, default=10, help="kills of the real notebooks, 0: none"
    )
    parser.add_argument("--seed", type=int, default=2023)
    asked = parser.parse_args()
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        trials = _trials(root, asked.kills, asked.faults, asked.seed)
        for name, tried, found in chain(trials, _of_the_sample(root, asked.sample, asked.seed)):
            print(f"{name:<56}{tried:>7}   {'whole' if not found else f'{len(found)} WRONG'}")
            sys.stdout.flush()
            wrong += [f"{name}: {line}" for line in found]
    print(*wrong, sep="\n")
    return 1 if wrong else 0


def _trials(root: Path, kills: int, faults: int, seed: int) -> Iterator[tuple[str, int, list[str]]]:
    """Each way to break a run: its name, how often it was tried, what was wrong."""
    few = kills // 10
    for what, number in ((signal.SIGKILL, kills), (signal.SIGTERM, few), (signal.SIGINT, few)):
        one = bench(root / what.name)
        yield _counted(f"{what.name} at random moments", killed(one, moments(number, seed), what))
    if shutil.which("strace"):
        for call, error in FAULTS.items():
            one = bench(root / call)
            yield _counted(f"{call} fails with {error}", _faults(one, call, faults))
    else:
        print("no strace here: no faults tried")
    one = bench(root / "notebooks that")
    one.run("--quiet")
    for deed in MISDEEDS:
        yield _counted(
            f"a notebook {deed}", ((True, misled(one, name, deed)) for name in NOTEBOOKS)
        )
    yield "of eight runs at once one publishes", 8, raced(bench(root / "race"), 8)
    seconds, found = turned_away(bench(root / "second"))
    found += [] if seconds < _LONGEST else ["that is too long"]
    yield f"a second run is turned away in {seconds:.2f} s", 1, found
    seen, found = read_while(bench(root / "readers"), 10)
    yield "readers' looks while ten releases follow", seen, found
    yield from _full_disks(root / "disk")
    yield _same("the small report in other surroundings", root / "small", bench)


def _of_the_sample(root: Path, kills: int, seed: int) -> Iterator[tuple[str, int, list[str]]]:
    if kills:
        one = sample_bench(root / "sample killed")
        trials = killed(one, moments(kills, seed), signal.SIGKILL, "--lang", "zh,en")
        yield _counted("SIGKILL in the sample's run", trials)
        yield _same("the sample's report in other surroundings", root / "sample", sample_bench)


def _same(name: str, root: Path, bench_in: Callable[[Path], Bench]) -> tuple[str, int, list[str]]:
    """Publish in every variation; the files that are not the same as in the first."""
    published = dict(published_in_all(root, bench_in))
    first = next(iter(published.values()))
    wrong = [
        f"{variation}: {path}"
        for variation, files in published.items()
        for path, _ in sorted(files.items() ^ first.items())
    ]
    return f"{name}, {len(first)} files each", len(published), wrong


def _counted(name: str, outcomes: Iterable[tuple[bool, list[str]]]) -> tuple[str, int, list[str]]:
    """Only what came to pass is counted: a run that ends before its moment was not killed."""
    found = [*outcomes]
    return name, sum(met for met, _ in found), [line for _, lines in found for line in lines]


def _faults(one: Bench, call: str, most: int) -> Iterator[tuple[bool, list[str]]]:
    """Fail the first such call of a run, then the second, until a run has no more of them."""
    one.run("--quiet")
    when, met = 0, True
    while met and (not most or when < most):
        when += 1
        met, wrong = faulty(one, call, when)
        yield met, wrong


def _full_disks(place: Path) -> Iterator[tuple[str, int, list[str]]]:
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={_DISK}", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        print("no tmpfs can be mounted here: no full disk tried")
        return
    try:
        one = bench(place / "on")
        one.run("--quiet")
        trials = ((True, filled(one, free)) for free in range(0, _ENOUGH, _STEP))
        yield _counted("a full disk", trials)
    finally:
        subprocess.run(["umount", str(place)], check=True)


if __name__ == "__main__":
    sys.exit(main())
