import datetime
import re
import unicodedata
from decimal import Decimal

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from number_oracle import oracle, written_chinese

from nianbao.numerals import (
    Meaning,
    NotANumber,
    Policy,
    Qualifier,
    Reading,
    normal_word,
    print_number,
    read_chinese,
    read_number,
)

FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


def code_of(raw: object, unit: str = "") -> str:
    """The finding code of a refusal, or "" where the cell was read."""
    try:
        read_number(raw, unit=unit)
    except NotANumber as refused:
        return refused.code
    return ""


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("0", "0"),
        ("120", "120"),
        ("１２０", "120"),
        ("12.50", "12.5"),
        ("1．5", "1.5"),
        ("１９８", "198"),
        ("007", "7"),
        ("1,234", "1234"),
        ("1，234", "1234"),
        ("１，２３４，５６７．８", "1234567.8"),
        ("\xa012\u3000", "12"),
        ("12\n", "12"),
        ("'120", "120"),
        ("’120", "120"),
        ("+12", "12"),
        ("-12", "-12"),
        ("−12", "-12"),
        ("－12", "-12"),
        ("﹣12", "-12"),
        ("-0", "0"),
        ("3.2万", "32000"),
        ("3.2 万", "32000"),
        ("1.2亿", "120000000"),
        ("2千万", "20000000"),
        ("5千", "5000"),
        ("1,234万", "12340000"),
        ("十", "10"),
        ("十二", "12"),
        ("一百二十", "120"),
        ("一百一十五", "115"),
        ("一百零五", "105"),
        ("两百", "200"),
        ("一万二千", "12000"),
        ("〇", "0"),
        ("一百〇二", "102"),
        ("⼗⼆", "12"),  # Kangxi radicals, as PDF readers copy them
        ("120件", "120"),
        ("120人次", "120"),
        ("12 件", "12"),
        ("１２件", "12"),
        ("十二件", "12"),
        ("两名", "2"),
        ("3.2万件", "32000"),
        (120, "120"),
        (120.0, "120"),
        (-0.0, "0"),
        (0.1 + 0.2, "0.3"),
        (12.000000000000002, "12"),
        (86.5, "86.5"),
        (1e-7, "0.0000001"),
        ("0.30000000000000004", "0.3"),  # the same double, as a CSV has it
        (Decimal("12.50"), "12.5"),
        (999999999999999, "999999999999999"),
        (-999999999999999, "-999999999999999"),
    ],
)
def test_an_exact_number_is_read_exactly(raw: object, value: str) -> None:
    reading = read_number(raw)
    assert reading == Reading(Decimal(value))
    assert str(reading.value) == (value if value != "0.0000001" else "1E-7")


@pytest.mark.parametrize(
    ("raw", "qualifier", "value"),
    [
        ("约120", "~", "120"),
        ("大约120", "~", "120"),
        ("约 120", "~", "120"),
        ("约１２０", "~", "120"),
        ("120左右", "~", "120"),
        ("120件左右", "~", "120"),
        ("120左右件", "~", "120"),
        ("约120左右", "~", "120"),
        ("约-12", "~", "-12"),
        ("约3.2万件", "~", "32000"),
        ("约百人", "~", "100"),
        ("近50", "<=", "50"),
        ("将近50", "<=", "50"),
        ("接近50人", "<=", "50"),
        ("近百", "<=", "100"),
        ("近千万", "<=", "10000000"),
        ("100余", ">=", "100"),
        ("200余人", ">=", "200"),
        ("100多", ">=", "100"),
        ("100多件", ">=", "100"),
        ("超100", ">=", "100"),
        ("超过100", ">=", "100"),
        ("逾100", ">=", "100"),
        ("逾100余", ">=", "100"),
        ("100以上", ">=", "100"),
        ("100人以上", ">=", "100"),
        ("100以上人", ">=", "100"),
        ("200+", ">=", "200"),
        ("200＋", ">=", "200"),
        ("200 +", ">=", "200"),
        ("10万+", ">=", "100000"),
        ("30余万", ">=", "300000"),
        ("3万余件", ">=", "30000"),
        ("1,800余件", ">=", "1800"),
        ("百余", ">=", "100"),
        ("百余件", ">=", "100"),
        ("万余", ">=", "10000"),
        ("十余", ">=", "10"),
        ("二十余万人次", ">=", "200000"),
        ("百余万", ">=", "1000000"),
        ("一千二百多件", ">=", "1200"),
        ("超百家", ">=", "100"),
    ],
)
def test_an_approximate_number_keeps_its_qualifier(
    raw: str, qualifier: Qualifier, value: str
) -> None:
    assert read_number(raw) == Reading(Decimal(value), qualifier, "number", ("W_APPROXIMATE",))


