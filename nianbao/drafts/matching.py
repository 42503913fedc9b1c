"""Which figure each mark of a draft stands for, or why none was recognised."""

from pathlib import Path

from nianbao.drafts.figures import Data
from nianbao.drafts.marks import marks
from nianbao.drafts.terms import Match
from nianbao.drafts.text import Draft


def matched(data: Data, draft: Draft, mapping: Path | None = None) -> tuple[Match, ...]:
    """One match for every mark of a draft, in reading order.

    `mapping` is a file of matches that the office has confirmed.
    """
    del data, mapping
    return tuple(Match(mark) for one in draft.paragraphs for mark in marks(one))
