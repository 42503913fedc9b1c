"""The catalogue: every mistake is refused at its place, with a hint."""

import re
from pathlib import Path

import pytest
from workspaces import CATALOGUE, sample_catalogue, write_catalogue

from nianbao.catalogue import load_catalogue, unused_indicators
from nianbao.catalogue.source import parse_source
from nianbao.errors import CatalogueError
from nianbao.period import Period
from nianbao.workspace import PROJECT, Workspace

REFERENCE = (
    *(f"E{n:02}" for n in range(1, 45)),
    "E44a",
    *(f"E{n:02}" for n in range(45, 58)),
    *("P1a", "P1b", "P1c", "P2a", "P2b", "P2c", "P3a", "P3b", "P3c", "P3d", "P3e"),
    *(f"T{n:02}" for n in range(1, 28)),
)


def refusal(root: Path, file: str, old: str, new: str) -> str:
    """Change one file of the small catalogue, and give the message with which it is refused."""
    workspace = write_catalogue(root)
    path = root / "catalogue" / file
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(workspace)
    assert caught.value.exit_code == 78
    return caught.value.message


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("successful:", "succesful:", "没有名为“succesful”的数据项；是否应为successful？"),
        ("rows: township", "rows: townships", "“townships”不在可选值之内"),
        (
            "department: 调解科",
            "departmnt: 调解科",
            "没有名为“departmnt”的键；是否应为department？",
        ),
    ],
)
def test_a_chinese_terminal_hears_of_a_mistake_in_chinese(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str, says: str
) -> None:
    monkeypatch.setenv("NIANBAO_LANG", "zh")
    message = refusal(tmp_path, "forms/G.yml", old, new)
    assert re.match(r"catalogue/forms/G\.yml:[0-9]+:[0-9]+: ", message)
    assert says in message


def place_of(file: str, needle: str) -> str:
    """Where some text first stands in a file of the small catalogue: file:line:column."""
    before = CATALOGUE[file].partition(needle)[0]
    line = before.count("\n") + 1
    return f"catalogue/{file}:{line}:{len(before) - before.rfind(chr(10))}:"


def test_the_small_catalogue_is_whole(tmp_path: Path) -> None:
    catalogue = load_catalogue(write_catalogue(tmp_path))
    assert catalogue.townships(Period(2023)) == ("A1", "A2", "A3")
    assert catalogue.home("served").form == "T"
    assert catalogue.flow_of("served") == "cumulative"


IDLE = """\
idle:
  section: society
  name: {zh: 闲}
  numerator: oral
  unit: 件
  over_time: sum
  better: volume
  department: 科
"""

