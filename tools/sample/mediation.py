"""W7: people's mediation, one workbook a township office a quarter, .xls, .xlsx and .csv."""

from decimal import Decimal

from sample.clerk import IDEOGRAPHIC_SPACE, Cell, Clerk
from sample.office import (
    LAGGING,
    QUARTERS,
    RESIDENTS,
    TOWNSHIPS,
    VILLAGES,
    Desk,
    Quarter,
    by_township,
    place_name,
    shared_out,
    shares,
)
from sample.sheets import FOOTER, Column, Sheet, write

ACCEPTED = {2022: 4896, 2023: 5412, 2024: 5790}  # the year's total (2024: its pace)
SURVEYED = {2022: 6120, 2023: 6810, 2024: 7330}
REFERRED = {2022: 690, 2023: 890, 2024: 1040}
FAILED = {2022: 117, 2023: 92, 2024: 92}
SEASON = (0.22, 0.27, 0.23, 0.28)
PER_RESIDENT = by_township(
    1.02,
    0.98,
    1.05,
    1.1,
    0.96,
    1.0,
    1.12,
    0.94,
    1.06,
    0.9,
    1.04,
    0.97,
    0.46,
    0.92,
    1.0,
    1.08,
    0.95,
    0.88,
)
LAGGING_SUCCESS = {2022: 0.885, 2023: 0.893, 2024: 0.90}
FULLTIME = by_township(4, 4, 3, 3, 2, 2, 2, 2, 1, 1, 2, 1, 0, 1, 2, 1, 2, 1)
SECTOR = by_township(3, 2, 2, 2, 1, 1, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0)
COMMERCIAL = {
    2022: ("S01", "S02"),
    2023: ("S01", "S02", "S04"),
    2024: ("S01", "S02", "S03", "S04", "S15"),
}

COLUMNS = (
    Column("committees_township", ("调委会", "镇街"), "个"),
    Column("committees_village", ("调委会", "村居"), "个"),
    Column("committees_sector", ("调委会", "行专"), "个"),
    Column("committees_commercial", ("调委会", "商事"), "个"),
    Column("mediators", ("调解员", "总数"), "人"),
    Column("mediators_fulltime", ("调解员", "其中专职"), "人"),
    Column("disputes_surveyed", ("排查纠纷",), "件"),
    Column("mediation_accepted", ("受理调解", "小计"), "件"),
    Column("mediation_court_referred", ("受理调解", "其中诉前委派"), "件"),
    Column("mediation_successful", ("调解成功", "小计"), "件"),
    Column("mediation_written", ("调解成功", "书面"), "件"),
    Column("mediation_oral", ("调解成功", "口头"), "件"),
    Column("mediation_amount", ("协议涉及金额",), "万元"),
    Column("", ("备注",)),
)
IN_CSV = ("S07", "S16")
IN_XLSX = ("S01", "S03", "S05", "S08", "S10", "S11", "S13", "S15", "S18")  # the others send .xls
RENAMED_HEADING = "调解受理"  # the 2024 form's word for 受理调解


def make_w7(desk: Desk) -> None:
    """Eighteen workbooks a quarter."""
    for year in ACCEPTED:
        returns = _year(desk, year)
        for quarter in QUARTERS:
            if quarter.year != year:
                continue
            for code in TOWNSHIPS:
                numbers = returns[quarter.number, code]
                for item, value in numbers.items():
                    desk.truth.note(quarter.name, code, item, value)
                _write(desk, quarter, code, numbers)


def _year(desk: Desk, year: int) -> dict[tuple[int, str], dict[str, int | Decimal]]:
    dice = desk.dice("W7", year)
    weights = {code: RESIDENTS[code] * PER_RESIDENT[code] for code in TOWNSHIPS}
    accepted = _by_quarter(desk, year, "accepted", shares(ACCEPTED[year], weights, dice, 0.025))
    surveyed = _by_quarter(desk, year, "surveyed", shares(SURVEYED[year], weights, dice, 0.03))
    cells = list(accepted)
    lag = {
        (number, code): round(accepted[number, code] * (1 - LAGGING_SUCCESS[year]))
        for number, code in cells
        if code == LAGGING
    }
    others = [cell for cell in cells if cell not in lag]
    missing = shared_out(
        FAILED[year] - sum(lag.values()),
        [accepted[cell] * dice.uniform(0.6, 1.4) for cell in others],
    )
    failed = lag | dict(zip(others, missing, strict=True))
    town = {code: 2.2 if code in ("S01", "S02", "S03", "S04") else 0.8 for code in TOWNSHIPS}
    referred = dict(
        zip(
            cells,
            shared_out(
                REFERRED[year],
                [accepted[q, c] * town[c] * dice.uniform(0.9, 1.1) for q, c in cells],
            ),
            strict=True,
        )
    )
    returns = {}
    for number, code in cells:
        successful = accepted[number, code] - failed[number, code]
        written = round(successful * dice.uniform(0.38, 0.46))
        amount = Decimal(successful) * Decimal(str(round(dice.uniform(1.35, 2.05), 2)))
        returns[number, code] = {
            "committees_township": 1,
            "committees_village": VILLAGES[code],
            "committees_sector": int(SECTOR[code]),
            "committees_commercial": int(code in COMMERCIAL[year]),
            "mediators": VILLAGES[code] * 4 + int(RESIDENTS[code] * 3) + 2 * (year - 2022),
            "mediators_fulltime": int(FULLTIME[code]) + (year == 2024 and code in ("S09", "S12")),
            "disputes_surveyed": max(surveyed[number, code], accepted[number, code]),
            "mediation_accepted": accepted[number, code],
            "mediation_court_referred": min(referred[number, code], accepted[number, code]),
            "mediation_successful": successful,
            "mediation_written": written,
            "mediation_oral": successful - written,
            "mediation_amount": amount.quantize(Decimal("0.1")),
        }
    return returns


