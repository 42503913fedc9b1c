"""Proposals: lines for the catalogue and for corrections.csv, ready to paste if a person agrees."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from nianbao.captions import Captions
from nianbao.catalogue import Catalogue, yaml_line
from nianbao.catalogue.models import Place
from nianbao.cleaning import Cleaned
from nianbao.corrections import BLANK, NAME
from nianbao.findings import Finding
from nianbao.period import Period, squeezed
from nianbao.reshaping import Change, head_changes, row_changes
from nianbao.schema import guarded

PLACES = "catalogue/places.csv"
_CELL = re.compile(r"[A-Z]{1,3}[1-9][0-9]*")
_CODE = re.compile(r"([A-Za-z]*)([0-9]+)")
_OF_ONE_CELL = {
    *("E_PARSE", "E_UNIT", "E_NONFINITE", "E_PRECISION", "E_TYPE", "E_CELL_ERROR"),
    *("E_FORMULA_NOCACHE", "E_NEGATIVE", "E_NOT_INTEGER", "E_DATE", "E_CHOICE", "E_REQUIRED"),
    *("E_STATUS", "E_UNKNOWN_PLACE", "E_PLACE_KIND", "E_RATIO", "W_UNIT_SUSPECT"),
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """One line to paste: into which file, at which place of it, and the finding it answers."""

    into: str
    at: str
    line: str
    code: str
    why: str  # the name of the text that explains it
    words: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    file: str = ""
    sheet: str = ""
    cell: str = ""
    files: int = 1  # how many files it is about

    def note(self, captions: Captions) -> str:
        """Why it is proposed, and what a person has to decide."""
        return captions.say("proposals", self.why, {"files": self.files, **self.words})

    def as_record(self, captions: Captions) -> dict[str, object]:
        """The proposal as plain values."""
        names = ("into", "at", "line", "code", "file", "sheet", "cell", "files")
        return {**{name: getattr(self, name) for name in names}, "note": self.note(captions)}


def propose(catalogue: Catalogue, cleaned: Cleaned) -> tuple[Proposal, ...]:
    """Every line that the findings of one cleaning call for, by the file it goes into."""
    hashes = {file.shown: file.sha256 for file in cleaned.files}
    found = [
        *_corrections(cleaned.findings, hashes),
        *_of_forms(catalogue, cleaned),
        *_choices(catalogue, cleaned.findings),
        *_places(catalogue, cleaned.findings),
    ]
    return tuple(sorted(found, key=lambda proposal: (proposal.into != NAME, proposal.into)))


# --- data/corrections.csv -------------------------------------------------------------------------


def _corrections(findings: Iterable[Finding], hashes: Mapping[str, str]) -> Iterator[Proposal]:
    seen: set[tuple[str, str, str]] = set()
    for finding in findings:
        where = (finding.file, finding.sheet, finding.cell)
        if finding.code == "E_RESUBMIT":
            yield from _superseding(finding, hashes)
        elif finding.words.get("base_file"):
            yield _restated(finding, hashes)
        elif finding.code in _OF_ONE_CELL and _CELL.fullmatch(finding.cell) and where not in seen:
            seen.add(where)
            raw = finding.words.get("raw", "")
            cells = (hashes.get(finding.file, ""), finding.sheet, finding.cell, raw, BLANK)
            line = _csv("value", finding.period, *cells, BLANK, BLANK, BLANK)
            name = finding.words.get("name", "")
            words = {"raw": raw, "name": f"“{name}”" if name else finding.cell}
            yield _correction(finding, line, "value", words, *where)


def _superseding(finding: Finding, hashes: Mapping[str, str]) -> Iterator[Proposal]:
    """Either file may be the one that counts."""
    for file in (finding.file, finding.words["known"]):
        cells = (hashes.get(file, ""), "", "", "", "")
        line = _csv("supersedes", finding.period, *cells, BLANK, BLANK, BLANK)
        yield _correction(finding, line, "supersedes", {"raw": file}, file)


def _restated(finding: Finding, hashes: Mapping[str, str]) -> Proposal:
    """The base of a year before, as it was reported, in its own cell."""
    words = finding.words
    file, sheet, cell = words["base_file"], words["base_sheet"], words["base_cell"]
    cells = (hashes.get(file, ""), sheet, cell, words["base_raw"], words["base_now"])
    line = _csv("restates", words["base_period"], *cells, BLANK, BLANK, BLANK)
    said = {"name": words["name"], "expected": words["base_raw"], "found": words["base_now"]}
    return _correction(finding, line, "restates", said, file, sheet, cell)


def _correction(
    finding: Finding,
    line: str,
    why: str,
    words: Mapping[str, object],
    file: str,
    sheet: str = "",
    cell: str = "",
) -> Proposal:
    return Proposal(NAME, "", line, finding.code, why, words, file, sheet, cell)


def _csv(*cells: object) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow([guarded(str(cell)) for cell in cells])
    return text.getvalue()


# --- catalogue/forms ------------------------------------------------------------------------------


def _of_forms(catalogue: Catalogue, cleaned: Cleaned) -> Iterator[Proposal]:
    changes = (
        *head_changes(catalogue, cleaned.drifts),
        *row_changes(catalogue, cleaned.findings),
    )
    for change in changes:
        yield _of_form(catalogue, change)


def _of_form(catalogue: Catalogue, change: Change) -> Proposal:
    return Proposal(
        catalogue.form_files[change.form],
        " › ".join(("tables", change.table_id, *change.below)),
        yaml_line(dict(change.content)),
        change.code,
        change.why,
        change.words,
        change.files[0],
        files=len(change.files),
    )


def _choices(catalogue: Catalogue, findings: Iterable[Finding]) -> Iterator[Proposal]:
    """A value that a ledger's column does not know: another word for one, or a new one."""
    for (form, table_id, name, raw), files in _together(findings, "E_CHOICE").items():
        table = catalogue.forms[form].tables[table_id]
        every = [(key, path) for version in table.versions.values() for key, path in _head(version)]
        key = next((key for key, path in every if "".join(path) == name), "")
        if not key or not raw:
            continue
        values = table.fields[key].values
        near = files[0].words.get("near", "").split("、")[0]
        value = next((v for v, aliases in values.items() if near in (v, *aliases)), "")
        content: dict[object, object] = {value: [*values[value], raw]} if value else {raw: []}
        below = ("fields", key, "values")
        shown = tuple(dict.fromkeys(finding.file for finding in files))
        why = "choice_alias" if value else "choice_new"
        words = {"raw": raw, "near": value}
        change = Change("E_CHOICE", form, table_id, below, content, why, words, shown)
        yield _of_form(catalogue, change)


