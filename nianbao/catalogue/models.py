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
from nianbao.terminal import say


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
Word = Literal["missing", "not_applicable", "below_unit"] | Exact
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


class UnitSuspect(Model):
    """When a number is so far out that it was probably typed in another unit."""

    times: int = Field(default=1000, ge=2)  # what the same place told a year or a quarter before
    others: int = Field(default=5, ge=2)  # so many other places make a median to compare with
    counts_from: int = 10_000  # below this a count is never suspect


class Office(Model):
    """Who reports, and the house rules of its figures."""

    bureau: Text
    district: str
    sample_notice: Text | None = None
    rounding: Literal["half_up", "gbt8170"] = "half_up"
    suppression_threshold: int = 0
    small_base: Exact = Decimal(10)
    jump: Jump = Jump()
    unit_suspect: UnitSuspect = UnitSuspect()
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
    written: Literal["", "mmdd"] = ""  # 0308 is 8 March of the period's year


class Condition(Model):
    """What a row must say in one column to be counted: a value, a list, `not:` one, or `filled`."""

    among: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    filled: bool = False

    @model_validator(mode="after")
    def _says_something(self) -> "Condition":
        if not (self.among or self.excluded or self.filled):
            raise ValueError(say(zh="请至少写一个值", en="name at least one value"))
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
    type: Literal["count", "amount", "rate", "flag", "named", "milestone"] = "count"
    flow: Flow | None = None
    persons: bool | None = None  # counts persons whom a small number would point at
    signed: bool = False  # may be negative
    at_most: Exact | None = None  # what a rate can be at most
    fraction: bool = False  # a bare 1.0 means 100 %
    below_1: bool = False  # a rate that can truly be under 1 %: 0.038 is no slip for 3.8
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

    @property
    def counts_persons(self) -> bool:
        """Whether small numbers of it are withheld: as it says, else wherever the unit is 人."""
        return self.unit == "人" if self.persons is None else self.persons


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


class Rule(Model):
    """What must agree: an identity, how far it may be off, and how grave it is if it is."""

    holds: Annotated[Identity, BeforeValidator(_identity)]
    tolerance: Exact = Field(Decimal(0), ge=0)
    severity: Literal["error", "warning"] = "error"


class Agreement(Rule):
    """What must agree across forms or periods: at every place, or summed over the district."""

    at: Literal["place", "district"] = "place"


def _rule(raw: object) -> object:
    return {"holds": raw} if isinstance(raw, str) else raw


class Table(Model):
    """One table of a form: a grid (a row is a place or a label) or a ledger (a row is an event)."""

    kind: Literal["grid", "ledger"]
    title: str
    rows: Literal["township", "department", "label", "year"] | None = None
    row_label: Label = ()  # [""] where the head leaves the cell above the labels empty
    row_groups: tuple[Label, ...] = ()  # columns of group labels, left of the row labels
    calendar: Literal["gregorian", "roc"] = "gregorian"  # in which year labels count
    place: Annotated[LedgerPlace, BeforeValidator(_ledger_place)] = LedgerPlace(kinds=("district",))
    flow: Flow = "quarter"
    each_sheet: Literal["month", "year"] | None = None
    each_column: Literal["year"] | None = None  # the head says 年 for any year above the columns
    each_row: Literal["month"] | None = None
    words: dict[str, Word] = {}
    blank: Blank = "missing"
    tolerance: Exact = Decimal(0)
    date: str | None = None
    versions: dict[int | str, Version]
    fields: dict[str, LedgerField] = {}
    derived: dict[str, Derived] = {}
    items: dict[str, Item]
    identities: tuple[Annotated[Rule, BeforeValidator(_rule)], ...] = ()
    carry_forward: dict[str, str] = {}
    hints: tuple[str, ...] = ()  # items whose last value is shown on the blank form
    noted_rows: tuple[str, ...] = ()
    last_line: Literal["closed", "may_be_open"] = "closed"  # of a csv: some publishers end it open
    totals: tuple[str, ...] = ()  # labels of total rows, beside 合计 and the like
    shares: tuple[str, ...] = ()  # labels of rows of shares: neither added nor compared
    until: int | str | None = None  # the last year or quarter in which it was collected

    def version(self, period: Period) -> Version:
        """The head that is in force in a period: all versions up to it, laid over one another.

        Raises LookupError where the form did not exist yet.
        """
        since = {key: _since(key) for key in self.versions}
        dated = [(since[key], self.versions[key]) for key in sorted(since, key=since.__getitem__)]
        known = [version for since, version in dated if since <= (period.year, period.quarter or 1)]
        if not known:
            raise LookupError(f"no version of this form is in force in {period.name}")
        return Version(
            columns={k: v for one in known for k, v in one.columns.items()},
            fields={k: v for one in known for k, v in one.fields.items()},
            ignored=tuple(dict.fromkeys(label for one in known for label in one.ignored)),
        )

    def exists_in(self, period: Period) -> bool:
        """Whether any version of the form is in force in a period, and it is still collected."""
        if self.until is not None and Period.parse(str(self.until)).last_day < period.last_day:
            return False
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
    def yearly(self) -> bool:
        """Whether it names its years itself, in its rows, its columns or its sheets."""
        return "year" in (self.rows, self.each_column, self.each_sheet)

    @property
    def monthly(self) -> bool:
        """Whether it holds one number a month."""
        return self.each_sheet == "month" or self.each_row == "month"


