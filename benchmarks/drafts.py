"""How well drafts are filled and proved: the corpora of tests/drafts, or one draft of your own.

python -m benchmarks.drafts [--corpus FILE …] [--draft FILE --year 2023 [--quarter 3]]
"""

import argparse
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from nianbao.drafts.figures import Data, opened
from nianbao.drafts.filling import filled
from nianbao.drafts.matching import matched
from nianbao.drafts.proofing import proved
from nianbao.drafts.text import read_draft
from nianbao.period import Period
from nianbao.report import Report
from nianbao.workspace import PROJECT, Workspace
from tests.drafts.corpus import (
    CORPORA,
    CorpusDraft,
    Planted,
    Unit,
    Values,
    answers,
    blank,
    read_corpus,
    same,
    slots,
    whole,
    write,
)

_NEAR = 12  # letters between a slip and the verdict that finds it
_ANYWHERE = ("sum", "share", "twice", "list", "date")  # may be told at another place of the text


@dataclass(slots=True)
class Score:
    """What was counted; `missed` says each miss in a line."""

    counts: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)

    def add(self, other: "Score") -> None:
        self.counts += other.counts
        self.missed += other.missed

    def miss(self, what: str, line: str) -> None:
        self.counts[what] += 1
        self.missed.append(f"{what:<14} {line}")


def sample_workspace(root: Path) -> Workspace:
    """The project's sample with the tables of both periods."""
    shutil.copytree(PROJECT / "data" / "raw", root / "data" / "raw")
    shutil.copy(PROJECT / "data" / "corrections.csv", root / "data")
    for period in ("2023", "2024Q3"):
        report = Report.open(workspace=str(root), period=period)
        report.clean()
        report.compute_values()
        report.compute_standings()
    return Workspace(root)


@cache
def _data(root: Path, period: str) -> Data:
    """The figures of a period, worked out once."""
    return opened(Workspace(root), Period.parse(period), "zh")


def measured(draft: CorpusDraft, root: Path) -> Score:
    """Fill a draft, prove it whole, and prove it with each of its slips."""
    values, score = Values(root / "data" / "processed"), Score()
    with tempfile.TemporaryDirectory() as folder:
        _filled(draft, values, root, Path(folder), score)
        sound = _verdicts(draft, values, root, Path(folder))
        _alarms(draft, draft.units(values), sound, score)
        for errors in draft.rounds(values):
            slips = list(draft.planted(values, errors))
            found = _verdicts(draft, values, root, Path(folder), errors)
            for slip in slips:
                _caught(draft, slip, found, sound, score)
    return score


def _filled(draft: CorpusDraft, values: Values, root: Path, folder: Path, score: Score) -> None:
    lines = draft.lines(values)
    path = write(folder, draft, [[blank(unit) for unit in line] for line in lines])
    data, given = _data(root, draft.period), read_draft(path)
    filled(data, given, matched(data, given))
    read = read_draft(path.with_name(f"{path.stem}.filled{path.suffix}"))
    units = [unit for unit in draft.units(values) if blank(unit).strip()]
    for unit, paragraph in zip(units, read.paragraphs, strict=True):
        given = answers(unit, paragraph.text)
        if given is None:
            score.miss("spoilt", f"{draft.id}: {paragraph.text}")
            continue
        for slot, answer in zip(slots(unit), given, strict=True):
            where = f"{draft.id}: {slot.source}: {answer} for {slot.whole} in {blank(unit)[:60]}"
            if slot.kind != "blank":
                score.counts["stay"] += 1
                if answer != slot.blank:
                    score.miss("stay_filled", where)
            elif same(answer, slot.whole):
                score.counts["filled_right"] += 1
            else:
                score.miss("not_filled" if answer == slot.blank else "filled_wrong", where)


def _verdicts(
    draft: CorpusDraft, values: Values, root: Path, folder: Path, errors: Sequence[Any] = ()
) -> list[dict[str, Any]]:
    """The verdicts on the finished text, by the unit that they are about."""
    lines = draft.lines(values, errors)
    path = write(folder, draft, [[whole(unit) for unit in line] for line in lines])
    data, given = _data(root, draft.period), read_draft(path)
    told = proved(data, given, matched(data, given)).as_record()
    numbers = [n for n, unit in enumerate(draft.units(values)) if whole(unit).strip()]
    verdicts: Any = told["verdicts"]
    return [one | {"unit": numbers[one["paragraph"]]} for one in verdicts]


def _alarms(
    draft: CorpusDraft, units: list[Unit], sound: list[dict[str, Any]], score: Score
) -> None:
    for one in sound:
        score.counts[one["verdict"]] += 1
        if one["verdict"] == "disagrees":
            text = whole(units[one["unit"]])
            told = f"{one['text']} → {one['right']} ({one['kind']})"
            score.miss("false_alarm", f"{draft.id}: {told} in {text[:80]}")


