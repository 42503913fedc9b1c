"""W8: public legal services, three blocks and a second sheet a quarter, and the hotline's csv."""

import hashlib
from collections.abc import Sequence
from decimal import Decimal

from openpyxl.utils import get_column_letter

from sample.clerk import Cell, Clerk
from sample.office import (
    DISTRICT,
    LAGGING,
    QUARTERS,
    STREETS,
    TOWNSHIPS,
    VILLAGES,
    Desk,
    Quarter,
    shared_out,
)
from sample.sheets import FOOTER, Sheet, write

# Accepted, quarter by quarter.
AID = {
    "criminal": (
        "刑事",
        {2022: (92, 98, 96, 104), 2023: (104, 110, 108, 116), 2024: (112, 120, 118)},
    ),
    "civil": (
        "民事",
        {2022: (118, 122, 137, 125), 2023: (133, 140, 138, 149), 2024: (146, 155, 152)},
    ),
    "administrative": ("行政", {2022: (2, 3, 2, 3), 2023: (3, 3, 3, 4), 2024: (4, 4, 4)}),
    "duty_help": (
        "法律帮助",
        {2022: (205, 214, 198, 221), 2023: (228, 240, 236, 251), 2024: (250, 262, 255)},
    ),
}
HELP_AMONG_CIVIL = 22  # 2022Q3: cases of 法律帮助 that were counted as civil aid, found later
NOTARY = {
    "domestic": (
        "国内",
        {2022: (905, 962, 918, 1003), 2023: (985, 1056, 1001, 1096), 2024: (1040, 1118, 1062)},
    ),
    "foreign": (
        "涉外涉港澳台",
        {2022: (94, 106, 108, 112), 2023: (104, 118, 121, 127), 2024: (116, 130, 134)},
    ),
}
BOOKED = {2022: 0.24, 2023: 0.32, 2024: 0.37}
CLOUD = {2022: 0.0, 2023: 0.06, 2024: 0.085}  # began in 2023
INHERITANCE = {2022: 0.03, 2023: 0.05, 2024: 0.06}
OTHERS = {  # one row each of the third block
    "arbitration_accepted": (
        "民商事仲裁受理",
        "件",
        {2022: (49, 54, 51, 57), 2023: (56, 61, 59, 65), 2024: (63, 68, 66)},
    ),
    "arbitration_closed": (
        "民商事仲裁办结",
        "件",
        {2022: (44, 51, 48, 55), 2023: (53, 58, 57, 62), 2024: (60, 65, 64)},
    ),
    "law_firms": (
        "法律服务机构数",
        "家",
        {2022: (17, 17, 17, 17), 2023: (17, 17, 17, 17), 2024: (17, 17, 17)},
    ),
    "law_firms_with_party": (
        "党组织覆盖机构数",
        "家",
        {2022: (15, 15, 16, 16), 2023: (16, 16, 17, 17), 2024: (17, 17, 17)},
    ),
    "lawyer_joint_branches": (
        "律师联合党支部数",
        "个",
        {2022: (4, 4, 4, 4), 2023: (4, 4, 5, 5), 2024: (5, 5, 5)},
    ),
    "service_rated": (
        "窗口服务参评",
        "人次",
        {2022: (570, 618, 602, 641), 2023: (640, 684, 661, 702), 2024: (690, 731, 712)},
    ),
    "service_satisfied": (
        "窗口服务满意",
        "人次",
        {2022: (560, 607, 592, 630), 2023: (631, 675, 653, 694), 2024: (683, 723, 705)},
    ),
}
STANDARDISED = {2022: (10, 11, 11, 12), 2023: (12, 13, 14, 15), 2024: (15, 16, 16)}
WITHIN_15_MINUTES = {
    2022: (168, 185, 199, 213),
    2023: (224, 238, 251, 263),
    2024: (277, 293, 308),
}  # of 560
WORKROOMS = {2022: (505, 510, 514, 518), 2023: (523, 528, 533, 538), 2024: (541, 543, 546)}
BEST_STATIONS = (
    "S01",
    "S02",
    "S04",
    "S03",
    "S05",
    "S07",
    "S15",
    "S11",
    "S06",
    "S08",
    "S17",
    "S12",
    "S09",
    "S16",
    "S14",
    "S10",
    "S18",
    "S13",
)
CALLS = {
    2022: (430, 480, 0.931),
    2023: (480, 545, 0.958),
    2024: (530, 600, 0.964),
}  # a month: from, to, answered
SATISFIED = {2022: 0.985, 2023: 0.989, 2024: 0.99}


