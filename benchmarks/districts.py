"""The benchmark of many: a batch beside a loop of stock runs, and beside Dask where it is."""

import argparse
import importlib.util
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks import contestants, measure
from benchmarks.contestants import PERIOD, PROGRAM, PROJECT, STOCK
from benchmarks.measure import CommandFailed, Run

PAGE = Path(PROGRAM.page)
DASK = str(Path("benchmarks", "dask_batch.py"))


def main() -> int:
    arguments = argparse.ArgumentParser(prog="python -m benchmarks.districts", description=__doc__)
    arguments.add_argument("--districts", type=int, default=8, metavar="N", help="default 8")
    arguments.add_argument(
        "--stock", type=int, default=3, metavar="N", help="stock runs, default 3"
    )
    arguments.add_argument("--workers", type=int, default=2, metavar="N", help="default 2")
    asked = arguments.parse_args()
    if min(asked.districts, asked.stock, asked.workers) < 1:
        arguments.error("every number is above 0")
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            _compare(Path(folder).resolve(), asked.districts, asked.stock, asked.workers)
    except CommandFailed as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 1
    return 0


def _compare(folder: Path, districts: int, stock: int, workers: int) -> None:
    environment = contestants.environment(folder)
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    print(f"The sample's {PERIOD} for {districts} districts, {os.cpu_count()} cores{load}")
    one = contestants.new_workspace(folder / "stock")
    measure.run(STOCK.commands(one), PROJECT, environment)  # a first one, to warm up
    loop = [measure.run(STOCK.commands(one), PROJECT, environment) for _ in range(stock)]
    slowly = sum(run.seconds for run in loop) / stock
    _print("stock papermill, one after another", stock, *loop)

    with measure.watched() as memory:  # looked at for its memory, and so to warm up
        _batch(folder, 2 * workers, ["--workers", str(workers)], environment)
    pooled, names = _batch(folder, districts, ["--workers", str(workers)], environment)
    _print(f"batch, {workers} processes", districts, pooled)
    _refuse_other_figures(one / STOCK.page, folder / "district-0" / PAGE)
    times = slowly * districts / pooled.seconds
    print(f"{'throughput, batch / stock':<40}{times:8.2f}")
    spent = [sum(run.cpu or 0 for run in runs) for runs in (loop, [pooled])]
    if all(spent):
        less = spent[0] / stock / (spent[1] / districts)
        print(f"{'CPU of a district, stock / batch':<40}{less:8.2f}")
    if memory.peak:
        print(f"{'memory of all processes together':<40}{memory.peak / 1e6:8.0f} MB")

    if importlib.util.find_spec("distributed") is None:
        print("no Dask here, so nothing was measured on a cluster")
        return
    command = [sys.executable, DASK, str(workers)]
    on_dask, same = _batch(folder, districts, [], environment, command)
    _print(f"batch, LocalCluster of {workers}", districts, on_dask)
    print(f"{'time, Dask / processes':<40}{on_dask.seconds / pooled.seconds:8.2f}")
    if same != names:
        raise CommandFailed("releases made on Dask are not those of the processes")


def _batch(
    folder: Path,
    districts: int,
    more: Sequence[str],
    environment: dict[str, str],
    program: Sequence[str] = (sys.executable, "pipeline.py", "batch"),
) -> tuple[Run, set[str]]:
    """Run a batch over fresh workspaces; what it took, and the names of their releases."""
    homes = [folder / f"district-{number}" for number in range(districts)]
    for home in homes:
        shutil.rmtree(home, ignore_errors=True)
        contestants.new_workspace(home)
    words = ["--year", PERIOD, "--quiet", "--to", str(folder / "page"), *more, *map(str, homes)]
    timed = measure.run([[*program, *words]], PROJECT, environment)
    return timed, {(home / PAGE).parent.resolve().name for home in homes}


def _refuse_other_figures(stock: Path, batch: Path) -> None:
    pages = [contestants.figures(path.read_text(encoding="utf-8")) for path in (stock, batch)]
    if not pages[0] or pages[0] != pages[1]:
        raise CommandFailed("the pages of stock run and batch have other figures")


def _print(name: str, districts: int, *runs: Run) -> None:
    wall = sum(run.seconds for run in runs) / districts
    cpu = sum(run.cpu or 0 for run in runs) / districts
    print(f"{name:<40}{wall:8.2f} s a district, {cpu:.2f} s of CPU", flush=True)


if __name__ == "__main__":
    sys.exit(main())
