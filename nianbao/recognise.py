"""Finding the tables of the catalogue's forms on a sheet, by their heads, wherever they stand."""

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from nianbao.catalogue import Catalogue, Table
from nianbao.catalogue.models import Label
from nianbao.period import Period, squeezed
from nianbao.readers import Sheet
from nianbao.rows import typed_text, year_of_label

Rows = tuple[tuple[object, ...], ...]
ColumnPath = tuple[int, tuple[str, ...]]  # a column, and its labels from top to bottom
Words = dict[str, list[tuple[int, int]]]  # a label in its one spelling → where it stands

_UNITS = (
    "个|件|人|人次|次|万元|元|份|万人|万件|万个|万人次|%|卷|条|项|期|家|处|所|场|日|天|工作日|名|宗"
    "|起|级|单位.{0,6}"
)
_UNIT_AT_END = re.compile(rf"\((?:{_UNITS})(?:[、,/](?:{_UNITS}))*\)$")
_REMARK_AT_END = re.compile(r"\([^()]*\)$")
_PUNCTUATION = str.maketrans("", "", ":;,、·*#“”\"'‘’")
_ALWAYS_IGNORED = ("序号", "备注")
_DEEPEST_HEAD = 4
_YEAR = "年"  # what stands for any year in the head of a form whose columns are years
_LONGEST_LABEL = 60  # letters; what is longer is a sentence
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
    group_columns: tuple[int, ...]  # where the labels of groups of rows stand
    twin_columns: tuple[int, ...]  # further columns under the row labels' own head
    years: dict[int, dict[str, int]]  # year → item → column, where columns are years
    missing: tuple[str, ...]  # labels of the version that are not there
    extra: tuple[tuple[int, str], ...]  # columns that the version does not know
    twice: tuple[tuple[str, tuple[int, ...]], ...]  # item or field → columns of the same label
    version_key: str  # of the version that fits
    in_force: bool  # whether that is the one in force in the period
    title_row: int  # where the title stands above the head; 0 where there is none

    @property
    def start(self) -> int:
        """The first row that belongs to this table."""
        return self.title_row or self.first_row

    @property
    def width(self) -> int:
        """The last column that is known."""
        known = (columns.values() for columns in (self.columns, *self.years.values()))
        return max((column for columns in known for column in columns), default=0)

    @property
    def recognised(self) -> int:
        """How many of the version's labels are there, be it once or more often."""
        return len(self.columns) + len(self.twice)


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
    vocabulary: frozenset[str]
    by_path: dict[tuple[str, ...], list[str]]  # labels in their one spelling → items or fields
    row_label: tuple[str, ...]
    row_groups: frozenset[tuple[str, ...]]
    passed_over: frozenset[tuple[str, ...]]


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
        """The form whose head comes nearest to rows that stand together, and what these lack."""
        best = Nearest("", -1.0, ())
        for sheet in sheets:
            words = _words(merged_filled(sheet))
            for wanted in self._wanted:
                there = _most_together(words, wanted.vocabulary)
                share = len(there) / len(wanted.vocabulary)
                if share > best.share:
                    labels = [x for p in (wanted.label_path, *wanted.paths.values()) for x in p]
                    missing = dict.fromkeys(x for x in labels if label(x) not in there)
                    best = Nearest(wanted.form, share, tuple(missing))
        return best


def _wanted(catalogue: Catalogue, period: Period) -> Iterator[_Wanted]:
    for form in catalogue.forms.values():
        for table_id, table in form.tables.items():
            in_force = table.version(period) if table.exists_in(period) else None
            for key in table.versions:
                version = table.version(Period.parse(str(key)))
                paths = dict(version.columns or version.fields)
                by_path: dict[tuple[str, ...], list[str]] = {}
                for name, path in paths.items():
                    by_path.setdefault(_spelt(path), []).append(name)
                every = {label(x) for p in (*paths.values(), table.row_label) for x in p}
                yield _Wanted(
                    form.form,
                    table_id,
                    table,
                    str(key),
                    version == in_force,
                    paths,
                    table.row_label,
                    frozenset(every - {"", *([_YEAR] if table.each_column else [])}),
                    by_path,
                    _spelt(table.row_label),
                    frozenset(_spelt(path) for path in table.row_groups),
                    frozenset(_spelt(path) for path in version.ignored),
                )


def _spelt(path: Label) -> tuple[str, ...]:
    return tuple(label(part) for part in path)


