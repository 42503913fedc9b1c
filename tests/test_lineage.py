"""From a figure back to its cells, and through derived figures to those that they are made of."""

from pathlib import Path

import pandas as pd
import pytest
from tiny import Ledger, row_of, small_district

from nianbao.amounts import FactIndex
from nianbao.calculation import Calculation
from nianbao.catalogue import Catalogue
from nianbao.indicators import compute_values
from nianbao.lineage import CellRange, Trace, grouped, trace, traced
from nianbao.period import Period

YEAR = Period(2023)


@pytest.fixture
def district(tmp_path: Path) -> Catalogue:
    return small_district(tmp_path)


def of(ledger: Ledger, district: Catalogue, indicator: str, place: str = "S00") -> Trace:
    return trace(ledger.facts, None, district, YEAR, indicator, place)


def test_a_rate_is_traced_to_its_numerator_its_denominator_and_their_cells(
    district: Catalogue,
) -> None:
    ledger = Ledger().everywhere(2023, "accepted", 10, 10, 10, 10)
    ledger.everywhere(2023, "successful", 9, 9, 9, 9)
    found = of(ledger, district, "success_rate")
    above, below = found.parts
    assert (above.role, str(above.total), below.role, str(below.total)) == (
        "numerator",
        "108",
        "denominator",
        "120",
    )
    assert found.value == "90.0"
    (term,) = above.terms
    assert (term.sign, term.item, len(term.facts)) == (1, "successful", 12)
    first = term.facts[0].fact
    assert (first.period, first.place, first.value) == ("2023Q1", "S01", "9")
    assert (first.file, first.sheet, first.cell) == ("2023Q1/M.xlsx", "Sheet1", "D7")


def test_the_facts_of_a_trace_add_up_to_the_figure(district: Catalogue) -> None:
    ledger = Ledger()
    for place, staff, lent in (("S01", 5, 1), ("S02", 7, 0), ("S03", 4, 2)):
        ledger.put("2023", place, "staff", staff).put("2023", place, "lent", lent)
    (part,) = of(ledger, district, "staff_at_post").parts
    signed = sum(term.sign * int(f.fact.value) for term in part.terms for f in term.facts)
    assert signed == 13 == part.total
    values = compute_values(ledger.facts, None, district, YEAR)
    assert row_of(values, "staff_at_post")["value"] == "13"


def test_cells_of_a_column_fold_into_ranges(district: Catalogue) -> None:
    ledger = Ledger()
    for place, cell, number in (("S01", "D8", 1), ("S02", "D7", 2), ("S03", "D11", "30~")):
        ledger.put("2023", place, "residents", number, cells=cell)
    (part,) = of(ledger, district, "residents").parts
    typed = ("2", "1", "30~")  # in the order of the cells
    found = CellRange("M", "2023/M.xlsx", "Sheet1", "D7:D8,D11", 3, False, typed)
    assert grouped(part) == (found,)


def test_rows_of_a_ledger_fold_into_ranges_and_other_addresses_stay_as_they_are(
    district: Catalogue,
) -> None:
    ledger = Ledger()
    for quarter in range(1, 5):
        for place, rows in (("S01", "5:31,40"), ("S02", "32:39"), ("S03", "60"), ("B01", "")):
            ledger.put(f"2023Q{quarter}", place, "inspections", 1, cells=rows or "events.csv (9)")
    above, below = of(ledger, district, "inspection_coverage").parts
    assert above.condition is not None
    assert (above.condition[0], str(above.condition[1]), above.total) == (">=", "1", 4)
    assert next(one.cells for one in grouped(below)) == "5:40,60,events.csv (9)"


def test_a_place_has_only_its_own_cells_and_a_stock_only_its_last_quarter(
    district: Catalogue,
) -> None:
    ledger = Ledger().everywhere(2023, "mediators", 5, 6, 7, 8)
    (part,) = of(ledger, district, "mediators", "S02").parts
    assert [(f.fact.period, f.fact.place, f.fact.value) for f in part.facts] == [
        ("2023Q4", "S02", "8")
    ]


def test_the_base_is_traced_as_well(district: Catalogue) -> None:
    ledger = Ledger().year(2023, "S00", "aided", 9, 9, 9, 9).year(2022, "S00", "aided", 1, 2, 3, 4)
    base = trace(ledger.facts, None, district, YEAR, "aided", "S00", base=True)
    assert (base.period, base.value, base.base) == ("2022", "10", True)
    assert {f.fact.period for f in base.parts[0].facts} == {f"2022Q{q}" for q in range(1, 5)}


