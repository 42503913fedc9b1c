"""勾稽 across forms and periods, and rates over 100 %: each with both addresses."""

import random
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from workspaces import (
    CATALOGUE,
    GRID,
    INDICATORS,
    TASK_ROWS,
    TASKS,
    Row,
    cleaned,
    codes,
    correct,
    one,
    said,
    sample_catalogue,
    write_catalogue,
    write_quarter,
    write_xlsx,
)

from nianbao.agreements import check_across, check_ratios
from nianbao.catalogue import Catalogue, load_catalogue
from nianbao.errors import CatalogueError
from nianbao.facts import Fact
from nianbao.findings import Finding
from nianbao.workspace import Workspace

HEAD = GRID.split("    identities:")[0]


def across(text: str) -> str:
    return f"{GRID}across:\n{text}\n"


def with_rule(root: Path, rule: str, *quarters: str, **changed: str) -> Workspace:
    workspace = write_catalogue(root, G=across(f"  - {rule}"), **changed)
    for quarter in quarters or ("2023Q1",):
        write_quarter(workspace, quarter)
    return workspace


def findings(facts: list[Fact], catalogue: Catalogue) -> list[Finding]:
    return check_across(catalogue, facts)


def number(
    item: str, value: int | str, place: str = "D0", period: str = "2023Q1", **more: object
) -> Fact:
    form = {"served": "T", "advisers": "T"}.get(item, "G")
    values = {
        "period": period,
        "place": place,
        "item": item,
        "value": Decimal(value),
        "qualifier": "=",
        "raw": str(value),
        "form": form,
        "file": f"data/raw/{period}/{form}.xlsx",
        "sheet": "表",
        "cell": "B5",
    }
    return Fact(**{**values, **more})  # type: ignore[arg-type]


def test_the_sum_of_the_townships_is_held_against_the_districts_figure(tmp_path: Path) -> None:
    rule = "{holds: mediators = advisers, at: district}"  # 4 + 5 + 6 on G, 3 on T
    workspace = with_rule(tmp_path, rule)
    finding = one(cleaned(workspace), "E_IDENTITY")
    assert (finding.place, finding.form, finding.file) == ("D0", "G", "data/raw/2023Q1/g.xlsx")
    assert (finding.words["found"], finding.words["expected"]) == ("15", "3")
    message = said(workspace, finding, "zh")
    assert "调解员人数＝法律顾问人数" in message
    for address in ("g.xlsx › Sheet1 › F5=4＋F6=5＋F7=6，共15", "t.xlsx › 清单 › B5=3"):
        assert address in message


def test_a_sum_that_agrees_raises_nothing(tmp_path: Path) -> None:
    workspace = with_rule(tmp_path, "{holds: mediators = advisers, at: district}")
    rows = [*TASK_ROWS[:4], ["法律顾问", 15, None, None]]
    write_xlsx(workspace.raw / "2023Q1/t.xlsx", {"清单": rows})
    assert not codes(cleaned(workspace))


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ("{holds: mediators = advisers, at: district, tolerance: 12}", ""),
        ("{holds: mediators = advisers, at: district, tolerance: 11}", "E_IDENTITY"),
        ("{holds: mediators <= advisers * 5, at: district}", ""),
        ("{holds: mediators = advisers * 5, at: district}", ""),
        ("{holds: mediators <= advisers * 4, at: district, severity: warning}", "W_IDENTITY"),
    ],
)
def test_tolerance_factor_and_severity_are_declared(rule: str, code: str, tmp_path: Path) -> None:
    got = cleaned(with_rule(tmp_path, rule))
    assert set(codes(got)) == ({code} if code else set())


def test_a_township_that_says_nothing_or_not_exactly_leaves_the_sum_open(tmp_path: Path) -> None:
    catalogue = load_catalogue(with_rule(tmp_path, "{holds: mediators = advisers, at: district}"))
    district = [number("advisers", 3)]
    told = [number("mediators", 4, "A1"), number("mediators", 5, "A2")]
    assert not findings([*district, *told], catalogue)
    about = number("mediators", 6, "A3", qualifier="~")
    assert not findings([*district, *told, about], catalogue)
    inapplicable = replace(number("mediators", 6, "A3"), value=None)
    assert findings([*district, *told, inapplicable], catalogue)[0].words["found"] == "9"


