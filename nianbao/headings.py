"""What stands in and above the head of a table: columns lacking or beside, signs, other periods."""

from collections.abc import Iterator

from nianbao.addresses import Where
from nianbao.drift import Drift
from nianbao.findings import Finding
from nianbao.flows import FLOWS, OTHER
from nianbao.period import Period, flow_in_text, period_in_text, squeezed
from nianbao.readers import address
from nianbao.recognise import Rows
from nianbao.rows import is_marked


def about_head(where: Where, drift: Drift | None) -> Iterator[Finding]:
    """What the head lacks, has twice or has beside the form's own columns."""
    head = where.head
    cell = f"{head.first_row}:{head.last_row}"
    renamed = {item: "›".join(path) for item, path in drift.renamed} if drift else {}
    for item, path in head.labels.items():
        columns = dict(head.twice).get(item, ())
        if item not in head.columns:
            found = "、".join(address(head.last_row, column) for column in columns)
            words = {"name": "›".join(path), "near": renamed.get(item, ""), "found": found}
            yield where.finding("E_HEADER", cell, item=_item(where, item), **words)
    for _, extra in head.extra:
        yield where.finding("W_HEADER", cell, name=extra)
    if not head.in_force:
        yield where.finding("W_HEADER_OLD", cell, name=head.version_key)


def marked(where: Where, rows: Rows, body: range) -> Iterator[Finding]:
    """Labels with invisible characters: of columns, and of a grid's rows."""
    head = where.head
    labels = {column for column in (*head.group_columns, head.label_column) if column}
    for number in (*range(head.first_row, head.last_row + 1), *(body if labels else ())):
        for column, cell in enumerate(rows[number - 1], 1):
            if (number <= head.last_row or column in labels) and is_marked(cell):
                words = {"raw": str(cell), "name": squeezed(str(cell))}
                yield where.finding("W_CTRL_CHAR", address(number, column), **words)


def _item(where: Where, name: str) -> str:
    """The item of a column, where it is one's alone."""
    return name if name in where.table.items and where.table.kind == "grid" else ""


def other_period(where: Where, rows: Rows) -> Finding | None:
    """A title, or a line between it and the head, that names another period than the folder's."""
    yearly = where.table.yearly
    if not where.head.title_row or (yearly and where.table.each_sheet != "year"):
        return None
    for number in range(where.head.title_row, where.head.first_row):
        for text in rows[number - 1]:
            if not isinstance(text, str):
                continue
            said = period_in_text(text)
            if said is None or said in (where.period, Period(where.period.year)):
                if _says_other_flow(where, text):
                    return where.finding("E_FLOW", f"{number}:{number}", **_flows(where, text))
                continue
            words = {"found": said.name, "expected": where.period.name, "raw": where.sheet}
            code = "E_YEAR" if yearly else "E_PERIOD"
            return where.finding(code, f"{number}:{number}", **words)
    return None


def _says_other_flow(where: Where, text: str) -> bool:
    """Whether a title says 累计 where the quarter's own is asked for, or the reverse.

    In the first quarter both are one.
    """
    table, quarter = where.table, where.period.quarter
    if table.kind != "grid" or table.monthly or quarter in (None, 1):
        return False
    return OTHER.get(table.flow, "") == flow_in_text(text) != ""


def _flows(where: Where, text: str) -> dict[str, str]:
    asked = where.table.flow
    return {
        "name": where.table.title,
        "expected": FLOWS[asked],
        "found": FLOWS[OTHER[asked]],
        "detail": text.strip(),
    }
