"""The languages of a report: how each writes numbers, dates, lists and references."""

import calendar
import re
from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType

from markupsafe import Markup, escape

from nianbao.period import Period

_ENDING = re.compile(r"\((e?s)\)")
_CHINESE = re.compile("[\u3400-\u9fff]")
_INNER = str.maketrans("“”", "‘’")
_MONTHS = tuple(calendar.month_name[1:])


def quotable(name: str) -> str:
    """A name as it stands inside quotation marks: its own become the inner ones."""
    return name.translate(_INNER)


@dataclass(frozen=True, slots=True)
class Language:
    """One language: its code, what HTML calls it, and its fixed words."""

    code: str
    html: str
    joints: tuple[str, str]  # between names, and before the last one
    figure: str
    table: str
    see: str  # around references in a sentence
    form: str
    appendix: str
    appendices: str  # what they are counted with
    grouped: bool  # thousands

    def digits(self, text: str) -> str:
        """A printed number as this language groups it: 1234 or 1,234."""
        if not self.grouped:
            return text
        return re.sub(r"^(\D*)(\d+)", lambda m: f"{m[1]}{int(m[2]):,}", text)

    def year(self, year: int) -> str:
        """A year as prose says it."""
        return f"{year}年" if self.code == "zh" else f"{year}"

    def period(self, period: Period) -> str:
        """A period as prose says it: 2023年, 2024年1—9月; 2023, January–September 2024."""
        if period.quarter is None:
            return self.year(period.year)
        last = 3 * period.quarter
        if self.code == "zh":
            return f"{period.year}年1—{last}月"
        return f"{_MONTHS[0]}–{_MONTHS[last - 1]} {period.year}"

    def date(self, date: str) -> str:
        """A day, from YYYY-MM-DD: 2024年1月5日; 5 January 2024."""
        year, month, day = (int(part) for part in date.split("-"))
        if self.code == "zh":
            return f"{year}年{month}月{day}日"
        return f"{day} {_MONTHS[month - 1]} {year}"

    def listed(self, names: Iterable[str | Markup]) -> Markup:
        """Names in a row: 甲、乙、丙; A, B and C."""
        safe = [escape(name) for name in names]
        between, before_last = (Markup(joint) for joint in self.joints)  # noqa: S704 -- our own
        if len(safe) < 2:
            return Markup("").join(safe)
        return before_last.join([between.join(safe[:-1]), safe[-1]])

    def is_foreign(self, text: str) -> bool:
        """Whether a text is Chinese inside a page that is not."""
        return self.code != "zh" and bool(_CHINESE.search(text))


_CHINESE_EDITION = Language(
    code="zh",
    html="zh-CN",
    joints=("、", "、"),
    figure="图",
    table="表",
    see="（见{}）",
    form="{form}《{name}》",
    appendix="附录{}",
    appendices="一二三四五六七八九十",
    grouped=False,
)
_ENGLISH_EDITION = Language(
    code="en",
    html="en",
    joints=(", ", " and "),
    figure="Figure ",
    table="Table ",
    see=" (see {})",
    form="{form} “{name}”",
    appendix="Appendix {}",
    appendices="ABCDEFGHIJ",
    grouped=True,
)
LANGUAGES = MappingProxyType({one.code: one for one in (_CHINESE_EDITION, _ENGLISH_EDITION)})
"""Every language by its code."""


def noun(words: str, number: object) -> str:
    """A noun for a number: `session(s)` gives session or sessions; `person|people`, one of them."""
    one = number == 1
    if "|" in words:
        singular, _, plural = words.partition("|")
        return singular if one else plural
    return _ENDING.sub("" if one else r"\1", words)