def test_a_stock_is_carried_from_quarter_to_quarter_and_over_the_year_end(tmp_path: Path) -> None:
    rule = "mediators = quarter_before(mediators)"
    workspace = with_rule(tmp_path, rule, "2022Q4", "2023Q1", "2023Q2")
    assert not codes(cleaned(workspace, "2023Q2")).keys() & {"E_IDENTITY", "W_IDENTITY"}
    catalogue = load_catalogue(workspace)
    told = [
        number("mediators", 4, "A1", "2022Q4"),
        number("mediators", 5, "A1", "2023Q1"),
        number("mediators", 5, "A1", "2023Q2"),
        number("mediators", 9, "A1", "2023Q4"),  # the third quarter is not there
    ]
    (finding,) = findings(told, catalogue)
    assert (finding.period, finding.file) == ("2023Q1", "data/raw/2023Q1/G.xlsx")
    assert finding.words["detail"] == (
        "调解员人数 data/raw/2023Q1/G.xlsx › 表 › B5=5、"
        "上季度调解员人数 data/raw/2022Q4/G.xlsx › 表 › B5=4"
    )


def test_this_years_base_is_held_against_what_was_reported_then(tmp_path: Path) -> None:
    base = GRID.replace(
        "      accepted: {zh: 受理件数, unit: 件}",
        "      accepted: {zh: 受理件数, unit: 件}\n      base: {zh: 上年同期受理, unit: 件}",
    ).replace(
        "          amount: [涉及金额]", "          amount: [涉及金额]\n          base: [上年同期]"
    )
    workspace = write_catalogue(tmp_path, G=f"{base}across: [base = year_before(accepted)]\n")
    for quarter in ("2022Q1", "2023Q1"):
        write_quarter(workspace, quarter)
        write_xlsx(workspace.raw / quarter / "g.xlsx", {"表": base_rows(quarter[:4], 12)})
    finding = one(cleaned(workspace), "E_IDENTITY")
    assert (finding.period, finding.place, finding.cell) == ("2023Q1", "A1", "H4")
    assert "2022Q1/g.xlsx › 表 › B4=10" in finding.words["detail"]
    sha = next(f.sha256 for f in cleaned(workspace).files if f.shown.endswith("2022Q1/g.xlsx"))
    correct(workspace, f"restates,2022Q1,{sha},表,B4,10,12")  # a restated base is what counts
    assert not codes(cleaned(workspace))


def base_rows(year: str, base: int) -> list[Row]:
    return [
        [f"试区{year}年第一季度调解情况统计表"],
        ["镇街", "受理调解", "调解成功", "调解成功", "调解成功", "调解员", "涉及金额", "上年同期"],
        ["镇街", "受理调解", "小计", "书面", "口头", "调解员", "涉及金额", "上年同期"],
        ["甲镇", 10, 9, 6, 3, 4, 12.5, base],
        ["乙镇", 20, 18, 10, 8, 5, "无", 20],
        ["丙街道", 30, 30, 10, 20, 6, 7, 30],
    ]


def test_what_arrives_yearly_is_held_against_the_years_quarters(tmp_path: Path) -> None:
    office = CATALOGUE["office.yml"].replace("T: quarter", "T: year")
    tasks = TASKS.replace("flow: cumulative", "flow: quarter")
    rule = "{holds: accepted + mediators = served, at: district}"
    workspace = with_rule(tmp_path, rule, office=office, T=tasks)
    catalogue = load_catalogue(workspace)
    told = [
        number(item, value, place, f"2023Q{quarter}")
        for place in ("A1", "A2", "A3")
        for quarter in (1, 2, 3, 4)
        for item, value in (("accepted", quarter), ("mediators", quarter))
    ]
    assert not findings([*told, number("served", 42, period="2023")], catalogue)  # 30 + 12
    (finding,) = findings([*told, number("served", 41, period="2023")], catalogue)
    assert (finding.period, finding.words["found"]) == ("2023", "42")
    assert "……（12）" in finding.words["detail"]
    assert not findings([*told[2:], number("served", 41, period="2023")], catalogue)


