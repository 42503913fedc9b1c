"""Of when and of where a figure of a draft is: what its clause, sentence and headings say."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nianbao.catalogue import Catalogue
from nianbao.drafts.clauses import ASIDE, Window
from nianbao.numerals import read_chinese
from nianbao.period import Period

PREVIOUS = "previous"
_YEAR = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})(?:年度?|(?=[-—－]))")
_BASIS = re.compile(
    r"[比较与和同跟于](?:上年|去年|上一年|前一年|上年度|20\d\d年)(?:度|全年)?(?:同期|末|底)?(?:相比|数)?|"
    r"[是为](?:上年|去年)(?:同期)?的|同比|环比"
)
_OTHER_BASE = re.compile(r"环比|前年|上个?月|上季度?|上一?季度|[比较与同]年初")
_YEAR_OF_BASE = re.compile(r"[比较与同和]((?:19|20)[0-9]{2})年")
_LAST_YEAR = re.compile(r"(?:上年|去年|上一年|上年度)(?:同期|末|底|全年)?")
_MONTH = r"(?:(?<![0-9])[0-9０-９]{1,2}|[一二三四五六七八九十]{1,2})"
_PART = re.compile(
    rf"(?P<from>{_MONTH})月?\s?[-—－–~～至到]+\s?(?P<to>{_MONTH})月(?:份|底|末)?"
    rf"|(?:截[至止到])?(?P<until>{_MONTH})月(?:底|末)"
    rf"|(?:截[至止到])?第?(?P<ends>[一二三四])季度(?:末|底)|前(?P<months>{_MONTH})个月"
    rf"|前(?P<quarters>[一二两三123])个?季度|(?P<alone>第?[一二三四1234]季度|[上下]半年|{_MONTH}月(?:份)?"
    r"|[当本]月|本季度|近[一二三四五两]年|[三五]年来|“?十[三四五]五”?(?:期间|以来|时期)|任期内|历年)"
)
_TO_TARGET = re.compile(
    r"(?:距离?|离|较|比|(?<!不)[高低]于|超过?)[^，。|]{0,8}目标(?:值|任务)?|(?<!不)[高低]于(?:全区)?(?:平均)?(?:水平)?"
    r"|每季度需(?:完成|提高|增加)?|(?:达到|落后于)?序时(?:进度)?"
)
_OWN = re.compile(r"[我本全](?:镇|乡|街道|所|村|社区|办事处)(?!街)")
_OF_DISTRICT = "区级"  # may be part of what is counted
_HEADING = 40  # letters of a heading, not of a sentence
_DATE_BEHIND = re.compile(r"（((?:19|20)[0-9]{2}年(?:度|底|末)?)）")
_NUMBERED = re.compile(r"^[\s#*]*[（(]?[0-9一二三四五六七八九十]*[）)、.．]?")
_PLAN = re.compile(r"计划|打算|思路|展望|规划|下一步|下步|要点|下年|明年|来年|努力方向|目标任务")
_DONE = re.compile(r"总结|回顾|报告|情况|成效|问题|短板|简报|小结|亮点|进展")
_HOPED = re.compile(
    r"力争|争取(?!到)|明年|下年|来年|下一步|目标(?:值|是|为|定为)"
    r"|(?:计划|拟|将)(?:再|新)?(?:于|在|到|开展|组织|举办|召开|新建|建成|实现|完成|培养|培育|达)"
)
_HELD = re.compile(r"[^，。；]{0,4}[，（](?:[^，。；]{0,4}目标|尚差|还差|已达)")  # against a target
_NOW = re.compile(r"目前|现有|截[至止]|已|当前|本期|完成")


@dataclass(frozen=True, slots=True)
class When:
    """The period a figure is of; `previous`: its base; `plan`: it is what shall be."""

    period: str
    previous: bool = False
    plan: bool = False


def when(window: Window, period: Period) -> When | None:
    """The period that is spoken of; None where it is one that the data do not have."""
    clause = _BASIS.sub("", f"{window.left}|{window.right}{_dated(window.after)}")
    told = _BASIS.sub("", ASIDE.sub("", window.sentence))
    bases = _YEAR_OF_BASE.findall(window.left)
    told = _in_scope(told)
    other_base = _OTHER_BASE.search(window.left) or any(int(b) != period.year - 1 for b in bases)
    if other_base or _other_part(f"{told}{clause}", period):
        return None
    plan = _planned(window)
    years = list(_YEAR.finditer(clause)) or list(_YEAR.finditer(told))
    year = int(years[-1][1]) if years else (period.plan_year if plan else period.year)
    last = _LAST_YEAR.search(clause)
    if last and not _dated_from(window, period):
        return None
    if last or year == period.year - 1:
        since = years[-1].string[years[-1].end() :] if years else ""
        same = "同期" in clause or _PART.search(since if years else f"{told}{clause}")
        if not period.quarter or same:
            return When(period.name, previous=True)
        return None if last else When(str(year))  # 2023年 in a report of 2024's third quarter
    if year == period.year:
        return When(period.name, plan=plan)
    if year == period.plan_year:
        return When(str(year), plan=True)
    return When(str(year)) if year < period.year and period.quarter is None else None


def _dated_from(window: Window, period: Period) -> bool:
    """Whether 去年 is told from the year of the report, not from the day of a speech."""
    text = f"{window.sentence}{window.left}{window.after}"
    this = any(one in text for one in ("今年", "本年", f"{period.year}年", "上年", "上一年"))
    return this or "|" in window.left or "同期" in text


def _dated(after: str) -> str:
    """The date that stands in brackets behind a number."""
    found = _DATE_BEHIND.match(after)
    return found[1] if found else ""


def _planned(window: Window) -> bool:
    """Whether something is spoken of that shall be: in its sentence, or by the nearest heading."""
    clause = window.left + window.right
    if _HELD.match(window.after):
        return False
    if _HOPED.search(clause):
        return True
    if _NOW.search(clause):
        return False
    if _HOPED.search(window.sentence):
        return True
    for text in reversed(window.above):
        plan, done = bool(_PLAN.search(text)), bool(_DONE.search(text))
        if len(text) < _HEADING and plan != done:
            return plan
    return False


def _in_scope(told: str) -> str:
    """The sentence before a clause as far as its times hold: all after a topic such as 一季度，"""
    first, *rest = re.split("[，；]", told)
    topic = first if not timeless(first).strip("　 ") else ""
    return f"{topic}，{told[told.rfind('；') + 1 :]}" if rest and "；" in told else told


def _other_part(text: str, period: Period) -> bool:
    """Whether a part of the period is spoken of, or another one than it."""
    last = 3 * period.quarter if period.quarter else 12
    for found in _PART.finditer(text):
        if found["alone"]:
            return True
        begins = _number(found["from"]) if found["from"] else 1
        ends = found["to"] or found["until"] or found["months"]
        end = _number(ends) if ends else 3 * _number(found["quarters"] or found["ends"])
        if begins != 1 or end != last:
            return True
    return False


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else read_chinese(text) or 0


def timeless(text: str) -> str:
    """A text without its dates and words of comparison."""
    for told in (_BASIS, _YEAR, _PART, _LAST_YEAR, _TO_TARGET):
        text = told.sub("", text)
    return text


class Places:
    """The names by which a draft may call a place."""

    def __init__(self, catalogue: Catalogue, period: Period) -> None:
        self.district = catalogue.district
        names = {
            name: place.code
            for place in catalogue.places.values()
            if place.valid_in(period) and place.kind != "bureau"
            for name in (place.name, *place.aliases)
        }
        ours = ("全区", "我区", "全区各级", "全区平均", "全区平均水平")
        self._codes = names | dict.fromkeys(ours, self.district)
        every = sorted(self._codes, key=len, reverse=True)
        self._names = re.compile("|".join(map(re.escape, every)))
        self._extreme = re.compile(
            rf"(?:最[少多低高]|靠[前后]|较[低高少多])的(?:镇街|单位)?[是为有](?={self._names.pattern})"
        )

    def named(self, text: str) -> list[str]:
        """The codes of the places in a text, in its order."""
        return [self._codes[found[0]] for found in self._names.finditer(text)]

    def without(self, text: str) -> str:
        """A text without names of places; 区级 may be part of what is counted."""
        return self._names.sub(
            lambda found: found[0] if found[0] == _OF_DISTRICT else "",
            self._extreme.sub("", text),
        )

    def home(self, title: str) -> str:
        """The place that a draft is about: the one that its title names, else the district."""
        found = set(self.named(title)) - {self.district}
        return found.pop() if len(found) == 1 else self.district

    def where(self, window: Window, home: str) -> str:
        """The place of a figure in a draft about `home`; "" where several may be meant."""
        here = self.named(window.left) or self.named(window.right)
        told = self.named(window.sentence)
        if here:
            apart = len(set(here)) == 1 or here[-1] == self.district
            return here[-1] if apart else ""
        if told:
            return told[-1] if _apart(window.sentence, told, self._names) else ""
        own = _OWN.search("".join((*window.above, window.sentence, window.left)))
        if own and home == self.district:
            return ""  # 我镇 of a draft that does not say which
        return self._subject(window.above, home)

    def _subject(self, above: Sequence[str], home: str) -> str:
        """The place that the nearest heading or sentence above begins with."""
        for text in reversed(above):
            found = self._names.match(_NUMBERED.sub("", text))
            if found:
                return self._codes[found[0]]
        return home


def _apart(sentence: str, told: Sequence[str], names: re.Pattern[str]) -> bool:
    """Whether the last place of a sentence stands by itself, not in a row of several."""
    if len(told) == 1:
        return True
    spans = [found.span() for found in names.finditer(sentence)]
    between = sentence[spans[-2][1] : spans[-1][0]]
    return between not in ("、", "和", "与", "及")
