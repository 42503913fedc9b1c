"""The peer of `check`: every workbook of the folders that it reads, by pandas.read_excel."""

import sys
import warnings
from pathlib import Path

import pandas as pd

WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods")


def main(workspace: str, period: str) -> int:
    """Read them all; the number of cells that hold something, so that nobody skips the reading."""
    warnings.simplefilter("ignore")
    cells = 0
    for year in (int(period) - 1, int(period)):
        for folder in sorted(Path(workspace, "data", "raw").glob(f"{year}*")):
            for path in sorted(folder.iterdir()):
                if path.suffix.lower() in WORKBOOKS:
                    sheets = pd.read_excel(path, sheet_name=None, header=None)
                    cells += sum(int(sheet.notna().sum().sum()) for sheet in sheets.values())
    return cells


if __name__ == "__main__":
    print(main(*sys.argv[1:]))
