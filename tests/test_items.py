"""Items of a grid: the kinds of numbers that their cells hold."""

from pathlib import Path

import pytest
from workspaces import (
    Row,
    cleaned,
    codes,
    fact,
    has_fact,
    one,
    said,
    small_workspace,
    write_xlsx,
)

from nianbao.cleaning import Cleaned

KINDS = """\
form: T
name: {zh: 指标, en: Items}
department: 办公室
tables:
  kinds:
    kind: grid
    title: 指标表
    rows: label
    row_groups: [[类别]]
    row_label: [指标]
    words: {"…": below_unit}
    versions: {2022: {columns: {value: [数值], second: [数值]}}}
    items:
      growth: {zh: 自然增长, unit: 人, signed: true, row: 人口›自然增长, column: value}
      growth_before: {zh: 上年自然增长, unit: 人, signed: true, row: 人口›自然增长, column: second}
      death_rate: {zh: 死亡率, unit: ‰, type: rate, at_most: 50, row: 人口›死亡率, column: value}
      share: {zh: 准确率, unit: "%", type: rate, fraction: true, row: 补贴›准确率, column: value}
      other_share:
        {zh: 其他准确率, unit: "%", type: rate, fraction: true, row: 其他›准确率, column: value}
"""
HEAD: list[Row] = [["指标表"], ["类别", "指标", "数值", "数值"]]
ROWS: list[Row] = [
    ["人\n口", "自然增长", -832, 12],
    [None, "死亡率", 6.81, None],
    ["补贴", "准确率", 1.0, None],
    ["其他", "准确率", "≥90%", None],
]


def read(tmp_path: Path, rows: list[Row], head: list[Row] = HEAD) -> Cleaned:
    workspace = small_workspace(tmp_path)
    (tmp_path / "catalogue/forms/T.yml").write_text(KINDS, encoding="utf-8")
    for name in ("indicators.yml", "targets/2024.yml"):
        (tmp_path / "catalogue" / name).write_text("{}\n", encoding="utf-8")
    (tmp_path / "catalogue/outline.yml").write_text("sections: {}\n", encoding="utf-8")
    write_xlsx(workspace.raw / "2023Q1/t.xlsx", {"表": [*head, *rows]}, ("A3:A4",))
    return cleaned(workspace)


def with_row(tmp_path: Path, number: int, value: object) -> Cleaned:
    rows = [list(row) for row in ROWS]
    rows[number][2] = value
    return read(tmp_path, list(rows))


def test_rows_of_the_same_label_are_told_apart_by_their_group(tmp_path: Path) -> None:
    got = read(tmp_path, ROWS)
    assert (fact(got, "share").cell, fact(got, "other_share").cell) == ("C5", "C6")
    assert fact(got, "death_rate").cell == "C4"  # the group's cell is merged over two rows
    assert codes(got) == {"W_APPROXIMATE": 1}


def test_a_label_that_the_form_has_twice_is_read_from_left_to_right(tmp_path: Path) -> None:
    got = read(tmp_path, ROWS)
    assert (fact(got, "growth").value, fact(got, "growth_before").value) == (-832, 12)


def test_a_label_that_stands_once_too_often_is_nobodys(tmp_path: Path) -> None:
    got = read(tmp_path, [[*row, 3] for row in ROWS], [HEAD[0], [*HEAD[1], "数值"]])
    assert not has_fact(got, "growth", "D0")
    assert codes(got)["E_HEADER"]


@pytest.mark.parametrize(
    ("typed", "value", "qualifier"),
    [(1.0, "100", "="), (0.985, "98.5", "="), ("98.5%", "98.5", "="), ("≧95%", "95", ">=")],
)
def test_a_bare_share_is_a_fraction_and_one_with_its_sign_is_not(
    typed: object, value: str, qualifier: str, tmp_path: Path
) -> None:
    found = fact(with_row(tmp_path, 2, typed), "share")
    assert (str(found.value), found.qualifier) == (value, qualifier)


def test_a_rate_without_its_decimal_point_is_an_error(tmp_path: Path) -> None:
    got = with_row(tmp_path, 1, 681)
    found = one(got, "E_RATIO")
    assert (found.cell, found.words["raw"], found.words["detail"]) == ("C4", "681", "≤50")
    assert "681" in said(small_workspace(tmp_path / "words"), found)
    assert not has_fact(got, "death_rate", "D0")


def test_less_than_one_unit_is_at_most_one(tmp_path: Path) -> None:
    found = fact(with_row(tmp_path, 0, "…"), "growth")
    assert (found.value, found.qualifier, found.raw) == (1, "<=", "…")


def test_a_form_that_comes_back_empty_is_empty_and_not_zero(tmp_path: Path) -> None:
    got = read(tmp_path, [[*row[:2], None, None] for row in ROWS])
    assert codes(got)["E_EMPTY"] == 1
    assert not codes(got)["W_MISSING"]
    assert not has_fact(got, "growth", "D0")
