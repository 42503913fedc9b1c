"""Bare writers of xlsx, ods, xls and csv: fast, and as untidy as the tests ask for."""

import csv
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import xlwt

from nianbao.readers import address

Row = Sequence[object]
Area = tuple[int, int, int, int]  # first row, first column, last row, last column; from 1

_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACK = "http://schemas.openxmlformats.org/package/2006"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_ODS = "application/vnd.oasis.opendocument.spreadsheet"


@dataclass(frozen=True)
class Page:
    """One sheet: its name, rows, merged areas, and whether it is hidden."""

    name: str
    rows: Sequence[Row]
    merges: Sequence[Area] = ()
    hidden: bool = False


def write_pages(path: Path, pages: Sequence[Page]) -> Path:
    """Write a workbook in the format that the path's ending names."""
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = {".xlsx": _xlsx, ".ods": _ods, ".xls": _xls, ".csv": _csv}[path.suffix]
    path.write_bytes(writer(pages))
    return path


def zipped(members: dict[str, str | bytes]) -> bytes:
    """A zip of these members, with one fixed date."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2023, 1, 1, 0, 0, 0)), content)
    return out.getvalue()


def _xlsx(pages: Sequence[Page]) -> bytes:
    numbered = list(enumerate(pages, 1))
    sheets = "".join(
        f'<sheet name="{escape(page.name)}" sheetId="{n}" r:id="rId{n}"'
        + (' state="hidden"/>' if page.hidden else "/>")
        for n, page in numbered
    )
    rels = "".join(
        f'<Relationship Id="rId{n}" Type="{_RELS}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n, _ in numbered
    )
    parts = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_TYPES}.worksheet+xml"/>'
        for n, _ in numbered
    )
    members: dict[str, str | bytes] = {
        "[Content_Types].xml": f'<Types xmlns="{_PACK}/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}.sheet.main+xml"/>'
        f"{parts}</Types>",
        "_rels/.rels": f'<Relationships xmlns="{_PACK}/relationships"><Relationship Id="rId1" '
        f'Type="{_RELS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_SHEET}" xmlns:r="{_RELS}"><sheets>{sheets}'
        "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACK}/relationships">{rels}'
        "</Relationships>",
    }
    for n, page in numbered:
        members[f"xl/worksheets/sheet{n}.xml"] = _xlsx_sheet(page)
    return zipped(members)


def _xlsx_sheet(page: Page) -> str:
    rows = "".join(
        f'<row r="{r}">'
        + "".join(_xlsx_cell(address(r, c), cell) for c, cell in enumerate(row, 1))
        + "</row>"
        for r, row in enumerate(page.rows, 1)
        if any(cell is not None for cell in row)
    )
    merged = "".join(
        f'<mergeCell ref="{address(top, left)}:{address(bottom, right)}"/>'
        for top, left, bottom, right in page.merges
    )
    merged = f"<mergeCells>{merged}</mergeCells>" if merged else ""
    return f'<worksheet xmlns="{_SHEET}"><sheetData>{rows}</sheetData>{merged}</worksheet>'


def _xlsx_cell(at: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, (int, float)):
        return f'<c r="{at}"><v>{value}</v></c>'
    text = escape(str(value))
    return f'<c r="{at}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _ods(pages: Sequence[Page]) -> bytes:
    names = "office table text"
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in names.split()
    )
    tables = "".join(_ods_table(page) for page in pages)
    content = (
        f'<office:document-content {spaces} office:version="1.2"><office:body>'
        f"<office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{_ODS}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" '
        'manifest:media-type="text/xml"/></manifest:manifest>'
    )
    return zipped({"mimetype": _ODS, "META-INF/manifest.xml": manifest, "content.xml": content})


def _ods_table(page: Page) -> str:
    spans = {
        (top, left): (bottom - top + 1, right - left + 1)
        for top, left, bottom, right in page.merges
    }
    rows = "".join(
        "<table:table-row>"
        + "".join(_ods_cell(cell, spans.get((r, c))) for c, cell in enumerate(row, 1))
        + "</table:table-row>"
        for r, row in enumerate(page.rows, 1)
    )
    return f'<table:table table:name="{escape(page.name)}">{rows}</table:table>'


def _ods_cell(value: object, span: tuple[int, int] | None) -> str:
    kind = ""
    if span:
        kind = f' table:number-rows-spanned="{span[0]}" table:number-columns-spanned="{span[1]}"'
    if value is None:
        return f"<table:table-cell{kind}/>"
    if isinstance(value, (int, float)):
        kind += f' office:value-type="float" office:value="{value}"'
    else:
        kind += ' office:value-type="string"'
    return f"<table:table-cell{kind}><text:p>{escape(str(value))}</text:p></table:table-cell>"


def _xls(pages: Sequence[Page]) -> bytes:
    book = xlwt.Workbook(encoding="utf-8")
    for page in pages:
        sheet = book.add_sheet(page.name, cell_overwrite_ok=True)
        sheet.visibility = int(page.hidden)
        for r, row in enumerate(page.rows):
            for c, cell in enumerate(row):
                if cell is not None:
                    sheet.write(r, c, cell)
        for top, left, bottom, right in page.merges:
            sheet.merge(top - 1, bottom - 1, left - 1, right - 1)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _csv(pages: Sequence[Page]) -> bytes:
    (page,) = pages
    width = max(len(row) for row in page.rows)
    out = io.StringIO()
    csv.writer(out).writerows(
        [("" if cell is None else cell) for cell in (*row, *[None] * (width - len(row)))]
        for row in page.rows
    )
    return out.getvalue().encode("gb18030")
