"""What a row of a sheet is: a row of data, or one of the things that stand around them."""

import datetime
import re
import unicodedata

from nianbao.period import squeezed
from nianbao.readers import CellError, UncachedFormula

TOTAL = re.compile(r"^(合计|总计|总数|全区合计|全区):?$")
SUBTOTAL = re.compile(r"^(小计|.{1,4}小计):?$")
_OTHER_CONTROL = re.compile(r"^(其中.*|全年累计|年度累计|累计|本季合计|本季累计|本年累计)$")
_LEDGER_CONTROL = re.compile(r"^(合计|总计|小计|.{1,4}小计|累计)")
_FOOTER = re.compile(
    r"^(审核人|填表人|填报人|制表人|签发人|负责人|联系电话|填表说明|填报说明|说明|注|备注"
    r"|填报日期|报出日期|数据来源|资料来源|来源)"
)
_LEDGER_FOOTER = re.compile(
    r"^(审核人|填表人|填报人|制表人|签发人|负责人|联系电话|填表说明|填报说明|[说說]明:|[注註]:"
    r"|填报日期|报出日期)"
)
_NIL = re.compile(r"^(无|本期无|本季度?无|本年度?无|零报告)$")
NO_EVENTS = "|".join(one.pattern for one in (_LEDGER_FOOTER, _NIL, _LEDGER_CONTROL))  # in a ledger
_INDEX_LABEL = re.compile(r"^[(（]?(甲|乙|栏次|序号|行次)[)）]?$")
_UNIT_WORDS = frozenset(
    (
        *"个件人次元份%卷条项期家处所场日天名宗起级√×",
        "万元",
        "万人",
        "人次",
        "工作日",
        "√/×",
        "万件",
        "万个",
        "万人次",
    )
)
_CHINESE_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_MONTH_ROW = re.compile(r"(?:[0-9]{4}年)?(1[0-2]|0?[1-9])月份?")
_YEAR_LABEL = re.compile(r"((?:19|20)[0-9]{2})年?度?")
_ROC_LABEL = re.compile(r"(?:民[国國])?([0-9]{1,3})年?度?")
_ROC_BEGINS = 1911  # 民國元年 is the year after
_YEAR_SHEET = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})(?![0-9])")
_MONTH_SHEET = re.compile(r"(?:^|[^-0-9~至到、.—–])(1[0-2]|0?[1-9])月(?![-0-9~至到、—–])")


def is_blank(cell: object) -> bool:
    """Whether a cell holds nothing that can be seen."""
    return cell is None or (isinstance(cell, str) and not squeezed(cell))


def has_content(row: tuple[object, ...]) -> bool:
    """Whether a row holds anything."""
    return not all(is_blank(cell) for cell in row)


def is_marked(cell: object) -> bool:
    """Whether a text holds control, zero-width or bidi characters, which nobody can see."""
    if not isinstance(cell, str) or cell.isprintable():
        return False
    return any(
        unicodedata.category(letter) in ("Cc", "Cf") for letter in cell if letter not in "\t\n\r"
    )


def holds_table(rows: tuple[tuple[object, ...], ...]) -> bool:
    """Whether two neighbouring rows are filled in the same two columns or more."""
    above: set[int] = set()
    for row in rows:
        filled = {column for column, cell in enumerate(row) if not is_blank(cell)}
        if len(filled & above) > 1:
            return True
        above = filled
    return False


def typed_text(raw: object) -> str:
    """A cell as a person sees it: 120, not 120.0; a date as 2023-03-08."""
    match raw:
        case None:
            return ""
        case CellError():
            return raw.text
        case UncachedFormula():
            return f"={raw.formula.removeprefix('=')}" if raw.formula else ""
        case float() if raw.is_integer():
            return str(int(raw))
        case datetime.datetime() if raw.time() == datetime.time():
            return raw.date().isoformat()
        case _:
            return str(raw)


def cell_at(row: tuple[object, ...], column: int) -> object:
    """What stands in a column (from 1); None beyond the row's end and in column 0."""
    return row[column - 1] if 0 < column <= len(row) else None


def row_text(row: tuple[object, ...]) -> str:
    """All that a row says, on one line."""
    return " | ".join(typed_text(cell) for cell in row if not is_blank(cell))


def first_text(row: tuple[object, ...]) -> str:
    """The first thing that a row says."""
    return next((typed_text(cell) for cell in row if not is_blank(cell)), "")


def month_of_row(text: str) -> int:
    """The month that a row's label names, alone: ２月 is 2; a span or a sum of months is 0."""
    found = _MONTH_ROW.fullmatch(squeezed(text))
    return int(found[1]) if found else 0


def month_of_sheet(name: str) -> int:
    """The month that a sheet's name says somewhere: "3月 " is 3; 0 where it says none or a span."""
    found = _MONTH_SHEET.search(squeezed(name))
    return int(found[1]) if found else 0


def year_of_label(text: str, calendar: str = "gregorian") -> int:
    """The year that a label names, alone: 2014年 is 2014, and so is 民國103年 in the ROC's count.

    0 for a span of years or for anything else.
    """
    word = squeezed(text).translate(_CHINESE_DIGITS)
    if calendar == "roc":
        found = _ROC_LABEL.fullmatch(word)
        return _ROC_BEGINS + int(found[1]) if found and int(found[1]) else 0
    found = _YEAR_LABEL.fullmatch(word)
    return int(found[1]) if found else 0


def year_of_sheet(name: str, calendar: str = "gregorian") -> int:
    """The only year that a sheet's name says somewhere; 0 where it says none or several."""
    years = set(_YEAR_SHEET.findall(unicodedata.normalize("NFKC", name)))
    return int(years.pop()) if len(years) == 1 else year_of_label(name, calendar)


def kind_of_grid_row(
    row: tuple[object, ...], label_column: int, *, known: bool, started: bool, width: int = 0
) -> str:
    """Tell rows of data from footers, totals, and the rows of units and numbers below a head.

    `known` says that the label is one the form knows, which settles it; `started` that rows of
    data stand above; `width` how many columns the table has (0: all). Gives "data", "control",
    "footer", "unit row" or "index row".
    """
    if known:
        return "data"
    word = squeezed(typed_text(cell_at(row, label_column)))
    if _FOOTER.match(word or squeezed(first_text(row))):
        return "footer"
    if TOTAL.match(word) or SUBTOTAL.match(word) or _OTHER_CONTROL.match(word):
        return "control"
    if started:
        return "data"
    others = [
        squeezed(typed_text(cell)).strip("()（）")
        for column, cell in enumerate(row[: width or None], 1)
        if not is_blank(cell) and column != label_column
    ]
    if word in ("", "计量单位", "单位") and others and all(o in _UNIT_WORDS for o in others):
        return "unit row"
    if _INDEX_LABEL.match(word) or (not word and _counts_up(others)):
        return "index row"
    return "data"


def kind_of_ledger_row(row: tuple[object, ...]) -> str:
    """Tell events from footers, totals and a nil return (a row that only says 无).

    Gives "data", "control", "footer" or "nil return".
    """
    word = squeezed(first_text(row))
    if _LEDGER_FOOTER.match(word):
        return "footer"
    if _NIL.match(word) and sum(not is_blank(cell) for cell in row) == 1:
        return "nil return"
    return "control" if _LEDGER_CONTROL.match(word) else "data"


def _counts_up(others: list[str]) -> bool:
    """Whether a row only numbers its columns: 1, 2, 3."""
    if len(others) < 2 or not all(other.isdecimal() for other in others):
        return False
    numbers = [int(other) for other in others]
    return numbers[0] in (0, 1, 2) and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
