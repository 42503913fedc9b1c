"""W3: legality review, one sheet a unit, one row a reviewed item."""

import datetime as dt
import random
from dataclasses import dataclass

from sample.clerk import Cell, Clerk
from sample.office import (
    DISTRICT,
    QUARTERS,
    TOWNSHIPS,
    Desk,
    Quarter,
    by_township,
    days_within,
    place_name,
    shared_out,
    shares,
)
from sample.sheets import ledger, write

FIELDS = (
    "收件日期",
    "送审单位",
    "会议",
    "会议期次",
    "议题名称",
    "类型",
    "审查意见",
    "提出意见条数",
    "采纳条数",
    "办结日期",
    "纠正问题数",
    "备案日期",
)
# Very uneven on purpose: the coefficient of variation is about 0.7.
WEIGHTS = by_township(150, 128, 96, 118, 74, 52, 66, 41, 33, 24, 47, 30, 9, 19, 58, 28, 36, 15)
TOWNSHIP_REVIEWS = {2022: 1052, 2023: 1318, 2024: 1480}
SEASON = (0.22, 0.26, 0.24, 0.28)
# By quarter; the last quarter of 2024 is planned and never written.
COMMITTEE_ITEMS = {2022: (14, 16, 15, 17), 2023: (16, 18, 17, 19), 2024: (18, 20, 19)}
COMMITTEE_ISSUES = {2022: (2, 2, 2, 3), 2023: (3, 3, 3, 3), 2024: (3, 4, 3)}
MEETINGS = {2022: (5, 6, 5, 6), 2023: (5, 6, 6, 7), 2024: (6, 7, 6)}
MEETING_ITEMS = {2022: (29, 34, 31, 34), 2023: (31, 37, 34, 37), 2024: (34, 39, 36)}
MAJOR_DECISIONS = {2022: (2, 3, 2, 2), 2023: (2, 3, 3, 3), 2024: (3, 4, 3)}
OTHER_ITEMS = {2022: (22, 25, 23, 26), 2023: (25, 28, 27, 30), 2024: (29, 32, 30)}
CLEANED = {
    "2022Q3": (40, 7, 5),
    "2023Q3": (46, 9, 6),
    "2024Q3": (44, 6, 8),
}  # all, abolished, amended
DAYS_TAKEN = {  # working days of a review, and how often
    2021: ((3, 4, 5, 6, 7, 8), (2, 3, 4, 4, 3, 2)),
    2022: ((2, 3, 4, 5, 6, 7, 9), (1, 2, 4, 5, 4, 3, 1.4)),
    2023: ((1, 2, 3, 4, 5, 6, 8), (0.5, 2, 4, 5, 4, 3, 1.6)),
    2024: ((1, 2, 3, 4, 5, 6, 8), (1, 3, 5, 5, 3, 2, 0.6)),
}
ADOPTED = {2021: 0.94, 2022: 0.941, 2023: 0.962, 2024: 0.968}
TOPICS = (
    "农村饮水管护",
    "老旧小区改造",
    "校车运营补贴",
    "产业园招商",
    "道路养护",
    "养老服务",
    "耕地保护",
    "公共停车场",
    "生活垃圾分类",
    "物业管理",
    "小微企业扶持",
    "防汛物资采购",
    "文化站建设",
    "危房改造",
    "集体资产处置",
    "污水管网",
    "农贸市场改造",
    "公交线路优化",
    "数字乡村",
    "政府购买服务",
)


@dataclass(slots=True)
class Review:
    """One reviewed item of one unit."""

    place: str
    received: dt.date
    finished: dt.date
    meeting: str
    session: str
    subject: str
    category: str
    opinion: str
    made: int = 0
    adopted: int = 0
    corrected: int | None = None


def add_working_days(day: dt.date, count: int) -> dt.date:
    """The day that lies so many working days (Monday to Friday) after a working day."""
    while count:
        day += dt.timedelta(days=1)
        count -= day.weekday() < 5
    return day


def working_days(first: dt.date, last: dt.date) -> int:
    """Monday to Friday after the first day, up to and with the last: received today and finished
    today is 0, finished on the next working day is 1.
    """
    span = (last - first).days
    return sum((first + dt.timedelta(days=n)).weekday() < 5 for n in range(1, span + 1))


def make_w3(desk: Desk) -> None:
    """The review ledgers; what was not finished stands in the next quarter's ledger again."""
    reviews = _left_from_2021(desk)
    for quarter in QUARTERS:
        reviews += _district(desk, quarter)
    for year, total in TOWNSHIP_REVIEWS.items():
        reviews += _townships(desk, year, total)
    for quarter in QUARTERS:
        listed = [
            review
            for review in reviews
            if review.received <= quarter.last_day and review.finished >= quarter.first_day
        ]
        _tell(desk, quarter, listed)
        _write_w3(desk, quarter, listed)


