"""What the sheets say: the report's figures, row by row, as its page prints them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from nianbao.captions import Captions
from nianbao.catalogue import Indicator
from nianbao.figures import Figure
from nianbao.narrative import Narrator
from nianbao.printing import Said, SaidStanding, printed, said_standings
from nianbao.revised import Compared, SaidRevision
from nianbao.spreadsheets.pages import Cell, Column, Kind, Page, distinct
from nianbao.tables import groups_of, indicators_of, township_rows

Rows = Sequence[Mapping[str, str]]
_FEW_YEARS = 2  # this year and the one before stand in the table of values


@dataclass(frozen=True, slots=True)
class Material:
    """What the workbook is made of: the report's narrator, its words, and its published tables."""

    narrator: Narrator
    words: Captions
    meanings: Captions  # of the codes of findings
    findings: Rows
    corrections: Rows
    files: Rows
    revised: Sequence[Compared]

    def say(self, group: str, name: str, /, **words: object) -> str:
        """One text of wording/tables.yml."""
        return self.words.say(group, name, words)

    def lacking(self, why: str) -> str:
        """What stands in the place of a number that is not there."""
        return self.say("shorthand", why)

    def number(self, value: Decimal | None, why: str, *, whole: bool = False) -> Cell:
        """A number as the page prints it, or why there is none."""
        return self.lacking(why) if value is None else Decimal(printed(value, whole))

    def place(self, code: str) -> str:
        """A place's name."""
        places = self.narrator.catalogue.places
        return places[code].name if code in places else code

    def one(self, indicator: str) -> Indicator:
        """An indicator of the catalogue."""
        return self.narrator.catalogue.indicators[indicator]


def pages(material: Material) -> Iterator[Page]:
    """Every sheet that has something to say, in order."""
    for make in (
        _values,
        _milestones,
        _townships,
        _years,
        _standings,
        _revisions,
        _findings,
        _corrections,
        _files,
        _definitions,
        _notes,
    ):
        if (page := make(material)).rows:
            yield page


def _page(
    m: Material, key: str, columns: Iterable[tuple[str, Kind]], rows: Iterable[tuple[Cell, ...]]
) -> Page:
    """One sheet; its heads are worded by their names."""
    heads = tuple(Column(m.say("columns", name), kind) for name, kind in columns)
    return _headed(m, key, heads, tuple(rows))


def _headed(
    m: Material, key: str, heads: tuple[Column, ...], rows: tuple[tuple[Cell, ...], ...]
) -> Page:
    narrator = m.narrator
    period = narrator.language.period(narrator.period)
    office = narrator.catalogue.office
    notes = [m.say("cover", "of", bureau=office.bureau, period=period)]
    if office.sample_notice:
        notes.append(m.say("cover", "sample", notice=office.sample_notice))
    notes.append(m.say("abouts", key))
    title = m.say("titles", key, period=period)
    return Page(key, m.say("sheets", key), title, tuple(notes), heads, rows)


# --- figures --------------------------------------------------------------------------------------


def _values(m: Material) -> Page:
    columns: list[tuple[str, Kind]] = [
        ("indicator", "name"), ("code", "short"), ("group", "short"), ("period", "short"),
        ("unit", "short"), ("value", "number"), ("previous", "number"), ("change", "number"),
        ("change_kind", "short"), ("comparison", "words"), ("reported", "number"),
        ("expected", "number"), ("note", "words"), ("department", "short"),
    ]  # fmt: skip
    return _page(m, "values", columns, (_value_row(m, group, f) for group, f in _collected(m)))


def _collected(m: Material, *, milestones: bool = False) -> Iterator[tuple[str, Said]]:
    """The indicators of the report by group, either the milestones or all others."""
    catalogue, period = m.narrator.catalogue, m.narrator.period
    for group in groups_of(catalogue, period):
        for name in indicators_of(catalogue, group, period):
            if (m.one(name).over_time == "done") == milestones:
                yield str(catalogue.outline.groups.get(group, group)), m.narrator.said(name)


def _value_row(m: Material, group: str, said: Said) -> tuple[Cell, ...]:
    f, one = said.figure, m.one(said.id)
    reported, _, expected = f.completeness.partition("/")
    counted = reported.isdecimal() and expected.isdecimal()
    return (
        str(one.name),
        said.id,
        group,
        f.note("annual") or f.period,
        m.narrator.unit_name(f.unit),
        _value(m, said),
        m.number(f.previous, _why_no_base(f), whole=said.was_whole),
        m.number(f.change, "z"),
        m.say("kinds", f.change_kind),
        m.narrator.phrase("changed", said),
        int(reported) if counted else m.lacking("z"),
        int(expected) if counted else m.lacking("z"),
        _notes_of(m, f),
        one.department,
    )


def _value(m: Material, said: Said) -> Cell:
    return m.number(said.figure.value, _why_missing(said.figure), whole=said.whole)


def _why_missing(f: Figure) -> str:
    if f.withheld:
        return "c"
    return "z" if f.note("zero_denominator") is not None else "x"


