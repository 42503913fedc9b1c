"""Where the time goes, step by step: `python -m benchmarks.profile [WORKSPACE]`.

The plain script's steps in their order, each with its seconds on the wall and of the processor;
what its child processes (the readers) used is told apart.
"""

import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks import contestants


@dataclass(frozen=True, slots=True)
class Moment:
    """Seconds on the wall, of this process's processor, and of its children's that have ended."""

    wall: float
    own: float
    children: float


def now() -> Moment:
    """The present moment."""
    used = os.times()
    children = used.children_user + used.children_system
    return Moment(time.perf_counter(), used.user + used.system, children)


class Laps:
    """Prints what each step took since the one before."""

    def __init__(self) -> None:
        self.last = now()
        print(f"{'':<24}{'wall s':>9}{'CPU s':>9}{'children':>9}")

    def lap(self, step: str) -> None:
        """A step has ended."""
        here = now()
        spent = (
            here.wall - self.last.wall,
            here.own - self.last.own,
            here.children - self.last.children,
        )
        print(f"{step:<24}" + "".join(f"{seconds:>9.2f}" for seconds in spent), flush=True)
        self.last = here


class Timed:
    """A report, each call of which is told to the laps."""

    def __init__(self, report: object, laps: Laps) -> None:
        self._report, self._laps = report, laps

    def __getattr__(self, name: str) -> object:
        found = getattr(self._report, name)
        if not callable(found):
            return found

        def timed() -> object:
            done = found()
            self._laps.lap(name)
            return done

        return timed


def main(workspace: Path, folder: Path) -> None:
    """Time every step of one report, in a folder where nothing stands yet."""
    laps = Laps()
    from benchmarks.plain_script import Script, write_report

    laps.lap("import")
    report = Script.open(workspace=str(workspace), period=contestants.PERIOD)
    _ = report.catalogue, report.edition
    laps.lap("catalogue")
    write_report(Timed(report, laps), folder)  # type: ignore[arg-type]
    laps.lap("page and document")


if __name__ == "__main__":
    # Before numpy is imported: its threads would keep work from being shared among processes.
    os.environ.update(contestants.ALIKE)
    with tempfile.TemporaryDirectory(prefix="profile-") as name:
        here = Path(name)
        given = Path(sys.argv[1]) if len(sys.argv) > 1 else contestants.new_workspace(here / "w")
        (here / "out").mkdir()
        main(given, here / "out")
