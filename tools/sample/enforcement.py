"""W5: review of enforcement files and training, one row a department, once a year, .xls."""

from sample.clerk import Cell, Clerk
from sample.office import ANNUAL_YEARS, DEPARTMENT_NAMES, DEPARTMENTS, Desk, shared_out
from sample.sheets import FOOTER, Column, Sheet, write

COLUMNS = (
    Column("files_self_checked", ("自查件数",), "件"),
    Column("files_drawn_licence", ("抽取件数", "许可"), "件"),
    Column("files_drawn_penalty", ("抽取件数", "处罚"), "件"),
    Column("files_excellent", ("等次", "优秀"), "件"),
    Column("files_good", ("等次", "良好"), "件"),
    Column("files_pass", ("等次", "合格"), "件"),
    Column("files_fail", ("等次", "不合格"), "件"),
    Column("file_issues_found", ("发现问题",), "项"),
    Column("file_issues_rectified", ("已整改",), "项"),
    Column("", ("未整改原因",)),
    Column("", ("民生领域",)),
    Column("enforcement_officers", ("执法人员", "总数"), "人"),
    Column("officers_trained", ("执法人员", "达60学时"), "人"),
    Column("training_sessions", ("执法培训", "期数"), "期"),
    Column("training_attendance", ("执法培训", "人次"), "人次"),
    Column("handover_clues", ("监管与执法协作", "移送线索"), "件"),
    Column("handover_feedback", ("监管与执法协作", "已反馈"), "件"),
    Column("", ("备注",)),
)
OFFICERS = (310, 176, 204, 62, 74, 58, 66, 71, 48, 39, 24, 18)
FILE_WEIGHTS = (40, 36, 38, 14, 18, 16, 17, 19, 13, 12, 9, 8)
ISSUE_WEIGHTS = (33, 36, 33, 16, 20, 18, 18, 21, 15, 13, 10, 9)
TOTALS = {
    2022: {
        "self": 3260,
        "licence": 86,
        "penalty": 124,
        "excellent": 46,
        "pass": 31,
        "fail": 6,
        "found": 150,
        "rectified": 137,
        "trained": 0.82,
        "sessions": 28,
        "attendance": 2140,
        "clues": 131,
        "feedback": 93,
    },
    2023: {
        "self": 3540,
        "licence": 98,
        "penalty": 142,
        "excellent": 65,
        "pass": 29,
        "fail": 4,
        "found": 168,
        "rectified": 159,
        "trained": 0.91,
        "sessions": 34,
        "attendance": 2480,
        "clues": 160,
        "feedback": 125,
    },
}
LIVELIHOOD = ("B02", "B04", "B06", "B07", "B10")  # 民生领域
ROUNDED = {2022: {"B03": "约"}, 2023: {"B01": "余", "B03": "余"}}  # who did not count exactly


def make_w5(desk: Desk) -> None:
    """The annual workbook of the twelve departments."""
    for year in ANNUAL_YEARS:
        rows = _rows(desk, year)
        for code, row in rows.items():
            for item, value in row.items():
                way = ROUNDED[year].get(code, "") if item == "file_issues_rectified" else ""
                qualifier = {"": "=", "约": "~", "余": ">="}[way]
                desk.truth.note(str(year), code, item, value, qualifier=qualifier)
        _write(desk, year, rows)


