"""示例区: its townships and departments, its calendar, and how a total is shared out among them."""

import datetime as dt
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from sample.truth import Truth

DISTRICT = "S00"
BUREAU = "B00"
RENAMED = "S14"  # 霁岭乡 until the end of 2022, 霁岭镇 since
LAGGING = "S13"  # 桑落镇: the township that the report's second part is about

TOWNSHIP_NAMES = {
    "S01": "青穗街道",
    "S02": "澄曦街道",
    "S03": "望榆街道",
    "S04": "禾溪镇",
    "S05": "苇塘镇",
    "S06": "枫屿镇",
    "S07": "麦垄镇",
    "S08": "棠梨镇",
    "S09": "鹿坪镇",
    "S10": "云岫镇",
    "S11": "泉沄镇",
    "S12": "栗坞镇",
    "S13": "桑落镇",
    "S14": "霁岭镇",
    "S15": "芷河镇",
    "S16": "楸林镇",
    "S17": "松陂镇",
    "S18": "萤坪乡",
}
DEPARTMENT_NAMES = {
    "B01": ("区公安分局", "公安分局"),
    "B02": ("区市场监督管理局", "市监局", "区市监局", "市场监管局", "市场监督管理局"),
    "B03": ("区综合行政执法局", "综合执法局", "区执法局"),
    "B04": ("区人力资源和社会保障局", "区人社局", "人社局"),
    "B05": ("区自然资源局", "自然资源局"),
    "B06": ("区生态环境分局", "生态环境分局"),
    "B07": ("区住房和城乡建设局", "区住建局", "住建局"),
    "B08": ("区交通运输局", "交通局", "区交通局"),
    "B09": ("区农业农村局", "农业农村局"),
    "B10": ("区卫生健康局", "区卫健局", "卫健局"),
    "B11": ("区应急管理局", "应急局", "区应急局"),
    "B12": ("区文化和旅游局", "区文旅局", "文旅局"),
}
BUREAU_NAMES = ("区司法局", "司法局", "示例区司法局")
TOWNSHIPS = tuple(TOWNSHIP_NAMES)
DEPARTMENTS = tuple(DEPARTMENT_NAMES)
STREETS = ("S01", "S02", "S03")


def by_township(*values: float) -> dict[str, float]:
    """Eighteen values in the official order, by township code."""
    return dict(zip(TOWNSHIPS, values, strict=True))


# fmt: off
RESIDENTS = by_township(8.26, 7.24, 6.02, 4.85, 4.12, 3.66, 3.98, 3.21, 2.74,
                        2.35, 3.05, 2.58, 2.96, 1.94, 3.42, 2.63, 2.87, 1.62)  # 万人, 2022
VILLAGES = {code: int(count) for code, count in by_township(
    31, 28, 27, 38, 36, 33, 37, 31, 29, 28, 32, 30, 34, 27, 33, 30, 32, 24).items()}
# fmt: on


class Quarter(NamedTuple):
    """One quarter of the sample: 2023, 4."""

    year: int
    number: int

    @property
    def name(self) -> str:
        """The folder's and the period's name, such as 2023Q4."""
        return f"{self.year}Q{self.number}"

    @property
    def chinese(self) -> str:
        """As a clerk writes it in a title: 2023年第四季度."""
        return f"{self.year}年第{'一二三四'[self.number - 1]}季度"

    @property
    def months(self) -> tuple[int, int, int]:
        """The three months of the quarter."""
        first = 3 * self.number - 2
        return first, first + 1, first + 2

    @property
    def first_day(self) -> dt.date:
        """1 January, April, July or October."""
        return dt.date(self.year, self.months[0], 1)

    @property
    def last_day(self) -> dt.date:
        """The last day of the third month."""
        month = self.months[2]
        following = dt.date(self.year + month // 12, month % 12 + 1, 1)
        return following - dt.timedelta(days=1)

    def holds(self, day: dt.date | None) -> bool:
        """Whether the day lies in the quarter; no day does not."""
        return day is not None and self.first_day <= day <= self.last_day


YEARS = (2022, 2023, 2024)
QUARTERS = tuple(
    Quarter(year, number) for year in YEARS for number in (1, 2, 3, 4) if (year, number) < (2024, 4)
)
ANNUAL_YEARS = (2022, 2023)


@dataclass(slots=True)
class Desk:
    """One making of the sample: its seed, where it goes, the truth and the corrections so far."""

    seed: int
    raw: Path
    truth: Truth
    corrections: list[dict[str, str]] = field(default_factory=list)

    def dice(self, *about: object) -> random.Random:
        """A stream of random numbers of its own for each subject, so that forms do not disturb
        each other when one of them is changed.
        """
        return random.Random("/".join(str(word) for word in (self.seed, *about)))


def place_name(code: str, year: int) -> str:
    """A township's official name in a year."""
    if code == RENAMED and year == 2022:
        return "霁岭乡"
    return TOWNSHIP_NAMES[code]


def shared_out(total: int, weights: Sequence[float]) -> list[int]:
    """A whole number shared out by weight, by largest remainder, so that the parts add up."""
    whole = math.fsum(weights)
    exact = [total * weight / whole for weight in weights]
    parts = [math.floor(part) for part in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: (parts[i] - exact[i], i))
    for i in by_remainder[: total - sum(parts)]:
        parts[i] += 1
    return parts


def shares(
    total: int, weights: dict[str, float], dice: random.Random, noise: float = 0.0
) -> dict[str, int]:
    """`shared_out` by name, each weight first moved a little."""
    moved = [weight * math.exp(dice.gauss(0, noise)) for weight in weights.values()]
    return dict(zip(weights, shared_out(total, moved), strict=True))


def deck(counts: dict[str, int], dice: random.Random) -> list[str]:
    """Each name as often as its count says, shuffled."""
    cards = [name for name, count in counts.items() for _ in range(count)]
    dice.shuffle(cards)
    return cards


def evenly(counts: dict[str, int], dice: random.Random) -> list[str]:
    """Each name as often as its count says, spread over the year, so that no quarter is odd."""
    places = [
        ((k + dice.random()) / count, name) for name, count in counts.items() for k in range(count)
    ]
    return [name for _, name in sorted(places)]


def days_within(quarter: Quarter, count: int, dice: random.Random) -> list[dt.date]:
    """Working days of a quarter in order, as many as asked for (a day may come twice)."""
    span = (quarter.last_day - quarter.first_day).days
    days = []
    while len(days) < count:
        day = quarter.first_day + dt.timedelta(days=dice.randint(0, span))
        if day.weekday() < 5:
            days.append(day)
    return sorted(days)
