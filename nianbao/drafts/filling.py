"""`fill`: the blanks of a draft, each with the figure that belongs there or why it stays."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nianbao.captions import Captions, load_captions
from nianbao.drafts.answers import Answer, answer
from nianbao.drafts.figures import Data, Stated, opened
from nianbao.drafts.matching import matched
from nianbao.drafts.terms import Mark, Match
from nianbao.drafts.text import Draft, Edit, Paragraph, read_draft, write_draft
from nianbao.drafts.verdicts import Verdict
from nianbao.period import Period
from nianbao.terminal import printable, wrapped
from nianbao.workspace import Workspace

AUTHOR = "nianbao"
_CELLS = 6  # shown in a comment
_AROUND = 12  # letters shown before and after a blank that stays


@dataclass(frozen=True, slots=True)
class Placed:
    """A blank that was filled: its match, the figure, and what was written."""

    match: Match
    stated: Stated
    answer: Answer


@dataclass(frozen=True, slots=True)
class Left:
    """A blank that stays, what kind of reason keeps it, and the reason in words."""

    match: Match
    kind: str
    why: str


@dataclass(frozen=True, slots=True)
class Filled:
    """A draft that was filled as far as the data go."""

    draft: Draft
    captions: Captions
    files: tuple[Path, ...]
    placed: tuple[Placed, ...]
    left: tuple[Left, ...]

    @property
    def exit_code(self) -> int:
        """76 where a number stays blank; a name is none."""
        return 76 if any(one.kind != "name" for one in self.left) else 0

    def lines(self, width: int = 0) -> Iterator[str]:
        """What a terminal shows: how many were filled, and every number that stays blank."""
        stay = [one for one in self.left if one.kind != "name"]
        words = {"filled": len(self.placed), "left": len(stay), "names": len(self.left) - len(stay)}
        yield self.captions.say("fill", "counts", words)
        for one in stay:
            paragraph = self.draft.paragraphs[one.match.mark.paragraph]
            line = f"{paragraph.where}  {around(paragraph, one.match.mark)}  {one.why}"
            yield from wrapped(printable(line), width, first="  ", hanging="    ")

    def as_record(self) -> dict[str, object]:
        """The same as plain values, for `--json`."""
        return {
            "filled": [
                record(one.match)
                | {
                    "start": one.answer.start,
                    "end": one.answer.end,
                    "text": one.answer.text,
                    "value": one.stated.text,
                    "unit": one.stated.unit,
                }
                for one in self.placed
            ],
            "left": [record(one.match) | {"kind": one.kind, "why": one.why} for one in self.left],
        }


def filled(data: Data, draft: Draft, matches: Sequence[Match]) -> Filled:
    """Fill what was matched, and write the copy beside the draft."""
    captions = load_captions(data.report.workspace, data.report.lang, "drafts.yml")
    placed: list[Placed] = []
    left: list[Left] = []
    for match in matches:
        if match.mark.kind == "name":
            left.append(Left(match, "name", captions.say("why", "name")))
        elif match.mark.kind == "blank":
            one = _placed(data, draft, match)
            if one is not None and not one.answer.why:
                placed.append(one)
            else:
                left.append(_left(captions, match, one))
    edits = [
        Edit(one.match.mark.paragraph, one.answer.start, one.answer.end, one.answer.text, said)
        for one in placed
        for said in [comment(data, captions, one.match, one.stated)]
    ]
    path = draft.path.with_name(f"{draft.path.stem}.filled{draft.path.suffix}")
    files = (write_draft(draft, edits, path, AUTHOR),)
    return Filled(draft, captions, files, tuple(placed), tuple(left))


def comment(data: Data, captions: Captions, match: Match, stated: Stated) -> str:
    """What is said of a figure beside its place: what it is, its value, and its cells."""
    catalogue = data.report.edition
    part, _, whole = stated.indicator.partition("/")
    names = [str(catalogue.indicators[one].name) for one in (part, whole) if one]
    cells = list(dict.fromkeys(data.cells(stated)))
    more = {"found": len(cells) - _CELLS}
    shown = [*cells[:_CELLS], *([captions.say("fill", "more", more)] if more["found"] > 0 else [])]
    words = {
        "name": " / ".join(names),
        "place": catalogue.places[stated.place].name,
        "period": data.report.narrator.period_words(Period.parse(stated.period)).striptags(),
        "role": captions.say("roles", stated.role),
        "value": captions.say("qualifiers", stated.qualifier, {"value": stated.text}),
        "unit": data.report.narrator.unit_name(stated.unit),
        "cells": "\n".join(shown),
        "reason": match.reason,
    }
    return captions.say("fill", "comment", words)


def around(paragraph: Paragraph, mark: Mark | Verdict) -> str:
    """A blank or a figure with the words around it."""
    text = paragraph.text.replace("\n", " ")
    start, end = max(mark.start - _AROUND, 0), mark.end + _AROUND
    return f"{'…' * (start > 0)}{text[start:end]}{'…' * (end < len(text))}"


def record(match: Match) -> dict[str, object]:
    """A match as plain values."""
    mark = match.mark
    return {
        "paragraph": mark.paragraph,
        "start": mark.start,
        "end": mark.end,
        "mark": mark.text,
        "indicator": match.indicator,
        "period": match.period,
        "place": match.place,
        "role": match.role,
        "score": match.score,
        "reason": match.reason,
        "candidates": [list(one) for one in match.candidates],
    }


def _placed(data: Data, draft: Draft, match: Match) -> Placed | None:
    if not match.indicator:
        return None
    stated = stated_of(data, match)
    text = draft.paragraphs[match.mark.paragraph].text
    return Placed(match, stated, answer(stated, match.mark, text))


def stated_of(data: Data, match: Match) -> Stated:
    """What the data say at a match; 增长N倍 is told from 是上年的N倍 by its word of change."""
    grown = match.role == "times" and bool(match.mark.direction)
    role = "change_times" if grown else match.role
    return data.stated(match.indicator, match.period, match.place, role)


def _left(captions: Captions, match: Match, one: Placed | None) -> Left:
    if one is None:
        kind = "ambiguous" if match.candidates else "no_data"
        return Left(match, kind, match.reason or captions.say("why", kind))
    words = {"value": one.stated.text, "unit": one.stated.unit}
    way = {1: "more", -1: "less", 0: "same"}[one.stated.sign]
    name = f"direction_{way}" if one.answer.why == "direction" else one.answer.why
    return Left(match, one.answer.why, captions.say("why", name, words))


def fill(
    workspace: Workspace, period: Period, path: Path, lang: str, mapping: Path | None = None
) -> Filled:
    """Fill the blanks of a draft from the data of a period; the draft itself is never changed.

    Raises what `read_draft`, `opened` and `matched` raise.
    """
    draft = read_draft(path, lang)
    data = opened(workspace, period, lang)
    return filled(data, draft, matched(data, draft, mapping))
