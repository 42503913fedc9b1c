"""W11: tasks and milestones, one workbook a quarter; W12: the annual survey."""

from decimal import Decimal

from sample.clerk import Cell, Clerk
from sample.office import ANNUAL_YEARS, DISTRICT, QUARTERS, Desk, Quarter
from sample.reviews import MAJOR_DECISIONS
from sample.sheets import FOOTER, Sheet, write

# item: (row, department, when under way, when done, evidence); the year's own number is 〔年〕n号.
MILESTONES = {
    "study_plan_issued": (
        "制定局机关学习清单和个人学习计划",
        "办公室",
        "every year",
        1,
        "示司党〔{}〕3号",
    ),
    "party_brand_established": (
        "打造机关党建品牌",
        "办公室",
        "2022Q4",
        "2023Q3",
        "示司党〔2023〕18号",
    ),
    "committee_agenda_review_mechanism": (
        "完善常委会议题合法合规性审查机制",
        "合法性审查科",
        "2022Q3",
        "2023Q1",
        "示办发〔2023〕6号",
    ),
    "rol_inspection_team_set_up": (
        "成立法治督察小组",
        "法治协调督察科",
        "2023Q1",
        "2023Q2",
        "示法委办〔2023〕9号",
    ),
    "legal_adviser_team_renewed": (
        "组建新一届法律顾问团",
        "合法性审查科",
        "2023Q1",
        "2023Q2",
        "示政办发〔2023〕14号",
    ),
    "major_decision_catalogue_published": (
        "制定公布重大行政决策事项目录",
        "合法性审查科",
        "every year",
        2,
        "示政办发〔{}〕7号",
    ),
    "township_review_mechanism_issued": (
        "建立镇街合法性审查机制",
        "合法性审查科",
        "2022Q2",
        "2023Q1",
        "示政办发〔2023〕3号",
    ),
    "compliance_bulletin_system": (
        "落实行政复议通报和决定履行监督制度",
        "行政复议应诉科",
        "2022Q1",
        "2022Q2",
        "示司发〔2022〕15号",
    ),
    "wrong_case_accountability_rule_issued": (
        "制定行政错案责任追究规定",
        "行政复议应诉科",
        "2023Q2",
        "2023Q4",
        "示政办发〔2023〕29号",
    ),
    "enterprise_dispute_fast_track": (
        "建立涉企纠纷快速处置机制",
        "人民参与促进法治科",
        "2022Q4",
        "2023Q2",
        "示司发〔2023〕21号",
    ),
    "targeted_enterprise_service": (
        "建立靶向性涉企法治服务机制",
        "公共法律服务科",
        "2023Q1",
        "2023Q3",
        "示司发〔2023〕33号",
    ),
    "shared_mediation_platform": (
        "搭建共享调解平台",
        "人民参与促进法治科",
        "2023Q1",
        "2023Q2",
        "示司发〔2023〕24号",
    ),
    "legal_aid_linkage": (
        "健全法律援助联动工作机制",
        "公共法律服务科",
        "2022Q4",
        "2023Q3",
        "示司发〔2023〕35号",
    ),
    "arbitration_action": (
        "开展民商事仲裁效能提升行动",
        "公共法律服务科",
        "2023Q2",
        "2023Q4",
        "示司发〔2023〕46号",
    ),
    "notary_booking": ("推行预约公证", "公共法律服务科", "2022Q1", "2022Q3", "示司发〔2022〕27号"),
    "notary_green_inheritance": (
        "推行绿色继承",
        "公共法律服务科",
        "2022Q3",
        "2023Q1",
        "示司发〔2023〕8号",
    ),
    "notary_cloud_service": (
        "推行公证云服务",
        "公共法律服务科",
        "2022Q4",
        "2023Q2",
        "示司发〔2023〕19号",
    ),
    "publicity_duty_review_system": (
        "建立谁执法谁普法履职评议制度",
        "普法治理科",
        "2022Q1",
        "2022Q4",
        "示普办〔2022〕11号",
    ),
    "smart_correction_centre_built": (
        "建成智慧矫正中心",
        "社区矫正科",
        "2022Q3",
        "2023Q1",
        "sfj.example/zhjz/202303",
    ),
    "correction_dual_mode": (
        "推行行为矫正加心理矫治模式",
        "社区矫正科",
        "2022Q2",
        "2023Q2",
        "示司发〔2023〕22号",
    ),
    "resettlement_base_set_up": (
        "依托区职教中心成立安置帮教基地",
        "社区矫正科",
        "2023Q1",
        "2023Q3",
        "示司发〔2023〕31号",
    ),
    "key_indicator_bulletin_system": (
        "出台法治建设重点指标通报制度",
        "法治协调督察科",
        "2024Q1",
        "2024Q1",
        "示法委办〔2024〕4号",
    ),
    "supervised_issue_system": (
        "出台重点问题督办制度",
        "法治协调督察科",
        "2024Q1",
        "2024Q1",
        "示法委办〔2024〕5号",
    ),
    "legality_review_standard_issued": (
        "制定合法性审查工作标准",
        "合法性审查科",
        "2024Q1",
        "2024Q2",
        "示政办发〔2024〕11号",
    ),
    "enforcement_training_mechanism": (
        "健全行政执法培训学习长效机制",
        "执法监督科",
        "2024Q1",
        "2024Q3",
        "示司发〔2024〕28号",
    ),
    "correction_coordination_mechanism": (
        "建立社区矫正沟通协作机制",
        "社区矫正科",
        "2024Q1",
        "2024Q2",
        "示司发〔2024〕17号",
    ),
    "purchased_mediation_service": (
        "推进政府购买人民调解服务",
        "人民参与促进法治科",
        "2024Q1",
        "2024Q3",
        "",
    ),  # said to be done, no evidence
    "district_mediation_brand": ("打造区域调解品牌", "人民参与促进法治科", "2024Q2", "", ""),
}
# item: (row, unit, quarters' own amounts or levels)
FLOWS = {
    "enterprise_disputes_handled": (
        "快速处置涉企纠纷",
        "件",
        {2022: (6, 8, 7, 9), 2023: (11, 15, 16, 18), 2024: (17, 20, 19)},
    ),
    "enterprise_dispute_days": (
        "涉企纠纷处置用时合计",
        "日",
        {2022: (74, 97, 83, 105), 2023: (110, 141, 144, 153), 2024: (136, 154, 143)},
    ),
    "enterprises_served": (
        "靶向性服务企业",
        "家",
        {2022: (18, 22, 21, 25), 2023: (28, 34, 36, 40), 2024: (38, 45, 44)},
    ),
    "platform_disputes_referred": (
        "共享调解平台流转纠纷",
        "件",
        {2022: (0, 0, 0, 0), 2023: (0, 64, 112, 136), 2024: (128, 143, 139)},
    ),
    "correction_joint_meetings": (
        "社区矫正联席会议",
        "次",
        {2022: (0, 1, 1, 1), 2023: (1, 1, 1, 1), 2024: (1, 2, 1)},
    ),
    "correction_information_checks": (
        "社区矫正信息核查",
        "次",
        {2022: (12, 12, 12, 12), 2023: (12, 13, 13, 14), 2024: (15, 15, 15)},
    ),
    "purchased_mediation_budget": (
        "购买人民调解服务经费",
        "万元",
        {
            2022: ("0", "0", "0", "0"),
            2023: ("0", "18.00", "0", "18.00"),
            2024: ("12.50", "12.50", "15.00"),
        },
    ),
}
LEVELS = {
    "legal_advisers_engaged": (
        "法律顾问团人数",
        "人",
        {2022: (12, 12, 12, 12), 2023: (12, 18, 18, 18), 2024: (18, 18, 19)},
    ),
    "key_sectors": ("重点领域数", "个", {2022: (7, 7, 7, 7), 2023: (7, 7, 7, 7), 2024: (7, 7, 7)}),
    "key_sectors_with_mediation": (
        "已建调解组织的重点领域",
        "个",
        {2022: (5, 5, 6, 6), 2023: (6, 6, 7, 7), 2024: (7, 7, 7)},
    ),
    "publicity_duty_units": (
        "普法责任单位",
        "个",
        {2022: (34, 34, 34, 34), 2023: (34, 34, 34, 34), 2024: (34, 34, 34)},
    ),
    "publicity_duty_reviewed": (
        "已开展普法履职评议单位",
        "个",
        {2022: (0, 0, 8, 20), 2023: (0, 9, 18, 30), 2024: (7, 17, 26)},
    ),
    "publicity_duty_met": (
        "普法履职达标单位",
        "个",
        {2022: (0, 0, 6, 15), 2023: (0, 7, 14, 24), 2024: (6, 14, 22)},
    ),
    "purchased_mediators": (
        "购买服务配备调解员",
        "人",
        {2022: (0, 0, 0, 0), 2023: (0, 6, 6, 9), 2024: (10, 12, 14)},
    ),
}
LISTED = ("major_decisions_listed", "重大行政决策目录事项数")  # the catalogue is kept up to date


