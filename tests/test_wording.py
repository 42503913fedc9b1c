"""How a change is said: every case of year-over-year wording, as a reader finds it."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from nianbao import schema
from nianbao.catalogue import Catalogue, load_catalogue
from nianbao.errors import CatalogueError
from nianbao.figures import Figures
from nianbao.narrative import Narrator, _said_once
from nianbao.period import Period
from nianbao.workspace import PROJECT, Workspace

WORKSPACE = Workspace(PROJECT)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(WORKSPACE)


def said(
    catalogue: Catalogue,
    phrase: str,
    indicator: str,
    row: Mapping[str, object],
    *,
    period: str = "2023",
    standing: Mapping[str, object] | None = None,
    template: str = "",
) -> str:
    """A phrase of wording/ about one figure, or another template's words of it, as plain text."""
    unit = catalogue.indicators[indicator].unit
    full = {"indicator": indicator, "period": period, "place": "S00", "unit": unit, **row}
    values = schema.table("values", [full])
    standings = (
        [{"indicator": indicator, "period": period, "place": "S00", **standing}] if standing else []
    )
    figures = Figures(
        catalogue,
        Period.parse(period),
        values,
        schema.table("standings", standings),
        schema.table("series", []),
    )
    narrator = Narrator(figures, "zh", WORKSPACE.wording_folders(), {})
    template = template or f'{phrase} with context %}}{{{{ {phrase}("{indicator}") }}}}'
    whole = f'{{% from "_phrases.md.j2" import {template}'
    html = narrator._environment.from_string(whole).render()
    return re.sub(r"<[^>]+>", "", html)


COUNT, RATE, HELD = "mediation_cases", "mediation_success_rate", "official_court_attendance_rate"

CHANGES = [
    # indicator, value, previous, change, kind, notes, as said
    (COUNT, "1113", "558", "99.5", "percent", "", "比上年增长99.5%"),
    (COUNT, "59", "96", "-38.5", "percent", "", "比上年下降38.5%"),
    (COUNT, "236", "60", "2.9", "times", "", "比上年增长2.9倍"),
    (COUNT, "120", "120", "0", "same", "", "与上年持平"),
    (COUNT, "5", "0", "5", "new", "", "由上年的0增至5件"),
    (COUNT, "0", "0", "0", "same", "", "两年均未发生"),
    (COUNT, "0", "12", "-100.0", "percent", "", "上年为12件"),
    (COUNT, "8", "6", "2", "count", "small_base", "比上年增加2件"),
    (COUNT, "4", "6", "-2", "count", "small_base", "比上年减少2件"),
    (COUNT, "120", "100", "", "not_comparable", "at_least", "比上年有所增加"),
    (COUNT, "90", "100", "", "not_comparable", "about", "比上年有所减少"),
    (COUNT, "100", "100", "", "not_comparable", "base_about", "与上年大体相当"),
    (COUNT, "110", "100", "10.0", "percent", "base_restated", "按可比口径比上年增长10.0%"),
    (COUNT, "110", "", "", "none", "", ""),
    (COUNT, "110", "", "", "none", "base_missing:S03", "上年数缺报，不作比较"),
    (RATE, "98.3", "97.6", "0.7", "points", "", "比上年提高0.7个百分点"),
    (RATE, "97.6", "98.3", "-0.7", "points", "", "比上年下降0.7个百分点"),
    (RATE, "98.3", "98.3", "0", "same", "", "与上年持平"),
    (RATE, "98.3", "", "", "none", "base_zero_denominator", "上年没有应计事项，不作比较"),
    ("review_average_days", "4.4", "5.2", "-0.8", "count", "", "比上年缩短0.8个工作日"),
    ("law_literate_per_village", "4.7", "4.1", "0.6", "count", "", "比上年增加0.6人"),
    ("township_review_cv", "0.33", "0.32", "0.01", "count", "", "比上年提高0.01"),
]


