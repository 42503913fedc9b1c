"""Figures worked out by hand: over time, over places, and when something is not there."""

from fractions import Fraction
from pathlib import Path

import pandas as pd
import pytest
from tiny import Ledger, row_of, small_district

from nianbao.catalogue import Catalogue, Indicator, Office
from nianbao.comparison import compare
from nianbao.errors import DataRejected
from nianbao.figures import Figures
from nianbao.indicators import NOTES, compute_series, compute_values, find_jumps
from nianbao.period import Period
from nianbao.quantities import Quantity, combined, decided, exact_text
from nianbao.spread import cv, evenness, gini
from nianbao.targets import compute_standings

YEAR = Period(2023)


@pytest.fixture
def district(tmp_path: Path) -> Catalogue:
    return small_district(tmp_path)


def values_of(
    ledger: Ledger,
    district: Catalogue,
    period: Period = YEAR,
    corrections: pd.DataFrame | None = None,
) -> pd.DataFrame:
    return compute_values(ledger.facts, corrections, district, period)


def decision(kind: str, period: str, place: str, item: str) -> pd.DataFrame:
    row = {"kind": kind, "period": period, "place": place, "item": item, "reason": "核实"}
    return pd.DataFrame([row], dtype=str)


# ── over time ────────────────────────────────────────────────────


def test_a_flow_is_the_sum_of_its_quarters(district: Catalogue) -> None:
    ledger = Ledger().year(2023, "S00", "aided", 10, 20, 30, 40)
    assert row_of(values_of(ledger, district), "aided")["value"] == "100"


def test_a_quarter_report_runs_from_january(district: Catalogue) -> None:
    ledger = (
        Ledger().year(2024, "S00", "aided", 10, 20, 30).year(2023, "S00", "aided", 5, 5, 10, 99)
    )
    row = row_of(values_of(ledger, district, Period(2024, 3)), "aided")
    assert (row["period"], row["value"], row["previous"]) == ("2024Q3", "60", "20")


def test_a_stock_is_its_last_quarter_and_never_a_sum(district: Catalogue) -> None:
    ledger = Ledger().everywhere(2023, "mediators", 5, 6, 7, 8)
    assert row_of(values_of(ledger, district), "mediators")["value"] == "24"


def test_an_opening_number_is_the_first_quarters(district: Catalogue) -> None:
    ledger = Ledger().everywhere(2023, "at_start", 5, 6, 7, 8)
    assert row_of(values_of(ledger, district), "at_start")["value"] == "15"


def test_a_rate_divides_sums_and_never_averages_rates(district: Catalogue) -> None:
    ledger = Ledger()
    for place, accepted, successful in (("S01", 10, 1), ("S02", 90, 90), ("S03", 100, 100)):
        ledger.year(2023, place, "accepted", accepted, 0, 0, 0)
        ledger.year(2023, place, "successful", successful, 0, 0, 0)
    row = row_of(values_of(ledger, district), "success_rate")
    assert (row["numerator"], row["denominator"]) == ("191", "200")
    assert row["value"] == "95.5"  # the mean of 10 %, 100 % and 100 % would be 70.0


def test_reoffending_is_the_years_sum_over_those_at_the_end_plus_those_released(
    district: Catalogue,
) -> None:
    ledger = Ledger()
    for place in ("S01", "S02", "S03"):
        for quarter in range(1, 5):
            ledger.put(f"2023Q{quarter}", place, "released", 1, 2, 1)  # 4 a quarter, 48 in all
            ledger.put(f"2023Q{quarter}", place, "reoffended", 0, 0, int(quarter == 4))  # 3
            ledger.put(f"2023Q{quarter}", place, "population", 40 + quarter)  # 44 at the end, 132
    row = row_of(values_of(ledger, district), "reoffending_rate")
    assert (row["numerator"], row["denominator"]) == ("3", "180")
    assert row["value"] == "1.667"


def test_a_month_that_is_not_there_leaves_the_quarter_missing(district: Catalogue) -> None:
    ledger = Ledger()
    for place in ("S01", "S02", "S03"):
        for quarter in range(1, 5):
            months = (1, 1) if (place, quarter) == ("S02", 2) else (1, 1, 1)
            ledger.put(f"2023Q{quarter}", place, "released", *months)
    row = row_of(values_of(ledger, district), "released")
    assert (row["value"], row["completeness"], row["note"]) == ("", "2/3", "missing:S02")


def test_more_facts_than_the_form_gives_are_refused_not_added(district: Catalogue) -> None:
    ledger = Ledger().year(2023, "S00", "aided", 1, 1, 1, 1).put("2023Q4", "S00", "aided", 2)
    with pytest.raises(DataRejected, match=r"aided, 小区, 2023Q4: 2 facts"):
        values_of(ledger, district)


