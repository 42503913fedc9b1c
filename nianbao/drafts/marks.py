"""Every place of a draft where a figure is or belongs, and what only looks like one."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from nianbao.drafts.terms import Mark
from nianbao.drafts.text import Paragraph
from nianbao.numerals import Qualifier, read_chinese

_MANY = "百万|千万|万|亿"
_UNIT = (
    r"个?百分点|个?工作日|个?小时|个?学时|个?课时|分钟|人次|件次|场次|户次|家次|批次|平方米|公里|[％%‰元倍]"
    r"|个(?!体|别|性)|件|起(?!到|草|诉)|宗(?!教)|案(?!件|例|卷)|人(?!民|大|员|才|口|力|均|社|物|士|身|文)"
    r"|名(?!单|称|录|义|誉)|位(?!于|置)|次(?!序|日|年)|场(?!所|地|景|馆)|期(?!间|末|限)|轮|批(?!准|评|示|复)"
    r"|份(?!额)|册|卷(?!宗)|本(?!级|局|区|年|单位|报)|篇|条(?!例|件)|项(?!目)|家(?!庭|园|长)|户(?!籍)|所(?!在|有|长|属)"
    r"|处(?!理|置|罚|长|级)|支(?!部|持|队|出)|台(?!账|帐)|套|辆|间|座(?!谈)|组(?!织|长|建)|队(?!伍|员)|对(?!接|象|于)"
    r"|例(?!会)|类(?!型)|种|部(?!门|署|分)|幅|块|天|日|岁|分(?!局|别|析|管|类|之|析)|级(?!别)"
)
_TAIL = re.compile(
    rf"\s?(?P<more>[余多])?\s?(?P<scale>(?:{_MANY})(?=[余多]?(?:{_UNIT})))?(?P<inner>[余多])?"
    rf"(?P<unit>{_UNIT})?(?P<after>以上|左右)?"
)
_BLANK = re.compile(
    r"[×✕✖╳]+|[〇○◯□△▲●◇◆]{2,}|[_＿]{2,}|＊{2,}|(?<!\*)\*{2,3}(?!\*)|(?<![A-Za-z0-9])[XxＸｘ]+(?![A-Za-z0-9])"
    r"|(?:(?<=\d)|(?<=[一-鿿、]))[（(][ \u3000]+[）)]"
)
_NUMBER = re.compile(
    r"(?<![A-Za-z0-9０-９.．])(?P<sign>[-－−+＋])?"
    r"(?P<digits>[0-9０-９]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9０-９]+(?:[.．][0-9０-９]+)?)"
    r"(?P<scale>[百千万亿](?![元万亿]))?"
)
_CHINESE = re.compile(
    r"(?<![第每各逐同这那某另头前上下本该数初一二两三四五六七八九十百千万零〇几])"
    r"(?P<digits>[一二两三四五六七八九十百千万零〇]+(?:点[零〇一二三四五六七八九]+)?)"
    rf"(?P<more>[余多])?(?=(?:{_UNIT})(?:以上|左右)?(?:[，。；、！？）)\s]|$))"
)
_PERCENT_BEFORE = re.compile(r"[百千]分之$")
_BEFORE: tuple[tuple[re.Pattern[str], Qualifier], ...] = (
    (re.compile(r"(?:大约|约为?)$"), "~"),
    (re.compile(r"(?:(?<!最|附|将)近|将近|接近|不到|不足|不超过|至多)$"), "<="),
    (re.compile(r"(?:超过|突破|(?<!赶)超|逾|至少|不少于|不低于)$"), ">="),
)
_WAY = (
    "增长|增加|上升|提高|提升|增幅|升幅|涨幅|下降|减少|降低|降幅|回落|下滑|缩短|压缩|压减|延长|扩大|增多"
    "|持平|上涨|攀升|递增|净增|多|少|增|减|升|降|高|低"
)
_DIRECTION = re.compile(
    rf"(?P<way>{_WAY})(?:率|幅度|幅)?(?:了|为|达到?|约为?|近|超过?|将近|至少|不到|均为|均|：|:)*"
    r"(?:[-+百]|百分之)?$"
)
_BASIS = re.compile(
    r"同比|环比|[比较与同](?:上年|去年|上一年|前一年|20\d\d年)(?:度|全年)?(?:同期|末|底)?|相比|以来"
)
_CLAUSE = re.compile(r"[，。；！？：\n（(]")
_MONTHS = r"(?:[-—－–~～至到、]+\s?[0-9０-９]{1,4}\s?(?:月|年|日|时))"
_DATED = re.compile(
    rf"\s?(?:年(?!均)|月|号(?!楼)|个月|个?季度|周年|时(?=[0-9])|[:：][0-9]{{2}}|{_MONTHS})"
)
_WRITTEN_DATE = re.compile(r"[-/.][0-9]{1,2}[-/.][0-9]{1,2}(?![0-9.])")
_DAY = re.compile(r"\s?日")
_AFTER_MONTH = re.compile(r"月\s?$|月[0-9０-９×xX]{1,2}[-—－–~～至到、]$")
_ORDINAL_BEFORE = re.compile(r"(?:第|图|附件|附录|附表|(?<![发代报填列])表|之)\s?$")
_ORDINAL_AFTER = re.compile(r"\s?(?:[、.．](?![0-9])|[）)])")
_CODE_AFTER = re.compile(
    r"\s?(?:热线|专线|平台(?!流转)|号|楼|室|[〕\]]|[A-Za-z]|[-—－][0-9]{3,}|[+＋][0-9A-Za-z一二三]|/[A-Za-z])"
)
_CODE_BEFORE = re.compile(
    r"(?:[A-Za-z〔\[＋+]|[0-9][-—－]|[A-Za-z][-—]|[A-Za-z0-9]+/|权重|满分值|电话|热线|编号|邮编|传真|手机|条例|号)[:：]?\s?$"
)
_HOTLINE = re.compile(r"12[0-9]{3}")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_OPEN, _CLOSED = "“《‘", "”》’"
_LONGEST_NUMBER = 9  # digits without a separator: longer ones are telephones and codes
_SAYS_NUMBER = re.compile(
    r"(?:达到?|为|是|共|计|约|近|超过?|占比?|至|由|有|比|指数|系数|得分|分之|目标|增长|增加|上升|提高|提升|下降|减少|降低|"
    r"回落|缩短|延长|同比|均匀度|基尼|[于在从])$"
)
_NOTHING_AFTER = re.compile(r"\s*(?:[，。；、！？）)|]|以上|以内|左右|$)")
_LATIN = re.compile(r"[Xx]")


def marks(paragraph: Paragraph) -> tuple[Mark, ...]:
    """The marks of a paragraph in reading order; none overlap."""
    text = paragraph.text
    found = [*_blanks(paragraph), *_numbers(paragraph), *_chinese(paragraph)]
    found.sort(key=lambda mark: (mark.start, -mark.end))
    kept: list[Mark] = []
    for mark in found:
        if not kept or mark.start >= kept[-1].end:
            kept.append(mark)
    return _carried(text, [_with_style(mark, kept) for mark in kept])


def _blanks(paragraph: Paragraph) -> Iterator[Mark]:
    text = paragraph.text
    for found in _BLANK.finditer(text):
        start, end = found.span()
        mark = _surrounded(Mark(paragraph.number, start, end, found[0], "blank"), text)
        kind = _kind_of_blank(paragraph, mark)
        if kind:
            yield replace(mark, kind=kind)


def _kind_of_blank(paragraph: Paragraph, mark: Mark) -> str:
    """Whether a run of crosses stands for a number, a name, a date …, or for nothing ("")."""
    text = paragraph.text
    before, after = text[: mark.start], text[mark.end :]
    if "*" in mark.text and not mark.unit:
        return ""  # the bold of Markdown
    if re.match(r"[\s0-9]*[0-9]", after) and re.search(r"[0-9]\s*$", before):
        return ""  # 3×5
    if mark.unit == "日" and re.search(r"月\s?$", before):
        return "date"
    if re.match(r"\s?(?:年(?!均)|月|个月|季度|[-—～至]+[^，。]{1,3}月)", after):
        return "date"
    if before.endswith("第") and mark.unit not in ("位", "名"):
        return "ordinal"
    if re.match(r"\s?(?:号|司发|[〔\[])", after) or re.search(r"[〔\[〕\]]\s?$", before):
        return "name"
    if mark.unit:
        return "blank"
    if not text.replace(mark.text, "").strip("（）() \t+-%％余约近"):
        return "blank" if paragraph.column_head or paragraph.row_head else "name"
    if _NOTHING_AFTER.match(after) and _SAYS_NUMBER.search(before):
        return "blank"
    if before and _PERCENT_BEFORE.search(before):
        return "blank"
    lone = len(mark.text) == 1 and _LATIN.match(mark.text)
    return "" if lone and not re.match(r"[一-鿿]", after) else "name"


def _numbers(paragraph: Paragraph) -> Iterator[Mark]:
    text = paragraph.text
    for found in _NUMBER.finditer(text):
        digits, start, end = found["digits"], found.start("digits"), found.end()
        plain = digits.translate(_NARROW).replace(",", "")
        value = Decimal(plain)
        scale = {"百": 2, "千": 3, "万": 4, "亿": 8}.get(found["scale"] or "", 0)
        if found["sign"] and _signs(text, found.start()):
            start = found.start()
            value = -value if found["sign"] in "-－−" else value
        mark = Mark(
            paragraph.number, start, end, text[start:end], "number", value.scaleb(scale),
            style="fullwidth" if not digits.isascii() else "arabic",
            decimals=len(plain.partition(".")[2]), scale=scale,
        )  # fmt: skip
        mark = _surrounded(mark, text)
        yield replace(mark, kind=_kind_of_number(paragraph, mark))


_NARROW = str.maketrans("０１２３４５６７８９．", "0123456789.")


def _signs(text: str, at: int) -> bool:
    """Whether a minus or plus is a number's sign, not a dash between two things."""
    before = text[:at].rstrip(" ")
    return not before or before[-1] in "（(：:|，、；为\t\n"