@pytest.mark.parametrize(
    ("indicator", "value", "previous", "change", "kind", "note", "expected"), CHANGES
)
def test_a_change_is_said_by_its_kind(
    catalogue: Catalogue,
    indicator: str,
    value: str,
    previous: str,
    change: str,
    kind: str,
    note: str,
    expected: str,
) -> None:
    row = {
        "value": value,
        "previous": previous,
        "change": change,
        "change_kind": kind,
        "note": note,
    }
    assert said(catalogue, "change", indicator, row) == expected


def test_a_quarter_compares_with_the_same_months(catalogue: Catalogue) -> None:
    row = {"value": "149", "previous": "76", "change": "96.1", "change_kind": "percent"}
    assert said(catalogue, "change", COUNT, row, period="2024Q3") == "比上年同期增长96.1%"


LEVELS = [
    ("100.0", "65", "65", "100.0", "same", "保持100%"),
    ("100.0", "65", "65", "98.0", "points", "达到100%，比上年提高2.0个百分点"),
    ("100.0", "65", "65", "", "none", "为100%"),
    ("97.9", "46", "47", "100.0", "points", "为97.9%，比上年下降2.1个百分点"),
    ("77.8", "7", "9", "", "none", "为77.8%（7/9）"),
]


@pytest.mark.parametrize(("value", "top", "bottom", "previous", "kind", "expected"), LEVELS)
def test_a_rate_that_is_held_is_not_level(
    catalogue: Catalogue, value: str, top: str, bottom: str, previous: str, kind: str, expected: str
) -> None:
    change = {"points": "2.0" if value == "100.0" else "-2.1", "same": "0"}.get(kind, "")
    row = {
        "value": value,
        "numerator": top,
        "denominator": bottom,
        "previous": previous,
        "change": change,
        "change_kind": kind,
    }
    assert said(catalogue, "level", HELD, row) == expected


AMOUNTS = [
    ("480", "at_least", "480余件"),
    ("155", "at_least", "不少于155件"),
    ("120", "about", "约120件"),
    ("50", "at_most", "近50件"),
    ("53", "at_most", "不超过53件"),
    ("5412", "", "5412件"),
    ("0", "", "0件"),
]


@pytest.mark.parametrize(("value", "note", "expected"), AMOUNTS)
def test_a_qualifier_lives_on_in_the_sentence(
    catalogue: Catalogue, value: str, note: str, expected: str
) -> None:
    row = {"value": value, "change_kind": "none", "note": note}
    assert said(catalogue, "n", COUNT, row) == expected


def test_a_missing_figure_names_who_is_missing(catalogue: Catalogue) -> None:
    row = {"value": "", "change_kind": "none", "note": "missing:S03,S05"}
    assert said(catalogue, "n", COUNT, row) == "（数据暂缺：望榆街道、苇塘镇缺报）"


def test_level_figures_that_are_printed_apart_are_nearly_level(catalogue: Catalogue) -> None:
    row = {"value": "0.19", "previous": "0.20", "change": "0", "change_kind": "same"}
    assert said(catalogue, "change", "township_publicity_cv", row) == "与上年基本持平"
    level = {**row, "previous": "0.19"}
    assert said(catalogue, "change", "township_publicity_cv", level) == "与上年持平"


def test_a_rate_that_has_not_begun_in_either_year_says_so(catalogue: Catalogue) -> None:
    row = {"value": "0", "previous": "0", "change": "0", "change_kind": "same"}
    rate = "rol_reporting_coverage_rate"
    assert said(catalogue, "level", rate, row, period="2024Q3") == "为0%，上年同期也为0%"


def test_a_paragraph_says_once_why_figures_are_missing() -> None:
    gap = "<!--absent-->（数据暂缺：甲镇缺报）<!--/absent-->"
    other = "<!--absent-->（数据暂缺：乙镇缺报）<!--/absent-->"
    text = f"受理{gap}，成功{gap}，金额{other}。\n\n办理{gap}。\n"
    told = _said_once(text, "（暂缺）")
    first = "受理（数据暂缺：甲镇缺报），成功（暂缺），金额（数据暂缺：乙镇缺报）。"
    assert told == f"{first}\n\n办理（数据暂缺：甲镇缺报）。\n"


