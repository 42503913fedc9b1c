"""Real published tables, read by our own cleaning to the facts that are known about them.

The files lie beside the project and are copied into a passing workspace; only the form definitions
under tests/realdata are the project's.
"""

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from nianbao.addresses import Where
from nianbao.catalogue import Catalogue, load_catalogue
from nianbao.cleaning import Cleaned, clean
from nianbao.facts import Control, Fact, Harvest
from nianbao.findings import Finding
from nianbao.grids import harvest_grid
from nianbao.harvests import FileHarvest
from nianbao.intake import harvest_folder
from nianbao.period import Period
from nianbao.places import PlaceNames
from nianbao.readers import read_workbook
from nianbao.recognise import Head, Recogniser
from nianbao.workspace import PROJECT, Workspace

FOLDER = PROJECT.parent / "shared" / "realdata"
FORMS = Path(__file__).parent / "realdata"
FACTS: dict[str, dict[str, Any]] = (
    {
        fact["id"]: fact
        for fact in json.loads((FOLDER / "FACTS.json").read_text(encoding="utf-8"))["facts"]
    }
    if (FOLDER / "FACTS.json").exists()
    else {}
)
pytestmark = pytest.mark.skipif(not FACTS, reason="the real files (../shared/realdata) are absent")

LAWYERS = "nbs/律师、公证和调解工作基本情况.csv"
DISPUTES = "nbs/调解民间纠纷分类.csv"
POPULATION = "guangdong/汕头市人口变动情况（自然变动）.xlsx"
REVIEW = "fuyi_form/guofaban.redacted.xls"
COURT = "taiwan/judicial__地方法院刑事案件收結情形.csv"
LEDGER = "ledger/11001-11003犯罪資料.csv"


@dataclass(frozen=True)
class Read:
    """What our cleaning made of some files in the folder of one year."""

    catalogue: Catalogue
    cleaned: Cleaned
    harvests: tuple[FileHarvest, ...]

    @property
    def facts(self) -> tuple[Fact, ...]:
        return self.cleaned.facts

    @property
    def every_fact(self) -> tuple[Fact, ...]:
        """Also those of years that the report does not use."""
        return (*self.cleaned.facts, *self.cleaned.elsewhere)

    @property
    def controls(self) -> list[Control]:
        return [control for harvest in self.harvests for control in harvest.controls]

    def fact_at(self, cell: str, sheet: str | None = None) -> Fact:
        (found,) = (f for f in self.facts if f.cell == cell and sheet in (None, f.sheet))
        return found

    def total_at(self, cell: str) -> tuple[str, Decimal]:
        """The label and the number of a row of totals that was read, and kept apart."""
        assert all(fact.cell != cell for fact in self.facts)
        (found,) = (
            (control.label, number.value)
            for control in self.controls
            for number in control.reading.numbers.values()
            if number.cell == cell
        )
        return found

    def value(self, name: str, year: int) -> Decimal | None:
        """The district's number of an item, by the item's Chinese name."""
        (found,) = (f for f in self.facts if f.period == str(year) and self.name(f.item) == name)
        assert found.place == self.catalogue.district
        return found.value

    def name(self, item: str) -> str:
        return self.catalogue.home(item).item.zh

    def findings(self, *codes: str) -> list[Finding]:
        return [f for f in self.cleaned.findings if f.code in codes]

    def at(self, cell: str, sheet: str) -> list[Finding]:
        return [f for f in self.cleaned.findings if (f.cell, f.sheet) == (cell, sheet)]

    def reconciles(self) -> bool:
        return all(tally.reconciles for tally in self.cleaned.tallies)


Reader = Callable[..., Read]


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    done: dict[tuple[str, Period, tuple[str, ...]], Read] = {}

    def reader(forms: str, when: int | str, *files: str) -> Read:
        key = (forms, Period.parse(str(when)), files)
        if key not in done:
            done[key] = read_files(tmp_path_factory.mktemp(forms), *key)
        assert done[key].reconciles()
        return done[key]

    return reader


def read_files(root: Path, forms: str, period: Period, files: tuple[str, ...]) -> Read:
    """Copy real files into the folder of a period, with our forms, and clean them."""
    shutil.copytree(FORMS / forms / "catalogue", root / "catalogue")
    (root / "catalogue/targets").mkdir()
    (root / "catalogue/indicators.yml").write_text("{}\n", encoding="utf-8")
    (root / "catalogue/outline.yml").write_text("sections: {}\n", encoding="utf-8")
    raw = root / "data/raw" / period.name
    raw.mkdir(parents=True)
    for file in files:
        shutil.copyfile(FOLDER / file, raw / Path(file).name)
    workspace = Workspace(root)
    catalogue = load_catalogue(workspace)
    years = frozenset({period.year - 1, period.year})
    harvests = harvest_folder(workspace, catalogue, period, (), restate=False, years=years)
    return Read(catalogue, clean(workspace, catalogue, period), tuple(harvests))


