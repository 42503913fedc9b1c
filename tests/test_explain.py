"""`explain`: one figure down to its formula and cells, and the same as its card in the report."""

import json
import os
import random
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from conftest import Made
from workspaces import (
    GRID_HEAD,
    GRID_ROWS,
    GRID_TITLE,
    TARGETS,
    correct,
    small_workspace,
    write_xlsx,
)

from nianbao import cli
from nianbao.catalogue import load_catalogue
from nianbao.explain import explain, explained, find_place
from nianbao.period import Period
from nianbao.terminal import columns
from nianbao.translation import edition
from nianbao.workspace import PROJECT, Workspace

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIANBAO_LANG", "en")


def ask(workspace: Workspace, *words: str) -> int:
    period = ("--year", "2023", "--quarter", "1", "--workspace", str(workspace.root))
    return cli.main(["explain", *words, *period, "--quiet"])


def told(workspace: Workspace, capsys: Capture, *words: str) -> list[str]:
    assert ask(workspace, *words) == 0
    return capsys.readouterr().out.splitlines()


def untidy(root: Path) -> Workspace:
    """One number approximate, one corrected, one township not there; the year before is whole."""
    workspace = small_workspace(root, "2022Q1", "2023Q1")
    rows = [["甲镇", "约10", 9, 6, 3, 4, 12.5], ["乙镇", 20, "2O", 10, 8, 5, "无"]]
    path = workspace.raw / "2023Q1/g.xlsx"
    write_xlsx(path, {"Sheet1": [*GRID_TITLE, *GRID_HEAD, *rows]})
    return workspace


# --- what is told ---------------------------------------------------------------------------------


def test_a_rate_is_told_down_to_every_cell(tmp_path: Path, capsys: Capture) -> None:
    workspace = small_workspace(tmp_path, "2022Q1", "2023Q1")
    rows = [["甲镇", 20, 9, 6, 3, 4, 12.5], *GRID_ROWS[1:]]
    last_year = [["试区2022年第一季度调解情况统计表"], GRID_TITLE[1]]
    write_xlsx(workspace.raw / "2022Q1/g.xlsx", {"Sheet1": [*last_year, *GRID_HEAD, *rows]})
    # 9 + 18 + 30 = 57 of 10 + 20 + 30 = 60 is 95 %; of 20 + 20 + 30 = 70 it was 81.43 %
    assert told(workspace, capsys, "success_rate") == [
        "调解成功率 (success_rate) · 试区 · January–March 2023",
        "Value: 95.0%; a year earlier: 81.4%; change: up 13.6 percentage points on a year earlier",
        "Formula: 成功件数 ÷ 受理件数 × 100%",
        "Worked out: 57 ÷ 60 × 100% = 95.0%",
        "Department: 调解科; source rows: T23",
        "Reported / due: 3/3",
        "Places:",
        "  甲镇: 90.0% (a year earlier: 45.0%)",
        "  乙镇: 90.0% (a year earlier: 90.0%)",
        "  丙街道: 100% (a year earlier: 100%)",
        "Numerator: 成功件数 = 57",
        "  data/raw/2023Q1/g.xlsx › Sheet1 › C5 › “9” = 9 (甲镇)",
        "  data/raw/2023Q1/g.xlsx › Sheet1 › C6 › “18” = 18 (乙镇)",
        "  data/raw/2023Q1/g.xlsx › Sheet1 › C7 › “30” = 30 (丙街道)",
        "Denominator: 受理件数 = 60",
        "  data/raw/2023Q1/g.xlsx › Sheet1 › B5 › “10” = 10 (甲镇)",
        "  data/raw/2023Q1/g.xlsx › Sheet1 › B6 › “20” = 20 (乙镇)",
        "  data/raw/2023Q1/g.xlsx › Sheet1 › B7 › “30” = 30 (丙街道)",
        "A year earlier: Numerator: 成功件数 = 57",
        "  data/raw/2022Q1/g.xlsx › Sheet1 › C5 › “9” = 9 (甲镇)",
        "  data/raw/2022Q1/g.xlsx › Sheet1 › C6 › “18” = 18 (乙镇)",
        "  data/raw/2022Q1/g.xlsx › Sheet1 › C7 › “30” = 30 (丙街道)",
        "A year earlier: Denominator: 受理件数 = 70",
        "  data/raw/2022Q1/g.xlsx › Sheet1 › B5 › “20” = 20 (甲镇)",
        "  data/raw/2022Q1/g.xlsx › Sheet1 › B6 › “20” = 20 (乙镇)",
        "  data/raw/2022Q1/g.xlsx › Sheet1 › B7 › “30” = 30 (丙街道)",
    ]


