"""The workbook of tables: the page's figures as numbers, in sheets that anyone can work with."""

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import openpyxl
import page as reading
import pytest
from bs4 import Tag
from conftest import Made
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from nianbao.captions import load_captions
from nianbao.indicators import NOTES
from nianbao.report import Report
from nianbao.spreadsheets.pages import Column, Page, distinct
from nianbao.spreadsheets.paint import Frame, add_styles, as_text, number_format, paint
from nianbao.workspace import PROJECT, Workspace

pytestmark = pytest.mark.xdist_group("report")  # the reports are made once, by one worker

PERIODS = ("2023", "2024Q3")
HOSTILE = (
    "=cmd|'/c calc'!A1",
    "+1+1",
    "-2",
    "@SUM(A1)",
    "<script>alert(1)</script>",
    "{{7*7}}",
    "$\\frac{1}{2}$",
    "#N/A",
    "_x0041_",
    "='[1]甲'!A1",
)
FRAME = Frame(("某局", "第&P页"), ("返回", "目录"))

Book = tuple[Report, str, Workbook]


@pytest.fixture(params=PERIODS)
def made(request: pytest.FixtureRequest, report_of: Callable[[str], Made]) -> Book:
    """A report, its page, and its workbook."""
    report, html = report_of(request.param)
    report.save_tables()
    return report, html, openpyxl.load_workbook(report.folder / "tables.xlsx")


def records(sheet: Worksheet) -> list[dict[str, object]]:
    """The rows of a sheet's one table by their heads."""
    (area,) = sheet.tables.values()
    head, *rows = sheet[area.ref]
    names = [str(cell.value) for cell in head]
    return [dict(zip(names, (cell.value for cell in row), strict=True)) for row in rows]


# --- the same figures as the page -----------------------------------------------------------------


def test_every_figure_of_the_pages_tables_stands_in_the_workbook(made: Book) -> None:
    report, html, book = made
    known = set(told(report, book))
    shown = list(figures_of_tables(html))
    assert [one for one in shown if one not in known] == []
    assert len(shown) > 500


def test_a_figure_that_differs_would_be_found(made: Book) -> None:
    report, html, book = made
    rows = book["指标"].tables["values"].ref
    book["指标"][rows][1][5].value += 1
    known = set(told(report, book))
    assert [one for one in figures_of_tables(html) if one not in known] != []


Figure = tuple[str, str, str, Decimal]


def figures_of_tables(html: str) -> Iterator[Figure]:
    """Every figure in a table of the page: indicator, place, column and number."""
    for table in reading.parse(html).select("table.data"):
        for found in table.select("data"):
            assert isinstance(found, Tag)
            which = [str(found[f"data-{name}"]) for name in ("indicator", "place", "column")]
            yield which[0], which[1], which[2], Decimal(str(found["value"]))


def told(report: Report, book: Workbook) -> Iterator[Figure]:
    """Every number of the workbook in the same terms; the page says amounts without their sign."""
    district = report.catalogue.district
    columns = {"本期数": "value", "上年数": "previous", "变化": "change"}
    for row in records(book["指标"]):
        yield from _told(row, str(row["指标代码"]), district, columns)
    columns = {"本期数": "value", "目标": "target", "差距": "gap", "完成%": "attainment"}
    columns |= {"序时%": "pace", "每季度需": "required_per_quarter"}
    for row in records(book["目标"]):
        yield from _told(row, str(row["指标代码"]), district, columns)
    heads = {}
    for name in report.catalogue.outline.township_table:
        one = report.catalogue.indicators[name]
        heads[f"{one.name}（{one.unit}）" if one.unit else str(one.name)] = name
    for row in records(book["镇街"]):
        for head, name in heads.items():
            yield from _told(row, name, str(row["单位代码"]), {head: "value"})


def _told(
    row: dict[str, object], name: str, place: str, columns: dict[str, str]
) -> Iterator[Figure]:
    for head, column in columns.items():
        number = row[head]
        if isinstance(number, int | float):
            exact = Decimal(str(number))
            yield name, place, column, abs(exact) if column in ("change", "gap") else exact


