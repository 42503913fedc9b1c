"""勾稽 across forms and periods: what must agree, and rates that cannot exceed 100 %."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from nianbao.catalogue import Catalogue, Indicator
from nianbao.catalogue.models import Agreement
from nianbao.facts import ZERO, Fact
from nianbao.findings import Finding, lighter
from nianbao.formulas import IN_WORDS, Sum, Term, agree, said
from nianbao.period import Period
from nianbao.reported import Amount, Reported, Span, sum_of
from nianbao.rounding import plain, round_half


@dataclass(frozen=True, slots=True)
class _Side:
    """One side of a comparison: its terms, each with the amount found."""

    terms: tuple[Term, ...]
    amounts: tuple[Amount, ...]


def check_across(
    catalogue: Catalogue, facts: Iterable[Fact], elsewhere: Sequence[Fact] = ()
) -> list[Finding]:
    """Every `across:` of every form, wherever all its numbers are there and exact.

    `elsewhere` are the numbers of years that the report does not use: trouble there is a warning.
    """
    reported = Reported(catalogue, (*elsewhere, *facts))
    unused = {fact.period for fact in elsewhere}
    return [
        lighter(finding) if finding.period in unused else finding
        for form in catalogue.forms.values()
        for agreement in form.across
        for span in _spans(catalogue, reported, [t.item for t in agreement.holds.terms])
        for place in _places(reported, agreement)
        if (finding := _broken(catalogue, reported, agreement, span, place))
    ]


def _spans(catalogue: Catalogue, reported: Reported, items: Iterable[str]) -> Iterator[Span]:
    """The times at which items can be compared: years where one arrives yearly, else quarters."""
    yearly = any(catalogue.is_annual(item) for item in items)
    if yearly:
        years = {Period(period.year) for period in reported.periods}
        return ((year,) for year in sorted(years))
    return ((period,) for period in reported.periods if period.quarter)


def _places(reported: Reported, agreement: Agreement) -> Sequence[str]:
    if agreement.at == "district":
        return ("",)
    return reported.places(term.item for term in agreement.holds.terms)


def _broken(
    catalogue: Catalogue, reported: Reported, agreement: Agreement, span: Span, place: str
) -> Finding | None:
    holds = agreement.holds
    left = _side(reported, holds.left, span, place)
    right = _side(reported, holds.right, span, place)
    if left is None or right is None:
        return None
    (found, sure), (expected, certain) = (
        sum_of([(t.factor, a) for t, a in zip(side.terms, side.amounts, strict=True)])
        for side in (left, right)
    )
    if not (sure and certain) or agree(found, holds.op, expected, agreement.tolerance):
        return None
    names = {term.item: catalogue.home(term.item).item.zh for term in holds.terms}
    return _finding(
        "E_IDENTITY" if agreement.severity == "error" else "W_IDENTITY",
        (left, right),
        span,
        place or catalogue.district,
        name=said(holds, names),
        found=plain(found),
        expected=plain(expected),
        detail=_detail(catalogue, (left, right)),
    )


def _side(reported: Reported, terms: tuple[Term, ...], span: Span, place: str) -> _Side | None:
    amounts: list[Amount] = []
    for term in terms:
        then = tuple(_earlier(period, term) for period in span)
        amount = (
            reported.at(term.item, place, then) if place else reported.district(term.item, then)
        )
        if amount is None:
            return None
        amounts.append(amount)
    return _Side(terms, tuple(amounts))


def _earlier(period: Period, term: Term) -> Period:
    if term.earlier == "year_before":
        return period.previous
    if term.earlier == "quarter_before" and period.quarter:
        return Period(period.year, period.quarter - 1) if period.quarter > 1 else _last(period)
    return period


def _last(period: Period) -> Period:
    return Period(period.year - 1, 4)


def _finding(code: str, sides: Sequence[_Side], span: Span, place: str, **words: str) -> Finding:
    """A finding at the first number of the present: the one that is still being handed in."""
    pairs = [pair for side in sides for pair in zip(side.terms, side.amounts, strict=True)]
    term, amount = next((pair for pair in pairs if not pair[0].earlier), pairs[0])
    fact = amount.facts[0]
    return Finding(
        code,
        period=span[-1].name,
        place=place,
        form=fact.form,
        item=term.item,
        file=fact.file,
        sheet=fact.sheet,
        cell=fact.cell,
        words={**words, **_restated(sides)},
    )


def _restated(sides: Sequence[_Side]) -> dict[str, str]:
    """Where this year's base is held against last year's number: that number, and what it is now.

    A person may decide that it was restated, and needs its address to say so.
    """
    terms = [term for side in sides for term in side.terms]
    amounts = [amount for side in sides for amount in side.amounts]
    bases = [n for n, term in enumerate(terms) if term.earlier == "year_before"]
    if len(terms) != 2 or len(bases) != 1 or any(term.factor != 1 for term in terms):
        return {}
    base, now = amounts[bases[0]], amounts[1 - bases[0]]
    if len(base.facts) != 1:
        return {}
    (fact,) = base.facts
    return {
        "base_period": fact.period,
        "base_file": fact.file,
        "base_sheet": fact.sheet,
        "base_cell": fact.cell,
        "base_raw": fact.raw,
        "base_now": plain(now.value),
    }


def _detail(catalogue: Catalogue, sides: Sequence[_Side]) -> str:
    return "、".join(
        amount.shown(IN_WORDS[term.earlier] + catalogue.home(term.item).item.zh)
        for side in sides
        for term, amount in zip(side.terms, side.amounts, strict=True)
    )


def check_ratios(catalogue: Catalogue, facts: Iterable[Fact]) -> list[Finding]:
    """Every rate of the catalogue that comes out over 100 % at a place, and may not.

    Two indicators over the same items are one finding; so are a quarter and the year up to it.
    """
    reported = Reported(catalogue, facts)
    findings: list[Finding] = []
    seen: set[tuple[Sum, Sum]] = set()
    for indicator in catalogue.indicators.values():
        top, bottom = indicator.numerator, indicator.denominator
        if not (indicator.is_rate and isinstance(top, Sum) and isinstance(bottom, Sum)):
            continue
        if indicator.above_100 == "allowed" or (top, bottom) in seen:
            continue
        seen.add((top, bottom))
        findings += _over(catalogue, reported, indicator, top, bottom)
    return findings


def _over(
    catalogue: Catalogue, reported: Reported, indicator: Indicator, top: Sum, bottom: Sum
) -> Iterator[Finding]:
    items = (*top.items, *bottom.items)
    kinds = {catalogue.table_of(item).kinds_of(item) for item in items}
    mixed = len({catalogue.flow_of(item) in ("stock", "opening") for item in items}) > 1
    places = [""]
    if len(kinds) == 1:
        places = reported.places(items)
    for span in _spans(catalogue, reported, items):
        (last,) = span
        # flows over a stock, such as decisions reviewed of those listed: the year up to now, too
        spans = [span, last.quarters] if mixed and last.quarter else [span]
        for place in places:
            found = (_rate(catalogue, reported, indicator, one, place) for one in spans)
            if finding := next((one for one in found if one), None):
                yield finding


def _rate(
    catalogue: Catalogue, reported: Reported, indicator: Indicator, span: Span, place: str
) -> Finding | None:
    top, bottom = (
        _side(reported, tuple(Term(sign, item) for sign, item in part.terms), span, place)
        for part in (indicator.numerator, indicator.denominator)
        if isinstance(part, Sum)
    )
    if top is None or bottom is None:
        return None
    (above, sure), (below, certain) = (
        sum_of([(t.factor, a) for t, a in zip(side.terms, side.amounts, strict=True)])
        for side in (top, bottom)
    )
    if not (sure and certain) or above <= max(below, ZERO):
        return None
    return _finding(
        "E_RATIO",
        (top, bottom),
        span,
        place or catalogue.district,
        name=indicator.name.zh,
        found=_percent(above, below),
        detail=_detail(catalogue, (top, bottom)),
    )


def _percent(above: Decimal, below: Decimal) -> str:
    if below <= 0:
        return f"{plain(above)}/{plain(below)}"
    return f"{plain(round_half(Fraction(above) / Fraction(below) * 100, 1))}％"
