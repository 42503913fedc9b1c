"""Numbers that run from 1 January where the quarter's own was asked for, and the reverse."""

import random
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from workspaces import (
    GRID_HEAD,
    GRID_ROWS,
    GRID_TITLE,
    TASK_ROWS,
    Row,
    cleaned,
    codes,
    correct,
    has_fact,
    one,
    said,
    sample_catalogue,
    small_workspace,
    write_xlsx,
)

from nianbao.catalogue import Catalogue
from nianbao.cleaning import clean
from nianbao.cumulative import differenced
from nianbao.facts import Fact
from nianbao.flows import told_as_asked
from nianbao.period import Period
from nianbao.workspace import PROJECT, Workspace

QUARTERS = ("2022Q1", "2022Q2", "2023Q1", "2023Q2")


def three(factor: float, oral: int = 0) -> list[Row]:
    """The good rows, every flow times a factor; the mediators stay."""
    return [
        [
            row[0],
            *(round(number * factor) for number in row[1:3]),
            *(round(number * factor) + oral for number in row[3:5]),
            row[5],
            row[6] if isinstance(row[6], str) else row[6] * factor,
        ]
        for row in GRID_ROWS
    ]


def two_years(root: Path, rows: Sequence[Row], title: str = "") -> Workspace:
    """Two quarters in each of two years, the last of them with other rows and perhaps a title."""
    workspace = small_workspace(root, *QUARTERS)
    head = [[title or "试区2023年第二季度调解情况统计表"], GRID_TITLE[1], *GRID_HEAD]
    write_xlsx(workspace.raw / "2023Q2/g.xlsx", {"表": [*head, *rows]})
    return workspace


def flow_codes(workspace: Workspace) -> set[str]:
    return {code for code in codes(cleaned(workspace, "2023Q2")) if code == "E_FLOW"}


def test_a_table_that_runs_from_january_is_named_once_and_not_used(tmp_path: Path) -> None:
    workspace = two_years(tmp_path, three(2))
    got = cleaned(workspace, "2023Q2")
    finding = one(got, "E_FLOW")
    assert (finding.form, finding.period, finding.file) == ("G", "2023Q2", "data/raw/2023Q2/g.xlsx")
    message = said(workspace, finding, "zh")
    assert "《调解情况统计表》应填当季数，所填却是年初至本期累计数" in message
    assert "受理件数 B5=20←10＋10" in message
    assert not [f for f in got.facts if (f.period, f.item) == ("2023Q2", "accepted")]
    assert [f.place for f in got.facts if (f.period, f.item) == ("2023Q2", "mediators")] != []
    assert "E_UNRECONCILED" not in codes(got)


@pytest.mark.parametrize("factor", [1, 1.2, 0.5, 1.3])
def test_a_table_of_the_quarters_own_raises_nothing(factor: float, tmp_path: Path) -> None:
    assert not flow_codes(two_years(tmp_path, three(factor)))


def test_a_year_that_grew_all_over_is_no_change_of_flow(tmp_path: Path) -> None:
    workspace = two_years(tmp_path, three(2))
    head = [*GRID_TITLE, *GRID_HEAD]
    write_xlsx(workspace.raw / "2023Q1/g.xlsx", {"表": [*head, *three(2)]})  # and so did spring
    assert not flow_codes(workspace)


def test_one_number_below_the_quarter_before_says_that_they_are_the_quarters(
    tmp_path: Path,
) -> None:
    rows = three(2)
    rows[0] = ["甲镇", 9, 9, 6, 3, 4, 25]
    assert not flow_codes(two_years(tmp_path, rows[:1]))


def test_four_numbers_are_thin_evidence(tmp_path: Path) -> None:
    rows = [["甲镇", 20, 18, 12, 6, 4, "约25"], ["乙镇", *["××"] * 6], ["丙街道", *["××"] * 6]]
    assert not flow_codes(two_years(tmp_path, rows))
    rows[0][-1] = 25
    assert flow_codes(two_years(tmp_path / "five", rows)) == {"E_FLOW"}


def test_without_last_year_nothing_is_held_against_a_rise(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path, "2023Q1", "2023Q2")
    head = [["试区2023年第二季度调解情况统计表"], GRID_TITLE[1], *GRID_HEAD]
    write_xlsx(workspace.raw / "2023Q2/g.xlsx", {"表": [*head, *three(2)]})
    assert not flow_codes(workspace)


def test_only_the_place_that_told_the_year_to_date_is_named(tmp_path: Path) -> None:
    finding = one(cleaned(two_years(tmp_path, [*three(1)[:2], three(2)[2]]), "2023Q2"), "E_FLOW")
    assert (finding.place, finding.cell) == ("A3", "B7")


def test_the_office_can_say_that_the_numbers_are_right(tmp_path: Path) -> None:
    workspace = two_years(tmp_path, three(2))
    files = cleaned(workspace, "2023Q2").files
    (sha,) = (f.sha256 for f in files if f.shown == "data/raw/2023Q2/g.xlsx")
    correct(workspace, f"value,2023Q2,{sha},表,B5,20,20")
    got = cleaned(workspace, "2023Q2")
    assert "E_FLOW" not in codes(got)
    assert has_fact(got, "accepted", "A1")


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("试区2023年1—6月调解情况统计表", "E_FLOW"),
        ("试区2023年上半年调解情况统计表", "E_FLOW"),
        ("试区2023年第二季度调解情况统计表（年初至本期累计）", "E_FLOW"),
        ("试区2023年4—6月调解情况统计表", ""),
        ("试区2023年第二季度调解情况统计表（请勿填累计数）", ""),
        ("试区2023年1—3月调解情况统计表", "E_PERIOD"),
    ],
)
def test_a_title_that_says_cumulative_is_certain(title: str, code: str, tmp_path: Path) -> None:
    got = cleaned(two_years(tmp_path, GRID_ROWS, title), "2023Q2")
    assert {c for c in codes(got) if c in ("E_FLOW", "E_PERIOD")} == ({code} if code else set())
    if code == "E_FLOW":
        assert one(got, code).words["detail"] == title


