"""Standings worked out by hand: reached, on the way, behind, and when nobody can say."""

from pathlib import Path

import pytest
from tiny import Ledger, row_of, small_district

from nianbao.catalogue import Catalogue
from nianbao.figures import Figures
from nianbao.indicators import compute_series, compute_values
from nianbao.period import Period
from nianbao.targets import compute_standings

YEAR = Period(2023)
SECOND_QUARTER = Period(2024, 2)


def target(op: str, value: object = None, due: str = "2024-12-31") -> str:
    said = "" if value is None else f"value: {value}, "
    return f'{{op: "{op}", {said}basis: assumed, note: 设定, due: {due}}}'


def district_with(root: Path, **targets: str) -> Catalogue:
    """A district whose targets of 2024 are `indicator=target(…)`."""
    lines = "".join(f"{name}: {text}\n" for name, text in targets.items())
    return small_district(root, targets={2024: lines})


def standing_of(
    ledger: Ledger, district: Catalogue, indicator: str, period: Period = SECOND_QUARTER
) -> dict[str, str]:
    values = compute_values(ledger.facts, None, district, period)
    return row_of(compute_standings(values, ledger.facts, district, period), indicator)


# ── a year against next year's targets ───────────────────────────


def test_a_year_against_next_years_target_is_reached_or_not_yet(tmp_path: Path) -> None:
    district = district_with(tmp_path, aided=target(">=", 120), budget=target("<=", 50))
    ledger = Ledger().year(2023, "S00", "aided", 25, 25, 25, 25)
    ledger.year(2023, "S00", "budget", "12.5", "12.5", "12.5", "12.5")
    aided = standing_of(ledger, district, "aided", YEAR)
    assert (aided["target_year"], aided["standing"]) == ("2024", "behind")
    assert (aided["gap"], aided["attainment"]) == ("20", "83.3")
    assert (aided["pace"], aided["pace_kind"]) == ("", "")
    budget = standing_of(ledger, district, "budget", YEAR)
    assert (budget["standing"], budget["gap"], budget["attainment"]) == ("met", "0.00", "")


def test_a_year_is_never_missed_before_the_due_date(tmp_path: Path) -> None:
    district = district_with(tmp_path, aided=target(">=", 120))
    ledger = Ledger().year(2023, "S00", "aided", 0, 0, 0, 0)
    assert standing_of(ledger, district, "aided", YEAR)["standing"] == "behind"


def test_a_year_report_shows_its_own_targets_too_and_then_a_shortfall_is_missed(
    tmp_path: Path,
) -> None:
    lines = {
        year: f"aided: {target('>=', value, f'{year}-12-31')}\n"
        for year, value in ((2023, 120), (2024, 90))
    }
    district = small_district(tmp_path, targets=lines)
    ledger = Ledger().year(2023, "S00", "aided", 25, 25, 25, 25)
    values = compute_values(ledger.facts, None, district, YEAR)
    standings = compute_standings(values, ledger.facts, district, YEAR)
    assert list(zip(standings["target_year"], standings["standing"], strict=True)) == [
        ("2023", "missed"),
        ("2024", "met"),
    ]
    series = compute_series(ledger.facts, district, YEAR)
    figures = Figures(district, YEAR, values, standings, series)
    assert figures.target_year == 2024
    assert [standing.standing for standing in figures.standings()] == ["met"]
    own = figures.standing("aided", year=2023)
    assert own is not None
    assert own.standing == "missed"


def test_a_year_without_targets_ahead_looks_to_its_own(tmp_path: Path) -> None:
    lines = f"aided: {target('>=', 90, '2023-12-31')}\n"
    district = small_district(tmp_path, targets={2023: lines})
    ledger = Ledger().year(2023, "S00", "aided", 25, 25, 25, 25)
    values = compute_values(ledger.facts, None, district, YEAR)
    standings = compute_standings(values, ledger.facts, district, YEAR)
    series = compute_series(ledger.facts, district, YEAR)
    figures = Figures(district, YEAR, values, standings, series)
    assert [standing.target_year for standing in figures.standings()] == [2023]


