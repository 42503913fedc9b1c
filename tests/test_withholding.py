"""Small counts of persons: what is withheld, and that nothing published gives it back."""

import itertools
import json
import random
import re
from collections.abc import Iterator
from math import inf
from pathlib import Path

import pandas as pd
import pytest

from nianbao import schema
from nianbao.amounts import Span
from nianbao.calculation import Calculation
from nianbao.catalogue import load_catalogue
from nianbao.checking import Watch
from nianbao.findings import Finding
from nianbao.memory import Made, remember
from nianbao.period import Period
from nianbao.report import Report
from nianbao.runs import Options
from nianbao.steps import run
from nianbao.suppression import Balance, Tables, ranges, withheld
from nianbao.withholding import (
    MARK,
    Withholding,
    counts_persons,
    points_at,
    published_corrections,
    published_facts,
    published_findings,
    published_values,
)
from nianbao.workspace import PROJECT, Workspace
from tests.attack import Cell, possible, said, sums_of
from tests.tiny import Ledger, small_district

pytestmark = pytest.mark.xdist_group("people")  # the sample is read once, by one worker


def towns(*amounts: int) -> dict[str, int]:
    return {f"S{number:02}": amount for number, amount in enumerate(amounts, 1)}


def hidden(*amounts: int, threshold: int = 5) -> list[int]:
    """The amounts that are withheld, in the order of the places."""
    table = towns(*amounts)
    chosen = withheld(table, threshold)
    return [amount for place, amount in table.items() if place in chosen]


# --- the decision ---------------------------------------------------------------------------------


def test_nothing_is_withheld_where_nothing_is_small():
    assert hidden(5, 9, 0, 30) == []
    assert hidden(0, 0, 0) == []
    assert hidden(1, 2, 3, threshold=0) == []


def test_one_small_count_takes_the_next_smallest_with_it():
    assert hidden(39, 1, 5, 27) == [1, 5]  # 6 together: 1 and 5, or 2 and 4, or …


def test_two_small_counts_hide_each_other():
    assert hidden(39, 3, 2, 27) == [3, 2]


def test_ones_do_not_hide_ones_for_they_can_be_nothing_else():
    assert hidden(1, 1, 20, 7) == [1, 1, 7]  # 2 in two places would be 1 and 1


def test_fours_do_not_hide_fours_for_they_can_be_nothing_else():
    assert hidden(4, 4, 20, 7) == [4, 4, 7]  # 8 in two places under 5 would be 4 and 4


def test_a_single_person_is_hidden_behind_a_place_without_any():
    assert withheld(towns(0, 0, 0, 1), 5) == {"S03", "S04"}


def test_which_of_a_pair_was_the_single_person_does_not_show():
    assert withheld(towns(0, 0, 0, 1), 5) == withheld(towns(0, 0, 1, 0), 5)


def test_a_zero_is_shown_where_others_can_hide_the_small_one():
    assert withheld(towns(0, 2, 6, 0), 5) == {"S02", "S03"}


def test_a_total_over_some_places_only_is_guarded_too():
    amounts = towns(2, 3, 40, 8)
    assert withheld(amounts, 5) == {"S01", "S02"}
    assert withheld(amounts, 5, [("S01", "S03", "S04")]) == {"S01", "S02", "S04"}


def test_where_there_is_only_one_place_its_total_says_it_all():
    assert withheld(towns(2), 5) == {"S01"}


# --- the attack -----------------------------------------------------------------------------------


def test_the_attack_finds_what_a_careless_table_gives_away():
    assert possible([({"a": 1, "b": 1}, 5), ({"b": 1}, 2)], 40)["a"] == (3, 3)
    assert possible([({"a": 1, "b": 1}, 8)], 4) == {"a": (4, 4), "b": (4, 4)}
    assert possible([({"a": 1, "b": 1}, 5)], 40)["a"] == (0, 5)


def random_tables() -> Iterator[dict[str, int]]:
    chance = random.Random(4)  # noqa: S311
    for _ in range(400):
        size = chance.randint(2, 18)
        highest = chance.choice((1, 2, 4, 9, 40))
        yield towns(*(chance.randint(0, highest) for _ in range(size)))