# file, what stands there, what is typed instead, where the message points, what it says
MISTAKES = [
    ("office.yml", "bureau:", "burea:", "burea:", "unknown key “burea”; did you mean bureau"),
    (
        "office.yml",
        "district: D0",
        "district: DO",
        "district:",
        "unknown place “DO”; did you mean D0",
    ),
    (
        "office.yml",
        "district: D0",
        "district: A1",
        "district:",
        "“A1” is a township; the district is D0",
    ),
    ("office.yml", "{G: quarter", "{GG: quarter", "G: quarter", "unknown form “GG”"),
    ("office.yml", ", M: quarter", "", "expects:", "how often the form “M” arrives"),
    ("office.yml", "M: quarter", "M: quater", "M: quarter", "did you mean quarter"),
    (
        "forms/G.yml",
        "tolerance:",
        "tolerence:",
        "tolerance:",
        "unknown key “tolerence”; did you mean tolerance",
    ),
    ("forms/G.yml", "kind: grid", "kind: gird", "kind:", "did you mean grid"),
    ("forms/G.yml", "rows: township", "rows: townships", "rows:", "did you mean township"),
    (
        "forms/G.yml",
        "          oral:",
        "          orally:",
        "oral:",
        "unknown item “orally”; did you mean oral",
    ),
    (
        "forms/G.yml",
        "successful = written + oral",
        "successful = writen + oral",
        "successful = w",
        "unknown item “writen”; did you mean written",
    ),
    (
        "forms/G.yml",
        "successful <= accepted",
        "successful < accepted",
        "successful <=",
        "expected “a + b = c” or “a <= b”",
    ),
    ("forms/G.yml", "    row_label: [镇街]\n", "", "mediation:", "“row_label” is missing"),
    ("forms/G.yml", "      2024:", "      2024年:", "2024:", "not a period"),
    ("forms/G.yml", "flow: stock", "flow: stocks", "flow: stock", "did you mean stock"),
    (
        "forms/G.yml",
        "mediators: {zh: 调解员人数, unit: 人, flow: stock}",
        "mediators: {zh: 调解员人数, sum: written}",
        "sum",
        "“sum” belongs to a ledger",
    ),
    (
        "forms/L.yml",
        "activity: 会议}",
        "activity: 会义}",
        "activity: 会议}",
        "unknown value “会义”; did you mean 会议",
    ),
    (
        "forms/L.yml",
        "activity: 督察}",
        "activty: 督察}",
        "activity: 督察}",
        "unknown field “activty”; did you mean activity",
    ),
    (
        "forms/L.yml",
        "sum: attendance",
        "sum: attendence",
        "sum: attendance",
        "unknown field “attendence”; did you mean attendance",
    ),
    (
        "forms/L.yml",
        "sum: attendance",
        "sum: meeting",
        "sum: attendance",
        "“meeting” is a text, and a number is needed",
    ),
    (
        "forms/L.yml",
        "date: closed_on}",
        "date: title}",
        "date: closed_on}",
        "“title” is a text, and a date is needed",
    ),
    (
        "forms/L.yml",
        "count: rows, where: {activity: 督察}",
        "where: {activity: 督察}",
        "inspections:",
        "say `count:` or `sum:`",
    ),
    ("forms/L.yml", "        of: [held_on, meeting]\n", "", "meetings:", "told apart (`of:`)"),
    ("forms/L.yml", "at: township", "at: village", "at: township", "not one of district, township"),
    (
        "forms/L.yml",
        "{field: unit,",
        "{field: units,",
        "field: unit,",
        "unknown field “units”; did you mean unit",
    ),
    (
        "forms/L.yml",
        "          meeting: [会议名称]",
        "          meetings: [会议名称]",
        "meeting: [会议名称]",
        "unknown field “meetings”; did you mean meeting",
    ),
    ("forms/L.yml", "{not: [是]}", "{not: []}", "carried_over: {not", "name at least one value"),
    (
        "forms/L.yml",
        "received_on, closed_on]",
        "received_on, title]",
        "case_days: {working",
        "a date is needed",
    ),
    (
        "forms/T.yml",
        "row: 服务企业, column: number",
        "row: 服务企业, column: numbers",
        "served:",
        "unknown column “numbers”; did you mean number",
    ),
    ("forms/T.yml", "row: 服务企业, column", "column", "served:", "say which row holds it"),
    ("forms/T.yml", "advisers:", "served:", "advisers:", "“served” stands here twice"),
    ("forms/T.yml", "advisers:", "accepted:", "advisers:", "“accepted” is already reported on G"),
    (
        "forms/M.yml",
        "{closing: opening}",
        "{closing: openings}",
        "closing: opening}",
        "unknown item “openings”; did you mean opening",
    ),
    (
        "indicators.yml",
        "denominator: accepted",
        "denominator: acepted",
        "denominator:",
        "unknown item “acepted”; did you mean accepted",
    ),
    (
        "indicators.yml",
        "numerator: successful",
        "numerator: successful +",
        "numerator: successful",
        "ends in an operator",
    ),
    (
        "indicators.yml",
        "better: higher",
        "better: heigher",
        "better: higher",
        "did you mean higher",
    ),
    ("indicators.yml", "decimals: 1", "decimals: one", "decimals:", "decimals"),
    (
        "indicators.yml",
        "  denominator: accepted\n",
        "",
        "success_rate:",
        "ratio_of_sums needs a denominator",
    ),
    ("indicators.yml", "  numerator: successful\n", "", "success_rate:", "give exactly one of"),
    (
        "outline.yml",
        "[cases_accepted]",
        "[case_accepted]",
        "cases_accepted]",
        "unknown indicator “case_accepted”; did you mean cases_accepted",
    ),
    (
        "targets/2024.yml",
        "success_rate:",
        "sucess_rate:",
        "success_rate:",
        "unknown indicator for the target “sucess_rate”; did you mean success_rate",
    ),
    ("targets/2024.yml", "value: 98, ", "", "success_rate:", "needs a value"),
    ("targets/2024.yml", "op: done", "op: '>=', value: 1", "op: done", "is a milestone"),
    ("targets/2024.yml", 'op: ">=", value: 98', "op: done", 'op: ">="', "is a number"),
    (
        "targets/2024.yml",
        "basis: assumed",
        "basis: guessed",
        "basis: assumed",
        "not one of source, standard, assumed",
    ),
    ("targets/2024.yml", "due: 2024-12-31", "due: 2024-13-31", "2024-12-31", "no date or number"),
]