@pytest.mark.parametrize(
    "raw",
    [
        # words that are no number until somebody says what they mean
        "若干", "未统计", "同上", "√", "×", "x", "无", "没有", "全体村民", "十几", "几十",
        "数十", "上百", "Dec", "12月", "N/A", "None", "件", "人次", "约", "余", "以上", "+",
        ".", ",", "万", "百", "万元余",
        # more than a number
        "2+1", "2 + 1", "7.8S", "1（兼）", "1(兼)", "正在整改2项", "12号", "第12", "12。",
        "12？", "12、", "3-5", "3～5", "63%～68%", "12 34", "1 234", "1\xa0234", "12\n34",
        "1, 234", "- 12", "十 二", "120件左右吧", "人民调解120件", "120件120", "120件件",
        "12:30", "1/2", "=12", "¥12", "\"12\"",
        # marks out of place
        "1,23", "12,34", "1234,567", "1,2345", "0,123", ",123", "1,234,", "1，23", "1,234,56",
        "1、234", "1.2.3", "12.", ".5", "1。5", "1·5", "--12", "+-12", "(12)", "—12", "–12",
        "1e5", "1.2E+05", "''12", "1'234",
        # two things at once
        "近百余", "约100余", "约近100", "近100左右", "100余左右", "近100+", "近100以上",
        "30余万余", "+100余", "-100余", "近-50", "超-3", "1.2.3余", "负十二",
        # numerals with two readings, or none
        "一百二", "一万二", "一二", "二〇二三", "三四十", "两十", "一百两", "二百零十", "零五",
        "百二十", "一千二十", "十十", "万万", "一千零二百", "1百2十", "3万2千", "一百2十",
        "1.2万亿", "一万亿",
        # marks that only look like digits once they are normalised
        "12①", "5²", "①", "½", "㈠", "⑴", "12⒈", "㏠", "٣", "१२", "⁻12",
    ],
)  # fmt: skip
def test_whatever_is_left_over_is_refused(raw: str) -> None:
    with pytest.raises(NotANumber) as refused:
        read_number(raw)
    assert refused.value.code == "E_PARSE", refused.value
    assert repr(raw)[1:-1] in str(refused.value)


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ("若干", "names no number"),
        ("十几", "names no number"),
        ("2+1", "sum"),
        ("1（兼）", "remark"),
        ("3-5", "range"),
        ("1,23", "thousands mark"),
        ("1e5", "exponent"),
        ("7.8S", "beside the number"),
        ("未统计", "is not a number"),
        ("近百余", "two things at once"),
        ("1 234", "blank inside"),
        ("12①", "①"),
    ],
)
def test_a_refusal_says_why(raw: str, why: str) -> None:
    with pytest.raises(NotANumber, match=why):
        read_number(raw)


@pytest.mark.parametrize("raw", ["长" * 65, "1" * 65, "1," * 16000, "约" * 32767, "一" * 32767])
def test_a_long_text_is_refused_at_once_and_shown_in_part(raw: str) -> None:
    with pytest.raises(NotANumber) as refused:
        read_number(raw)
    assert refused.value.code == "E_PARSE"
    assert len(str(refused.value)) < 80


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (float("inf"), "E_NONFINITE"),
        (float("-inf"), "E_NONFINITE"),
        (float("nan"), "E_NONFINITE"),
        (Decimal("NaN"), "E_NONFINITE"),
        ("inf", "E_NONFINITE"),
        ("-Infinity", "E_NONFINITE"),
        ("NaN", "E_NONFINITE"),
        ("∞", "E_NONFINITE"),
        (10**15, "E_PRECISION"),
        (-(10**15), "E_PRECISION"),
        pytest.param(10**5000, "E_PRECISION", id="five thousand digits"),
        (1e15, "E_PRECISION"),
        (999999999999999.9, "E_PRECISION"),
        (1.7e308, "E_PRECISION"),
        (Decimal("1E+999999"), "E_PRECISION"),
        ("1234567890123456", "E_PRECISION"),
        ("370902199001011234", "E_PRECISION"),
        ("1000000000万", ""),
        ("100000000亿", "E_PRECISION"),
        (True, "E_TYPE"),
        (False, "E_TYPE"),
        (datetime.datetime(2023, 3, 8, 12, 0), "E_TYPE"),
        (datetime.date(2023, 3, 8), "E_TYPE"),
        (datetime.time(3, 8), "E_TYPE"),
        (datetime.timedelta(hours=3), "E_TYPE"),
        (b"12", "E_TYPE"),
        ([12], "E_TYPE"),
        ("#REF!", "E_CELL_ERROR"),
        ("#DIV/0!", "E_CELL_ERROR"),
        ("＃DIV/0！", "E_CELL_ERROR"),
        ("#N/A", "E_CELL_ERROR"),
    ],
)
def test_what_cannot_be_a_number_has_its_own_code(raw: object, code: str) -> None:
    assert code_of(raw) == code


