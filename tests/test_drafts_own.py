"""Our own document passes `proof`: what writes the figures and what checks them agree."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Made
from test_documents import write

from nianbao.drafts.proofing import proof
from nianbao.period import Period
from nianbao.workspace import Workspace

NO_FIGURES = {"name", "date", "ordinal", "code"}


@pytest.mark.slow
@pytest.mark.parametrize("period", ["2023", "2024Q3"])
def test_our_own_document_is_proved_with_nothing_uncovered_but_names_and_dates(
    sample: Path, report_of: Callable[[str], Made], tmp_path: Path, period: str
):
    document = write(tmp_path, report_of(period)[1])

    proved = proof(Workspace(sample), Period.parse(period), document, "zh")

    verdicts = proved.as_record()["verdicts"]
    wrong = [one for one in verdicts if one["verdict"] == "disagrees"]
    assert wrong == []
    left = [one for one in verdicts if one["verdict"] == "unchecked"]
    assert Counter(one["kind"] for one in left if one["kind"] not in NO_FIGURES) == Counter()
    assert proved.exit_code == 0
