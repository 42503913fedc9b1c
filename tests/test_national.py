"""The national workspace: real published figures, read and reported without a line of Python."""

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from conftest import write_report
from page import figures, parse, stray_numerals

from nianbao import schema
from nianbao.workspace import PROJECT

pytestmark = pytest.mark.xdist_group("national")  # published once, by one worker

NATIONAL = PROJECT / "examples" / "national"
FACTS = PROJECT.parent / "shared" / "realdata" / "FACTS.json"
BASIC = "律师公证调解基本情况（1978—2014年）.xlsx"

# From the yearbook's pages: what the report of 2014 and its base have to say.
GOLDEN = {
    ("disputes_mediated", "2014"): "933.0",
    ("disputes_mediated", "2013"): "943.9429",
    ("disputes_mediated", "2002"): "314.1",
    ("lawyer_staff", "2014"): "271452",
    ("lawyer_staff", "2012"): "232384",
    ("law_firms", "2014"): "22166",
    ("mediation_committees", "2014"): "80.3",
    ("notarial_documents", "2014"): "1221.6",
    ("notary_offices", "2014"): "3006",
    ("lawyers_fulltime", "1984"): "4947",
    ("notaries", "2006"): "21362",
    ("disputes_by_kind", "2014"): "9330000",
    ("disputes_by_kind", "2002"): "4636157",
    ("disputes_neighbours", "2014"): "2361000",
    ("disputes_family", "2014"): "1842000",
    ("disputes_housing", "2014"): "647000",
    ("disputes_damages", "2014"): "727000",
}
ITEM_OF = {
    "调解民间纠纷": "disputes_mediated",
    "律师工作人员": "lawyer_staff",
    "律师事务所数": "law_firms",
    "人民调解委员会": "mediation_committees",
    "办理公证文书": "notarial_documents",
    "公证处": "notary_offices",
    "专职律师数": "lawyers_fulltime",
    "公证员": "notaries",
    "调解纠纷数合计": "disputes_by_kind",
    "调解邻里纠纷数": "disputes_neighbours",
    "调解婚姻家庭纠纷数": "disputes_family",
    "调解房屋、宅基地纠纷数": "disputes_housing",
    "调解损害赔偿纠纷数": "disputes_damages",
}


def national(root: Path) -> Path:
    """A copy of the workspace as it is committed, without what runs have left in it."""
    left = shutil.ignore_patterns("outputs", "processed", "quarantine")
    return Path(shutil.copytree(NATIONAL, root / "national", ignore=left))


