"""Grids: what stands in each row and cell, and what the rows around the data are."""

from pathlib import Path

import pytest
from workspaces import (
    GRID_HEAD,
    GRID_ROWS,
    GRID_TITLE,
    TASK_ROWS,
    Row,
    cleaned,
    codes,
    fact,
    has_fact,
    month_rows,
    one,
    said,
    small_workspace,
    write_xlsx,
)

from nianbao.cleaning import Cleaned
from nianbao.rows import month_of_row, month_of_sheet


def with_rows(tmp_path: Path, *rows: Row, merges: tuple[str, ...] = ()) -> Cleaned:
    """The small workspace with these rows under the head of its grid."""
    workspace = small_workspace(tmp_path)
    sheet = {"表": [*GRID_TITLE, *GRID_HEAD, *rows]}
    write_xlsx(workspace.raw / "2023Q1/g.xlsx", sheet, merges)
    return cleaned(workspace)


def with_first(tmp_path: Path, column: int, cell: object) -> Cleaned:
    """The small workspace with one cell of 甲镇 changed (1 is the place)."""
    row = list(GRID_ROWS[0])
    row[column - 1] = cell
    return with_rows(tmp_path, row, *GRID_ROWS[1:])


def with_tasks(tmp_path: Path, *rows: Row) -> Cleaned:
    workspace = small_workspace(tmp_path)
    write_xlsx(workspace.raw / "2023Q1/t.xlsx", {"表": [*TASK_ROWS[:2], *rows]})
    return cleaned(workspace)


def test_a_number_becomes_a_fact_with_its_address(tmp_path: Path) -> None:
    got = with_rows(tmp_path, *GRID_ROWS)
    found = fact(got, "amount", "A1")
    assert (str(found.value), found.raw, found.sheet, found.cell) == ("12.5", "12.5", "表", "G5")
    assert found.file == "data/raw/2023Q1/g.xlsx"
    assert fact(got, "amount", "A2").value == 0  # 无
    assert fact(got, "accepted", "A2").raw == "20"
    assert not codes(got)


@pytest.mark.parametrize("name", ["甲 镇", "甲乡", "甲镇人民政府", "甲镇\u200b"])
def test_a_township_is_known_by_any_of_its_names(name: str, tmp_path: Path) -> None:
    assert fact(with_first(tmp_path, 1, name), "accepted", "A1").value == 10


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("若干", "E_PARSE"),
        ("2+1", "E_PARSE"),
        (-3, "E_NEGATIVE"),
        (9.5, "E_NOT_INTEGER"),
        ("9元", "E_UNIT"),
        ("#DIV/0!", "E_CELL_ERROR"),
        ("=A1", "E_FORMULA_NOCACHE"),
    ],
)
def test_a_cell_that_cannot_be_read_sets_its_row_aside(
    cell: object, code: str, tmp_path: Path
) -> None:
    got = with_first(tmp_path, 2, cell)
    assert (one(got, code).cell, one(got, code).place) == ("B5", "A1")
    assert not has_fact(got, "mediators", "A1")
    assert [(row.row, row.code) for row in got.set_aside] == [(5, code)]
    assert has_fact(got, "accepted", "A2")
    assert "E_UNRECONCILED" not in codes(got)
    assert "E_MISSING" not in codes(got)  # it has arrived, and is to be corrected


def test_a_word_for_missing_is_never_zero(tmp_path: Path) -> None:
    for number, cell in enumerate((None, "××", "—")):
        got = with_first(tmp_path / str(number), 6, cell)
        assert not has_fact(got, "mediators", "A1")
        assert one(got, "W_MISSING").cell == "F5"


def test_what_does_not_apply_is_a_fact_without_a_value(tmp_path: Path) -> None:
    assert fact(with_first(tmp_path, 6, "/"), "mediators", "A1").value is None


def test_an_approximate_number_keeps_its_qualifier(tmp_path: Path) -> None:
    got = with_first(tmp_path, 6, "100余")
    found = fact(got, "mediators", "A1")
    assert (str(found.value), found.qualifier, found.raw) == ("100", ">=", "100余")
    assert one(got, "W_APPROXIMATE").item == "mediators"


def test_a_fraction_is_fine_for_an_amount(tmp_path: Path) -> None:
    assert str(fact(with_first(tmp_path, 7, "1,234.56"), "amount", "A1").value) == "1234.56"


def test_unit_rows_index_rows_totals_and_footers_are_not_data(tmp_path: Path) -> None:
    got = with_rows(
        tmp_path,
        ["甲", 1, 2, 3, 4, 5, 6],
        ["单位", "件", "件", "件", "件", "人", "万元"],
        *GRID_ROWS,
        ["其中：重大", 1, None, None, None, None, None],
        ["合计", 60, 57, 26, 31, 15, 19.5],
        ["填表说明：合计为各镇街之和"],
        ["审核人：张三", None, "填表人：李四"],
    )
    (tally,) = [tally for tally in got.tallies if tally.file.endswith("g.xlsx")]
    assert tally.excluded == {
        "title": 2,
        "head": 2,
        "index row": 1,
        "unit row": 1,
        "control row": 2,
        "footer": 2,
    }
    assert (tally.seen, tally.accepted) == (13, 3)
    assert not codes(got)


