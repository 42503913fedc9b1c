"""What a target still asks of every quarter, worked by hand."""

from decimal import Decimal

import pytest

from nianbao.catalogue import load_catalogue
from nianbao.figures import Standing
from nianbao.period import Period
from nianbao.plan import Required, required_per_quarter
from nianbao.workspace import PROJECT, Workspace

CATALOGUE = load_catalogue(Workspace(PROJECT))
YEAR, THIRD, FOURTH = Period(2023), Period(2024, 3), Period(2024, 4)


def asked(
    indicator: str, period: Period, value: str | None, target: str, op: str = ">="
) -> Required:
    number = None if value is None else Decimal(value)
    standing = Standing(
        indicator=indicator,
        period=period.name,
        place="S00",
        target_year=2024,
        value=number,
        op=op,
        target=Decimal(target),
        gap=None,
        attainment=None,
        pace=None,
        pace_kind="",
        standing="behind",
        basis="assumed",
        department="",
    )
    return required_per_quarter(standing, CATALOGUE.indicators[indicator], period)


@pytest.mark.parametrize(
    ("indicator", "period", "value", "target", "kind", "amount"),
    [
        # next year's flow starts from nothing: 12 sessions over 4 quarters
        ("village_cadre_training_sessions", YEAR, "9", "12", "amount", "3"),
        # 56 acts over 4 quarters
        ("first_responsible_duty_acts", YEAR, "54", "56", "amount", "14"),
        # 11 500 / 4 is 2875 exactly; 11 501 / 4 rounds up, for less would not reach it
        ("legal_service_volume", YEAR, "11272", "11501", "amount", "2876"),
        # from 47.0 to 60: 13 points over 4 quarters, rounded up to a tenth
        ("legal_service_15min_coverage", YEAR, "47.0", "60", "step", "3.3"),
        # one quarter is left for the rest: 12 - 9
        ("village_cadre_training_sessions", THIRD, "9", "12", "amount", "3"),
        ("legal_service_15min_coverage", THIRD, "55.0", "60", "step", "5.0"),
    ],
)
def test_what_is_left_is_shared_over_the_quarters_left(
    indicator: str, period: Period, value: str, target: str, kind: str, amount: str
) -> None:
    assert asked(indicator, period, value, target) == Required(kind, Decimal(amount))  # type: ignore[arg-type]


def test_a_rate_has_to_be_held_in_every_quarter() -> None:
    assert asked("mediation_success_rate", YEAR, "97.0", "98").kind == "hold"
    assert asked("administrative_loss_rate", YEAR, "9.0", "8", "<=").kind == "hold"


def test_a_level_that_is_reached_has_to_be_kept() -> None:
    assert asked("legal_service_15min_coverage", YEAR, "61.0", "60").kind == "hold"


def test_nothing_is_asked_of_a_year_that_is_over_or_a_flow_that_is_done() -> None:
    assert asked("village_cadre_training_sessions", FOURTH, "9", "12").kind == "none"
    assert asked("village_cadre_training_sessions", THIRD, "13", "12").kind == "none"


def test_an_unknown_level_asks_for_no_number() -> None:
    assert asked("legal_service_15min_coverage", YEAR, None, "60") == Required("none")
