"""Matching: what a clause names, what a figure goes on about, and what is never guessed."""

from pathlib import Path

import pytest
import yaml

from nianbao.drafts.figures import Data, opened
from nianbao.drafts.filling import filled
from nianbao.drafts.matching import matched
from nianbao.drafts.phrases import load_phrases
from nianbao.drafts.proofing import proved
from nianbao.drafts.terms import Match
from nianbao.drafts.text import read_draft
from nianbao.errors import CatalogueError, UsageError
from nianbao.period import Period
from nianbao.workspace import PROJECT, Workspace

SOURCE = Path(__file__).parents[2] / "shared" / "reference" / "work-summary-2023.txt"

REFERENCE = [
    "14", "12", "4", "10", "480余", "98.3", "70", "12", "6", "15", "8", "11", "8", "24", "139",
    "150余",
]  # fmt: skip


@pytest.fixture(scope="module")
def data(sample: Path) -> Data:
    return opened(Workspace(sample), Period(2023), "zh")


@pytest.fixture(scope="module")
def quarter(sample: Path) -> Data:
    return opened(Workspace(sample), Period(2024, 3), "zh")


def _matches(data: Data, folder: Path, text: str, mapping: str = "") -> list[Match]:
    """The matches of a text's figures; `mapping` is the content of a file of confirmed ones."""
    path, file = folder / "稿.txt", folder / "对应.yml"
    path.write_text(text, encoding="utf-8")
    file.write_text(mapping, encoding="utf-8")
    every = matched(data, read_draft(path), file if mapping else None)
    return [one for one in every if one.mark.kind in ("blank", "number")]


def _told(data: Data, folder: Path, text: str) -> list[tuple[str, str, str]]:
    return [(one.indicator, one.role, one.place) for one in _matches(data, folder, text)]


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        (
            "受理人民调解案件××件，同比增长××％，成功率××％。",
            [("mediation_cases", "level"), ("mediation_cases", "change_percent"),
             ("mediation_success_rate", "level")],
        ),
        (
            "办理法律援助案件××件、公证××件，同比分别增长××％、××％。",
            [("legal_aid_cases", "level"), ("notary_cases", "level"),
             ("legal_aid_cases", "change_percent"), ("notary_cases", "change_percent")],
        ),
        (
            "负责人出庭应诉率由上年的××％提高到××％。",
            [("official_court_attendance_rate", "previous"),
             ("official_court_attendance_rate", "level")],
        ),
        (
            "刑满释放人员安置率、帮教率分别达到××％、××％。",
            [("resettlement_placement_rate", "level"), ("resettlement_help_rate", "level")],
        ),
        ("培养××名法律明白人、××名法治带头人。",
         [("law_literate_persons", "level"), ("rol_leaders", "level")]),
        ("力争法治文化阵地达到××个。", [("culture_sites", "target")]),
        ("法治宣传活动××场，是上年的××倍。",
         [("law_publicity_events", "level"), ("law_publicity_events", "times")]),
    ],
)  # fmt: skip
def test_a_figure_is_told_by_its_clause_and_by_what_stands_before_it(
    data: Data, tmp_path: Path, text: str, figures: list[tuple[str, str]]
):
    assert [told[:2] for told in _told(data, tmp_path, text)] == figures


@pytest.mark.parametrize(
    "text",
    [
        "妇联办理法律援助案件××件。",
        "组织青少年法治宣传活动××场。",
        "组织反诈法治宣传活动××场。",
        "一季度受理人民调解案件××件。",
        "10月受理人民调解案件××件。",
        "全市受理行政复议案件××件。",
        "调解劳动争议案件××件，调解成功率××％。",
        "青穗街道、禾溪镇共受理调解案件××件。",
        "人民调解案件比2021年增长××％。",
        "新增法律明白人××人。",
        "平均每件合法性审查意见××条。",
        "全区共有××件，同比增长××％。",
        "我镇受理人民调解案件××件。",
    ],
)
def test_a_part_another_time_or_another_actor_is_never_taken_for_the_figure(
    data: Data, tmp_path: Path, text: str
):
    found = _matches(data, tmp_path, text)
    assert found
    assert not any(one.indicator for one in found)
    assert all(one.reason for one in found)


