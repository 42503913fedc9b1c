"""Short texts in both languages: what `check` says (check.yml), a workbook's words (tables.yml)."""

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter
from types import MappingProxyType

from nianbao.catalogue.source import Source, did_you_mean, read_source, unclosed, unknown
from nianbao.terminal import say
from nianbao.workspace import Workspace

Texts = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Captions:
    """The texts in one language, by group and name."""

    texts: Texts

    def say(self, group: str, name: str, words: Mapping[str, object] | None = None) -> str:
        """One text with its words filled in."""
        return self.texts[group][name].format_map(words or {})

    def meaning(self, code: str) -> str:
        """What a finding's code means, in a few words; the code itself where nobody says."""
        return self.texts["codes"].get(code, code)


def load_captions(workspace: Workspace, lang: str, file: str = "check.yml") -> Captions:
    """Read a file of wording/ in one language, the workspace's texts before the project's.

    Raises CatalogueError for a text that is not known, has no words in the language, or asks for
    words that the project's own text does not.
    """
    every: dict[str, dict[str, str]] = {}
    for folder in reversed(workspace.wording_folders()):
        path = folder / file
        if path.exists() or not every:
            source = read_source(path, f"wording/{file}")
            for group, name in _names(source):
                text = _text(source, group, name, lang)
                if folder == workspace.wording_folders()[-1]:
                    every.setdefault(group, {})
                elif name not in every.get(group, {}):
                    hint = did_you_mean(name, every.get(group, every))
                    raise source.error((group, name), unknown(name, hint, zh="文字", en="text"))
                elif wrong := _asked(text) - _asked(every[group][name]):
                    said = unknown(f"{{{min(wrong)}}}", "", zh="字段", en="word")
                    raise source.error((group, name, lang), said)
                every[group][name] = text
    return Captions(MappingProxyType(every))


def _names(source: Source) -> list[tuple[str, str]]:
    for group, texts in source.content.items():
        if not isinstance(texts, dict):
            raise source.error(
                (group,),
                say(
                    zh=f"“{group}”之下应是各项文字的名称", en=f"“{group}” holds texts by their name"
                ),
            )
    return [(group, name) for group, texts in source.content.items() for name in texts]


def _text(source: Source, group: str, name: str, lang: str) -> str:
    by_lang = source.content[group][name]
    if not isinstance(by_lang, dict) or not isinstance(by_lang.get(lang), str):
        raise source.error(
            (group, name),
            say(
                zh=f"“{name}”没有“{lang}”的文字，请补写",
                en=f"“{name}” has no text in “{lang}”; write one",
            ),
        )
    try:
        _asked(by_lang[lang])
    except ValueError as error:
        raise source.error((group, name, lang), unclosed(error)) from error
    return str(by_lang[lang])


def _asked(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}