def _review(dice: random.Random, place: str, received: dt.date, year: int, **about: str) -> Review:
    days, weights = DAYS_TAKEN[year]
    finished = add_working_days(received, dice.choices(days, weights)[0])
    made = dice.choices((0, 1, 2, 3, 4, 6), (3, 4, 5, 4, 2, 1))[0]
    adopted = sum(dice.random() < ADOPTED[year] for _ in range(made))
    opinion = (
        "合法" if made == 0 else dice.choices(("修改后合法", "合法", "不合法"), (8, 4, 0.4))[0]
    )
    return Review(place, received, finished, opinion=opinion, made=made, adopted=adopted, **about)


def _subject(dice: random.Random, category: str, serial: int) -> str:
    kind = {"规范性文件": "管理办法", "重大决策": "实施方案", "合同": "合作协议"}.get(
        category, "事项"
    )
    return f"关于{dice.choice(TOPICS)}{kind}的议题（{serial}）"


def _left_from_2021(desk: Desk) -> list[Review]:
    """A few items received in the last days of 2021 and finished in January 2022."""
    dice = desk.dice("W3", 2021)
    return [
        _review(
            dice,
            place,
            dt.date(2021, 12, 31),
            2021,
            meeting="无",
            session="",
            subject=_subject(dice, "合同", 900 + i),
            category="合同",
        )
        for i, place in enumerate((DISTRICT, DISTRICT, "S01", "S04", "S05", "S07"))
    ]