def make_w11(desk: Desk) -> None:
    """One workbook a quarter; numbers run from 1 January."""
    for quarter in QUARTERS:
        dice = desk.dice("W11 typing", quarter.name)
        clerk = Clerk(dice, quarter.year, mess=0.05)
        sheet = Sheet(dice.choice(("任务清单", "Sheet1")))
        sheet.title(f"示例区司法局{quarter.chinese}重点任务分解与定性事项清单", 8)
        sheet.about(8, "填报单位：办公室", "完成数为年初至本期累计")
        sheet.header(
            [
                (label,)
                for label in (
                    "任务",
                    "责任科室",
                    "目标类型",
                    "目标值",
                    "时限",
                    "完成数",
                    "状态",
                    "佐证",
                )
            ],
            {"任务": "任　务", "状态": "状 态", "佐证": "佐证（文号或链接）"},
        )
        for item, (row, department, *plan) in MILESTONES.items():
            status, evidence = _standing(quarter, *(str(word) for word in plan))
            done = int(status == "已完成" and evidence != "")
            desk.truth.note(quarter.name, DISTRICT, item, done)
            until = f"{quarter.year}年12月"
            sheet.add(row, department, "里程碑", "—", until, None, status, evidence or None)
        for label, unit, typed in _numbers(desk, quarter):
            cell: Cell = clerk.number(typed, unit, none_word=True)
            sheet.add(label, "各科室", "数值", None, f"{quarter.year}年12月", cell, "进行中", None)
        sheet.foot(FOOTER, "注：里程碑须有佐证（文号或链接）方可计为完成。")
        name = {
            1: f"W11重点任务清单{quarter.name}.xlsx",
            2: f"任务分解（{quarter.year}半年）.xlsx",
            3: f"重点任务与定性事项-{quarter.year}.9.xlsx",
            4: f"{quarter.year}年度任务分解完成情况.xlsx",
        }[quarter.number]
        write(desk.raw / quarter.name / name, [sheet])