def test_milestones_are_done_or_not(tmp_path: Path) -> None:
    district = district_with(tmp_path, plan_issued=target("done"))
    ledger = Ledger().year(2023, "S00", "plan_issued", 0, 0, 0, 1)
    row = standing_of(ledger, district, "plan_issued", YEAR)
    assert (row["standing"], row["value"], row["target"], row["gap"]) == ("done", "1", "", "")
    ledger = Ledger().year(2024, "S00", "plan_issued", 0, 0)
    assert standing_of(ledger, district, "plan_issued")["standing"] == "not_done"


# ── exact values decide ──────────────────────────────────────────


def test_99_96_is_not_100_although_it_prints_so(tmp_path: Path) -> None:
    district = district_with(tmp_path, attendance_rate=target("=", 100))
    ledger = Ledger().year(2024, "S00", "heard", 2500, 0).year(2024, "S00", "attended", 2499, 0)
    row = standing_of(ledger, district, "attendance_rate")
    assert (row["value"], row["standing"]) == ("100.0", "behind")
    assert (row["gap"], row["attainment"]) == ("0.04", "99.96")


def test_holding_at_100_is_on_track_until_the_year_is_over(tmp_path: Path) -> None:
    district = district_with(tmp_path, attendance_rate=target("=", 100))
    ledger = Ledger().year(2024, "S00", "heard", 20, 0, 5, 5)
    ledger.year(2024, "S00", "attended", 20, 0, 5, 5)
    assert standing_of(ledger, district, "attendance_rate")["standing"] == "on_track"
    at_the_end = standing_of(ledger, district, "attendance_rate", Period(2024, 4))
    assert (at_the_end["standing"], at_the_end["gap"]) == ("met", "0.0")


def test_a_target_can_be_over_fulfilled(tmp_path: Path) -> None:
    district = district_with(tmp_path, aided=target(">=", 40))
    ledger = Ledger().year(2024, "S00", "aided", 30, 30)
    row = standing_of(ledger, district, "aided")
    assert (row["standing"], row["attainment"], row["gap"]) == ("met", "150.0", "-20")


# ── progress within the year ─────────────────────────────────────


def test_pace_is_last_years_share_to_the_same_quarter(tmp_path: Path) -> None:
    district = district_with(tmp_path, aided=target(">=", 200))
    ledger = Ledger().year(2023, "S00", "aided", 10, 20, 30, 40)  # 30 of 100 by June
    ahead = standing_of(ledger.year(2024, "S00", "aided", 30, 32), district, "aided")
    assert (ahead["attainment"], ahead["pace"], ahead["pace_kind"]) == ("31.0", "30.0", "seasonal")
    assert ahead["standing"] == "on_track"  # half the year is gone, but not half of the work is due


def test_without_a_whole_last_year_pace_follows_the_calendar(tmp_path: Path) -> None:
    district = district_with(tmp_path, aided=target(">=", 200))
    ledger = Ledger().year(2023, "S00", "aided", 10, 20, None, 40)
    row = standing_of(ledger.year(2024, "S00", "aided", 30, 32), district, "aided")
    assert (row["pace"], row["pace_kind"], row["standing"]) == ("50.0", "calendar", "behind")


def test_an_approximate_last_year_sets_no_season(tmp_path: Path) -> None:
    district = district_with(tmp_path, aided=target(">=", 200))
    ledger = Ledger().year(2023, "S00", "aided", 10, "20+", 30, 40)
    row = standing_of(ledger.year(2024, "S00", "aided", 30, 32), district, "aided")
    assert row["pace_kind"] == "calendar"


