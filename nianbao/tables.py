"""Tables of the report: which rows they have and in which order; their words are in `wording/`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from nianbao.catalogue import Catalogue, Indicator
from nianbao.figures import Figures
from nianbao.formulas import Formula, PlaceCount, Sum
from nianbao.printing import Said
from nianbao.rounding import plain
from nianbao.schema import records

SECTIONS = ("party", "coordination", "government", "society", "problem")
ORDER = ("targets", "townships", *(f"values_{section}" for section in SECTIONS))
"""The numbered tables, in the order in which a reader meets them."""


def indicators_of(catalogue: Catalogue, section: str) -> tuple[str, ...]:
    """The indicators of one section, in the catalogue's order."""
    return tuple(name for name, one in catalogue.indicators.items() if one.section == section)


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


def formula_words(catalogue: Catalogue, name: str) -> str:
    """An indicator's formula in words: 负责人出庭件数 ÷ 开庭审理件数 × 100%."""
    indicator = catalogue.indicators[name]
    if indicator.across:
        of = catalogue.indicators[indicator.across.of].name
        return f"“{of}”在各镇街的{_SPREAD[indicator.across.measure]}"
    if indicator.diversity:
        parts = "、".join(catalogue.home(item).item.zh for item in indicator.diversity.items)
        return f"{parts}的{_DIVERSITY[indicator.diversity.measure]}"
    if indicator.index:
        return "；".join(
            f"{catalogue.indicators[part].name}（权重{plain(c.weight)}，满分值{plain(c.full_marks)}）"
            for part, c in indicator.index.components.items()
        )
    return _ratio_words(catalogue, indicator)


_SPREAD = {
    "cv": "离散系数（标准差÷平均数）",
    "max_min": "最高值÷最低值",
    "gini": "基尼系数",
    "below_half_median": "不足中位数一半的镇街数÷镇街总数×100%",
}
_DIVERSITY = {
    "evenness": "香农指数÷最大值",
    "top_share": "首位占比×100%",
    "distinct": "种类数",
}
_OPS = {">=": "不少于", "<=": "不超过", "==": "等于", "=": "等于", ">": "多于", "<": "少于"}


def _ratio_words(catalogue: Catalogue, indicator: Indicator) -> str:
    words = _formula_words(catalogue, indicator.numerator)
    if indicator.denominator is None:
        return words
    bottom = _formula_words(catalogue, indicator.denominator)
    if isinstance(indicator.numerator, Sum) and len(indicator.numerator.terms) > 1:
        words = f"（{words}）"
    if isinstance(indicator.denominator, Sum) and len(indicator.denominator.terms) > 1:
        bottom = f"（{bottom}）"
    return f"{words} ÷ {bottom}" + (" × 100%" if indicator.is_rate else "")


def _formula_words(catalogue: Catalogue, formula: Formula | None) -> str:
    if formula is None:
        return ""
    if isinstance(formula, PlaceCount):
        inside = _sum_words(catalogue, formula.of)
        if formula.op == ">=" and formula.value == 0:
            return "应报单位数"
        return f"“{inside}”{_OPS[formula.op]}{plain(formula.value)}的单位数"
    return _sum_words(catalogue, formula)


def _sum_words(catalogue: Catalogue, formula: Sum) -> str:
    words = ""
    for sign, item in formula.terms:
        words += (" ＋ " if sign > 0 else " － ") if words else ""
        words += catalogue.home(item).item.zh
    return words
