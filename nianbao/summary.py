"""The summary that `check` prints: by code, by file, the proposed lines, and how it ends."""

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path

from nianbao.checking import Checked
from nianbao.terminal import columns, printable, wrapped

_SHOWN = 20  # proposed lines of one file; the quarantine has them all
_COUNTS = ("rows_seen", "accepted", "excluded", "quarantined")


def summary(checked: Checked, shown: Mapping[str, str], width: int = 0) -> Iterator[str]:
    """The lines of a summary, cut to a terminal's width; 0 leaves them whole.

    `shown` names the two places to look at further, `findings` and `quarantine`, as a user types
    them.
    """
    captions = checked.captions
    yield from _codes(checked, width)
    yield from _files(checked, width)
    yield from _totals(checked)
    yield from _proposals(checked, shown, width)
    yield ""
    yield captions.say("summary", f"exit_{checked.exit_code}")
    yield captions.say("summary", "where", shown)
    if checked.quarantine:
        yield captions.say("summary", "aside", shown)


def _codes(checked: Checked, width: int) -> Iterator[str]:
    """How often each finding was made, what it means, and where first."""
    captions = checked.captions
    counted = Counter((row["severity"], row["code"]) for row in checked.findings)
    first = {row["code"]: row for row in reversed(checked.findings)}
    yield captions.say("summary", "codes")
    if not counted:
        yield f"  {captions.say('summary', 'no_findings')}"
    meanings = {code: captions.meaning(code) for _, code in counted}
    codes = max((len(code) for code in meanings), default=0)
    said = max((columns(text) for text in meanings.values()), default=0)
    order = ("error", "warning", "info")
    for (severity, code), number in sorted(
        counted.items(), key=lambda c: (order.index(c[0][0]), c)
    ):
        start = f"  {_padded(captions.say('summary', severity), 7)} {code:<{codes}} {number:>5}  "
        start += f"{_padded(meanings[code], said)}  "
        yield start + _cut(_place(first[code]), width - columns(start) if width else 0)
    yield ""


def _place(row: Mapping[str, str]) -> str:
    names = (row["file"].removeprefix("data/raw/"), row["sheet"], row["cell"])
    return printable(" › ".join(name for name in names if name) or row.get("period", ""))


def _files(checked: Checked, width: int) -> Iterator[str]:
    """The files that something was said about, or that were rejected, each with its rows."""
    captions = checked.captions
    by_file: dict[str, Counter[str]] = {}
    for row in checked.findings:
        by_file.setdefault(row["file"], Counter())[row["code"]] += 1
    wanted = [f for f in checked.files if f["rejected"] or str(f["path"]) in by_file]
    if wanted:
        yield captions.say("summary", "files")
        yield f"  {captions.say('summary', 'counts')}"
    for file in wanted:
        counts = " ".join(f"{file[name]!s:>5}" for name in _COUNTS)
        if file["rejected"]:
            how = "rejected" if str(file["rejected"]).startswith("E_") else "not_read"
            counts = " " * (len(counts) - 8) + _padded(captions.say("summary", how), 8)
        codes = " ".join(f"{code} {n}" for code, n in sorted(by_file[str(file["path"])].items()))
        room = width - columns(counts) - len(codes) - 6 if width else 0
        path = _cut(
            printable(str(file["path"]).removeprefix("data/raw/")), max(room, 24 * bool(width))
        )
        yield f"  {counts}  {path}  {codes}"
    if wanted:
        others = {"found": len(checked.files) - len(wanted)}
        yield f"  {captions.say('summary', 'quiet_files', others)}"
        yield ""


def _totals(checked: Checked) -> Iterator[str]:
    seen, accepted, excluded, quarantined = (
        sum(int(str(file[name])) for file in checked.files) for name in _COUNTS
    )
    words = {
        "files": len(checked.files),
        "rejected": sum(bool(file["rejected"]) for file in checked.files),
        "seen": seen,
        "accepted": accepted,
        "excluded": excluded,
        "quarantined": quarantined,
        "facts": checked.facts,
    }
    yield checked.captions.say("summary", "total_files", words)
    yield checked.captions.say("summary", "total_rows", words)


def _proposals(checked: Checked, shown: Mapping[str, str], width: int) -> Iterator[str]:
    """The lines to paste, whole, below the file they go into; why, in a comment."""
    captions = checked.captions
    if checked.proposals:
        yield ""
        yield captions.say("summary", "proposals")
    for into, found in groupby(checked.proposals, key=lambda proposal: proposal.into):
        every = list(found)
        for at, lines in groupby(every[:_SHOWN], key=lambda proposal: proposal.at):
            yield ""
            yield from _comment(f"{into} › {at}" if at else into, width)
            for proposal in lines:
                where = {name: getattr(proposal, name) for name in ("file", "sheet", "cell")}
                said = f"{proposal.code} {_place(where)}: {printable(proposal.note(captions))}"
                yield from _comment(said, width)
                yield f"  {printable(proposal.line)}"
        if len(every) > _SHOWN:
            name = str(Path(shown["quarantine"], "proposals"))
            more = {"found": len(every) - _SHOWN, "name": name}
            yield f"  {captions.say('summary', 'more', more)}"


# --- columns of a terminal ------------------------------------------------------------------------


def _padded(text: str, width: int) -> str:
    return text + " " * (width - columns(text))


def _cut(text: str, width: int) -> str:
    """A text with its middle left out where it is wider than there is room; 0 is any width."""
    if not width or columns(text) <= width:
        return text
    head, tail = "", text
    while columns(head) < width // 3:
        head, tail = head + tail[0], tail[1:]
    while columns(head) + 1 + columns(tail) > max(width, columns(head) + 1):
        tail = tail[1:]
    return f"{head}…{tail}"


def _comment(text: str, width: int) -> Iterator[str]:
    return wrapped(text, width, first="  # ", hanging="  # ")
