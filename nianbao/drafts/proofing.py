"""`proof`: every figure and word of change of a draft, held against the data and the draft."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nianbao.captions import Captions, load_captions
from nianbao.drafts.figures import Data, opened
from nianbao.drafts.filling import AUTHOR, around, comment, record, stated_of
from nianbao.drafts.matching import matched
from nianbao.drafts.page import Noted, page
from nianbao.drafts.placing import put
from nianbao.drafts.sentences import lists, shares, sums, twice
from nianbao.drafts.terms import NO_FIGURES, Match
from nianbao.drafts.text import Draft, Edit, Paragraph, read_draft, write_draft
from nianbao.drafts.times import dates
from nianbao.drafts.turns import turns
from nianbao.drafts.verdicts import Verdict, judged
from nianbao.period import Period
from nianbao.terminal import printable, wrapped
from nianbao.workspace import Workspace

_VERDICTS = ("agrees", "disagrees", "unchecked")


@dataclass(frozen=True, slots=True)
class Proved:
    """A draft with the verdict on each of its figures, in reading order."""

    draft: Draft
    captions: Captions
    files: tuple[Path, ...]
    verdicts: tuple[Verdict, ...]

    @property
    def exit_code(self) -> int:
        """76 where anything disagrees."""
        return 76 if any(one.verdict == "disagrees" for one in self.verdicts) else 0

    @property
    def coverage(self) -> dict[str, int]:
        """How many figures there are, and how many of each verdict; names and dates are none."""
        return coverage(self.verdicts)

    def lines(self, width: int = 0) -> Iterator[str]:
        """What a terminal shows: how much was covered, then all that disagrees."""
        yield self.captions.say("proof", "counts", self.coverage)
        for one in self.verdicts:
            if one.verdict == "disagrees":
                paragraph = self.draft.paragraphs[one.paragraph]
                told = told_of(self.captions, one)
                line = f"{paragraph.where}  {around(paragraph, one)}  {told}"
                yield from wrapped(printable(line), width, first="  ", hanging="    ")

    def as_record(self) -> dict[str, object]:
        """The same as plain values, for `--json`."""
        return {
            "coverage": self.coverage,
            "verdicts": [
                (record(one.match) if one.match else {})
                | {
                    "paragraph": one.paragraph,
                    "start": one.start,
                    "end": one.end,
                    "text": one.text,
                    "verdict": one.verdict,
                    "kind": one.kind,
                    "right": one.right,
                    "why": told_of(self.captions, one),
                }
                for one in self.verdicts
            ],
        }


def proved(data: Data, draft: Draft, matches: Sequence[Match]) -> Proved:
    """Judge what was matched, and the draft's sentences by themselves; write copy and page."""
    captions = load_captions(data.report.workspace, data.report.lang, "drafts.yml")
    verdicts = _merged(_by_data(data, draft, matches), _by_itself(data, draft, matches))
    shown = [(one, _said(data, captions, one)) for one in verdicts]
    notes = [
        Edit(one.paragraph, one.start, one.end, None, said)
        for one, said in shown
        if one.verdict != "agrees" and one.kind not in NO_FIGURES
    ]
    stem, ending = draft.path.stem, draft.path.suffix
    copy = write_draft(draft, notes, draft.path.with_name(f"{stem}.proof{ending}"), AUTHOR)
    html = draft.path.with_name(f"{stem}.proof.html")
    noted = [Noted(one, said) for one, said in shown]
    put(html, page(draft, noted, captions, coverage(verdicts), data.report.lang).encode())
    return Proved(draft, captions, (copy, html), verdicts)


def coverage(verdicts: Sequence[Verdict]) -> dict[str, int]:
    """How many figures there are, and how many of each verdict; names and dates are none."""
    figures = [one for one in verdicts if one.verdict != "unchecked" or one.kind not in NO_FIGURES]
    counts = {name: sum(one.verdict == name for one in figures) for name in _VERDICTS}
    covered = len(figures) - counts["unchecked"]
    return {
        "figures": len(figures),
        **counts,
        "percent": 100 * covered // len(figures) if figures else 100,
    }


