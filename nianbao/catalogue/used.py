"""Which indicators nobody would ever read: a catalogue is kept clean of them."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from nianbao.catalogue.source import Source
from nianbao.terminal import say
from nianbao.workspace import Workspace

if TYPE_CHECKING:
    from nianbao.catalogue import Catalogue

_WORD = re.compile(r"[a-z][a-z0-9_]*")


def wording_words(workspace: Workspace) -> frozenset[str]:
    """Every identifier in the sentences that are in force (wording/zh/*.j2)."""
    words: set[str] = set()
    seen: set[str] = set()
    for folder in workspace.wording_folders():
        for path in sorted(folder.glob("zh/*.j2")):
            if path.name not in seen:
                seen.add(path.name)
                words.update(_WORD.findall(path.read_text(encoding="utf-8")))
    return frozenset(words)


def unused_indicators(catalogue: "Catalogue", workspace: Workspace) -> tuple[str, ...]:
    """Indicators in no sentence, chart, headline, column, target or other indicator.

    One that serves a row of the reference table is printed in the appendices for that row's sake.
    """
    used = set(wording_words(workspace))
    used.update(catalogue.outline.headlines, catalogue.outline.township_table)
    for _, _, chart in catalogue.charts():
        used.update(chart.indicators, _texts(chart.options))
    for targets in catalogue.targets.values():
        used.update(targets)
    for indicator in catalogue.indicators.values():
        if indicator.across:
            used.add(indicator.across.of)
        if indicator.index:
            used.update(indicator.index.components)
    return tuple(
        name
        for name, indicator in catalogue.indicators.items()
        if name not in used and not indicator.source_rows
    )


def _texts(options: Any) -> Iterator[str]:
    """Every text inside a chart's options, keys among them."""
    match options:
        case str():
            yield options
        case dict():
            for key, value in options.items():
                yield from (*_texts(key), *_texts(value))
        case list() | tuple():
            for value in options:
                yield from _texts(value)


def check_used(catalogue: "Catalogue", workspace: Workspace, source: Source) -> None:
    """Refuse an indicator that nobody would read."""
    for name in unused_indicators(catalogue, workspace):
        raise source.error(
            (name,),
            say(
                zh=f"指标“{name}”没有用到：请在文字、图表或目标中使用，或写明source_rows，或删去",
                en=f"the indicator “{name}” is used nowhere: name it in a sentence, chart or "
                "target, give it source_rows, or delete it",
            ),
        )
