"""Blank workbooks: what is on them, and that they come back filled in without a finding."""

import json
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from blank_forms import expected_rows, fill_folder
from openpyxl.worksheet.worksheet import Worksheet
from workspaces import GRID, LEDGERS, OFFICE, small_workspace, write_catalogue

from nianbao.catalogue import Catalogue, load_catalogue
from nianbao.cleaning import Cleaned, clean
from nianbao.cli import main
from nianbao.errors import CatalogueError, UsageError
from nianbao.forms import make_forms
from nianbao.forms.pages import books
from nianbao.forms.words import load_words
from nianbao.period import Period, period_in_text
from nianbao.workspace import PROJECT, Workspace

QUARTER, YEAR = Period(2024, 1), Period(2024)
MEDIATION = "W7-人民调解工作情况统计表-泉沄镇"
SOFFICE = shutil.which("soffice")


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(Workspace(PROJECT))


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample's blank forms of 2024, a folder for each quarter and one for the year."""
    root = tmp_path_factory.mktemp("blank")
    make_forms(Workspace(root), YEAR)
    return root / "forms"


def opened(folder: Path, start: str) -> openpyxl.Workbook:
    """The workbook whose name starts so."""
    (path,) = (path for path in folder.iterdir() if path.name.startswith(start))
    return openpyxl.load_workbook(path)


def texts(sheet: Worksheet, row: int) -> list[object]:
    return [cell.value for cell in sheet[row]]


def checks(sheet: Worksheet, cell: str) -> list[str]:
    """The kinds of validation on a cell."""
    found = sheet.data_validations.dataValidation
    return [check.type for check in found if cell in check.sqref]


def handed_in(root: Path, folder: Path, period: Period) -> Cleaned:
    """What cleaning makes of a folder of workbooks, alone in a workspace."""
    workspace = Workspace(root)
    shutil.copytree(folder, workspace.raw / period.name)
    return clean(workspace, load_catalogue(workspace), period)


def found_in(got: Cleaned, period: Period) -> Counter[str]:
    return Counter(one.code for one in got.findings if one.period == period.name)


# --- which workbooks ------------------------------------------------------------------------------


def test_a_year_has_a_folder_for_each_quarter_and_one_for_its_annual_forms(blank: Path) -> None:
    count = {folder.name: len(list(folder.iterdir())) for folder in blank.iterdir()}
    # a quarter: eight forms of the bureau's own departments and W7 of eighteen townships
    quarters = {f"2024Q{quarter}": 8 + 18 for quarter in (1, 2, 3, 4)}
    assert count == quarters | {"2024": 3}


def test_a_quarter_alone_has_one_folder_named_as_in_data_raw(tmp_path: Path) -> None:
    made = make_forms(small_workspace(tmp_path), Period(2024, 2), tmp_path / "to send")
    assert {path.parent for path in made.files} == {tmp_path / "to send" / "2024Q2"}
    assert [path.name for path in made.files] == [
        "G-调解情况表-调解科.xlsx",
        "L-会议和案件台账-办公室.xlsx",
        "M-矫正月报-矫正科.xlsx",
        "T-任务清单-办公室.xlsx",
    ]


def test_a_township_has_a_workbook_of_its_own_where_the_form_says_so(blank: Path) -> None:
    sheet = opened(blank / "2024Q3", "W7-人民调解工作情况统计表-泉沄镇").worksheets[0]
    assert sheet["A1"].value == "示例区2024年第三季度人民调解工作情况统计表"
    assert sheet["A2"].value == "填报单位（盖章）：泉沄镇"
    assert [cell.value for cell in sheet["A"]][2:6] == ["镇街", None, "泉沄镇", None]


def test_a_township_that_is_not_there_yet_has_none(tmp_path: Path) -> None:
    places = (PROJECT / "catalogue/places.csv").read_text(encoding="utf-8")
    folder = tmp_path / "catalogue"
    folder.mkdir()
    later = places.replace("萤坪乡,township,18,,", "萤坪乡,township,18,2024-04-01,")
    (folder / "places.csv").write_text(later, encoding="utf-8")
    made = make_forms(Workspace(tmp_path), Period(2024))
    named = [path for path in made.files if "萤坪乡" in path.name]
    assert [path.parent.name for path in named] == ["2024Q2", "2024Q3", "2024Q4"]


