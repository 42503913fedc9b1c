"""What only a person can decide comes as a line to paste: pasted and completed, it settles it."""

import csv
import io
from pathlib import Path

import pytest
from workspaces import (
    CASE_HEAD,
    CASE_ROWS,
    EVENT_HEAD,
    GRID_HEAD,
    GRID_ROWS,
    GRID_TITLE,
    LEDGERS,
    PLACES,
    TASK_ROWS,
    Row,
    cleaned,
    codes,
    fact,
    one,
    said,
    small_workspace,
    write_quarter,
    write_xlsx,
)

from nianbao.captions import load_captions
from nianbao.catalogue import load_catalogue
from nianbao.corrections import COLUMNS, read_corrections
from nianbao.errors import CatalogueError
from nianbao.period import Period
from nianbao.proposals import Proposal, propose
from nianbao.quarantine import quarantine
from nianbao.workspace import Workspace

HEAD = ",".join(COLUMNS)


def proposed(workspace: Workspace, period: str = "2023Q1") -> tuple[Proposal, ...]:
    return propose(load_catalogue(workspace), cleaned(workspace, period))


def only(found: tuple[Proposal, ...]) -> Proposal:
    (proposal,) = found
    return proposal


def paste(workspace: Workspace, *lines: str) -> None:
    """Paste lines into data/corrections.csv."""
    workspace.corrections.parent.mkdir(parents=True, exist_ok=True)
    workspace.corrections.write_text("\n".join([HEAD, *lines]) + "\n", encoding="utf-8-sig")


def completed(line: str, value: str) -> str:
    return line.replace("____", value, 1).replace("____", "电话核实", 1).replace("____", "王", 2)


def grid(workspace: Workspace, head: list[Row], rows: list[Row], name: str = "g.xlsx") -> None:
    write_xlsx(workspace.raw / "2023Q1" / name, {"表": [*GRID_TITLE, *head, *rows]})


def relabelled(*pairs: tuple[str, str], extra: str = "") -> list[Row]:
    """The head of the grid with labels replaced, and perhaps a column more at its end."""
    names = dict(pairs)
    rows = [[names.get(str(cell), cell) for cell in row] for row in GRID_HEAD]
    return [[*row, extra] for row in rows] if extra else rows


def add_to_catalogue(workspace: Workspace, proposal: Proposal) -> None:
    """Put a line below the key that it names, in the place of one that stands there already."""
    path = workspace.root / proposal.into
    lines = path.read_text(encoding="utf-8").splitlines()
    at, depth = 0, -1
    for key in proposal.at.split(" › "):
        at = next(n for n, line in enumerate(lines[at:], at) if line.strip().startswith(f"{key}:"))
        depth = len(lines[at]) - len(lines[at].lstrip())
    key = proposal.line.partition(":")[0]
    end = next(
        (n for n in range(at + 1, len(lines)) if len(lines[n]) - len(lines[n].lstrip()) <= depth),
        len(lines),
    )
    same = [n for n in range(at + 1, end) if lines[n].strip().startswith(f"{key}:")]
    if same:
        inner = len(lines[same[0]]) - len(lines[same[0]].lstrip())
        last = same[0] + 1
        while last < end and len(lines[last]) - len(lines[last].lstrip()) > inner:
            last += 1
        lines[same[0] : last] = []
    lines.insert(at + 1, " " * (depth + 2) + proposal.line)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


# --- data/corrections.csv -------------------------------------------------------------------------


