"""W1 and W2: the registers of meetings, study, instructions and inspections."""

import datetime as dt
from dataclasses import dataclass

from sample.clerk import Cell, Clerk
from sample.office import (
    DEPARTMENTS,
    DISTRICT,
    QUARTERS,
    TOWNSHIPS,
    Desk,
    Quarter,
    days_within,
    shared_out,
)
from sample.sheets import FOOTER, Sheet, ledger, write

# How many of each, quarter by quarter.
PARTY = {
    "理论学习中心组学习": (
        "party_group_study_sessions",
        {2022: (3, 3, 3, 3), 2023: (3, 4, 3, 4), 2024: (4, 4, 4)},
    ),
    "主题党日": (
        "theme_party_day_events",
        {2022: (3, 3, 3, 3), 2023: (3, 3, 3, 3), 2024: (3, 3, 3)},
    ),
    "党组成员讲党课": ("party_lectures", {2022: (1, 1, 1, 1), 2023: (1, 2, 1, 1), 2024: (1, 2, 1)}),
    "第一议题": (
        "first_agenda_sessions",
        {2022: (6, 6, 6, 6), 2023: (7, 8, 7, 8), 2024: (8, 8, 8)},
    ),
    "我为群众办实事": (
        "public_benefit_items",
        {2022: (4, 5, 4, 5), 2023: (5, 6, 5, 6), 2024: (6, 6, 6)},
    ),
    "警示教育": (
        "warning_education_sessions",
        {2022: (1, 1, 1, 1), 2023: (1, 2, 1, 2), 2024: (2, 2, 1)},
    ),
}
TALKS = {2022: (14, 15, 15, 16), 2023: (17, 18, 18, 19), 2024: (19, 20, 20)}  # persons talked with
PARTY_WORDS = {
    "理论学习中心组学习": ("党组理论学习中心组学习", "中心组学习"),
    "主题党日": ("主题党日活动",),
    "党组成员讲党课": ("党课", "讲党课", "上党课"),
    "第一议题": ("“第一议题”",),
    "我为群众办实事": ("“我为群众办实事”", "办实事"),
    "警示教育": ("警示教育片", "案例剖析"),
    "谈话": ("谈心谈话", "廉政谈话"),
    "其他": (),
}
PARTY_SUBJECTS = {
    "理论学习中心组学习": (
        "党的二十大精神",
        "习近平法治思想",
        "总体国家安全观",
        "意识形态工作责任制",
    ),
    "主题党日": ("重温入党誓词", "红色教育基地参观", "社区志愿服务", "支部共建"),
    "党组成员讲党课": ("以高质量党建引领法治建设", "做为民服务的司法行政人", "严守纪律规矩"),
    "第一议题": ("重要讲话精神传达学习", "重要批示精神传达学习"),
    "我为群众办实事": (
        "为农民工开通法律援助绿色通道",
        "送法进养老院",
        "公证上门服务",
        "小区普法集市",
    ),
    "警示教育": ("违纪违法典型案例剖析", "观看警示教育片"),
    "谈话": ("任前廉政谈话", "节前提醒谈话", "谈心谈话"),
    "其他": ("局党组会议", "机关工会活动", "档案安全检查", "老干部座谈会"),
}
PARTY_LEVELS = {
    "第一议题": "党组",
    "理论学习中心组学习": "党组",
    "主题党日": "支部",
    "谈话": "党组",
}

W1_FIELDS = ("日期", "会议/活动类型", "层级", "主题", "是否法治专题", "参加人数", "文号")
W2_FIELDS = (
    "日期",
    "会议/活动类型",
    "层级",
    "对象单位",
    "主题",
    "是否法治专题",
    "次数",
    "参加人数",
    "合格人数",
    "发现问题数",
    "已整改数",
    "是否办结",
    "文号",
)


@dataclass(frozen=True, slots=True)
class PartyEvent:
    """One row of W1."""

    day: dt.date
    activity: str
    attendance: int


