"""What a catalogue holds, as frozen models: office, places, forms, indicators, targets, outline."""

import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from nianbao.formulas import (
    Formula,
    FormulaError,
    Identity,
    parse_formula,
    parse_identity,
    parse_sum,
)
from nianbao.period import Period


def _exact(raw: object) -> object:
    """Numbers of a YAML file as decimals: 0.2 means 0.2, not its nearest double."""
    return Decimal(str(raw)) if isinstance(raw, int | float) and not isinstance(raw, bool) else raw


def _listed(raw: object) -> object:
    return raw if isinstance(raw, list | tuple) else [raw]


def _texts(raw: object) -> object:
    """Labels of a table head as text, also where YAML sees a number or a yes/no."""
    return [str(part) for part in raw] if isinstance(raw, list) else raw


def _blank(raw: object) -> object:
    return "zero" if raw == 0 else raw


Exact = Annotated[Decimal, BeforeValidator(_exact)]
Label = Annotated[tuple[str, ...], BeforeValidator(_texts)]
Names = Annotated[tuple[str, ...], BeforeValidator(_listed)]
Flow = Literal["quarter", "cumulative", "stock", "opening"]
Word = Literal["missing", "not_applicable"] | Exact
Blank = Annotated[Literal["missing", "not_applicable", "zero"], BeforeValidator(_blank)]


class Model(BaseModel):
    """Frozen, and an unknown key is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Text(Model):
    """Words in the report's languages; Chinese always."""

    zh: str
    en: str = ""

    def __str__(self) -> str:
        return self.zh


class Jump(Model):
    """When a change on last year is worth a look."""

    percent: Exact = Decimal(30)
    base: Exact = Decimal(30)
    points: Exact = Decimal(5)


class Office(Model):
    """Who reports, and the house rules of its figures."""

    bureau: Text
    district: str
    sample_notice: Text | None = None
    rounding: Literal["half_up", "gbt8170"] = "half_up"
    suppression_threshold: int = 0
    small_base: Exact = Decimal(10)
    jump: Jump = Jump()
    lagging_places: int = Field(3, ge=1)
    expects: dict[str, Literal["quarter", "year"]]


PlaceKind = Literal["district", "township", "department", "bureau"]


class Place(Model):
    """One row of places.csv: a district, township or department, and when it exists."""

    code: str
    name: str
    kind: PlaceKind
    order: int
    valid_from: datetime.date | None = None
    valid_to: datetime.date | None = None
    aliases: tuple[str, ...] = ()

    def valid_in(self, period: Period) -> bool:
        """Whether it exists on the last day of a period."""
        day = period.last_day
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )


class LedgerField(Model):
    """One column of a ledger."""

    type: Literal["date", "choice", "number", "amount", "text", "place"]
    required: bool = False
    unit: str = ""
    values: dict[str, tuple[str, ...]] = {}
    merged: Literal["", "fill"] = ""


class Condition(Model):
    """What a row must say in one column to be counted: a value, a list, `not:` one, or `filled`."""

    among: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    filled: bool = False

    @model_validator(mode="after")
    def _says_something(self) -> "Condition":
        if not (self.among or self.excluded or self.filled):
            raise ValueError("name at least one value")
        return self


def _condition(raw: object) -> object:
    if raw == "filled":
        return {"filled": True}
    if isinstance(raw, dict):
        return {"excluded": _listed(raw["not"])} if set(raw) == {"not"} else raw
    return {"among": _listed(raw)}


class Derived(Model):
    """A number worked out within one row of a ledger."""

    working_days: tuple[str, str]
    unit: str = ""


class Item(Model):
    """One thing that a form reports."""

    zh: str
    en: str = ""
    unit: str = ""
    type: Literal["count", "amount", "flag", "named", "milestone"] = "count"
    flow: Flow | None = None
    words: dict[str, Word] = {}
    # a grid whose rows carry labels: where the item stands
    row: str | None = None
    column: str | None = None
    # a ledger: how rows become a number
    at: Annotated[tuple[PlaceKind, ...], BeforeValidator(_listed)] | None = None
    count: Literal["rows", "distinct"] | None = None
    of: Names = ()
    sum: str | None = None
    date: str | None = None
    where: dict[str, Annotated[Condition, BeforeValidator(_condition)]] = {}


