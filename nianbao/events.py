"""The events of a ledger: its rows as they were read, before anything is counted."""

import datetime
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from nianbao.numerals import Qualifier
from nianbao.period import squeezed
from nianbao.rounding import plain


class Entry(NamedTuple):
    """A number of an event: what it is worth, and how it was typed."""

    value: Decimal
    qualifier: Qualifier
    raw: str


@dataclass(frozen=True, slots=True)
class Event:
    """One row of a ledger, read: dates, choices, numbers, places and texts by field."""

    row: int
    dates: Mapping[str, datetime.date]
    words: Mapping[str, str]
    numbers: Mapping[str, Entry]
    place: str

    def said(self, field: str) -> str:
        """What a field says, as text to tell events apart by."""
        if field in self.dates:
            return self.dates[field].isoformat()
        if field in self.numbers:
            return plain(self.numbers[field].value)
        return squeezed(self.words.get(field, ""))

    def content(self) -> Hashable:
        """All that the event says, wherever it stands and however it was typed."""
        fields = sorted({*self.dates, *self.words, *self.numbers})
        return self.place, *((field, self.said(field)) for field in fields)
