"""Cleaning: raw workbooks in, facts with their addresses out, and a finding for everything else."""

from collections.abc import Callable
from dataclasses import dataclass

from nianbao.arrivals import check_decisions, missing_inputs, without_resubmits
from nianbao.catalogue import Catalogue
from nianbao.corrections import read_corrections
from nianbao.cumulative import differenced
from nianbao.facts import Applied, Fact, Tally
from nianbao.findings import Finding
from nianbao.intake import FileHarvest, FileRecord, SetAside, harvest_folder
from nianbao.period import Period
from nianbao.reconciliation import check_reconciliation
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


def raw_periods(period: Period) -> tuple[tuple[Period, ...], tuple[Period, ...]]:
    """The raw folders that a report reads: those of its own year, and those of the year before.

    A year report reads its annual forms; a quarter report the last annual ones. The year before is
    read whole, for its last quarters give the seasonal pace.
    """
    before = Period(period.year - 1)
    own = period.quarters if period.quarter else (*period.quarters, Period(period.year))
    return own, (*before.quarters, before)


def clean(workspace: Workspace, catalogue: Catalogue, period: Period) -> Cleaned:
    """Read, recognise, check and reconcile every raw file that a report needs.

    Raises CatalogueError for a mistake in data/corrections.csv; whatever is wrong with the data
    comes back as findings.
    """
    own, before = raw_periods(period)
    decisions = read_corrections(workspace.corrections)
    harvests: list[FileHarvest] = []
    for folder in (*before, *own):
        restate = folder.year < period.year
        found = harvest_folder(workspace, catalogue, folder, decisions, restate=restate)
        harvests.extend(without_resubmits(found, decisions, catalogue))
    findings = [finding for harvest in harvests for finding in harvest.findings]
    findings.extend(check_decisions(decisions, harvests, (*before, *own)))
    findings.extend(missing_inputs(workspace, catalogue, period, own, before, harvests))
    facts, gaps = differenced(catalogue, (fact for h in harvests for fact in h.facts))
    findings.extend(gaps)
    readings = [reading for harvest in harvests for reading in harvest.readings]
    findings.extend(check_identities(catalogue, readings))
    findings.extend(check_ledger_identities(catalogue, facts))
    findings.extend(check_carry_forward(catalogue, readings))
    findings.extend(check_totals(catalogue, (c for h in harvests for c in h.controls)))
    tallies = tuple(tally for harvest in harvests for tally in harvest.tallies)
    findings.extend(check_reconciliation(tallies))
    return Cleaned(
        tuple(sorted(facts, key=_fact_order(catalogue))),
        tuple(sorted(findings, key=_finding_order)),
        tuple(applied for harvest in harvests for applied in harvest.applied),
        tuple(harvest.record() for harvest in harvests),
        tuple(row for harvest in harvests for row in harvest.set_aside),
        tallies,
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
