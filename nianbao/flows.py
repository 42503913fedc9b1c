"""Flows told the other way: 年初至本期累计 where the quarter's own was asked for, or the reverse.

The evidence is in the numbers: this year's so far and the same quarter of the year before say what
either reading would give, and a whole table of them says which was meant. One number never does.
"""

import math
import statistics
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from nianbao.catalogue import Catalogue
from nianbao.facts import ZERO, Applied, Fact
from nianbao.findings import Finding
from nianbao.period import Period
from nianbao.rounding import plain

_FEWEST = 5  # numbers that can be compared; fewer are no evidence
_STRAYS = {
    "quarter": 10,
    "cumulative": 5,
}  # one in so many may not lie nearer to the other reading,
_MARGIN = math.log(1.5)  # which the one in the middle does by so much, on a log scale
_MOST_SHOWN = 3  # numbers that a message names

Group = Sequence[Fact]
FLOWS = {"quarter": "当季数", "cumulative": "年初至本期累计数"}
OTHER = {"quarter": "cumulative", "cumulative": "quarter"}


@dataclass(frozen=True, slots=True)
class Sorted:
    """Facts that were told as the form asks, facts told the other way, and a word on the latter."""

    kept: list[Fact]
    refused: list[Fact]
    findings: list[Finding]

    def gaps(self) -> list[Finding]:
        """A word on every number that was taken out."""
        return [
            Finding("E_FLOW", file=fact.file, sheet=fact.sheet, item=fact.item, cell=fact.cell)
            for fact in self.refused
        ]


@dataclass(frozen=True, slots=True)
class _Evidence:
    """One number, and what it would be as the quarter's own or from 1 January."""

    fact: Fact
    value: Decimal
    before: Decimal  # this year up to the quarter before
    last_year: Decimal  # the same quarter's own
    last_year_before: Decimal  # up to the quarter before it

    @property
    def whole(self) -> bool:
        """Whether the year before says what either reading would give."""
        return bool(self.last_year and self.last_year_before)

    @property
    def growth(self) -> float:
        return float(self.before / self.last_year_before)


@dataclass(slots=True)
class _Told:
    """All numbers by item and place, and those found to be told the other way."""

    catalogue: Catalogue
    facts: dict[tuple[str, str], dict[Period, Fact]] = field(default_factory=dict)
    turned: set[tuple[str, str, Period]] = field(default_factory=set)

    def cumulative(self, fact: Fact) -> bool:
        """Whether a number runs from 1 January, as its form says or as its table told it."""
        turned = (fact.item, fact.place, Period.parse(fact.period)) in self.turned
        return (self.catalogue.flow_of(fact.item) == "cumulative") != turned

    def reach(self, item: str, place: str, period: Period) -> Decimal | None:
        """What came from 1 January to the end of a quarter; None where it cannot be told."""
        fact = self.facts.get((item, place), {}).get(period)
        if fact is None or fact.value is None or fact.qualifier != "=":
            return None
        if period.quarter == 1 or self.cumulative(fact):
            return fact.value
        before = self.reach(item, place, _before(period))
        return None if before is None else before + fact.value

    def evidence(self, fact: Fact) -> _Evidence | None:
        """What a number is to be compared with, where it and this year's before it are exact.

        What is not known, or nothing, of the year before stays 0.
        """
        period, key = Period.parse(fact.period), (fact.item, fact.place)
        before = self.reach(*key, _before(period))
        if fact.value is None or fact.qualifier != "=" or not before:
            return None
        last_year = self.reach(*key, period.previous) or ZERO
        last_before = self.reach(*key, _before(period.previous)) or ZERO
        own = max(last_year - last_before, ZERO)
        return _Evidence(fact, fact.value, before, own, last_before)


def _before(period: Period) -> Period:
    return Period(period.year, (period.quarter or 2) - 1)


def told_as_asked(
    catalogue: Catalogue, facts: Iterable[Fact], confirmed: Collection[tuple[str, str]]
) -> Sorted:
    """Take out every table, file or place whose numbers were told the other way (E_FLOW).

    `confirmed` are the files and forms of which the office said that they are right as they stand.
    """
    told, every = _Told(catalogue), list(facts)
    tables: dict[tuple[Period, str, str], list[Fact]] = {}
    flows = {item for item in {fact.item for fact in every} if _is_flow(catalogue, item)}
    for fact in every:
        if fact.item in flows:
            period = Period.parse(fact.period)
            told.facts.setdefault((fact.item, fact.place), {})[period] = fact
            table = catalogue.home(fact.item).table
            tables.setdefault((period, fact.form, table), []).append(fact)
    findings: list[Finding] = []
    refused: set[Fact] = set()
    for (period, *_), group in sorted(tables.items(), key=lambda one: one[0]):
        open_to_doubt = [f for f in group if (f.file, f.form) not in confirmed]
        if period.quarter in (None, 1) or not open_to_doubt:
            continue
        for part, evidence in _turned(told, open_to_doubt):
            findings.append(_finding(catalogue, part, evidence))
            refused.update(part)
            told.turned.update((fact.item, fact.place, period) for fact in part)
    kept = [fact for fact in every if fact not in refused]
    return Sorted(kept, [fact for fact in every if fact in refused], findings)