def _kind_of_number(paragraph: Paragraph, mark: Mark) -> str:
    text = paragraph.text
    before, after = text[: mark.start], text[mark.end :]
    if (
        _WRITTEN_DATE.match(after)
        or _DATED.match(after)
        or _is_day(before, after)
        or re.search(r"[0-9]{1,2}[:：]$", before)
    ):
        return "date"
    if re.search(r"[0-9]{4}[-—－–~～至到/.]$", before) and re.match(r"\s?年", after):
        return "date"
    if _ORDINAL_BEFORE.search(before):
        law = re.match(r"\s?(?:条|款|章|节)", after)
        return "code" if law else "ordinal" if mark.unit not in ("位", "名") else "number"
    if not before.strip("（( #*-") and _ORDINAL_AFTER.match(after):
        return "ordinal"
    if re.search(r"序号|编号|排序", paragraph.column_head):
        return "ordinal"
    if _is_code(mark, before, after):
        return "code"
    if not mark.unit and _YEAR.fullmatch(mark.text) and not paragraph.column_head:
        return "date"
    return "number"


def _is_code(mark: Mark, before: str, after: str) -> bool:
    if _CODE_AFTER.match(after) or _CODE_BEFORE.search(before):
        return True
    if "÷" in before + after:
        return True  # a formula
    if not mark.unit and _HOTLINE.fullmatch(mark.text):
        return True
    if len(mark.text) > _LONGEST_NUMBER and mark.text.isdecimal():
        return True
    opened = max(before.rfind(one) for one in _OPEN)
    closed = max(before.rfind(one) for one in _CLOSED)
    return opened > closed and not mark.unit


