"""Words of change that stand without a number: 与上年持平, 比上年有所增加."""

import re
from collections.abc import Iterator, Sequence

from nianbao.drafts.answers import sign_of
from nianbao.drafts.figures import Data
from nianbao.drafts.terms import Match
from nianbao.drafts.text import Paragraph
from nianbao.drafts.verdicts import Verdict, way

_TURN = re.compile(
    r"(?:(?:[与同和较比]|相比)(?P<base>(?:上年|去年|上一年)(?:同期)?)(?:相比)?|同比)"
    r"(?P<word>(?:基本|大致|保持)?(?:持平|不变|一致|相当)"
    r"|(?:有所|稳步|明显|略有|大幅)?(?:增加|增长|上升|提高|提升|下降|减少|降低|回落|缩短|延长))"
    r"(?=[，。；、！）\n]|$)"
)
_REACHED = re.compile(
    r"(?P<word>增加|增长|上升|提高|提升|下降|减少|降低|回落|缩短|[升增降减])(?:到|至)(?:了|约|近)?$"
)
_SHORT = {1: "升", -1: "降", 0: "持平于"}
_BREAK = "。；！？\n"


def turns(
    data: Data, paragraph: Paragraph, matches: Sequence[Match], row: Sequence[Match] = ()
) -> Iterator[Verdict]:
    """What the data say of each such word, by the last level before it in its sentence or row."""
    text = paragraph.text
    for found in _TURN.finditer(text):
        start = max(text.rfind(one, 0, found.start()) for one in _BREAK) + 1
        levels = [
            one
            for one in matches
            if one.role == "level" and start <= one.mark.start < found.start()
        ]
        levels = levels or [one for one in row if one.role == "level"]
        if levels:
            yield _turned(data, paragraph, levels[-1], found)
        else:
            yield _verdict(paragraph, found, "unchecked", "", "no_match")
    for one in matches:
        word = _REACHED.search(text[: one.mark.start])
        if word and one.role == "level":
            yield from _moved(data, paragraph, one, word)


def _turned(data: Data, paragraph: Paragraph, match: Match, found: re.Match[str]) -> Verdict:
    rate = data.report.catalogue.indicators[match.indicator].is_rate
    role = "change_points" if rate else "change_count"
    stated = data.stated(match.indicator, match.period, match.place, role)
    if stated.value is None:
        agrees = _roughly(data, match) == sign_of(found["word"])
        why = "" if agrees else stated.why
        return _verdict(paragraph, found, "agrees" if agrees else "unchecked", "", why)
    said = sign_of(found["word"])
    if said == stated.sign or (said == 0 and _hardly(data, match)):
        return _verdict(paragraph, found, "agrees", "", "")
    word = way(found["word"], stated.unit, stated.sign)
    lead = f"{'比' if stated.sign else '与'}{found['base'] or '上年'}"
    return _verdict(paragraph, found, "disagrees", f"{lead}{word}", "direction")


def _moved(
    data: Data, paragraph: Paragraph, match: Match, word: re.Match[str]
) -> Iterator[Verdict]:
    """What the data say of the word before a value that something has come to: 降至92件."""
    sign = _roughly(data, match)
    if sign is not None and sign != sign_of(word["word"]):
        right = _SHORT[sign] if len(word["word"]) == 1 else way(word["word"], match.mark.unit, sign)
        start, end = word.span("word")
        yield Verdict(
            paragraph.number, start, end, word["word"], "disagrees", "direction", right, "direction"
        )


def _hardly(data: Data, match: Match) -> bool:
    """Whether a change is nothing as printed: two values that hardly differ are 基本持平."""
    change = data.report.figures.figure(match.indicator, match.place).change
    return change == 0 or _roughly(data, match) == 0


def _roughly(data: Data, match: Match) -> int | None:
    """The direction between two values that are not known exactly, as the report words it."""
    now, before = (
        data.stated(match.indicator, match.period, match.place, role).value
        for role in ("level", "previous")
    )
    return None if now is None or before is None else (now > before) - (now < before)


def _verdict(
    paragraph: Paragraph, found: re.Match[str], verdict: str, right: str, why: str
) -> Verdict:
    start, end = found.span()
    return Verdict(paragraph.number, start, end, found[0], verdict, "direction", right, why)
