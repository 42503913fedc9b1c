"""Cumulative forms: 年初至本期累计 turned into the quarter's own amount."""

from collections.abc import Iterable
from dataclasses import replace

from nianbao.catalogue import Catalogue
from nianbao.counting import combined
from nianbao.facts import Fact
from nianbao.findings import Finding
from nianbao.numerals import Qualifier
from nianbao.period import Period
from nianbao.rounding import plain

_TURNED: dict[Qualifier, Qualifier] = {"=": "=", "~": "~", ">=": "<=", "<=": ">="}


def differenced(catalogue: Catalogue, facts: Iterable[Fact]) -> tuple[list[Fact], list[Finding]]:
    """Take from every cumulative number the one of the quarter before, of the same year and place.

    Other facts pass as they are. Where the quarter before is missing, or says more than this one,
    there is no fact but a finding.
    """
    cumulative: dict[tuple[str, str], dict[Period, Fact]] = {}
    kept: list[Fact] = []
    findings: list[Finding] = []
    for fact in facts:
        table = catalogue.table_of(fact.item)
        if table.flow_of(fact.item) == "cumulative" and table.items[fact.item].type != "milestone":
            series = cumulative.setdefault((fact.item, fact.place), {})
            series[Period.parse(fact.period)] = fact
        else:
            kept.append(fact)
    for series in cumulative.values():
        for period, fact in sorted(series.items()):
            own = _own_amount(catalogue, period, fact, series)
            if isinstance(own, Fact):
                kept.append(own)
            else:
                findings.append(own)
    return kept, findings


def _own_amount(
    catalogue: Catalogue, period: Period, fact: Fact, series: dict[Period, Fact]
) -> Fact | Finding:
    if period.quarter in (None, 1) or fact.value is None:
        return fact
    before = series.get(Period(period.year, period.quarter - 1))
    if before is None or before.value is None:
        return _finding(catalogue, "W_CUM_GAP", fact, f"{period.year}Q{period.quarter - 1}")
    exact = fact.qualifier == before.qualifier == "="
    if fact.value < before.value:
        code = "E_CUM_DECREASE" if exact else "W_CUM_GAP"
        where = f"{before.file} › {before.sheet} › {before.cell}"
        return _finding(catalogue, code, fact, plain(before.value), where)
    qualifier = combined(fact.qualifier, _TURNED[before.qualifier])
    return replace(fact, value=fact.value - before.value, qualifier=qualifier)


def _finding(
    catalogue: Catalogue, code: str, fact: Fact, expected: str, where: str = ""
) -> Finding:
    return Finding(
        code,
        period=fact.period,
        place=fact.place,
        form=fact.form,
        item=fact.item,
        file=fact.file,
        sheet=fact.sheet,
        cell=fact.cell,
        words={
            "name": catalogue.home(fact.item).item.zh,
            "found": "" if fact.value is None else plain(fact.value),
            "expected": expected,
            "detail": where,
        },
    )
