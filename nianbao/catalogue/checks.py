"""What the files of a catalogue say about one another, checked: every name must lead somewhere."""

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from nianbao.catalogue.chart_kinds import complaint
from nianbao.catalogue.models import Form, Item, Table, Target
from nianbao.catalogue.source import Source, SourcePath, did_you_mean
from nianbao.period import Period

if TYPE_CHECKING:
    from nianbao.catalogue import Catalogue

_LEDGER_KEYS = {"at", "count", "of", "sum", "date", "where"}
_GRID_KEYS = {"row", "column"}


def known_name(
    source: Source, path: SourcePath, name: str, known: Collection[str], what: str
) -> None:
    """Refuse a name that nobody knows, with the nearest ones."""
    if name not in known:
        raise source.error(path, f"unknown {what} “{name}”{did_you_mean(name, known)}")


def check_office(catalogue: "Catalogue", source: Source) -> None:
    """The district is one, and the forms expected are those that there are."""
    known_name(source, ("district",), catalogue.district, catalogue.places, "place")
    if catalogue.places[catalogue.district].kind != "district":
        districts = [p.code for p in catalogue.places.values() if p.kind == "district"]
        hint = f"; the district is {' or '.join(districts)}" if districts else ""
        kind = catalogue.places[catalogue.district].kind
        raise source.error(("district",), f"“{catalogue.district}” is a {kind}{hint}")
    for form in catalogue.office.expects:
        known_name(source, ("expects", form), form, catalogue.forms, "form")
    for form in catalogue.forms:
        if form not in catalogue.office.expects:
            raise source.error(("expects",), f"say how often the form “{form}” arrives")


def check_form(source: Source, form: Form) -> None:
    """Every name in a form is one of its own: fields, items, columns, values."""
    for table_id, table in form.tables.items():
        path: SourcePath = ("tables", table_id)
        _check_versions(source, (*path, "versions"), table)
        _check_place(source, path, table)
        _check_shape(source, path, table)
        for name, item in table.items.items():
            check = _check_grid_item if table.kind == "grid" else _check_ledger_item
            check(source, (*path, "items", name), table, name, item)
        for number, rule in enumerate(table.identities):
            for term in rule.holds.terms:
                here = (*path, "identities", number)
                known_name(source, here, term.item, table.items, "item")
                if term.earlier:
                    raise source.error(here, f"“{term.earlier}” belongs into `across:`")
        for closing, opening in table.carry_forward.items():
            for item_name in (closing, opening):
                known_name(
                    source, (*path, "carry_forward", closing), item_name, table.items, "item"
                )
        for number, item_name in enumerate(table.hints):
            known_name(source, (*path, "hints", number), item_name, table.items, "item")
        _check_collected(source, form, table)


def _check_collected(source: Source, form: Form, table: Table) -> None:
    """A workbook of one unit's own can only hold tables with a row or a sheet for that unit."""
    unit = form.collected_from
    sheet = table.kind == "ledger" and table.place.sheet and unit in table.place.kinds
    if unit != "bureau" and table.rows != unit and not sheet:
        raise source.error(
            ("collected_from",),
            f"《{table.title}》 has neither a row nor a sheet for each {unit}; leave this out",
        )


def _check_versions(source: Source, path: SourcePath, table: Table) -> None:
    if not table.versions:
        raise source.error(path, "give at least one version, named by its first year")
    if table.until is not None:
        try:
            Period.parse(str(table.until))
        except ValueError as error:
            raise source.error((*path[:-1], "until"), str(error)) from error
    for key, version in table.versions.items():
        try:
            Period.parse(str(key))
        except ValueError as error:
            raise source.error((*path, key), str(error)) from error
        other, what = ("columns", "fields") if table.kind == "ledger" else ("fields", "columns")
        if getattr(version, other):
            raise source.error((*path, key, other), f"a {table.kind} has {what}, not {other}")
        for kind, labels in (("columns", version.columns), ("fields", version.fields)):
            for name, label in labels.items():
                if any("，" in part for part in label):
                    raise source.error(
                        (*path, key, kind, name), "part the labels with “,”, not with “，”"
                    )
        for name in version.fields:
            known_name(source, (*path, key, "fields", name), name, table.fields, "field")
        if table.rows != "label" or table.each_row:
            for name in version.columns:
                known_name(source, (*path, key, "columns", name), name, table.items, "item")
    shown = {name for version in table.versions.values() for name in version.fields}
    for name in table.fields:
        known_name(source, (*path[:-1], "fields", name), name, shown, "column of the head")


