"""What changed: plant one change, publish again, and the table names it and nothing else."""

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import openpyxl
import pytest
from page import figures, marks, parse, stray_numerals
from workspaces import CATALOGUE, correct, write_catalogue, write_quarter

from nianbao import publish, schema
from nianbao.earlier import lay_out, memory_of_run, since_release, since_year_before
from nianbao.holding import hold
from nianbao.manifest import gather, read_manifest, write_manifest
from nianbao.memory import as_kept, as_remembered, digest
from nianbao.period import Period
from nianbao.pointing import current
from nianbao.report import Report
from nianbao.workspace import Workspace

OUTLINE = """\
sections: {society: {wording: society}}
appendices: [values, quality]
groups: {society: {zh: 法治社会}, party: {zh: 党建}}
"""
SENTENCES = """\
受理调解{{ fig("cases_accepted").value }}件，成功率{{ fig("success_rate").value }}%，\
甲镇受理{{ fig("cases_accepted", "A1").value }}件，\
{{ last }}{{ fig("cases_accepted").previous }}件。
"""
Row = tuple[str, str, str, str, str, str]  # against, indicator, place, former, value, cause


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Two first quarters with a base that is the same, and sentences of its own."""
    made = write_catalogue(tmp_path, outline=OUTLINE)
    folder = tmp_path / "wording" / "zh"
    folder.mkdir(parents=True)
    (folder / "society.md.j2").write_text(SENTENCES, encoding="utf-8")
    for quarter in ("2022Q1", "2023Q1"):
        write_quarter(made, quarter)
    return made


class Line:
    """What `run` does, without the notebooks and the page's frame."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.html = ""
        self.supersedes: str | None = None
        self.code = ""  # a hash to put in the place of the code's own

    def run(self, name: str = "2023Q1") -> list[Row]:
        """Publish once more; returns the rows of the table of revisions."""
        period = Period.parse(name)
        report = Report(self.workspace, period, "zh", "", allow_partial=False)
        report.clean()
        report.compute_values()
        report.compute_standings()
        made_of = gather(self.workspace, period, report.catalogue.sha256, {})
        made_of = replace(made_of, code=self.code or made_of.code)
        memory = memory_of_run(self.workspace, period, report.catalogue, made_of, ("zh",))
        base = since_year_before(self.workspace, period, memory)
        made_of = replace(made_of, year_before=digest(base))
        self.supersedes = self._superseded(period, made_of.release)
        since = since_release(self.workspace, period, self.supersedes, memory)
        changes = {"release": since, "year_before": base}
        lay_out(self.workspace, period, changes)
        report.sections()
        report.appendices()
        report.sources()
        self.html = "\n".join(report.shown)
        self._publish(period, made_of, as_kept(memory, changes))
        rows = schema.records(report.table("revisions"))
        columns = ("against", "indicator", "place", "former", "value", "cause")
        return [tuple(row[name] for name in columns) for row in rows]

    def _superseded(self, period: Period, name: Callable[[str | None], str]) -> str | None:
        place = current(self.workspace.outputs, period)
        found = read_manifest(place) if place else None
        if found is None:
            return None
        former = found["supersedes"]
        return former if found["release"] == name(former) else found["release"]

    def _publish(self, period: Period, made_of, remembered) -> None:
        with hold(self.workspace, "t"), publish.building(self.workspace, period) as folder:
            (folder / "report.html").write_text(self.html, encoding="utf-8")
            write_manifest(
                folder,
                period,
                made_of,
                complete=True,
                headline={},
                finding_codes=[],
                supersedes=self.supersedes,
                remembered=remembered,
            )
            publish.publish(self.workspace, period, made_of.release(self.supersedes), folder)


@pytest.fixture
def line(workspace: Workspace) -> Line:
    """The report of 2023Q1, published once."""
    made = Line(workspace)
    assert made.run() == []
    return made


def put(path: Path, cell: str, value: object) -> None:
    workbook = openpyxl.load_workbook(path)
    workbook.active[cell] = value
    workbook.save(path)


def grid(line: Line, quarter: str = "2023Q1") -> Path:
    return line.workspace.raw / quarter / "g.xlsx"


def read(line: Line, name: str = "2023Q1") -> list[dict[str, str]]:
    return schema.records(schema.read_table("values", line.workspace.processed(Period.parse(name))))


