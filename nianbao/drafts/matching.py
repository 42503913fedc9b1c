"""Which figure each mark of a draft stands for, or why none was recognised."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from nianbao.captions import load_captions
from nianbao.drafts.answers import unit_shift
from nianbao.drafts.clauses import FIGURES, Window, bare, clause_before, headed, rows, windows
from nianbao.drafts.figures import TIMES, Data
from nianbao.drafts.following import agrees, parts, subject
from nianbao.drafts.mapping import Confirmed, confirmed, load_mapping
from nianbao.drafts.marks import marks
from nianbao.drafts.naming import Named, content, contest, named, of_a_part, spelled
from nianbao.drafts.phrases import load_phrases, squeezed
from nianbao.drafts.roles import CHANGES, is_share, reached, role_of, without_way
from nianbao.drafts.scope import Places, When, timeless, when
from nianbao.drafts.terms import Mark, Match
from nianbao.drafts.text import Draft, Paragraph

_CANDIDATES = 4  # listed where no match was made
_LEAST = 0.4  # the least score of a candidate
_BY_ORDER = 0.9  # the score of a match that the order of the figures tells
_COUNTS = ("件", "人", "人次", "个", "家", "名", "次", "份", "项", "期", "场", "户")
_EITHER = "增减"  # the word of change of a column that has none
_OF_CHANGE = ("同比", "增减", "增幅", "增长", "变化")  # in the head of a column
_TO_TARGETS = ("target", "gap", "attainment", "required", "pace")
_GOING_ON = (*CHANGES, "previous", "rank", "apart", *_TO_TARGETS)


def matched(data: Data, draft: Draft, mapping: Path | None = None) -> tuple[Match, ...]:
    """One match for every mark of a draft, in reading order.

    `mapping` is a file of matches that the office has confirmed. Raises what reading it raises.
    """
    reader = _Reader(data, draft, load_mapping(mapping, data.report.catalogue))
    heads = {cell.number: (head, unit) for cell, head, unit in rows(draft.paragraphs)}
    found: list[Match] = []
    for paragraph in draft.paragraphs:
        head = heads.get(paragraph.number)
        found += reader.cell(paragraph, *head) if head else reader.prose(paragraph)
    return tuple(found)


class _Reader:
    """Matches the marks of one paragraph after the other."""

    def __init__(self, data: Data, draft: Draft, mapping: Sequence[Confirmed]) -> None:
        report = data.report
        self._data = data
        self._mapping = mapping
        self._phrases = load_phrases(report.workspace, report.catalogue)
        self._places = Places(report.catalogue, report.period)
        self._home = self._places.home(draft.paragraphs[0].text if draft.paragraphs else "")
        self._captions = load_captions(report.workspace, report.lang, "drafts.yml")
        self._indicators = report.catalogue.indicators

    def prose(self, paragraph: Paragraph) -> Iterator[Match]:
        """The marks of a paragraph."""
        every = marks(paragraph)
        at = {window.mark: window for window in windows(paragraph, every)}
        done: list[Match] = []
        for mark in every:
            one = self._matched(at[mark], done, paragraph.text) if mark in at else Match(mark)
            one = self._once(one, done, paragraph.text)
            done += [one] if mark in at else []
            yield one

    def _once(self, one: Match, done: Sequence[Match], text: str) -> Match:
        """A blank is not what another blank of its sentence is already."""
        meant = (one.indicator, one.role, one.period, one.place)
        for other in done:
            apart = any(sign in text[other.mark.end : one.mark.start] for sign in "。！？\n")
            taken = (other.indicator, other.role, other.period, other.place) == meant
            if one.indicator and one.mark.kind == "blank" and taken and not apart:
                near = ((one.indicator, one.score),)
                reason = self._captions.say("reason", "no_twice")
                return Match(one.mark, reason=reason, candidates=near)
        return one

    def cell(self, paragraph: Paragraph, row: str, unit: str) -> Iterator[Match]:
        """The marks of a table's cell: the heads of its row and column tell what they are."""
        column = bare(paragraph.column_head)
        changes = any(word in column for word in _OF_CHANGE)
        given = [
            replace(
                mark,
                unit=mark.unit or ("" if changes else unit),
                direction=mark.direction or (_EITHER if changes else ""),
            )
            if mark.kind in FIGURES
            else mark
            for mark in marks(paragraph)
        ]
        at = {window.mark: window for window in headed(windows(paragraph, given), row, column)}
        done: list[Match] = []
        for mark in given:
            one = self._matched(at[mark], done, paragraph.text) if mark in at else Match(mark)
            done += [one] if mark in at else []
            bare_of_way = replace(one.mark, direction=one.mark.direction.removeprefix(_EITHER))
            yield replace(one, mark=bare_of_way)

    def _matched(self, window: Window, done: Sequence[Match], text: str) -> Match:
        """The match of one figure, by its own words or by what stands before it."""
        if entry := confirmed(self._mapping, window.clause):
            return self._confirmed(window, entry)
        time = when(window, self._data.period)
        place = self._places.where(window, self._home)
        if time is None or not place:
            return self._none(window.mark, "period" if time is None else "places")
        role = role_of(window, time)
        if not role:
            return self._none(window.mark, "role")
        if role in ("level", "apart", *CHANGES) and time.plan:
            time = When(self._data.period.name)  # 由47%提高到60%
        clause, tells = self._clause(window)
        whose = "镇街" if self._is_township(place) else ""
        found = named(self._phrases, clause, spelled(f"{window.sentence}{whose}", window.above))
        found = self._of_the_whole(found, done, text, window)
        fitting = [one for one in found if self._fits(one, window.mark, role)]
        one = contest(fitting)
        if not tells and (one is None or role in CHANGES):
            return self._going_on(window, role, time, done, text)
        if one is None and not fitting:
            one = self._slip(found, window.mark, role, time, place)
        if one is None:
            return self._share(window, time, done, text) or self._none(
                window.mark, "phrase", fitting
            )
        role, time = self._asked(window.mark, one.indicator, role, time, place)
        words = {"words": "、".join(one.words), "unit": window.mark.unit or "—"}
        role = role if one.saying.role == "level" else one.saying.role
        return self._made(window.mark, one.indicator, role, time, place, one.score, "phrase", words)

    def _confirmed(self, window: Window, entry: Confirmed) -> Match:
        """The match of a mark that the office's file tells."""
        if not entry.indicator:
            return self._none(window.mark, "figure")
        time = when(window, self._data.period)
        if time is None:
            return self._none(window.mark, "period")
        role = entry.role or role_of(window, time) or "level"
        place = entry.place or self._places.where(window, self._home) or self._home
        return self._made(window.mark, entry.indicator, role, time, place, 1.0, "mapping", {})

    def _asked(
        self, mark: Mark, indicator: str, role: str, time: When, place: str
    ) -> tuple[str, When]:
        """The role that a number has: in a plan, what is reached may stand before its target."""
        now = When(self._data.period.name)
        planned = role == "target" and not self._says(mark, indicator, role, time, place)
        if planned and self._says(mark, indicator, "level", now, place):
            return "level", now
        if role == "times" and mark.direction and self._indicators[indicator].unit == TIMES:
            return "change_count", time
        return role, time

    def _is_township(self, place: str) -> bool:
        return self._data.report.catalogue.places[place].kind == "township"

    def _clause(self, window: Window) -> tuple[str, bool]:
        """The clause of a mark, with the clauses before it where it has nothing but filler.

        In one spelling, without dates and places; and whether it tells anything.
        """
        left, own = without_way(window.left, window.mark.direction), ""
        for before in (*window.before, None):
            sides = (timeless(self._places.without(part)) for part in (left, window.right))
            clause = "\n".join(squeezed(part) for part in sides)
            if content(self._phrases, clause):
                return clause, True
            own = own or clause
            left = f"{before}|{left}"
        return own, False

    def _fits(self, one: Named, mark: Mark, role: str) -> bool:
        """Whether a figure has a unit that can stand at a mark in a role."""
        indicator = self._indicators[one.indicator]
        if one.saying.only and mark.unit and mark.unit not in one.saying.only:
            return False
        if one.saying.role != "level":
            return role == "level" and mark.unit in _COUNTS
        if role in ("rank", "attainment", "pace"):
            return True
        if role in ("change_percent", "change_points", "times"):
            return indicator.is_rate == (role == "change_points")
        if role in ("gap", "required", "apart") and indicator.is_rate:
            return mark.unit.endswith("百分点")
        if not mark.unit:
            return True
        return bool(indicator.unit) and unit_shift(indicator.unit, mark) is not None

    def _of_the_whole(
        self, found: Sequence[Named], done: Sequence[Match], text: str, window: Window
    ) -> list[Named]:
        """Without what the sentence has just spoken of a part of, which nobody knows."""
        if not done or done[-1].indicator or not window.sentence:
            return list(found)
        clause = squeezed(clause_before(text, done[-1].mark))
        return [one for one in found if not of_a_part(self._phrases, one, clause)]

    def _slip(
        self, found: Sequence[Named], mark: Mark, role: str, time: When, place: str
    ) -> Named | None:
        """The figure of a number with a wrong unit: it alone may be meant, and has the number."""
        one = contest([one for one in found if one.saying.role == "level"])
        sure = one and self._says(mark, one.indicator, role, time, place)
        return one if sure else None

    def _says(self, mark: Mark, indicator: str, role: str, time: When, place: str) -> bool:
        """Whether the data have the very digits of a number, perhaps in another unit."""
        stated = self._data.stated(indicator, time.period, place, role)
        if stated.why == "other_kind":
            other = "change_points" if role == "change_percent" else "change_percent"
            stated = self._data.stated(indicator, time.period, place, other)
        if mark.kind != "number" or stated.value is None or mark.value is None:
            return False
        return stated.value == abs(mark.value.scaleb(-mark.scale))

    def _going_on(
        self, window: Window, role: str, time: When, done: Sequence[Match], text: str
    ) -> Match:
        """The match of a mark that its own clause does not name: it goes on about what was."""
        if shared := self._share(window, time, done, text):
            return shared
        place = self._places.where(window, self._home)
        elsewhere = role == "level" and bool(self._places.named(window.left))
        became = reached(window) and bool(done) and done[-1].role in ("previous", *CHANGES)
        follows = role in _GOING_ON or became or elsewhere
        about = subject(window, role, done, text) if follows else None
        if about is None or about.indicator not in self._indicators:
            return self._none(window.mark, "subject")
        indicator = self._indicators[about.indicator]
        role, time = self._asked(window.mark, about.indicator, role, time, about.place)
        if not elsewhere or about.mark.unit != window.mark.unit:
            place = about.place
        rate = indicator.is_rate
        fits = (
            agrees(window, indicator.unit)
            if role in ("change_count", "previous", "target", "level", "gap")
            and not (role == "gap" and rate)
            else rate == window.mark.unit.endswith("百分点")
            if role in (*CHANGES, "gap", "apart")
            else True
        )
        says = self._says(window.mark, about.indicator, role, time, place)
        known = ("level", "previous", *CHANGES, *(_TO_TARGETS if role in _TO_TARGETS else ()))
        if about.role not in known or not (fits or says):
            return self._none(window.mark, "subject")
        words = {"name": str(indicator.name)}
        return self._made(
            window.mark, about.indicator, role, time, place,
            min(_BY_ORDER, about.score), "order", words,
        )  # fmt: skip

    def _share(self, window: Window, time: When, done: Sequence[Match], text: str) -> Match | None:
        """A percentage that is the share of the figure before it in another of the paragraph."""
        pair = parts(window, done, text) if is_share(window) else None
        if pair is None or pair[0].place != pair[1].place:
            return None
        part, whole = pair
        names = {
            "part": str(self._indicators[part.indicator].name),
            "whole": str(self._indicators[whole.indicator].name),
        }
        both = f"{part.indicator}/{whole.indicator}"
        return self._made(window.mark, both, "share", time, part.place, _BY_ORDER, "share", names)

    def _made(
        self,
        mark: Mark,
        indicator: str,
        role: str,
        time: When,
        place: str,
        score: float,
        reason: str,
        words: dict[str, str],
    ) -> Match:
        if role == "target":
            mark = replace(mark, qualifier="=")  # 达到60%以上 asks for 60
        told = self._captions.say("reason", reason, words)
        return Match(mark, indicator, time.period, place, role, score, told)

    def _none(self, mark: Mark, why: str, rivals: Sequence[Named] = ()) -> Match:
        near = tuple((one.indicator, one.score) for one in rivals if one.score >= _LEAST)
        reason = self._captions.say("reason", "rivals" if near else f"no_{why}")
        return Match(mark, reason=reason, candidates=near[:_CANDIDATES])
