"""Ledgers from ten thousand rows to fifty million: the program beside pandas, time and memory.

`python -m benchmarks.ledgers` makes its own data in a temporary folder, counts each ledger by the
program's own cleaning and by a pandas script that applies the same rules, refuses to compare them
where their facts differ, prints a table, and draws the growth (`--chart FILE.svg`).
"""

import argparse
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import measure

PROJECT = Path(__file__).resolve().parents[1]
SIZES = (10_000, 100_000, 1_000_000, 10_000_000, 50_000_000)
PLACES = 300
KINDS = ("民事", "行政", "刑事", "其他")
FIRST, LAST = "2023-01-01", "2023-03-31"

OFFICE = "bureau: {zh: 试市司法局, en: Test Bureau}\ndistrict: D0\nexpects: {C: quarter}\n"
FORM = """\
form: C
name: {zh: 案件台账, en: Cases}
department: 办公室
tables:
  cases:
    kind: ledger
    title: 案件登记表
    place: {field: unit, kinds: [township]}
    date: received_on
    versions:
      2022:
        fields:
          number: [案号]
          received_on: [收案日期]
          unit: [承办单位]
          kind: [类别]
          amount: [标的额]
    fields:
      number: {type: text, required: true}
      received_on: {type: date, required: true}
      unit: {type: place, required: true}
      kind: {type: choice, required: true, values: {民事: [], 行政: [], 刑事: [], 其他: []}}
      amount: {type: amount, unit: 元}
    items:
      cases: {zh: 案件数, unit: 件, at: township, count: rows}
      civil: {zh: 民事案件数, unit: 件, at: township, count: rows, where: {kind: 民事}}
      amount: {zh: 标的额, unit: 元, type: amount, at: township, sum: amount}
      numbers: {zh: 案号数, unit: 个, at: district, count: distinct, of: [number]}
"""


@dataclass(frozen=True, slots=True)
class Counted:
    """What one contestant took for one ledger.

    Seconds on the wall and of the processors; `memory` the most that each of its processes held,
    added up, in bytes.
    """

    who: str
    kind: str
    rows: int
    seconds: float
    cpu: float
    memory: int


def make(path: Path, rows: int) -> None:
    """Write a ledger: one case number in fifty stands twice, one date in thirty lies outside."""
    source = f"""
        SELECT '(2023)试' || lpad(CAST(i - (i % 50 = 1)::INT AS VARCHAR), 9, '0') || '号' AS 案号,
            strftime(DATE '2023-01-01' + CAST(hash(i) % 90 + (i % 3000 = 7)::INT * 90 AS INT),
                '%Y-%m-%d') AS 收案日期,
            '镇' || lpad(CAST(hash(i + 1) % {PLACES} AS VARCHAR), 3, '0') AS 承办单位,
            (['民事', '行政', '刑事', '其他'])[1 + CAST(hash(i + 2) % 4 AS INT)] AS 类别,
            CAST(CAST(hash(i + 3) % 1000000 AS DECIMAL(18, 0)) / 10 AS DECIMAL(18, 1)) AS 标的额
        FROM range({rows}) AS t(i)"""  # noqa: S608
    how = "FORMAT csv, HEADER" if path.suffix == ".csv" else "FORMAT parquet"
    code = (
        "import duckdb, sys; c = duckdb.connect(config={'threads': 2, 'memory_limit': '512MB'}); "
        "c.execute('SET enable_progress_bar = false'); "
        "c.execute(sys.argv[1])"
    )
    command = [sys.executable, "-c", code, f"COPY ({source}) TO '{path}' ({how})"]
    subprocess.run(command, check=True)


def new_workspace(root: Path) -> Path:
    """A workspace whose catalogue has the one form; gives the folder for its ledger."""
    places = [f"P{n},镇{n:03},township,{n + 1},,,\n" for n in range(PLACES)]
    head = "code,name,kind,order,valid_from,valid_to,aliases\nD0,试市,district,0,,,\n"
    files = {
        "office.yml": OFFICE,
        "places.csv": head + "".join(places),
        "indicators.yml": "{}\n",
        "outline.yml": "sections: {}\n",
        "forms/C.yml": FORM,
    }
    for name, text in files.items():
        path = root / "catalogue" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (root / "catalogue/targets").mkdir()
    folder = root / "data/raw/2023Q1"
    folder.mkdir(parents=True)
    return folder