def test_a_quarter_report_shows_last_years_annual_figure_with_its_year(district: Catalogue) -> None:
    ledger = Ledger()
    for place in ("S01", "S02", "S03"):
        ledger.put("2023", place, "residents", "1.5")
    row = row_of(values_of(ledger, district, Period(2024, 2)), "residents")
    assert (row["value"], row["note"]) == ("4.50", "annual:2023")
    assert (row["previous"], row["change"], row["change_kind"]) == ("", "", "none")


def test_per_head_figures_of_a_quarter_rest_on_last_years_residents_on_both_sides(
    district: Catalogue,
) -> None:
    ledger = Ledger().everywhere(2024, "accepted", 30).everywhere(2023, "accepted", 20, 0, 0, 0)
    for place in ("S01", "S02", "S03"):
        ledger.put("2023", place, "residents", 2)
    row = row_of(values_of(ledger, district, Period(2024, 1)), "cases_per_10k")
    assert (row["value"], row["previous"], row["note"]) == ("15.0", "10.0", "annual:2023")
    assert (row["change"], row["change_kind"]) == ("50.0", "percent")


def test_where_the_base_has_annual_figures_of_its_own_they_serve(district: Catalogue) -> None:
    ledger = Ledger().everywhere(2024, "accepted", 30).everywhere(2023, "accepted", 20, 0, 0, 0)
    for place in ("S01", "S02", "S03"):
        ledger.put("2023", place, "residents", 2).put("2022", place, "residents", 1)
    row = row_of(values_of(ledger, district, Period(2024, 1)), "cases_per_10k")
    assert (row["value"], row["previous"]) == ("15.0", "20.0")


def test_a_milestone_is_where_it_stands_at_the_end(district: Catalogue) -> None:
    ledger = Ledger().year(2023, "S00", "plan_issued", 0, 0, 1, 1)
    ledger.year(2022, "S00", "plan_issued", 0, 0, 0, 0)
    row = row_of(values_of(ledger, district), "plan_issued")
    assert (row["value"], row["previous"], row["change_kind"]) == ("1", "0", "none")
    assert row["change"] == ""


# ── over places ──────────────────────────────────────────────────


def test_the_district_adds_its_townships_and_each_has_its_own_row(district: Catalogue) -> None:
    ledger = Ledger()
    for place, cases in (("S01", 1), ("S02", 2), ("S03", 4)):
        ledger.year(2023, place, "accepted", cases, cases, cases, cases)
    values = values_of(ledger, district)
    rows = values[values["indicator"] == "cases"]
    assert list(zip(rows["place"], rows["value"], strict=True)) == [
        ("S00", "28"),
        ("S01", "4"),
        ("S02", "8"),
        ("S03", "16"),
    ]


def test_items_of_different_kinds_of_place_meet_only_at_the_district(district: Catalogue) -> None:
    ledger = (
        Ledger().everywhere(2023, "accepted", 1, 1, 1, 1).year(2023, "S00", "aided", 5, 5, 5, 5)
    )
    values = values_of(ledger, district)
    assert list(values[values["indicator"] == "service"]["place"]) == ["S00"]
    row = row_of(values, "service")
    assert (row["value"], row["completeness"]) == ("32", "4/4")


def test_a_township_figure_over_two_kinds_of_place_is_worked_out_where_both_report(
    district: Catalogue,
) -> None:
    values = values_of(Ledger(), district)
    assert list(values[values["indicator"] == "inspection_coverage"]["place"]) == [
        "S00",
        "S01",
        "S02",
        "S03",
        "B01",
    ]


def test_a_unit_inspected_in_two_quarters_is_one_unit(district: Catalogue) -> None:
    ledger = Ledger()
    for place, inspected in (
        ("S01", (1, 2, 0, 1)),
        ("S02", (0, 0, 0, 0)),
        ("S03", (0, 0, 0, 1)),
        ("B01", (0, 0, 0, 0)),
    ):
        ledger.year(2023, place, "inspections", *inspected)
    row = row_of(values_of(ledger, district), "inspection_coverage")
    assert (row["numerator"], row["denominator"], row["value"]) == ("2", "4", "50.0")
    quarters = compute_series(ledger.facts, district, YEAR)
    of_2023 = quarters[quarters["indicator"] == "inspection_coverage"]["value"].tolist()[4:]
    assert of_2023 == ["25.0", "25.0", "0.0", "50.0"]


def test_a_silent_township_leaves_the_total_missing(district: Catalogue) -> None:
    ledger = Ledger().everywhere(2023, "accepted", 10, 10, 10, 10)
    ledger.rows = [r for r in ledger.rows if (r["place"], r["period"]) != ("S03", "2023Q2")]
    values = values_of(ledger, district)
    total = row_of(values, "cases")
    assert (total["value"], total["numerator"], total["completeness"]) == ("", "", "2/3")
    assert (total["note"], total["change_kind"]) == ("missing:S03", "none")
    silent = row_of(values, "cases", "S03")
    assert (silent["value"], silent["completeness"], silent["note"]) == ("", "0/1", "missing:S03")
    assert row_of(values, "cases", "S01")["value"] == "40"


