"""What a release remembers: its values, and what is needed to say later why one of them changed.

A memory is sections of entries by key; two memories are compared entry by entry. Small counts of
persons are not in it: where one is withheld stands a mark, and in the place of a cell its file.
"""

import base64
import hashlib
import json
import lzma
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from nianbao.catalogue import Catalogue, Indicator
from nianbao.catalogue.models import Target
from nianbao.formulas import Formula, PlaceCount, Sum
from nianbao.privacy import masked
from nianbao.rounding import plain
from nianbao.schema import records
from nianbao.withholding import MARK, published_corrections, published_facts, published_values

Memory = Mapping[str, Mapping[str, Any]]
"""Section → key → entry; an entry is text, or lists or mappings of text.

values: "indicator place" → [value, previous]; definitions: indicator → aspect → text; redefined:
indicator → [since, whether the base is restated]; targets: "indicator year" → [op, number];
places: code → [name, first day, last day]; facts
and decisions: "item place period" → rows; texts: file → hash; made: code, lock, catalogue → hash.
"""

Changes = Mapping[str, Mapping[str, tuple[Any, Any]]]
"""Section → key → (what it was, what it is); None where there is none."""

_LAID_OUT = "changes.json"
_DECIDED = ("kind", "file", "sheet", "cell", "as_typed", "value", "reason")


@dataclass(frozen=True, slots=True)
class Made:
    """Hashes of what a release was made with; `files` and `texts` by path."""

    files: Mapping[str, str]
    texts: Mapping[str, str]
    code: str
    lock: str
    catalogue: str


# --- one release ----------------------------------------------------------------------------------


def remember(
    values: pd.DataFrame,
    facts: pd.DataFrame,
    corrections: pd.DataFrame,
    catalogue: Catalogue,
    made: Made,
) -> Memory:
    """What a release made of these tables remembers."""
    return {
        "values": {
            f"{row['indicator']} {row['place']}": [row["value"], row["previous"]]
            for row in records(published_values(values))
        },
        "definitions": {
            name: _definition(indicator, catalogue)
            for name, indicator in catalogue.indicators.items()
        },
        "redefined": {
            name: [one.redefined.since, "restated" if one.redefined.restated else ""]
            for name, one in catalogue.indicators.items()
            if one.redefined
        },
        "targets": {
            f"{name} {year}": _target(target)
            for year, targets in catalogue.targets.items()
            for name, target in targets.items()
        },
        "places": {
            code: [place.name, str(place.valid_from or ""), str(place.valid_to or "")]
            for code, place in catalogue.places.items()
        },
        "facts": _facts(published_facts(facts, catalogue), made.files),
        "decisions": _decisions(published_corrections(corrections, catalogue)),
        "texts": made.texts,
        "made": {"code": made.code, "lock": made.lock, "catalogue": made.catalogue},
    }


def _definition(indicator: Indicator, catalogue: Catalogue) -> dict[str, str]:
    """What decides a value beside the facts, aspect by aspect."""
    flows = (f"{item}: {catalogue.flow_of(item)}" for item in indicator.items)
    return {
        "formula": _formula(indicator),
        "unit": indicator.unit,
        "decimals": str(indicator.decimals),
        "rounding": catalogue.office.rounding,
        "over_time": indicator.over_time,
        "incomplete": indicator.incomplete,
        "flow": ", ".join(flows),
    }


def _target(target: Target) -> list[str]:
    return [target.op, "" if target.value is None else plain(target.value)]


def _formula(indicator: Indicator) -> str:
    if indicator.across:
        return f"{indicator.across.measure}({indicator.across.of})"
    if indicator.diversity:
        return f"{indicator.diversity.measure}({', '.join(indicator.diversity.items)})"
    if indicator.index:
        weighed = (
            f"{part.weight} × {name} / {part.full_marks}"
            for name, part in indicator.index.components.items()
        )
        return " + ".join(weighed)
    both = (indicator.numerator, indicator.denominator)
    return " / ".join(_sum(one) for one in both if one is not None)


def _sum(formula: Formula) -> str:
    of: Sum = formula.of if isinstance(formula, PlaceCount) else formula
    terms = "".join(f" {'+' if sign > 0 else '-'} {item}" for sign, item in of.terms)
    terms = terms.removeprefix(" + ").strip()
    if isinstance(formula, PlaceCount):
        return f"places({terms} {formula.op} {formula.value})"
    return f"({terms})" if len(of.terms) > 1 else terms