def test_a_lone_number_without_a_label_is_not_taken_for_an_index_row(tmp_path: Path) -> None:
    got = with_rows(tmp_path, [None, 5], *GRID_ROWS)
    assert one(got, "E_UNKNOWN_PLACE").cell == "A5"


def test_a_township_below_the_signatures_still_counts(tmp_path: Path) -> None:
    got = with_rows(tmp_path, *GRID_ROWS[:2], ["填表人：李四"], GRID_ROWS[2], ["联系电话：1"])
    assert fact(got, "accepted", "A3").value == 30
    assert not codes(got)


def test_the_same_township_twice_sets_the_second_row_aside(tmp_path: Path) -> None:
    got = with_rows(tmp_path, *GRID_ROWS, ["甲乡", 1, 1, 1, 0, 1, 1])
    finding = one(got, "E_DUP_ROW")
    assert (finding.cell, finding.words["known"]) == ("A8", "5")
    assert fact(got, "accepted", "A1").value == 10


def test_a_row_merged_over_two_numbers_counts_once(tmp_path: Path) -> None:
    rows = [list(row) for row in GRID_ROWS]
    rows[1][5] = None
    got = with_rows(tmp_path, *rows, merges=("F5:F6",))
    assert fact(got, "mediators", "A1").value == 4
    assert not has_fact(got, "mediators", "A2")


def test_an_unknown_township_is_never_mapped_by_guess(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    rows = [["丙街", *GRID_ROWS[2][1:]] if row is GRID_ROWS[2] else row for row in GRID_ROWS]
    write_xlsx(workspace.raw / "2023Q1/g.xlsx", {"表": [*GRID_TITLE, *GRID_HEAD, *rows]})
    got = cleaned(workspace)
    assert said(workspace, one(got, "E_UNKNOWN_PLACE")).startswith("“丙街” is not in the list")
    assert "丙街道" in said(workspace, one(got, "E_UNKNOWN_PLACE"))
    assert one(got, "E_MISSING").place == "A3"


def test_a_department_among_townships_is_said_to_be_of_another_kind(tmp_path: Path) -> None:
    got = with_rows(tmp_path, *GRID_ROWS, ["区城管局", 1, 1, 1, 0, 1, 1])
    assert codes(got) == {"E_PLACE_KIND": 1}


def test_a_milestone_is_done_only_with_its_evidence(tmp_path: Path) -> None:
    for number, (status, evidence, value) in enumerate(
        [("已完成", "1号文", 1), ("已完成", "无", 0), ("进行中", "1号文", 0), ("未启动", None, 0)]
    ):
        rows = [["制定年度计划", None, status, evidence], *TASK_ROWS[3:]]
        got = with_tasks(tmp_path / str(number), *rows)
        assert fact(got, "plan_issued").value == value
        assert codes(got)["W_NO_EVIDENCE"] == (1 if evidence == "无" else 0)


def test_a_status_of_ones_own_is_refused(tmp_path: Path) -> None:
    got = with_tasks(tmp_path, ["制定年度计划", None, "差不多", "1号文"], *TASK_ROWS[3:])
    assert one(got, "E_STATUS").cell == "C3"
    assert not has_fact(got, "plan_issued", "D0")


def test_a_label_row_that_is_not_there_leaves_its_item_missing(tmp_path: Path) -> None:
    got = with_tasks(tmp_path, *TASK_ROWS[2:4])
    assert one(got, "W_ROW_MISSING").words["name"] == "法律顾问"
    assert not has_fact(got, "advisers", "D0")


def test_an_unknown_label_row_is_listed_and_a_noted_one_is_not(tmp_path: Path) -> None:
    got = with_tasks(tmp_path, *TASK_ROWS[2:], ["服务企业家", 9, None, None], ["说明事项", "文字"])
    assert codes(got) == {"W_ROW_UNKNOWN": 1}
    assert one(got, "W_ROW_UNKNOWN").words["near"] == "服务企业"
    assert fact(got, "served").value == 5


def test_the_same_label_row_twice_is_refused(tmp_path: Path) -> None:
    got = with_tasks(tmp_path, *TASK_ROWS[2:], ["服务企业", 9, None, None])
    assert one(got, "E_DUP_ROW").cell == "A6"
    assert fact(got, "served").value == 5


def test_a_stock_is_the_last_months_and_an_opening_the_firsts(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    months = {
        "1月": month_rows(5, 3, 1),
        "２月 ": month_rows(7, 3, 1),
        "3月份": month_rows(9, 3, 1),
    }
    write_xlsx(workspace.raw / "2023Q1/m.xlsx", months)
    got = cleaned(workspace)
    assert not codes(got)
    assert (fact(got, "opening", "A1").value, fact(got, "closing", "A1").value) == (5, 11)
    received = [f.value for f in got.facts if (f.item, f.place) == ("received", "A1")]
    assert received == [3, 3, 3]


def test_a_label_names_one_month_or_none() -> None:
    assert [month_of_row(text) for text in ("1月", "２月 ", "2023年12月份")] == [1, 2, 12]
    assert [month_of_row(text) for text in ("1-3月", "13月", "3月合计", "一季度")] == [0, 0, 0, 0]
    assert [month_of_sheet(text) for text in ("2023年1月", "3月 ", "报表（10月）")] == [1, 3, 10]
    assert [month_of_sheet(text) for text in ("1-3月", "1至3月", "Sheet1")] == [0, 0, 0]