def _most_together(words: Words, wanted: frozenset[str]) -> set[str]:
    """Those of the wanted words that stand in a few rows together, as in a head: the most."""
    heads: dict[int, tuple[set[str], set[int]]] = {}
    for word in wanted & words.keys():
        for row, column in words[word]:
            for first in range(max(1, row - _DEEPEST_HEAD + 1), row + 1):
                there, columns = heads.setdefault(first, (set(), set()))
                there.add(word)
                columns.add(column)
    wide = (there for there, columns in heads.values() if len(there) <= 2 * len(columns))
    return max(wide, key=lambda there: (len(there), sorted(there)), default=set())


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


def _words(rows: Rows) -> Words:
    """Every label on a sheet → where it stands, with and without its unit."""
    typed: Words = {}
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row, 1):
            if isinstance(value, str) and len(value.strip()) < _LONGEST_LABEL:
                typed.setdefault(value, []).append((number, column))
    words: Words = {}
    for value, places in typed.items():
        if not (word := label(value)):
            continue
        for one in dict.fromkeys((word, without_unit(word))):
            words.setdefault(one, []).extend(places)
    return words


def _best_head(rows: Rows, words: Words, wanted: _Wanted, sheet: Sheet) -> Head | None:
    """The place and depth at which most of a version's labels stand."""
    labelled = any(wanted.row_label)
    anchors = wanted.label_path if labelled else min(wanted.paths.values(), key=len)
    candidates = {row for row, _ in words.get(label(anchors[0]), ())}
    if not labelled:  # a ledger may lack any one of its columns
        for path in list(wanted.paths.values())[:3]:
            candidates |= {row for row, _ in words.get(label(path[0]), ())}
    best: tuple[tuple[int, int, int], Head] | None = None
    for first in sorted(candidates):
        if first > 1 and first - 1 in candidates and labelled:
            continue  # inside a merged label
        deepest = 1 if wanted.table.kind == "ledger" else _DEEPEST_HEAD
        for depth in range(1, min(deepest, len(rows) - first + 1) + 1):
            head = _head_at(rows, first, depth, wanted, words, sheet)
            if head is None:
                continue
            score = (len(head.columns), _moved(head), -len(head.extra))
            if best is None or score > best[0]:
                best = score, head
    if best is None or not best[1].recognised:
        return None
    likely = best[1].recognised + _moved(best[1]) >= _LIKELY * len(wanted.paths)
    return best[1] if likely else None


def _moved(head: Head) -> int:
    """How many of the missing labels stand there below another label than the version says."""
    last = {text.rpartition("›")[2] for _, text in head.extra}
    return sum(label(text.rpartition("›")[2]) in last for text in head.missing if "›" in text)


def _head_at(
    rows: Rows,
    first: int,
    depth: int,
    wanted: _Wanted,
    words: Words,
    sheet: Sheet,
) -> Head | None:
    block = rows[first - 1 : first - 1 + depth]
    if wanted.table.each_column:
        block = tuple(tuple(map(_year_as_text, row)) for row in block)
    last = first + depth - 1
    paths = list(_paths(block))
    sorted_out = _sorted_out(paths, wanted, sheet, last)
    labels = sorted_out.labels
    if wanted.label_path and not any(wanted.row_label):
        labels = _unlabelled(paths)
    if wanted.label_path and not labels:
        return None
    years, twice = _columns(sorted_out.found, wanted)
    latest = years[max(years)] if years else {}
    columns = {name: at for name, at in latest.items() if all(name in y for y in years.values())}
    here = {*columns, *dict(twice)}
    return Head(
        wanted.form,
        wanted.table_id,
        wanted.table,
        first,
        _end(sheet, last, labels),
        columns,
        wanted.paths,
        labels[0] if labels else 0,
        tuple(sorted_out.groups),
        tuple(labels[1:]),
        years if wanted.table.each_column else {},
        tuple("›".join(path) for name, path in wanted.paths.items() if name not in here),
        tuple(sorted_out.extra),
        twice,
        wanted.key,
        wanted.in_force,
        _title_row(words, wanted.table, first, rows),
    )


@dataclass(frozen=True, slots=True)
class _SortedOut:
    """The columns of a head by what stands in them."""

    found: dict[tuple[int, str], list[int]]  # year, first item of the label → columns
    labels: list[int]
    groups: list[int]
    extra: list[tuple[int, str]]


