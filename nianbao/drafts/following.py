"""What a figure goes on about whose own clause names nothing: 同比增长5%, 占12%, 分别增长3%和4%."""

import re
from collections.abc import Sequence

from nianbao.drafts.answers import same_unit
from nianbao.drafts.clauses import Window
from nianbao.drafts.roles import CHANGES, of_all
from nianbao.drafts.terms import Match

_END = re.compile(r"[。！？\n]")
_LIST = re.compile(r"[、和及与]|，(?=其中)")


def subject(window: Window, role: str, done: Sequence[Match], text: str) -> Match | None:
    """The figure before it that a change or a base is of; None where that is not sure."""
    here = _of_sentence(window, done, text)
    if not here:
        return None
    if window.respectively:
        return _in_turn(window, here, text)
    last = here[-1]
    if last.role in CHANGES and role in CHANGES:
        return last if window.mark.unit != last.mark.unit else None  # 增加12件，增长3%
    levels = _since_change(here)
    return None if of_all(window) and len(levels) > 1 else last


def parts(window: Window, done: Sequence[Match], text: str) -> tuple[Match, Match] | None:
    """The part that a share is of and its whole, which stands before 其中."""
    if not done or done[-1].role != "level" or not done[-1].indicator:
        return None
    part = done[-1]
    opened = text.rfind("其中", 0, part.mark.start)
    wholes = [
        one
        for one in done
        if one.mark.start < opened and one.role == "level" and one.mark.unit == part.mark.unit
    ]
    return (part, wholes[-1]) if wholes and wholes[-1].indicator else None


def _of_sentence(window: Window, done: Sequence[Match], text: str) -> list[Match]:
    """The figures before a mark in its sentence; of the sentence before, where it begins one."""
    ends = [one.start() for one in _END.finditer(text, 0, window.mark.start)]
    start = ends[-1] if ends else 0
    done = [one for one in done if one.role != "apart"]
    here = [one for one in done if one.mark.start >= start]
    if here or not ends or len(window.before) > 0:
        return here
    former = ends[-2] if len(ends) > 1 else 0
    return [one for one in done if one.mark.start >= former]


def _since_change(here: Sequence[Match]) -> list[Match]:
    last = max((at for at, one in enumerate(here) if one.role in CHANGES), default=-1)
    return list(here[last + 1 :])


def _in_turn(window: Window, here: Sequence[Match], text: str) -> Match | None:
    """The level whose turn it is: as many levels stand before 分别 as changes after it."""
    opened = text.rfind("分别", 0, window.mark.start)
    levels = _since_change([one for one in here if one.mark.start < opened])
    chosen = levels[-window.turns :]
    if len(chosen) < window.turns or not all(one.indicator for one in chosen):
        return None
    if len(levels) > window.turns:
        between = text[levels[-window.turns - 1].mark.end : chosen[0].mark.start]
        if _LIST.search(between) and "，" not in between:
            return None  # one of a row: which of them are meant nobody can tell
    return chosen[window.turn]


def agrees(window: Window, unit: str) -> bool:
    """Whether a difference can be in a unit."""
    return same_unit(window.mark.unit, unit.partition("/")[0])
