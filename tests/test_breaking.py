"""Whatever happens to a run, readers see one whole release, and the next run succeeds by itself."""

import shutil
import signal
from pathlib import Path

import pytest
from breaking import (
    MISDEEDS,
    Bench,
    bench,
    faulty,
    half_published,
    killed,
    misled,
    published_in_all,
    raced,
    read_while,
    turned_away,
)

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="POSIX only")

MOMENTS = (0.3, 0.5, 0.7, 0.85)  # shares of a run; `make torture-releases` takes random ones


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small workspace with a report, made once."""
    root = tmp_path_factory.mktemp("published")
    assert bench(root).run("--quiet") == (0, "")
    return root


@pytest.fixture
def one(tmp_path: Path, published: Path) -> Bench:
    """The same for each test."""
    root = shutil.copytree(published, tmp_path / "one", symlinks=True)
    return Bench(root / "home", root / "notebooks")


def test_a_report_that_is_less_than_whole_is_noticed(one: Bench):
    assert half_published(one.home) == []
    page = one.home / "outputs" / "2023" / "report.html"
    page.write_bytes(page.read_bytes()[:-1])
    assert half_published(one.home) == ["report.html: changed"]
    (one.home / "outputs" / "2023").unlink()
    assert half_published(one.home) == ["no report is published any more"]


@pytest.mark.slow
def test_a_run_killed_at_any_moment_leaves_a_whole_report(one: Bench):
    met, wrong = zip(*killed(one, MOMENTS, signal.SIGKILL), strict=True)
    assert any(met)  # on a busy machine some runs end before their moment
    assert [*wrong] == [[]] * len(MOMENTS)


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_run_that_is_told_to_stop_stops_and_leaves_the_former_report(
    one: Bench, name: str, code: int
):
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
@pytest.mark.parametrize("call", ["fsync", "rename"])
def test_a_disk_that_fails_leaves_a_whole_report(one: Bench, call: str):
    met, wrong = faulty(one, call, 1)
    assert met
    assert wrong == []


def test_of_runs_at_once_one_publishes_and_the_others_are_turned_away(one: Bench):
    assert raced(one, 4) == []


def test_a_second_run_is_turned_away_within_a_second_and_told_by_whom(one: Bench):
    seconds, wrong = turned_away(one)
    assert wrong == []
    assert seconds < 3  # a second where nothing else is at work, as `make torture` measures it


@pytest.mark.parametrize("deed", MISDEEDS)
def test_a_notebook_that_misbehaves_leaves_the_former_report(one: Bench, deed: str):
    assert misled(one, "02_indicators", deed) == []


def test_readers_see_whole_releases_while_new_ones_are_published(one: Bench):
    seen, wrong = read_while(one, 1)
    assert seen > 1
    assert wrong == []


@pytest.mark.slow
def test_no_surrounding_changes_a_byte(tmp_path: Path):
    found = dict(published_in_all(tmp_path, bench))
    assert len(found) >= 9
    assert "report.html" in found["as it is"]
    assert {name: files for name, files in found.items() if files != found["as it is"]} == {}
