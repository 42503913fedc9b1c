"""勾稽: what must agree inside a form, from month to month, and between rows and their totals."""

import itertools
import string
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from nianbao.catalogue import Catalogue, Table
from nianbao.catalogue.models import Rule
from nianbao.counting import combined
from nianbao.facts import ZERO, Control, Fact, Number, RowReading
from nianbao.findings import Finding
from nianbao.formulas import Term, agree, said
from nianbao.period import Period
from nianbao.rounding import plain

Numbers = Mapping[str, Number]


def check_identities(catalogue: Catalogue, readings: Iterable[RowReading]) -> list[Finding]:
    """Every identity of a form at every row, where all its numbers are exact and there."""
    findings: list[Finding] = []
    for reading in _whole_tables(catalogue, readings):
        table = catalogue.forms[reading.form].tables[reading.table_id]
        for rule in table.identities:
            findings.extend(map(reading.weighed, _broken(rule, reading, table)))
    return findings


def _whole_tables(catalogue: Catalogue, readings: Iterable[RowReading]) -> Iterator[RowReading]:
    """Rows as they are; a table of labels, whose items stand in a row each, as a single row."""
    together: dict[tuple[str, str, str, str], list[RowReading]] = {}
    for reading in readings:
        table = catalogue.forms[reading.form].tables[reading.table_id]
        if table.rows == "label" and not table.each_row:
            key = (reading.form, reading.table_id, reading.file, reading.sheet)
            together.setdefault(key, []).append(reading)
        else:
            yield reading
    for rows in together.values():
        yield replace(rows[0], numbers={k: n for row in rows for k, n in row.numbers.items()})


def check_ledger_identities(catalogue: Catalogue, facts: Iterable[Fact]) -> list[Finding]:
    """The same for ledgers, at every place and period, over the items counted there."""
    rows: dict[tuple[str, str, str, str, str], dict[str, Number]] = {}
    sheets: dict[tuple[str, str, str, str, str], str] = {}  # the first of those that it stands on
    for fact in facts:
        home = catalogue.home(fact.item)
        table = catalogue.forms[home.form].tables[home.table]
        if table.kind == "ledger" and table.identities and fact.value is not None:
            key = (fact.period, fact.place, fact.form, home.table, fact.file)
            sheets.setdefault(key, fact.sheet)
            number = Number(fact.value, fact.qualifier, fact.cell)
            if before := rows.setdefault(key, {}).get(fact.item):  # a ledger on several sheets
                sure = combined(before.qualifier, fact.qualifier)
                cells = f"{before.cell}、{fact.sheet} › {fact.cell}"
                number = Number(before.value + fact.value, sure, cells)
            rows[key][fact.item] = number
    readings = (
        RowReading(period, 0, place, form, table_id, file, sheets[key], 0, numbers)
        for key, numbers in rows.items()
        for period, place, form, table_id, file in [key]
    )
    return check_identities(catalogue, readings)


def _broken(rule: Rule, reading: RowReading, table: Table) -> list[Finding]:
    holds, numbers = rule.holds, reading.numbers
    left, right = _total(holds.left, numbers), _total(holds.right, numbers)
    if left is None or right is None or agree(left, holds.op, right, rule.tolerance):
        return []
    first = holds.left[0].item
    cells = "、".join(
        f"{table.items[term.item].zh} {numbers[term.item].cell}={plain(numbers[term.item].value)}"
        for term in holds.terms
    )
    return [
        Finding(
            "E_IDENTITY" if rule.severity == "error" else "W_IDENTITY",
            period=reading.period,
            place=reading.place,
            form=reading.form,
            item=first,
            file=reading.file,
            sheet=reading.sheet,
            cell=numbers[first].cell,
            words={
                "name": said(holds, {name: item.zh for name, item in table.items.items()}),
                "found": plain(left),
                "expected": plain(right),
                "detail": cells,
            },
        )
    ]


def _total(terms: tuple[Term, ...], numbers: Numbers) -> Decimal | None:
    total = ZERO
    for term in terms:
        if term.item not in numbers or numbers[term.item].qualifier != "=":
            return None
        total += term.factor * numbers[term.item].value
    return total


