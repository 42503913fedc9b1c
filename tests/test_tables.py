"""Rows of the report's tables, and formulas in words."""

import pytest

from nianbao import schema
from nianbao.catalogue import load_catalogue
from nianbao.tables import finding_groups, formula_words
from nianbao.workspace import PROJECT, Workspace

CATALOGUE = load_catalogue(Workspace(PROJECT))


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
def test_a_formula_reads_as_a_sentence(indicator: str, words: str) -> None:
    assert formula_words(CATALOGUE, indicator) == words


def test_every_indicator_has_a_formula_in_words() -> None:
    assert [name for name in CATALOGUE.indicators if not formula_words(CATALOGUE, name)] == []


def found(severity: str, code: str, item: str = "", file: str = "a.xls") -> dict[str, object]:
    return {"severity": severity, "code": code, "item": item, "file": file, "message": "……"}


def test_findings_stand_by_code_with_errors_first_and_jumps_by_indicator() -> None:
    rows = [
        found("warning", "W_MISSING"),
        *[found("warning", "W_APPROXIMATE", file=f"{n}.xls") for n in range(5)],
        found("warning", "W_JUMP", "mediation_cases"),
        found("warning", "W_JUMP", "legal_aid_cases"),
        found("warning", "W_JUMP", "mediation_cases"),
        found("error", "E_PARSE"),
    ]
    groups = finding_groups(schema.table("findings", rows))
    assert [(g.code, g.item, g.count) for g in groups] == [
        ("E_PARSE", "", 1),
        ("W_APPROXIMATE", "", 5),
        ("W_MISSING", "", 1),
        ("W_JUMP", "mediation_cases", 2),
        ("W_JUMP", "legal_aid_cases", 1),
    ]
    assert len(groups[1].examples) == 3
    assert groups[1].files == 5
