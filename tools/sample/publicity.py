"""W6: law-publicity events, one row an event, csv in GBK from the publicity app."""

import datetime as dt
import random
from dataclasses import dataclass

from sample.clerk import IDEOGRAPHIC_SPACE, Cell, Clerk
from sample.office import (
    BUREAU,
    DEPARTMENTS,
    QUARTERS,
    TOWNSHIPS,
    Desk,
    Quarter,
    by_township,
    days_within,
    deck,
    evenly,
    shared_out,
    shares,
)
from sample.sheets import ledger, write

FIELDS = (
    "日期",
    "主办单位",
    "主题",
    "形式",
    "场所",
    "对象",
    "受众人数",
    "发放资料份数",
    "是否以案释法",
    "稿件链接",
)
EVENTS = {2022: (84, 128, 88, 132), 2023: (101, 153, 110, 158), 2024: (132, 188, 146)}
TRAINING = {2022: (1, 2, 1, 2), 2023: (2, 2, 2, 3), 2024: (4, 5, 4)}  # of village cadres
ORGANISERS = {
    **by_township(34, 31, 27, 24, 20, 17, 19, 15, 12, 10, 14, 11, 3.2, 9, 16, 12, 13, 8),
    **dict(zip(DEPARTMENTS, (17, 14, 13, 12, 6, 7, 6, 6, 8, 7, 6, 4), strict=True)),
    BUREAU: 46,
}
# Shares of the forms in percent: standing at a stall and handing out leaflets prevail.
MODES = {
    2022: {
        "讲座": 18,
        "摆摊": 38,
        "发放资料": 21,
        "线上": 7.6,
        "以案释法": 5,
        "竞赛": 2.6,
        "文艺": 4,
        "旁听庭审": 3.8,
    },
    2023: {
        "讲座": 18.5,
        "摆摊": 35.5,
        "发放资料": 20.6,
        "线上": 8,
        "以案释法": 6.2,
        "竞赛": 3,
        "文艺": 4.2,
        "旁听庭审": 4,
    },
    2024: {
        "讲座": 20,
        "摆摊": 32,
        "发放资料": 19.4,
        "线上": 9,
        "以案释法": 7.6,
        "竞赛": 3.2,
        "文艺": 4.6,
        "旁听庭审": 4.2,
    },
}
TARGETED = {2022: 0.38, 2023: 0.43, 2024: 0.47}
CASE_BASED = {2022: 0.15, 2023: 0.19, 2024: 0.22}
THEMES = {
    1: {"宪法": 6, "民法典": 20, "春风送法": 46, "其他": 28},
    2: {"宪法": 6, "民法典": 58, "春风送法": 4, "其他": 32},
    3: {"宪法": 10, "民法典": 34, "春风送法": 2, "其他": 54},
    4: {"宪法": 56, "民法典": 16, "春风送法": 2, "其他": 26},
}
MODE_WORDS = {
    "讲座": ("法治讲座", "专题讲座"),
    "摆摊": ("摆摊宣传", "设点宣传"),
    "发放资料": ("发放宣传资料",),
    "线上": ("线上推送", "新媒体"),
    "竞赛": ("知识竞赛",),
    "文艺": ("文艺演出",),
    "培训": ("培训班",),
}
THEME_WORDS = {"民法典": ("民法典“十进”",), "春风送法": ("“春风送法”",), "其他": ("综合",)}
AUDIENCE_WORDS = {
    "不特定群众": ("群众", "社会公众", "全体村民"),
    "青少年": ("学生",),
    "企业职工": ("职工",),
    "国家工作人员": ("机关干部",),
    "村居干部": ("村干部",),
}
VENUE_WORDS = {"村居": ("村", "行政村")}
AUDIENCES = ("青少年", "农民工", "企业职工", "老年人", "妇女", "国家工作人员", "军人", "村居干部")
VENUES = {
    "青少年": "学校",
    "企业职工": "企业",
    "农民工": "企业",
    "军人": "部队",
    "国家工作人员": "机关",
}
ATTENDANCE = {
    "讲座": 84,
    "摆摊": 74,
    "发放资料": 66,
    "以案释法": 58,
    "竞赛": 90,
    "文艺": 140,
    "旁听庭审": 32,
}


