"""Blank workbooks for departments and townships, made of the catalogue's forms."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from openpyxl import Workbook

from nianbao.catalogue import Catalogue, load_catalogue
from nianbao.errors import CatalogueError, OutputsNotWritable, UsageError
from nianbao.forms.guards import in_notes
from nianbao.forms.hints import hints_of
from nianbao.forms.notes import choices_area, write_notes
from nianbao.forms.package import as_bytes
from nianbao.forms.pages import Book, Page, books
from nianbao.forms.paint import paint
from nianbao.forms.rules import rules_of_page
from nianbao.forms.words import Words, load_words
from nianbao.intake import NOTES_SHEET
from nianbao.period import Period, period_in_text
from nianbao.terminal import printable, say
from nianbao.workspace import Workspace

__all__ = ["Made", "blank_workbooks", "make_forms"]

_MOST_NAMED = 3  # files that a message names


@dataclass(frozen=True, slots=True)
class Made:
    """The blank workbooks of a period: all of them, and those that were not there before."""

    files: tuple[Path, ...]
    new: tuple[Path, ...]


def make_forms(workspace: Workspace, period: Period, to: Path | None = None) -> Made:
    """Write the blank workbooks of a quarter, or of a year and its quarters, a folder for each.

    The folders are named as those of data/raw. A file that differs from what would be written may
    be a filled one: then nothing is written at all. Raises UsageError for that and for a folder
    that must stay as it is, CatalogueError, and OutputsNotWritable.
    """
    folder = to if to is not None else workspace.root / "forms"
    _check_folder(workspace, folder)
    catalogue, words = load_catalogue(workspace), load_words(workspace)
    folders = (period,) if period.quarter else (*period.quarters, period)
    made: dict[Path, bytes] = {}
    for each in folders:
        for name, content in blank_workbooks(workspace, catalogue, words, each):
            made[folder / each.name / name] = content
    if not made:
        raise UsageError(
            say(
                zh=f"{period.name}没有需要填报的表：catalogue/forms 中没有当期有效的版本",
                en=f"nothing is collected in {period.name}: no form in catalogue/forms has a "
                "version in force",
            )
        )
    return _write(made)


def blank_workbooks(
    workspace: Workspace, catalogue: Catalogue, words: Words, period: Period
) -> Iterator[tuple[str, bytes]]:
    """Every blank workbook of one raw folder's period: its file name and its content."""
    hints = hints_of(workspace, catalogue, period, words)
    for book in books(catalogue, words, period):
        yield book.name, as_bytes(_workbook(catalogue, words, book, hints))


def _workbook(
    catalogue: Catalogue, words: Words, book: Book, hints: Mapping[tuple[str, str], str]
) -> Workbook:
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    places = {page.table_id: _place_names(catalogue, page) for page in book.pages}
    lists = _long_lists(book, places, words)
    areas = {
        choices: choices_area(number, choices) for number, choices in enumerate(lists.values())
    }
    before: dict[str, Page] = {}  # the sheet of the month before, by table
    for page in book.pages:
        paint(
            workbook.create_sheet(page.sheet),
            page,
            _title(catalogue, words, page),
            places[page.table_id],
            words,
            before=before.get(page.table_id) if page.month else None,
            lists=areas,
            hints=hints,
        )
        before[page.table_id] = page
    write_notes(workbook.create_sheet(NOTES_SHEET), book, catalogue, places, lists, words)
    about = workbook.properties
    about.creator, about.title = "", f"{book.form.form} {book.form.name.zh}"
    about.subject, about.category = book.period.name, book.form.form
    about.description = book.unit
    return workbook


def _place_names(catalogue: Catalogue, page: Page) -> tuple[str, ...]:
    """The names that a ledger's place may be."""
    kinds = page.table.place.kinds if page.table.kind == "ledger" else ()
    codes = catalogue.places_of_kinds(kinds, page.period)
    return tuple(catalogue.places[code].name for code in codes)


def _long_lists(
    book: Book, places: Mapping[str, tuple[str, ...]], words: Words
) -> dict[str, tuple[str, ...]]:
    """The choices that need room on the sheet of notes, by the label of their column."""
    found: dict[str, tuple[str, ...]] = {}
    for page in book.pages:
        for name, rule in rules_of_page(page, places[page.table_id], words):
            if in_notes(rule) and rule.choices not in found.values():
                label = next(("".join(c.path) for c in page.columns if c.name == name), name)
                found[label if label not in found else f"{label} {len(found)}"] = rule.choices
    return found


def _title(catalogue: Catalogue, words: Words, page: Page) -> str:
    title = words(
        "title_of_month" if page.month else "title",
        district=catalogue.places[catalogue.district].name,
        period=words.period(page.period),
        title=page.table.title,
        month=str(page.month),
    )
    if period_in_text(title) not in (page.period, Period(page.period.year), None):
        raise CatalogueError(
            f"wording/forms.yml:1:1: the title “{title}” would be read as another period than "
            f"{page.period.name}; word `period_year` and `period_quarter` as the project does"
        )
    return title


# --- files ----------------------------------------------------------------------------------------


def _check_folder(workspace: Workspace, folder: Path) -> None:
    """Refuse to write among the workbooks as received, and among published reports."""
    for kept in (workspace.raw, workspace.outputs):
        if folder.resolve().is_relative_to(kept.resolve()):
            shown = printable(str(folder))
            raise UsageError(
                say(
                    zh=f"--to {shown}：这里只放收到的报表或已发布的报告，请换一个文件夹",
                    en=f"--to {shown}: only workbooks as received, or published reports, lie "
                    "here; name another folder",
                )
            )


def _write(made: Mapping[Path, bytes]) -> Made:
    """Write what is not there yet; nothing at all where another file stands in the way."""
    try:
        differing = [p for p, content in made.items() if p.exists() and not _holds(p, content)]
        if differing:
            raise UsageError(_in_the_way(differing))
        new = tuple(path for path in made if not path.exists())
        for path in new:
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_new(path, made[path])
    except (PermissionError, NotADirectoryError, FileExistsError) as error:
        where = printable(str(error.filename))
        raise OutputsNotWritable(
            say(
                zh=f"无法写入 {where}：{error.strerror}。请检查权限，或用 --to 换一个文件夹。",
                en=f"cannot write {where}: {error.strerror}. Check its permissions, or name "
                "another folder with --to.",
            )
        ) from error
    return Made(tuple(made), new)


def _holds(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content


def _write_new(path: Path, content: bytes) -> None:
    """Write a file that is not there yet, whole or not at all."""
    draft = path.with_name(f".{path.name}.part")
    try:
        draft.write_bytes(content)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _in_the_way(files: list[Path]) -> str:
    shown = [printable(str(path)) for path in files[:_MOST_NAMED]]
    return say(
        zh=f"已有 {len(files)} 个同名文件内容不同，可能已经填报，没有写入任何文件："
        f"{'、'.join(shown)}{'等' if len(files) > len(shown) else ''}。"
        "请先移走，或用 --to 换一个文件夹。",
        en=f"{len(files)} files of the same name differ and may be filled in; nothing was "
        f"written: {', '.join(shown)}{', ...' if len(files) > len(shown) else ''}. "
        "Move them away, or name another folder with --to.",
    )
