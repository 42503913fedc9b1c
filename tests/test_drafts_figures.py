"""What the data say of a figure, in each of the ways in which a draft may name it."""

from pathlib import Path

import pytest

from nianbao.drafts.figures import Data, opened
from nianbao.errors import InputMissing
from nianbao.period import Period
from nianbao.workspace import Workspace


@pytest.fixture(scope="module")
def data(sample: Path) -> Data:
    return opened(Workspace(sample), Period(2023), "zh")


@pytest.mark.parametrize(
    ("indicator", "period", "role", "told"),
    [
        ("mediation_cases", "2023", "level", "5412 件"),
        ("mediation_cases", "2022", "level", "4896 件"),
        ("mediation_cases", "2023", "previous", "4896 件"),
        ("mediation_cases", "2023", "change_percent", "10.5 %"),  # 516 / 4896
        ("mediation_cases", "2023", "change_count", "516 件"),
        ("first_agenda_sessions", "2023", "times", "1.3 倍"),  # 5/4, a half going up
        ("mediation_success_rate", "2023", "level", "98.3 %"),
        ("mediation_success_rate", "2023", "change_points", "0.7 个百分点"),
        ("mediation_success_rate", "2023", "numerator", "5320 "),
        ("legal_adviser_coverage_rate", "2023", "level", "100 %"),
        ("culture_sites", "2024", "target", "380 个"),
        ("law_publicity_civil_code_events/law_publicity_events", "2023", "share", "33.0 %"),
    ],
)
def test_a_figure_is_told_in_the_role_asked_for(
    data: Data, indicator: str, period: str, role: str, told: str
):
    stated = data.stated(indicator, period, "S00", role)

    assert f"{stated.text} {stated.unit}" == told
    assert (stated.why, stated.qualifier) == ("", "=")


def test_a_figure_known_as_at_least_stays_so_and_has_no_change(data: Data):
    known = data.stated("dept_rol_thought_sessions", "2023", "S00", "level")
    change = data.stated("dept_rol_thought_sessions", "2023", "S00", "change_percent")

    assert (known.text, known.qualifier) == ("480", ">=")
    assert (change.value, change.why) == (None, "not_comparable")


@pytest.mark.parametrize(
    ("indicator", "period", "role", "why"),
    [
        ("mediation_success_rate", "2023", "change_percent", "other_kind"),
        ("mediation_cases", "2023", "change_points", "other_kind"),
        ("mediation_cases", "2019", "level", "no_data"),
        ("mediation_cases", "2023", "target", "no_data"),
        ("no_such_indicator", "2023", "level", "no_data"),
    ],
)
def test_what_the_data_cannot_say_has_its_reason(
    data: Data, indicator: str, period: str, role: str, why: str
):
    stated = data.stated(indicator, period, "S00", role)

    assert (stated.value, stated.why) == (None, why)


def test_the_cells_of_a_change_are_those_of_both_years(data: Data):
    level = data.stated("mediation_cases", "2023", "S09", "level")
    change = data.stated("mediation_cases", "2023", "S09", "change_percent")
    before = data.stated("mediation_cases", "2022", "S09", "level")

    assert [cell.split("/")[2] for cell in data.cells(level)] == [f"2023Q{n}" for n in range(1, 5)]
    assert set(data.cells(change)) == {*data.cells(level), *data.cells(before)}


def test_a_rank_counts_from_the_best_township(data: Data):
    figures = data.report.figures.townships("mediation_success_rate")
    best = max(figures, key=lambda one: one.value or 0)

    assert data.stated("mediation_success_rate", "2023", best.place, "rank").text == "1"
    assert data.stated("mediation_success_rate", "2023", "S00", "rank").why == "no_data"


def test_a_period_of_which_nothing_was_reported_is_refused(sample: Path):
    with pytest.raises(InputMissing):
        opened(Workspace(sample), Period(2019), "zh")
