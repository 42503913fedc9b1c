"""Roll-up: the raw forms of a parent area, filled in with what its districts' facts add up to.

Of the parent's forms, those that say `collected_from: districts` are grids with a row a district.
Each becomes one csv file a raw folder, with the release that a row comes from beside it; an
ordinary run reads it like any other form.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from nianbao import pointing
from nianbao.amounts import Amounts, FactIndex, Span
from nianbao.catalogue import Catalogue, load_catalogue
from nianbao.catalogue.models import Table
from nianbao.errors import CatalogueError
from nianbao.formulas import Sum
from nianbao.holding import open_folder, writing
from nianbao.numerals import print_number
from nianbao.period import Period, raw_periods
from nianbao.quantities import exact_text
from nianbao.schema import read_table
from nianbao.terminal import printable, say
from nianbao.workspace import Workspace

COLLECTED = "districts"
_REMARK = "备注"  # a column that no form counts
_CANNOT_BE_ADDED = ("rate", "named")

Wanted = Mapping[str, tuple[str, ...]]
"""Raw folder → items that the parent's forms collect for it."""


@dataclass(frozen=True, slots=True)
class Share:
    """What one district gives its parent: its names, its release, and folder → item → number."""

    names: tuple[str, ...]
    release: str
    numbers: Mapping[str, Mapping[str, str]]


# --- what is wanted -------------------------------------------------------------------------------


def wanted(catalogue: Catalogue, period: Period) -> dict[str, tuple[str, ...]]:
    """The items that the parent's forms collect from its districts, for each raw folder.

    Raises CatalogueError where there is no such form, or one asks for what cannot be added up.
    """
    own, before = raw_periods(period)
    found: dict[str, tuple[str, ...]] = {}
    for folder in (*before, *own):
        tables = [table for _, _, table in _tables(catalogue, folder)]
        for table in tables:
            _refuse_rates(table)
        if tables:
            found[folder.name] = tuple(item for table in tables for item in _items(table, folder))
    if not found:
        raise CatalogueError(
            say(
                zh=f"汇总工作区的目录里没有“collected_from: {COLLECTED}”的报表，无从汇总。",
                en=f"no form of the parent's catalogue says `collected_from: {COLLECTED}`; "
                "there is nothing to roll up.",
            )
        )
    return found


def _tables(catalogue: Catalogue, folder: Period) -> Iterator[tuple[str, str, Table]]:
    """The tables that are filled for one raw folder, with their form and their own name."""
    for form in catalogue.forms.values():
        yearly = catalogue.office.expects.get(form.form) == "year"
        if form.collected_from == COLLECTED and yearly == (folder.quarter is None):
            for name, table in form.tables.items():
                if table.exists_in(folder):
                    yield form.form, name, table


def _items(table: Table, folder: Period) -> tuple[str, ...]:
    return tuple(name for name in table.version(folder).columns if name in table.items)


def _refuse_rates(table: Table) -> None:
    for name, item in table.items.items():
        if item.type in _CANNOT_BE_ADDED:
            raise CatalogueError(
                say(
                    zh=f"《{table.title}》的 {name} 不能相加；请改收它的分子和分母。",
                    en=f"{name} of 《{table.title}》 cannot be added up; collect its numerator "
                    "and its denominator instead.",
                )
            )


# --- what a district gives ------------------------------------------------------------------------


def share(workspace: Workspace, period: Period, asked: Wanted, release: str) -> Share:
    """Add up a district's facts, as its last run left them; what is incomplete stays blank."""
    catalogue = load_catalogue(workspace)
    facts = read_table("facts", workspace.processed(period))
    amounts = Amounts(FactIndex(facts), catalogue)
    place = catalogue.places[catalogue.district]
    numbers = {
        folder: {item: _total(amounts, item, Period.parse(folder)) for item in items}
        for folder, items in asked.items()
    }
    return Share((place.name, *place.aliases, workspace.root.name), release, numbers)


def _total(amounts: Amounts, item: str, folder: Period) -> str:
    """A number as it is typed into a form; "" where a part of it, or the item itself, lacks."""
    catalogue = amounts.catalogue
    if not catalogue.knows(item) or (folder.quarter and catalogue.is_annual(item)):
        return ""
    quarters = (folder,) if folder.quarter else folder.quarters
    span = Span(quarters, folder.year)
    if not all(amount.complete for amount in amounts.by_place(item, span).values()):
        return ""
    total = amounts.total(Sum(((1, item),)), span)
    if total.value is None:
        return ""
    return print_number(Decimal(exact_text(total.value)), total.qualifier)


# --- the parent's forms ---------------------------------------------------------------------------


def fill(parent: Workspace, catalogue: Catalogue, period: Period, shares: Sequence[Share]) -> None:
    """Write the parent's forms, a row for each district that gave its share; the same stay as is.

    The caller holds the parent. Raises CatalogueError for a district that it does not list.
    """
    rows = {_place_of(catalogue, share): share for share in shares}
    if len(rows) < len(shares):
        raise CatalogueError(
            say(
                zh="有两个工作区的名称是汇总工作区 places.csv 的同一行，请核对。",
                en="two workspaces have the name of one row of the parent's places.csv.",
            )
        )
    own, before = raw_periods(period)
    for folder in (*before, *own):
        for form, name, table in _tables(catalogue, folder):
            path = parent.raw / folder.name / f"{form}-{name}.csv"
            with writing(parent):
                _write(path, list(_lines(catalogue, folder, table, rows)))


def _place_of(catalogue: Catalogue, share: Share) -> str:
    for code, place in catalogue.places.items():
        if place.kind == "township" and {place.name, *place.aliases} & set(share.names):
            return code
    named = "、".join(map(printable, share.names))
    raise CatalogueError(
        say(
            zh=f"汇总工作区的 places.csv 里没有：{named}。请补上这一行，或写成别名。",
            en=f"the parent's places.csv lists none of: {named}. Add the row, or an alias.",
        )
    )


def _lines(
    catalogue: Catalogue, folder: Period, table: Table, rows: Mapping[str, Share]
) -> Iterator[list[str]]:
    """Title, head, and a row for each district that reported anything then, in official order.

    Nothing at all where none did.
    """
    columns = table.version(folder).columns
    items = _items(table, folder)
    labels = [table.row_label, *(columns[item] for item in items), (_REMARK,)]
    told = {
        code: numbers
        for code in catalogue.places_of_kinds(("township",), folder)
        if code in rows and any((numbers := rows[code].numbers[folder.name]).values())
    }
    if not told:
        return
    yield [table.title, *([""] * (len(items) + 1))]
    for depth in range(max(map(len, labels))):
        yield [label[min(depth, len(label) - 1)] for label in labels]
    for code, numbers in told.items():
        name, release = catalogue.places[code].name, rows[code].release
        yield [name, *(numbers[item] for item in items), f"发布 {release}"]


def _write(path: Path, lines: Sequence[Sequence[str]]) -> None:
    if not lines:
        path.unlink(missing_ok=True)
        return
    open_folder(path.parent)
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(lines)
    content = text.getvalue().encode("utf-8-sig")
    if not path.is_file() or path.read_bytes() != content:
        pointing.replace(path, content)
        pointing.flush(path.parent)
