"""Workbooks made by chance from a seed, untidy as real ones, each with what it is meant to say.

What is expected is written down while the workbook is made, by rules of its own: the program's
reading is held against it.
"""

import datetime
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from spreadsheets import Area, Page, write_pages
from workspaces import EVENT_HEAD, GRID_HEAD, GRID_TITLE

from nianbao.catalogue import Catalogue
from nianbao.cleaning import Cleaned
from nianbao.period import Period

Said = tuple[str, str]  # item and place

PERIOD = Period(2023, 1)
ALIASES = {
    "A1": ("甲镇", "甲乡", " 甲　镇 ", "甲镇人民政府"),
    "A2": ("乙镇", "乙 镇"),
    "A3": ("丙街道",),
}
UNKNOWN = ("丁镇", "甲镇司法", "某单位", "乙乡")
GRID_ITEMS = ("accepted", "successful", "written", "oral", "mediators", "amount")
BAD = (
    "若干",
    "2+1",
    "1（兼）",
    "7.8S",
    "同上",
    "12元",
    "1,23",
    "十几",
    "inf",
    "#REF!",
    -5,
    2.5,
    "√",
)
FOOTERS = (
    "填表人：张三",
    "审核人：李四  联系电话：0538-1234567",
    "填表说明：本表按季报送",
    "注：略",
)
NAMED_MONTHS = ("1月", "２月", "3月 ")


@dataclass
class Made:
    """A workbook, and what is meant by it."""

    path: Path
    kind: str
    facts: dict[Said, Decimal | None] = field(default_factory=dict)
    seen: int = 0
    accepted: int = 0
    quarantined: int = 0
    copies: int = 0  # of the table, left behind on further sheets

    @property
    def total(self) -> Decimal:
        """The sum of all numbers that are meant to be taken in."""
        return sum((value for value in self.facts.values() if value is not None), Decimal(0))


@dataclass
class _Sheet:
    """A sheet in the making."""

    rows: list[list[object]] = field(default_factory=list)
    merges: list[Area] = field(default_factory=list)

    def add(self, *cells: object) -> int:
        self.rows.append(list(cells))
        return len(self.rows)

    @property
    def seen(self) -> int:
        """Rows that hold anything that can be seen."""
        return sum(any(str(c).strip() for c in row if c is not None) for row in self.rows)


def make(root: Path, seed: int) -> Made:
    """Write the workbook of a seed below a folder, as the only file of 2023Q1."""
    chance = random.Random(seed)  # noqa: S311 - seeded, not secret
    maker = chance.choice((_grid, _grid, _events, _events, _cases, _months, _several))
    kind = chance.choices((".xlsx", ".csv", ".xls", ".ods"), (70, 10, 12, 8))[0]
    made = Made(root / "data/raw/2023Q1" / f"收到的表{seed}", maker.__name__.strip("_"))
    pages = list(maker(chance, made))
    if kind == ".csv" and (len(pages) > 1 or pages[0].merges):
        kind = ".xlsx"
    made.path = write_pages(made.path.with_suffix(kind), pages)
    return made


def faults(made: Made, got: Cleaned) -> Iterator[str]:
    """What cleaning made of a workbook that was not meant so."""
    found: dict[Said, Decimal | None] = {}
    for fact in got.facts:
        key = fact.item, fact.place
        found[key] = None if fact.value is None else (found.get(key) or 0) + fact.value
    if found != made.facts:
        differ = sorted(k for k in found | made.facts if found.get(k) != made.facts.get(k))
        yield f"other numbers: {differ}"
    (record,) = got.files
    told = record.rows_seen, record.accepted, record.excluded, record.quarantined
    excluded = made.seen - made.accepted - made.quarantined
    meant = made.seen, made.accepted, excluded, made.quarantined
    if told != meant:
        yield f"rows seen, accepted, excluded, quarantined: {told}, meant were {meant}"
    if len(got.set_aside) != made.quarantined:
        yield f"{len(got.set_aside)} rows listed as set aside, {made.quarantined} were"
    codes = Counter(finding.code for finding in got.findings)
    if codes["E_UNRECONCILED"] or not all(tally.reconciles for tally in got.tallies):
        yield "the program's own account does not reconcile"
    if codes["E_DUP_TABLE"] != made.copies:
        yield f"{codes['E_DUP_TABLE']} copies found, {made.copies} were made"


# ── numbers ───────────────────────────────────────────────────────────────────


