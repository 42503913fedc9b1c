"""Published figures that were printed wrong, worked out right by the project's own catalogue.

The counts are those of real bulletins; where a bulletin went wrong the test says how.
"""

import gzip
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pandas as pd
import pytest
from tiny import Ledger, row_of

from nianbao import schema
from nianbao.catalogue import Catalogue, load_catalogue
from nianbao.comparison import compare
from nianbao.formulas import Sum
from nianbao.indicators import compute_series, compute_values
from nianbao.period import Period
from nianbao.rounding import round_half
from nianbao.targets import compute_standings
from nianbao.workspace import PROJECT, Workspace

TRUTH = Path(__file__).parent / "truth.csv.gz"
YEAR = Period(2023)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(Workspace(PROJECT))


class Return(Ledger):
    """A whole year of returns: each item's total at one place in one quarter, 0 everywhere else."""

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__()
        self.catalogue = catalogue

    def whole(self, year: int, **totals: object) -> "Return":
        for item, total in totals.items():
            self._whole(year, item, total)
        return self

    def _whole(self, year: int, item: str, total: object) -> None:
        catalogue = self.catalogue
        annual = catalogue.is_annual(item)
        flow = catalogue.flow_of(item) in ("quarter", "cumulative")
        months = 3 if catalogue.table_of(item).monthly and flow else 1
        periods = (Period(year),) if annual else Period(year).quarters
        for period in periods:
            for place in catalogue.places_of(item, period):
                here = period == periods[-1] and place == catalogue.places_of(item, period)[0]
                self.put(period.name, place, item, *([0] * (months - 1)), total if here else 0)


def row(returns: Return, indicator: str) -> dict[str, str]:
    return row_of(compute_values(returns.facts, None, returns.catalogue, YEAR), indicator)


# ── rounding ─────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("numerator", "denominator", "right", "printed"),
    [
        (151 - 66, 66, "128.79", "128.78"),  # 方城 2024: five figures cut off instead of rounded
        (140, 151, "92.72", "92.71"),
        (75, 151, "49.67", "49.66"),
        (16, 151, "10.60", "10.59"),
        (4, 151, "2.65", "2.64"),
        (162, 222, "72.97", "72.9"),  # 金寨 2025, to one decimal 73.0
        (58, 1113, "5.21", "5.4"),  # 通州 2023: 信息公开占比, a misprint
    ],
)
def test_shares_are_rounded_half_up_from_the_counts(
    numerator: int, denominator: int, right: str, printed: str
) -> None:
    share = Fraction(numerator, denominator) * 100
    assert str(round_half(share, 2)) == right
    decimals = len(printed.partition(".")[2])
    assert str(round_half(share, decimals)) != printed


def test_growth_of_fangcheng_is_128_8_percent(catalogue: Catalogue) -> None:
    change = compare(151, 66, catalogue.indicators["reconsideration_received"], catalogue.office)
    assert (change.kind, str(change.size)) == ("percent", "128.8")


def test_shares_are_not_forced_to_add_up_to_100(catalogue: Catalogue) -> None:
    # 上海 2014: 4 696 cases closed; the bulletin's table says 100 %, its shares add up to 99.9
    closed = 4696
    outcomes = (3509, 678, 295, 77, 63, 43, 0, 8, 23)
    assert sum(outcomes) == closed
    shares = [round_half(Fraction(number * 100, closed), 1) for number in outcomes]
    assert [str(share) for share in shares[:4]] == ["74.7", "14.4", "6.3", "1.6"]
    assert sum(shares) == Decimal("99.9")


# ── denominators ─────────────────────────────────────────────────


def test_a_correction_rate_is_over_cases_closed_not_accepted(catalogue: Catalogue) -> None:
    # 方城 2024: 29 corrected; the bulletin says 审结 (135) and divides by 受理 (151), 19.2 %
    returns = Return(catalogue).whole(
        2023, recon_corrected=29, recon_closed=135, recon_accepted=151
    )
    rate = row(returns, "reconsideration_correction_rate")
    assert (rate["numerator"], rate["denominator"], rate["value"]) == ("29", "135", "21.5")