class LedgerPlace(Model):
    """Which place a ledger's row belongs to: one kind's, its field's, or its sheet's.

    A row whose field is empty belongs to the district (`otherwise: district`).
    """

    field: str | None = None
    sheet: bool = False
    kinds: Annotated[tuple[PlaceKind, ...], BeforeValidator(_listed)] = ()
    otherwise: Literal["district"] | None = None


def _ledger_place(raw: object) -> object:
    return {"kinds": (raw,)} if isinstance(raw, str) else raw


class Version(Model):
    """The head of a form from a period on; a later version lists only what changed."""

    columns: dict[str, Label] = {}
    fields: dict[str, Label] = {}
    ignored: tuple[Label, ...] = ()


def _identity(raw: object) -> object:
    if not isinstance(raw, str):
        return raw
    try:
        return parse_identity(raw)
    except FormulaError as error:
        raise ValueError(str(error)) from error


def _formula(raw: object) -> object:
    if not isinstance(raw, str):
        return raw
    try:
        return parse_formula(raw)
    except FormulaError as error:
        raise ValueError(str(error)) from error


class Table(Model):
    """One table of a form: a grid (a row is a place or a label) or a ledger (a row is an event)."""

    kind: Literal["grid", "ledger"]
    title: str
    rows: Literal["township", "department", "label"] | None = None
    row_label: Label = ()
    place: Annotated[LedgerPlace, BeforeValidator(_ledger_place)] = LedgerPlace(kinds=("district",))
    flow: Flow = "quarter"
    each_sheet: Literal["month"] | None = None
    each_row: Literal["month"] | None = None
    words: dict[str, Word] = {}
    blank: Blank = "missing"
    tolerance: Exact = Decimal(0)
    date: str | None = None
    versions: dict[int | str, Version]
    fields: dict[str, LedgerField] = {}
    derived: dict[str, Derived] = {}
    items: dict[str, Item]
    identities: tuple[Annotated[Identity, BeforeValidator(_identity)], ...] = ()
    carry_forward: dict[str, str] = {}
    noted_rows: tuple[str, ...] = ()

    def version(self, period: Period) -> Version:
        """The head that is in force in a period: all versions up to it, laid over one another.

        Raises LookupError where the form did not exist yet.
        """
        dated = sorted((_since(key), version) for key, version in self.versions.items())
        known = [version for since, version in dated if since <= (period.year, period.quarter or 1)]
        if not known:
            raise LookupError(f"no version of this form is in force in {period.name}")
        return Version(
            columns={k: v for one in known for k, v in one.columns.items()},
            fields={k: v for one in known for k, v in one.fields.items()},
            ignored=tuple(dict.fromkeys(label for one in known for label in one.ignored)),
        )

    def exists_in(self, period: Period) -> bool:
        """Whether any version of the form is in force in a period."""
        return any(_since(key) <= (period.year, period.quarter or 1) for key in self.versions)

    def flow_of(self, item: str) -> Flow:
        """How an item adds up over time: its own flow, or the table's."""
        return self.items[item].flow or self.flow

    def kinds_of(self, item: str) -> tuple[str, ...]:
        """The kinds of place that report an item."""
        if self.kind == "grid":
            return (self.rows,) if self.rows in ("township", "department") else ("district",)
        return self.items[item].at or self.place.kinds or ("district",)

    @property
    def monthly(self) -> bool:
        """Whether it holds one number a month."""
        return self.each_sheet == "month" or self.each_row == "month"


def _since(key: int | str) -> tuple[int, int]:
    period = Period.parse(str(key))
    return period.year, period.quarter or 1


class Form(Model):
    """A form that the office collects."""

    form: str
    name: Text
    department: str
    tables: dict[str, Table]


class Across(Model):
    """How unevenly an indicator is spread over townships."""

    measure: Literal["cv", "max_min", "gini", "below_half_median"]
    of: str


