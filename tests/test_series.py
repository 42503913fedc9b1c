"""Tables of years: in their rows, their sheets and their columns."""

from decimal import Decimal
from pathlib import Path

import pytest
from workspaces import (
    OFFICE,
    Row,
    cleaned,
    codes,
    fact,
    one,
    said,
    write_catalogue,
    write_csv,
    write_xlsx,
)

from nianbao.catalogue import load_catalogue
from nianbao.cleaning import Cleaned
from nianbao.errors import CatalogueError
from nianbao.rows import year_of_label, year_of_sheet
from nianbao.workspace import Workspace

YEARS = """\
form: "Y"
name: {zh: 历年调解情况, en: Mediation by year}
department: 调解科
tables:
  series:
    kind: grid
    title: 历年调解情况
    rows: year
    row_label: [年份]
    versions: {1990: {columns: {stock_before: [期初], came: [接收], left: [解除], stock: [期末]}}}
    items:
      stock_before: {zh: 期初, unit: 件, flow: opening}
      came: {zh: 接收, unit: 件}
      left: {zh: 解除, unit: 件}
      stock: {zh: 期末, unit: 件, flow: stock}
    identities: [stock_before + came - left = stock]
    carry_forward: {stock: stock_before}
  sheets:
    kind: grid
    title: 各镇街户籍
    rows: township
    row_label: [镇街]
    each_sheet: year
    totals: [全区]
    versions: {1990: {columns: {births: [出生], deaths: [死亡]}}}
    items: {births: {zh: 出生, unit: 人}, deaths: {zh: 死亡, unit: 人}}
  columns:
    kind: grid
    title: 各镇街迁移
    rows: township
    row_label: [镇街]
    each_column: year
    versions: {1990: {columns: {moved_in: [年, 迁入], moved_out: [年, 迁出]}}}
    items: {moved_in: {zh: 迁入, unit: 人}, moved_out: {zh: 迁出, unit: 人}}
"""
HEAD: Row = ["年份", "期初", "接收", "解除", "期末"]
ROWS: list[Row] = [
    ["2020年", 5, 10, 8, 7],
    ["2021年", 7, 20, 18, 9],
    ["2022年", 9, 30, 25, 14],
    ["2023年", 14, 40, 44, 10],
]


def yearbook(root: Path, form: str = YEARS) -> Workspace:
    office = OFFICE.replace("expects: {", "expects: {Y: year, ")
    workspace = write_catalogue(root, office=office)
    (root / "catalogue/forms/Y.yml").write_text(form, encoding="utf-8")
    return workspace


def book(workspace: Workspace, rows: list[Row], year: str = "2023", head: Row = HEAD) -> Path:
    return write_xlsx(workspace.raw / year / "历年.xlsx", {"表": [["历年调解情况"], head, *rows]})


def read(tmp_path: Path, *rows: Row, form: str = YEARS, year: str = "2023") -> Cleaned:
    workspace = yearbook(tmp_path, form)
    book(workspace, list(rows), year)
    return cleaned(workspace, year)


def of_series(got: Cleaned) -> dict[str, int]:
    """The codes found, what did not arrive aside."""
    return {
        code: n for code, n in codes(got).items() if code not in ("E_MISSING", "W_BASE_MISSING")
    }


# ── years in the rows ─────────────────────────────────────────────────────────


def test_only_the_reports_year_and_the_one_before_give_facts(tmp_path: Path) -> None:
    got = read(tmp_path, *ROWS)
    assert {f.period for f in got.facts} == {"2022", "2023"}
    found = fact(got, "came", "D0", "2022")
    assert (found.value, found.cell, found.raw) == (30, "C5", "30")
    assert {f.period for f in got.elsewhere} == {"2020", "2021"}
    (tally,) = got.tallies
    assert dict(tally.excluded) == {"title": 1, "head": 1, "another year": 2}
    assert (tally.accepted, tally.reconciles) == (2, True)
    assert tally.numbers_excluded == 30 + 54  # 5 + 10 + 8 + 7, 7 + 20 + 18 + 9
    assert not of_series(got)


@pytest.mark.parametrize(
    "label", ["2023年", "2023", 2023.0, "２０２３ 年", "二〇二三年", "2023年度"]
)
def test_a_year_is_read_however_it_is_typed(label: object, tmp_path: Path) -> None:
    got = read(tmp_path, *ROWS[:3], [label, 14, 40, 44, 10])
    assert fact(got, "left", "D0", "2023").value == 44