def test_no_withheld_count_of_a_random_table_comes_back_by_subtraction():
    """Against a reader who sees the rest and the total, and one who thinks that all are small."""
    attacked = 0
    for amounts in random_tables():
        chosen = withheld(amounts, 5)
        rest = sum(amounts[place] for place in chosen)
        if len(chosen) == len(amounts):
            continue  # everything is withheld, the total alone is left
        for most in (4, rest):
            if any(amounts[place] > most for place in chosen):
                continue  # such a reader is wrong
            bounds = possible([(dict.fromkeys(chosen, 1), rest)], most)
            attacked += len(bounds)
            assert all(low < high for low, high in bounds.values()), (amounts, chosen)
    assert attacked > 1000


def test_every_small_count_has_another_world_that_looks_the_same():
    """Against one who knows how the neighbours are chosen: in most tables even that is not enough.

    Another world: amounts that differ in a withheld place, add up alike, and lead to the same
    choice. Where there is none, a second possible value by subtraction is still left (above).
    """
    places = 6
    tried = found = 0
    for amounts in itertools.islice(random_tables(), 150):
        table = dict(itertools.islice(amounts.items(), places))
        chosen = withheld(table, 5)
        rest = sum(table[place] for place in chosen)
        if not chosen or rest > 12 or len(chosen) == len(table):
            continue
        worlds = [
            dict(zip(chosen, numbers, strict=True))
            for numbers in itertools.product(range(rest + 1), repeat=len(chosen))
            if sum(numbers) == rest
        ]
        alike = [world for world in worlds if withheld({**table, **world}, 5) == chosen]
        for place in chosen:
            tried += 1
            found += len({world[place] for world in alike}) > 1
    assert tried > 50
    assert found / tried > 0.8


# --- many tables ----------------------------------------------------------------------------------


def test_balances_narrow_down_what_each_number_can_be():
    a, b, c = (("t", name) for name in "abc")
    known = {a: (1, inf), b: (1, inf), c: (0, inf)}
    total = Balance(((1, a), (1, b)), 9, exact=True)  # a + b = 9
    assert ranges([total], known) == {a: (1, 8), b: (1, 8), c: (0, inf)}
    at_most = Balance(((1, c), (-1, b)), 0)  # c ≥ b
    assert ranges([total, at_most], {**known, c: (3, 3)}) == {a: (6, 8), b: (1, 3), c: (3, 3)}


def of_two(first: dict[str, int], second: dict[str, int]) -> tuple[list[str], ...]:
    """What is withheld of two tables where each place has at least as many in the second."""
    tables: Tables[str] = Tables(5)
    tables.decide("first", first)
    balances = [Balance(((1, ("second", p)), (-1, ("first", p)))) for p in first]
    tables.decide("second", second, (), balances)
    return tuple(sorted(tables.hidden(name)) for name in ("first", "second"))


def test_a_number_has_as_many_possible_values_as_the_threshold_says():
    tables: Tables[str] = Tables(5)
    tables.decide("t", towns(39, 3, 2, 27))  # 3 + 2: a reader would know 1 to 4 of both
    assert tables.hidden("t") == {"S02", "S03", "S04"}


def test_where_all_have_too_few_persons_together_all_are_withheld():
    tables: Tables[str] = Tables(5)
    tables.decide("t", towns(0, 1, 0, 0))
    assert tables.hidden("t") == {"S01", "S02", "S03", "S04"}


def test_half_a_year_does_not_give_back_the_first_quarter():
    # 3 + 6 = 9 are withheld in the first quarter. After two, 5 and 6 are not small; but they would
    # leave 3 to 5 and 4 to 6 for the first, where 9 and 12 leave 1 to 8 each.
    both = ["S01", "S02"]
    assert of_two(towns(3, 6, 30), towns(5, 6, 40)) == (both, both)
    assert of_two(towns(3, 6, 30), towns(9, 12, 40)) == (both, [])


# --- figures --------------------------------------------------------------------------------------

PERSONS = "suppression_threshold: 5\n"
INDEX = (
    "persons_index: {section: problem, source_rows: [X1], name: {zh: 人员指数}, index: {basis: "
    "assumed, components: {reoffending_rate: {weight: 1, full_marks: 100}}}, unit: 分, decimals: 1,"
    " over_time: derived, better: higher, change: difference, department: 督察科}\n"
)


def rows(root: Path, ledger: Ledger, indicators: str = "") -> pd.DataFrame:
    from nianbao.indicators import compute_values

    catalogue = small_district(root, office=PERSONS, indicators=indicators)
    values = compute_values(ledger.facts, None, catalogue, Period(2023))
    return values.set_index(["indicator", "place"])


def notes(values: pd.DataFrame, indicator: str) -> dict[str, set[str]]:
    return {
        place: set(values.loc[(indicator, place), "note"].split(";"))
        & {"withheld", "base_withheld"}
        for place in ("S00", "S01", "S02", "S03")
    }