def make_w1(desk: Desk) -> None:
    """The party register, one workbook a quarter."""
    for quarter in QUARTERS:
        dice = desk.dice("W1", quarter.name)
        at = quarter.number - 1
        events = []
        for activity, (item, counts) in PARTY.items():
            count = counts[quarter.year][at]
            desk.truth.note(quarter.name, DISTRICT, item, count)
            days = days_within(quarter, count, dice)
            events += [PartyEvent(day, activity, dice.randint(12, 46)) for day in days]
        persons = TALKS[quarter.year][at]
        desk.truth.note(quarter.name, DISTRICT, "integrity_talks", persons)
        sessions = shared_out(persons, [dice.uniform(0.6, 1.4) for _ in range(4)])
        days = days_within(quarter, 4, dice)
        events += [PartyEvent(day, "谈话", size) for day, size in zip(days, sessions, strict=True)]
        events += [PartyEvent(day, "其他", 20) for day in days_within(quarter, 3, dice)]
        events.sort(key=lambda event: event.day)
        _write_w1(desk, quarter, events)


def _write_w1(desk: Desk, quarter: Quarter, events: list[PartyEvent]) -> None:
    dice = desk.dice("W1 typing", quarter.name)
    clerk = Clerk(dice, quarter.year, mess=0.08)
    sheet = ledger(
        dice.choice(("Sheet1", "登记表", "机关党委")),
        f"{quarter.chinese}会议学习活动登记表（局机关）",
        ("填报单位：局办公室", f"填报时间：{quarter.last_day.year}年{quarter.months[2]}月底"),
        W1_FIELDS,
        {"参加人数": "参加人数（人）", "主题": "主　题"},
    )
    for i, event in enumerate(events):
        sheet.add(
            clerk.day(event.day),
            clerk.one_of(event.activity, *PARTY_WORDS[event.activity]),
            PARTY_LEVELS.get(event.activity, "机关"),
            dice.choice(PARTY_SUBJECTS[event.activity]),
            dice.choice(("", "√", "是", "—")) or None,
            clerk.number(event.attendance, "人"),
            f"示司党〔{quarter.year}〕{quarter.number * 10 + i % 9}号"
            if dice.random() < 0.2
            else None,
        )
    sheet.foot(FOOTER)
    name = {
        1: f"W1党建登记{quarter.name}.xlsx",
        2: f"局机关会议学习活动登记（{quarter.year}.4-6月）.xls",
        3: "三季度党建台账.xlsx",
        4: f"会议学习活动登记表-{quarter.year}四季度（定稿）.xlsx",
    }[quarter.number]
    write(desk.raw / quarter.name / name, [sheet])


