import datetime
import itertools
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nianbao.period import Period, period_in_text, squeezed

PERIODS = st.builds(Period, st.integers(1901, 2999), st.sampled_from([None, 1, 2, 3, 4]))


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("2023", Period(2023)),
        ("2024Q1", Period(2024, 1)),
        ("2024Q3", Period(2024, 3)),
        ("2024Q4", Period(2024, 4)),
    ],
)
def test_a_period_is_read_from_its_name(text: str, period: Period) -> None:
    assert Period.parse(text) == period
    assert str(period) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "23",
        "2023年",
        "2024Q5",
        "2024Q0",
        "2024q3",
        "2024-Q3",
        "２０２３",
        "2023\n",
        " 2023",
        "20231",
    ],
)
def test_any_other_text_is_refused_with_advice(text: str) -> None:
    with pytest.raises(ValueError, match="write a year such as 2023"):
        Period.parse(text)


@pytest.mark.parametrize(("year", "quarter"), [(23, None), (1899, 1), (3000, None)])
def test_a_year_is_written_in_four_digits(year: int, quarter: int | None) -> None:
    with pytest.raises(ValueError, match="four digits"):
        Period(year, quarter)


@pytest.mark.parametrize("quarter", [0, 5, -1])
def test_there_are_four_quarters(quarter: int) -> None:
    with pytest.raises(ValueError, match="is not a quarter"):
        Period(2024, quarter)


@given(PERIODS)
def test_a_name_reads_back(period: Period) -> None:
    assert Period.parse(period.name) == period


def test_the_fourth_quarter_keeps_its_own_name() -> None:
    assert Period(2024, 4).name == "2024Q4"
    assert Period(2024, 4) != Period(2024)


def test_a_third_quarter_covers_january_to_september() -> None:
    period = Period(2024, 3)
    assert period.quarters == (Period(2024, 1), Period(2024, 2), Period(2024, 3))
    assert period.first_day == datetime.date(2024, 1, 1)
    assert period.last_day == datetime.date(2024, 9, 30)
    assert period.quarter_first_day == datetime.date(2024, 7, 1)
    assert period.quarter_last_day == datetime.date(2024, 9, 30)
    assert period.elapsed == Fraction(3, 4)
    assert period.previous == Period(2023, 3)


def test_a_year_covers_its_four_quarters() -> None:
    year = Period(2023)
    assert [quarter.name for quarter in year.quarters] == ["2023Q1", "2023Q2", "2023Q3", "2023Q4"]
    assert (year.first_day, year.last_day) == (
        datetime.date(2023, 1, 1),
        datetime.date(2023, 12, 31),
    )
    assert year.elapsed == 1
    assert year.previous == Period(2022)


@pytest.mark.parametrize(
    ("quarter", "first", "last"),
    [(1, (1, 1), (3, 31)), (2, (4, 1), (6, 30)), (3, (7, 1), (9, 30)), (4, (10, 1), (12, 31))],
)
def test_a_quarter_has_its_own_days(
    quarter: int, first: tuple[int, int], last: tuple[int, int]
) -> None:
    period = Period(2024, quarter)
    assert period.quarter_first_day == datetime.date(2024, *first)
    assert period.quarter_last_day == datetime.date(2024, *last)
    assert period.last_day == datetime.date(2024, *last)


def test_a_full_year_is_no_single_quarter() -> None:
    with pytest.raises(ValueError, match="2023 is a full year"):
        _ = Period(2023).quarter_first_day
    with pytest.raises(ValueError, match="2023 is a full year"):
        _ = Period(2023).quarter_last_day


def test_periods_sort_by_their_last_day_the_full_year_last() -> None:
    names = ["2024Q2", "2023", "2024", "2023Q4", "2024Q1", "2024Q4", "2022"]
    ordered = sorted(Period.parse(name) for name in names)
    assert [period.name for period in ordered] == [
        "2022", "2023Q4", "2023", "2024Q1", "2024Q2", "2024Q4", "2024",
    ]  # fmt: skip