def _check_place(source: Source, path: SourcePath, table: Table) -> None:
    if table.kind == "grid":
        for key in ("rows", "row_label"):
            if not getattr(table, key):
                raise source.error(path, f"“{key}” is missing here")
        return
    if field := table.place.field:
        known_name(source, (*path, "place", "field"), field, table.fields, "field")
        if table.fields[field].type != "place":
            raise source.error((*path, "place", "field"), f"“{field}” is no field of type place")


def _check_shape(source: Source, path: SourcePath, table: Table) -> None:
    """Years in the head stand above items at places; groups stand before labels."""
    if table.each_column:
        if table.rows not in ("township", "department"):
            raise source.error((*path, "each_column"), "columns that are years need rows of places")
        for key, version in table.versions.items():
            for name, label in version.columns.items():
                if "年" not in label:
                    at = (*path, "versions", key, "columns", name)
                    raise source.error(at, "say where the year stands in the head, as 年")
    if table.row_groups and (table.rows != "label" or table.each_row):
        raise source.error((*path, "row_groups"), "only rows of labels stand in groups")
    if table.calendar != "gregorian" and not table.yearly:
        raise source.error((*path, "calendar"), "this table names no years")


def _check_grid_item(source: Source, path: SourcePath, table: Table, name: str, item: Item) -> None:
    for key in _LEDGER_KEYS & item.model_fields_set:
        raise source.error((*path, key), f"“{key}” belongs to a ledger, and this is a grid")
    columns = {name for version in table.versions.values() for name in version.columns}
    column = item.column or name
    if item.type == "milestone":
        for needed in ("status", "evidence"):
            known_name(source, path, needed, columns, "column")
    elif column not in columns:
        raise source.error(path, f"no column “{column}”{did_you_mean(column, columns)}")
    if table.rows == "label" and not table.each_row and item.row is None:
        raise source.error(path, "say which row holds it (`row:`)")


def _check_ledger_item(
    source: Source, path: SourcePath, table: Table, _name: str, item: Item
) -> None:
    for key in _GRID_KEYS & item.model_fields_set:
        raise source.error((*path, key), f"“{key}” belongs to a grid, and this is a ledger")
    if (item.count is None) == (item.sum is None):
        raise source.error(path, "say `count:` or `sum:`")
    if item.count == "distinct" and not item.of:
        raise source.error(path, "say by which fields rows are told apart (`of:`)")
    date = item.date or table.date
    if date is None:
        raise source.error(path, "say which field is its date (`date:`)")
    _check_field(source, (*path, "date"), table, date, ("date",))
    if item.sum is not None and item.sum not in table.derived:
        _check_field(source, (*path, "sum"), table, item.sum, ("number", "amount"))
    for part in item.of:
        known_name(source, (*path, "of"), part, table.fields, "field")
    for part, condition in item.where.items():
        known_name(source, (*path, "where", part), part, table.fields, "field")
        values = table.fields[part].values
        for value in (*condition.among, *condition.excluded):
            if values and value:
                known_name(source, (*path, "where", part), value, values, "value")


def _check_field(
    source: Source, path: SourcePath, table: Table, name: str, kinds: tuple[str, ...]
) -> None:
    known_name(source, path, name, {*table.fields, *table.derived}, "field")
    kind = table.fields[name].type if name in table.fields else "number"
    if kind not in kinds:
        raise source.error(path, f"“{name}” is a {kind}, and a {kinds[0]} is needed here")


def check_derived(source: Source, form: Form) -> None:
    """Working days run from one date of the row to another."""
    for table_id, table in form.tables.items():
        for name, derived in table.derived.items():
            for field in derived.working_days:
                _check_field(source, ("tables", table_id, "derived", name), table, field, ("date",))


