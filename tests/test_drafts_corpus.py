"""The corpus of drafts itself: sound against the sample's values, and every kind of slip in it."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Made

from nianbao.drafts.text import read_draft
from tests.drafts.corpus import (
    CORPORA,
    CorpusDraft,
    Slot,
    Values,
    answers,
    blank,
    read_corpus,
    same,
    slots,
    whole,
    write,
)

DRAFTS = [draft for path in CORPORA for draft in read_corpus(path)]
KINDS = {
    "value", "rounding", "unit", "points", "direction", "qualifier", "sum", "share", "twice",
    "date", "list",
}  # fmt: skip


@pytest.fixture(scope="module")
def values(sample: Path, report_of: Callable[[str], Made]) -> Values:
    """The values of the sample's two reports."""
    report_of("2023")
    report_of("2024Q3")
    return Values(sample / "data" / "processed")


@pytest.mark.parametrize("draft", DRAFTS, ids=lambda draft: draft.id)
@pytest.mark.parametrize("text", [blank, whole], ids=["blank", "whole"])
def test_a_draft_of_the_corpus_is_read_as_it_was_written(
    draft: CorpusDraft, text: Callable[[object], str], values: Values, tmp_path: Path
):
    lines = [[text(unit) for unit in line] for line in draft.lines(values)]

    read = read_draft(write(tmp_path, draft, lines))

    assert [one.text for one in read.paragraphs] == [one for line in lines for one in line if one]


@pytest.mark.parametrize("draft", DRAFTS, ids=lambda draft: draft.id)
def test_every_slip_is_planted_once_and_beside_no_other(draft: CorpusDraft, values: Values):
    planted = [slip for errors in draft.rounds(values) for slip in draft.planted(values, errors)]

    assert Counter(slip.kind for slip in planted) >= Counter(one["kind"] for one in draft.errors)
    assert all(slip.text != slip.right for slip in planted)


def test_the_corpus_has_forty_paragraphs_with_blanks_and_every_kind_of_slip(values: Values):
    lines = [line for draft in DRAFTS for line in draft.lines(values) if len(line) == 1]

    assert sum(any(slot.kind == "blank" for slot in slots(unit)) for (unit,) in lines) >= 40
    assert {error["kind"] for draft in DRAFTS for error in draft.errors} == KINDS
    assert {draft.kind for draft in DRAFTS} == {"txt", "md", "docx"}
    assert {draft.period for draft in DRAFTS} == {"2023", "2024Q3"}


def test_an_answer_is_what_stands_in_the_place_of_its_blank():
    unit = ("学习", Slot("blank", "××", "14", ""), "次，", Slot("blank", "××余", "480余", ""), "次")

    assert answers(unit, "学习14次，480余次") == ["14", "480余"]
    assert answers(unit, "学习14次，另有480余次") != ["14", "480余"]
    assert same("100％", "100.0％")
    assert not same("10", "100")
