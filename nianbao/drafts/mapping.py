"""The matches that an office has confirmed: words of a clause, and the figure they stand for."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nianbao.catalogue import Catalogue
from nianbao.catalogue.source import Source, did_you_mean, read_source, unknown
from nianbao.drafts.phrases import squeezed
from nianbao.drafts.terms import ROLES
from nianbao.errors import UsageError
from nianbao.terminal import printable, say

_KEYS = ("indicator", "role", "place")


@dataclass(frozen=True, slots=True)
class Confirmed:
    """All of `words` in a clause tell the figure; without an indicator, that it is none."""

    words: tuple[str, ...]
    indicator: str = ""
    role: str = ""
    place: str = ""


def load_mapping(path: Path | None, catalogue: Catalogue) -> tuple[Confirmed, ...]:
    """Read a file of confirmed matches, those with the most letters first.

    Raises UsageError where there is no such file, CatalogueError for a mistake in it.
    """
    if path is None:
        return ()
    if not path.is_file():
        raise UsageError(
            say(
                zh=f"没有对应文件 {printable(str(path))}；请核对 --mapping 后的路径。",
                en=f"there is no file {printable(str(path))}; check the path after --mapping.",
            )
        )
    source = read_source(path, printable(path.name))
    if not isinstance(source.content, dict):
        raise source.error((), _manner())
    found = [_entry(source, words, catalogue) for words in source.content]
    return tuple(sorted(found, key=lambda one: -sum(map(len, one.words))))


def confirmed(entries: Sequence[Confirmed], clause: str) -> Confirmed | None:
    """What the office has confirmed of a clause."""
    return next((one for one in entries if all(word in clause for word in one.words)), None)


def _entry(source: Source, words: object, catalogue: Catalogue) -> Confirmed:
    content = source.content[words]
    given = content if isinstance(content, dict) else {"indicator": content or ""}
    told = tuple(squeezed(word) for word in str(words).split())
    if not told or not all(told) or not all(isinstance(one, str) for one in given.values()):
        raise source.error((str(words),), _manner())
    known = {
        "indicator": ("", *catalogue.indicators),
        "role": ROLES,
        "place": tuple(catalogue.places),
    }
    kinds = {"indicator": "指标", "role": "数的种类", "place": "地方代码"}
    for key, value in given.items():
        if key not in _KEYS:
            text = unknown(key, did_you_mean(key, _KEYS), zh="键", en="key")
            raise source.error((str(words), key), text)
        if value not in known[key]:
            text = unknown(value, did_you_mean(value, known[key]), zh=kinds[key], en=key)
            raise source.error((str(words), key), text)
    return Confirmed(told, **given)


def _manner() -> str:
    example = "困难群众 得到法律援助: legal_aid_recipients"
    return say(
        zh=f"每条的写法：本句中的几个词（用空格分开）: 指标名，如 {example}；"
        "也可写 {indicator: 指标名, role: level, place: S00}；指标留空表示不是指标",
        en=f"an entry is some words of the clause, parted by blanks: indicator, as in {example}; "
        "or {indicator: ..., role: level, place: S00}; without one it is no figure",
    )
