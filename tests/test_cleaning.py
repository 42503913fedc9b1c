"""Cleaning as a whole: the sample's truth recovered, nothing lost or doubled, every gap named."""

import csv
import gzip
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml
from workspaces import (
    GRID_HEAD,
    GRID_ROWS,
    GRID_TITLE,
    TASK_ROWS,
    cleaned,
    codes,
    correct,
    fact,
    has_fact,
    month_rows,
    one,
    said,
    sample_catalogue,
    small_workspace,
    write_csv,
    write_xlsx,
)

from nianbao import grids, intake
from nianbao.addresses import Where
from nianbao.catalogue import Catalogue
from nianbao.cleaning import Cleaned, clean, raw_periods
from nianbao.facts import Fact, Harvest
from nianbao.findings import load_messages
from nianbao.ledgers import harvest_ledger
from nianbao.period import Period
from nianbao.quarantine import quarantine
from nianbao.recognise import Rows
from nianbao.workspace import PROJECT, Workspace

Number = tuple[str, str, str, int, Decimal | None, str]


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return sample_catalogue()


def truth(folders: set[str]) -> Counter[Number]:
    """Every number that the sample was made from: period, place, item, month, value, qualifier."""
    path = PROJECT / "tests" / "truth.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return Counter(
            (
                row["period"],
                row["place"],
                row["item"],
                int(row["part"] or 0),
                Decimal(row["value"]) if row["value"] else None,
                row["qualifier"],
            )
            for row in csv.DictReader(file)
            if row["period"] in folders
        )


def recovered(got: Cleaned, catalogue: Catalogue) -> Counter[Number]:
    return Counter(
        (f.period, f.place, f.item, part_of(f, catalogue), f.value, f.qualifier) for f in got.facts
    )


def part_of(fact: Fact, catalogue: Catalogue) -> int:
    """The month of a monthly flow; stocks and openings stand for their quarter."""
    monthly = catalogue.table_of(fact.item).monthly
    return fact.month if monthly and catalogue.flow_of(fact.item) == "quarter" else 0


@pytest.mark.parametrize("name", ["2022", "2023", "2024Q1", "2024Q2", "2024Q3"])
def test_cleaning_recovers_the_truth_of_the_sample_exactly(name: str, catalogue: Catalogue) -> None:
    period = Period.parse(name)
    got = clean(Workspace(PROJECT), catalogue, period)
    own, before = raw_periods(period)
    expected = truth({folder.name for folder in (*own, *before)})
    mine = recovered(got, catalogue)
    restated = [row for row in got.applied if row.decision.kind == "restates"]
    for row in restated:  # the truth is what was reported; the next year's base is what was decided
        key = (row.decision.period, row.place, row.item, 0)
        typed = (*key, Decimal(row.decision.as_typed), "=")
        if typed in expected:
            expected[typed] -= 1
            expected[(*key, Decimal(row.decision.value), "=")] += 1
    assert len(restated) == (1 if period.year == 2023 else 0)
    assert sum(expected.values()) > 9000
    assert mine - expected == Counter()
    assert expected - mine == Counter()
    assert all(tally.reconciles for tally in got.tallies)
    assert not any(finding.severity == "error" for finding in got.findings)


def test_every_finding_of_the_sample_has_its_sentence(catalogue: Catalogue) -> None:
    got = clean(Workspace(PROJECT), catalogue, Period(2024, 1))
    for lang in ("zh", "en"):
        messages = load_messages(Workspace(PROJECT), lang)
        assert all(messages.message(finding) for finding in got.findings)


# ── nothing lost, nothing doubled ─────────────────────────────────────────────


def test_the_small_workspace_is_clean(tmp_path: Path) -> None:
    got = cleaned(small_workspace(tmp_path))
    assert not codes(got)
    assert len(got.files) == 4
    assert all(tally.reconciles for tally in got.tallies)
    sheet = next(tally for tally in got.tallies if tally.file.endswith("g.xlsx"))
    assert (sheet.seen, sheet.accepted, sheet.excluded) == (7, 3, {"title": 2, "head": 2})
    assert sheet.numbers_seen == sheet.numbers_kept == Decimal("208.5")  # 44.5 + 61 + 103


def test_a_cleaner_that_drops_a_row_is_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = grids._harvest_row
    dropped: list[int] = []

    def forgetful(parts: Any, harvest: Harvest, taken: Any) -> object:
        if parts[0].text == "乙镇" and not dropped:
            dropped.append(1)
            return kept(parts, Harvest(), taken)
        return kept(parts, harvest, taken)

    monkeypatch.setattr(grids, "_harvest_row", forgetful)
    assert codes(cleaned(small_workspace(tmp_path)))["E_UNRECONCILED"] == 1