@pytest.mark.parametrize("label", ["2020—2022年", "“十三五”时期", "23年", "1899"])
def test_a_label_that_is_no_year_is_not_read(label: str, tmp_path: Path) -> None:
    got = read(tmp_path, *ROWS, [label, 1, 1, 1, 1])
    assert of_series(got) == {"W_ROW_UNKNOWN": 1}
    assert all(tally.reconciles for tally in got.tallies)


def test_years_of_the_republic_are_counted_from_1912(tmp_path: Path) -> None:
    form = YEARS.replace("rows: year", "rows: year\n    calendar: roc")
    rows: list[Row] = [["民國111年", *ROWS[2][1:]], [112, *ROWS[3][1:]]]
    assert fact(read(tmp_path, *rows, form=form), "came", "D0", "2023").value == 40
    assert year_of_label("103年", "roc") == 2014
    assert year_of_label("0", "roc") == 0


def test_years_may_stand_below_an_empty_head(tmp_path: Path) -> None:
    workspace = yearbook(tmp_path, YEARS.replace("row_label: [年份]", 'row_label: [""]'))
    folder = workspace.raw / "2023"
    folder.mkdir(parents=True)
    write_csv(folder / "y.csv", [["", *HEAD[1:]], *ROWS])
    found = fact(cleaned(workspace, "2023"), "stock", "D0", "2023")
    assert (found.value, found.cell) == (10, "E5")


def test_trouble_in_another_year_is_a_warning(tmp_path: Path) -> None:
    got = read(tmp_path, ["2020年", 5, 10, 8, 99], ["2021年", 7, "若干", 18, 9], *ROWS[2:])
    assert of_series(got) == {"W_IDENTITY": 2, "W_PARSE": 1}  # 2020 in itself, and into 2021
    assert len([f for f in got.facts if f.form == "Y"]) == 8
    assert all(tally.reconciles for tally in got.tallies)
    (parse,) = (f for f in got.findings if f.code == "W_PARSE")
    assert "若干" in said(Workspace(tmp_path), parse)


def test_trouble_in_the_reports_own_years_is_an_error(tmp_path: Path) -> None:
    got = read(tmp_path, *ROWS[:3], ["2023年", 13, 40, 44, 10])
    assert of_series(got) == {"E_IDENTITY": 2}
    carried = next(f for f in got.findings if "上年期末＝本年期初" in f.words.get("name", ""))
    assert (carried.cell, carried.period) == ("B6", "2023")


def test_a_blank_of_another_year_is_not_missed(tmp_path: Path) -> None:
    got = read(tmp_path, ["2020年", None, None, None, 7], *ROWS[1:3], ["2023年", 14, 40, None, 10])
    assert of_series(got) == {"W_MISSING": 1}


def test_one_year_twice_is_an_error(tmp_path: Path) -> None:
    got = read(tmp_path, *ROWS, ROWS[3])
    assert one(got, "E_DUP_ROW").words["known"] == "6"


def test_a_year_that_is_not_there_is_missing(tmp_path: Path) -> None:
    workspace = yearbook(tmp_path)
    book(workspace, ROWS[:3])
    missing = [
        f.words["name"] for f in cleaned(workspace, "2023").findings if f.code == "E_MISSING"
    ]
    assert any("历年调解情况" in name for name in missing)


def test_the_year_before_need_not_have_a_folder(tmp_path: Path) -> None:
    workspace = yearbook(tmp_path)
    book(workspace, ROWS)
    (workspace.raw / "2022").mkdir()
    bases = [
        f.words["name"] for f in cleaned(workspace, "2023").findings if f.code == "W_BASE_MISSING"
    ]
    assert not any("《历年调解情况》" in name for name in bases)


def test_of_two_editions_the_newer_one_counts(tmp_path: Path) -> None:
    workspace = yearbook(tmp_path)
    book(workspace, [*ROWS[:2], ["2022年", 9, 31, 26, 14]], "2022")
    book(workspace, ROWS)
    got = cleaned(workspace, "2023")
    assert fact(got, "came", "D0", "2022").value == 30
    edition = one(got, "I_EDITION")
    assert (edition.words["name"], edition.period) == ("2020、2021、2022", "2022")
    assert not codes(got)["E_UNRECONCILED"]


# ── years in the sheets and in the columns ────────────────────────────────────


def sheet(year: str, *births: int, total: int) -> list[Row]:
    rows: list[Row] = [
        [name, n, 1] for name, n in zip(["甲镇", "乙镇", "丙街道"], births, strict=True)
    ]
    return [[f"{year}年各镇街户籍"], ["镇街", "出生", "死亡"], ["全区", total, 3], *rows]