@pytest.mark.parametrize(
    ("raw", "unit", "value"),
    [
        ("98.5%", "%", "98.5"),
        ("98.5％", "%", "98.5"),
        ("９８．５％", "％", "98.5"),
        ("98.5 %", "%", "98.5"),
        ("98.5", "%", "98.5"),
        (98.5, "%", "98.5"),
        (
            0.985,
            "%",
            "0.985",
        ),  # 0.985 % or 98.5 %: the form's checks ask, the grammar does not guess
        ("86.5万元", "万元", "86.5"),
        ("86.5", "万元", "86.5"),
        ("十二万元", "万元", "12"),
        ("3.2万元", "元", "32000"),
        ("865000元", "元", "865000"),
        ("3.2万人", "万人", "3.2"),
        ("3.2万人次", "人次", "32000"),
        ("120宗", "件", "120"),
        ("12名", "人", "12"),
        ("3场", "次", "3"),
        ("12天", "天", "12"),
        ("12月", "月", "12"),
        ("5村", "村", "5"),
        ("三所", "个", "3"),
    ],
)
def test_a_cell_may_repeat_the_unit_of_its_column(raw: object, unit: str, value: str) -> None:
    assert read_number(raw, unit=unit) == Reading(Decimal(value))


@pytest.mark.parametrize(
    ("raw", "unit"),
    [
        ("865000元", "万元"),
        ("86.5万元", ""),
        ("865000元", ""),
        ("1.2亿元", "万元"),
        ("3.2万", "万元"),  # 3.2 万元 or 32,000 万元
        ("5千", "万元"),
        ("十二万", "万元"),
        ("30余万", "万人"),
        ("98.5%", ""),
        ("98.5%", "件"),
        ("98.5‰", "%"),
        ("2个百分点", "%"),
        ("120人次", "人"),
        ("120人次", "次"),
        ("120人", "人次"),
        ("120人", "件"),
        ("120件", "万元"),
        ("32000人", "万人"),
        ("12天", ""),
    ],
)
def test_another_unit_than_the_columns_is_never_read(raw: str, unit: str) -> None:
    assert code_of(raw, unit) == "E_UNIT"


@pytest.mark.parametrize("raw", ["95%以上", "95以上%"])
def test_a_rate_may_be_approximate(raw: str) -> None:
    assert read_number(raw, unit="%") == Reading(Decimal(95), ">=", notes=("W_APPROXIMATE",))


def test_thirty_odd_ten_thousand_yuan_are_at_least_thirty() -> None:
    assert read_number("30余万元", unit="万元").value == 30


@pytest.mark.parametrize(
    "raw",
    [
        "××",
        "xx",
        "XX",
        "ｘｘ",
        "×××",
        "**",
        "＊＊",
        "___",
        "＿＿",
        "× ×",
        "××件",
        "约××",
        "××余件",
        "××%",
    ],
)
@pytest.mark.parametrize("words", [{}, {"××": "zero", "xx": 0, "**": "not_applicable"}])
def test_a_blank_of_the_form_is_missing_whatever_is_declared(
    raw: str, words: dict[str, Policy]
) -> None:
    reading = read_number(raw, words=words, blank="zero")
    assert reading == Reading(None, state="missing", notes=("W_MISSING",))


@pytest.mark.parametrize("raw", [None, "", "  ", "\u3000", "\xa0", "'", "\n", " " * 200])
def test_a_blank_means_what_the_form_says(raw: object) -> None:
    assert read_number(raw) == Reading(None, state="missing")
    assert read_number(raw, blank="missing") == Reading(None, state="missing")
    assert read_number(raw, blank="not_applicable") == Reading(None, state="not_applicable")
    assert read_number(raw, blank="zero") == Reading(Decimal(0))


@pytest.mark.parametrize("raw", ["—", "－", "-", "–", "−", "――", "——", "--", " — ", "'-"])
def test_a_dash_is_missing_unless_the_form_says_otherwise(raw: str) -> None:
    assert read_number(raw) == Reading(None, state="missing")
    assert read_number(raw, words={"-": "not_applicable"}).state == "not_applicable"
    assert read_number(raw, words={"—": "zero"}) == Reading(Decimal(0))


