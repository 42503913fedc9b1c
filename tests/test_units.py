"""元 for 万元, and other numbers that are ten thousand times too large or too small."""

from decimal import Decimal
from pathlib import Path

import pytest
from workspaces import (
    CATALOGUE,
    GRID,
    GRID_HEAD,
    GRID_ROWS,
    GRID_TITLE,
    Row,
    cleaned,
    codes,
    one,
    said,
    sample_catalogue,
    small_workspace,
    write_catalogue,
    write_quarter,
    write_xlsx,
)

from nianbao.catalogue import Catalogue
from nianbao.facts import Fact
from nianbao.findings import Finding
from nianbao.units import check_units
from nianbao.workspace import Workspace

SUSPECT = "W_UNIT_SUSPECT"


def amount(
    value: object, place: str = "T01", period: str = "2023Q1", item: str = "mediation_amount"
) -> Fact:
    number = Decimal(str(value))
    return Fact(
        period, place, item, number, "=", str(value), "W7", f"{period}/{place}.xlsx", "表", "N6"
    )


def townships(catalogue: Catalogue) -> list[str]:
    return [code for code, place in catalogue.places.items() if place.kind == "township"]


def suspects(*facts: Fact) -> list[Finding]:
    return check_units(sample_catalogue(), facts)


def test_yuan_for_ten_thousand_yuan_is_doubted_with_what_it_was_compared_with(
    tmp_path: Path,
) -> None:
    workspace = small_workspace(tmp_path, "2022Q1", "2023Q1")
    rows = [["甲镇", 10, 9, 6, 3, 4, 131000], *GRID_ROWS[1:]]  # 13.1 万元, as 12.5 a year before
    write_xlsx(workspace.raw / "2023Q1/g.xlsx", {"表": [*GRID_TITLE, *GRID_HEAD, *rows]})
    finding = one(cleaned(workspace), SUSPECT)
    assert (finding.place, finding.cell, finding.item) == ("A1", "G5", "amount")
    message = said(workspace, finding, "zh")
    assert "填报131000，是否应为13.1万元" in message
    assert "2022Q1 data/raw/2022Q1/g.xlsx › Sheet1 › G5=12.5" in message


@pytest.mark.parametrize(("value", "found"), [(12499, False), (12500, True), (0, False)])
def test_a_thousand_times_last_year_is_the_limit(value: int, found: bool) -> None:
    first, *_ = townships(sample_catalogue())
    told = suspects(amount("12.5", first, "2022Q1"), amount(value, first))
    assert [f.period for f in told] == (["2023Q1"] if found else [])


def test_ten_thousand_yuan_for_yuan_is_doubted_too() -> None:
    first, *_ = townships(sample_catalogue())
    (finding,) = suspects(amount(125000, first, "2022Q4"), amount("12.5", first))
    assert (finding.words["found"], finding.words["expected"]) == ("12.5", "125000.0")
    assert finding.words["detail"].startswith("2022Q4 ")


def test_a_suspect_is_no_measure_for_the_next_quarter() -> None:
    first, *_ = townships(sample_catalogue())
    told = [amount(value, first, f"2023Q{quarter}") for quarter, value in ((1, 12), (3, 11))]
    assert [f.period for f in suspects(*told, amount(125000, first, "2023Q2"))] == ["2023Q2"]


def test_a_place_without_a_past_is_held_against_the_others() -> None:
    codes_ = townships(sample_catalogue())
    others = [amount(80 + number, place) for number, place in enumerate(codes_[1:6])]
    (finding,) = suspects(amount(900000, codes_[0]), *others)
    assert (finding.place, finding.words["detail"]) == (codes_[0], "其他5个单位的中位数=82")
    assert not suspects(amount(900000, codes_[0]), *others[:4])
    assert not suspects(amount(60000, codes_[0]), *others)


def test_small_counts_may_grow_a_thousandfold() -> None:
    first, *_ = townships(sample_catalogue())
    told = [amount(value, first, period, "disputes_surveyed") for value, period in BOTH]
    assert not suspects(*told)
    large = amount(12000, first, "2023Q1", "disputes_surveyed")
    assert [f.item for f in suspects(told[0], large)] == ["disputes_surveyed"]


