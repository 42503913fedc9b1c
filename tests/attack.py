"""A reader who lays published releases side by side and works out what they withhold."""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from html import unescape
from pathlib import Path
from typing import NamedTuple

from nianbao.catalogue import Catalogue
from nianbao.catalogue.models import Item
from nianbao.disclosure import published_texts
from nianbao.formulas import Sum as Formula
from nianbao.period import Period

Sum = tuple[Mapping[object, int], int]  # coefficients by unknown, and what they add up to
Table = tuple[str, tuple[Period, ...]]  # an item over quarters


class Cell(NamedTuple):
    """An item over quarters at a place."""

    item: str
    quarters: tuple[Period, ...]
    place: str


# --- what the files say ---------------------------------------------------------------------------


class Said(NamedTuple):
    """One published number of an indicator (`item` empty) or of an item of it."""

    indicator: str
    item: str
    place: str
    period: Period
    number: str


_FIGURE = re.compile(
    r'<data value="(?P<number>[^"]*)" data-indicator="(?P<indicator>[a-z]\w*)" '
    r'data-place="(?P<place>\w+)" data-period="(?P<period>\w+)" data-column="(?P<column>\w+)"'
)
_CARD = re.compile(r'<div popover id="s-(\w+)-(\w+)".*?</div>', re.DOTALL)
_PART = re.compile(
    r"(上年(?:同期)?)?(?:分[子母]：)?([^\s：＝＋－×÷<>]+)＝(?:<data[^>]*>)?([0-9][0-9,.]*)"
)


def said(release: Path, catalogue: Catalogue) -> Iterator[Said]:
    """Every number of a place that the manifest, the page and the working papers give."""
    manifest = json.loads((release / "manifest.json").read_text(encoding="utf-8"))
    period = Period.parse(manifest["period"])
    for key, both in manifest["values"].items():
        name, place = key.split(" ")
        for when, number in zip((period, period.previous), both.split("|"), strict=True):
            yield Said(name, "", place, when, number)
    items = {item.zh: name for name, item in _items(catalogue)}
    for name, text in published_texts(release):
        if not name.endswith((".html", ".ipynb")):
            continue
        for found in _FIGURE.finditer(text):
            about = (found["indicator"], "", found["place"])
            if found["column"] in ("value", "previous"):
                when = Period.parse(found["period"])
                when = when.previous if found["column"] == "previous" else when
                yield Said(*about, when, found["number"])
        for card in _CARD.finditer(text):
            for before, item, number in _PART.findall(unescape(card[0])):
                if item in items:
                    when = period.previous if before else period
                    plain = number.replace(",", "")
                    yield Said(card[1], items[item], card[2], when, plain)


def _items(catalogue: Catalogue) -> Iterator[tuple[str, Item]]:
    for form in catalogue.forms.values():
        for table in form.tables.values():
            yield from table.items.items()


# --- what follows from it -------------------------------------------------------------------------


def cell_of(catalogue: Catalogue, item: str, place: str, period: Period) -> Cell:
    """Which count a number of an item is: a level of the last quarter, or a sum over all."""
    stock = catalogue.flow_of(item) == "stock"
    return Cell(item, period.quarters[-1:] if stock else period.quarters, place)


def sums_of(numbers: Iterable[Said], catalogue: Catalogue) -> list[Sum]:
    """The equations that published numbers make, with those that everybody knows beside them."""
    known: dict[Cell, int] = {}
    sums: list[Sum] = []
    for one in numbers:
        if not one.number.isdecimal():
            continue
        indicator = catalogue.indicators[one.indicator]
        formula = indicator.numerator
        if one.item:
            known[cell_of(catalogue, one.item, one.place, one.period)] = int(one.number)
        elif isinstance(formula, Formula) and not indicator.denominator:
            terms = {
                cell_of(catalogue, item, one.place, one.period): sign
                for sign, item in formula.terms
            }
            sums.append((terms, int(one.number)))
    sums += [({cell: 1}, number) for cell, number in known.items()]
    cells = {cell for terms, _ in sums for cell in terms}
    tables = {
        (item, quarters)
        for item, quarters, place in cells
        if place == catalogue.district and "township" in catalogue.table_of(item).kinds_of(item)
    }
    townships = [code for code, place in catalogue.places.items() if place.kind == "township"]
    for table in tables:
        district = {Cell(*table, catalogue.district): -1}
        sums.append(({**{Cell(*table, place): 1 for place in townships}, **district}, 0))
        for place in townships:
            sums += list(_bounded(catalogue, table, place, tables))
    return sums


def _bounded(
    catalogue: Catalogue,
    table: Table,
    place: str,
    tables: Collection[Table],
) -> Iterator[Sum]:
    """A longer span has at least as much; `a <= b` on the form. What is over is an unknown too."""
    item, quarters = table
    for other in tables:
        if (
            other[0] == item
            and catalogue.flow_of(item) != "stock"
            and set(other[1]) < set(quarters)
        ):
            yield _at_most(Cell(*other, place), Cell(*table, place))
    for rule in catalogue.table_of(item).identities:
        if rule.holds.op == "<=" and [term.item for term in rule.holds.left] == [item]:
            for larger in rule.holds.right:
                if (larger.item, quarters) in tables:
                    yield _at_most(Cell(*table, place), Cell(larger.item, quarters, place))


def _at_most(less: Cell, more: Cell) -> Sum:
    return {more: 1, less: -1, ("over", less, more): -1}, 0


def possible(sums: Collection[Sum], most: int) -> dict[object, tuple[int, int]]:
    """The least and the greatest whole number that each unknown can be, by linear bounds.

    Every unknown is at least 0 and at most `most`; each sum narrows its unknowns by what the
    others can be, until nothing narrows any more.
    """
    bounds = {name: (0, most) for terms, _ in sums for name in terms}
    narrowed = True
    while narrowed:
        narrowed = False
        for terms, total in sums:
            ends = {n: sorted((f * bounds[n][0], f * bounds[n][1])) for n, f in terms.items()}
            least = sum(low for low, _ in ends.values())
            greatest = sum(high for _, high in ends.values())
            for name, factor in terms.items():
                low, high = ends[name]
                limits = [(total - greatest + high) / factor, (total - least + low) / factor]
                now = (
                    max(bounds[name][0], -int(-min(limits) // 1)),
                    min(bounds[name][1], int(max(limits) // 1)),
                )
                if now != bounds[name]:
                    bounds[name], narrowed = now, True
    return bounds
