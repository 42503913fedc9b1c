"""The facts that the events of a ledger in a database come to.

The rules are those of `nianbao.counting`. Values travel as bound parameters, and columns go by
number: nothing that was typed becomes part of a statement.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce

from nianbao.addresses import Where
from nianbao.catalogue import Item
from nianbao.catalogue.models import Condition
from nianbao.cells import Cells, Params
from nianbao.counting import MOST_LISTED, combined, days_of, ranges, span
from nianbao.facts import ZERO, Fact
from nianbao.numerals import Qualifier
from nianbao.readers import Database
from nianbao.rounding import plain
from nianbao.rows import typed_text

_GROUPED = "GROUP BY ALL HAVING count(*) > 0"
_A_MONDAY = "DATE '0001-01-01'"


@dataclass(frozen=True, slots=True)
class Masses:
    """The events of one ledger in a database, where `ok` says which of them count."""

    where: Where
    database: Database
    columns: Mapping[str, Cells]
    sheet_place: str

    def facts(self) -> list[Fact]:
        """One fact for every item and place that reports it."""
        examined = self._rows("ok", {}) or f"{self.where.head.last_row}"
        return [fact for name in self.where.table.items for fact in self._facts(name, examined)]

    def _rows(self, condition: str, params: Params) -> str:
        """The rows that satisfy a condition, as an address."""
        found = self._groups("''", condition, params)
        return self._addresses(found, "''", condition, params).get("", "")

    def _groups(self, by: str, condition: str, params: Params) -> dict[str, tuple[int, int, int]]:
        """How many rows satisfy a condition, the first and the last, by something."""
        sql = f"SELECT {by}, count(*), min(n), max(n) FROM events WHERE {condition} {_GROUPED}"
        return {group: tuple(rest) for group, *rest in self.database.ask(sql, params)}

    def _addresses(
        self, found: Mapping[str, tuple[int, int, int]], by: str, condition: str, params: Params
    ) -> dict[str, str]:
        """The address of each group of rows: ranges, or for very many their span and count."""
        few = [group for group, (many, first, last) in found.items() if many <= MOST_LISTED]
        listed: dict[str, list[int]] = {}
        if few:
            inside = f"SELECT {by} AS place, n FROM events WHERE {condition}"
            among = "list_contains(CAST($few AS VARCHAR[]), place)"
            sql = f"SELECT place, list(n) FROM ({inside}) WHERE {among} {_GROUPED}"
            listed = dict(self.database.ask(sql, {**params, "few": few}))
        return {
            group: ranges(listed[group]) if group in listed else span(first, last, many)
            for group, (many, first, last) in found.items()
        }

    def _facts(self, name: str, examined: str) -> Iterator[Fact]:
        item = self.where.table.items[name]
        places = self._places(name)
        by = "place" if len(places) > 1 or not self._is_whole(name) else "''"
        condition, params = self.belonging(item)
        found = self._groups(by, condition, params)
        cells = self._addresses(found, by, condition, params)
        amounts = self._amounts(item, by, condition, params)
        for place in places:
            group = "" if by == "''" else place
            value, qualifier, raw = amounts.get(group, (ZERO, "=", "0"))
            yield Fact(
                period=self.where.period.name,
                place=place,
                item=name,
                value=value,
                qualifier=qualifier,
                raw=raw,
                form=self.where.head.form,
                file=self.where.file,
                sheet=self.where.sheet,
                cell=cells.get(group, "") or examined,
            )

    def _is_whole(self, name: str) -> bool:
        """Whether all events count for one place: the district, or that of the sheet."""
        return bool(self.sheet_place) or self.where.table.kinds_of(name) == ("district",)

    def _places(self, name: str) -> tuple[str, ...]:
        kinds = self.where.table.kinds_of(name)
        if self.sheet_place:
            return (self.sheet_place,) if self.where.names.kinds[self.sheet_place] in kinds else ()
        if kinds == ("district",):
            return (self.where.catalogue.district,)
        return tuple(self.where.catalogue.places_of_kinds(kinds, self.where.period))

    def belonging(self, item: Item) -> tuple[str, Params]:
        """The condition on which an event counts for an item, with its parameters."""
        date = self.columns.get(item.date or self.where.table.date or "")
        if date is None:
            return "false", {}
        first, last = days_of(self.where.period)
        params: Params = {"first": first, "last": last}
        conditions = ["ok", f"v{date.at} BETWEEN $first AND $last"]
        for number, (field, condition) in enumerate(item.where.items()):
            conditions.append(self._satisfying(field, condition, f"said{number}", params))
        return " AND ".join(conditions), params

    def _satisfying(self, field: str, condition: Condition, name: str, params: Params) -> str:
        cells = self.columns.get(field)
        if condition.filled:
            return f"v{cells.at} IS NOT NULL" if cells else "false"
        words = f"coalesce({'w' if cells.worded else 'v'}{cells.at}, '')" if cells else "''"
        if cells and cells.kind != "VARCHAR":  # a date or number has no words
            words = "''"
        params[name] = list(condition.excluded or condition.among)
        among = f"list_contains(CAST(${name} AS VARCHAR[]), {words})"
        return f"NOT {among}" if condition.excluded else among

    def _amounts(
        self, item: Item, by: str, condition: str, params: Params
    ) -> dict[str, tuple[Decimal, Qualifier, str]]:
        """What the events of each place come to, how sure it is, and as it was typed."""
        if item.count == "distinct":
            said = [f"v{self.columns[f].at}" if f in self.columns else "NULL" for f in item.of]
            apart = (
                f"SELECT DISTINCT {by} AS place, {', '.join(said)} FROM events WHERE {condition}"
            )
            sql = f"SELECT place, count(*) FROM ({apart}) {_GROUPED}"
        elif item.count == "rows":
            sql = f"SELECT {by}, count(*) FROM events WHERE {condition} {_GROUPED}"
        elif item.sum in self.where.table.derived:
            days = self._working_days(item.sum)
            sql = f"SELECT {by}, sum({days}) FROM events WHERE {condition} {_GROUPED}"
        else:
            return self._sums(item, by, condition, params)
        counted = self.database.ask(sql, params)
        return {place: (Decimal(many or 0), "=", str(many or 0)) for place, many in counted}

    def _sums(
        self, item: Item, by: str, condition: str, params: Params
    ) -> dict[str, tuple[Decimal, Qualifier, str]]:
        cells = self.columns.get(item.sum or "")
        if cells is None:
            return {}
        v, q, r = (f"{letter}{cells.at}" for letter in "vqr")
        digits = f"length(rtrim(split_part(CAST({v} AS VARCHAR), '.', 2), '0'))"
        digits = f"CASE WHEN {v} % 1 = 0 THEN 0 WHEN {v} % 0.1 = 0 THEN 1 ELSE {digits} END"
        sql = (
            f"SELECT {by}, CAST(sum({v}) AS VARCHAR), count(*), list(DISTINCT {q}), min({r}), "
            f"min(n), max({digits}) "
            f"FROM events WHERE {v} IS NOT NULL AND {condition} {_GROUPED}"
        )
        told: dict[str, tuple[Decimal, Qualifier, str]] = {}
        for place, total, many, qualifiers, raw, row, digits in self.database.ask(sql, params):
            value = Decimal(total).quantize(Decimal(1).scaleb(-digits))
            if many == 1:
                raw = raw or self._typed(cells, row)
            said = [qualifier for qualifier in qualifiers or () if qualifier]
            told[place] = value, reduce(combined, said, "="), raw if many == 1 else plain(value)
        return told

    def _typed(self, cells: Cells, row: int) -> str:
        ((raw,),) = self.database.ask(f"SELECT c{cells.at} FROM cells WHERE n = $row", {"row": row})
        return typed_text(raw)

    def _working_days(self, name: str) -> str:
        """Mondays to Fridays after the first date of an event, up to and with the second."""
        start, end = (self.columns.get(f) for f in self.where.table.derived[name].working_days)
        if start is None or end is None:
            return "0"
        till = [f"(v{one.at} - {_A_MONDAY})" for one in (end, start)]
        until = [f"({day} // 7 * 5 + least({day} % 7 + 1, 5))" for day in till]
        return f"CASE WHEN v{end.at} > v{start.at} THEN {until[0]} - {until[1]} ELSE 0 END"