Known = dict[str, Any]
COVERED: set[str] = set()


def known(*ids: str) -> pytest.MarkDecorator:
    """Run a test for each of these facts."""
    COVERED.update(ids)
    return pytest.mark.parametrize("fact", [pytest.param(FACTS.get(i, {}), id=i) for i in ids])


def number(fact: Known) -> Decimal:
    return Decimal(str(fact["expected"]))


# ── national series: a year a row, no label above the years ───────────────────

NATIONAL = tuple(
    fact_id
    for fact_id in FACTS
    if re.fullmatch(r"nbs\..+\.[0-9]{4}", fact_id) and "not_partition" not in fact_id
)


@known(*NATIONAL)
def test_a_number_of_a_national_series_is_read_at_its_year(fact: Known, read: Reader) -> None:
    _, name, year = fact["id"].split(".")
    assert read("nbs", int(year), fact["file"]).value(name, int(year)) == number(fact)


@known("nbs.shape")
def test_every_year_and_column_of_the_series_is_read(fact: Known, read: Reader) -> None:
    got = read("nbs", 2014, fact["file"])
    claims = {period for harvest in got.harvests for _, period, _, _ in harvest.claims}
    columns = got.catalogue.forms["lawyers"].tables["lawyers"].versions[1978].columns
    expected = fact["expected"]
    assert (len(claims), min(claims), max(claims)) == (
        expected["years"],
        str(expected["first_year"]),
        str(expected["last_year"]),
    )
    assert len(columns) == expected["indicators"]
    assert not got.findings("E_HEADER", "W_HEADER")
    assert len(got.every_fact) == expected["tidy_nonempty_values"]
    assert {fact.period for fact in got.facts} == {"2013", "2014"}


@known("nbs.subtotal_not_partition.2014")
def test_kinds_that_are_only_some_of_all_break_nothing(fact: Known, read: Reader) -> None:
    got = read("nbs", 2014, fact["file"])
    listed = ("邻里", "婚姻家庭", "房屋、宅基地", "损害赔偿")
    kinds = [got.value(f"调解{kind}纠纷数", 2014) or 0 for kind in listed]
    assert (got.value("调解纠纷数合计", 2014) or 0) - sum(kinds) == number(fact)
    assert not got.findings("E_IDENTITY", "W_IDENTITY", "E_TOTAL_MISMATCH", "W_TOTAL_MISMATCH")


@known("nbs.cross_table_reconcile")
@pytest.mark.parametrize(("year", "code"), [(2002, "E_IDENTITY"), (2014, "W_IDENTITY")])
def test_two_series_that_disagree_in_one_year_are_flagged_there(
    fact: Known, year: int, code: str, read: Reader
) -> None:
    got = read("nbs", year, LAWYERS, DISPUTES)
    found = got.findings("E_IDENTITY", "W_IDENTITY")
    assert [f"{finding.period}年" for finding in found] == fact["expected"]
    assert found[0].code == code  # an error in the report of that year, elsewhere a warning


@pytest.mark.parametrize("spelling", ["gbk", "gbk_crlf"])
def test_the_series_reads_the_same_in_every_encoding(spelling: str, read: Reader) -> None:
    def told(got: Read) -> list[tuple[object, ...]]:
        return [(f.period, f.item, f.value, f.cell) for f in got.every_fact]

    other = LAWYERS.replace(".csv", f".{spelling}.csv")
    assert told(read("nbs", 2014, other)) == told(read("nbs", 2014, LAWYERS))


# ── Shanghai: districts, heads of several rows, years in the head, … ──────────


@known("sh17.mig.hdr")
def test_a_year_typed_as_a_number_heads_its_columns(fact: Known, read: Reader) -> None:
    got = read("shanghai", 2017, fact["file"])
    year = str(int(number(fact)))
    assert (got.fact_at("B7").period, got.fact_at("C7").period) == (year, year)
    assert (got.fact_at("D7").period, got.fact_at("B7").place) == ("2017", "S1")
    assert got.fact_at("B7").value == 26122
    assert len(got.facts) == 16 * 2 * 2