def ledger_of(item: str, **years: tuple[int, int, int]) -> Ledger:
    ledger = Ledger()
    monthly = item != "accepted"
    for year, amounts in years.items():
        for place, amount in zip(("S01", "S02", "S03"), amounts, strict=True):
            for quarter in range(1, 5):
                number = amount if quarter == 1 else 0
                numbers = (number, 0, 0) if monthly else (number,)
                ledger.put(f"{year[1:]}Q{quarter}", place, item, *numbers)
    return ledger


def test_value_and_base_are_withheld_each_by_its_own_year(tmp_path: Path):
    values = rows(tmp_path, ledger_of("released", y2022=(30, 2, 6), y2023=(1, 40, 7)))
    assert notes(values, "released") == {
        "S00": set(),
        "S01": {"withheld"},
        "S02": {"base_withheld"},
        "S03": {"withheld", "base_withheld"},
    }
    assert values.loc[("released", "S01"), "value"] == "1"  # the table on disk keeps it


def test_cases_are_not_persons(tmp_path: Path):
    values = rows(tmp_path, ledger_of("accepted", y2022=(3, 2, 6), y2023=(1, 4, 7)))
    assert set().union(*notes(values, "cases").values()) == set()


def test_a_rate_and_an_index_made_of_a_withheld_count_are_withheld(tmp_path: Path):
    ledger = ledger_of("released", y2022=(30, 20, 60), y2023=(10, 40, 70))
    for item, amounts in {"reoffended": (1, 0, 9), "population": (20, 20, 20)}.items():
        for place, amount in zip(("S01", "S02", "S03"), amounts, strict=True):
            ledger.year(2022, place, item, 20, 20, 20, 20)
            ledger.year(2023, place, item, amount, *([0] * 3 if item == "reoffended" else [20] * 3))
    values = rows(tmp_path, ledger, INDEX)
    for name in ("reoffending_rate", "persons_index"):
        found = notes(values, name)
        where = ["S00", "S01", "S03"] if name == "persons_index" else ["S01", "S03"]
        assert [place for place in found if "withheld" in found[place]] == where, name


def test_what_is_published_of_a_table_holds_a_mark(tmp_path: Path):
    values = rows(tmp_path, ledger_of("released", y2022=(30, 2, 6), y2023=(1, 40, 7)))
    shown = published_values(values.reset_index()).set_index(["indicator", "place"])
    kept = ["numerator", "value", "previous", "change"]
    assert list(shown.loc[("released", "S00"), kept]) == ["48", "48", "38", "26.3"]
    assert list(shown.loc[("released", "S01"), kept]) == [MARK, MARK, "30", MARK]
    assert list(shown.loc[("released", "S02"), kept]) == ["40", "40", MARK, MARK]
    assert list(shown.loc[("released", "S03"), kept]) == [MARK] * 4


def test_a_finding_on_persons_at_a_place_says_no_number():
    catalogue = load_catalogue(Workspace(PROJECT))
    words = {"name": "接收", "raw": "约3", "found": "3"}
    told = [
        Finding("W_APPROXIMATE", place="S03", form="W9", item="correction_received", words=words),
        Finding(
            "W_TOTAL_MISMATCH", place="S00", form="W9", item="correction_received", words=words
        ),
        Finding("W_APPROXIMATE", place="S03", form="W7", item="mediation_cases", words=words),
        Finding("W_JUMP", place="S03", item="correction_population", words=words),
        Finding("W_CELL", form="W9", table="monthly", cell="F9", words=words),
        Finding("W_APPROXIMATE", form="W2", cell="G9", words=words),  # persons at the district only
    ]
    rows = [{"indicator": "correction_population", "place": "S04", "note": "corrected;withheld"}]
    values = schema.table("values", rows)
    jump = Finding("W_JUMP", place="S04", item="correction_population", words=words)
    public = list(published_findings([*told, jump], catalogue, lambda: values))
    shown = [one.words["raw"] for one in public]
    assert shown == [MARK, "约3", "约3", MARK, MARK, "约3"]
    assert [one.words["name"] for one in public] == ["接收"] * 6  # the jump is not told