@pytest.mark.parametrize(("file", "old", "new", "at", "says"), MISTAKES)
def test_a_mistake_is_refused_at_its_place(
    file: str, old: str, new: str, at: str, says: str, tmp_path: Path
) -> None:
    message = refusal(tmp_path, file, old, new)
    assert says in message
    if at in CATALOGUE[file]:
        assert message.startswith(place_of(file, at))
    assert re.match(rf"catalogue/{file}:[0-9]+:[0-9]+: ", message)


MISTAKES.append(
    (
        "forms/G.yml",
        "[调解成功, 书面]",
        "[调解成功，书面]",
        "written: [",
        "part the labels with “,”, not with “，”",
    )
)
PLACE_MISTAKES = [
    ("kind,order", "kinds,order", "1:3: unknown column “kinds”; did you mean kind"),
    ("甲镇,township", "甲镇,townshp", "3:3: kind: “townshp” is not one of"),
    ("甲镇,township,1", "甲镇,township,一", "3:4: order: "),
    ("A2,", "A1,", "4:1: “A1” stands here twice"),
    ("丙街道,", "甲乡,", "5:1: “甲乡” already means A1"),
    ("A2,乙镇,township,2,,,", "A2,乙镇,township,2,,,乙乡,乙街", "4:8: the row has 8 cells under 7"),
    ("A2,乙镇,township,2,,", "A2,乙镇,township,2,去年,", "4:5: valid_from: "),
    ("A2,乙镇", "A2,", "4:2: “name” is missing"),
]


@pytest.mark.parametrize(("old", "new", "says"), PLACE_MISTAKES)
def test_a_bad_row_of_places_is_refused(old: str, new: str, says: str, tmp_path: Path) -> None:
    message = refusal(tmp_path, "places.csv", old, new)
    assert message.startswith(f"catalogue/places.csv:{says}")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: [1, 2", ":2:1: "),
        ("a: 1\n\tb: 2", ":2:1: "),
        ("a: 1\na: 2", ":2:1: “a” stands here twice"),
        ("? [a, b]\n: 1", ":1:3: a key is one word"),
        ("a: 1\nb: 2024-02-30", ":2:4: “2024-02-30” is no date"),
        ("a: !!python/name:os.system x", ":1:"),
        ("a: 1\n--- \nb: 2", ":2:"),
    ],
)
def test_bad_yaml_is_refused_with_its_line(text: str, says: str) -> None:
    with pytest.raises(CatalogueError) as caught:
        parse_source(text.encode(), "x.yml")
    assert caught.value.message.startswith(f"x.yml{says}")


def test_a_file_in_another_encoding_is_to_be_saved_as_utf8(tmp_path: Path) -> None:
    workspace = write_catalogue(tmp_path)
    (tmp_path / "catalogue/office.yml").write_bytes("bureau: 试区".encode("gb18030"))
    with pytest.raises(CatalogueError, match=r"office.yml:1:1: save this file as UTF-8"):
        load_catalogue(workspace)


