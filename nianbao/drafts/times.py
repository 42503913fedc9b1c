"""The dates that a draft gives itself, against the period that it is proved for."""

import re
from collections.abc import Iterator

from nianbao.drafts.text import Paragraph
from nianbao.drafts.verdicts import Verdict
from nianbao.period import Period

_YEAR = re.compile(r"(?<![0-9〔\[(（])(?P<year>(?:19|20)[0-9]{2})(?=年)")
_PLAN = re.compile(r"计划|打算|安排|思路|展望|规划|目标|要点")
_SPAN = re.compile(r"(?<![0-9])(?P<from>[0-9]{1,2})月?[-—－–~～至到]+(?P<to>[0-9]{1,2})(?=月)")
_UNTIL = re.compile(r"截[至止到](?:[0-9]{4}年)?(?P<to>[0-9]{1,2})(?=月底|月末)")
_UNTIL_QUARTER = re.compile(r"截[至止到](?:[0-9]{4}年)?第?(?P<to>[一二三四])(?=季度[末底])")
_FIRST = re.compile(r"前(?P<to>[0-9]{1,2}|[一二两三四五六七八九十]+)个?(?P<unit>月|季度)")
_ORDER = "零一二三四五六七八九十"


def dates(paragraph: Paragraph, period: Period, *, heads: bool) -> Iterator[Verdict]:
    """Dates that cannot be, or are not of the period; `heads` where the paragraph is a title."""
    text = paragraph.text
    if heads:
        for found in _YEAR.finditer(text):
            rest = re.split("[，。；和与及、]", text[found.end() :])[0]
            ahead = int(found["year"]) == period.year + 1 and _PLAN.search(rest)
            if int(found["year"]) != period.year and not ahead:
                yield _wrong(paragraph, found.span("year"), str(period.year))
            break
    last = 3 * period.quarter if period.quarter else 12
    for found in _SPAN.finditer(text):
        begin, end = int(found["from"]), int(found["to"])
        if end > 12 or not 1 <= begin <= end:  # which month was meant nobody can tell
            yield _wrong(paragraph, found.span("to"), "")
        elif period.quarter and begin == 1 and end != last:
            yield _wrong(paragraph, found.span("to"), str(last))
    if period.quarter is None:
        return
    for found in _UNTIL.finditer(text):
        if int(found["to"]) != last:
            yield _wrong(paragraph, found.span("to"), str(last))
    for found in _UNTIL_QUARTER.finditer(text):
        if _ORDER.find(found["to"]) != last // 3:
            yield _wrong(paragraph, found.span("to"), _ORDER[last // 3])
    for found in _FIRST.finditer(text):
        number = found["to"].replace("两", "二")
        said = int(number) if number.isdecimal() else _ORDER.find(number)
        wanted = last if found["unit"] == "月" else last // 3
        if said != wanted and said > 0:
            right = str(wanted) if number.isdecimal() else _ORDER[wanted]
            yield _wrong(paragraph, found.span("to"), right)


def _wrong(paragraph: Paragraph, span: tuple[int, int], right: str) -> Verdict:
    start, end = span
    text = paragraph.text[start:end]
    return Verdict(paragraph.number, start, end, text, "disagrees", "date", right, "date")
