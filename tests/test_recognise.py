"""Forms are known by their heads, wherever these stand and however the file is called."""

from pathlib import Path

import pytest
from workspaces import (
    CASE_ROWS,
    EVENT_HEAD,
    EVENT_ROWS,
    GRID_HEAD,
    GRID_ROWS,
    GRID_TITLE,
    Row,
    cleaned,
    codes,
    fact,
    one,
    said,
    small_workspace,
    write_catalogue,
    write_csv,
    write_xlsx,
)

from nianbao.catalogue import load_catalogue
from nianbao.period import Period
from nianbao.readers import Sheet
from nianbao.recognise import Head, Recogniser, label, merged_filled, without_unit

HEAD = [["镇街", "受理调解", "成功件", "书面"], ["甲镇", "1", "1", "1"]]


def heads(tmp_path: Path, rows: list[Row], period: str = "2023Q1") -> tuple[Head, ...]:
    catalogue = load_catalogue(write_catalogue(tmp_path))
    width = max(len(row) for row in rows)
    cells = tuple((*row, *[None] * (width - len(row))) for row in rows)
    return Recogniser(catalogue, Period.parse(period)).heads(Sheet("表", cells))


def test_a_head_is_found_below_titles_and_beside_empty_columns(tmp_path: Path) -> None:
    shifted: list[Row] = [[], ["通知"], [], *([None, None, *row] for row in GRID_TITLE + GRID_HEAD)]
    (head,) = heads(tmp_path, [*shifted, [None, None, "甲镇", 1]])
    assert (head.first_row, head.last_row, head.title_row) == (6, 7, 4)
    assert head.label_column == 3
    assert head.columns["written"] == 6


def test_a_head_written_without_merges_is_the_same(tmp_path: Path) -> None:
    rows: list[Row] = [
        ["镇街", "受理调解", "调解成功", None, None, "调解员", "涉及金额"],
        [None, None, "小计", "书面", "口头", None, None],
        ["甲镇", "10", "9", "6", "3", "4", "12.5"],
    ]
    (head,) = heads(tmp_path, rows)
    assert (head.columns["successful"], head.columns["oral"]) == (3, 5)
    assert not head.missing
    assert not head.extra


def test_units_and_remarks_in_brackets_do_not_hide_a_label(tmp_path: Path) -> None:
    rows: list[Row] = [
        ["镇 街", "受理调解（件）", "调解成功", None, None, "调解员(人)", "涉及金额（万元）"],
        [None, None, "小计（件）", "书面（含司法确认）", "口头", None, None],
        ["甲镇", 1, 1, 1, 0, 1, 1],
    ]
    (head,) = heads(tmp_path, rows)
    assert not head.missing
    assert not head.extra


def test_extra_and_missing_columns_are_named(tmp_path: Path) -> None:
    rows = [[*row[:4], *row[5:], "新增栏"] for row in GRID_HEAD]
    (head,) = heads(tmp_path, [*rows, ["甲镇", 1]])
    assert head.missing == ("调解成功›口头",)
    assert [text for _, text in head.extra] == ["新增栏"]


def test_ignored_columns_serial_numbers_and_remarks_are_not_extra(tmp_path: Path) -> None:
    rows = [["序号", *row, "联系方式", "备注"] for row in GRID_HEAD]
    (head,) = heads(tmp_path, [*rows, [1, "甲镇", 1]])
    assert not head.extra


def test_the_version_in_force_is_preferred_and_the_old_one_said(tmp_path: Path) -> None:
    (old,) = heads(tmp_path, [*GRID_HEAD, ["甲镇", 1]], "2024Q1")
    assert (old.version_key, old.in_force) == ("2022", False)
    new = [[str(cell).replace("受理调解", "调解受理") for cell in row] for row in GRID_HEAD]
    (now,) = heads(tmp_path, [*new, ["甲镇", 1]], "2024Q1")
    assert (now.version_key, now.in_force) == ("2024", True)


def test_a_period_before_the_first_version_is_no_crash(tmp_path: Path) -> None:
    (head,) = heads(tmp_path, [*GRID_HEAD, ["甲镇", 1]], "2021Q1")
    assert not head.in_force


def test_several_blocks_on_one_sheet_are_each_found(tmp_path: Path) -> None:
    rows: list[Row] = [
        *GRID_TITLE,
        *GRID_HEAD,
        *GRID_ROWS,
        [],
        *EVENT_HEAD,
        *EVENT_ROWS,
    ]
    first, second = heads(tmp_path, rows)
    assert (first.form, first.last_row) == ("G", 4)
    assert (second.form, second.start, second.first_row) == ("L", 9, 10)


def test_a_sheet_of_something_else_has_no_head(tmp_path: Path) -> None:
    assert heads(tmp_path, [["通讯录"], ["姓名", "电话", "镇街"], ["张三", "1", "甲镇"]]) == ()


def test_a_merged_area_is_filled_with_its_first_cell() -> None:
    sheet = Sheet("表", (("甲", None), (None, None), ("x", "y")), ((1, 1, 2, 2),))
    assert merged_filled(sheet) == (("甲", "甲"), ("甲", "甲"), ("x", "y"))


@pytest.mark.parametrize(
    ("text", "same"),
    [("受 理\n调解", "受理调解"), ("“第一议题”", "第一议题"), ("１５分钟：", "15分钟")],
)
def test_a_label_has_one_spelling(text: str, same: str) -> None:
    assert label(text) == same