def test_where_the_catalogue_says_so_the_reported_sum_is_shown_and_like_compared_with_like(
    district: Catalogue,
) -> None:
    ledger = Ledger().everywhere(2022, "accepted", 10, 10, 10, 10)  # 40 each
    ledger.year(2023, "S01", "accepted", 15, 15, 15, 15)  # 60
    ledger.year(2023, "S02", "accepted", 10, 10, 10, 10)  # 40
    ledger.year(2023, "S03", "accepted", 10, 10, 10)  # silent in the fourth quarter
    noted = decision("value", "2023Q1", "S03", "accepted")  # a place that is not in the sum
    row = row_of(values_of(ledger, district, corrections=noted), "cases_shown")
    assert (row["value"], row["completeness"]) == ("100", "2/3")
    assert row["previous"] == "80"  # S01 and S02 only: S03 is in neither side
    assert (row["change"], row["change_kind"]) == ("25.0", "percent")
    assert row["note"] == "missing:S03;incomplete_shown"


def test_a_base_that_lacks_a_township_is_no_base(district: Catalogue) -> None:
    ledger = Ledger().everywhere(2023, "accepted", 10, 10, 10, 10)
    ledger.everywhere(2022, "accepted", 10, 10, 10, 10)
    ledger.rows = [r for r in ledger.rows if (r["place"], r["period"]) != ("S01", "2022Q1")]
    row = row_of(values_of(ledger, district), "cases")
    assert (row["value"], row["previous"], row["change_kind"]) == ("120", "", "none")
    assert row["note"] == "base_missing:S01"


def test_without_any_facts_of_last_year_nothing_is_compared_and_nothing_noted(
    district: Catalogue,
) -> None:
    ledger = Ledger().everywhere(2023, "accepted", 10, 10, 10, 10)
    values = values_of(ledger, district)
    assert set(values["change_kind"]) == {"none"}
    assert set(values["previous"]) == {""}
    assert row_of(values, "cases")["note"] == ""


def test_a_number_that_does_not_apply_is_reported_and_adds_nothing(district: Catalogue) -> None:
    ledger = Ledger().everywhere(2023, "mediators", 4, 4, 4, 4)
    ledger.rows = [r for r in ledger.rows if (r["place"], r["period"]) != ("S02", "2023Q4")]
    ledger.put("2023Q4", "S02", "mediators", "")
    row = row_of(values_of(ledger, district), "mediators_per_township")
    assert (row["numerator"], row["denominator"], row["value"]) == ("8", "2", "4.0")
    assert row["completeness"] == "3/3"
    own = row_of(values_of(ledger, district), "mediators", "S02")
    assert (own["value"], own["note"]) == ("", "")


def test_subtracted_items_are_subtracted(district: Catalogue) -> None:
    ledger = Ledger()
    for place in ("S01", "S02", "S03"):
        ledger.put("2023", place, "staff", 5).put("2023", place, "lent", 2)
    assert row_of(values_of(ledger, district), "staff_at_post")["value"] == "9"


@pytest.mark.parametrize(
    ("staff", "lent", "note"), [("5+", 2, "at_least"), (5, "2+", "at_most"), ("5+", "2+", "about")]
)
def test_a_bound_that_is_subtracted_turns_round(
    district: Catalogue, staff: object, lent: object, note: str
) -> None:
    ledger = Ledger()
    for place in ("S01", "S02", "S03"):
        ledger.put("2023", place, "staff", staff).put("2023", place, "lent", lent)
    assert row_of(values_of(ledger, district), "staff_at_post")["note"] == note


@pytest.mark.parametrize(("times", "note"), [("1+", ""), ("0+", "about"), ("1~", "about")])
def test_a_count_of_places_is_sure_where_the_bound_decides(
    district: Catalogue, times: str, note: str
) -> None:
    ledger = Ledger()
    for place in ("S01", "S02", "S03", "B01"):
        ledger.year(2023, place, "inspections", times if place == "S01" else 0, 0, 0, 0)
    assert row_of(values_of(ledger, district), "inspection_coverage")["note"] == note


def test_a_level_of_a_flow_is_the_flow_of_the_last_quarter(tmp_path: Path) -> None:
    lately = (
        "lately: {section: society, source_rows: [X1], name: {zh: 近况}, "
        "numerator: aided, unit: 件, over_time: end_of_period, better: volume, department: 科}\n"
    )
    district = small_district(tmp_path, indicators=lately)
    ledger = Ledger().year(2023, "S00", "aided", 10, 20, 30, 40)
    assert row_of(values_of(ledger, district), "lately")["value"] == "40"


def test_a_township_that_ended_in_june_counts_for_its_two_quarters(tmp_path: Path) -> None:
    district = small_district(
        tmp_path, places={"丙镇,township,3,,,": "丙镇,township,3,,2023-06-30,"}
    )
    ledger = Ledger().year(2023, "S01", "accepted", 1, 1, 1, 1)
    ledger.year(2023, "S02", "accepted", 1, 1, 1, 1).year(2023, "S03", "accepted", 1, 1)
    values = values_of(ledger, district)
    row = row_of(values, "cases")
    assert (row["value"], row["completeness"]) == ("10", "3/3")
    assert list(values[values["indicator"] == "cases"]["place"]) == ["S00", "S01", "S02"]