def check_indicators(catalogue: "Catalogue", source: Source, items: Collection[str]) -> None:
    """Every item and indicator that an indicator needs exists, and none needs itself."""
    groups = catalogue.outline.groups
    for name, indicator in catalogue.indicators.items():
        if groups:
            known_name(source, (name, "section"), indicator.section, groups, "group")
        for part in ("numerator", "denominator", "diversity"):
            formula = getattr(indicator, part)
            for item in formula.items if formula else ():
                known_name(source, (name, part), item, items, "item")
        for part, other in _others(catalogue, name):
            known_name(source, (name, part), other, catalogue.indicators, "indicator")
    for name in catalogue.indicators:
        _check_circle(catalogue, source, name)


def _others(catalogue: "Catalogue", name: str) -> Iterable[tuple[str, str]]:
    """The indicators that an indicator is worked out from, each with the key that names it."""
    indicator = catalogue.indicators[name]
    if indicator.across:
        yield "across", indicator.across.of
    if indicator.index:
        for component in indicator.index.components:
            yield "index", component


def _check_circle(catalogue: "Catalogue", source: Source, name: str) -> None:
    seen: list[str] = []
    waiting = [other for _, other in _others(catalogue, name)]
    while waiting:
        other = waiting.pop()
        if other == name:
            raise source.error((name,), f"“{name}” is worked out from itself")
        if other not in seen:
            seen.append(other)
            waiting += [further for _, further in _others(catalogue, other)]


def check_across(
    catalogue: "Catalogue", source: Source, form: Form, items: Collection[str]
) -> None:
    """What must agree across forms is reported at all, and where and when it can be compared."""
    for number, agreement in enumerate(form.across):
        path: SourcePath = ("across", number)
        named = [term.item for term in agreement.holds.terms]
        for name in named:
            known_name(source, path, name, items, "item")
        earlier = {term.earlier for term in agreement.holds.terms}
        if "quarter_before" in earlier and any(map(catalogue.is_annual, named)):
            raise source.error(path, "a year has no quarter before; write year_before(…)")
        kinds = {name: catalogue.table_of(name).kinds_of(name) for name in named}
        if agreement.at == "place" and not frozenset.intersection(*map(frozenset, kinds.values())):
            told = ", ".join(f"“{name}”: {'/'.join(kinds[name])}" for name in kinds)
            raise source.error(path, f"no place reports all of these ({told}); say `at: district`")


def check_targets(catalogue: "Catalogue", source: Source, targets: Mapping[str, Target]) -> None:
    """Every target has its indicator; `done` is for milestones, a value for what has one."""
    for name, target in targets.items():
        if name not in catalogue.indicators:
            hint = did_you_mean(name, catalogue.indicators)
            raise source.error((name,), f"a target without an indicator: “{name}”{hint}")
        milestone = catalogue.indicators[name].over_time == "done"
        if milestone and target.op != "done":
            raise source.error((name, "op"), f"“{name}” is a milestone: its target is `op: done`")
        if not milestone and target.op == "done":
            raise source.error((name, "op"), f"“{name}” is a number: give its target a value")


def check_outline(catalogue: "Catalogue", source: Source) -> None:
    """Every chart is of a known kind and stands once; every indicator that is shown exists."""
    seen: set[str] = set()
    for section, chart_id, chart in catalogue.charts():
        path = ("sections", section, "charts", chart_id)
        if chart_id in seen:
            raise source.error(path, f"the chart “{chart_id}” stands here twice")
        seen.add(chart_id)
        for number, name in enumerate(chart.indicators):
            known_name(
                source, (*path, "indicators", number), name, catalogue.indicators, "indicator"
            )
        if wrong := complaint(chart):
            raise source.error((*path, *wrong[0]), wrong[1])
    for part in ("headlines", "township_table"):
        for number, name in enumerate(getattr(catalogue.outline, part)):
            known_name(source, (part, number), name, catalogue.indicators, "indicator")