def _caught(
    draft: CorpusDraft,
    slip: Planted,
    found: list[dict[str, Any]],
    sound: list[dict[str, Any]],
    score: Score,
) -> None:
    """Count a slip as caught where something disagrees near it that did not before."""
    former = {(one["unit"], one["text"], one["right"]) for one in sound}
    for one in found:
        new = (one["unit"], one["text"], one["right"]) not in former
        near = one["unit"] == slip.unit and (
            one["start"] <= slip.end + _NEAR and slip.start <= one["end"] + _NEAR
        )
        if one["verdict"] == "disagrees" and new and (near or slip.kind in _ANYWHERE):
            score.counts[f"caught {slip.kind}"] += 1
            text = slip.text[: one["start"]] + str(one["right"]) + slip.text[one["end"] :]
            score.counts["right_given"] += near and same(text, slip.right)
            return
    line = f"{draft.id}: {slip.text[max(slip.start - 20, 0) : slip.end + 12]}"
    score.miss(f"missed {slip.kind}", f"{line}, right: {slip.right[slip.start - 8 : slip.end + 8]}")


def lines(score: Score) -> Iterator[str]:
    """The figures, then each miss."""
    c = score.counts
    right, wrong = c["filled_right"], c["filled_wrong"]
    blanks, filled = right + wrong + c["not_filled"], right + wrong + c["stay_filled"]
    yield f"filling: {blanks} blanks, {c['stay']} that must stay, {c['spoilt']} paragraphs spoilt"
    yield f"  precision {_share(right, filled)}   recall {_share(right, blanks)}"
    kinds = sorted({name.split()[1] for name in c if name.startswith(("caught ", "missed "))})
    caught = sum(c[f"caught {kind}"] for kind in kinds)
    planted = caught + sum(c[f"missed {kind}"] for kind in kinds)
    yield f"slips: {planted} planted, recall {_share(caught, planted)}"
    yield f"  the right text told for {_share(c['right_given'], caught)} of those caught"
    for kind in kinds:
        of = c[f"caught {kind}"] + c[f"missed {kind}"]
        yield f"  {kind:<10} {c[f'caught {kind}']:>3} of {of:>3}"
    every = c["agrees"] + c["disagrees"] + c["unchecked"]
    yield f"proved without a slip: {every} figures and words"
    yield f"  false alarms {_share(c['false_alarm'], every)}   covered {_share(c['agrees'], every)}"
    yield from sorted(score.missed)


def _share(part: int, of: int) -> str:
    return f"{100 * part / of:.1f} % ({part} of {of})" if of else "none"


def _own(draft: Path, period: Period) -> Iterator[str]:
    """What becomes of a draft of your own, which is not touched: every blank and verdict."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = sample_workspace(Path(folder))
        path = Path(shutil.copy(draft, folder))
        data, read = _data(workspace.root, period.name), read_draft(path)
        done = filled(data, read, matched(data, read)).as_record()
        for name in ("filled", "left"):
            told: Any = done[name]
            yield f"{name}: {len(told)}"
            for one in told:
                text = read.paragraphs[one["paragraph"]].text
                around = text[max(one["start"] - 16, 0) : one["end"] + 6]
                said = one.get("text") if name == "filled" else one.get("kind")
                yield f"  {said}  {one.get('indicator', '')}  …{around}…"
        copy = read_draft(path.with_name(f"{path.stem}.filled{path.suffix}"))
        verdicts: Any = proved(data, copy, matched(data, copy)).as_record()["verdicts"]
        yield f"proved: {dict(Counter(one['verdict'] for one in verdicts))}"
        text = [one.text for one in copy.paragraphs]
        for one in verdicts:
            around = text[one["paragraph"]][max(one["start"] - 16, 0) : one["end"] + 6]
            yield f"  {one['verdict']}  {one['text']}  …{around}…"


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.drafts", description=__doc__)
    parser.add_argument("--corpus", type=Path, default=list(CORPORA), nargs="+")
    parser.add_argument("--draft", type=Path)
    parser.add_argument("--year", type=int, default=2023)
    parser.add_argument("--quarter", type=int)
    parser.add_argument("--totals", action="store_true", help="kinds and numbers of misses only")
    asked = parser.parse_args()
    if asked.draft:
        print("\n".join(_own(asked.draft, Period(asked.year, asked.quarter))))
        return 0
    with tempfile.TemporaryDirectory() as folder, ProcessPoolExecutor(2) as pool:
        sample_workspace(Path(folder))
        for path in asked.corpus:
            score, drafts = Score(), read_corpus(path)
            for one in pool.map(measured, drafts, [Path(folder)] * len(drafts)):
                score.add(one)
            if asked.totals:
                score.missed = []
            print(f"{path.name}: {len(drafts)} drafts")
            print("\n".join(lines(score)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
