"""Which numbers of a table are withheld so that its sum, and whatever else is known, tells none.

Nothing here knows what the numbers count: cells have names, and are whole and never negative.
"""

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, Generic, TypeVar

from nianbao.quantities import Exact

Table = TypeVar("Table", bound=Hashable)
Cell = tuple[Any, str]
"""A table, and a place in it."""

Range = tuple[Exact | float, Exact | float]
"""The least and the greatest that a number can be; infinite where nothing bounds it."""


# --- one table ------------------------------------------------------------------------------------


def withheld(
    amounts: Mapping[str, Exact], threshold: int, totals: Sequence[Collection[str]] = ()
) -> frozenset[str]:
    """Whose amounts are withheld, where the sum of all of them is published.

    `amounts` are counts of persons by place, in official order; `totals` are more sets of places
    whose sum is published. Zero tells of nobody and is shown, unless it has to hide another.
    """
    hidden = {place for place, amount in amounts.items() if 0 < amount < threshold}
    if not hidden:
        return frozenset()
    for total in (*totals, amounts):
        among = [place for place in amounts if place in total]
        while exposed(amounts, hidden.intersection(among), threshold):
            candidates = [place for place in among if place not in hidden]
            if not candidates:
                break  # all are hidden: only the total itself still tells
            hidden.add(neighbour(candidates, amounts, hidden))
    return frozenset(hidden)


def exposed(amounts: Mapping[str, Exact], hidden: Collection[str], threshold: int) -> bool:
    """Whether the sum of the hidden amounts leaves one of them a single value.

    One is safe where a person may be moved between it and another, and all would look the same. A
    reader knows that a zero is withheld only where it must be, and may guess that all are small.
    """
    least = 0 if any(amounts[place] == 0 for place in hidden) else 1
    small = all(amounts[place] < threshold for place in hidden)

    def lower(place: str) -> bool:
        return amounts[place] > least

    def higher(place: str) -> bool:
        return not small or amounts[place] < threshold - 1

    return not all(
        any(
            (lower(place) and higher(other)) or (higher(place) and lower(other))
            for other in hidden
            if other != place
        )
        for place in hidden
    )


def neighbour(
    candidates: Sequence[str], amounts: Mapping[str, Exact], hidden: Collection[str]
) -> str:
    """The neighbour to withhold: the smallest count, zeros last; of equals the one paired off.

    Places are paired in their order. Pairs are the same seen from either side: which of the two was
    the small one does not show.
    """
    order = {place: number for number, place in enumerate(amounts)}
    paired = {order[place] ^ 1 for place in hidden}
    return min(
        candidates,
        key=lambda place: (
            amounts[place] == 0,
            amounts[place],
            order[place] not in paired,
            order[place],
        ),
    )


# --- many tables ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Balance:
    """What a reader knows of some numbers: added and subtracted, they come to `least` or more.

    With `exact` they come to just that.
    """

    terms: tuple[tuple[int, Cell], ...]
    least: Exact = 0
    exact: bool = False


def ranges(balances: Collection[Balance], known: Mapping[Cell, Range]) -> dict[Cell, Range]:
    """What each number can be, as far as the balances narrow down what is known of the others.

    Each balance bounds each of its numbers by what the rest can be, until nothing narrows any more.
    The balances must be true of some numbers within `known`.
    """
    found = dict(known)
    narrowed = True
    while narrowed:
        narrowed = False
        for balance in balances:
            for cell, bounds in list(_bounded(balance, found)):
                found[cell] = bounds
                narrowed = True
    return found


def _bounded(balance: Balance, found: Mapping[Cell, Range]) -> Iterator[tuple[Cell, Range]]:
    """The numbers of one balance that it bounds more narrowly than was known."""
    ends = [_times(sign, found[cell]) for sign, cell in balance.terms]
    for number, (sign, cell) in enumerate(balance.terms):
        low, high = found[cell]
        if low == high:
            continue
        others = ends[:number] + ends[number + 1 :]
        floor = balance.least - sum(most for _, most in others)
        ceiling = balance.least - sum(least for least, _ in others) if balance.exact else inf
        low_now, high_now = _times(sign, (floor, ceiling))
        if low_now > low or high_now < high:
            yield cell, (max(low, low_now), min(high, high_now))