def test_english_says_nothing_more_of_a_second_missing_figure() -> None:
    gap = "<!--absent-->(the reports are incomplete)<!--/absent-->"
    told = _said_once(f"an unknown number {gap}; is not known {gap}.", "")
    assert told == "an unknown number (the reports are incomplete); is not known."


def test_many_silent_places_are_counted(catalogue: Catalogue) -> None:
    row = {"value": "", "change_kind": "none", "note": "missing:S01,S02,S03,S04,S05,S06,S07"}
    expected = "（数据暂缺：青穗街道、澄曦街道、望榆街道等7个单位缺报）"
    assert said(catalogue, "n", COUNT, row) == expected


def test_a_rate_without_cases_is_no_rate(catalogue: Catalogue) -> None:
    row = {
        "value": "",
        "numerator": "0",
        "denominator": "0",
        "change_kind": "none",
        "note": "zero_denominator",
    }
    assert said(catalogue, "level", HELD, row) == "（2023年没有应计事项，不计算）"


def test_annual_figures_of_a_sentence_are_dated_once(catalogue: Catalogue) -> None:
    row = {"value": "604", "change_kind": "none", "note": "annual:2023"}
    leaders = "rol_leaders"
    assert said(catalogue, "n", leaders, row, period="2024Q3") == "604人（2023年底）"
    dated = (
        'dated, n with context %}{{ dated("rol_leaders") }}全区有法治带头人{{ n("rol_leaders") }}'
    )
    told = said(catalogue, "n", leaders, row, period="2024Q3", template=dated)
    assert told == "截至2023年底，全区有法治带头人604人"


def test_figures_of_this_period_are_not_dated(catalogue: Catalogue) -> None:
    row = {"value": "604", "change_kind": "none"}
    assert said(catalogue, "dated", "rol_leaders", row, period="2024Q3") == ""


GOALS = [
    (
        RATE,
        "2024",
        ">=",
        "98",
        "97.0",
        "1.0",
        "",
        "",
        "behind",
        "97.0%，目标不低于98%，尚差1.0个百分点",
    ),
    (
        RATE,
        "2024",
        ">=",
        "98",
        "98.5",
        "-0.5",
        "",
        "",
        "met",
        "98.5%，目标不低于98%，已达到目标水平",
    ),
    (
        "administrative_loss_rate",
        "2024",
        "<=",
        "8",
        "9.1",
        "1.1",
        "",
        "",
        "behind",
        "9.1%，目标控制在8%以内，高于目标1.1个百分点",
    ),
]


@pytest.mark.parametrize(
    (
        "indicator",
        "year",
        "op",
        "target",
        "value",
        "gap",
        "attainment",
        "pace",
        "standing",
        "expected",
    ),
    GOALS,
)
def test_a_year_report_says_reached_or_how_far(
    catalogue: Catalogue,
    indicator: str,
    year: str,
    op: str,
    target: str,
    value: str,
    gap: str,
    attainment: str,
    pace: str,
    standing: str,
    expected: str,
) -> None:
    held = {
        "target_year": year,
        "op": op,
        "target": target,
        "value": value,
        "gap": gap,
        "attainment": attainment,
        "pace": pace,
        "standing": standing,
        "basis": "assumed",
    }
    row = {"value": value, "numerator": "1", "denominator": "2", "change_kind": "none"}
    assert said(catalogue, "goal", indicator, row, standing=held) == expected


QUARTER_GOALS = [
    ("13", "108.3", "66.7", "met", "13期，目标不少于12期，超额完成（完成108.3%）"),
    (
        "9",
        "75.0",
        "66.7",
        "on_track",
        "9期，目标不少于12期，完成目标的75.0%，达到序时进度（66.7%）",
    ),
    (
        "6",
        "50.0",
        "66.7",
        "behind",
        "6期，目标不少于12期，完成目标的50.0%，落后于序时进度（66.7%），尚差6期",
    ),
]


