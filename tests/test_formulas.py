"""The catalogue's small language: sums, counts of places, identities."""

from decimal import Decimal

import pytest

from nianbao.formulas import (
    FormulaError,
    Identity,
    PlaceCount,
    Sum,
    Term,
    agree,
    holds,
    parse_formula,
    parse_identity,
    parse_sum,
    said,
)


def test_a_sum_keeps_the_signs_and_the_order_of_its_items() -> None:
    assert parse_sum(" opening+received - released ") == Sum(
        ((1, "opening"), (1, "received"), (-1, "released"))
    )
    assert parse_sum("a - b").items == ("a", "b")


def test_a_count_of_places_has_a_condition() -> None:
    assert parse_formula("places(a + b >= 1.5)") == PlaceCount(
        Sum(((1, "a"), (1, "b"))), ">=", Decimal("1.5")
    )
    assert parse_formula("a") == Sum(((1, "a"),))


def test_an_identity_compares_two_sums() -> None:
    left, right = (Term(1, "a"), Term(1, "b")), (Term(1, "c"),)
    assert parse_identity("a + b = c") == Identity(left, "=", right, "a + b = c")
    assert parse_identity("a+b<=c").op == "<="


def test_a_term_of_an_identity_may_be_multiplied_and_stand_earlier() -> None:
    found = parse_identity("a * 10000 - b = year_before( c ) * 2 + quarter_before(d)")
    assert found.left == (Term(10000, "a"), Term(-1, "b"))
    assert found.right == (Term(2, "c", "year_before"), Term(1, "d", "quarter_before"))
    names = {"a": "甲", "b": "乙", "c": "丙", "d": "丁"}
    assert said(found, names) == "甲×10000－乙＝上年同期丙×2＋上季度丁"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("a * 1.5 = b", "expected"),
        ("a * 0 = b", "expected"),
        ("10 * a = b", "name of an item"),
        ("last_year(a) = b", "year_before"),
        ("year_before(a = b", "expected"),
        ("a = year_before(b + c)", "expected"),
    ],
)
def test_a_term_that_cannot_be_read_is_refused(text: str, hint: str) -> None:
    with pytest.raises(FormulaError, match=hint):
        parse_identity(text)


def test_sides_agree_within_a_tolerance() -> None:
    ten, eleven, one = Decimal(10), Decimal(11), Decimal(1)
    for off, on in ((ten, eleven), (eleven, ten)):
        assert agree(off, "=", on, one)
        assert not agree(off, "=", on)
    assert agree(ten, "<=", eleven)
    assert not agree(eleven, "<=", ten)
    assert agree(eleven, "<=", ten, one)


@pytest.mark.parametrize(
    "text", ["", "a +", "+ a", "a b", "a * b", "1 + a", "A", "a ++ b", "a = b", "受理"]
)
def test_what_is_no_sum_is_refused(text: str) -> None:
    with pytest.raises(FormulaError):
        parse_sum(text)


@pytest.mark.parametrize(
    "text", ["places(a)", "places()", "places(a >= many)", "places(>= 1)", "places(a >= nan)"]
)
def test_a_count_of_places_without_a_number_to_compare_with_is_refused(text: str) -> None:
    with pytest.raises(FormulaError):
        parse_formula(text)


@pytest.mark.parametrize("text", ["a", "a < b", "a == b", "a = ", "= a", "a >= b"])
def test_an_identity_is_written_with_equals_or_at_most(text: str) -> None:
    with pytest.raises(FormulaError):
        parse_identity(text)


def test_each_comparison_means_what_it_says() -> None:
    one, two = Decimal(1), Decimal(2)
    assert [op for op in ("=", "==", "<=", ">=", "<", ">") if holds(one, op, two)] == ["<=", "<"]
    assert [op for op in ("=", "==", "<=", ">=", "<", ">") if holds(one, op, one)] == [
        "=",
        "==",
        "<=",
        ">=",
    ]
