"""What changed since a report was last published: each revised figure, and why it was revised."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from nianbao.amounts import Span
from nianbao.calculation import Calculation
from nianbao.catalogue import Catalogue
from nianbao.memory import Changes
from nianbao.period import Period
from nianbao.rounding import plain
from nianbao.withholding import MARK

Against = Literal["release", "year_before"]
AGAINST: tuple[Against, ...] = ("release", "year_before")
Kind = Literal[
    "restated",  # a decision of the office
    "revoked",  # a decision that it took back
    "cell",  # the same file says something else there
    "file",  # another file for the same form and place
    "added",  # reported since
    "withdrawn",  # reported no more
    "persons",  # numbers of persons at a place: their form alone is named
    "annual",  # an annual number of a later year has come
    "definition",
    "place",  # founded, dissolved or renamed
    "catalogue",  # forms, house rules: what holds for all indicators
    "code",
    "target",
    "redefined",  # from when on figures are not comparable, or that they are again
]
_ASPECTS = ("formula", "unit", "over_time", "incomplete", "flow", "decimals", "rounding")
_SHOWN = 3  # causes that one revision spells out
_SAID = 2  # a fact in a memory begins with its value and what was typed; its cell follows


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a figure was revised: the cell or the aspect of a definition, from what to what."""

    kind: Kind
    place: str = ""
    item: str = ""  # or the indicator that is defined otherwise
    file: str = ""  # or the form
    sheet: str = ""
    cell: str = ""
    aspect: str = ""  # of a definition; the kind of a decision; the year of a target
    was: str = ""
    now: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Revision:
    """One figure that an earlier report gave otherwise; None where one of them had no value."""

    against: Against
    indicator: str
    place: str
    column: Literal["value", "previous"]
    former: Decimal | None
    now: Decimal | None
    causes: tuple[Cause, ...]

    @property
    def shown(self) -> tuple[Cause, ...]:
        """The causes that are spelt out."""
        return self.causes[:_SHOWN]

    @property
    def more(self) -> int:
        """How many further causes there are."""
        return len(self.causes) - len(self.shown)

    @property
    def difference(self) -> Decimal | None:
        """By how much it was revised."""
        if self.former is None or self.now is None:
            return None
        return self.now - self.former

    @property
    def relative(self) -> Decimal:
        """The size of the revision against the former number; without one it is endless."""
        if not self.former or self.now is None:
            return Decimal("Infinity")
        return abs((self.now - self.former) / self.former)

    def as_row(self) -> dict[str, object]:
        """The row of the revisions table."""
        difference = self.difference
        return {
            "against": self.against,
            "indicator": self.indicator,
            "place": self.place,
            "column": self.column,
            "former": "" if self.former is None else plain(self.former),
            "value": "" if self.now is None else plain(self.now),
            "difference": "" if difference is None else plain(difference),
            "cause": ";".join(dict.fromkeys(cause.kind for cause in self.causes)),
            "where": ";".join(_where(cause) for cause in self.causes if cause.file),
        }


def revisions(calculation: Calculation, against: Against, changes: Changes) -> tuple[Revision, ...]:
    """Every figure that an earlier report gave otherwise: the district's, then the townships',
    each the largest relative change first.
    """
    catalogue = calculation.catalogue
    found: list[Revision] = []
    for key, (then, now) in changes.get("values", {}).items():
        name, place = key.split(" ")
        if now is None or then is None or name not in catalogue.indicators:
            continue
        if place not in calculation.places(name):
            continue
        for column, was, current in _columns(against, then, now):
            if was == current or MARK in (was, current):
                continue
            causes = tuple(_causes(calculation, changes, name, place, column))
            found.append(
                Revision(against, name, place, column, _number(was), _number(current), causes)
            )
    order = {name: number for number, name in enumerate(catalogue.indicators)}
    places = {code: number for number, code in enumerate(catalogue.places)}
    return tuple(
        sorted(
            found,
            key=lambda one: (
                one.place != catalogue.district,
                -one.relative,
                order[one.indicator],
                places[one.place],
                one.column != "value",
            ),
        )
    )


def beside(
    catalogue: Catalogue, period: Period, changes: Changes, revised: Iterable[Revision]
) -> Iterator[Cause]:
    """What changed beside the figures: targets, comparability, definitions without effect."""
    years = {str(period.year), str(period.plan_year)}
    for key, (was, now) in changes.get("targets", {}).items():
        name, year = key.split(" ")
        if name in catalogue.indicators and year in years:
            yield Cause("target", item=name, aspect=year, was=_joined(was), now=_joined(now))
    for name, (was, now) in changes.get("redefined", {}).items():
        if name in catalogue.indicators:
            yield Cause("redefined", item=name, was=_joined(was), now=_joined(now))
    yield from _places(changes)
    told = {cause.item for one in revised for cause in one.causes if cause.kind == "definition"}
    for name, (then, now) in changes.get("definitions", {}).items():
        if then and now and name not in told:
            yield from _of_definition(name, then, now)


def _places(changes: Changes) -> Iterator[Cause]:
    """Places that were founded, dissolved or renamed; each side is name|first day|last day."""
    for code, (was, now) in changes.get("places", {}).items():
        yield Cause("place", place=code, was="|".join(was or ()), now="|".join(now or ()))


def _days(was: str, now: str) -> bool:
    """Whether a place came, went, or exists on other days: what decides who has to report."""
    return was.partition("|")[2] != now.partition("|")[2] or not (was and now)


