"""W4: reconsideration and litigation, one row a case, open cases listed until they are closed."""

import datetime as dt
import random
from dataclasses import dataclass

from sample.clerk import Clerk
from sample.office import DISTRICT, QUARTERS, Desk, Quarter, days_within, evenly, shared_out
from sample.sheets import FOOTER, Sheet, ledger, write

# By quarter; 2021Q4 only feeds the cases carried over into 2022.
RECEIVED = {
    2021: (0, 0, 0, 20),
    2022: (19, 23, 22, 24),
    2023: (22, 27, 27, 28),
    2024: (45, 52, 52),
}
SUED = {2021: (0, 0, 0, 24), 2022: (22, 25, 24, 24), 2023: (22, 24, 23, 23), 2024: (24, 25, 24)}
APPEALED = {2021: (0, 0, 0, 3), 2022: (3, 4, 3, 4), 2023: (4, 3, 4, 4), 2024: (4, 4, 4)}
OUTCOMES = {  # shares of the cases closed in a year
    2021: {"维持": 60, "驳回": 20, "撤回终止": 20},
    2022: {
        "维持": 46.2,
        "驳回": 11,
        "撤销": 4.9,
        "撤销重作": 1.2,
        "变更": 0,
        "确认违法": 3.7,
        "责令履行": 2.4,
        "改正后终止": 3.7,
        "调解": 4.9,
        "和解": 4.9,
        "撤回终止": 14.6,
        "其他": 2.4,
    },
    2023: {
        "维持": 41.8,
        "驳回": 10,
        "撤销": 5,
        "撤销重作": 2,
        "变更": 1,
        "确认违法": 3,
        "责令履行": 2,
        "改正后终止": 3.5,
        "调解": 6,
        "和解": 6.5,
        "撤回终止": 18,
        "其他": 1.2,
    },
    2024: {
        "维持": 38,
        "驳回": 9,
        "撤销": 4.5,
        "撤销重作": 1.6,
        "变更": 0.8,
        "确认违法": 4,
        "责令履行": 2.2,
        "改正后终止": 3.5,
        "调解": 9,
        "和解": 8.5,
        "撤回终止": 17.5,
        "其他": 1.4,
    },
}
NOT_LITIGATED = {2021: 0.75, 2022: 0.77, 2023: 0.88, 2024: 0.91}
LOST = {2021: 0.1, 2022: 0.094, 2023: 0.076, 2024: 0.062}
CORRECTED = ("撤销", "撤销重作", "变更", "确认违法", "责令履行")
SETTLED = ("调解", "和解", "撤回终止", "改正后终止")
MISSED_HEARING = "2024Q2"  # the one hearing without a head of the agency

RESPONDENTS = {
    "区公安分局": 26,
    "区市场监督管理局": 24,
    "区人力资源和社会保障局": 12,
    "区自然资源局": 9,
    "区住房和城乡建设局": 8,
    "区综合行政执法局": 7,
    "青穗街道办事处": 5,
    "禾溪镇人民政府": 5,
    "区农业农村局": 4,
}
MATTERS = {
    "行政处罚": 32,
    "举报投诉处理": 27,
    "信息公开": 13,
    "不作为": 10,
    "行政确认": 8,
    "行政强制": 4,
    "行政征收": 3,
    "行政许可": 3,
}
MATTER_WORDS = {
    "行政处罚": ("处罚",),
    "举报投诉处理": ("举报投诉",),
    "信息公开": ("政府信息公开",),
    "不作为": ("不履行法定职责",),
    "行政确认": ("确认",),
    "行政强制": ("强制",),
    "行政征收": ("征收",),
    "行政许可": ("许可",),
}
OUTCOME_WORDS = {
    "驳回": ("驳回申请",),
    "撤销": ("撤消",),
    "撤销重作": ("撤销并责令重作", "撤消重作"),
    "确认违法": ("确违",),
    "责令履行": ("责令履职",),
    "和解": ("和解撤回",),
    "撤回终止": ("撤回申请终止", "撤回"),
    "改正后终止": ("自行改正后终止",),
}
JUDGMENT_WORDS = {
    "驳回": ("驳回诉讼请求", "驳回起诉"),
    "败诉": ("撤销", "确认违法", "责令履行"),
    "调解撤诉": ("撤诉", "调解", "和解撤诉"),
}
PARTIES = (
    "张某",
    "王某",
    "李某",
    "刘某某",
    "赵某",
    "孙某",
    "周某某",
    "甲某",
    "乙某",
    "某公司",
    "某商贸公司",
    "某建材经营部",
    "陈某等3人",
    "某合作社",
)
OFFICIALS = ("副局长", "局长", "分管负责人（副局长）", "副镇长", "镇长", "党组成员、副局长")
RECONSIDERATION_FIELDS = (
    "收到日期",
    "申请人",
    "被申请人",
    "事项",
    "处理",
    "结案日期",
    "结案方式",
    "是否诉讼",
    "是否上年结转",
    "是否按期履行",
)
LITIGATION_FIELDS = (
    "收案日期",
    "原告",
    "被告",
    "审级",
    "开庭日期",
    "出庭负责人职务",
    "结案日期",
    "裁判结果",
    "是否上年结转",
)