def _number(chance: random.Random, *, counted_in: int = 1) -> tuple[object, Decimal | None, bool]:
    """A cell of a count: as typed, what it is worth, and whether it is there at all.

    In a column of ten thousands, 3万 would be in doubt; there it is typed with its unit.
    """
    n = chance.randrange(0, 400)
    many = (
        (f"{n / 10}万元", Decimal(n) / 10) if counted_in > 1 else (f"{n / 10}万", Decimal(n) * 1000)
    )
    return chance.choice(
        [
            (n, Decimal(n), True),
            (float(n), Decimal(n), True),
            (str(n), Decimal(n), True),
            (
                str(n).translate({ord("0") + d: chr(ord("０") + d) for d in range(10)}),
                Decimal(n),
                True,
            ),
            (f"{n + 1000:,}", Decimal(n + 1000), True),
            (f"约{n}", Decimal(n), True),
            (f"{n}余", Decimal(n), True),
            (*many, True),
            (f" {n}\u3000", Decimal(n), True),
            (f"{n}\u200b", Decimal(n), True),
            ("一百二十", Decimal(120), True),
            ("无", Decimal(0), True),
            (None, None, False),
            ("××", None, False),
            ("—", None, False),
        ]
    )


# ── grids ─────────────────────────────────────────────────────────────────────


def _grid(chance: random.Random, made: Made) -> Iterator[Page]:
    """The grid of the townships, and at times a copy of it left behind on another sheet."""
    sheet = _Sheet()
    _around(chance, sheet)
    title = len(sheet.rows)
    _grid_table(chance, sheet, made)
    made.seen += sheet.seen
    yield Page("Sheet1", sheet.rows, sheet.merges)
    if made.accepted and chance.random() < 0.15:
        made.seen += sheet.seen
        made.copies += 1
        body = _Sheet(sheet.rows[title + len(GRID_TITLE) + len(GRID_HEAD) :])
        made.quarantined += body.seen
        yield Page("Sheet1 (2)", sheet.rows, sheet.merges, hidden=chance.random() < 0.5)


def _around(chance: random.Random, sheet: _Sheet) -> None:
    """What stands above a table."""
    if chance.random() < 0.3:
        sheet.add("附件1")
    for _ in range(chance.randrange(0, 3)):
        sheet.add(None)


def _grid_table(chance: random.Random, sheet: _Sheet, made: Made) -> None:
    for row in GRID_TITLE:
        sheet.add(*row)
    first = len(sheet.rows) + 1
    for row in GRID_HEAD:
        sheet.add(*row)
    if chance.random() < 0.5:
        sheet.merges += [(first, 1, first + 1, 1), (first, 3, first, 5)]
    if chance.random() < 0.3:
        sheet.add(None, "件", "件", "件", "件", "人", "万元")
    if chance.random() < 0.3:
        sheet.add("甲", 1, 2, 3, 4, 5, 6)
    taken: set[str] = set()
    others = ("place", "blank", "control", "unknown")
    body = ["place", *chance.choices(others, (70, 10, 10, 10), k=chance.randrange(1, 8))]
    for what in body:
        _grid_row(chance, sheet, made, what, taken)
    for footer in chance.sample(FOOTERS, chance.randrange(0, 3)):
        sheet.add(footer)
        if chance.random() < 0.2:
            _grid_row(chance, sheet, made, "place", taken)


def _grid_row(chance: random.Random, sheet: _Sheet, made: Made, what: str, taken: set[str]) -> None:
    if what == "blank":
        sheet.add(None, None, "  ")
        return
    numbers = {
        item: _number(chance, counted_in=10_000 if item == "amount" else 1) for item in GRID_ITEMS
    }
    cells = [typed for typed, _, _ in numbers.values()]
    if what == "control":
        sheet.add(chance.choice(("合计", "小计", "街道小计", "其中：涉企")), *cells)
        return
    if what == "unknown":
        sheet.add(chance.choice(UNKNOWN), *cells)
        made.quarantined += 1
        return
    code = chance.choice(list(ALIASES))
    bad = chance.random() < 0.15
    if bad:
        at = chance.randrange(5)  # money may be a fraction
        cells[at] = chance.choice(BAD)
    sheet.add(chance.choice(ALIASES[code]), *cells)
    if bad or code in taken:
        made.quarantined += 1
        return
    taken.add(code)
    made.accepted += 1
    for item, (_, value, there) in numbers.items():
        if there:
            made.facts[item, code] = value


