"""Which cells may be typed in, and what they take: validation and protection of a sheet."""

from collections.abc import Mapping

from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from nianbao.forms.pages import Page
from nianbao.forms.rules import Rule, condition
from nianbao.readers import address

_LONGEST_LIST = 255  # characters that a list may have inside its cell's validation

Lists = Mapping[tuple[str, ...], str]
"""Choices too long for their cells → the area of the sheet of notes that lists them."""


def validate_grid(
    sheet: Worksheet,
    page: Page,
    rules: Mapping[str, Rule],
    formulas: Mapping[tuple[int, int], str],
    lists: Lists,
) -> None:
    """Validate each run of cells below one another that take the same."""
    for c, column in enumerate(page.columns, 1):
        runs: list[tuple[Rule, int, int]] = []
        for r, row in enumerate(page.rows, page.first_row):
            item = page.item_at(row, column)
            if not item or (r, c) in formulas:
                continue
            if runs and runs[-1][0] == rules[item] and runs[-1][2] == r - 1:
                runs[-1] = (runs[-1][0], runs[-1][1], r)
            else:
                runs.append((rules[item], r, r))
        for rule, first, last in runs:
            validate(sheet, rule, f"{address(first, c)}:{address(last, c)}", lists)


def validate(sheet: Worksheet, rule: Rule, area: str, lists: Lists) -> None:
    """Put one rule on an area, with its hint and its answer to a wrong entry."""
    check = DataValidation(allow_blank=True, showErrorMessage=True, errorStyle="stop")
    first = area.partition(":")[0]
    if rule.kind == "list":
        text = ",".join(rule.choices)
        check.type = "list"
        check.formula1 = (
            lists[rule.choices] if in_notes(rule) else '"' + text.replace('"', '""') + '"'
        )
    elif rule.kind == "date":
        check.type, check.operator = "date", "between"
        check.formula1 = f"DATE({rule.first.year},{rule.first.month},{rule.first.day})"
        check.formula2 = f"DATE({rule.last.year},{rule.last.month},{rule.last.day})"
    elif rule.kind in ("count", "amount", "percent", "signed"):
        check.type, check.formula1 = "custom", condition(rule, first)
    elif not rule.prompt:
        return
    check.error, check.errorTitle = rule.error[:225], rule.title
    if rule.prompt:
        check.showInputMessage, check.prompt = True, rule.prompt[:255]
    check.add(area)
    sheet.add_data_validation(check)


def in_notes(rule: Rule) -> bool:
    """Whether the choices of a rule are too long for its cells, and stand on the notes' sheet."""
    text = ",".join(rule.choices)
    return len(text) > _LONGEST_LIST or any("," in one for one in rule.choices)


def protect(sheet: Worksheet) -> None:
    """Lock what is printed, without a password; columns and rows may still be sized."""
    protection = sheet.protection
    protection.sheet = True
    protection.formatColumns = protection.formatRows = protection.formatCells = False
    protection.sort = protection.autoFilter = False