@pytest.mark.parametrize("raw", ["/", "／", " / ", "//"])
def test_a_slash_is_not_applicable_unless_the_form_says_otherwise(raw: str) -> None:
    assert read_number(raw) == Reading(None, state="not_applicable")
    assert read_number(raw, words={"／": "missing"}) == Reading(None, state="missing")


@pytest.mark.parametrize("raw", ["无", " 无 ", "没有", "'无"])
def test_a_declared_none_word_means_what_it_was_declared_to(raw: str) -> None:
    assert read_number(raw, words={"无": "zero"}) == Reading(Decimal(0))
    assert read_number(raw, words={"无": Decimal(0)}) == Reading(Decimal(0))
    assert read_number(raw, words={"无": "missing"}) == Reading(None, state="missing")


def test_a_more_exact_declaration_of_meiyou_goes_first() -> None:
    words: dict[str, Policy] = {"无": "zero", "没有": "missing"}
    assert read_number("没有", words=words).state == "missing"


@pytest.mark.parametrize(
    ("raw", "value"), [("√", 1), ("✓", 1), ("×", 0), ("✗", 0), ("已建", 1), ("在建", 0)]
)
def test_a_form_may_declare_marks_as_numbers(raw: str, value: int) -> None:
    words: dict[str, Meaning] = {"√": Decimal(1), "×": 0, "已建": 1, "在建": Decimal(0)}
    assert read_number(raw, words=words) == Reading(Decimal(value))


@pytest.mark.parametrize(
    "raw",
    [
        "12\u200b0",
        "\ufeff120",
        "120\u200e",
        "\u202a120\u202c",
        "1\u00ad20",
        "120\x00",
        "\x07120",
        "120\x1f",
    ],
)
def test_invisible_characters_are_taken_out_and_told(raw: str) -> None:
    assert read_number(raw) == Reading(Decimal(120), notes=("W_CTRL_CHAR",))


def test_invisible_characters_are_told_beside_other_notes() -> None:
    assert read_number("约\u200b120").notes == ("W_CTRL_CHAR", "W_APPROXIMATE")
    assert read_number("××\u200b").notes == ("W_CTRL_CHAR", "W_MISSING")
    assert read_number("\u200b") == Reading(None, state="missing", notes=("W_CTRL_CHAR",))
    assert read_number("无\u200b", words={"无": "zero"}).notes == ("W_CTRL_CHAR",)


def test_a_line_break_that_a_control_character_makes_does_not_join_two_numbers() -> None:
    assert code_of("12\x0b34") == "E_PARSE"


def test_words_have_one_spelling() -> None:
    assert normal_word(" 无\u3000") == "无"
    assert normal_word("－") == normal_word("–") == "—"
    assert normal_word("✔") == "√"
    assert normal_word("％") == "%"


NUMBERS = st.integers(-(10**15) + 1, 10**15 - 1).flatmap(
    lambda digits: st.integers(0, 6).map(lambda places: Decimal(digits).scaleb(-places))
)
QUALIFIERS: st.SearchStrategy[Qualifier] = st.sampled_from(["=", ">=", "<=", "~"])


@given(NUMBERS, QUALIFIERS)
@example(Decimal("-0.0"), "=")
@example(Decimal("1.2E+3"), ">=")
def test_what_is_printed_reads_back(value: Decimal, qualifier: Qualifier) -> None:
    if qualifier in (">=", "<="):
        value = abs(value)
    reading = read_number(print_number(value, qualifier))
    assert (reading.value, reading.qualifier, reading.state) == (value, qualifier, "number")
    assert reading.notes == (() if qualifier == "=" else ("W_APPROXIMATE",))


@pytest.mark.parametrize(
    ("value", "qualifier", "printed"),
    [
        ("1234.50", "=", "1234.5"),
        ("120", "~", "约120"),
        ("100", ">=", "100余"),
        ("50", "<=", "近50"),
        ("-12", "~", "约-12"),
        ("1E+3", "=", "1000"),
    ],
)
def test_the_printed_form_is_a_clerks(value: str, qualifier: Qualifier, printed: str) -> None:
    assert print_number(Decimal(value), qualifier) == printed


@pytest.mark.parametrize("qualifier", [">=", "<="])
def test_a_bounded_negative_has_no_typed_form(qualifier: Qualifier) -> None:
    with pytest.raises(ValueError, match="no typed form"):
        print_number(Decimal(-1), qualifier)


