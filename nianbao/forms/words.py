"""The texts of blank workbooks, from wording/forms.yml."""

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter
from types import MappingProxyType

from nianbao.catalogue.source import Source, did_you_mean, read_source, unclosed, unknown
from nianbao.period import Period
from nianbao.terminal import say
from nianbao.workspace import Workspace

FIELDS = (
    *("district", "bureau", "department", "unit", "form", "title", "period", "year", "quarter"),
    *("month", "name", "value", "values", "first", "last", "deadline", "word", "meaning"),
)
"""The words that a text may ask for."""


@dataclass(frozen=True, slots=True)
class Words:
    """Every text by its key, with {words} to be filled in."""

    texts: Mapping[str, str]

    def __call__(self, key: str, **words: str) -> str:
        """One text, filled in; a word that has nothing to say here is left out."""
        return self.texts[key].format_map({**dict.fromkeys(FIELDS, ""), **words})

    def period(self, period: Period) -> str:
        """A raw folder's period as a title says it: 2024年第三季度, 2024年度."""
        if period.quarter is None:
            return self("period_year", year=str(period.year))
        return self("period_quarter", year=str(period.year), quarter="一二三四"[period.quarter - 1])


def load_words(workspace: Workspace) -> Words:
    """Read wording/forms.yml, the workspace's texts before the project's.

    Raises CatalogueError for a text that nothing uses, and for one that asks for an unknown word.
    """
    every: dict[str, str] = {}
    for folder in reversed(workspace.wording_folders()):
        path = folder / "forms.yml"
        if not path.exists() and every:
            continue
        source = read_source(path, "wording/forms.yml")
        for key, text in _texts(source).items():
            if folder != workspace.wording_folders()[-1] and key not in every:
                raise source.error(
                    (key,), unknown(key, did_you_mean(key, every), zh="文字", en="text")
                )
            every[key] = text
    return Words(MappingProxyType(every))


def _texts(source: Source) -> dict[str, str]:
    texts: dict[str, str] = {}
    for key, text in source.content.items():
        if not isinstance(text, str):
            raise source.error(
                (key,),
                say(zh=f"“{key}”不是文字，请加引号", en=f"“{key}” is no text; put it in quotes"),
            )
        try:
            asked = [name for _, name, _, _ in Formatter().parse(text) if name is not None]
        except ValueError as error:
            raise source.error((key,), unclosed(error)) from error
        for name in asked:
            if name not in FIELDS:
                raise source.error(
                    (key,), unknown(f"{{{name}}}", did_you_mean(name, FIELDS), zh="字段", en="word")
                )
        texts[str(key)] = text
    return texts
