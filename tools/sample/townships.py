"""W10: the townships and their rule-of-law staff, once a year."""

import hashlib
from collections.abc import Iterable
from decimal import Decimal

from openpyxl.utils import get_column_letter

from sample.clerk import Cell, Clerk
from sample.office import (
    ANNUAL_YEARS,
    LAGGING,
    RESIDENTS,
    STREETS,
    TOWNSHIPS,
    VILLAGES,
    Desk,
    by_township,
    shared_out,
)
from sample.sheets import FOOTER, Column, Sheet, write

COLUMNS = (
    Column("residents", ("常住人口",), "万人"),
    Column("villages", ("村居",), "个"),
    Column("units_needing_adviser", ("法律顾问", "应配备单位"), "个"),
    Column("units_with_adviser", ("法律顾问", "已配备单位"), "个"),
    Column("station_posts", ("司法所", "编制"), "人"),
    Column("station_staff_police", ("司法所", "在岗", "政法专编"), "人"),
    Column("station_staff_public", ("司法所", "在岗", "事业编"), "人"),
    Column("station_staff_hired", ("司法所", "在岗", "聘用"), "人"),
    Column("station_staff_lent", ("司法所", "借出"), "人"),
    Column("staff_qualified", ("司法所", "法律职业资格"), "人"),
    Column("three_bodies_meetings", ("“三组”会议",), "次"),
    Column("review_mechanism", ("审查机制",)),
    Column("review_standardised", ("审查标准化",)),
    Column("mediation_brand", ("品牌调解室名称",)),
    Column("", ("专职调解员",)),
    Column("law_literate", ("法律明白人", "人数"), "人"),
    Column("villages_with_three_literate", ("法律明白人", "达3人的村居"), "个"),
    Column("rol_leaders", ("法治带头人", "人数"), "人"),
    Column("villages_with_leader", ("法治带头人", "有带头人的村居"), "个"),
    Column("demo_villages_national", ("民主法治示范村", "国家级"), "个"),
    Column("demo_villages_province", ("民主法治示范村", "省级"), "个"),
    Column("demo_villages_city", ("民主法治示范村", "市级"), "个"),
    Column("culture_sites", ("法治文化阵地", "个数"), "个"),
    Column("villages_with_culture_site", ("法治文化阵地", "有阵地的村居"), "个"),
    Column("grids", ("普法网格", "总数"), "个"),
    Column("grids_with_publicity", ("普法网格", "已入网"), "个"),
    Column("", ("备注",)),
)
FLAGS = ("review_mechanism", "review_standardised", "mediation_brand")
POSTS = by_township(6, 5, 5, 4, 4, 3, 4, 3, 3, 3, 3, 3, 3, 2, 3, 3, 3, 2)
STAFF = {  # police posts, public posts, hired
    2022: (
        by_township(3, 3, 3, 2, 2, 2, 2, 2, 1, 1, 2, 2, 1, 1, 2, 2, 2, 1),
        by_township(2, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0),
        by_township(2, 2, 1, 1, 1, 0, 1, 1, 0, 0, 1, 0, 0, 0, 1, 1, 1, 0),
    ),
    2023: (
        by_township(3, 3, 3, 2, 2, 2, 2, 2, 1, 1, 2, 2, 1, 1, 2, 2, 2, 1),
        by_township(2, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0),
        by_township(3, 2, 1, 1, 1, 1, 1, 1, 0, 0, 1, 0, 0, 0, 1, 1, 1, 0),
    ),
}
LENT = by_township(1, 0, 1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0)
QUALIFIED = {
    2022: by_township(3, 3, 2, 2, 1, 1, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 1, 0),
    2023: by_township(3, 3, 2, 2, 1, 1, 1, 1, 1, 0, 1, 1, 0, 0, 1, 1, 1, 0),
}
THREE_BODIES = {
    2022: by_township(5, 4, 4, 4, 3, 2, 3, 2, 1, 1, 2, 2, 1, 1, 3, 2, 2, 1),
    2023: by_township(6, 5, 4, 5, 3, 3, 3, 2, 2, 1, 3, 2, 0, 1, 3, 2, 2, 1),
}
BEST = (
    "S01",
    "S04",
    "S02",
    "S03",
    "S05",
    "S15",
    "S07",
    "S11",
    "S06",
    "S17",
    "S08",
    "S12",
    "S16",
    "S09",
    "S18",
    "S14",
    "S10",
    "S13",
)
HOW_MANY = {
    "review_mechanism": {2022: 14, 2023: 18},
    "review_standardised": {2022: 5, 2023: 9},
    "mediation_brand": {2022: 7, 2023: 11},
}
BRANDS = (
    "老杨调解室",
    "溪畔和事坊",
    "澄心调解工作室",
    "榆下说事亭",
    "苇塘连心桥",
    "芷水评理堂",
    "麦香调解室",
    "泉边议事厅",
    "枫桥式老支书工作室",
    "松风解忧坊",
    "梨园和合室",
)
VILLAGE_SHARES = {  # villages that have it, of 560
    "villages_with_three_literate": {2022: 493, 2023: 526},
    "villages_with_leader": {2022: 510, 2023: 538},
    "villages_with_culture_site": {2022: 286, 2023: 327},
}
TOTALS = {
    "law_literate": {2022: 2306, 2023: 2652},
    "rol_leaders": {2022: 561, 2023: 604},
    "culture_sites": {2022: 301, 2023: 345},
    "demo_villages_province": {2022: 31, 2023: 34},
    "demo_villages_city": {2022: 120, 2023: 131},
    "grids": {2022: 1476, 2023: 1484},
}
NATIONAL = ("S04", "S15")
IN_NET = {2022: 0.78, 2023: 0.86}
UNCLEAR = ("S01", "station_staff_hired", "2+1")  # typed so in 2023; the office decided on 3


