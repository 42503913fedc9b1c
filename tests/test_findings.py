"""Findings in words: sentences without empty brackets, names in quotation marks of their own."""

import pytest

from nianbao.findings import Finding, load_messages
from nianbao.workspace import PROJECT, Workspace


def said(lang: str, code: str, **words: str) -> str:
    return load_messages(Workspace(PROJECT), lang).message(Finding(code, words=words))


@pytest.mark.parametrize(("lang", "blank"), [("zh", "（无）"), ("en", "(none)")])
def test_brackets_that_would_hold_nothing_are_left_out(lang: str, blank: str):
    words = {"name": "W7《调解》", "detail": "data/raw/2023Q1"}
    without = said(lang, "E_MISSING", **words)
    assert blank not in without
    assert "（）" not in without
    assert "()" not in without
    assert "a.xlsx" in said(lang, "E_MISSING", found="a.xlsx", **words)


def test_a_name_with_quotation_marks_keeps_them_as_inner_ones():
    words = {"found": "1200", "expected": "800"}
    assert "“青穗街道·‘智慧矫正中心’使用”" in said(
        "zh", "W_JUMP", name="青穗街道·“智慧矫正中心”使用", **words
    )
