"""Charts: labels inside the sheet and clear of each other, values the figures' own."""

import csv
import dataclasses
import functools
import gzip
import io
import itertools
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.textpath import TextPath
from PIL import Image

from nianbao import charts, schema
from nianbao.catalogue import Catalogue, Chart, load_catalogue
from nianbao.catalogue.chart_kinds import KINDS, complaint
from nianbao.catalogue.models import Indicator, Place
from nianbao.charts import DRAWN_BY, NoData, draw, load_words, sketch
from nianbao.charts.canvas import NOW, WIDTH
from nianbao.charts.frame import Frame
from nianbao.charts.scene import Sketch
from nianbao.charts.typeset import font, spread, visible, width_of, wrap
from nianbao.charts.words import fields_of
from nianbao.disclosure import disclosed
from nianbao.errors import CatalogueError
from nianbao.figures import Figures
from nianbao.indicators import compute_series, compute_values
from nianbao.period import Period
from nianbao.targets import compute_standings
from nianbao.workspace import PROJECT, Workspace

TRUTH = Path(__file__).parent / "truth.csv.gz"
LONG = "行政机关主要负责人参加行政复议听证和出庭应诉比率"  # 24 characters
TOWNSHIPS = [f"S{number:02}" for number in range(1, 19)]
Row = Mapping[str, object]


# ── a small book of figures ──────────────────────────────────────


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(Workspace(PROJECT))


@dataclasses.dataclass
class Book:
    """Figures put together by hand, on the project's catalogue with indicators of our own."""

    catalogue: Catalogue
    period: str = "2023"
    values: list[Row] = dataclasses.field(default_factory=list)
    standings: list[Row] = dataclasses.field(default_factory=list)
    series: list[Row] = dataclasses.field(default_factory=list)

    def indicator(self, name: str, zh: str, unit: str = "件", better: str = "higher") -> "Book":
        new = Indicator.model_validate(
            {
                "section": "society",
                "name": {"zh": zh, "en": zh},
                "numerator": "mediation_accepted",
                "unit": unit,
                "over_time": "sum",
                "better": better,
                "department": "普法治理科",
            }
        )
        indicators = {**self.catalogue.indicators, name: new}
        self.catalogue = dataclasses.replace(self.catalogue, indicators=indicators)
        return self

    def place(self, code: str, name: str) -> "Book":
        old = self.catalogue.places[code]
        places = {**self.catalogue.places, code: Place(**{**old.model_dump(), "name": name})}
        self.catalogue = dataclasses.replace(self.catalogue, places=places)
        return self

    def value(self, indicator: str, value: object, place: str = "S00", **more: object) -> "Book":
        unit = self.catalogue.indicators[indicator].unit
        row = {"indicator": indicator, "period": self.period, "place": place, "value": value}
        self.values.append({"unit": unit, "change_kind": "none", **row, **more})
        return self

    def townships(self, indicator: str, values: Sequence[object]) -> "Book":
        self.value(indicator, 1)
        for code, value in zip(TOWNSHIPS, values, strict=False):
            self.value(indicator, value, code)
        return self

    def standing(self, indicator: str, value: object, target: object, **more: object) -> "Book":
        self.value(indicator, value)
        gap = Decimal(str(target)) - Decimal(str(value)) if target and value else None
        row = {"indicator": indicator, "period": self.period, "place": "S00", "value": value}
        year = 2024
        row |= {"op": ">=", "target": target, "gap": gap, "target_year": year, "basis": "assumed"}
        self.standings.append({"department": "普法治理科", "standing": "behind", **row, **more})
        return self

    def quarters(self, indicator: str, year: int, values: Sequence[object]) -> "Book":
        for number, value in enumerate(values, 1):
            row = {"indicator": indicator, "period": f"{year}Q{number}", "value": value}
            self.series.append({"place": "S00", **row})
        return self

    def years(self, indicator: str, values: Mapping[int, object]) -> "Book":
        self.value(indicator, values[max(values)])
        for year, value in values.items():
            row = {"indicator": indicator, "period": str(year), "value": value}
            self.series.append({"place": "S00", **row})
        return self

    @property
    def figures(self) -> Figures:
        return Figures(
            self.catalogue,
            Period.parse(self.period),
            schema.table("values", self.values),
            schema.table("standings", self.standings),
            schema.table("series", self.series),
        )


def chart(kind: str, *indicators: str, **options: object) -> Chart:
    content = {"kind": kind, "title": {"zh": "题"}, "indicators": indicators, "options": options}
    entry = Chart.model_validate(content)
    assert complaint(entry) is None
    return entry


def drawn(entry: Chart, book: Book, lang: str = "zh") -> Sketch:
    return sketch(entry, book.figures, load_words(lang))


# ── what is on a sheet ───────────────────────────────────────────


@dataclasses.dataclass(frozen=True)
class Label:
    text: str
    left: float
    top: float
    right: float
    bottom: float


def labels(plan: Sketch) -> list[Label]:
    """Every text with the box of its ink, measured from the outlines of its glyphs."""
    texts = (artist for artist in plan.canvas.artists if isinstance(artist, Text))
    return [_inked(text) for text in texts if text.get_text().strip()]


def _inked(artist: Text) -> Label:
    x, y = artist.get_unitless_position()
    bold = "Bold" in str(artist.get_fontproperties().get_file())
    left, low, right, high = _ink(artist.get_text(), artist.get_fontsize(), bold)
    wide = width_of(artist.get_text(), artist.get_fontsize(), bold)
    x -= {"left": 0, "center": wide / 2, "right": wide}[artist.get_horizontalalignment()]
    return Label(artist.get_text(), x + left, y - high, x + right, y - low)