def test_it_speaks_chinese_where_the_terminal_does(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIANBAO_LANG", "zh")
    workspace = small_workspace(tmp_path, "2022Q1", "2023Q1")
    targets = TARGETS.replace("2024-12-31", "2023-12-31").replace("98", "93.5")
    (tmp_path / "catalogue/targets/2023.yml").write_text(targets, encoding="utf-8")
    assert told(workspace, capsys, "调解成功率", "--place", "甲乡") == [  # by an alias
        "调解成功率（success_rate） · 甲镇 · 2023年1—3月",
        "数值：90.0%　上年同期：90.0%　变化：与上年同期持平",
        "公式：成功件数 ÷ 受理件数 × 100%",
        "代入：9 ÷ 10 × 100% ＝ 90.0%",
        "责任科室：调解科　来源条目：T23",
        "已报／应报：1/1",
        "分子：成功件数＝9",
        "  data/raw/2023Q1/g.xlsx › Sheet1 › C5 › “9” ＝ 9（甲镇）",
        "分母：受理件数＝10",
        "  data/raw/2023Q1/g.xlsx › Sheet1 › B5 › “10” ＝ 10（甲镇）",
        "上年同期分子：成功件数＝9",
        "  data/raw/2022Q1/g.xlsx › Sheet1 › C5 › “9” ＝ 9（甲镇）",
        "上年同期分母：受理件数＝10",
        "  data/raw/2022Q1/g.xlsx › Sheet1 › B5 › “10” ＝ 10（甲镇）",
    ]
    (aim,) = (line for line in told(workspace, capsys, "success_rate") if "目标：" in line)
    assert aim.startswith("目标：2023年不低于93.5%（本局设定：本局设定）")


def test_wrong_data_are_told_of_and_do_not_stop_a_question(tmp_path: Path, capsys: Capture) -> None:
    workspace = untidy(tmp_path)
    lines = told(workspace, capsys, "success_rate")
    assert lines[1].startswith("Value: (not reported by 乙镇 and 丙街道)")
    assert "Reported / due: 1/3; not reported by: 乙镇 and 丙街道" in lines
    assert "  data/raw/2023Q1/g.xlsx › Sheet1 › B5 › “约10” = about 10 (甲镇)" in lines
    assert [line.split()[:3] for line in lines if line.startswith("Finding: ")] == [
        ["Finding:", "error", "E_MISSING:"],
        ["Finding:", "error", "E_PARSE"],
        ["Finding:", "warning", "W_APPROXIMATE"],
    ]
    period = ("--year", "2023", "--quarter", "1", "--workspace", str(tmp_path))
    assert cli.main(["explain", "cases_accepted", *period]) == 0
    assert "the raw data of this period have 2 errors" in capsys.readouterr().err


def test_a_finding_about_something_else_is_not_told(tmp_path: Path, capsys: Capture) -> None:
    workspace = untidy(tmp_path)
    assert not any("Finding" in line for line in told(workspace, capsys, "plan_issued"))
    at = told(workspace, capsys, "success_rate", "--place", "A1")
    assert [line.split()[2] for line in at if line.startswith("Finding")] == ["W_APPROXIMATE"]


def test_a_decision_of_the_office_is_told_with_its_cell(tmp_path: Path, capsys: Capture) -> None:
    workspace = small_workspace(tmp_path)
    path = workspace.raw / "2023Q1/g.xlsx"
    rows = [GRID_ROWS[0], ["乙镇", 20, "若干", 10, 8, 5, "无"], GRID_ROWS[2]]
    write_xlsx(path, {"Sheet1": [*GRID_TITLE, *GRID_HEAD, *rows]})
    digest = sha256(path.read_bytes()).hexdigest()
    correct(workspace, f"value,2023Q1,{digest},Sheet1,C6,若干,18")
    lines = told(workspace, capsys, "success_rate")
    assert "Value: 95.0%" in lines[1]
    assert any(
        line == "Correction: data/raw/2023Q1/g.xlsx › Sheet1 › C6, typed as “若干”, "
        "counted as “18”. 核实更正 (办公室, 2023-04-10)"
        for line in lines
    )
    assert "  data/raw/2023Q1/g.xlsx › Sheet1 › C6 › “若干” = 18 (乙镇) (corrected)" in lines


def test_json_is_one_object_with_every_cell(tmp_path: Path, capsys: Capture) -> None:
    workspace = untidy(tmp_path)
    (answer,) = map(json.loads, told(workspace, capsys, "success_rate", "--json"))
    assert (answer["period"], answer["status"], answer["exit_code"]) == ("2023Q1", "explained", 0)
    assert (answer["indicator"], answer["place"], answer["value"]) == ("success_rate", "D0", None)
    assert answer["formula"] == "成功件数 ÷ 受理件数 × 100%"
    assert answer["missing"] == ["A2", "A3"]
    assert answer["findings"] == {"E_MISSING": 1, "E_PARSE": 1, "W_APPROXIMATE": 1}
    above, below = answer["parts"]
    assert (above["role"], above["item"], below["role"]) == (
        "numerator",
        "successful",
        "denominator",
    )
    cell = next(cell for cell in below["cells"] if cell["cell"] == "B5")
    assert (cell["raw"], cell["value"], cell["qualifier"]) == ("约10", "10", "~")
    assert [one["place"] for one in answer["places"]] == ["A1", "A2", "A3"]


def test_nothing_is_written(tmp_path: Path, capsys: Capture) -> None:
    workspace = untidy(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in workspace.root.rglob("*")}
    told(workspace, capsys, "success_rate")
    assert {path: path.stat().st_mtime_ns for path in workspace.root.rglob("*")} == before


def test_a_period_of_which_nothing_was_reported_is_refused_with_those_there_are(
    tmp_path: Path, capsys: Capture
) -> None:
    workspace = small_workspace(tmp_path, "2022Q1", "2023Q1")
    words = ("--year", "2025", "--workspace", str(workspace.root), "--quiet")
    assert cli.main(["explain", "success_rate", *words]) == 66
    out, err = capsys.readouterr()
    assert out == ""
    assert "no usable report for 2025" in err
    assert "It has 2022Q1, 2023Q1." in err


def test_what_the_published_report_says_is_told_beside_what_the_raw_data_say(
    tmp_path: Path,
) -> None:
    workspace = small_workspace(tmp_path)
    said = {"success_rate D0": ["95.0", ""], "cases_accepted D0": ["61", "50"]}

    def line_of(name: str) -> str:
        figure = explain(workspace, Period(2023, 1), name, None, "en", said)
        return next((line for line in figure.lines() if line.startswith("Published")), "")

    assert line_of("success_rate") == "Published: 95.0%, the same as the raw data give now"
    assert line_of("cases_accepted").startswith(
        "Published: 61 (a year earlier: 50), not the same as the raw data give now;"
    )
    assert line_of("plan_issued") == ""


def test_long_lines_hang_in_a_narrow_terminal_and_break_no_number(tmp_path: Path) -> None:
    figure = explain(small_workspace(tmp_path), Period(2023, 1), "success_rate", None, "zh", {})
    lines = list(figure.lines(40))
    assert max(map(columns, lines)) <= 40
    assert "  data/raw/2023Q1/g.xlsx › Sheet1 › C7 ›" in lines
    assert lines[lines.index("  data/raw/2023Q1/g.xlsx › Sheet1 › C7 ›") + 1] == (
        "      “30” ＝ 30（丙街道）"
    )


# --- what is asked --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["success_rate", "调解成功率", "Success_Rate", " 调解 成功率"])
def test_an_indicator_goes_by_its_id_and_its_names(
    name: str, tmp_path: Path, capsys: Capture
) -> None:
    lines = told(small_workspace(tmp_path), capsys, name)
    assert "(success_rate)" in lines[0]


@pytest.mark.parametrize("place", ["A1", "a1", "甲镇", "甲乡", "甲镇人民政府"])
def test_a_place_goes_by_its_code_its_name_and_its_aliases(
    place: str, tmp_path: Path, capsys: Capture
) -> None:
    lines = told(small_workspace(tmp_path), capsys, "success_rate", "--place", place)
    assert " · 甲镇 · " in lines[0]


@pytest.mark.parametrize("place", ["泉沄镇", "Quanyun", "S11"])
def test_an_english_terminal_knows_a_place_by_its_chinese_name_too(place: str) -> None:
    workspace = Workspace(PROJECT)
    english = edition(load_catalogue(workspace), workspace, "en")
    assert find_place(english, Period(2023), place) == "S11"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["succes_rate"], "did you mean success_rate (调解成功率) or"),
        (["成功率"], "did you mean success_rate (调解成功率)?"),
        (["xyz"], "there is no indicator “xyz”."),
        (["success_rate", "--place", "甲"], "did you mean A1 (甲镇)"),
        (["plan_issued", "--place", "甲镇"], "has no figure at 甲镇; it has at 试区"),
        ([], "say which indicator"),
        (["success_rate", "more"], "unknown argument “more”"),
    ],
)
def test_what_is_not_there_is_refused_with_the_nearest(
    words: list[str], says: str, tmp_path: Path, capsys: Capture
) -> None:
    assert ask(small_workspace(tmp_path), *words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert says in err


def test_help_in_both_languages(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    for lang, words in (("en", "every cell"), ("zh", "每个来源单元格")):
        monkeypatch.setenv("NIANBAO_LANG", lang)
        assert cli.main(["explain", "--help"]) == 0
        shown = capsys.readouterr().out
        assert words in shown
        assert "--place PLACE" in shown
        assert "--force" not in shown


# --- the same as the card -------------------------------------------------------------------------


@pytest.mark.xdist_group("report")
def test_twenty_figures_of_the_sample_are_told_as_their_cards_and_tables_say(
    report_of: Callable[[str], Made],
) -> None:
    report, page = report_of("2023")
    cards = {card["id"]: card for card in BeautifulSoup(page, "html.parser").select(".card-source")}
    values = {(row.indicator, row.place): row for row in report.table("values").itertuples()}
    names = sorted(name for name in report.catalogue.indicators if f"s-{name}-S00" in cards)
    for name in random.Random(4).sample(names, 20):  # noqa: S311
        figure = explained(report, name, "S00").as_record()
        row, card = values[name, "S00"], cards[f"s-{name}-S00"]
        assert (figure["value"] or "") == row.value, name
        assert (figure["previous"] or "") == row.previous, name
        text = card.get_text()
        assert f"：{figure['value']}{row.unit}" in text or figure["value"] in (None, "100.0"), name
        cells = {
            (cell["file"], cell["sheet"], cell["cell"])
            for part in figure["parts"]
            for cell in part["cells"]
            if re.fullmatch("[A-Z]+[0-9]+", cell["cell"])
        }
        own = [ul for ul in card.select("ul.cells") if not _of_last_year(ul)]
        assert set(_addresses(own)) == cells, name


def _of_last_year(listed) -> bool:
    found = listed.find_parent("details")
    return found is not None and found.summary.get_text().startswith("上年")


def _addresses(lists) -> Iterator[tuple[str, str, str]]:
    """Every cell that a card names, its ranges unfolded; the rows of a ledger are left out."""
    for line in (line for one in lists for line in one.find_all("li")):
        file, sheet, cells, *_ = line.get_text().removesuffix("（已更正）").split(" › ")
        for part in cells.split(","):
            if found := re.fullmatch(r"([A-Z]+)([0-9]+)(?::[A-Z]+([0-9]+))?", part):
                for row in range(int(found[2]), int(found[3] or found[2]) + 1):
                    yield file, sheet, f"{found[1]}{row}"


@pytest.mark.skipif(os.name == "nt", reason="pipes there end otherwise")
def test_whoever_reads_only_the_first_line_is_not_told_of_an_accident() -> None:
    command = [sys.executable, "pipeline.py", "explain", "mediation_cases", "--year", "2023"]
    with subprocess.Popen(
        [*command, "--quiet"], cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        running.stdout.close()
        assert running.stderr is not None
        assert running.stderr.read() == b""
    assert running.returncode == 141
