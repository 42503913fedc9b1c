"""What several test modules share: the sample's reports, made once."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nianbao.report import Report
from nianbao.workspace import PROJECT

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in the background of a shell
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of its own on the sample's raw files."""
    root = tmp_path_factory.mktemp("sample")
    (root / "data").mkdir()
    (root / "data" / "raw").symlink_to(PROJECT / "data" / "raw", target_is_directory=True)
    corrections = (PROJECT / "data" / "corrections.csv").read_bytes()
    (root / "data" / "corrections.csv").write_bytes(corrections)
    return root


Made = tuple[Report, str]


@pytest.fixture(scope="session")
def report_of(sample: Path) -> Iterator[Callable[[str], Made]]:
    """The sample's report of a period, made in this process: (report, its HTML)."""
    made: dict[str, Made] = {}

    def make(period: str) -> Made:
        if period not in made:
            made[period] = write_report(str(sample), period)
        return made[period]

    return make


def write_report(workspace: str, period: str, *, allow_partial: bool = False) -> Made:
    """Do what the three notebooks do; returns the report and the HTML of its parts in order."""
    report = Report.open(workspace=workspace, period=period, allow_partial=allow_partial)
    report.clean()
    report.compute_values()
    report.compute_standings()
    report.masthead()
    report.headlines()
    report.sections()
    report.appendices()
    report.sources()
    return report, "\n".join(report.shown)