def test_two_files_for_one_form_are_refused(tmp_path: Path) -> None:
    workspace = write_catalogue(tmp_path)
    copy = (tmp_path / "catalogue/forms/G.yml").read_text(encoding="utf-8")
    (tmp_path / "catalogue/forms/G2.yml").write_text(copy, encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"forms/G2\.yml:1:1: another file has the form “G”"):
        load_catalogue(workspace)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("indicator.yml", "nothing reads this file; did you mean indicators.yml"),
        ("forms/G.yaml", "name this file with the ending .yml"),
        ("targets/next.yml", "named by its year"),
    ],
)
def test_a_file_that_would_be_passed_over_is_refused(name: str, says: str, tmp_path: Path) -> None:
    workspace = write_catalogue(tmp_path)
    (tmp_path / "catalogue" / name).write_text("{}", encoding="utf-8")
    with pytest.raises(CatalogueError, match=f"catalogue/{name}:1:1: .*{re.escape(says)}"):
        load_catalogue(workspace)


def test_an_indicator_worked_out_from_itself_is_refused(tmp_path: Path) -> None:
    index = "index: {basis: assumed, components: {b: {weight: 1, full_marks: 1}}}"
    rest = (
        "section: society, name: {zh: 甲}, unit: '', over_time: derived, better: higher, "
        "department: 科"
    )
    text = f"a: {{{rest}, {index}}}\nb: {{{rest}, across: {{measure: cv, of: a}}}}\n"
    workspace = write_catalogue(tmp_path, indicators=CATALOGUE["indicators.yml"] + text)
    with pytest.raises(CatalogueError, match="“a” is worked out from itself"):
        load_catalogue(workspace)


def test_an_unused_indicator_is_refused_at_its_place(tmp_path: Path) -> None:
    workspace = write_catalogue(tmp_path, indicators=CATALOGUE["indicators.yml"] + IDLE)
    line = CATALOGUE["indicators.yml"].count("\n") + 1
    with pytest.raises(CatalogueError, match=rf"indicators.yml:{line}:1: .*“idle” is used nowhere"):
        load_catalogue(workspace)


def test_a_sentence_that_names_an_indicator_uses_it(tmp_path: Path) -> None:
    workspace = write_catalogue(tmp_path, indicators=CATALOGUE["indicators.yml"] + IDLE)
    (tmp_path / "wording/zh").mkdir(parents=True)
    (tmp_path / "wording/zh/more.md.j2").write_text("{{ n('idle') }}", encoding="utf-8")
    assert unused_indicators(load_catalogue(workspace), workspace) == ()


def test_a_workspace_replaces_file_by_file_and_forms_as_a_whole(tmp_path: Path) -> None:
    (tmp_path / "catalogue").mkdir()
    office = (PROJECT / "catalogue/office.yml").read_text(encoding="utf-8")
    (tmp_path / "catalogue/office.yml").write_text(
        office.replace("示例区司法局", "另一区司法局"), encoding="utf-8"
    )
    project, own = sample_catalogue(), load_catalogue(Workspace(tmp_path))
    assert own.office.bureau.zh == "另一区司法局"
    assert own.forms.keys() == project.forms.keys()
    assert own.sha256 != project.sha256

    (tmp_path / "catalogue/forms").mkdir()
    w1 = (PROJECT / "catalogue/forms/W1.yml").read_text(encoding="utf-8")
    (tmp_path / "catalogue/forms/W1.yml").write_text(w1, encoding="utf-8")
    with pytest.raises(CatalogueError, match="unknown form “W2”"):
        load_catalogue(Workspace(tmp_path))


def test_targets_are_replaced_as_a_whole(tmp_path: Path) -> None:
    (tmp_path / "catalogue/targets").mkdir(parents=True)
    line = "mediation_success_rate: {op: '>=', value: 97, basis: assumed, due: 2025-12-31}"
    (tmp_path / "catalogue/targets/2025.yml").write_text(line, encoding="utf-8")
    assert list(load_catalogue(Workspace(tmp_path)).targets) == [2025]