def _why_no_base(f: Figure) -> str:
    if f.base_withheld:
        return "c"
    return "x" if f.note("base_missing") is not None else "z"


def _notes_of(m: Material, f: Figure) -> str:
    """The notes of a figure in words."""
    said = []
    for note in f.notes:
        name, _, rest = note.partition(":")
        places = m.narrator.language.listed(m.place(code) for code in rest.split(",") if code)
        said.append(m.say("notes", name, names=places.unescape(), year=rest))
    return m.say("cover", "between").join(said)


def _milestones(m: Material) -> Page:
    columns: list[tuple[str, Kind]] = [
        ("milestone", "name"), ("code", "short"), ("group", "short"), ("progress", "short"),
        ("evidence", "words"), ("department", "short"),
    ]  # fmt: skip
    rows = (
        (
            str(m.one(said.id).name),
            said.id,
            group,
            m.say("progress", m.narrator.status(said.id)),
            m.narrator.evidence(said.id).striptags(),
            m.one(said.id).department,
        )
        for group, said in _collected(m, milestones=True)
    )
    return _page(m, "milestones", columns, rows)


def _townships(m: Material) -> Page:
    wanted = m.narrator.catalogue.outline.township_table
    rows = tuple(
        (
            m.place(row.place),
            row.place,
            *(_value(m, said) if said else m.lacking("z") for said in row.cells),
        )
        for row in township_rows(m.narrator.figures, wanted)
    )
    return _headed(m, "townships", _wide(m, ("place", "place_code"), wanted), rows)


def _years(m: Material) -> Page:
    """The years that tables of years hold; nothing where the report knows two of them only."""
    figures, catalogue = m.narrator.figures, m.narrator.catalogue
    held = {name: dict(figures.years(name)) for name in catalogue.indicators if _has(m, name)}
    long = [name for name, years in held.items() if len(years) > _FEW_YEARS]
    rows = tuple(
        (year, *(m.number(held[name].get(year), "x") for name in long))
        for year in sorted({year for name in long for year in held[name]})
    )
    return _headed(m, "years", _wide(m, ("year",), long), rows)


def _has(m: Material, name: str) -> bool:
    return m.narrator.catalogue.collected(name, m.narrator.period)


def _wide(m: Material, first: Sequence[str], indicators: Sequence[str]) -> tuple[Column, ...]:
    """The columns of a table that has one for each of some indicators."""
    heads = [(m.say("columns", name), name) for name in first]
    for name in indicators:
        text, unit = str(m.one(name).name), m.narrator.unit_name(m.one(name).unit)
        heads.append(
            (m.say("cover", "with_unit", indicator=text, unit=unit) if unit else text, name)
        )
    return tuple(
        Column(head, "number" if k >= len(first) else "short" if k else "name")
        for k, head in enumerate(distinct(heads))
    )


# --- targets --------------------------------------------------------------------------------------


def _standings(m: Material) -> Page:
    columns: list[tuple[str, Kind]] = [
        ("indicator", "name"), ("code", "short"), ("row", "short"), ("target_year", "number"),
        ("unit", "short"), ("value", "number"), ("op", "short"), ("target", "number"),
        ("gap", "number"), ("attainment", "number"), ("pace", "number"), ("pace_kind", "short"),
        ("required", "number"), ("required_kind", "short"), ("standing", "short"),
        ("basis", "short"), ("basis_note", "words"), ("due", "short"), ("department", "short"),
    ]  # fmt: skip
    years = sorted(m.narrator.catalogue.targets)
    every = (one for year in years for one in said_standings(m.narrator.figures, year))
    return _page(m, "standings", columns, (_standing_row(m, one) for one in every))


def _standing_row(m: Material, one: SaidStanding) -> tuple[Cell, ...]:
    standing, said = one.standing, one.said
    target = m.narrator.catalogue.targets[standing.target_year][said.id]
    basis = m.narrator.word("basis_words", standing.basis)
    done = one.op == "done"
    gap = standing.gap
    return (
        str(m.one(said.id).name),
        said.id,
        one.row,
        standing.target_year,
        m.narrator.unit_name(said.unit),
        m.say("progress", m.narrator.status(said.id)) if done else _value(m, said),
        m.say("ops", one.op),
        m.number(standing.target, "z", whole=True),
        m.number(gap, "z" if done else _why_missing(said.figure)),
        m.number(standing.attainment, "z"),
        m.number(standing.pace, "z"),
        m.say("pace_kinds", standing.pace_kind or "none"),
        m.number(one.required.amount, "z"),
        _required(m, one),
        m.narrator.word("standing_words", standing.standing),
        basis,
        target.note if target.note != basis else "",
        str(target.due),
        m.one(said.id).department,
    )


def _required(m: Material, one: SaidStanding) -> str:
    kind: str = one.required.kind
    if kind == "hold" and one.has_gap:
        kind = "reach"
    return m.say("required", kind)


