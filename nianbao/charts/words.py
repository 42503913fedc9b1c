"""The words inside charts and in their alt texts, read from `wording/charts.yml`."""

import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from nianbao.catalogue.source import Source, did_you_mean, read_source, unknown
from nianbao.figures import Figure
from nianbao.languages import LANGUAGES
from nianbao.period import Period
from nianbao.rounding import plain
from nianbao.terminal import say
from nianbao.workspace import PROJECT

NAME = "charts.yml"
_QUALIFIERS = ("about", "at_least", "at_most")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language: sentences with {fields}, and what units are called."""

    lang: str
    texts: Mapping[str, str]
    units: Mapping[str, str]

    def say(self, key: str, **fields: object) -> str:
        """One text with its fields filled in."""
        return self.texts[key].format(**{name: str(value) for name, value in fields.items()})

    def unit(self, unit: str) -> str:
        """A unit in this language."""
        return self.units.get(unit, unit)

    def listed(self, names: Sequence[str], joint: str = "and") -> str:
        """Names, or clauses (joint `then`), one after another."""
        return self.texts[joint].join(names)

    def amount(self, value: Decimal | None, unit: str) -> str:
        """A value with its unit: 97.9%, 12件, 3.0人/所; a dash where there is none."""
        if value is None:
            return self.texts["nothing"]
        return self._with_unit(self.number(value), unit)

    def _with_unit(self, number: str, unit: str) -> str:
        if unit == "%":
            return number + unit
        shown = self.unit(unit)
        return self.say("amount", value=number, unit=shown) if shown else number

    def number(self, value: Decimal) -> str:
        """A number's digits as this language groups them."""
        return LANGUAGES[self.lang].digits(plain(value))

    def unit_line(self, unit: str) -> str:
        """单位：件, where the unit has a name."""
        shown = self.unit(unit)
        return self.say("unit", unit=shown) if shown else ""

    def value(self, figure: Figure, *, unit: bool = True) -> str:
        """A figure's value as it is printed, with 约, 余 or 近 where the data say so."""
        if figure.value is None:
            return self.texts["nothing"]
        text = self.number(whole(figure.value) if _is_whole(figure) else figure.value)
        for note in _QUALIFIERS:
            if figure.note(note) is not None:
                text = self.say(note, value=text)
        return self._with_unit(text, figure.unit) if unit else text

    def base(self, figure: Figure) -> str:
        """Last year's value as it is printed, without its unit."""
        if figure.previous is None:
            return self.texts["nothing"]
        full = figure.unit == "%" and figure.previous in (0, 100)
        text = self.number(whole(figure.previous) if full else figure.previous)
        for note in _QUALIFIERS:
            if figure.note(f"base_{note}") is not None:
                text = self.say(note, value=text)
        return text

    def change(self, figure: Figure) -> str:
        """A change as it is said: 增长12.5%, 提高0.8个百分点, 新增5件, 持平."""
        kind, change = figure.change_kind, figure.change
        if kind == "new":
            return self.say("change.new", value=self.value(figure))
        if figure.note("redefined") is not None:
            return self.texts["change.redefined"]
        if kind == "not_comparable":
            return self.texts[f"change.rough_{_direction(figure)}"]
        if kind == "none" or (change is None and kind != "same"):
            return self.texts["change.none"]
        if kind == "same" or not change:
            return self.texts["change.same"]
        direction, size = "up" if change > 0 else "down", abs(change)
        if kind == "count":
            # 人/所 grows by so many 人
            of_change = figure.unit.split("/")[0] if self.lang == "zh" else ""
            amount = self._with_unit(self.number(size), of_change)
            return self.say(f"change.count_{direction}", amount=amount)
        return self.say(f"change.{kind}_{direction}", value=self.number(size))

    def quarter(self, quarter: int) -> str:
        """A quarter's name."""
        return self.texts[f"quarter.{quarter}"]

    def period(self, period: Period) -> str:
        """A report's period: 2023年, 2024年1—9月."""
        return LANGUAGES[self.lang].period(period)


def whole(value: Decimal) -> Decimal:
    """Exactly 0 or 100 % has no decimals; other values are given back as they are."""
    return value.to_integral_value() if value == value.to_integral_value() else value


def _is_whole(figure: Figure) -> bool:
    """Whether a rate is exactly nothing or all, not a rounded 100.0."""
    if figure.unit != "%" or figure.numerator is None:
        return False
    return figure.numerator in (0, figure.denominator)


def _direction(figure: Figure) -> str:
    if figure.value is None or figure.previous is None or figure.value == figure.previous:
        return "same"
    return "up" if figure.value > figure.previous else "down"


def _shipped() -> Source:
    return read_source(PROJECT / "wording" / NAME, f"wording/{NAME}")


def load_words(lang: str = "zh", folders: tuple[Path, ...] = ()) -> Words:
    """Read the words of a language from the first of these folders that has them.

    Without folders, or where none has the file, the project's own are used. Raises CatalogueError
    with file, line and column for an unknown key, a missing text or a field that a text cannot
    have; the project's own file says which keys and fields there are.
    """
    shipped = _shipped()
    own = next((folder / NAME for folder in folders if (folder / NAME).exists()), None)
    source = shipped if own is None else read_source(own, f"wording/{NAME}")
    if source is not shipped:
        _check(source, shipped, lang)
    content = source.content[lang]
    return Words(lang, content["texts"], content["units"] or {})


def _check(source: Source, shipped: Source, lang: str) -> None:
    content = source.content.get(lang) if isinstance(source.content, dict) else None
    if not isinstance(content, dict) or not isinstance(content.get("texts"), dict):
        raise source.error(
            (), say(zh=f"这里缺少“{lang}: texts:”", en=f"“{lang}: texts:” is missing here")
        )
    if not isinstance(content.get("units", {}), dict):
        raise source.error(
            (lang, "units"), say(zh="这里应是计量单位及其名称", en="expected units and their names")
        )
    known: Mapping[str, str] = shipped.content[lang]["texts"]
    for key, text in content["texts"].items():
        path = (lang, "texts", str(key))
        if key not in known:
            raise source.error(
                path, unknown(key, did_you_mean(str(key), known), zh="文字", en="text")
            )
        if not isinstance(text, str):
            raise source.error(path, say(zh=f"“{key}”应是文字", en=f"“{key}” must be text"))
        try:
            fields = fields_of(text)
        except ValueError as error:
            raise source.error(path, f"“{key}”: {error}") from error
        for name in sorted(fields - fields_of(known[key])):
            hint = did_you_mean(name, fields_of(known[key]))
            raise source.error(
                path,
                say(
                    zh=f"“{key}”中没有字段“{name}”{hint}", en=f"“{key}” has no field “{name}”{hint}"
                ),
            )
    for key in known:
        if key not in content["texts"]:
            raise source.error(
                (lang, "texts"),
                say(zh=f"这里缺少文字“{key}”", en=f"the text “{key}” is missing here"),
            )


def fields_of(text: str) -> set[str]:
    """The names in braces of a text; ValueError for an unclosed or nameless one."""
    names = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    if any(not name.isidentifier() for name in names):
        raise ValueError("a field is a plain name in braces, like {name}")
    return names
