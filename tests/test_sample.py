"""The sample bureau: made again from its seed, and as messy and as plausible as promised."""

import csv
import gzip
import subprocess
import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from nianbao.catalogue import load_catalogue
from nianbao.readers import read_workbook
from nianbao.workspace import PROJECT, Workspace

RAW = PROJECT / "data" / "raw"
QUARTERS = [f"{year}Q{q}" for year in (2022, 2023, 2024) for q in (1, 2, 3, 4)][:-1]
Truth = list[dict[str, str]]


@pytest.fixture(scope="module")
def truth() -> Truth:
    with gzip.open(PROJECT / "tests" / "truth.csv.gz", "rt", encoding="utf-8") as table:
        return list(csv.DictReader(table))


def district(truth: Truth, item: str, *periods: str) -> Decimal:
    found = [Decimal(r["value"]) for r in truth if r["item"] == item and r["period"] in periods]
    assert found
    return sum(found, Decimal(0))


def year(number: int) -> list[str]:
    return [f"{number}Q{q}" for q in (1, 2, 3, 4)]


def test_the_tool_makes_the_committed_sample_again(tmp_path: Path) -> None:
    tool = [sys.executable, str(PROJECT / "tools" / "sample_data.py"), "--to", str(tmp_path)]
    subprocess.run(tool, check=True, capture_output=True)
    made = {p.relative_to(tmp_path / "data" / "raw"): p for p in _files(tmp_path / "data" / "raw")}
    kept = {p.relative_to(RAW): p for p in _files(RAW)}
    assert made.keys() == kept.keys()
    plain = [name for name in kept if name.suffix in (".csv", ".xls", ".txt")]
    assert [str(n) for n in plain if made[n].read_bytes() != kept[n].read_bytes()] == []
    zipped = [name for name in kept if name.suffix == ".xlsx"][::10]
    for name in zipped:  # another zlib packs the same sheets in other bytes
        assert read_workbook(made[name]).sheets == read_workbook(kept[name]).sheets
    again, kept_truth = (root / "tests" / "truth.csv.gz" for root in (tmp_path, PROJECT))
    assert gzip.decompress(again.read_bytes()) == gzip.decompress(kept_truth.read_bytes())


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_every_quarter_and_year_is_there_in_every_format() -> None:
    folders = {path.name for path in RAW.iterdir()}
    assert folders == {*QUARTERS, "2022", "2023"}
    kinds = Counter(path.suffix for path in _files(RAW))
    assert min(kinds[".xlsx"], kinds[".xls"], kinds[".csv"]) >= 20
    ledgers = [path for path in _files(RAW / "2023Q4") if path.suffix == ".csv"]
    gbk = [path for path in ledgers if "普法活动台账" in _as(path, "gbk")]
    assert len(gbk) == 1
    assert _as(gbk[0], "utf-8") == ""


def _as(path: Path, encoding: str) -> str:
    """A file's text in an encoding; "" where it is in another."""
    try:
        return path.read_bytes().decode(encoding)
    except UnicodeDecodeError:
        return ""


def test_eighteen_invented_townships_of_three_kinds() -> None:
    catalogue = load_catalogue(Workspace(PROJECT))
    names = [place.name for place in catalogue.places.values() if place.kind == "township"]
    assert Counter("街道" if n.endswith("街道") else n[-1] for n in names) == {
        "街道": 3,
        "镇": 14,
        "乡": 1,
    }


def test_approximate_numbers_stand_only_in_three_items(truth: Truth) -> None:
    items = {row["item"] for row in truth if row["qualifier"] != "="}
    assert items == {"dept_rol_thought_sessions", "file_issues_rectified", "publicity_attendance"}


def test_the_story_is_plausible(truth: Truth) -> None:
    nine = [f"2024Q{q}" for q in (1, 2, 3)], [f"2023Q{q}" for q in (1, 2, 3)]
    growth = district(truth, "recon_received", *nine[0]) / district(
        truth, "recon_received", *nine[1]
    )
    assert Decimal("1.8") < growth < Decimal("2.2")
    assert district(truth, "party_lectures", *year(2023)) == 5
    missed = {
        quarter: district(truth, "court_heard", quarter)
        - district(truth, "court_attended", quarter)
        for quarter in QUARTERS
    }
    assert {quarter: n for quarter, n in missed.items() if n} == {"2024Q2": 1}
    assert district(truth, "platform_disputes_referred", *year(2022)) == 0
    assert district(truth, "platform_disputes_referred", *year(2023)) > 0
    assert district(truth, "supervised_issues", *year(2023)) == 0  # a rate without a denominator
    assert district(truth, "cadre_training_sessions", *nine[0]) > 12  # over the year's target


def test_a_loss_rate_falls_and_one_township_lags(truth: Truth) -> None:
    def rate(top: str, bottom: str, periods: list[str]) -> Decimal:
        return district(truth, top, *periods) / district(truth, bottom, *periods)

    lost = [rate("litigation_lost", "litigation_closed", year(n)) for n in (2022, 2023)]
    assert lost[1] < lost[0]
    success = {}
    for place in sorted({row["place"] for row in truth if row["item"] == "mediation_accepted"}):
        rows = [r for r in truth if r["place"] == place and r["period"] in year(2023)]
        success[place] = rate_of(rows, "mediation_successful", "mediation_accepted")
    worst, next_worst = sorted(success.values())[:2]
    assert worst < Decimal("0.92") < next_worst


def rate_of(rows: Truth, top: str, bottom: str) -> Decimal:
    total = {
        item: sum((Decimal(r["value"]) for r in rows if r["item"] == item), Decimal(0))
        for item in (top, bottom)
    }
    return total[top] / total[bottom]