def told_of(captions: Captions, one: Verdict) -> str:
    """A verdict in words: what would be right, and why."""
    words = {"text": one.text, "right": one.right}
    if one.stated:
        words |= {"value": one.stated.text, "unit": one.stated.unit}
    if one.verdict == "disagrees":
        said = captions.say("wrong", one.why, words)
        right = captions.say("proof", "right", words) if one.right else ""
        return f"{said}{right}"
    if one.verdict == "unchecked":
        reason = one.match.reason if one.match and one.why == "no_match" else ""
        return reason or captions.say("why", one.why, words)
    return captions.say("proof", "agrees")


def _said(data: Data, captions: Captions, one: Verdict) -> str:
    """A verdict with the source of the figure that it rests on."""
    told = told_of(captions, one)
    if one.match and one.stated and one.stated.value is not None:
        return f"{told}\n{comment(data, captions, one.match, one.stated)}"
    return told


def _by_data(data: Data, draft: Draft, matches: Sequence[Match]) -> Iterator[Verdict]:
    for match in matches:
        mark = match.mark
        if mark.kind == "number" and match.indicator:
            text = draft.paragraphs[mark.paragraph].text
            yield judged(data, match, stated_of(data, match), text)
            continue
        why = "no_match" if mark.kind == "number" else mark.kind
        kind = "value" if mark.kind == "number" else mark.kind
        yield Verdict(
            mark.paragraph, mark.start, mark.end, mark.text, "unchecked", kind, "", why, match
        )


def _by_itself(data: Data, draft: Draft, matches: Sequence[Match]) -> Iterator[Verdict]:
    numbers = [one for one in matches if one.mark.kind == "number" and one.mark.value is not None]
    headings = {name for one in draft.paragraphs for name in one.headings}
    for paragraph in draft.paragraphs:
        here = [one for one in numbers if one.mark.paragraph == paragraph.number]
        marks = [one.mark for one in here]
        heads = paragraph.number == 0 or paragraph.text.lstrip("# ") in headings
        yield from sums(paragraph, marks)
        yield from shares(paragraph, marks)
        yield from lists(paragraph)
        yield from dates(paragraph, data.period, heads=heads)
        yield from turns(data, paragraph, here, _row(draft, paragraph, numbers))
    unmatched = [one.mark for one in numbers if not one.indicator]
    yield from twice(draft.paragraphs, unmatched)


def _row(draft: Draft, paragraph: Paragraph, numbers: Sequence[Match]) -> list[Match]:
    """What stands in the cells of its row before a table's cell."""
    if not paragraph.row_head:
        return []
    first = paragraph.number
    while first and draft.paragraphs[first - 1].row_head == paragraph.row_head:
        first -= 1
    return [one for one in numbers if first <= one.mark.paragraph < paragraph.number]


def _merged(by_data: Iterator[Verdict], by_itself: Iterator[Verdict]) -> tuple[Verdict, ...]:
    """One verdict for each place: the data's where they have one, else the draft's own, if any.

    Of the draft's own, a contradiction goes before an agreement.
    """
    kept = list(by_data)
    for one in sorted(by_itself, key=lambda one: one.verdict != "disagrees"):
        over = [other for other in kept if _overlap(one, other)]
        if all(other.verdict == "unchecked" for other in over):
            kept = [other for other in kept if other not in over] + [one]
    return tuple(sorted(kept, key=lambda one: (one.paragraph, one.start, one.end)))


def _overlap(one: Verdict, other: Verdict) -> bool:
    return one.paragraph == other.paragraph and one.start < other.end and other.start < one.end


def proof(
    workspace: Workspace, period: Period, path: Path, lang: str, mapping: Path | None = None
) -> Proved:
    """Hold a draft against the data of a period and against itself.

    Raises what `read_draft`, `opened` and `matched` raise.
    """
    draft = read_draft(path, lang)
    data = opened(workspace, period, lang)
    return proved(data, draft, matched(data, draft, mapping))