def _months(chance: random.Random, made: Made) -> Iterator[Page]:
    """The monthly form: flows of every month, the opening of the first, the stock of the last."""
    for month, name in enumerate(NAMED_MONTHS, 1):
        sheet = _Sheet()
        _around(chance, sheet)
        sheet.add("社区矫正月报")
        sheet.add("镇街", "期初", "接收", "解除", "期末")
        for code in chance.sample(list(ALIASES), chance.randrange(1, 4)):
            numbers = [chance.randrange(0, 50) for _ in range(4)]
            if chance.random() < 0.1:
                sheet.add(ALIASES[code][0], chance.choice(BAD), *numbers[1:])
                made.quarantined += 1
                continue
            sheet.add(chance.choice(ALIASES[code]), *numbers)
            made.accepted += 1
            wanted = {"received": numbers[1], "released": numbers[2]}
            wanted |= {"opening": numbers[0]} if month == 1 else {}
            wanted |= {"closing": numbers[3]} if month == 3 else {}
            for item, number in wanted.items():
                made.facts[item, code] = (made.facts.get((item, code)) or 0) + Decimal(number)
        made.seen += sheet.seen
        yield Page(name, sheet.rows)


# ── ledgers ───────────────────────────────────────────────────────────────────


def _date(chance: random.Random, month: int = 0) -> tuple[object, datetime.date]:
    day = datetime.date(2023, month or chance.randrange(1, 4), chance.randrange(1, 29))
    typed = chance.choice(
        [
            day.isoformat(),
            f"{day.year}.{day.month}.{day.day}",
            f"{day.year}年{day.month}月{day.day}日",
            f"{day.month}/{day.day}",
            (day - datetime.date(1899, 12, 30)).days,
        ]
    )
    return typed, day


def _events(chance: random.Random, made: Made) -> Iterator[Page]:
    """Meetings and inspections, on one sheet or month by month."""
    tally = _Events()
    months = (1, 2, 3) if chance.random() < 0.35 else (0,)
    for month in months:
        sheet = _Sheet()
        _around(chance, sheet)
        _events_table(chance, sheet, made, tally, month)
        made.seen += sheet.seen
        yield Page(NAMED_MONTHS[month - 1] if month else "台账", sheet.rows, hidden=month == 2)
    tally.put(made)


@dataclass
class _Events:
    """What the events come to."""

    number: int = 0
    meetings: set[tuple[datetime.date, str]] = field(default_factory=set)
    attendance: Decimal = Decimal(0)
    inspections: Counter[str] = field(default_factory=Counter)

    def put(self, made: Made) -> None:
        made.facts["meetings", "D0"] = Decimal(len(self.meetings))
        made.facts["attendance", "D0"] = self.attendance
        for code in ALIASES:
            made.facts["inspections", code] = Decimal(self.inspections[code])


def _events_table(
    chance: random.Random, sheet: _Sheet, made: Made, tally: _Events, month: int
) -> None:
    for row in EVENT_HEAD:
        sheet.add(*row)
    others = ("meeting", "inspection", "blank", "control")
    for what in ("meeting", *chance.choices(others, (50, 35, 8, 7), k=chance.randrange(8))):
        tally.number += 1
        if what == "blank":
            sheet.add(None)
        elif what == "control":
            sheet.add("合计", None, None, None, None, chance.randrange(100))
        else:
            _event(chance, sheet, made, tally, what, month)
    if chance.random() < 0.4:
        sheet.add(chance.choice(FOOTERS[:3]))


def _event(
    chance: random.Random, sheet: _Sheet, made: Made, tally: _Events, what: str, month: int
) -> None:
    typed, day = _date(chance, month)
    attended, value, there = _number(chance)
    name = chance.choice(("一次会", "二次会", f"第{tally.number}次会"))
    if month:
        name = f"{month}月{name}"
    kind = chance.choice(("会议", "开会", "例会")) if what == "meeting" else "督察"
    place = chance.choice(list(ALIASES))
    unit: object = chance.choice(ALIASES[place]) if what == "inspection" else None
    wrong = chance.choices(
        ("", "date", "nodate", "kind", "unit", "number", "outside"), (70, 4, 4, 6, 6, 6, 4)
    )[0]
    if wrong == "date":
        typed = chance.choice(("2023-02-30", "上旬", "2023.3", "23.3.8"))
    if wrong == "nodate":
        typed = None
    if wrong == "kind":
        kind = chance.choice(("座谈", "会义"))
    if wrong == "unit":
        unit = chance.choice(UNKNOWN)
    if wrong == "number":
        attended = chance.choice(BAD)
    if wrong == "outside":
        typed = "2023-07-01"
    sheet.add(tally.number, typed, kind, name, unit, attended)
    if wrong not in ("", "outside"):
        made.quarantined += 1
        return
    made.accepted += 1
    if wrong == "outside":
        return
    if what == "meeting":
        tally.meetings.add((day, name))
        tally.attendance += value or 0 if there else 0
    else:
        tally.inspections[place] += 1