def test_a_township_that_existed_for_half_of_last_year_has_no_comparable_base(
    tmp_path: Path,
) -> None:
    district = small_district(
        tmp_path, places={"丙镇,township,3,,,": "丙镇,township,3,2022-07-01,,"}
    )
    ledger = Ledger().year(2023, "S03", "accepted", 20, 20, 20, 20)
    ledger.year(2022, "S03", "accepted", None, None, 20, 20)
    row = row_of(values_of(ledger, district), "cases", "S03")
    assert (row["value"], row["previous"], row["change_kind"]) == ("80", "40", "not_comparable")


# ── zero, approximate, restated ──────────────────────────────────


def test_no_hearing_gives_no_attendance_rate_neither_0_nor_100(district: Catalogue) -> None:
    ledger = (
        Ledger().year(2023, "S00", "heard", 0, 0, 0, 0).year(2023, "S00", "attended", 0, 0, 0, 0)
    )
    ledger.year(2022, "S00", "heard", 5, 5, 5, 5).year(2022, "S00", "attended", 5, 5, 5, 5)
    row = row_of(values_of(ledger, district), "attendance_rate")
    assert (row["value"], row["denominator"], row["note"]) == ("", "0", "zero_denominator")
    assert (row["previous"], row["change_kind"]) == ("100.0", "none")


def test_no_hearing_last_year_gives_no_base(district: Catalogue) -> None:
    ledger = (
        Ledger().year(2022, "S00", "heard", 0, 0, 0, 0).year(2022, "S00", "attended", 0, 0, 0, 0)
    )
    ledger.year(2023, "S00", "heard", 5, 5, 5, 5).year(2023, "S00", "attended", 5, 5, 5, 5)
    row = row_of(values_of(ledger, district), "attendance_rate")
    assert (row["value"], row["previous"], row["change_kind"]) == ("100.0", "", "none")
    assert row["note"] == "base_zero_denominator"


@pytest.mark.parametrize(
    ("one", "other", "sum_is"),
    [
        ("=", "=", "="),
        (">=", "=", ">="),
        ("<=", "=", "<="),
        (">=", ">=", ">="),
        (">=", "<=", "~"),
        ("~", "=", "~"),
        ("~", ">=", "~"),
    ],
)
def test_qualifiers_combine_as_the_contract_says(one: str, other: str, sum_is: str) -> None:
    assert combined(one, other) == sum_is  # type: ignore[arg-type]
    assert combined(other, one) == sum_is  # type: ignore[arg-type]


def test_subtracting_or_dividing_by_a_bound_turns_it_round() -> None:
    assert combined("=", ">=", inverse=True) == "<="
    assert combined(">=", ">=", inverse=True) == "~"
    assert combined(">=", "<=", inverse=True) == ">="


def test_an_approximate_quarter_makes_the_year_at_least_and_not_comparable(
    district: Catalogue,
) -> None:
    ledger = Ledger().year(2023, "S00", "aided", 10, "100+", 10, 10)
    ledger.year(2022, "S00", "aided", 10, 10, 10, 10)
    row = row_of(values_of(ledger, district), "aided")
    assert (row["value"], row["note"]) == ("130", "at_least")
    assert (row["previous"], row["change"], row["change_kind"]) == ("40", "", "not_comparable")


def test_a_rate_under_a_bound_below_is_a_bound_above(district: Catalogue) -> None:
    ledger = Ledger().year(2023, "S00", "heard", "50+", 0, 0, 0)
    ledger.year(2023, "S00", "attended", 40, 0, 0, 0)
    row = row_of(values_of(ledger, district), "attendance_rate")
    assert (row["value"], row["note"]) == ("80.0", "at_most")


def test_an_approximate_base_is_named_as_the_base(district: Catalogue) -> None:
    ledger = Ledger().year(2023, "S00", "aided", 10, 10, 10, 10)
    ledger.year(2022, "S00", "aided", "30~", 10, 10, 10)
    row = row_of(values_of(ledger, district), "aided")
    assert (row["note"], row["change_kind"]) == ("base_about", "not_comparable")


def test_a_restated_base_is_compared_with_and_noted(district: Catalogue) -> None:
    ledger = Ledger().year(2023, "S00", "aided", 15, 15, 15, 15)
    ledger.year(2022, "S00", "aided", 20, 10, 10, 10)
    row = row_of(
        values_of(ledger, district, corrections=decision("restates", "2022Q1", "S00", "aided")),
        "aided",
    )
    assert (row["previous"], row["change"], row["note"]) == ("50", "20.0", "base_restated")