def test_a_number_is_a_number_and_looks_as_it_is_printed(made: Book) -> None:
    report, _, book = made
    (area,) = book["指标"].tables.values()
    head, *rows = book["指标"][area.ref]
    value = [cell.value for cell in head].index("本期数")
    for row in rows:
        said = report.narrator.said(str(row[1].value))
        if said.known:
            number, text = row[value], said.value_text
            assert isinstance(number.value, int | float)
            assert number.number_format == number_format(Decimal(text))
            assert f"{number.value:.{len(text.partition('.')[2])}f}" == text
        else:
            assert row[value].value in ("[缺报]", "[不适用]", "[不公开]")


def test_the_words_are_those_of_the_page(made: Book) -> None:
    report, html, book = made
    page = reading.parse(html)
    rows = {row["指标代码"]: row for row in records(book["指标"])}
    for name in ("mediation_cases", "mediation_success_rate", "legal_aid_cases"):
        assert str(rows[name]["比较"]) in page.get_text()
    standings = {row["指标代码"]: row for row in records(book["目标"])}
    for line in page.select("table.targets tbody tr"):
        link = line.select_one("td.basis a")
        assert link is not None
        row = standings[str(link["href"]).removeprefix("#basis-")]
        shown = line.select_one(".standing")
        assert shown is not None
        assert (row["判断"], row["依据"]) == (shown.text, link.text)
    assert len(records(book["数据质量"])) == len(report.table("findings"))


# --- sheets that anyone can work with -------------------------------------------------------------


def test_the_contents_lead_to_every_sheet(made: Book) -> None:
    _, _, book = made
    contents, *others = book.worksheets
    assert contents["A1"].value is not None
    rows = records(contents)
    assert [row["工作表"] for row in rows] == [sheet.title for sheet in others]
    assert [row["内容"] for row in rows] == [str(sheet["A1"].value) for sheet in others]
    assert [row["行数"] for row in rows] == [len(records(sheet)) for sheet in others]
    links = [cell.hyperlink.location for row in contents for cell in row if cell.hyperlink]
    assert links == [f"'{sheet.title}'!A1" for sheet in others]
    text = " ".join(str(cell.value) for (cell,) in contents["A1:A8"])
    assert "示例区司法局" in text
    assert "样本数据" in text


def test_every_sheet_is_one_table_below_its_title(made: Book) -> None:
    _, _, book = made
    for sheet in book:
        (area,) = sheet.tables.values()
        assert re.fullmatch(r"[a-z]+", area.displayName)
        rows = sheet[area.ref]
        first, last = rows[0][0], rows[-1][-1]
        assert (last.row, last.column) == (sheet.max_row, sheet.max_column)
        assert [row[0].value for row in sheet.iter_rows(max_row=first.row)].count(None) == 0
        heads = [str(cell.value) for cell in rows[0]]
        assert [column.name for column in area.tableColumns] == heads
        assert len(set(heads)) == len(heads)
        assert all(any(cell.value is not None for cell in row) for row in rows)
        assert sheet.merged_cells.ranges == set()
        assert sheet.sheet_state == "visible"


def test_no_column_of_numbers_has_an_empty_cell(made: Book) -> None:
    _, _, book = made
    for name in ("指标", "镇街", "目标"):
        for row in records(book[name]):
            for head in set(row) - {"附注", "比较", "单位", "依据说明"}:
                assert row[head] is not None, (name, head, row)


def test_every_sheet_prints_on_a4_with_its_head_on_every_page(made: Book) -> None:
    _, _, book = made
    for sheet in book:
        (area,) = sheet.tables.values()
        head = int(re.sub(r"\D", "", area.ref.partition(":")[0]))
        assert sheet.print_title_rows == f"${head}:${head}"
        assert str(sheet.freeze_panes)[1:] == str(head + 1)
        assert str(sheet.page_setup.paperSize) == sheet.PAPERSIZE_A4
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.oddFooter.left.text == "示例区司法局"
        assert sheet.oddFooter.right.text == "第&P页，共&N页"