def _cases(chance: random.Random, made: Made) -> Iterator[Page]:
    """Cases by the day they came in and the day they were closed."""
    sheet = _Sheet()
    _around(chance, sheet)
    _cases_table(chance, sheet, made)
    made.seen += sheet.seen
    yield Page("案件", sheet.rows)


def _cases_table(chance: random.Random, sheet: _Sheet, made: Made) -> None:
    sheet.add("案件登记表")
    sheet.add("收案日期", "案由", "结案日期", "上年结转")
    new = closed = days = 0
    for _ in range(chance.randrange(1, 8)):
        typed, came = _date(chance)
        carried = chance.choice(("是", "√", "否", "×", None))
        if chance.random() < 0.3:
            came = datetime.date(2022, 12, chance.randrange(1, 29))
            typed = came.isoformat()
        end, ended = _date(chance) if chance.random() < 0.6 else (None, None)
        bad = chance.random() < 0.12
        if bad:
            end = chance.choice(("2023-13-01", "未结", "若干"))
        sheet.add(typed, chance.choice(("合同", "劳动", None)), end, carried)
        if bad:
            made.quarantined += 1
            continue
        made.accepted += 1
        new += came.year == 2023 and carried not in ("是", "√")
        if ended:
            closed += 1
            span = (came + datetime.timedelta(days=d) for d in range(1, (ended - came).days + 1))
            days += sum(day.weekday() < 5 for day in span)
    for item, number in (("cases_new", new), ("cases_closed", closed), ("case_days", days)):
        made.facts[item, "D0"] = Decimal(number)


def _several(chance: random.Random, made: Made) -> Iterator[Page]:
    """Several tables on one sheet, and a sheet of text beside it."""
    sheet = _Sheet()
    tally = _Events()
    tables: list[Callable[[], None]] = [
        lambda: _events_table(chance, sheet, made, tally, 0),
        lambda: _cases_table(chance, sheet, made),
    ]
    chance.shuffle(tables)
    for table in tables:
        table()
        sheet.add(None)
    tally.put(made)
    made.seen += sheet.seen
    yield Page("两张表", sheet.rows)
    if chance.random() < 0.5:
        made.seen += 1
        yield Page("说明", [["各单位请于季后五日内报送"]], hidden=chance.random() < 0.5)


# ── the sample's forms ────────────────────────────────────────────────────────

FORMS = (("W5", "files"), ("W7", "mediation"), ("W8", "sites"), ("W10", "townships"))


def make_of(catalogue: Catalogue, root: Path, seed: int) -> Made:
    """Write a grid of places of the sample's catalogue, its head from the form's own version."""
    chance = random.Random(seed)  # noqa: S311 - seeded, not secret
    form_id, table_id = chance.choice(FORMS)
    table = catalogue.forms[form_id].tables[table_id]
    columns = table.version(PERIOD).columns
    sheet = _Sheet()
    _around(chance, sheet)
    sheet.add(f"示例区2023年第一季度{table.title}")
    paths = [table.row_label, *columns.values()]
    for depth in range(max(map(len, paths))):
        sheet.add(*(path[min(depth, len(path) - 1)] for path in paths))
    made = Made(root / "data/raw" / PERIOD.name / f"收到的表{seed}", form_id)
    codes = catalogue.places_of_kinds((table.rows or "",), PERIOD)
    for code in chance.sample(codes, chance.randrange(2, len(codes) + 1)):
        if chance.random() < 0.1:
            sheet.add(
                chance.choice(("合计", "小计", None)), *[chance.randrange(99) for _ in columns]
            )
            if sheet.rows[-1][0] is None:
                made.quarantined += 1
        name = catalogue.places[code].name
        cells = {item: _of_type(chance, table.items[item].type) for item in columns}
        bad = chance.random() < 0.1
        typed = [cell for cell, _ in cells.values()]
        if bad:
            numeric = [n for n, item in enumerate(columns) if table.items[item].type == "count"]
            typed[chance.choice(numeric)] = chance.choice(BAD)
        sheet.add(name, *typed)
        if bad:
            made.quarantined += 1
            continue
        made.accepted += 1
        made.facts |= {(item, code): Decimal(value) for item, (_, value) in cells.items()}
    made.seen = sheet.seen
    made.path = write_pages(
        made.path.with_suffix(chance.choice((".xlsx", ".xls", ".ods"))), [Page("表", sheet.rows)]
    )
    return made


def _of_type(chance: random.Random, kind: str) -> tuple[object, int]:
    n = chance.randrange(300)
    if kind == "named":
        return chance.choice((("某某调解室", 1), ("无", 0)))
    if kind == "flag":
        return chance.choice((("√", 1), ("×", 0)))
    return chance.choice(((n, n), (f"{n}", n), (f"{n + 1000:,}", n + 1000)))