REDEFINED = """\
aided_anew: {section: society, source_rows: [X1], name: {zh: 法律援助（新口径）}, \
numerator: aided, unit: 件, over_time: sum, better: higher, department: 服务科, \
redefined: {since: SINCE, note: {zh: 不再计法律帮助}RESTATED}}
"""


def redefined(root: Path, since: str, restated: str = "") -> Catalogue:
    text = REDEFINED.replace("SINCE", since).replace("RESTATED", restated)
    return small_district(root, indicators=text)


def aided_anew(catalogue: Catalogue, *restated: str) -> tuple[str, str, str]:
    """Change, its kind and the note, where the base was restated in some quarters."""
    ledger = Ledger().year(2023, "S00", "aided", 15, 15, 15, 15)
    ledger.year(2022, "S00", "aided", 20, 10, 10, 10)
    decisions = [decision("restates", period, "S00", "aided") for period in restated]
    corrections = pd.concat(decisions) if decisions else None
    row = row_of(values_of(ledger, catalogue, corrections=corrections), "aided_anew")
    assert (row["value"], row["previous"]) == ("60", "50")
    return row["change"], row["change_kind"], row["note"]


@pytest.mark.parametrize("since", ["2023", "2023Q1", "2023Q3", "2022Q2"])
def test_a_change_of_definition_stops_the_comparison(tmp_path: Path, since: str) -> None:
    got = aided_anew(redefined(tmp_path, since))
    assert got == ("", "not_comparable", "redefined")


@pytest.mark.parametrize("since", ["2022", "2021Q3", "2024"])
def test_two_years_of_one_definition_are_compared(tmp_path: Path, since: str) -> None:
    assert aided_anew(redefined(tmp_path, since)) == ("20.0", "percent", "")


def test_a_base_that_is_restated_throughout_is_compared_again(tmp_path: Path) -> None:
    catalogue = redefined(tmp_path, "2023")
    every = ("2022Q1", "2022Q2", "2022Q3", "2022Q4")
    assert aided_anew(catalogue, *every) == ("20.0", "percent", "base_restated")
    half = aided_anew(catalogue, *every[:2])
    assert half == ("", "not_comparable", "base_restated;redefined")


def test_a_base_may_be_declared_restated(tmp_path: Path) -> None:
    catalogue = redefined(tmp_path, "2023", ", restated: true")
    assert aided_anew(catalogue) == ("20.0", "percent", "")


def test_a_corrected_number_is_shown_as_corrected_wherever_it_went(district: Catalogue) -> None:
    ledger = Ledger().everywhere(2023, "accepted", 10, 10, 10, 10)
    values = values_of(ledger, district, corrections=decision("value", "2023Q3", "S02", "accepted"))
    assert row_of(values, "cases")["note"] == "corrected"
    assert row_of(values, "cases", "S02")["note"] == "corrected"
    assert row_of(values, "cases", "S01")["note"] == ""


def test_notes_stand_in_one_order(district: Catalogue) -> None:
    ledger = Ledger().year(2023, "S00", "aided", "15+", 15, 15, 15)
    ledger.year(2022, "S00", "aided", "20-", 10, 10, 10)
    both = pd.concat(
        [
            decision("value", "2023Q1", "S00", "aided"),
            decision("restates", "2022Q1", "S00", "aided"),
        ]
    )
    notes = row_of(values_of(ledger, district, corrections=both), "aided")["note"].split(";")
    assert notes == ["at_least", "base_at_most", "base_restated", "corrected"]
    assert [NOTES.index(note) for note in notes] == sorted(NOTES.index(note) for note in notes)


def test_a_bound_decides_a_comparison_or_leaves_it_open() -> None:
    assert decided(Quantity(120, ">="), ">=", 100) is True
    assert decided(Quantity(90, ">="), ">=", 100) is None
    assert decided(Quantity(120, ">="), "<=", 100) is False
    assert decided(Quantity(100, ">="), "<=", 100) is None
    assert decided(Quantity(100, ">="), "<", 100) is False
    assert decided(Quantity(90, "<="), "<=", 100) is True
    assert decided(Quantity(90, "<="), ">=", 100) is False
    assert decided(Quantity(100, "<="), ">", 100) is False
    assert decided(Quantity(100, "<="), ">=", 100) is None
    assert decided(Quantity(120, "<="), "=", 100) is None
    assert decided(Quantity(120, "~"), ">=", 100) is None


# ── the wording table: what kind of change a change is ───────────

OFFICE = Office.model_validate({"bureau": {"zh": "局"}, "district": "S00", "expects": {}})
_COMMON = {"section": "society", "name": {"zh": "数"}, "better": "higher", "department": "科"}
COUNT = Indicator.model_validate({**_COMMON, "numerator": "a", "unit": "件", "over_time": "sum"})
RATE = Indicator.model_validate(
    {
        **_COMMON,
        "numerator": "a",
        "denominator": "b",
        "unit": "%",
        "decimals": 1,
        "over_time": "ratio_of_sums",
    }
)
RATIO = Indicator.model_validate(
    {
        **_COMMON,
        "numerator": "a",
        "denominator": "b",
        "unit": "倍",
        "decimals": 2,
        "over_time": "ratio_of_sums",
        "change": "difference",
    }
)
MONEY = Indicator.model_validate(
    {**_COMMON, "numerator": "a", "unit": "万元", "decimals": 2, "over_time": "sum"}
)