def check_carry_forward(catalogue: Catalogue, readings: Iterable[RowReading]) -> list[Finding]:
    """期末 of one month, quarter or year is 期初 of the next, at every place."""
    series: dict[tuple[str, str, str], list[RowReading]] = {}
    for reading in _whole_tables(catalogue, readings):
        if catalogue.forms[reading.form].tables[reading.table_id].carry_forward:
            series.setdefault((reading.form, reading.table_id, reading.place), []).append(reading)
    findings: list[Finding] = []
    for (form, table_id, _), told in series.items():
        table = catalogue.forms[form].tables[table_id]
        told.sort(key=_when)
        for before, after in itertools.pairwise(told):
            if _when(after) - _when(before) != 1:
                continue
            for closing, opening in table.carry_forward.items():
                off = _not_carried(table, closing, opening, before, after)
                findings.extend(map(after.weighed, off))
    return findings


def _when(reading: RowReading) -> int:
    """A number that grows by one from month to month, from quarter to quarter or year to year."""
    period = Period.parse(reading.period)
    if reading.month:
        return period.year * 12 + reading.month
    return period.year * 4 + period.quarter if period.quarter else period.year


def _not_carried(
    table: Table, closing: str, opening: str, before: RowReading, after: RowReading
) -> list[Finding]:
    if closing not in before.numbers or opening not in after.numbers:
        return []
    end, start = before.numbers[closing], after.numbers[opening]
    if end.value == start.value or not end.qualifier == start.qualifier == "=":
        return []
    last, this = ("上月", "本月") if after.month else ("上季度", "本季度")
    if after.period.isdecimal():
        last, this = "上年", "本年"
    return [
        Finding(
            "E_IDENTITY",
            period=after.period,
            place=after.place,
            form=after.form,
            item=opening,
            file=after.file,
            sheet=after.sheet,
            cell=start.cell,
            words={
                "name": f"{last}{table.items[closing].zh}＝{this}{table.items[opening].zh}",
                "found": plain(end.value),
                "expected": plain(start.value),
                "detail": f"{before.file} › {before.sheet} › {end.cell}、"
                f"{after.file} › {after.sheet} › {start.cell}",
            },
        )
    ]


def check_totals(catalogue: Catalogue, controls: Iterable[Control]) -> list[Finding]:
    """合计 and 小计 rows against the sum of their rows; they are compared, never added.

    A total is not held against rows of which one has no number, or an approximate one.
    """
    return [
        control.reading.weighed(finding)
        for control in controls
        for item, stated in control.reading.numbers.items()
        if (finding := _off_total(catalogue, control, item, stated))
    ]


def _off_total(catalogue: Catalogue, control: Control, item: str, stated: Number) -> Finding | None:
    reading = control.reading
    table = catalogue.forms[reading.form].tables[reading.table_id]
    parts = [row.numbers.get(item) for row in control.of]
    exact = [part.value for part in parts if part and part.qualifier == "="]
    if not parts or len(exact) != len(parts) or stated.qualifier != "=":
        return None
    if table.items[item].type in ("flag", "named", "rate") or sum(exact, ZERO) == stated.value:
        return None
    within = abs(sum(exact, ZERO) - stated.value) <= table.tolerance
    return Finding(
        "W_TOTAL_MISMATCH" if within else "E_TOTAL_MISMATCH",
        period=reading.period,
        form=reading.form,
        item=item,
        file=reading.file,
        sheet=reading.sheet,
        cell=stated.cell,
        words={
            "name": f"{control.label}·{table.items[item].zh}",
            "found": plain(stated.value),
            "expected": plain(sum(exact, ZERO)),
            "detail": _cells([part.cell for part in parts if part]),
        },
    )


def _cells(cells: Sequence[str]) -> str:
    """Cells of one column as ranges: C5, C6, C8 are C5:C6、C8."""
    runs: list[list[str]] = []
    for cell in sorted(cells, key=_row):
        if runs and _row(cell) == _row(runs[-1][-1]) + 1:
            runs[-1].append(cell)
        else:
            runs.append([cell])
    return "、".join(run[0] if len(run) == 1 else f"{run[0]}:{run[-1]}" for run in runs)


def _row(cell: str) -> int:
    return int(cell.lstrip(string.ascii_uppercase))
