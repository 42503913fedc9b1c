"""`explain`: one figure down to its formula and cells, as the report's card tells it."""

import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pandas as pd

from nianbao.catalogue import Catalogue, nearest
from nianbao.errors import InputMissing, UsageError
from nianbao.findings import Finding, load_messages
from nianbao.period import Period, squeezed
from nianbao.printing import Said, SaidStanding, said_standings
from nianbao.report import Report
from nianbao.rounding import plain
from nianbao.sources import Part, Told
from nianbao.terminal import printable, say, wrapped
from nianbao.withholding import MARK
from nianbao.workspace import Workspace

if TYPE_CHECKING:
    from nianbao.cleaning import Cleaned
    from nianbao.memory import Changes

_SHOWN = 5  # near names in a message
_TAG = re.compile(r"<[^>]+>")  # of the template; what somebody typed has none left


class Unwritten(Report):
    """A report that is worked out in memory: nothing is read from or written to the tables."""

    def __init__(self, workspace: Workspace, period: Period, lang: str) -> None:
        super().__init__(workspace, period, lang, date="", allow_partial=True)
        self._tables: dict[str, pd.DataFrame] = {}
        self._found: tuple[Finding, ...] = ()

    def table(self, name: str) -> pd.DataFrame:
        """One of the tables, as an earlier step left it."""
        return self._tables[name]

    def _keep(self, name: str, frame: pd.DataFrame) -> None:
        self._tables[name] = frame

    def _cleaned(self) -> "Cleaned":
        from nianbao.cleaning import clean

        return clean(self.workspace, self.catalogue, self.period)

    def _findings(self) -> tuple[Finding, ...]:
        return self._found

    def _changes(self) -> "Mapping[str, Changes]":
        return {}  # what is not published has nothing before it

    def _write_findings(self, findings: Iterable[Finding]) -> None:
        self._found = tuple(findings)
        messages = load_messages(self.workspace, self.lang)
        self._write("findings", (messages.row(finding) for finding in self._found))


@dataclass(frozen=True, slots=True)
class Explained:
    """One figure with all that is told of it; `elsewhere` is the same indicator at other places.

    `published` is what the release that readers see gives for it and its base, None without one.
    """

    report: Report
    told: Told
    standings: tuple[SaidStanding, ...]
    elsewhere: tuple[Said, ...]
    published: tuple[str, str] | None = None

    @property
    def errors(self) -> int:
        """How many errors the raw data have, whether they touch the figure or not."""
        return int((self.report.table("findings")["severity"] == "error").sum())

    def lines(self, width: int = 0) -> Iterator[str]:
        """What a terminal of this width shows; 0 leaves the lines whole."""
        words = {field.name: getattr(self.told, field.name) for field in fields(self.told)}
        words |= {"standings": self.standings, "elsewhere": self.elsewhere}
        words |= {"published": self.published, "agrees": self.published == self._now()}
        text = self.report.narrator.text("_explain.txt.j2", **words)
        for line in html.unescape(_TAG.sub("", text)).splitlines():
            if text := printable(line.strip()):
                indent = "  " * line.startswith("  ")
                yield from wrapped(text, width, first=indent, hanging=f"{indent}    ")

    def _now(self) -> tuple[str, str]:
        """The same two numbers as the raw data give them now, as a release would print them."""
        f = self.told.f
        value, previous = (_text(one) or "" for one in (f.figure.value, f.figure.previous))
        return MARK if f.withheld else value, MARK if f.base_withheld else previous

    def as_record(self) -> dict[str, object]:
        """The figure as plain values, for `--json`."""
        figure, told = self.told.f.figure, self.told
        indicator = self.report.catalogue.indicators[figure.indicator]
        return {
            "indicator": figure.indicator,
            "name": self.told.f.name.striptags(),
            "place": figure.place,
            "place_name": self.told.f.place.striptags(),
            "annual": self.told.f.note("annual"),
            "value": _text(figure.value),
            "unit": figure.unit,
            "numerator": _text(figure.numerator),
            "denominator": _text(figure.denominator),
            "previous": _text(figure.previous),
            "change": _text(figure.change),
            "change_kind": figure.change_kind,
            "published": self.published
            and dict(zip(("value", "previous"), self.published, strict=True)),
            "completeness": figure.completeness,
            "missing": list(self.told.f.silent_codes),
            "notes": list(figure.notes),
            "formula": self.report.narrator.formula(figure.indicator),
            "definition": str(told.definition) if told.definition else "",
            "department": indicator.department,
            "source_rows": list(indicator.source_rows),
            "standings": [_standing(one) for one in self.standings],
            "parts": [_part(part) for part in told.parts],
            "base_parts": [_part(part) for part in told.base_parts],
            "components": [
                {"indicator": one.indicator, "place": one.place, "value": one.value}
                for one in told.components
            ],
            "places": [
                {
                    "place": one.figure.place,
                    "value": _text(one.figure.value),
                    "previous": _text(one.figure.previous),
                }
                for one in self.elsewhere
            ],
            "corrections": [one._asdict() for one in told.corrections],
            "finding_rows": [dict(row) for row in told.touched],
        }


def explain(
    workspace: Workspace,
    period: Period,
    indicator: str,
    place: str | None,
    lang: str,
    published: Mapping[str, Sequence[str]],
) -> Explained:
    """Work one figure out of the raw workbooks, and tell where it comes from; writes nothing.

    `published` is what the release that readers see says, as `earlier.published_values` gives it.
    Raises UsageError, naming near ones, for an indicator or a place that is not there, and
    InputMissing for a period of which nothing was reported.
    """
    report = Unwritten(workspace, period, lang)
    catalogue = report.edition
    name = find_indicator(catalogue, indicator)
    code = find_place(catalogue, period, place) if place is not None else catalogue.district
    work_out(report)
    value, previous = (*published.get(f"{name} {code}", ()), "", "")[:2]
    known = f"{name} {code}" in published
    return replace(explained(report, name, code), published=(value, previous) if known else None)


