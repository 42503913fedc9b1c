"""The sheets of figures: the report's numbers, row by row, as its page prints them."""

from collections.abc import Iterator, Sequence

from nianbao.figures import Figure
from nianbao.period import Period
from nianbao.printing import Said, SaidStanding, said_standings
from nianbao.revised import SaidRevision
from nianbao.spreadsheets.material import Material, Row, headed, listed
from nianbao.spreadsheets.pages import Cell, Column, Page, distinct
from nianbao.tables import township_rows

_FEW_YEARS = 2  # this year and the one before stand in the table of values


def values(m: Material) -> Page:
    """Every indicator of the district."""
    return listed(m, "values", (_value_row(m, group, said) for group, said in m.collected()))


def _value_row(m: Material, group: str, said: Said) -> Row:
    one = m.one(said.id)
    return {
        "indicator": str(one.name),
        "code": said.id,
        "group": group,
        **_measured(m, said),
        "comparison": m.narrator.phrase("changed", said),
        **_reported(m, said.figure),
        "department": one.department,
    }


def places(m: Material) -> Page:
    """Every indicator at every other place that has it."""
    return listed(m, "places", _place_rows(m))


def _place_rows(m: Material) -> Iterator[Row]:
    figures, catalogue = m.narrator.figures, m.narrator.catalogue
    for _, district in m.collected():
        for place in figures.places(district.id):
            if place == catalogue.district:
                continue
            said = Said(figures.figure(district.id, place), catalogue)
            yield {
                "indicator": str(m.one(said.id).name),
                "code": said.id,
                "place": m.place(place),
                "place_code": place,
                **_measured(m, said),
                **_reported(m, said.figure),
            }


def _measured(m: Material, said: Said) -> Row:
    """A figure and how it changed."""
    f = said.figure
    return {
        "period": f.note("annual") or f.period,
        "unit": m.unit(f.unit),
        "value": _value(m, said),
        "previous": m.number(f.previous, _why_no_base(f), whole=said.was_whole),
        "change": m.number(f.change, "c" if f.withheld or f.base_withheld else "z"),
        "change_kind": m.say("kinds", f.change_kind),
    }


def _reported(m: Material, f: Figure) -> Row:
    """Who stands behind a figure, and what there is to note."""
    reported, _, expected = f.completeness.partition("/")
    counted = reported.isdecimal() and expected.isdecimal()
    return {
        "reported": int(reported) if counted else m.lacking("z"),
        "expected": int(expected) if counted else m.lacking("z"),
        "note": _notes_of(m, f),
    }


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


def milestones(m: Material) -> Page:
    """What is done or not done, with its evidence."""
    rows = (
        {
            "milestone": str(m.one(said.id).name),
            "code": said.id,
            "group": group,
            "progress": m.say("progress", m.narrator.status(said.id)),
            "evidence": m.narrator.evidence(said.id).striptags(),
            "department": m.one(said.id).department,
        }
        for group, said in m.collected(milestones=True)
    )
    return listed(m, "milestones", rows)


def townships(m: Material) -> Page:
    """The townships by the indicators of the page's table."""
    wanted = m.narrator.catalogue.outline.township_table
    rows = tuple(
        (
            m.place(row.place),
            row.place,
            *(_value(m, said) if said else m.lacking("z") for said in row.cells),
        )
        for row in township_rows(m.narrator.figures, wanted)
    )
    return headed(m, "townships", _wide(m, ("place", "place_code"), wanted), rows)


def years(m: Material) -> Page:
    """The years that tables of years hold; nothing where the report knows two of them only."""
    figures, catalogue, period = m.narrator.figures, m.narrator.catalogue, m.narrator.period
    wanted = (name for name in catalogue.indicators if catalogue.collected(name, period))
    held = {name: dict(figures.years(name)) for name in wanted}
    long = [name for name, known in held.items() if len(known) > _FEW_YEARS]
    rows = tuple(
        (year, *(m.number(held[name].get(year), "x") for name in long))
        for year in sorted({year for name in long for year in held[name]})
    )
    return headed(m, "years", _wide(m, ("year",), long), rows)


