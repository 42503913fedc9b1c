"""Our own document passes `proof`: what writes the figures and what checks them agree."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Made
from test_documents import write

from nianbao.drafts.proofing import proof
from nianbao.drafts.terms import NO_FIGURES
from nianbao.drafts.text import read_draft
from nianbao.period import Period
from nianbao.workspace import Workspace

# The appendices tell what was found in the files and what definitions and targets rest on: mostly
# numbers that no indicator has. Beyond them these are not covered: how many targets there are, a
# rate's two counts in brackets, staff in post by township (its indicator is called otherwise).
APPENDIX = re.compile(r"附录")
KNOWN = re.compile(r"目标\s?\d+\s?项|[（(]\d+/\d+[）)]|在岗人数最少的是")


@pytest.mark.slow
@pytest.mark.parametrize("period", ["2023", "2024Q3"])
def test_our_own_document_is_proved_up_to_its_appendices(
    sample: Path, report_of: Callable[[str], Made], tmp_path: Path, period: str
):
    document = write(tmp_path, report_of(period)[1])

    proved = proof(Workspace(sample), Period.parse(period), document, "zh")

    paragraphs = read_draft(document).paragraphs
    body = [
        (one, paragraphs[one.paragraph].text)
        for one in proved.verdicts
        if one.kind not in NO_FIGURES
        and not APPENDIX.search("".join(paragraphs[one.paragraph].headings))
    ]
    assert [(one.text, text) for one, text in body if one.verdict == "disagrees"] == []
    left = [(one.text, text) for one, text in body if one.verdict == "unchecked"]
    assert [(number, text) for number, text in left if not KNOWN.search(text)] == []
    assert len(left) < 30 < 500 < len(body)
    assert proved.coverage["percent"] >= 93