def test_only_a_unit_is_taken_off_a_label() -> None:
    assert without_unit(label("金额（万元）")) == "金额"
    assert without_unit(label("人数（单位：人）")) == "人数"
    assert without_unit(label("刑事（含未成年）")) == "刑事(含未成年)"


def test_a_renamed_file_and_a_csv_of_gbk_read_the_same(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    (workspace.raw / "2023Q1/g.xlsx").unlink()
    rows = [*GRID_TITLE, *GRID_HEAD, *GRID_ROWS]
    write_csv(
        workspace.raw / "2023Q1/复件 W99（最终版）.csv", [[*r, *[""] * (7 - len(r))] for r in rows]
    )
    got = cleaned(workspace)
    assert not codes(got)
    assert fact(got, "accepted", "A2").value == 20


def test_an_unknown_workbook_is_told_which_form_it_resembles(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    wrong = [["单位", *row[1:]] for row in GRID_HEAD]
    write_xlsx(workspace.raw / "2023Q1/g.xlsx", {"表": [*wrong, *GRID_ROWS]})
    got = cleaned(workspace)
    finding = one(got, "E_UNKNOWN_FORM")
    assert "G《调解情况表》" in said(workspace, finding)
    assert "镇街" in said(workspace, finding)
    assert one(got, "E_MISSING").form == "G"


def test_a_table_of_nothing_we_know_is_an_unknown_form_however_far(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    write_xlsx(workspace.raw / "2023Q1/通讯录.xlsx", {"表": [["姓名", "电话"], ["张三", "1"]]})
    write_csv(workspace.raw / "2023Q1/考勤.csv", [["姓名", "出勤"], ["张三", "1"]])
    assert codes(cleaned(workspace)) == {"E_UNKNOWN_FORM": 2}


def test_what_holds_no_table_is_listed_as_no_data(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    letter = [["关于报送报表的通知"], ["各镇街："], ["请于季后五日内报送，共2页。"], [None, "某局"]]
    write_xlsx(workspace.raw / "2023Q1/通知.xlsx", {"表": letter})
    notice = workspace.raw / "2023Q1/通知.txt"
    notice.write_text("各镇街：\n请于季后五日内报送。\n", encoding="utf-8")
    assert codes(cleaned(workspace)) == {"W_NOT_DATA": 2}


def test_a_form_that_lost_most_of_its_head_is_not_lost_beside_another(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    rows: list[Row] = [["登记表"], ["收案日期", "案由", "办结", "转入"], *CASE_ROWS]
    write_xlsx(workspace.raw / "2023Q1/l.xlsx", {"会议": EVENT_HEAD + EVENT_ROWS, "案": rows})
    got = cleaned(workspace)
    finding = one(got, "E_UNKNOWN_FORM")
    assert (finding.sheet, finding.words["near"]) == ("案", "L《会议和案件台账》")
    assert "结案日期" in finding.words["detail"]
    assert [row.row for row in got.set_aside] == [1, 2, 3, 4]
    assert codes(got)["E_MISSING"] == 1
    assert codes(got)["E_UNRECONCILED"] == 0


def test_a_list_of_labels_below_one_another_is_no_form(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    names = ("受理调解", "调解成功", "小计", "书面", "口头", "调解员", "涉及金额", "镇街")
    notes = [["栏目", "说明"], *([name, "按季填报"] for name in names)]
    rows = [*GRID_TITLE, *GRID_HEAD, *GRID_ROWS]
    write_xlsx(workspace.raw / "2023Q1/g.xlsx", {"表": rows, "填表说明": notes})
    assert codes(cleaned(workspace)) == {"I_SHEET": 1}


def test_a_column_that_stands_there_twice_is_not_read(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    head = [[*row[:6], "调解员", row[6]] for row in GRID_HEAD]
    rows = [[*row[:6], 9, row[6]] for row in GRID_ROWS]
    for write in ("xlsx", "csv"):
        path = workspace.raw / f"2023Q1/g.{write}"
        if write == "xlsx":
            write_xlsx(path, {"表": [*GRID_TITLE, *head, *rows]})
        else:
            (workspace.raw / "2023Q1/g.xlsx").unlink()
            title = [[*row, *[""] * 7] for row in GRID_TITLE]
            write_csv(path, [*title, *head, *rows])
        got = cleaned(workspace)
        finding = one(got, "E_HEADER")
        assert (finding.item, finding.words["found"]) == ("mediators", "F4、G4")
        assert not any(f.item == "mediators" for f in got.facts)
        assert codes(got) == {"E_HEADER": 1}


def test_a_label_merged_over_two_columns_stands_there_once(tmp_path: Path) -> None:
    rows = [[*row[:6], row[5], row[6]] for row in GRID_HEAD]
    catalogue = load_catalogue(write_catalogue(tmp_path))
    sheet = Sheet("表", tuple(map(tuple, rows)), ((1, 6, 2, 7),))
    (head,) = Recogniser(catalogue, Period(2023, 1)).heads(sheet)
    assert head.columns["mediators"] == 6
    assert not head.twice


def test_a_note_on_a_further_sheet_is_listed(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    rows = [*GRID_TITLE, *GRID_HEAD, *GRID_ROWS]
    write_xlsx(workspace.raw / "2023Q1/g.xlsx", {"表": rows, "说明": [["填表须知"]], "空": []})
    assert codes(cleaned(workspace)) == {"I_SHEET": 1}


def test_a_workbook_of_blank_sheets_is_empty(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    write_xlsx(workspace.raw / "2023Q1/x.xlsx", {"表": [[None], [" "]]})
    assert codes(cleaned(workspace)) == {"E_EMPTY": 1}