def test_a_form_added_in_yaml_alone_has_its_blank_workbook(tmp_path: Path) -> None:
    form = """\
form: N
name: {zh: 公证收费情况表}
department: 公证科
tables:
  fees:
    kind: grid
    title: 公证收费情况
    rows: department
    row_label: [单位]
    versions: {2022: {columns: {fees: [收费, 金额], cases: [收费, 件数], share: [占比]}}}
    items:
      fees: {zh: 公证收费, unit: 万元, type: amount}
      cases: {zh: 收费件数, unit: 件}
      share: {zh: 占比, unit: "%", type: amount}
"""
    workspace = write_catalogue(tmp_path, office=OFFICE.replace("{G:", "{N: quarter, G:"))
    (tmp_path / "catalogue/forms/N.yml").write_text(form, encoding="utf-8")
    make_forms(workspace, Period(2023, 1))
    sheet = opened(tmp_path / "forms/2023Q1", "N-公证收费情况表-公证科").worksheets[0]
    assert texts(sheet, 3) == ["单位", "收费", None, "占比\n（%）"]
    assert texts(sheet, 4) == [None, "金额\n（万元）", "件数\n（件）", None]
    assert texts(sheet, 5)[0] == "区城管局"


def test_collected_from_needs_a_row_for_each_unit(tmp_path: Path) -> None:
    wrong = LEDGERS.replace("department: 办公室", "department: 办公室\ncollected_from: township")
    with pytest.raises(CatalogueError, match=r"catalogue/forms/L\.yml:4:.*neither a row nor"):
        load_catalogue(write_catalogue(tmp_path, L=wrong))


def test_a_hint_is_for_an_item_of_the_table(tmp_path: Path) -> None:
    wrong = GRID.replace("    identities:", "    hints: [mediator]\n    identities:")
    with pytest.raises(CatalogueError, match="unknown item “mediator”; did you mean mediators"):
        load_catalogue(write_catalogue(tmp_path, G=wrong))


# --- what is on a sheet ---------------------------------------------------------------------------


@pytest.mark.parametrize("period", [*YEAR.quarters, YEAR], ids=str)
def test_every_title_says_its_period_as_the_reader_reads_it(blank: Path, period: Period) -> None:
    for path in (blank / period.name).iterdir():
        for sheet in openpyxl.load_workbook(path).worksheets[:-1]:
            assert period_in_text(str(sheet["A1"].value)) == period, path.name


def test_the_head_is_the_one_in_force_with_its_units(blank: Path, tmp_path: Path) -> None:
    head = opened(blank / "2024Q1", MEDIATION).worksheets[0]
    assert head["I3"].value == "调解受理\n（件）"
    assert {"B3:E3", "A3:A4", "I3:J3"} <= {str(area) for area in head.merged_cells.ranges}
    make_forms(Workspace(tmp_path), Period(2023, 1))
    assert (
        opened(tmp_path / "forms/2023Q1", MEDIATION).worksheets[0]["I3"].value == "受理调解\n（件）"
    )


def test_only_cells_to_be_filled_in_are_open(blank: Path) -> None:
    sheet = opened(blank / "2024Q1", MEDIATION).worksheets[0]
    assert sheet.protection.sheet
    assert not sheet.protection.password
    locked = {cell: sheet[cell].protection.locked for cell in ("A1", "A5", "B3", "B5", "K5", "B2")}
    # K is 调解成功小计, which works itself out; the line of who reports is written on
    assert locked == {"A1": True, "A5": True, "B3": True, "B5": False, "K5": True, "B2": False}


def test_a_ledger_is_open_as_far_down_as_it_goes(blank: Path) -> None:
    sheet = opened(blank / "2024Q1", "W1-").worksheets[0]
    assert sheet["A4"].protection.locked is False
    assert sheet.column_dimensions["A"].protection.locked is False
    assert sheet["A3"].protection.locked is True