def test_a_correction_stands_at_the_fact_that_it_touches(district: Catalogue) -> None:
    ledger = Ledger().put("2023Q1", "S01", "released", 3, 4, 5)
    decision = {
        "kind": "value",
        "period": "2023Q1",
        "place": "S01",
        "item": "released",
        "sheet": "2月",
        "cell": "D7",
        "as_typed": "若干",
        "value": "4",
        "reason": "电话核实",
    }
    corrections = pd.DataFrame([decision], dtype=str)
    period = Period(2023, 1)
    found = trace(ledger.facts, corrections, district, period, "released", "S01")
    touched = {f.fact.sheet: [c.reason for c in f.corrections] for f in found.parts[0].facts}
    assert touched == {"1月": [], "2月": ["电话核实"], "3月": []}
    assert [one.corrected for one in grouped(found.parts[0])] == [False, True, False]


def test_a_missing_place_is_named_and_leaves_no_total(district: Catalogue) -> None:
    ledger = Ledger().everywhere(2023, "accepted", 10, 10, 10, 10)
    ledger.rows = [r for r in ledger.rows if (r["place"], r["period"]) != ("S03", "2023Q2")]
    found = of(ledger, district, "cases")
    assert (found.value, found.missing) == ("", ("S03",))
    (part,) = found.parts
    assert (part.total, part.terms[0].total, len(part.facts)) == (None, None, 11)


def test_derived_figures_are_traced_to_the_figures_that_they_are_made_of(
    district: Catalogue,
) -> None:
    ledger = Ledger()
    for place, cases in (("S01", 2), ("S02", 4), ("S03", 6)):
        ledger.year(2023, place, "accepted", cases, 0, 0, 0)
        ledger.year(2023, place, "successful", cases, 0, 0, 0)
        ledger.put("2023", place, "residents", 1)
        ledger.put("2023", place, "villages", 10).put("2023", place, "villages_served", 4)
    spread = of(ledger, district, "cases_cv")
    assert [(c.indicator, c.place, c.value) for c in spread.components] == [
        ("cases_per_10k", "S01", "2.0"),
        ("cases_per_10k", "S02", "4.0"),
        ("cases_per_10k", "S03", "6.0"),
    ]
    assert spread.parts == ()
    mean = of(ledger, district, "township_index")
    assert [(c.indicator, c.place) for c in mean.components] == [
        ("township_index", place) for place in ("S01", "S02", "S03")
    ]
    score = of(ledger, district, "township_index", "S01")
    assert [(c.indicator, c.value) for c in score.components] == [
        ("success_rate", "100.0"),
        ("adviser_rate", "40.0"),
    ]


def test_a_composition_is_traced_to_its_parts(district: Catalogue) -> None:
    ledger = Ledger()
    for item, events in (("plaza", 2), ("school", 1), ("online", 1)):
        ledger.everywhere(2023, item, events, 0, 0, 0)
    (part,) = of(ledger, district, "evenness").parts
    assert (part.role, str(part.total)) == ("composition", "12")
    assert [(term.item, str(term.total)) for term in part.terms] == [
        ("plaza", "6"),
        ("school", "3"),
        ("online", "3"),
    ]


def test_a_quarter_report_says_which_year_its_annual_cells_are_of(district: Catalogue) -> None:
    ledger = Ledger()
    for place in ("S01", "S02", "S03"):
        ledger.put("2023", place, "residents", 2).put("2024Q1", place, "accepted", 8)
    found = trace(ledger.facts, None, district, Period(2024, 1), "cases_per_10k", "S00")
    assert (found.value, found.annual) == ("4.0", 2023)
    assert {f.fact.period for f in found.parts[1].facts} == {"2023"}


def test_an_index_and_a_calculation_can_be_shared_by_many_traces(district: Catalogue) -> None:
    ledger = Ledger().everywhere(2023, "accepted", 1, 1, 1, 1)
    index = FactIndex(ledger.facts)
    calculation = Calculation(index, district, YEAR)
    assert traced(calculation, "cases", "S01") == trace(index, None, district, YEAR, "cases", "S01")


def test_there_is_no_trace_of_a_figure_that_the_report_does_not_have(district: Catalogue) -> None:
    with pytest.raises(LookupError, match="no figure “service” at S01"):
        of(Ledger(), district, "service", "S01")