@dataclass(slots=True)
class Reconsideration:
    """One application; cases not accepted have no closing."""

    received: dt.date
    party: str
    respondent: str
    matter: str
    handling: str
    closed: dt.date | None
    outcome: str = ""
    litigated: bool = False

    @property
    def must_comply(self) -> bool:
        """Whether the decision asks something of the agency."""
        return self.outcome in CORRECTED or self.outcome == "调解"

    def listed(self, quarter: Quarter) -> bool:
        """Whether the ledger of a quarter shows the case."""
        until = self.closed if self.handling == "受理" else self.received
        return self.received <= quarter.last_day and (until is None or until >= quarter.first_day)


@dataclass(slots=True)
class Litigation:
    """One case in court."""

    received: dt.date
    party: str
    respondent: str
    stage: str
    heard: dt.date | None
    closed: dt.date
    judgment: str = ""
    official: str = ""

    def listed(self, quarter: Quarter) -> bool:
        """Whether the ledger of a quarter shows the case."""
        return self.received <= quarter.last_day and self.closed >= quarter.first_day


def make_w4(desk: Desk) -> None:
    """Both ledgers, one workbook a quarter."""
    applications = _reconsiderations(desk)
    suits = _litigations(desk)
    for quarter in QUARTERS:
        _tell_reconsideration(desk, quarter, applications)
        _tell_litigation(desk, quarter, suits)
        _write(
            desk,
            quarter,
            [case for case in applications if case.listed(quarter)],
            [case for case in suits if case.listed(quarter)],
        )


def _arrivals(
    counts: dict[int, tuple[int, ...]], dice: random.Random
) -> list[tuple[Quarter, dt.date]]:
    return [
        (quarter, day)
        for year, numbers in counts.items()
        for quarter in (Quarter(year, n) for n in range(1, len(numbers) + 1))
        for day in days_within(quarter, numbers[quarter.number - 1], dice)
    ]


def _respondents(dice: random.Random, count: int) -> list[str]:
    names = dice.choices(list(RESPONDENTS), list(RESPONDENTS.values()), k=count)
    for i in range(1, count):  # cases against one agency often come in together
        if dice.random() < 0.25:
            names[i] = names[i - 1]
    return names