def _district(desk: Desk, quarter: Quarter) -> list[Review]:
    dice, year, at = desk.dice("W3 district", quarter.name), quarter.year, quarter.number - 1
    reviews: list[Review] = []

    def review(day: dt.date, meeting: str, session: str, category: str) -> Review:
        subject = _subject(dice, category, quarter.number * 1000 + len(reviews))
        made = _review(
            dice,
            DISTRICT,
            day,
            year,
            meeting=meeting,
            session=session,
            subject=subject,
            category=category,
        )
        reviews.append(made)
        return made

    before = sum(MEETINGS[year][:at])
    majors = MAJOR_DECISIONS[year][at]
    sizes = shared_out(
        MEETING_ITEMS[year][at], [dice.uniform(0.7, 1.3) for _ in range(MEETINGS[year][at])]
    )
    days = days_within(quarter, len(sizes), dice)
    for n, (size, day) in enumerate(zip(sizes, days, strict=True), start=before + 1):
        for i in range(size):
            category = (
                "重大决策"
                if i == 0 and majors > 0
                else dice.choice(("规范性文件", "其他", "其他", "合同"))
            )
            majors -= category == "重大决策"
            review(day, "常务会", f"{year}年第{n}次常务会议", category)
    first_major = next(made for made in reviews if made.category == "重大决策")
    items = COMMITTEE_ITEMS[year][at]
    sessions = max(3, items // 4)
    days = days_within(quarter, items, dice)
    issues = shared_out(COMMITTEE_ISSUES[year][at], [dice.random() for _ in range(items)])
    for i, (day, corrected) in enumerate(zip(days, issues, strict=True)):
        session = f"第{(quarter.number - 1) * 8 + i * sessions // items + 1}次常委会会议"
        made = review(day, "常委会", session, "其他")
        made.corrected = corrected
    # One major decision also went to the standing committee: two items, one decision.
    made.subject, made.category = first_major.subject, "重大决策"
    # Two items came back for a second look: one item each, two rows.
    for again in (reviews[1], made):
        second = _review(
            dice,
            DISTRICT,
            again.received,
            year,
            meeting=again.meeting,
            session=again.session,
            subject=again.subject,
            category=again.category,
        )
        second.corrected = 0 if again.meeting == "常委会" else None
        reviews.append(second)
    for day in days_within(quarter, OTHER_ITEMS[year][at], dice):
        review(day, "无", "", dice.choice(("合同", "合同", "规范性文件", "其他")))
    cleaned, abolished, amended = CLEANED.get(quarter.name, (0, 0, 0))
    opinions = ["废止"] * abolished + ["修改"] * amended
    opinions += ["继续有效"] * (cleaned - len(opinions))
    for day, opinion in zip(days_within(quarter, cleaned, dice), opinions, strict=True):
        review(day, "无", "", "规范性文件清理").opinion = opinion
    return reviews


def _townships(desk: Desk, year: int, total: int) -> list[Review]:
    dice = desk.dice("W3 townships", year)
    reviews = []
    quarters = [quarter for quarter in QUARTERS if quarter.year == year]
    for place, count in shares(total, WEIGHTS, dice, 0.05).items():
        by_quarter = shared_out(count, [share * dice.uniform(0.92, 1.08) for share in SEASON])
        for quarter, number in zip(quarters, by_quarter, strict=False):
            for serial, day in enumerate(days_within(quarter, number, dice)):
                category = dice.choices(
                    ("合同", "其他", "重大决策", "规范性文件"), (60, 22, 10, 8)
                )[0]
                party = dice.random() < 0.2
                reviews.append(
                    _review(
                        dice,
                        place,
                        day,
                        year,
                        meeting="镇街党委会" if party else "无",
                        session=f"第{dice.randint(1, 9) + 9 * (quarter.number - 1)}次"
                        if party
                        else "",
                        subject=_subject(dice, category, serial + 1),
                        category=category,
                    )
                )
    return reviews


def _tell(desk: Desk, quarter: Quarter, listed: list[Review]) -> None:
    def told(item: str, place: str, value: int) -> None:
        desk.truth.note(quarter.name, place, item, value)

    for place in (DISTRICT, *TOWNSHIPS):
        here = [review for review in listed if review.place == place]
        new = [review for review in here if quarter.holds(review.received)]
        usual = [review for review in new if review.category != "规范性文件清理"]
        ended = [
            review
            for review in here
            if quarter.holds(review.finished) and review.category != "规范性文件清理"
        ]
        told("review_opinions_made", place, sum(review.made for review in usual))
        told("review_opinions_adopted", place, sum(review.adopted for review in usual))
        told("reviews_finished", place, len(ended))
        told(
            "review_working_days",
            place,
            sum(working_days(review.received, review.finished) for review in ended),
        )
        if place != DISTRICT:
            told("township_review_items", place, len(usual))
            continue
        committee = [review for review in usual if review.meeting == "常委会"]
        meetings = [review for review in usual if review.meeting == "常务会"]
        cleaned = [review for review in new if review.category == "规范性文件清理"]
        decisions = {review.subject for review in usual if review.category == "重大决策"}
        told("district_review_items", place, len(usual))
        told(
            "committee_agenda_items_reviewed",
            place,
            len({(r.session, r.subject) for r in committee}),
        )
        told("committee_agenda_issues_corrected", place, sum(r.corrected or 0 for r in committee))
        told("gov_exec_meetings_reviewed", place, len({review.session for review in meetings}))
        told("gov_agenda_items_reviewed", place, len({(r.session, r.subject) for r in meetings}))
        told("major_decisions_reviewed", place, len(decisions))
        told("normative_docs_cleaned", place, len(cleaned))
        told("normative_docs_abolished", place, sum(review.opinion == "废止" for review in cleaned))
        told("normative_docs_amended", place, sum(review.opinion == "修改" for review in cleaned))


SENDERS = (
    "区农业农村局",
    "区住建局",
    "区发展和改革局",
    "区财政局",
    "区教育和体育局",
    "区政府办公室",
)
MEETING_WORDS = {
    "常委会": ("区委常委会", "区委常委会会议"),
    "常务会": ("区政府常务会", "区政府常务会议", "常务会议"),
    "镇街党委会": ("党委会", "党工委会", "镇党委会"),
    "无": ("—",),
}
CATEGORY_WORDS = {
    "重大决策": ("重大行政决策",),
    "合同": ("合同协议", "协议"),
    "规范性文件清理": ("文件清理",),
}


def _write_w3(desk: Desk, quarter: Quarter, listed: list[Review]) -> None:
    sheets = []
    for place in (DISTRICT, *TOWNSHIPS):
        dice = desk.dice("W3 typing", quarter.name, place)
        clerk = Clerk(dice, quarter.year, mess=0.03)
        unit = "示例区" if place == DISTRICT else place_name(place, quarter.year)
        name = "区级" if place == DISTRICT else clerk.place(place, chance=0.1).strip()
        sheet = ledger(
            name.replace("\u00a0", "").replace("\u3000", "").replace(" ", ""),
            f"{unit}{quarter.chinese}合法性审查台账",
            (f"填报单位：{unit}", "单位：条、个"),
            FIELDS,
            {"提出意见条数": "提出意见条数（条）", "纠正问题数": "纠正问题数（个）"},
        )
        own = sorted((r for r in listed if r.place == place), key=lambda r: r.received)
        for review in own:
            sheet.add(*_row(clerk, quarter, review, unit))
        sheets.append(sheet)
    name = {
        1: f"W3合法性审查台账{quarter.name}.xlsx",
        2: f"合法性审查台账（区级+镇街）{quarter.year}二季度.xlsx",
        3: f"合审科-{quarter.year}年第三季度台账.xlsx",
        4: "合法性审查（四季度汇总）.xlsx",
    }[quarter.number]
    write(desk.raw / quarter.name / name, sheets)


def _row(clerk: Clerk, quarter: Quarter, review: Review, unit: str) -> list[Cell]:
    ended = review.finished <= quarter.last_day
    cleaning = review.category == "规范性文件清理"
    filed = add_working_days(review.finished, 6)
    carried = not quarter.holds(review.received)
    sender = (
        clerk.dice.choice(SENDERS)
        if review.place == DISTRICT
        else f"{unit}{clerk.dice.choice(('党政办', '经发办', '规建办'))}"
    )
    return [
        clerk.day(review.received, full=carried),
        sender,
        clerk.one_of(review.meeting, *MEETING_WORDS[review.meeting]),
        review.session or None,
        review.subject,
        clerk.one_of(review.category, *CATEGORY_WORDS.get(review.category, ())),
        review.opinion if ended or cleaning else None,
        None if cleaning else clerk.number(review.made, "条"),
        None if cleaning else clerk.number(review.adopted, "条"),
        clerk.day(review.finished) if ended else None,
        None if review.corrected is None else clerk.number(review.corrected, "个"),
        clerk.day(filed) if review.category == "规范性文件" and filed <= quarter.last_day else None,
    ]
