"""Ledgers of any size, counted in a database by the rules that count small ones.

What a cell says is read in Python, once for each different text, by the code that reads small
ledgers; a number in plain digits is read in SQL. A row about which there is anything to say goes
through that code whole (`odd`). The rest are counted where they are.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from nianbao.addresses import MOST_SAID, Folded, Where
from nianbao.cells import (
    LONG,
    OPENS_PLAINLY,
    SHORT,
    Cells,
    Params,
    as_read,
    beside,
    columns_in,
    is_short,
    kept_of,
    looked_up,
    read_well,
    said,
    value_of,
)
from nianbao.corrections import Corrected, corrected
from nianbao.counting import belonging, by_place, days_of
from nianbao.events import Event
from nianbao.facts import ZERO, Applied, Decision, Fact, Harvest, Tally
from nianbao.ledgers import LedgerReader, read_alone
from nianbao.masses import Masses
from nianbao.readers import Database, Loaded, Sheet, address
from nianbao.reconciliation import recount
from nianbao.rows import NO_EVENTS


def count_ledger(where: Where, database: Database, loaded: Loaded) -> tuple[Harvest, Tally]:
    """Count the ledger that lies in a database.

    The tally is of the rows below the ledger's head. The office's decisions that `where` brings
    must fit. Raises `Rejected`.
    """
    bulk = _Bulk(where, database, loaded)
    for cells in bulk.columns.values():
        bulk.read_texts(cells)
    bulk.make_events()
    bulk.read_odd_rows()
    harvest = bulk.harvest()
    return harvest, bulk.tally(harvest.facts)


def rows_below(where: Where, database: Database, loaded: Loaded) -> int:
    """How many rows below a head hold anything, counted in the file itself."""
    texts = ", ".join(f"CAST(c{at} AS VARCHAR)" for at in range(1, len(loaded.kinds) + 1))
    head = where.head.last_row
    ((many,),) = database.ask(f"SELECT count(coalesce({texts})) FROM cells WHERE n > {head}")
    return int(many)


def unread(where: Where, database: Database, loaded: Loaded) -> Tally:
    """The tally of a ledger that is set aside whole: its rows below the head."""
    seen = rows_below(where, database, loaded)
    return Tally(where.file, where.sheet, seen, 0, {}, seen)


def _by_row(where: Where) -> dict[int, dict[str, Decision]]:
    """The office's decisions on cells below the head, by row."""
    rows: dict[int, dict[str, Decision]] = {}
    for cell, decision in where.decisions.items():
        if _row_of(cell) > where.head.last_row:
            rows.setdefault(_row_of(cell), {})[cell] = decision
    return rows


def corrected_in(database: Database, head: Sheet, decisions: dict[str, Decision]) -> Corrected:
    """The first rows with the office's decisions in them, and which of all decisions fit."""
    fitting: dict[str, Decision] = {}
    stale: list[tuple[Decision, str]] = []
    for cell, decision in decisions.items():
        found = database.ask("SELECT * EXCLUDE (n) FROM cells WHERE n = $n", {"n": _row_of(cell)})
        one = cell.rstrip("0123456789") + "1"
        got = corrected(Sheet(head.name, tuple(found)), {one: decision})
        fitting |= {cell: decision} if not got.stale else {}
        stale += got.stale
    above = {cell: one for cell, one in fitting.items() if _row_of(cell) <= len(head.rows)}
    return Corrected(corrected(head, above).sheet, fitting, tuple(stale))


def _row_of(cell: str) -> int:
    return int(cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))