def test_a_level_is_held_against_the_line_from_last_years_end(tmp_path: Path) -> None:
    district = district_with(tmp_path, mediators=target(">=", 30))
    ledger = Ledger().everywhere(2023, "mediators", 6, 6, 6, 6)  # 18; by June half of 12 more: 24
    ledger.everywhere(2024, "mediators", 6, 8)
    on_the_line = standing_of(ledger, district, "mediators")
    assert (on_the_line["value"], on_the_line["pace"]) == ("24", "80.0")
    assert (on_the_line["pace_kind"], on_the_line["standing"]) == ("calendar", "on_track")


def test_a_level_under_the_line_is_behind(tmp_path: Path) -> None:
    district = district_with(tmp_path, mediators=target(">=", 30))
    ledger = Ledger().everywhere(2023, "mediators", 6, 6, 6, 6)
    ledger.everywhere(2024, "mediators", 6, 7)
    assert standing_of(ledger, district, "mediators")["standing"] == "behind"


def test_a_level_that_has_fallen_below_its_target_was_to_stay_there(tmp_path: Path) -> None:
    district = district_with(tmp_path, mediators=target(">=", 30))
    ledger = Ledger().everywhere(2023, "mediators", 12, 12, 12, 12)  # 36 at the end of last year
    ledger.everywhere(2024, "mediators", 9, 9)
    row = standing_of(ledger, district, "mediators")
    assert (row["value"], row["pace"], row["standing"]) == ("27", "100.0", "behind")


def test_more_than_exactly_so_many_is_not_on_track(tmp_path: Path) -> None:
    district = district_with(tmp_path, aided=target("=", 40))
    row = standing_of(Ledger().year(2024, "S00", "aided", 30, 20), district, "aided")
    assert (row["gap"], row["standing"]) == ("10", "behind")


def test_a_limit_that_is_kept_is_on_track_and_one_that_is_not_is_behind(tmp_path: Path) -> None:
    district = district_with(tmp_path, average_days=target("<=", 5))
    ledger = Ledger().year(2024, "S00", "aided", 10, 0, 10)
    ledger.year(2024, "S00", "days", 50, 0, 70)
    kept = standing_of(ledger, district, "average_days")
    assert (kept["standing"], kept["gap"], kept["attainment"]) == ("on_track", "0.0", "")
    exceeded = standing_of(ledger, district, "average_days", Period(2024, 3))  # 120 / 20 = 6
    assert (exceeded["standing"], exceeded["gap"]) == ("behind", "1.0")


def test_a_coverage_counted_over_the_year_has_the_pace_of_last_year(tmp_path: Path) -> None:
    district = district_with(tmp_path, inspection_coverage=target(">=", 100))
    ledger = Ledger()
    for place, last_year, this_year in (
        ("S01", (0, 1, 0, 0), (0, 1)),
        ("S02", (0, 0, 1, 0), (0, 0)),
        ("S03", (0, 0, 0, 1), (0, 0)),
        ("B01", (0, 0, 0, 1), (0, 0)),
    ):
        ledger.year(2023, place, "inspections", *last_year)
        ledger.year(2024, place, "inspections", *this_year)
    row = standing_of(ledger, district, "inspection_coverage")
    assert (row["value"], row["pace"], row["pace_kind"]) == ("25.0", "25.0", "seasonal")
    assert row["standing"] == "on_track"


def test_a_coverage_that_every_place_has_reached_stays_reached(tmp_path: Path) -> None:
    district = district_with(tmp_path, inspection_coverage=target("=", 100))
    ledger = Ledger()
    for place in ("S01", "S02", "S03", "B01"):
        ledger.year(2024, place, "inspections", 1, 0)
    assert standing_of(ledger, district, "inspection_coverage")["standing"] == "met"


def test_a_share_of_places_by_their_level_does_not_build_up_over_the_year(tmp_path: Path) -> None:
    staffed = (
        "staffed: {section: society, source_rows: [X1], name: {zh: 有调解员}, "
        "numerator: places(mediators >= 1), denominator: places(mediators >= 0), "
        'unit: "%", over_time: ratio_of_sums, '
        "better: higher, department: 科}\n"
    )
    lines = f"staffed: {target('>=', 60)}\n"
    district = small_district(tmp_path, indicators=staffed, targets={2024: lines})
    ledger = Ledger().everywhere(2023, "mediators", 1, 1, 1, 1).everywhere(2024, "mediators", 1, 1)
    row = standing_of(ledger, district, "staffed")
    assert (row["standing"], row["pace"]) == ("on_track", "")