class Diversity(Model):
    """How varied a composition is."""

    measure: Literal["evenness", "top_share", "distinct"]
    items: tuple[str, ...]


class Component(Model):
    """One part of an index."""

    weight: Exact
    full_marks: Exact


class Index(Model):
    """A weighted mean of indicators at each township; nobody has published the weights."""

    basis: Literal["source", "standard", "assumed"]
    components: dict[str, Component]


Better = Literal["higher", "lower", "hold_at_100", "volume", "context"]
OverTime = Literal["sum", "ratio_of_sums", "end_of_period", "latest", "done", "derived"]
Section = Literal["party", "coordination", "government", "society", "problem"]


class Indicator(Model):
    """A figure of the report: its formula, unit and meaning."""

    section: Section
    name: Text
    numerator: Annotated[Formula | None, BeforeValidator(_formula)] = None
    denominator: Annotated[Formula | None, BeforeValidator(_formula)] = None
    across: Across | None = None
    diversity: Diversity | None = None
    index: Index | None = None
    unit: str
    decimals: int = Field(0, ge=0, le=6)
    over_time: OverTime
    better: Better
    change: Literal["percent", "points", "difference"] | None = None
    incomplete: Literal["missing", "show"] = "missing"
    jump: Exact | None = None
    department: str
    source_rows: tuple[str, ...] = ()
    definition: Text | None = None

    @model_validator(mode="after")
    def _one_formula(self) -> "Indicator":
        ways = [self.numerator, self.across, self.diversity, self.index]
        if sum(way is not None for way in ways) != 1:
            raise ValueError("give exactly one of numerator, across, diversity, index")
        if self.denominator is not None and self.numerator is None:
            raise ValueError("a denominator needs a numerator")
        if self.over_time == "ratio_of_sums" and self.denominator is None:
            raise ValueError("ratio_of_sums needs a denominator")
        return self

    @property
    def is_rate(self) -> bool:
        """Whether it is a percentage, whose changes are percentage points."""
        return self.unit == "%"

    @property
    def change_as(self) -> Literal["percent", "points", "difference"]:
        """How its change is said: its own choice, else points for rates, percent for the rest."""
        return self.change or ("points" if self.is_rate else "percent")

    @property
    def items(self) -> tuple[str, ...]:
        """The items its own formula needs (none for one derived from other indicators)."""
        if self.diversity:
            return self.diversity.items
        parts = [part.items for part in (self.numerator, self.denominator) if part]
        return tuple(dict.fromkeys(item for part in parts for item in part))


class Target(Model):
    """What one indicator is to reach, and who says so."""

    row: str = ""
    op: Literal[">=", "<=", "=", "done"]
    value: Exact | None = None
    basis: Literal["source", "standard", "assumed"]
    note: str = ""
    due: datetime.date

    @field_validator("note", mode="before")
    @classmethod
    def _text(cls, raw: object) -> object:
        return str(raw)

    @model_validator(mode="after")
    def _has_value(self) -> "Target":
        if (self.op == "done") != (self.value is None):
            raise ValueError("a target needs a value, and `done` has none")
        return self


class Chart(Model):
    """One chart: its kind, what it shows, and the question that its title asks or answers."""

    kind: str
    title: Text
    indicators: tuple[str, ...] = ()
    options: dict[str, Any] = {}
    periods: Literal["all", "year", "quarter"] = "all"


class OutlineSection(Model):
    """One piece of the report: its sentences, then its charts and tables."""

    wording: str
    charts: dict[str, Chart] = {}


class Outline(Model):
    """The report from top to bottom."""

    sections: dict[str, OutlineSection]
    headlines: tuple[str, ...] = ()
    township_table: tuple[str, ...] = ()


__all__ = [
    "Across",
    "Chart",
    "Condition",
    "Derived",
    "Diversity",
    "Form",
    "Index",
    "Indicator",
    "Item",
    "LedgerField",
    "LedgerPlace",
    "Office",
    "Outline",
    "OutlineSection",
    "Place",
    "Table",
    "Target",
    "Text",
    "Version",
    "parse_sum",
]
