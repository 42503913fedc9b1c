"""The sheets of what stands behind the figures: findings, decisions, files, definitions, notes."""

from collections.abc import Iterator, Mapping

from nianbao.printing import printed
from nianbao.spreadsheets.material import Material, Row, listed
from nianbao.spreadsheets.pages import Page


def findings(m: Material) -> Page:
    """What the checks found."""
    rows = (
        {
            "finding": m.meanings.meaning(row["code"]),
            "finding_code": row["code"],
            "severity": m.say("severities", row["severity"]),
            "period": row["period"],
            "place": m.place(row["place"]),
            **{name: row[name] for name in ("form", "item", "message", "file", "sheet", "cell")},
        }
        for row in m.findings
    )
    return listed(m, "findings", rows)


def corrections(m: Material) -> Page:
    """What the office decided about cells and files."""
    rows = (
        {
            "place": m.place(row["place"]),
            "item_name": _item(m, row["item"]),
            "decision": m.say("decisions", row["kind"]),
            "period": row["period"],
            "as_typed": row["as_typed"],
            "becomes": row["value"],
            **{name: row[name] for name in ("reason", "file", "sheet", "cell", "by", "date")},
        }
        for row in m.corrections
    )
    return listed(m, "corrections", rows)


def _item(m: Material, code: str) -> str:
    if not code:
        return ""
    item = m.narrator.catalogue.home(code).item
    return item.zh if m.narrator.language.code == "zh" else item.en or item.zh


def files(m: Material) -> Page:
    """Every file and what became of its rows."""
    return listed(m, "files", map(_file_row, m.files))


def _file_row(row: Mapping[str, str]) -> Row:
    counted = ("rows_seen", "accepted", "excluded", "quarantined")
    return {
        "file": row["path"],
        "form": row["form"],
        **{name: int(row[name] or 0) for name in counted},
        "rejected": row["rejected"],
    }


def definitions(m: Material) -> Page:
    """How every indicator is worked out."""
    rows = (
        {
            "indicator": str(m.one(said.id).name),
            "code": said.id,
            "group": group,
            "unit": m.unit(m.one(said.id).unit),
            "formula": m.narrator.formula(said.id),
            "over_time": m.narrator.word("over_time_words", m.one(said.id).over_time),
            "better": m.narrator.word("better_words", m.one(said.id).better),
            "definition": str(m.one(said.id).definition or ""),
            "department": m.one(said.id).department,
        }
        for group, said in m.collected()
    )
    return listed(m, "definitions", rows)


def notes(m: Material) -> Page:
    """What the signs and words of the other sheets mean."""
    return listed(m, "notes", ({"sign": s, "meaning": meaning} for s, meaning in _meanings(m)))


def _meanings(m: Material) -> Iterator[tuple[str, str]]:
    office = m.narrator.catalogue.office
    facts = {
        "threshold": office.suppression_threshold,
        "small_base": printed(office.small_base),
        "rounding": m.say("roundings", office.rounding),
    }
    for group in ("shorthand", "kinds", "columns"):
        told = f"{group.removesuffix('s')}_meanings"
        for name in m.words.texts[told]:
            yield m.say(group, name), m.say(told, name, **facts)
