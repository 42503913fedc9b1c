"""Items of a grid: where they stand in a row, and what their cells say."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from nianbao.catalogue import Item
from nianbao.numerals import Meaning, NotANumber, Reading, read_number
from nianbao.period import squeezed
from nianbao.readers import CellError
from nianbao.recognise import Head, label
from nianbao.rows import cell_at, typed_text

_HUNDRED = Decimal(100)
_NO_NAME = ("无", "—", "暂无", "未建", "否", "×", "没有", "0")


def item_columns(head: Head, text: str) -> dict[int, dict[str, int]]:
    """The items that stand in one row of a grid, and their columns (1-based), by year.

    The year is 0 where the columns are not years.
    """
    if head.years:
        return head.years
    if head.table.rows == "label" and not head.table.each_row:
        wanted = label(text)
        status = head.columns.get("status", 0)
        columns = {
            name: status if item.type == "milestone" else head.columns[item.column or name]
            for name, item in head.table.items.items()
            if item.row is not None
            and label(item.row) == wanted
            and (item.type == "milestone" or (item.column or name) in head.columns)
        }
    else:
        columns = {name: head.columns[name] for name in head.table.items if name in head.columns}
    return {0: columns}


def label_of(head: Head, cells: tuple[object, ...]) -> str:
    """The label of a row, after those of its groups: 失业保险›基金收入."""
    columns = (*head.group_columns, head.label_column)
    return "›".join(typed_text(cell_at(cells, column)) for column in columns)


def read_item(item: Item, raw: object, head: Head) -> Reading:
    """Read one cell as its item says. Raises NotANumber."""
    if isinstance(raw, CellError):
        raise NotANumber("E_CELL_ERROR", f"{raw.text} is an error, not a number")
    if item.type == "named":
        return _named(raw)
    words: Mapping[str, Meaning] = head.table.words
    if item.words:
        words = {**words, **item.words}
    reading = read_number(raw, unit=item.unit, blank=head.table.blank, words=words)
    if item.fraction and reading.value is not None and is_bare(raw):
        return replace(reading, value=read_number(reading.value * _HUNDRED).value)
    return reading


def _named(raw: object) -> Reading:
    text = squeezed(typed_text(raw))
    if not text:
        return Reading(None, state="missing", notes=("W_MISSING",))
    return Reading(Decimal(0 if text in _NO_NAME else 1))


def is_bare(raw: object) -> bool:
    """Whether a share is typed without saying that it is in percent."""
    typed = squeezed(typed_text(raw))
    return "%" not in typed and "分之" not in typed


def wrong_numbers(item: Item, value: Decimal) -> list[str]:
    """What is wrong with a number of its kind, as codes of findings."""
    if value < 0 and not item.signed:
        return ["E_NEGATIVE"]
    if (most := limit(item)) is not None and value > most:
        return ["E_RATIO"]
    whole = (
        item.type in ("amount", "rate") or item.unit == "%" or value == value.to_integral_value()
    )
    return [] if whole else ["E_NOT_INTEGER"]


def limit(item: Item) -> Decimal | None:
    """What a number can be at most: a share, the whole."""
    return _HUNDRED if item.at_most is None and item.unit == "%" else item.at_most