def test_a_cleaner_that_doubles_a_row_is_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = grids._take

    def eager(row: Any, fact: Fact, harvest: Harvest) -> None:
        kept(row, fact, harvest)
        if (fact.item, fact.place) == ("mediators", "A2"):
            kept(row, fact, harvest)

    monkeypatch.setattr(grids, "_take", eager)
    assert codes(cleaned(small_workspace(tmp_path)))["E_UNRECONCILED"] == 1


@pytest.mark.parametrize("rows", [[4], [3, 3, 4]])
def test_a_ledger_that_drops_or_doubles_an_event_is_caught(
    rows: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def careless(where: Where, cells: Rows, filled: Rows, body: range, *more: object) -> Harvest:
        events = where.head.table_id == "events"
        body = rows if events else body  # 3 and 4 are there
        return harvest_ledger(where, cells, filled, body, *more)

    monkeypatch.setattr(intake, "harvest_ledger", careless)
    assert codes(cleaned(small_workspace(tmp_path)))["E_UNRECONCILED"] == 1


# ── what did not arrive ───────────────────────────────────────────────────────


def test_a_silent_township_is_named(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    rows = [*GRID_TITLE, *GRID_HEAD, *GRID_ROWS[:2]]
    write_xlsx(workspace.raw / "2023Q1/g.xlsx", {"表": rows})
    got = cleaned(workspace)
    finding = one(got, "E_MISSING")
    assert (finding.place, finding.form) == ("A3", "G")
    assert said(workspace, finding, "zh").startswith("没有可采用的丙街道的G《调解情况统计表》")
    assert not has_fact(got, "accepted", "A3")


def test_a_missing_form_is_named_once_and_a_missing_table_by_itself(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    (workspace.raw / "2023Q1/g.xlsx").unlink()
    write_xlsx(
        workspace.raw / "2023Q1/l.xlsx",
        {
            "表": [
                ["会议督察登记表"],
                ["日期", "类型", "会议名称", "对象单位", "参加人数"],
                ["2023-01-10", "会议", "一次会", None, 12],
            ]
        },
    )
    names = [f.words["name"] for f in cleaned(workspace).findings if f.code == "E_MISSING"]
    assert names == ["G《调解情况表》", "L《案件登记表》"]


def test_a_missing_folder_names_every_form(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    got = cleaned(workspace, "2023Q2")
    missing = [f for f in got.findings if f.code == "E_MISSING"]
    assert [(f.form, f.period) for f in missing] == [(form, "2023Q2") for form in "GLTM"]


def test_a_missing_month_is_named(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    sheets = {"1月": month_rows(), "2月": month_rows()}
    write_xlsx(workspace.raw / "2023Q1/m.xlsx", sheets)
    names = [f.words["name"] for f in cleaned(workspace).findings if f.code == "E_MISSING"]
    assert names == [
        "甲镇的M《社区矫正月报》3月",
        "乙镇的M《社区矫正月报》3月",
        "丙街道的M《社区矫正月报》3月",
    ]


def test_a_missing_base_is_a_warning_and_only_where_there_is_any_base(tmp_path: Path) -> None:
    assert not codes(cleaned(small_workspace(tmp_path / "none")))
    workspace = small_workspace(tmp_path / "some", "2022Q1", "2023Q1")
    (workspace.raw / "2022Q1/t.xlsx").unlink()
    assert codes(cleaned(workspace)) == {"W_BASE_MISSING": 1}


# ── files against one another ─────────────────────────────────────────────────


def second_grid(workspace: Workspace, accepted: object = 11) -> Path:
    rows = [["甲镇", accepted, 9, 6, 3, 4, 12.5], *GRID_ROWS[1:]]
    return write_xlsx(workspace.raw / "2023Q1/h.xlsx", {"表": [*GRID_TITLE, *GRID_HEAD, *rows]})


def test_a_second_different_file_is_refused_until_the_office_decides(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    second_grid(workspace)
    got = cleaned(workspace)
    finding = one(got, "E_RESUBMIT")
    assert finding.file == "data/raw/2023Q1/h.xlsx"
    assert finding.words["known"] == "data/raw/2023Q1/g.xlsx"
    assert fact(got, "accepted", "A1").value == 10


def test_a_superseding_file_counts_and_the_other_is_listed(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    second_grid(workspace)
    sha = next(f.sha256 for f in cleaned(workspace).files if f.shown.endswith("h.xlsx"))
    correct(workspace, f"supersedes,2023Q1,{sha},,,,")
    got = cleaned(workspace)
    assert codes(got) == {"I_SUPERSEDED": 1}
    assert one(got, "I_SUPERSEDED").file == "data/raw/2023Q1/g.xlsx"
    assert fact(got, "accepted", "A1").value == 11
    assert {f.shown[-6:]: f.rejected for f in got.files}["g.xlsx"] == "I_SUPERSEDED"


def test_two_files_that_both_supersede_are_refused(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    second_grid(workspace)
    files = [f for f in cleaned(workspace).files if f.form == "G"]
    correct(workspace, *(f"supersedes,2023Q1,{file.sha256},,,," for file in files))
    assert codes(cleaned(workspace)) == {"E_RESUBMIT": 1}


def test_the_same_file_twice_counts_once(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    shutil.copy(workspace.raw / "2023Q1/g.xlsx", workspace.raw / "2023Q1/g 副本.xlsx")
    got = cleaned(workspace)
    assert codes(got) == {"W_DUPLICATE": 1}
    assert fact(got, "accepted", "A1").value == 10


def test_a_copy_of_the_table_on_a_further_sheet_is_refused(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    rows = [*GRID_TITLE, *GRID_HEAD, *GRID_ROWS]
    write_xlsx(workspace.raw / "2023Q1/g.xlsx", {"表": rows, "表 (2)": rows})
    got = cleaned(workspace)
    assert codes(got) == {"E_DUP_TABLE": 1}
    assert fact(got, "accepted", "A1").value == 10
    assert len(got.set_aside) == 3


def test_each_township_may_hand_in_its_own_file(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    (workspace.raw / "2023Q1/g.xlsx").unlink()
    for number, row in enumerate(GRID_ROWS):
        write_csv(workspace.raw / f"2023Q1/{number}.csv", [*GRID_HEAD, row])
    got = cleaned(workspace)
    assert not codes(got)
    assert fact(got, "accepted", "A3").file == "data/raw/2023Q1/2.csv"


# ── titles, litter, files that cannot be read ─────────────────────────────────


@pytest.mark.parametrize(
    "title",
    [["2023年第二季度调解情况统计表"], ["调解情况统计表（2022年一季度）"], ["调解情况统计表"]],
)
def test_a_title_of_another_period_sets_the_table_aside(title: list[str], tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    second = ["（2023年4—6月）"] if title == ["调解情况统计表"] else ["单位：件"]
    rows = [title, second, *GRID_HEAD, *GRID_ROWS]
    write_xlsx(workspace.raw / "2023Q1/g.xlsx", {"表": rows})
    got = cleaned(workspace)
    assert one(got, "E_PERIOD").words["expected"] == "2023Q1"
    assert not has_fact(got, "accepted", "A1")
    assert [row.code for row in got.set_aside] == ["E_PERIOD"] * 3
    assert "E_UNRECONCILED" not in codes(got)


def test_litter_is_listed_and_not_read(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    for name in ("~$gone.xlsx", ".DS_Store", "Thumbs.db"):
        (workspace.raw / "2023Q1" / name).write_bytes(b"x")
    got = cleaned(workspace)
    assert codes(got) == {"I_IGNORED": 3}
    assert {f.shown for f in got.files if f.rejected == "I_IGNORED"} == {
        "data/raw/2023Q1/~$gone.xlsx",
        "data/raw/2023Q1/.DS_Store",
        "data/raw/2023Q1/Thumbs.db",
    }


def test_a_file_that_cannot_be_read_leaves_the_others_checked(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    path = workspace.raw / "2023Q1/g.xlsx"
    path.write_bytes(path.read_bytes()[:900])
    got = cleaned(workspace)
    assert one(got, "E_CORRUPT").file == "data/raw/2023Q1/g.xlsx"
    assert one(got, "E_MISSING").form == "G"
    assert fact(got, "meetings").value == 1


def test_findings_come_errors_first(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    (workspace.raw / "2023Q1/g.xlsx").unlink()
    (workspace.raw / "2023Q1/Thumbs.db").write_bytes(b"")
    write_xlsx(workspace.raw / "2023Q1/t.xlsx", {"表": TASK_ROWS[:4]})
    severities = [finding.severity for finding in cleaned(workspace).findings]
    assert severities == ["error", "warning", "info"]


# ── cumulative numbers ────────────────────────────────────────────────────────


def with_served(tmp_path: Path, *numbers: object) -> Cleaned:
    """Quarters of 2023 with 服务企业 typed as given, cumulatively."""
    quarters = [f"2023Q{number + 1}" for number in range(len(numbers))]
    workspace = small_workspace(tmp_path, *quarters)
    for quarter, number in zip(quarters, numbers, strict=True):
        rows = [*TASK_ROWS[:3], ["服务企业", number, None, None], TASK_ROWS[4]]
        write_xlsx(workspace.raw / quarter / "t.xlsx", {"表": rows})
    return cleaned(workspace, quarters[-1])


def served(got: Cleaned) -> list[str]:
    facts = [f for f in got.facts if f.item == "served"]
    return [f"{f.period} {f.qualifier} {f.value}" for f in facts]


def test_a_cumulative_number_becomes_the_quarters_own(tmp_path: Path) -> None:
    got = with_served(tmp_path, 5, 8, 8)
    assert served(got) == ["2023Q1 = 5", "2023Q2 = 3", "2023Q3 = 0"]
    assert [f.raw for f in got.facts if f.item == "served"] == ["5", "8", "8"]
    assert [f.value for f in got.facts if f.item == "advisers"] == [3, 3, 3]


def test_a_falling_cumulative_is_an_error(tmp_path: Path) -> None:
    got = with_served(tmp_path, 5, 3)
    finding = one(got, "E_CUM_DECREASE")
    assert (finding.period, finding.words["found"], finding.words["expected"]) == (
        "2023Q2",
        "3",
        "5",
    )
    assert served(got) == ["2023Q1 = 5"]


def test_a_gap_before_a_cumulative_number_is_said(tmp_path: Path) -> None:
    got = with_served(tmp_path, 5, "××", 9)
    assert one(got, "W_CUM_GAP").period == "2023Q3"
    assert served(got) == ["2023Q1 = 5"]


def test_a_difference_of_approximate_numbers_is_approximate(tmp_path: Path) -> None:
    assert served(with_served(tmp_path, "100余", 150))[1] == "2023Q2 <= 50"
    assert served(with_served(tmp_path, "约100", 150))[1] == "2023Q2 ~ 50"


# ── quarantine ────────────────────────────────────────────────────────────────


def test_quarantine_holds_rejected_files_with_their_reasons_and_rows(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    broken = workspace.raw / "2023Q1/坏.xlsx"
    broken.write_bytes((workspace.raw / "2023Q1/g.xlsx").read_bytes()[:900])
    second_grid(workspace, accepted="若干")
    (workspace.raw / "2023Q1/g.xlsx").unlink()
    got = cleaned(workspace)
    folder = workspace.quarantine(Period(2023, 1))
    folder.mkdir(parents=True)
    (folder / "old.txt").write_text("of an earlier run")
    quarantine(workspace, Period(2023, 1), got)
    sha = next(file.sha256 for file in got.files if file.rejected == "E_CORRUPT")
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        [f"{sha}.xlsx", f"{sha}.reason.txt", "rows.csv"]
    )
    assert (folder / f"{sha}.xlsx").read_bytes() == broken.read_bytes()
    reason = (folder / f"{sha}.reason.txt").read_text(encoding="utf-8")
    assert reason.startswith("data/raw/2023Q1/坏.xlsx\nE_CORRUPT 文件已损坏")
    with (folder / "rows.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["file"], row["row"], row["code"]) == ("data/raw/2023Q1/h.xlsx", "5", "E_PARSE")
    assert row["text"] == "甲镇 | 若干 | 9 | 6 | 3 | 4 | 12.5"


def test_quarantine_is_empty_again_once_all_is_well(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    folder = workspace.quarantine(Period(2023, 1))
    folder.mkdir(parents=True)
    (folder / "old.txt").write_text("of an earlier run")
    quarantine(workspace, Period(2023, 1), cleaned(workspace))
    assert not folder.exists()


# ── the words ─────────────────────────────────────────────────────────────────


def codes_in_the_code() -> Iterator[str]:
    for path in (PROJECT / "nianbao").rglob("*.py"):
        yield from re.findall(r"[\"']([EWI]_[A-Z_]+)[\"']", path.read_text(encoding="utf-8"))


def test_every_code_has_a_sentence_that_says_what_to_do_in_both_languages() -> None:
    texts = yaml.safe_load((PROJECT / "wording/messages.yml").read_text(encoding="utf-8"))
    assert set(codes_in_the_code()) - texts.keys() == set()
    for code, by_lang in texts.items():
        assert by_lang["zh"].endswith("。"), code
        assert by_lang["en"] == "{detail}" or by_lang["en"].endswith((".", "{near}.")), code
        if code.startswith("E_"):
            assert "请" in by_lang["zh"], code


def test_a_cell_that_speaks_two_lines_is_one_line_in_a_message(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    path = workspace.raw / "2023Q1/g.xlsx"
    workbook = openpyxl.load_workbook(path)
    workbook.worksheets[0]["B5"] = "若干\n见附表\u202e"
    workbook.save(path)
    message = said(workspace, one(cleaned(workspace), "E_PARSE"))
    assert "\n" not in message
    assert "\u202e" not in message