@pytest.mark.parametrize(
    ("indicator", "now", "before", "kind", "size"),
    [
        (COUNT, 1113, 558, "percent", "99.5"),  # 555/558
        (COUNT, 59, 96, "percent", "-38.5"),  # -37/96
        (COUNT, 300, 100, "percent", "200.0"),  # up to 200 % in percent
        (COUNT, 301, 100, "times", "2.0"),  # 201 %
        (COUNT, 236, 60, "times", "2.9"),  # 176/60 = 2.93, 增长2.9倍
        (COUNT, 100, 100, "same", "0"),
        (COUNT, 0, 0, "same", "0"),
        (COUNT, 4, 0, "new", "4"),
        (COUNT, 0, 50, "percent", "-100.0"),
        (COUNT, 13, 6, "count", "7"),  # a base under 10: no percent
        (COUNT, 0, 1, "count", "-1"),
        (COUNT, 19, 10, "percent", "90.0"),  # 10 itself is not small
        (COUNT, 10003, 10000, "count", "3"),  # 0.03 % would print as 0.0 %
        (MONEY, Fraction("12.50"), Fraction("10.00"), "percent", "25.0"),
        (MONEY, Fraction("12.004"), Fraction("12.003"), "same", "0.00"),
        (RATE, 100, 100, "same", "0.0"),
        (RATE, Fraction("97.94"), Fraction("97.90"), "same", "0.0"),  # 0.04 points
        (RATE, Fraction("97.95"), Fraction("97.90"), "points", "0.1"),  # 0.05 points
        (RATE, 30, 13, "points", "17.0"),
        (RATE, Fraction("9.5"), Fraction("20.15"), "points", "-10.7"),
        (RATE, 5, 0, "points", "5.0"),  # a rate from 0 is still a difference of points
        (RATIO, Fraction("1.13"), Fraction("0.93"), "count", "0.20"),
        (RATIO, Fraction("1.131"), Fraction("1.130"), "same", "0.00"),
    ],
)
def test_every_case_of_the_wording_table(
    indicator: Indicator, now: int | Fraction, before: int | Fraction, kind: str, size: str
) -> None:
    change = compare(now, before, indicator, OFFICE)
    assert (change.kind, str(change.size)) == (kind, size)


def test_points_are_the_difference_of_the_exact_rates_with_a_note_where_the_ends_disagree() -> None:
    change = compare(Fraction("93.44"), Fraction("89.66"), RATE, OFFICE)  # prints 93.4 and 89.7
    assert (str(change.size), change.notes) == ("3.8", ("ends_disagree",))


def test_a_rate_per_head_has_a_small_base_where_its_cases_are_few() -> None:
    per_head = Indicator.model_validate(
        {
            **_COMMON,
            "numerator": "a",
            "denominator": "b",
            "unit": "件/万人",
            "decimals": 1,
            "over_time": "ratio_of_sums",
        }
    )
    many = compare(Fraction("8.1"), Fraction("5.4"), per_head, OFFICE, counted=364)
    assert (many.kind, str(many.size), many.notes) == ("percent", "50.0", ())
    few = compare(Fraction("30"), Fraction("15"), per_head, OFFICE, counted=3)
    assert (few.kind, str(few.size), few.notes) == ("count", "15.0", ("small_base",))


def test_the_base_of_a_figure_per_head_is_the_number_of_its_cases(district: Catalogue) -> None:
    ledger = Ledger().everywhere(2022, "accepted", 1, 0, 0, 0)  # 3 cases, 20 per 10 000
    ledger.everywhere(2023, "accepted", 2, 0, 0, 0)
    for year in ("2022", "2023"):
        for place in ("S01", "S02", "S03"):
            ledger.put(year, place, "residents", "0.05")
    row = row_of(values_of(ledger, district), "cases_per_10k")
    assert (row["previous"], row["change"], row["change_kind"]) == ("20.0", "20.0", "count")
    assert row["note"] == "small_base"


def test_gbt_8170_rounds_a_half_to_the_even_digit(tmp_path: Path) -> None:
    district = small_district(tmp_path, office="rounding: gbt8170\n")
    ledger = Ledger().year(2023, "S00", "days", 49, 0, 0, 0).year(2023, "S00", "aided", 20, 0, 0, 0)
    assert row_of(values_of(ledger, district), "average_days")["value"] == "2.4"  # 2.45


def test_half_up_is_the_default(district: Catalogue) -> None:
    ledger = Ledger().year(2023, "S00", "days", 49, 0, 0, 0).year(2023, "S00", "aided", 20, 0, 0, 0)
    assert row_of(values_of(ledger, district), "average_days")["value"] == "2.5"


