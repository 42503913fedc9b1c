"""W9: community correction and resettlement, one workbook a quarter, one sheet a month."""

import random
from dataclasses import dataclass, field

from sample.clerk import Cell, Clerk
from sample.office import (
    QUARTERS,
    RESIDENTS,
    TOWNSHIPS,
    YEARS,
    Desk,
    Quarter,
    by_township,
    shared_out,
    shares,
)
from sample.sheets import FOOTER, Column, Sheet, write

COLUMNS = (
    Column("correction_opening", ("社区矫正", "期初在册"), "人"),
    Column("correction_received", ("社区矫正", "本月接收"), "人"),
    Column("correction_released", ("社区矫正", "本月解除"), "人"),
    Column("correction_other_out", ("社区矫正", "迁出及收监"), "人"),
    Column("correction_population", ("社区矫正", "期末在册", "合计"), "人"),
    Column("correction_probation", ("社区矫正", "期末在册", "缓刑"), "人"),
    Column("correction_parole", ("社区矫正", "期末在册", "假释"), "人"),
    Column("correction_control", ("社区矫正", "期末在册", "管制"), "人"),
    Column("correction_outside", ("社区矫正", "期末在册", "暂予监外执行"), "人"),
    Column("correction_reoffended", ("再犯罪",), "人"),
    Column("correction_untracked", ("脱管漏管",), "人"),
    Column("psych_interventions", ("心理干预",), "人次"),
    Column("smart_centre_usage", ("智慧矫正中心", "使用"), "人次"),
    Column("smart_alerts", ("智慧矫正中心", "预警"), "条"),
    Column("smart_alerts_handled", ("智慧矫正中心", "已处置"), "条"),
    Column("resettlement_new", ("安置帮教", "新增刑释"), "人"),
    Column("resettlement_link_due", ("安置帮教", "应衔接"), "人"),
    Column("resettlement_linked", ("安置帮教", "已衔接"), "人"),
    Column("resettlement_population", ("安置帮教", "期末在册"), "人"),
    Column("resettlement_placed", ("安置帮教", "已安置"), "人"),
    Column("resettlement_helped", ("安置帮教", "已帮教"), "人"),
    Column("skill_training_due", ("技能培训", "应训"), "人"),
    Column("skill_trained", ("技能培训", "已训"), "人"),
    Column("skill_employed", ("技能培训", "就业"), "人"),
)
STOCKS = (
    "correction_population",
    "correction_probation",
    "correction_parole",
    "correction_control",
    "correction_outside",
    "resettlement_population",
    "resettlement_placed",
    "resettlement_helped",
)
OPENING = "correction_opening"
KINDS = {"probation": 92, "parole": 4, "control": 1, "outside": 3}
POPULATION = 291  # at the beginning of 2022
SMALL = by_township(1.1, 1.1, 1, 1, 1, 1, 1, 0.9, 0.8, 0.5, 0.9, 0.8, 0.9, 0.45, 1, 0.8, 0.9, 0.4)
# The year's totals, shared out over months and townships.
YEARLY = {
    "correction_received": {2022: 152, 2023: 156, 2024: 160},
    "psych_interventions": {2022: 382, 2023: 521, 2024: 610},
    "smart_centre_usage": {2022: 0, 2023: 1286, 2024: 1720},
    "smart_alerts": {2022: 214, 2023: 262, 2024: 366},
    "resettlement_new": {2022: 288, 2023: 281, 2024: 276},
    "skill_training_due": {2022: 160, 2023: 190, 2024: 204},
}
UNHANDLED = {2022: 0.08, 2023: 0.03, 2024: 0.02}  # share of alerts
TRAINED = {2022: 0.70, 2023: 0.84, 2024: 0.88}
EMPLOYED = {2022: 0.58, 2023: 0.61, 2024: 0.63}
NOT_LINKED = {
    (2022, 3, "S13"),
    (2022, 9, "S09"),
    (2023, 5, "S13"),
    (2024, 2, "S07"),
}  # one person each
REOFFENDED = {(2022, 5, "S04"), (2023, 8, "S07"), (2024, 4, "S02")}
UNTRACKED = {(2022, 11, "S13")}
RESETTLED = {2022: 976, 2023: 984, 2024: 990}  # at the end of a year
PLACED = {2022: 0.961, 2023: 0.970, 2024: 0.974}
HELPED = {2022: 0.971, 2023: 0.980, 2024: 0.984}
SHEET_NAMES = ("{}月", "{}月", "{}月 ")  # the second with full-width digits, the third with a blank