def redefine(line: Line, old: str, new: str) -> None:
    path = line.workspace.root / "catalogue" / "indicators.yml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


# --- nothing to say -------------------------------------------------------------------------------


def test_a_first_release_says_nothing_of_revisions(line: Line):
    assert "appendix-revisions" not in line.html
    assert "修订" not in line.html
    assert line.supersedes is None


def test_a_release_with_the_same_figures_has_no_section_and_no_sign(line: Line):
    line.code = "another"
    assert line.run() == []
    assert line.supersedes
    assert "appendix-revisions" not in line.html


# --- one planted change each ----------------------------------------------------------------------


def test_a_changed_cell_is_named_with_what_was_typed_before_and_after(line: Line):
    put(grid(line), "B5", 12)  # 甲镇 受理调解 10 → 12: 60 → 62 in all, 57/60 = 95.0 → 57/62 = 91.9
    assert line.run() == [
        ("release", "cases_accepted", "D0", "60", "62", "cell"),  # by 3.33 %
        ("release", "success_rate", "D0", "95.0", "91.9", "cell"),  # by 3.26 %
        ("release", "cases_accepted", "A1", "10", "12", "cell"),
        ("release", "success_rate", "A1", "90.0", "75.0", "cell"),
    ]
    assert "甲镇·受理件数由“10”改为“12”" in line.html
    assert "data/raw/2023Q1/g.xlsx › Sheet1 › B5" in line.html


def test_a_number_that_only_moved_to_another_cell_is_no_revision(line: Line):
    workbook = openpyxl.load_workbook(grid(line))
    workbook.active.insert_rows(2)
    workbook.active["A2"] = "填报单位：调解科"
    workbook.save(grid(line))
    assert line.run() == []


def test_a_decision_is_a_restatement_with_its_reason(line: Line):
    sha = sha256(grid(line).read_bytes()).hexdigest()
    correct(line.workspace, f"value,2023Q1,{sha},Sheet1,B6,20,25")
    rows = line.run()
    assert {row[1:] for row in rows if row[2] == "D0"} == {
        ("cases_accepted", "D0", "60", "65", "restated"),
        ("success_rate", "D0", "95.0", "87.7", "restated"),  # 57/65
    }
    assert {row[2] for row in rows} == {"D0", "A2"}
    assert "核实更正" in line.html.split('id="appendix-revisions"')[1]


def test_a_restated_base_is_told_against_the_release(line: Line):
    sha = sha256(grid(line, "2022Q1").read_bytes()).hexdigest()
    correct(line.workspace, f"restates,2022Q1,{sha},Sheet1,B6,20,30")
    rows = line.run()
    assert ("release", "cases_accepted", "D0", "60", "70", "restated") in rows
    assert {row[2] for row in rows} == {"D0", "A2"}


def test_another_file_for_the_same_form_is_named(line: Line):
    other = grid(line).with_name("g-更正.xlsx")
    shutil.move(grid(line), other)
    put(other, "B7", 40)  # 丙街道 30 → 40
    rows = line.run()
    assert {row[1:] for row in rows if row[1] == "cases_accepted"} == {
        ("cases_accepted", "D0", "60", "70", "file"),
        ("cases_accepted", "A3", "30", "40", "file"),
    }
    assert "g-更正.xlsx › Sheet1 › B7" in line.html


def test_a_changed_formula_is_a_changed_definition(line: Line):
    redefine(line, "  numerator: successful\n", "  numerator: written\n")
    rows = line.run()
    assert rows
    assert {(row[1], row[5]) for row in rows} == {("success_rate", "definition")}
    assert "公式由“成功件数 / 受理件数”改为“书面件数 / 受理件数”" in line.html


def test_a_changed_rounding_is_a_changed_definition_where_it_shows(line: Line):
    redefine(line, "  decimals: 1\n", "  decimals: 2\n")
    put(grid(line), "C7", 29)  # 成功 30 → 29, its parts below with it
    put(grid(line), "E7", 19)
    rows = line.run()
    ours = [row for row in rows if row[2] == "D0" and row[3] == "95.0" and row[4] == "93.33"]
    assert [row[5] for row in ours] == ["definition;cell"]
    assert "小数位数由“1”改为“2”" in line.html


