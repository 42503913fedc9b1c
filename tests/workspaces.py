"""Small workspaces for tests: three townships, four forms, one good quarter, all of it editable."""

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import openpyxl

from nianbao.catalogue import Catalogue, load_catalogue
from nianbao.cleaning import Cleaned, clean
from nianbao.facts import Fact
from nianbao.findings import Finding, load_messages
from nianbao.period import Period
from nianbao.workspace import PROJECT, Workspace

Row = Sequence[object]

OFFICE = """\
bureau: {zh: 试区司法局, en: Test Bureau}
district: D0
expects: {G: quarter, L: quarter, T: quarter, M: quarter}
"""
PLACES = """\
code,name,kind,order,valid_from,valid_to,aliases
D0,试区,district,0,,,
A1,甲镇,township,1,,,甲乡;甲镇人民政府
A2,乙镇,township,2,,,
A3,丙街道,township,3,,,
B1,区城管局,department,9,,,
"""
GRID = """\
form: G
name: {zh: 调解情况表, en: Mediation}
department: 调解科
tables:
  mediation:
    kind: grid
    title: 调解情况统计表
    rows: township
    row_label: [镇街]
    words: {无: 0, "—": missing, "/": not_applicable}
    tolerance: 2
    versions:
      2022:
        columns:
          accepted: [受理调解]
          successful: [调解成功, 小计]
          written: [调解成功, 书面]
          oral: [调解成功, 口头]
          mediators: [调解员]
          amount: [涉及金额]
        ignored: [[联系方式]]
      2024:
        columns:
          accepted: [调解受理]
    items:
      accepted: {zh: 受理件数, unit: 件}
      successful: {zh: 成功件数, unit: 件}
      written: {zh: 书面件数, unit: 件}
      oral: {zh: 口头件数, unit: 件}
      mediators: {zh: 调解员人数, unit: 人, flow: stock}
      amount: {zh: 涉及金额, unit: 万元, type: amount}
    identities:
      - successful = written + oral
      - successful <= accepted
"""
LEDGERS = """\
form: L
name: {zh: 会议和案件台账, en: Ledgers}
department: 办公室
tables:
  events:
    kind: ledger
    title: 会议督察登记表
    place: {field: unit, kinds: [township, department], otherwise: district}
    date: held_on
    versions:
      2022:
        fields:
          held_on: [日期]
          activity: [类型]
          meeting: [会议名称]
          unit: [对象单位]
          attendance: [参加人数]
    fields:
      held_on: {type: date, required: true}
      activity: {type: choice, required: true, values: {会议: [开会, 例会], 督察: []}}
      meeting: {type: text, merged: fill}
      unit: {type: place}
      attendance: {type: number, unit: 人}
    items:
      meetings:
        zh: 会议次数
        unit: 次
        at: district
        count: distinct
        of: [held_on, meeting]
        where: {activity: 会议}
      attendance: {zh: 参会人次, unit: 人次, at: district, sum: attendance, where: {activity: 会议}}
      inspections: {zh: 督察次数, unit: 次, at: township, count: rows, where: {activity: 督察}}
    identities:
      - meetings <= attendance
  cases:
    kind: ledger
    title: 案件登记表
    place: district
    date: received_on
    versions:
      2022:
        fields:
          received_on: [收案日期]
          title: [案由]
          closed_on: [结案日期]
          carried_over: [上年结转]
    fields:
      received_on: {type: date, required: true}
      title: {type: text}
      closed_on: {type: date}
      carried_over: {type: choice, values: {是: [√], 否: [×]}}
    derived:
      case_days: {working_days: [received_on, closed_on]}
    items:
      cases_new: {zh: 新收案件数, unit: 件, count: rows, where: {carried_over: {not: [是]}}}
      cases_closed: {zh: 审结案件数, unit: 件, count: rows, date: closed_on}
      case_days: {zh: 办案用时, unit: 工作日, sum: case_days, date: closed_on}
"""
TASKS = """\
form: T
name: {zh: 任务清单, en: Tasks}
department: 办公室
tables:
  tasks:
    kind: grid
    title: 重点任务清单
    rows: label
    row_label: [任务]
    flow: cumulative
    words: {无: 0, "—": missing, "/": not_applicable}
    versions:
      2022: {columns: {number: [完成数], status: [状态], evidence: [佐证]}}
    items:
      plan_issued: {zh: 制定计划, type: milestone, row: 制定年度计划}
      served: {zh: 服务企业家数, unit: 家, row: 服务企业, column: number}
      advisers: {zh: 法律顾问人数, unit: 人, flow: stock, row: 法律顾问, column: number}
    noted_rows: [说明事项]
"""
MONTHLY = """\
form: M
name: {zh: 矫正月报, en: Monthly}
department: 矫正科
tables:
  monthly:
    kind: grid
    title: 社区矫正月报
    rows: township
    row_label: [镇街]
    each_sheet: month
    versions:
      2022: {columns: {opening: [期初], received: [接收], released: [解除], closing: [期末]}}
    items:
      opening: {zh: 期初在册, unit: 人, flow: opening}
      received: {zh: 接收, unit: 人}
      released: {zh: 解除, unit: 人}
      closing: {zh: 期末在册, unit: 人, flow: stock}
    identities: [opening + received - released = closing]
    carry_forward: {closing: opening}
"""
INDICATORS = """\
cases_accepted:
  section: society
  name: {zh: 受理调解}
  numerator: accepted
  unit: 件
  over_time: sum
  better: volume
  department: 调解科
  source_rows: [E47]
success_rate:
  section: society
  name: {zh: 调解成功率}
  numerator: successful
  denominator: accepted
  unit: "%"
  decimals: 1
  over_time: ratio_of_sums
  better: higher
  department: 调解科
  source_rows: [T23]
plan_issued:
  section: party
  name: {zh: 年度计划}
  numerator: plan_issued
  unit: 项
  over_time: done
  better: higher
  department: 办公室
  source_rows: [E04]
"""
OUTLINE = """\
sections:
  society:
    wording: society
    charts:
      accepted: {kind: ranked, title: {zh: 各镇街受理多少？}, indicators: [cases_accepted]}
"""
TARGETS = """\
success_rate: {row: T23, op: ">=", value: 98, basis: assumed, note: 本局设定, due: 2024-12-31}
plan_issued: {row: E04, op: done, basis: source, note: 计划要求, due: 2024-12-31}
"""
CATALOGUE = {
    "office.yml": OFFICE,
    "places.csv": PLACES,
    "indicators.yml": INDICATORS,
    "outline.yml": OUTLINE,
    "forms/G.yml": GRID,
    "forms/L.yml": LEDGERS,
    "forms/T.yml": TASKS,
    "forms/M.yml": MONTHLY,
    "targets/2024.yml": TARGETS,
}