def make_w8(desk: Desk) -> None:
    """One workbook and one csv a quarter."""
    order = {code: _village_order(desk, code) for code in ("15", "rooms")}
    for quarter in QUARTERS:
        dice = desk.dice("W8 typing", quarter.name)
        clerk = Clerk(dice, quarter.year)
        first = Sheet(dice.choice(("Sheet1", "服务季报", "季报")))
        first.title(f"示例区{quarter.chinese}公共法律服务季报", 6)
        first.about(
            6, "填报单位：公共法律服务科", f"填报时间：{quarter.year}年{quarter.months[2]}月"
        )
        restated = _legal_aid(desk, quarter, first, clerk)
        first.add()
        _notary(desk, quarter, first, clerk)
        first.add()
        _others(desk, quarter, first, clerk)
        first.foot(FOOTER)
        second = _sites(desk, quarter, clerk, order)
        name = {
            1: f"W8公共法律服务季报-{quarter.name}.xlsx",
            2: f"公服科{quarter.year}年第二季度报表.xlsx",
            3: f"{quarter.year}年7-9月公共法律服务情况.xlsx",
            4: "公共法律服务季报（四季度）.xlsx",
        }[quarter.number]
        path = desk.raw / quarter.name / name
        write(path, [first, second])
        if quarter.name == "2022Q3":
            cell, typed = restated
            desk.corrections.append(
                {
                    "kind": "restates",
                    "period": quarter.name,
                    "file_sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
                    "sheet": first.name,
                    "cell": cell,
                    "as_typed": str(typed),
                    "value": str(typed - HELP_AMONG_CIVIL),
                    "reason": f"复核发现其中{HELP_AMONG_CIVIL}件为法律帮助，误计入民事法律援助受理",
                    "by": "办公室",
                    "date": "2023-04-12",
                }
            )
        _hotline(desk, quarter)


def _legal_aid(desk: Desk, quarter: Quarter, sheet: Sheet, clerk: Clerk) -> tuple[str, int]:
    """The first block; returns the address and number of civil cases accepted."""
    dice, at = desk.dice("W8 aid", quarter.name), quarter.number - 1
    sheet.title("一、法律援助办理情况", 6)
    sheet.header(
        [(label,) for label in ("类别", "受理", "办结", "受援人次", "挽回损失", "咨询")],
        {
            "受理": "受理（件）",
            "办结": "办结（件）",
            "挽回损失": "挽回损失（万元）",
            "咨询": "咨询（人次）",
        },
    )
    totals: list[int | Decimal] = [0, 0, 0, Decimal(0), 0]
    civil = ("", 0)
    for kind, (label, counts) in AID.items():
        accepted = counts[quarter.year][at]
        closed = accepted - round(accepted * dice.uniform(0.04, 0.1))
        recipients = round(accepted * (1.0 if kind == "duty_help" else dice.uniform(1.55, 1.66)))
        per_case = {"civil": "1.36", "administrative": "0.85"}.get(kind, "0")
        recovered = (closed * Decimal(per_case) * Decimal(dice.randint(94, 106)) / 100).quantize(
            Decimal("0.01")
        )
        consultations = (
            accepted * {"criminal": 2, "civil": 6, "administrative": 9, "duty_help": 1}[kind]
        )
        consultations += dice.randint(0, 20)
        told = {
            f"legal_aid_{kind}": accepted,
            f"legal_aid_{kind}_closed": closed,
            f"legal_aid_{kind}_recipients": recipients,
            f"legal_aid_recovered_{kind}": recovered,
            f"consultations_{kind}": consultations,
        }
        for item, value in told.items():
            desk.truth.note(quarter.name, DISTRICT, item, value)
        units = ("件", "件", "人次", "万元", "人次")
        typed = [
            clerk.number(v, u, none_word=True) for v, u in zip(told.values(), units, strict=True)
        ]
        restate = kind == "civil" and quarter.name == "2022Q3"
        if restate:
            typed[0] = accepted  # plain: the decision quotes it
        row = sheet.add(label, *typed)
        if restate:
            civil = (f"{get_column_letter(2)}{row}", accepted)
        totals = [total + value for total, value in zip(totals, told.values(), strict=True)]
    sheet.add("合计", *_plain(totals))
    return civil


def _plain(values: Sequence[int | Decimal]) -> list[Cell]:
    return [int(value) if value == int(value) else float(value) for value in values]


def _notary(desk: Desk, quarter: Quarter, sheet: Sheet, clerk: Clerk) -> None:
    dice, at, year = desk.dice("W8 notary", quarter.name), quarter.number - 1, quarter.year
    sheet.title("二、公证办理情况", 5)
    sheet.header(
        [(label,) for label in ("公证类别", "办理件数", "预约办理", "云服务办理", "绿色继承")],
        {"公证类别": "公证 类别", "办理件数": "办理件数（件）"},
    )
    totals: list[int | Decimal] = [0, 0, 0, 0]
    for kind, (label, counts) in NOTARY.items():
        cases = counts[year][at]
        cloud = 0.0 if (year, at) == (2023, 0) else CLOUD[year]
        told = {
            f"notary_{kind}": cases,
            f"notary_booked_{kind}": round(cases * BOOKED[year] * dice.uniform(0.95, 1.05)),
            f"notary_cloud_{kind}": round(cases * cloud * dice.uniform(0.9, 1.1)),
            f"notary_inheritance_{kind}": round(
                cases
                * INHERITANCE[year]
                * dice.uniform(0.9, 1.1)
                * (0.2 if kind == "foreign" else 1)
            ),
        }
        for item, value in told.items():
            desk.truth.note(quarter.name, DISTRICT, item, value)
        sheet.add(label, *(clerk.number(value, "件", none_word=True) for value in told.values()))
        totals = [total + value for total, value in zip(totals, told.values(), strict=True)]
    sheet.add("合计", *_plain(totals))


