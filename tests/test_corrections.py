"""The office's decisions: read strictly, applied where they fit, refused where they do not."""

import hashlib
from pathlib import Path

import pytest
from workspaces import (
    CASE_HEAD,
    CASE_ROWS,
    EVENT_HEAD,
    GRID_HEAD,
    GRID_ROWS,
    GRID_TITLE,
    cleaned,
    codes,
    correct,
    fact,
    has_fact,
    one,
    said,
    small_workspace,
    write_xlsx,
)

from nianbao.corrections import read_corrections
from nianbao.errors import CatalogueError
from nianbao.workspace import Workspace

HEAD = "kind,period,file_sha256,sheet,cell,as_typed,value,reason,by,date"
SHA = "a" * 64


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def with_typed(tmp_path: Path, column: int, cell: object) -> tuple[Workspace, str]:
    """A workspace in whose grid one cell of 甲镇 (row 5) is as given, and that file's hash."""
    workspace = small_workspace(tmp_path)
    row = list(GRID_ROWS[0])
    row[column - 1] = cell
    path = workspace.raw / "2023Q1/g.xlsx"
    write_xlsx(path, {"表": [*GRID_TITLE, *GRID_HEAD, row, *GRID_ROWS[1:]]})
    return workspace, sha256(path)


def test_a_decision_is_read_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "corrections.csv"
    text = f"{HEAD}\n\n,2023Q1,{SHA.upper()},表,f9,2+1,3,核实,办公室,2023-04-10\n"
    path.write_bytes(text.encode("gb18030"))
    (decision,) = read_corrections(path)
    assert (decision.kind, decision.sha256, decision.cell) == ("value", SHA, "F9")
    assert (decision.reason, decision.line) == ("核实", 3)


def test_no_file_means_no_decisions(tmp_path: Path) -> None:
    assert read_corrections(tmp_path / "corrections.csv") == ()


