"""What was reported of an item at a place over some time: an amount and its facts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from nianbao.catalogue import Catalogue
from nianbao.facts import ZERO, Fact
from nianbao.period import Period
from nianbao.rounding import plain

_MOST_SHOWN = 10  # addresses that a message names
Span = tuple[Period, ...]
"""Single quarters, from the first to the last; or one year, for what arrives once a year."""


@dataclass(frozen=True, slots=True)
class Amount:
    """One amount: exact or not, and the facts behind it (none where it applies to nobody)."""

    value: Decimal
    exact: bool
    facts: tuple[Fact, ...]

    def shown(self, name: str) -> str:
        """The amount with its name and its addresses, for a message."""
        text, here = name, ("", "")
        for number, fact in enumerate(self.facts[:_MOST_SHOWN]):
            where = f"{fact.cell}={plain(fact.value or ZERO)}"
            if here != (fact.file, fact.sheet):
                where = f"{fact.file} › {fact.sheet} › {where}"
            here = fact.file, fact.sheet
            text += ("＋" if number else " ") + where
        if len(self.facts) > _MOST_SHOWN:
            text += f"……（{len(self.facts)}）"
        return f"{text}，共{plain(self.value)}" if len(self.facts) > 1 else text


class Reported:
    """All facts, to be asked for amounts. A later file's word on the same number counts."""

    def __init__(self, catalogue: Catalogue, facts: Iterable[Fact]) -> None:
        self._catalogue = catalogue
        self._facts: dict[tuple[str, str, str], dict[int, Fact]] = {}
        self._places: dict[str, set[str]] = {}
        self._natures: dict[str, tuple[str, bool, bool]] = {}
        for fact in facts:
            self._facts.setdefault((fact.item, fact.place, fact.period), {})[fact.month] = fact
            self._places.setdefault(fact.item, set()).add(fact.place)
        named = {period for _, _, period in self._facts}
        self.periods = tuple(sorted(map(Period.parse, named)))
        """The single quarters and years that anything was reported for."""

    def places(self, items: Iterable[str]) -> list[str]:
        """The places that ever reported all of some items, in official order."""
        common = set.intersection(*(self._places.get(item, set()) for item in items))
        return sorted(common, key=lambda code: self._catalogue.places[code].order)

    def at(self, item: str, place: str, span: Span) -> Amount | None:
        """An item at a place: flows are added up, of stocks the last counts, of openings the first.

        None where a part of it is missing, or where it does not apply to the place.
        """
        flow, annual, _ = self._nature(item)
        if not annual and span[0].quarter is None:
            span = span[0].quarters
        if flow == "stock":
            span = span[-1:]
        elif flow == "opening":
            span = span[:1]
        facts: tuple[Fact, ...] = ()
        for period in span:
            part = self._single(item, place, period)
            if not part:
                return None
            facts += part
        value, exact = ZERO, True
        for fact in facts:
            if fact.value is None:
                return None
            value += fact.value
            exact = exact and fact.qualifier == "="
        return Amount(value, exact, facts)

    def district(self, item: str, span: Span) -> Amount | None:
        """An item summed over all places that have to report it; None where one has not."""
        places = self._catalogue.places_of(item, span[-1])
        total = Amount(ZERO, True, ())
        for place in places:
            amount = self.at(item, place, span)
            if amount is None:
                if self._not_applicable(item, place, span):
                    continue
                return None
            total = Amount(
                total.value + amount.value, total.exact and amount.exact, total.facts + amount.facts
            )
        return total if total.facts else None

    def _single(self, item: str, place: str, period: Period) -> tuple[Fact, ...]:
        """The facts of one period: three for a flow told by months, and none where one lacks."""
        told = self._facts.get((item, place, period.name))
        if told is None:
            return ()
        flow, _, monthly = self._nature(item)
        if monthly and flow not in ("stock", "opening") and len(told) != 3:
            return ()
        return tuple(told.values()) if len(told) == 1 else tuple(told[m] for m in sorted(told))

    def _nature(self, item: str) -> tuple[str, bool, bool]:
        """How an item adds up, whether it arrives once a year, and whether it is told by months."""
        if item not in self._natures:
            catalogue = self._catalogue
            monthly = catalogue.table_of(item).monthly
            self._natures[item] = catalogue.flow_of(item), catalogue.is_annual(item), monthly
        return self._natures[item]

    def _not_applicable(self, item: str, place: str, span: Span) -> bool:
        told = [fact for period in span for fact in self._single(item, place, period)]
        return bool(told) and all(fact.value is None for fact in told)


def sum_of(parts: Sequence[tuple[int, Amount]]) -> tuple[Decimal, bool]:
    """A weighted sum of amounts, and whether it is exact."""
    return (
        sum((factor * amount.value for factor, amount in parts), ZERO),
        all(amount.exact for _, amount in parts),
    )