def test_the_workbook_has_no_formula_no_macro_and_no_link_to_another_file(made: Book) -> None:
    report, _, _ = made
    with zipfile.ZipFile(report.folder / "tables.xlsx") as package:
        assert {entry.date_time for entry in package.infolist()} == {(2000, 1, 1, 0, 0, 0)}
        for name in package.namelist():
            content = package.read(name).decode()
            assert "TargetMode" not in content, name
            assert not name.endswith((".bin", ".vml")), name
            if name.startswith("xl/worksheets/"):
                assert "<f>" not in content, name
        core = package.read("docProps/core.xml").decode()
    assert re.findall(r"creator[^>]*>([^<]+)<", core) == ["示例区司法局"]
    assert "lastModifiedBy" not in core
    assert set(re.findall(r">(\d{4}-[^<]*)<", core)) == {"2000-01-01T00:00:00Z"}


def test_the_same_report_gives_the_same_bytes(made: Book) -> None:
    report, _, _ = made
    first = (report.folder / "tables.xlsx").read_bytes()
    again = Report.open(str(report.workspace.root), report.period.name)
    again.save_tables()
    assert (report.folder / "tables.xlsx").read_bytes() == first


# --- what has no number, and what looks like one --------------------------------------------------


def test_what_is_not_there_is_said_to_be_missing_or_not_to_belong(
    report_of: Callable[[str], Made],
) -> None:
    report, _ = report_of("2023")
    report.save_tables()
    rows = {
        row["指标代码"]: row
        for row in records(openpyxl.load_workbook(report.folder / "tables.xlsx")["指标"])
    }
    closed = rows["supervised_issue_closure_rate"]
    assert (closed["本期数"], closed["上年数"], closed["变化"]) == ("[不适用]",) * 3
    assert closed["附注"] == "本期没有应计事项，不计算；上年没有应计事项，不作比较"
    restated = rows["legal_aid_cases"]
    assert restated["附注"] is not None
    assert "上年数已重述" in str(restated["附注"])


def test_a_withheld_number_is_withheld_and_what_is_lacking_is_said(
    report_of: Callable[[str], Made],
) -> None:
    done, _ = report_of("2023")
    report = Report.open(str(done.workspace.root), "2023")
    values = report.table("values")
    at = (values["indicator"] == "mediation_cases") & (values["place"] == "S13")
    values.loc[at, "note"] = "withheld"
    tables = {"values": values}
    report.table = lambda name: tables[name] if name in tables else done.table(name)  # type: ignore[method-assign]
    report._missing_inputs = lambda: [{}, {}]  # type: ignore[method-assign]
    report.save_tables()
    book = openpyxl.load_workbook(report.folder / "tables.xlsx")
    done.save_tables()
    withheld = [row for row in records(book["镇街"]) if "[不公开]" in row.values()]
    assert [row["单位代码"] for row in withheld] == ["S13"]
    assert withheld[0]["人民调解受理案件（件）"] == "[不公开]"
    lines = [str(cell.value) for (cell,) in book["目录"]["A2:A7"]]
    assert "本报告不完整：2项资料未收到或未通过核对，见“数据质量”。" in lines


def test_every_note_and_kind_has_its_words_in_both_languages() -> None:
    for lang in ("zh", "en"):
        texts = load_captions(Workspace(PROJECT), lang, "tables.yml").texts
        assert set(NOTES) <= set(texts["notes"])
        assert set(texts["sheets"]) - {"contents"} == set(texts["abouts"])
        assert set(texts["sheets"]) == set(texts["titles"])
        assert set(texts["kinds"]) == set(texts["kind_meanings"])
        for name in texts["sheets"].values():
            assert len(name) <= 31
            assert not set(name) & set(":\\/?*[]'")


