"""Filling a draft: what is written at each blank, and what stays blank for which reason."""

import re
from pathlib import Path
from zipfile import ZipFile

import pytest
from small_word import paragraph, run, write_word_file

from nianbao.drafts.figures import Data, opened
from nianbao.drafts.filling import Filled, filled
from nianbao.drafts.terms import Mark, Match
from nianbao.drafts.text import read_draft
from nianbao.period import Period
from nianbao.workspace import Workspace


@pytest.fixture(scope="module")
def data(sample: Path) -> Data:
    return opened(Workspace(sample), Period(2023), "zh")


def _fill(data: Data, folder: Path, text: str, unit: str, *figure: str, **more: object) -> Filled:
    """Fill the one blank of a text as this figure: indicator, role; `more` is of the mark."""
    path = folder / "总结.txt"
    path.write_text(text, encoding="utf-8")
    blank = re.search("×+", text)
    assert blank
    qualifier = ">=" if "余" in text else "<=" if "近" in text else "~" if "约" in text else "="
    mark = Mark(0, blank.start(), blank.end(), blank[0], "blank", None, qualifier, unit, **more)
    indicator, role = figure
    return filled(data, read_draft(path), [Match(mark, indicator, "2023", "S00", role)])


def _text(folder: Path) -> str:
    return (folder / "总结.filled.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "unit", "figure", "more", "right"),
    [
        ("受理××件", "件", ("mediation_cases", "level"), {}, "受理5412件"),
        ("受理××余件", "件", ("mediation_cases", "level"), {}, "受理5400余件"),
        ("受理近××件", "件", ("mediation_cases", "level"), {}, "受理近5500件"),
        ("受理约××件", "件", ("mediation_cases", "level"), {}, "受理约5400件"),
        ("培训××余场", "场", ("party_lectures_given", "level"), {}, "培训5场"),
        ("受理××件", "件", ("mediation_cases", "level"), {"style": "fullwidth"}, "受理５４１２件"),
        ("党课××次", "次", ("party_lectures_given", "level"), {"style": "chinese"}, "党课五次"),
        ("受理××万件", "万件", ("mediation_cases", "level"), {}, "受理0.54万件"),
        ("村均××人", "人", ("law_literate_per_village", "level"), {}, "村均4.7人"),
        ("学习××次", "次", ("dept_rol_thought_sessions", "level"), {}, "学习480余次"),
        ("学习××余次", "次", ("dept_rol_thought_sessions", "level"), {}, "学习480余次"),
        ("整改××余项", "项", ("file_review_issues_rectified", "level"), {}, "整改150余项"),
        ("成功率××％", "％", ("mediation_success_rate", "level"), {}, "成功率98.3％"),
        ("配备率××％", "％", ("legal_adviser_coverage_rate", "level"), {}, "配备率100％"),
        (
            "增长××％", "％", ("mediation_cases", "change_percent"),
            {"direction": "增长"}, "增长10.5％",
        ),
        (
            "提高××个百分点", "个百分点", ("mediation_success_rate", "change_points"),
            {"direction": "提高"}, "提高0.7个百分点",
        ),
    ],
)  # fmt: skip
def test_a_blank_gets_its_figure_in_the_way_of_the_draft(
    data: Data,
    tmp_path: Path,
    text: str,
    unit: str,
    figure: tuple[str, str],
    more: dict[str, object],
    right: str,
):
    done = _fill(data, tmp_path, text, unit, *figure, **more)

    assert (_text(tmp_path), done.exit_code) == (right, 0)


@pytest.mark.parametrize(
    ("text", "unit", "figure", "direction", "kind"),
    [
        ("下降××％", "％", ("mediation_cases", "change_percent"), "下降", "direction"),
        ("提高××％", "％", ("mediation_success_rate", "change_percent"), "提高", "other_kind"),
        ("受理××人", "人", ("mediation_cases", "level"), "", "unit"),
        ("增长××％", "％", ("dept_rol_thought_sessions", "change_percent"), "", "not_comparable"),
        ("慰问××户", "户", ("", ""), "", "no_data"),
    ],
)
def test_what_would_say_something_untrue_stays_blank_with_its_reason(
    data: Data,
    tmp_path: Path,
    text: str,
    unit: str,
    figure: tuple[str, str],
    direction: str,
    kind: str,
):
    done = _fill(data, tmp_path, text, unit, *figure, direction=direction)

    assert (_text(tmp_path), done.exit_code) == (text, 76)
    assert [one.kind for one in done.left] == [kind]
    assert "××" in "\n".join(done.lines())


def test_a_name_stays_and_is_no_missing_number(data: Data, tmp_path: Path):
    path = tmp_path / "总结.txt"
    path.write_text("打造×××机关党建品牌", encoding="utf-8")

    done = filled(data, read_draft(path), [Match(Mark(0, 2, 5, "×××", "name"))])

    assert (_text(tmp_path), done.exit_code) == ("打造×××机关党建品牌", 0)
    assert done.as_record()["left"][0]["kind"] == "name"


def test_a_figure_in_word_is_commented_with_its_value_and_cells(data: Data, tmp_path: Path):
    path = write_word_file(tmp_path / "总结.docx", paragraph(run("讲党课××次")))
    mark = Mark(0, 3, 5, "××", "blank", unit="次")

    done = filled(
        data, read_draft(path), [Match(mark, "party_lectures_given", "2023", "S00", "level")]
    )

    with ZipFile(done.files[0]) as package:
        said = package.read("word/comments.xml").decode()
    assert "党组成员讲党课" in said
    assert "data/raw/2023Q1/W1党建登记2023Q1.xlsx" in said
    assert read_draft(done.files[0]).paragraphs[0].text == "讲党课5次"
