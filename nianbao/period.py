"""The period of a report or of a raw folder: a year, or a year up to the end of a quarter."""

import datetime
import functools
import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction
from functools import total_ordering
from typing import Literal

_NAME = re.compile(r"([0-9]{4})(?:Q([1-4]))?")
_FIRST_YEAR, _LAST_YEAR = 1900, 2999  # names have four digits; anything else is a slip of the pen


@total_ordering
@dataclass(frozen=True, slots=True)
class Period:
    """A full year (quarter is None) or January to the end of a quarter.

    Sorted by its last day; the full year comes after its own fourth quarter.
    Raises ValueError for a year outside 1900 to 2999 or a quarter outside 1 to 4.
    """

    year: int
    quarter: int | None = None

    def __post_init__(self) -> None:
        if not _FIRST_YEAR <= self.year <= _LAST_YEAR:
            raise ValueError(
                f"{self.year} is not a year from {_FIRST_YEAR} to {_LAST_YEAR}; "
                "write it in four digits, such as 2023"
            )
        if self.quarter not in (None, 1, 2, 3, 4):
            raise ValueError(f"{self.quarter} is not a quarter; use 1, 2, 3 or 4")

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, Period):
            return NotImplemented
        return (self.year, self.quarter or 5) < (other.year, other.quarter or 5)

    def __str__(self) -> str:
        return self.name

    @classmethod
    def parse(cls, text: str) -> "Period":
        """Read a period's name, "2023" or "2024Q3".

        Exactly these two forms, so that one period never has two folders; else ValueError.
        """
        found = _NAME.fullmatch(text)
        if not found:
            raise ValueError(
                f"{text!r} is not a period; write a year such as 2023, "
                "or a year and quarter such as 2024Q3"
            )
        year, quarter = found.groups()
        return cls(int(year), int(quarter) if quarter else None)

    @property
    def name(self) -> str:
        """The name used for folders and tables: "2023" or "2024Q3"."""
        return f"{self.year}" if self.quarter is None else f"{self.year}Q{self.quarter}"

    @property
    def quarters(self) -> tuple["Period", ...]:
        """The single quarters that it covers from January: 2024Q3 gives 2024Q1, 2024Q2, 2024Q3."""
        return tuple(Period(self.year, quarter) for quarter in range(1, (self.quarter or 4) + 1))

    @property
    def previous(self) -> "Period":
        """The same period a year before, the base of a year-on-year comparison."""
        return Period(self.year - 1, self.quarter)

    @property
    def plan_year(self) -> int:
        """The year whose targets its report is held against: the next one for a year report."""
        return self.year + (self.quarter is None)

    @property
    def first_day(self) -> datetime.date:
        """The first of January."""
        return datetime.date(self.year, 1, 1)

    @property
    def last_day(self) -> datetime.date:
        """The last day of the year, or of the quarter."""
        return _month_end(self.year, 3 * (self.quarter or 4))

    @property
    def quarter_first_day(self) -> datetime.date:
        """The first day of the single quarter; ValueError for a full year, which has none."""
        return datetime.date(self.year, 3 * self._single_quarter() - 2, 1)

    @property
    def quarter_last_day(self) -> datetime.date:
        """The last day of the single quarter; ValueError for a full year, which has none."""
        return _month_end(self.year, 3 * self._single_quarter())

    @property
    def elapsed(self) -> Fraction:
        """The share of the year gone at its end: 1/4, 1/2, 3/4 or 1."""
        return Fraction(self.quarter or 4, 4)

    def _single_quarter(self) -> int:
        if self.quarter is None:
            raise ValueError(f"{self.name} is a full year; ask one of its .quarters")
        return self.quarter