def _by_quarter(
    desk: Desk, year: int, about: str, totals: dict[str, int]
) -> dict[tuple[int, str], int]:
    dice = desk.dice("W7", year, about)
    numbers = {}
    for code, total in totals.items():
        parts = shared_out(total, [share * dice.uniform(0.95, 1.05) for share in SEASON])
        for number, part in enumerate(parts, start=1):
            numbers[number, code] = part
    return numbers


def _ending(code: str) -> str:
    if code in IN_CSV:
        return "csv"
    return "xlsx" if code in IN_XLSX else "xls"


def _file_name(desk: Desk, quarter: Quarter, code: str) -> str:
    name = place_name(code, quarter.year)
    year, number = quarter
    chinese = "一二三四"[number - 1]
    style = (TOWNSHIPS.index(code) * 7 + number + year) % 6
    return (
        f"W7-{name}",
        f"{name}人民调解统计表({quarter.chinese})",
        f"人民调解情况统计表-{name}-{year}.{number}季度",
        f"{name}司法所{chinese}季度调解报表（最终）",
        f"{name[:2]}调解{quarter.name}",
        f"{year}{chinese}季度调解-{name}(1)",
    )[style] + f".{_ending(code)}"


def _write(desk: Desk, quarter: Quarter, code: str, numbers: dict[str, int | Decimal]) -> None:
    dice = desk.dice("W7 typing", quarter.name, code)
    plain_text = code in IN_CSV
    clerk = Clerk(dice, quarter.year, mess=dice.choice((0.02, 0.05, 0.12)))
    name = place_name(code, quarter.year)
    width = len(COLUMNS) + 1
    sheet = Sheet(dice.choice(("Sheet1", "调解", "人民调解", name)))
    gap = dice.choice((" ", "", IDEOGRAPHIC_SPACE))
    sheet.title(f"示例区{quarter.chinese}{gap}人民调解工作情况统计表", width)
    following = quarter.last_day
    sheet.about(
        width,
        f"填报单位（盖章）：{name}司法所",
        f"填报时间：{following.year}.{following.month}.{following.day - dice.randint(0, 4)}",
        "单位：件、人、万元",
    )
    renamed = {"受理调解": RENAMED_HEADING} if quarter.year >= 2024 else {}
    shown = dice.choice(
        (
            {"协议涉及金额": "协议涉及金额（万元）"},
            {
                "调委会": "调委会（个）",
                "调解员": "调解员（人）",
                "协议涉及金额": "协议涉及金额(万元)",
            },
            {"镇街": "镇 街", "排查纠纷": "排查\n纠纷", "备注": "备　注"},
        )
    )
    shown = {k: v for k, v in shown.items() if not (plain_text and "\n" in v)}
    sheet.header([("镇街",), *(column.path for column in COLUMNS)], {**shown, **renamed})
    if dice.random() < 0.4:
        sheet.units(COLUMNS, "单位")
    if dice.random() < 0.6:
        sheet.index(width, dice.choice(("（甲）", "(甲)", "甲")))
    cells: list[Cell] = [
        clerk.number(numbers[c.item], c.unit, none_word=True) if c.item else None for c in COLUMNS
    ]
    accepted, successful = numbers["mediation_accepted"], numbers["mediation_successful"]
    rate = f"成功率{Decimal(successful) * 100 / Decimal(accepted):.1f}％"
    cells[-1] = dice.choice((None, None, "—", rate))
    sheet.add(clerk.place(code), *cells)
    sheet.add(dice.choice(("合计", "合　计")), *_hand_made_total(desk, quarter, code, numbers))
    if dice.random() < 0.7:
        sheet.foot(FOOTER)
    sheets = [sheet]
    if _ending(code) == "xls" and dice.random() < 0.5:
        sheets += [Sheet("Sheet2"), Sheet("Sheet3")]  # the empty ones that old Excel makes
    write(desk.raw / quarter.name / _file_name(desk, quarter, code), sheets)


def _hand_made_total(
    desk: Desk, quarter: Quarter, code: str, numbers: dict[str, int | Decimal]
) -> list[Cell]:
    """The 合计 row, typed by hand: in every sixth workbook one number is off by one to three."""
    dice = desk.dice("W7 totals", quarter.name, code)
    off = {}
    if dice.random() < 1 / 6:
        off = {
            dice.choice(("disputes_surveyed", "mediators", "mediation_accepted")): dice.choice(
                (-2, -1, 1, 2, 3)
            )
        }
    cells: list[Cell] = []
    for column in COLUMNS:
        if not column.item:
            cells.append(None)
            continue
        value = numbers[column.item] + off.get(column.item, 0)
        cells.append(int(value) if value == int(value) else float(value))
    return cells
