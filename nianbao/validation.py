"""勾稽: what must agree inside a form, from month to month, and between rows and their totals."""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from nianbao.catalogue import Catalogue, Table
from nianbao.facts import ZERO, Control, Fact, Number, RowReading
from nianbao.findings import Finding
from nianbao.formulas import Identity, Sum, holds
from nianbao.rounding import plain

Numbers = Mapping[str, Number]


def check_identities(catalogue: Catalogue, readings: Iterable[RowReading]) -> list[Finding]:
    """Every identity of a form at every row, where all its numbers are exact and there."""
    findings: list[Finding] = []
    for reading in _whole_tables(catalogue, readings):
        table = catalogue.forms[reading.form].tables[reading.table_id]
        for identity in table.identities:
            findings.extend(_broken(identity, reading, table))
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
    rows: dict[tuple[str, str, str, str, str, str], dict[str, Number]] = {}
    for fact in facts:
        home = catalogue.home(fact.item)
        table = catalogue.forms[home.form].tables[home.table]
        if table.kind == "ledger" and table.identities and fact.value is not None:
            key = (fact.period, fact.place, fact.form, home.table, fact.file, fact.sheet)
            number = Number(fact.value, fact.qualifier, fact.cell)
            rows.setdefault(key, {})[fact.item] = number
    readings = (
        RowReading(period, 0, place, form, table_id, file, sheet, 0, numbers)
        for (period, place, form, table_id, file, sheet), numbers in rows.items()
    )
    return check_identities(catalogue, readings)


def _broken(identity: Identity, reading: RowReading, table: Table) -> list[Finding]:
    left, right = _total(identity.left, reading.numbers), _total(identity.right, reading.numbers)
    if left is None or right is None or holds(left, identity.op, right):
        return []
    first = identity.left.items[0]
    cells = "、".join(
        f"{table.items[item].zh} {reading.numbers[item].cell}={plain(reading.numbers[item].value)}"
        for item in (*identity.left.items, *identity.right.items)
    )
    return [
        Finding(
            "E_IDENTITY",
            period=reading.period,
            place=reading.place,
            form=reading.form,
            item=first,
            file=reading.file,
            sheet=reading.sheet,
            cell=reading.numbers[first].cell,
            words={
                "name": _said(identity, table),
                "found": plain(left),
                "expected": plain(right),
                "detail": cells,
            },
        )
    ]


def _said(identity: Identity, table: Table) -> str:
    def sum_said(part: Sum) -> str:
        text = ""
        for sign, item in part.terms:
            text += ("＋" if sign > 0 else "－") if text else ""
            text += table.items[item].zh
        return text

    op = "＝" if identity.op == "=" else "≤"
    return f"{sum_said(identity.left)}{op}{sum_said(identity.right)}"


def _total(part: Sum, numbers: Numbers) -> Decimal | None:
    total = ZERO
    for sign, item in part.terms:
        if item not in numbers or numbers[item].qualifier != "=":
            return None
        total += sign * numbers[item].value
    return total


def check_carry_forward(catalogue: Catalogue, readings: Iterable[RowReading]) -> list[Finding]:
    """期末 of one month is 期初 of the next, at every place."""
    series: dict[tuple[str, str, str], list[RowReading]] = {}
    for reading in readings:
        table = catalogue.forms[reading.form].tables[reading.table_id]
        if table.carry_forward and reading.month:
            series.setdefault((reading.form, reading.table_id, reading.place), []).append(reading)
    findings: list[Finding] = []
    for (form, table_id, _), months in series.items():
        table = catalogue.forms[form].tables[table_id]
        months.sort(key=_when)
        for before, after in itertools.pairwise(months):
            if _when(after) - _when(before) != 1:
                continue
            for closing, opening in table.carry_forward.items():
                findings.extend(_not_carried(table, closing, opening, before, after))
    return findings


def _when(reading: RowReading) -> int:
    return int(reading.period[:4]) * 12 + reading.month


def _not_carried(
    table: Table, closing: str, opening: str, before: RowReading, after: RowReading
) -> list[Finding]:
    if closing not in before.numbers or opening not in after.numbers:
        return []
    end, start = before.numbers[closing], after.numbers[opening]
    if end.value == start.value or not end.qualifier == start.qualifier == "=":
        return []
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
                "name": f"上月{table.items[closing].zh}＝本月{table.items[opening].zh}",
                "found": plain(end.value),
                "expected": plain(start.value),
                "detail": f"{before.file} › {before.sheet} › {end.cell}、"
                f"{after.sheet} › {start.cell}",
            },
        )
    ]


def check_totals(catalogue: Catalogue, controls: Iterable[Control]) -> list[Finding]:
    """合计 and 小计 rows against the sum of their rows; they are compared, never added.

    A total is not held against rows of which one has no number, or an approximate one.
    """
    return [
        finding
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
    if table.items[item].type in ("flag", "named") or sum(exact, ZERO) == stated.value:
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
        },
    )
