"""Which figures a clause may name: every word of it is accounted for, or the score falls."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nianbao.drafts.clauses import CLAUSE
from nianbao.drafts.phrases import Phrases, Saying, Word, squeezed

ENOUGH = 0.72  # the least score of a match
_NEAR = 0.03  # a rival is no further behind
_LONGEST = 12  # letters of a word of the lists
_UNKNOWN, _ACTOR = 0.15, 0.05  # a letter that nothing explains; one that stands before the verb
_IN_SENTENCE, _PER_CLAUSE, _ABOVE = 0.03, 0.01, 0.06


@dataclass(frozen=True, slots=True)
class Named:
    """A figure that a clause may name, the words that tell it, and the letters they cover."""

    saying: Saying
    score: float
    words: tuple[str, ...]
    covered: frozenset[int]

    @property
    def indicator(self) -> str:
        """The indicator that is named."""
        return self.saying.indicator


@dataclass(frozen=True, slots=True)
class Context:
    """What stands before a clause: its sentence, then what is above, the nearest first."""

    sentence: str
    above: tuple[str, ...] = ()


def named(phrases: Phrases, clause: str, context: Context) -> list[Named]:
    """The best way in which each indicator and role may be meant, the likeliest first."""
    best: dict[tuple[str, str], Named] = {}
    for saying in phrases.sayings:
        found = _weighed(phrases, saying, clause, context)
        key = saying.indicator, saying.role
        if found and (key not in best or _order(found) > _order(best[key])):
            best[key] = found
    return sorted(best.values(), key=lambda one: (*_order(one), one.indicator), reverse=True)


def content(phrases: Phrases, clause: str) -> str:
    """What a clause says beside filler."""
    kept = [piece for _, piece in _pieces(phrases, clause) if piece not in phrases.filler]
    return "".join(kept).strip()


def of_a_part(phrases: Phrases, one: Named, clause: str) -> bool:
    """Whether a clause speaks of a part of a figure: 劳动争议调解案件12件, then 成功率98%."""
    shared = any(len(word) > 1 and word in clause for word in one.words)
    return shared and _narrowed(phrases, one.saying, clause)


def _order(one: Named) -> tuple[float, int]:
    return one.score, len(one.covered)


def _weighed(phrases: Phrases, saying: Saying, clause: str, context: Context) -> Named | None:
    score, words, covered = 1.0, [], set[int]()
    for word in saying.words:
        here = _longest(word, clause)
        if here:
            words.append(here)
            for found in re.finditer(re.escape(here), clause):
                covered |= set(range(*found.span()))
            continue
        loss, told = _further_up(phrases, saying, word, context)
        if not told:
            return None
        score -= loss
        words.append(told)
    below = any(not word.above for word in saying.words)
    if bool(covered) != below or any(_uncovered_unless(saying, clause)):
        return None
    score -= _unexplained(phrases, saying, clause, covered) if covered else 0
    return Named(saying, round(score, 2), tuple(words), frozenset(covered)) if score > 0 else None


def _longest(word: Word, text: str) -> str:
    return max((one for one in word.any_of if one in text), key=len, default="")


def _further_up(
    phrases: Phrases, saying: Saying, word: Word, context: Context
) -> tuple[float, str]:
    """What a word costs that stands before the clause, and which it is."""
    here = max(word.any_of, key=lambda one: (context.sentence.rfind(one), len(one)))
    at = context.sentence.rfind(here)
    if at >= 0:
        between = context.sentence[at + len(here) :]
        if _other_subject(phrases, saying, between):
            return 1.0, ""
        if not word.above and _narrowed(phrases, saying, between):
            return 1.0, ""
        return _IN_SENTENCE + _PER_CLAUSE * between.count("\n"), here
    if not word.above or _other_subject(phrases, saying, context.sentence):
        return 1.0, ""
    for far, text in enumerate(context.above):
        here = max(word.any_of, key=lambda one, text=text: (text.rfind(one), len(one)))  # type: ignore[misc]
        at = text.rfind(here)
        if at >= 0 and not _other_subject(phrases, saying, text[at + len(here) :]):
            return _ABOVE + _PER_CLAUSE * far, here
        if _other_subject(phrases, saying, text):
            return 1.0, ""
    return 1.0, ""


def _other_subject(phrases: Phrases, saying: Saying, text: str) -> bool:
    """Whether a text speaks of a subject that the saying does not."""
    rest = _without(text, saying.own)
    return any(topic in rest for topic in phrases.topics if topic not in saying.own)


def _narrowed(phrases: Phrases, saying: Saying, text: str) -> bool:
    rest = _without(text, saying.own)
    return any(piece in phrases.narrowing for _, piece in _pieces(phrases, rest))


def _without(text: str, words: frozenset[str]) -> str:
    for one in sorted(words, key=len, reverse=True):
        if len(one) > 1:
            text = text.replace(one, "\n")
    return text


def _uncovered_unless(saying: Saying, clause: str) -> Iterator[str]:
    """The forbidden words that stand in a clause other than within a longer word of its own."""
    for word in saying.unless:
        if word in clause:
            longer = frozenset(one for one in saying.own if word in one and one != word)
            if word in _without(clause, longer):
                yield word


def _unexplained(phrases: Phrases, saying: Saying, clause: str, covered: set[int]) -> float:
    """How much the words that are neither the saying's own nor filler speak against it."""
    explained = covered | _places(saying.own, clause)
    verbs = [found.start() for found in phrases.verb.finditer(clause)]
    last = max(covered)
    verb = max((at for at in verbs if at <= last), default=-1)
    loss = 0.0
    for at, piece in _pieces(phrases, clause, explained):
        if piece in phrases.filler:
            continue
        if piece in phrases.narrowing or piece in phrases.telling:
            return 1.0
        loss += (_ACTOR if at < verb else _UNKNOWN) * len(piece)
    return loss


def _places(words: frozenset[str], text: str) -> set[int]:
    """Every place of a text that one of some words covers."""
    covered: set[int] = set()
    for one in words:
        at = text.find(one)
        while at >= 0:
            covered |= set(range(at, at + len(one)))
            at = text.find(one, at + 1)
    return covered


def _pieces(
    phrases: Phrases, text: str, but: set[int] | frozenset[int] = frozenset()
) -> Iterator[tuple[int, str]]:
    """The words of a text, the longest that are known first; what nobody knows letter by letter."""
    at = 0
    while at < len(text):
        if at in but or not (text[at].isalnum()):
            at += 1
            continue
        room = next((n for n in range(at, min(len(text), at + _LONGEST)) if n in but), None)
        end = min(len(text), at + _LONGEST) if room is None else room
        length = next((n for n in range(end - at, 0, -1) if _known(phrases, text[at : at + n])), 1)
        yield at, text[at : at + length]
        at += length


def _known(phrases: Phrases, word: str) -> bool:
    return word in phrases.narrowing or word in phrases.telling or word in phrases.filler


def contest(found: Sequence[Named]) -> Named | None:
    """The one that is meant, where no other comes near it; None where a rival stands."""
    if not found or found[0].score < ENOUGH:
        return None
    first = found[0]
    for other in found[1:]:
        near = first.score - other.score < _NEAR and other.score >= ENOUGH
        if near and not other.covered < first.covered:
            return None
    return first


def spelled(sentence: str, above: Sequence[str]) -> Context:
    """The context of a clause; clauses are kept apart, the nearest sentence stands first."""
    clauses = CLAUSE.split(sentence)
    return Context(
        "\n".join(squeezed(one) for one in clauses),
        tuple(squeezed(one) for one in reversed(above)),
    )
