"""Trouble as rows: a finding has a code, an address, and words for its message."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from string import Formatter
from types import MappingProxyType
from typing import Any

from nianbao.catalogue.source import Source, did_you_mean, read_source, unclosed, unknown
from nianbao.languages import quotable
from nianbao.privacy import masked
from nianbao.terminal import printable, say
from nianbao.workspace import Workspace

FIELDS = ("raw", "why", "known", "near", "name", "expected", "found", "detail")
"""The words that a finding may bring to its sentence."""

SEVERITIES = {"E": "error", "W": "warning", "I": "info"}
_FILE = "findings.json"
_PLAIN = ("code", "period", "place", "form", "item", "file", "sheet", "cell", "table")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong or worth knowing; `words` fill the message that its code stands for."""

    code: str
    period: str = ""
    place: str = ""
    form: str = ""
    item: str = ""
    file: str = ""
    sheet: str = ""
    cell: str = ""
    table: str = ""  # of the form; known where a sheet of it was being read
    words: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def severity(self) -> str:
        """`error` (nothing is published), `warning` (published, shown) or `info`."""
        return SEVERITIES[self.code[0]]

    def as_record(self) -> dict[str, Any]:
        """The finding as plain values, for a file that another step reads back."""
        return {**{name: getattr(self, name) for name in _PLAIN}, "words": dict(self.words)}

    @classmethod
    def of_record(cls, record: Mapping[str, Any]) -> "Finding":
        """The finding that `as_record` wrote down."""
        return cls(**record)


@dataclass(frozen=True, slots=True)
class Messages:
    """The sentence behind every code, in one language."""

    templates: Mapping[str, str]
    nothing: str = "—"  # what a blank word is shown as

    def message(self, finding: Finding) -> str:
        """The finding's sentence, on one line: what is wrong and what to do next.

        An error that is a mere warning where it stands says what the error says.
        """
        words = {
            name: masked(printable(finding.words.get(name, ""))) or self.nothing for name in FIELDS
        }
        template = self.templates.get(finding.code) or self.templates[f"E{finding.code[1:]}"]
        for name, word in words.items():
            if word == self.nothing:
                template = template.replace(f"（{{{name}}}）", "").replace(f" ({{{name}}})", "")
        words["name"] = quotable(words["name"]) if "“{name}”" in template else words["name"]
        return template.format_map(words)

    def row(self, finding: Finding) -> dict[str, object]:
        """The finding as a row of the findings table; personal numbers are struck out."""
        return {
            "severity": finding.severity,
            "code": finding.code,
            "period": finding.period,
            "place": finding.place,
            "form": finding.form,
            "item": finding.item,
            "file": masked(finding.file),
            "sheet": masked(finding.sheet),
            "cell": finding.cell,
            "message": self.message(finding),
        }


def load_messages(workspace: Workspace, lang: str) -> Messages:
    """Read wording/messages.yml in one language, the workspace's sentences before the project's.

    Raises CatalogueError where a code has no sentence in that language, where a sentence asks for
    a word that no finding brings, and where the workspace words a code that does not exist.
    """
    every: dict[str, str] = {}
    for folder in reversed(workspace.wording_folders()):
        path = folder / "messages.yml"
        if not path.exists() and every:
            continue
        source = read_source(path, "wording/messages.yml")
        texts = _texts(source, lang)
        for code in texts:
            if every and code not in every:
                raise source.error(
                    (code,), unknown(code, did_you_mean(code, every), zh="代码", en="code")
                )
        every |= texts
    return Messages(MappingProxyType(every), "无" if lang == "zh" else "none")


def _texts(source: Source, lang: str) -> dict[str, str]:
    texts: dict[str, str] = {}
    for code, by_lang in source.content.items():
        if not re.fullmatch("[EWI]_[A-Z_]+", str(code)):
            raise source.error(
                (code,),
                say(
                    zh=f"“{code}”不是代码，代码的样式如W_MISSING",
                    en=f"“{code}” is no code; one looks like W_MISSING",
                ),
            )
        if not isinstance(by_lang, dict) or not isinstance(by_lang.get(lang), str):
            raise source.error(
                (code,),
                say(
                    zh=f"“{code}”没有“{lang}”的句子，请补写",
                    en=f"“{code}” has no sentence in “{lang}”; write one",
                ),
            )
        try:
            asked = [name for _, name, _, _ in Formatter().parse(by_lang[lang]) if name is not None]
        except ValueError as error:
            raise source.error((code, lang), unclosed(error)) from error
        for name in asked:
            if name not in FIELDS:
                hint = did_you_mean(name, FIELDS)
                raise source.error((code, lang), unknown(f"{{{name}}}", hint, zh="字段", en="word"))
        texts[code] = by_lang[lang]
    return texts


def lighter(finding: Finding) -> Finding:
    """The same finding as a warning, where it touches nothing that this report uses."""
    return replace(finding, code=f"W{finding.code[1:]}") if finding.code[0] == "E" else finding


def errors_among(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Only those that stop publication."""
    return tuple(finding for finding in findings if finding.severity == "error")


def write_findings(findings: Iterable[Finding], folder: Path) -> None:
    """Write findings down with their words, so that another step can say them in any language."""
    records = [finding.as_record() for finding in findings]
    text = json.dumps(records, ensure_ascii=False, indent=0, sort_keys=True)
    (folder / _FILE).write_text(text + "\n", encoding="utf-8")


def read_findings(folder: Path) -> tuple[Finding, ...]:
    """The findings that `write_findings` wrote down."""
    text = (folder / _FILE).read_text(encoding="utf-8")
    return tuple(Finding.of_record(record) for record in json.loads(text))
