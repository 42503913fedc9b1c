"""The dates that ledgers hold: typed in many ways, or an Excel serial number."""

import datetime
import functools
import re
import unicodedata

from nianbao.numerals import has_digit_form, read_chinese
from nianbao.period import Period, squeezed

_TIME_OF_DAY = re.compile(
    r"(?<=[0-9日号])[T\s]+(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]+)?)?\s*$"
)
_YEAR = "((?:19|20)[0-9]{2})"
_FULL = re.compile(
    rf"{_YEAR}(?:([./-])([0-9]{{1,2}})\2([0-9]{{1,2}})|年([0-9]{{1,2}})月([0-9]{{1,2}})[日号])"
)
_COMPACT = re.compile(rf"{_YEAR}([0-9]{{2}})([0-9]{{2}})")
_NO_YEAR = re.compile(r"([0-9]{1,2})(?:/([0-9]{1,2})|月([0-9]{1,2})[日号])")
_CHINESE = re.compile(
    "(?:([〇○零一二三四五六七八九]{4})年)?([一二三四五六七八九十]{1,3})月([一二三四五六七八九十]{1,3})[日号]"
)
_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_SERIAL = re.compile(r"([0-9]{5})(?:\.[0-9]+)?")
_SERIAL_ZERO = datetime.date(1899, 12, 30)  # Excel's day 0, past its invented 29 February 1900
# A five-digit number is taken for a serial only where its date could stand in a bureau's ledger.
_SERIAL_FIRST, _SERIAL_LAST = datetime.date(1990, 1, 1), datetime.date(2099, 12, 31)
_LONGEST = 40


class NotADate(ValueError):
    """What was typed is no date that can be read without guessing; `code` is its finding code."""

    code = "E_PARSE"


def read_date(raw: object, period: Period) -> datetime.date:
    """Read one ledger date, the year of 3/8 or 3月8日 being the period's.

    Takes 2023.3.8, 2023-03-08, 2023/3/8, 2023年3月8日 (or 号), 二〇二三年三月八日, 20230308,
    an Excel serial such as 44993, dates and datetimes; full-width digits too; a time of day is
    dropped.
    Raises NotADate for anything else, two-digit years and impossible days among it.
    """
    if isinstance(raw, datetime.date):
        if raw != raw:  # pandas' NaT calls itself a datetime
            raise NotADate("an empty date; write one such as 2023-03-08")
        return raw.date() if isinstance(raw, datetime.datetime) else raw
    if isinstance(raw, bool) or not isinstance(raw, (str, int, float)):
        raise NotADate(f"{type(raw).__name__} is not a date; write one such as 2023-03-08")
    if isinstance(raw, (int, float)):
        if not 0 <= raw < 10**9:
            raise NotADate("the number is no day's serial; write a date such as 2023-03-08")
        raw = f"{raw:.9f}".rstrip("0").rstrip(".") if isinstance(raw, float) else str(raw)
    if len(raw) > _LONGEST:
        raise NotADate(f"{raw[:_LONGEST]!r}… is not a date; write one such as 2023-03-08")
    try:
        found = _typed(raw, period)
    except ValueError as error:
        raise NotADate(f"{raw!r} is no day of the calendar; correct the date") from error
    if found is None:
        raise NotADate(f"{raw!r} is not a date; write one such as 2023-03-08")
    return found


@functools.lru_cache(maxsize=8192)  # a ledger's rows share their days
def _typed(text: str, period: Period) -> datetime.date | None:
    if any(map(has_digit_form, text)):
        return None  # 2023.3.1① is not the eleventh
    # NFKC first, so that a full-width blank or colon sets the time off as a narrow one does.
    day = _TIME_OF_DAY.sub("", unicodedata.normalize("NFKC", text))
    if re.search(r"[0-9]\s+[0-9]", day):
        return None  # 2023.3.1 8: whether the 8 belongs to the day is anybody's guess
    day = squeezed(day).removeprefix("'")
    if found := _COMPACT.fullmatch(day) or _FULL.fullmatch(day):
        year, month, of_month = (part for part in found.groups() if part and part.isdigit())
        return datetime.date(int(year), int(month), int(of_month))
    if found := _NO_YEAR.fullmatch(day):
        month, of_month = (part for part in found.groups() if part)
        return datetime.date(period.year, int(month), int(of_month))
    if found := _CHINESE.fullmatch(day):
        year = (found[1] or str(period.year)).translate(_DIGITS)
        if not re.fullmatch(_YEAR, year):
            return None
        return datetime.date(int(year), read_chinese(found[2]) or 0, read_chinese(found[3]) or 0)
    if found := _SERIAL.fullmatch(day):
        date = _SERIAL_ZERO + datetime.timedelta(days=int(found[1]))
        return date if _SERIAL_FIRST <= date <= _SERIAL_LAST else None
    return None