@given(NUMBERS, QUALIFIERS, st.sampled_from(["", "件", "人次"]))
def test_full_width_reads_as_half_width(value: Decimal, qualifier: Qualifier, unit: str) -> None:
    typed = print_number(abs(value), qualifier) + unit
    assert read_number(typed.translate(FULL_WIDTH)) == read_number(typed)


@given(st.integers(0, 10**15 - 1), st.integers(0, 999))
def test_right_thousands_marks_change_nothing(whole: int, fraction: int) -> None:
    plain = f"{whole}.{fraction:03d}" if whole < 10**12 else f"{whole}"
    marked = f"{whole:,}" + plain[len(str(whole)) :]
    assert read_number(marked) == read_number(plain)
    assert read_number(marked.replace(",", "，")) == read_number(plain)


@given(st.integers(1000, 10**15 - 1), st.data())
def test_one_thousands_mark_out_of_place_is_refused(whole: int, data: st.DataObject) -> None:
    digits = str(whole)
    at = data.draw(st.integers(1, len(digits) - 1))
    typed = f"{digits[:at]},{digits[at:]}"
    assume(typed != f"{whole:,}")
    assert code_of(typed) == "E_PARSE"


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e14, max_value=1e14))
def test_a_double_is_its_fifteen_digit_decimal(value: float) -> None:
    read = read_number(value).value
    assert read is not None
    assert read == Decimal(f"{value:.15g}")
    assert read_number(f"{value:.17f}").value is not None


@given(st.integers(0, 10**12), st.integers(0, 3))
def test_a_typed_decimal_survives_the_spreadsheets_double(digits: int, places: int) -> None:
    typed = Decimal(digits).scaleb(-places)
    assert read_number(float(typed)).value == typed


def test_every_chinese_numeral_to_a_hundred_thousand_reads_back() -> None:
    wrong = [n for n in range(100_000) if read_chinese(written_chinese(n)) != n]
    assert wrong == []


@given(st.integers(0, 99_999))
def test_spellings_of_a_chinese_numeral_agree(number: int) -> None:
    written = written_chinese(number)
    expected = Reading(Decimal(number))
    assert read_number(written) == expected
    assert read_number(written.replace("零", "〇")) == expected
    assert read_number(written.replace("二百", "两百").replace("二千", "两千")) == expected
    assert read_number(written + "件") == expected
    if written.startswith("一十"):
        assert read_number(written.removeprefix("一")) == expected


def test_large_chinese_numerals_are_read() -> None:
    assert read_chinese("一亿二千万") == 120_000_000
    assert read_chinese("十亿零五百万") == 1_005_000_000
    assert read_chinese("一百二十万三千") == 1_203_000
    assert read_chinese("九千九百九十九亿九千九百九十九万九千九百九十九") == 999_999_999_999


@given(st.text(alphabet="零〇一二两三四五六七八九十百千万亿", max_size=12))
def test_no_two_ways_of_writing_a_numeral_by_chance_agree_wrongly(text: str) -> None:
    value = read_chinese(text)
    if value is not None and value < 100_000:
        spelled = text.replace("〇", "零").replace("两", "二")
        # 一十五 and 十五 are the same; nothing else may differ from the school book's form
        assert spelled.replace("一十", "十") == written_chinese(value).replace("一十", "十")


HARMLESS = {"Cc", "Cf", "Zs", "Zl", "Zp"}  # blanks and invisible characters are taken out by rule
MEANING = set("件起宗卷人名位次场个所家处份册本项条篇户支部台套多余+＋")


@given(st.integers(1, 10**9), st.characters(exclude_categories=["Cs"]))
@example(12, "①")
@example(12, "²")
@example(12, "。")
@example(12, "月")
@example(12, "元")
@example(12, "%")
@example(12, ".")
@example(12, "\u0301")
def test_a_number_with_junk_behind_it_is_never_read_as_that_number(number: int, junk: str) -> None:
    narrow = unicodedata.normalize("NFKC", junk)
    assume(unicodedata.category(junk) not in HARMLESS and not narrow.isspace())
    assume(narrow not in MEANING)
    try:
        reading = read_number(f"{number}{junk}")
    except NotANumber:
        return
    # a digit, or 百 千 万 亿, makes another number
    assert reading.value is not None
    assert reading.value >= number * 10