def test_a_changed_sentence_is_a_line_without_figures(line: Line):
    path = line.workspace.root / "wording" / "zh" / "society.md.j2"
    path.write_text(SENTENCES.replace("受理调解", "共受理调解"), encoding="utf-8")
    assert line.run() == []
    told = line.html.split('id="appendix-revisions"')[1].split("</section>")[0]
    assert "wording/zh/society.md.j2" in told
    assert "<data" not in told


def test_changed_code_is_the_cause_only_where_nothing_else_is(
    line: Line, monkeypatch: pytest.MonkeyPatch
):
    from nianbao import indicators

    rounded = indicators.rounded

    def wrong(value, indicator, catalogue):
        return "61" if (text := rounded(value, indicator, catalogue)) == "60" else text

    monkeypatch.setattr(indicators, "rounded", wrong)
    line.code = "another"
    rows = line.run()
    assert rows == [
        ("release", "cases_accepted", "D0", "60", "61", "code"),
        ("release", "cases_accepted", "D0", "60", "61", "code"),  # and of the base
    ]
    assert "程序改变" in line.html


def told_beside(line: Line) -> str:
    """What the section says below its tables, without tags."""
    section = line.html.split('id="appendix-revisions"')[1].split("</section>")[0]
    return re.sub("<[^>]+>", "", section)


def test_a_changed_target_is_told_with_both_bounds_and_revises_nothing(line: Line):
    folder = line.workspace.root / "catalogue" / "targets"
    head = "success_rate: {row: T23, basis: assumed, note: 本局设定, due: 2023-12-31, "
    (folder / "2023.yml").write_text(f'{head}op: ">=", value: 98}}\n', encoding="utf-8")
    assert line.run() == []
    assert "目标改变：“调解成功率”2023年目标由“不设”改为“≥98%”" in told_beside(line)
    (folder / "2023.yml").write_text(f'{head}op: ">=", value: 99}}\n', encoding="utf-8")
    assert line.run() == []
    assert "由“≥98%”改为“≥99%”" in told_beside(line)
    assert "已公布的数不变" in told_beside(line)


def test_a_target_of_another_year_is_none_of_this_reports(line: Line):
    path = line.workspace.root / "catalogue" / "targets" / "2024.yml"
    path.write_text(CATALOGUE["targets/2024.yml"].replace("98", "99"), encoding="utf-8")
    assert line.run() == []
    assert "appendix-revisions" not in line.html


def test_a_new_definition_stops_the_comparison_until_the_base_is_restated(line: Line):
    name = "  name: {zh: 受理调解}\n"
    mark = "  redefined: {since: 2023, note: {zh: 含诉前委派}}\n"
    redefine(line, name, name + mark)
    assert line.run() == []
    assert "“受理调解”口径自2023起调整，基数重述以前不与以前比较" in told_beside(line)
    kinds = {(r["indicator"], r["place"]): r["change_kind"] for r in read(line)}
    assert kinds["cases_accepted", "D0"] == "not_comparable"
    assert kinds["success_rate", "D0"] == "same"
    sha = sha256(grid(line, "2022Q1").read_bytes()).hexdigest()
    cells = (("B5", 10, 12), ("B6", 20, 24), ("B7", 30, 36))  # 60 by the old, 72 by the new
    correct(line.workspace, *(f"restates,2022Q1,{sha},Sheet1,{c},{a},{b}" for c, a, b in cells))
    rows = line.run()
    assert ("release", "cases_accepted", "D0", "60", "72", "restated") in rows
    assert "重述基数：甲镇·受理件数由“10”改为“12”，核实更正" in told_beside(line)
    (row,) = (r for r in read(line) if (r["indicator"], r["place"]) == ("cases_accepted", "D0"))
    assert (row["change_kind"], row["change"]) == ("percent", "-16.7")  # 60 on 72


def test_a_base_that_is_said_to_be_restated_is_compared_again(line: Line):
    name = "  name: {zh: 受理调解}\n"
    redefine(line, name, name + "  redefined: {since: 2023}\n")
    line.run()
    redefine(line, "{since: 2023}", "{since: 2023, restated: true}")
    assert line.run() == []
    assert "基数已按新口径重述，恢复比较" in told_beside(line)