def _is_day(before: str, after: str) -> bool:
    return bool(_DAY.match(after) and _AFTER_MONTH.search(before))


def _chinese(paragraph: Paragraph) -> Iterator[Mark]:
    text = paragraph.text
    for found in _CHINESE.finditer(text):
        start, end = found.span("digits")
        whole, _, point = found["digits"].partition("点")
        number = read_chinese(whole)
        if number is None or (number < 2 and not _PERCENT_BEFORE.search(text[:start])):
            continue
        digits = "".join(str(read_chinese(one)) for one in point)
        mark = Mark(
            paragraph.number, start, end, found["digits"], "number",
            Decimal(f"{number}.{digits}" if digits else number),
            style="chinese", decimals=len(digits),
        )  # fmt: skip
        mark = _surrounded(mark, text)
        quoted = text[:start].count("“") > text[:start].count("”")
        yield replace(mark, kind="code") if quoted else mark


def _surrounded(mark: Mark, text: str) -> Mark:
    """A mark with its unit, 余 and 近, and the words of change beside it."""
    tail = _TAIL.match(text, mark.end)
    unit, qualifier = "", mark.qualifier
    if tail:
        unit = (tail["scale"] or "") + (tail["unit"] or "")
        if tail["more"] or tail["inner"] or tail["after"] == "以上":
            qualifier = ">="
        elif tail["after"]:
            qualifier = "~"
    before = text[: mark.start]
    if percent := _PERCENT_BEFORE.search(before):
        unit = unit or percent[0]
        before = before[: percent.start()]
    for words, meant in _BEFORE:
        if words.search(before):
            qualifier = meant
    start = max((one.end() for one in _CLAUSE.finditer(before)), default=0)
    clause = before[start:]
    way = _DIRECTION.search(clause)
    basis = [one[0] for one in _BASIS.finditer(clause)]
    return replace(
        mark,
        unit=unit,
        qualifier=qualifier,
        direction=way["way"] if way and _tells_change(way, clause, unit) else "",
        basis=basis[-1] if basis else "",
    )