def work_out(report: Unwritten) -> None:
    """Work out values and standings. Raises InputMissing where nothing was reported."""
    report.clean()
    reported = report.table("facts")["period"].str[:4]
    if str(report.period.year) not in set(reported):
        raise InputMissing(_nothing(report.workspace, report.period))
    report.compute_values()
    report.compute_standings()


def explained(report: Report, name: str, code: str) -> Explained:
    """One figure of a report that has its values and standings.

    Raises UsageError where the indicator has no figure at the place.
    """
    catalogue, figures = report.edition, report.figures
    at = figures.places(name)
    if code not in at:
        raise UsageError(_not_there(catalogue, name, code, at))
    others = [one for one in at if one != code] if code == catalogue.district else []
    return Explained(
        report,
        report.cards.told(name, code, report.period),
        tuple(
            standing
            for year in sorted(catalogue.targets)
            for standing in said_standings(figures, year)
            if (standing.said.id, standing.standing.place) == (name, code)
        ),
        tuple(report.narrator.said(name, one) for one in others),
    )


def find_indicator(catalogue: Catalogue, word: str) -> str:
    """The id of an indicator by its id or a name of it. Raises UsageError with near ones."""
    names: dict[str, list[str]] = {
        one: [indicator.name.en, indicator.name.zh, one]
        for one, indicator in catalogue.indicators.items()
    }
    found, near = _found(names, word)
    if found:
        return found
    shown = [f"{one} ({catalogue.indicators[one].name})" for one in near]
    raise UsageError(
        say(
            zh=f"没有指标“{printable(word)}”{_hint_zh(shown)}全部指标见报告的附录。",
            en=f"there is no indicator “{printable(word)}”{_hint_en(shown)} "
            "The report's appendix lists all of them.",
        )
    )


def find_place(catalogue: Catalogue, period: Period, word: str) -> str:
    """The code of a place by its code, name or alias. Raises UsageError with near ones.

    Of two places of one name, the one that exists at the period's end is meant.
    """
    order = sorted(catalogue.places.values(), key=lambda place: place.valid_in(period.quarters[-1]))
    names = {place.code: [*place.aliases, place.name, place.code] for place in order}
    found, near = _found(names, word)
    if found:
        return found
    shown = [f"{code} ({catalogue.places[code].name})" for code in near]
    raise UsageError(
        say(
            zh=f"没有单位“{printable(word)}”{_hint_zh(shown)}单位名录在 catalogue/places.csv。",
            en=f"there is no place “{printable(word)}”{_hint_en(shown)} "
            "Places are in catalogue/places.csv.",
        )
    )


def _found(names: Mapping[str, Iterable[str]], word: str) -> tuple[str, list[str]]:
    """What goes by a name, or ""; and what goes by near ones, parts of it before look-alikes."""
    known = {_plain(name): one for one, every in names.items() for name in every if name}
    wanted = _plain(word)
    parts = [name for name in known if wanted and (wanted in name or name in wanted)]
    near = dict.fromkeys(known[name] for name in (*parts, *nearest(wanted, known)))
    return known.get(wanted, ""), list(near)[:_SHOWN]


def _plain(name: str) -> str:
    return squeezed(name).casefold()


def _nothing(workspace: Workspace, period: Period) -> str:
    folders = workspace.raw.iterdir() if workspace.raw.is_dir() else ()
    there = ", ".join(sorted(path.name for path in folders if path.name[:4].isdigit()))
    return say(
        zh=f"data/raw中没有{period.year}年可用的报表，无数可查。"
        f"已有各期：{printable(there) or '无'}。"
        "请核对 --year；或用 pipeline.py check 查看为何没有采用。",
        en=f"data/raw has no usable report for {period.year}, so there is no figure to explain. "
        f"It has {printable(there) or 'nothing'}. Correct --year, or see with pipeline.py check "
        "why nothing was accepted.",
    )


def _not_there(catalogue: Catalogue, name: str, code: str, at: tuple[str, ...]) -> str:
    what, where = catalogue.indicators[name].name, catalogue.places[code].name
    names = [catalogue.places[one].name for one in at]
    return say(
        zh=f"“{what}”在{where}没有数。有数的单位：{'、'.join(names)}",
        en=f"“{what.en or what}” has no figure at {where}; it has at {', '.join(names)}",
    )


def _hint_zh(near: list[str]) -> str:
    return f"，是不是 {'、'.join(near)}？" if near else "。"


def _hint_en(near: list[str]) -> str:
    return f"; did you mean {' or '.join(near)}?" if near else "."


def _text(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


def _standing(one: SaidStanding) -> dict[str, object]:
    standing = one.standing
    return {
        "target_year": standing.target_year,
        "op": standing.op,
        "target": _text(standing.target),
        "gap": _text(standing.gap),
        "attainment": _text(standing.attainment),
        "pace": _text(standing.pace),
        "pace_kind": standing.pace_kind,
        "standing": standing.standing,
        "basis": standing.basis,
        "note": one.note,
    }


def _part(part: Part) -> dict[str, object]:
    return {
        "role": part.role,
        "sign": part.sign,
        "item": part.item,
        "total": part.total,
        "qualifier": part.qualifier,
        "cells": [{**one.fact._asdict(), "corrected": bool(one.corrections)} for one in part.facts],
    }
