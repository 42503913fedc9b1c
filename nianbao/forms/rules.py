"""What may be typed into each cell of a blank workbook, and which cells work themselves out."""

import datetime
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from nianbao.catalogue import Item, Table
from nianbao.catalogue.models import LedgerField
from nianbao.forms.pages import Column, Page, Row
from nianbao.forms.words import Words
from nianbao.formulas import Term
from nianbao.period import Period

Kind = Literal["count", "amount", "percent", "signed", "list", "date", "named", "text"]
_EARLIEST = datetime.date(1990, 1, 1)
_LEDGER_WORDS = ("无", "—")  # what a number of a ledger may say instead
_DEFAULT_WORDS: Mapping[str, object] = {"—": "missing", "/": "not_applicable"}


@dataclass(frozen=True, slots=True)
class Rule:
    """What one cell takes, with the hint beside it and the answer to a wrong entry."""

    kind: Kind
    words: tuple[str, ...] = ()  # what a number's cell may say instead
    choices: tuple[str, ...] = ()
    first: datetime.date = _EARLIEST
    last: datetime.date = _EARLIEST
    prompt: str = ""
    error: str = ""
    title: str = ""


def words_of(table: Table, item: Item) -> dict[str, object]:
    """What words mean in the cells of an item: `missing`, `not_applicable`, `zero`, a number."""
    return {**_DEFAULT_WORDS, **table.words, **item.words}


def rule_of_item(table: Table, item: Item, words: Words) -> Rule:
    """What the cells of a grid's item take."""
    said = words_of(table, item)
    if item.type == "milestone":
        return _list_rule(tuple(words("statuses").split("、")), words)
    if item.type == "named":
        return Rule("named", prompt=words("prompt_named"))
    if item.type == "flag":
        own = [word for word in item.words if item.words[word] in (0, 1)]
        return _list_rule(tuple(own) or ("1", "0"), words)
    rate = item.type == "rate" or item.unit == "%"
    kind: Kind = "amount" if rate or item.type == "amount" else "count"
    if item.signed:
        kind = "signed"
    elif item.unit == "%" and not item.fraction:
        kind = "percent"
    return _number_rule(kind, item.unit, tuple(said), words)


def _number_rule(kind: Kind, unit: str, allowed: tuple[str, ...], words: Words) -> Rule:
    shown = "、".join(f"“{word}”" for word in allowed)
    prompt = words("prompt_unit", unit=unit) if unit else ""
    prompt += words(f"prompt_{kind}")
    prompt += words("prompt_words", values=shown) if shown else ""
    instead = words("error_words", values=shown) if shown else ""
    error = words(f"error_{kind}", values=instead)
    return Rule(kind, allowed, prompt=prompt, error=error, title=words("error_title"))


def _list_rule(choices: tuple[str, ...], words: Words) -> Rule:
    error = words("error_list", values="、".join(choices))
    if len(error) > 200:
        error = words("error_list_long")
    title = words("error_title")
    return Rule("list", choices=choices, prompt=words("prompt_list"), error=error, title=title)


def rule_of_field(
    page: Page, name: str, field: LedgerField, places: tuple[str, ...], words: Words
) -> Rule:
    """What the cells of a ledger's field take; `places` are the names that it may hold."""
    if field.type == "choice":
        return _list_rule(tuple(field.values), words)
    if field.type == "place":
        return _list_rule(places, words)
    if field.type in ("number", "amount"):
        kind: Kind = "amount" if field.type == "amount" else "count"
        return _number_rule(kind, field.unit, _LEDGER_WORDS, words)
    if field.type == "date":
        return _date_rule(page.table, name, page.period, words)
    return Rule("text")


def _date_rule(table: Table, name: str, period: Period, words: Words) -> Rule:
    """The only date by which rows are counted lies in the period; others may lie around it."""
    dates = {item.date or table.date for item in table.items.values()}
    start = period.quarter_first_day if period.quarter else period.first_day
    first, last = start, period.last_day
    key = "prompt_date"
    if dates != {name}:
        first, last, key = _EARLIEST, datetime.date(period.year + 1, 12, 31), "prompt_date_any"
    prompt = words(key, first=start.isoformat(), last=period.last_day.isoformat())
    error = words("error_date", first=first.isoformat(), last=last.isoformat())
    title = words("error_title")
    return Rule("date", first=first, last=last, prompt=prompt, error=error, title=title)


def condition(rule: Rule, cell: str) -> str:
    """The formula that is true of a good entry in a number's cell."""
    test = {
        "count": f"AND({cell}>=0,{cell}=INT({cell}))",
        "amount": f"{cell}>=0",
        "percent": f"AND({cell}>=0,{cell}<=100)",
        "signed": "TRUE",
    }[rule.kind]
    allowed = ",".join(f"{cell}={_quoted(word)}" for word in rule.words)
    return f"IF(ISNUMBER({cell}),{test},{f'OR({allowed})' if allowed else 'FALSE'})"


# --- cells that work themselves out ---------------------------------------------------------------

Address = Callable[[int, int], str]


