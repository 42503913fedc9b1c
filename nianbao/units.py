"""Units: a number that is out by so much that it was probably typed in another unit (元 for 万元).

Thresholds: `unit_suspect` in catalogue/office.yml.
"""

import functools
import statistics
from collections.abc import Iterable, Iterator
from decimal import Decimal

from nianbao.catalogue import Catalogue
from nianbao.facts import ZERO, Fact
from nianbao.findings import Finding
from nianbao.period import Period
from nianbao.rounding import plain

_TEN_THOUSAND = Decimal(10_000)
_SLACK = 100
_Key = tuple[str, str, int]  # place, period, month


def check_units(catalogue: Catalogue, facts: Iterable[Fact]) -> list[Finding]:
    """Numbers far from the same place's a year or a quarter before, or from the other places'."""
    items: dict[str, dict[_Key, Fact]] = {}
    for fact in facts:
        if fact.value and catalogue.home(fact.item).item.type in ("count", "amount"):
            told = items.setdefault(fact.item, {})
            told[fact.place, fact.period, fact.month] = fact
    return [finding for told in items.values() for finding in _suspects(catalogue, told)]


def _suspects(catalogue: Catalogue, told: dict[_Key, Fact]) -> Iterator[Finding]:
    """The suspects of one item, in order of time: a suspect is no measure for later numbers."""
    good = dict(told)
    groups = _groups(catalogue, told.values())
    medians = {key: statistics.median(values.values()) for key, values in groups.items()}
    for key, fact in sorted(told.items()):
        group = _group(catalogue, fact)
        before = [good[earlier] for earlier in _earlier(*key) if earlier in good]
        compared = [(one.value or ZERO, _address(one)) for one in before]
        # the median of all is near that of the others: only a number far from it is looked into
        if len(groups[group]) > catalogue.office.unit_suspect.others and _is_far(
            catalogue, fact, medians[group], slack=_SLACK
        ):
            others = [value for code, value in groups[group].items() if code != fact.place]
            compared.append((statistics.median(others), f"其他{len(others)}个单位的中位数"))
        far = [(base, where) for base, where in compared if _is_far(catalogue, fact, base)]
        if far:
            del good[key]
            yield _finding(catalogue, fact, far)


@functools.cache
def _periods_before(period: str) -> tuple[str, str]:
    """The same period a year before, and the quarter before ("" for a year)."""
    now = Period.parse(period)
    if not now.quarter:
        return now.previous.name, ""
    last = Period(now.year, now.quarter - 1) if now.quarter > 1 else Period(now.year - 1, 4)
    return now.previous.name, last.name


def _earlier(place: str, period: str, month: int) -> Iterator[_Key]:
    """The same place's number a year before, then the one a quarter before."""
    year, quarter = _periods_before(period)
    yield place, year, month
    yield place, quarter, (month + 8) % 12 + 1 if month else 0


def _group(catalogue: Catalogue, fact: Fact) -> tuple[str, int, str]:
    return fact.period, fact.month, catalogue.places[fact.place].kind


def _groups(
    catalogue: Catalogue, facts: Iterable[Fact]
) -> dict[tuple[str, int, str], dict[str, Decimal]]:
    """The numbers of one period at all places of one kind."""
    groups: dict[tuple[str, int, str], dict[str, Decimal]] = {}
    for fact in facts:
        groups.setdefault(_group(catalogue, fact), {})[fact.place] = fact.value or ZERO
    return groups


def _is_far(catalogue: Catalogue, fact: Fact, base: Decimal, slack: int = 1) -> bool:
    """Whether one number is so many times the other; counts must also be large to be suspect."""
    limits = catalogue.office.unit_suspect
    value = fact.value or ZERO
    less, more = (value, base) if value < base else (base, value)
    if not 0 < less * limits.times <= more * slack:
        return False
    amount = catalogue.home(fact.item).item.type == "amount"
    return amount or more * slack >= limits.counts_from


def _address(fact: Fact) -> str:
    return f"{fact.period} {fact.file} › {fact.sheet} › {fact.cell}"


def _finding(catalogue: Catalogue, fact: Fact, far: list[tuple[Decimal, str]]) -> Finding:
    item = catalogue.home(fact.item).item
    value = fact.value or ZERO
    meant = value / _TEN_THOUSAND if value > far[0][0] else value * _TEN_THOUSAND
    return Finding(
        "W_UNIT_SUSPECT",
        period=fact.period,
        place=fact.place,
        form=fact.form,
        item=fact.item,
        file=fact.file,
        sheet=fact.sheet,
        cell=fact.cell,
        words={
            "name": item.zh,
            "found": plain(value),
            "expected": plain(meant),
            "near": item.unit,
            "detail": "、".join(f"{where}={plain(base)}" for base, where in far),
        },
    )