def _times(sign: int, of: Range) -> Range:
    return of if sign > 0 else (-of[1], -of[0])


class Tables(Generic[Table]):
    """Tables of counts by place, decided one after another, each with an eye on all before it.

    Every withheld number is to have as many possible values as the threshold says, whatever the
    tables and what is known between them tell together; a later table hides more where it must.
    """

    def __init__(self, threshold: int) -> None:
        self._threshold = threshold
        self._amounts: dict[Table, Mapping[str, Exact]] = {}
        self._hidden: dict[Table, set[str]] = {}
        self._balances: dict[Table, list[Balance]] = {}  # tables bound together share a list
        self._given_up: set[Cell] = set()

    def __iter__(self) -> Iterator[Table]:
        return iter(tuple(self._hidden))

    def hidden(self, table: Table) -> frozenset[str]:
        """Which places of a table are withheld."""
        return frozenset(self._hidden[table])

    def decide(
        self,
        table: Table,
        amounts: Mapping[str, Exact],
        totals: Sequence[Collection[str]] = (),
        balances: Sequence[Balance] = (),
    ) -> None:
        """Decide on one more table; `balances` hold between its numbers and those before it.

        A number of which nothing is published is in the balances only.
        """
        self._amounts[table] = amounts
        hidden = self._hidden[table] = set(withheld(amounts, self._threshold, totals))
        bound = self._bind(table, [*_sums(table, amounts, totals), *balances])
        while weak := self._weak(bound) - self._given_up:
            near = {place for other, _ in weak for place in self._hidden[other]}
            among = amounts if any(other == table for other, _ in weak) else near
            candidates = [p for p in amounts if p in among and p not in hidden]
            if not candidates:
                self._given_up |= weak
                break
            hidden.add(neighbour(candidates, amounts, hidden))

    def _bind(self, table: Table, balances: list[Balance]) -> list[Balance]:
        """All balances of the tables that these bind together."""
        named = {cell[0] for balance in balances for _, cell in balance.terms}
        lists = {id(found): found for one in named if (found := self._balances.get(one))}
        bound = [balance for found in lists.values() for balance in found] + balances
        others = [one for one, found in self._balances.items() if id(found) in lists]
        self._balances.update(dict.fromkeys([table, *named, *others], bound))
        return bound

    def _weak(self, balances: Collection[Balance]) -> set[Cell]:
        """The withheld numbers that a reader can tell too closely."""
        least = {table: self._least(table) for table in self._hidden}
        known: dict[Cell, Range] = {}
        left = []
        for balance in balances:
            rest, terms = balance.least, []
            for sign, (table, place) in balance.terms:
                if table in least and place not in self._hidden[table]:
                    rest -= sign * self._amounts[table][place]
                else:
                    terms.append((sign, (table, place)))
                    known[table, place] = (least.get(table, 0), inf)
            if terms:
                left.append(Balance(tuple(terms), rest, balance.exact))
        return {
            cell
            for cell, (low, high) in ranges(left, known).items()
            if cell[0] in least and high - low + 1 < self._threshold
        }

    def _least(self, table: Table) -> int:
        """A reader knows that a zero is withheld only where it must be."""
        hidden = self._hidden[table]
        return int(bool(hidden) and all(self._amounts[table][place] for place in hidden))


def _sums(
    table: Hashable, amounts: Mapping[str, Exact], totals: Sequence[Collection[str]]
) -> Iterator[Balance]:
    """What is published of a table as a whole, and of some of its places."""
    for places in (amounts, *totals):
        terms = tuple((1, (table, place)) for place in amounts if place in places)
        yield Balance(terms, sum(amounts[place] for _, (_, place) in terms), exact=True)