def test_the_same_files_give_the_same_hash(tmp_path: Path) -> None:
    first = load_catalogue(write_catalogue(tmp_path / "a")).sha256
    assert load_catalogue(write_catalogue(tmp_path / "b")).sha256 == first


def test_every_row_of_the_reference_table_is_served_and_no_other() -> None:
    catalogue = sample_catalogue()
    served = {row for indicator in catalogue.indicators.values() for row in indicator.source_rows}
    coverage = PROJECT / "docs" / "coverage.md"
    reasoned = (
        set(re.findall(r"\b[EPT][0-9]{1,2}[a-e]?\b", coverage.read_text(encoding="utf-8")))
        if coverage.exists()
        else set()
    )
    assert len(REFERENCE) == 96
    assert set(REFERENCE) - served - reasoned == set()
    assert served - set(REFERENCE) == set()


def test_every_plan_item_has_a_target_that_says_its_basis() -> None:
    targets = sample_catalogue().targets[2024].values()
    assert {f"T{n:02}" for n in range(1, 28)} <= {target.row for target in targets}
    assert all(target.note for target in targets)


def test_no_indicator_of_the_project_is_unused() -> None:
    assert unused_indicators(sample_catalogue(), Workspace(PROJECT)) == ()


def test_a_later_version_of_a_head_changes_only_what_it_lists(tmp_path: Path) -> None:
    table = load_catalogue(write_catalogue(tmp_path)).forms["G"].tables["mediation"]
    assert table.version(Period(2023, 4)).columns["accepted"] == ("受理调解",)
    assert table.version(Period(2024, 1)).columns["accepted"] == ("调解受理",)
    assert table.version(Period(2024, 1)).columns["oral"] == ("调解成功", "口头")
    assert not table.exists_in(Period(2021, 4))
    with pytest.raises(LookupError):
        table.version(Period(2021, 4))


def test_a_place_is_listed_only_while_it_exists(tmp_path: Path) -> None:
    places = CATALOGUE["places.csv"].replace("乙镇,township,2,,", "乙镇,township,2,,2023-06-30")
    catalogue = load_catalogue(write_catalogue(tmp_path, places=places))
    assert catalogue.townships(Period(2023, 2)) == ("A1", "A2", "A3")
    assert catalogue.townships(Period(2023, 3)) == ("A1", "A3")


def test_a_form_that_ended_is_not_collected_any_more(tmp_path: Path) -> None:
    ended = CATALOGUE["forms/G.yml"].replace("    tolerance: 2\n", "    until: 2023Q3\n")
    catalogue = load_catalogue(write_catalogue(tmp_path, G=ended))
    collected = [
        period
        for period in ("2022Q1", "2023Q3", "2023Q4", "2023", "2024Q1")
        if catalogue.collected("cases_accepted", Period.parse(period))
    ]
    assert collected == ["2022Q1", "2023Q3"]


def test_when_a_form_ended_is_a_year_or_a_quarter(tmp_path: Path) -> None:
    ended = CATALOGUE["forms/G.yml"].replace("    tolerance: 2\n", "    until: 三季度\n")
    with pytest.raises(CatalogueError, match=r"forms/G\.yml:\d+:\d+: .*is not a period"):
        load_catalogue(write_catalogue(tmp_path, G=ended))


def test_an_indicator_stands_in_a_group_of_the_outline(tmp_path: Path) -> None:
    groups = "groups: {society: {zh: 法治社会}, party: {zh: 党建}}\n"
    outline = CATALOGUE["outline.yml"] + groups
    assert load_catalogue(write_catalogue(tmp_path / "a", outline=outline)).outline.groups
    slip = CATALOGUE["indicators.yml"].replace("section: party", "section: pary", 1)
    with pytest.raises(CatalogueError, match="unknown group “pary”; did you mean party"):
        load_catalogue(write_catalogue(tmp_path / "b", outline=outline, indicators=slip))