def by_program(root: Path) -> dict[str, str]:
    """The facts as the program's cleaning gives them."""
    from nianbao.catalogue import load_catalogue
    from nianbao.cleaning import clean
    from nianbao.period import Period
    from nianbao.workspace import Workspace

    workspace = Workspace(root)
    cleaned = clean(workspace, load_catalogue(workspace), Period.parse("2023Q1"))
    wrong = [finding for finding in cleaned.findings if finding.severity == "error"]
    if wrong:
        raise measure.CommandFailed(f"the program found {wrong[:3]}")
    return {f"{f.item} {f.place}": f"{f.value:.1f}" for f in cleaned.facts if f.value is not None}


def by_pandas(path: Path) -> dict[str, str]:
    """The same facts by the script that an analyst would write."""
    import pandas as pd

    table = pd.read_csv(path) if path.suffix == ".csv" else _parquet(path)
    table["收案日期"] = pd.to_datetime(table["收案日期"], format="%Y-%m-%d", errors="coerce")
    table = table[table["收案日期"].between(FIRST, LAST) & table["类别"].isin(KINDS)]
    by_place = table.groupby("承办单位")
    found = {
        "cases": by_place.size(),
        "civil": table[table["类别"] == "民事"].groupby("承办单位").size(),
        "amount": by_place["标的额"].sum(),
    }
    codes = {f"镇{n:03}": f"P{n}" for n in range(PLACES)}
    facts = {
        f"{item} {code}": f"{column.get(name, 0):.1f}"
        for item, column in found.items()
        for name, code in codes.items()
    }
    return facts | {"numbers D0": f"{table['案号'].nunique():.1f}"}


def _parquet(path: Path) -> "object":
    """A parquet table in pandas, which reads it through DuckDB where pyarrow is not installed."""
    import duckdb

    return duckdb.read_parquet(str(path)).df()


def compare(path: Path, rows: int, *, with_pandas: bool) -> Iterator[Counted]:
    """Count one ledger by everybody, each in a process of its own."""
    facts: set[str] = set()
    for who in ("program", "pandas") if with_pandas else ("program",):
        command = [sys.executable, "-m", "benchmarks.ledgers", "--count", who, str(path)]
        environment = {**os.environ, "TMPDIR": str(path.parents[3])}
        started = time.perf_counter()
        done = subprocess.run(
            command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, check=True
        )
        seconds = time.perf_counter() - started
        told = json.loads(done.stdout)
        facts.add(json.dumps(told["facts"], sort_keys=True))
        yield Counted(who, path.suffix[1:], rows, seconds, told["cpu"], told["memory"])
    if len(facts) > 1:
        raise measure.CommandFailed(f"the facts of {rows:,} rows differ")