def _facts(facts: pd.DataFrame, files: Mapping[str, str]) -> dict[str, list[list[str]]]:
    """[value, as typed, file, sheet, cell]; of a withheld one its form, and its file's hash."""
    found: dict[str, list[list[str]]] = {}
    for row in records(facts):
        sign = "" if row["qualifier"] == "=" else row["qualifier"]
        entry = [sign + row["value"], masked(row["raw"]), row["file"], row["sheet"], row["cell"]]
        if row["raw"] == MARK:
            entry = [MARK, files.get(row["file"], "")[:12], row["form"], "", ""]
        found.setdefault(_key(row), []).append(entry)
    return found


def _decisions(corrections: pd.DataFrame) -> dict[str, list[list[str]]]:
    found: dict[str, list[list[str]]] = {}
    for row in records(corrections):
        found.setdefault(_key(row), []).append([masked(row[name]) for name in _DECIDED])
    return found


def _key(row: Mapping[str, str]) -> str:
    return f"{row['item']} {row['place']} {row['period']}"


# --- two releases ---------------------------------------------------------------------------------


def differences(then: Memory, now: Memory) -> Changes:
    """What differs between a release and the one that supersedes it."""
    return {
        name: _differing(name, then[name], section) for name, section in now.items() if name in then
    }


def differences_of_base(then: Memory, now: Memory, year: int) -> Changes:
    """What differs between the report of `year` and what a later one says of it as its base.

    Nothing at all where both say the same of every figure.
    """
    said = {key: entry[0] for key, entry in then.get("values", {}).items()}
    values = {
        key: ([said[key]], [entry[1]])
        for key, entry in now["values"].items()
        if entry[1] and said.get(key) and said[key] != entry[1]
    }
    if not values:
        return {}
    found: dict[str, Mapping[str, tuple[Any, Any]]] = {"values": values}
    for name in ("facts", "decisions"):
        sides = (_of_year(then.get(name, {}), year), _of_year(now[name], year))
        found[name] = _differing(name, *sides)
    for name in ("definitions", "made"):
        found[name] = _differing(name, then.get(name, {}), now[name])
    return found


def _of_year(section: Mapping[str, Any], year: int) -> dict[str, Any]:
    return {key: rows for key, rows in section.items() if key.split(" ")[-1][:4] == str(year)}


def _differing(
    name: str, then: Mapping[str, Any], now: Mapping[str, Any]
) -> dict[str, tuple[Any, Any]]:
    both = {key: (then.get(key), now.get(key)) for key in sorted({*then, *now})}
    if name == "facts":  # a number that moved to another cell is the same number
        return {key: sides for key, sides in both.items() if _said(sides[0]) != _said(sides[1])}
    return {key: sides for key, sides in both.items() if sides[0] != sides[1]}


def _said(rows: Iterable[list[str]] | None) -> list[list[str]]:
    return sorted(row[:2] for row in rows or ())


# --- in a file ------------------------------------------------------------------------------------


def packed(content: object) -> str:
    """Anything of JSON as a short text; the same for the same."""
    return base64.b64encode(lzma.compress(_plain(content), check=lzma.CHECK_CRC32)).decode()


def unpacked(text: object) -> Any:
    """What was packed; an empty mapping where it cannot be read."""
    try:
        return json.loads(lzma.decompress(base64.b64decode(str(text), validate=True)))
    except (ValueError, lzma.LZMAError):
        return {}


def digest(content: object) -> str:
    """The hash of anything of JSON; "" where there is nothing in it."""
    return hashlib.sha256(_plain(content)).hexdigest() if content else ""


def _plain(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def write_changes(changes: Mapping[str, Changes], folder: Path) -> None:
    """Lay out for a report what changed since its earlier releases."""
    (folder / _LAID_OUT).write_bytes(_plain(changes))


def read_changes(folder: Path) -> Mapping[str, Changes]:
    """What changed, as it was laid out; empty where nothing was."""
    try:
        content = json.loads((folder / _LAID_OUT).read_bytes())
    except FileNotFoundError:
        return {}
    changes: Mapping[str, Changes] = content
    return changes


def as_kept(memory: Memory, changes: Mapping[str, Changes]) -> dict[str, object]:
    """A memory as a manifest keeps it, and what changed in its release: values to be read."""
    rest = {name: section for name, section in memory.items() if name != "values"}
    return {
        "values": {key: "|".join(entry) for key, entry in memory["values"].items()},
        "grounds": packed(rest),
        "changes": packed(changes),
    }


def as_remembered(manifest: Mapping[str, Any]) -> Memory | None:
    """The memory in a manifest, or None in one of a release that kept none."""
    values = manifest.get("values")
    grounds = unpacked(manifest.get("grounds", ""))
    if not isinstance(values, dict) or not isinstance(grounds, dict) or not grounds:
        return None
    return {"values": {key: str(text).split("|") for key, text in values.items()}, **grounds}
