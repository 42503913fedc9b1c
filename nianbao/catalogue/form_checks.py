"""What a form says about itself, checked: fields, items, columns, values, places and dates."""

from nianbao.catalogue.checks import known_name
from nianbao.catalogue.models import Form, Item, Table
from nianbao.catalogue.source import Source, SourcePath
from nianbao.period import Period
from nianbao.terminal import say

_LEDGER_KEYS = frozenset({"at", "count", "of", "sum", "date", "where"})
_GRID_KEYS = frozenset({"row", "column"})


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
                    raise source.error(
                        here,
                        say(
                            zh=f"“{term.earlier}”应写在across:之下",
                            en=f"“{term.earlier}” belongs into `across:`",
                        ),
                    )
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
    unit = "township" if form.collected_from == "districts" else form.collected_from
    sheet = table.kind == "ledger" and table.place.sheet and unit in table.place.kinds
    if unit != "bureau" and table.rows != unit and not sheet:
        raise source.error(
            ("collected_from",),
            say(
                zh=f"《{table.title}》没有按{unit}分的行或工作表，请去掉这一项",
                en=f"《{table.title}》 has neither a row nor a sheet for each {unit}; "
                "leave this out",
            ),
        )


def _check_versions(source: Source, path: SourcePath, table: Table) -> None:
    if not table.versions:
        raise source.error(
            path,
            say(
                zh="请至少写一个版本，以起用年份为名",
                en="give at least one version, named by its first year",
            ),
        )
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
            raise source.error(
                (*path, key, other),
                say(
                    zh=f"{table.kind}类的表应写{what}，不写{other}",
                    en=f"a {table.kind} has {what}, not {other}",
                ),
            )
        for kind, labels in (("columns", version.columns), ("fields", version.fields)):
            for name, label in labels.items():
                if any("，" in part for part in label):
                    raise source.error(
                        (*path, key, kind, name),
                        say(
                            zh="栏名之间用半角“,”隔开，不用“，”",
                            en="part the labels with “,”, not with “，”",
                        ),
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
                raise source.error(path, say(zh=f"这里缺少“{key}”", en=f"“{key}” is missing here"))
        return
    if field := table.place.field:
        known_name(source, (*path, "place", "field"), field, table.fields, "field")
        if table.fields[field].type != "place":
            raise source.error(
                (*path, "place", "field"),
                say(
                    zh=f"“{field}”这一栏的类型不是place", en=f"“{field}” is no field of type place"
                ),
            )


def _check_shape(source: Source, path: SourcePath, table: Table) -> None:
    """Years in the head stand above items at places; groups stand before labels."""
    if table.each_column:
        if table.rows not in ("township", "department"):
            raise source.error(
                (*path, "each_column"),
                say(
                    zh="以年份为栏的表，各行应是单位",
                    en="columns that are years need rows of places",
                ),
            )
        for key, version in table.versions.items():
            for name, label in version.columns.items():
                if "年" not in label:
                    at = (*path, "versions", key, "columns", name)
                    raise source.error(
                        at,
                        say(
                            zh="请用“年”标出表头中年份的位置",
                            en="say where the year stands in the head, as 年",
                        ),
                    )
    if table.row_groups and (table.rows != "label" or table.each_row):
        raise source.error(
            (*path, "row_groups"),
            say(zh="只有以项目为行的表才能分组", en="only rows of labels stand in groups"),
        )
    if table.calendar != "gregorian" and not table.yearly:
        raise source.error(
            (*path, "calendar"), say(zh="这张表中没有年份", en="this table names no years")
        )


def _refuse_keys_of_other(
    source: Source, path: SourcePath, table: Table, item: Item, keys: frozenset[str]
) -> None:
    """Refuse what only the other kind of table takes."""
    ledger, grid = ("台账", "ledger"), ("统计表", "grid")
    other, own = (ledger, grid) if table.kind == "grid" else (grid, ledger)
    for key in keys & item.model_fields_set:
        text = say(
            zh=f"“{key}”用于{other[0]}，这是{own[0]}",
            en=f"“{key}” belongs to a {other[1]}, and this is a {own[1]}",
        )
        raise source.error((*path, key), text)


def _check_grid_item(source: Source, path: SourcePath, table: Table, name: str, item: Item) -> None:
    _refuse_keys_of_other(source, path, table, item, _LEDGER_KEYS)
    columns = {name for version in table.versions.values() for name in version.columns}
    column = item.column or name
    if item.type == "milestone":
        for needed in ("status", "evidence"):
            known_name(source, path, needed, columns, "column")
    elif column not in columns:
        known_name(source, path, column, columns, "column")
    if table.rows == "label" and not table.each_row and item.row is None:
        raise source.error(
            path, say(zh="请用row:写明取哪一行", en="say which row holds it (`row:`)")
        )


def _check_ledger_item(
    source: Source, path: SourcePath, table: Table, _name: str, item: Item
) -> None:
    _refuse_keys_of_other(source, path, table, item, _GRID_KEYS)
    if (item.count is None) == (item.sum is None):
        raise source.error(path, say(zh="请写count:或sum:，二者取一", en="say `count:` or `sum:`"))
    if item.count == "distinct" and not item.of:
        raise source.error(
            path,
            say(
                zh="请用of:写明按哪些栏区分各行",
                en="say by which fields rows are told apart (`of:`)",
            ),
        )
    date = item.date or table.date
    if date is None:
        raise source.error(
            path, say(zh="请用date:写明以哪一栏为日期", en="say which field is its date (`date:`)")
        )
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
        raise source.error(
            path,
            say(
                zh=f"“{name}”的类型是{kind}，这里需要{kinds[0]}",
                en=f"“{name}” is a {kind}, and a {kinds[0]} is needed here",
            ),
        )


def check_derived(source: Source, form: Form) -> None:
    """Working days run from one date of the row to another."""
    for table_id, table in form.tables.items():
        for name, derived in table.derived.items():
            for field in derived.working_days:
                _check_field(source, ("tables", table_id, "derived", name), table, field, ("date",))
