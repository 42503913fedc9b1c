"""Makes the sample data: raw workbooks, the office's corrections, and the truth behind them.

    python tools/sample_data.py            writes data/raw, data/corrections.csv, tests/truth.csv.gz
    python tools/sample_data.py --to DIR   the same below another folder

The same seed gives the same bytes (with the same Python and libraries); no clock is read.
"""

import argparse
import csv
import io
import shutil
import sys
import tempfile
from pathlib import Path

from sample.cases import make_w4
from sample.correction import make_w9
from sample.enforcement import make_w5
from sample.mediation import make_w7
from sample.office import Desk
from sample.publicity import make_w6
from sample.registers import make_w1, make_w2
from sample.reviews import make_w3
from sample.services import make_w8
from sample.tasks import make_w11, make_w12
from sample.townships import make_w10
from sample.truth import Truth

SEED = 20240930
CORRECTION_COLUMNS = (
    "kind",
    "period",
    "file_sha256",
    "sheet",
    "cell",
    "as_typed",
    "value",
    "reason",
    "by",
    "date",
)
NOTICE = "关于报送2023年一季度报表的通知.txt"
NOTICE_TEXT = """关于报送2023年一季度报表的通知

各镇街司法所、局机关各科室：
请于季后五日内报送一季度各类报表，表样按上年执行，数字须经负责人审核。

办公室
"""


def make(seed: int, root: Path) -> int:
    """Write everything below a folder; returns how many numbers the truth holds.

    Data that the sample did not make is never touched: then it stops, with exit 73.
    """
    with tempfile.TemporaryDirectory() as fresh:
        numbers = _make_fresh(seed, Path(fresh))
        raw = root / "data" / "raw"
        ours = {path.relative_to(fresh) for path in Path(fresh).rglob("*")}
        others = [p for p in sorted(raw.rglob("*")) if p.is_file() and p.name != ".gitkeep"]
        others = [path for path in others if path.relative_to(root) not in ours]
        if others:
            print(
                f"{raw} holds {len(others)} files that are not the sample's, such as",
                file=sys.stderr,
            )
            print(f"{others[0]}; move them away, or use --to DIR.", file=sys.stderr)
            raise SystemExit(73)
        for path in sorted(ours):
            if (Path(fresh) / path).is_file():
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(Path(fresh) / path, root / path)
    return numbers


def _make_fresh(seed: int, root: Path) -> int:
    raw = root / "data" / "raw"
    desk = Desk(seed, raw, Truth())
    for make_form in (
        make_w1,
        make_w2,
        make_w3,
        make_w4,
        make_w5,
        make_w6,
        make_w7,
        make_w8,
        make_w9,
        make_w10,
        make_w11,
        make_w12,
    ):
        make_form(desk)
    (raw / "2023Q1" / NOTICE).write_text(NOTICE_TEXT, encoding="utf-8", newline="\n")
    text = io.StringIO()
    writer = csv.DictWriter(text, CORRECTION_COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(sorted(desk.corrections, key=lambda row: row["date"]))
    (root / "data" / "corrections.csv").write_text(text.getvalue(), encoding="utf-8", newline="")
    desk.truth.write(root / "tests" / "truth.csv.gz")
    return len(desk.truth.rows())


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Make the sample data from a seed.")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--to", type=Path, default=Path(__file__).resolve().parent.parent)
    chosen = parser.parse_args()
    numbers = make(chosen.seed, chosen.to)
    print(f"{numbers} numbers")


if __name__ == "__main__":
    main()