def test_a_sheet_prints_on_a4_across_with_its_head_on_every_page(blank: Path) -> None:
    sheet = opened(blank / "2024Q1", "W9-")["2月"]
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert (sheet.page_setup.fitToWidth, sheet.print_title_rows) == (1, "$3:$5")
    assert sheet.freeze_panes == "B6"


def test_a_monthly_form_has_a_sheet_a_month_that_opens_with_what_the_last_one_closed(
    blank: Path,
) -> None:
    book = opened(blank / "2024Q2", "W9-")
    assert book.sheetnames == ["4月", "5月", "6月", "填报说明"]
    assert book["4月"]["B6"].value is None
    assert book["5月"]["B6"].value == "=IF('4月'!F6=\"\",\"\",'4月'!F6)"


def test_a_sum_stays_empty_until_all_its_numbers_are_there(blank: Path) -> None:
    sheet = opened(blank / "2024Q1", MEDIATION).worksheets[0]
    # 小计 = 书面 + 口头; 无 is a zero, and counts as there
    assert sheet["K5"].value == '=IF(COUNT(L5,M5)+(L5="无")+(M5="无")<2,"",SUM(L5,M5))'
    month = opened(blank / "2024Q1", "W9-")["1月"]
    assert month["F6"].value.endswith(',"",SUM(B6,C6)-SUM(D6,E6))')
    assert month["C24"].value.endswith('<18,"",SUM(C6:C23))')


def test_numbers_lists_and_dates_are_checked(blank: Path) -> None:
    mediation = opened(blank / "2024Q1", MEDIATION).worksheets[0]
    (count,) = (c for c in mediation.data_validations.dataValidation if "B5" in c.sqref)
    assert count.formula1 == ('IF(ISNUMBER(B5),AND(B5>=0,B5=INT(B5)),OR(B5="—",B5="/",B5="无"))')
    assert (count.errorStyle, count.showErrorMessage, count.errorTitle) == ("stop", True, "请核对")
    assert "单位：个" in count.prompt
    party = opened(blank / "2024Q1", "W1-").worksheets[0]
    assert [checks(party, cell) for cell in ("A4", "B250", "F4", "C4")] == [
        ["date"],
        ["list"],
        ["custom"],
        [],
    ]
    (held,) = (c for c in party.data_validations.dataValidation if "A4" in c.sqref)
    assert (held.formula1, held.formula2) == ("DATE(2024,1,1)", "DATE(2024,3,31)")
    tasks = opened(blank / "2024Q1", "W11-").worksheets[0]
    (status,) = (c for c in tasks.data_validations.dataValidation if "C4" in c.sqref)
    assert status.formula1 == '"已完成,进行中,未启动"'
    townships = opened(blank / "2024", "W10-").worksheets[0]
    flags = [c for c in townships.data_validations.dataValidation if c.type == "list"]
    assert flags[0].formula1 == '"√,×,已建,在建,未建"'


def test_a_share_is_at_most_100_and_an_amount_may_have_decimals(tmp_path: Path) -> None:
    share = GRID.replace("{zh: 涉及金额, unit: 万元, type: amount}", '{zh: 占比, unit: "%"}')
    for number, (text, test) in enumerate({GRID: "G5>=0,", share: "AND(G5>=0,G5<=100)"}.items()):
        root = tmp_path / str(number)
        make_forms(write_catalogue(root, G=text), Period(2023, 1))
        sheet = opened(root / "forms/2023Q1", "G-").worksheets[0]
        (check,) = (c for c in sheet.data_validations.dataValidation if "G5" in c.sqref)
        assert test in check.formula1