BOTH = ((3, "2022Q1"), (4000, "2023Q1"))


def test_the_limits_are_the_offices() -> None:
    assert sample_catalogue().office.unit_suspect.times == 1000


def test_the_limit_can_be_set(tmp_path: Path) -> None:
    office = CATALOGUE["office.yml"] + "unit_suspect: {times: 5000}\n"
    workspace = write_catalogue(tmp_path, office=office)
    for quarter in ("2022Q1", "2023Q1"):
        write_quarter(workspace, quarter)
    rows = [["甲镇", 10, 9, 6, 3, 4, 12500], *GRID_ROWS[1:]]
    write_xlsx(workspace.raw / "2023Q1/g.xlsx", {"表": [*GRID_TITLE, *GRID_HEAD, *rows]})
    assert SUSPECT not in codes(cleaned(workspace))


# --- columns of percent ---------------------------------------------------------------------------


def with_rates(root: Path, *typed: object, more: str = "") -> Workspace:
    """The small district with a column of percent, one cell for each township."""
    grid = GRID.replace(
        "          amount: [涉及金额]", "          amount: [涉及金额]\n          rate: [成功率]"
    ).replace(
        "      accepted: {zh: 受理件数",
        f'      rate: {{zh: 成功率, unit: "%", type: rate{more}}}\n      accepted: {{zh: 受理件数',
    )
    workspace = write_catalogue(root, G=grid)
    write_quarter(workspace)
    head = [[*row, "成功率"] for row in GRID_HEAD]
    rows: list[Row] = [[*row, cell] for row, cell in zip(GRID_ROWS, typed, strict=True)]
    write_xlsx(workspace.raw / "2023Q1/g.xlsx", {"表": [*GRID_TITLE, *head, *rows]})
    return workspace


def test_a_percentage_is_read_with_and_without_its_sign(tmp_path: Path) -> None:
    got = cleaned(with_rates(tmp_path, 98.5, "98.5%", "９７％"))
    assert not codes(got)
    assert [f.value for f in got.facts if f.item == "rate"] == [Decimal("98.5")] * 2 + [Decimal(97)]


@pytest.mark.parametrize("typed", [0.985, 1, "0.97"])
def test_a_bare_fraction_among_percentages_is_doubted_not_guessed(
    typed: object, tmp_path: Path
) -> None:
    workspace = with_rates(tmp_path, 98.5, typed, "97%")
    got = cleaned(workspace)
    finding = one(got, SUSPECT)
    assert (finding.cell, finding.place) == ("H6", "A2")
    percent = {"0.985": "98.5", "1": "100", "0.97": "97"}[str(typed)]
    assert Decimal(finding.words["expected"]) == Decimal(percent)
    assert next(f.value for f in got.facts if (f.item, f.place) == ("rate", "A2")) <= 1


@pytest.mark.parametrize("typed", ["0.5%", 0, "百分之0.5"])
def test_what_says_percent_itself_is_certain(typed: object, tmp_path: Path) -> None:
    assert SUSPECT not in codes(cleaned(with_rates(tmp_path, 98.5, typed, "97%")))


def test_a_rate_that_is_always_small_says_so(tmp_path: Path) -> None:
    workspace = with_rates(tmp_path, 0.04, 0.2, 0, more=", below_1: true")
    assert not codes(cleaned(workspace))


@pytest.mark.parametrize(("typed", "found"), [(100, False), (100.1, True), ("116.68%", True)])
def test_over_100_percent_is_refused_where_the_column_does_not_allow_it(
    typed: object, found: bool, tmp_path: Path
) -> None:
    workspace = with_rates(tmp_path, typed, 98, 97)
    got = cleaned(workspace)
    assert ("E_RATIO" in codes(got)) is found
    if found:
        finding = one(got, "E_RATIO")
        assert finding.cell == "H5"
        assert str(typed) in said(workspace, finding)


def test_a_column_can_allow_more_than_100_percent(tmp_path: Path) -> None:
    workspace = with_rates(tmp_path, "116.68%", 98, 97, more=", at_most: 300")
    assert not codes(cleaned(workspace))
