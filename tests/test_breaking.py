"""Whatever happens to a run, readers see one whole release, and the next run succeeds by itself."""

import shutil
import signal
from pathlib import Path

import pytest
from breaking import (
    Bench,
    bench,
    faulty,
    half_published,
    hashes,
    killed,
    moments,
    raced,
    read_while,
    variations,
)

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="POSIX only")


@pytest.fixture
def one(tmp_path: Path) -> Bench:
    return bench(tmp_path)


def test_a_run_killed_at_any_moment_leaves_a_whole_report(one: Bench):
    tried = [*killed(one, moments(4, seed=2023), signal.SIGKILL)]
    assert tried == [[]] * 4


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_run_that_is_told_to_stop_stops_and_leaves_nothing(one: Bench, name: str, code: int):
    one.run("--quiet")
    one.hand_in(1)
    process = one.start("--verbose")
    assert process.stderr is not None
    process.stderr.readline()  # it has begun
    process.send_signal(signal.Signals[name])
    _, told = process.communicate(timeout=60)
    assert process.returncode == code
    assert "Traceback" not in told
    assert half_published(one.home) == []


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
@pytest.mark.parametrize("call", ["write", "fsync", "rename"])
def test_a_disk_that_fails_while_publishing_leaves_the_former_report(one: Bench, call: str):
    one.run("--quiet")
    met, wrong = faulty(one, call, 1)
    assert met
    assert wrong == []


def test_of_runs_at_once_one_publishes_and_the_others_are_turned_away(one: Bench):
    codes, wrong = raced(one, 4)
    assert wrong == []
    assert set(codes) <= {0, 75}
    assert codes[0] == 0


def test_readers_see_whole_releases_while_new_ones_are_published(one: Bench):
    seen, wrong = read_while(one, 1)
    assert seen > 1
    assert wrong == []


@pytest.mark.slow
def test_no_surrounding_changes_a_byte(tmp_path: Path):
    found = {}
    for number, (name, how) in enumerate(variations().items()):
        before = how.get("before", ("true",))
        if shutil.which(str(before[0])) is None:  # type: ignore[index]
            continue
        one = bench(tmp_path / f"place {number}")  # a folder of its own, and a blank in its name
        code, told = one.run("--quiet", **how)
        assert (name, code, told) == (name, 0, "")
        found[name] = hashes((one.home / "outputs" / "2023").resolve())
    assert len(found) >= 9
    assert {name: files for name, files in found.items() if files != found["as it is"]} == {}
