"""The finished report: complete, true to its tables, and every figure open to question."""

import base64
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import page as reading
import pytest
from bs4 import BeautifulSoup, Tag
from conftest import Made, write_report

from nianbao import schema
from nianbao.plan import required_per_quarter
from nianbao.report import Report

pytestmark = pytest.mark.xdist_group("report")  # the reports are made once, by one worker

PERIODS = ("2023", "2024Q1", "2024Q2", "2024Q3", "2022")
SOURCE = Path(__file__).parents[2] / "shared" / "reference" / "work-summary-2023.txt"


@pytest.fixture(params=PERIODS)
def made(request: pytest.FixtureRequest, report_of: Callable[[str], Made]) -> Made:
    return report_of(request.param)


def test_no_numeral_stands_outside_a_figure(made: Made) -> None:
    assert list(reading.stray_numerals(reading.parse(made[1]))) == []


def test_a_numeral_outside_a_figure_would_be_found() -> None:
    page = reading.parse("<p>共有<data value='3'>3</data>件，另有5件<time>2023年</time></p>")
    assert list(reading.stray_numerals(page)) == ["件，另有5件"]


def test_every_figure_equals_the_value_table(made: Made) -> None:
    report, html = made
    figures = reading.figures(reading.parse(html))
    expected = _printed(report)
    wrong = [
        (f["data-indicator"], f["data-place"], f["data-column"], f["value"], f.text)
        for f in figures
        if not _agrees(f, expected)
    ]
    assert wrong == []
    assert len(figures) > 500


def _agrees(figure: Tag, expected: dict[tuple[str, str, str], str]) -> bool:
    key = (str(figure["data-indicator"]), str(figure["data-place"]), str(figure["data-column"]))
    return (
        figure.text == figure["value"]
        and key in expected
        and Decimal(str(figure["value"])) == Decimal(expected[key])
    )


def _printed(report: Report) -> dict[tuple[str, str, str], str]:
    """(indicator, place, column) → the number, straight from the tables on disk."""
    found: dict[tuple[str, str, str], str] = {}
    district = report.catalogue.district
    whole = {}
    for row in schema.records(report.table("values")):
        name, place = row["indicator"], row["place"]
        if place == district:
            whole[name] = row["value"]
        for column in ("value", "previous", "numerator", "denominator"):
            found[name, place, column] = row[column]
        found[name, place, "change"] = row["change"].lstrip("-")
        found[name, place, "missing"] = str(_missing(row["note"]))
    for (name, place, column), text in list(found.items()):
        if column == "value" and text and whole.get(name):
            gap = abs(Decimal(text) - Decimal(whole[name]))
            found[name, place, "gap_to_district"] = str(gap)
    columns = {report.period.year: "quarter", report.period.year - 1: "previous_quarter"}
    for row in schema.records(report.table("series")):
        year, _, quarter = row["period"].partition("Q")
        if quarter and int(year) in columns:
            found[row["indicator"], row["place"], f"{columns[int(year)]}_{quarter}"] = row["value"]
    standings = schema.records(report.table("standings"))
    plan = [row for row in standings if row["target_year"] == str(report.narrator.plan_year)]
    for row in plan:
        for column in ("target", "gap", "attainment", "pace"):
            found[row["indicator"], district, column] = row[column].lstrip("-")
        standing = report.figures.standing(row["indicator"], district, int(row["target_year"]))
        assert standing is not None
        indicator = report.catalogue.indicators[row["indicator"]]
        required = required_per_quarter(standing, indicator, report.period).amount
        found[row["indicator"], district, "required_per_quarter"] = str(required or "")
    counts = {
        "_targets": lambda r: True,
        "_targets_met": lambda r: r["standing"] in ("met", "done"),
        "_targets_on_track": lambda r: r["standing"] == "on_track",
        "_targets_behind": lambda r: r["standing"] in ("behind", "missed", "not_done"),
        "_targets_not_measurable": lambda r: r["standing"] == "not_measurable",
        "_targets_source": lambda r: r["basis"] == "source",
        "_targets_standard": lambda r: r["basis"] == "standard",
        "_targets_assumed": lambda r: r["basis"] == "assumed",
    }
    found["_calendar_pace", district, "value"] = str(25 * (report.period.quarter or 4))
    for name, holds in counts.items():
        found[name, district, "value"] = str(sum(map(holds, plan)))
    return found


def _missing(note: str) -> int:
    for part in note.split(";"):
        if part.startswith("missing:"):
            return len(part.removeprefix("missing:").split(","))
    return 0


