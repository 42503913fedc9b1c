"""勾稽: identities, balances carried forward, and totals that are compared but never added."""

from pathlib import Path

import pytest
from workspaces import (
    GRID_HEAD,
    GRID_ROWS,
    GRID_TITLE,
    Row,
    cleaned,
    codes,
    fact,
    month_rows,
    one,
    said,
    small_workspace,
    write_xlsx,
)

from nianbao.cleaning import Cleaned
from nianbao.findings import Finding


def with_rows(tmp_path: Path, *rows: Row) -> Cleaned:
    workspace = small_workspace(tmp_path)
    write_xlsx(workspace.raw / "2023Q1/g.xlsx", {"表": [*GRID_TITLE, *GRID_HEAD, *rows]})
    return cleaned(workspace)


def test_parts_that_do_not_make_the_whole_break_an_identity(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    rows = [["甲镇", 10, 9, 6, 4, 4, 1], *GRID_ROWS[1:]]
    write_xlsx(workspace.raw / "2023Q1/g.xlsx", {"表": [*GRID_TITLE, *GRID_HEAD, *rows]})
    got = cleaned(workspace)
    finding = one(got, "E_IDENTITY")
    assert (finding.place, finding.cell, finding.item) == ("A1", "C5", "successful")
    message = said(workspace, finding, "zh")
    assert "成功件数＝书面件数＋口头件数" in message
    assert "左边为9，右边为10" in message
    for cell in ("C5=9", "D5=6", "E5=4"):
        assert cell in message


def test_more_than_the_whole_breaks_an_identity(tmp_path: Path) -> None:
    got = with_rows(tmp_path, ["甲镇", 8, 9, 6, 3, 4, 1], *GRID_ROWS[1:])
    finding = one(got, "E_IDENTITY")
    assert finding.words["name"] == "成功件数≤受理件数"
    assert "B5=8" in finding.words["detail"]


@pytest.mark.parametrize("oral", ["约4", "××"])
def test_an_approximate_or_missing_part_breaks_nothing(oral: str, tmp_path: Path) -> None:
    got = with_rows(tmp_path, ["甲镇", 10, 9, 6, oral, 4, 1], *GRID_ROWS[1:])
    assert "E_IDENTITY" not in codes(got)


def test_a_balance_is_opening_plus_in_minus_out(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    wrong = [*month_rows()[:2], ["甲镇", 5, 2, 1, 5], *month_rows()[3:]]
    sheets = {"1月": month_rows(), "2月": wrong, "3月": month_rows()}
    write_xlsx(workspace.raw / "2023Q1/m.xlsx", sheets)
    finding = one(cleaned(workspace), "E_IDENTITY")
    assert (finding.sheet, finding.place) == ("2月", "A1")
    assert finding.words["name"] == "期初在册＋接收－解除＝期末在册"


def test_a_balance_is_carried_over_the_end_of_a_quarter_and_a_year(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path, "2022Q4", "2023Q1", "2023Q2")
    later = month_rows(6, 2, 3)  # opens with 6 where March closed with 5, and closes with 5
    sheets = {"4月": later, "5月": month_rows(), "6月": month_rows()}
    write_xlsx(workspace.raw / "2023Q2/m.xlsx", sheets)
    broken = [f for f in cleaned(workspace, "2023Q2").findings if f.code == "E_IDENTITY"]
    assert [finding.place for finding in broken] == ["A1", "A2", "A3"]
    assert broken[0].words["detail"] == "data/raw/2023Q1/m.xlsx › 3月 › E3、4月 › B3"
    assert broken[0].words["name"] == "上月期末在册＝本月期初在册"

    january = {"1月": month_rows(9, 0, 4), "2月": month_rows(), "3月": month_rows()}
    write_xlsx(workspace.raw / "2023Q1/m.xlsx", january)
    broken = [f for f in cleaned(workspace, "2023Q1").findings if f.code == "E_IDENTITY"]
    assert "2022Q4/m.xlsx › 12月" in broken[0].words["detail"]


def test_months_with_a_gap_between_them_are_not_compared(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    sheets = {"1月": month_rows(), "3月": month_rows(8, 0, 0)}
    write_xlsx(workspace.raw / "2023Q1/m.xlsx", sheets)
    got = cleaned(workspace)
    assert "E_IDENTITY" not in codes(got)
    assert codes(got)["E_MISSING"] == 3
    assert "2月" in one_of(got).words["name"]


def one_of(got: Cleaned) -> Finding:
    return next(finding for finding in got.findings if finding.code == "E_MISSING")


@pytest.mark.parametrize(
    ("stated", "code"), [(60, ""), (62, "W_TOTAL_MISMATCH"), (63, "E_TOTAL_MISMATCH")]
)
def test_a_total_is_compared_within_the_forms_tolerance(
    stated: int, code: str, tmp_path: Path
) -> None:
    got = with_rows(tmp_path, *GRID_ROWS, ["合 计", stated, 57, 26, 31, 15, 19.5])
    assert set(codes(got)) == ({code} if code else set())
    if code:
        finding = one(got, code)
        assert (finding.cell, finding.words["found"], finding.words["expected"]) == (
            "B8",
            str(stated),
            "60",
        )
    assert sum(f.value or 0 for f in got.facts if f.item == "accepted") == 60


def test_a_total_above_its_rows_is_compared_too(tmp_path: Path) -> None:
    got = with_rows(tmp_path, ["合计", 99, 57, 26, 31, 15, 19.5], *GRID_ROWS)
    assert one(got, "E_TOTAL_MISMATCH").cell == "B5"


def test_subtotals_are_held_against_their_own_rows(tmp_path: Path) -> None:
    got = with_rows(
        tmp_path,
        *GRID_ROWS[:2],
        ["镇小计", 30, 27, 16, 11, 9, 12.5],
        GRID_ROWS[2],
        ["街道小计", 33, 30, 10, 20, 6, 7],
        ["合计", 60, 57, 26, 31, 15, 19.5],
    )
    finding = one(got, "E_TOTAL_MISMATCH")
    assert (finding.cell, finding.words["expected"]) == ("B9", "30")
    assert finding.words["name"].startswith("街道小计")


def test_subtotals_that_open_their_group_are_held_against_what_follows(tmp_path: Path) -> None:
    got = with_rows(
        tmp_path,
        ["合计", 60, 57, 26, 31, 15, 19.5],
        ["镇小计", 30, 27, 16, 11, 9, 12.5],
        *GRID_ROWS[:2],
        ["街道小计", 30, 30, 10, 20, 6, 7],
        GRID_ROWS[2],
    )
    assert not codes(got)


def test_a_total_is_not_held_against_a_row_without_its_number(tmp_path: Path) -> None:
    rows = [["甲镇", 10, 9, 6, 3, "××", 12.5], *GRID_ROWS[1:]]
    got = with_rows(tmp_path, *rows, ["合计", 60, 57, 26, 31, 15, 19.5])
    assert set(codes(got)) == {"W_MISSING"}


def test_a_row_set_aside_does_not_make_the_total_wrong(tmp_path: Path) -> None:
    rows = [["甲镇", "若干", 9, 6, 3, 4, 12.5], *GRID_ROWS[1:]]
    got = with_rows(tmp_path, *rows, ["合计", 60, 57, 26, 31, 15, 19.5])
    assert "E_TOTAL_MISMATCH" not in codes(got)
    assert one(got, "E_PARSE").place == "A1"


def test_totals_are_never_added_to_what_they_total(tmp_path: Path) -> None:
    got = with_rows(tmp_path, *GRID_ROWS, ["合计", 60, 57, 26, 31, 15, 19.5])
    assert {f.place for f in got.facts if f.item == "accepted"} == {"A1", "A2", "A3"}
    assert fact(got, "accepted", "A3").value == 30
