"""Workbooks of every kind keep text, addresses and gaps, or are refused by name."""

import datetime
import hashlib
import io
import os
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
import xlwt

from nianbao.readers import (
    CellError,
    Rejected,
    UncachedFormula,
    Workbook,
    address,
    read_workbook,
)

REAL_FILES = Path(__file__).resolve().parents[2] / "shared" / "realdata"

ODS_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content'
    ' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
    ' office:version="1.2"><office:body><office:spreadsheet>'
)
ODS_TAIL = "</office:spreadsheet></office:body></office:document-content>"
ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"


def rejection(path: Path) -> Rejected:
    with pytest.raises(Rejected) as caught:
        read_workbook(path)
    return caught.value


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def xlsx_bytes(cells: dict[str, object] | None = None, merge: str = "") -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "调解"
    for cell, value in (cells or {"A1": "甲镇"}).items():
        sheet[cell] = value
    if merge:
        sheet.merge_cells(merge)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def xls_bytes(cells: dict[tuple[int, int], object] | None = None) -> bytes:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("调解")
    for (row, column), value in (cells or {(0, 0): "甲镇"}).items():
        sheet.write(row, column, value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def ods_bytes(tables: str, manifest: str = "<manifest/>") -> bytes:
    return zip_bytes(
        {
            "mimetype": ODS_TYPE,
            "content.xml": ODS_HEAD + tables + ODS_TAIL,
            "META-INF/manifest.xml": manifest,
        }
    )


def zip_bytes(members: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def with_part(package: bytes, part: str, old: str, new: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        members: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
    text = members[part]
    assert isinstance(text, bytes)
    text = text.replace(b"<v />", b"<v></v>")  # openpyxl writes either, with lxml or without
    assert old.encode() in text
    members[part] = text.replace(old.encode(), new.encode())
    return zip_bytes(members)


def with_ole_name(compound: bytes, old: str, new: str) -> bytes:
    """Rename a stream in an OLE directory: 64 bytes of UTF-16, then the length with its ending."""
    at = compound.index(old.encode("utf-16-le") + b"\0\0")
    name = new.encode("utf-16-le") + b"\0\0"
    return (
        compound[:at] + name.ljust(64, b"\0") + struct.pack("<H", len(name)) + compound[at + 66 :]
    )


# --- addresses


@pytest.mark.parametrize(
    ("row", "column", "name"),
    [(9, 6, "F9"), (1, 1, "A1"), (2, 26, "Z2"), (3, 27, "AA3"), (4, 702, "ZZ4"), (5, 703, "AAA5")],
)
def test_a_cell_is_named_as_spreadsheets_name_it(row: int, column: int, name: str) -> None:
    assert address(row, column) == name


def test_an_address_below_one_is_a_programming_error() -> None:
    with pytest.raises(ValueError, match="count from 1"):
        address(0, 1)


def test_row_one_is_row_one_though_rows_and_columns_before_the_first_value_are_empty(
    tmp_path: Path,
) -> None:
    xlsx = write(tmp_path / "a.xlsx", xlsx_bytes({"C5": "甲镇"}))
    xls = write(tmp_path / "a.xls", xls_bytes({(4, 2): "甲镇"}))
    ods = write(
        tmp_path / "a.ods",
        ods_bytes(
            '<table:table table:name="调解"><table:table-row table:number-rows-repeated="4">'
            "<table:table-cell/></table:table-row><table:table-row>"
            '<table:table-cell table:number-columns-repeated="2"/>'
            '<table:table-cell office:value-type="string"><text:p>甲镇</text:p></table:table-cell>'
            "</table:table-row></table:table>"
        ),
    )
    csv = write(tmp_path / "a.csv", ",,\n,,\n,,\n,,\n,,甲镇\n".encode())
    for path in (xlsx, xls, ods, csv):
        rows = read_workbook(path).sheets[0].rows
        assert rows == ((None,) * 3,) * 4 + ((None, None, "甲镇"),), path.suffix


# --- what a workbook keeps


def test_typed_text_is_kept_to_the_last_space_and_width(tmp_path: Path) -> None:
    typed = " １２ 件\n（约）\u200b"
    for path in (
        write(tmp_path / "a.xlsx", xlsx_bytes({"A1": typed})),
        write(tmp_path / "a.xls", xls_bytes({(0, 0): typed})),
        write(tmp_path / "a.csv", f'"{typed}",x\n'.encode()),
    ):
        assert read_workbook(path).sheets[0].rows[0][0] == typed


def test_numbers_dates_and_truth_keep_their_kind(tmp_path: Path) -> None:
    day = datetime.datetime(2023, 12, 31, 9, 30)
    path = write(tmp_path / "a.xlsx", xlsx_bytes({"A1": 12, "B1": 98.5, "C1": True, "D1": day}))
    assert read_workbook(path).sheets[0].rows == ((12.0, 98.5, True, day),)


def test_merges_are_counted_from_one_and_include_their_last_cell(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    book.add_sheet("调解").write_merge(1, 2, 1, 3, "合并")
    book.save(str(tmp_path / "a.xls"))
    write(tmp_path / "a.xlsx", xlsx_bytes({"B2": "合并"}, merge="B2:D3"))
    write(
        tmp_path / "a.ods",
        ods_bytes(
            '<table:table table:name="调解"><table:table-row><table:table-cell/></table:table-row>'
            '<table:table-row><table:table-cell/><table:table-cell office:value-type="string"'
            ' table:number-columns-spanned="3" table:number-rows-spanned="2">'
            "<text:p>合并</text:p></table:table-cell><table:covered-table-cell"
            ' table:number-columns-repeated="2"/></table:table-row></table:table>'
        ),
    )
    for name in ("a.xls", "a.xlsx", "a.ods"):
        sheet = read_workbook(tmp_path / name).sheets[0]
        assert sheet.merges == ((2, 2, 3, 4),), name
        assert sheet.rows[1][1] == "合并", name


def test_hidden_sheets_are_read_and_say_so(tmp_path: Path) -> None:
    xlsx = openpyxl.Workbook()
    xlsx.create_sheet("底稿").sheet_state = "veryHidden"
    xlsx.save(tmp_path / "a.xlsx")
    xls = xlwt.Workbook()
    xls.add_sheet("Sheet")
    xls.add_sheet("底稿").visibility = 1
    xls.save(str(tmp_path / "a.xls"))
    for name in ("a.xlsx", "a.xls"):
        sheets = read_workbook(tmp_path / name).sheets
        assert [(sheet.name, sheet.hidden) for sheet in sheets] == [
            ("Sheet", False),
            ("底稿", True),
        ], name


def test_the_hash_is_of_the_bytes_as_received(tmp_path: Path) -> None:
    content = xlsx_bytes()
    path = write(tmp_path / "a.xlsx", content)
    assert read_workbook(path).sha256 == hashlib.sha256(content).hexdigest()
    assert rejection(write(tmp_path / "b.xlsx", b"%PDF-1.7")).sha256 == (
        hashlib.sha256(b"%PDF-1.7").hexdigest()
    )


# --- error cells and formulas without a result


def test_an_error_cell_of_an_xlsx_is_no_blank(tmp_path: Path) -> None:
    content = with_part(
        xlsx_bytes({"A1": 1, "C3": "=1/0"}),
        "xl/worksheets/sheet1.xml",
        '<c r="C3"><f>1/0</f><v></v>',
        '<c r="C3" t="e"><f>1/0</f><v>#DIV/0!</v>',
    )
    rows = read_workbook(write(tmp_path / "a.xlsx", content)).sheets[0].rows
    assert rows[2][2] == CellError("#DIV/0!")
    assert len(rows) == 3
    assert {len(row) for row in rows} == {3}


def test_a_formula_saved_without_its_result_is_no_blank_in_an_xlsx(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx", xlsx_bytes({"A1": 1, "B2": "=SUM(A1:A1)"}))
    assert read_workbook(path).sheets[0].rows[1][1] == UncachedFormula("SUM(A1:A1)")


def test_a_formula_that_gave_an_empty_text_is_blank_in_an_xlsx(tmp_path: Path) -> None:
    content = with_part(
        xlsx_bytes({"A1": 1, "A2": '=IF(A1=1,"","x")'}),
        "xl/worksheets/sheet1.xml",
        '<c r="A2"><f>',
        '<c r="A2" t="str"><f>',
    )
    sheet = read_workbook(write(tmp_path / "a.xlsx", content)).sheets[0]
    assert all(value is None for row in sheet.rows[1:] for value in row)


def test_a_sum_never_calculated_unmasks_every_formula_of_an_xls(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.xls",
        xls_bytes(
            {
                (0, 0): 1,
                (5, 1): xlwt.Formula("SUM(A1:A3)"),
                (6, 1): xlwt.Formula('IF(A1=1,"","x")'),
            }
        ),
    )
    rows = read_workbook(path).sheets[0].rows
    assert (rows[5][1], rows[6][1]) == (UncachedFormula(), UncachedFormula())


def test_an_xls_whose_formulas_may_all_give_texts_is_believed(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.xls", xls_bytes({(0, 0): 1, (1, 0): xlwt.Formula('IF(A1+1=2,"","x")')})
    )
    rows = read_workbook(path).sheets[0].rows
    assert [value for row in rows for value in row if value is not None] == [1]


def test_an_error_cell_of_an_xls_is_no_blank(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("调解")
    sheet.write(0, 0, 1)
    sheet.row(2).set_cell_error(3, "#DIV/0!")
    book.save(str(tmp_path / "a.xls"))
    assert read_workbook(tmp_path / "a.xls").sheets[0].rows[2][3] == CellError("#DIV/0!")


def test_error_cells_and_formulas_without_result_are_found_in_an_ods(tmp_path: Path) -> None:
    tables = (
        '<table:table table:name="调解"><table:table-row table:number-rows-repeated="2">'
        '<table:table-cell office:value-type="float" office:value="5"><text:p>5</text:p>'
        "</table:table-cell></table:table-row><table:table-row>"
        '<table:table-cell table:formula="of:=1/0" office:value-type="string"'
        ' office:string-value="" calcext:value-type="error"><text:p>#DIV/0!</text:p>'
        "</table:table-cell>"
        '<table:table-cell table:formula="of:=SUM([.A1:.A2])"/>'
        '<table:table-cell office:value-type="string"><text:p>#N/A</text:p></table:table-cell>'
        "</table:table-row></table:table>"
    )
    rows = read_workbook(write(tmp_path / "a.ods", ods_bytes(tables))).sheets[0].rows
    assert rows[0] == (5.0, None, None)
    assert rows[2] == (CellError("#DIV/0!"), UncachedFormula("of:=SUM([.A1:.A2])"), "#N/A")


def test_text_in_a_code_page_is_not_garbled(tmp_path: Path) -> None:
    unicode_mark, gbk_mark = struct.pack("<3H", 0x42, 2, 1200), struct.pack("<3H", 0x42, 2, 936)
    content = xls_bytes({(0, 0): "调解 mediation", (1, 1): 12, (2, 2): xlwt.Formula("SUM(B2)")})
    assert content.count(unicode_mark) == 1
    path = write(tmp_path / "a.xls", content.replace(unicode_mark, gbk_mark))
    rows = read_workbook(path).sheets[0].rows
    assert (rows[0][0], rows[1][1], rows[2][2]) == ("调解 mediation", 12.0, UncachedFormula())


# --- names that mislead


@pytest.mark.parametrize(("kind", "name"), [("xls", "甲镇.xlsx"), ("xlsx", "甲镇.xls")])
def test_swapped_extensions_are_read_with_a_note(tmp_path: Path, kind: str, name: str) -> None:
    content = xls_bytes() if kind == "xls" else xlsx_bytes()
    book = read_workbook(write(tmp_path / name, content))
    assert book.kind == kind
    assert book.sheets[0].rows == (("甲镇",),)
    assert [code for code, _ in book.notes] == ["W_TYPE_MISMATCH"]


def test_a_workbook_under_its_own_name_carries_no_note(tmp_path: Path) -> None:
    assert read_workbook(write(tmp_path / "甲镇.XLSX", xlsx_bytes())).notes == ()


@pytest.mark.parametrize(
    ("content", "found", "words"),
    [
        (b"<html><table><tr><td>1</td></tr></table></html>", "html", "web page"),
        (b"\xef\xbb\xbf\r\n<!DOCTYPE HTML><body/>", "html", "web page"),
        ("镇\t件\n甲镇\t3\n".encode(), "text", "tab-separated"),
        ("甲镇报送".encode("gb18030"), "text", "plain text"),
        (
            b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>',
            "spreadsheetml",
            "XML Spreadsheet 2003",
        ),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related", "mhtml", "MHTML"),
    ],
)
def test_a_page_or_text_called_xls_is_refused_by_its_real_name(
    tmp_path: Path, content: bytes, found: str, words: str
) -> None:
    rejected = rejection(write(tmp_path / "W7.xls", content))
    assert (rejected.code, rejected.found) == ("E_TYPE_MISMATCH", found)
    assert words in rejected.detail
    assert ".xlsx" in rejected.detail


# --- what is no table


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("通知.pdf", b"%PDF-1.7\n", "pdf"),
        ("扫描.xlsx", b"\xff\xd8\xff\xe0" + b"\0" * 50, "jpeg"),
        ("图.png", b"\x89PNG\r\n\x1a\n", "png"),
        ("通知.docx", zip_bytes({"[Content_Types].xml": "wordprocessingml.document"}), "docx"),
        ("通知.doc", with_ole_name(xls_bytes(), "Workbook", "WordDocument"), "doc"),
        ("说明.txt", "请于月底前报送。\n".encode(), "text"),
        ("附言.txt", '请各科室"认真"落实,谢谢\n, "办公室\n关于"八五"普法\n'.encode(), "text"),
        ("通知.txt", "各镇街,各科室:\n请于五日内,报送,谢谢\n办公室\n二〇二三年\n".encode(), "text"),
        ("网页.html", b"<!doctype html><p>1", "html"),
    ],
)
def test_letters_and_pictures_are_listed_as_no_data(
    tmp_path: Path, name: str, content: bytes, found: str
) -> None:
    rejected = rejection(write(tmp_path / name, content))
    assert (rejected.code, rejected.found) == ("W_NOT_DATA", found)


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        (
            "甲镇.xlsb",
            zip_bytes(
                {"[Content_Types].xml": "application/vnd.ms-excel.sheet.binary.macroEnabled.main"}
            ),
            "xlsb",
        ),
        ("甲镇.et", xls_bytes(), "et"),
        (
            "甲镇.xlsx",
            with_part(
                xlsx_bytes(),
                "xl/workbook.xml",
                "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
                "http://purl.oclc.org/ooxml/spreadsheetml/main",
            ),
            "strict",
        ),
        ("甲镇.zip", zip_bytes({"甲镇.xlsx": xlsx_bytes()}), "zip"),
        ("甲镇.xls", b"\x09\x04\x06\x00\x00\x00\x10\x00" + b"\0" * 30, "xls4"),
        (
            "甲镇.xml",
            b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>',
            "spreadsheetml",
        ),
    ],
)
def test_formats_that_cannot_be_read_are_named_with_what_to_do(
    tmp_path: Path, name: str, content: bytes, found: str
) -> None:
    rejected = rejection(write(tmp_path / name, content))
    assert (rejected.code, rejected.found) == ("E_UNSUPPORTED", found)
    assert "save it as .xlsx" in rejected.detail or "unpack it" in rejected.detail


# --- locked, empty, damaged


def test_a_password_is_named(tmp_path: Path) -> None:
    # Excel 2007 and later wrap the workbook; Excel 97-2003 put a FilePass record among the first.
    wrapped = with_ole_name(xls_bytes(), "Workbook", "EncryptedPackage")
    book_bool, file_pass = struct.pack("<HH", 0xDA, 2), struct.pack("<HH", 0x2F, 2)
    assert xls_bytes().count(book_bool) == 1
    files = {
        "a.xlsx": wrapped,
        "b.xls": xls_bytes().replace(book_bool, file_pass),
        "c.ods": ods_bytes("", manifest="<manifest:encryption-data/>"),
    }
    for name, content in files.items():
        rejected = rejection(write(tmp_path / name, content))
        assert rejected.code == "E_ENCRYPTED", name
        assert "password" in rejected.detail


@pytest.mark.parametrize("name", ["a.xlsx", "a.xls", "a.csv"])
def test_a_file_of_no_bytes_is_empty(tmp_path: Path, name: str) -> None:
    assert rejection(write(tmp_path / name, b"")).code == "E_EMPTY"


def test_a_text_of_blank_lines_is_empty(tmp_path: Path) -> None:
    assert rejection(write(tmp_path / "a.csv", b"\xef\xbb\xbf\r\n \r\n")).code == "E_EMPTY"


@pytest.mark.parametrize("make", [xlsx_bytes, xls_bytes], ids=["xlsx", "xls"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9])
def test_a_file_cut_short_or_with_a_tail_of_zeros_is_corrupt(
    tmp_path: Path, make: Callable[[], bytes], share: float
) -> None:
    content = make()
    kept = content[: int(len(content) * share)]
    cut = rejection(write(tmp_path / "cut.xls", kept))
    assert cut.code == "E_CORRUPT"
    assert "save" in cut.detail or "hand in" in cut.detail
    if share < 0.6:  # beyond that an xls this small has only padding left to lose
        zeroed = kept + b"\0" * (len(content) - len(kept))
        assert rejection(write(tmp_path / "zero.xls", zeroed)).code == "E_CORRUPT"


def test_a_flipped_bit_in_a_sheet_is_caught_by_its_checksum(tmp_path: Path) -> None:
    content = bytearray(xlsx_bytes({"A1": 1}))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        member = archive.getinfo("xl/worksheets/sheet1.xml")
    start = member.header_offset + 30 + len(member.filename)
    content[start + member.compress_size // 2] ^= 1
    assert rejection(write(tmp_path / "a.xlsx", bytes(content))).code == "E_CORRUPT"


def test_bytes_that_are_nothing_known_are_corrupt_under_a_workbooks_name(tmp_path: Path) -> None:
    assert rejection(write(tmp_path / "a.xlsx", bytes(range(1, 255)))).code == "E_CORRUPT"
    assert rejection(write(tmp_path / "a.dat", bytes(range(1, 255)))).code == "E_UNSUPPORTED"


def test_a_panic_below_becomes_a_rejection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class PanicException(BaseException):
        pass

    def panic(*_: object) -> None:
        raise PanicException("index out of bounds")

    path = write(tmp_path / "a.xlsx", xlsx_bytes())
    monkeypatch.setattr("nianbao.readers.reading.read_xlsx", panic)
    assert rejection(path).code == "E_CORRUPT"


def test_an_interruption_passes_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    path = write(tmp_path / "a.xlsx", xlsx_bytes())
    monkeypatch.setattr("nianbao.readers.reading.read_xlsx", interrupt)
    with pytest.raises(KeyboardInterrupt):
        read_workbook(path)


def test_a_folder_or_pipe_is_refused_unopened(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").mkdir()
    assert rejection(tmp_path / "a.xlsx").code == "E_NOT_REGULAR"
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "b.xlsx")
        assert rejection(tmp_path / "b.xlsx").code == "E_NOT_REGULAR"


@pytest.mark.parametrize("cell", ["A200001", "SG1", "XFD1048576"])
def test_an_error_cell_beyond_any_form_does_not_fill_the_memory(tmp_path: Path, cell: str) -> None:
    path = write(tmp_path / "a.xlsx", xlsx_bytes({"A1": 1, cell: "=1/0"}))
    assert rejection(path).code == "E_DIM_LIMIT"


def test_two_sheets_of_one_name_are_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.create_sheet("Sheet2")
    out = io.BytesIO()
    book.save(out)
    content = with_part(out.getvalue(), "xl/workbook.xml", 'name="Sheet2"', 'name="Sheet"')
    assert rejection(write(tmp_path / "a.xlsx", content)).code == "E_DUP_SHEET"


def test_a_document_type_in_a_part_is_refused(tmp_path: Path) -> None:
    content = with_part(xlsx_bytes(), "xl/workbook.xml", "<workbook ", "<!DOCTYPE w><workbook ")
    assert rejection(write(tmp_path / "a.xlsx", content)).code == "E_XML_DTD"


def test_macros_and_outside_links_are_noted_and_values_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(xlsx_bytes())) as archive:
        members: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
    members |= {"xl/vbaProject.bin": b"", "xl/externalLinks/externalLink1.xml": b"<x/>"}
    book = read_workbook(write(tmp_path / "a.xlsm", zip_bytes(members)))
    assert [code for code, _ in book.notes] == ["W_MACRO", "W_EXTLINK"]
    assert book.sheets[0].rows == (("甲镇",),)


# --- delimited text

TABLE = "镇,调解件数\n甲镇,12\n乙镇,\n"
TABLE_ROWS = (("镇", "调解件数"), ("甲镇", "12"), ("乙镇", None))


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be"]
)
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_the_same_table_is_read_from_every_encoding(
    tmp_path: Path, encoding: str, ending: str
) -> None:
    path = write(tmp_path / "W7.csv", TABLE.replace("\n", ending).encode(encoding))
    book = read_workbook(path)
    assert (book.kind, book.sheets[0].name, book.sheets[0].rows) == ("csv", "W7", TABLE_ROWS)


@pytest.mark.parametrize(("delimiter", "suffix"), [("\t", "tsv"), (";", "csv"), ("\t", "txt")])
def test_the_delimiter_is_found_whatever_the_file_is_called(
    tmp_path: Path, delimiter: str, suffix: str
) -> None:
    path = write(tmp_path / f"W7.{suffix}", TABLE.replace(",", delimiter).encode("gbk"))
    assert read_workbook(path).sheets[0].rows == TABLE_ROWS


def test_quoted_fields_hold_delimiters_line_ends_and_quotes(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", '"1,234","甲镇\n（含“街道”）","他说""是"""\n1,2,3\n'.encode())
    assert read_workbook(path).sheets[0].rows == (
        ("1,234", "甲镇\n（含“街道”）", '他说"是"'),
        ("1", "2", "3"),
    )


def test_blank_lines_keep_later_rows_at_their_addresses(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "镇,件\n\n甲镇,1\n\n".encode())
    assert read_workbook(path).sheets[0].rows == (("镇", "件"), (None, None), ("甲镇", "1"))


def test_everything_in_delimited_text_stays_text(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", b"007,1e5,TRUE,2023-01-01,nan\n")
    assert read_workbook(path).sheets[0].rows == (("007", "1e5", "TRUE", "2023-01-01", "nan"),)


@pytest.mark.parametrize(
    "content",
    [
        "镇,件\n".encode() + "甲镇,1\n".encode("gbk"),
        "镇,甲镇\n".encode("gbk") + "乙镇,1\n".encode(),
        b"\xef\xbb\xbf" + "镇,件\n".encode("gbk"),
        "镇,件\n甲镇,1\n".encode()[:-4] + b"\xe7,1\n",
        "镇,件\n甲\ufffd,1\n".encode(),
        "镇,件\n锟斤拷锟斤拷,1\n".encode("gbk"),
        b"\xff\xfe" + "镇,件\n".encode("utf-16-le")[:-1],
        "Stra\u00dfe,Qu\u00e9bec\n\u00fc,\u00e4\n".encode("latin-1"),
    ],
    ids=["utf8+gbk", "gbk+utf8", "bom+gbk", "cut", "fffd", "锟斤拷", "utf16-odd", "latin1"],
)
def test_mixed_broken_and_foreign_encodings_are_refused(tmp_path: Path, content: bytes) -> None:
    rejected = rejection(write(tmp_path / "a.csv", content))
    assert rejected.code == "E_ENCODING"
    assert "save" in rejected.detail


def test_a_rare_name_or_sign_does_not_make_gbk_foreign(tmp_path: Path) -> None:
    text = "姓名,面积㎡\n陶喆,12\n李堃,3\n"
    path = write(tmp_path / "a.csv", text.encode("gb18030"))
    assert read_workbook(path).sheets[0].rows[2] == ("李堃", "3")


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("镇,件\n甲镇,1,2\n乙镇,3\n", "row 2"),
        ("镇,件,率\n甲镇,1,2\n乙镇,3\n", "row 3"),
        ('镇,件\n甲"镇,1\n', "line 2"),
        ('镇,件\n"甲镇,1\n乙镇,2\n', "line 2"),
        ('镇,件\n"甲"镇,1\n', "line 2"),
    ],
)
def test_ragged_rows_and_stray_quotes_are_refused_with_their_place(
    tmp_path: Path, text: str, where: str
) -> None:
    rejected = rejection(write(tmp_path / "a.csv", text.encode()))
    assert (rejected.code, rejected.found) == ("E_CSV_SHAPE", where.split()[1])
    assert where in rejected.detail


def test_a_torn_table_that_is_called_text_is_still_a_table(tmp_path: Path) -> None:
    torn = "镇,件,率\n甲镇,1,2\n乙镇,3,4\n丙镇,3\n"
    rejected = rejection(write(tmp_path / "表.txt", torn.encode()))
    assert (rejected.code, rejected.found) == ("E_CSV_SHAPE", "4")


def test_a_last_row_without_line_end_may_be_cut(tmp_path: Path) -> None:
    book = read_workbook(write(tmp_path / "a.csv", "镇,件\n甲镇,1".encode()))
    assert [code for code, _ in book.notes] == ["E_TRUNCATED"]
    assert book.sheets[0].rows == (("镇", "件"), ("甲镇", "1"))


@pytest.mark.parametrize("text", ["镇,件\n甲镇,1\n乙", '镇,件\n甲镇,1\n"乙镇,2'])
def test_a_last_row_that_ends_in_the_middle_is_cut(tmp_path: Path, text: str) -> None:
    assert rejection(write(tmp_path / "a.csv", text.encode())).code == "E_TRUNCATED"


def test_a_table_in_big5_is_read(tmp_path: Path) -> None:
    text = "鎮,調解件數\n甲鎮調解委員會,12\n臺灣監獄與新入監人數,3\n"
    rows = read_workbook(write(tmp_path / "a.csv", text.encode("big5"))).sheets[0].rows
    assert rows[2] == ("臺灣監獄與新入監人數", "3")


def test_traditional_chinese_in_gbk_is_not_taken_for_big5(tmp_path: Path) -> None:
    text = "鎮,調解件數\n甲鎮調解委員會,12\n臺灣監獄與新入監人數,3\n"
    rows = read_workbook(write(tmp_path / "a.csv", text.encode("gbk"))).sheets[0].rows
    assert rows[2] == ("臺灣監獄與新入監人數", "3")


def test_zero_bytes_in_text_are_corrupt(tmp_path: Path) -> None:
    assert rejection(write(tmp_path / "a.csv", TABLE.encode() + b"\0" * 9)).code == "E_CORRUPT"


# --- real files


@pytest.mark.skipif(not REAL_FILES.is_dir(), reason=f"no real files at {REAL_FILES.name}")
def test_every_real_file_ends_in_a_workbook_or_a_refusal() -> None:
    outcomes: dict[str, list[str]] = {}
    for path in sorted(REAL_FILES.rglob("*")):
        if path.is_file() and path.suffix not in (".json", ".md"):
            try:
                outcome = read_workbook(path).kind
            except Rejected as rejected:
                outcome = rejected.code
            outcomes.setdefault(outcome, []).append(path.name)
    assert set(outcomes) >= {"xlsx", "xls", "ods", "csv", "E_ENCRYPTED", "E_UNSUPPORTED"}


def real(name: str) -> Workbook:
    path = REAL_FILES / name
    if not path.is_file():
        pytest.skip(f"no real file {name} beside the project")
    return read_workbook(path)


def test_the_shanghai_yearbook_keeps_numeric_years_ellipses_and_merged_heads() -> None:
    sheet = real("shanghai/2017/C0205.xls").sheets[0]
    assert sheet.rows[3][1] == 2016.0  # B4
    assert (4, 2, 4, 3) in sheet.merges  # B4:C4
    assert real("shanghai/2017/C1106.xls").sheets[0].rows[8][3] == "…"  # D9


def test_the_statutory_form_has_its_hundred_and_six_merges() -> None:
    assert len(real("fuyi_form/guofaban.redacted.xls").sheets[0].merges) == 106


def test_the_same_series_is_read_alike_from_utf_8_and_gbk() -> None:
    name = "nbs/律师、公证和调解工作基本情况"
    utf_8, gbk, crlf = (real(name + end) for end in (".csv", ".gbk.csv", ".gbk_crlf.csv"))
    assert utf_8.sheets[0].rows == gbk.sheets[0].rows == crlf.sheets[0].rows