Month = dict[str, dict[str, int]]  # township -> item -> number


@dataclass(slots=True)
class Ward:
    """Those under community correction in one township, by kind."""

    kinds: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))

    @property
    def size(self) -> int:
        """How many."""
        return sum(self.kinds.values())

    def receive(self, dice: random.Random) -> None:
        """One more person."""
        self.kinds[dice.choices(list(KINDS), list(KINDS.values()))[0]] += 1

    def release(self, dice: random.Random) -> None:
        """One person less."""
        self.kinds[dice.choices(list(self.kinds), list(self.kinds.values()))[0]] -= 1


def make_w9(desk: Desk) -> None:
    """Three months a workbook; closing of a month is opening of the next, over years too."""
    months = _simulate(desk)
    for quarter in QUARTERS:
        for month in quarter.months:
            for code, numbers in months[quarter.year, month].items():
                for item, value in numbers.items():
                    if item == OPENING:
                        if month == quarter.months[0]:
                            desk.truth.note(quarter.name, code, item, value)
                    elif item in STOCKS:
                        if month == quarter.months[2]:
                            desk.truth.note(quarter.name, code, item, value)
                    else:
                        desk.truth.note(quarter.name, code, item, value, part=str(month))
        _write(desk, quarter, months)


def _simulate(desk: Desk) -> dict[tuple[int, int], Month]:
    dice = desk.dice("W9")
    weights = {code: RESIDENTS[code] * SMALL[code] for code in TOWNSHIPS}
    wards = {code: Ward() for code in TOWNSHIPS}
    for code, size in shares(POPULATION, weights, dice).items():
        for _ in range(size):
            wards[code].receive(dice)
    months: dict[tuple[int, int], Month] = {}
    for year in YEARS:
        flows = {item: _spread(desk, item, year, weights) for item in YEARLY}
        due = flows["skill_training_due"]
        flows["skill_trained"] = _part_of(desk, "skill_trained", year, due, TRAINED[year])
        flows["skill_employed"] = _part_of(
            desk, "skill_employed", year, flows["skill_trained"], EMPLOYED[year]
        )
        alerts = flows["smart_alerts"]
        flows["unhandled"] = _part_of(desk, "unhandled", year, alerts, UNHANDLED[year])
        for month in range(1, 13 if year < 2024 else 10):
            months[year, month] = {
                code: _month(dice, wards[code], weights, (year, month, code), flows)
                for code in TOWNSHIPS
            }
    return months


def _spread(
    desk: Desk, item: str, year: int, weights: dict[str, float]
) -> dict[tuple[int, str], int]:
    """A year's total over months and townships."""
    dice = desk.dice("W9", item, year)
    total = YEARLY[item][year]
    by_month = shared_out(total, [dice.uniform(0.85, 1.15) for _ in range(12)])
    spread = {}
    for month, count in enumerate(by_month, start=1):
        lots = dice.choices(list(weights), list(weights.values()), k=count)
        for code in TOWNSHIPS:
            spread[month, code] = lots.count(code)
    return spread


def _part_of(
    desk: Desk, item: str, year: int, whole: dict[tuple[int, str], int], share: float
) -> dict[tuple[int, str], int]:
    """So large a part of a flow, person by person, evenly over the quarters."""
    dice = desk.dice("W9", item, year)
    part = dict.fromkeys(whole, 0)
    for months in ((1, 2, 3), (4, 5, 6), (7, 8, 9), (10, 11, 12)):
        persons = [cell for cell, count in whole.items() if cell[0] in months for _ in range(count)]
        for cell in dice.sample(persons, round(len(persons) * share)):
            part[cell] += 1
    return part


