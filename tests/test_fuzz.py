"""Damaged files of the sample: the same facts or a finding, and never a traceback.

`make torture` tries thousands of them.
"""

from pathlib import Path

import pytest
from mutations import GOOD, Bench, Case, cases, good_files

FIRST, EACH = 1_000_000, 25  # seeds of its own, apart from those of `make torture`


@pytest.mark.parametrize("first", range(FIRST, FIRST + 200, EACH))
def test_a_damaged_file_changes_no_number_in_silence(first: int, tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    wrong = {
        seed: (case.kind, case.name, outcome.wrong)
        for seed, case in cases(first, EACH)
        if (outcome := bench.tried(case)).wrong
    }
    assert not wrong


def test_all_kinds_of_files_are_damaged() -> None:
    assert len(good_files()) == len(GOOD) + 2
    endings = {Path(name).suffix for name, _ in good_files()}
    assert endings == {".csv", ".xls", ".xlsx", ".ods"}


@pytest.mark.parametrize("same", [True, False])
def test_two_numbers_that_change_in_silence_are_noticed(same: bool, tmp_path: Path) -> None:
    name, good = next((n, content) for n, content in good_files() if n.startswith("12348"))
    bench = Bench(tmp_path)
    changed = good.replace(b"533", b"534").replace(b"508", b"507")
    assert bench.tried(Case(name, good, "nothing", good, same=same)).result == "the same"
    outcome = bench.tried(Case(name, changed, "digits", good, same=same))
    assert outcome.result == "edited"
    assert outcome.wrong


def test_an_edit_that_changes_a_number_elsewhere_is_noticed(tmp_path: Path) -> None:
    name, good = next((n, content) for n, content in good_files() if n.startswith("12348"))
    changed = good.replace(b"533", b"534")  # in row 4
    row = {at: frozenset({(Path(name).stem, at)}) for at in (4, 5)}
    bench = Bench(tmp_path)
    assert not bench.tried(Case(name, changed, "cell", good, row[4])).wrong
    assert bench.tried(Case(name, changed, "cell", good, row[5])).wrong
