"""Blank workbooks filled in as an office would: plausible numbers that satisfy the identities."""

import datetime
import random
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from nianbao.catalogue import Catalogue, Table
from nianbao.forms.pages import Book, Page, Row, books
from nianbao.forms.rules import computed_cells, sums
from nianbao.forms.words import load_words
from nianbao.formulas import Identity, Term
from nianbao.period import Period
from nianbao.readers import address
from nianbao.workspace import Workspace

Key = tuple[str, str, int]  # item, place, month
Filled = dict[Key, Decimal]
Numbers = dict[str, int | Decimal]

_EVENTS = 6  # rows of each ledger
_LARGE = ("station_staff_police", "villages")  # rates over them stay below 100 %


def fill_folder(
    workspace: Workspace, catalogue: Catalogue, period: Period, folder: Path, *, computed: bool
) -> Filled:
    """Fill in every blank workbook of a folder; gives the facts that must come back.

    `computed` types the results over the formulas, as nobody but a script would.
    """
    filled: Filled = {}
    for book in books(catalogue, load_words(workspace), period):
        dice = random.Random(book.name)  # noqa: S311
        workbook = openpyxl.load_workbook(folder / book.name)
        filled |= _fill(workbook, book, catalogue, dice, filled, computed=computed)
        workbook.save(folder / book.name)
    return filled


def _fill(
    workbook: openpyxl.Workbook,
    book: Book,
    catalogue: Catalogue,
    dice: random.Random,
    told: Filled,
    *,
    computed: bool,
) -> Filled:
    filled: Filled = {}
    before: dict[str, Page] = {}
    closing: dict[tuple[str, str], int | Decimal] = {}
    for page in book.pages:
        sheet = workbook[page.sheet]
        if page.table.kind == "ledger":
            _fill_ledger(sheet, page, catalogue, dice)
            continue
        formulas = computed_cells(page, before.get(page.table_id) if page.month else None, address)
        for rows, first in _groups(page):
            place = page.places.get(rows[0].text, catalogue.district)
            same = {
                item: told[other, place, 0]
                for item, other in _same(catalogue).items()
                if (other, place, 0) in told
            }
            numbers = _numbers(page, rows, dice, closing, same)
            for r, row in enumerate(rows, first):
                for c, column in enumerate(page.columns, 1):
                    item = page.item_at(row, column)
                    if item:
                        value = numbers[item]
                        if (r, c) not in formulas or computed:
                            sheet.cell(r, c).value = _typed(page.table, item, value)
                        month = page.month or _month(page, row)
                        if _counts(page.table, item, month):
                            filled[item, place, month] = Decimal(value)
                    elif page.proves_at(row, column):
                        sheet.cell(r, c).value = "示司〔2024〕1号"
            for item, value in numbers.items():
                closing[item, rows[0].text] = value
        if computed:
            _type_over_totals(sheet, page)
        before[page.table_id] = page
    return filled


def _same(catalogue: Catalogue) -> dict[str, str]:
    """Items that two forms report alike, each with the other one."""
    pairs = [
        (rule.holds.left[0].item, rule.holds.right[0].item)
        for form in catalogue.forms.values()
        for rule in form.across
        if rule.at == "place" and len(rule.holds.terms) == 2 and rule.holds.op == "="
    ]
    return {a: b for pair in pairs for a, b in (pair, pair[::-1])}


def _groups(page: Page) -> Iterator[tuple[tuple[Row, ...], int]]:
    """Rows that belong together, and the number of the first."""
    counted = tuple(row for row in page.rows if not row.noted)
    if page.table.rows == "label" and not page.table.each_row:
        yield counted, page.first_row
    else:
        for r, row in enumerate(counted, page.first_row):
            yield (row,), r


def _month(page: Page, row: Row) -> int:
    return int(row.text.removesuffix("月")) if page.table.each_row else 0


def _counts(table: Table, item: str, month: int) -> bool:
    flow = table.flow_of(item)
    if month and flow in ("stock", "opening"):
        return month % 3 == (0 if flow == "stock" else 1)
    return True