def test_the_english_workbook_has_the_same_numbers(report_of: Callable[[str], Made]) -> None:
    report, _ = report_of("2023")
    report.save_tables()
    chinese = openpyxl.load_workbook(report.folder / "tables.xlsx")
    english = Report.open(str(report.workspace.root), "2023", "en")
    english.save_tables()
    book = openpyxl.load_workbook(english.folder / "tables.xlsx")
    report.save_tables()
    assert [sheet.title for sheet in book][:2] == ["Contents", "Indicators"]
    for sheet, other in zip(book, chinese, strict=True):
        (area,) = sheet.tables.values()
        for row, twin in zip(
            sheet[area.ref], other[other.tables[area.displayName].ref], strict=True
        ):
            for cell, same in zip(row, twin, strict=True):
                if isinstance(cell.value, int | float) or isinstance(same.value, int | float):
                    assert (cell.value, cell.number_format) == (same.value, same.number_format)


def drawn(page: Page) -> tuple[Worksheet, dict[str, str]]:
    """A page as it is read back, and the parts of its file."""
    book = Workbook()
    book.remove(book.worksheets[0])
    add_styles(book, "Arial")
    paint(book.create_sheet(page.name), page, FRAME)
    written = io.BytesIO()
    book.save(written)
    with zipfile.ZipFile(written) as package:
        parts = {name: package.read(name).decode() for name in package.namelist()}
    return openpyxl.load_workbook(written).worksheets[0], parts


def test_text_that_looks_like_a_formula_stays_text() -> None:
    columns = (Column("=头()", "name"), Column("@b", "words"))
    page = Page("values", "甲", "=标题", ("+注",), columns, tuple((t, t) for t in HOSTILE))
    sheet, parts = drawn(page)
    rows = [row for row in sheet.iter_rows() if row[1].value is not None]
    shown = [cell for row in rows[1:] for cell in row]
    assert [cell.data_type for cell in shown] == ["s"] * len(shown)
    assert [cell.value for cell in shown] == [as_text(t) for t in HOSTILE for _ in columns]
    assert [cell.quotePrefix for cell in (shown[0], shown[2], shown[4], shown[6])] == [True] * 4
    assert not any("<f>" in content for content in parts.values())
    assert "xl/externalLinks/externalLink1.xml" not in parts


def test_a_cell_holds_what_it_can_hold() -> None:
    assert as_text("甲\x00乙\x1f") == "甲\ufffd乙\ufffd"
    assert as_text("_x0041_") == "_x005F_x0041_"
    assert as_text("\ud800") == "?"
    assert as_text("长" * 40_000) == "长" * 32_766 + "…"


def test_a_number_is_shown_with_the_decimals_it_was_rounded_to() -> None:
    formats = [number_format(Decimal(text)) for text in ("12", "98.0", "0.228", "-3.5")]
    assert formats == ["0", "0.0", "0.000", "0.0"]
    assert number_format(18) == "0"
    page = Page("p", "甲", "题", (), (Column("数", "number"),), ((Decimal("98.0"),), (7,)))
    sheet, _ = drawn(page)
    assert [sheet.cell(r, 1).value for r in (4, 5)] == [98, 7]
    assert [sheet.cell(r, 1).number_format for r in (4, 5)] == ["0.0", "0"]


def test_heads_of_the_same_words_are_told_apart_by_their_code() -> None:
    heads = distinct([("满意度（%）", "a"), ("满意度（%）", "b"), ("满意度（%）", "b"), ("", "c")])
    assert heads[:2] == ("满意度（%）", "满意度（%） b")
    assert len(set(heads)) == 4
    assert heads[3] == "c"


def test_wide_texts_make_rows_high_enough() -> None:
    long = "很长的说明" * 40
    sheet, _ = drawn(Page("p", "甲", "题", (), (Column("甲", "words"),), (("短",), (long,))))
    heights = [sheet.row_dimensions[r].height for r in (3, 4, 5)]
    assert heights[2] > 4 * heights[1]
    assert all(low <= high for low, high in pairwise(heights))


def test_a_workspace_may_word_the_sheets_anew(tmp_path: Path) -> None:
    (tmp_path / "wording").mkdir()
    text = "sheets:\n  values: {zh: 指标表, en: Table of indicators}\n"
    (tmp_path / "wording" / "tables.yml").write_text(text, encoding="utf-8")
    words = load_captions(Workspace(tmp_path), "zh", "tables.yml")
    assert words.say("sheets", "values") == "指标表"
    assert words.say("sheets", "notes") == "说明"
