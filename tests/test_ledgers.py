"""Ledgers: rows are events, and are counted by the rules of their form."""

import datetime
from pathlib import Path

import pytest
from workspaces import (
    CASE_HEAD,
    CASE_ROWS,
    EVENT_HEAD,
    EVENT_ROWS,
    Row,
    cleaned,
    codes,
    fact,
    one,
    said,
    small_workspace,
    write_xlsx,
)

from nianbao.cleaning import Cleaned
from nianbao.counting import combined, ranges, working_days


def with_events(tmp_path: Path, *rows: Row, merges: tuple[str, ...] = ()) -> Cleaned:
    workspace = small_workspace(tmp_path)
    sheets = {"会议": [*EVENT_HEAD, *rows], "案件": [*CASE_HEAD, *CASE_ROWS]}
    write_xlsx(workspace.raw / "2023Q1/l.xlsx", sheets, merges)
    return cleaned(workspace)


def with_cases(tmp_path: Path, *rows: Row) -> Cleaned:
    workspace = small_workspace(tmp_path)
    sheets = {"会议": [*EVENT_HEAD, *EVENT_ROWS], "案件": [*CASE_HEAD, *rows]}
    write_xlsx(workspace.raw / "2023Q1/l.xlsx", sheets)
    return cleaned(workspace)


def meeting(day: str, name: str | None, attendance: object = 1) -> Row:
    return [None, day, "会议", name, None, attendance]


def test_distinct_meetings_are_not_rows(tmp_path: Path) -> None:
    got = with_events(
        tmp_path,
        meeting("2023-01-10", "一次会"),
        meeting("2023-01-10", "一 次会"),
        meeting("2023-01-10", "二次会"),
        meeting("2023-03-10", "一次会"),
    )
    assert fact(got, "meetings").value == 3  # the first two are one; dates tell the last apart
    assert fact(got, "meetings").cell == "3:6"


def test_a_merged_meeting_is_filled_down(tmp_path: Path) -> None:
    rows = [meeting("2023-01-10", "一次会"), meeting("2023-01-10", None)]
    got = with_events(tmp_path, *rows, merges=("D3:D4",))
    assert fact(got, "meetings").value == 1


def test_a_case_carried_over_is_not_new_but_its_closing_counts(tmp_path: Path) -> None:
    got = with_cases(
        tmp_path,
        ["2022-12-01", "旧案", "2023-01-20", "√"],
        ["2023-01-05", "新案", None, "×"],
        ["2023-02-05", "新案", "2023-04-03", None],
    )
    assert fact(got, "cases_new").value == 2
    assert fact(got, "cases_new").cell == "4:5"
    assert fact(got, "cases_closed").value == 1
    assert fact(got, "cases_closed").cell == "3"
    assert not codes(got)  # a case of another quarter is no slip: it stays until it is closed


def test_working_days_run_from_date_to_date_within_a_row(tmp_path: Path) -> None:
    got = with_cases(tmp_path, ["2023-01-06", "案", "2023-01-10", None])  # Friday to Tuesday
    assert fact(got, "case_days").value == 2
    monday = datetime.date(2023, 1, 9)
    assert working_days(monday, monday) == 0
    assert working_days(monday, datetime.date(2023, 1, 16)) == 5
    assert working_days(monday, datetime.date(2023, 1, 2)) == 0


def test_a_quarter_without_an_event_counts_zero(tmp_path: Path) -> None:
    got = with_events(tmp_path)
    assert fact(got, "meetings").value == 0
    assert {f.place: f.value for f in got.facts if f.item == "inspections"} == {
        "A1": 0,
        "A2": 0,
        "A3": 0,
    }
    assert fact(got, "meetings").cell == "2"  # the head: nothing stands below it


def test_a_zero_names_the_rows_that_were_looked_through(tmp_path: Path) -> None:
    got = with_events(tmp_path, *EVENT_ROWS)
    assert fact(got, "inspections", "A2").cell == "3:4"
    assert fact(got, "inspections", "A1").cell == "4"


@pytest.mark.parametrize("word", ["会议", "开会", "例 会", "“会议”"])
def test_a_choice_is_known_by_its_aliases(word: str, tmp_path: Path) -> None:
    got = with_events(tmp_path, [1, "2023-01-10", word, "一次会", None, 12])
    assert fact(got, "meetings").value == 1