def test_missed_is_said_only_after_the_due_date(tmp_path: Path) -> None:
    ledger = Ledger().year(2024, "S00", "aided", 1, 1)
    for due, standing in (("2024-06-30", "missed"), ("2024-07-01", "behind")):
        district = district_with(tmp_path / due, aided=target(">=", 100, due))
        assert standing_of(ledger, district, "aided")["standing"] == standing


def test_an_annual_figure_says_nothing_about_a_year_that_is_not_over(tmp_path: Path) -> None:
    district = district_with(tmp_path, adviser_rate=target(">=", 60))
    ledger = Ledger()
    for place in ("S01", "S02", "S03"):
        ledger.put("2023", place, "villages", 10).put("2023", place, "villages_served", 7)
    quarter = standing_of(ledger, district, "adviser_rate")
    assert (quarter["value"], quarter["standing"]) == ("70.0", "not_measurable")
    assert standing_of(ledger, district, "adviser_rate", YEAR)["standing"] == "met"


# ── when nobody can say ──────────────────────────────────────────


def test_a_missing_figure_cannot_be_measured(tmp_path: Path) -> None:
    district = district_with(tmp_path, aided=target(">=", 100))
    row = standing_of(Ledger().year(2024, "S00", "aided", 50), district, "aided")
    assert (row["value"], row["gap"], row["standing"]) == ("", "", "not_measurable")


@pytest.mark.parametrize(
    ("op", "goal", "reported", "standing"),
    [
        (">=", 100, "120+", "met"),
        (">=", 100, "90+", "not_measurable"),
        (">=", 100, "90-", "behind"),
        (">=", 100, "120-", "not_measurable"),
        ("<=", 100, "90-", "met"),
        ("<=", 100, "120+", "behind"),
        ("<=", 100, "90+", "not_measurable"),
        (">=", 100, "200~", "not_measurable"),
        ("=", 100, "101+", "behind"),
        ("=", 100, "100+", "not_measurable"),
    ],
)
def test_an_approximate_figure_decides_only_where_its_bound_does(
    tmp_path: Path, op: str, goal: int, reported: str, standing: str
) -> None:
    district = district_with(tmp_path, aided=target(op, goal))
    ledger = Ledger().year(2023, "S00", "aided", reported, 0, 0, 0)
    assert standing_of(ledger, district, "aided", YEAR)["standing"] == standing


def test_at_least_so_much_can_be_on_pace(tmp_path: Path) -> None:
    district = district_with(tmp_path, aided=target(">=", 100))
    ledger = Ledger().year(2024, "S00", "aided", "60+", 0)
    assert standing_of(ledger, district, "aided")["standing"] == "on_track"


def test_a_sum_without_one_township_is_at_least_what_it_is(tmp_path: Path) -> None:
    ledger = Ledger().year(2024, "S01", "accepted", 60, 60).year(2024, "S02", "accepted", 5, 5)
    for goal, standing in ((100, "met"), (500, "not_measurable")):
        district = district_with(tmp_path / str(goal), cases_shown=target(">=", goal))
        row = standing_of(ledger, district, "cases_shown")
        assert (row["value"], row["standing"]) == ("130", standing)


def test_standings_keep_the_order_of_the_targets_file(tmp_path: Path) -> None:
    district = district_with(tmp_path, budget=target("<=", 50), aided=target(">=", 1))
    ledger = Ledger()
    values = compute_values(ledger.facts, None, district, YEAR)
    standings = compute_standings(values, ledger.facts, district, YEAR)
    assert standings["indicator"].tolist() == ["budget", "aided"]
    assert standings["department"].tolist() == ["服务科", "服务科"]
    assert set(standings["basis"]) == {"assumed"}