def quarters(m: Material) -> Page:
    """The single quarters of this year and of the one before, where they are reported."""
    return listed(m, "quarters", _quarter_rows(m))


def _quarter_rows(m: Material) -> Iterator[Row]:
    """Every quarter that either year has: what is still to come has its number of last year."""
    figures, year = m.narrator.figures, m.narrator.period.year
    for _, said in m.collected():
        now, before = (
            {period.quarter: value for period, value in figures.quarters(said.id, one)}
            for one in (year, year - 1)
        )
        if all(value is None for value in now.values()):
            continue
        for quarter in (one for one in range(1, 5) if one in now or one in before):
            yield {
                "indicator": str(m.one(said.id).name),
                "code": said.id,
                "period": Period(year, quarter).name,
                "unit": m.unit(said.unit),
                "value": m.number(now.get(quarter), "x" if quarter in now else "z"),
                "previous": m.number(before.get(quarter), "x"),
            }


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


def standings(m: Material) -> Page:
    """Every target of every year that the catalogue knows."""
    every = (
        one
        for year in sorted(m.narrator.catalogue.targets)
        for one in said_standings(m.narrator.figures, year)
    )
    return listed(m, "standings", (_standing_row(m, one) for one in every))


def _standing_row(m: Material, one: SaidStanding) -> Row:
    standing, said = one.standing, one.said
    target = m.narrator.catalogue.targets[standing.target_year][said.id]
    basis = m.narrator.word("basis_words", standing.basis)
    done = one.op == "done"
    return {
        "indicator": str(m.one(said.id).name),
        "code": said.id,
        "row": one.row,
        "target_year": standing.target_year,
        "unit": m.lacking("z") if done else m.unit(said.unit),
        "value": m.say("progress", m.narrator.status(said.id)) if done else _value(m, said),
        "op": m.say("ops", one.op),
        "target": m.number(standing.target, "z", whole=True),
        "gap": m.number(standing.gap, "z" if done else _why_missing(said.figure)),
        "attainment": m.number(standing.attainment, "z"),
        "pace": m.number(standing.pace, "z"),
        "pace_kind": m.say("pace_kinds", standing.pace_kind or "none"),
        "required": m.number(one.required.amount, "z"),
        "required_kind": _required(m, one),
        "standing": m.narrator.word("standing_words", standing.standing),
        "basis": basis,
        "basis_note": target.note if target.note != basis else "",
        "due": str(target.due),
        "department": m.one(said.id).department,
    }


def _required(m: Material, one: SaidStanding) -> str:
    kind: str = one.required.kind
    return m.say("required", "reach" if kind == "hold" and one.has_gap else kind)


def revisions(m: Material) -> Page:
    """What changed against the release before, and against last year's report."""
    rows = (
        {
            "indicator": str(m.one(row.said.id).name),
            "code": row.said.id,
            "against": m.say("against", one.against),
            "place": m.place(row.revision.place),
            "place_code": row.revision.place,
            "unit": m.unit(row.said.unit),
            "which": m.say("columns", row.revision.column),
            "former": m.number(row.revision.former, "z"),
            "now": m.number(row.revision.now, "z"),
            "difference": m.number(row.revision.difference, "z"),
            "causes": _causes(m, row),
        }
        for one in m.revised
        for row in (*one.rows, *one.unlisted)
    )
    return listed(m, "revisions", rows)


def _causes(m: Material, row: SaidRevision) -> str:
    """Why a figure was revised, as the page says it."""
    told = [
        m.narrator.phrase("said", c, template="_appendix_revisions.html.j2") for c in row.causes
    ]
    if row.more:
        told.append(m.say("cover", "more", count=row.more))
    return m.say("cover", "between").join(told)