# W2: activity -> (item, counts by quarter).
COORDINATION = {
    "区委理论中心组学习": (
        "committee_rol_study_sessions",
        {2022: (0, 1, 1, 1), 2023: (1, 1, 1, 1), 2024: (1, 2, 1)},
    ),
    "听取法治工作汇报": (
        "committee_rol_briefings",
        {2022: (1, 1, 1, 1), 2023: (1, 2, 1, 2), 2024: (2, 2, 1)},
    ),
    "批示": (
        "secretary_rol_instructions",
        {2022: (3, 3, 3, 3), 2023: (3, 4, 4, 4), 2024: (4, 5, 4)},
    ),
    "其他途径参与": (
        "secretary_rol_other_participation",
        {2022: (1, 2, 1, 2), 2023: (2, 2, 2, 2), 2024: (2, 3, 2)},
    ),
    "一委一办五组会议": (
        "rol_commission_meetings",
        {2022: (2, 2, 2, 3), 2023: (2, 3, 3, 3), 2024: (3, 3, 3)},
    ),
    "一委一办五组文件": (
        "rol_commission_documents",
        {2022: (2, 2, 1, 2), 2023: (2, 2, 2, 2), 2024: (2, 3, 2)},
    ),
    "重点指标通报": (
        "key_indicator_bulletins",
        {2022: (0, 0, 0, 0), 2023: (0, 0, 0, 0), 2024: (1, 1, 1)},
    ),
    "营商环境专题会议": (
        "business_env_meetings",
        {2022: (0, 1, 1, 1), 2023: (1, 1, 1, 1), 2024: (1, 2, 1)},
    ),
}
GOV_STUDY = {  # at the standing meeting, in the study group
    2022: ((1, 1), (1, 1), (1, 1), (2, 0)),
    2023: ((1, 1), (2, 1), (1, 1), (2, 1)),
    2024: ((2, 1), (2, 1), (2, 1)),
}
DEPARTMENT_STUDY = {
    2022: (100, 110, 110, 110),
    2023: (110, 120, 120, 130),
    2024: (130, 140, 130),
}  # typed as 110余
LAW_TESTS = {  # (took part, passed)
    "2022Q2": (1386, 1344),
    "2022Q4": (1512, 1469),
    "2023Q2": (1420, 1393),
    "2023Q4": (1523, 1499),
    "2024Q2": (1476, 1454),
}
INSPECTED = {
    "2022Q1": ("S01", "S04", "B02"),
    "2022Q2": ("S07", "B03", "B01", "S12"),
    "2022Q3": ("S04", "S09", "B05", "S15"),
    "2022Q4": ("B02", "S18", "B07", "S02"),
    "2023Q1": ("S03", "S05", "B04", "B06", "S13"),
    "2023Q2": ("S06", "S08", "B08", "B02", "S10", "B03"),
    "2023Q3": ("S11", "S13", "B09", "S14", "B03"),
    "2023Q4": ("S16", "B10", "S17", "B11", "S05", "B12"),
    "2024Q1": ("S01", "S02", "B01", "S13", "B05"),
    "2024Q2": ("S04", "S07", "B07", "B02", "S09", "S12"),
    "2024Q3": ("S15", "S18", "B03", "S13", "B06", "B08"),
}
ISSUES = {2022: (58, 52), 2023: (76, 71), 2024: (63, 58)}  # found and rectified in a year
SUPERVISED = {  # unit, closed
    "2024Q1": (("S13", True), ("B03", True)),
    "2024Q2": (("S08", True), ("B05", True), ("S13", False), ("B07", True)),
    "2024Q3": (("B02", True), ("S11", True), ("S16", False)),
}
W2_WORDS = {
    "区委理论中心组学习": ("区委理论学习中心组学习",),
    "区政府常务会议学法": ("政府常务会议学法",),
    "区政府理论中心组学法": ("区政府理论学习中心组学法",),
    "部门学习": ("各级各部门学习",),
    "法治能力测试": ("法治能力学习测试",),
    "听取法治工作汇报": ("听取法治建设工作汇报",),
    "批示": ("主要负责人批示",),
    "其他途径参与": ("以其他途径参与法治工作",),
    "一委一办五组会议": ("“一委一办五组”会议",),
    "一委一办五组文件": ("“一委一办五组”文件",),
    "法治督察": ("督察",),
    "述法": ("年度述法",),
    "督办": ("重点问题督办",),
    "重点指标通报": ("法治建设重点指标通报",),
    "营商环境专题会议": ("优化法治营商环境专题会议",),
    "其他": (),
}
W2_SUBJECTS = {
    "区委理论中心组学习": "习近平法治思想专题学习",
    "区政府常务会议学法": "会前学法：行政复议法、行政处罚法",
    "区政府理论中心组学法": "法治政府建设专题学习",
    "部门学习": "各级各部门单位学习习近平法治思想",
    "法治能力测试": "领导干部法治能力学习测试",
    "听取法治工作汇报": "听取法治建设工作汇报",
    "批示": "关于法治建设工作的批示",
    "其他途径参与": "调研镇街法治建设工作",
    "一委一办五组会议": "协调小组工作推进会",
    "一委一办五组文件": "印发年度工作要点",
    "法治督察": "法治建设重点任务督察",
    "述法": "主要负责人年终述法",
    "督办": "法治建设重点问题督办",
    "重点指标通报": "法治建设重点指标季度通报",
    "营商环境专题会议": "优化法治营商环境专题会议",
    "其他": "迎检材料整理",
}
ASSESSED = (*TOWNSHIPS, *DEPARTMENTS)  # who is inspected, supervised and reports on itself