def _tells_change(way: re.Match[str], clause: str, unit: str) -> bool:
    """多, 少, 高 and the like are words of change only where something is compared."""
    if len(way["way"]) > 1:
        return True
    return bool(_BASIS.search(clause)) or (way["way"] in "增减升降" and bool(unit))


def _with_style(mark: Mark, every: Sequence[Mark]) -> Mark:
    """A blank is filled in full-width digits where the paragraph's own numbers are all such."""
    if mark.kind != "blank":
        return mark
    styles = {one.style for one in every if one.kind == "number" and one.style != "chinese"}
    return replace(mark, style="fullwidth") if styles == {"fullwidth"} else mark


def _carried(text: str, found: Sequence[Mark]) -> tuple[Mark, ...]:
    """Words that one mark has for those after it: 分别增长××％和××％, 提高××个、××个百分点."""
    done: list[Mark] = []
    for mark in found:
        if done and not mark.direction:
            between = text[done[-1].end : mark.start]
            joined = re.fullmatch(rf"(?:{_UNIT})?[、和及，与]", between)
            alike = mark.unit in ("", done[-1].unit) or _points(done[-1], mark)
            if joined and done[-1].direction and alike:
                mark = replace(mark, direction=done[-1].direction, basis=done[-1].basis)
                if _points(done[-1], mark):
                    done[-1] = replace(done[-1], unit=mark.unit)
        done.append(mark)
    return tuple(done)


def _points(one: Mark, other: Mark) -> bool:
    return one.unit == "个" and other.unit.endswith("百分点")
