"""Files made to crash, hang or mislead a reader: each ends in its code, at little cost."""

import dataclasses
import os
import struct
import subprocess
import sys
import time
import zipfile
from io import BytesIO
from pathlib import Path

import duckdb
import pytest
import xlwt
from test_readers import ods_bytes, rejection, write, xlsx_bytes, zip_bytes

from nianbao.readers import LIMITS, Rejected, UncachedFormula, Workbook, read_workbook, see
from nianbao.readers.wire import LENGTH, READY, pack_request, unpack_answer

SHEET = "xl/worksheets/sheet1.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
HEAD, TAIL = f'<worksheet xmlns="{MAIN}"><sheetData>', "</sheetData></worksheet>"


def package(xml: str | bytes | None = None, **more: str | bytes) -> bytes:
    """A workbook with this sheet, and further parts (`__` in a name stands for `/`)."""
    with zipfile.ZipFile(BytesIO(xlsx_bytes({"A1": 1}))) as archive:
        members: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
    if xml is not None:
        members[SHEET] = xml
    return zip_bytes(members | {name.replace("__", "/"): part for name, part in more.items()})


def with_member(name: str, content: str | bytes = b"x") -> bytes:
    with zipfile.ZipFile(BytesIO(package())) as archive:
        members: dict[str, str | bytes] = {one: archive.read(one) for one in archive.namelist()}
    return zip_bytes({**members, name: content})


def sheet_xml(*cells: str) -> str:
    """A sheet with a row of its own for every cell, each holding 1."""
    rows = (f"<row><c r={name!r}><v>1</v></c></row>".replace("'", '"') for name in cells)
    return HEAD + "".join(rows) + TAIL


@dataclasses.dataclass(frozen=True)
class Cost:
    """What came of one file in a fresh reading process, and what it took."""

    answer: Workbook | Rejected | OSError
    seconds: float  # of the processor
    megabytes: int


def cost(path: Path) -> Cost:
    if sys.platform == "win32":
        pytest.skip("a process's peak memory is told by wait4, which Windows has not")
    command = [*LIMITS.command, str(LIMITS.megabytes), str(LIMITS.seconds)]
    # A process inherits its parent's peak of memory until it starts its own program; a small one
    # in between starts the reader.
    told = subprocess.run(
        [sys.executable, "-c", _BETWEEN, *command],
        input=pack_request(path, see(path)),
        stdout=subprocess.PIPE,
        check=True,
    ).stdout
    seconds, kilobytes, packed = told.split(b" ", 2)
    answer = unpack_answer(packed[len(READY) + LENGTH :], path)
    return Cost(answer, float(seconds), int(kilobytes) >> 10)


_BETWEEN = """
import os, subprocess, sys
reader = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
told = reader.stdout.read()
used = os.wait4(reader.pid, 0)[2]
sys.stdout.buffer.write(b"%f %d " % (used.ru_utime + used.ru_stime, used.ru_maxrss) + told)
"""


# --- packages


