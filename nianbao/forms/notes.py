"""填报说明: the last sheet of a blank workbook, in words."""

from collections.abc import Iterator, Mapping

from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from nianbao.catalogue import Catalogue, Item, Table
from nianbao.forms.guards import protect
from nianbao.forms.pages import Book, Page, item_unit
from nianbao.forms.paint import BOX, FONT, HEAD_FILL, LEFT, MIDDLE, lines, set_up_print
from nianbao.forms.rules import Rule, rules_of_page, sums, words_of
from nianbao.forms.words import Words
from nianbao.formulas import said
from nianbao.intake import NOTES_SHEET

_WIDTHS = (30.0, 10.0, 40.0, 56.0)
_CHOICES = 6  # the first column with choices, beside the notes

Line = tuple[str, ...]
"""One text over the whole width, or the four texts of a row."""


def write_notes(
    sheet: Worksheet,
    book: Book,
    catalogue: Catalogue,
    places: Mapping[str, tuple[str, ...]],
    long_lists: Mapping[str, tuple[str, ...]],
    words: Words,
) -> None:
    """Write the sheet; `places` are the names that a table's fields may hold, by table.

    `long_lists` are choices too long for their cells, by what they are called.
    """
    for k, width in enumerate(_WIDTHS, 1):
        sheet.column_dimensions[get_column_letter(k)].width = width
    for row, line in enumerate(_lines(book, catalogue, places, words), 1):
        _put(sheet, row, line, words)
    for k, (name, choices) in enumerate(long_lists.items()):
        column = _CHOICES + k
        sheet.column_dimensions[get_column_letter(column)].width = 30.0
        for r, text in enumerate((words("notes_choices", name=name), *choices), 1):
            cell = sheet.cell(r, column, text)
            cell.font, cell.border = Font(name=FONT, size=11, bold=r == 1), BOX
            cell.alignment = LEFT
            if r == 1:
                cell.fill = HEAD_FILL
    set_up_print(sheet)
    protect(sheet)
    sheet.sheet_view.showGridLines = False


def choices_area(number: int, choices: tuple[str, ...]) -> str:
    """Where the choices of the list with a number (from 0) stand."""
    letter = get_column_letter(_CHOICES + number)
    return f"'{NOTES_SHEET}'!${letter}$2:${letter}${len(choices) + 1}"


def _put(sheet: Worksheet, row: int, line: Line, words: Words) -> None:
    head = line == tuple(words("notes_columns").split("|"))
    title = row == 1 or (len(line) == 1 and line[0].startswith("《"))
    title = title or line == (words("notes_identities"),)
    for k, text in enumerate(line, 1):
        cell = sheet.cell(row, k, text)
        if cell.data_type == "f":
            cell.data_type = "s"
        cell.font = Font(name=FONT, size=14 if row == 1 else 11, bold=title or head)
        cell.alignment = MIDDLE if row == 1 or head or (len(line) > 1 and k == 2) else LEFT
        if len(line) > 1:
            cell.border = BOX
        if head:
            cell.fill = HEAD_FILL
    if len(line) == 1:
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=len(_WIDTHS))
        high = lines(line[0], sum(_WIDTHS))
    else:
        high = max(lines(text, width) for text, width in zip(line, _WIDTHS, strict=True))
    sheet.row_dimensions[row].height = high * 15.0 + (16 if row == 1 else 6)


def _lines(
    book: Book, catalogue: Catalogue, places: Mapping[str, tuple[str, ...]], words: Words
) -> Iterator[Line]:
    period, form = book.period, book.form
    yield (words("notes_title", title=form.name.zh),)
    first = period.quarter_first_day if period.quarter else period.first_day
    bureau = str(catalogue.office.bureau)
    department = form.department if form.department != book.unit else ""
    told = [
        words("notes_who", unit=book.unit, bureau=bureau, department=department),
        words("notes_period", first=first.isoformat(), last=period.last_day.isoformat()),
        words("notes_deadline", deadline=form.deadline) if form.deadline else "",
        words("notes_how"),
        words("notes_names"),
    ]
    for number, text in enumerate((text for text in told if text), 1):
        yield (f"{number}. {text}",)
    for table_id in dict.fromkeys(page.table_id for page in book.pages):
        page = next(page for page in book.pages if page.table_id == table_id)
        yield (f"《{page.table.title}》",)
        yield from ((text,) for text in _about_table(page.table, words))
        yield tuple(words("notes_columns").split("|"))
        rules = dict(rules_of_page(page, places[table_id], words))
        if page.table.kind == "ledger":
            yield from _fields(page, rules, words)
        elif page.table.rows == "label" and not page.table.each_row:
            yield from _label_rows(page, rules, words)
        else:
            yield from _columns(page, rules, words)
        if page.table.identities:
            yield (words("notes_identities"),)
            yield from ((text,) for text in _identities(page.table))


def _about_table(table: Table, words: Words) -> Iterator[str]:
    if table.flow == "cumulative":
        yield words("notes_cumulative")
    if table.kind == "ledger":
        yield words("notes_nil")
        return
    first = next(iter(table.items.values()))
    meanings = {word: m for word, m in words_of(table, first).items() if word not in first.words}
    told = [
        words("notes_word", word=word, meaning=_meaning(meaning, words))
        for word, meaning in meanings.items()
    ]
    yield words("notes_blank", values="；".join([_meaning(table.blank, words), *told]))
    if any(item.type == "milestone" for item in table.items.values()):
        yield words("notes_status")


def _meaning(meaning: object, words: Words) -> str:
    if meaning in ("missing", "not_applicable", "zero", "below_unit"):
        return words(f"meaning_{meaning}")
    return words("meaning_number", value=str(meaning))


def _columns(page: Page, rules: Mapping[str, Rule], words: Words) -> Iterator[Line]:
    computed = sums(page.table)
    for column in page.columns[len(page.table.row_groups) + 1 :]:
        name = " › ".join(column.path)
        if not column.name:
            yield name, "", "", words("how_unread")
            continue
        item = page.table.items[column.name]
        how = words("how_computed") if column.name in computed else _how(rules[column.name], words)
        yield name, item_unit(item), item.zh, how


def _label_rows(page: Page, rules: Mapping[str, Rule], words: Words) -> Iterator[Line]:
    computed = sums(page.table)
    for row in page.rows:
        for name in filter(None, (page.item_at(row, column) for column in page.columns)):
            item = page.table.items[name]
            how = words("how_computed") if name in computed else _item_how(item, rules[name], words)
            yield row.text, item_unit(item), item.zh, how


def _item_how(item: Item, rule: Rule, words: Words) -> str:
    if item.type == "milestone":
        return words("how_status", values="、".join(rule.choices))
    return _how(rule, words)


def _fields(page: Page, rules: Mapping[str, Rule], words: Words) -> Iterator[Line]:
    for column in page.columns:
        field = page.table.fields[column.name]
        how = _how(rules[column.name], words)
        if field.required:
            how = words("how_required", value=how)
        yield "".join(column.path), field.unit, "", how


def _how(rule: Rule, words: Words) -> str:
    if rule.kind != "list":
        return words(f"how_{rule.kind}")
    text = words("how_list", values="、".join(rule.choices))
    return text if len(text) < 120 else words("how_list_long")


def _identities(table: Table) -> Iterator[str]:
    names = {name: item.zh for name, item in table.items.items()}
    yield from (said(rule.holds, names) for rule in table.identities)
