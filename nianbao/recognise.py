"""Finding the tables of the catalogue's forms on a sheet, by their heads, wherever they stand."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from nianbao.catalogue import Catalogue, Table
from nianbao.catalogue.models import Label
from nianbao.period import Period, squeezed
from nianbao.readers import Sheet

Rows = tuple[tuple[object, ...], ...]

_UNITS = (
    "个|件|人|人次|次|万元|元|份|万人|%|卷|条|项|期|家|处|所|场|日|天|工作日|名|宗|起|级|单位.{0,6}"
)
_UNIT_AT_END = re.compile(rf"\((?:{_UNITS})(?:[、,/](?:{_UNITS}))*\)$")
_REMARK_AT_END = re.compile(r"\([^()]*\)$")
_PUNCTUATION = str.maketrans("", "", ":;,、·*#“”\"'‘’")
_ALWAYS_IGNORED = ("序号", "备注")
_DEEPEST_HEAD = 4
_LIKELY = 0.6  # share of a head's labels that makes a sheet this form, with the rest reported


@lru_cache(maxsize=8192)
def label(text: str) -> str:
    """The one spelling of a head's label: narrow, without blanks and punctuation."""
    return squeezed(text).translate(_PUNCTUATION)


@lru_cache(maxsize=8192)
def without_unit(text: str) -> str:
    """A label without the unit in brackets at its end: 金额（万元） → 金额."""
    return _UNIT_AT_END.sub("", text)


@dataclass(frozen=True, slots=True)
class Head:
    """Where the head of a table stands on a sheet, and which column is which (all 1-based)."""

    form: str
    table_id: str
    table: Table
    first_row: int
    last_row: int
    columns: dict[str, int]  # item or field → column
    labels: dict[str, Label]  # item or field → its label in this version of the head
    label_column: int  # where a grid's row labels stand; 0 for a ledger
    missing: tuple[str, ...]  # labels of the version that are not there
    extra: tuple[tuple[int, str], ...]  # columns that the version does not know
    version_key: str  # of the version that fits
    in_force: bool  # whether that is the one in force in the period
    title_row: int  # where the title stands above the head; 0 where there is none

    @property
    def start(self) -> int:
        """The first row that belongs to this table."""
        return self.title_row or self.first_row


@dataclass(frozen=True, slots=True)
class Nearest:
    """The form that an unknown workbook resembles most, how much (0–1), and the labels it lacks."""

    form: str
    share: float
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One version of one table, ready to be looked for."""

    form: str
    table_id: str
    table: Table
    key: str
    in_force: bool
    paths: dict[str, Label]
    label_path: Label
    ignored: tuple[Label, ...]
    vocabulary: frozenset[str]


class Recogniser:
    """Looks for every table of the catalogue in the sheets of one period."""

    def __init__(self, catalogue: Catalogue, period: Period) -> None:
        self._wanted = tuple(_wanted(catalogue, period))

    def heads(self, sheet: Sheet) -> tuple[Head, ...]:
        """The tables on a sheet from top to bottom; each row belongs to one of them at most."""
        rows = merged_filled(sheet)
        words = _words(rows)
        found: list[tuple[tuple[int, float, int], Head]] = []
        for wanted in self._wanted:
            overlap = len(wanted.vocabulary & words.keys()) / len(wanted.vocabulary)
            if overlap < _LIKELY:
                continue
            if head := _best_head(rows, words, wanted, sheet):
                found.append((_rank(head, wanted), head))
        return _without_overlap(found)

    def nearest_form(self, sheets: Iterable[Sheet]) -> "Nearest":
        """The form whose labels come nearest to what stands on the sheets, and what it lacks."""
        words: set[str] = set()
        for sheet in sheets:
            words |= _words(merged_filled(sheet)).keys()
        near = max(self._wanted, key=lambda w: len(w.vocabulary & words) / len(w.vocabulary))
        labels = [part for path in (near.label_path, *near.paths.values()) for part in path]
        missing = tuple(dict.fromkeys(part for part in labels if label(part) not in words))
        return Nearest(near.form, len(near.vocabulary & words) / len(near.vocabulary), missing)


def _wanted(catalogue: Catalogue, period: Period) -> Iterator[_Wanted]:
    for form in catalogue.forms.values():
        for table_id, table in form.tables.items():
            in_force = table.version(period) if table.exists_in(period) else None
            for key in table.versions:
                version = table.version(Period.parse(str(key)))
                paths = dict(version.columns or version.fields)
                every = [*paths.values(), *([table.row_label] if table.row_label else [])]
                yield _Wanted(
                    form.form,
                    table_id,
                    table,
                    str(key),
                    version == in_force,
                    paths,
                    table.row_label,
                    version.ignored,
                    frozenset(label(part) for path in every for part in path),
                )


def merged_filled(sheet: Sheet) -> Rows:
    """The sheet's rows with every merged area filled with its first cell's value."""
    if not sheet.merges:
        return sheet.rows
    rows = [list(row) for row in sheet.rows]
    for top, left, bottom, right in sheet.merges:
        if top > len(rows) or left > len(rows[top - 1]):
            continue
        value = rows[top - 1][left - 1]
        for row in rows[top - 1 : bottom]:
            row[left - 1 : right] = [value] * len(row[left - 1 : right])
    return tuple(tuple(row) for row in rows)


def _words(rows: Rows) -> dict[str, list[tuple[int, int]]]:
    """Every label on a sheet → where it stands, with and without its unit."""
    words: dict[str, list[tuple[int, int]]] = {}
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row, 1):
            if isinstance(value, str) and len(value) < 60:
                word = label(value)
                if word:
                    words.setdefault(word, []).append((number, column))
                    if (bare := without_unit(word)) != word:
                        words.setdefault(bare, []).append((number, column))
    return words


def _best_head(
    rows: Rows, words: dict[str, list[tuple[int, int]]], wanted: _Wanted, sheet: Sheet
) -> Head | None:
    """The place and depth at which most of a version's labels stand."""
    anchors = wanted.label_path or min(wanted.paths.values(), key=len)
    candidates = {row for row, _ in words.get(label(anchors[0]), ())}
    if not wanted.label_path:  # a ledger may lack any one of its columns
        for path in list(wanted.paths.values())[:3]:
            candidates |= {row for row, _ in words.get(label(path[0]), ())}
    best: tuple[int, int, Head] | None = None
    for first in sorted(candidates):
        if first > 1 and first - 1 in candidates and wanted.label_path:
            continue  # inside a merged label
        deepest = 1 if wanted.table.kind == "ledger" else _DEEPEST_HEAD
        for depth in range(1, min(deepest, len(rows) - first + 1) + 1):
            head = _head_at(rows, first, depth, wanted, words, sheet)
            if head is None:
                continue
            score = (len(head.columns), -len(head.extra))
            if best is None or score > best[:2]:
                best = (*score, head)
    if best is None or best[0] < max(1, _LIKELY * len(wanted.paths)):
        return None
    return best[2]