def _standing(quarter: Quarter, begun: str, done: str, evidence: str) -> tuple[str, str]:
    """A milestone's status and evidence as the sheet of a quarter shows them."""
    if begun == "every year":  # `done` is then the quarter of each year
        if quarter.number >= int(done):
            return "已完成", evidence.format(quarter.year)
        return "进行中", ""
    if done and quarter.name >= done:
        return "已完成", evidence
    return ("进行中" if quarter.name >= begun else "未启动"), ""


def _numbers(desk: Desk, quarter: Quarter) -> list[tuple[str, str, int | Decimal]]:
    """Label, unit and number as typed: flows from 1 January on, levels as they stand."""
    year, at = quarter.year, quarter.number
    typed: list[tuple[str, str, int | Decimal]] = []
    listed = sum(MAJOR_DECISIONS[year][:at])
    desk.truth.note(quarter.name, DISTRICT, LISTED[0], listed)
    typed.append((LISTED[1], "项", listed))
    for item, (label, unit, levels) in LEVELS.items():
        desk.truth.note(quarter.name, DISTRICT, item, levels[year][at - 1])
        typed.append((label, unit, levels[year][at - 1]))
    for item, (label, unit, amounts) in FLOWS.items():
        own = [Decimal(amount) for amount in amounts[year]]  # type: ignore[index]
        desk.truth.note(quarter.name, DISTRICT, item, own[at - 1])
        typed.append((label, unit, sum(own[:at], Decimal(0))))
    return typed


SURVEYS = {2022: (1062, 975, "±1.65个百分点"), 2023: (1058, 985, "±1.53个百分点")}


def make_w12(desk: Desk) -> None:
    """The survey of a year: key and value."""
    for year in ANNUAL_YEARS:
        asked, satisfied, interval = SURVEYS[year]
        desk.truth.note(str(year), DISTRICT, "survey_respondents", asked)
        desk.truth.note(str(year), DISTRICT, "survey_satisfied", satisfied)
        sheet = Sheet("满意度")
        sheet.title(f"示例区{year}年度法治建设满意度调查结果", 3)
        sheet.header([("项目",), ("结果",), ("说明",)], {"项目": "项 目"})
        sheet.add("调查机构", "某高校社会调查中心", None)
        sheet.add("调查方式", "电话访问", "随机拨号")
        sheet.add("有效样本", f"{asked:,}" if year == 2022 else asked, "份")
        sheet.add("满意人数", satisfied, f"满意率{satisfied * 100 / asked:.1f}％")
        sheet.add("95%置信区间", interval, None)
        sheet.add("口径", "回答“满意”和“基本满意”的受访人数占有效样本的比重", None)
        name = {2022: "法治建设满意度调查2022.xlsx", 2023: "W12满意度（2023年度）.xlsx"}[year]
        write(desk.raw / str(year) / name, [sheet])