@dataclass(slots=True)
class Event:
    """One event; `rounded` is how an attendance that nobody counted was typed (200余人)."""

    day: dt.date
    organiser: str
    theme: str
    mode: str
    venue: str
    audience: str
    attendance: int
    materials: int
    case_based: bool
    rounded: bool = False


def make_w6(desk: Desk) -> None:
    """The ledger of events, one csv a quarter."""
    for year, by_quarter in EVENTS.items():
        planned = [*by_quarter, 160] if year == 2024 else list(by_quarter)
        dice = desk.dice("W6", year)
        organisers = evenly(shares(sum(planned), ORGANISERS, dice, 0.06), dice)
        for quarter in QUARTERS:
            if quarter.year == year:
                count = by_quarter[quarter.number - 1]
                own, organisers = organisers[:count], organisers[count:]
                events = _events(desk, quarter, own) + _training(desk, quarter)
                events.sort(key=lambda event: event.day)
                _tell(desk, quarter, events)
                _write(desk, quarter, events)


def _flags(count: int, share: float, dice: random.Random) -> list[bool]:
    flags = [n < round(count * share) for n in range(count)]
    dice.shuffle(flags)
    return flags


def _counts(total: int, weights: dict[str, float]) -> dict[str, int]:
    return dict(zip(weights, shared_out(total, list(weights.values())), strict=True))


def _events(desk: Desk, quarter: Quarter, organisers: list[str]) -> list[Event]:
    dice, year, count = desk.dice("W6", quarter.name), quarter.year, len(organisers)
    modes = deck(_counts(count, MODES[year]), dice)
    themes = deck(_counts(count, {k: float(v) for k, v in THEMES[quarter.number].items()}), dice)
    targeted = _flags(count, TARGETED[year], dice)
    told_by_case = modes.count("以案释法")
    others = _flags(
        count - told_by_case,
        (CASE_BASED[year] * count - told_by_case) / (count - told_by_case),
        dice,
    )
    days = days_within(quarter, count, dice)
    dice.shuffle(days)
    events = []
    for i, organiser in enumerate(organisers):
        mode = modes[i]
        audience = (
            dice.choice(AUDIENCES) if targeted[i] else dice.choice(("不特定群众",) * 14 + ("",))
        )
        venue = VENUES.get(audience) or dice.choice(("村居", "村居", "社区", "广场"))
        case_based = mode == "以案释法" or others.pop()
        if mode == "线上":
            reads = dice.choice((dice.randint(900, 4800), dice.randint(8, 20) * 1000))
            if organiser == BUREAU:
                reads = dice.choice((24_000, 32_000, 46_000, 58_000, 100_000))
            events.append(
                Event(days[i], organiser, themes[i], mode, "网络", audience, reads, 0, case_based)
            )
            continue
        attendance = max(12, round(ATTENDANCE[mode] * dice.lognormvariate(-0.03, 0.25)))
        rounded = dice.random() < 0.025
        if rounded:
            attendance = dice.choice((100, 150, 200, 200, 300))
        materials = 0 if mode in ("旁听庭审", "竞赛") else dice.randint(8, 24) * 10
        events.append(
            Event(
                days[i],
                organiser,
                themes[i],
                mode,
                venue,
                audience,
                attendance,
                materials,
                case_based,
                rounded,
            )
        )
    return events


def _training(desk: Desk, quarter: Quarter) -> list[Event]:
    """Training courses stand on the ledger and are no publicity events; one of them a quarter is
    for officials, not for village cadres.
    """
    dice = desk.dice("W6 training", quarter.name)
    count = TRAINING[quarter.year][quarter.number - 1]
    hosts = [BUREAU] * count if count < 3 else [BUREAU] * (count - 2) + ["S01", "S04"]
    events = [
        Event(day, host, "其他", "培训", "机关", "村居干部", dice.randint(60, 150), 50, False)
        for day, host in zip(days_within(quarter, count, dice), hosts, strict=True)
    ]
    day = days_within(quarter, 1, dice)[0]
    events.append(Event(day, BUREAU, "宪法", "培训", "机关", "国家工作人员", 45, 0, False))
    return events