@given(st.integers(1, 10**9), st.characters(exclude_categories=["Cs"]))
@example(12, "-")
@example(12, "+")
@example(12, "第")
@example(12, "'")
def test_a_number_with_junk_before_it_is_never_read_as_that_number(number: int, junk: str) -> None:
    narrow = unicodedata.normalize("NFKC", junk)
    assume(unicodedata.category(junk) not in HARMLESS and not narrow.isspace())
    assume(narrow not in set("0+'‘’"))
    try:
        reading = read_number(f"{junk}{number}")
    except NotANumber:
        return
    assert reading.qualifier != "=" or reading.value != number


@given(st.text(max_size=80), st.sampled_from(["", "件", "万元", "%"]))
def test_any_text_is_read_or_refused(text: str, unit: str) -> None:
    code = code_of(text, unit)
    assert code in {"", "E_PARSE", "E_UNIT", "E_NONFINITE", "E_PRECISION", "E_CELL_ERROR"}
    if code:
        return
    reading = read_number(text, unit=unit)
    assert (reading.value is None) == (reading.state != "number")


@given(
    st.text(alphabet="约近超余多以上左右+-0123456789.,万亿十百千两零〇件元%人次×x—/ ", max_size=12)
)
def test_any_heap_of_number_words_is_read_or_refused(text: str) -> None:
    try:
        reading = read_number(text, unit="件")
    except NotANumber:
        return
    assert (reading.value is None) == (reading.state != "number")
    assert ("W_APPROXIMATE" in reading.notes) == (reading.qualifier != "=")


# ── the trap catalogue of the forms, one decision each ────────────────────────

# In a column of 件 unless another unit is named: what is certain is read, what a person must
# decide is refused. “missing” and “n/a” are a cell without a number.
TRAPS = (
    """
约120 ~120|100余 >=100|近50 <=50|200+ >=200|若干 E_PARSE|×× missing|xx missing|— missing
－ missing|/ n/a|无 E_PARSE|0 =0|未统计 E_PARSE|同上 E_PARSE|１２０ =120|1,234 =1234|1，234 =1234
1．5 =1.5|十二 =12|一百二十 =120|120件 =120|1（兼） E_PARSE|2+1 E_PARSE|√ E_PARSE|98.5% E_UNIT
98.5％ E_UNIT|0.985 =0.985|3.2万 =32000|1.2亿 =120000000|10万+ >=100000|12月 E_PARSE|Dec E_PARSE
'120 =120|#REF! E_CELL_ERROR|#DIV/0! E_CELL_ERROR|inf E_NONFINITE|nan E_NONFINITE|1e400 E_PARSE
1234567890123456 E_PRECISION|－１２ =-12|−12 =-12|‒12 E_PARSE|(12) E_PARSE|（12） E_PARSE
△12 E_PARSE|▲12 E_PARSE|12- E_PARSE|007 =7|00 =0|1.2.3 E_PARSE|1,23,4 E_PARSE|12,34 E_PARSE
1、234 E_PARSE|1。5 E_PARSE|1.234,5 E_PARSE|1'234 E_PARSE|12_3 E_PARSE|0x1F E_PARSE|1E5 E_PARSE
１２．５０ =12.5|廿 =20|廿三 =23|卅五 =35|卌 E_PARSE|两 =2|俩 E_PARSE|仨 E_PARSE|〇 =0|零 =0
○ E_PARSE|半 E_PARSE|十几 E_PARSE|几十 E_PARSE|数十 E_PARSE|上百 E_PARSE|过百 E_PARSE
百来个 E_PARSE|近百余 E_PARSE|近百 <=100|约百 ~100|百余 >=100|五十多 >=50|三千二 E_PARSE
二百五 E_PARSE|两三 E_PARSE|三五 E_PARSE|一万零五十 =10050|一〇五 E_PARSE|一百〇五 =105
二〇二三 E_PARSE|百分之九十八点五 E_UNIT|千分之五 E_UNIT|5‰ E_UNIT|3成 E_PARSE|1/2 E_PARSE
5-8 E_PARSE|5~8 E_PARSE|5至8 E_PARSE|5—8 E_PARSE|壹佰贰拾 =120|壹拾贰万 =120000|貳拾萬 =200000
三点五 =3.5|十二点五万 =125000|三点 E_PARSE|三点十 E_PARSE|3万2千 E_PARSE|3万2 E_PARSE
1百2十 E_PARSE|120人 E_UNIT|120人次 E_UNIT|5元 E_UNIT|5万元 E_UNIT|120吨 E_PARSE|12千米 E_PARSE
¥12 E_PARSE|12圆 E_PARSE|5️⃣ E_PARSE|1️⃣ E_PARSE|١٢٣ E_PARSE|१२ E_PARSE|x² E_PARSE|5² E_PARSE
₅ E_PARSE|½ E_PARSE|① E_PARSE|㈠ E_PARSE|㊀ E_PARSE|⒓ E_PARSE|𝟏𝟐 E_PARSE|Ⅻ E_PARSE|O E_PARSE
l2 E_PARSE|1O0 E_PARSE|第5 E_PARSE|5号 E_PARSE|120（约） E_PARSE|约约5 E_PARSE|不足50 E_PARSE
50以下 E_PARSE|50以内 E_PARSE|至少100 E_PARSE|>100 E_PARSE|≥100 >=100|≤50 <=50|12左右 ~12
12上下 E_PARSE|大概120 E_PARSE|100余左右 E_PARSE|12++ E_PARSE|TRUE E_PARSE|是 E_PARSE|暂无 E_PARSE
不详 E_PARSE|正在整改2项 E_PARSE|全体村民 E_PARSE|200余件 >=200|7.8S E_PARSE
""".replace("\n", "|")
    .strip("|")
    .split("|")
)
OTHER_COLUMNS = [
    ("百分之九十八点五", "%", "=98.5"),
    ("百分之百", "%", "=100"),
    ("约百分之九十八", "%", "~98"),
    ("百分之九十五以上", "%", ">=95"),
    ("百分之98.5", "%", "=98.5"),
    ("百分之", "%", "E_PARSE"),
    ("百分之98%", "%", "E_PARSE"),
    ("千分之五", "%", "E_UNIT"),
    ("千分之五", "‰", "=5"),
    ("98.5％", "%", "=98.5"),
    ("0.985", "%", "=0.985"),
    ("865000元", "万元", "E_UNIT"),
    ("86.5万元", "万元", "=86.5"),
    ("86.5万元", "元", "=865000"),
    ("3.2万", "万元", "E_UNIT"),
    ("三点二万", "万元", "E_UNIT"),
    ("壹拾贰万元整", "万元", "E_PARSE"),
    ("12人", "人", "=12"),
    ("12名", "人", "=12"),
    ("12件", "人", "E_UNIT"),
]
DASHES = "‐‑‒–—―─"