def test_reoffending_is_over_those_at_the_end_plus_those_released(catalogue: Catalogue) -> None:
    # 福建 2018: 18 / (24 862 + 22 255) = 0.0382 %; over 在册 alone it would be 0.072 %
    returns = Return(catalogue).whole(
        2023, correction_reoffended=18, correction_population=24862, correction_released=22255
    )
    rate = row(returns, "correction_reoffending_rate")
    assert (rate["denominator"], rate["value"], rate["unit"]) == ("47117", "0.038", "%")


def test_a_connection_rate_comes_from_raw_counts_not_from_rounded_wan(catalogue: Catalogue) -> None:
    # 安徽 12348: 28.29万 of 29.52万 gives 95.83; the calls behind them give the printed 95.81
    returns = Return(catalogue).whole(2023, calls_answered=282_860, calls_in=295_230)
    rate = row(returns, "hotline_connection_rate")
    exact = Fraction(int(rate["numerator"]), int(rate["denominator"])) * 100
    assert str(round_half(exact, 2)) == "95.81"
    assert str(round_half(Fraction(2829, 2952) * 100, 2)) == "95.83"
    assert rate["value"] == "95.8"


def test_tongzhou_2023_as_published_and_recomputed(catalogue: Catalogue) -> None:
    returns = Return(catalogue)
    returns.whole(2022, recon_received=558, recon_corrected=60)
    returns.whole(
        2023,
        recon_received=1113,
        recon_closed=977,
        recon_corrected=236,
        recon_settled=170,
        recon_withdrawn=0,
    )
    values = compute_values(returns.facts, None, catalogue, YEAR)
    received = row_of(values, "reconsideration_received")
    assert (received["change"], received["change_kind"]) == ("99.5", "percent")
    corrected = row_of(values, "reconsideration_corrected")
    assert (corrected["change"], corrected["change_kind"]) == ("2.9", "times")  # 增长2.9倍
    assert row_of(values, "reconsideration_correction_rate")["value"] == "24.2"
    assert row_of(values, "reconsideration_mediation_rate")["value"] == "17.4"


# ── units of a change ────────────────────────────────────────────


def test_the_change_of_a_rate_is_in_points_never_in_percent(catalogue: Catalogue) -> None:
    # 武隆 2023 wrote “优秀率上升17%”, 山东 2022 “败诉率下降10.65%”; both meant points
    returns = Return(catalogue).whole(2022, files_excellent=13, files_drawn_licence=100)
    returns.whole(2023, files_excellent=24, files_drawn_licence=80)
    for year in (2022, 2023):
        returns.whole(year, files_drawn_penalty=0)
    rate = row(returns, "enforcement_file_excellent_rate")
    assert (rate["value"], rate["previous"]) == ("30.0", "13.0")
    assert (rate["change"], rate["change_kind"]) == ("17.0", "points")


@pytest.mark.parametrize(
    ("before", "now", "kind", "size"),
    [
        (30, 21, "percent", "-30.0"),  # 滨江 2020, 市监
        (96, 59, "percent", "-38.5"),  # 合计
        (19, 4, "percent", "-78.9"),  # 浦沿街道
        (6, 13, "count", "7"),  # 公安, printed 116.7 %: six cases carry no percent
        (2, 6, "count", "4"),  # 住建, printed 200.0 %
        (6, 6, "same", "0"),  # 人社, printed 0.0 %
        (0, 1, "new", "1"),  # 民政, printed “-”
        (1, 0, "count", "-1"),  # 应急, printed -100.0 %
    ],
)
def test_binjiang_2020_by_respondent(
    catalogue: Catalogue, before: int, now: int, kind: str, size: str
) -> None:
    change = compare(
        now, before, catalogue.indicators["reconsideration_received"], catalogue.office
    )
    assert (change.kind, str(change.size)) == (kind, size)


def test_so_and_so_many_odd_is_only_said_to_be_more(catalogue: Catalogue) -> None:
    # 习近平法治思想××余次: 480余 against 430余 is a bound against a bound
    returns = Return(catalogue).whole(2022, dept_rol_thought_sessions="430+")
    returns.whole(2023, dept_rol_thought_sessions="480+")
    sessions = row(returns, "dept_rol_thought_sessions")
    assert (sessions["value"], sessions["previous"]) == ("480", "430")
    assert (sessions["change"], sessions["change_kind"]) == ("", "not_comparable")
    assert sessions["note"] == "at_least;base_at_least"