def _joined(parts: Sequence[str] | None) -> str:
    return " ".join(parts or ()).strip()


def _columns(
    against: Against, then: Sequence[str], now: Sequence[str]
) -> Iterator[tuple[Literal["value", "previous"], str, str]]:
    if against == "year_before":
        yield "previous", then[0], now[0]
    else:
        yield "value", then[0], now[0]
        yield "previous", then[1], now[1]


def _number(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def _where(cause: Cause) -> str:
    return " › ".join(part for part in (cause.file, cause.sheet, cause.cell) if part)


# --- causes ---------------------------------------------------------------------------------------


def _causes(
    calculation: Calculation, changes: Changes, name: str, place: str, column: str
) -> Iterator[Cause]:
    """Why one figure changed; the program itself where nothing that it works from did."""
    catalogue = calculation.catalogue
    span = calculation.now if column == "value" else calculation.before
    at = "" if place == catalogue.district else place
    found = [*_definitions(catalogue, changes.get("definitions", {}), name)]
    needed = set(_needed(calculation, name, span))
    moved = {cause.place: cause for cause in _places(changes) if _days(cause.was, cause.now)}
    for key, (then, now) in changes.get("facts", {}).items():
        item, where, period = key.split(" ")
        if (item, period) in needed and at in ("", where):
            if where in moved:
                found.append(moved[where])
                continue
            decided = changes.get("decisions", {}).get(key)
            found += _of_fact(catalogue, item, where, decided, then or [], now or [])
    if not found:
        found = [cause for code, cause in moved.items() if at in ("", code)]
    if not found:
        other = "catalogue" in changes.get("made", {})
        found = [Cause("catalogue" if other else "code")]
    yield from dict.fromkeys(found)


def _definitions(
    catalogue: Catalogue, changed: Mapping[str, tuple[Any, Any]], name: str
) -> Iterator[Cause]:
    """The aspects in which an indicator, or one that it is made of, is defined otherwise."""
    for one in _with_parts(catalogue, name):
        then, now = changed.get(one, (None, None))
        if then and now:
            yield from _of_definition(one, then, now)


def _of_definition(name: str, then: Mapping[str, str], now: Mapping[str, str]) -> Iterator[Cause]:
    """The aspects of one definition that differ; other items may well be reported otherwise."""
    for aspect in _ASPECTS:
        was, current = then.get(aspect, now[aspect]), now[aspect]
        if was != current and not (aspect == "flow" and then["formula"] != now["formula"]):
            yield Cause("definition", item=name, aspect=aspect, was=was, now=current)


def _with_parts(catalogue: Catalogue, name: str) -> Iterator[str]:
    """An indicator and all that it is made of."""
    yield name
    for part in catalogue.indicators[name].parts:
        yield from _with_parts(catalogue, part)


def _needed(calculation: Calculation, name: str, span: Span) -> Iterator[tuple[str, str]]:
    """The items that an indicator is worked out from, each with its periods."""
    catalogue = calculation.catalogue
    for one in _with_parts(catalogue, name):
        settled = calculation.settled(one, span)
        for item in catalogue.indicators[one].items:
            for period in calculation.amounts.periods(item, settled):
                yield item, period.name


def _of_fact(
    catalogue: Catalogue,
    item: str,
    place: str,
    decided: tuple[Any, Any] | None,
    then: list[list[str]],
    now: list[list[str]],
) -> Iterator[Cause]:
    """Why one reported number changed."""
    if decided:
        yield from _decided(item, place, decided)
    elif any(row[0] == MARK for row in (*then, *now)):
        yield Cause("persons", item=item, file=(now or then)[0][2])
    elif not then:
        kind: Kind = "annual" if catalogue.is_annual(item) else "added"
        yield from (_at(kind, place, item, row, now=row[1]) for row in now)
    elif not now:
        yield from (_at("withdrawn", place, item, row, was=row[1]) for row in then)
    else:
        gone, come = _without(then, now, _SAID), _without(now, then, _SAID)
        for was, row in zip(gone, come, strict=False):
            if was[1] != row[1]:
                other: Kind = "cell" if was[2] == row[2] else "file"
                yield _at(other, place, item, row, was=was[1], now=row[1])
        yield from (_at("added", place, item, row, now=row[1]) for row in come[len(gone) :])
        yield from (_at("withdrawn", place, item, row, was=row[1]) for row in gone[len(come) :])


def _decided(item: str, place: str, decided: tuple[Any, Any]) -> Iterator[Cause]:
    """The decisions of the office that are new, or that it took back."""
    then, now = (list(side or ()) for side in decided)
    for kind, file, sheet, cell, typed, value, reason in _without(now, then):
        yield Cause("restated", place, item, file, sheet, cell, kind, typed, value, reason)
    if not now:
        for kind, file, sheet, cell, typed, value, _ in then:
            yield Cause("revoked", place, item, file, sheet, cell, kind, value, typed)


def _without(
    rows: Iterable[list[str]], others: Iterable[list[str]], parts: int | None = None
) -> list[list[str]]:
    """Rows that others lack, by their first `parts`; each of the others stands for one row."""
    left = [row[:parts] for row in others]
    kept = []
    for row in rows:
        if row[:parts] in left:
            left.remove(row[:parts])
        else:
            kept.append(row)
    return kept


def _at(
    kind: Kind, place: str, item: str, row: Sequence[str], *, was: str = "", now: str = ""
) -> Cause:
    _, _, file, sheet, cell = row
    return Cause(kind, place, item, file, sheet, cell, was=was, now=now)
