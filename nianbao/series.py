"""Series: what the years of a table of years must not be, seen side by side."""

import itertools
from collections.abc import Iterable, Iterator
from decimal import Decimal

from nianbao.catalogue import Catalogue
from nianbao.facts import RowReading
from nianbao.findings import Finding

_FEWEST = 3  # numbers that agree by chance; more of them hardly do
_Numbers = dict[tuple[str, str], tuple[Decimal, str]]  # place, item → value, cell


def check_repeated_years(catalogue: Catalogue, readings: Iterable[RowReading]) -> Iterator[Finding]:
    """Two neighbouring years with all the same numbers: one of them is a stale copy."""
    tables: dict[tuple[str, str], dict[str, list[RowReading]]] = {}
    for reading in readings:
        if catalogue.forms[reading.form].tables[reading.table_id].yearly:
            years = tables.setdefault((reading.form, reading.table_id), {})
            years.setdefault(reading.period, []).append(reading)
    for (form, table_id), years in tables.items():
        title = catalogue.forms[form].tables[table_id].title
        for before, after in itertools.pairwise(sorted(years)):
            first, second = _numbers(years[before]), _numbers(years[after])
            if int(after) - int(before) != 1 or not _same(first, second):
                continue
            row, copied = years[after][0], years[before][0]
            yield Finding(
                "W_SAME_NUMBERS",
                period=after,
                place=row.place if len(years[after]) == 1 else "",
                form=form,
                file=row.file,
                sheet=row.sheet,
                cell=next(iter(second.values()))[1],
                words={
                    "name": title,
                    "found": after,
                    "expected": before,
                    "detail": str(len(second)),
                    "known": f"{copied.file} › {copied.sheet} › {next(iter(first.values()))[1]}",
                },
            )


def _numbers(rows: Iterable[RowReading]) -> _Numbers:
    return {
        (row.place, item): (number.value, number.cell)
        for row in rows
        for item, number in row.numbers.items()
    }


def _same(first: _Numbers, second: _Numbers) -> bool:
    """Whether all numbers agree, and they are not all zero."""
    if len(second) < _FEWEST or first.keys() != second.keys():
        return False
    values = [(first[key][0], second[key][0]) for key in second]
    return all(one == other for one, other in values) and any(one for one, _ in values)