@dataclass(slots=True)
class Work:
    """One row of W2; an empty unit is the district's own work."""

    day: dt.date
    activity: str
    unit: str = ""
    on_law: bool | None = None
    times: str = ""
    attendance: int | None = None
    passed: int | None = None
    found: int | None = None
    rectified: int | None = None
    closed: bool | None = None


def make_w2(desk: Desk) -> None:
    """The register of rule-of-law coordination, one workbook a quarter."""
    findings = {year: _issues_by_inspection(desk, year) for year in ISSUES}
    for quarter in QUARTERS:
        works = _district_works(desk, quarter) + _unit_works(desk, quarter, findings[quarter.year])
        works.sort(key=lambda work: work.day)
        _write_w2(desk, quarter, works)


def _district_works(desk: Desk, quarter: Quarter) -> list[Work]:
    dice, at, year = desk.dice("W2", quarter.name), quarter.number - 1, quarter.year

    def days(count: int) -> list[dt.date]:
        return days_within(quarter, count, dice)

    def told(item: str, value: int, qualifier: str = "=") -> None:
        desk.truth.note(quarter.name, DISTRICT, item, value, qualifier=qualifier)

    works = []
    for activity, (item, counts) in COORDINATION.items():
        told(item, counts[year][at])
        on_law = True if activity == "区委理论中心组学习" else None
        works += [Work(day, activity, on_law=on_law) for day in days(counts[year][at])]
    meetings, groups = GOV_STUDY[year][at]
    told("gov_law_study_sessions", meetings + groups)
    works += [Work(day, "区政府常务会议学法", on_law=True) for day in days(meetings)]
    works += [Work(day, "区政府理论中心组学法", on_law=True) for day in days(groups)]
    # Study that was not about the rule of law stands on the register and does not count.
    works += [Work(day, "区委理论中心组学习", on_law=False) for day in days(2)]
    works += [Work(day, "区政府理论中心组学法", on_law=False) for day in days(1)]
    sessions = DEPARTMENT_STUDY[year][at]
    told("dept_rol_thought_sessions", sessions, ">=")
    works.append(Work(quarter.last_day, "部门学习", times=f"{sessions}余"))
    took, passed = LAW_TESTS.get(quarter.name, (0, 0))
    told("law_test_takers", took)
    told("law_test_passed", passed)
    if took:
        part = took * 3 // 5
        shares = [(part, part - (took - passed) // 2), (took - part, 0)]
        shares[1] = (took - part, passed - shares[0][1])
        works += [
            Work(day, "法治能力测试", attendance=number, passed=right)
            for day, (number, right) in zip(days(2), shares, strict=True)
        ]
    works += [Work(day, "其他") for day in days(2)]
    return works


def _issues_by_inspection(desk: Desk, year: int) -> dict[tuple[str, int], tuple[int, int]]:
    """Issues found and rectified, by quarter and place in that quarter's list of inspections."""
    dice = desk.dice("W2 issues", year)
    visits = [
        (quarter.name, i)
        for quarter in QUARTERS
        if quarter.year == year
        for i in range(len(INSPECTED[quarter.name]))
    ]
    found_in_all, rectified_in_all = ISSUES[year]
    found = [
        2 + n for n in shared_out(found_in_all - 2 * len(visits), [dice.random() for _ in visits])
    ]
    rectified = list(found)
    for _ in range(found_in_all - rectified_in_all):
        worst = max(range(len(visits)), key=lambda i: (rectified[i], -i))
        rectified[worst] -= 1
    return dict(zip(visits, zip(found, rectified, strict=True), strict=True))


def _unit_works(
    desk: Desk, quarter: Quarter, findings: dict[tuple[str, int], tuple[int, int]]
) -> list[Work]:
    dice = desk.dice("W2 units", quarter.name)
    works = []
    inspected = INSPECTED[quarter.name]
    days = days_within(quarter, len(inspected), dice)
    for i, (unit, day) in enumerate(zip(inspected, days, strict=True)):
        found, rectified = findings[quarter.name, i]
        works.append(Work(day, "法治督察", unit, found=found, rectified=rectified))
    supervised = SUPERVISED.get(quarter.name, ())
    for (unit, closed), day in zip(
        supervised, days_within(quarter, len(supervised), dice), strict=True
    ):
        works.append(Work(day, "督办", unit, closed=closed))
    if quarter.number == 4:
        works += [
            Work(dt.date(quarter.year, 12, 20 + i % 9), "述法", u) for i, u in enumerate(ASSESSED)
        ]

    def told(item: str, unit: str, value: int) -> None:
        desk.truth.note(quarter.name, unit, item, value)

    for unit in ASSESSED:
        here = [work for work in works if work.unit == unit]
        visits = [work for work in here if work.activity == "法治督察"]
        pressed = [work for work in here if work.activity == "督办"]
        told("rol_inspections", unit, len(visits))
        told("inspection_issues_found", unit, sum(work.found or 0 for work in visits))
        told("inspection_issues_rectified", unit, sum(work.rectified or 0 for work in visits))
        told("rol_reports_given", unit, sum(work.activity == "述法" for work in here))
        told("supervised_issues", unit, len(pressed))
        told("supervised_issues_closed", unit, sum(work.closed is True for work in pressed))
    return works


def _write_w2(desk: Desk, quarter: Quarter, works: list[Work]) -> None:
    dice = desk.dice("W2 typing", quarter.name)
    clerk = Clerk(dice, quarter.year, mess=0.06)
    sheet: Sheet = ledger(
        "工作登记",
        f"示例区{quarter.chinese}依法治区工作登记表",
        ("填报单位：依法治区办", "单位：次、人、个"),
        W2_FIELDS,
        {"参加人数": "参加人数（人）", "已整改数": "已整改数（个）", "次数": "次　数"},
    )

    def number(value: int | None, unit: str) -> Cell:
        return None if value is None else clerk.number(value, unit)

    for work in works:
        bare = dice.choice((None, None, "是")) if work.on_law is None else clerk.yes(work.on_law)
        closed = {
            None: None,
            True: clerk.one_of("是", "已办结", "√"),
            False: clerk.one_of("否", "未办结"),
        }
        sheet.add(
            clerk.day(work.day),
            clerk.one_of(work.activity, *W2_WORDS[work.activity]),
            "各镇街部门" if work.unit else "区级",
            clerk.place(work.unit) if work.unit else None,
            W2_SUBJECTS[work.activity],
            bare,
            work.times or None,
            number(work.attendance, "人"),
            number(work.passed, "人"),
            number(work.found, "个"),
            number(work.rectified, "个"),
            closed[work.closed],
            f"示法委办〔{quarter.year}〕{dice.randint(1, 30)}号"
            if work.activity == "一委一办五组文件"
            else None,
        )
    name = {
        1: f"W2-依法治区工作登记-{quarter.name}.xlsx",
        2: f"{quarter.year}年二季度依法治区办台账.xlsx",
        3: f"依法治区工作登记表（{quarter.year}年7—9月）.xlsx",
        4: f"治区办报四季度{quarter.year}.xlsx",
    }[quarter.number]
    write(desk.raw / quarter.name / name, [sheet])
