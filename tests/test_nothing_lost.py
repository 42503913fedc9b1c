"""Nothing is lost: workbooks made by chance come out as they were meant, row by row."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from generated import faults, make, make_of
from workspaces import (
    CASE_HEAD,
    CASE_ROWS,
    EVENT_HEAD,
    EVENT_ROWS,
    cleaned,
    codes,
    sample_catalogue,
    small_workspace,
    write_catalogue,
    write_xlsx,
)

from nianbao import cleaning, intake, ledgers, schema
from nianbao.amounts import Amount, Amounts, FactIndex, Span
from nianbao.catalogue import load_catalogue
from nianbao.checking import complete_or_refused
from nianbao.cleaning import clean
from nianbao.errors import DataRejected
from nianbao.events import Event
from nianbao.facts import Fact, Harvest
from nianbao.harvests import FileHarvest
from nianbao.period import Period
from nianbao.workspace import Workspace

WORKBOOKS = 200  # `make torture` makes 2,000
EACH = 25  # workbooks a test


@pytest.mark.parametrize("first", range(0, WORKBOOKS, EACH))
def test_made_workbooks_come_out_as_they_were_meant(first: int, tmp_path: Path) -> None:
    workspace = write_catalogue(tmp_path)
    catalogue = load_catalogue(workspace)
    for seed in range(first, first + EACH):
        made = make(tmp_path, seed)
        got = clean(workspace, catalogue, Period(2023, 1))
        made.path.unlink()
        assert not list(faults(made, got)), f"seed {seed} ({made.kind}{made.path.suffix})"


def test_made_workbooks_of_the_samples_forms_come_out_as_they_were_meant(tmp_path: Path) -> None:
    workspace, catalogue = Workspace(tmp_path), sample_catalogue()
    for seed in range(40):
        made = make_of(catalogue, tmp_path, seed)
        got = clean(workspace, catalogue, Period(2023, 1))
        made.path.unlink()
        assert not list(faults(made, got)), f"seed {seed} ({made.kind}{made.path.suffix})"


# ── a cleaner that loses something ────────────────────────────────────────────

Patch = Callable[[pytest.MonkeyPatch], None]


def spoiled(module: object, name: str, spoil: Callable[[Any], Any]) -> Patch:
    """The step `name` of a module gives what `spoil` makes of its result."""

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        right = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *given, **named: spoil(right(*given, **named)))

    return patch


def of_grid(spoil: Callable[[list[Fact]], list[Fact]]) -> Patch:
    """The facts of the form G are spoiled as the grid is harvested."""

    def harvest(got: Harvest) -> Harvest:
        if got.facts and got.facts[0].form == "G":
            got.facts = spoil(got.facts)
        return got

    return spoiled(intake, "harvest_grid", harvest)


def of_ledger(spoil: Callable[[Harvest], None]) -> Patch:
    """What a ledger with meetings gives is spoiled as it is harvested."""

    def harvest(got: Harvest) -> Harvest:
        if any(fact.item == "meetings" for fact in got.facts):
            spoil(got)
        return got

    return spoiled(intake, "harvest_ledger", harvest)


def counting_events(spoil: Callable[[list[Event]], list[Event]]) -> Patch:
    """The counter is given other events than those that were read."""

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        right = ledgers.count_events

        def count(where: Any, events: list[Event], *more: Any) -> Any:
            return right(where, spoil(list(events)), *more)

        monkeypatch.setattr(ledgers, "count_events", count)

    return patch


def handing_on(spoil: Callable[[list[Fact]], list[Fact]]) -> Patch:
    """The facts are spoiled after every sheet was accounted for."""
    return spoiled(cleaning, "differenced", lambda got: (spoil(list(got[0])), got[1]))


def blanked_row(monkeypatch: pytest.MonkeyPatch) -> None:
    right = intake.harvest_grid

    def harvest(where: Any, rows: Any, typed: Any, body: range) -> Harvest:
        last = body[-1] - 1
        empty = (None,) * len(rows[last])
        return right(where, (*rows[:last], empty, *rows[last + 1 :]), typed, body)

    monkeypatch.setattr(intake, "harvest_grid", harvest)


def shifted_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    right = intake.harvest_grid

    def harvest(where: Any, rows: Any, typed: Any, body: range) -> Harvest:
        first, last = body[0] - 1, body[-1] - 1
        labels = [(rows[last][0], *rows[first][1:]), (rows[first][0], *rows[last][1:])]
        turned = (*rows[:first], labels[0], *rows[first + 1 : last], labels[1], *rows[last + 1 :])
        return right(where, turned, typed, body)

    monkeypatch.setattr(intake, "harvest_grid", harvest)


def dropped_by_take(monkeypatch: pytest.MonkeyPatch) -> None:
    right = FileHarvest.take

    def take(harvest: Any, where: Any, got: Harvest) -> None:
        right(harvest, where, got)
        harvest.facts.pop()

    monkeypatch.setattr(FileHarvest, "take", take)


def swapped_values(facts: list[Fact]) -> list[Fact]:
    one, other = facts[0], facts[7]  # of another place
    return [
        replace(one, value=other.value),
        *facts[1:7],
        replace(other, value=one.value),
        *facts[8:],
    ]


def swapped_places(facts: list[Fact]) -> list[Fact]:
    turned = {"A1": "A2", "A2": "A1"}
    return [replace(fact, place=turned.get(fact.place, fact.place)) for fact in facts]


def without_the_first(events: list[Event]) -> list[Event]:
    return events[1:]


def altered(facts: list[Fact]) -> list[Fact]:
    return [replace(facts[0], value=(facts[0].value or 0) + 1), *facts[1:]]


def without_a_zero(facts: list[Fact]) -> list[Fact]:
    zero = next(fact for fact in facts if fact.value == 0)
    return [fact for fact in facts if fact is not zero]


def altered_event(got: Harvest) -> None:
    event = got.events[0]
    numbers = {name: entry._replace(value=entry.value + 1) for name, entry in event.numbers.items()}
    got.events[0] = replace(event, numbers=numbers)


MUTATIONS: dict[str, Patch] = {
    "a grid without its last row": blanked_row,
    "a grid whose labels changed places": shifted_rows,
    "a grid's fact dropped": of_grid(lambda facts: facts[1:]),
    "a grid's fact of zero dropped": of_grid(without_a_zero),
    "a grid's fact doubled": of_grid(lambda facts: [facts[0], *facts]),
    "a grid's row dropped": of_grid(lambda facts: [f for f in facts if f.place != "A2"]),
    "a grid's row doubled": of_grid(lambda facts: [*facts, *(f for f in facts if f.place == "A2")]),
    "a grid's two numbers changed": of_grid(swapped_values),
    "a grid's two places changed": of_grid(swapped_places),
    "a grid's number altered": of_grid(altered),
    "a grid's number made approximate": of_grid(
        lambda facts: [replace(facts[0], qualifier="~"), *facts[1:]]
    ),
    "a ledger's event dropped in counting": counting_events(without_the_first),
    "a ledger's event doubled in counting": counting_events(lambda events: [*events, events[1]]),
    "a ledger's event dropped after reading": of_ledger(lambda got: got.events.pop()),
    "a ledger's event altered": of_ledger(altered_event),
    "a ledger's count altered": of_ledger(
        lambda got: got.facts.__setitem__(slice(None), altered(got.facts))
    ),
    "a ledger's count dropped": of_ledger(lambda got: got.facts.pop(0)),
    "a fact dropped when the sheet is taken": dropped_by_take,
    "a fact dropped on the way to the figures": handing_on(lambda facts: facts[1:]),
    "a fact doubled on the way to the figures": handing_on(lambda facts: [facts[0], *facts]),
    "a fact altered on the way to the figures": handing_on(altered),
    "two places changed on the way to the figures": handing_on(swapped_places),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_cleaner_that_loses_something_is_caught_by_the_programs_own_account(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = small_workspace(tmp_path)
    events = [*EVENT_ROWS, [3, "2023-02-11", "督察", None, "乙镇", None]]
    sheets = {"会议": EVENT_HEAD + events, "案件": CASE_HEAD + CASE_ROWS}
    write_xlsx(workspace.raw / "2023Q1/l.xlsx", sheets)
    assert not codes(cleaned(workspace))
    MUTATIONS[name](monkeypatch)
    assert codes(cleaned(workspace))["E_UNRECONCILED"]


def test_a_cumulative_number_that_is_not_turned_into_the_quarters_own_is_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = small_workspace(tmp_path, "2023Q1", "2023Q2")
    assert not codes(cleaned(workspace, "2023Q2"))
    monkeypatch.setattr(cleaning, "differenced", lambda _, facts: (list(facts), []))
    assert codes(cleaned(workspace, "2023Q2"))["E_UNRECONCILED"]


def test_what_does_not_reconcile_is_never_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = small_workspace(tmp_path)
    MUTATIONS["a grid's row dropped"](monkeypatch)
    findings = cleaned(workspace).findings
    rows = [{"code": finding.code, "severity": finding.severity} for finding in findings]
    with pytest.raises(DataRejected) as refused:
        complete_or_refused(rows, allow_partial=True)
    assert refused.value.exit_code == 65


# ── a ledger on several sheets ────────────────────────────────────────────────


def test_a_ledger_that_goes_on_month_by_month_is_one_ledger(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    january = [*EVENT_HEAD, [1, "2023-01-10", "会议", "一次会", None, "100余"]]
    march = [*EVENT_HEAD, [1, "2023-03-10", "会议", "一次会", None, 12], ["合计", *[None] * 4, 12]]
    sheets = {"1月": january, "3月": march, "案件": CASE_HEAD + CASE_ROWS}
    write_xlsx(workspace.raw / "2023Q1/l.xlsx", sheets)
    got = cleaned(workspace)
    assert codes(got) == {"W_APPROXIMATE": 1}
    told = {(f.sheet, f.cell): (f.value, f.raw) for f in got.facts if f.item == "attendance"}
    assert told == {("1月", "3"): (Decimal(100), "100余"), ("3月", "3"): (Decimal(12), "12")}


def test_the_figures_add_up_all_sheets_of_a_ledger_but_never_two_files(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    months = {
        f"{month}月": [*EVENT_HEAD, [1, f"2023-0{month}-10", "会议", f"第{month}次", None, month]]
        for month in (1, 2, 3)
    }
    write_xlsx(workspace.raw / "2023Q1/l.xlsx", {**months, "案件": CASE_HEAD + CASE_ROWS})
    facts = [fact for fact in cleaned(workspace).facts if fact.item == "attendance"]
    span = Span.of(Period(2023, 1))

    def amount(facts: list[Fact]) -> Amount:
        table = schema.table("facts", [fact.as_row() for fact in facts])
        amounts = Amounts(FactIndex(table), load_catalogue(workspace))
        return amounts.by_place("attendance", span)["D0"]

    got = amount(facts)
    assert (got.quantity.value, got.complete) == (6, True)
    with pytest.raises(DataRejected):
        amount([*facts, replace(facts[0], file="other.xlsx")])
    with pytest.raises(DataRejected):
        amount([*facts, facts[0]])


def test_what_a_ledger_says_on_all_its_sheets_has_to_agree(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    january = [*EVENT_HEAD, [1, "2023-01-10", "会议", "一次会", None, 0]]
    march = [*EVENT_HEAD, [1, "2023-03-10", "会议", "二次会", None, 2]]
    sheets = {"1月": january, "3月": march, "案件": CASE_HEAD + CASE_ROWS}
    write_xlsx(workspace.raw / "2023Q1/l.xlsx", sheets)
    assert not codes(cleaned(workspace))  # two meetings, two people
    march[2] = [1, "2023-03-10", "会议", "二次会", None, 1]
    write_xlsx(workspace.raw / "2023Q1/l.xlsx", sheets)
    finding = next(f for f in cleaned(workspace).findings if f.code == "E_IDENTITY")
    assert (finding.words["found"], finding.words["expected"]) == ("2", "1")
    assert finding.cell == "3、3月 › 3"


def test_a_meeting_with_an_event_on_each_of_two_sheets_counts_once(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    one = [*EVENT_HEAD, [1, "2023-01-10", "会议", "一次会", None, 12]]
    two = [*EVENT_HEAD, [1, "2023-01-10", "会议", "一次会", None, 30]]
    sheets = {"甲": one, "乙": two, "案件": CASE_HEAD + CASE_ROWS}
    write_xlsx(workspace.raw / "2023Q1/l.xlsx", sheets)
    got = cleaned(workspace)
    assert sum(f.value or 0 for f in got.facts if f.item == "meetings") == 1
    assert sum(f.value or 0 for f in got.facts if f.item == "attendance") == 42
    assert not codes(got)


def test_an_event_on_two_sheets_of_one_ledger_is_refused_with_its_row(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    january = [*EVENT_HEAD, [1, "2023-01-10", "会议", "一次会", None, 12]]
    both = [*january, [2, "2023.2.10", "会议", "二次会", None, 9]]
    both[2] = [1, "2023.1.10", "开会", "一次会", None, "十二"]  # the same, typed otherwise
    sheets = {"1月": january, "2月": both, "案件": CASE_HEAD + CASE_ROWS}
    write_xlsx(workspace.raw / "2023Q1/l.xlsx", sheets)
    finding = next(f for f in cleaned(workspace).findings if f.code == "E_DUP_TABLE")
    assert (finding.sheet, finding.cell, finding.words["known"]) == ("2月", "3:3", "1月")