def lying(content: bytes) -> bytes:
    """The same package, saying everywhere that its sheet is a thousand bytes long."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        size = struct.pack("<L", archive.getinfo(SHEET).file_size)
    assert content.count(size) == 2
    return content.replace(size, struct.pack("<L", 1000))


SPACES = HEAD + " " * (150 << 20) + TAIL


@pytest.mark.parametrize(
    "make",
    [
        lambda: package(SPACES),
        lambda: lying(package(SPACES)),
        lambda: package(**{f"xl__media__{i}": b"\0" * (20 << 20) for i in range(12)}),
        lambda: package(**{f"x__{i}.xml": "" for i in range(20_000)}),
        lambda: zip_bytes({"a.txt": b"\0" * (100 << 20)}),
    ],
    ids=["one part", "lying header", "many parts", "20,000 members", "no workbook"],
)
def test_a_zip_bomb_costs_next_to_nothing(make, tmp_path: Path) -> None:
    found = cost(write(tmp_path / "a.xlsx", make()))
    assert isinstance(found.answer, Rejected)
    assert found.answer.code == "E_ZIP_BOMB"
    assert found.seconds < 2
    assert found.megabytes < 300


@pytest.mark.parametrize(
    "name", ["../evil.xml", "xl/../../evil.xml", "/etc/passwd", "xl\\..\\evil.xml", "\\x", "C:/x"]
)
def test_a_member_whose_name_leads_elsewhere_is_refused(name: str, tmp_path: Path) -> None:
    assert rejection(write(tmp_path / "a.xlsx", with_member(name))).code == "E_ZIP_NAME"


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
@pytest.mark.parametrize("name", [SHEET, "XL/Worksheets/SHEET1.xml", "xl\\worksheets\\sheet1.xml"])
def test_a_member_that_is_there_twice_is_refused(name: str, tmp_path: Path) -> None:
    out = BytesIO(package())
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(name, sheet_xml("A1"))
    assert rejection(write(tmp_path / "a.xlsx", out.getvalue())).code == "E_DUP_MEMBER"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be"])
@pytest.mark.parametrize(
    "part", ["xl/sharedStrings.xml", "docProps/core.xml", "xl/_rels/workbook.xml.rels", SHEET]
)
def test_a_document_type_in_any_part_is_refused(part: str, encoding: str, tmp_path: Path) -> None:
    xml = f'<?xml version="1.0"?>{" " * 300_000}<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'
    content = with_member(part, xml.encode(encoding))
    assert rejection(write(tmp_path / "a.xlsx", content)).code == "E_XML_DTD"


@pytest.mark.parametrize("part", ["content.xml", "meta.xml"])
def test_a_document_type_in_an_ods_is_refused(part: str, tmp_path: Path) -> None:
    parts = {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<x/>"}
    content = zip_bytes({**parts, part: "<!DOCTYPE x><x/>"})
    assert rejection(write(tmp_path / "a.ods", content)).code == "E_XML_DTD"


def test_a_flipped_bit_in_a_picture_is_a_damaged_file(tmp_path: Path) -> None:
    picture = os.urandom(5000)
    content = package(xl__media__a=picture).replace(picture[:64], bytes(64))
    assert rejection(write(tmp_path / "a.xlsx", content)).code == "E_CORRUPT"


def test_a_workbook_with_a_letter_embedded_is_a_workbook(tmp_path: Path) -> None:
    letter = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    with zipfile.ZipFile(BytesIO(package())) as archive:
        members: dict[str, str | bytes] = {one: archive.read(one) for one in archive.namelist()}
    types = str(members["[Content_Types].xml"], "utf-8")
    members["[Content_Types].xml"] = types.replace(
        "<Default ", f'<Default Extension="docx" ContentType="{letter}"/><Default ', 1
    )
    assert read_workbook(write(tmp_path / "a.xlsx", zip_bytes(members))).kind == "xlsx"


def test_a_sheet_whose_xml_breaks_off_is_damaged_though_its_checksum_is_right(
    tmp_path: Path,
) -> None:
    xml = sheet_xml("A1", "A2").removesuffix(TAIL)
    assert rejection(write(tmp_path / "a.xlsx", package(xml))).code == "E_CORRUPT"


# --- sheets


SPELLINGS = {
    "plain": lambda xml: xml,
    "prefixed": lambda xml: (
        xml.replace("</", "</x:")
        .replace("<", "<x:")
        .replace("<x:/x:", "</x:")
        .replace("s=", "s:x=")
    ),
    "utf-16": lambda xml: xml.encode("utf-16"),
    "commented": lambda xml: xml.replace("<sheetData>", "<!-- here --><sheetData>"),
    "apostrophes": lambda xml: xml.replace('"', "'"),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize(
    ("cells", "code"),
    [
        (("A1", "XFD1048576"), "E_DIM_LIMIT"),
        (("A1", "SG1"), "E_DIM_LIMIT"),
        (("A200001",), "E_DIM_LIMIT"),
        (("B2", "C3", "B2"), "E_DUP_CELL"),
    ],
)
def test_a_far_cell_and_a_double_one_are_refused_however_they_are_spelled(
    spelling: str, cells: tuple[str, ...], code: str, tmp_path: Path
) -> None:
    content = package(SPELLINGS[spelling](sheet_xml(*cells)))
    rejected = rejection(write(tmp_path / "a.xlsx", content))
    assert rejected.code == code
    assert rejected.found in rejected.detail


def test_a_cell_without_a_name_stands_after_the_one_before(tmp_path: Path) -> None:
    xml = HEAD + '<row r="1"><c r="A1"><v>1</v></c><c><v>2</v></c><c r="B1"><v>3</v></c></row>'
    assert rejection(write(tmp_path / "a.xlsx", package(xml + TAIL))).code == "E_DUP_CELL"


def test_a_far_cell_that_is_only_formatted_is_no_matter(tmp_path: Path) -> None:
    xml = sheet_xml("A1").replace(TAIL, '<row><c r="XFD1048576" s="0"/></row>' + TAIL)
    assert read_workbook(write(tmp_path / "a.xlsx", package(xml))).sheets[0].rows == ((1.0,),)


def test_a_million_formatted_rows_are_read_in_time(tmp_path: Path) -> None:
    rows = (
        f'<row r="{i}" s="1" customFormat="1"><c r="A{i}" s="0"/></row>' for i in range(2, 1 << 20)
    )
    xml = sheet_xml("A1").replace(TAIL, "".join(rows) + TAIL)
    found = cost(write(tmp_path / "a.xlsx", package(xml)))
    assert isinstance(found.answer, Workbook)
    assert found.answer.sheets[0].rows == ((1.0,),)
    assert found.seconds < 8
    assert found.megabytes < 300


@pytest.mark.parametrize("said", ["A1", "A1:XFD1048576", "Z9"])
def test_a_dimension_that_lies_is_not_believed(said: str, tmp_path: Path) -> None:
    xml = sheet_xml("A1", "C4").replace("<sheetData>", f'<dimension ref="{said}"/><sheetData>')
    rows = read_workbook(write(tmp_path / "a.xlsx", package(xml))).sheets[0].rows
    assert (len(rows), rows[3]) == (4, (None, None, 1.0))


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('<c r="A1"><f>1+1</f><v>2</v></c>', 2.0),
        ('<c r="A1"><f>1+1</f><v/></c>', UncachedFormula("1+1")),
        ('<c r="A1"><f>1&lt;2</f></c>', UncachedFormula("1<2")),
        ('<c r="A1"><f t="shared" si="0"/></c>', UncachedFormula("")),
        ('<c r="A1" t="str"><f>B1</f><v></v></c>', None),
        ('<c r="A1"><f ca="1">NOW()</f><v xml:space="preserve">3</v></c>', 3.0),
    ],
)
def test_a_formula_is_believed_where_its_result_was_saved(
    cell: str, value: object, tmp_path: Path
) -> None:
    xml = sheet_xml("B2").replace(HEAD, f"{HEAD}<row>{cell}</row>")
    assert read_workbook(write(tmp_path / "a.xlsx", package(xml))).sheets[0].rows[0][0] == value


def test_a_register_of_two_hundred_thousand_rows_is_read_and_one_row_more_is_not(
    tmp_path: Path,
) -> None:
    most = sheet_xml(*(f"A{i}" for i in range(1, 200_001)))
    book = read_workbook(write(tmp_path / "a.xlsx", package(most)))
    assert len(book.sheets[0].rows) == 200_000
    more = most.replace(TAIL, '<row><c r="A200001"><v>1</v></c></row>' + TAIL)
    assert rejection(write(tmp_path / "b.xlsx", package(more))).code == "E_DIM_LIMIT"


FIVE = (
    '<table:table-cell {} office:value-type="float" office:value="5"><text:p>5</text:p>'
    "</table:table-cell>"
)


def ods_row(cell: str, repeated: int = 1) -> str:
    row = f'<table:table-row table:number-rows-repeated="{repeated}">'
    return f"{row}{cell}</table:table-row>"


@pytest.mark.parametrize(
    "rows",
    [
        ods_row(FIVE.format(""), 1_048_576),
        ods_row(FIVE.format('table:number-columns-repeated="16384"')),
        ods_row("<table:table-cell/>", 999_999_999) + ods_row(FIVE.format("")),
    ],
    ids=["rows", "columns", "gap"],
)
def test_a_repeated_cell_of_an_ods_counts_as_often_as_it_is(rows: str, tmp_path: Path) -> None:
    content = ods_bytes(f'<table:table table:name="a">{rows}</table:table>')
    assert rejection(write(tmp_path / "a.ods", content)).code == "E_DIM_LIMIT"


def test_empty_cells_repeated_to_the_end_of_an_ods_are_no_matter(tmp_path: Path) -> None:
    rows = (
        f"<table:table-row>{FIVE.format('')}"
        '<table:table-cell table:number-columns-repeated="16383"/></table:table-row>'
        '<table:table-row table:number-rows-repeated="1048575">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )
    content = ods_bytes(f'<table:table table:name="a">{rows}</table:table>')
    assert read_workbook(write(tmp_path / "a.ods", content)).sheets[0].rows == ((5.0,),)


def test_the_copy_of_another_files_sheet_in_an_ods_is_not_read(tmp_path: Path) -> None:
    row = f"<table:table-row>{FIVE.format('')}</table:table-row>"
    tables = (
        f'<table:table table:name="a">{row}</table:table>'
        '<table:table table:name="他"><table:table-source xlink:href="b.ods"'
        f' xmlns:xlink="http://www.w3.org/1999/xlink"/>{row}</table:table>'
    )
    book = read_workbook(write(tmp_path / "a.ods", ods_bytes(tables)))
    assert [sheet.name for sheet in book.sheets] == ["a"]
    assert [code for code, _ in book.notes] == ["W_EXTLINK"]


def test_two_sheets_of_one_name_in_an_ods_are_refused(tmp_path: Path) -> None:
    table = '<table:table table:name="a"><table:table-row/></table:table>'
    assert rejection(write(tmp_path / "a.ods", ods_bytes(table * 2))).code == "E_DUP_SHEET"


def test_the_same_cell_twice_in_an_xls_is_refused(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("a")
    sheet.write(0, 0, 1 / 3)
    sheet.write(0, 1, 2 / 3)
    out = BytesIO()
    book.save(out)
    second = struct.pack("<4H", 0x0203, 14, 0, 1)  # NUMBER at row 0, column 1
    assert out.getvalue().count(second) == 1
    content = out.getvalue().replace(second, struct.pack("<4H", 0x0203, 14, 0, 0))
    rejected = rejection(write(tmp_path / "a.xls", content))
    assert (rejected.code, rejected.found) == ("E_DUP_CELL", "A1")


def test_a_cell_of_an_xls_beyond_any_form_is_refused(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    book.add_sheet("a").write(65_535, 255, 1)
    book.save(str(tmp_path / "a.xls"))
    assert rejection(tmp_path / "a.xls").code == "E_DIM_LIMIT"


# --- parquet


def parquet(path: Path, query: str) -> Path:
    with duckdb.connect(":memory:") as session:
        session.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")
    return path


def test_a_parquet_table_is_a_sheet_under_its_columns_names(tmp_path: Path) -> None:
    path = parquet(
        tmp_path / "台账.parquet",
        "SELECT DATE '2023-01-05' AS 日期, 3 AS 件数, 12.50::DECIMAL(9,2) AS 金额, '' AS 备注",
    )
    book = read_workbook(path)
    assert (book.kind, book.sheets[0].name, book.notes) == ("parquet", "台账", ())
    head, row = book.sheets[0].rows
    assert head == ("日期", "件数", "金额", "备注")
    assert (str(row[0]), *row[1:]) == ("2023-01-05", 3, "12.50", None)


def test_a_parquet_table_that_unpacks_to_millions_is_refused_unread(tmp_path: Path) -> None:
    path = parquet(tmp_path / "a.parquet", "SELECT 1 AS a FROM range(20000000)")
    started = time.perf_counter()
    assert rejection(path).code == "E_DIM_LIMIT"
    assert time.perf_counter() - started < 5


def test_a_damaged_parquet_table_is_corrupt(tmp_path: Path) -> None:
    content = parquet(tmp_path / "a.parquet", "SELECT range AS a FROM range(1000)").read_bytes()
    broken = content[:4] + bytes(200) + content[204:]
    for kept in (content[:-9], broken, content[:8]):
        assert rejection(write(tmp_path / "b.parquet", kept)).code == "E_CORRUPT"
    assert rejection(write(tmp_path / "c.parquet", b"PARE" + content)).code == "E_ENCRYPTED"