def test_facts_and_decisions_on_persons_at_a_place_are_published_without_numbers():
    catalogue = load_catalogue(Workspace(PROJECT))
    both = [
        {"item": "correction_received", "place": "S03", "value": "3", "raw": "3人", "cell": "F9"},
        {"item": "villages", "place": "S03", "value": "3", "raw": "3", "cell": "F9"},
    ]
    facts = published_facts(schema.table("facts", both), catalogue)
    assert list(facts["value"]) == [MARK, "3"]
    assert list(facts["raw"]) == [MARK, "3"]
    assert list(facts["cell"]) == ["F9", "F9"]
    decided = [{**row, "as_typed": "3人", "reason": "应为3人"} for row in both]
    table = published_corrections(schema.table("corrections", decided), catalogue)
    assert list(table["reason"]) == [MARK, "应为3人"]


# --- the sample -----------------------------------------------------------------------------------

PEOPLE = (
    "correction_population, resettlement_population, psych_interventions, untracked_persons, "
    "correction_reoffending_rate, resettlement_skill_training_rate, resettlement_employment_rate"
)


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample with counts of persons in the table of townships and in two charts."""
    root = tmp_path_factory.mktemp("people")
    (root / "data").mkdir()
    (root / "data" / "raw").symlink_to(PROJECT / "data" / "raw", target_is_directory=True)
    corrections = (PROJECT / "data" / "corrections.csv").read_bytes()
    (root / "data" / "corrections.csv").write_bytes(corrections)
    outline = (PROJECT / "catalogue" / "outline.yml").read_text(encoding="utf-8")
    table = outline.replace("township_table: [", f"township_table: [{PEOPLE}, ")
    heat = table.index("township_heatmap:")
    charts = (
        table[heat:]
        .replace("indicators: [mediation_success_rate, law", "indicators: [untracked_persons, law")
        .replace("mediation_success_rate: {zh: 人民调解成功率", "untracked_persons: {zh: 脱管漏管")
        .replace("indicators: [mediation_success_rate]", "indicators: [correction_population]")
    )
    (root / "catalogue").mkdir()
    (root / "catalogue" / "outline.yml").write_text(table[:heat] + charts, encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def cleaned(people: Path) -> Report:
    report = Report.open(workspace=str(people), period="2023")
    report.clean()
    return report


@pytest.fixture(scope="module")
def published(people: Path, cleaned: Report) -> dict[str, bytes]:
    return everything(people)


@pytest.fixture(scope="module")
def page(published: dict[str, bytes]) -> str:
    return published["page"].decode()


def everything(people: Path) -> dict[str, bytes]:
    """All that a report publishes, made from the facts on disk: its page and its working papers,
    the charts and tables as files, and what the manifest remembers.
    """
    report = Report.open(workspace=str(people), period="2023")
    frames = [report.show_facts(), report.compute_values(), report.show_findings()]
    frames += [report.compute_standings(), report.show_values(), report.show_standings()]
    report.masthead()
    report.headlines()
    report.sections()
    report.appendices()
    report.sources()
    report.save_tables()
    page = "\n".join([*report.shown, *(frame.to_csv() for frame in frames)])
    values, facts, decided = map(report.table, ("values", "facts", "corrections"))
    memory = remember(values, facts, decided, report.catalogue, Made({}, {}, "", "", ""))
    return {
        "page": page.encode(),
        "manifest": json.dumps(memory, sort_keys=True).encode(),
        "tables.xlsx": (report.folder / "tables.xlsx").read_bytes(),
        **{name: drawing.svg for name, drawing in report.exhibits.drawings()},
    }


def moved(facts: pd.DataFrame, item: str, year: str, giver: str, taker: str) -> None:
    """Move one person from a township to another, in the last quarter in which there is one."""
    mine = facts[(facts["item"] == item) & facts["period"].str.startswith(year)]
    given = mine[(mine["place"] == giver) & (mine["value"] != "0")].iloc[-1]
    alike = mine[(mine["place"] == taker) & (mine["period"] == given["period"])]
    taken = alike[alike["sheet"] == given["sheet"]].iloc[-1]
    for row, step in ((given, -1), (taken, 1)):
        amount = str(int(row["value"]) + step)
        facts.loc[row.name, ["value", "raw"]] = [amount, amount]


def test_a_release_is_the_same_whichever_the_withheld_numbers_are(
    people: Path, cleaned: Report, published: dict[str, bytes]
):
    """Nothing published can tell them: other numbers of the same sum publish the same bytes."""
    known = cleaned.table("facts")
    facts = known.copy()
    moved(facts, "correction_population", "2023", "S14", "S18")  # 5 and 1 → 4 and 2
    moved(facts, "correction_population", "2022", "S14", "S18")  # 4 and 2 → 3 and 3
    moved(facts, "correction_reoffended", "2023", "S07", "S08")  # 1 and 0 → 0 and 1
    moved(facts, "correction_untracked", "2022", "S13", "S14")  # 1 and 0 → 0 and 1
    moved(facts, "skill_employed", "2023", "S13", "S17")  # 3 and 2 → 2 and 3
    schema.write_table("facts", facts, cleaned.folder)
    again = everything(people)
    schema.write_table("facts", known, cleaned.folder)
    assert [name for name, content in published.items() if again[name] != content] == []
    assert len(again) == len(published) > 20


def test_neighbours_as_shown_do_not_pin_a_withheld_number_of_the_sample(cleaned: Report):
    """The attack at its strongest: every number that is not withheld is known, item by item."""
    catalogue, facts = cleaned.catalogue, cleaned.table("facts")
    calculation = Calculation(facts, catalogue, cleaned.period)
    withholding = Withholding(calculation)
    spans: list[Span] = [calculation.now, calculation.before]
    attacked = 0
    for name, indicator in catalogue.indicators.items():
        for item, span in itertools.product(indicator.items, spans):
            if not counts_persons(catalogue, item):
                continue
            settled = calculation.settled(name, span)
            amounts = {
                place: int(amount.quantity.value or 0)
                for place, amount in calculation.amounts.by_place(item, settled).items()
                if place != catalogue.district
            }
            hides = [place for place in amounts if withholding.hides(name, place, span)]
            own = withheld(amounts, 5)
            assert own <= set(hides)
            assert all(amounts[place] == 0 or amounts[place] >= 5 for place in amounts.keys() - own)
            rest = sum(amounts[place] for place in own)
            bounds = possible([(dict.fromkeys(own, 1), rest)], max(rest, 4))
            assert all(low < high for low, high in bounds.values()), (name, item, own)
            attacked += len(bounds)
    assert attacked > 30


def test_published_releases_side_by_side_do_not_pin_a_withheld_number(people: Path):
    """The attack on the files themselves: two quarter reports, each with its base of last year.

    The reader takes every number of their pages, cards, working papers and manifests, and knows
    that townships make up the district, that half a year has at least what its first quarter had,
    and that of those due for training only so many were trained. Where 18 townships have fewer
    persons than the threshold among them, all are withheld, and it is only known that they are few.
    """
    workspace = Workspace(people)
    catalogue = load_catalogue(workspace)
    for name in ("2024Q1", "2024Q2"):
        run(workspace, Period.parse(name), Options(), Watch())
    numbers = {
        one
        for name in ("2024Q1", "2024Q2")
        for one in said(workspace.outputs / name, catalogue)
        if points_at(catalogue, one.indicator, "S01")
    }
    bounds = possible(sums_of(numbers, catalogue), 2000)
    tables: dict[object, list[tuple[int, int]]] = {}
    for cell, ends in bounds.items():
        if isinstance(cell, Cell) and cell.place != catalogue.district:
            tables.setdefault(cell[:2], []).append(ends)
    attacked = 0
    for table in tables.values():
        assert not any(low == high and 0 < low < 5 for low, high in table)
        withheld_ones = [(low, high) for low, high in table if low < high]
        for low, high in withheld_ones:
            assert high - low + 1 >= 5 or len(withheld_ones) == 18
        attacked += len(withheld_ones)
    assert attacked > 200


def test_a_withheld_figure_opens_its_address_without_its_number(page: str):
    cell = re.search(r'popovertarget="(s-correction_population-S18)"><span class="withheld"', page)
    assert cell
    card = page[page.index(f'<div popover id="{cell[1]}"') :]
    card = card[: card.index("<div popover", 1)]
    assert "2023Q4" in card
    assert "F26" in card
    assert f"在册人数＝{MARK}" in card
    assert "全区：288人" in card
    assert not re.search(r"[＝：“][0-9]", re.sub("1/1|全区：288人|[0-9]{4}年", "", card))


def test_a_withheld_number_is_no_figure_and_no_gap(page: str):
    table = page[page.index('id="table-townships"') :]
    table = table[: table.index("</table>")]
    assert 'data-indicator="correction_population" data-place="S18"' in table
    assert not re.search(
        r'<data value="[^"]*" data-indicator="correction_population" data-place="S18"', page
    )
    assert '<data value="39" data-indicator="correction_population" data-place="S01"' in table
    assert '<data value="288" data-indicator="correction_population" data-place="S00"' in page
    assert "人数过少，或可由此推算出过少的人数，不公开" in page