def _others(desk: Desk, quarter: Quarter, sheet: Sheet, clerk: Clerk) -> None:
    sheet.title("三、仲裁与行业党建情况", 3)
    sheet.header([("项目",), ("单位",), ("数值",)], {"项目": "项　目"})
    for item, (label, unit, counts) in OTHERS.items():
        value = counts[quarter.year][quarter.number - 1]
        desk.truth.note(quarter.name, DISTRICT, item, value)
        sheet.add(label, unit, clerk.number(value, unit))


def _village_order(desk: Desk, about: str) -> list[str]:
    """All 560 villages by their township, in the order in which they come to have something:
    the streets early, the lagging township last.
    """
    dice = desk.dice("W8 villages", about)
    ahead = (
        dict.fromkeys(TOWNSHIPS, 1.0) | dict.fromkeys(STREETS, 0.45) | {LAGGING: 1.9, "S18": 1.5}
    )
    villages = [
        (dice.random() * ahead[code], code) for code in TOWNSHIPS for _ in range(VILLAGES[code])
    ]
    return [code for _, code in sorted(villages)]


def _sites(desk: Desk, quarter: Quarter, clerk: Clerk, order: dict[str, list[str]]) -> Sheet:
    year, at = quarter.year, quarter.number - 1
    near = order["15"][: WITHIN_15_MINUTES[year][at]]
    rooms = order["rooms"][: WORKROOMS[year][at]]
    standard = BEST_STATIONS[: STANDARDISED[year][at]]
    sheet = Sheet("顾问及站点")
    sheet.title(f"示例区{quarter.chinese}法律顾问及服务站点情况", 6)
    sheet.header(
        [
            ("镇街",),
            ("村居数",),
            ("已配法律顾问",),
            ("工作站", "是否规范化"),
            ("工作室",),
            ("15分钟圈内村居",),
        ],
        {"村居数": "村居数（个）", "15分钟圈内村居": "１５分钟圈内村居（个）"},
    )
    totals = [0, 0, 0, 0, 0]
    part = [0, 0, 0, 0, 0]
    for code in TOWNSHIPS:
        told = {
            "villages_served": VILLAGES[code],
            "villages_with_adviser": VILLAGES[code],
            "stations_standardised": int(code in standard),
            "workrooms": rooms.count(code),
            "villages_within_15min": near.count(code),
        }
        for item, value in told.items():
            desk.truth.note(quarter.name, code, item, value)
        cells = [clerk.number(value, "个", none_word=True) for value in told.values()]
        yes = told["stations_standardised"] == 1
        cells[2] = clerk.one_of("是", "Y", "√") if yes else clerk.one_of("否", "N", "×")
        sheet.add(clerk.place(code), *cells)
        totals = [total + value for total, value in zip(totals, told.values(), strict=True)]
        part = [total + value for total, value in zip(part, told.values(), strict=True)]
        if code == "S03" and quarter.number % 2 == 0:
            sheet.add("街道小计", *part)
            part = [0, 0, 0, 0, 0]
        if code == "S17" and quarter.number % 2 == 0 and year > 2022:
            sheet.add("镇小计", *part)
    sheet.add("合计", *totals)
    sheet.foot("注：村居数与镇街基本情况表一致；工作站按是否达到规范化标准填写。")
    return sheet


def _hotline(desk: Desk, quarter: Quarter) -> None:
    dice = desk.dice("W8 hotline", quarter.name)
    clerk = Clerk(dice, quarter.year)
    sheet = Sheet("热线")
    if quarter.number != 3:
        sheet.title(f"示例区{quarter.chinese}12348热线情况", 1)
    sheet.header(
        [("月份",), ("呼入量",), ("接听量",), ("参评量",), ("满意量",)], {"呼入量": "呼入量（次）"}
    )
    low, high, answer_rate = CALLS[quarter.year]
    totals = [0, 0, 0, 0]
    for month in quarter.months:
        calls = dice.randint(low, high)
        answered = round(calls * (answer_rate + dice.uniform(-0.006, 0.006)))
        rated = round(answered * dice.uniform(0.52, 0.58))
        unhappy = shared_out(1000 - round(SATISFIED[quarter.year] * 1000), [1])[0] * rated / 1000
        told = {
            "calls_in": calls,
            "calls_answered": answered,
            "calls_rated": rated,
            "calls_satisfied": rated - round(unhappy),
        }
        for item, value in told.items():
            desk.truth.note(quarter.name, DISTRICT, item, value, part=str(month))
        sheet.add(f"{month}月", *(clerk.number(value, "次") for value in told.values()))
        totals = [total + value for total, value in zip(totals, told.values(), strict=True)]
    if quarter.number % 2 == 0:
        sheet.add("合计", *totals)
    name = (
        f"12348热线-{quarter.name}.csv"
        if quarter.number % 2
        else f"热线情况（{quarter.chinese}）.csv"
    )
    write(desk.raw / quarter.name / name, [sheet], encoding="utf-8-sig")