def _since(key: int | str) -> tuple[int, int]:
    period = Period.parse(str(key))
    return period.year, period.quarter or 1


class Form(Model):
    """A form that the office collects: one workbook, or one from each township or department.

    What says `districts` is filled in by `batch --roll-up`, a row (`rows: township`) a district.
    """

    form: str
    name: Text
    department: str
    collected_from: Literal["bureau", "township", "department", "districts"] = "bureau"
    deadline: str = ""
    tables: dict[str, Table]
    across: tuple[Annotated[Agreement, BeforeValidator(_rule)], ...] = ()


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


class Redefined(Model):
    """A change of 口径: from when on, what it was, and whether the base has been restated to it."""

    since: Annotated[str, BeforeValidator(str)]  # the first period by the new definition
    note: Text | None = None
    restated: bool = False

    @field_validator("since")
    @classmethod
    def _a_period(cls, text: str) -> str:
        return Period.parse(text).name

    @property
    def day(self) -> datetime.date:
        """The first day of the new definition."""
        since = Period.parse(self.since)
        return since.first_day if since.quarter is None else since.quarter_first_day

    def parts(self, before: Period, now: Period) -> bool:
        """Whether what two reports cover is not all by one definition."""
        return before.first_day < self.day <= now.last_day


class Indicator(Model):
    """A figure of the report: its formula, unit and meaning."""

    section: str
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
    above_100: Literal["impossible", "allowed"] = "impossible"  # of a rate
    jump: Exact | None = None
    department: str
    source_rows: tuple[str, ...] = ()
    definition: Text | None = None
    redefined: Redefined | None = None

    @model_validator(mode="after")
    def _one_formula(self) -> "Indicator":
        ways = [self.numerator, self.across, self.diversity, self.index]
        if sum(way is not None for way in ways) != 1:
            raise ValueError(
                say(
                    zh="numerator、across、diversity、index应写且只写一个",
                    en="give exactly one of numerator, across, diversity, index",
                )
            )
        if self.denominator is not None and self.numerator is None:
            raise ValueError(
                say(zh="有denominator就要有numerator", en="a denominator needs a numerator")
            )
        if self.over_time == "ratio_of_sums" and self.denominator is None:
            raise ValueError(
                say(zh="ratio_of_sums要有denominator", en="ratio_of_sums needs a denominator")
            )
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

    @property
    def parts(self) -> tuple[str, ...]:
        """The indicators that a derived one is made of."""
        if self.across:
            return (self.across.of,)
        return tuple(self.index.components) if self.index else ()


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
            raise ValueError(
                say(
                    zh="目标要有value，done则没有", en="a target needs a value, and `done` has none"
                )
            )
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
    """The report from top to bottom: its sections, then its appendices.

    `groups` are the tables of indicators, by the `section` that the indicators name.
    """

    sections: dict[str, OutlineSection]
    appendices: tuple[str, ...] = ("values", "targets", "quality", "definitions", "method")
    groups: dict[str, Text] = {}
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


class Spoken(Model):
    """How drafts speak of an indicator: phrases for its value and the two counts of a rate."""

    say: tuple[str, ...] = ()
    numerator: tuple[str, ...] = ()
    denominator: tuple[str, ...] = ()
    also: str = ""
    unless: str = ""
    only: str = ""


class Phrasebook(Model):
    """What phrases.yml holds: words that tell nothing, that narrow, that change the subject."""

    verbs: str
    filler: str
    narrowing: str
    topics: str
    indicators: dict[str, Spoken]
