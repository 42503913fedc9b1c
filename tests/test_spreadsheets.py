"""The workbook of tables: the page's figures as numbers, in sheets that anyone can work with."""

import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
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
from nianbao.printing import Said
from nianbao.report import Report
from nianbao.revised import Compared, SaidRevision
from nianbao.revisions import Cause, Revision
from nianbao.schema import records as records_of
from nianbao.spreadsheets.pages import Column, Page, distinct
from nianbao.spreadsheets.paint import Frame, add_styles, as_text, number_format, paint
from nianbao.withholding import MARK
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
    assert_the_same(report, html, book)


def test_the_english_pages_figures_stand_in_the_english_workbook(
    report_of: Callable[[str], Made],
) -> None:
    done, _ = report_of("2023")
    report = Report.open(str(done.workspace.root), "2023", "en")
    report.headlines()
    report.sections()
    report.appendices()
    report.save_tables()
    book = openpyxl.load_workbook(report.folder / "tables.xlsx")
    done.save_tables()
    assert_the_same(report, "\n".join(report.shown), book)


def assert_the_same(report: Report, html: str, book: Workbook) -> None:
    known = set(told(report, book))
    shown = list(figures_of_tables(html))
    assert [one for one in shown if one not in known] == []
    assert len(shown) > 1000


def test_a_figure_that_differs_would_be_found(made: Book) -> None:
    report, html, book = made
    rows = book["指标"].tables["values"].ref
    book["指标"][rows][1][5].value += 1
    known = set(told(report, book))
    assert [one for one in figures_of_tables(html) if one not in known] != []


Figure = tuple[str, str, str, Decimal]
COMPARED = {"value": "value", "previous": "previous", "change": "change"}
AGAINST = {name: name for name in ("value", "target", "gap", "attainment", "pace")}
AGAINST |= {"required": "required_per_quarter"}


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
    for row in keyed(report, book, "values"):
        yield from _told(row, str(row["code"]), district, COMPARED)
    for row in keyed(report, book, "standings"):
        yield from _told(row, str(row["code"]), district, AGAINST)
    for row in keyed(report, book, "places"):
        yield from _told(row, str(row["code"]), str(row["place_code"]), COMPARED)
    for row in keyed(report, book, "quarters"):
        quarter = str(row["period"])[-1]
        columns = {"value": f"quarter_{quarter}", "previous": f"previous_quarter_{quarter}"}
        yield from _told(row, str(row["code"]), district, columns)


def keyed(report: Report, book: Workbook, sheet: str) -> list[dict[str, object]]:
    """The rows of a sheet by what programs call its columns, whatever its language."""
    words = load_captions(report.workspace, report.lang, "tables.yml").texts
    names = {head: name for name, head in reversed(words["columns"].items())}
    rows = records(book[words["sheets"][sheet]])
    return [{names[head]: cell for head, cell in row.items()} for row in rows]


def _told(
    row: dict[str, object], name: str, place: str, columns: dict[str, str]
) -> Iterator[Figure]:
    for key, column in columns.items():
        number = row[key]
        if isinstance(number, int | float):
            exact = Decimal(str(number))
            yield name, place, column, abs(exact) if column in ("change", "gap") else exact


def test_the_townships_sheet_says_what_the_sheet_of_places_says(made: Book) -> None:
    report, _, book = made
    wanted = report.catalogue.outline.township_table
    known = {
        (row["code"], row["place_code"]): row["value"] for row in keyed(report, book, "places")
    }
    compared = [
        (known.get((name, cells[1]), "[不适用]"), cell)
        for cells in (tuple(row.values()) for row in records(book["镇街"]))
        for name, cell in zip(wanted, cells[2:], strict=True)
    ]
    assert len(compared) == 18 * len(wanted)
    assert [pair for pair in compared if pair[0] != pair[1]] == []