def test_choices_too_long_for_a_cell_stand_beside_the_notes(tmp_path: Path) -> None:
    many = "".join(f"A{n},第{n}号单位之镇,township,{n},,,\n" for n in range(10, 60))
    places = (
        "code,name,kind,order,valid_from,valid_to,aliases\nD0,试区,district,0,,,\n"
        f"B1,区城管局,department,9,,,\n{many}"
    )
    make_forms(write_catalogue(tmp_path, places=places), Period(2023, 1))
    book = opened(tmp_path / "forms/2023Q1", "L-")
    (unit,) = (c for c in book.worksheets[0].data_validations.dataValidation if "D4" in c.sqref)
    assert unit.formula1 == "'填报说明'!$F$2:$F$52"
    assert book["填报说明"]["F1"].value == "对象单位（可选内容）"
    assert book["填报说明"]["F52"].value == "第59号单位之镇"


def test_the_notes_say_who_when_how_and_what_must_agree(blank: Path) -> None:
    notes = opened(blank / "2024Q1", "W7-人民调解工作情况统计表-禾溪镇")["填报说明"]
    said = [str(cell.value) for row in notes.iter_rows() for cell in row if cell.value]
    assert "1. 由禾溪镇填报，报送示例区司法局人民参与促进法治科。" in said
    assert "2. 统计期间：2024-01-01至2024-03-31。" in said
    assert "3. 报送期限：季度终了后5日内。" in said
    assert any("“无”＝按0统计" in text and "“/”＝不适用" in text for text in said)
    assert any(text.startswith("调解成功件数＝书面协议件数") for text in said)
    assert "自动计算，不需填写" in said


def test_the_last_value_is_shown_beside_its_cell_and_never_read(tmp_path: Path) -> None:
    workspace = write_catalogue(
        tmp_path, G=GRID.replace("    identities:", "    hints: [mediators]\n    identities:")
    )
    small_quarter = small_workspace(tmp_path / "other", "2023Q1")
    shutil.copytree(small_quarter.raw, workspace.raw)
    make_forms(workspace, Period(2023, 2))
    sheet = opened(tmp_path / "forms/2023Q2", "G-").worksheets[0]
    assert sheet["F5"].comment.text == "上期（2023年第一季度）调解员人数：4人"
    assert sheet["F5"].value is None
    assert sheet["B5"].comment is None
    month = opened(tmp_path / "forms/2023Q2", "M-")
    assert month["4月"]["B4"].comment.text == "上期（2023年第一季度）期末在册：5人"
    assert month["5月"]["B4"].comment is None
    make_forms(workspace, Period(2023, 1), tmp_path / "first")  # no quarter before it
    assert opened(tmp_path / "first/2023Q1", "G-").worksheets[0]["F5"].comment is None


def test_a_text_that_looks_like_a_formula_is_a_text(tmp_path: Path) -> None:
    places = "code,name,kind,order,valid_from,valid_to,aliases\nD0,试区,district,0,,,\n"
    workspace = write_catalogue(tmp_path, places=f"{places}A1,=1+1,township,1,,,\n")
    make_forms(workspace, Period(2023, 1))
    assert opened(tmp_path / "forms/2023Q1", "G-").worksheets[0]["A5"].data_type == "s"