def test_other_items_in_a_formula_are_one_change_of_definition(line: Line):
    redefine(line, "  numerator: successful\n", "  numerator: oral + written\n")
    assert line.run() == []  # the same sum
    assert "公式由“成功件数 / 受理件数”改为“(口头件数 + 书面件数) / 受理件数”" in told_beside(line)
    assert "报数方式" not in told_beside(line)


def test_a_decision_that_is_taken_back_is_told_as_such(line: Line):
    sha = sha256(grid(line).read_bytes()).hexdigest()
    correct(line.workspace, f"value,2023Q1,{sha},Sheet1,B6,20,25")
    line.run()
    correct(line.workspace)
    rows = line.run()
    assert ("release", "cases_accepted", "D0", "65", "60", "revoked") in rows
    assert "撤回决定：乙镇·受理件数由“25”改回“20”" in told_beside(line)


def test_a_township_under_a_new_name_is_no_revision(line: Line):
    places = CATALOGUE["places.csv"].replace("丙街道,township,3,,,", "丙城街道,township,3,,,丙街道")
    (line.workspace.root / "catalogue" / "places.csv").write_text(places, encoding="utf-8")
    assert line.run() == []
    assert "单位变动：丙街道改称丙城街道" in told_beside(line)


def test_a_new_township_is_the_cause_where_it_has_not_reported(line: Line):
    places = CATALOGUE["places.csv"] + "A4,丁镇,township,4,2023-01-01,,\n"
    (line.workspace.root / "catalogue" / "places.csv").write_text(places, encoding="utf-8")
    rows = line.run()
    assert ("release", "cases_accepted", "D0", "60", "", "place") in rows
    assert {row[5] for row in rows} == {"place"}
    assert "单位变动：新列入丁镇（2023-01-01起）" in told_beside(line)


def test_a_township_that_reports_no_more_is_named_with_what_it_said(line: Line):
    workbook = openpyxl.load_workbook(grid(line))
    workbook.active.delete_rows(7)
    workbook.save(grid(line))
    rows = line.run()
    assert ("release", "cases_accepted", "D0", "60", "", "withdrawn") in rows
    assert "不再报送：丙街道·受理件数原为“30”" in told_beside(line)


def test_several_changes_at_once_are_each_told_at_their_own_figures(line: Line):
    put(grid(line), "B5", 12)
    sha = sha256(grid(line, "2022Q1").read_bytes()).hexdigest()
    correct(line.workspace, f"restates,2022Q1,{sha},Sheet1,B6,20,30")
    redefine(line, "  numerator: successful\n", "  numerator: written\n")
    rows = {row[1:] for row in line.run() if row[2] == "D0"}
    assert rows == {
        ("cases_accepted", "D0", "60", "62", "cell"),
        ("cases_accepted", "D0", "60", "70", "restated"),  # the base
        ("success_rate", "D0", "95.0", "41.9", "definition;cell"),  # 26/62
        ("success_rate", "D0", "95.0", "37.1", "definition;restated"),  # 26/70
    }


# --- the table and the signs ----------------------------------------------------------------------


def test_every_number_is_a_figure_with_a_source_and_revised_ones_carry_a_sign(line: Line):
    put(grid(line), "B5", 12)
    line.run()
    page = parse(f"<body>{line.html}</body>")
    shown = {
        (f["data-indicator"], f["data-place"], f["data-column"]): f["value"] for f in figures(page)
    }
    assert shown["cases_accepted", "D0", "former"] == "60"
    assert shown["cases_accepted", "D0", "revision"] == "2"
    assert shown["success_rate", "D0", "revision"] == "-3.1"
    assert list(stray_numerals(page)) == []
    signs = re.findall(r'</button>%?<a class="revised on-screen" href="#([^"]+)"', line.html)
    assert set(signs) == {
        "revised-release-cases_accepted-D0-value",
        "revised-release-cases_accepted-A1-value",
        "revised-release-success_rate-D0-value",
    }
    for anchor in signs:
        assert f'<tr id="{anchor}">' in line.html
    assert "上一版报告公布的<time>2023年1—3月</time>数为60件" in line.html