def make_w10(desk: Desk) -> None:
    """Two annual workbooks."""
    for year in ANNUAL_YEARS:
        rows = _rows(desk, year)
        for code, row in rows.items():
            for item, value in row.items():
                desk.truth.note(str(year), code, item, value)
        _write(desk, year, rows)


def _first_villages(desk: Desk, item: str, count: int) -> dict[str, int]:
    """The first so many of all villages in an order of their own, by township."""
    dice = desk.dice("W10 villages", item)
    ahead = dict.fromkeys(TOWNSHIPS, 1.0) | dict.fromkeys(STREETS, 0.6) | {LAGGING: 1.5}
    order = sorted((dice.random() * ahead[c], c) for c in TOWNSHIPS for _ in range(VILLAGES[c]))
    first = [code for _, code in order[:count]]
    return {code: first.count(code) for code in TOWNSHIPS}


def _rows(desk: Desk, year: int) -> dict[str, dict[str, int | Decimal]]:
    dice = desk.dice("W10")  # the same in both years, so that townships keep their nature
    nature = {code: VILLAGES[code] * dice.uniform(0.8, 1.2) for code in TOWNSHIPS}
    nature[LAGGING] *= 0.6

    def total(item: str, weights: Iterable[float]) -> dict[str, int]:
        return dict(zip(TOWNSHIPS, shared_out(TOTALS[item][year], list(weights)), strict=True))

    having = {
        item: _first_villages(desk, item, counts[year]) for item, counts in VILLAGE_SHARES.items()
    }
    extra = {
        "law_literate": total("law_literate", nature.values()),
        "rol_leaders": total("rol_leaders", having["villages_with_leader"].values()),
        "culture_sites": total("culture_sites", having["villages_with_culture_site"].values()),
        "demo_villages_province": total("demo_villages_province", nature.values()),
        "demo_villages_city": total("demo_villages_city", nature.values()),
        "grids": total("grids", [VILLAGES[c] + 9 * RESIDENTS[c] for c in TOWNSHIPS]),
    }
    police, public, hired = STAFF[year]
    rows: dict[str, dict[str, int | Decimal]] = {}
    for code in TOWNSHIPS:
        drift = Decimal("0.01") * (year - 2022) * (1 if code in STREETS else -1)
        units = 12 if code in STREETS else 9
        rows[code] = {
            "residents": Decimal(str(RESIDENTS[code])) + drift,
            "villages": VILLAGES[code],
            "units_needing_adviser": units,
            "units_with_adviser": units,
            "station_posts": int(POSTS[code]),
            "station_staff_police": int(police[code]),
            "station_staff_public": int(public[code]),
            "station_staff_hired": int(hired[code]),
            "station_staff_lent": int(LENT[code]),
            "staff_qualified": int(QUALIFIED[year][code]),
            "three_bodies_meetings": int(THREE_BODIES[year][code]),
            **{item: int(code in BEST[: HOW_MANY[item][year]]) for item in FLAGS},
            **{item: numbers[code] for item, numbers in extra.items()},
            **{item: numbers[code] for item, numbers in having.items()},
            "demo_villages_national": int(code in NATIONAL),
            "grids_with_publicity": round(
                extra["grids"][code] * (IN_NET[year] - (0.22 if code == LAGGING else 0))
            ),
        }
    return rows


