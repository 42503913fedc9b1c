"""What a reader knows of counts beside their sums: a year grows, and a form's identities hold."""

from collections.abc import Container, Iterator, Sequence

from nianbao.amounts import Amounts, Span
from nianbao.period import Period
from nianbao.quantities import Exact
from nianbao.suppression import Balance

Count = tuple[str, tuple[Period, ...]]
"""An item over the periods that its facts stand in."""


class Counts:
    """The numbers of every count at single places, and what binds them."""

    def __init__(self, amounts: Amounts) -> None:
        self._amounts = amounts
        self._catalogue = amounts.catalogue
        self._numbers: dict[Count, dict[str, Exact]] = {}

    def numbers(self, count: Count) -> dict[str, Exact]:
        """What each single place reported, in official order."""
        if count not in self._numbers:
            item, periods = count
            by_place = self._amounts.by_place(item, Span(periods, periods[-1].year))
            self._numbers[count] = {
                place: amount.quantity.value
                for place, amount in by_place.items()
                if amount.quantity.value is not None and place != self._catalogue.district
            }
        return self._numbers[count]

    def growth(self, shorter: Count, longer: Count) -> Iterator[Balance]:
        """Of what adds up over the quarters, the longer of two spans has at least as much."""
        item, periods = longer
        grows = self._catalogue.flow_of(item) != "stock"
        if grows and shorter[0] == item and set(shorter[1]) < set(periods):
            ends = self.numbers(longer)
            for place, begun in self.numbers(shorter).items():
                if begun <= ends.get(place, -1):
                    yield Balance(((1, (longer, place)), (-1, (shorter, place))))

    def identities(self, count: Count, span: Span, awaited: Container[Count]) -> Iterator[Balance]:
        """The identities of a form in which a count stands, at each place where they are true.

        One in which a count is still `awaited` is left out: the last of them brings it.
        """
        for rule in self._catalogue.table_of(count[0]).identities:
            left, right = rule.holds.left, rule.holds.right
            terms = [(-term.factor, term) for term in left] + [(t.factor, t) for t in right]
            if any(term.earlier or abs(factor) != 1 for factor, term in terms):
                continue
            counts = [
                (factor, (term.item, self._amounts.periods(term.item, span)))
                for factor, term in terms
            ]
            ours = any(one == count for _, one in counts)
            if ours and not any(one in awaited for _, one in counts):
                yield from self._true(counts, exact=rule.holds.op == "=")

    def _true(self, counts: Sequence[tuple[int, Count]], *, exact: bool) -> Iterator[Balance]:
        """A sum of counts that comes to nothing, or to no less, at each place where it does."""
        parts = [(factor, one, self.numbers(one)) for factor, one in counts]
        for place in dict.fromkeys(place for _, _, found in parts for place in found):
            if all(place in found for _, _, found in parts):
                total = sum(factor * found[place] for factor, _, found in parts)
                if total == 0 or (total > 0 and not exact):
                    terms = tuple((factor, (one, place)) for factor, one, _ in parts)
                    yield Balance(terms, exact=exact)