def test_a_number_that_only_a_person_can_read_gets_a_line_that_settles_it(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    grid(workspace, GRID_HEAD, [["甲镇", 10, 9, 6, 3, "2+1", 12.5], *GRID_ROWS[1:]])
    proposal = only(proposed(workspace))
    assert (proposal.into, proposal.code, proposal.cell) == (
        "data/corrections.csv",
        "E_PARSE",
        "F5",
    )
    paste(workspace, completed(proposal.line, "3"))
    got = cleaned(workspace)
    assert not codes(got)
    assert fact(got, "mediators", "A1").value == 3
    (applied,) = got.applied
    assert (applied.decision.as_typed, applied.decision.reason) == ("2+1", "电话核实")


def test_a_line_that_was_not_completed_says_what_is_to_be_filled_in(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    grid(workspace, GRID_HEAD, [["甲镇", 10, 9, 6, 3, "若干", 12.5], *GRID_ROWS[1:]])
    paste(workspace, only(proposed(workspace)).line)
    with pytest.raises(CatalogueError, match=r":2:7: fill in value, reason, by, date") as caught:
        cleaned(workspace)
    assert "____" in caught.value.message


def test_what_is_typed_is_quoted_as_csv_and_guarded_as_a_formula(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    typed = '约"3,4"件'
    grid(workspace, GRID_HEAD, [["甲镇", 10, 9, 6, 3, typed, "=-+3"], *GRID_ROWS[1:]])
    write_xlsx(workspace.raw / "2023Q1/t.xlsx", {"清单": TASK_ROWS})
    lines = [proposal.line for proposal in proposed(workspace) if proposal.cell == "F5"]
    (row,) = csv.reader(io.StringIO(lines[0]))
    assert row[5] == typed
    paste(workspace, completed(lines[0].replace(row[5], "'=1+1"), "3"))
    assert read_corrections(workspace.corrections)[0].as_typed != "'=1+1"


def test_of_two_files_either_may_be_the_one_that_counts(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    grid(workspace, GRID_HEAD, [["甲镇", 11, 9, 6, 3, 4, 12.5], *GRID_ROWS[1:]], "h.xlsx")
    assert one(cleaned(workspace), "E_RESUBMIT")
    first, second = proposed(workspace)
    assert (Path(first.file).name, Path(second.file).name) == ("h.xlsx", "g.xlsx")
    paste(workspace, completed(first.line, "王"))
    got = cleaned(workspace)
    assert codes(got) == {"I_SUPERSEDED": 1}
    assert fact(got, "accepted", "A1").value == 11
    paste(workspace, completed(second.line, "王"))
    assert fact(cleaned(workspace), "accepted", "A1").value == 10


def test_a_base_that_was_restated_gets_its_line(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path, "2023Q1", "2024Q1")
    path = workspace.root / "catalogue/forms/G.yml"
    text = path.read_text(encoding="utf-8").replace(
        "amount: [涉及金额]", "amount: [涉及金额]\n          accepted_base: [上年受理]"
    )
    text = text.replace(
        "    identities:", "      accepted_base: {zh: 上年受理件数, unit: 件}\n    identities:"
    )
    text += 'across: ["accepted_base = year_before(accepted)"]\n'
    path.write_text(text, encoding="utf-8")
    for year, base in ((2023, 9), (2024, 11)):
        head = relabelled(
            ("受理调解", "受理调解" if year == 2023 else "调解受理"), extra="上年受理"
        )
        rows = [[*GRID_ROWS[0], base], [*GRID_ROWS[1], 20], [*GRID_ROWS[2], 30]]
        table = [["调解情况统计表"], *head, *rows]
        write_xlsx(workspace.raw / f"{year}Q1/g.xlsx", {"表": table})
    assert one(cleaned(workspace, "2024Q1"), "E_IDENTITY")
    proposal = only(proposed(workspace, "2024Q1"))
    assert (proposal.why, proposal.cell) == ("restates", "B4")
    row = proposal.line.split(",")
    assert (row[0], row[1], row[5], row[6]) == ("restates", "2023Q1", "10", "11")
    paste(workspace, proposal.line.replace("____", "复核"))
    got = cleaned(workspace, "2024Q1")
    assert not codes(got)
    assert fact(got, "accepted", "A1", "2023Q1").value == 11


# --- heads that drifted ---------------------------------------------------------------------------

DRIFTS = {
    "renamed": relabelled(("调解员", "人民调解员")),
    "another parent": relabelled(("调解成功", "调解达成协议")),
    "another name at its place": relabelled(("涉及金额", "标的")),
    "a column more": relabelled(extra="网上调解"),
    "both": relabelled(("受理调解", "受理件"), extra="网上调解"),
}


@pytest.mark.parametrize("head", DRIFTS.values(), ids=DRIFTS)
@pytest.mark.parametrize("version", ["2022", "2023"])
def test_a_drifted_head_gets_a_version_that_reads_it(
    head: list[Row], version: str, tmp_path: Path
) -> None:
    workspace = small_workspace(tmp_path)
    path = workspace.root / "catalogue/forms/G.yml"
    if version == "2023":  # a version of the very same time is replaced
        text = path.read_text(encoding="utf-8")
        new = "      2023:\n        columns:\n          amount: [涉及金额]\n      2024:\n"
        path.write_text(text.replace("      2024:\n", new), encoding="utf-8")
    rows = [[*row, 5] for row in GRID_ROWS] if len(head[0]) > len(GRID_HEAD[0]) else GRID_ROWS
    grid(workspace, head, rows)
    before = codes(cleaned(workspace))
    assert before["E_HEADER"] or before["W_HEADER"]
    proposal = only(proposed(workspace))
    assert (proposal.into, proposal.at) == (
        "catalogue/forms/G.yml",
        "tables › mediation › versions",
    )
    assert proposal.line.startswith("2023Q1: " if version == "2022" else "2023: ")
    add_to_catalogue(workspace, proposal)
    got = cleaned(workspace)
    assert not codes(got)
    assert fact(got, "written", "A1").value == 6


def test_the_same_drift_in_several_files_is_one_line(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path, "2023Q1", "2023Q2")
    head = relabelled(("调解员", "人民调解员"))
    for number, row in enumerate(GRID_ROWS):
        grid(workspace, head, [row], f"g{number}.xlsx")
    (workspace.raw / "2023Q1/g.xlsx").unlink()
    write_xlsx(workspace.raw / "2023Q2/g.xlsx", {"表": [["调解情况统计表"], *head, *GRID_ROWS]})
    proposal = only(proposed(workspace, "2023Q2"))
    assert proposal.files == 4
    assert proposal.line == "2023Q1: {columns: {mediators: [人民调解员]}}"


def test_two_names_for_one_column_are_two_lines_to_choose_from(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    (workspace.raw / "2023Q1/g.xlsx").unlink()
    grid(workspace, relabelled(("调解员", "人民调解员")), [GRID_ROWS[0]], "a.xlsx")
    grid(workspace, relabelled(("调解员", "调解员数")), GRID_ROWS[1:], "b.xlsx")
    lines = [proposal.line for proposal in proposed(workspace)]
    assert lines == [
        "2023Q1: {columns: {mediators: [人民调解员]}}",
        "2023Q1: {columns: {mediators: [调解员数]}}",
    ]


def test_nothing_is_mapped_before_a_person_pastes_it(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    grid(workspace, relabelled(("调解员", "人民调解员")), GRID_ROWS)
    got = cleaned(workspace)
    assert not any(found.item == "mediators" for found in got.facts)
    assert "人民调解员" in said(workspace, one(got, "E_HEADER"))


# --- rows, choices, places ------------------------------------------------------------------------


def test_a_renamed_row_and_a_new_one_get_their_lines(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    rows = [[str(row[0]).replace("法律顾问", "法律顾问人数"), *row[1:]] for row in TASK_ROWS]
    width = len(rows[-1]) - 1
    write_xlsx(
        workspace.raw / "2023Q1/t.xlsx", {"清单": [*rows, ["走访群众", 3, *[None] * (width - 1)]]}
    )
    renamed, appeared = proposed(workspace)
    assert (renamed.at, appeared.at) == ("tables › tasks › items", "tables › tasks")
    assert renamed.line == (
        "advisers: {zh: 法律顾问人数, unit: 人, flow: stock, row: 法律顾问人数, column: number}"
    )
    assert appeared.line == "noted_rows: [说明事项, 走访群众]"
    for proposal in (renamed, appeared):
        add_to_catalogue(workspace, proposal)
    got = cleaned(workspace)
    assert not codes(got)
    assert fact(got, "advisers").value == 3


def event(*cells: object) -> dict[str, list[Row]]:
    return {"会议": [*EVENT_HEAD, list(cells)], "案件": CASE_HEAD + CASE_ROWS}


def test_an_unknown_choice_gets_an_alias_and_a_correction(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    rows = event(1, "2023-01-10", "例会议", "一次会", None, 12)
    write_xlsx(workspace.raw / "2023Q1/l.xlsx", rows)
    correction, alias = proposed(workspace)
    assert correction.into == "data/corrections.csv"
    assert alias.at == "tables › events › fields › activity › values"
    assert alias.line == "会议: [开会, 例会, 例会议]"
    old = "values: {会议: [开会, 例会], 督察: []}"
    text = LEDGERS.replace(old, f"values: {{{alias.line}, 督察: []}}")
    (workspace.root / alias.into).write_text(text, encoding="utf-8")
    assert not codes(cleaned(workspace))


def test_an_unknown_place_gets_an_alias_a_new_row_and_a_correction(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    grid(workspace, GRID_HEAD, [["丙街", 30, 30, 10, 20, 6, 7], *GRID_ROWS[:2]])
    correction, alias, new = proposed(workspace)
    assert correction.cell == "A5"
    assert alias.line == "A3,丙街道,township,3,,,丙街"
    assert new.line == "A4,丙街,township,4,2023-01-01,,"
    path = workspace.root / "catalogue/places.csv"
    path.write_text(PLACES.replace("A3,丙街道,township,3,,,", alias.line), encoding="utf-8")
    assert not codes(cleaned(workspace))
    path.write_text(f"{PLACES}{new.line}\n", encoding="utf-8")
    assert codes(cleaned(workspace)) == {"E_MISSING": 2}  # 丙街道 is another place then
    paste(workspace, completed(correction.line, "丙街道"))
    path.write_text(PLACES, encoding="utf-8")
    assert not codes(cleaned(workspace))


def test_a_place_of_another_time_is_said_to_be_so(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    path = workspace.root / "catalogue/places.csv"
    path.write_text(f"{PLACES}A9,丁镇,township,4,,2022-12-31,\n", encoding="utf-8")
    grid(workspace, GRID_HEAD, [*GRID_ROWS, ["丁镇", 1, 1, 1, 0, 1, 1]])
    finding = one(cleaned(workspace), "E_UNKNOWN_PLACE")
    assert "listed as valid: ～2022-12-31" in said(workspace, finding)
    assert [proposal.why for proposal in proposed(workspace)] == ["value"]


# --- where they lie -------------------------------------------------------------------------------


def test_the_quarantine_holds_the_lines_by_the_file_they_go_into(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    rows = [["甲镇", 10, 9, 6, 3, "=1+1", "若干"], *GRID_ROWS[1:]]
    grid(workspace, relabelled(("受理调解", "受理件")), rows)
    lines = proposed(workspace)
    quarantine(workspace, Period(2023, 1), cleaned(workspace), "en", lines)
    folder = workspace.quarantine(Period(2023, 1)) / "proposals"
    text = (folder / "corrections.csv").read_text(encoding="utf-8-sig")
    assert text.splitlines() == [HEAD, *(p.line for p in lines if p.cell)]
    text = (folder / "catalogue-forms-G.yml.txt").read_text(encoding="utf-8")
    assert text.splitlines()[2] == "# tables › mediation › versions"
    assert text.splitlines()[4] == "2023Q1: {columns: {accepted: [受理件]}}"
    assert "受理调解 → 受理件" in text.splitlines()[3]


def test_every_note_can_be_said_in_both_languages(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    write_quarter(workspace, "2023Q2")
    rows = [["丙街", "若干", 30, 10, 20, 6, 7], *GRID_ROWS[:2]]
    grid(workspace, relabelled(("调解员", "人民调解员"), extra="新栏"), [[*row, 1] for row in rows])
    for lang in ("zh", "en"):
        captions = load_captions(workspace, lang)
        for proposal in proposed(workspace):
            assert "{" not in proposal.note(captions)
            assert proposal.as_record(captions)["note"]