def published(workspace: Path, year: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(PROJECT / "pipeline.py"), "--year", str(year)]
    return subprocess.run(
        [*command, "--workspace", str(workspace), "--quiet"],
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace with its report of 2014 published."""
    root = national(tmp_path_factory.mktemp("examples"))
    run = published(root, 2014)
    assert run.returncode == 0, run.stderr
    return root


@pytest.fixture(scope="module")
def page(workspace: Path) -> str:
    return (workspace / "outputs" / "2014" / "report.html").read_text(encoding="utf-8")


def table(workspace: Path, name: str, year: int = 2014) -> list[dict[str, str]]:
    return schema.records(schema.read_table(name, workspace / "data" / "processed" / str(year)))


def numbers(workspace: Path) -> Mapping[tuple[str, str], Decimal]:
    """(item, year) → the number, in the report's two years and in all years before them."""
    rows = [*table(workspace, "history"), *table(workspace, "facts")]
    found = {(row["item"], row["period"]): Decimal(row["value"]) for row in rows}
    assert len(found) == len(rows)
    return found


def test_the_workspace_holds_no_python():
    assert not [p for p in NATIONAL.rglob("*") if p.suffix in (".py", ".ipynb") and tracked(p)]


def tracked(path: Path) -> bool:
    return "outputs" not in path.relative_to(NATIONAL).parts


# ── 2014: the yearbook ───────────────────────────────────────────


@pytest.mark.parametrize(("item", "year"), GOLDEN)
def test_a_number_is_the_yearbooks(workspace: Path, item: str, year: str):
    assert numbers(workspace)[item, year] == Decimal(GOLDEN[item, year])


def test_both_series_are_there_whole(workspace: Path):
    found = numbers(workspace)
    form = {row["item"]: row["form"] for row in table(workspace, "facts")}
    form |= {row["item"]: row["form"] for row in table(workspace, "history")}
    basic = {key for key in found if form[key[0]] == "N1"}
    assert len(basic) == 644  # of 37 years by 22 columns
    assert len({item for item, _ in basic}) == 22
    assert {year for _, year in found} == {str(year) for year in range(1984, 2015)}


def test_the_facts_hold_the_reports_year_and_the_one_before(workspace: Path):
    assert {row["period"] for row in table(workspace, "facts")} == {"2013", "2014"}


def test_the_figures_equal_those_of_the_facts_file(workspace: Path):
    if not FACTS.exists():
        pytest.skip("../shared/realdata is not here")
    found, compared = numbers(workspace), 0
    for fact in json.loads(FACTS.read_text(encoding="utf-8"))["facts"]:
        series, _, rest = fact["id"].partition(".")
        name, _, year = rest.rpartition(".")
        if series == "nbs" and name in ITEM_OF:
            assert found[ITEM_OF[name], year] == Decimal(str(fact["expected"])), fact["id"]
            compared += 1
    assert compared == 16


def test_the_report_prints_the_years_figures_rounded_as_the_catalogue_says(page: str):
    printed = {
        (one["data-indicator"], one["data-period"], one["data-column"]): one["value"]
        for one in figures(parse(page))
    }
    assert printed["disputes_mediated", "2014", "value"] == "933.0"
    assert printed["disputes_mediated", "2014", "previous"] == "943.9"
    # (943.9429 − 933.0) ÷ 943.9429 = 1.16 %; the verb says the direction
    assert printed["disputes_mediated", "2014", "change"] == "1.2"
    assert printed["lawyer_staff", "2014", "value"] == "271452"
    # 9,330,000 − 2,361,000 − 1,842,000 − 647,000 − 727,000: other kinds, and no error
    assert printed["disputes_other", "2014", "value"] == "3753000"
    # 244,255 ÷ 271,452 = 89.98 %
    assert printed["fulltime_share", "2014", "value"] == "90.0"
    assert printed["lawyers_fulltime", "1984", "value"] == "4947"


def test_every_figure_opens_a_source_with_its_cell(page: str):
    tree = parse(page)
    cards = {card["id"]: card.get_text() for card in tree.find_all("div", class_="card-source")}
    for figure in figures(tree):
        button = figure.find_parent("button")
        assert button is not None
        assert button["popovertarget"] in cards, figure
    assert "1984年" in cards["s-lawyers_fulltime-CN-1984"]
    assert f"{BASIC} › 基本情况 › D12" in cards["s-lawyers_fulltime-CN-1984"]
    assert "943.9429" in cards["s-disputes_mediated-CN"]  # the base as the yearbook prints it


def test_every_numeral_is_marked(page: str):
    assert not list(stray_numerals(parse(page)))


def test_nothing_is_said_of_targets_townships_or_a_sample(page: str):
    text = parse(page).get_text()
    for word in ("目标依据", "镇街", "样本数据", "责任科室", "没有收到", "××", "nan", "None"):
        assert word not in text, word


def test_the_appendices_are_numbered_without_a_gap(page: str):
    titles = [h.get_text() for h in parse(page).find_all("h2") if "附录" in h.get_text()]
    names = ["指标表", "历年数据", "数据质量", "口径", "方法"]
    expected = [f"附录{n}　{name}" for n, name in zip("一二三四五", names, strict=True)]
    assert titles == expected


def test_the_charts_show_thirty_years(page: str):
    charts = {one["id"]: one.find("img")["alt"] for one in parse(page).find_all("figure")}
    assert "由1984年的674.9万件到2014年的933.0万件" in charts["chart-disputes_over_years"]
    assert "最低2002年314.1万件" in charts["chart-disputes_over_years"]


def test_2002_on_which_the_series_disagree_is_the_only_broken_identity(workspace: Path, page: str):
    broken = [row for row in table(workspace, "findings") if "IDENTITY" in row["code"]]
    (one,) = broken
    assert (one["severity"], one["code"], one["period"]) == ("warning", "W_IDENTITY", "2002")
    quality = parse(page).find(id="appendix-quality")
    assert quality is not None
    assert "314.1" in quality.get_text()
    assert "4636157" in quality.get_text()


def test_what_the_yearbook_left_blank_is_missing_and_never_nothing(workspace: Path, page: str):
    blank = {row["item"] for row in table(workspace, "findings") if row["code"] == "W_MISSING"}
    assert {"notary_staff", "notary_assistants", "documents_written"} <= blank
    gaps = parse(page).find(id="gaps")
    assert gaps is not None
    assert "公证人员" in gaps.get_text()


def test_a_year_that_repeats_the_one_before_is_a_warning(tmp_path: Path):
    root = national(tmp_path)
    path = root / "data" / "raw" / "2014" / BASIC
    workbook = openpyxl.load_workbook(path)
    sheet = workbook.active
    (row,) = (cells[0].row for cells in sheet.iter_rows() if cells[0].value == "1995年")
    for column in range(2, sheet.max_column + 1):
        sheet.cell(row, column).value = sheet.cell(row - 1, column).value
    workbook.save(path)
    _, html = write_report(str(root), "2014")
    stale = [row for row in table(root, "findings") if row["code"] == "W_SAME_NUMBERS"]
    assert [(row["severity"], row["period"]) for row in stale] == [("warning", "1995")]
    assert "1994年的22个数完全相同" in html


# ── the years after the yearbook ─────────────────────────────────


def test_2023_keeps_the_two_counts_of_reconsiderations_apart(tmp_path: Path):
    report, html = write_report(str(national(tmp_path)), "2023")
    values = {row["indicator"]: row for row in schema.records(report.table("values"))}
    assert values["review_received_report"]["value"] == "31.5"
    assert values["review_received"]["value"] == "38.50"
    assert values["published_mediation"]["value"] == "1720.0"
    assert values["published_mediation"]["change"] == "15.1"  # (1720 − 1494) ÷ 1494
    found = schema.records(report.table("findings"))
    assert [row["cell"] for row in found if row["code"] == "W_IDENTITY"] == ["C8"]
    assert not list(stray_numerals(parse(html)))
    assert "律师" in parse(html).find(id="gaps").get_text()


def test_2024_grows_as_the_ministry_says(tmp_path: Path):
    report, html = write_report(str(national(tmp_path)), "2024")
    values = {row["indicator"]: row for row in schema.records(report.table("values"))}
    assert values["review_received"]["change"] == "94.7"  # (74.96 − 38.5) ÷ 38.5
    assert values["review_closed"]["change_kind"] == "not_comparable"  # 约64
    assert values["published_mediation"]["change"] == "7.2"  # (1843.7 − 1720) ÷ 1720
    assert "约64.0" in parse(html).get_text()
    assert not list(stray_numerals(parse(html)))


def test_2022_keeps_what_was_only_bounded(tmp_path: Path):
    report, html = write_report(str(national(tmp_path)), "2022")
    values = {row["indicator"]: row for row in schema.records(report.table("values"))}
    assert values["published_legal_aid"]["note"].startswith("at_least")
    assert "不少于137万件" in parse(html).get_text()


def test_a_year_of_which_nothing_was_published_is_refused(tmp_path: Path):
    run = published(national(tmp_path), 2015)
    assert run.returncode == 66
    assert "E_MISSING" in run.stderr
    assert "Traceback" not in run.stderr