@functools.cache
def _ink(text: str, size: float, bold: bool) -> tuple[float, float, float, float]:
    box = TextPath((0, 0), text, size=size, prop=font(bold)).get_extents()
    return float(box.x0), float(box.y0), float(box.x1), float(box.y1)


def words_on(plan: Sketch) -> list[str]:
    return [label.text for label in labels(plan)]


def bars(plan: Sketch, colour: str) -> list[Rectangle]:
    wanted = tuple(int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return [
        artist
        for artist in plan.canvas.artists
        if isinstance(artist, Rectangle)
        and tuple(round(part * 255) for part in artist.get_facecolor()[:3]) == wanted
        and artist.get_facecolor()[3] > 0
    ]


def marks(plan: Sketch) -> list[Line2D]:
    lines = (artist for artist in plan.canvas.artists if isinstance(artist, Line2D))
    return [line for line in lines if line.get_marker() not in ("None", None, "")]


def assert_readable(plan: Sketch) -> None:
    """Nothing cut off, nothing over anything else, nothing too small, no lost letter."""
    boxes = labels(plan)
    assert boxes
    for box in boxes:
        assert box.left >= 4, box
        assert box.top >= 2, box
        assert box.right <= WIDTH - 4, box
        assert box.bottom <= plan.height - 2, box
        assert "〓" not in box.text
    for one, other in itertools.combinations(boxes, 2):
        wide = min(one.right, other.right) - max(one.left, other.left)
        tall = min(one.bottom, other.bottom) - max(one.top, other.top)
        assert wide <= 0.5 or tall <= 0.5, (one, other)
    for artist in plan.canvas.artists:
        if isinstance(artist, Text):
            assert artist.get_fontsize() >= 15


# ── the sample's charts ──────────────────────────────────────────


@pytest.fixture(scope="module", params=["2023", "2024Q3", "2024Q1", "2022"])
def sample(request: pytest.FixtureRequest, catalogue: Catalogue) -> Figures:
    """The figures of the sample bureau for one period."""
    period = Period.parse(request.param)
    years = (str(period.year), str(period.year - 1))
    rows = []
    with gzip.open(TRUTH, "rt", encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            later = row["period"] > period.name and row["period"].startswith(years[0])
            if row["period"][:4] in years and not (period.quarter and later):
                rows.append({**row, "form": catalogue.home(row["item"]).form})
    facts = schema.table("facts", [r for r in rows if re.fullmatch(r"-?[0-9.]+", r["value"])])
    values = compute_values(facts, None, catalogue, period)
    standings = compute_standings(values, facts, catalogue, period)
    series = compute_series(facts, catalogue, period)
    return Figures(catalogue, period, values, standings, series)


def entries(figures: Figures) -> Iterator[Chart]:
    wanted = "quarter" if figures.period.quarter else "year"
    for _, _, entry in figures.catalogue.charts():
        if entry.periods in ("all", wanted):
            yield entry


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_chart_of_the_outline_is_readable(sample: Figures, lang: str) -> None:
    count = 0
    for entry in entries(sample):
        try:
            plan = sketch(entry, sample, load_words(lang))
        except NoData:
            # 2022 has no base, 2024Q1 one quarter only: little else may be lacking
            assert sample.period.name in ("2022", "2024Q1")
            continue
        assert_readable(plan)
        assert plan.shown
        assert plan.alt
        assert not re.search(r"\{|\}|None|nan", plan.alt)
        count += 1
    assert count >= (11 if sample.period.name == "2022" else 12)


def test_every_chart_of_the_outline_is_small(sample: Figures) -> None:
    if sample.period.name in ("2022", "2024Q1"):
        pytest.skip("the fuller reports are the larger ones")
    for entry in entries(sample):
        drawing = draw(entry, sample)
        assert len(drawing.svg) < 120_000
        assert drawing.height_px < 900


def test_the_outline_has_twelve_charts_and_no_mistake_in_them(catalogue: Catalogue) -> None:
    listed = [entry for _, _, entry in catalogue.charts()]
    assert [complaint(entry) for entry in listed] == [None] * len(listed)
    assert sum(entry.periods != "quarter" for entry in listed) >= 12
    assert {entry.kind for entry in listed} == set(KINDS) - {"history"}  # no table of years here
    assert all(entry.title.zh and entry.title.en for entry in listed)


# ── hard data ────────────────────────────────────────────────────

NAMES = [f"{LONG}{number}" for number in "一二三四五六七八"]


def many(catalogue: Catalogue, unit: str, period: str = "2023") -> tuple[Book, list[str]]:
    book = Book(catalogue, period)
    ids = [f"long_{number}" for number in range(8)]
    for name, zh in zip(ids, NAMES, strict=True):
        book.indicator(name, zh, unit)
    for code in TOWNSHIPS:
        book.place(code, f"长{book.catalogue.places[code].name[0]}名字的街道")
    return book, ids


HARD_RATES = [
    ("all equal", [("98.0", "98.0", "same", "0.0")] * 8),
    ("no base for some", [("98.0", None, "none", None), ("12.5", "100.0", "points", "-87.5")] * 4),
    (
        "a wide range",
        [("0.0", "100.0", "points", "-100.0"), ("100.0", "0.0", "points", "100.0")] * 4,
    ),
    ("one missing", [(None, "98.0", "none", None)] + [("97.0", "96.5", "points", "0.5")] * 7),
]


@pytest.mark.parametrize(("case", "rows"), HARD_RATES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_then_and_now_is_readable(
    catalogue: Catalogue, case: str, rows: Sequence[tuple[object, ...]], lang: str
) -> None:
    book, ids = many(catalogue, "%")
    for name, (now, before, kind, change) in zip(ids, rows, strict=True):
        book.value(name, now, previous=before, change_kind=kind, change=change)
    plan = drawn(chart("then_and_now", *ids), book, lang)
    assert_readable(plan)
    missing = [row for row in rows if row[0] is None]
    assert len(plan.shown) == 8 - len(missing), case


HARD_COUNTS = [
    ("everything", [
        ("1234567", "1000000", "percent", "23.5"), ("0", "12", "percent", "-100.0"),
        ("312", "0", "new", "312"), ("0", "0", "same", "0"), ("5", "4", "count", "1"),
        ("500", "480", "not_comparable", None), ("88", None, "none", None),
        ("640", "20", "times", "31.0"),
    ]),
    ("only falls", [(str(90 - n), "100", "percent", f"-{10 + n}.0") for n in range(8)]),
    ("all the same", [("100", "100", "same", "0")] * 8),
    ("no percentages", [("5", "4", "count", "1"), ("3", "0", "new", "3")] * 4),
]  # fmt: skip


@pytest.mark.parametrize(("case", "rows"), HARD_COUNTS)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_changes_are_readable(
    catalogue: Catalogue, case: str, rows: Sequence[tuple[object, ...]], lang: str
) -> None:
    book, ids = many(catalogue, "人次")
    for name, (now, before, kind, change) in zip(ids, rows, strict=True):
        book.value(name, now, previous=before, change_kind=kind, change=change)
    plan = drawn(chart("changes", *ids), book, lang)
    assert_readable(plan)
    assert len(plan.shown) == 8, case


PARTS_OF_A_WHOLE = [
    ("tiny shares", [9990, 1, 2, 1, 3, 1, 1, 1], [5000, 1, 1, 1, 1, 1, 1, 1]),
    ("zeros", [0, 0, 7, 0, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0, 0, 9]),
    ("tiny first and last", [1, 1, 1, 9000, 9000, 1, 1, 1], [1, 1, 1, 1, 1, 1, 1, 1]),
    ("millions", [2361000, 1842000, 727000, 3, 4, 5, 6, 3753000], [4041316] * 8),
    ("no last year", [5, 6, 7, 8, 9, 10, 11, 12], [None] * 8),
    ("nothing last year", [5, 6, 7, 8, 9, 10, 11, 12], [0] * 8),
]


@pytest.mark.parametrize(("case", "now", "before"), PARTS_OF_A_WHOLE)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_composition_is_readable(
    catalogue: Catalogue, case: str, now: list[int], before: list[int | None], lang: str
) -> None:
    book, ids = many(catalogue, "件")
    for name, value, old in zip(ids, now, before, strict=True):
        book.value(name, value, previous=old)
    plan = drawn(chart("composition", *ids), book, lang)
    assert_readable(plan)
    both = all(value is not None for value in before) and any(before)
    assert len([text for text in words_on(plan) if text == "2022年"]) == (both and lang == "zh"), (
        case
    )


TOWNSHIP_VALUES = [
    ("all equal", ["97.5"] * 18),
    ("zeros", ["0.0"] * 18),
    ("one only", ["97.5"] + [None] * 17),
    ("half missing", ["97.5", None] * 9),
    ("one far away", ["0.1"] + ["99.9"] * 17),
    ("big numbers", [f"{12345 + n}.5" for n in range(18)]),
]


@pytest.mark.parametrize(("case", "values"), TOWNSHIP_VALUES)
@pytest.mark.parametrize("unit", ["%", "件/万人"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_township_charts_are_readable(
    catalogue: Catalogue, case: str, values: list[str | None], unit: str, lang: str
) -> None:
    book, ids = many(catalogue, unit)
    for name in ids[:6]:
        book.townships(name, values)
        values = [*values[5:], *values[:5]]
    for style in ("bars", "dots"):
        assert_readable(drawn(chart("ranked", ids[0], style=style), book, lang))
    assert_readable(drawn(chart("heatmap", *ids[:6]), book, lang))
    assert_readable(drawn(chart("staffing", ids[0]), book, lang))
    if case not in ("one only", "zeros"):
        assert_readable(drawn(chart("dispersion", *ids[:5]), book, lang))
    else:
        with pytest.raises(NoData):
            drawn(chart("dispersion", *ids[:5]), book, lang)


def test_stacked_staff_is_readable(catalogue: Catalogue) -> None:
    book, ids = many(catalogue, "人")
    for number, name in enumerate(ids[:4]):
        book.townships(name, [(place * 7 + number) % 4 for place in range(18)])
    plan = drawn(chart("staffing", *ids[:4], alone=3), book)
    assert_readable(plan)
    assert len(plan.shown) == 18 * 4


@pytest.mark.parametrize("style", ["columns", "line"])
@pytest.mark.parametrize(
    ("now", "before"),
    [
        ([123456, 98765, 0, 1], [123456, 98765, 0, 1]),
        ([5, None, 7, 8], [None, 6, None, 9]),
        ([5], [1, 2, 3, 4]),
        ([5, 6, 7, 8], []),
        ([0, 0, 0, 0], [0, 0, 0, 0]),
        (["100.0", "100.0", "99.9", "100.0"], ["99.9", "100.0", "100.0", "98.0"]),
    ],
)
def test_quarters_are_readable(
    catalogue: Catalogue, now: list[object], before: list[object], style: str
) -> None:
    book, (name, *_) = many(catalogue, "件", f"2023Q{len(now)}")
    book.value(name, 1).quarters(name, 2023, now).quarters(name, 2022, before)
    for lang in ("zh", "en"):
        assert_readable(drawn(chart("quarters", name, style=style), book, lang))


@pytest.mark.parametrize("state", ["met", "on_track", "behind", "missed"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_charts_of_targets_are_readable(catalogue: Catalogue, state: str, lang: str) -> None:
    levels, rates = many(catalogue, "%")
    for name, value in zip(
        rates, ["0.0", "93.9", "94.0", "94.1", "99", "100", "1.5", "94.0"], strict=True
    ):
        levels.standing(name, value, "94", standing=state)
    assert_readable(drawn(chart("levels_against_targets"), levels, lang))
    amounts, counts = many(catalogue, "件", "2024Q3")
    for name, share in zip(
        counts, ["0.0", "33.3", "75.0", "99.9", "100.0", "200.0", "1234.5", "5.0"], strict=True
    ):
        more = {"attainment": share, "pace": "75.0", "pace_kind": "seasonal", "standing": state}
        amounts.standing(name, share, "100", **more)
        amounts.quarters(name, 2024, [10, 2, 30]).quarters(name, 2023, [40, 10, 25, 25])
    assert_readable(drawn(chart("attainment"), amounts, lang))
    assert_readable(drawn(chart("pace", *counts[:6]), amounts, lang))
    assert_readable(drawn(chart("pace", counts[6]), amounts, lang))


def test_twelve_departments_with_long_names_are_readable(catalogue: Catalogue) -> None:
    book, ids = many(catalogue, "%")
    states = ["met", "on_track", "behind", "missed", "done", "not_done", "not_measurable"]
    for number in range(12):
        for count in range(2 * number + 1):
            department = f"综合行政执法监督和法治调研协调科（{'甲乙丙丁戊己庚辛壬癸子丑'[number]}）"
            more = {"standing": states[count % 7], "department": department}
            book.standing(ids[count % 8], "90.0", "94", **more)
    for lang in ("zh", "en"):
        plan = drawn(chart("departments"), book, lang)
        assert_readable(plan)
    assert len(plan.shown) == 144  # 1 + 3 + 5 + … + 23


# ── the values are the figures' own ──────────────────────────────


def test_bars_are_as_long_as_their_values_and_labels_are_the_same_digits(
    catalogue: Catalogue,
) -> None:
    book = Book(catalogue).indicator("own", "指标", "分")
    book.townships("own", ["80.0", "40.0", "20.5", None])
    plan = drawn(chart("ranked", "own"), book)
    assert [text for text in words_on(plan) if "." in text] == ["80.0", "40.0", "20.5"]
    lengths = [bar.get_width() for bar in bars(plan, NOW)]
    assert lengths[1] / lengths[0] == pytest.approx(0.5)
    assert plan.shown == (("own", "S01"), ("own", "S02"), ("own", "S03"))
    assert "未报：禾溪镇" in words_on(plan)


def test_a_rate_of_exactly_all_is_printed_as_in_the_text(catalogue: Catalogue) -> None:
    book = Book(catalogue).indicator("own", "比率", "%").indicator("other", "另一比率", "%")
    whole = {"numerator": 30, "denominator": 30, "previous": "100.0", "change_kind": "same"}
    nearly = {"numerator": 2999, "denominator": 3000, "previous": "99.0"}
    book.value("own", "100.0", change="0.0", **whole)
    book.value("other", "100.0", change="1.0", change_kind="points", **nearly)
    texts = words_on(drawn(chart("then_and_now", "own", "other"), book))
    assert "100%" in texts
    assert "100.0%" in texts
    assert "提高1.0个百分点" in texts


@pytest.mark.parametrize(
    "values",
    [
        {2021: "1", 2022: "2", 2023: "3"},
        {year: str(100 - year % 7) for year in range(1984, 2024)},
        dict.fromkeys(range(1900, 2024), "12345678.9"),
        {2001: "0", 2010: "0", 2023: "0"},
        {2020: "5", 2021: "9.5", 2022: "9.4", 2023: "9.5"},
        {2019: "1", 2020: "99", 2021: "0.1", 2022: "50", 2023: "50.1"},
    ],
)
@pytest.mark.parametrize("lines", [1, 2, 3])
def test_years_are_readable(catalogue: Catalogue, values: Mapping[int, str], lines: int) -> None:
    book, names = Book(catalogue), [f"own_{line}" for line in range(lines)]
    for name in names:
        book.indicator(name, LONG).years(name, values)
    plan = drawn(chart("history", *names), book)
    assert_readable(plan)
    assert {str(min(values)), str(max(values))} <= set(words_on(plan))


def test_a_year_without_a_value_leaves_a_gap(catalogue: Catalogue) -> None:
    book = Book(catalogue).indicator("own", "件数")
    book.years("own", {2018: "10", 2019: "11", 2021: "30", 2022: "12", 2023: "13"})
    plan = drawn(chart("history", "own"), book)
    assert len(marks(plan)) == 5
    blue = [a for a in plan.canvas.artists if isinstance(a, Line2D) and a.get_linewidth() == 2.5]
    assert len(blue) == 3  # 2018–2019, 2021–2022, 2022–2023
    assert plan.alt == "件数由2018年的10件到2023年的13件，最高2021年30件，最低2018年10件。"


def test_two_years_are_no_history(catalogue: Catalogue) -> None:
    book = Book(catalogue).indicator("own", "件数").years("own", {2022: "1", 2023: "2"})
    with pytest.raises(NoData, match="没有可供绘图的数据"):
        drawn(chart("history", "own"), book)


def test_columns_stand_on_zero_and_a_missing_quarter_has_none(catalogue: Catalogue) -> None:
    book = Book(catalogue).indicator("own", "指标")
    book.value("own", 1).quarters("own", 2023, [10, None, 40, 20])
    plan = drawn(chart("quarters", "own"), book)
    heights = [abs(bar.get_height()) for bar in bars(plan, NOW) if bar.get_width() == 60]
    assert heights == [pytest.approx(heights[1] / 4), heights[1], pytest.approx(heights[1] / 2)]
    assert "未报：二季度" in words_on(plan)
    assert "0" not in words_on(plan)


def test_shares_are_rounded_once_from_the_counts(catalogue: Catalogue) -> None:
    # 38 + 9 + 10 + 8 + 12 + 5 = 82; 38/82 = 46.341… %, 9/82 = 10.975… %, 5/82 = 6.097… %
    book = Book(catalogue)
    ids = [f"part_{number}" for number in range(6)]
    for name, count in zip(ids, [38, 9, 10, 8, 12, 5], strict=True):
        book.indicator(name, name).value(name, count)
    texts = words_on(drawn(chart("composition", *ids), book))
    assert {"38（46.3%）", "9（11.0%）", "5（6.1%）"} <= set(texts)
    # 1/2001 = 0.0499… %: printed 0.0 it would say that there was none
    few = Book(catalogue).indicator("few", "少").indicator("most", "多").value("few", 1)
    few.value("most", 2000, previous=0)
    assert "1（<0.1%）" in words_on(drawn(chart("composition", "few", "most"), few))


def test_a_part_not_reported_leaves_no_column(catalogue: Catalogue) -> None:
    book = Book(catalogue).indicator("one", "甲").indicator("two", "乙")
    book.value("one", 5).value("two", None)
    with pytest.raises(NoData) as stopped:
        drawn(chart("composition", "one", "two"), book)
    assert stopped.value.reason == "本期没有可供绘图的数据"


def test_the_lowest_lag_and_for_lower_is_better_the_highest(catalogue: Catalogue) -> None:
    values = [str(number) for number in range(10, 28)]
    for better, behind in (("higher", "S01"), ("lower", "S18")):
        book = Book(catalogue).indicator("own", "指标", better=better).townships("own", values)
        plan = drawn(chart("ranked", "own"), book)
        assert plan.shown[-1] == ("own", behind)
        triangles = [mark for mark in marks(plan) if mark.get_marker() == "^"]
        assert len(triangles) == 3 + 1  # three townships and the key
        assert "标出相对靠后的" in plan.alt


def test_nobody_lags_where_all_are_equal_or_good_is_not_defined(catalogue: Catalogue) -> None:
    equal = Book(catalogue).indicator("own", "指标").townships("own", ["5"] * 18)
    assert "相同，均为5件" in drawn(chart("ranked", "own"), equal).alt
    volume = Book(catalogue).indicator("own", "指标", better="volume")
    volume.townships("own", [str(number) for number in range(18)])
    for book in (equal, volume):
        plan = drawn(chart("ranked", "own"), book)
        assert not marks(plan)
        assert "靠后" not in plan.alt


def test_a_withheld_number_is_not_shown_and_not_missing(catalogue: Catalogue) -> None:
    book = Book(catalogue).indicator("own", "对象", "人").indicator("all", "件数")
    book.townships("own", ["4", "0", "6", "9"]).townships("all", ["4", "0", "6", "9"])
    for row in book.values:
        if row["indicator"] == "own" and row["place"] in ("S01", "S03"):
            row["note"] = "withheld"
    heat = drawn(chart("heatmap", "own", "all"), book)
    cells = words_on(heat)
    assert cells.count("＊") == 2
    assert cells.count("4") == 1  # the cases, not the persons
    assert cells.count("6") == 1
    assert not {("own", "S01"), ("own", "S03")} & set(heat.shown)
    ranked = drawn(chart("ranked", "own"), book)
    assert ("own", "S01") not in ranked.shown
    assert "人数过少或可由此推算，不公开：青穗街道、望榆街道" in words_on(ranked)
    assert not any("未报" in text or "缺报" in text for text in words_on(ranked))


def test_a_target_of_at_most_is_better_on_the_right(catalogue: Catalogue) -> None:
    book = Book(catalogue).indicator("loss", "败诉率", "%", "lower").indicator("won", "成功率", "%")
    book.standing("loss", "7.1", "8", op="<=", gap="-0.9", standing="met")
    book.standing("won", "93.0", "94", gap="1.0", standing="behind")
    plan = drawn(chart("levels_against_targets"), book)
    place = {label.text: label.left for label in labels(plan)}
    assert place["差1.0"] < place["目标"] < place["超0.9"]
    assert "目标≤8%" in place
    assert (
        plan.alt == "2项比率目标中，1项已达到、1项未达到。距目标最远的是成功率：93.0%，目标≥94%。"
    )


def test_a_level_just_short_of_its_target_is_not_drawn_as_reached(catalogue: Catalogue) -> None:
    # 2999 of 3000 is 99.966… %, printed 100.0, but it is not 100
    book = Book(catalogue).indicator("own", "比率", "%")
    book.standing("own", "100.0", "100", gap="0.03", op="=", standing="behind")
    texts = words_on(drawn(chart("levels_against_targets"), book))
    assert "差0.03" in texts
    assert "达到" not in texts


def test_rows_beyond_the_limit_are_counted(catalogue: Catalogue) -> None:
    book, ids = many(catalogue, "%")
    for number, name in enumerate(ids):
        state = "met" if number > 5 else "behind"
        book.standing(name, f"9{number}.0", "96", standing=state)
    plan = drawn(chart("levels_against_targets", limit=5), book)
    assert len(plan.shown) == 5
    assert "另有3项未画出：2项已达到、1项未达到。" in words_on(plan)


def test_an_annual_figure_in_a_quarter_is_no_progress(catalogue: Catalogue) -> None:
    book = Book(catalogue, "2024Q2").indicator("old", "年报", "%").indicator("new", "季报", "%")
    book.standing("old", "50.0", "60", standing="not_measurable")
    book.standing("new", "55.0", "60", standing="on_track")
    plan = drawn(chart("levels_against_targets"), book)
    assert plan.shown == (("new", "S00"),)
    assert "另有1项本期无法衡量，未画出。" in words_on(plan)
    book.value("old", "50.0", previous="40.0", note="annual:2023")
    book.value("new", "55.0", previous="50.0", change="5.0", change_kind="points")
    assert drawn(chart("then_and_now", "old", "new"), book).shown == (("new", "S00"),)


def test_an_attainment_far_over_the_target_is_cut_and_still_says_its_number(
    catalogue: Catalogue,
) -> None:
    book = Book(catalogue).indicator("own", "指标").indicator("half", "另一指标")
    book.standing("own", 900, 100, attainment="900.0", standing="met")
    book.standing("half", 100, 100, attainment="100.0", standing="met")
    plan = drawn(chart("attainment"), book)
    lengths = sorted(bar.get_width() for bar in bars(plan, NOW))
    assert lengths[1] == pytest.approx(2 * lengths[0])  # cut at 200 %
    assert "900.0%" in words_on(plan)


# ── words ────────────────────────────────────────────────────────


def test_changes_are_worded_by_their_kind(catalogue: Catalogue) -> None:
    book = Book(catalogue)
    cases = [
        ("312", "0", "new", "312", "新增312件"),
        ("5", "4", "count", "1", "增加1件"),
        ("3", "4", "count", "-1", "减少1件"),
        ("40", "10", "times", "3.0", "增长3.0倍"),
        ("9", "10", "percent", "-10.0", "下降10.0%"),
        ("10", "10", "same", "0", "持平"),
        ("10", None, "none", None, "无上年数"),
        ("10", "9", "not_comparable", None, "有所增加"),
    ]
    for number, (now, before, kind, change, _) in enumerate(cases):
        name = f"case_{number}"
        book.indicator(name, name)
        book.value(name, now, previous=before, change_kind=kind, change=change)
    texts = words_on(drawn(chart("changes", *(f"case_{n}" for n in range(8))), book))
    assert {words for *_, words in cases} <= set(texts)


def test_an_approximate_value_keeps_its_qualifier(catalogue: Catalogue) -> None:
    book = Book(catalogue).indicator("own", "指标").indicator("other", "其他")
    book.value("own", 480, previous=430, change_kind="not_comparable", note="at_least;base_about")
    book.value("other", 12, previous=10, change="20.0", change_kind="percent")
    assert "约430→480余件" in words_on(drawn(chart("changes", "own", "other"), book))


def test_both_languages_have_the_same_texts_with_the_same_fields() -> None:
    zh, en = load_words("zh").texts, load_words("en").texts
    assert set(zh) == set(en)
    assert {key: fields_of(zh[key]) for key in zh} == {key: fields_of(en[key]) for key in en}


def test_every_unit_has_an_english_name(catalogue: Catalogue) -> None:
    units = {indicator.unit for indicator in catalogue.indicators.values()} - {"", "%"}
    assert units <= set(load_words("en").units)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("    median:", "    medain:", "unknown text “medain”; did you mean median"),
        ('unit: "单位：{unit}"', 'unit: "单位：{unti}"', "has no field “unti”; did you mean unit?"),
        ('unit: "单位：{unit}"', 'unit: "单位：{unit"', "expected '}'"),
        ('    stop: "。"\n', "", "the text “stop” is missing here"),
    ],
)
def test_a_mistake_in_the_words_is_refused_at_its_place(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    shipped = (PROJECT / "wording" / "charts.yml").read_text(encoding="utf-8")
    assert old in shipped
    (tmp_path / "charts.yml").write_text(shipped.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"wording/charts\.yml:\d+:\d+: ") as stopped:
        load_words("zh", (tmp_path,))
    assert message in stopped.value.message


def test_a_workspace_has_its_own_words(catalogue: Catalogue, tmp_path: Path) -> None:
    shipped = (PROJECT / "wording" / "charts.yml").read_text(encoding="utf-8")
    own = shipped.replace('median: "中位数"', 'median: "中间值"')
    (tmp_path / "charts.yml").write_text(own, encoding="utf-8")
    book = Book(catalogue).indicator("own", "指标").townships("own", ["1", "2", "3"])
    words = load_words("zh", (tmp_path,))
    assert "中间值" in words_on(sketch(chart("ranked", "own"), book.figures, words))


# ── entries of the outline ───────────────────────────────────────


@pytest.mark.parametrize(
    ("content", "where", "message"),
    [
        ({"kind": "rankd"}, ("kind",), "unknown kind of chart “rankd”; did you mean ranked?"),
        ({"indicators": []}, ("indicators",), "“ranked” takes 1 indicators, not 0"),
        (
            {"options": {"styl": "bars"}},
            ("options", "styl"),
            "“ranked” has no option “styl”; did you mean style?",
        ),
        ({"options": {"style": "bar"}}, ("options", "style"), "style: use bars or dots"),
        ({"options": {"target": "yes"}}, ("options", "target"), "target: use true or false"),
        (
            {"options": {"labels": {"mediation_csaes": {"zh": "调解"}}}},
            ("options", "labels"),
            "“mediation_csaes” is not in this chart; did you mean mediation_cases?",
        ),
        (
            {"options": {"labels": {"mediation_cases": "调解"}}},
            ("options", "labels"),
            "write the label of “mediation_cases” as {zh: …, en: …}",
        ),
        (
            {"kind": "staffing", "options": {"alone": "two"}},
            ("options", "alone"),
            "use a number above 0",
        ),
    ],
)
def test_a_wrong_entry_is_refused_with_a_hint(
    content: Mapping[str, object], where: tuple[str, ...], message: str
) -> None:
    base = {"kind": "ranked", "title": {"zh": "题"}, "indicators": ["mediation_cases"]}
    found = complaint(Chart.model_validate({**base, **content}))
    assert found is not None
    assert found[0] == where
    assert message in found[1]


# ── the file ─────────────────────────────────────────────────────


def hostile(catalogue: Catalogue) -> Book:
    book = Book(catalogue).place("S01", "<script>&amp;--></svg>").place("S02", r"$\frac{1}{2}$")
    book.place("S03", "{{7*7}}\x07\u202e镇").place("S04", "\U0002a6a5镇")
    return book.indicator("own", "“指标”<b>&").townships("own", ["1", "2", "3", "4"])


def test_a_drawing_is_plain_svg(catalogue: Catalogue) -> None:
    drawing = draw(chart("ranked", "own"), hostile(catalogue).figures)
    text = drawing.svg.decode("utf-8")
    root = ET.fromstring(text)  # noqa: S314  our own bytes
    assert root.get("viewBox") == f"0 0 {drawing.width_px} {drawing.height_px}"
    assert drawing.width_px == WIDTH
    for forbidden in (
        "<style",
        "style=",
        "<!",
        "<?",
        "<metadata",
        "<script",
        "matplotlib",
        "<text",
    ):
        assert forbidden not in text
    assert set(re.findall(r"https?://[^\"]+", text)) == {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }
    ids = re.findall(r' id="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', text)) == set(ids)


def test_a_drawing_is_a_png_of_twice_its_size_on_white_with_no_date(catalogue: Catalogue) -> None:
    drawing = draw(chart("ranked", "own"), hostile(catalogue).figures)
    data = drawing.png()
    assert data == drawing.png()
    picture = Image.open(io.BytesIO(data))
    assert picture.size == (2 * drawing.width_px, 2 * drawing.height_px)
    assert picture.convert("RGB").getpixel((0, 0)) == (255, 255, 255)
    assert set(picture.info) <= {"dpi"}
    assert len(data) < 100_000


def test_names_are_drawn_as_typed_and_a_lost_letter_is_marked(catalogue: Catalogue) -> None:
    texts = words_on(drawn(chart("ranked", "own"), hostile(catalogue)))
    assert r"$\frac{1}{2}$" in texts
    assert "{{7*7}}镇" in texts
    assert "〓镇" in texts
    assert any(text.startswith("<script>") and text.endswith("…") for text in texts)


def test_two_charts_on_one_page_share_no_id(catalogue: Catalogue) -> None:
    book = Book(catalogue).indicator("own", "指标").townships("own", ["1", "2", "3"])
    book.indicator("other", "别的").townships("other", ["3", "2", "1"])
    one, other = (
        draw(chart("ranked", name), book.figures).svg.decode() for name in ("own", "other")
    )
    found = [set(re.findall(r' id="([^"]+)"', text)) for text in (one, other)]
    assert found[0]
    assert not found[0] & found[1]


_AGAIN = """
import hashlib
from nianbao.catalogue import Chart, load_catalogue
from nianbao.charts import draw
from nianbao.figures import Figures
from nianbao.period import Period
from nianbao.schema import table
from nianbao.workspace import PROJECT, Workspace
rows = [
    {"indicator": "mediation_success_rate", "place": p, "value": v, "unit": "%", "period": "2023"}
    for p, v in (("S00", "98.0"), ("S01", "97.0"), ("S02", "99.5"), ("S03", "90.1"))
]
catalogue = load_catalogue(Workspace(PROJECT))
figures = Figures(
    catalogue, Period(2023), table("values", rows), table("standings", []), table("series", [])
)
chart = Chart(kind="ranked", title={"zh": "题"}, indicators=("mediation_success_rate",))
print(hashlib.sha256(draw(chart, figures).svg).hexdigest())
"""


def test_the_same_figures_give_the_same_bytes_wherever_they_are_drawn(tmp_path: Path) -> None:
    (tmp_path / "matplotlibrc").write_text("font.size: 33\nlines.linewidth: 9\n")
    digests = []
    for seed, zone, home in (("1", "UTC", PROJECT), ("2", "Asia/Shanghai", tmp_path)):
        surroundings = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C"}
        surroundings |= {"PYTHONPATH": str(PROJECT), "PYTHONUTF8": "1"}
        if home == tmp_path:
            surroundings["MATPLOTLIBRC"] = str(tmp_path)
        done = subprocess.run(
            [sys.executable, "-c", _AGAIN],
            env=surroundings,
            cwd=home,
            capture_output=True,
            text=True,
            check=True,
        )
        digests.append(done.stdout)
    assert digests[0] == digests[1]


def test_drawing_leaves_no_settings_behind(catalogue: Catalogue) -> None:
    import matplotlib as mpl

    book = Book(catalogue).indicator("own", "指标").townships("own", ["1", "2", "3"])
    with mpl.rc_context({"font.size": 33.0}):
        first = draw(chart("ranked", "own"), book.figures).svg
        assert mpl.rcParams["font.size"] == 33.0
    assert draw(chart("ranked", "own"), book.figures).svg == first


# ── type ─────────────────────────────────────────────────────────


def test_lines_keep_words_and_quoted_names_whole() -> None:
    assert wrap("“智慧矫正中心”预警处置率", 200) == ("“智慧矫正中心”", "预警处置率")
    assert wrap("Court attendance by heads of agencies", 150) == (
        "Court attendance ",
        "by heads of ",
        "agencies",
    )
    assert wrap("短", 200) == ("短",)
    for lines in (wrap(LONG, 200), wrap("“" + LONG + "”", 120), wrap("一" * 99 + "。", 64)):
        assert all(width_of(line) <= 200 for line in lines)
        assert not any(line[0] in "。”" for line in lines)


def test_labels_keep_their_distance_and_stay_inside() -> None:
    assert spread([0, 50, 100], 20, 0, 100) == [0, 50, 100]
    assert spread([50, 50, 50], 20, 0, 100) == [50, 70, 90]
    assert spread([90, 95, 99], 20, 0, 100) == [60, 80, 100]
    assert spread([1, 2, 3], 60, 0, 100) == [0, 50, 100]  # no room: evenly


def test_charts_take_no_font_of_the_system(catalogue: Catalogue) -> None:
    book = Book(catalogue).indicator("own", "指标").townships("own", ["1", "2", "3"])
    for artist in drawn(chart("ranked", "own"), book).canvas.artists:
        if isinstance(artist, Text):
            used = Path(str(artist.get_fontproperties().get_file()))
            assert used.parent == Path(charts.__file__).parent.parent / "fonts"


def test_every_kind_that_the_catalogue_knows_can_be_drawn() -> None:
    assert DRAWN_BY.keys() == KINDS.keys()


# ── a file of its own ────────────────────────────────────────────

ALONE = ("哪些镇街“靠后”？", "示例区，2023年", "", "资料来源：W7<b>&", "样本数据。" * 20)


def test_a_file_stands_under_its_title_and_over_its_source(catalogue: Catalogue) -> None:
    drawing = draw(chart("ranked", "own"), hostile(catalogue).figures)
    picture, pixels = drawing.alone(ALONE)
    assert (picture, pixels) == drawing.alone(ALONE)
    root = ET.fromstring(picture)  # noqa: S314  our own bytes
    title, alt, words = (one.text or "" for one in root[:3])
    assert title == ALONE[0]
    assert alt == visible(drawing.alt)
    assert {line for line in ALONE if line} <= set(words.splitlines())
    image = Image.open(io.BytesIO(pixels)).convert("L")
    wide, tall = 2 * WIDTH, 2 * int(root.get("height") or 0)
    assert image.size == (wide, tall)
    moved = root[-1].get("transform") or ""
    above = 2 * int(moved.removeprefix("translate(0 ").removesuffix(")"))
    below = above + 2 * drawing.height_px
    for top, bottom in ((0, above), (below + 4, tall)):
        assert image.crop((0, top, wide, bottom)).getextrema() < (120, 255)
    ids = re.findall(r' id="([^"]+)"', picture.decode())
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_long_title_and_source_are_broken_and_nothing_is_cut_off(lang: str) -> None:
    text = {
        "zh": "行政机关主要负责人参加行政复议听证和出庭应诉的比率" * 3,
        "en": "How far is the office’s “Register of (rule-of-law) coordination” from W1? " * 3,
    }[lang]
    frame = Frame.around(100, [text, text, "", text, "“" + text + "”"])
    plan = Sketch(frame.canvas, frame.height, "", (), "", {})
    boxes = labels(plan)
    assert all(box.left >= 4 and box.right <= WIDTH - 4 for box in boxes)
    assert not [b for b in boxes if b.bottom > frame.top and b.top < frame.top + 100]
    assert max(box.bottom for box in boxes) <= frame.height - 4
    for one, other in itertools.pairwise(boxes):
        assert one.bottom <= other.top + 0.5
    assert not [box.text for box in boxes if box.text[0] in "，。”）),.:"]


def test_english_has_quotation_marks_of_its_own_width() -> None:
    assert width_of("people’s “mediation”") == width_of('people\'s "mediation"')
    assert width_of("“调解”") == width_of("调解") + 2 * width_of("一")


PHONE, IDENTITY = "13812345678", "11010519491231002X"  # the example of GB 11643


@pytest.mark.parametrize("number", [PHONE, "138 1234 5678", IDENTITY])
@pytest.mark.parametrize("kind", ["changes", "heatmap", "then_and_now", "dispersion"])
def test_a_personal_number_in_a_label_is_found_though_it_is_drawn_and_broken(
    catalogue: Catalogue, number: str, kind: str, tmp_path: Path
) -> None:
    unit = "%" if kind == "then_and_now" else "件"
    book = Book(catalogue)
    for name in ("one", "two"):
        book.indicator(name, name, unit).townships(name, ["1", "2", "3"])
        book.value(name, "4", previous="3", change="1", change_kind="count")
    label = f"区级联系人的电话和证号 {number} 待核"
    entry = chart(kind, "one", "two", labels={"one": {"zh": label}})
    picture, _ = draw(entry, book.figures).alone(ALONE)
    (tmp_path / "a.svg").write_bytes(picture)
    (found,) = disclosed(tmp_path, tmp_path)
    assert (found.code, found.words["found"]) == ("E_PII", "a.svg")


def test_a_personal_number_in_the_wording_of_charts_is_found(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    own = tmp_path / "wording"
    own.mkdir()
    text = (PROJECT / "wording" / "charts.yml").read_text("utf-8")
    (own / "charts.yml").write_text(text.replace("刻度不从零开始", f"电话 {PHONE}"), "utf-8")
    book = Book(catalogue).indicator("own", "指标").townships("own", ["1", "2", "3"])
    drawing = draw(chart("ranked", "own", style="dots"), book.figures, "zh", (own,))
    (own / "a.svg").write_bytes(drawing.alone(ALONE)[0])
    assert {one.words["found"] for one in disclosed(own, own)} >= {"a.svg"}
