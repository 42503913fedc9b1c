"""What a worker tells its parent of one file, as JSON: exact both ways, and nothing that runs.

Floats go as their shortest exact spelling, text may hold lone surrogates, and what JSON lacks is an
object with one key. No cell can be taken for such an object: no cell is one.
"""

import datetime
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from nianbao.readers.opening import Seen
from nianbao.readers.workbook import (
    RESAVE,
    CellError,
    Rejected,
    Sheet,
    UncachedFormula,
    Workbook,
)

Answer = Workbook | Rejected | OSError

READY = b"ready\n"  # a worker's first words; then come answers, each after its length
LENGTH = 8


def pack_request(path: Path, seen: Seen) -> bytes:
    """One line that asks for one file."""
    return json.dumps([str(path), asdict(seen)]).encode() + b"\n"


def unpack_request(line: bytes) -> tuple[Path, Seen]:
    """What `pack_request` packed."""
    path, seen = json.loads(line)
    return Path(path), Seen(**seen)


def pack_answer(answer: Answer) -> bytes:
    """A workbook, or why there is none."""
    if isinstance(answer, Workbook):
        told: dict[str, object] = {
            "sha256": answer.sha256,
            "kind": answer.kind,
            "notes": answer.notes,
            "sheets": [
                [sheet.name, sheet.rows, sheet.merges, sheet.hidden] for sheet in answer.sheets
            ],
        }
    elif isinstance(answer, Rejected):
        told = {"rejected": [answer.code, answer.detail, answer.found, answer.sha256]}
    else:
        told = {"refused": [answer.errno, answer.strerror]}
    return pack(told)


def pack(told: object) -> bytes:
    """Anything made of cells, lists and names, on one line."""
    text = json.dumps(told, default=_tagged, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "surrogatepass")


def unpack(packed: bytes) -> Any:
    """What `pack` packed; a tuple comes back as a list."""
    return json.loads(packed.decode("utf-8", "surrogatepass"), object_hook=_untagged)


def unpack_answer(packed: bytes, path: Path) -> Answer:
    """What `pack_answer` packed, for the file at `path`."""
    told = unpack(packed)
    if "rejected" in told:
        code, detail, found, sha256 = told["rejected"]
        return Rejected(code, detail, found=found, sha256=sha256)
    if "refused" in told:
        return OSError(*told["refused"])
    sheets = tuple(
        Sheet(name, tuple(map(tuple, rows)), tuple(map(tuple, merges)), hidden)
        for name, rows, merges, hidden in told["sheets"]
    )
    notes = tuple((code, detail) for code, detail in told["notes"])
    return Workbook(path, told["sha256"], told["kind"], sheets, notes)


def too_much(how: str, sha256: str) -> Rejected:
    """Refuse a file on which a reader ran out of what it is given."""
    return Rejected(
        "E_CORRUPT",
        f"the file could not be read through {how}, so it is damaged or far too large; {RESAVE}",
        sha256=sha256,
    )


def _tagged(value: object) -> dict[str, object]:
    match value:
        case datetime.datetime():
            return {"datetime": value.isoformat()}
        case datetime.date():
            return {"date": value.isoformat()}
        case datetime.time():
            return {"time": value.isoformat()}
        case datetime.timedelta():
            return {"span": [value.days, value.seconds, value.microseconds]}
        case CellError():
            return {"error": value.text}
        case UncachedFormula():
            return {"formula": value.formula}
    raise TypeError(f"no cell holds a {type(value).__name__}")


_TAGS: Mapping[str, Callable[..., object]] = {
    "datetime": datetime.datetime.fromisoformat,
    "date": datetime.date.fromisoformat,
    "time": datetime.time.fromisoformat,
    "span": lambda parts: datetime.timedelta(*parts),
    "error": CellError,
    "formula": UncachedFormula,
}


def _untagged(found: dict[str, object]) -> object:
    if len(found) == 1:
        ((tag, value),) = found.items()
        if tag in _TAGS:
            return _TAGS[tag](value)
    return found