def confirmed(applied: Iterable[Applied]) -> set[tuple[str, str]]:
    """Files and forms with a line in data/corrections.csv that leaves a number as it was typed."""
    return {
        (one.file, one.form)
        for one in applied
        if one.decision.kind == "value" and one.decision.value == one.decision.as_typed
    }


def _is_flow(catalogue: Catalogue, item: str) -> bool:
    table = catalogue.table_of(item)
    return (
        table.kind == "grid"
        and not (table.monthly or table.yearly or catalogue.is_annual(item))
        and table.flow_of(item) in ("quarter", "cumulative")
        and table.items[item].type in ("count", "amount")
    )


def _turned(told: _Told, table: Group) -> Iterator[tuple[Group, Sequence[_Evidence]]]:
    """The parts of a table that were told the other way: files, else places within a file.

    Files too small to judge by themselves are judged together.
    """
    small: list[Fact] = []
    for _, group in _by(table, "file"):
        evidence = _evidence(told, group)
        if _is_turned(told, evidence):
            yield group, evidence
        elif sum(number.whole for number in evidence) < _FEWEST:
            small += group
        else:
            for _, row in _by(group, "place"):
                if _is_turned(told, one := _evidence(told, row)):
                    yield row, one
    if _is_turned(told, evidence := _evidence(told, small)):
        for _, group in _by(small, "file"):
            yield group, evidence


def _by(facts: Group, name: str) -> Iterator[tuple[str, list[Fact]]]:
    parts: dict[str, list[Fact]] = {}
    for fact in facts:
        parts.setdefault(getattr(fact, name), []).append(fact)
    yield from parts.items()


def _evidence(told: _Told, facts: Iterable[Fact]) -> list[_Evidence]:
    return [evidence for fact in facts if (evidence := told.evidence(fact))]


def _is_turned(told: _Told, numbers: Sequence[_Evidence]) -> bool:
    """Whether numbers that should be the quarter's own run from 1 January, or the reverse."""
    if not numbers:
        return False
    asked = told.catalogue.flow_of(numbers[0].fact.item)
    if asked == "cumulative" and _mostly_falls(numbers):
        return True
    numbers = [number for number in numbers if number.whole]
    if len(numbers) < _FEWEST:
        return False
    falls = any(number.value < number.before for number in numbers)
    if asked == "quarter" and falls:  # what runs from 1 January never does
        return False
    if asked == "cumulative" and not falls and not numbers[0].fact.period.endswith("Q2"):
        return False  # from the third quarter on, some of a quarter's own must be less
    growth = statistics.median(number.growth for number in numbers)
    sign = -1 if asked == "quarter" else 1
    leans = sorted(sign * _lean(number, growth) for number in numbers)
    return leans[len(leans) // _STRAYS[asked]] > 0 and statistics.median(leans) > _MARGIN


def _mostly_falls(numbers: Sequence[_Evidence]) -> bool:
    """Whether most of the numbers from 1 January are less than the quarter before said."""
    falls = sum(number.value < number.before for number in numbers)
    return len(numbers) >= _FEWEST and falls * 2 > len(numbers)


def _lean(number: _Evidence, growth: float) -> float:
    """How much nearer it is to the quarter's own (above 0) or to the amount from 1 January."""
    own = float(number.last_year) * growth
    both = float(number.before) + own
    value = float(number.value) or 0.5
    return abs(math.log(value / both)) - abs(math.log(value / own))


def _finding(catalogue: Catalogue, part: Group, evidence: Sequence[_Evidence]) -> Finding:
    first = next((e for e in evidence if e.fact in part), evidence[0])
    fact = first.fact
    table = catalogue.table_of(fact.item)
    shown = "、".join(
        f"{catalogue.home(e.fact.item).item.zh} {e.fact.cell}={plain(e.value)}"
        f"←{plain(e.before)}＋{plain(e.last_year)}"
        for e in evidence[:_MOST_SHOWN]
    )
    asked = table.flow_of(fact.item)
    return Finding(
        "E_FLOW",
        period=fact.period,
        place=fact.place if len({f.place for f in part}) == 1 else "",
        form=fact.form,
        item=fact.item,
        file=fact.file,
        sheet=fact.sheet,
        cell=fact.cell,
        words={
            "name": table.title,
            "expected": FLOWS[asked],
            "found": FLOWS[OTHER[asked]],
            "detail": shown,
        },
    )
