"""Taking in: what could be read is still refused where its form does not allow it as it stands."""

from pathlib import Path

import duckdb
import pandas as pd
import pytest
from workspaces import (
    EVENT_HEAD,
    EVENT_ROWS,
    GRID_HEAD,
    GRID_ROWS,
    GRID_TITLE,
    LEDGERS,
    cleaned,
    codes,
    fact,
    has_fact,
    one,
    small_workspace,
    write_catalogue,
    write_csv,
    write_quarter,
    write_xlsx,
)

from nianbao.workspace import Workspace

OPEN_END = LEDGERS.replace("date: held_on\n", "date: held_on\n    last_line: may_be_open\n", 1)


def with_events_in(workspace: Workspace, name: str) -> Path:
    """Where the quarter's events are to be written; the cases stay where they are."""
    folder = workspace.raw / "2023Q1"
    cases = [["案件登记表"], ["收案日期", "案由", "结案日期", "上年结转"]]
    write_xlsx(folder / "l.xlsx", {"案件": [*cases, ["2023-01-05", "新案", "2023-01-09", "否"]]})
    return folder / name


def cut_the_last_line_end(path: Path) -> None:
    path.write_bytes(path.read_bytes().rstrip(b"\r\n"))


def test_a_csv_without_its_last_line_end_is_refused_with_nothing_taken(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    path = with_events_in(workspace, "events.csv")
    cut_the_last_line_end(write_csv(path, [*EVENT_HEAD[1:], *EVENT_ROWS]))
    got = cleaned(workspace)
    assert one(got, "E_TRUNCATED").file == "data/raw/2023Q1/events.csv"
    assert not has_fact(got, "inspections", "A1")


def test_a_form_may_say_that_its_publisher_never_writes_one(tmp_path: Path) -> None:
    workspace = write_catalogue(tmp_path, L=OPEN_END)
    write_quarter(workspace)
    path = with_events_in(workspace, "events.csv")
    cut_the_last_line_end(write_csv(path, [*EVENT_HEAD[1:], *EVENT_ROWS]))
    got = cleaned(workspace)
    assert "E_TRUNCATED" not in codes(got)
    assert has_fact(got, "inspections", "A1")


def test_a_letter_need_not_end_in_a_line_end(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    letter = "各科室\t请于月底前报送\n谢谢\t办公室"
    (workspace.raw / "2023Q1" / "通知.txt").write_text(letter, encoding="utf-8")
    assert codes(cleaned(workspace)) == {"W_NOT_DATA": 1}


def parquet(path: Path, head: list[object], rows: list[list[object]]) -> None:
    """Write rows of text as a Parquet table."""
    table = pd.DataFrame(
        [[None if cell is None else str(cell) for cell in row] for row in rows], columns=head
    )
    with duckdb.connect(":memory:") as session:
        session.register("rows_as_typed", table)
        session.table("rows_as_typed").write_parquet(str(path))


def test_a_ledger_may_come_as_parquet(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    path = with_events_in(workspace, "events.parquet")
    parquet(path, list(EVENT_HEAD[1]), [list(row) for row in EVENT_ROWS])
    got = cleaned(workspace)
    assert not [finding for finding in got.findings if finding.severity == "error"]
    assert has_fact(got, "inspections", "A1")


@pytest.mark.parametrize("renamed", ["g.parquet", "g.xlsx"])
def test_a_form_that_is_no_ledger_may_not(renamed: str, tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    (workspace.raw / "2023Q1" / "g.xlsx").unlink()
    head = ["镇街", "受理调解", "小计", "书面", "口头", "调解员", "涉及金额"]
    parquet(workspace.raw / "2023Q1" / renamed, list(head), [list(row) for row in GRID_ROWS])
    got = cleaned(workspace)
    assert one(got, "E_UNSUPPORTED").words["found"] == "parquet"
    assert not has_fact(got, "accepted", "A1")


def test_a_form_in_csv_keeps_to_the_limits_of_a_form(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = small_workspace(tmp_path)
    folder = workspace.raw / "2023Q1"
    (folder / "g.xlsx").unlink()
    write_csv(folder / "g.csv", [*GRID_HEAD, *GRID_ROWS])
    write_csv(with_events_in(workspace, "events.csv"), [*EVENT_HEAD[1:], *EVENT_ROWS])
    monkeypatch.setattr("nianbao.intake.MOST_ROWS", 2)
    got = cleaned(workspace)
    assert one(got, "E_DIM_LIMIT").file == "data/raw/2023Q1/g.csv"
    assert has_fact(got, "inspections", "A1")


def test_invisible_characters_in_labels_are_told_and_do_not_hide_the_row(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    head = [[*GRID_HEAD[0][:5], "调解\u2066员", GRID_HEAD[0][6]], GRID_HEAD[1]]
    rows = [["甲\u200b镇\u202e", *GRID_ROWS[0][1:]], *GRID_ROWS[1:]]
    write_xlsx(workspace.raw / "2023Q1" / "g.xlsx", {"Sheet1": [*GRID_TITLE, *head, *rows]})
    got = cleaned(workspace)
    marked = {f.cell: f.words["name"] for f in got.findings if f.code == "W_CTRL_CHAR"}
    assert marked == {"F3": "调解员", "A5": "甲镇"}
    assert fact(got, "accepted", "A1").value == 10
