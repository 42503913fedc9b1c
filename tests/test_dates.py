import datetime
import re

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nianbao.dates import NotADate, read_date
from nianbao.period import Period, squeezed

MARCH_8 = datetime.date(2023, 3, 8)
IN_2023 = Period(2023, 1)


@pytest.mark.parametrize(
    "raw",
    [
        "2023.3.8",
        "2023.03.08",
        "2023年3月8号",
        "2023年3月8日",
        "2023 年 3 月 8 日",
        "2023-03-08",
        "2023/3/8",
        "20230308",
        20230308,
        20230308.0,
        "44993",
        44993,
        44993.0,
        44993.75,
        "44993.0",
        "3/8",
        "3月8日",
        "二〇二三年三月八日",
        "二○二三年三月八号",
        "二零二三年三月八日",
        "三月八日",
        "03月08号",
        "２０２３．３．８",
        "２０２３年３月８日",
        "３／８",
        " 2023.3.8\u3000",
        "'2023-03-08",
        "\u200b2023-03-08",
        "2023-03-08 00:00:00",
        "2023-03-08T14:05",
        "2023/3/8 9:30",
        "2023/3/8　9：30",
        datetime.date(2023, 3, 8),
        datetime.datetime(2023, 3, 8, 23, 59),
    ],
)
def test_the_eighth_of_march_is_read_however_it_was_written(raw: object) -> None:
    # 44993: 44927 is 1 January 2023, and 8 March is 66 days on
    assert read_date(raw, IN_2023) == MARCH_8


@pytest.mark.parametrize(
    "raw",
    [
        "二三年三月八日", "二〇二三年十三月八日", "二〇二三年三月零八日", "一〇二三年三月八日",
        "二〇二三年二月三十日", "三月八", "2023年三月8日", "2023.3.8.", "2023、3、8", "3/8/2023",
        "2023-3-8 上午", "2023年3月上旬", "3月8日-9日", "③月⑧日", "2023.3.1①", "2023.3.1²",
        "2023‑03", "5位数", 32873, 73051,
        None, "", "—", "若干", "2023", 2023, "2023.3", "3.8", 3.8, "3-8", "23.3.8", "8/3/23",
        "2023年3月", "2023-3/8", "2023-13-01", "2023.2.29", "2/29", "0/8", "20230231", "2023年3月8",
        "2023.3.1 8", "2023-03-08 25", "2023-03-08 29:00 ", "2023.3.8-3.10", "2023.3.8，甲镇",
        "1023-03-08", "00230308", 1, 100, 999999, -44993, 1e300, float("nan"), float("inf"),
        pytest.param(10**5000, id="five thousand digits"), True,
        b"2023", datetime.time(3, 8), datetime.timedelta(1), pd.NaT, "9" * 5000,
        "2023年3月8日" * 50,
    ],
)  # fmt: skip
def test_anything_else_is_no_date(raw: object) -> None:
    with pytest.raises(NotADate) as refused:
        read_date(raw, IN_2023)
    assert refused.value.code == "E_PARSE"
    assert len(str(refused.value)) < 120


def test_a_date_without_a_year_belongs_to_the_periods_year() -> None:
    assert read_date("2/29", Period(2024)) == datetime.date(2024, 2, 29)
    assert read_date("12月31日", Period(2022, 4)) == datetime.date(2022, 12, 31)


DAYS = st.dates(datetime.date(1990, 1, 1), datetime.date(2099, 12, 31))


@given(DAYS)
def test_every_day_is_read_back_from_each_form(day: datetime.date) -> None:
    typed = f"{day.year}年{day.month}月{day.day}日"
    full_width = typed.translate({ord("0") + digit: chr(ord("０") + digit) for digit in range(10)})
    serial = (day - datetime.date(1899, 12, 30)).days
    dotted, short = f"{day.year}.{day.month}.{day.day}", f"{day.month}/{day.day}"
    for raw in (typed, full_width, dotted, day.isoformat(), f"{day:%Y%m%d}", serial, float(serial)):
        assert read_date(raw, IN_2023) == day
    assert read_date(short, Period(day.year)) == day


@given(DAYS, st.sampled_from("0123456789+,，、~xX元()年"))
def test_a_date_with_something_appended_is_not_that_date(day: datetime.date, junk: str) -> None:
    with pytest.raises(NotADate):
        read_date(f"{day:%Y-%m-%d}{junk}", IN_2023)
    with pytest.raises(NotADate):
        read_date(f"{day.year}年{day.month}月{day.day}日{junk}", IN_2023)


@settings(derandomize=True, max_examples=400, deadline=None)
@given(st.text(alphabet="0123456789./-年月日号 〇二三八十'T:", max_size=14))
def test_a_heap_of_date_characters_is_never_read_otherwise_than_by_its_numbers(text: str) -> None:
    try:
        day = read_date(text, IN_2023)
    except NotADate:
        return
    chinese = {"〇": 0, "二": 2, "三": 3, "八": 8, "十": 10}
    if any(letter in text for letter in chinese):
        assert re.fullmatch(
            "(?:[〇二三八]{4}年)?[二三八十]{1,3}月[二三八十]{1,3}[日号]", squeezed(text)
        )
        return
    groups = [int(digits) for digits in re.findall("[0-9]+", re.split("[T ]+[0-9]+:", text)[0])]
    serial = (day - datetime.date(1899, 12, 30)).days
    assert groups in ([day.year, day.month, day.day], [day.month, day.day]) or groups[:1] in (
        [serial],
        [int(f"{day:%Y%m%d}")],
    )