def _sorted_out(paths: list[ColumnPath], wanted: _Wanted, sheet: Sheet, last: int) -> _SortedOut:
    """Sort the columns of a head; `last` is its last row."""
    out = _SortedOut({}, [], [], [])
    bare = Counter(_without_remark(path) for _, path in paths)
    for column, whole in paths:
        year, path = _without_year(whole) if wanted.table.each_column else (0, whole)
        plain = tuple(filter(None, (without_unit(part) for part in path))) or path
        known = wanted.by_path.get(path) or wanted.by_path.get(plain)
        if not known and bare[_without_remark(whole)] == 1:  # a remark tells no columns apart here
            known = wanted.by_path.get(_without_remark(path))
        if known:
            at = out.found.setdefault((year, known[0]), [])
            if not _merged_into_one(sheet, last, at, column):
                at.append(column)
        elif wanted.row_label in (path, plain) and (
            not out.labels or _merged_into_one(sheet, last, out.labels, column)
        ):
            out.labels.append(column)
        elif wanted.row_groups & {path, plain}:
            out.groups.append(column)
        elif path[-1] not in _ALWAYS_IGNORED and not wanted.passed_over & {path, plain}:
            out.extra.append((column, "›".join(path)))
    return out


def _columns(
    found: dict[tuple[int, str], list[int]], wanted: _Wanted
) -> tuple[dict[int, dict[str, int]], tuple[tuple[str, tuple[int, ...]], ...]]:
    """Year → item → column, and the labels that stand more often than the form has them.

    A label that the form has for two items stands twice, and is theirs from left to right.
    """
    years: dict[int, dict[str, int]] = {}
    twice: list[tuple[str, tuple[int, ...]]] = []
    for (year, first), at in found.items():
        names = next(names for names in wanted.by_path.values() if names[0] == first)
        if len(at) == len(names):
            years.setdefault(year, {}).update(zip(names, at, strict=True))
        elif len(at) > len(names):
            twice.extend((name, tuple(at)) for name in names)
    return years, tuple(twice)


def _year_as_text(cell: object) -> object:
    """A year typed as a number, as the text that it stands for: 2016.0 is 2016年."""
    year = year_of_label(typed_text(cell))
    return f"{year}{_YEAR}" if year else cell


def _without_year(path: tuple[str, ...]) -> tuple[int, tuple[str, ...]]:
    """The year that a path names, and the path with 年 in its place."""
    years = [year_of_label(part) for part in path]
    named = tuple(_YEAR if year else part for year, part in zip(years, path, strict=True))
    return max(years), named


def _unlabelled(paths: list[ColumnPath]) -> list[int]:
    """The first column that the head leaves without a label."""
    labelled = {column for column, _ in paths}
    return [next(column for column in itertools.count(1) if column not in labelled)]


def _end(sheet: Sheet, last: int, label_columns: Sequence[int]) -> int:
    """The last row of a head: at least that in which the merged label of its rows ends."""
    ends = [
        bottom
        for top, left, bottom, right in sheet.merges
        if top <= last <= bottom and any(left <= column <= right for column in label_columns)
    ]
    return max(ends, default=last)


def _merged_into_one(sheet: Sheet, row: int, before: Sequence[int], column: int) -> bool:
    """Whether a column's label is a merged cell that also stands over an earlier column."""
    return any(
        top <= row <= bottom and left <= column <= right and any(left <= c <= right for c in before)
        for top, left, bottom, right in sheet.merges
    )


@lru_cache(maxsize=8192)
def _without_remark(path: tuple[str, ...]) -> tuple[str, ...]:
    """A path without a remark in brackets at its end: 佐证（文号或链接） → 佐证."""
    return tuple(filter(None, (*path[:-1], _REMARK_AT_END.sub("", path[-1]))))


def _paths(block: Rows) -> Iterator[ColumnPath]:
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


def _title_row(words: Words, table: Table, first: int, rows: Rows) -> int:
    title = label(table.title)
    for number in range(first - 1, 0, -1):
        for value in rows[number - 1]:
            if isinstance(value, str) and title in label(value):
                return number
    return 0


def _rank(head: Head, wanted: _Wanted) -> tuple[int, float, int]:
    share = head.recognised / len(wanted.paths)
    return (1 if head.title_row else 0, share, 1 if head.in_force else 0)


def _without_overlap(found: list[tuple[tuple[int, float, int], Head]]) -> tuple[Head, ...]:
    """Of the heads that claim the same rows, the best one."""
    kept: list[Head] = []
    for _, head in sorted(found, key=lambda pair: pair[0], reverse=True):
        if all(head.first_row > k.last_row or head.last_row < k.first_row for k in kept):
            kept.append(head)
    return tuple(sorted(kept, key=lambda head: head.first_row))
