"""A sheet before it is drawn: a title, some notes, and one table of texts and numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Kind = Literal["name", "short", "number", "words"]
Cell = str | int | Decimal
"""A number keeps the decimals that it is printed with."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its head, and what stands in it."""

    head: str
    kind: Kind = "short"


@dataclass(frozen=True, slots=True)
class Page:
    """One sheet with its one table."""

    key: str  # what programs know the table by: `values`
    name: str  # what the sheet is called
    title: str
    notes: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    links: tuple[str, ...] = ()  # the sheets to which the first cells of the rows lead


def distinct(heads: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """The heads (text, code) of a table, each only once; the code tells two of the same apart."""
    seen: dict[str, str] = {}
    for text, code in heads:
        head, number = " ".join(text.split()) or code, 1
        while head.casefold() in seen:
            head, number = f"{text} {code}{number if number > 1 else ''}", number + 1
        seen[head.casefold()] = head
    return tuple(seen.values())
