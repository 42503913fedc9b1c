"""A parent's forms say what its districts' facts add up to, and an ordinary run reads them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from workspaces import (
    GRID_HEAD,
    GRID_ROWS,
    GRID_TITLE,
    cleaned,
    codes,
    fact,
    one,
    small_workspace,
    write_xlsx,
)

from nianbao import rollup
from nianbao.catalogue import load_catalogue
from nianbao.errors import CatalogueError
from nianbao.period import Period
from nianbao.rollup import Share
from nianbao.schema import write_rows
from nianbao.workspace import Workspace

FIRST = Period(2023, 1)
PARENT = {
    "office.yml": "bureau: {zh: 试市司法局}\ndistrict: P0\nexpects: {R: quarter}\n",
    "places.csv": (
        "code,name,kind,order,valid_from,valid_to,aliases\n"
        "P0,试市,district,0,,,\nP1,试区,township,1,,,\nP2,邻区,township,2,,,邻县\n"
    ),
    "forms/R.yml": """\
form: R
name: {zh: 区县汇总表}
department: 各区县
collected_from: districts
tables:
  all:
    kind: grid
    title: 区县汇总表
    rows: township
    row_label: [区县]
    versions:
      2022:
        columns:
          accepted: [调解, 受理]
          successful: [调解, 成功]
          mediators: [调解员]
          amount: [金额]
          received: [接收]
          closing: [期末]
          cases_new: [新收]
    items:
      accepted: {zh: 受理, unit: 件}
      successful: {zh: 成功, unit: 件}
      mediators: {zh: 调解员, unit: 名, flow: stock}
      amount: {zh: 金额, unit: 万元, type: amount}
      received: {zh: 接收, unit: 名}
      closing: {zh: 期末, unit: 名, flow: stock}
      cases_new: {zh: 新收, unit: 件}
""",
    "indicators.yml": """\
rate:
  section: all
  name: {zh: 成功率}
  numerator: successful
  denominator: accepted
  unit: "%"
  decimals: 1
  over_time: ratio_of_sums
  better: higher
  department: 各区县
  source_rows: [X1]
""",
    "outline.yml": "sections: {all: {wording: society}}\n",
}
# Three townships: accepted 10 + 20 + 30; a month takes 2 in and lets 2 go at each, of 5.
ADDED_UP = {
    "accepted": "60",
    "successful": "57",
    "mediators": "15",
    "amount": "19.5",
    "received": "18",
    "closing": "15",
    "cases_new": "1",
}


@pytest.fixture
def parent(tmp_path: Path) -> Workspace:
    for name, text in PARENT.items():
        path = tmp_path / "parent" / "catalogue" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (tmp_path / "parent" / "catalogue" / "targets").mkdir()
    return Workspace(tmp_path / "parent")


Change = Callable[[Path], object]


@pytest.fixture
def shared(tmp_path: Path, parent: Workspace) -> Callable[..., Share]:
    """What the small district gives its parent, after a change of its first quarter's folder."""

    def share(change: Change = lambda folder: None) -> Share:
        district = small_workspace(tmp_path / "district")
        change(district.raw / "2023Q1")
        facts = [fact.as_row() for fact in cleaned(district).facts]
        write_rows("facts", facts, district.processed(FIRST))
        asked = rollup.wanted(load_catalogue(parent), FIRST)
        return rollup.share(district, FIRST, asked, "abc")

    return share


def fill(parent: Workspace, *shares: Share) -> None:
    rollup.fill(parent, load_catalogue(parent), FIRST, shares)


def other(share: Share, *names: str) -> Share:
    return Share(names or ("邻区",), "def", share.numbers)


def test_a_district_gives_the_sums_of_its_townships(shared) -> None:
    share = shared()
    assert share.numbers["2023Q1"] == ADDED_UP
    assert share.names == ("试区", "district")
    assert set(share.numbers["2022Q4"].values()) == {""}


def grid(*rows: list[object]) -> Change:
    return lambda folder: write_xlsx(
        folder / "g.xlsx", {"Sheet1": [*GRID_TITLE, *GRID_HEAD, *rows]}
    )


def test_a_silent_township_leaves_its_districts_number_blank(shared) -> None:
    numbers = shared(grid(*map(list, GRID_ROWS[:2]))).numbers["2023Q1"]
    assert numbers == ADDED_UP | dict.fromkeys(
        ("accepted", "successful", "mediators", "amount"), ""
    )


def test_about_stays_about(shared) -> None:
    about = [["甲镇", "约10", 9, 6, 3, 4, 12.5], *map(list, GRID_ROWS[1:])]
    assert shared(grid(*about)).numbers["2023Q1"]["accepted"] == "约60"


def test_the_parent_reads_its_forms_like_any_other(shared, parent: Workspace) -> None:
    share = shared()
    fill(parent, share, other(share, "邻县"))
    path = parent.raw / "2023Q1" / "R-all.csv"
    assert path.read_text(encoding="utf-8-sig").splitlines() == [
        "区县汇总表,,,,,,,,",
        "区县,调解,调解,调解员,金额,接收,期末,新收,备注",
        "区县,受理,成功,调解员,金额,接收,期末,新收,备注",
        "试区,60,57,15,19.5,18,15,1,发布 abc",
        "邻区,60,57,15,19.5,18,15,1,发布 def",
    ]
    assert [path.name for path in parent.raw.iterdir()] == ["2023Q1"]
    got = cleaned(parent)
    assert codes(got) == {}
    found = fact(got, "amount", "P2")
    assert (str(found.value), found.file, found.cell) == ("19.5", "data/raw/2023Q1/R-all.csv", "E5")


def test_a_district_that_gave_nothing_is_missing_by_name(shared, parent: Workspace) -> None:
    share = shared()
    fill(parent, share, other(share))
    fill(parent, share)
    missing = one(cleaned(parent), "E_MISSING")
    assert (missing.form, missing.place) == ("R", "P2")


def test_the_same_again_touches_no_file(shared, parent: Workspace) -> None:
    share = shared()
    fill(parent, share)
    path = parent.raw / "2023Q1" / "R-all.csv"
    before = path.stat()
    fill(parent, share)
    assert path.stat().st_ino == before.st_ino
    fill(parent, Share(share.names, "abc", {folder: {} for folder in share.numbers}))
    assert not path.exists()


def test_a_district_that_the_parent_does_not_list_is_a_mistake_of_its_catalogue(
    shared, parent: Workspace
) -> None:
    share = shared()
    with pytest.raises(CatalogueError, match="远区"):
        fill(parent, other(share, "远区"))
    with pytest.raises(CatalogueError):
        fill(parent, share, other(share, "试区"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("collected_from: districts", "collected_from: bureau"),
        ("accepted: {zh: 受理, unit: 件}", 'accepted: {zh: 受理, unit: "%", type: rate}'),
    ],
)
def test_what_cannot_be_rolled_up_is_refused_at_once(parent: Workspace, old, new) -> None:
    path = parent.root / "catalogue" / "forms" / "R.yml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(CatalogueError):
        rollup.wanted(load_catalogue(parent), FIRST)