def _head_at(
    rows: Rows,
    first: int,
    depth: int,
    wanted: _Wanted,
    words: dict[str, list[tuple[int, int]]],
    sheet: Sheet,
) -> Head | None:
    block = rows[first - 1 : first - 1 + depth]
    at = {name: tuple(label(part) for part in path) for name, path in wanted.paths.items()}
    by_path = {path: name for name, path in at.items()}
    ignored = {tuple(label(part) for part in path) for path in wanted.ignored}
    label_path = tuple(label(part) for part in wanted.label_path)
    columns: dict[str, int] = {}
    label_column, extra = 0, []
    paths = list(_paths(block))
    bare = Counter(_without_remark(path) for _, path in paths)
    for column, path in paths:
        plain = tuple(without_unit(part) for part in path)
        known = by_path.get(path) or by_path.get(plain)
        if not known and bare[_without_remark(path)] == 1:  # a remark tells no columns apart here
            known = by_path.get(_without_remark(path))
        if known and known not in columns:
            columns[known] = column
        elif label_path in (path, plain) and not label_column and label_path:
            label_column = column
        elif path[-1] in _ALWAYS_IGNORED or path in ignored or plain in ignored:
            continue
        else:
            extra.append((column, "›".join(path)))
    if label_path and not label_column:
        return None
    missing = tuple("›".join(wanted.paths[name]) for name in wanted.paths if name not in columns)
    return Head(
        wanted.form,
        wanted.table_id,
        wanted.table,
        first,
        first + depth - 1,
        columns,
        wanted.paths,
        label_column,
        missing,
        tuple(extra),
        wanted.key,
        wanted.in_force,
        _title_row(words, wanted.table, first, rows),
    )


def _without_remark(path: tuple[str, ...]) -> tuple[str, ...]:
    """A path without a remark in brackets at its end: 佐证（文号或链接） → 佐证."""
    return (*path[:-1], _REMARK_AT_END.sub("", path[-1]))


def _paths(block: Rows) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Each column's labels from top to bottom, repeats and gaps closed.

    A gap in an upper row continues the label at its left, as unmerged files (csv) write it.
    """
    width = max(len(row) for row in block)
    carried = [""] * len(block)
    for column in range(1, width + 1):
        path: list[str] = []
        below = False
        for depth, row in enumerate(block):
            value = row[column - 1] if column <= len(row) else None
            text = label(value) if isinstance(value, str) else ""
            if text:
                carried[depth] = text
                below = True
                for deeper in range(depth + 1, len(block)):
                    carried[deeper] = ""
            elif depth < len(block) - 1 and not below and _has_below(block, depth, column):
                text = carried[depth]
            if text and (not path or path[-1] != text):
                path.append(text)
        if path:
            yield column, tuple(path)


def _has_below(block: Rows, depth: int, column: int) -> bool:
    return any(
        column <= len(row) and isinstance(row[column - 1], str) and label(str(row[column - 1]))
        for row in block[depth + 1 :]
    )


def _title_row(
    words: dict[str, list[tuple[int, int]]], table: Table, first: int, rows: Rows
) -> int:
    title = label(table.title)
    for number in range(first - 1, 0, -1):
        for value in rows[number - 1]:
            if isinstance(value, str) and title in label(value):
                return number
    return 0


def _rank(head: Head, wanted: _Wanted) -> tuple[int, float, int]:
    share = len(head.columns) / len(wanted.paths)
    return (1 if head.title_row else 0, share, 1 if head.in_force else 0)


def _without_overlap(found: list[tuple[tuple[int, float, int], Head]]) -> tuple[Head, ...]:
    """Of the heads that claim the same rows, the best one."""
    kept: list[Head] = []
    for _, head in sorted(found, key=lambda pair: pair[0], reverse=True):
        if all(head.first_row > k.last_row or head.last_row < k.first_row for k in kept):
            kept.append(head)
    return tuple(sorted(kept, key=lambda head: head.first_row))
