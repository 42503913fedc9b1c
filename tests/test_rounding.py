from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nianbao.rounding import Rule, plain, round_half

EXACT = st.fractions(max_denominator=10_000) | st.decimals(
    min_value=-(10**9), max_value=10**9, places=6
)
RULES = st.sampled_from(["half_up", "gbt8170"])


@pytest.mark.parametrize(
    ("typed", "decimals", "printed"),
    [
        ("12.1498", 1, "12.1"),  # one step: 12.15 on the way would have given 12.2
        ("1.050", 1, "1.0"),
        ("0.35", 1, "0.4"),
        ("8.53459", 2, "8.53"),
        ("28.175", 2, "28.18"),
        ("28.165", 2, "28.16"),
        ("-28.165", 2, "-28.16"),
        ("-0.35", 1, "-0.4"),
        ("2.5", 0, "2"),
        ("2.50001", 0, "3"),
        ("15.4546", 0, "15"),
    ],
)
def test_the_national_standard_sends_a_half_to_the_even_digit(
    typed: str, decimals: int, printed: str
) -> None:
    assert plain(round_half(Decimal(typed), decimals, "gbt8170")) == printed


@pytest.mark.parametrize(
    ("typed", "decimals", "printed"),
    [
        ("1.050", 1, "1.1"),
        ("0.35", 1, "0.4"),
        ("28.165", 2, "28.17"),
        ("12.1498", 1, "12.1"),
        ("2.5", 0, "3"),
        ("-2.5", 0, "-3"),
        ("-0.05", 1, "-0.1"),
        ("99.95", 1, "100.0"),
        ("97", 1, "97.0"),
        ("1250", -2, "1300"),
    ],
)
def test_statistical_practice_sends_a_half_away_from_zero(
    typed: str, decimals: int, printed: str
) -> None:
    assert plain(round_half(Decimal(typed), decimals)) == printed


def test_a_rate_is_rounded_from_its_exact_counts() -> None:
    # 6217 / 6368 = 0.976287…; 1113 on 558 is +555/558 = 99.4623… %
    assert plain(round_half(Fraction(6217 * 100, 6368), 1)) == "97.6"
    assert plain(round_half(Fraction(555 * 100, 558), 1)) == "99.5"
    # 1/8 = 12.5 %, an exact half
    assert plain(round_half(Fraction(100, 8), 0)) == "13"
    assert plain(round_half(Fraction(100, 8), 0, "gbt8170")) == "12"


@pytest.mark.parametrize("value", [Decimal("-0.04"), Decimal("-0"), Fraction(-1, 100), 0])
def test_nothing_is_ever_minus_zero(value: Decimal | Fraction | int) -> None:
    rounded = round_half(value, 1)
    assert not rounded.is_signed()
    assert plain(rounded) == "0.0"


def test_a_long_integer_keeps_all_its_digits() -> None:
    assert plain(round_half(10**40 + 1, 2)) == "1" + "0" * 39 + "1.00"


@pytest.mark.parametrize("value", [0.5, 1e300, float("nan"), True])
def test_a_float_or_a_truth_value_is_refused(value: float) -> None:
    with pytest.raises(TypeError, match=r"not (float|bool)"):
        round_half(value, 1)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
def test_what_is_not_finite_is_neither_rounded_nor_printed(value: str) -> None:
    with pytest.raises(ValueError, match="cannot be rounded"):
        round_half(Decimal(value), 1)
    with pytest.raises(ValueError, match="no plain form"):
        plain(Decimal(value))


def test_an_unknown_rule_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="'bankers'"):
        round_half(1, 0, "bankers")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "printed"),
    [("12.5", "12.5"), ("1234", "1234"), ("100.0", "100.0"), ("1.2E+3", "1200"), ("-0.0", "0.0")],
)
def test_plain_prints_the_places_a_number_carries(value: str, printed: str) -> None:
    assert plain(Decimal(value)) == printed


def test_plain_does_not_print_floats() -> None:
    with pytest.raises(TypeError, match="not float"):
        plain(0.1)  # type: ignore[arg-type]


@given(EXACT, st.integers(-3, 8), RULES)
def test_rounding_moves_a_value_by_half_a_unit_at_most(
    value: Fraction | Decimal, decimals: int, rule: Rule
) -> None:
    rounded = round_half(value, decimals, rule)
    assert abs(Fraction(rounded) - Fraction(value)) <= Fraction(1, 2) / Fraction(10) ** decimals
    assert rounded.as_tuple().exponent == -decimals


@given(EXACT, st.integers(0, 6), RULES)
def test_a_negative_rounds_as_its_absolute_value(
    value: Fraction | Decimal, decimals: int, rule: Rule
) -> None:
    # In fractions: the minus sign of a Decimal rounds to the context's precision.
    positive, negative = abs(Fraction(value)), -abs(Fraction(value))
    assert Fraction(round_half(negative, decimals, rule)) == -Fraction(
        round_half(positive, decimals, rule)
    )


@given(EXACT, st.integers(0, 6))
def test_the_two_rules_differ_only_on_an_exact_half(
    value: Fraction | Decimal, decimals: int
) -> None:
    half = abs(Fraction(value)) * 10**decimals % 1 == Fraction(1, 2)
    up = abs(Fraction(round_half(value, decimals)))
    even = abs(Fraction(round_half(value, decimals, "gbt8170")))
    assert up == even or half
    if half:
        assert up - abs(Fraction(value)) == Fraction(1, 2) / 10**decimals
        assert even * 10**decimals % 2 == 0
