"""What the period before said: shown beside a cell, never read as data."""

from collections.abc import Mapping

from nianbao.arrivals import without_resubmits
from nianbao.catalogue import Catalogue
from nianbao.corrections import read_corrections
from nianbao.facts import ZERO, Fact
from nianbao.forms.words import Words
from nianbao.intake import harvest_folder
from nianbao.period import Period
from nianbao.rounding import plain
from nianbao.workspace import Workspace

_QUALIFIED = {"~": "about", ">=": "at_least", "<=": "at_most"}


def hints_of(
    workspace: Workspace, catalogue: Catalogue, period: Period, words: Words
) -> Mapping[tuple[str, str], str]:
    """The hint of every item that the catalogue wants one for, by item and place.

    The numbers are those of the raw folder before; there is no hint where it has none.
    """
    wanted = _wanted(catalogue, period)
    before = period_before(period)
    if not wanted or not (workspace.raw / before.name).is_dir():
        return {}
    decisions = read_corrections(workspace.corrections)
    found = harvest_folder(workspace, catalogue, before, decisions, restate=False)
    latest: dict[tuple[str, str], Fact] = {}
    for harvest in without_resubmits(found, decisions, catalogue):
        for fact in harvest.facts:
            key = fact.item, fact.place
            if fact.value is not None and (key not in latest or fact.month >= latest[key].month):
                latest[key] = fact
    return {
        (item, place): _said(catalogue, latest[source, place], before, words)
        for item, source in wanted.items()
        for place in catalogue.places
        if (source, place) in latest
    }


def period_before(period: Period) -> Period:
    """The quarter before a quarter, the year before a year."""
    if period.quarter is None:
        return Period(period.year - 1)
    if period.quarter == 1:
        return Period(period.year - 1, 4)
    return Period(period.year, period.quarter - 1)


def _wanted(catalogue: Catalogue, period: Period) -> dict[str, str]:
    """Each item with a hint, and the item whose last number it is: an opening's is a closing."""
    wanted: dict[str, str] = {}
    for form in catalogue.forms.values():
        if (catalogue.office.expects[form.form] == "year") == (period.quarter is None):
            for table in form.tables.values():
                wanted |= {item: item for item in table.hints}
                wanted |= {opening: closing for closing, opening in table.carry_forward.items()}
    return wanted


def _said(catalogue: Catalogue, fact: Fact, before: Period, words: Words) -> str:
    item = catalogue.home(fact.item).item
    value = plain(fact.value or ZERO) + item.unit
    if fact.qualifier in _QUALIFIED:
        value = words(_QUALIFIED[fact.qualifier], value=value)
    return words("hint", period=words.period(before), name=item.zh, value=value)