def _typed(clerk: Clerk, item: str, unit: str, code: str, value: int | Decimal) -> Cell:
    if item == "review_mechanism":
        return (
            clerk.one_of("√", "已建", chance=0.4)
            if value
            else clerk.one_of("×", "在建", "未建", chance=0.6)
        )
    if item == "review_standardised":
        return (
            clerk.one_of("√", "达标", chance=0.4)
            if value
            else clerk.one_of("×", "未达标", chance=0.4)
        )
    if item == "mediation_brand":
        return BRANDS[BEST.index(code)] if value else "无"
    return clerk.number(value, unit, none_word=True)


def _write(desk: Desk, year: int, rows: dict[str, dict[str, int | Decimal]]) -> None:
    dice = desk.dice("W10 typing", year)
    clerk = Clerk(dice, year, mess=0.05)
    sheet = Sheet("镇街情况" if year == 2022 else "Sheet1")
    width = len(COLUMNS) + 1
    sheet.title(f"示例区{year}年 镇街基本情况与法治力量表", width)
    sheet.about(
        width, "填报单位：各司法所汇总", f"填报时间：{year}年12月31日", "单位：万人、个、人"
    )
    sheet.header(
        [("镇街",), *(column.path for column in COLUMNS)],
        {
            "常住人口": "常住人口（万人）",
            "村居": "村居（个）",
            "达3人的村居": "达３人的村居",
            "编制": "编 制",
        },
    )
    if year == 2022:
        sheet.units(COLUMNS)
    sheet.index(width)
    totals = {column.item: Decimal(0) for column in COLUMNS if column.item not in ("", *FLAGS)}
    unclear = ""
    for code, row in rows.items():
        cells: list[Cell] = []
        for column in COLUMNS:
            if not column.item:
                full = "1（兼）" if code in ("S10", "S13") else "2"
                cells.append(
                    full if column.path == ("专职调解员",) else dice.choice((None, None, "—"))
                )
                continue
            value = row[column.item]
            if column.item in totals:
                totals[column.item] += value
            if year == 2023 and (code, column.item) == UNCLEAR[:2]:
                unclear = f"{get_column_letter(len(cells) + 2)}{len(sheet.rows) + 1}"
                cells.append(UNCLEAR[2])
            else:
                cells.append(_typed(clerk, column.item, column.unit, code, value))
        sheet.add(clerk.place(code), *cells)
    sheet.add("合计", *(float(totals[c.item]) if c.item in totals else None for c in COLUMNS))
    sheet.rows[-1] = [int(v) if isinstance(v, float) and v == int(v) else v for v in sheet.rows[-1]]
    sheet.foot(FOOTER, "填表说明：示范村各级累计，上级含在下级之内；“三组”会议为全年次数。")
    name = {
        2022: "镇街基本情况（2022年报）.xlsx",
        2023: "W10-镇街基本情况与法治力量表-2023年.xlsx",
    }[year]
    path = desk.raw / str(year) / name
    write(path, [sheet])
    if unclear:
        desk.corrections.append(
            {
                "kind": "value",
                "period": str(year),
                "file_sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
                "sheet": sheet.name,
                "cell": unclear,
                "as_typed": UNCLEAR[2],
                "value": str(rows[UNCLEAR[0]][UNCLEAR[1]]),
                "reason": "经核实为聘用2人、公益性岗位1人，均按聘用计",
                "by": "办公室",
                "date": "2024-01-08",
            }
        )
