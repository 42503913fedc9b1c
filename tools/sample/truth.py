"""The truth: what correct cleaning must read from the sample, number by number."""

import csv
import gzip
import io
from decimal import Decimal
from pathlib import Path

COLUMNS = ("period", "part", "place", "item", "value", "qualifier")


def plain(value: int | Decimal) -> str:
    """A number without exponent, thousands mark or trailing zeros: 1200, 12.5."""
    text = f"{Decimal(value):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


class Truth:
    """Every number of the sample, once: (period, part, place, item) -> (value, qualifier)."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, str, str, str], tuple[str, str]] = {}

    def note(
        self,
        period: str,
        place: str,
        item: str,
        value: int | Decimal,
        *,
        part: str = "",
        qualifier: str = "=",
    ) -> None:
        """Keep one number; a number told twice is a mistake of the generator."""
        key = (period, part, place, item)
        if key in self._numbers:
            raise ValueError(f"told twice: {key}")
        self._numbers[key] = (plain(value), qualifier)

    def rows(self) -> list[tuple[str, ...]]:
        """Sorted by period, part, place and item."""
        return [(*key, *told) for key, told in sorted(self._numbers.items())]

    def write(self, path: Path) -> None:
        """As csv in gzip, the same bytes for the same numbers."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(self.rows())
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(text.getvalue().encode(), compresslevel=9, mtime=0))
