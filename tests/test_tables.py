"""Rows of the report's tables."""

from nianbao import schema
from nianbao.catalogue import load_catalogue
from nianbao.period import Period
from nianbao.tables import finding_groups, groups_of, indicators_of, numbered_tables
from nianbao.workspace import PROJECT, Workspace


def found(severity: str, code: str, item: str = "", file: str = "a.xls") -> dict[str, object]:
    return {"severity": severity, "code": code, "item": item, "file": file, "message": "……"}


def test_findings_stand_by_code_with_errors_first_and_jumps_by_indicator() -> None:
    rows = [
        found("warning", "W_MISSING"),
        *[found("warning", "W_APPROXIMATE", file=f"{n}.xls") for n in range(5)],
        found("warning", "W_JUMP", "mediation_cases"),
        found("warning", "W_JUMP", "legal_aid_cases"),
        found("warning", "W_JUMP", "mediation_cases"),
        found("error", "E_PARSE"),
    ]
    groups = finding_groups(schema.table("findings", rows))
    assert [(g.code, g.item, g.count) for g in groups] == [
        ("E_PARSE", "", 1),
        ("W_APPROXIMATE", "", 5),
        ("W_MISSING", "", 1),
        ("W_JUMP", "mediation_cases", 2),
        ("W_JUMP", "legal_aid_cases", 1),
    ]
    assert len(groups[1].examples) == 3
    assert groups[1].files == 5


def test_tables_are_numbered_in_the_order_of_the_report() -> None:
    sample = load_catalogue(Workspace(PROJECT))
    assert numbered_tables(sample, Period(2023)) == (
        "targets",
        "townships",
        *(f"values_{group}" for group in sample.outline.groups),
    )


def test_what_is_no_longer_collected_has_no_row_and_an_empty_group_no_table() -> None:
    national = load_catalogue(Workspace(PROJECT / "examples" / "national"))
    assert "law_firms" in indicators_of(national, "lawyers", Period(2014))
    assert indicators_of(national, "lawyers", Period(2023)) == ("published_lawyers",)
    assert groups_of(national, Period(2014)) == ("mediation", "lawyers", "notary")
    assert numbered_tables(national, Period(2014))[0] == "values_mediation"