@known("sh17.mig.a")
def test_a_total_that_its_districts_do_not_make_is_flagged(fact: Known, read: Reader) -> None:
    got = read("shanghai", 2017, fact["file"])
    (found,) = got.findings("E_TOTAL_MISMATCH")
    assert (found.cell, found.words["found"]) == (fact["cell"], str(fact["expected"]))
    assert found.words["expected"] == "41666"
    assert got.total_at(fact["cell"])[1] == number(fact)


@known("sh17.house.ellipsis")
def test_less_than_one_unit_is_a_bound_and_no_text(fact: Known, read: Reader) -> None:
    got = read("shanghai", 2017, fact["file"])
    found = got.fact_at(fact["cell"])
    assert (found.raw, found.value, found.qualifier) == (fact["expected"], 1, "<=")
    assert (found.place, got.name(found.item)) == ("S2", "联列住宅")
    assert [finding.code for finding in got.at(fact["cell"], fact["sheet"])] == ["W_APPROXIMATE"]


@known("sh17.house.total", "sh17.beds")
def test_a_total_of_the_city_is_read_and_not_added_in(fact: Known, read: Reader) -> None:
    label, value = read("shanghai", 2017, fact["file"]).total_at(fact["cell"])
    assert (label.replace(" ", ""), value) == ("总计", number(fact))


@known("sh17.house.last", "sh17.doctors")
def test_a_district_number_stands_under_its_head(fact: Known, read: Reader) -> None:
    got = read("shanghai", 2017, fact["file"])
    found = got.fact_at(fact["cell"])
    said = f"{got.catalogue.places[found.place].name} {got.name(found.item)}"
    assert found.value == number(fact)
    assert said in ("崇明区 其他非居住房屋", "静安区 医生")


@known("sh17.tidy_rows")
def test_all_cells_of_all_districts_are_told(fact: Known, read: Reader) -> None:
    got = read("shanghai", 2017, fact["file"])
    blank = got.findings("W_MISSING")
    assert len(got.facts) + len(blank) == fact["expected"]
    assert [finding.cell for finding in blank] == ["F18"]
    assert not got.findings("E_HEADER", "W_HEADER")


@known("sh.rows.2012")
def test_districts_that_end_or_change_their_name_are_not_dropped(fact: Known, read: Reader) -> None:
    then = {f.place for f in read("shanghai", 2012, fact["file"]).facts}
    assert len(then) == fact["expected"]
    assert {"S7", "S17"} <= then  # 闸北区, 崇明县
    now = read("shanghai", 2017, "shanghai/2017/C2103.xls")
    assert len({f.place for f in now.facts}) == 16
    assert not now.findings("E_UNKNOWN_PLACE")
    late = read("shanghai", 2017, fact["file"])
    assert {f.words["raw"] for f in late.findings("E_UNKNOWN_PLACE")} == {"闸北区", "崇明县"}


# ── Shantou: a sheet a year, read by a machine ────────────────────────────────


@known("st.sheets")
def test_every_sheet_is_its_year(fact: Known, read: Reader) -> None:
    got = read("shantou", 2022, fact["file"])
    years = {claim[1]: sheet for harvest in got.harvests for claim, sheet in harvest.claims.items()}
    assert years == {year: year for year in fact["expected"]}
    assert {fact.period for fact in got.facts} == {"2021", "2022"}


@known("st.2021.ocr", "st.2021.ocr2", "st.2019.ocr")
def test_a_letter_in_a_number_is_refused_where_it_stands(fact: Known, read: Reader) -> None:
    got = read("shantou", int(fact["sheet"]), fact["file"])
    refused = [f for f in got.at(fact["cell"], fact["sheet"]) if f.code == "E_PARSE"]
    assert [finding.words["raw"] for finding in refused] == [fact["expected"]]
    row = int(fact["cell"][1:])
    assert all((f.sheet, f.row) != (fact["sheet"], row) for f in got.facts)


@known("st.2019.dot", "st.2019.dot2", "st.2019.dot3", "st.2019.dot4")
def test_a_rate_that_lost_its_decimal_point_is_flagged(fact: Known, read: Reader) -> None:
    got = read("shantou", 2019, fact["file"])
    (found,) = got.at(fact["cell"], fact["sheet"])
    assert (found.code, found.words["raw"]) == ("E_RATIO", str(fact["expected"]))