def _numbers(
    page: Page,
    rows: tuple[Row, ...],
    dice: random.Random,
    closing: dict[tuple[str, str], int | Decimal],
    same: Mapping[str, Decimal],
) -> Numbers:
    """A number for every item of some rows, pushed about until every identity holds."""
    table = page.table
    items = [i for row in rows for column in page.columns if (i := page.item_at(row, column))]
    numbers: Numbers = {}
    for item in items:
        one = table.items[item]
        numbers[item] = (
            dice.randint(0, 1)
            if one.type in ("flag", "named", "milestone")
            else Decimal(dice.randint(10, 999)) / 10
            if one.type == "amount"
            else dice.randint(1, 9) + (20 if item in _LARGE else 0)
        )
    targets = sums(table)
    known = {item: value for item, value in same.items() if item in numbers}
    numbers |= known
    fixed = {*targets, *table.carry_forward.values(), *known}
    for end, opening in table.carry_forward.items():
        numbers[opening] = closing.get((end, rows[0].text), 60)
    for _ in range(50):
        for item, terms in targets.items():
            numbers[item] = _sum(terms, numbers)
        broken = [rule.holds for rule in table.identities if not _holds(rule.holds, numbers)]
        if not broken:
            return numbers
        for identity in broken:
            _mend(identity, numbers, fixed)
    raise AssertionError(f"no numbers found for {page.table.title}")


def _sum(terms: tuple[Term, ...], numbers: Numbers) -> int | Decimal:
    return sum((term.factor * numbers[term.item] for term in terms), start=0)


def _holds(identity: Identity, numbers: Numbers) -> bool:
    left, right = _sum(identity.left, numbers), _sum(identity.right, numbers)
    return left == right if identity.op == "=" else left <= right


def _mend(identity: Identity, numbers: Numbers, fixed: set[str]) -> None:
    """Raise a number on the side that lacks, or lower the largest on the other."""
    gap = _sum(identity.right, numbers) - _sum(identity.left, numbers)
    lacking, other = identity.left, identity.right
    if gap < 0:
        lacking, other = other, lacking
    free = [term.item for term in lacking if term.factor > 0 and term.item not in fixed]
    if free:
        numbers[free[0]] += abs(gap)
        return
    most = max(
        (term.item for term in other if term.factor > 0 and term.item not in fixed),
        key=lambda item: numbers[item],
    )
    numbers[most] -= abs(gap)


def _typed(table: Table, item: str, value: int | Decimal) -> object:
    one = table.items[item]
    if one.type == "milestone":
        return "已完成" if value else "进行中"
    if one.type == "named":
        return "和顺调解室" if value else "无"
    if one.type == "flag":
        return next(word for word, meaning in one.words.items() if meaning == value)
    return float(value) if isinstance(value, Decimal) else value


def _type_over_totals(sheet: Worksheet, page: Page) -> None:
    last = page.first_row + len(page.rows)
    for c in range(1, len(page.columns) + 1):
        cell = sheet.cell(last, c)
        if cell.data_type == "f":
            above = [sheet.cell(r, c).value for r in range(page.first_row, last)]
            cell.value = round(sum(float(str(value)) for value in above), 4)


# --- ledgers --------------------------------------------------------------------------------------


def _fill_ledger(sheet: Worksheet, page: Page, catalogue: Catalogue, dice: random.Random) -> None:
    kinds = page.table.place.kinds
    places = [catalogue.places[code].name for code in catalogue.places_of_kinds(kinds, page.period)]
    for number in range(_EVENTS):
        row = _event(page, places, dice, number)
        for c, column in enumerate(page.columns, 1):
            if row[column.name] is not None:
                sheet.cell(page.first_row + number, c).value = row[column.name]


def _event(page: Page, places: list[str], dice: random.Random, number: int) -> dict[str, object]:
    first = page.period.quarter_first_day if page.period.quarter else page.period.first_day
    day = first + datetime.timedelta(days=7 * number)
    makers: dict[str, Callable[[object], object]] = {
        "date": lambda _: day,
        "choice": lambda field: dice.choice(list(field.values)),  # type: ignore[attr-defined]
        "place": lambda _: dice.choice(places),
        "text": lambda _: f"第{number + 1}号事项",
    }
    row = {
        name: makers.get(field.type, lambda _: 10 + number)(field)
        for name, field in page.table.fields.items()
    }
    if "outcome" in row and row["handling"] != "受理":  # only what was accepted is closed
        row |= {"closed_on": None, "outcome": None}
    return row


def expected_rows(catalogue: Catalogue, book_name: str, page: Page, field: str, value: str) -> int:
    """How many rows of a ledger's sheet say a value in a field, by the same dice."""
    dice = random.Random(book_name)  # noqa: S311
    kinds = page.table.place.kinds
    places = [catalogue.places[code].name for code in catalogue.places_of_kinds(kinds, page.period)]
    rows = [_event(page, places, dice, number) for number in range(_EVENTS)]
    return sum(row[field] == value for row in rows)
