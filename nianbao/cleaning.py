"""Cleaning: raw workbooks in, facts with their addresses out, and a finding for everything else."""

from collections.abc import Callable
from dataclasses import dataclass

from nianbao.agreements import check_across, check_ratios
from nianbao.arrivals import (
    check_decisions,
    missing_inputs,
    without_older_editions,
    without_resubmits,
)
from nianbao.catalogue import Catalogue
from nianbao.corrections import read_corrections
from nianbao.cumulative import differenced
from nianbao.disclosure import personal_data
from nianbao.drift import Drift
from nianbao.facts import Applied, Fact, Tally
from nianbao.findings import Finding
from nianbao.flows import confirmed, told_as_asked
from nianbao.harvests import FileHarvest, FileRecord, SetAside
from nianbao.intake import harvest_folder
from nianbao.period import Period, raw_periods
from nianbao.reconciliation import check_handed_on, check_reconciliation
from nianbao.series import check_repeated_years
from nianbao.units import check_units
from nianbao.validation import (
    check_carry_forward,
    check_identities,
    check_ledger_identities,
    check_totals,
)
from nianbao.workspace import Workspace

__all__ = ["Cleaned", "FileRecord", "SetAside", "clean", "raw_periods"]


@dataclass(frozen=True, slots=True)
class Cleaned:
    """All that cleaning gives: facts, findings, decisions applied, files, rows set aside."""

    facts: tuple[Fact, ...]
    findings: tuple[Finding, ...]
    applied: tuple[Applied, ...]
    files: tuple[FileRecord, ...]
    set_aside: tuple[SetAside, ...]
    tallies: tuple[Tally, ...]
    drifts: tuple[Drift, ...]
    elsewhere: tuple[Fact, ...]  # facts of other years, out of tables of years


def clean(workspace: Workspace, catalogue: Catalogue, period: Period) -> Cleaned:
    """Read, recognise, check and reconcile every raw file that a report needs.

    Raises CatalogueError for a mistake in data/corrections.csv; whatever is wrong with the data
    comes back as findings.
    """
    own, before = raw_periods(period)
    decisions = read_corrections(workspace.corrections)
    harvests: list[FileHarvest] = []
    years = frozenset({period.year - 1, period.year})
    for folder in (*before, *own):
        restate = folder.year < period.year
        found = harvest_folder(
            workspace, catalogue, folder, decisions, restate=restate, years=years
        )
        harvests.extend(without_resubmits(found, decisions, catalogue))
    harvests = without_older_editions(harvests, catalogue)
    findings = [finding for harvest in harvests for finding in harvest.findings]
    findings.extend(check_decisions(decisions, harvests, (*before, *own)))
    findings.extend(missing_inputs(workspace, catalogue, period, own, before, harvests))
    applied = tuple(applied for harvest in harvests for applied in harvest.applied)
    told = told_as_asked(catalogue, (f for h in harvests for f in h.facts), confirmed(applied))
    facts, gaps = differenced(catalogue, told.kept)
    findings.extend((*told.findings, *gaps))
    readings = [reading for harvest in harvests for reading in harvest.readings]
    set_aside = [reading for harvest in harvests for reading in harvest.unused]
    findings.extend(check_identities(catalogue, [*readings, *set_aside]))
    findings.extend(check_ledger_identities(catalogue, facts))
    findings.extend(check_carry_forward(catalogue, readings))
    findings.extend(check_repeated_years(catalogue, readings))
    elsewhere = [fact for harvest in harvests for fact in harvest.elsewhere]
    findings.extend(check_across(catalogue, facts, elsewhere))
    findings.extend(check_ratios(catalogue, facts))
    findings.extend(check_units(catalogue, facts))
    findings.extend(check_totals(catalogue, (c for h in harvests for c in h.controls)))
    tallies = tuple(tally for harvest in harvests for tally in harvest.tallies)
    findings.extend(check_reconciliation(tallies))
    findings.extend(check_handed_on(catalogue, tallies, facts, [*gaps, *told.gaps()]))
    shown = [harvest.record().shown for harvest in harvests]
    findings.extend(personal_data([*facts, *elsewhere], applied, shown, findings))
    return Cleaned(
        tuple(sorted(facts, key=_fact_order(catalogue))),
        tuple(sorted(findings, key=_finding_order)),
        applied,
        tuple(harvest.record() for harvest in harvests),
        tuple(row for harvest in harvests for row in harvest.set_aside),
        tallies,
        tuple(drift for harvest in harvests for drift in harvest.drifts),
        tuple(sorted((f for h in harvests for f in h.elsewhere), key=_fact_order(catalogue))),
    )


def _fact_order(
    catalogue: Catalogue,
) -> Callable[[Fact], tuple[str, str, str, int, str, str, str]]:
    order = {code: place.order for code, place in catalogue.places.items()}

    def key(fact: Fact) -> tuple[str, str, str, int, str, str, str]:
        place = order[fact.place]
        return fact.period, fact.form, fact.item, place, fact.file, fact.sheet, fact.cell

    return key


def _finding_order(finding: Finding) -> tuple[int, str, str, str, str, str, str]:
    severity = ("error", "warning", "info").index(finding.severity)
    where = (finding.period, finding.file, finding.sheet, finding.cell, finding.place)
    return severity, finding.code, *where
