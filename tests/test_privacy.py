"""Numbers that name a person: what is one, and that none is ever published."""

import json
import shutil
import zipfile
from pathlib import Path

import openpyxl
import pytest

from nianbao.disclosure import disclosed
from nianbao.privacy import checks, masked, personal_numbers
from nianbao.workspace import Workspace
from tests.workspaces import (
    TASK_ROWS,
    cleaned,
    codes,
    one,
    small_workspace,
    write_xlsx,
)

MOBILE = "13812345678"
IDENTITY = "11010519491231002X"  # the example of GB 11643


# --- what is one ----------------------------------------------------------------------------------


def test_the_check_digit_is_worked_out_as_the_standard_says():
    # 1·7+1·9+0·10+1·5+0·8+5·4+1·2+9·1+4·6+9·3+1·7+2·9+3·10+1·5+0·8+0·4+2·2 = 167 = 15·11 + 2 → X
    assert checks(IDENTITY)
    assert not checks("110105194912310021")


@pytest.mark.parametrize(
    "text",
    [
        MOBILE,
        f"联系人张三{MOBILE}，请核实",
        f"张三_{MOBILE}.xlsx",
        "138 1234 5678",
        "138-1234-5678",
        "138—1234—5678",
        "１３８１２３４５６７８",
        "138\u200b1234\u200b5678",
        f"+86 {MOBILE}",
        f"86{MOBILE}",
        f"2023-03-08 {MOBILE}",
        f"3 {MOBILE}",
        f"12,{MOBILE}",
    ],
)
def test_a_mobile_number_is_known_however_it_is_typed(text: str):
    assert set(personal_numbers(text)) == {MOBILE}


@pytest.mark.parametrize(
    "text",
    [
        IDENTITY,
        IDENTITY.lower(),
        f"身份证号{IDENTITY}。",
        "110105 19491231 002X",
        "110105-19491231-002Ｘ",
    ],
)
def test_an_id_number_is_known_however_it_is_typed(text: str):
    assert set(personal_numbers(text)) == {IDENTITY}


@pytest.mark.parametrize(
    "text", ["110105491231002", "身份证110105 491231 002", "（110105491231002）"]
)
def test_an_old_id_number_of_fifteen_digits_is_known_by_its_province_and_birthday(text: str):
    assert set(personal_numbers(text)) == {"110105491231002"}


@pytest.mark.parametrize(
    "text",
    [
        "123456789012345",  # the 90th month
        "990105491231002",  # no province has 99
        "110105491231002.5",
        "12345678901",  # no network begins with 12
        "0538-6221234",
        f"1{MOBILE}",
        f"{MOBILE}9",
        f"0.{MOBILE}",
        f"{MOBILE}.5",
        f"a{MOBILE}b",  # inside a hash
        "9f3a" + MOBILE + "e0" * 20,
        "13,812,345,678",
        "110105194912310021",  # the check digit is wrong
        "110105194913310020",  # there is no thirteenth month
        "20230308",
        "2023年1—9月，138件、1234人、5678次",
        "",
    ],
)
def test_other_numbers_are_none(text: str):
    assert list(personal_numbers(text)) == []


def test_a_number_is_struck_out_and_the_rest_stays():
    assert masked(f"张三 {MOBILE}、{IDENTITY}") == "张三 138****5678、110105********002X"
    assert masked("证号110105491231002") == "证号110105******002"
    assert masked("共１２件 0538-6221234") == "共１２件 0538-6221234"


# --- in what would be published -------------------------------------------------------------------


def release(root: Path, name: str, content: str | bytes) -> Path:
    folder = root / "release"
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def test_a_page_is_read_with_its_attributes_entities_and_broken_words(tmp_path: Path):
    for page in (
        f"<p>{MOBILE}</p>",
        f'<img alt="张三 {MOBILE}">',
        "<p>138<b>1234</b>5678</p>",
        "<p>138&#49;2345678</p>",
        "<p>138&#45;1234&#45;5678</p>",
    ):
        (found,) = disclosed(release(tmp_path, "report.html", page), tmp_path)
        assert found.code == "E_PII"
        assert found.words == {"raw": "138****5678", "found": "report.html"}


