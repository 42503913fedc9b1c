"""The catalogue in English: every name that a report prints, from the catalogue or a glossary."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from nianbao.catalogue import Catalogue
from nianbao.catalogue.models import Text
from nianbao.catalogue.source import Source, read_source
from nianbao.errors import CatalogueError
from nianbao.findings import Finding
from nianbao.terminal import say
from nianbao.workspace import Workspace

GLOSSARY = "en/names.yml"
_SHOWN = 5  # mistakes that one message lists
_NAMED = ("name", "known", "near")  # the words of a finding that hold names
_BETWEEN = re.compile("([·、，＝≤＋－])")
_RETURN = re.compile("(?:(?P<place>.+)的)?(?P<form>[A-Z0-9]+)《(?P<title>.+)》")
_AMOUNT = re.compile(r"(-?[0-9.]+)(\D+)")
_JOINTS = {"·": " · ", "、": ", ", "，": ", ", "＝": " = ", "≤": " ≤ ", "＋": " + ", "－": " − "}


class English(Text):
    """Words that show themselves in English."""

    def __str__(self) -> str:
        return self.en or self.zh


def edition(catalogue: Catalogue, workspace: Workspace, lang: str) -> Catalogue:
    """The catalogue as the report of a language shows it; Chinese is the catalogue's own.

    What the catalogue names in Chinese only (places, departments, items, notes of targets) is
    looked up in `wording/en/names.yml`; a name that is not there stays Chinese.
    """
    if lang == "zh":
        return catalogue
    names = _glossary(workspace)

    def text(one: Text | None) -> Text | None:
        return English(zh=one.zh, en=one.en or names.get(one.zh, "")) if one else None

    def word(chinese: str) -> str:
        return names.get(chinese, chinese)

    def changed(one: Any, **fields: object) -> Any:
        return one.model_copy(update=fields)

    outline, office = catalogue.outline, catalogue.office
    return replace(
        catalogue,
        lang=lang,
        office=changed(
            office, bureau=text(office.bureau), sample_notice=text(office.sample_notice)
        ),
        places={
            code: changed(one, name=word(one.name), aliases=(*one.aliases, one.name))
            for code, one in catalogue.places.items()
        },
        forms={code: changed(one, name=text(one.name)) for code, one in catalogue.forms.items()},
        indicators={
            name: changed(
                one,
                name=text(one.name),
                definition=text(one.definition),
                department=word(one.department),
            )
            for name, one in catalogue.indicators.items()
        },
        targets={
            year: {name: changed(one, note=word(one.note)) for name, one in targets.items()}
            for year, targets in catalogue.targets.items()
        },
        outline=changed(
            outline,
            groups={name: text(one) for name, one in outline.groups.items()},
            sections={
                name: changed(
                    section,
                    charts={
                        chart: changed(one, title=text(one.title))
                        for chart, one in section.charts.items()
                    },
                )
                for name, section in outline.sections.items()
            },
        ),
        _homes={
            name: replace(home, item=changed(home.item, en=home.item.en or word(home.item.zh)))
            for name, home in catalogue._homes.items()
        },
    )


def retold(
    findings: Iterable[Finding],
    catalogue: Catalogue,
    english: Catalogue,
    units: Mapping[str, str],
) -> tuple[Finding, ...]:
    """Findings with the names in their words as an edition has them; what was typed stays."""
    names = dict(_pairs(catalogue, english))

    def said(words: str) -> str:
        if found := _RETURN.fullmatch(words):  # 甲镇的W7《调解情况表》
            title = names.get(found["title"]) or str(english.forms[found["form"]].name)
            place = f" · {names.get(found['place'], found['place'])}" if found["place"] else ""
            return f"{found['form']} {title}{place}"
        parts = _BETWEEN.split(words)
        return "".join(names.get(part, _JOINTS.get(part, part)) for part in parts)

    return tuple(
        replace(
            one,
            words={
                name: said(words) if name in _NAMED else _amount(words, units)
                for name, words in one.words.items()
            },
        )
        for one in findings
    )


def _amount(words: str, units: Mapping[str, str]) -> str:
    """173件 as the edition says it; anything else as it is."""
    found = _AMOUNT.fullmatch(words)
    if found is None or found[2] not in units:
        return words
    return f"{found[1]} {units[found[2]]}".strip()


def _pairs(catalogue: Catalogue, english: Catalogue) -> Iterator[tuple[str, str]]:
    """Names as the catalogue and an edition have them."""
    for code, place in catalogue.places.items():
        yield place.name, english.places[code].name
    for item in catalogue._homes:
        yield catalogue.home(item).item.zh, english.home(item).item.en
    for form, one in catalogue.forms.items():
        yield one.name.zh, str(english.forms[form].name)
    for name, indicator in catalogue.indicators.items():
        yield indicator.name.zh, str(english.indicators[name].name)


def check_edition(catalogue: Catalogue, workspace: Workspace, lang: str) -> None:
    """Raise CatalogueError, with file and line, for what an English report would lack."""
    if lang == "zh":
        return
    lacking = [*_templates(workspace), *_names(catalogue, workspace)]
    if lacking:
        rest = len(lacking) - _SHOWN
        more = [say(zh=f"另有{rest}处", en=f"and {rest} more")] if rest > 0 else []
        raise CatalogueError("\n".join([*lacking[:_SHOWN], *more]))


def _templates(workspace: Workspace) -> Iterator[str]:
    """Sentences that exist in Chinese without an English counterpart beside them."""
    for folder in workspace.wording_folders():
        for path in sorted((folder / "zh").glob("*.j2")):
            if not (folder / "en" / path.name).exists():
                text = say(
                    zh=f"缺少英文；请把wording/zh/{path.name}译成英文，存为此文件",
                    en=f"the file is missing; put wording/zh/{path.name} into English here",
                )
                yield f"wording/en/{path.name}:1:1: {text}"


def _names(catalogue: Catalogue, workspace: Workspace) -> Iterator[str]:
    """Names and titles of the catalogue without English."""
    known = _glossary(workspace)
    outline = _source(workspace, "outline.yml")
    for name, group in catalogue.outline.groups.items():
        yield from _lacks(outline, ("groups", name), group, known)
    for section, chart, one in catalogue.charts():
        path = ("sections", section, "charts", chart)
        yield from _lacks(outline, (*path, "title"), one.title, known)
        for name, label in one.options.get("labels", {}).items():
            text = Text.model_validate(label)
            yield from _lacks(outline, (*path, "options", "labels", name), text, known)
    indicators = _source(workspace, "indicators.yml")
    for name, indicator in catalogue.indicators.items():
        yield from _lacks(indicators, (name, "name"), indicator.name, known)
    yield from _lacks(_source(workspace, "office.yml"), ("bureau",), catalogue.office.bureau, known)


def _lacks(
    source: Source, path: tuple[str, ...], text: Text, known: Mapping[str, str]
) -> Iterator[str]:
    if not (text.en or text.zh in known):
        line, column = source.position(path)
        said = say(
            zh=f"“{text.zh}”没有英文；请在旁边写“en:”",
            en=f"“{text.zh}” has no English; write “en:” beside it",
        )
        yield f"{source.name}:{line}:{column}: {said}"


def _source(workspace: Workspace, name: str) -> Source:
    return read_source(workspace.catalogue_file(name), f"catalogue/{name}")


def _glossary(workspace: Workspace) -> Mapping[str, str]:
    """Chinese names and their English, the workspace's before the project's."""
    names: dict[str, str] = {}
    for folder in reversed(workspace.wording_folders()):
        path = folder / GLOSSARY
        if path.exists():
            source = read_source(path, f"wording/{GLOSSARY}")
            if not isinstance(source.content, dict):
                raise source.error(
                    (),
                    say(
                        zh="这里应是中文名称，各带英文",
                        en="expected Chinese names, each with its English",
                    ),
                )
            for chinese, english in source.content.items():
                if not isinstance(english, str):
                    raise source.error(
                        (chinese,),
                        say(
                            zh=f"“{chinese}”应带英文文字",
                            en=f"“{chinese}” needs its English in words",
                        ),
                    )
            names |= {str(chinese): english for chinese, english in source.content.items()}
    return names