@pytest.mark.parametrize(("value", "attainment", "pace", "standing", "expected"), QUARTER_GOALS)
def test_a_quarter_report_says_the_pace(
    catalogue: Catalogue, value: str, attainment: str, pace: str, standing: str, expected: str
) -> None:
    held = {
        "target_year": "2024",
        "op": ">=",
        "target": "12",
        "value": value,
        "gap": str(12 - int(value)),
        "attainment": attainment,
        "pace": pace,
        "pace_kind": "seasonal",
        "standing": standing,
        "basis": "assumed",
    }
    row = {"value": value, "change_kind": "none"}
    indicator = "village_cadre_training_sessions"
    assert said(catalogue, "goal", indicator, row, period="2024Q3", standing=held) == expected


def test_an_unknown_indicator_in_a_sentence_is_refused_at_its_place(catalogue: Catalogue) -> None:
    with pytest.raises(LookupError, match="did you mean mediation_cases"):
        said(catalogue, "n", COUNT, {"value": "1"}) and _narrator(catalogue).said("mediation_case")


def test_a_mistake_in_wording_names_file_and_line(catalogue: Catalogue, tmp_path: Path) -> None:
    folder = tmp_path / "zh"
    folder.mkdir()
    (folder / "party.md.j2").write_text("第一行\n{{ n('x' }}\n", encoding="utf-8")
    narrator = _narrator(catalogue, tmp_path)
    with pytest.raises(CatalogueError, match=r"wording/zh/party\.md\.j2:2:1"):
        narrator.prose("party")


def test_a_sentence_about_an_unknown_figure_is_exit_78(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    folder = tmp_path / "zh"
    folder.mkdir()
    (folder / "party.md.j2").write_text(
        "第一行\n{{ fig('mediation_casse').value }}\n", encoding="utf-8"
    )
    with pytest.raises(CatalogueError, match=r"party\.md\.j2:2:1: .*did you mean mediation_cases"):
        _narrator(catalogue, tmp_path).prose("party")


def formula(narrator: Narrator, indicator: str) -> str:
    template = (
        '{% from "_formula.html.j2" import formula with context %}'
        f'{{{{ formula("{indicator}") }}}}'
    )
    return narrator._environment.from_string(template).render()


@pytest.mark.parametrize(
    ("indicator", "words"),
    [
        ("mediation_cases", "受理调解件数"),
        ("official_court_attendance_rate", "负责人出庭件数 ÷ 开庭审理件数 × 100%"),
        (
            "reconsideration_mediation_rate",
            "（调解和解件数 ＋ 撤回终止件数） ÷ 行政复议审结件数 × 100%",
        ),
        ("rol_inspection_coverage_rate", "“法治督察次数”不少于1的单位数 ÷ 应报单位数 × 100%"),
        ("township_review_cv", "“每万常住人口镇街合法性审查”在各镇街的离散系数（标准差÷平均数）"),
    ],
)
def test_a_formula_reads_as_a_sentence(catalogue: Catalogue, indicator: str, words: str) -> None:
    assert formula(_narrator(catalogue), indicator) == words


def test_every_indicator_has_a_formula_in_words(catalogue: Catalogue) -> None:
    narrator = _narrator(catalogue)
    assert [name for name in catalogue.indicators if not formula(narrator, name)] == []


def test_a_mistake_in_a_macro_s_argument_is_shown_at_the_sentence(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    folder = tmp_path / "zh"
    folder.mkdir()
    text = '{% from "_phrases.md.j2" import nc with context %}\n受理{{ nc("mediation_case") }}\n'
    (folder / "party.md.j2").write_text(text, encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"wording/zh/party\.md\.j2:2:1: .*mediation_cases"):
        _narrator(catalogue, tmp_path).prose("party")


def test_markdown_typed_into_a_name_stays_as_typed(catalogue: Catalogue) -> None:
    from nianbao.printing import in_name

    assert str(in_name("*甲*<b>镇")) == "&#42;甲&#42;&#60;b&#62;镇"


def _narrator(catalogue: Catalogue, *folders: Path) -> Narrator:
    figures = Figures(
        catalogue,
        Period(2023),
        schema.table("values", []),
        schema.table("standings", []),
        schema.table("series", []),
    )
    return Narrator(figures, "zh", (*folders, *WORKSPACE.wording_folders()), {})
