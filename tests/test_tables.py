"""Rows of the report's tables."""

from nianbao import schema
from nianbao.tables import finding_groups


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