def test_every_row_of_the_computed_tables_stands_in_its_sheet(made: Book) -> None:
    report, _, book = made
    district = report.catalogue.district
    sheets = {
        (row["code"], row.get("place_code", district)): row
        for name in ("values", "places")
        for row in keyed(report, book, name)
    }
    values = [
        row
        for row in records_of(report.show_values())
        if report.catalogue.indicators[row["indicator"]].over_time != "done"
        and report.catalogue.collected(row["indicator"], report.period)
    ]
    assert {(row["indicator"], row["place"]) for row in values} == set(sheets)
    assert differing(values, lambda r: sheets[r["indicator"], r["place"]], COMPARED) == []

    targets = {(row["code"], row["target_year"]): row for row in keyed(report, book, "standings")}
    standings = [
        row
        for row in records_of(report.show_standings())
        if report.catalogue.indicators[row["indicator"]].over_time != "done"
        and (row["indicator"], int(row["target_year"] or 0)) in targets
    ]
    assert len(standings) >= 40
    columns = ("target", "gap", "attainment", "pace")
    assert (
        differing(standings, lambda r: targets[r["indicator"], int(r["target_year"])], columns)
        == []
    )


def differing(
    rows: list[dict[str, str]],
    twin: Callable[[dict[str, str]], dict[str, object]],
    columns: Iterable[str],
) -> list[object]:
    """The cells that do not say what a table says: its number, or in brackets why there is none."""
    return [
        (row, column, cell)
        for row in rows
        for column in columns
        if not _same(row[column], cell := twin(row)[column])
    ]


def _same(text: str, cell: object) -> bool:
    if isinstance(cell, int | float):
        return text not in ("", MARK) and Decimal(text) == Decimal(str(cell))
    return cell == "[不公开]" if text == MARK else text == ""


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
    for name in ("指标", "镇街", "各单位", "各季度", "目标"):
        for row in records(book[name]):
            for head in set(row) - {"附注", "比较", "依据说明"}:
                assert row[head] is not None, (name, head, row)


def test_blank_cells_are_explained_above_their_table(made: Book) -> None:
    _, _, book = made
    for sheet in book:
        blank = any(cell is None for row in records(sheet) for cell in row.values())
        notes = [str(cell.value) for (cell,) in sheet["A1:A7"]]
        assert any(note.startswith("空白格") for note in notes) == blank, sheet.title


def test_every_sheet_prints_on_a4_with_its_head_on_every_page(made: Book) -> None:
    _, _, book = made
    for sheet in book:
        (area,) = sheet.tables.values()
        head = int(re.sub(r"\D", "", area.ref.partition(":")[0]))
        assert sheet.print_title_rows == f"${head}:${head}"
        assert str(sheet.freeze_panes)[1:] == str(head + 1)
        assert str(sheet.page_setup.paperSize) == sheet.PAPERSIZE_A4
        width = sum(one.width for one in sheet.column_dimensions.values())
        across = sheet.page_setup.fitToWidth
        assert width / across <= 200  # smaller type could not be read
        assert sheet.print_title_cols == ("$A:$A" if across > 1 else None)
        assert sheet.page_setup.fitToHeight == 0
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


def test_a_revised_number_stands_with_its_former_one_and_every_cause(
    report_of: Callable[[str], Made],
) -> None:
    done, _ = report_of("2023")
    assert "数字的修订" not in openpyxl.load_workbook(saved(done)).sheetnames
    report = Report.open(str(done.workspace.root), "2023")
    item = next(iter(report.catalogue.indicators["mediation_cases"].items))
    cell = Cause("cell", "S01", item, "data/raw/2023Q4/甲.xlsx", "调解", "I8", was="=1+1", now="9")
    revision = Revision(
        "release", "mediation_cases", "S01", "value", Decimal(660), Decimal(669), (cell,) * 5
    )
    said = Said(report.figures.figure("mediation_cases", "S01"), report.catalogue)
    row = SaidRevision(revision, said)
    report.__dict__["_compared"] = (Compared("release", (), (row,), (), (), ()),)
    book = openpyxl.load_workbook(saved(report))
    saved(done)
    (told,) = records(book["数字的修订"])
    assert (told["单位名称"], told["数别"], told["与何相比"]) == (
        "青穗街道",
        "本期数",
        "上一版报告",
    )
    assert (told["原公布"], told["现为"], told["相差"], told["单位"]) == (660, 669, 9, "件")
    assert "data/raw/2023Q4/甲.xlsx › 调解 › I8" in str(told["原因"])
    assert str(told["原因"]).endswith("；另有2处改动")


def saved(report: Report) -> Path:
    """The workbook of a report, written anew."""
    report.save_tables()
    return report.folder / "tables.xlsx"


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


def test_the_english_workbook_has_the_same_numbers(made: Book) -> None:
    report, _, chinese = made
    english = Report.open(str(report.workspace.root), report.period.name, "en")
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