def _rows(desk: Desk, year: int) -> dict[str, dict[str, int]]:
    dice = desk.dice("W5", year)
    all_ = TOTALS[year]
    weights = [weight * dice.uniform(0.9, 1.1) for weight in FILE_WEIGHTS]

    def share(key: str) -> list[int]:
        return shared_out(int(all_[key]), weights)

    licence, penalty = share("licence"), share("penalty")
    drawn = [a + b for a, b in zip(licence, penalty, strict=True)]
    fail = [0] * 12
    for i in dice.sample(range(8), int(all_["fail"])):
        fail[i] = 1
    passed = shared_out(int(all_["pass"]), weights)
    excellent = shared_out(int(all_["excellent"]), weights)
    found = shared_out(int(all_["found"]), ISSUE_WEIGHTS)
    rectified = list(found)
    for _ in range(int(all_["found"] - all_["rectified"])):
        most = max(
            range(12), key=lambda i: (rectified[i] / (1 + (found[i] - rectified[i]) * 3), -i)
        )
        rectified[most] -= 1
    for i, code in enumerate(DEPARTMENTS):
        if code in ROUNDED[year]:  # 20余, 约20: a round number not above the exact one
            rectified[i] = rectified[i] // 10 * 10
    officers = [count + (2 if year == 2023 else 0) for count in OFFICERS]
    trained = shared_out(round(sum(officers) * all_["trained"]), officers)
    sessions = shared_out(int(all_["sessions"]), [1 + weight / 20 for weight in weights])
    clues = share("clues")
    feedback = shared_out(int(all_["feedback"]), clues)
    return {
        code: {
            "files_self_checked": share("self")[i],
            "files_drawn_licence": licence[i],
            "files_drawn_penalty": penalty[i],
            "files_excellent": excellent[i],
            "files_good": drawn[i] - excellent[i] - passed[i] - fail[i],
            "files_pass": passed[i],
            "files_fail": fail[i],
            "file_issues_found": found[i],
            "file_issues_rectified": rectified[i],
            "enforcement_officers": officers[i],
            "officers_trained": trained[i],
            "training_sessions": sessions[i],
            "training_attendance": shared_out(int(all_["attendance"]), officers)[i],
            "handover_clues": clues[i],
            "handover_feedback": feedback[i],
        }
        for i, code in enumerate(DEPARTMENTS)
    }


def _write(desk: Desk, year: int, rows: dict[str, dict[str, int]]) -> None:
    dice = desk.dice("W5 typing", year)
    clerk = Clerk(dice, year, mess=0.07)
    sheet = Sheet("Sheet1")
    sheet.title(f"示例区{year}年度 行政执法案卷评查汇总表", len(COLUMNS) + 1)
    sheet.about(
        len(COLUMNS) + 1,
        "填报单位（盖章）：执法监督科",
        f"填报时间：{year}.12.28",
        "单位：件、项、人",
    )
    sheet.header(
        [("部门",), *(column.path for column in COLUMNS)],
        {
            "部门": "部　门",
            "发现问题": "发现问题（项）",
            "抽取件数": "抽取件数(件)",
            "达60学时": "达６０学时",
        },
    )
    if year == 2023:
        sheet.index(len(COLUMNS) + 1)
    totals = {column.item: 0 for column in COLUMNS}
    for code, row in rows.items():
        cells: list[Cell] = [clerk.one_of(*DEPARTMENT_NAMES[code], chance=0.4)]
        for column in COLUMNS:
            if not column.item:
                cells.append(_remark(code, column.path[0], row))
                continue
            value = row[column.item]
            totals[column.item] += value
            way = ROUNDED[year].get(code) if column.item == "file_issues_rectified" else None
            if way:
                cells.append(f"约{value}" if way == "约" else f"{value}余")
            else:
                cells.append(clerk.number(value, column.unit, none_word=True))
        sheet.add(*cells)
    sheet.add("合　计", *(totals[column.item] if column.item else None for column in COLUMNS))
    sheet.foot(
        FOOTER, "填表说明：优秀、良好、合格、不合格之和等于抽取件数；达60学时指全年参加培训学时。"
    )
    name = {2022: "执法案卷评查汇总2022.xls", 2023: "W5行政执法案卷评查汇总表（2023年度）.xls"}[
        year
    ]
    blank = Sheet("Sheet2")
    write(desk.raw / str(year) / name, [sheet, blank])


def _remark(code: str, label: str, row: dict[str, int]) -> Cell:
    left = row["file_issues_found"] - row["file_issues_rectified"]
    if label == "未整改原因":
        return f"正在整改{left}项" if left else "—"
    if label == "民生领域":
        return "是" if code in LIVELIHOOD else "否"
    drawn = row["files_drawn_licence"] + row["files_drawn_penalty"]
    return f"合格率{(drawn - row['files_fail']) * 100 / drawn:.1f}％"
