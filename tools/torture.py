"""Damages good files and makes untidy ones, thousands of each, and says what came of them.

    python tools/torture.py                          5,000 damaged files, 2,000 made ones
    python tools/torture.py --seed 7000 --damaged 100 --made 0

The same seeds give the same files. Exit 1 if anything was read wrong or raised.
"""

import argparse
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(PROJECT), str(PROJECT / "tests")]

import generated  # noqa: E402 - lies in tests/
from mutations import PERIOD, Bench, cases  # noqa: E402
from workspaces import sample_catalogue, write_catalogue  # noqa: E402

from nianbao.catalogue import load_catalogue  # noqa: E402
from nianbao.cleaning import clean  # noqa: E402

_TOLD = 10  # failures shown in full
_OF_SAMPLE = 8  # every eighth made workbook is of the sample's forms


def damaged(first: int, number: int) -> tuple[Counter[tuple[str, str]], list[str], str]:
    """Outcomes by kind of damage, what went wrong, and the slowest file."""
    table: Counter[tuple[str, str]] = Counter()
    wrong: list[str] = []
    slowest = (0.0, "")
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        for seed, case in cases(first, number):
            try:
                outcome = bench.tried(case)
            except Exception:  # whatever is raised is what this looks for
                wrong.append(f"seed {seed}: {case.kind}, {case.name}\n{traceback.format_exc()}")
                table[case.kind, "RAISED"] += 1
                continue
            table[case.kind, "WRONG" if outcome.wrong else outcome.result.split()[0]] += 1
            if outcome.wrong:
                wrong.append(f"seed {seed}: {case.kind}, {case.name}: {outcome.wrong}")
            slowest = max(slowest, (outcome.seconds, f"{case.kind}, {case.name}, seed {seed}"))
    return table, wrong, f"{slowest[0]:.2f} s ({slowest[1]})"


def made(first: int, number: int) -> tuple[Counter[str], list[str]]:
    """Made workbooks by format, rows and numbers reconciled, and what went wrong."""
    table: Counter[str] = Counter()
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        workspace = write_catalogue(Path(folder))
        small, sample = load_catalogue(workspace), sample_catalogue()
        for seed in range(first, first + number):
            catalogue = sample if seed % _OF_SAMPLE == 0 else small
            if catalogue is sample:
                one = generated.make_of(sample, Path(folder), seed)
            else:
                one = generated.make(Path(folder), seed)
            got = clean(workspace, catalogue, PERIOD)
            one.path.unlink()
            wrong += [f"seed {seed}: {one.kind}: {why}" for why in generated.faults(one, got)]
            table[one.path.suffix] += 1
            table["rows"] += one.seen
            table["numbers"] += len(one.facts)
            table["sum"] += int(one.total)
    return table, wrong


def main() -> int:
    """Try everything and print the table of outcomes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--damaged", type=int, default=5000, help="how many damaged files")
    parser.add_argument("--made", type=int, default=2000, help="how many made workbooks")
    given = parser.parse_args()
    started = time.monotonic()
    outcomes, wrong, slowest = damaged(given.seed, given.damaged)
    results = ("same", "found", "refused", "edited", "WRONG", "RAISED")
    table = Counter({(kind, _result(result)): 0 for kind, result in outcomes})
    for (kind, result), number in outcomes.items():
        table[kind, _result(result)] += number
    print(f"{'damage':24}" + "".join(f"{result:>9}" for result in results))
    for kind in sorted({kind for kind, _ in table}):
        print(f"{kind:24}" + "".join(f"{table[kind, result]:9}" for result in results))
    sums = [sum(n for (_, result), n in table.items() if result == wanted) for wanted in results]
    print(f"{'all':24}" + "".join(f"{number:9}" for number in sums))
    print(f"slowest: {slowest}")
    counted, faults = made(given.seed, given.made)
    print("made workbooks: " + ", ".join(f"{number} {name}" for name, number in counted.items()))
    wrong += faults
    for line in wrong[:_TOLD]:
        print(line, file=sys.stderr)
    print(f"{len(wrong)} wrong, {time.monotonic() - started:.0f} s")
    return 1 if wrong else 0


def _result(result: str) -> str:
    return "same" if result == "the" else result


if __name__ == "__main__":
    raise SystemExit(main())