def test_a_choice_that_is_not_listed_is_refused_with_the_nearest(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    rows = [*EVENT_HEAD, [1, "2023-01-10", "开例会", "一次会", None, 12]]
    write_xlsx(workspace.raw / "2023Q1/l.xlsx", {"会议": rows, "案件": CASE_HEAD + CASE_ROWS})
    got = cleaned(workspace)
    message = said(workspace, one(got, "E_CHOICE"))
    assert "例会" in message
    assert "“类型”" in message
    assert fact(got, "meetings").value == 0
    assert [row.code for row in got.set_aside] == ["E_CHOICE"]


@pytest.mark.parametrize(
    ("row", "code", "cell"),
    [
        ([1, None, "会议", "会", None, 1], "E_REQUIRED", "B3"),
        ([1, "去年底", "会议", "会", None, 1], "E_DATE", "B3"),
        ([1, "2023-02-30", "会议", "会", None, 1], "E_DATE", "B3"),
        ([1, "2023-01-10", "会议", "会", None, "若干"], "E_PARSE", "F3"),
        ([1, "2023-01-10", "会议", "会", None, -1], "E_NEGATIVE", "F3"),
        ([1, "2023-01-10", "会议", "会", None, 1.5], "E_NOT_INTEGER", "F3"),
        ([1, "2023-01-10", "督察", None, "丁镇", None], "E_UNKNOWN_PLACE", "E3"),
        ([1, "2023-01-10", "督察", None, "试区", None], "E_PLACE_KIND", "E3"),
        ([1, "2023-01-10", "督察", None, None, None], "E_REQUIRED", "E3"),
    ],
)
def test_a_row_that_cannot_be_read_is_set_aside(
    row: Row, code: str, cell: str, tmp_path: Path
) -> None:
    got = with_events(tmp_path, row, EVENT_ROWS[0])
    assert one(got, code).cell == cell
    assert [aside.row for aside in got.set_aside] == [3]
    assert fact(got, "meetings").value == 1
    assert "E_UNRECONCILED" not in codes(got)


def test_a_date_outside_the_quarter_is_said(tmp_path: Path) -> None:
    got = with_events(tmp_path, meeting("2022-01-10", "一次会"), meeting("2023-01-10", "二次会"))
    assert one(got, "W_DATE_OUTSIDE").cell == "B3"
    assert fact(got, "meetings").value == 1


def test_totals_and_footers_are_no_events_but_a_late_event_is(tmp_path: Path) -> None:
    got = with_events(
        tmp_path,
        meeting("2023-01-10", "一次会", 5),
        ["合计", None, None, None, None, 5],
        ["填表人：李四", None, "审核人：张三"],
        meeting("2023-03-30", "补登的会", 7),
        ["说明：略"],
    )
    assert fact(got, "attendance").value == 12
    (tally,) = [t for t in got.tallies if t.sheet == "会议"]
    assert (tally.accepted, tally.excluded["control row"], tally.excluded["footer"]) == (2, 1, 2)
    assert not codes(got)


def test_an_approximate_part_makes_the_sum_approximate(tmp_path: Path) -> None:
    got = with_events(
        tmp_path, meeting("2023-01-10", "一次会", "100余"), meeting("2023-01-11", "二次会", 20)
    )
    assert (str(fact(got, "attendance").value), fact(got, "attendance").qualifier) == ("120", ">=")


def test_qualifiers_of_a_sum_combine() -> None:
    assert combined("=", "=") == "="
    assert combined(">=", "=") == combined("=", ">=") == combined(">=", ">=") == ">="
    assert combined(">=", "<=") == combined("<=", ">=") == "~"
    assert combined("~", "=") == combined("<=", "~") == "~"


def test_an_identity_of_counts_is_checked(tmp_path: Path) -> None:
    got = with_events(tmp_path, meeting("2023-01-10", "一次会", 0))
    finding = one(got, "E_IDENTITY")
    assert (finding.words["found"], finding.words["expected"]) == ("1", "0")


def test_the_same_ledger_on_two_sheets_is_refused(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    sheets = {"会议": EVENT_HEAD + EVENT_ROWS, "备份": EVENT_HEAD + EVENT_ROWS}
    write_xlsx(workspace.raw / "2023Q1/l.xlsx", {**sheets, "案件": CASE_HEAD + CASE_ROWS})
    got = cleaned(workspace)
    assert one(got, "E_DUP_TABLE").sheet == "备份"
    assert fact(got, "meetings").value == 1


def test_a_list_of_very_many_rows_is_told_by_its_span_and_its_count() -> None:
    assert ranges([40, 6, 5, 7]) == "5:7,40"
    assert ranges(range(2, 20_002, 2)) == "2:20000 (10000)"
    assert ranges(range(2, 20_002)) == "2:20001"