@pytest.mark.parametrize(
    ("head", "row", "says"),
    [
        (HEAD.replace("kind", "kinds"), "", ":1:1: unknown column “kinds”; did you mean kind"),
        (HEAD.replace("date", "by"), "", ":1:10: “by” stands here twice"),
        (HEAD, f"valu,2023Q1,{SHA},,F9,1,2,r", ":2:1: unknown kind “valu”; did you mean value"),
        (HEAD, f"value,2023Q1,{SHA},,F9,1,2,", ":2:8: a decision needs its reason"),
        (HEAD, f"value,2023年,{SHA},,F9,1,2,r", ":2:2: '2023年' is not a period"),
        (HEAD, "value,2023Q1,g.xlsx,,F9,1,2,r", ":2:3: name the file by its sha256"),
        (HEAD, f"value,2023Q1,{SHA},,第9行,1,2,r", ":2:5: “第9行” is no cell"),
        (
            HEAD,
            f"value,2023Q1,{SHA},,F9,1,2,复核,发现,办,2023-01-01",
            ":2:10: the row has 11 cells",
        ),
    ],
)
def test_a_bad_row_is_refused_at_its_place(head: str, row: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "corrections.csv"
    path.write_text(f"{head}\n{row}\n", encoding="utf-8")
    with pytest.raises(CatalogueError) as caught:
        read_corrections(path)
    assert caught.value.message.startswith(f"data/corrections.csv{says}")


def test_a_correction_replaces_the_number_and_is_kept_beside_it(tmp_path: Path) -> None:
    workspace, sha = with_typed(tmp_path, 6, "2+1")
    assert one(cleaned(workspace), "E_PARSE").cell == "F5"
    correct(workspace, f"value,2023Q1,{sha},表,F5,2+1,3")
    got = cleaned(workspace)
    assert not codes(got)
    found = fact(got, "mediators", "A1")
    assert (found.value, found.raw) == (3, "2+1")
    (applied,) = got.applied
    assert applied.as_row() == {
        "kind": "value",
        "period": "2023Q1",
        "place": "A1",
        "item": "mediators",
        "form": "G",
        "file": "data/raw/2023Q1/g.xlsx",
        "sheet": "表",
        "cell": "F5",
        "as_typed": "2+1",
        "value": "3",
        "reason": "核实更正",
        "by": "办公室",
        "date": "2023-04-10",
    }


def test_a_number_fits_however_it_is_written_down(tmp_path: Path) -> None:
    workspace, sha = with_typed(tmp_path, 7, 12.5)
    correct(workspace, f"value,2023Q1,{sha},,g5,12.50,13")
    assert fact(cleaned(workspace), "amount", "A1").value == 13


def test_a_stale_correction_is_refused_and_not_applied(tmp_path: Path) -> None:
    workspace, sha = with_typed(tmp_path, 6, 4)
    for cell, typed in (("F5", "5"), ("F5", ""), ("Z99", "4")):
        correct(workspace, f"value,2023Q1,{sha},表,{cell},{typed},3")
        got = cleaned(workspace)
        assert one(got, "E_CORRECTION").cell == cell
        assert fact(got, "mediators", "A1").value == 4
        assert not got.applied
    assert "Line 2" in said(workspace, one(got, "E_CORRECTION"))


def test_a_correction_of_a_file_that_was_handed_in_anew_is_refused(tmp_path: Path) -> None:
    workspace, sha = with_typed(tmp_path, 6, "2+1")
    correct(workspace, f"value,2023Q1,{sha},表,F5,2+1,3", f"value,2022Q1,{sha},表,F5,1,2")
    write_xlsx(
        workspace.raw / "2023Q1/g.xlsx", {"表": [*GRID_TITLE, *GRID_HEAD, *GRID_ROWS, [None]]}
    )
    got = cleaned(workspace)
    assert codes(got)["E_CORRECTION_FILE"] == 2
    assert codes(cleaned(workspace, "2023Q1"))["E_PARSE"] == 0


def test_a_correction_of_a_sheet_that_is_not_there_is_refused(tmp_path: Path) -> None:
    workspace, sha = with_typed(tmp_path, 6, 4)
    correct(workspace, f"value,2023Q1,{sha},表一,F5,4,3")
    got = cleaned(workspace)
    assert one(got, "E_CORRECTION_SHEET").words["known"] == "表"
    assert fact(got, "mediators", "A1").value == 4


def test_a_corrected_place_name_touches_the_whole_row(tmp_path: Path) -> None:
    workspace, sha = with_typed(tmp_path, 1, "甲")
    correct(workspace, f"value,2023Q1,{sha},表,A5,甲,甲镇")
    got = cleaned(workspace)
    assert fact(got, "accepted", "A1").value == 10
    assert {applied.item for applied in got.applied} == {
        "accepted",
        "successful",
        "written",
        "oral",
        "mediators",
        "amount",
    }


def test_a_corrected_event_touches_what_it_was_counted_into(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    path = workspace.raw / "2023Q1/l.xlsx"
    rows = [
        [1, "2023-01-10", "会议", "会", None, "若干"],
        [2, "2023-01-11", "督察", "", "甲镇", None],
    ]
    write_xlsx(path, {"会议": [*EVENT_HEAD, *rows], "案件": CASE_HEAD + CASE_ROWS})
    correct(workspace, f"value,2023Q1,{sha256(path)},会议,F3,若干,8")
    got = cleaned(workspace)
    assert fact(got, "attendance").value == 8
    assert {applied.item for applied in got.applied} == {"meetings", "attendance"}


def test_a_restated_base_counts_in_the_next_years_report_alone(tmp_path: Path) -> None:
    workspace, sha = with_typed(tmp_path, 2, 12)
    small_workspace(tmp_path, "2024Q1")
    correct(workspace, f"restates,2023Q1,{sha},表,B5,12,11")
    own = cleaned(workspace, "2023Q1")
    assert fact(own, "accepted", "A1", "2023Q1").value == 12
    assert not own.applied
    later = cleaned(workspace, "2024Q1")
    assert fact(later, "accepted", "A1", "2023Q1").value == 11
    assert [applied.decision.kind for applied in later.applied] == ["restates"]


def test_a_blank_value_takes_the_number_out(tmp_path: Path) -> None:
    workspace, sha = with_typed(tmp_path, 6, 444)
    correct(workspace, f"value,2023Q1,{sha},表,F5,444,")
    got = cleaned(workspace)
    assert not has_fact(got, "mediators", "A1")
    assert one(got, "W_MISSING").cell == "F5"