class _Bulk:
    """One ledger on its way through the database: `cells`, `events`, and the `odd` rows."""

    def __init__(self, where: Where, database: Database, loaded: Loaded) -> None:
        self.where, self.database, self.loaded = where, database, loaded
        self.decisions = _by_row(where)
        self.reader = LedgerReader(where)
        self.columns = columns_in(where, loaded.kinds)
        self.masses = Masses(where, database, self.columns, self.reader.sheet_place)
        self.said = Folded()
        for finding in self.reader.harvest.findings:  # about the place of the sheet
            self.said.add(finding)
        self.fates: Counter[str] = Counter()
        self.set_aside: list[tuple[int, str, str]] = []
        self.decided: list[Event] = []
        self.numbers: dict[str, Decimal] = {}
        self.told: Counter[str] = Counter()

    def read_texts(self, cells: Cells) -> None:
        """Read in Python what SQL may not read by itself: each different text once."""
        at, ask = cells.at, self.database.ask
        ask(
            f"CREATE TABLE keys{at} AS SELECT DISTINCT {cells.key} AS key FROM cells "
            f"WHERE n > {self.where.head.last_row} AND c{at} IS NOT NULL AND NOT {cells.at_once}"
        )
        ask(f"CREATE TABLE read{at} (id BIGINT, value VARCHAR, word VARCHAR)")
        for page in self.database.pages(f"keys{at}", "rowid, key"):
            known = [(key, *said) for key, raw in page if (said := self._says(cells, raw))]
            self._insert(
                f"read{at}", {"id": "BIGINT", "value": "VARCHAR", "word": "VARCHAR"}, known
            )
        ask(
            f"CREATE TABLE means{at} AS SELECT key, CAST(value AS {cells.kind}) AS value, word "
            f"FROM keys{at} JOIN read{at} ON keys{at}.rowid = read{at}.id"
        )

    def _says(self, cells: Cells, raw: object) -> tuple[str | None, str | None] | None:
        """What a cell says wherever it stands; None where its row is to be looked at."""
        event = read_alone(self.where, cells.column, raw)
        if event is None or not all(is_short(entry.value) for entry in event.numbers.values()):
            return None
        return value_of(event, cells), event.words.get(cells.name)

    def _insert(
        self, table: str, kinds: Mapping[str, str], rows: Sequence[tuple[object, ...]]
    ) -> None:
        columns: Params = {name: [row[at] for row in rows] for at, name in enumerate(kinds)}
        lists = ", ".join(f"unnest(CAST(${name} AS {kind}[]))" for name, kind in kinds.items())
        self.database.ask(f"INSERT INTO {table} ({', '.join(kinds)}) SELECT {lists}", columns)

    def make_events(self) -> None:
        """Every row below the head as it was read; `ok` where there is nothing to say about it."""
        columns = self.columns.values()
        places = [said(c) for c in columns if c.column.field.type == "place"]
        place = ", ".join((*reversed(places), "$sheet_place"))
        easy = "".join(f", {c.at_once} AS easy{c.at}" for c in columns)
        first = ", ".join(f"CAST(c{at} AS VARCHAR)" for at in range(1, len(self.loaded.kinds) + 1))
        well = [OPENS_PLAINLY, *map(read_well, columns)]
        well += ["false"] if self.reader.refused else []
        self.database.ask(
            "CREATE TABLE every AS SELECT n, "
            f"coalesce({' AND '.join(well)}, false) AS ok, coalesce({place}) AS place"
            f"{''.join(map(as_read, columns))}"
            f" FROM (SELECT *, coalesce({first}) AS opening{easy} FROM cells "
            f"WHERE n > {self.where.head.last_row}) AS cells"
            f"{''.join(map(looked_up, columns))} WHERE opening IS NOT NULL",
            {"sheet_place": self.reader.sheet_place, "no_events": NO_EVENTS},
        )
        self.database.ask(
            "UPDATE every SET ok = false WHERE list_contains(CAST($decided AS BIGINT[]), n)",
            {"decided": list(self.decisions)},
        )
        self._look_at_unplaced()
        self.seen = self._numbers("every")

    def _look_at_unplaced(self) -> None:
        """An event without the place that its item needs is one to be looked at."""
        field = self.where.table.place.field
        if not field or field not in self.where.head.columns:
            return
        for name, item in self.where.table.items.items():
            if self.where.table.kinds_of(name) != ("district",):
                condition, params = self.masses.belonging(item)
                self.database.ask(
                    f"UPDATE every SET ok = false WHERE place = '' AND {condition}", params
                )

    def read_odd_rows(self) -> None:
        """Read the rows about which there is something to say, and take back those that count."""
        kinds = ", ".join(f"{name} {kind}" for name, kind in self._kept().items())
        self.database.ask(f"CREATE TABLE taken ({kinds})")
        odd = "SELECT n FROM every WHERE NOT ok"
        self.database.ask(
            f"CREATE TABLE odd AS SELECT * FROM cells WHERE n IN ({odd}) "
            "OR list_contains(CAST($decided AS BIGINT[]), n) ORDER BY n",
            {"decided": list(self.decisions)},
        )
        for page in self.database.pages("odd", "*"):
            rows = [(int(n), self._corrected(int(n), cells)) for n, *cells in page]
            for number, row in rows:
                self.reader.read(number, row, row)
            self._take(rows)
        names = ", ".join(self._kept())
        self.database.ask(
            f"CREATE VIEW events AS SELECT {names} FROM every WHERE ok "
            f"UNION ALL SELECT {names} FROM taken"
        )

    def _kept(self) -> dict[str, str]:
        """What is kept of an event, with DuckDB's types."""
        kinds = {"n": "BIGINT", "ok": "BOOLEAN", "place": "VARCHAR"}
        for cells in self.columns.values():
            kinds |= {f"v{cells.at}": cells.kind} if cells.kept else {}
            kinds |= dict.fromkeys(beside(cells), "VARCHAR")
        return kinds

    def _corrected(self, number: int, cells: list[object]) -> tuple[object, ...]:
        """A row with the office's decisions in its cells."""
        decisions = self.decisions.get(number)
        if not decisions:
            return tuple(cells)
        alone = {cell.rstrip("0123456789") + "1": cell for cell in decisions}
        row = Sheet(self.where.sheet, (tuple(cells),))
        done = corrected(row, {one: decisions[cell] for one, cell in alone.items()})
        return done.sheet.rows[0]

    def _take(self, rows: Sequence[tuple[int, tuple[object, ...]]]) -> None:
        """Take over what the reader made of some rows, and let it begin anew."""
        got = self.reader.harvest
        self.reader.harvest = Harvest()
        for finding in got.findings:
            if finding.code != "W_DATE_OUTSIDE":  # said with those of all other rows
                self.said.add(finding)
        self.fates.update(got.fates.values())
        self.set_aside += got.set_aside[: MOST_SAID - len(self.set_aside)]
        fates = {place: got.fates.get(n, "") for place, (n, _) in enumerate(rows, 1)}
        kept = tuple(row for _, row in rows)
        again = recount(self.where, kept, range(1, len(kept) + 1), fates)
        self.seen = (
            self.seen[0] + len(again),
            self.seen[1] + sum((value for value, _ in again.values()), ZERO),
        )
        for fate, number in got.numbers.items():
            self.numbers[fate] = self.numbers.get(fate, ZERO) + number
        self.told.update(got.counts)
        self.decided += [event for event in got.events if event.row in self.decisions]
        self._take_back(got.events)

    def _lengthen(self, events: Sequence[Event]) -> None:
        """Give the columns of numbers room for the events that are to be put into them."""
        for name, cells in self.columns.items():
            entries = [event.numbers[name] for event in events if name in event.numbers]
            if cells.kind == SHORT and not all(is_short(entry.value) for entry in entries):
                self.database.ask(f"ALTER TABLE taken ALTER v{cells.at} TYPE {LONG}")
                self.columns[name] = replace(cells, kind=LONG)

    def _take_back(self, events: Sequence[Event]) -> None:
        """Put events among those that count."""
        self._lengthen(events)
        rows = [
            (
                event.row,
                True,
                event.place,
                *(x for c in self.columns.values() for x in kept_of(event, c)),
            )
            for event in events
        ]
        if rows:
            self._insert("taken", self._kept(), rows)

    def _numbers(self, table: str) -> tuple[int, Decimal]:
        """How many numbers stand in the events that count, and what they add up to."""
        total = 0, ZERO
        for cells in self.columns.values():
            if cells.is_number:
                v = f"v{cells.at}"
                total_of = f"CAST(coalesce(sum({v}), 0) AS VARCHAR)"
                sql = f"SELECT count({v}), {total_of} FROM {table} WHERE ok"
                ((many, number),) = self.database.ask(sql)
                total = total[0] + many, total[1] + Decimal(number)
        return total

    def harvest(self) -> Harvest:
        """What the ledger gave."""
        facts = [] if self.reader.refused else self.masses.facts()
        self._say_outside()
        return Harvest(
            facts=facts,
            findings=self.said.all(),
            applied=list(self._applied(facts)),
            set_aside=self.set_aside,
            accepted=self._many("events"),
            fates=dict(enumerate(self.fates)),  # each that some row has
        )

    def _many(self, of: str) -> int:
        ((many,),) = self.database.ask(f"SELECT count(*) FROM {of}")
        return int(many)

    def _say_outside(self) -> None:
        """Name the events whose date lies outside the period, where the ledger has one date."""
        table = self.where.table
        dates = {item.date or table.date or "" for item in table.items.values()}
        cells = self.columns.get(min(dates)) if len(dates) == 1 else None
        if cells is None:
            return
        first, last = days_of(self.where.period)
        outside = f"FROM events WHERE ok AND v{cells.at} NOT BETWEEN $first AND $last"
        params: Params = {"first": first, "last": last}
        rows = self.database.ask(
            f"SELECT n, v{cells.at} {outside} ORDER BY n LIMIT {MOST_SAID + 1}", params
        )
        for row, date in rows:
            at = address(row, cells.at)
            self.said.add(self.where.finding("W_DATE_OUTSIDE", at, raw=date.isoformat()))
        if len(rows) > MOST_SAID:
            ((many, end),) = self.database.ask(f"SELECT count(*), max(n) {outside}", params)
            self.said.skip("W_DATE_OUTSIDE", address(end, cells.at), many - len(rows))

    def _applied(self, facts: Sequence[Fact]) -> Iterator[Applied]:
        """Which decision touched which fact: what its row counts for, or all where it does not."""
        for event in self.decided:
            touched = [fact for fact in facts if self._counts(event, fact)] or facts
            for decision in self.decisions[event.row].values():
                for fact in touched:
                    yield Applied(decision, fact.place, fact.item, fact.form, fact.file)

    def _counts(self, event: Event, fact: Fact) -> bool:
        matching = belonging([event], self.where.table.items[fact.item], self.where)
        there = by_place(self.where, fact.item, matching, self.reader.sheet_place)
        return bool(there.get(fact.place))

    def tally(self, facts: Sequence[Fact]) -> Tally:
        """What became of the rows below the head."""
        many, kept = self._numbers("events")
        texts = " OR ".join(f"c{at} IS NOT NULL" for at in range(1, len(self.loaded.kinds) + 1))
        seen = rows_below(self.where, self.database, self.loaded)
        # An odd row may hold invisible marks alone, or nothing but what the office decided.
        seen += sum(self.fates.values()) - self._many(f"odd WHERE {texts}")
        quarantined = self.fates["quarantined"]
        told = many + self.told["excluded"] + self.told["quarantined"]
        apart = ("accepted", "quarantined")
        return Tally(
            self.where.file,
            self.where.sheet,
            seen,
            self._many("events"),
            {fate: number for fate, number in self.fates.items() if fate not in apart},
            quarantined,
            self.seen[1],
            kept,
            self.numbers.get("excluded", ZERO),
            self.numbers.get("quarantined", ZERO),
            self.seen[0] - told,
            facts=tuple(facts),
        )