def test_numbers_side_by_side_in_a_table_are_no_number(tmp_path: Path):
    page = "<tr><td>138</td><td>1234</td><td>5678</td></tr><p>138</p><p>12345678</p>"
    assert disclosed(release(tmp_path, "report.html", page), tmp_path) == []


def test_hashes_and_embedded_pictures_are_not_read(tmp_path: Path):
    page = f'<img src="data:image/png;base64,AA/{MOBILE}+BB=="><code>{"ab" * 10}{MOBILE}</code>'
    assert disclosed(release(tmp_path, "report.html", page), tmp_path) == []
    (tmp_path / "release" / "chart.png").write_bytes(f" {MOBILE} ".encode())
    drawing = f'<svg><path d="M 138 1234 5678 L {MOBILE} 0"/></svg>'
    assert disclosed(release(tmp_path, "chart.svg", drawing), tmp_path) == []


def test_notebooks_drawings_names_of_files_and_the_manifest_are_read(tmp_path: Path):
    shown = {"cells": [{"outputs": [{"data": {"text/html": ["<p>138", "12345678</p>"]}}]}]}
    for name, content in (
        ("03_report.ipynb", json.dumps(shown, ensure_ascii=True)),
        ("chart.svg", f"<svg><title>{MOBILE}</title></svg>"),
        ("manifest.json", json.dumps({"inputs": [{"path": f"张三{MOBILE}.xlsx"}]})),
        (f"{MOBILE}.txt", "—"),
    ):
        folder = release(tmp_path, name, content)
        assert [one.words["raw"] for one in disclosed(folder, tmp_path)] == ["138****5678"], name
        shutil.rmtree(folder)


def test_every_part_of_a_document_is_unzipped_and_read(tmp_path: Path):
    runs = "<w:p><w:r><w:t>138</w:t></w:r><w:r><w:rPr/><w:t>12345678</w:t></w:r></w:p>"
    parts = {"word/document.xml": runs, "docProps/core.xml": f"<dc:creator>{IDENTITY}</dc:creator>"}
    for part, content in parts.items():
        folder = release(tmp_path, "report.docx", b"")
        with zipfile.ZipFile(folder / "report.docx", "w") as package:
            package.writestr(part, content)
            package.writestr("word/media/image1.png", f" {MOBILE} ")
        (found,) = disclosed(folder, tmp_path)
        assert found.words["found"] == "report.docx", part


# --- in what was read -----------------------------------------------------------------------------


def evidence(workspace: Workspace, text: str) -> None:
    rows = [list(row) for row in TASK_ROWS]
    rows[2][3] = text
    write_xlsx(workspace.raw / "2023Q1" / "t.xlsx", {"清单": rows})


def test_a_number_in_evidence_is_found_at_its_cell(tmp_path: Path):
    workspace = small_workspace(tmp_path)
    evidence(workspace, f"试司〔2023〕1号，电话{MOBILE}")
    found = one(cleaned(workspace), "E_PII")
    assert (found.sheet, found.cell) == ("清单", "C3")
    assert found.file.endswith("t.xlsx")
    assert found.words["raw"] == "138****5678"


def test_a_number_in_the_name_of_a_file_or_sheet_is_found(tmp_path: Path):
    workspace = small_workspace(tmp_path)
    (workspace.raw / "2023Q1" / "g.xlsx").rename(workspace.raw / "2023Q1" / f"张三{MOBILE}.xlsx")
    found = one(cleaned(workspace), "E_PII")
    assert MOBILE in found.file  # the finding's row strikes it out
    workspace = small_workspace(tmp_path / "other")
    write_xlsx(workspace.raw / "2023Q1" / "t.xlsx", {f"清单{IDENTITY}": TASK_ROWS})
    assert codes(cleaned(workspace))["E_PII"] >= 1


def test_what_no_report_shows_is_not_looked_at(tmp_path: Path):
    workspace = small_workspace(tmp_path)
    path = workspace.raw / "2023Q1" / "g.xlsx"
    book = openpyxl.load_workbook(path)
    book.active.append(["填表人：张三", f"联系电话：{MOBILE}"])
    book.save(path)
    assert codes(cleaned(workspace))["E_PII"] == 0