def test_two_series_in_different_units_agree_to_their_rounding(tmp_path: Path) -> None:
    rule = "{holds: amount * 10000 = accepted, tolerance: 50, severity: warning}"
    catalogue = load_catalogue(with_rule(tmp_path, rule))
    told = [number("amount", "3.2", "A1"), number("accepted", 32049, "A1")]
    assert not findings(told, catalogue)
    told = [number("amount", "3.2", "A1"), number("accepted", 32051, "A1", cell="C9")]
    (finding,) = findings(told, catalogue)
    assert finding.code == "W_IDENTITY"
    assert finding.words["name"] == "涉及金额×10000＝受理件数"
    assert "C9=32051" in finding.words["detail"]


def test_years_that_the_report_does_not_use_are_only_warned_about(tmp_path: Path) -> None:
    catalogue = load_catalogue(with_rule(tmp_path, "mediators = accepted"))
    told = [number("mediators", 1, "A1", "2002Q1"), number("accepted", 2, "A1", "2002Q1")]
    assert [f.code for f in check_across(catalogue, [], told)] == ["W_IDENTITY"]
    assert [f.code for f in check_across(catalogue, told)] == ["E_IDENTITY"]


@pytest.mark.parametrize(
    ("text", "said_so"),
    [
        ("  - meditors = accepted", "unknown item “meditors”; did you mean mediators"),
        ("  - mediators == accepted", "expected “a + b = c”"),
        ("  - mediators = last_year(accepted)", "it can be quarter_before or year_before"),
        ("  - {holds: mediators = accepted, tolerance: -1}", "greater than or equal to 0"),
        ("  - {holds: mediators = accepted, severty: warning}", "did you mean severity"),
        ("  - {holds: mediators = accepted, severity: info}", "is not one of error, warning"),
        ("  - mediators = advisers", "say `at: district`"),
        ("  - {tolerance: 1}", "“holds” is missing here"),
    ],
)
def test_a_mistaken_declaration_is_refused_at_its_place(
    text: str, said_so: str, tmp_path: Path
) -> None:
    workspace = write_catalogue(tmp_path, G=across(text))
    with pytest.raises(CatalogueError) as refused:
        load_catalogue(workspace)
    line = across("").count("\n")
    assert str(refused.value).startswith(f"catalogue/forms/G.yml:{line}:")
    assert said_so in str(refused.value)


def test_a_form_says_no_more_of_other_periods_within_a_table(tmp_path: Path) -> None:
    mistaken = GRID.replace("successful <= accepted", "successful <= year_before(accepted)")
    with pytest.raises(CatalogueError, match="belongs into `across:`"):
        load_catalogue(write_catalogue(tmp_path, G=mistaken))


def test_the_samples_own_rules_reach_over_forms_places_and_years() -> None:
    rules = [rule for form in sample_catalogue().forms.values() for rule in form.across]
    assert {rule.at for rule in rules} == {"place", "district"}
    assert "year_before" in {term.earlier for rule in rules for term in rule.holds.terms}


# --- rates ----------------------------------------------------------------------------------------

RATE = """\
  section: society
  name: {zh: 面见率}
  numerator: NUMERATOR
  denominator: DENOMINATOR
  unit: "%"
  over_time: ratio_of_sums
  better: higher
  department: 调解科
"""


def rated(root: Path, numerator: str, denominator: str, more: str = "") -> Catalogue:
    rate = RATE.replace("NUMERATOR", numerator).replace("DENOMINATOR", denominator)
    return load_catalogue(write_catalogue(root, indicators=f"{INDICATORS}met:\n{rate}{more}"))


def test_a_rate_over_100_names_the_cells_of_both_its_numbers(tmp_path: Path) -> None:
    workspace = write_catalogue(tmp_path, G=HEAD)  # no identity forbids it
    write_quarter(workspace)
    sheet = base_rows("2023", 0)
    sheet[3] = ["甲镇", 8, 9, 6, 3, 4, 12.5]
    write_xlsx(workspace.raw / "2023Q1/g.xlsx", {"表": sheet})
    finding = one(cleaned(workspace), "E_RATIO")
    assert (finding.place, finding.period, finding.words["found"]) == ("A1", "2023Q1", "112.5％")
    message = said(workspace, finding, "zh")
    assert "g.xlsx › 表 › C4=9" in message
    assert "g.xlsx › 表 › B4=8" in message


