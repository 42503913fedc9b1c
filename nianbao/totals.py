"""Totals: which rows of a grid are sums of which others."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from nianbao.catalogue import Table
from nianbao.facts import Control, RowReading
from nianbao.period import squeezed
from nianbao.rows import SUBTOTAL, TOTAL


class Standing(NamedTuple):
    """One row in the order of a grid: what it is (`data`, `total`, `subtotal`, `beside`)."""

    kind: str
    label: str
    reading: RowReading


def kind_of_total(table: Table, text: str) -> str:
    """What a row beside the data is: `beside` is neither added nor a sum (其中, 累计, 占比)."""
    word = squeezed(text)
    if TOTAL.match(word) or any(word == squeezed(total) for total in table.totals):
        return "total"
    return "subtotal" if SUBTOTAL.match(word) else "beside"


def controls(rows: Sequence[Standing]) -> Iterator[Control]:
    """Each total with its rows: 合计 has all of them, 小计 those above it, up to the next 小计.

    Where a 小计 opens the table, every 小计 stands above its own rows.
    """
    every = tuple(row.reading for row in rows if row.kind == "data")
    first = next((row.kind for row in rows if row.kind != "total"), "")
    for position, row in enumerate(rows):
        if row.kind == "total":
            yield Control(row.reading, row.label, every)
        elif row.kind == "subtotal":
            beside = rows[position + 1 :] if first == "subtotal" else rows[:position][::-1]
            yield Control(row.reading, row.label, tuple(_group(beside)))
        elif row.kind == "beside":
            yield Control(row.reading, row.label, ())


def _group(rows: Sequence[Standing]) -> Iterator[RowReading]:
    for row in rows:
        if row.kind in ("total", "subtotal"):
            return
        if row.kind == "data":
            yield row.reading
