"""Ledgers of any size: counted in a database, they give what small ones give when read."""

import csv
import hashlib
import io
import random
from pathlib import Path

import duckdb
import pytest
from workspaces import (
    CASE_HEAD,
    CASE_ROWS,
    EVENT_HEAD,
    GRID_HEAD,
    GRID_ROWS,
    cleaned,
    codes,
    fact,
    small_workspace,
    write_csv,
    write_xlsx,
)

from nianbao.cleaning import Cleaned
from nianbao.readers import Rejected, database, see
from nianbao.workspace import Workspace

DATES = ["2023-01-10"] * 6 + [
    *(
        "2023.2.3",
        "2023/03/08",
        "2023年3月8日",
        "２０２３-01-１０",
        "二〇二三年三月一日",
        "20230308",
    ),
    *("44993", "3月8日", "3/8", "2023-03-08 12:30", "2023-02-28T08:15:01.5", " 2023-1-5 "),
    *("2022-12-31", "2023-04-01", "2023-02-30", "去年底", "23-1-5", "", "\u3000"),
]
KINDS = ["会议"] * 4 + ["督察"] * 4 + ["开会", "例 会", "“会议”", "开例会", "", "督\u200b察"]
NAMES = [
    "一次会",
    "一 次会",
    "二次会",
    "",
    "（扩大）会议",
    "(扩大)会议",
    "a,b",
    '说"好"',
    "两\n行",
    "1月小计",
]
PLACES = ["甲镇"] * 4 + ["乙镇", "丙街道", "甲乡", "乙 镇", "丁镇", "试区", "区城管局", "", " "]
NUMBERS = ["12"] * 4 + [
    *(
        "007",
        "１２",
        "1,234",
        "12件",
        "12人",
        "十二",
        "约120",
        "100余",
        "近50",
        "1.5",
        "12.0",
        "-3",
    ),
    *(
        "",
        "—",
        "无",
        "若干",
        "2+1",
        "××",
        "3.2万",
        "1234567890123456",
        "12\u200b",
        "'12",
        "123456789012345",
        "0.00001",
    ),
]
OPENINGS = [
    "1",
    "2",
    "甲",
    "",
    "合计",
    "小计",
    "1月小计",
    "填表人：李四",
    "说明：略",
    "无",
    "（一）",
    "审 核 人",
]


def rows_at_random(chance: random.Random, many: int) -> list[list[str]]:
    """Rows of events, most of them good, some as untidy as any clerk's."""
    rows: list[list[str]] = []
    for _ in range(many):
        if chance.random() < 0.05:
            rows.append([""] * 6)
            continue
        opening = chance.choice(OPENINGS) if chance.random() < 0.06 else str(len(rows) + 1)
        tidy = chance.random() < 0.7
        pick = (lambda among: among[0]) if tidy else chance.choice
        kind = chance.choice(KINDS[:8]) if tidy else chance.choice(KINDS)
        rows.append([opening, pick(DATES), kind, chance.choice(NAMES), pick(PLACES), pick(NUMBERS)])
        if chance.random() < 0.02:
            rows[-1] = [opening, "", "", "", "", ""]
    return rows


def as_text(rows: list[list[str]], chance: random.Random) -> str:
    out = io.StringIO()
    quoting = chance.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL))
    end = chance.choice(("\n", "\r\n"))
    delimiter = chance.choice(",\t;")
    csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=end).writerows(rows)
    return out.getvalue() + chance.choice(("", end, end * 3))


def with_ledger(root: Path, content: bytes, name: str = "events.csv") -> Workspace:
    workspace = small_workspace(root)
    write_xlsx(workspace.raw / "2023Q1/l.xlsx", {"案件": [*CASE_HEAD, *CASE_ROWS]})
    (workspace.raw / "2023Q1" / name).write_bytes(content)
    return workspace


