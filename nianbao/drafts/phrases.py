"""How drafts speak of the indicators: the phrases of catalogue/phrases.yml."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from nianbao.catalogue import Catalogue
from nianbao.catalogue.models import Phrasebook, Spoken
from nianbao.catalogue.reading import read_model
from nianbao.catalogue.source import Source, did_you_mean, read_source, unknown
from nianbao.terminal import say
from nianbao.workspace import Workspace

_FILE = "phrases.yml"
_ROLES = ("say", "numerator", "denominator")
_BRACKETS = re.compile(r"\(([^()]*)\)")
_SIGNS = re.compile(r"[\s\0“”‘’《》「」『』\"'（）()【】〔〕\[\]*#_—-]")
_ONE_WORD = (  # what offices write in several ways
    (re.compile(r"各?(?:(?:乡镇|镇乡|镇)街道?办?(?:事处)?|街道?(?:乡镇|镇乡|镇)|乡镇)"), "镇街"),
    (re.compile(r"城乡村居|城乡社区|社区村居?|村居社区|村社区|村居委会|村社(?!区)"), "村居"),
)


@dataclass(frozen=True, slots=True)
class Word:
    """One of some words has to stand in the clause; `above`: or further up."""

    any_of: tuple[str, ...]
    above: bool = False


@dataclass(frozen=True, slots=True)
class Saying:
    """One way to speak of a figure: its indicator, its role, and the words that have to stand."""

    indicator: str
    role: str  # level, numerator, denominator
    words: tuple[Word, ...]
    own: frozenset[str]  # words that may stand beside them, the phrase's own among them
    unless: frozenset[str]
    only: frozenset[str]


@dataclass(frozen=True, slots=True)
class Phrases:
    """Every saying, and the words that all of them share."""

    sayings: tuple[Saying, ...]
    filler: frozenset[str]
    narrowing: frozenset[str]
    topics: frozenset[str]
    telling: frozenset[str]  # words that some indicator is told by
    verb: re.Pattern[str]  # what an office does; who does it stands before


def squeezed(text: str) -> str:
    """Text without quotes, brackets and blanks, in one spelling of 镇（街道） and 村（居）."""
    text = _SIGNS.sub("", text)
    for pattern, word in _ONE_WORD:
        text = pattern.sub(word, text)
    return text


def load_phrases(workspace: Workspace, catalogue: Catalogue) -> Phrases:
    """Read the phrases of a workspace; the name of an indicator is a phrase too.

    Raises CatalogueError for an indicator that there is not, and for a phrase without words.
    """
    source = read_source(workspace.catalogue_file(_FILE), f"catalogue/{_FILE}")
    book = read_model(source, Phrasebook)
    for name in book.indicators:
        if name not in catalogue.indicators:
            hint = did_you_mean(name, catalogue.indicators)
            raise source.error(("indicators", name), unknown(name, hint, zh="指标", en="indicator"))
    names = {name: str(one.name) for name, one in catalogue.indicators.items()}
    counted = [name for name, one in catalogue.indicators.items() if one.over_time != "done"]
    sayings = tuple(
        saying
        for name in counted
        for saying in _sayings(source, name, names[name], book.indicators.get(name, Spoken()))
    )
    filler = _words(book.filler)
    telling = frozenset(
        one for each in sayings for word in each.words for one in word.any_of if len(one) > 1
    )
    verb = re.compile("|".join(map(re.escape, book.verbs.split())) or "(?!)")
    return Phrases(
        sayings, filler, _words(book.narrowing), _words(book.topics), telling - filler, verb
    )


def _sayings(source: Source, name: str, title: str, spoken: Spoken) -> Iterator[Saying]:
    also, unless, only = (_words(text) for text in (spoken.also, spoken.unless, spoken.only))
    told: Mapping[str, Iterable[str]] = MappingProxyType(
        {
            "say": (*spoken.say, squeezed(title)),
            "numerator": spoken.numerator,
            "denominator": spoken.denominator,
        }
    )
    parts = {
        role: [_phrase(source, name, role, at, text) for at, text in enumerate(told[role])]
        for role in _ROLES
    }
    every = {one for phrase in parts["say"] for word in phrase for one in word.any_of}
    for role, phrases in parts.items():
        for phrase in phrases:
            own = {one for word in phrase for one in word.any_of} | also
            if role == "say":
                own |= every - unless
            yield Saying(
                name, "level" if role == "say" else role, phrase, frozenset(own), unless, only
            )


def _phrase(source: Source, name: str, key: str, at: int, text: str) -> tuple[Word, ...]:
    above = [
        Word(tuple(squeezed(one) for one in word.split("|")), above=True)
        for group in _BRACKETS.findall(text)
        for word in group.split()
    ]
    here = [
        Word(tuple(squeezed(one) for one in word.split("|")))
        for word in _BRACKETS.sub(" ", text).split()
    ]
    words = (*above, *here)
    if not words or not all(all(word.any_of) for word in words):
        message = say(
            zh=f"“{text}”缺少词；用空格分开各词，a|b 是二者之一，(a) 可以在前文",
            en=f"“{text}” lacks a word; blanks part words, a|b is one of two, (a) may stand above",
        )
        raise source.error(("indicators", name, key, at), message)
    return words


def _words(text: str) -> frozenset[str]:
    return frozenset(squeezed(one) for one in text.split()) - {""}