def decided(raw: object, unit: str = "件") -> str:
    """What the grammar makes of a cell, in a word."""
    try:
        reading = read_number(raw, unit=unit)
    except NotANumber as refused:
        return refused.code
    if reading.value is None:
        return "missing" if reading.state == "missing" else "n/a"
    return f"{reading.qualifier}{reading.value:f}"


@pytest.mark.parametrize("case", TRAPS)
def test_each_trap_of_the_forms_is_read_or_refused_as_decided(case: str) -> None:
    raw, _, expected = case.rpartition(" ") if "n/a" not in case else case.partition(" ")
    assert decided(raw) == expected


@pytest.mark.parametrize(("raw", "unit", "expected"), OTHER_COLUMNS)
def test_each_trap_of_other_columns_is_read_or_refused_as_decided(
    raw: str, unit: str, expected: str
) -> None:
    assert decided(raw, unit) == expected


@pytest.mark.parametrize("dash", DASHES)
def test_a_dash_that_is_no_minus_makes_no_number_negative(dash: str) -> None:
    assert decided(f"{dash}12") == "E_PARSE"


# ── against an oracle that works another way ──────────────────────────────────

STEADY = settings(derandomize=True, max_examples=400, deadline=None)
WHOLE = st.integers(0, 99_999_999)
BOUNDS: dict[str, tuple[str, ...]] = {
    "=": ("{}",),
    "~": ("约{}", "大约{}", "{}左右"),
    "<=": ("近{}", "将近{}", "接近{}"),
    ">=": ("{}余", "{}多", "超{}", "逾{}", "超过{}", "{}以上", "{}+"),
}


@st.composite
def spellings(draw: st.DrawFn) -> tuple[str, Decimal, str]:
    """A number as some clerk may write it, with what it is worth and how sure it is."""
    kind = draw(st.sampled_from(["plain", "grouped", "wide", "scaled", "chinese", "cheque"]))
    number = draw(WHOLE)
    value, typed = Decimal(number), str(number)
    if kind in ("plain", "wide"):
        value = value.scaleb(-draw(st.integers(0, 4)))
        typed = f"{value:f}".translate(FULL_WIDTH if kind == "wide" else {})
    elif kind == "grouped":
        typed = f"{number:,}"
    elif kind == "scaled":
        mark, power = draw(st.sampled_from([("万", 4), ("千", 3), ("亿", 8)]))
        value = Decimal(number % 100_000).scaleb(-2)
        typed, value = f"{value:f}{mark}", value.scaleb(power)
    elif kind == "chinese":
        typed = written_chinese(number)
    elif kind == "cheque":
        typed = written_chinese(number).translate(
            str.maketrans("一二三四五六七八九十百千", "壹贰叁肆伍陆柒捌玖拾佰仟")
        )
    qualifier = draw(st.sampled_from(list(BOUNDS)))
    typed = draw(st.sampled_from(BOUNDS[qualifier])).format(typed)
    return typed + draw(st.sampled_from(["", "件", "起"])), value, qualifier