def test_a_broken_identity_of_the_form_is_named_beside_the_rate(tmp_path: Path) -> None:
    workspace = write_catalogue(tmp_path)
    write_quarter(workspace)
    sheet = base_rows("2023", 0)
    sheet[3] = ["甲镇", 8, 9, 6, 3, 4, 12.5]
    write_xlsx(workspace.raw / "2023Q1/g.xlsx", {"表": sheet})
    assert {"E_IDENTITY": 1, "E_RATIO": 1}.items() <= codes(cleaned(workspace)).items()


@pytest.mark.parametrize(
    ("top", "bottom", "found"),
    [(9, 8, True), (8, 8, False), (0, 0, False), (1, 0, True), ("9~", 8, False)],
)
def test_only_exact_numbers_over_the_whole_are_too_many(
    top: int | str, bottom: int, found: bool, tmp_path: Path
) -> None:
    catalogue = rated(tmp_path, "written", "mediators")
    qualifier = "~" if str(top).endswith("~") else "="
    told = [
        number("written", str(top).rstrip("~"), "A1", qualifier=qualifier),
        number("mediators", bottom, "A1"),
    ]
    assert bool(check_ratios(catalogue, told)) is found


def test_a_rate_that_may_exceed_100_says_so(tmp_path: Path) -> None:
    catalogue = rated(tmp_path, "written", "mediators", "  above_100: allowed\n")
    told = [number("written", 9, "A1"), number("mediators", 8, "A1")]
    assert not check_ratios(catalogue, told)


def test_two_rates_of_the_same_items_are_one_finding(tmp_path: Path) -> None:
    catalogue = rated(tmp_path, "successful", "accepted")  # the success rate is there already
    told = [number("successful", 9, "A1"), number("accepted", 8, "A1")]
    assert len(check_ratios(catalogue, told)) == 1


def test_flows_over_a_stock_are_added_up_over_the_year(tmp_path: Path) -> None:
    catalogue = rated(tmp_path, "written", "mediators")
    told = [
        *(number("written", 3, "A1", f"2023Q{quarter}") for quarter in (1, 2, 3)),
        *(number("mediators", 8, "A1", f"2023Q{quarter}") for quarter in (1, 2, 3)),
    ]
    (finding,) = check_ratios(catalogue, told)
    assert (finding.period, finding.words["found"]) == ("2023Q3", "112.5％")


def test_numbers_of_different_places_are_compared_in_the_district(tmp_path: Path) -> None:
    catalogue = rated(tmp_path, "advisers", "mediators")
    told = [number("mediators", 2, place) for place in ("A1", "A2", "A3")]
    assert not check_ratios(catalogue, [*told, number("advisers", 6)])
    (finding,) = check_ratios(catalogue, [*told, number("advisers", 7)])
    assert finding.place == "D0"


# --- random tables --------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(30))
def test_a_consistent_table_is_silent_and_one_planted_break_is_found_where_it_is(
    seed: int, tmp_path: Path
) -> None:
    chance = random.Random(seed)  # noqa: S311
    catalogue = load_catalogue(with_rule(tmp_path, "{holds: accepted = served, at: district}"))
    told: list[Fact] = []
    for quarter in ("2023Q1", "2023Q2"):
        row = {place: chance.randint(1, 90) for place in ("A1", "A2", "A3")}
        told += [number("accepted", value, place, quarter) for place, value in row.items()]
        told += [
            number("successful", chance.randint(0, value), place, quarter)
            for place, value in row.items()
        ]
        told.append(number("served", sum(row.values()), period=quarter))
    assert not check_across(catalogue, told) + check_ratios(catalogue, told)
    position = chance.randrange(len(told))
    broken = told[position]
    value = (broken.value or Decimal(0)) + 100
    told[position] = number(
        broken.item, str(value), broken.place, broken.period, cell="Z9", form=broken.form
    )
    found = check_across(catalogue, told) + check_ratios(catalogue, told)
    assert [f.code for f in found] == ["E_RATIO" if broken.item == "successful" else "E_IDENTITY"]
    assert found[0].period == broken.period
    assert f"Z9={value}" in found[0].words["detail"]
