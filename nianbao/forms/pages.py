"""Which workbooks a period asks for, which sheets they have, and what stands where on each."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from nianbao.catalogue import Catalogue, Form, Item, Table
from nianbao.catalogue.models import Label
from nianbao.forms.words import Words
from nianbao.period import Period
from nianbao.recognise import label, without_unit

REMARK = "备注"
_YEAR = "年"  # what a catalogue writes for any year in a head
_ROC_BEGINS = 1911
_STEP = "›"  # between the label of a group of rows and that of a row
_UNIT_LABELS = ("单位", "计量单位")
_NOT_IN_A_NAME = str.maketrans(dict.fromkeys('\\/:*?"<>|[]', "_"))
_LONGEST_SHEET_NAME = 31
HEAD_ROW = 3  # title and the line of who reports stand above


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a head: an item, field or named column ("" where nothing is read from it)."""

    name: str
    path: Label
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a grid as it is printed; `noted` rows hold text that is not counted."""

    text: str
    noted: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """One table on one sheet of its own."""

    sheet: str
    table_id: str
    table: Table
    period: Period
    unit: str  # who fills it in
    month: int = 0
    columns: tuple[Column, ...] = ()
    rows: tuple[Row, ...] = ()
    place: str = ""  # the code of the one place that it is about; "" for all
    places: dict[str, str] = field(default_factory=dict)  # a row's text → its place

    @property
    def depth(self) -> int:
        """How many rows the head has."""
        return max(len(column.path) for column in self.columns)

    @property
    def first_row(self) -> int:
        """The first row below the head."""
        return HEAD_ROW + self.depth

    def item_at(self, row: Row, column: Column) -> str:
        """The item that one cell of a grid reports; "" where it reports none."""
        if not column.name or row.noted:
            return ""
        if self.table.rows != "label" or self.table.each_row:
            return column.name
        for name, item in self.table.items.items():
            if item.row is not None and label(item.row) == label(row.text):
                milestone = item.type == "milestone"
                if column.name == ("status" if milestone else item.column or name):
                    return name
        return ""

    def proves_at(self, row: Row, column: Column) -> bool:
        """Whether one cell of a grid holds the evidence of a milestone."""
        items = self.table.items.values()
        milestones = [label(item.row or "") for item in items if item.type == "milestone"]
        return column.name == "evidence" and label(row.text) in milestones

    def cells(self) -> Iterator[tuple[int, int, Row, Column]]:
        """Every cell of a grid's body with its row and column number."""
        for r, row in enumerate(self.rows, self.first_row):
            for c, column in enumerate(self.columns, 1):
                yield r, c, row, column

    def label_at(self, row: Row, column: int) -> str | None:
        """What is printed in a row's label, or in those of its groups; None beside them."""
        if self.table.kind == "ledger" or column > len(self.table.row_groups) + 1:
            return None
        parts = row.text.split(_STEP) if self.table.row_groups else [row.text]
        every = [""] * (len(self.table.row_groups) + 1 - len(parts)) + parts
        return every[column - 1]


@dataclass(frozen=True, slots=True)
class Book:
    """One blank workbook: its file name, who fills it in, and its sheets."""

    name: str
    form: Form
    period: Period
    unit: str
    pages: tuple[Page, ...]


def books(catalogue: Catalogue, words: Words, period: Period) -> tuple[Book, ...]:
    """Every workbook that one raw folder's period asks for, form by form and unit by unit."""
    made: list[Book] = []
    for form in catalogue.forms.values():
        yearly = catalogue.office.expects[form.form] == "year"
        if yearly == (period.quarter is None):
            made.extend(_books_of_form(catalogue, words, form, period))
    return tuple(made)


def _books_of_form(
    catalogue: Catalogue, words: Words, form: Form, period: Period
) -> Iterator[Book]:
    places: tuple[str, ...] = ("",)
    if form.collected_from != "bureau":
        places = catalogue.places_of_kinds((form.collected_from,), period)
    for place in places:
        unit = catalogue.places[place].name if place else form.department
        taken: list[list[Page]] = []  # a sheet name may stand once in a workbook
        for table_id, table in form.tables.items():
            if table.exists_in(period):
                pages = list(_pages(catalogue, words, period, table_id, table, place, unit))
                names = {page.sheet for page in pages}
                book = next((b for b in taken if not names & {page.sheet for page in b}), None)
                if book is None:
                    taken.append(pages)
                else:
                    book.extend(pages)
        for number, pages in enumerate(taken):
            title = pages[0].table.title if number else form.name.zh
            name = f"{form.form}-{title}-{unit}".translate(_NOT_IN_A_NAME)
            yield Book(f"{name}.xlsx", form, period, unit, tuple(pages))


