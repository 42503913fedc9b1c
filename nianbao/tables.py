"""Tables of the report: which rows they have and in which order; their words are in `wording/`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from nianbao.catalogue import Catalogue
from nianbao.figures import Figures
from nianbao.period import Period
from nianbao.printing import Said
from nianbao.schema import records


def groups_of(catalogue: Catalogue, period: Period) -> tuple[str, ...]:
    """The groups that have an indicator in a period, in the outline's order."""
    groups = catalogue.outline.groups or dict.fromkeys(
        one.section for one in catalogue.indicators.values()
    )
    return tuple(group for group in groups if indicators_of(catalogue, group, period))


def numbered_tables(catalogue: Catalogue, period: Period) -> tuple[str, ...]:
    """The numbered tables, in the order in which a reader meets them."""
    return (
        *(["targets"] if catalogue.targets else []),
        *(["townships"] if catalogue.outline.township_table else []),
        *(f"values_{group}" for group in groups_of(catalogue, period)),
    )


def indicators_of(catalogue: Catalogue, group: str, period: Period) -> tuple[str, ...]:
    """The indicators of one group that are collected in a period, in the catalogue's order."""
    return tuple(
        name
        for name, one in catalogue.indicators.items()
        if one.section == group and catalogue.collected(name, period)
    )


@dataclass(frozen=True, slots=True)
class TownshipRow:
    """One township and its figures, in the order of the table's columns."""

    place: str
    cells: tuple[Said | None, ...]


def township_rows(figures: Figures, indicators: Iterable[str]) -> tuple[TownshipRow, ...]:
    """Townships in official order by indicators; None where a township has no such figure."""
    wanted = tuple(indicators)
    catalogue = figures.catalogue
    rows = []
    for code in catalogue.townships(figures.period):
        cells: list[Said | None] = []
        for name in wanted:
            try:
                cells.append(Said(figures.figure(name, code), catalogue))
            except LookupError:
                cells.append(None)
        rows.append(TownshipRow(code, tuple(cells)))
    return tuple(rows)


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """Findings of one code together; changes worth a look (W_JUMP) also by indicator."""

    severity: str
    code: str
    item: str
    count: int
    files: int
    examples: tuple[Mapping[str, str], ...]


def finding_groups(findings: pd.DataFrame, examples: int = 3) -> tuple[FindingGroup, ...]:
    """Findings by code, errors first, then by number, each with a few examples."""
    rank = {"error": 0, "warning": 1, "info": 2}
    groups: dict[tuple[str, str, str], list[Mapping[str, str]]] = {}
    for row in records(findings):
        item = row["item"] if row["code"] == "W_JUMP" else ""
        groups.setdefault((row["severity"], row["code"], item), []).append(row)
    made = [
        FindingGroup(
            severity,
            code,
            item,
            len(rows),
            len({row["file"] for row in rows}),
            tuple(rows[:examples]),
        )
        for (severity, code, item), rows in groups.items()
    ]
    return tuple(sorted(made, key=lambda g: (rank[g.severity], bool(g.item), -g.count, g.code)))