# ── spread, variety, index ───────────────────────────────────────


def per_head(*cases: int) -> Ledger:
    ledger = Ledger()
    for place, number in zip(("S01", "S02", "S03"), cases, strict=True):
        ledger.year(2023, place, "accepted", number, 0, 0, 0)
        ledger.put("2023", place, "residents", 1)
    return ledger


def test_cv_is_the_population_deviation_over_the_mean(district: Catalogue) -> None:
    # 2, 4, 6: mean 4, variance (4 + 0 + 4)/3 = 8/3, deviation 1.63299, over 4 = 0.40825
    row = row_of(values_of(per_head(2, 4, 6), district), "cases_cv")
    assert (row["value"], row["completeness"]) == ("0.408", "3/3")


def test_gini_of_2_4_6_is_two_ninths(district: Catalogue) -> None:
    # |differences| over all pairs: 2·(2 + 4 + 2) = 16; 16 / (2·9·4) = 0.2222
    assert row_of(values_of(per_head(2, 4, 6), district), "cases_gini")["value"] == "0.222"
    assert gini([Fraction(0), Fraction(0), Fraction(7)]) == Fraction(2, 3)


def test_highest_to_lowest_and_the_share_under_half_the_median(district: Catalogue) -> None:
    values = values_of(per_head(1, 4, 6), district)
    assert row_of(values, "cases_max_min")["value"] == "6.0"
    lagging = row_of(values, "cases_lagging")  # half of 4 is 2; only 1 is under it
    assert (lagging["numerator"], lagging["denominator"]) == ("1", "3")
    assert lagging["value"] == "33.3"
    on_the_line = row_of(values_of(per_head(2, 4, 6), district), "cases_lagging")
    assert on_the_line["value"] == "0.0"  # 2 is half of 4, not under it


def test_nothing_over_nothing_has_no_spread(district: Catalogue) -> None:
    values = values_of(per_head(0, 4, 6), district)
    assert row_of(values, "cases_max_min")["note"] == "zero_denominator"
    assert cv([Fraction(0), Fraction(0)]) is None


def test_a_township_without_residents_has_no_figure_per_head_but_is_not_silent(
    district: Catalogue,
) -> None:
    ledger = per_head(2, 4, 6)
    for fact in ledger.rows:
        if (fact["place"], fact["item"]) == ("S02", "residents"):
            fact["value"] = "0"
    row = row_of(values_of(ledger, district), "cases_cv")
    assert (row["value"], row["completeness"], row["note"]) == ("", "3/3", "zero_denominator")


def test_a_silent_township_leaves_the_spread_missing_too(district: Catalogue) -> None:
    ledger = per_head(2, 4, 6)
    ledger.rows = [r for r in ledger.rows if (r["place"], r["item"]) != ("S02", "residents")]
    row = row_of(values_of(ledger, district), "cases_cv")
    assert (row["value"], row["completeness"], row["note"]) == ("", "2/3", "missing:S02")


def test_evenness_is_1_for_equal_parts_and_0_for_a_single_one(district: Catalogue) -> None:
    ledger = Ledger()
    for item, events in (("plaza", 2), ("school", 1), ("online", 1)):
        ledger.everywhere(2023, item, events, 0, 0, 0)
    values = values_of(ledger, district)
    # shares 1/2, 1/4, 1/4: 0.5 ln 2 + 0.5 ln 4 = 1.5 ln 2 = 1.03972; over ln 3 = 1.09861
    assert row_of(values, "evenness")["value"] == "0.946"
    top = row_of(values, "top_share")
    assert (top["numerator"], top["denominator"], top["value"]) == ("6", "12", "50.0")
    assert row_of(values, "kinds")["value"] == "3"
    assert evenness([Fraction(5)] * 4) == 1
    assert evenness([Fraction(5), Fraction(0)]) == 0
    assert evenness([Fraction(0), Fraction(0)]) is None


def index_ledger() -> Ledger:
    ledger = Ledger()
    for place, successful, served in (("S01", 8, 9), ("S02", 10, 3), ("S03", 6, 2)):
        ledger.year(2023, place, "accepted", 10, 0, 0, 0)
        ledger.year(2023, place, "successful", successful, 0, 0, 0)
        ledger.put("2023", place, "villages", 10).put("2023", place, "villages_served", served)
    return ledger


def test_the_index_weighs_what_is_reached_of_full_marks_and_the_district_is_the_mean(
    district: Catalogue,
) -> None:
    values = values_of(index_ledger(), district)
    # S01: (3·0.80 + 1·min(90/50, 1))/4 = 85.0; S02: (3·1 + 0.6)/4 = 90.0; S03: (1.8 + 0.4)/4 = 55.0
    scores = [row_of(values, "township_index", place)["value"] for place in ("S01", "S02", "S03")]
    assert scores == ["85.0", "90.0", "55.0"]
    assert row_of(values, "township_index")["value"] == "76.7"