def test_every_figure_opens_a_source_with_its_cells(made: Made) -> None:
    report, html = made
    page = reading.parse(html)
    cards = {str(card["id"]): card for card in page.find_all(attrs={"popover": True})}
    for button in page.select("button.fig"):
        card = cards[str(button["popovertarget"])]
        figure = button.find("data")
        assert isinstance(figure, Tag)
        name = str(figure["data-indicator"])
        if name.startswith("_"):
            continue
        if report.catalogue.indicators[name].items:
            assert re.search(r"data/raw/\S+ › .+ › [A-Z]*[0-9]", card.text), name
        else:
            assert "由下列指标算出" in card.text, name


def test_a_source_card_shows_the_formula_with_its_numbers(
    report_of: Callable[[str], Made],
) -> None:
    _, html = report_of("2024Q3")
    card = reading.parse(html).find(id="s-official_court_attendance_rate-S00")
    assert isinstance(card, Tag)
    assert "公式：负责人出庭件数 ÷ 开庭审理件数 × 100%" in card.text
    assert "代入：46 ÷ 47 × 100% ＝ 97.9%" in card.text


def test_a_restated_base_is_said_and_its_reason_shown(report_of: Callable[[str], Made]) -> None:
    _, html = report_of("2023")
    page = reading.parse(html)
    assert "按可比口径比上年增长14.9%" in page.get_text()
    card = page.find(id="s-legal_aid_cases-S00")
    assert isinstance(card, Tag)
    assert "重述基数" in card.text
    assert "原填“137”，按“115”计" in card.text


def test_ids_are_unique_and_links_lead_somewhere(made: Made) -> None:
    page = reading.parse(made[1])
    ids = [str(tag["id"]) for tag in page.find_all(id=True)]
    assert len(ids) == len(set(ids))
    targets = {str(a["href"]).removeprefix("#") for a in page.select("a[href^='#']")}
    assert targets - set(ids) == set()


def test_nothing_unprintable_reaches_a_reader(made: Made) -> None:
    text = reading.parse(made[1]).get_text()
    assert re.findall(r"××|\bnan\b|\bNaN\b|\binf\b|None|\{\{|\}\}", text) == []


def test_the_report_says_that_it_is_made_of_sample_data(made: Made) -> None:
    notice = reading.parse(made[1]).select_one(".masthead .sample-notice")
    assert notice is not None
    assert "虚构" in notice.text


def test_no_real_district_is_named(made: Made) -> None:
    assert not re.search("泰安|岱岳", made[1])


def test_the_sentences_are_our_own(report_of: Callable[[str], Made]) -> None:
    if not SOURCE.exists():
        pytest.skip("the source text does not lie beside the project")
    page = reading.parse(report_of("2023")[1])
    for tag in page.select(".source, table, figure, nav, h1, h2, h3"):
        tag.decompose()
    ours = re.sub(r"\s", "", page.get_text())
    theirs = re.sub(r"\s", "", SOURCE.read_text(encoding="utf-8"))
    runs = (theirs[i : i + 21] for i in range(len(theirs) - 20))
    assert [run for run in runs if run in ours] == []


def test_at_least_twelve_charts_each_described_numbered_and_cited(
    report_of: Callable[[str], Made],
) -> None:
    for period in ("2023", "2024Q3"):
        page = reading.parse(report_of(period)[1])
        charts = page.select("figure.chart")
        assert len(charts) >= 12
        for number, chart in enumerate(charts, 1):
            image, caption = chart.find("img"), chart.find("figcaption")
            assert isinstance(image, Tag)
            assert isinstance(caption, Tag)
            assert len(str(image["alt"])) > 15
            assert caption.text.startswith(f"图{number}　")
            assert "资料来源：W" in caption.text
            assert page.select(f"p a[href='#{chart['id']}'], li a[href='#{chart['id']}']"), chart[
                "id"
            ]


