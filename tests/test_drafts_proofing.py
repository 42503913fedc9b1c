"""Proving a draft: what agrees, each kind of slip with what is right, what nobody can check."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from nianbao.drafts.figures import Data, opened
from nianbao.drafts.proofing import Proved, proved
from nianbao.drafts.terms import Mark, Match
from nianbao.drafts.text import read_draft
from nianbao.period import Period
from nianbao.workspace import Workspace

# {number unit} or {number unit indicator role direction}; 余 and 近 are read from beside it.
_SIGN = re.compile(r"\{([^\s}]+) ([^\s}]+)(?: ([^\s}]+) ([^\s}]+)(?: ([^\s}]+))?)?\}")
_WAYS = {"余": ">=", "过": ">=", "近": "<=", "约": "~"}


@pytest.fixture(scope="module")
def data(sample: Path) -> Data:
    return opened(Workspace(sample), Period(2023), "zh")


def _matches(text: str) -> tuple[str, list[Match]]:
    """The text without its signs, and the matches that they make."""
    matches, plain = [], ""
    at = 0
    for found in _SIGN.finditer(text):
        plain += text[at : found.start()]
        number, unit = found[1], found[2]
        tail = text[found.end() : found.end() + 1]
        way = _WAYS.get(plain[-1:], _WAYS.get(tail, "="))
        scale = 4 if number.endswith("万") else 0
        digits = number.removesuffix("万")
        mark = Mark(
            0, len(plain), len(plain) + len(number), number, "number",
            Decimal(digits).scaleb(scale), way, unit, "arabic", found[5] or "",
            "", len(digits.partition(".")[2]), scale,
        )  # fmt: skip
        matches.append(Match(mark, found[3] or "", "2023", "S00", found[4] or ""))
        plain += number
        at = found.end()
    return plain + text[at:], matches


def _prove(data: Data, folder: Path, text: str) -> Proved:
    plain, matches = _matches(text)
    path = folder / "总结.txt"
    path.write_text(plain, encoding="utf-8")
    return proved(data, read_draft(path), matches)


CASES = "mediation_cases level"
GROWTH = "mediation_cases change_percent"
SUCCESS = "mediation_success_rate level"
BETTER = "mediation_success_rate change_points"


@pytest.mark.parametrize(
    "text",
    [
        f"受理{{5412 件 {CASES}}}件，比上年增长{{10.5 ％ {GROWTH} 增长}}％",
        f"受理{{5400 件 {CASES}}}余件，{{5000 件 {CASES}}}余件",
        f"受理约{{5400 件 {CASES}}}件、近{{5500 件 {CASES}}}件、{{0.54万 件 {CASES}}}件",
        f"成功率{{98.3 ％ {SUCCESS}}}％，约{{98 ％ {SUCCESS}}}％",
        f"成功率提高{{0.7 个百分点 {BETTER} 提高}}个百分点",
        "学习{480 次 dept_rol_thought_sessions level}余次",
        "主题党日活动{12 次 theme_party_day_events level}次，与上年持平",
        "接待{326 人次}人次，其中咨询{210 人次}人次、信访{116 人次}人次，咨询占{64.4 ％}％",
        "第一批{30 人}人，第二批{28 人}人，合计{58 人}人",
        "印发宣传资料{8600 份}份。编印{8600 份}份宣传资料的任务完成",
        "抓了三项工作：一是完善机制，二是培训骨干，三是强化督导",
        "先后赴青穗街道、澄曦街道、禾溪镇等3个镇街",
    ],
)
def test_what_is_right_agrees(data: Data, tmp_path: Path, text: str):
    done = _prove(data, tmp_path, text)

    assert [(one.text, one.right) for one in done.verdicts if one.verdict != "agrees"] == []
    assert done.exit_code == 0
    assert done.coverage["percent"] == 100


@pytest.mark.parametrize(
    ("text", "kind", "wrong", "right"),
    [
        (f"受理{{5421 件 {CASES}}}件", "value", "5421", "5412"),
        (f"增长{{10.6 ％ {GROWTH} 增长}}％", "rounding", "10.6", "10.5"),
        (f"下降{{10.5 ％ {GROWTH} 下降}}％", "direction", "下降10.5％", "增长10.5％"),
        (f"受理{{5412 人 {CASES}}}人", "unit", "5412人", "5412件"),
        (f"受理{{5412 万件 {CASES}}}万件", "unit", "5412万件", "5412件"),
        (f"提高{{0.7 ％ {BETTER} 提高}}％", "points", "0.7％", "0.7个百分点"),
        (
            "提高{0.7 ％ mediation_success_rate change_percent 提高}％",
            "points", "0.7％", "0.7个百分点",
        ),
        (f"受理{{5500 件 {CASES}}}余件", "qualifier", "5500余", "5400余"),
        (f"受理近{{5400 件 {CASES}}}件", "qualifier", "近5400", "近5500"),
        (f"受理超过{{5500 件 {CASES}}}件", "qualifier", "超过5500", "超过5400"),
        (
            "减少{516 件 mediation_cases change_count 减少}件",
            "direction", "减少516件", "增加516件",
        ),
        ("讲课{5 次 party_lectures_given level}余次", "qualifier", "5余", "5"),
        ("学习{480 次 dept_rol_thought_sessions level}次", "qualifier", "480", "480余"),
        ("学习近{480 次 dept_rol_thought_sessions level}次", "qualifier", "近480", "480余"),
        (
            "党日活动{12 次 theme_party_day_events level}次，比上年有所增加",
            "direction", "比上年有所增加", "与上年持平",
        ),
        ("来访{326 人次}人次，其中咨询{210 人次}人次、信访{126 人次}人次", "sum", "326", "336"),
        ("第一批{30 人}人，第二批{28 人}人，合计{60 人}人", "sum", "60", "58"),
        (
            "接待{326 人次}人次，其中咨询{210 人次}人次、信访{116 人次}人次，咨询占{68.4 ％}％",
            "share", "68.4", "64.4",
        ),
        ("印发宣传资料{8600 份}份。编印{6800 份}份宣传资料的任务完成", "twice", "6800", "8600"),
        ("抓了四项工作：一是完善机制，二是培训骨干，三是强化督导", "list", "四", "三"),
        ("分五批组织：第一批老人，第二批新人", "list", "五", "二"),
        ("先后赴青穗街道、澄曦街道、禾溪镇等2个镇街", "list", "2", "3"),
        ("2022年工作总结", "date", "2022", "2023"),
        ("今年3月至13月组织轮训", "date", "13", ""),
    ],
)  # fmt: skip
def test_every_kind_of_slip_is_found_with_what_is_right(
    data: Data, tmp_path: Path, text: str, kind: str, wrong: str, right: str
):
    done = _prove(data, tmp_path, text)

    found = [one for one in done.verdicts if one.verdict == "disagrees"]
    assert [(one.kind, one.text, one.right) for one in found] == [(kind, wrong, right)]
    assert done.exit_code == 76
    assert wrong in "\n".join(done.lines())


@pytest.mark.parametrize(
    "text",
    [
        "慰问困难家庭{35 户}户",
        "接待{326 人次}人次，其中咨询{110 人次}人次、信访{16 人次}人次",
        "印发宣传资料{8600 份}份，另发放宣传折页{3000 份}份",
        "走访企业{12 家}家，比上年有所增加",
        "先后赴青穗街道、澄曦街道等{9 个}个镇街",
        "建成司法所、调解室{12 个}个",
    ],
)
def test_what_nothing_can_be_held_against_is_unchecked_and_no_alarm(
    data: Data, tmp_path: Path, text: str
):
    done = _prove(data, tmp_path, text)

    assert {one.verdict for one in done.verdicts} == {"unchecked"}
    assert (done.exit_code, done.coverage["percent"]) == (0, 0)


def test_a_quarter_has_its_months(sample: Path, tmp_path: Path):
    quarter = opened(Workspace(sample), Period(2024, 3), "zh")

    right = _prove(quarter, tmp_path, "2024年前三季度，1—9月，截至9月底，前9个月，3月至11月")
    wrong = _prove(quarter, tmp_path, "2024年前二季度，1—6月，截至6月底，前10个月")

    assert right.verdicts == ()
    assert [one.right for one in wrong.verdicts] == ["三", "9", "9", "9"]


def test_next_year_stands_in_the_head_of_a_plan_only(data: Data, tmp_path: Path):
    assert _prove(data, tmp_path, "2024年工作计划").exit_code == 0
    assert _prove(data, tmp_path, "2024年工作总结").exit_code == 76


def test_names_dates_and_codes_are_no_figures(data: Data, tmp_path: Path):
    path = tmp_path / "总结.txt"
    path.write_text("依据第3条，打造×××品牌", encoding="utf-8")
    marks = [Mark(0, 3, 4, "3", "code"), Mark(0, 8, 11, "×××", "name")]

    done = proved(data, read_draft(path), [Match(one) for one in marks])

    assert [one.kind for one in done.verdicts] == ["code", "name"]
    assert done.coverage["figures"] == 0


def test_the_page_is_self_contained_and_escapes_the_draft(data: Data, tmp_path: Path):
    _prove(data, tmp_path, f"<script>alert(1)</script>受理{{5421 件 {CASES}}}件")

    html = (tmp_path / "总结.proof.html").read_text(encoding="utf-8")
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert "default-src 'none'" in html
    assert "http://" not in html
    assert "https://" not in html
    assert "应为“5412”" in html
    assert "2023Q1" in html
    assert (tmp_path / "总结.proof.txt").read_bytes() == (tmp_path / "总结.txt").read_bytes()