def _pages(
    catalogue: Catalogue,
    words: Words,
    period: Period,
    table_id: str,
    table: Table,
    place: str,
    unit: str,
) -> Iterator[Page]:
    columns = tuple(_columns(table, period))
    rows = tuple(_rows(catalogue, words, table, period, place))
    codes = catalogue.places_of_kinds((table.rows or "",), period)
    names = {catalogue.places[code].name: code for code in codes}
    title = table.title.translate(_NOT_IN_A_NAME)[:_LONGEST_SHEET_NAME]

    def page(sheet: str, *, month: int = 0, whose: str = place, by: str = unit) -> Page:
        return Page(sheet, table_id, table, period, by, month, columns, rows, whose, names)

    if table.kind == "ledger" and table.place.sheet:
        for code in (place,) if place else catalogue.places_of_kinds(table.place.kinds, period):
            by = str(catalogue.office.bureau) if code == catalogue.district else ""
            name = catalogue.places[code].name
            yield page(name, whose=code, by=by or name)
    elif table.each_sheet == "month":
        for month in months(period):
            yield page(words("month", month=str(month)), month=month)
    elif table.each_sheet == "year":
        yield page(_year(table, period))
    else:
        yield page(title)


def months(period: Period) -> range:
    """The months of a single quarter, or of the year."""
    if period.quarter is None:
        return range(1, 13)
    return range(3 * period.quarter - 2, 3 * period.quarter + 1)


def _rows(
    catalogue: Catalogue, words: Words, table: Table, period: Period, place: str
) -> Iterator[Row]:
    if table.kind == "ledger":
        return
    if table.rows in ("township", "department"):
        for code in (place,) if place else catalogue.places_of_kinds((table.rows,), period):
            yield Row(catalogue.places[code].name)
    elif table.rows == "year":
        yield Row(_year(table, period))
    elif table.each_row == "month":
        for month in months(period):
            yield Row(words("month", month=str(month)))
    else:
        for text in dict.fromkeys(item.row for item in table.items.values() if item.row):
            yield Row(text)
    for text in table.noted_rows:
        yield Row(text, noted=True)


def _columns(table: Table, period: Period) -> Iterator[Column]:
    """The head in force: what is read in its order, groups kept together, then what is not."""
    version = table.version(period)
    if table.kind == "grid":
        yield from (Column("", path) for path in (*table.row_groups, table.row_label))
    paths = version.columns or version.fields
    if table.each_column == "year":
        year = _year(table, period)
        paths = {
            name: tuple(year if part == _YEAR else part for part in path)
            for name, path in paths.items()
        }
    known = [Column(name, path, _unit(table, name)) for name, path in paths.items()]
    groups = list(dict.fromkeys(column.path[0] for column in known))
    yield from sorted(known, key=lambda column: groups.index(column.path[0]))
    others = [path for path in version.ignored if path != (REMARK,)]
    yield from (Column("", path) for path in others)
    mixed = any(column.name and not _same_unit(table, column.name) for column in known)
    told = any(path[-1] in _UNIT_LABELS for path in others)
    if (REMARK,) in version.ignored or (mixed and not told):
        yield Column("", (REMARK,))


def _year(table: Table, period: Period) -> str:
    """A year as the rows, columns or sheets of a table name it."""
    year = period.year - (_ROC_BEGINS if table.calendar == "roc" else 0)
    return f"{year}{_YEAR}"


def unit_column(page: Page) -> int:
    """The column that says each row's unit, where a column's rows differ; 0 where none does."""
    if page.table.rows != "label":
        return 0
    for c, column in enumerate(page.columns, 1):
        if not column.name and column.path[-1] in _UNIT_LABELS:
            return c
    if any(column.name and not _same_unit(page.table, column.name) for column in page.columns):
        return next(c for c, column in enumerate(page.columns, 1) if column.path == (REMARK,))
    return 0


def item_unit(item: Item) -> str:
    """The unit to print: none for what is ticked, named or done."""
    return item.unit if item.type in ("count", "amount", "rate") else ""


def _units(table: Table, column: str) -> set[str]:
    if table.kind == "ledger":
        return {table.fields[column].unit}
    if table.rows != "label" or table.each_row:
        return {item_unit(table.items[column])}
    items = table.items.items()
    return {
        item_unit(item)
        for name, item in items
        if (item.column or name) == column and item.type != "milestone"
    }


def _same_unit(table: Table, column: str) -> bool:
    return len(_units(table, column)) <= 1


def _unit(table: Table, column: str) -> str:
    units = _units(table, column)
    return units.pop() if len(units) == 1 else ""


def head_texts(page: Page, words: Words) -> dict[tuple[int, int], str]:
    """What the head's cells say, by level (from 0) and column (from 1), units in brackets.

    A group whose columns share a unit says it once.
    """
    texts: dict[tuple[int, int], str] = {}
    groups: dict[str, set[str]] = {}
    for column in page.columns:
        groups.setdefault(column.path[0], set()).add(column.unit if len(column.path) > 1 else "")
    for c, column in enumerate(page.columns, 1):
        shared = len(groups[column.path[0]]) == 1 and _strips(column, words)
        at = 0 if shared else len(column.path) - 1
        for level, part in enumerate(column.path):
            told = column.unit and level == at
            texts[level, c] = words("head_with_unit", name=part, unit=column.unit) if told else part
    return texts


def _strips(column: Column, words: Words) -> bool:
    """Whether the recogniser takes the unit off a group's label again."""
    whole = words("head_with_unit", name=column.path[0], unit=column.unit)
    return without_unit(label(whole)) == label(column.path[0])