def test_charts_are_pictures_without_live_text_or_scripts(made: Made) -> None:
    for image in reading.parse(made[1]).select("figure.chart img"):
        svg = base64.b64decode(str(image["src"]).removeprefix("data:image/svg+xml;base64,"))
        tree = BeautifulSoup(svg, "html.parser")
        assert tree.find_all(["script", "text", "image", "foreignobject"]) == []


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("period", ["2023", "2024Q3"])
def test_a_chart_in_a_file_says_what_its_caption_says_and_that_it_is_a_sample(
    period: str, lang: str, report_of: Callable[[str], Made]
) -> None:
    made, html = report_of(period)
    report = made if lang == "zh" else Report.open(str(made.workspace.root), period, lang)
    page = reading.parse(html if lang == "zh" else _sections(report))
    report.save_charts()
    drawn = [figure for figure in page.select("figure.chart") if figure.img]
    files = {path.name for path in (report.folder / "charts").iterdir()} - {"plain"}
    names = [str(figure["id"]).removeprefix("chart-") for figure in drawn]
    assert files == {f"{name}.{kind}" for name in names for kind in ("svg", "png")}
    for name, figure in zip(names, drawn, strict=True):
        picture = reading.parse((report.folder / "charts" / f"{name}.svg").read_text("utf-8"))
        title, source = (_text(figure, f".chart-{part}") for part in ("title", "source"))
        assert _text(picture, "title") in title
        assert figure.img
        assert _text(picture, "desc") == figure.img["alt"]
        words = _text(picture, "metadata").splitlines()
        assert source.partition("；数据见")[0].partition("; data in")[0] in words
        assert any({"zh": "均为虚构", "en": "are invented"}[lang] in line for line in words)
        where = report.figures.catalogue.places["S00"].name
        when = report.narrator.language.period(report.period)
        assert any(line.startswith(where) and when in line for line in words)


def _text(part: Tag, selector: str) -> str:
    found = part.select_one(selector)
    assert found is not None, selector
    return found.text


def _sections(report: Report) -> str:
    report.sections()
    return "\n".join(report.shown)


def test_each_problem_is_held_against_the_plan(report_of: Callable[[str], Made]) -> None:
    section = reading.parse(report_of("2023")[1]).find(id="problems")
    assert isinstance(section, Tag)
    assert section.text.count("未设对应") + section.text.count("未就") >= 3


def test_every_item_of_the_plan_stands_in_the_targets_table(
    report_of: Callable[[str], Made],
) -> None:
    table = reading.parse(report_of("2023")[1]).select_one("table.targets")
    assert table is not None
    rows = {cell.text for cell in table.select("td .name")} & {f"T{n:02}" for n in range(1, 28)}
    assert rows == {f"T{n:02}" for n in range(1, 28)}
    assert {"计划原文", "公开标准", "本局设定"} <= {
        re.split("：", cell.text)[0] for cell in table.select("td.basis")
    }


def test_the_year_before_the_data_begin_is_said_to_be_missing(
    report_of: Callable[[str], Made],
) -> None:
    text = reading.parse(report_of("2022")[1]).get_text()
    assert "没有上年数据，本报告不作同比" in text
    assert "没有收到2023年的目标文件" in text
    assert not re.search(r"比上年(增长|下降|提高)", text)


def test_attendance_slips_in_the_second_quarter_only(report_of: Callable[[str], Made]) -> None:
    rates = {}
    for period in PERIODS:
        report, _ = report_of(period)
        rates[period] = str(report.figures.figure("official_court_attendance_rate").value)
    assert rates == {
        "2022": "100.0",
        "2023": "100.0",
        "2024Q1": "100.0",
        "2024Q2": "96.8",
        "2024Q3": "97.9",
    }


def test_a_partial_report_says_on_its_first_screen_what_it_lacks(
    sample: Path, tmp_path: Path
) -> None:
    root = tmp_path / "partial"
    (root / "data").mkdir(parents=True)
    (root / "data" / "raw").symlink_to(
        (sample / "data" / "raw").resolve(), target_is_directory=True
    )
    report, html = write_report(str(root), "2024", allow_partial=True)
    page = reading.parse(html)
    head = page.select_one(".masthead")
    assert head is not None
    assert "不完整报告" in head.text
    assert "没有可采用的W7《人民调解工作情况统计表》（应在data/raw/2024Q4）" in head.text
    assert list(reading.stray_numerals(page)) == []
    assert report.figures.figure("mediation_cases").value is None


def test_the_same_inputs_give_the_same_bytes(
    report_of: Callable[[str], Made], tmp_path: Path, sample: Path
) -> None:
    root = tmp_path / "另一处"
    (root / "data").mkdir(parents=True)
    (root / "data" / "raw").symlink_to(
        (sample / "data" / "raw").resolve(), target_is_directory=True
    )
    corrections = (sample / "data" / "corrections.csv").read_bytes()
    (root / "data" / "corrections.csv").write_bytes(corrections)
    assert write_report(str(root), "2023")[1] == report_of("2023")[1]