def _head(version: object) -> Iterable[tuple[str, tuple[str, ...]]]:
    fields: Mapping[str, tuple[str, ...]] = getattr(version, "fields", {})
    return fields.items()


def _together(
    findings: Iterable[Finding], code: str
) -> dict[tuple[str, str, str, str], list[Finding]]:
    """Findings of a code that say the same about the same thing."""
    found: dict[tuple[str, str, str, str], list[Finding]] = {}
    for one in findings:
        if one.code == code and one.table:
            key = (one.form, one.table, one.words.get("name", ""), one.words["raw"].strip())
            found.setdefault(key, []).append(one)
    return found


# --- catalogue/places.csv -------------------------------------------------------------------------


def _places(catalogue: Catalogue, findings: Iterable[Finding]) -> Iterator[Proposal]:
    """A name that no place goes by: another name of the nearest, or a new place.

    A place that the list has for another time needs neither.
    """
    done: dict[str, list[Finding]] = {}
    for (_, _, _, raw), found in _together(findings, "E_UNKNOWN_PLACE").items():
        if not found[0].words.get("known") and not set(raw) & set(";；"):
            done.setdefault(squeezed(raw), []).extend(found)
    for alike in done.values():
        first = alike[0]
        raw, near = first.words["raw"], first.words.get("near", "").split("、")[0]
        files = len({finding.file for finding in alike})
        about = (first.file, first.sheet, first.cell, files)
        for place in catalogue.places.values():
            if near and near in map(squeezed, (place.name, *place.aliases)):
                row = place.model_copy(update={"aliases": (*place.aliases, raw)})
                words = {"raw": raw, "near": place.name}
                yield _place(row, "place_alias", words, *about)
        yield _place(_new_place(catalogue, first), "place_new", {"raw": raw}, *about)


def _place(row: Place, why: str, words: Mapping[str, object], *about: object) -> Proposal:
    file, sheet, cell, files = about
    columns = {**row.model_dump(), "aliases": ";".join(row.aliases)}
    line = _csv(*("" if cell is None else cell for cell in columns.values()))
    at = ",".join(columns)
    found = (str(file), str(sheet), str(cell), int(str(files)))
    return Proposal(PLACES, at, line, "E_UNKNOWN_PLACE", why, words, *found)


def _new_place(catalogue: Catalogue, finding: Finding) -> Place:
    """A place of the kind that the table is about, with the next code and order."""
    table = catalogue.forms[finding.form].tables[finding.table]
    wanted = (table.rows,) if table.kind == "grid" else table.place.kinds
    kind = next((p.kind for p in catalogue.places.values() if p.kind in wanted), "township")
    beside = [place for place in catalogue.places.values() if place.kind == kind]
    codes = [found for place in beside if (found := _CODE.fullmatch(place.code))]
    letters, digits = codes[-1].groups() if codes else ("N", "00")
    number = max((int(found[2]) for found in codes), default=0) + 1
    while (code := f"{letters}{number:0{len(digits)}}") in catalogue.places:
        number += 1
    period = Period.parse(finding.period)
    return Place.model_validate(
        {
            "code": code,
            "name": finding.words["raw"],
            "kind": kind,
            "order": max((place.order for place in beside), default=0) + 1,
            "valid_from": f"{period.year}-{3 * (period.quarter or 1) - 2:02}-01",
        }
    )