def _reconsiderations(desk: Desk) -> list[Reconsideration]:
    dice = desk.dice("W4 reconsideration")
    arrivals = _arrivals(RECEIVED, dice)
    respondents = _respondents(dice, len(arrivals))
    cases = []
    for i, ((quarter, day), respondent) in enumerate(zip(arrivals, respondents, strict=True)):
        handling = "受理"
        if quarter.year > 2021 and i % 14 == 5:
            handling = "不予受理"
        elif quarter.year > 2021 and i % 29 == 17:
            handling = "告知"
        closed = day + dt.timedelta(days=dice.randint(24, 62)) if handling == "受理" else None
        if closed and closed.weekday() > 4:
            closed -= dt.timedelta(days=2)
        matter = dice.choices(list(MATTERS), list(MATTERS.values()))[0]
        cases.append(
            Reconsideration(day, dice.choice(PARTIES), respondent, matter, handling, closed)
        )
    last = max((c for c in cases if c.handling == "受理"), key=lambda case: case.received)
    last.handling, last.closed = "审查中", None  # came in on the last days, still being looked at
    horizon = QUARTERS[-1].last_day
    for year, weights in OUTCOMES.items():
        closed_then = sorted(
            (c for c in cases if c.closed and c.closed.year == year and c.closed <= horizon),
            key=lambda case: case.closed or case.received,
        )
        if not closed_then:
            continue
        counts = dict(
            zip(weights, shared_out(len(closed_then), list(weights.values())), strict=True)
        )
        for case, outcome in zip(closed_then, evenly(counts, dice), strict=True):
            case.outcome = outcome
        # Who settled or withdrew does not go to court.
        unsettled = [case for case in closed_then if case.outcome not in SETTLED]
        sued = len(closed_then) - round(len(closed_then) * NOT_LITIGATED[year])
        courts = {"": len(unsettled) - sued, "是": sued}
        for case, court in zip(unsettled, evenly(courts, dice), strict=True):
            case.litigated = court == "是"
    return cases


