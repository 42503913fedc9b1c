"""Totals: rows that are sums of others, whatever they are called."""

from pathlib import Path

from workspaces import (
    GRID,
    GRID_HEAD,
    GRID_ROWS,
    GRID_TITLE,
    Row,
    cleaned,
    codes,
    fact,
    one,
    small_workspace,
    write_xlsx,
)

from nianbao.cleaning import Cleaned

SUMS: Row = ["", 60, 57, 26, 31, 15, 19.5]


def read(tmp_path: Path, *rows: Row, declared: str = "") -> Cleaned:
    workspace = small_workspace(tmp_path)
    form = GRID.replace("    tolerance: 2\n", f"    tolerance: 2\n{declared}")
    (tmp_path / "catalogue/forms/G.yml").write_text(form, encoding="utf-8")
    write_xlsx(workspace.raw / "2023Q1/g.xlsx", {"表": [*GRID_TITLE, *GRID_HEAD, *rows]})
    return cleaned(workspace)


def test_a_total_without_a_label_is_a_total_where_the_form_says_so(tmp_path: Path) -> None:
    got = read(tmp_path, *GRID_ROWS, SUMS, declared='    totals: [""]\n')
    assert not codes(got)
    assert len([f for f in got.facts if f.item == "accepted"]) == 3


def test_a_total_without_a_label_is_nobodys_row_otherwise(tmp_path: Path) -> None:
    assert codes(read(tmp_path, *GRID_ROWS, SUMS)) == {"E_UNKNOWN_PLACE": 1}


def test_a_total_by_another_name_is_held_against_its_rows(tmp_path: Path) -> None:
    total: Row = ["全 市", 99, *SUMS[1:][1:]]
    got = read(tmp_path, total, *GRID_ROWS, declared="    totals: [全市]\n")
    found = one(got, "E_TOTAL_MISMATCH")
    assert (found.cell, found.words["found"], found.words["expected"]) == ("B5", "99", "60")


def test_shares_below_the_total_are_neither_added_nor_compared(tmp_path: Path) -> None:
    shares: Row = ["占比", 1, 0.95, 0.43, 0.52, 0.25, 0.33]
    got = read(tmp_path, *GRID_ROWS, ["合计", *SUMS[1:]], shares, declared="    shares: [占比]\n")
    assert not codes(got)
    assert fact(got, "accepted", "A3").value == 30
    tally = next(t for t in got.tallies if t.file.endswith("g.xlsx"))
    assert tally.excluded["control row"] == 2


def test_a_total_may_end_in_a_colon(tmp_path: Path) -> None:
    got = read(tmp_path, *GRID_ROWS, ["合　计：", *SUMS[1:]])
    assert not codes(got)
    assert len([f for f in got.facts if f.item == "accepted"]) == 3
