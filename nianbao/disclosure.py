"""Personal data on its way out: looked for in what was read, and in every file about to go public.

A hit is a finding E_PII. It names the cell where the number was typed if that can be told, and
never the number itself.
"""

import html
import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from nianbao.facts import Applied, Fact
from nianbao.findings import Finding
from nianbao.privacy import masked, personal_numbers
from nianbao.schema import read_table, records

_REPORT = "report.html"
_SHORTEST = 11  # characters of a mobile number, the shorter of the two
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".ttf", ".woff2")
_DATA_URI = re.compile(r"data:[a-z]+/[^\s\"'<>()]*")
_TAG = re.compile(r"<[^>]*>")
_INLINE = (  # tags that do not end a word: all of an office document's but its blocks
    r"</?(?:(?:a|abbr|b|button|code|data|em|i|mark|q|r|small|span|strong|sub|sup|t|time|u|wbr)\b"
    r"|(?!\w+:(?:p|tc|tr|br|tab|cr)\b)\w+:\w)[^>]*>"
)
_WITHIN = re.compile(rf"(?<=[0-9０-９ -])(?:{_INLINE})+(?=[0-9０-９Xx -])")
_ENTITY = re.compile(
    r"&(?:#0*(?:32|45|4[89]|5[0-7]|88|120|160)|#[xX]0*(?:2[0dD]|3[0-9]|[57]8|[aA]0)|nbsp);"
)
_WORDS = re.compile(r"\b(?:aria-label|title|alt|id)=\"([^\"]*)\"")  # in the tags of a drawing


# --- in what was read -----------------------------------------------------------------------------


def personal_data(
    facts: Iterable[Fact],
    applied: Iterable[Applied],
    files: Iterable[str],
    findings: Iterable[Finding],
) -> list[Finding]:
    """What a report would show of the raw files: typed numbers, names of files and sheets, reasons.

    A footer's telephone, or a column that no form asks for, is not shown and not looked at.
    """
    found: dict[tuple[str, str, str, str], Finding] = {}

    def look(text: str, where: Finding) -> None:
        for number in personal_numbers(text):
            key = (number, where.file, where.sheet, where.cell)
            found.setdefault(key, _finding(number, _REPORT, where))

    for path in files:
        look(path, Finding("E_PII", file=path))
    for sheet in {(fact.file, fact.sheet) for fact in facts}:
        look(sheet[1], Finding("E_PII", file=sheet[0], sheet=sheet[1]))
    for fact in facts:
        if len(fact.raw) >= _SHORTEST:
            look(fact.raw, _at(fact.as_row()))
    for one in applied:
        for text in (one.decision.as_typed, one.decision.reason, one.decision.by):
            look(text, _at(one.as_row()))
    for finding in findings:
        for text in (finding.sheet, *finding.words.values()):
            look(text, finding)
    return sorted(found.values(), key=lambda one: (one.file, one.sheet, one.cell))


# --- in what would be published -------------------------------------------------------------------


def disclosed(folder: Path, processed: Path) -> list[Finding]:
    """The personal data in any file of a release, each traced back to its cell where it can be."""
    published: dict[str, str] = {}
    for name, text in published_texts(folder):
        for number in personal_numbers(text):
            published.setdefault(number, name)
    return [
        _finding(number, name, _origin(number, processed)) for number, name in published.items()
    ]


def published_texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Every text in every file of a release, by the file's name; what is zipped is unzipped."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        yield name, name
        if path.suffix in _PICTURES:
            continue
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as package:
                for member in package.namelist():
                    yield name, member
                    if not member.endswith(_PICTURES):
                        text = package.read(member).decode("utf-8", "replace")
                        yield name, _reading(text)
        else:
            text = path.read_text(encoding="utf-8", errors="replace")
            if path.suffix in (".ipynb", ".json"):
                for string in _strings(json.loads(text)):
                    yield name, _reading(string)
            elif path.suffix == ".svg":
                yield from ((name, one) for one in _drawn(text))
            else:
                yield name, _reading(text)


def _reading(text: str) -> str:
    """A text as it reads where it is markup: digits whole across inline tags and entities."""
    bare = _ENTITY.sub(lambda entity: html.unescape(entity[0]), _DATA_URI.sub("", text))
    return _WITHIN.sub("", bare)


def _drawn(svg: str) -> Iterator[str]:
    """What a drawing says; its coordinates are no text."""
    bare = _DATA_URI.sub("", svg)
    yield html.unescape(_TAG.sub("\n", bare))
    yield from (html.unescape(words) for words in _WORDS.findall(bare))


def _strings(content: object) -> Iterator[str]:
    """Every string in a JSON text; a cell's lines also as one."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, Mapping):
        for key, value in content.items():
            yield str(key)
            yield from _strings(value)
    elif isinstance(content, list):
        if content and all(isinstance(line, str) for line in content):
            yield "".join(content)
        for value in content:
            yield from _strings(value)
    elif isinstance(content, int | float):
        yield str(content)


# --- where it came from ---------------------------------------------------------------------------


def _origin(number: str, processed: Path) -> Finding:
    """The cell or the file in which a number was typed; no address where it cannot be told."""
    for table, columns in (
        ("facts", ("raw", "sheet", "file")),
        ("history", ("raw", "sheet", "file")),
        ("corrections", ("as_typed", "value", "reason", "by", "sheet", "file")),
        ("files", ("path",)),
        ("findings", ("message", "sheet", "file")),
    ):
        if not (processed / f"{table}.csv").exists():
            continue
        for row in records(read_table(table, processed)):
            for column in columns:
                if number in personal_numbers(row[column]):
                    return Finding("E_PII", file=row["path"]) if table == "files" else _at(row)
    return Finding("E_PII")


def _at(row: Mapping[str, object]) -> Finding:
    period, place, form, item, file, sheet, cell = (
        str(row.get(name) or "")
        for name in ("period", "place", "form", "item", "file", "sheet", "cell")
    )
    return Finding("E_PII", period, place, form, item, file, sheet, cell)


def _finding(number: str, published: str, where: Finding) -> Finding:
    return Finding(
        "E_PII",
        period=where.period,
        place=where.place,
        form=where.form,
        item=where.item,
        file=where.file,
        sheet=where.sheet,
        cell=where.cell,
        words={"raw": masked(number), "found": masked(published)},
    )