def both(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> tuple[Cleaned, Cleaned]:
    """What reading a ledger whole gives, and what counting it in a database gives."""
    monkeypatch.setattr(database, "LARGE", 1 << 40)
    read = cleaned(workspace)
    monkeypatch.setattr(database, "LARGE", 0)
    return read, cleaned(workspace)


def tallied(got: Cleaned) -> list[tuple[object, ...]]:
    return [
        (t.seen, t.accepted, dict(t.excluded), t.quarantined, t.numbers_seen, t.numbers_kept)
        for t in got.tallies
    ]


def assert_same(read: Cleaned, counted: Cleaned) -> None:
    assert counted.facts == read.facts
    assert sorted(map(str, counted.findings)) == sorted(map(str, read.findings))
    assert counted.files == read.files
    assert counted.set_aside == read.set_aside
    assert tallied(counted) == tallied(read)
    assert sorted(map(str, counted.applied)) == sorted(map(str, read.applied))


@pytest.mark.parametrize("seed", range(12))
def test_an_untidy_ledger_gives_the_same_read_or_counted(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)  # noqa: S311 - seeded, not secret
    rows = rows_at_random(chance, chance.choice((0, 1, 12, 80)))
    head = [["会议督察登记表", *[""] * 5]] * chance.choice((0, 1))
    text = as_text([*head, list(map(str, EVENT_HEAD[1])), *rows], chance)
    encoding = chance.choice(("utf-8", "utf-8-sig", "gb18030", "utf-16"))
    workspace = with_ledger(tmp_path, text.encode(encoding))
    assert_same(*both(workspace, monkeypatch))


GOOD = [
    ["1", "2023-01-10", "会议", "一次会", "", "12"],
    ["2", "2023-02-10", "督察", "", "甲镇", ""],
]
HEAD = [str(cell) for cell in EVENT_HEAD[1]]


def typed(*rows: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([HEAD, *rows])
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (typed(*GOOD, ["3", "2023-03-10"]).encode(), "E_CSV_SHAPE"),
        (typed(*GOOD).replace("一次会", '一"次"会').encode(), "E_CSV_SHAPE"),
        (typed(*GOOD).replace("一次会", '"一次会').encode(), "E_CSV_SHAPE"),
        (typed(*GOOD).encode().rstrip(b"\n"), "E_TRUNCATED"),
        (typed(*GOOD).encode() + typed(*GOOD).encode("gb18030"), "E_ENCODING"),
        (typed(*GOOD).replace("一次会", "锟斤拷").encode(), "E_ENCODING"),
        (typed(*GOOD).encode() + b"\0\0\n", "E_CORRUPT"),
        (typed().encode(), "E_EMPTY"),
    ],
)
def test_what_is_no_table_is_refused_in_the_same_words(
    content: bytes, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, counted = both(with_ledger(tmp_path, content), monkeypatch)
    assert code in codes(counted)
    assert sorted(map(str, counted.findings)) == sorted(map(str, read.findings))
    assert counted.facts == read.facts


def test_the_offices_decisions_reach_a_large_ledger(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        *GOOD,
        ["3", "2023-03-10", "会议", "二次会", "", "若干"],
        ["4", "", "督察", "", "乙镇", ""],
    ]
    content = typed(*rows).encode()
    workspace = with_ledger(tmp_path, content)
    sha256 = hashlib.sha256(content).hexdigest()
    workspace.corrections.write_text(
        "period,file_sha256,sheet,cell,as_typed,value,reason,by,date\n"
        f"2023Q1,{sha256},events,F4,若干,5,电话核实,李四,2023-04-02\n"
        f"2023Q1,{sha256},events,B5,,2023-03-11,电话核实,李四,2023-04-02\n"
        f"2023Q1,{sha256},events,F2,13,14,电话核实,李四,2023-04-02\n"
        f"2023Q1,{sha256},events,F99,1,2,电话核实,李四,2023-04-02\n",
        encoding="utf-8",
    )
    read, counted = both(workspace, monkeypatch)
    assert_same(read, counted)
    assert fact(counted, "attendance").value == 17
    assert fact(counted, "inspections", "A2").cell == "5"
    assert codes(counted)["E_CORRECTION"] == 2  # F2 says 12, and there is no row 99


def test_findings_without_number_are_told_by_their_span(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [[str(n), "2022-12-01", "会议", "旧会", "", "1"] for n in range(1500)]
    read, counted = both(with_ledger(tmp_path, typed(*GOOD, *rows).encode()), monkeypatch)
    assert_same(read, counted)
    assert codes(counted)["W_DATE_OUTSIDE"] == 1001
    assert "B1004:B1503 (500)" in {finding.cell for finding in counted.findings}


def test_a_large_table_that_is_no_ledger_is_read_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = small_workspace(tmp_path)
    (workspace.raw / "2023Q1/g.xlsx").unlink()
    write_csv(workspace.raw / "2023Q1/g.csv", [*GRID_HEAD, *GRID_ROWS])
    assert_same(*both(workspace, monkeypatch))


def test_nothing_that_was_typed_becomes_part_of_a_statement(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [["'; DROP TABLE every; --", "2023-01-10", "会议", "$few'", "", "1"], *GOOD]
    workspace = with_ledger(tmp_path, typed(*rows).encode(), "e'v$e\"nts.csv")
    read, counted = both(workspace, monkeypatch)
    assert_same(read, counted)
    assert fact(counted, "meetings").value == 2


def write_parquet(path: Path, query: str) -> None:
    with duckdb.connect(":memory:") as session:
        session.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")


def test_a_parquet_ledger_of_native_types_gives_what_its_text_gives(tmp_path: Path) -> None:
    content = typed(
        *GOOD,
        ["3", "2023-03-10", "会议", "二次会", "", "1.5"],
        ["4", "2023-03-10", "督察", "", "丁镇", ""],
    )
    read = cleaned(with_ledger(tmp_path / "csv", content.encode()))
    workspace = with_ledger(tmp_path / "parquet", b"")
    (workspace.raw / "2023Q1/events.csv").unlink()
    write_parquet(
        workspace.raw / "2023Q1/events.parquet",
        """SELECT * FROM (VALUES
            (1::BIGINT, DATE '2023-01-10', '会议', '一次会', NULL, 12::DOUBLE),
            (2, DATE '2023-02-10', '督察', '', '甲镇', NULL),
            (3, DATE '2023-03-10', '会议', '二次会', '', 1.5),
            (4, DATE '2023-03-10', '督察', NULL, '丁镇', NULL))
            AS t(序号, 日期, 类型, 会议名称, 对象单位, 参加人数)""",
    )
    counted = cleaned(workspace)
    same = ("place", "item", "value", "qualifier", "raw", "cell")
    assert [[getattr(f, name) for name in same] for f in counted.facts] == [
        [getattr(f, name) for name in same] for f in read.facts
    ]
    assert codes(counted) == codes(read)
    assert tallied(counted) == tallied(read)


def test_a_ledger_of_more_rows_than_any_reader_holds_is_counted(tmp_path: Path) -> None:
    workspace = with_ledger(tmp_path, b"")
    (workspace.raw / "2023Q1/events.csv").unlink()
    write_parquet(
        workspace.raw / "2023Q1/events.parquet",
        """SELECT i AS 序号, DATE '2023-01-01' + CAST(i % 90 AS INT) AS 日期,
            IF(i % 2 = 0, '会议', '督察') AS 类型, '第' || (i % 1000) || '次会' AS 会议名称,
            IF(i % 2 = 0, NULL, '甲镇') AS 对象单位, 3 AS 参加人数
            FROM range(1200000) AS t(i)""",
    )
    got = cleaned(workspace)
    assert not [finding for finding in got.findings if finding.severity == "error"]
    assert fact(got, "inspections", "A1").value == 600_000
    assert fact(got, "inspections", "A1").cell == "3:1200001 (600000)"
    assert fact(got, "attendance").value == 1_800_000
    assert fact(got, "meetings").value == 4500  # every second of the pairs of 90 days, 1000 names
    (record,) = [record for record in got.files if record.form == "L" and "parquet" in record.shown]
    assert (record.rows_seen, record.accepted, record.quarantined) == (1_200_001, 1_200_000, 0)


def test_the_rows_of_a_copied_text_keep_their_order(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{n},镇,2023-01-01\n" for n in range(1, 1_000_001))
    with database.Database(path, see(path)) as held:
        held.head()
        held.load()
        assert held.ask("SELECT count(*) FROM cells WHERE CAST(c1 AS BIGINT) <> n") == [(0,)]


def test_a_database_reads_no_other_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("甲,乙\n1,2\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("甲,乙\n", encoding="utf-8")
    with database.Database(path, see(path)) as held:
        held.head()
        held.load()
        with pytest.raises((Rejected, RuntimeError)):
            held.ask("SELECT * FROM read_csv($path)", {"path": str(tmp_path / "b.csv")})
        with pytest.raises((Rejected, RuntimeError)):
            held.ask("SET enable_external_access = true")


def test_a_file_that_changes_meanwhile_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("甲,乙\n1,2\n", encoding="utf-8")
    with database.Database(path, see(path)) as held:
        held.head()
        path.write_text("甲,乙\n1,2\n3,4\n", encoding="utf-8")
        with pytest.raises(Rejected) as refused:
            held.load()
    assert refused.value.code == "E_UNSTABLE"
