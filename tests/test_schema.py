"""The tables on disk: exact text out, the same text back, and no live formula between."""

from pathlib import Path

import pytest

from nianbao import schema

RISKY = ["=1+1", "=cmd()", "+5", "@x", "-5万", "\tx", "＝a", "'=x", "''=x", "-", "=", ">=", "\n=x"]
PLAIN = ["-5", "12.50", "NA", "nan", "", "'x", 'a"b,c', "a\nb", " =1", "××", "0012"]


@pytest.mark.parametrize("text", RISKY + PLAIN)
def test_what_is_written_is_read_back(text: str, tmp_path: Path) -> None:
    frame = schema.table("facts", [{"raw": text, "item": "a"}, {"item": "b", "raw": text}])
    schema.write_table("facts", frame, tmp_path)
    assert list(schema.read_table("facts", tmp_path)["raw"]) == [text, text]


@pytest.mark.parametrize("text", ["=1+1", "+5", "@x", "-5万", "\tx", "＝a", "=HYPERLINK(1)"])
def test_no_cell_starts_like_a_formula(text: str, tmp_path: Path) -> None:
    path = schema.write_table("rows", schema.table("rows", [{"file": text}]), tmp_path)
    assert path.read_text(encoding="utf-8-sig").splitlines()[1].strip('"').startswith("'")


def test_a_negative_number_stays_a_number(tmp_path: Path) -> None:
    frame = schema.table("values", [{"change": "-12.5", "value": "-3"}])
    path = schema.write_table("values", frame, tmp_path)
    assert ",-12.5," in path.read_text(encoding="utf-8-sig")


def test_a_corrected_value_is_text_and_guarded(tmp_path: Path) -> None:
    frame = schema.table("corrections", [{"value": "=2+1", "as_typed": "2+1"}])
    path = schema.write_table("corrections", frame, tmp_path)
    assert "'=2+1" in path.read_text(encoding="utf-8-sig")


def test_a_lone_carriage_return_does_not_split_the_row(tmp_path: Path) -> None:
    schema.write_table("facts", schema.table("facts", [{"raw": "a\rb\r\nc"}]), tmp_path)
    assert list(schema.read_table("facts", tmp_path)["raw"]) == ["a\nb\nc"]


def test_an_absent_value_is_empty_and_columns_keep_their_order(tmp_path: Path) -> None:
    frame = schema.table("findings", [{"message": "x", "code": None}])
    assert frame.loc[0, "code"] == ""
    path = schema.write_table("findings", frame[frame.columns[::-1]], tmp_path)
    head = path.read_text(encoding="utf-8-sig").splitlines()[0]
    assert head == "severity,code,period,place,form,item,file,sheet,cell,message"


def test_an_empty_table_has_its_columns(tmp_path: Path) -> None:
    for name, columns in schema.TABLES.items():
        schema.write_table(name, schema.table(name, []), tmp_path)
        assert tuple(schema.read_table(name, tmp_path).columns) == columns