def test_an_index_without_one_of_its_parts_is_missing(district: Catalogue) -> None:
    ledger = index_ledger()
    ledger.rows = [r for r in ledger.rows if (r["place"], r["item"]) != ("S03", "villages")]
    values = values_of(ledger, district)
    assert row_of(values, "township_index", "S03")["note"] == "missing:S03"
    total = row_of(values, "township_index")
    assert (total["value"], total["completeness"], total["note"]) == ("", "2/3", "missing:S03")


# ── series, jumps, reading view ──────────────────────────────────


def test_the_series_holds_single_quarters_and_leaves_gaps_empty(district: Catalogue) -> None:
    ledger = Ledger().year(2024, "S00", "aided", 10, 20).year(2023, "S00", "aided", 1, 2, None, 4)
    series = compute_series(ledger.facts, district, Period(2024, 2))
    rows = series[series["indicator"] == "aided"]
    assert list(zip(rows["period"], rows["value"], strict=True)) == [
        ("2023Q1", "1"),
        ("2023Q2", "2"),
        ("2023Q3", ""),
        ("2023Q4", "4"),
        ("2024Q1", "10"),
        ("2024Q2", "20"),
    ]
    assert not set(series["indicator"]) & {"plan_issued", "cases_cv", "residents", "cases_per_10k"}


def test_jumps_are_looked_for_at_reporting_places_with_a_base_that_carries_them(
    district: Catalogue,
) -> None:
    ledger = Ledger()
    for place, before, now in (("S01", 30, 40), ("S02", 29, 90), ("S03", 100, 130)):
        ledger.year(2022, place, "accepted", before, 0, 0, 0)
        ledger.year(2023, place, "accepted", now, 0, 0, 0)
        ledger.year(2022, place, "successful", before, 0, 0, 0)
        ledger.year(2023, place, "successful", now if place != "S03" else 120, 0, 0, 0)
        ledger.put("2022", place, "residents", 1).put("2023", place, "residents", 1)
        ledger.put("2022", place, "villages", 20).put("2022", place, "villages_served", 2)
        ledger.put("2023", place, "villages", 20).put("2023", place, "villages_served", 20)
    jumps = find_jumps(values_of(ledger, district), district, YEAR)
    # cases per 10 000 residents repeat the cases; a rate of 20 villages has too small a base
    assert [(j["indicator"], j["place"], j["change"]) for j in jumps] == [
        ("cases", "S01", "33.3"),  # S02 has a base under 30, S03 exactly 30 %
        ("cases_shown", "S01", "33.3"),
        ("success_rate", "S03", "-7.7"),  # 100.0 to 92.3 %: over 5 points
    ]


def test_an_indicators_own_jump_replaces_the_offices(tmp_path: Path) -> None:
    own = (
        "watched: {section: society, source_rows: [X1], name: {zh: 受理}, "
        "numerator: accepted, unit: 件, over_time: sum, better: volume, jump: 10, department: 科}\n"
    )
    district = small_district(tmp_path, indicators=own)
    ledger = Ledger().everywhere(2022, "accepted", 100, 0, 0, 0)
    ledger.everywhere(2023, "accepted", 111, 0, 0, 0)
    jumps = find_jumps(values_of(ledger, district), district, YEAR)
    assert {str(jump["indicator"]) for jump in jumps} == {"watched"}


def test_figures_are_read_by_name_and_place_with_a_hint_where_they_are_not_there(
    district: Catalogue,
) -> None:
    ledger = Ledger().everywhere(2023, "accepted", 10, 20, 30, 40)
    values = values_of(ledger, district)
    series = compute_series(ledger.facts, district, YEAR)
    standings = compute_standings(values, ledger.facts, district, YEAR)
    figures = Figures(district, YEAR, values, standings, series)
    assert str(figures.figure("cases").value) == "300"
    assert figures.figure("cases", "S02").completeness == "1/1"
    assert figures.figure("attendance_rate").note("missing") == "S00"
    assert figures.figure("cases").note("missing") is None
    assert [figure.place for figure in figures.townships("cases")] == ["S01", "S02", "S03"]
    assert [str(number) for _, number in figures.quarters("cases", 2023)] == [
        "30",
        "60",
        "90",
        "120",
    ]
    assert [number for _, number in figures.quarters("cases", 2022)] == [None] * 4
    assert figures.standing("cases") is None
    with pytest.raises(LookupError, match="did you mean cases"):
        figures.figure("case")
    with pytest.raises(LookupError, match="it has at S00"):
        figures.figure("service", "S01")


def test_exact_numbers_are_printed_in_full() -> None:
    assert exact_text(Fraction("1234567890123.05")) == "1234567890123.05"
    assert exact_text(Fraction("-0.5")) == "-0.5"
    assert exact_text(40) == "40"
    with pytest.raises(ValueError, match="no finite decimal form"):
        exact_text(Fraction(1, 3))