def test_an_office_words_the_sheets_itself(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    (tmp_path / "wording").mkdir()
    own = tmp_path / "wording/forms.yml"
    own.write_text("reporting_date: 报出日期：\n", encoding="utf-8")
    make_forms(workspace, Period(2023, 1))
    line = texts(opened(tmp_path / "forms/2023Q1", "G-").worksheets[0], 2)
    assert "报出日期：" in line
    own.write_text("reporting_dat: 报出日期：\n", encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"wording/forms\.yml:1:1: .*did you mean reporting_"):
        load_words(workspace)
    own.write_text("title: '{distrikt}'\n", encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"unknown word “\{distrikt\}”"):
        load_words(workspace)
    own.write_text("period_quarter: '2019年第一季度'\n", encoding="utf-8")
    with pytest.raises(CatalogueError, match="would be read as another period"):
        make_forms(workspace, Period(2023, 1), tmp_path / "again")


# --- files ----------------------------------------------------------------------------------------


def test_the_same_forms_have_the_same_bytes(tmp_path: Path, blank: Path) -> None:
    make_forms(Workspace(tmp_path), Period(2024, 3))
    for path in (tmp_path / "forms/2024Q3").iterdir():
        assert path.read_bytes() == (blank / "2024Q3" / path.name).read_bytes(), path.name


def test_a_filled_form_is_never_written_over(tmp_path: Path) -> None:
    workspace, period = small_workspace(tmp_path), Period(2023, 2)
    first = make_forms(workspace, period)
    assert make_forms(workspace, period).new == ()
    filled, missing = first.files[0], first.files[1]
    filled.write_bytes(b"filled in")
    missing.unlink()
    with pytest.raises(UsageError, match=filled.name):
        make_forms(workspace, period)
    assert filled.read_bytes() == b"filled in"
    assert not missing.exists(), "nothing is written where anything is in the way"
    filled.unlink()
    assert make_forms(workspace, period).new == (filled, missing)


@pytest.mark.parametrize("kept", ["data/raw", "data/raw/2023Q2", "outputs"])
def test_forms_are_not_put_among_raw_files_and_reports(tmp_path: Path, kept: str) -> None:
    with pytest.raises(UsageError, match=r"name another folder|换一个文件夹"):
        make_forms(small_workspace(tmp_path), Period(2023, 2), tmp_path / kept)


def test_a_year_before_any_form_has_none(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="2015"):
        make_forms(small_workspace(tmp_path), Period(2015))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    def run(*words: str) -> tuple[int, str, str]:
        code = main([*words])
        out, err = capsys.readouterr()
        return code, out, err

    return run


def test_the_verb_prints_a_line_a_file_and_json_where_asked(
    tmp_path: Path, run: Callable[..., tuple[int, str, str]]
) -> None:
    workspace = str(small_workspace(tmp_path).root)
    words = ("forms", "--year", "2023", "--quarter", "2", "--workspace", workspace)
    code, out, err = run(*words)
    assert (code, len(out.splitlines())) == (0, 4)
    assert all(Path(line).is_file() for line in out.splitlines())
    assert "2023Q2" in err
    code, again, _ = run(*words, "--json")
    answer = json.loads(again)
    assert (code, answer["status"], answer["files"]) == (0, "standing", out.splitlines())
    Path(out.splitlines()[0]).write_bytes(b"filled in")
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert "nianbao: 1 " in err or "已有 1 个" in err


def test_to_belongs_to_forms_and_is_a_folder(
    tmp_path: Path, run: Callable[..., tuple[int, str, str]]
) -> None:
    (tmp_path / "a").write_text("", encoding="utf-8")
    assert run("forms", "--year", "2023", "--to", str(tmp_path / "a"))[0] == 2
    code, _, err = run("check", "--year", "2023", "--to", str(tmp_path))
    assert code == 2
    assert "--to" in err


@pytest.mark.parametrize(("language", "word"), [("zh", "空白报表"), ("en", "blank workbooks")])
def test_the_verb_explains_itself_in_both_languages(
    language: str,
    word: str,
    run: Callable[..., tuple[int, str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NIANBAO_LANG", language)
    code, out, err = run("forms", "--help")
    assert (code, err) == (0, "")
    assert word in out
    assert "--to DIR" in out
    assert "--allow-partial" not in out  # taken, and of no use here


# --- and back -------------------------------------------------------------------------------------


@pytest.mark.parametrize("period", [QUARTER, YEAR], ids=str)
def test_forms_handed_in_blank_are_reported_as_empty_and_not_as_zeros(
    blank: Path, tmp_path: Path, period: Period
) -> None:
    got = handed_in(tmp_path, blank / period.name, period)
    files = len(list((blank / period.name).iterdir()))
    found = found_in(got, period)
    assert found["E_EMPTY"] == files
    assert found.keys() == {"E_EMPTY", "E_MISSING"}
    assert [fact for fact in got.facts if fact.period == period.name] == []


def test_a_ledger_with_nothing_to_report_says_so_in_its_first_row(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    make_forms(workspace, Period(2023, 1))
    path = tmp_path / "forms/2023Q1/L-会议和案件台账-办公室.xlsx"
    book = openpyxl.load_workbook(path)
    book.worksheets[0]["A4"] = "无"
    book.save(workspace.raw / "2023Q1/l.xlsx")
    got = clean(workspace, load_catalogue(workspace), Period(2023, 1))
    assert got.findings == ()
    assert {fact.value for fact in got.facts if fact.item == "meetings"} == {0}


def test_a_form_filled_in_with_every_formula_typed_over_comes_back_whole(
    blank: Path, tmp_path: Path, catalogue: Catalogue
) -> None:
    _back(blank, tmp_path, catalogue, QUARTER, "")


def test_dates_and_choices_of_a_ledger_are_counted_as_filled_in(
    blank: Path, tmp_path: Path, catalogue: Catalogue
) -> None:
    folder = tmp_path / "filled"
    shutil.copytree(blank / QUARTER.name, folder)
    workspace = Workspace(tmp_path / "back")
    fill_folder(workspace, catalogue, QUARTER, folder, computed=True)
    got = handed_in(workspace.root, folder, QUARTER)
    (book,) = (b for b in books(catalogue, load_words(workspace), QUARTER) if b.form.form == "W1")
    (page,) = book.pages
    (fact,) = (fact for fact in got.facts if fact.item == "theme_party_day_events")
    assert fact.value == expected_rows(catalogue, book.name, page, "activity", "主题党日")
    sheet = openpyxl.load_workbook(folder / book.name).worksheets[0]
    assert sheet["A4"].value.date() == date(2024, 1, 1)


@pytest.mark.slow
@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")
@pytest.mark.parametrize("ending", ["xlsx", "xls", "ods"])
@pytest.mark.parametrize("period", [QUARTER, YEAR], ids=str)
def test_a_form_filled_in_and_saved_by_libreoffice_comes_back_without_a_finding(
    blank: Path, tmp_path: Path, catalogue: Catalogue, period: Period, ending: str
) -> None:
    folder = _back(blank, tmp_path, catalogue, period, ending)
    if ending == "xlsx":
        _still_guarded(blank / period.name, folder)


def _back(blank: Path, tmp_path: Path, catalogue: Catalogue, period: Period, ending: str) -> Path:
    """Fill in a folder of forms, save it anew, hand it in, and hold the facts to what was typed."""
    folder, saved = tmp_path / "filled", tmp_path / "saved"
    shutil.copytree(blank / period.name, folder)
    workspace = Workspace(tmp_path / "back")
    filled = fill_folder(workspace, catalogue, period, folder, computed=not ending)
    if ending:
        _save_anew(folder, saved, ending, tmp_path / "profile")
    got = handed_in(workspace.root, saved if ending else folder, period)
    assert [one for one in got.findings if one.period == period.name] == []
    grids = {item for item, _, _ in filled}
    facts = {
        (fact.item, fact.place, fact.month): fact.value
        for fact in got.facts
        if fact.item in grids and fact.period == period.name
    }
    assert facts == filled
    return saved


def _save_anew(folder: Path, saved: Path, ending: str, profile: Path) -> None:
    """Open every workbook in LibreOffice and save it in another format."""
    files = sorted(map(str, folder.iterdir()))
    home = f"-env:UserInstallation={profile.as_uri()}"
    convert = ["--headless", "--convert-to", ending, "--outdir", str(saved)]
    subprocess.run(
        [str(SOFFICE), home, *convert, *files], check=True, capture_output=True, timeout=240
    )
    assert len(list(saved.iterdir())) == len(files)


def _still_guarded(folder: Path, saved: Path) -> None:
    """Validation, protection and formulas are there after saving as they were before."""
    for path in folder.iterdir():
        before, after = openpyxl.load_workbook(path), openpyxl.load_workbook(saved / path.name)
        for old, new in zip(before.worksheets, after.worksheets, strict=True):
            kinds = [Counter(c.type for c in s.data_validations.dataValidation) for s in (old, new)]
            formulas = [
                sum(cell.data_type == "f" for row in s.iter_rows() for cell in row)
                for s in (old, new)
            ]
            assert kinds[0] == kinds[1], f"{path.name} {old.title}"
            assert formulas[0] == formulas[1], f"{path.name} {old.title}"
            assert new.protection.sheet
