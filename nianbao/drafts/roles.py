"""Which number of an indicator a mark asks for: its value, its change, its target, its rank."""

import re

from nianbao.drafts.answers import same_unit
from nianbao.drafts.clauses import Window
from nianbao.drafts.figures import POINTS, TIMES
from nianbao.drafts.scope import When

CHANGES = ("change_percent", "change_points", "change_count", "times")
_TARGET = re.compile(r"(?:目标|任务)(?:值|数|任务)?(?:为|是|定为|：|:)?$|目标(?:值)?[^，。]{0,4}$")
_OF_TARGET = re.compile(
    r"(?:目标|任务|计划)(?:任务|值|数|总?量)?的$|(?:完成率|完成比例|目标完成率)[^，。]{0,3}$|^完成$|完成(?:进度)?[%％]?\|$"
)
_GAP = re.compile(
    r"(?:还差|尚差|相差|差距|仍差|(?<![极落])差(?!距|比|异))[^，。]{0,4}$|(?:高于|低于|超出?|超过)目标$"
    r"|(?:距离|差距)\|$"
)
_BY_NOW = re.compile(r"序时进度(?:为|（)?$|序时(?:进度)?[%％]?\|$")
_APART = re.compile(r"[高低]于(?:全区|全区平均|平均)(?:水平)?$")
_PACE = re.compile(r"每季度需[^0-9]{0,4}$")
_RANK = re.compile(r"(?:第|居|列|排名|位列|位居)\s?$")
_OF_BASE = re.compile(
    r"[是为](?:上年|去年)(?:同期)?(?:数)?的(?:近|约)?$|相当于(?:上年|去年)(?:同期)?的$"
)
_FROM = re.compile(r"[由从](?:上年|去年)?(?:同期)?(?:末|底)?(?:的)?(?:约|近)?$")
_TO = re.compile(r"^(?:提高|增加|上升|提升|增长|下降|降低|减少|降|升|增|减)?(?:到|至|为)")
_REACHED = re.compile(
    r"(?:提高|增加|上升|提升|增长|下降|降低|减少|缩短|降|升|增)?(?:达?到了?|达|至|为)(?:约|近)?"
)
_SHARE = re.compile(
    r"占(?:比|到|总数|全部|总量|其中)?(?:的|为|达)?(?:约)?$|占[^，。]{1,8}(?:的|比重?为?)$"
)
_ALL = re.compile(r"(?:均|都|各)(?:为|达|有|增长|下降|提高|增加)?$")


def role_of(window: Window, time: When) -> str:
    """The role of a mark; "" for a number that no indicator has."""
    mark, left = window.mark, window.left
    unit = "%" if mark.unit in ("％", "%", "百分之") else mark.unit
    if _RANK.search(left) and unit in ("位", "名"):
        return "rank"
    if unit in ("千分之", "‰"):
        return ""
    if _GAP.search(left):
        return "gap" if "目标" in left + window.sentence or "|" in left else ""
    if _PACE.search(left):
        return "required"
    if _APART.search(left):
        return "apart"
    if unit == "%" and _BY_NOW.search(window.sentence + left):
        return "pace"
    if unit == "%" and _OF_TARGET.search(left):
        return "attainment"
    if unit == TIMES and _OF_BASE.search(left):
        return "times"
    if mark.direction:
        return "" if time.plan and not mark.basis else _change(unit)
    if same_unit(unit, POINTS) and unit != "个":
        return ""
    if _FROM.search(left) and _TO.search(window.after):
        return "level" if time.plan else "previous"
    if _TARGET.search(left):
        return "target"
    if time.previous:
        return "previous"
    return "target" if time.plan else "level"


def _change(unit: str) -> str:
    if unit == "%":
        return "change_percent"
    if unit.endswith("百分点"):
        return "change_points"
    return "times" if unit == TIMES else "change_count"


def is_share(window: Window) -> bool:
    """Whether a percentage is called the share of what stands before it."""
    return window.mark.unit in ("％", "%") and bool(_SHARE.search(window.left))


def of_all(window: Window) -> bool:
    """Whether a number is said of several things at once."""
    return bool(_ALL.search(window.left.removesuffix(window.mark.direction)))


def reached(window: Window) -> bool:
    """Whether a number is what another one before it became: 由A件增加到B件."""
    return bool(_REACHED.fullmatch(window.left))


def without_way(left: str, way: str) -> str:
    """What stands before a number and its word of change: 较上年 of 较上年新增."""
    return re.sub(rf"新?{way}(?:了|约|近|达|为|超过)*$", "", left) if way else left