def _month(
    dice: random.Random,
    ward: Ward,
    weights: dict[str, float],
    when: tuple[int, int, str],
    flows: dict[str, dict[tuple[int, str], int]],
) -> dict[str, int]:
    year, month, code = when
    cell = (month, code)
    opening = ward.size
    received = flows["correction_received"][cell]
    released = sum(dice.random() < 0.041 for _ in range(opening))
    other_out = sum(dice.random() < 0.0025 for _ in range(opening - released))
    for _ in range(released + other_out):
        ward.release(dice)
    for _ in range(received):
        ward.receive(dice)
    alerts = flows["smart_alerts"][cell]
    new = flows["resettlement_new"][cell]
    due = flows["skill_training_due"][cell]
    if when in NOT_LINKED:
        new = max(new, 1)
    whole = sum(weights.values())
    before = RESETTLED.get(year - 1, 972)
    target = before + (RESETTLED[year] - before) * month / 12
    resettled = round(target * weights[code] / whole + dice.uniform(-0.6, 0.6))
    return {
        "correction_opening": opening,
        "correction_received": received,
        "correction_released": released,
        "correction_other_out": other_out,
        "correction_population": ward.size,
        "correction_probation": ward.kinds["probation"],
        "correction_parole": ward.kinds["parole"],
        "correction_control": ward.kinds["control"],
        "correction_outside": ward.kinds["outside"],
        "correction_reoffended": int(when in REOFFENDED),
        "correction_untracked": int(when in UNTRACKED),
        "psych_interventions": flows["psych_interventions"][cell],
        "smart_centre_usage": flows["smart_centre_usage"][cell],
        "smart_alerts": alerts,
        "smart_alerts_handled": alerts - flows["unhandled"][cell],
        "resettlement_new": new,
        "resettlement_link_due": new,
        "resettlement_linked": new - (when in NOT_LINKED),
        "resettlement_population": resettled,
        "resettlement_placed": resettled - _few(dice, resettled, 1 - PLACED[year]),
        "resettlement_helped": resettled - _few(dice, resettled, 1 - HELPED[year]),
        "skill_training_due": due,
        "skill_trained": flows["skill_trained"][cell],
        "skill_employed": flows["skill_employed"][cell],
    }


def _few(dice: random.Random, count: int, share: float) -> int:
    """So many of a count that the share holds over all townships."""
    exact = count * share
    return int(exact) + (dice.random() < exact - int(exact))


def _write(desk: Desk, quarter: Quarter, months: dict[tuple[int, int], Month]) -> None:
    sheets = []
    for at, month in enumerate(quarter.months):
        dice = desk.dice("W9 typing", quarter.name, month)
        clerk = Clerk(dice, quarter.year, mess=0.02)
        digits = str(month).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
        sheet = Sheet(SHEET_NAMES[at].format(digits if at == 1 else month))
        width = len(COLUMNS) + 1
        sheet.title(f"示例区{quarter.year}年{month}月 社区矫正安置帮教工作月报", width)
        sheet.about(width, "填报单位（盖章）：社区矫正科", "单位：人、人次、条")
        sheet.header(
            [("镇街",), *(column.path for column in COLUMNS)],
            {
                "镇街": "镇　街",
                "心理干预": "心理干预（人次）",
                "合计": "合 计",
                "暂予监外执行": "暂予监外\n执行",
            },
        )
        if quarter.number % 2:
            sheet.index(width, "甲")
        else:
            sheet.units(COLUMNS)
        numbers = months[quarter.year, month]
        part = dict.fromkeys((column.item for column in COLUMNS), 0)
        for code in TOWNSHIPS:
            row = numbers[code]
            cells: list[Cell] = [clerk.number(row[c.item], c.unit, none_word=True) for c in COLUMNS]
            sheet.add(clerk.place(code), *cells)
            part = {item: value + row[item] for item, value in part.items()}
            if quarter.number in (2, 4) and code == "S03":
                sheet.add("街道小计", *part.values())
                part = dict.fromkeys(part, 0)
            if quarter.number in (2, 4) and code == "S17" and quarter.year > 2022:
                sheet.add("镇小计", *part.values())
        sheet.add("合计", *(sum(numbers[c][col.item] for c in TOWNSHIPS) for col in COLUMNS))
        if month == 12:
            sheet.add("全年累计", *_whole_year(quarter.year, months))
        sheet.foot(FOOTER, "填表说明：期初在册＋本月接收－本月解除－迁出及收监＝期末在册。")
        sheets.append(sheet)
    name = {
        1: f"W9-社区矫正安置帮教月报-{quarter.name}.xlsx",
        2: f"{quarter.year}年4至6月矫正安帮月报.xlsx",
        3: f"社矫安帮（三季度{quarter.year}）.xlsx",
        4: f"月报10-12月{quarter.year}.xlsx",
    }[quarter.number]
    write(desk.raw / quarter.name / name, sheets)


def _whole_year(year: int, months: dict[tuple[int, int], Month]) -> list[Cell]:
    """Flows of twelve months, the opening of January, the closing of December."""
    cells: list[Cell] = []
    for column in COLUMNS:
        counted = range(1, 13)
        if column.item == OPENING:
            counted = range(1, 2)
        elif column.item in STOCKS:
            counted = range(12, 13)
        cells.append(sum(months[year, m][c][column.item] for m in counted for c in TOWNSHIPS))
    return cells
