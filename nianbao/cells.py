"""The columns of a ledger in a database: what SQL reads of them, looks up and keeps.

Columns go by number: nothing that was typed becomes part of a statement.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from nianbao.addresses import Where
from nianbao.events import Event
from nianbao.ledgers import Column, columns_of
from nianbao.readers import Rejected
from nianbao.rounding import plain

Params = dict[str, object]

# What the database keeps of a number: the short type, until one comes that it cannot hold.
SHORT, LONG = "DECIMAL(18, 4)", "DECIMAL(38, 15)"
_INTEGERS = frozenset(
    f"{sign}{size}INT" for sign in ("", "U") for size in ("TINY", "SMALL", "BIG", "HUGE")
) | {"INTEGER", "UINTEGER"}
# A text of letters in which reading changes nothing, but that blanks go and brackets grow narrow.
EASY = r"[!-~\x{3400}-\x{4dbf}\x{4e00}-\x{9fff}、。《》〔〕“”（） \x{3000}]+"
_DAY_AND_TIME = (
    r"(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}[T ]"
    r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,9})?)?"
)
_BLANKS = " \u3000"


@dataclass(frozen=True, slots=True)
class Cells:
    """One column of a ledger, as SQL over a row of `cells`.

    `key` is what is looked up among the texts that Python has read; `at_once` says whether SQL may
    read the cell by itself, and `value` as what. In `events`, v3 is what column 3 says, w3 its
    words as they were typed, q3 a number's qualifier and r3 how it was typed; what no item asks
    about is not kept.
    """

    column: Column
    kind: str  # DuckDB's type of what it says
    key: str
    at_once: str
    value: str
    kept: bool = True
    worded: bool = False  # a text of which an item asks for certain words

    @property
    def at(self) -> int:
        """The column's number."""
        return self.column.number

    @property
    def name(self) -> str:
        """The field's name in the catalogue."""
        return self.column.name

    @property
    def is_number(self) -> bool:
        """Whether it can be added up."""
        return self.kind in (SHORT, LONG)


def cells_of(column: Column, kinds: Sequence[str]) -> Cells:
    """A column in SQL; `kinds` are DuckDB's types of all columns."""
    cell, kind = f"c{column.number}", kinds[column.number - 1]
    if column.field.type in ("number", "amount"):
        whole = column.field.type == "number"
        digits = "[0-9]{1,14}" if whole else r"[0-9]{1,11}(\.[0-9]{1,4})?"
        text = cell if kind == "VARCHAR" else f"CAST({cell} AS VARCHAR)"
        text = f"printf('%.15g', CAST({cell} AS DOUBLE))" if kind in ("FLOAT", "DOUBLE") else text
        known = kind in {"VARCHAR", "FLOAT", "DOUBLE", *_INTEGERS}
        at_once = f"regexp_full_match({text}, '{digits}')" if known else "false"
        return Cells(column, SHORT, cell, at_once, f"TRY_CAST({text} AS {SHORT})")
    if column.field.type == "date":
        if kind in ("DATE", "TIMESTAMP"):
            return Cells(column, "DATE", cell, f"isfinite({cell})", f"CAST({cell} AS DATE)")
        timed = f"length({cell}) > 10 AND regexp_full_match({cell}, '{_DAY_AND_TIME}')"
        key = f"CASE WHEN {timed} THEN {cell}[:10] ELSE {cell} END" if kind == "VARCHAR" else cell
        return Cells(column, "DATE", key, "false", "NULL")
    if column.field.type == "text" and kind == "VARCHAR":
        easy = f"regexp_full_match({cell}, '{EASY}')"
        return Cells(column, "VARCHAR", cell, f"{easy} AND {words(cell)} <> ''", narrow(cell))
    return Cells(column, "VARCHAR", cell, "false", "NULL")


def is_short(value: Decimal) -> bool:
    """Whether the short type holds a number."""
    return abs(value) < 10**14 and value == round(value, 4)