@known("st.2021.identity")
def test_births_without_deaths_are_the_growth(fact: Known, read: Reader) -> None:
    got = read("shantou", 2021, fact["file"])
    (found,) = got.findings("E_IDENTITY")
    assert (found.sheet, found.cell) == (fact["sheet"], fact["cell"])
    assert (found.words["found"], found.words["expected"]) == (str(fact["expected"]), "-63")


@known("st.2022.total")
def test_a_total_typed_as_text_is_held_against_its_districts(fact: Known, read: Reader) -> None:
    got = read("shantou", 2022, fact["file"])
    (found,) = got.at(fact["cell"], fact["sheet"])
    assert (found.code, found.words["found"]) == ("E_TOTAL_MISMATCH", fact["expected"])
    assert found.words["expected"] == str(FACTS["st.2022.sum"]["expected"])


@known("st.2022.sum")
def test_the_districts_births_add_up(fact: Known, read: Reader) -> None:
    facts = read("shantou", 2022, fact["file"]).facts
    births = [f.value or 0 for f in facts if (f.item, f.period) == ("births", "2022")]
    assert len(births) == 7
    assert sum(births) == number(fact)


@known("st.dup_sheet")
def test_a_year_that_repeats_another_is_flagged(fact: Known, read: Reader) -> None:
    (found,) = read("shantou", 2022, fact["file"]).findings("W_SAME_NUMBERS")
    assert [found.words["expected"], found.words["found"]] == fact["expected"]


# ── the statutory form: three rows of head, 45 columns, nothing filled in ─────


def harvested(read: Reader) -> tuple[Head, Harvest]:
    """The empty form's head and what its rows gave, before the file is refused as empty."""
    catalogue = read("review", 2013, REVIEW).catalogue
    sheet = read_workbook(FOLDER / REVIEW).sheets[0]
    period = Period(2013)
    (head,) = Recogniser(catalogue, period).heads(sheet)
    at = Where(catalogue, period, REVIEW, "", PlaceNames.of(catalogue, period), {}, head)
    body = range(head.last_row + 1, len(sheet.rows) + 1)
    return head, harvest_grid(at, sheet.rows, sheet.rows, body)


@known("form.cols")
def test_the_columns_are_found_under_three_rows_of_head(fact: Known, read: Reader) -> None:
    head, _ = harvested(read)
    columns = sorted(head.columns.values())
    assert columns == list(range(4, 4 + fact["expected"]))  # D to AV
    assert (head.missing, head.extra) == ((), ())  # what stands right of the table is no column
    assert (head.first_row, head.last_row) == (8, 12)


@known("form.rows")
def test_an_empty_return_is_empty_and_not_zeros(fact: Known, read: Reader) -> None:
    _, harvest = harvested(read)
    assert len(harvest.readings) + len(harvest.controls) == fact["expected"]
    assert [control.label for control in harvest.controls] == ["合计"]
    got = read("review", 2013, REVIEW)
    assert not got.facts
    assert [finding.code for finding in got.cleaned.findings if finding.severity == "error"] == [
        "E_EMPTY",
        "E_MISSING",
    ]
    assert not got.findings("W_MISSING")


@known("form.label_conflict")
def test_two_generations_of_labels_are_flagged(fact: Known, read: Reader) -> None:
    found = {
        f.cell: (f.words["raw"], f.words["found"], f.words["detail"])
        for f in read("review", 2013, REVIEW).findings("W_LABEL_CONFLICT")
    }
    assert set(fact["expected"][1:]) == set(found["A28"][:2])
    assert found["A49"] == ("教育", "计划生育", "B49")
    assert "A27" not in found  # 工商 stands in both columns


# ── Taiwan: the ROC's years, Big5, a total without a label ────────────────────


@known("tw.court.rows")
def test_years_of_the_republic_are_read(fact: Known, read: Reader) -> None:
    got = read("taiwan", 2014, fact["file"])
    years = {period for harvest in got.harvests for _, period, _, _ in harvest.claims}
    assert years == {str(year) for year in range(1993, 2015)}
    assert len(years) == fact["expected"]


@known("tw.court.2014")
def test_the_last_year_is_read(fact: Known, read: Reader) -> None:
    assert read("taiwan", 2014, fact["file"]).value("新受", 2014) == number(fact)


@known("tw.court.identity", "tw.court.carry")
def test_a_balance_breaks_in_two_years_only(fact: Known, read: Reader) -> None:
    got = read("taiwan", 2014, fact["file"])
    found = {f.period: f.words["name"] for f in got.findings("E_IDENTITY", "W_IDENTITY")}
    assert found == {"2002": "上年未結＝本年舊受", "2007": "舊受＋新受－終結＝未結"}
    (year,) = fact["expected"]
    own = read("taiwan", 1911 + int(year), fact["file"])
    assert [f.period for f in own.findings("E_IDENTITY")] == [str(1911 + int(year))]


