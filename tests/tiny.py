"""A district of three townships and one department, small enough to work out by hand."""

import shutil
from pathlib import Path

import pandas as pd

from nianbao import schema
from nianbao.catalogue import Catalogue, load_catalogue
from nianbao.workspace import Workspace

_FILES = Path(__file__).parent / "tiny_catalogue"


def small_district(
    root: Path,
    *,
    indicators: str = "",
    targets: dict[int, str] | None = None,
    places: dict[str, str] | None = None,
    office: str = "",
) -> Catalogue:
    """The catalogue of the district, with further indicators, targets or settings.

    `places` replaces text in places.csv: {old: new}.
    """
    folder = root / "catalogue"
    shutil.copytree(_FILES, folder)
    (folder / "targets").mkdir()
    for name, more in (("office.yml", office), ("indicators.yml", indicators)):
        path = folder / name
        path.write_text(path.read_text(encoding="utf-8") + more, encoding="utf-8")
    listed = (folder / "places.csv").read_text(encoding="utf-8")
    for old, new in (places or {}).items():
        assert old in listed
        listed = listed.replace(old, new)
    (folder / "places.csv").write_text(listed, encoding="utf-8")
    for year, text in (targets or {}).items():
        (folder / "targets" / f"{year}.yml").write_text(text, encoding="utf-8")
    return load_catalogue(Workspace(root))


class Ledger:
    """Facts written down one by one: a quarter's number, a whole year's, an annual form's."""

    def __init__(self) -> None:
        self.rows: list[dict[str, str]] = []

    def put(
        self, period: str, place: str, item: str, *numbers: object, cells: str = ""
    ) -> "Ledger":
        """One fact a number (three for a quarter's months); `120+`, `50-` and `30~` are bounds."""
        for position, written in enumerate(numbers):
            text = str(written)
            qualifier = {"+": ">=", "-": "<=", "~": "~"}.get(text[-1:], "=")
            self.rows.append(
                {
                    "period": period,
                    "place": place,
                    "item": item,
                    "value": text if qualifier == "=" else text[:-1],
                    "qualifier": qualifier,
                    "raw": text,
                    "form": "M",
                    "file": f"{period}/M.xlsx",
                    "sheet": f"{position + 1}月" if len(numbers) > 1 else "Sheet1",
                    "cell": cells or f"D{int(place[1:]) + 6}",
                }
            )
        return self

    def year(self, year: int, place: str, item: str, *quarters: object) -> "Ledger":
        """One number a quarter, from the first on; None leaves a quarter out."""
        for quarter, number in enumerate(quarters, 1):
            if number is not None:
                self.put(f"{year}Q{quarter}", place, item, number)
        return self

    def everywhere(self, year: int, item: str, *quarters: object) -> "Ledger":
        """The same numbers at every township."""
        for place in ("S01", "S02", "S03"):
            self.year(year, place, item, *quarters)
        return self

    @property
    def facts(self) -> pd.DataFrame:
        """The facts table."""
        return schema.table("facts", self.rows)


def row_of(values: pd.DataFrame, indicator: str, place: str = "S00") -> dict[str, str]:
    """The one row of an indicator at a place."""
    found = values[(values["indicator"] == indicator) & (values["place"] == place)]
    assert len(found) == 1, f"{len(found)} rows of {indicator} at {place}"
    return {str(key): str(text) for key, text in found.iloc[0].items()}
