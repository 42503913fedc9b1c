"""Drift: labels of a head that moved, were renamed or appeared since the form's known versions."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass

from nianbao.catalogue.models import Label
from nianbao.period import Period
from nianbao.recognise import Head, label, without_unit

_ALIKE = 0.5  # how much two labels share that may be one column renamed


@dataclass(frozen=True, slots=True)
class Drift:
    """How one head differs from the version in force; a person decides whether it is so."""

    form: str
    table_id: str
    period: Period
    file: str
    renamed: tuple[tuple[str, Label], ...]  # item or field, and what may be its label now
    appeared: tuple[Label, ...]  # labels that are like nothing that lacks


def drift_of(head: Head, period: Period, file: str) -> Drift | None:
    """How a head differs; None where it does not, or follows a version of another time."""
    if not head.in_force or not head.extra:
        return None
    renamed = dict(_pairs(head))
    paths = {column: _path(text) for column, text in head.extra}
    appeared = dict.fromkeys(paths[c] for c in paths if c not in renamed.values())
    return Drift(
        head.form,
        head.table_id,
        period,
        file,
        tuple((item, paths[renamed[item]]) for item in head.labels if item in renamed),
        tuple(appeared),
    )


def alike(one: str, other: str) -> float:
    """How much two labels share, 0 to 1."""
    return difflib.SequenceMatcher(None, label(one), label(other), autojunk=False).ratio()


def _path(text: str) -> Label:
    return tuple(without_unit(part) for part in text.split("›"))


def _pairs(head: Head) -> Iterator[tuple[str, int]]:
    """Each missing item with the extra column most like it, or at its place; each column once."""
    found = []
    lost = [item for item in head.labels if item not in head.columns and item not in _twice(head)]
    for order, item in enumerate(lost):
        between = _place_of(head, item)
        for column, text in head.extra:
            old, new = head.labels[item], _path(text)
            share = max(alike("".join(old), "".join(new)), alike(old[-1], new[-1]))
            if share >= _ALIKE or column in between:
                found.append((-share - (column in between), order, column, item))
    taken: set[str | int] = set()
    for _, _, column, item in sorted(found):
        if not taken & {column, item}:
            taken |= {column, item}
            yield item, column


def _place_of(head: Head, item: str) -> range:
    """The columns between the neighbours that an item has in the catalogue."""
    order = list(head.labels)
    number = order.index(item)
    before = [head.columns[name] for name in order[:number] if name in head.columns]
    after = [head.columns[name] for name in order[number + 1 :] if name in head.columns]
    first = before[-1] + 1 if before else head.label_column + 1
    return range(first, after[0] if after else first + 1)


def _twice(head: Head) -> set[str]:
    return {item for item, _ in head.twice}