@STEADY
@given(spellings())
def test_every_spelling_reads_as_the_number_it_was_made_from(
    case: tuple[str, Decimal, str],
) -> None:
    typed, value, qualifier = case
    reading = read_number(typed, unit="件")
    assert (reading.value, reading.qualifier) == (value, qualifier)
    assert oracle(typed) == (value, qualifier)


def agrees_with_the_oracle(text: str) -> None:
    """What is read is what the oracle reads; anything else is refused, never guessed."""
    try:
        reading = read_number(text, unit="件")
    except NotANumber:
        return
    if reading.value is not None:
        assert oracle(text) == (reading.value, reading.qualifier)


@STEADY
@given(
    st.text(
        alphabet="约近超余多以上左右+-0123456789.,万亿百千十两零一二三廿壹拾点件起'", max_size=9
    )
)
@example("二十余万")
@example("一百二十万三千")
@example("万余万")
@example("约约1")
@example("1万万")
@example("十二点五亿余件")
def test_a_heap_of_number_words_is_never_read_otherwise_than_the_oracle_reads_it(text: str) -> None:
    agrees_with_the_oracle(text)


@STEADY
@given(st.text(max_size=12).filter(lambda text: not any(map(str.isspace, text))))
def test_any_text_is_refused_or_is_what_the_oracle_says(text: str) -> None:
    try:
        reading = read_number(text, unit="件")
    except NotANumber:
        return
    visible = "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cf"))
    visible = re.sub("[\u2f00-\u2fd5]", lambda c: unicodedata.normalize("NFKC", c[0]), visible)
    if reading.value is not None:
        assert oracle(visible) == (reading.value, reading.qualifier)


LETTERS = "0123456789.,，％%abXxSl件人元万亿十百千一二三余约近多+-－—/～（）()①²½Ⅻ٣十廿点第个"


@STEADY
@given(spellings(), st.data())
def test_one_wrong_letter_is_refused_or_makes_the_number_that_it_says(
    case: tuple[str, Decimal, str], data: st.DataObject
) -> None:
    typed = case[0]
    at = data.draw(st.integers(0, len(typed) - 1))
    wrong = typed[:at] + data.draw(st.sampled_from(LETTERS)) + typed[at + 1 :]
    agrees_with_the_oracle(wrong)


INVISIBLE = (
    "\u200b\u200c\u200d\u200e\u200f\u202a\u202c\u202d\u202e"
    "\u2060\u2066\u2069\ufeff\u00ad\x00\x07\x7f"
)


@STEADY
@given(spellings(), st.lists(st.sampled_from(INVISIBLE), min_size=1, max_size=3), st.data())
def test_invisible_characters_change_nothing_but_the_note(
    case: tuple[str, Decimal, str], marks: list[str], data: st.DataObject
) -> None:
    typed, value, qualifier = case
    for mark in marks:
        at = data.draw(st.integers(0, len(typed)))
        typed = typed[:at] + mark + typed[at:]
    reading = read_number(typed, unit="件")
    assert (reading.value, reading.qualifier) == (value, qualifier)
    assert "W_CTRL_CHAR" in reading.notes


@STEADY
@given(spellings(), st.text(alphabet=" \u3000\xa0\t\n", max_size=3), st.sampled_from([0, 1]))
def test_blanks_around_a_number_change_nothing(
    case: tuple[str, Decimal, str], blanks: str, side: int
) -> None:
    typed = (blanks + case[0]) if side else (case[0] + blanks)
    assert read_number(typed, unit="件") == read_number(case[0], unit="件")


@STEADY
@given(spellings())
def test_what_was_read_is_printed_and_read_again_as_the_same(
    case: tuple[str, Decimal, str],
) -> None:
    reading = read_number(case[0], unit="件")
    assert reading.value is not None
    again = read_number(print_number(reading.value, reading.qualifier), unit="件")
    assert (again.value, again.qualifier) == (reading.value, reading.qualifier)