def sheets(tmp_path: Path, **by_name: list[Row]) -> Cleaned:
    workspace = yearbook(tmp_path)
    write_xlsx(workspace.raw / "2023/户籍.xlsx", dict(by_name))
    return cleaned(workspace, "2023")


def test_a_sheet_is_the_year_that_it_is_called(tmp_path: Path) -> None:
    got = sheets(
        tmp_path,
        **{
            "2023": sheet("2023", 4, 5, 6, total=15),
            "2022年": sheet("2022", 7, 8, 9, total=24),
            "2019": sheet("2019", 1, 1, 1, total=9),
        },
    )
    assert fact(got, "births", "A1", "2022").value == 7
    assert {f.period for f in got.facts} == {"2022", "2023"}
    assert of_series(got) == {"W_TOTAL_MISMATCH": 1}  # of 2019
    assert year_of_sheet("表3 2019") == 2019
    assert year_of_sheet("2018-2019") == 0


def test_a_sheet_without_a_year_or_with_two_is_set_aside(tmp_path: Path) -> None:
    got = sheets(
        tmp_path,
        **{"Sheet1": sheet("2023", 4, 5, 6, total=15), "2022": sheet("2021", 4, 5, 6, total=15)},
    )
    assert of_series(got) == {"E_YEAR": 2}
    assert not got.facts
    assert all(tally.reconciles for tally in got.tallies)


def test_columns_are_the_years_above_them(tmp_path: Path) -> None:
    workspace = yearbook(tmp_path)
    rows: list[Row] = [
        ["各镇街迁移（2021～2023）"],
        ["镇街", 2021.0, None, "2022年", None, 2023, None],
        ["镇街", *["迁入", "迁出"] * 3],
        ["合计", 6, 6, 9, 9, 12, 13],
        ["甲镇", 1, 1, 2, 2, 3, 3],
        ["乙镇", 2, 2, 3, 3, 4, 4],
        ["丙街道", 3, 3, 4, 4, 5, 5],
    ]
    merges = ("A2:A3", "B2:C2", "D2:E2", "F2:G2")
    write_xlsx(workspace.raw / "2023/迁移.xlsx", {"表": rows}, merges)
    got = cleaned(workspace, "2023")
    assert [
        (f.period, f.cell, f.value) for f in got.facts if f.place == "A2" if f.item == "moved_in"
    ] == [
        ("2022", "D6", 3),
        ("2023", "F6", 4),
    ]
    total = one(got, "E_TOTAL_MISMATCH")
    assert (total.cell, total.words["expected"]) == ("G4", "12")
    (tally,) = got.tallies
    assert tally.reconciles
    assert tally.numbers_kept == Decimal(18 + 24)
    assert of_series(got) == {"E_TOTAL_MISMATCH": 1}


# ── years that repeat one another ─────────────────────────────────────────────


def test_two_years_with_all_the_same_numbers_are_flagged(tmp_path: Path) -> None:
    form = YEARS.replace("    carry_forward: {stock: stock_before}\n", "")
    got = read(tmp_path, ROWS[0], ["2021年", *ROWS[0][1:]], *ROWS[2:], form=form)
    found = one(got, "W_SAME_NUMBERS")
    assert (found.period, found.cell, found.words["expected"]) == ("2021", "B4", "2020")
    assert (found.words["detail"], found.place) == ("4", "D0")


def test_years_that_are_alike_in_part_or_all_zero_are_no_copies(tmp_path: Path) -> None:
    rows: list[Row] = [["2020年", 0, 0, 0, 0], ["2021年", 0, 0, 0, 0], ["2022年", 0, 5, 5, 0]]
    assert not of_series(read(tmp_path, *rows, ["2023年", 0, 5, 4, 1]))


# ── what a catalogue may not say about years ──────────────────────────────────


@pytest.mark.parametrize(
    ("said_so", "instead", "complaint"),
    [
        ("[年, 迁入]", "[本年, 迁入]", "say where the year stands in the head, as 年"),
        (
            "rows: year\n",
            "rows: year\n    each_column: year\n",
            "columns that are years need rows of places",
        ),
        ("rows: year\n", "rows: year\n    row_groups: [[类]]\n", "only rows of labels stand"),
        ("each_sheet: year", "calendar: roc", "this table names no years"),
    ],
)
def test_a_form_that_contradicts_itself_is_refused(
    said_so: str, instead: str, complaint: str, tmp_path: Path
) -> None:
    workspace = yearbook(tmp_path, YEARS.replace(said_so, instead))
    with pytest.raises(CatalogueError, match=complaint):
        load_catalogue(workspace)