def _tell(desk: Desk, quarter: Quarter, events: list[Event]) -> None:
    for place in (*TOWNSHIPS, *DEPARTMENTS, BUREAU):

        def told(item: str, value: int, qualifier: str = "=", place: str = place) -> None:
            desk.truth.note(quarter.name, place, item, value, qualifier=qualifier)

        here = [event for event in events if event.organiser == place]
        public = [event for event in here if event.mode != "培训"]
        offline = [event for event in public if event.mode != "线上"]
        online = [event for event in public if event.mode == "线上"]
        cadres = [e for e in here if e.mode == "培训" and e.audience == "村居干部"]
        told("publicity_events", len(public))
        told("publicity_offline_events", len(offline))
        told(
            "publicity_attendance",
            sum(event.attendance for event in offline),
            ">=" if any(event.rounded for event in offline) else "=",
        )
        told("publicity_online_reads", sum(event.attendance for event in online))
        told("publicity_materials", sum(event.materials for event in public))
        for item, mode in (
            ("events_lecture", "讲座"),
            ("events_stall", "摆摊"),
            ("events_leaflet", "发放资料"),
            ("events_online", "线上"),
            ("events_case", "以案释法"),
            ("events_contest", "竞赛"),
            ("events_arts", "文艺"),
            ("events_court", "旁听庭审"),
        ):
            told(item, sum(event.mode == mode for event in public))
        for item, theme in (
            ("events_constitution", "宪法"),
            ("events_civil_code", "民法典"),
            ("events_spring", "春风送法"),
        ):
            told(item, sum(event.theme == theme for event in public))
        told("events_targeted", sum(e.audience not in ("不特定群众", "") for e in public))
        told("events_case_based", sum(event.case_based for event in public))
        told("cadre_training_sessions", len(cadres))
        told("cadre_training_attendance", sum(event.attendance for event in cadres))


def _attendance(clerk: Clerk, event: Event) -> Cell:
    if event.rounded:
        return f"{event.attendance}余人"
    if event.attendance >= 10_000 and event.attendance % 1000 == 0 and clerk.dice.random() < 0.6:
        tens = event.attendance / 10_000
        return f"{tens:g}万"
    return clerk.number(event.attendance, "人")


def _write(desk: Desk, quarter: Quarter, events: list[Event]) -> None:
    dice = desk.dice("W6 typing", quarter.name)
    clerk = Clerk(dice, quarter.year, mess=0.05, excel_dates=False, spaces=(" ", IDEOGRAPHIC_SPACE))
    sheet = ledger(
        "台账", f"示例区{quarter.chinese}普法活动台账", (), FIELDS, {"受众人数": "受众人数（人）"}
    )
    for serial, event in enumerate(events, start=1):
        sheet.add(
            clerk.day(event.day),
            clerk.place(event.organiser),
            clerk.one_of(event.theme, *THEME_WORDS.get(event.theme, ())),
            clerk.one_of(event.mode, *MODE_WORDS.get(event.mode, ())),
            clerk.one_of(event.venue, *VENUE_WORDS.get(event.venue, ())),
            clerk.one_of(event.audience, *AUDIENCE_WORDS.get(event.audience, ())) or None,
            _attendance(clerk, event),
            clerk.number(event.materials, "份"),
            clerk.yes(event.case_based),
            f"pufa.example/{quarter.name}/{serial}" if dice.random() < 0.3 else None,
        )
    name = {
        1: f"普法活动台账{quarter.name}.csv",
        2: f"普法APP导出_{quarter.year}0630.csv",
        3: f"W6普法台账（{quarter.year}年7-9月）.csv",
        4: f"export_{quarter.year}12.csv",
    }[quarter.number]
    write(desk.raw / quarter.name / name, [sheet], encoding="gbk")