GRID_TITLE: list[Row] = [["试区2023年第一季度调解情况统计表"], ["单位：件、人、万元"]]
GRID_HEAD: list[Row] = [
    ["镇街", "受理调解", "调解成功", "调解成功", "调解成功", "调解员", "涉及金额"],
    ["镇街", "受理调解", "小计", "书面", "口头", "调解员", "涉及金额"],
]
GRID_ROWS: list[Row] = [
    ["甲镇", 10, 9, 6, 3, 4, 12.5],
    ["乙镇", 20, 18, 10, 8, 5, "无"],
    ["丙街道", 30, 30, 10, 20, 6, 7],
]
EVENT_HEAD: list[Row] = [
    ["会议督察登记表"],
    ["序号", "日期", "类型", "会议名称", "对象单位", "参加人数"],
]
EVENT_ROWS: list[Row] = [
    [1, "2023-01-10", "会议", "一次会", None, 12],
    [2, "2023-02-10", "督察", None, "甲镇", None],
]
CASE_HEAD: list[Row] = [["案件登记表"], ["收案日期", "案由", "结案日期", "上年结转"]]
CASE_ROWS: list[Row] = [
    ["2022-12-01", "旧案", "2023-01-20", "是"],
    ["2023-01-05", "新案", "2023-01-09", "否"],
]
TASK_ROWS: list[Row] = [
    ["重点任务清单"],
    ["任务", "完成数", "状态", "佐证"],
    ["制定年度计划", None, "已完成", "试司〔2023〕1号"],
    ["服务企业", 5, None, None],
    ["法律顾问", 3, None, None],
]