def test_english_tells_the_same_revisions_in_the_same_figures(line: Line):
    english = line.workspace.root / "wording" / "en"
    english.mkdir()
    (english / "society.md.j2").write_text(SENTENCES, encoding="utf-8")
    put(grid(line), "B5", 12)
    line.run()
    report = Report(line.workspace, Period.parse("2023Q1"), "en", "", allow_partial=False)
    report.sections()
    report.appendices()
    report.sources()
    chinese, told = (marks(parse(html)) for html in (line.html, "\n".join(report.shown)))
    assert chinese == told
    assert sum(count for mark, count in told.items() if "revision" in mark) >= 3


def test_a_change_carries_the_sign_where_its_base_alone_was_revised(line: Line):
    path = line.workspace.root / "wording" / "zh" / "society.md.j2"
    words = '{% from "_phrases.md.j2" import nc with context %}受理调解{{ nc("cases_accepted") }}。'
    path.write_text(words, encoding="utf-8")
    sha = sha256(grid(line, "2022Q1").read_bytes()).hexdigest()
    correct(line.workspace, f"restates,2022Q1,{sha},Sheet1,B6,20,30")
    line.run()
    prose = line.html.split('id="society"')[1].split("</section>")[0]
    signed = re.findall(r'data-column="([a-z]+)">[^<]*</data>%?</button><a class="revised', prose)
    assert signed == ["change"]


def test_a_withheld_number_is_neither_told_nor_kept(workspace: Workspace):
    office = CATALOGUE["office.yml"] + "suppression_threshold: 10\n"
    forms = workspace.root / "catalogue" / "forms" / "G.yml"
    forms.write_text(
        CATALOGUE["forms/G.yml"].replace(
            "{zh: 受理件数, unit: 件}", "{zh: 受理件数, unit: 人, persons: true}"
        ),
        encoding="utf-8",
    )
    (workspace.root / "catalogue" / "office.yml").write_text(office, encoding="utf-8")
    line = Line(workspace)
    put(grid(line), "B5", 9)
    line.run()
    put(grid(line), "C5", 8)
    put(grid(line), "D5", 5)
    put(grid(line), "B5", 8)
    rows = line.run()
    assert ("release", "cases_accepted", "D0", "59", "58", "persons") in rows
    assert not [row for row in rows if row[1] == "cases_accepted" and row[2] == "A1"]
    told = line.html.split('id="appendix-revisions"')[1].split("</section>")[0]
    assert "改为“8”" not in told
    kept = as_remembered(read_manifest(current(workspace.outputs, Period.parse("2023Q1"))))
    assert kept["values"]["cases_accepted A1"][0] == "＊"
    assert {row[0] for row in kept["facts"]["accepted A1 2023Q1"]} == {"＊"}


# --- last year's report ---------------------------------------------------------------------------


def test_what_last_years_report_said_of_the_base_is_told_with_its_cause(workspace: Workspace):
    line = Line(workspace)
    line.run("2022Q1")
    sha = sha256(grid(line, "2022Q1").read_bytes()).hexdigest()
    correct(line.workspace, f"restates,2022Q1,{sha},Sheet1,B6,20,30")
    rows = line.run()
    assert [row for row in rows if row[2] == "D0"] == [
        ("year_before", "cases_accepted", "D0", "60", "70", "restated"),
        ("year_before", "success_rate", "D0", "95.0", "81.4", "restated"),  # 57/70
    ]
    assert {row[2] for row in rows} == {"D0", "A2"}
    assert "与上年报告公布数相比" in line.html


def test_what_last_year_said_goes_into_the_name_only_where_it_says_otherwise(workspace: Workspace):
    line = Line(workspace)
    line.run()
    alone = read_manifest(current(workspace.outputs, Period.parse("2023Q1")))["release"]
    line.run("2022Q1")
    line.run()
    beside = read_manifest(current(workspace.outputs, Period.parse("2023Q1")))["release"]
    assert beside == alone


# --- the same bytes again -------------------------------------------------------------------------


def test_a_release_keeps_what_is_needed_to_make_it_again(line: Line):
    put(grid(line), "B5", 12)
    rows = line.run()
    first = line.html
    place = current(line.workspace.outputs, Period.parse("2023Q1"))
    manifest = (place / "manifest.json").read_bytes()
    for release in place.parent.iterdir():
        if release != place:
            shutil.rmtree(release)
    assert line.run() == rows
    assert line.html == first
    assert (place / "manifest.json").read_bytes() == manifest