def test_attendance_of_99_96_percent_does_not_hold_100(catalogue: Catalogue) -> None:
    returns = Return(catalogue).whole(2023, court_heard=2500, court_attended=2499)
    values = compute_values(returns.facts, None, catalogue, YEAR)
    standings = compute_standings(values, returns.facts, catalogue, YEAR)
    attendance = row_of(standings, "official_court_attendance_rate")
    assert (attendance["value"], attendance["standing"]) == ("100.0", "behind")
    assert (attendance["gap"], attendance["attainment"]) == ("0.04", "99.96")


# ── the whole sample against an oracle that shares no code ───────


@pytest.fixture(scope="module")
def truth() -> pd.DataFrame:
    with gzip.open(TRUTH, "rt", encoding="utf-8-sig") as lines:
        return pd.read_csv(lines, dtype=str, keep_default_na=False)


def facts_of(truth: pd.DataFrame, *periods: str) -> pd.DataFrame:
    rows = truth[truth["period"].isin(periods)].to_dict("records")
    return schema.table("facts", [{str(k): v for k, v in one.items()} for one in rows])


def test_every_sum_and_rate_of_the_sample_agrees_with_a_plain_recount(
    catalogue: Catalogue, truth: pd.DataFrame
) -> None:
    quarters = [f"2023Q{quarter}" for quarter in range(1, 5)]
    facts = facts_of(truth, *quarters, "2023")
    values = compute_values(facts, None, catalogue, YEAR)
    numbers = facts.assign(value=facts["value"].map(lambda text: Fraction(text or 0)))
    flows = numbers.groupby("item")["value"].sum()
    levels = numbers[numbers["period"].isin(["2023Q4", "2023"])].groupby("item")["value"].sum()
    checked = 0
    for name, indicator in catalogue.indicators.items():
        parts = (indicator.numerator, indicator.denominator)
        if indicator.over_time == "done" or not isinstance(indicator.numerator, Sum):
            continue
        for part, column in zip(parts, ("numerator", "denominator"), strict=True):
            if isinstance(part, Sum):
                recount = sum(
                    sign * (levels if catalogue.flow_of(item) == "stock" else flows)[item]
                    for sign, item in part.terms
                )
                assert Fraction(row_of(values, name)[column]) == recount, (name, column)
                checked += 1
    assert checked > 150


def test_townships_and_departments_add_up_to_the_district(
    catalogue: Catalogue, truth: pd.DataFrame
) -> None:
    facts = facts_of(truth, *(f"2023Q{quarter}" for quarter in range(1, 5)), "2023")
    values = compute_values(facts, None, catalogue, YEAR)
    for name in ("mediation_cases", "law_publicity_events", "enforcement_files_reviewed"):
        rows = values[values["indicator"] == name]
        parts = rows[rows["place"] != catalogue.district]["value"].map(int)
        assert len(parts) in (12, 18, 31)
        assert parts.sum() == int(row_of(values, name)["value"]), name


def test_the_quarters_of_the_sample_add_up_to_the_year(
    catalogue: Catalogue, truth: pd.DataFrame
) -> None:
    facts = facts_of(truth, *(f"2023Q{quarter}" for quarter in range(1, 5)), "2023")
    values = compute_values(facts, None, catalogue, YEAR)
    series = compute_series(facts, catalogue, YEAR)
    for name in ("mediation_cases", "legal_service_volume", "smart_centre_usage"):
        quarters = series[(series["indicator"] == name) & (series["period"].str[:4] == "2023")]
        assert quarters["value"].map(int).sum() == int(row_of(values, name)["value"]), name


def test_the_sample_has_a_value_or_a_reason_for_every_figure(
    catalogue: Catalogue, truth: pd.DataFrame
) -> None:
    facts = facts_of(truth, *(p for p in truth["period"].unique() if p[:4] in ("2022", "2023")))
    values = compute_values(facts, None, catalogue, YEAR)
    empty = values[values["value"] == ""]
    assert set(empty["note"]) <= {
        "zero_denominator",
        "zero_denominator;base_zero_denominator",
        "zero_denominator;base_withheld",
    }
    assert set(values["change_kind"]) <= {
        "percent",
        "points",
        "times",
        "same",
        "count",
        "new",
        "none",
        "not_comparable",
    }
    assert set(catalogue.indicators) == set(values["indicator"])