@given(PERIODS)
def test_a_periods_quarters_fill_it_without_gap(period: Period) -> None:
    quarters = period.quarters
    assert quarters[0].quarter_first_day == period.first_day
    assert quarters[-1].quarter_last_day == period.last_day
    for earlier, later in itertools.pairwise(quarters):
        assert (later.quarter_first_day - earlier.quarter_last_day).days == 1


@pytest.mark.parametrize(
    ("title", "period"),
    [
        ("示例区2024年第一季度人民调解工作情况统计表", Period(2024, 1)),
        ("示例区2024年一季度人民调解工作情况统计表", Period(2024, 1)),
        ("示例区2024年第2季度公共法律服务季报", Period(2024, 2)),
        ("示例区2024年3季度公共法律服务季报", Period(2024, 3)),
        ("示例区2024年度第四季度统计表", Period(2024, 4)),
        ("２０２４ 年 第 一 季 度 统 计 表", Period(2024, 1)),
        ("2024年　第\u200b一季度", Period(2024, 1)),
        ("2024年Q2调解", Period(2024, 2)),
        ("mediation 2024q3.xls", Period(2024, 3)),
        ("调解 2024-Q3", Period(2024, 3)),
        ("２０２４年１—３月社区矫正月报", Period(2024, 1)),
        ("2024年4-6月社区矫正月报", Period(2024, 2)),
        ("2024年7月至9月社区矫正月报", Period(2024, 3)),
        ("2023年10～12月社区矫正月报", Period(2023, 4)),
        ("2024年第一季度（1-3月）统计表", Period(2024, 1)),
        ("人民调解统计表（第三季度）2023年", Period(2023, 3)),
        ("示例区2023年度司法所基本情况表", Period(2023)),
        ("示例区2023年司法所基本情况表", Period(2023)),
        ("2023年第一批示范村名单", Period(2023)),
        ("2023年民法典宣传月活动台账", Period(2023)),
        ("二〇二三年度司法所基本情况表", Period(2023)),
        ("2024年第一季度统计表 填报时间：2024年4月3日", Period(2024, 1)),
        ("2024年第一季度统计表（4月10日前报送）", Period(2024, 1)),
        ("2023年度统计表 填报时间：2024.1.5", Period(2023)),
    ],
)
def test_a_title_states_its_period(title: str, period: Period) -> None:
    assert period_in_text(title) == period


@pytest.mark.parametrize(
    "title",
    [
        "",
        "人民调解工作情况统计表",
        "第一季度人民调解工作情况统计表",
        "填报时间：2024年4月3日",
        "填报时间：2024.4.3",
        "2024年上半年统计表",
        "2024年1-6月统计表",
        "2024年1—9月统计表",
        "2024年6月社区矫正月报",
        "2024年十二月社区矫正月报",
        "2024年前三季度统计表",
        "2024年一至三季度统计表",
        "2024年第一季度至第三季度统计表",
        "2024年1-3季度统计表",
        "2024年Q1-Q3统计表",
        "2024年一、二季度统计表",
        "2024年第五季度统计表",
        "2024年人民调解工作季报",
        "2023年与2024年第一季度对比表",
        "2021-2023年统计表",
        "2021年至2023年统计表",
        "〔2023〕5号",
        "0538-2024123",
        "24年第一季度",
    ],
)
def test_a_title_without_one_clear_period_states_none(title: str) -> None:
    assert period_in_text(title) is None


def test_squeezed_text_is_narrow_and_without_blanks() -> None:
    assert squeezed("２０２４ 年\u3000第\u200b一\xa0季\n度") == "2024年第一季度"


@given(st.text(alphabet="2024年第一二三四季度月至-Q13上半前十、", max_size=14))
def test_reading_a_title_never_fails(title: str) -> None:
    found = period_in_text(title)
    assert found is None or 1900 <= found.year <= 2999