@known("tw.big5.total_blank_label")
def test_a_total_without_a_label_is_a_total(fact: Known, read: Reader) -> None:
    got = read("taiwan", 2009, fact["file"])
    (control,) = got.controls
    assert len(control.of) == len({f.place for f in got.facts}) == fact["expected"]["body_rows"]
    told = [number.value for number in control.reading.numbers.values()]
    assert told == [Decimal(value) for value in fact["expected"]["total"]]
    assert not got.findings("E_TOTAL_MISMATCH", "E_IDENTITY", "W_MISSING")
    items = list(control.reading.numbers)
    sums = [sum(f.value or 0 for f in got.facts if f.item == item) for item in items]
    assert sums == told


# ── workbooks of Chinese offices ──────────────────────────────────────────────


@known("sstqa.11.a", "sstqa.11.b")
def test_a_row_is_known_by_its_group_and_label(fact: Known, read: Reader) -> None:
    got = read("china", 2019, fact["file"])
    found = got.fact_at(fact["cell"], fact["sheet"])
    assert found.value == number(fact)
    assert got.name(found.item) in ("城镇新增就业人数", "城镇职工养老保险参保人数")


@known("sstqa.11.merge")
def test_a_group_label_of_several_lines_holds_for_its_rows(fact: Known, read: Reader) -> None:
    got = read("china", 2019, fact["file"])
    group = fact["expected"].replace("\n", "")
    items = got.catalogue.forms["insurance"].tables["insurance"].items
    rows = [items[got.fact_at(f"E{row}").item].row or "" for row in (6, 7, 8)]
    assert rows == [f"{group}›{label}" for label in ("期末参保人数", "基金收入", "基金支出")]
    assert not got.findings("W_ROW_UNKNOWN", "W_ROW_MISSING")


@known("sstqa.27.total", "sstqa.27.ratio")
def test_totals_and_shares_are_read_and_never_added(fact: Known, read: Reader) -> None:
    got = read("china", 2020, fact["file"])
    label, value = got.total_at(fact["cell"])
    assert value == number(fact)
    (control,) = (c for c in got.controls if c.label == label)
    assert len(control.of) == (8 if label == "合计" else 0)
    assert not got.findings("E_TOTAL_MISMATCH", "W_TOTAL_MISMATCH", "E_IDENTITY")


@known("sstqa.27.sum")
def test_the_departments_add_up(fact: Known, read: Reader) -> None:
    facts = read("china", 2020, fact["file"]).facts
    spent = [f.value or 0 for f in facts if f.item == "expenses"]
    assert len(spent) == 8
    assert sum(spent) == number(fact)


@known("sstqa.1.pct")
def test_a_share_stored_as_one_is_a_hundred_percent(fact: Known, read: Reader) -> None:
    got = read("china", 2024, fact["file"])
    found = got.fact_at(fact["cell"])
    assert (Decimal(found.raw), found.value) == (number(fact), 100)
    beside = [got.fact_at(cell) for cell in ("E21", "E24")]  # ≥90% and ≧95%
    assert [(f.value, f.qualifier) for f in beside] == [(90, ">="), (95, ">=")]


@known("sstqa.1.b")
def test_two_tables_side_by_side_are_told_apart(fact: Known, read: Reader) -> None:
    got = read("china", 2024, fact["file"])
    assert got.fact_at(fact["cell"]).value == number(fact)
    assert got.name(got.fact_at(fact["cell"]).item) == "基本支出"
    assert got.name(got.fact_at("E5").item) == "财政拨款"


def test_a_ledger_keeps_the_rows_whose_town_is_blank(read: Reader) -> None:
    got = read("ledger", "2021Q1", LEDGER)
    told = {f.item: f.value for f in got.facts}
    assert told["crimes"] == 7400  # of 7404 rows: two of head, two of notes
    assert told["crimes_placed"] == 7400 - 631
    assert told["crimes_drugs"] == 5815
    assert not got.cleaned.findings
    (tally,) = got.cleaned.tallies
    assert (tally.seen, tally.accepted, tally.excluded["footer"]) == (7404, 7400, 2)


def test_every_known_fact_has_its_test() -> None:
    assert set(FACTS) == COVERED
