"""What arrived, held against itself and against what was expected: resubmissions and gaps."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from nianbao.catalogue import Catalogue, Form
from nianbao.facts import Decision, Fact, RowReading
from nianbao.findings import Finding
from nianbao.harvests import Claim, FileHarvest
from nianbao.period import Period
from nianbao.workspace import Workspace

_MOST_NAMED = 3  # rejected files that a message names


def without_resubmits(
    harvests: Iterable[FileHarvest], decisions: Iterable[Decision], catalogue: Catalogue
) -> list[FileHarvest]:
    """Two different files for one form, place and period: the office must say which counts.

    The file that a `supersedes` decision names is taken, and the other set aside; without one the
    first by name stays, and the second is E_RESUBMIT.
    """
    superseding = {d.sha256 for d in decisions if d.kind == "supersedes"}
    kept: list[FileHarvest] = []
    for harvest in sorted(harvests, key=lambda h: h.sha256 not in superseding):
        rival = next((k for k in kept if k.claims.keys() & harvest.claims.keys()), None)
        if rival is None:
            kept.append(harvest)
            continue
        table, period, _, place = min(rival.claims.keys() & harvest.claims.keys())
        decided = rival.sha256 in superseding and harvest.sha256 not in superseding
        name = place_name(catalogue, place or catalogue.district)
        finding = Finding(
            "I_SUPERSEDED" if decided else "E_RESUBMIT",
            period=period,
            place=place,
            form=table.partition("/")[0],
            file=harvest.shown,
            words={"known": rival.shown, "name": name},
        )
        kept.append(harvest.refused(finding))
    return sorted(kept, key=lambda h: h.shown)


def without_older_editions(harvests: list[FileHarvest], catalogue: Catalogue) -> list[FileHarvest]:
    """Tables of years: what a later folder tells again, with its own years, counts from there.

    A yearbook revises its series; both years of a comparison come from one edition.
    """
    told: dict[Claim, FileHarvest] = {}
    for harvest in sorted(harvests, key=lambda h: h.period, reverse=True):
        newer = {claim: told[claim] for claim in harvest.claims if claim in told}
        told.update(dict.fromkeys(harvest.claims, harvest))
        if not newer:
            continue
        again = {(table, period) for table, period, _, _ in newer}
        for facts in (harvest.facts, harvest.elsewhere):
            facts[:] = _without(facts, again, catalogue)
        harvest.tallies[:] = [
            replace(tally, facts=tuple(_without(tally.facts, again, catalogue)))
            for tally in harvest.tallies
        ]
        for rows in (harvest.readings, harvest.unused):
            rows[:] = [row for row in rows if (_table_told(row), row.period) not in again]
        harvest.controls[:] = [
            control
            for control in harvest.controls
            if (_table_told(control.reading), control.reading.period) not in again
        ]
        names = "、".join(sorted({period for _, period in again}))
        known = "、".join(sorted({newer[claim].shown for claim in newer}))
        harvest.say("I_EDITION", name=names, known=known)
    return harvests


def _without(
    facts: Collection[Fact], again: Collection[tuple[str, str]], catalogue: Catalogue
) -> list[Fact]:
    """The facts that are of none of these tables and years."""
    tables = {fact.item: f"{fact.form}/{catalogue.home(fact.item).table}" for fact in facts}
    return [fact for fact in facts if (tables[fact.item], fact.period) not in again]


def _table_told(reading: RowReading) -> str:
    return f"{reading.form}/{reading.table_id}"


def place_name(catalogue: Catalogue, code: str) -> str:
    """A place as people call it; its code where the list does not know it."""
    place = catalogue.places.get(code)
    return place.name if place else code


def check_decisions(
    decisions: Iterable[Decision], harvests: Collection[FileHarvest], folders: Collection[Period]
) -> Iterator[Finding]:
    """Decisions about a file that is not there, or about a sheet that the file does not have."""
    files = {(harvest.period.name, harvest.sha256): harvest for harvest in harvests}
    read = {folder.name for folder in folders}
    for decision in decisions:
        if decision.period not in read:
            continue
        harvest = files.get((decision.period, decision.sha256))
        words = {"found": str(decision.line), "expected": decision.sha256[:12]}
        if harvest is None:
            yield Finding("E_CORRECTION_FILE", period=decision.period, words=words)
            continue
        known = {name for sheet in harvest.sheets for name in (sheet, sheet.strip())}
        if decision.sheet and decision.sheet not in known and not harvest.rejected:
            words |= {"raw": decision.sheet, "known": "、".join(sorted(harvest.sheets))}
            yield Finding(
                "E_CORRECTION_SHEET", period=decision.period, file=harvest.shown, words=words
            )


@dataclass(frozen=True, slots=True)
class _Arrived:
    """What is expected in one raw folder, and what of it is there."""

    catalogue: Catalogue
    folder: Period
    claims: frozenset[Claim]
    code: str
    rejected: tuple[str, ...] = ()  # names of the files of the folder that were set aside

    def finding(self, form_id: str, name: str, place: str = "") -> Finding:
        more = "…" if len(self.rejected) > _MOST_NAMED else ""
        words = {
            "name": name,
            "detail": f"data/raw/{self.folder.name}",
            "found": "、".join(self.rejected[:_MOST_NAMED]) + more,
        }
        return Finding(self.code, period=self.folder.name, place=place, form=form_id, words=words)


def missing_inputs(
    workspace: Workspace,
    catalogue: Catalogue,
    period: Period,
    own: tuple[Period, ...],
    before: tuple[Period, ...],
    harvests: Collection[FileHarvest],
) -> Iterator[Finding]:
    """Forms and places that were expected and are not there, each one named.

    A missing base is a warning, and said only where anything of the year before is there; the
    quarters of the year before that a quarter report does not compare with are not asked for.
    """
    claims = frozenset(claim for harvest in harvests for claim in harvest.claims)
    if any((workspace.raw / folder.name).is_dir() for folder in before):
        last = period.quarter or 4
        for folder in before:
            if not folder.quarter or folder.quarter <= last:
                yield from _missing(_Arrived(catalogue, folder, claims, "W_BASE_MISSING"))
    for folder in own:
        if not _expects_anything(catalogue, folder):
            words = {"name": folder.name, "detail": f"data/raw/{folder.name}"}
            yield Finding("E_MISSING", period=folder.name, words=words)
        rejected = tuple(h.path.name for h in harvests if _rejected_in(h, folder))
        yield from _missing(_Arrived(catalogue, folder, claims, "E_MISSING", rejected))


def _rejected_in(harvest: FileHarvest, folder: Period) -> bool:
    return harvest.period == folder and harvest.rejected.startswith("E_")


def _expects_anything(catalogue: Catalogue, folder: Period) -> bool:
    """Whether any form has a version in force; before the first there is nothing to report."""
    return any(
        table.exists_in(folder)
        for form in catalogue.forms.values()
        for table in form.tables.values()
    )


def _missing(arrived: _Arrived) -> Iterator[Finding]:
    for form_id, every in arrived.catalogue.office.expects.items():
        if (every == "year") == (arrived.folder.quarter is None):
            form = arrived.catalogue.forms[form_id]
            if any(table.exists_in(arrived.folder) for table in form.tables.values()):
                yield from _missing_of_form(arrived, form_id, form)


def _missing_of_form(arrived: _Arrived, form_id: str, form: Form) -> Iterator[Finding]:
    tables = {f"{form_id}/{table_id}" for table_id in form.tables}
    period = arrived.folder.name
    if not any(table in tables and when == period for table, when, _, _ in arrived.claims):
        yield arrived.finding(form_id, f"{form_id}《{form.name.zh}》")
        return
    for table_id, table in form.tables.items():
        if not table.exists_in(arrived.folder):
            continue
        name = f"{form_id}《{table.title}》"
        for place, months in _absent(arrived, form_id, table_id):
            said = "、".join(f"{month}月" for month in months)
            whose = f"{place_name(arrived.catalogue, place)}的" if place else ""
            yield arrived.finding(form_id, f"{whose}{name}{said}", place)


def _absent(
    arrived: _Arrived, form_id: str, table_id: str
) -> Iterator[tuple[str, tuple[int, ...]]]:
    """The places of one table that did not report, with the months that lack; "" is the table."""
    catalogue, folder = arrived.catalogue, arrived.folder
    table = catalogue.forms[form_id].tables[table_id]
    key = f"{form_id}/{table_id}"
    here = {
        (month, place)
        for one, period, month, place in arrived.claims
        if one == key and period == folder.name
    }
    places: tuple[str, ...] = ("",)
    if table.kind == "ledger" and table.place.sheet:
        places = catalogue.places_of_kinds(table.place.kinds, folder)
    elif table.kind == "grid" and table.rows not in ("label", "year"):
        places = catalogue.places_of_kinds((table.rows or "",), folder)
    months: tuple[int, ...] = (0,)
    if table.monthly and folder.quarter:
        months = tuple(range(3 * folder.quarter - 2, 3 * folder.quarter + 1))
    for place in places:
        absent = tuple(month for month in months if (month, place) not in here)
        if absent:
            yield place, () if absent == months else absent