@pytest.mark.parametrize(
    ("title", "code"), [("重点任务清单（当季数）", "E_FLOW"), ("重点任务清单（1—6月）", "")]
)
def test_a_title_that_says_the_quarters_own_is_wrong_on_a_cumulative_form(
    title: str, code: str, tmp_path: Path
) -> None:
    workspace = small_workspace(tmp_path, "2023Q1", "2023Q2")
    write_xlsx(workspace.raw / "2023Q2/t.xlsx", {"清单": [[title], *TASK_ROWS[1:]]})
    assert flow_codes(workspace) == ({code} if code else set())


def test_in_the_first_quarter_both_are_one(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    head = [["试区2023年1—3月累计调解情况统计表"], GRID_TITLE[1], *GRID_HEAD]
    write_xlsx(workspace.raw / "2023Q1/g.xlsx", {"表": [*head, *GRID_ROWS]})
    assert not codes(cleaned(workspace))


# --- the sample's own forms -----------------------------------------------------------------------


@cache
def sample() -> tuple[Catalogue, tuple[Fact, ...]]:
    """The numbers of the sample's two years, as they were typed."""
    catalogue = sample_catalogue()
    own = clean(Workspace(PROJECT), catalogue, Period(2023)).facts
    amounts = {(f.item, f.place, f.period): f.value for f in own}
    typed = []
    for fact in own:
        if catalogue.flow_of(fact.item) == "cumulative" and fact.value is not None:
            to_date = sum(amounts.get((*_key(fact), q.name)) or 0 for q in _to(fact))
            fact = replace(fact, value=Decimal(to_date))
        typed.append(fact)
    return catalogue, tuple(typed)


def _key(fact: Fact) -> tuple[str, str]:
    return fact.item, fact.place


def _to(fact: Fact) -> tuple[Period, ...]:
    return Period.parse(fact.period).quarters if "Q" in fact.period else ()


def _turned(facts: Sequence[Fact], catalogue: Catalogue, table: str, period: str) -> list[Fact]:
    """The same facts, one table of one quarter told the other way."""
    amounts = {(f.item, f.place, f.period): f.value or Decimal(0) for f in facts}
    turned = []
    for fact in facts:
        home, flow = catalogue.home(fact.item), catalogue.flow_of(fact.item)
        told = f"{home.form}/{home.table}" == table and fact.period == period
        if told and fact.value is not None and flow in ("quarter", "cumulative"):
            spans = [amounts.get((*_key(fact), q.name), Decimal(0)) for q in _to(fact)]
            value = sum(spans) if flow == "quarter" else spans[-1] - spans[-2]
            fact = replace(fact, value=Decimal(value))
        turned.append(fact)
    return turned


def test_the_sample_is_told_as_it_is_asked() -> None:
    catalogue, facts = sample()
    assert not told_as_asked(catalogue, facts, set()).findings


@pytest.mark.parametrize("period", ["2023Q2", "2023Q3", "2023Q4"])
@pytest.mark.parametrize("table", ["W7/mediation", "W8/legal_aid", "W8/notary"])
def test_every_quarterly_table_of_the_sample_is_found_out(table: str, period: str) -> None:
    catalogue, facts = sample()
    told = told_as_asked(catalogue, _turned(facts, catalogue, table, period), set())
    places = {f.file for f in facts if f.period == period and f.form == table[:2]}
    expected = len(places) if table == "W7/mediation" else 1
    found = [f for f in told.findings if f.period == period and f.form == table[:2]]
    assert len(found) == len(told.findings) == expected


@pytest.mark.parametrize("period", ["2023Q3", "2023Q4"])
def test_a_cumulative_table_that_falls_is_one_finding(period: str) -> None:
    catalogue, facts = sample()
    told = told_as_asked(catalogue, _turned(facts, catalogue, "W11/tasks", period), set())
    assert [(f.form, f.period) for f in told.findings] == [("W11", period)]
    _, gaps = differenced(catalogue, told.kept)
    assert "E_CUM_DECREASE" not in {gap.code for gap in gaps}


def test_a_falling_table_is_one_finding_also_in_the_first_year_that_is_known() -> None:
    catalogue, facts = sample()
    turned = _turned(facts, catalogue, "W11/tasks", "2022Q3")
    told = told_as_asked(catalogue, [f for f in turned if f.period.startswith("2022")], set())
    assert [(f.form, f.period) for f in told.findings] == [("W11", "2022Q3")]


@pytest.mark.parametrize("seed", range(10))
def test_noise_never_makes_a_quarter_look_like_a_year(seed: int) -> None:
    catalogue, facts = sample()
    chance = random.Random(seed)  # noqa: S311
    noisy = [
        replace(f, value=Decimal(round(float(f.value) * chance.uniform(0.7, 1.4))))
        if f.value is not None and f.period.startswith("2023Q") and f.form in ("W7", "W8")
        else f
        for f in facts
    ]
    assert not told_as_asked(catalogue, noisy, set()).findings
