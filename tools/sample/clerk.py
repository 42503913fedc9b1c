"""How people type: numbers, dates, names and choices as they really stand in workbooks."""

import datetime as dt
import random
from collections.abc import Sequence
from decimal import Decimal

from sample.office import (
    BUREAU,
    BUREAU_NAMES,
    DEPARTMENT_NAMES,
    RENAMED,
    TOWNSHIP_NAMES,
    place_name,
)
from sample.truth import plain

Cell = None | str | int | float | dt.date

FULL_WIDTH = str.maketrans("0123456789.", "０１２３４５６７８９．")
DIGITS = "零一二三四五六七八九"
NBSP, IDEOGRAPHIC_SPACE = "\u00a0", "\u3000"
EXCEL_EPOCH = dt.date(1899, 12, 30)


def chinese_numeral(value: int) -> str:
    """1–99 in characters: 十二, 二十, 三十五."""
    tens, ones = divmod(value, 10)
    head = "" if tens == 0 else ("十" if tens == 1 else DIGITS[tens] + "十")
    return head + (DIGITS[ones] if ones or not tens else "")


class Clerk:
    """One person filling in one file: more or less neat, with or without Excel dates.

    `mess` is the share of numbers typed in an odd but readable way; `spaces` lists the blanks
    that the file's encoding can hold.
    """

    def __init__(
        self,
        dice: random.Random,
        year: int,
        *,
        mess: float = 0.04,
        excel_dates: bool = True,
        spaces: Sequence[str] = (NBSP, IDEOGRAPHIC_SPACE, " "),
    ) -> None:
        self.dice = dice
        self.year = year
        self.mess = mess
        self.excel_dates = excel_dates
        self.spaces = spaces

    def number(self, value: int | Decimal, unit: str = "", *, none_word: bool = False) -> Cell:
        """A number, mostly plain; now and then full-width, as text, with its unit or in words."""
        neat: Cell = int(value) if value == int(value) else float(value)
        if none_word and value == 0 and self.dice.random() < 0.12:
            return "无"
        if value >= 1000 and self.dice.random() < 0.15:
            return f"{value:,}"
        if self.dice.random() >= self.mess:
            return neat
        text = plain(value)
        ways = [
            text.translate(FULL_WIDTH),
            text,
            self.dice.choice(self.spaces) + text,
            text + self.dice.choice(self.spaces),
        ]
        if unit:
            ways += [text + unit, text.translate(FULL_WIDTH) + unit]
        if value == int(value) and 1 <= value <= 40:
            ways.append(chinese_numeral(int(value)))
        return self.dice.choice(ways)

    def day(self, day: dt.date | None, *, full: bool = False) -> Cell:
        """A date: as a date cell, a serial number or text; without its year only when the year is
        the file's own and `full` is not asked for.
        """
        if day is None:
            return None
        roll = self.dice.random()
        if self.excel_dates and roll < 0.45:
            return day
        if self.excel_dates and roll < 0.50:
            return (day - EXCEL_EPOCH).days
        ways = [
            f"{day.year}.{day.month}.{day.day}",
            f"{day.year}年{day.month}月{day.day}号",
            f"{day.year}年{day.month}月{day.day}日",
            f"{day.year}-{day.month:02d}-{day.day:02d}",
            f"{day.year}/{day.month}/{day.day}",
        ]
        if day.year == self.year and not full:
            ways.append(f"{day.month}/{day.day}")
        return self.dice.choice(ways)

    def one_of(self, usual: str, *others: str, chance: float = 0.25) -> str:
        """The usual word, or now and then one of its other spellings."""
        return self.dice.choice(others) if others and self.dice.random() < chance else usual

    def yes(self, answer: bool, chance: float = 0.25) -> str:
        """是 or 否, now and then √ or ×."""
        return (
            self.one_of("是", "√", chance=chance)
            if answer
            else self.one_of("否", "×", chance=chance)
        )

    def place(self, code: str, chance: float = 0.15) -> str:
        """A place by its name, now and then by another of its names or with a stray blank."""
        if code == BUREAU:
            return self.one_of(*BUREAU_NAMES, chance=0.3)
        if code in DEPARTMENT_NAMES:
            return self.one_of(*DEPARTMENT_NAMES[code], chance=0.4)
        name = place_name(code, self.year)
        if code == RENAMED and self.year > 2022:
            return self.one_of(name, "霁岭镇（原霁岭乡）", chance=0.4)
        roll = self.dice.random()
        if roll < chance / 3:
            return name + self.dice.choice(self.spaces)
        if roll < chance * 2 / 3:
            return name[:-1] + self.dice.choice(self.spaces) + name[-1]
        if roll < chance and code in {"S01", "S02", "S03"}:
            return TOWNSHIP_NAMES[code] + "办事处"
        if roll < chance and code == "S04":
            return TOWNSHIP_NAMES[code] + "人民政府"
        return name