def month_rows(opening: int = 5, received: int = 2, released: int = 2) -> list[Row]:
    closing = opening + received - released
    rows = [[name, opening, received, released, closing] for name in ("甲镇", "乙镇", "丙街道")]
    return [["社区矫正月报"], ["镇街", "期初", "接收", "解除", "期末"], *rows]


def write_xlsx(path: Path, sheets: dict[str, Iterable[Row]], merges: Sequence[str] = ()) -> Path:
    """Write a workbook; `merges` are areas of its first sheet, such as A3:A4."""
    path.parent.mkdir(parents=True, exist_ok=True)
    workbook = openpyxl.Workbook()
    del workbook["Sheet"]
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    for area in merges:
        workbook.worksheets[0].merge_cells(area)
    workbook.save(path)
    return path


def write_csv(path: Path, rows: Iterable[Row], encoding: str = "gb18030") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def write_catalogue(root: Path, **changed: str) -> Workspace:
    """Write the small catalogue; `changed` replaces whole files, by stem (office=…)."""
    for name, text in CATALOGUE.items():
        path = root / "catalogue" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(changed.get(Path(name).stem, text), encoding="utf-8")
    return Workspace(root)


def write_quarter(workspace: Workspace, quarter: str = "2023Q1") -> Path:
    """Write one good quarter of raw workbooks; returns its folder."""
    folder = workspace.raw / quarter
    year, number = int(quarter[:4]), int(quarter[5])
    months = range(3 * number - 2, 3 * number + 1)
    head = (
        GRID_HEAD
        if year < 2024
        else [[str(c).replace("受理调解", "调解受理") for c in row] for row in GRID_HEAD]
    )
    title = [[f"试区{year}年第{'一二三四'[number - 1]}季度调解情况统计表"], GRID_TITLE[1]]
    write_xlsx(folder / "g.xlsx", {"Sheet1": [*title, *head, *GRID_ROWS]})
    events = [[row[0], f"{year}-{months[0]:02}-10", *row[2:]] for row in EVENT_ROWS]
    write_xlsx(folder / "l.xlsx", {"会议": EVENT_HEAD + events, "案件": CASE_HEAD + CASE_ROWS})
    write_xlsx(folder / "t.xlsx", {"清单": TASK_ROWS})
    write_xlsx(folder / "m.xlsx", {f"{month}月": month_rows() for month in months})
    return folder


def small_workspace(root: Path, *quarters: str) -> Workspace:
    """A workspace whose quarters (2023Q1 if none is named) are complete and without a finding."""
    workspace = write_catalogue(root)
    for quarter in quarters or ("2023Q1",):
        write_quarter(workspace, quarter)
    return workspace


def cleaned(workspace: Workspace, period: str = "2023Q1") -> Cleaned:
    return clean(workspace, load_catalogue(workspace), Period.parse(period))


def codes(got: Cleaned) -> Counter[str]:
    """How often each finding was made."""
    return Counter(finding.code for finding in got.findings)


def one(got: Cleaned, code: str) -> Finding:
    """The only finding of a code."""
    (finding,) = (finding for finding in got.findings if finding.code == code)
    return finding


def said(workspace: Workspace, finding: Finding, lang: str = "en") -> str:
    return load_messages(workspace, lang).message(finding)


def fact(got: Cleaned, item: str, place: str = "D0", period: str = "2023Q1") -> Fact:
    """The only fact of an item at a place in a period."""
    (found,) = (f for f in got.facts if (f.item, f.place, f.period) == (item, place, period))
    return found


def has_fact(got: Cleaned, item: str, place: str) -> bool:
    return any((f.item, f.place) == (item, place) for f in got.facts)


def correct(workspace: Workspace, *rows: str) -> None:
    """Write data/corrections.csv: each row as kind,period,sha256,sheet,cell,as_typed,value."""
    head = "kind,period,file_sha256,sheet,cell,as_typed,value,reason,by,date"
    lines = [head, *(f"{row},核实更正,办公室,2023-04-10" for row in rows)]
    workspace.corrections.parent.mkdir(parents=True, exist_ok=True)
    workspace.corrections.write_text("\n".join(lines) + "\n", encoding="utf-8-sig")


def sample_catalogue() -> Catalogue:
    return load_catalogue(Workspace(PROJECT))