def test_the_place_is_that_of_the_clause_of_the_row_or_of_the_title(data: Data, tmp_path: Path):
    text = "其中禾溪镇调解案件××件；萤坪乡××件。\n"
    assert [one[2] for one in _told(data, tmp_path, text)] == ["S04", "S18"]
    own = "麦垄镇2023年工作情况\n我镇调解案件××件，全区调解案件××件。\n"
    assert [one[2] for one in _told(data, tmp_path, own)] == ["S07", "S00"]


def test_a_quarter_knows_its_own_months_and_the_year_of_annual_figures(
    quarter: Data, tmp_path: Path
):
    text = "1—9月调解案件××件，1—6月调解案件××件。截至2023年底，法治文化阵地××个。"
    first, half, annual = _matches(quarter, tmp_path, text)
    assert (first.indicator, half.indicator) == ("mediation_cases", "")
    assert (annual.indicator, annual.period) == ("culture_sites", "2023")


def test_what_the_office_confirmed_goes_first_and_errors_tell_how_to_write_it(
    data: Data, tmp_path: Path
):
    text = "××人次困难群众得到法律援助。"
    assert not _matches(data, tmp_path, text)[0].indicator
    mapping = "困难群众 得到法律援助: legal_aid_recipients\n"
    assert _matches(data, tmp_path, text, mapping)[0].indicator == "legal_aid_recipients"
    with pytest.raises(CatalogueError, match=r"对应.yml:1:1: .*legal_aid_recipients"):
        _matches(data, tmp_path, text, "得到: legal_aid_recipient\n")
    with pytest.raises(UsageError, match="--mapping"):
        matched(data, read_draft(tmp_path / "稿.txt"), tmp_path / "没有.yml")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"indicators": {"mediation_case": {"say": ["调解"]}}}, "mediation_cases"),
        ({"indicators": {"mediation_cases": {"say": ["()"]}}}, "a|b"),
        ({"indicators": {"mediation_cases": {"sai": ["调解"]}}}, "say"),
    ],
)
def test_a_mistake_in_the_phrases_is_shown_at_its_place(
    data: Data, tmp_path: Path, change: dict[str, object], said: str
):
    book = {"verbs": "", "filler": "", "narrowing": "", "topics": ""} | change
    (tmp_path / "catalogue").mkdir()
    (tmp_path / "catalogue" / "phrases.yml").write_text(
        yaml.safe_dump(book, allow_unicode=True), encoding="utf-8"
    )
    with pytest.raises(CatalogueError, match=r"catalogue/phrases.yml:\d+:\d+: ") as caught:
        load_phrases(Workspace(tmp_path), data.report.catalogue)
    assert said in str(caught.value)


def test_every_indicator_that_is_counted_has_its_phrases(data: Data):
    written = yaml.safe_load((PROJECT / "catalogue" / "phrases.yml").read_text(encoding="utf-8"))
    counted = {
        name for name, one in data.report.catalogue.indicators.items() if one.over_time != "done"
    }
    assert counted - set(written["indicators"]) == set()


@pytest.mark.skipif(not SOURCE.exists(), reason="the reference text is not beside the project")
def test_the_reference_text_is_filled_and_its_given_figures_are_proved(data: Data, tmp_path: Path):
    draft = tmp_path / "总结.txt"
    draft.write_bytes(SOURCE.read_bytes())

    done = filled(data, read_draft(draft), matched(data, read_draft(draft)))

    assert [one.stated.indicator for one in done.placed] == [
        "party_group_study_sessions", "theme_party_day_events", "committee_rol_study_sessions",
        "gov_law_study_sessions", "dept_rol_thought_sessions", "civil_servant_law_test_pass_rate",
        "committee_agenda_items_reviewed", "committee_agenda_issues_corrected",
        "committee_rol_briefings", "secretary_rol_instructions",
        "secretary_rol_other_participation", "rol_commission_meetings", "rol_commission_documents",
        "gov_exec_meetings_reviewed", "gov_agenda_items_reviewed", "file_review_issues_rectified",
    ]  # fmt: skip
    assert [one.answer.text for one in done.placed] == REFERENCE
    assert {one.kind for one in done.left} == {"name"}
    assert done.exit_code == 0

    text = read_draft(done.files[0])
    verdicts = proved(data, text, matched(data, text)).verdicts
    agreed = [one.text for one in verdicts if one.verdict == "agrees"]
    assert not any(one.verdict == "disagrees" for one in verdicts)
    assert {"5", "100"} <= set(agreed)
    assert len(agreed) >= len(REFERENCE) + 3
