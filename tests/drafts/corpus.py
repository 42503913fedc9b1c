"""The corpus of drafts: read, held against the values of a run, written as files.

`corpus.yml` says how a text names its figures. A draft is rendered with its blanks, whole, or whole
with slips planted in it.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import yaml

from tests.small_word import paragraph, run, table, write_word_file

HERE = Path(__file__).parent
CORPORA = (HERE / "corpus.yml", HERE / "held_out.yml")
_SIGN = re.compile(r"\{([!?]?)([^{}]+)\}")
_REFERENCE = re.compile(r"[a-z_][a-z0-9_]*(?:\.[a-z]+)?(?:@[SB]\d\d)?")
_PART = re.compile(rf"({_REFERENCE.pattern}|\d+(?:\.\d+)?)|([-+*/])")
_ZEROS = re.compile(r"(\d+\.\d*?)0+(?!\d)")
DISTRICT = "S00"
_COLUMNS = {
    "": "value", "num": "numerator", "den": "denominator", "previous": "previous",
    "change": "change",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Slot:
    """A stretch of a unit: what stands there as a blank, and what belongs there.

    `kind` is `blank`, `given`, or why it must stay: `name`, `ambiguous`, `no_data`.
    """

    kind: str
    blank: str
    whole: str
    source: str


@dataclass(frozen=True, slots=True)
class Planted:
    """One slip: its kind, the unit it stands in, and where in the finished text."""

    kind: str
    unit: int
    start: int
    end: int
    right: str
    text: str


Unit = tuple[Slot | str, ...]  # a paragraph, or a cell of a table


class Values:
    """The values and standings of the runs that a folder of tables holds."""

    def __init__(self, processed: Path) -> None:
        self._rows: dict[tuple[str, str, str], dict[str, str]] = {}
        for period in ("2023", "2024Q3"):
            for name in ("values", "standings"):
                with (processed / period / f"{name}.csv").open(encoding="utf-8-sig") as file:
                    for row in csv.DictReader(file):
                        key = period, row["indicator"], row["place"]
                        known = self._rows.setdefault(key, {})
                        known |= {k: v for k, v in row.items() if k not in known}

    def number(self, period: str, reference: str) -> Decimal:
        """The number of a reference such as `mediation_cases.change@S04`."""
        name, _, place = reference.partition("@")
        indicator, _, column = name.partition(".")
        row = self._rows[period, indicator, place or DISTRICT]
        return Decimal(row[_COLUMNS.get(column, column)])

    def at_least(self, period: str, reference: str) -> bool:
        """Whether a value is known to be at least so much."""
        return "at_least" in self._rows[period, reference, DISTRICT]["note"].split(";")


@dataclass(frozen=True, slots=True)
class CorpusDraft:
    """One draft of the corpus."""

    id: str
    period: str
    kind: str
    blank: str
    text: str
    errors: tuple[Mapping[str, str], ...]

    def lines(self, values: Values, changed: Sequence[Mapping[str, str]] = ()) -> list[list[Unit]]:
        """The units line by line; a row of a table has several."""
        text = self.text
        for error in changed:
            if text.count(error["find"]) != 1:
                raise ValueError(f"{self.id}: {error['find']} stands {text.count(error['find'])}×")
            text = text.replace(error["find"], error["to"])
        return [
            [self._unit(part, values) for part in _parts(line)]
            for line in text.splitlines()
            if line.strip()
        ]

    def units(self, values: Values, changed: Sequence[Mapping[str, str]] = ()) -> list[Unit]:
        """The units in reading order."""
        return [unit for line in self.lines(values, changed) for unit in line]

    def _unit(self, text: str, values: Values) -> Unit:
        found: list[Slot | str] = []
        at = 0
        for sign in _SIGN.finditer(text):
            found += [text[at : sign.start()], self._slot(sign[1], sign[2], values)]
            at = sign.end()
        return (*found, text[at:])

    def _slot(self, how: str, inner: str, values: Values) -> Slot:
        if how == "?":
            kind, _, text = inner.partition(" ")
            text = self.blank if kind != "name" and text == "××" else text
            return Slot(kind, text, text, inner)
        expression, *styles = inner.split("|")
        whole, blank = str(self._reckoned(expression, styles, values)), self.blank
        if "余" in styles:
            exact = Decimal(whole)
            short = exact - exact % 10 ** max(len(whole) - 2, 0)
            round_one = short == exact and not values.at_least(self.period, expression)
            whole, blank = f"{short}{'' if round_one else '余'}", f"{self.blank}余"
        if "atleast" in styles:
            whole += "余"
        return Slot("given" if how else "blank", whole if how else blank, whole, inner)

    def _reckoned(self, expression: str, styles: Sequence[str], values: Values) -> Decimal:
        total, operator = Decimal(0), "+"
        for number, sign in _PART.findall(expression):
            if sign:
                operator = sign
                continue
            known = _REFERENCE.fullmatch(number)
            one = values.number(self.period, number) if known else Decimal(number)
            total = {
                "+": lambda a, b: a + b, "-": lambda a, b: a - b,
                "*": lambda a, b: a * b, "/": lambda a, b: a / b,
            }[operator](total, one)  # fmt: skip
        if "abs" in styles:
            total = abs(total)
        if total < 0:
            raise ValueError(f"{self.id}: {expression} is {total}; its sentence needs |abs")
        for style in styles:
            if style.isdecimal():
                total = total.quantize(Decimal(1).scaleb(-int(style)), ROUND_HALF_UP)
        return total

    def planted(self, values: Values, errors: Sequence[Mapping[str, str]]) -> Iterator[Planted]:
        """Where slips stand that are made together: at most one in a unit."""
        for right, wrong, number in _paired(self.units(values), self.units(values, errors)):
            if right != wrong:
                here = [one for one in errors if number in self._touched(one, values)]
                start = _common(right, wrong)
                end = max(len(wrong) - _common(right[::-1], wrong[::-1]), start + 1)
                yield Planted(here[0]["kind"], number, start, end, right, wrong)

    def _touched(self, error: Mapping[str, str], values: Values) -> set[int]:
        pairs = _paired(self.units(values), self.units(values, [error]))
        return {number for right, wrong, number in pairs if right != wrong}

    def rounds(self, values: Values) -> Iterator[list[Mapping[str, str]]]:
        """The slips in as few copies as will do: one in a unit, and dates and repeats alone."""
        waiting = list(self.errors)
        while waiting:
            together: list[Mapping[str, str]] = []
            taken: set[int] = set()
            for error in list(waiting):
                touched = self._touched(error, values)
                alone = error["kind"] in ("date", "twice")
                if touched & taken or (alone and together):
                    continue
                together.append(error)
                taken |= touched
                waiting.remove(error)
                if alone:
                    break
            yield together


def whole(unit: Unit) -> str:
    """The finished text of a unit."""
    return "".join(one if isinstance(one, str) else one.whole for one in unit)


def blank(unit: Unit) -> str:
    """The text of a unit with its blanks."""
    return "".join(one if isinstance(one, str) else one.blank for one in unit)


def slots(unit: Unit) -> list[Slot]:
    """The blanks of a unit, also those that must stay."""
    return [one for one in unit if isinstance(one, Slot) and one.kind != "given"]


def answers(unit: Unit, text: str) -> list[str] | None:
    """What a filled text has in the place of each blank; None where more than blanks changed."""
    pattern = "".join(
        re.escape(one) if isinstance(one, str)
        else re.escape(one.whole) if one.kind == "given"
        else "(.+?)"
        for one in unit
    )  # fmt: skip
    found = re.fullmatch(pattern, text, re.DOTALL)
    return list(found.groups()) if found else None


def same(one: str, other: str) -> bool:
    """Whether two answers are the same number in the same words: 100 and 100.0 are."""
    return _bare(one) == _bare(other)


def _bare(text: str) -> str:
    return _ZEROS.sub(lambda found: found[1].rstrip("."), text).replace(",", "")


def _paired(one: list[Unit], other: list[Unit]) -> Iterator[tuple[str, str, int]]:
    for number, (right, wrong) in enumerate(zip(one, other, strict=True)):
        yield whole(right), whole(wrong), number


def _common(one: str, other: str) -> int:
    length = 0
    while length < min(len(one), len(other)) and one[length] == other[length]:
        length += 1
    return length


def _parts(line: str) -> list[str]:
    """A line, or the cells of a row; the bars within {} are no borders."""
    if not line.startswith("|"):
        return [line]
    cells = re.split(r"\|(?![^{]*\})", line)
    return [cell.strip() for cell in cells[1:-1]]


def read_corpus(path: Path) -> list[CorpusDraft]:
    """The drafts of a file."""
    entries: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [
        CorpusDraft(
            one["id"], one["period"], one["kind"], one.get("blank", "××"), one["text"],
            tuple(one["errors"]),
        )
        for one in entries
    ]  # fmt: skip


def write(folder: Path, draft: CorpusDraft, lines: Sequence[Sequence[str]]) -> Path:
    """Write rendered lines as a file of the draft's kind."""
    path = folder / f"{draft.id}.{draft.kind}"
    if draft.kind == "docx":
        return write_word_file(path, "".join(_word(lines)))
    text = []
    for number, line in enumerate(lines):
        text.append(line[0] if len(line) == 1 else f"| {' | '.join(line)} |")
        if len(line) > 1 and (number == 0 or len(lines[number - 1]) == 1):
            text.append("|---" * len(line) + "|")
    path.write_text("\n".join(text) + "\n", encoding="utf-8")
    return path


def _word(lines: Sequence[Sequence[str]]) -> Iterator[str]:
    rows: list[tuple[str, ...]] = []
    for line in [*lines, [""]]:
        if len(line) > 1:
            rows.append(tuple(line))
            continue
        if rows:
            yield table(*rows)
            rows = []
        if line[0]:
            level = len(line[0]) - len(line[0].lstrip("#"))
            outline = f'<w:pPr><w:outlineLvl w:val="{level - 1}"/></w:pPr>' if level else ""
            yield paragraph(outline, *_runs(line[0]))


def _runs(text: str) -> Iterator[str]:
    """The text in several runs, as Word leaves it after some editing."""
    for at in range(0, len(text), 7):
        yield run(text[at : at + 7], "<w:b/>" if at % 2 else "")
