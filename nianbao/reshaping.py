"""Reshaping: what a form's catalogue would say if the drift of heads and rows were meant so."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from nianbao.catalogue import Catalogue
from nianbao.catalogue.models import Item, Label, Model, Table, Version
from nianbao.drift import Drift, alike
from nianbao.findings import Finding
from nianbao.period import Period

_ALIKE = 0.5  # how much two names of a row share that may be one row renamed


@dataclass(frozen=True, slots=True)
class Change:
    """What would stand in a form's catalogue below a key of one of its tables."""

    code: str
    form: str
    table_id: str
    below: tuple[str, ...]
    content: Mapping[object, object]
    why: str
    words: Mapping[str, object]
    files: tuple[str, ...]


@dataclass(slots=True)
class _NewHead:
    """The drift of one table from one period on, of all files that show it."""

    since: Period
    renamed: dict[str, Label] = field(default_factory=dict)
    appeared: dict[Label, None] = field(default_factory=dict)
    files: dict[str, None] = field(default_factory=dict)


def head_changes(catalogue: Catalogue, drifts: Iterable[Drift]) -> Iterator[Change]:
    """A new version for every table whose heads drifted; the same drift is one version."""
    heads: dict[tuple[str, str], list[_NewHead]] = {}
    for drift in sorted(drifts, key=lambda d: (d.period, d.file)):
        _gather(heads.setdefault((drift.form, drift.table_id), []), drift)
    for (form, table_id), found in heads.items():
        table = catalogue.forms[form].tables[table_id]
        for new in found:
            yield _version(form, table_id, table, new)


def _gather(heads: list[_NewHead], drift: Drift) -> None:
    """Add one file's drift to a version that has it, can take it, or is new."""
    renamed, appeared = dict(drift.renamed), dict.fromkeys(drift.appeared)
    for head in heads:
        said = {item: path for item, path in renamed.items() if head.renamed.get(item) == path}
        if said or appeared.keys() & head.appeared:
            head.files[drift.file] = None
        renamed = {item: path for item, path in renamed.items() if item not in said}
        appeared = {path: None for path in appeared if path not in head.appeared}
    if not renamed and not appeared:
        return
    for head in heads:
        if head.since == drift.period and not head.renamed.keys() & renamed:
            break
    else:
        head = _NewHead(drift.period)
        heads.append(head)
    head.renamed |= renamed
    head.appeared |= appeared
    head.files[drift.file] = None


def _version(form: str, table_id: str, table: Table, new: _NewHead) -> Change:
    """The version's entry: on its own, or in the place of one of the same time."""
    kind = "columns" if table.kind == "grid" else "fields"
    key = _same_time(table, new.since)
    version = table.versions[key] if key is not None else Version()
    before: dict[str, Label] = getattr(version, kind)
    labels = {**before, **new.renamed}
    ignored = (*version.ignored, *new.appeared)
    content: dict[str, object] = {}
    if labels:
        content[kind] = {name: list(path) for name, path in labels.items()}
    if ignored:
        content["ignored"] = [list(path) for path in ignored]
    since: object = new.since.name if new.since.quarter else new.since.year
    why = "renamed" if new.renamed else "appeared"
    current = table.version(new.since)
    old: dict[str, Label] = getattr(current, kind)
    names = [f"{'›'.join(old[item])} → {'›'.join(path)}" for item, path in new.renamed.items()]
    names += ["›".join(path) for path in new.appeared]
    return Change(
        "E_HEADER" if new.renamed else "W_HEADER",
        form,
        table_id,
        ("versions",),
        {since if key is None else key: content},
        why if key is None else f"{why}_in_version",
        {"names": "、".join(names), "names_in": key},
        tuple(new.files),
    )


def _same_time(table: Table, since: Period) -> int | str | None:
    """The version that is in force from the same time on, which a new one would only repeat."""
    for key in table.versions:
        known = Period.parse(str(key))
        if (known.year, known.quarter or 1) == (since.year, since.quarter or 1):
            return key
    return None


def row_changes(catalogue: Catalogue, findings: Iterable[Finding]) -> Iterator[Change]:
    """Rows of label tables: those that were renamed, and those that appeared."""
    unknown: dict[tuple[str, str, str], dict[str, None]] = {}
    absent: dict[tuple[str, str, str], dict[str, None]] = {}
    for one in findings:
        where = (one.form, one.table, one.file)
        if one.code == "W_ROW_UNKNOWN" and one.words["raw"].strip():
            unknown.setdefault(where, {})[one.words["raw"].strip()] = None
        elif one.code == "W_ROW_MISSING":
            absent.setdefault(where, {})[one.words["name"]] = None
    renamed: dict[tuple[str, str, str, str], list[str]] = {}
    appeared: dict[tuple[str, str], dict[str, list[str]]] = {}
    for (form, table, file), rows in unknown.items():
        lost = dict(absent.get((form, table, file), {}))
        for raw in rows:
            near = max(lost, key=lambda name: alike(name, raw), default="")
            if near and alike(near, raw) >= _ALIKE:
                del lost[near]
                renamed.setdefault((form, table, near, raw), []).append(file)
            else:
                appeared.setdefault((form, table), {}).setdefault(raw, []).append(file)
    for (form, table, name, raw), files in renamed.items():
        yield from _renamed_row(catalogue, form, table, name, raw, files)
    for (form, table), by_row in appeared.items():
        yield _appeared_rows(catalogue, form, table, by_row)


def _renamed_row(
    catalogue: Catalogue, form: str, table_id: str, name: str, raw: str, files: list[str]
) -> Iterator[Change]:
    for item_id, item in catalogue.forms[form].tables[table_id].items.items():
        if item.row == name:
            content: dict[object, object] = {item_id: _written(item) | {"row": raw}}
            words = {"raw": raw, "name": name}
            yield Change(
                "W_ROW_UNKNOWN",
                form,
                table_id,
                ("items",),
                content,
                "row_renamed",
                words,
                tuple(files),
            )


def _appeared_rows(
    catalogue: Catalogue, form: str, table_id: str, by_row: Mapping[str, list[str]]
) -> Change:
    noted = catalogue.forms[form].tables[table_id].noted_rows
    files = dict.fromkeys(file for files in by_row.values() for file in files)
    return Change(
        "W_ROW_UNKNOWN",
        form,
        table_id,
        (),
        {"noted_rows": [*noted, *by_row]},
        "row_appeared",
        {"raw": "、".join(by_row)},
        tuple(files),
    )


def _written(item: Item) -> dict[str, object]:
    """An item as its file says it: what was left out there is left out here."""
    return {name: _plain(value) for name, value in item if name in item.model_fields_set}


def _plain(value: object) -> object:
    match value:
        case Model():
            return {name: _plain(v) for name, v in value if name in value.model_fields_set}
        case dict():
            return {key: _plain(one) for key, one in value.items()}
        case list() | tuple():
            return [_plain(one) for one in value]
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
    return value