def count(who: str, path: Path) -> str:
    """Count one ledger here, and tell the facts and what they cost, with all children."""
    facts = by_program(path.parents[3]) if who == "program" else by_pandas(path)
    used = [resource.getrusage(one) for one in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    unit = 1 if sys.platform == "darwin" else 1024
    cpu = sum(one.ru_utime + one.ru_stime for one in used)
    return json.dumps(
        {"facts": facts, "cpu": cpu, "memory": unit * sum(one.ru_maxrss for one in used)}
    )


def lines(counted: Sequence[Counted]) -> Iterator[str]:
    """The table."""
    yield f"{'rows':>12}  {'file':<8}{'who':<9}{'seconds':>9}{'CPU s':>8}{'MB':>8}"
    for one in counted:
        cost = f"{one.seconds:>9.1f}{one.cpu:>8.1f}{one.memory / 1_000_000:>8.0f}"
        yield f"{one.rows:>12,}  {one.kind:<8}{one.who:<9}{cost}"


def measured(sizes: Sequence[int], pandas_up_to: int) -> Iterator[Counted]:
    """Make a ledger of every size in both formats, count it, and delete it."""
    for rows in sizes:
        for suffix in ("csv", "parquet"):
            with tempfile.TemporaryDirectory(prefix="bench-") as folder:
                path = new_workspace(Path(folder)) / f"cases.{suffix}"
                make(path, rows)
                for one in compare(path, rows, with_pandas=rows <= pandas_up_to):
                    print("\n".join(lines([one])).splitlines()[-1], file=sys.stderr, flush=True)
                    yield one


def main() -> int:
    """Measure, or count one ledger for it."""
    arguments = argparse.ArgumentParser(prog="python -m benchmarks.ledgers", description=__doc__)
    arguments.add_argument("--most", type=int, default=SIZES[-1], metavar="ROWS")
    arguments.add_argument("--pandas-up-to", type=int, default=10_000_000, metavar="ROWS")
    arguments.add_argument("--chart", type=Path, metavar="FILE.svg")
    arguments.add_argument("--count", nargs=2, help=argparse.SUPPRESS)
    asked = arguments.parse_args()
    if asked.count:
        print(count(asked.count[0], Path(asked.count[1])))
        return 0
    sizes = [rows for rows in SIZES if rows <= asked.most]
    try:
        counted = list(measured(sizes, asked.pandas_up_to))
    except (measure.CommandFailed, subprocess.CalledProcessError) as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 1
    print("\n".join(lines(counted)))
    if asked.chart:
        asked.chart.write_text(chart(counted), encoding="utf-8")
    return 0


# --- the chart ------------------------------------------------------------------------------------

_WIDTH, _HEIGHT, _MARGIN = 380, 260, 46
_COLOURS: Mapping[tuple[str, str], str] = {
    ("program", "csv"): "#1f5fa8",
    ("program", "parquet"): "#2a9d8f",
    ("pandas", "csv"): "#b5482f",
    ("pandas", "parquet"): "#e0a030",
}


def chart(counted: Sequence[Counted]) -> str:
    """Seconds and megabytes over rows, both axes in powers of ten, as SVG."""
    panels = (
        ("seconds, by rows", -1, 3, [one.seconds for one in counted]),
        (
            "MB of memory of all processes, by rows",
            1,
            4,
            [one.memory / 1_000_000 for one in counted],
        ),
    )
    width = 2 * _WIDTH
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {_HEIGHT + 24}"',
        'font-family="sans-serif" font-size="11">',
        f'<rect width="{width}" height="{_HEIGHT + 24}" fill="#fff"/>',
    ]
    for number, (title, low, high, values) in enumerate(panels):
        parts.append(f'<g transform="translate({number * _WIDTH} 0)">')
        parts += _panel(title, low, high, counted, values)
        parts.append("</g>")
    for number, ((who, kind), colour) in enumerate(_COLOURS.items()):
        x = _MARGIN + 150 * number
        parts.append(f'<circle cx="{x}" cy="{_HEIGHT + 10}" r="4" fill="{colour}"/>')
        parts.append(f'<text x="{x + 9}" y="{_HEIGHT + 14}">{who}, {kind}</text>')
    return "\n".join((*parts, "</svg>", ""))


def _panel(
    title: str, low: int, high: int, counted: Sequence[Counted], values: Sequence[float]
) -> Iterator[str]:
    def x(rows: float) -> float:
        return _MARGIN + (math.log10(rows) - 4) / 4 * (_WIDTH - _MARGIN - 20)

    def y(value: float) -> float:
        share = (math.log10(value) - low) / (high - low)
        return _HEIGHT - 30 - share * (_HEIGHT - 60)

    yield f'<text x="{_MARGIN}" y="16" font-weight="bold">{title}</text>'
    for power in range(low, high + 1):
        at, named = y(10**power), f"{10**power:g}"
        yield f'<path d="M{_MARGIN} {at:.1f}H{_WIDTH - 20}" stroke="#ddd"/>'
        yield f'<text x="{_MARGIN - 6}" y="{at + 4:.1f}" text-anchor="end">{named}</text>'
    for power, named in ((4, "10 000"), (5, "100 000"), (6, "1 M"), (7, "10 M"), (8, "100 M")):
        yield f'<text x="{x(10**power):.1f}" y="{_HEIGHT - 12}" text-anchor="middle">{named}</text>'
    for (who, kind), colour in _COLOURS.items():
        points = [
            (x(one.rows), y(value))
            for one, value in zip(counted, values, strict=True)
            if (one.who, one.kind) == (who, kind)
        ]
        path = " ".join(f"{px:.1f},{py:.1f}" for px, py in points)
        yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
        for px, py in points:
            yield f'<circle cx="{px:.1f}" cy="{py:.1f}" r="3" fill="{colour}"/>'


if __name__ == "__main__":
    sys.exit(main())