def computed_cells(page: Page, before: Page | None, address: Address) -> dict[tuple[int, int], str]:
    """The formulas of a grid by row and column: identities, and what a month carries forward.

    `before` is the sheet of the month before. A formula stays empty until all its numbers are
    there, so that a blank form says nothing and a missing number never counts as 0.
    """
    formulas: dict[tuple[int, int], str] = {}
    groups: list[dict[str, tuple[int, int]]] = []
    if page.table.rows == "label" and not page.table.each_row:
        groups.append(_standing(page, page.rows, page.first_row))
    else:
        for r, row in enumerate(page.rows, page.first_row):
            groups.append(_standing(page, (row,), r))
    for standing in groups:
        for item, terms in sums(page.table).items():
            if item in standing and all(term.item in standing for term in terms):
                formulas[standing[item]] = _formula(page.table, terms, standing, address)
        for closing, opening in page.table.carry_forward.items() if before else ():
            if opening in standing and closing in standing and standing[opening] not in formulas:
                r, _ = standing[opening]
                last = f"'{before.sheet if before else ''}'!{address(r, standing[closing][1])}"
                formulas[standing[opening]] = f'=IF({last}="","",{last})'
    return formulas


def _standing(page: Page, rows: tuple[Row, ...], first: int) -> dict[str, tuple[int, int]]:
    """Where each item of some rows stands."""
    return {
        item: (r, c)
        for r, row in enumerate(rows, first)
        for c, column in enumerate(page.columns, 1)
        if (item := page.item_at(row, column))
    }


def sums(table: Table) -> dict[str, tuple[Term, ...]]:
    """The items of a table that are the sum of others: `a = b + c`, each once and in no circle."""
    found: dict[str, tuple[Term, ...]] = {}
    for rule in table.identities:
        holds = rule.holds
        for one, other in ((holds.left, holds.right), (holds.right, holds.left)):
            plain = all(abs(term.factor) == 1 and not term.earlier for term in holds.terms)
            single = len(one) == 1 and one[0].factor == 1
            if plain and single and holds.op == "=" and len(other) > 1 and not rule.tolerance:
                item = one[0].item
                if item not in found and not _leads_to(item, other, found):
                    found[item] = other
                break
    return found


def _leads_to(item: str, terms: tuple[Term, ...], found: Mapping[str, tuple[Term, ...]]) -> bool:
    return any(
        term.item == item or (term.item in found and _leads_to(item, found[term.item], found))
        for term in terms
    )


def _formula(
    table: Table,
    terms: tuple[Term, ...],
    standing: Mapping[str, tuple[int, int]],
    address: Address,
) -> str:
    cells = {term.item: address(*standing[term.item]) for term in terms}
    added = ",".join(cells[term.item] for term in terms if term.factor > 0)
    taken = ",".join(cells[term.item] for term in terms if term.factor < 0)
    value = f"SUM({added})" + (f"-SUM({taken})" if taken else "")
    there = f"COUNT({','.join(cells.values())})"
    for item, cell in cells.items():
        for word, meaning in words_of(table, table.items[item]).items():
            if _is_zero(meaning):
                there += f"+({cell}={_quoted(word)})"
    if table.blank == "zero":
        return f'=IF({there}=0,"",{value})'
    return f'=IF({there}<{len(cells)},"",{value})'


def total_formula(table: Table, item: Item, area: str, rows: int) -> str:
    """A column's total: empty until every row has a number, or a word that says there is none."""
    there = f"COUNT({area})"
    for word, meaning in words_of(table, item).items():
        if _is_zero(meaning) or meaning == "not_applicable":
            there += f"+COUNTIF({area},{_quoted(word)})"
    if table.blank == "zero":
        return f'=IF({there}=0,"",SUM({area}))'
    return f'=IF({there}<{rows},"",SUM({area}))'


def is_summed(page: Page, column: Column) -> bool:
    """Whether the column of a grid has a total: numbers that add up over its rows."""
    if not column.name or len(page.rows) < 2:
        return False
    if page.table.rows == "label" and not page.table.each_row:
        return False
    item = page.table.items[column.name]
    adds_up = not page.table.each_row or page.table.flow_of(column.name) == "quarter"
    return item.type in ("count", "amount") and item.unit != "%" and adds_up


def totals(page: Page) -> bool:
    """Whether a grid ends in a row of totals."""
    return any(is_summed(page, column) for column in page.columns)


def _is_zero(meaning: object) -> bool:
    return meaning == "zero" or (isinstance(meaning, Decimal | int) and meaning == 0)


def _quoted(word: str) -> str:
    return '"' + word.replace('"', '""') + '"'


def rules_of_page(page: Page, places: tuple[str, ...], words: Words) -> Iterator[tuple[str, Rule]]:
    """Every item of a grid or field of a ledger with what its cells take."""
    if page.table.kind == "ledger":
        for name, field in page.table.fields.items():
            yield name, rule_of_field(page, name, field, places, words)
    else:
        for name, item in page.table.items.items():
            yield name, rule_of_item(page.table, item, words)
