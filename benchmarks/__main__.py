"""The benchmark: everybody in turn, some rounds over, then one table."""

import argparse
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks import contestants, measure, table
from benchmarks.contestants import (
    CHECK,
    EVERYBODY,
    HELP,
    NOTHING,
    PLAIN,
    PROGRAM,
    READ_EXCEL,
    STOCK,
)
from benchmarks.measure import Run

COMPARED = ((PROGRAM, PLAIN), (STOCK, PROGRAM), (CHECK, READ_EXCEL), (HELP, NOTHING))


def main() -> int:
    arguments = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    arguments.add_argument("--repeat", type=int, default=5, metavar="N", help="rounds (default 5)")
    rounds = arguments.parse_args().repeat
    if rounds < 1:
        arguments.error("--repeat takes a number above 0")
    print(_machine())
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            runs, together, compared = _compare(Path(folder).resolve(), rounds)
    except measure.CommandFailed as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 1
    _print(runs, together, compared)
    return 0


def _compare(folder: Path, rounds: int) -> tuple[dict[str, list[Run]], dict[str, int], int]:
    """Run everybody once to warm up, watched and untimed; then the rounds, every other backwards.

    Gives the runs and the memory by contestant, and how many figures their pages agree on.
    """
    environment = contestants.environment(folder)
    together: dict[str, int] = {}
    pages: dict[str, str] = {}
    files: dict[str, dict[str, bytes]] = {}
    for one in EVERYBODY:
        _tell(f"warming up: {one.name}")
        with measure.watched() as memory, _Workspace(folder) as workspace:
            measure.run(one.commands(workspace), contestants.PROJECT, environment)
            if one.page:
                pages[one.name] = (workspace / one.page).read_text(encoding="utf-8")
                together[one.name] = memory.peak
            if one in (PROGRAM, PLAIN):
                files[one.name] = contestants.files(workspace / one.page)
    compared = _same_figures(pages)
    _refuse_other_files(files[PROGRAM.name], files[PLAIN.name])

    runs: dict[str, list[Run]] = {one.name: [] for one in EVERYBODY}
    for number in range(rounds):
        for one in EVERYBODY if number % 2 == 0 else reversed(EVERYBODY):
            _tell(f"round {number + 1} of {rounds}: {one.name}")
            for _ in range(one.times):
                with _Workspace(folder) as workspace:
                    timed = measure.run(one.commands(workspace), contestants.PROJECT, environment)
                runs[one.name].append(timed if one.page else Run(timed.seconds, timed.cpu))
    return runs, together, compared


class _Workspace:
    """A fresh workspace for one run: nobody profits from what a run before has left."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "workspace"

    def __enter__(self) -> Path:
        return contestants.new_workspace(self.folder)

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.folder)


def _same_figures(pages: Mapping[str, str]) -> int:
    """Refuse to compare pages that do not say the same; how many figures they say."""
    found = {name: contestants.figures(page) for name, page in pages.items()}
    expected = found[PROGRAM.name]
    if not expected:
        raise measure.CommandFailed("the program's page has no figure")
    for name, figures in found.items():
        if figures != expected:
            different = set(figures) ^ set(expected)
            raise measure.CommandFailed(
                f"the page of the {name} has other figures than the program's: "
                f"{len(figures)} against {len(expected)}, such as {sorted(different)[:3]}"
            )
    return len(expected)


def _refuse_other_files(program: Mapping[str, bytes], plain: Mapping[str, bytes]) -> None:
    """Refuse to compare the two where they do not leave the same bytes."""
    if differing := [name for name in sorted({*program, *plain}) if _differ(name, program, plain)]:
        raise measure.CommandFailed(f"other bytes in {', '.join(differing[:5])}")


def _differ(name: str, *sides: Mapping[str, bytes]) -> bool:
    one, other = (side.get(name) for side in sides)
    return one != other


def _print(runs: Mapping[str, Sequence[Run]], together: Mapping[str, int], compared: int) -> None:
    print()
    print("\n".join(table.rows(runs, together)))
    print()
    for over, under in COMPARED:
        print(table.ratio_row(f"{over.name} / {under.name}", runs[over.name], runs[under.name]))
    if all(together.values()):
        held = together[PROGRAM.name] / together[PLAIN.name]
        print(f"{'memory of all, program / plain script':<44}{held:6.2f}")
    print()
    print(
        f"The three pages hold the same {compared} figures, in the same order; page, document, "
        "tables and charts of program and plain script are the same bytes."
    )


def _machine() -> str:
    load = f", load {os.getloadavg()[0]:.1f} before the start" if hasattr(os, "getloadavg") else ""
    return (
        f"The sample's {contestants.PERIOD} on Python {platform.python_version()}, "
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores{load}"
    )


def _tell(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