def _litigations(desk: Desk) -> list[Litigation]:
    dice = desk.dice("W4 litigation")
    cases = []
    for stage, counts in (("一审", SUED), ("二审", APPEALED)):
        arrivals = _arrivals(counts, dice)
        respondents = _respondents(dice, len(arrivals))
        for i, ((_, day), respondent) in enumerate(zip(arrivals, respondents, strict=True)):
            in_court = i % 9 in (0, 2, 4, 6, 7) if stage == "一审" else i % 3 > 0
            heard = day + dt.timedelta(days=dice.randint(25, 70)) if in_court else None
            while heard and heard.weekday() > 4:
                heard += dt.timedelta(days=1)
            closed = (heard or day) + dt.timedelta(days=dice.randint(14, 55))
            cases.append(
                Litigation(
                    day,
                    dice.choice(PARTIES),
                    respondent,
                    stage,
                    heard,
                    closed,
                    judgment=dice.choice(("驳回", "驳回", "其他")) if in_court else "调解撤诉",
                    official=dice.choice(OFFICIALS) if in_court else "",
                )
            )
    for year, share in LOST.items():
        # The lost ones lie evenly over the year, so that no quarter tells another story.
        ended = sorted(
            (c for c in cases if c.stage == "一审" and c.closed.year == year and c.heard),
            key=lambda case: case.closed,
        )
        whole = [c for c in cases if c.stage == "一审" and c.closed.year == year]
        lost = round(len(whole) * share)
        for n in range(lost):
            ended[(2 * n + 1) * len(ended) // (2 * lost)].judgment = "败诉"
    missed = Quarter(int(MISSED_HEARING[:4]), int(MISSED_HEARING[-1]))
    next(case for case in cases if missed.holds(case.heard) and case.stage == "一审").official = ""
    return cases


def _tell_reconsideration(desk: Desk, quarter: Quarter, cases: list[Reconsideration]) -> None:
    def told(item: str, value: int) -> None:
        desk.truth.note(quarter.name, DISTRICT, item, value)

    new = [case for case in cases if quarter.holds(case.received)]
    ended = [case for case in cases if quarter.holds(case.closed)]

    def ended_by(*outcomes: str) -> int:
        return sum(case.outcome in outcomes for case in ended)

    told("recon_received", len(new))
    told("recon_accepted", sum(case.handling == "受理" for case in new))
    told("recon_closed", len(ended))
    told("recon_upheld", ended_by("维持"))
    told("recon_dismissed", ended_by("驳回"))
    told("recon_corrected", ended_by(*CORRECTED))
    told("recon_corrected_then_ended", ended_by("改正后终止"))
    told("recon_settled", ended_by("调解", "和解"))
    told("recon_withdrawn", ended_by("撤回终止"))
    told("recon_other", ended_by("其他"))
    told("recon_not_litigated", sum(not case.litigated for case in ended))
    told("recon_decisions_due", sum(case.must_comply for case in ended))
    told("recon_decisions_complied", sum(case.must_comply for case in ended))


def _tell_litigation(desk: Desk, quarter: Quarter, cases: list[Litigation]) -> None:
    def told(item: str, value: int) -> None:
        desk.truth.note(quarter.name, DISTRICT, item, value)

    heard = [case for case in cases if quarter.holds(case.heard)]
    ended = [case for case in cases if quarter.holds(case.closed) and case.stage == "一审"]
    told(
        "litigation_received",
        sum(quarter.holds(case.received) and case.stage == "一审" for case in cases),
    )
    told("court_heard", len(heard))
    told("court_attended", sum(case.official != "" for case in heard))
    told("litigation_closed", len(ended))
    told("litigation_lost", sum(case.judgment == "败诉" for case in ended))


def _write(
    desk: Desk, quarter: Quarter, applications: list[Reconsideration], suits: list[Litigation]
) -> None:
    dice = desk.dice("W4 typing", quarter.name)
    clerk = Clerk(dice, quarter.year)
    first = ledger(
        dice.choice(("行政复议", "复议", "复议台账")),
        f"示例区{quarter.chinese}行政复议案件台账",
        ("填报单位：行政复议应诉科", f"填报时间：{quarter.year}年{quarter.months[2]}月"),
        RECONSIDERATION_FIELDS,
        {"被申请人": "被 申 请 人"},
    )
    for case in sorted(applications, key=lambda case: (case.received, case.respondent)):
        carried = case.received.year < quarter.year
        done = case.closed is not None and case.closed <= quarter.last_day
        first.add(
            clerk.day(case.received, full=carried),
            case.party,
            case.respondent,
            clerk.one_of(case.matter, *MATTER_WORDS.get(case.matter, ())),
            case.handling if case.handling != "告知" else clerk.one_of("告知", "告知处理"),
            clerk.day(case.closed) if done else None,
            clerk.one_of(case.outcome, *OUTCOME_WORDS.get(case.outcome, ())) if done else None,
            clerk.yes(case.litigated) if done else None,
            "是" if carried else clerk.dice.choice(("否", "否", None)),
            clerk.yes(True) if done and case.must_comply else None,
        )
    second = ledger(
        dice.choice(("行政应诉", "应诉", "应诉台账")),
        f"示例区{quarter.chinese}行政应诉案件台账",
        ("填报单位：行政复议应诉科",),
        LITIGATION_FIELDS,
        {"出庭负责人职务": "出庭负责人 职务"},
    )
    for suit in sorted(suits, key=lambda suit: (suit.received, suit.respondent)):
        carried = suit.received.year < quarter.year
        heard = suit.heard if suit.heard and suit.heard <= quarter.last_day else None
        done = suit.closed <= quarter.last_day
        second.add(
            clerk.day(suit.received, full=carried),
            suit.party,
            suit.respondent,
            suit.stage,
            clerk.day(heard, full=heard is not None and heard.year != quarter.year),
            (suit.official or None) if heard else None,
            clerk.day(suit.closed) if done else None,
            clerk.one_of(suit.judgment, *JUDGMENT_WORDS.get(suit.judgment, ()), chance=0.6)
            if done
            else None,
            clerk.yes(True) if carried else clerk.dice.choice(("否", "否", None)),
        )
    for sheet in (first, second):
        _merge_runs(sheet, 3)
        sheet.foot(FOOTER)
    name = {
        1: f"W4-复议应诉台账-{quarter.name}.xlsx",
        2: f"行政复议应诉案件台账（{quarter.year}年上半年续）.xlsx",
        3: f"{quarter.year}三季度复议应诉.xlsx",
        4: "四季度台账（复议应诉）.xlsx",
    }[quarter.number]
    write(desk.raw / quarter.name / name, [first, second])


def _merge_runs(sheet: Sheet, column: int) -> None:
    """Merge equal neighbours of a column, as clerks do who want to see one name once."""
    start = max(sheet.headers) + 1
    while start <= len(sheet.rows):
        end = start
        name = sheet.rows[start - 1][column - 1]
        while end < len(sheet.rows) and sheet.rows[end][column - 1] == name:
            sheet.rows[end][column - 1] = None
            end += 1
        if end > start:
            sheet.merges.append((start, column, end, column))
        start = end + 1
