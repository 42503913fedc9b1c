"""勾稽: identities, balances carried forward, and totals that are compared but never added."""

from pathlib import Path

import pytest
from workspaces import (
    GRID,
    GRID_HEAD,
    GRID_ROWS,
    GRID_TITLE,
    TASK_ROWS,
    Row,
    cleaned,
    codes,
    fact,
    month_rows,
    one,
    said,
    small_workspace,
    write_catalogue,
    write_quarter,
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
    assert broken[0].words["detail"] == (
        "data/raw/2023Q1/m.xlsx › 3月 › E3、data/raw/2023Q2/m.xlsx › 4月 › B3"
    )
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


def test_a_total_that_is_off_names_its_cell_and_the_cells_of_its_rows(tmp_path: Path) -> None:
    got = with_rows(tmp_path, *GRID_ROWS, ["合计", 99, 57, 26, 31, 15, 19.5])
    finding = one(got, "E_TOTAL_MISMATCH")
    assert (finding.cell, finding.words["detail"]) == ("B8", "B5:B7")
    assert "各行（B5:B7）相加为60" in said(small_workspace(tmp_path / "w"), finding, "zh")


def test_rows_left_out_of_a_subtotal_leave_a_gap_in_its_cells(tmp_path: Path) -> None:
    rows = [*GRID_ROWS[:2], ["街道小计", 9, 27, 16, 11, 9, 12.5], GRID_ROWS[2]]
    got = with_rows(tmp_path, *rows, ["合计", 9, 57, 26, 31, 15, 19.5])
    cells = [f.words["detail"] for f in got.findings if f.code == "E_TOTAL_MISMATCH"]
    assert cells == ["B5:B6", "B5:B6、B8"]


def test_townships_in_another_order_make_the_same_total(tmp_path: Path) -> None:
    got = with_rows(tmp_path, *GRID_ROWS[::-1], ["合计", 60, 57, 26, 31, 15, 19.5])
    assert not codes(got)


def test_two_numbers_swapped_between_rows_break_the_identities_but_not_the_total(
    tmp_path: Path,
) -> None:
    rows = [["甲镇", 10, 18, 6, 3, 4, 12.5], ["乙镇", 20, 9, 10, 8, 5, "无"], GRID_ROWS[2]]
    got = with_rows(tmp_path, *rows, ["合计", 60, 57, 26, 31, 15, 19.5])
    assert {(f.code, f.cell) for f in got.findings} == {
        ("E_IDENTITY", "C5"),
        ("E_IDENTITY", "C6"),
        ("E_RATIO", "C5"),
    }


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ("{holds: successful = written + oral, tolerance: 1}", ""),
        ("{holds: successful = written + oral, severity: warning}", "W_IDENTITY"),
        ("successful = written + oral", "E_IDENTITY"),
    ],
)
def test_an_identity_of_a_form_may_have_a_tolerance_and_be_a_mere_warning(
    rule: str, code: str, tmp_path: Path
) -> None:
    changed = GRID.replace("      - successful = written + oral", f"      - {rule}")
    workspace = write_catalogue(tmp_path, G=changed)
    write_quarter(workspace)
    rows = [["甲镇", 10, 9, 6, 4, 4, 12.5], *GRID_ROWS[1:]]
    write_xlsx(workspace.raw / "2023Q1/g.xlsx", {"表": [*GRID_TITLE, *GRID_HEAD, *rows]})
    assert set(codes(cleaned(workspace))) == ({code} if code else set())


def test_a_balance_is_carried_from_quarter_to_quarter_without_months(tmp_path: Path) -> None:
    carried = f"{GRID}    carry_forward: {{mediators: accepted}}\n"
    workspace = write_catalogue(tmp_path, G=carried)
    for quarter in ("2022Q4", "2023Q1", "2023Q2"):
        write_quarter(workspace, quarter)
    broken = [f for f in cleaned(workspace, "2023Q2").findings if f.code == "E_IDENTITY"]
    assert [(f.period, f.place) for f in broken] == [
        (quarter, place) for quarter in ("2023Q1", "2023Q2") for place in ("A1", "A2", "A3")
    ]
    assert broken[0].words["name"] == "上季度调解员人数＝本季度受理件数"
    assert broken[0].words["detail"] == (
        "data/raw/2022Q4/g.xlsx › Sheet1 › F5、data/raw/2023Q1/g.xlsx › Sheet1 › B5"
    )


def test_a_cumulative_that_falls_names_both_its_cells(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path, "2023Q1", "2023Q2")
    less = [*TASK_ROWS[:3], ["服务企业", 4, None, None], TASK_ROWS[4]]
    write_xlsx(workspace.raw / "2023Q2/t.xlsx", {"清单": less})
    finding = one(cleaned(workspace, "2023Q2"), "E_CUM_DECREASE")
    assert finding.cell == "B4"
    message = said(workspace, finding, "zh")
    assert "本期4却小于上期累计5（data/raw/2023Q1/t.xlsx › 清单 › B4）" in message


@pytest.mark.parametrize(("typed", "code"), [(-1, "E_NEGATIVE"), (9.5, "E_NOT_INTEGER"), (9, "")])
def test_a_count_is_whole_and_not_negative(typed: float, code: str, tmp_path: Path) -> None:
    got = with_rows(tmp_path, ["甲镇", 10, 9, 6, 3, typed, 12.5], *GRID_ROWS[1:])
    assert {c for c in codes(got) if c[:2] == "E_" and c != "E_MISSING"} == (
        {code} if code else set()
    )
    if code:
        assert (one(got, code).cell, one(got, code).place) == ("F5", "A1")