def _revisions(m: Material) -> Page:
    """What changed against the release before, and against last year's report."""
    columns: list[tuple[str, Kind]] = [
        ("indicator", "name"), ("code", "short"), ("against", "short"), ("place", "short"),
        ("place_code", "short"), ("unit", "short"), ("which", "short"), ("former", "number"),
        ("now", "number"), ("difference", "number"), ("causes", "words"),
    ]  # fmt: skip
    rows = (
        (
            str(m.one(row.said.id).name),
            row.said.id,
            m.say("against", one.against),
            m.place(row.revision.place),
            row.revision.place,
            m.narrator.unit_name(row.said.unit),
            m.say("columns", row.revision.column),
            m.number(row.revision.former, "z"),
            m.number(row.revision.now, "z"),
            m.number(row.revision.difference, "z"),
            _causes(m, row),
        )
        for one in m.revised
        for row in (*one.rows, *one.unlisted)
    )
    return _page(m, "revisions", columns, rows)


def _causes(m: Material, row: SaidRevision) -> str:
    """Why a figure was revised, as the page says it."""
    told = [
        m.narrator.phrase("said", c, template="_appendix_revisions.html.j2") for c in row.causes
    ]
    if row.more:
        told.append(m.say("cover", "more", count=row.more))
    return m.say("cover", "between").join(told)


# --- what stands behind them ----------------------------------------------------------------------


def _findings(m: Material) -> Page:
    columns: list[tuple[str, Kind]] = [
        ("finding", "name"), ("finding_code", "short"), ("severity", "short"), ("period", "short"),
        ("place", "short"), ("form", "short"), ("item", "short"), ("message", "words"),
        ("file", "words"), ("sheet", "short"), ("cell", "short"),
    ]  # fmt: skip
    rows = (
        (
            m.meanings.meaning(row["code"]),
            row["code"],
            m.say("severities", row["severity"]),
            row["period"],
            m.place(row["place"]),
            row["form"],
            row["item"],
            row["message"],
            row["file"],
            row["sheet"],
            row["cell"],
        )
        for row in m.findings
    )
    return _page(m, "findings", columns, rows)


def _corrections(m: Material) -> Page:
    columns: list[tuple[str, Kind]] = [
        ("place", "name"), ("item_name", "short"), ("decision", "short"), ("period", "short"),
        ("as_typed", "short"), ("becomes", "short"), ("reason", "words"), ("file", "words"),
        ("sheet", "short"), ("cell", "short"), ("by", "short"), ("date", "short"),
    ]  # fmt: skip
    rows = (
        (
            m.place(row["place"]),
            _item(m, row["item"]),
            m.say("decisions", row["kind"]),
            row["period"],
            row["as_typed"],
            row["value"],
            row["reason"],
            row["file"],
            row["sheet"],
            row["cell"],
            row["by"],
            row["date"],
        )
        for row in m.corrections
    )
    return _page(m, "corrections", columns, rows)


def _item(m: Material, code: str) -> str:
    if not code:
        return ""
    item = m.narrator.catalogue.home(code).item
    return item.zh if m.narrator.language.code == "zh" else item.en or item.zh


def _files(m: Material) -> Page:
    counted = ("rows_seen", "accepted", "excluded", "quarantined")
    columns: list[tuple[str, Kind]] = [("file", "words"), ("form", "short")]
    columns += [(name, "number") for name in counted]
    columns.append(("rejected", "short"))
    rows: list[tuple[Cell, ...]] = [
        (row["path"], row["form"], *(int(row[name] or 0) for name in counted), row["rejected"])
        for row in m.files
    ]
    return _page(m, "files", columns, rows)


def _definitions(m: Material) -> Page:
    columns: list[tuple[str, Kind]] = [
        ("indicator", "name"), ("code", "short"), ("group", "short"), ("unit", "short"),
        ("formula", "words"), ("over_time", "short"), ("better", "short"),
        ("definition", "words"), ("department", "short"),
    ]  # fmt: skip
    rows = (
        (
            str(m.one(said.id).name),
            said.id,
            group,
            m.narrator.unit_name(m.one(said.id).unit),
            m.narrator.formula(said.id),
            m.narrator.word("over_time_words", m.one(said.id).over_time),
            m.narrator.word("better_words", m.one(said.id).better),
            str(m.one(said.id).definition or ""),
            m.one(said.id).department,
        )
        for group, said in _collected(m)
    )
    return _page(m, "definitions", columns, rows)


def _notes(m: Material) -> Page:
    """What the signs and words of the other sheets mean."""
    office = m.narrator.catalogue.office
    facts = {
        "threshold": office.suppression_threshold,
        "small_base": printed(office.small_base),
        "rounding": m.say("roundings", office.rounding),
    }
    columns: list[tuple[str, Kind]] = [("sign", "name"), ("meaning", "words")]
    kinds = (kind for kind in m.words.texts["kind_meanings"])
    rows: list[tuple[Cell, ...]] = [
        *((m.lacking(name), m.say("shorthand_meanings", name, **facts)) for name in "xcz"),
        *((m.say("kinds", kind), m.say("kind_meanings", kind, **facts)) for kind in kinds),
        *(
            (m.say("columns", name), text.format_map(facts))
            for name, text in m.words.texts["column_meanings"].items()
        ),
    ]
    return _page(m, "notes", columns, rows)