def narrow(text: str) -> str:
    """An easy text as it is read."""
    has_brackets = f"contains({text}, '（') OR contains({text}, '）')"
    brackets = f"replace(replace({text}, '（', '('), '）', ')')"
    narrowed = f"CASE WHEN {has_brackets} THEN {brackets} ELSE {text} END"
    has_blanks = f"contains({text}, ' ') OR contains({text}, '\u3000')"
    blanks = f"replace(replace({narrowed}, ' ', ''), '\u3000', '')"
    return f"CASE WHEN {has_blanks} THEN {blanks} ELSE {narrowed} END"


def words(text: str) -> str:
    """An easy text without the blanks around it."""
    return f"trim({text}, '{_BLANKS}')"


_MOST_DIGITS = 15  # behind the point
# What begins with a sign of ASCII begins no total, footer or 无, unless it goes on to 小计.
OPENS_PLAINLY = (
    "CASE WHEN opening >= '!' AND opening < '~' AND NOT contains(opening, '计') THEN true "
    f"ELSE regexp_full_match(opening, '{EASY}') "
    f"AND NOT regexp_matches({narrow('opening')}, $no_events) END"
)


def columns_in(where: Where, kinds: Sequence[str]) -> dict[str, Cells]:
    """The fields that stand on the sheet; a text that no item asks about needs no reading."""
    table, items = where.table, where.table.items.values()
    worded = {name for item in items for name, asked in item.where.items() if not asked.filled}
    dates = {item.date or table.date for item in items}
    dates |= {date for one in table.derived.values() for date in one.working_days}
    asked = {*dates, *(name for item in items for name in (*item.of, *item.where))}
    found: dict[str, Cells] = {}
    for one in columns_of(where):
        text = one.field.type == "text"
        if one.number and (not text or one.field.required or one.name in asked):
            cells = cells_of(one, kinds)
            kept = cells.is_number or one.name in asked
            found[one.name] = replace(cells, kept=kept, worded=text and one.name in worded)
    return found


def looked_up(cells: Cells) -> str:
    """The join that brings what Python has read of a column."""
    return f" LEFT JOIN means{cells.at} ON means{cells.at}.key = {cells.key}"


def read_well(cells: Cells) -> str:
    """Whether one cell of a row was read, with nothing to say about it."""
    at = cells.at
    blank = "false" if cells.column.field.required else f"c{at} IS NULL"
    return f"({blank} OR coalesce(easy{at}, false) OR means{at}.key IS NOT NULL)"


def said(cells: Cells) -> str:
    """What one cell of a row says."""
    at = cells.at
    value = f"CASE WHEN easy{at} THEN {cells.value} ELSE means{at}.value END"
    return f"CAST({value} AS {cells.kind})"


def as_read(cells: Cells) -> str:
    """What is kept of one cell of a row: what it says, and what stands beside that."""
    at = cells.at
    told = f", {said(cells)} AS v{at}" if cells.kept else ""
    if cells.is_number:
        told += f", CAST(NULL AS VARCHAR) AS q{at}, CAST(NULL AS VARCHAR) AS r{at}"
    if cells.worded:
        told += f", CASE WHEN easy{at} THEN {words(f'c{at}')} ELSE means{at}.word END AS w{at}"
    return told


def beside(cells: Cells) -> tuple[str, ...]:
    """The columns that stand beside a value."""
    if cells.is_number:
        return f"q{cells.at}", f"r{cells.at}"
    return (f"w{cells.at}",) if cells.worded else ()


def kept_of(event: Event, cells: Cells) -> Iterator[str | None]:
    """What is kept of an event in one field, as `as_read` keeps it."""
    if cells.kept:
        yield value_of(event, cells)
    if cells.is_number:
        entry = event.numbers.get(cells.name)
        yield entry.qualifier if entry else None
        yield entry.raw if entry else None
    if cells.worded:
        yield event.words.get(cells.name)


def value_of(event: Event, cells: Cells) -> str | None:
    """What a field says, as text that the database reads; None where it says nothing."""
    if cells.is_number and cells.name in event.numbers:
        value = event.numbers[cells.name].value
        if -int(value.as_tuple().exponent) > _MOST_DIGITS:
            detail = f"{plain(value)} has over {_MOST_DIGITS} digits behind its point"
            raise Rejected("E_PRECISION", detail, found=plain(value))
        return plain(value)
    return event.said(cells.name) or None