def _month_end(year: int, month: int) -> datetime.date:
    following = datetime.date(year + month // 12, month % 12 + 1, 1)
    return following - datetime.timedelta(days=1)


@functools.lru_cache(maxsize=8192)  # names, labels and words come again and again
def squeezed(text: str) -> str:
    """Half-width text without blanks or invisible marks: "２０２４ 年" gives "2024年"."""
    return "".join(
        letter
        for letter in unicodedata.normalize("NFKC", text)
        if not letter.isspace() and unicodedata.category(letter) not in ("Cc", "Cf")
    )


_TO = r"[-\u2010-\u2015\u2212~至到]+"
_CHINESE_YEAR = re.compile(r"(?<![〇○零一二三四五六七八九])([一二][〇○零一二三四五六七八九]{3})年")
_CHINESE_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_DATE = re.compile(
    r"(?:[0-9]{4}年)?[0-9]{1,2}月[0-9]{1,2}[日号]|[0-9]{4}([./-])[0-9]{1,2}\1[0-9]{1,2}(?![0-9月])"
)
_YEAR = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})(?=年|-?Q[1-4])")
_YEARS = re.compile(rf"[0-9]{{4}}{_TO}[0-9]{{2,4}}年")
_SEASON = re.compile(r"([-\u2010-\u2015\u2212~至到、,和与及前十0-9]?)第?([一二三四1-4])季")
_Q = re.compile(rf"(?<![A-Z])Q([1-4])(?!{_TO}[0-9]|[0-9])")
_MONTHS = re.compile(rf"(?<![0-9])0?([0-9]{{1,2}})月?{_TO}0?([0-9]{{1,2}})月")
_QUARTER_OF_MONTHS = {("1", "3"): 1, ("4", "6"): 2, ("7", "9"): 3, ("10", "12"): 4}
_PART_OF_YEAR = re.compile(r"季|Q[0-9]|半年|[0-9一二三四五六七八九十]月")


def period_in_text(text: str) -> Period | None:
    """Find the one period that a workbook's title states, or None.

    "示例区2024年第一季度…" gives 2024Q1; so do 1季度, Q1 and 1—3月; "2023年度" is the full year.
    Dates are passed over. Two years, two quarters, a half year, a month, or a quarterly form whose
    quarter is not said give None: a wrong period would put good numbers in the wrong place.
    """
    title = _CHINESE_YEAR.sub(lambda m: m[1].translate(_CHINESE_DIGITS) + "年", squeezed(text))
    title = _DATE.sub("；", title.upper())
    years = set(_YEAR.findall(title))
    if len(years) != 1 or _YEARS.search(title):
        return None
    seasons = [
        (joint, "一二三四".find(digit) + 1 or int(digit)) for joint, digit in _SEASON.findall(title)
    ]
    months = [_QUARTER_OF_MONTHS.get(span) for span in _MONTHS.findall(title)]
    if any(joint for joint, _ in seasons) or None in months:
        return None
    quarters = (
        {quarter for _, quarter in seasons} | {int(q) for q in _Q.findall(title)} | set(months)
    )
    if len(quarters) > 1 or (not quarters and _PART_OF_YEAR.search(title)):
        return None
    return Period(int(years.pop()), quarters.pop() if quarters else None)


_FROM_JANUARY = re.compile(
    rf"累计|年初至|上半年|前[二三两23]个?季|(?<![0-9])0?1月?{_TO}0?(?:[69]|12)月"
)
_OWN_QUARTER = re.compile(
    rf"当季|本季|单季|(?<![0-9])0?(?:4月?{_TO}0?6|7月?{_TO}0?9|10月?{_TO}12)月"
)
_DENIED = re.compile(r"[不非勿请]")


def flow_in_text(text: str) -> Literal["", "quarter", "cumulative"]:
    """Whether a title says that its numbers run from 1 January, or are one quarter's own.

    "" where it says neither or both, and where it gives advice (请勿填累计数).
    """
    title = _DATE.sub("；", squeezed(text))
    both = bool(_FROM_JANUARY.search(title)), bool(_OWN_QUARTER.search(title))
    if _DENIED.search(title) or both[0] == both[1]:
        return ""
    return "cumulative" if both[0] else "quarter"


def raw_periods(period: Period) -> tuple[tuple[Period, ...], tuple[Period, ...]]:
    """The raw folders that a report reads: those of its own year, and those of the year before.

    A year report reads its annual forms; a quarter report the last annual ones. The year before is
    read whole, for its last quarters give the seasonal pace.
    """
    before = Period(period.year - 1)
    own = period.quarters if period.quarter else (*period.quarters, Period(period.year))
    return own, (*before.quarters, before)
