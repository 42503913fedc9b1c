"""outputs/index.html: every period, newest first, whatever state its releases are in."""

import json
import re
import shutil
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from test_publish import ingredients

from nianbao import publish
from nianbao.holding import hold
from nianbao.manifest import headline, write_manifest
from nianbao.overview import index_page, shelves
from nianbao.period import Period
from nianbao.workspace import PROJECT, Workspace

YEAR, QUARTER = Period(2023), Period(2024, 3)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


def put(
    workspace: Workspace,
    period: Period = YEAR,
    *,
    files: tuple[str, ...] = ("report.html",),
    complete: bool = True,
    counts: dict[str, int] | None = None,
    codes: tuple[str, ...] = (),
    supersedes: str | None = None,
    date: str = "",
    lang: str = "zh",
) -> str:
    """Publish one release, and give its name."""
    made_of = ingredients(parameters={"period": period.name, "date": date, "lang": lang})
    name = made_of.release(supersedes)
    with hold(workspace, "run"), publish.building(workspace, period) as folder:
        for file in files:
            (folder / file).write_bytes(b"x" * 1_234_567)
        write_manifest(
            folder,
            period,
            made_of,
            complete=complete,
            headline=counts or {},
            finding_codes=codes,
            supersedes=supersedes,
        )
        publish.publish(workspace, period, name, folder)
        publish.write_index(workspace, "试区司法局 & 档案")
    return name


def page(workspace: Workspace) -> BeautifulSoup:
    html = (workspace.outputs / "index.html").read_text(encoding="utf-8")
    return BeautifulSoup(html, "html.parser")


def section(workspace: Workspace, period: Period) -> Tag:
    found = page(workspace).find("section", {"aria-labelledby": f"p-{period.name}"})
    assert isinstance(found, Tag)
    return found


def text(tag: Tag) -> str:
    return " ".join(tag.get_text(" ").split())


# --- what it shows --------------------------------------------------------------------------------


def test_periods_stand_newest_first_under_the_name_of_the_bureau(workspace: Workspace) -> None:
    for period in (YEAR, QUARTER, Period(2024, 1), Period(2024)):
        put(workspace, period)
    shown = page(workspace)
    assert shown.h1 is not None
    assert shown.h1.get_text() == "试区司法局 & 档案"
    titles = [h2.get_text() for h2 in shown.find_all("h2")]
    assert titles == ["2024年度", "2024年1—9月", "2024年1—3月", "2023年度"]


def test_standings_are_counted_as_on_the_first_screen_of_the_report(workspace: Workspace) -> None:
    put(workspace, counts={"met": 30, "done": 4, "behind": 5, "not_done": 2, "not_measurable": 1})
    put(workspace, QUARTER, counts={"met": 1, "on_track": 2, "missed": 3})
    assert text(section(workspace, YEAR)).startswith(
        "2023年度 应报表格全部收齐 2024年目标 42 项 已达到 34 未达到 7 不能判断 1 "
    )
    assert "2024年目标 6 项 已达到 1 达到进度 2 未达到 3" in text(section(workspace, QUARTER))
    marks = [item["class"][1] for item in section(workspace, YEAR).select("li.standing")]
    assert marks == ["met", "behind", "not_measurable"]


def test_a_release_of_before_that_counted_nothing_shows_no_standings(workspace: Workspace) -> None:
    put(workspace)
    manifest = workspace.outputs / "2023" / "manifest.json"
    content = json.loads(manifest.read_text(encoding="utf-8"))
    del content["headline"]
    manifest.write_text(json.dumps(content), encoding="utf-8")
    publish.write_index(workspace, "试区")
    assert not section(workspace, YEAR).select(".tally")


def test_a_partial_release_says_how_much_is_missing(workspace: Workspace) -> None:
    put(workspace, complete=False, codes=("E_MISSING",) * 3 + ("E_PARSE", "W_JUMP"))
    assert "不完整（PARTIAL） ，缺3项材料，1处错误" in text(section(workspace, YEAR))


def test_every_format_that_is_there_has_a_link_and_its_size(workspace: Workspace) -> None:
    files = ("report.html", "report.docx", "tables.xlsx", "report.en.html")
    put(workspace, files=files, date="2024-01-15")
    found = section(workspace, YEAR)
    links = {a["href"]: a.get_text() for a in found.select(".formats a")}
    assert links == {
        "2023/report.html": "网页",
        "2023/report.docx": "公文（Word）",
        "2023/report.en.html": "English page",
        "2023/tables.xlsx": "数据表（Excel）",
    }
    assert "1.2 MB" in text(found)
    assert found.select_one("[lang=en]")
    assert found.time is not None
    assert (found.time["datetime"], found.time.get_text()) == ("2024-01-15", "2024年1月15日")
    assert all((workspace.outputs / href).is_file() for href in links)


def test_releases_stand_in_the_order_in_which_they_superseded_each_other(
    workspace: Workspace,
) -> None:
    first = put(workspace)
    second = put(workspace, supersedes=first)
    third = put(workspace, supersedes=second, complete=False, codes=("E_MISSING",))
    (shelf,) = shelves(workspace.outputs)
    assert [shelf.current.name, *(one.name for one in shelf.former)] == [third, second, first]
    records = [text(li) for li in section(workspace, YEAR).select(".releases li")]
    assert records == [f"当前 {third} ，取代 {second}", f"{second} ，取代 {first}", first]
    href = section(workspace, YEAR).select(".releases a")[0]["href"]
    assert href == f"releases/2023/{second}/report.html"
    assert (workspace.outputs / str(href)).is_file()


def test_a_release_says_what_it_was_made_from_otherwise_than_the_one_before(
    workspace: Workspace,
) -> None:
    first = put(workspace)
    second = put(workspace, supersedes=first, date="2024-01-15")
    records = [text(li) for li in section(workspace, YEAR).select(".releases li")]
    assert records == [f"当前 {second} ，取代 {first} （运行选项有改动）", first]


def test_the_page_speaks_the_language_of_its_newest_report(workspace: Workspace) -> None:
    put(workspace, counts={"met": 1}, files=("report.html", "tables.xlsx"))
    put(workspace, QUARTER, lang="en", complete=False, codes=("E_MISSING",))
    html = index_page(workspace.outputs, "试区司法局", "Test Bureau").decode()
    shown = BeautifulSoup(html, "html.parser")
    assert shown.html is not None
    assert shown.html["lang"] == "en"
    assert shown.h1 is not None
    assert shown.h1.get_text() == "Test Bureau"
    assert [h2.get_text() for h2 in shown.find_all("h2")] == ["January–September 2024", "2023"]
    assert "incomplete (PARTIAL) , 1 missing input(s)" in text(shown)
    links = {a["href"]: (a.get_text(), a.get("lang")) for a in shown.select(".formats a")}
    assert links["2024Q3/report.html"] == ("Page", None)
    assert links["2023/report.html"] == ("中文网页", "zh")
    chinese = set(re.findall("[一-鿿]+", text(shown)))
    assert chinese <= {"中文网页", "中文数据表"}


def test_a_release_that_was_deleted_by_hand_leaves_no_link_that_leads_nowhere(
    workspace: Workspace,
) -> None:
    first = put(workspace)
    put(workspace, supersedes=first, date="2024-01-15")
    shutil.rmtree(workspace.outputs / "releases" / "2023" / first)
    publish.write_index(workspace, "试区")
    assert f"取代 {first}" in text(section(workspace, YEAR))
    links = [str(a["href"]) for a in page(workspace).find_all("a")]
    assert links
    assert all((workspace.outputs / href).is_file() for href in links)


# --- whatever happened ----------------------------------------------------------------------------


def test_what_is_broken_or_gone_is_said_and_the_rest_is_there(workspace: Workspace) -> None:
    first = put(workspace)
    put(workspace, supersedes=first)
    put(workspace, QUARTER)
    (workspace.outputs / "2024Q3" / "manifest.json").write_text("[", encoding="utf-8")
    (workspace.outputs / "releases" / "2023" / first / "manifest.json").unlink()
    (workspace.outputs / "releases" / "2023" / "notes.txt").write_text("mine", encoding="utf-8")
    (workspace.outputs / "2022").symlink_to("releases/2022/gone")
    (workspace.outputs / "2021").mkdir()
    (workspace.outputs / "说明").mkdir()
    publish.write_index(workspace, "试区")
    titles = [h2.get_text() for h2 in page(workspace).find_all("h2")]
    assert titles == ["2024年1—9月", "2023年度", "2021年度"]
    assert "清单无法读取" in text(section(workspace, QUARTER))
    assert section(workspace, QUARTER).select_one('a[href="2024Q3/report.html"]')
    assert f"{first} ， 清单无法读取" in text(section(workspace, YEAR))
    assert "请重新发布这一期" in text(section(workspace, Period(2021)))


@pytest.mark.parametrize(
    "content",
    [
        {"headline": {"met": "34"}, "findings": ["E_MISSING"], "parameters": None},
        {"headline": [1], "findings": {"E_MISSING": None}, "complete": "yes"},
        {"release": 7, "supersedes": ["x"], "parameters": {"date": 3}},
    ],
)
def test_a_manifest_of_another_make_never_stops_the_page(
    content: dict[str, object], workspace: Workspace
) -> None:
    put(workspace)
    manifest = workspace.outputs / "2023" / "manifest.json"
    manifest.write_text(json.dumps(content), encoding="utf-8")
    publish.write_index(workspace, "试区")
    assert "2023年度" in text(section(workspace, YEAR))


def test_releases_that_supersede_each_other_in_a_circle_are_listed_once(
    workspace: Workspace,
) -> None:
    first = put(workspace)
    second = put(workspace, supersedes=first)
    manifest = workspace.outputs / "releases" / "2023" / first / "manifest.json"
    content = json.loads(manifest.read_text(encoding="utf-8"))
    manifest.write_text(json.dumps({**content, "supersedes": second}), encoding="utf-8")
    (shelf,) = shelves(workspace.outputs)
    assert (shelf.current.name, [one.name for one in shelf.former]) == (second, [first])


def test_no_report_yet_is_said(workspace: Workspace) -> None:
    workspace.outputs.mkdir()
    assert "还没有发布过报告" in index_page(workspace.outputs, "试区").decode()


def test_no_script_no_address_and_nothing_of_a_title_or_name_runs(workspace: Workspace) -> None:
    put(workspace, date='"><script>')
    html = index_page(workspace.outputs, "<script>{{7*7}}</script>").decode()
    shown = BeautifulSoup(html, "html.parser")
    assert not shown.find_all(["script", "link", "img", "iframe", "form"])
    assert "&lt;script&gt;{{7*7}}" in html
    policy = shown.find("meta", {"http-equiv": "Content-Security-Policy"})
    template = PROJECT / "nianbao" / "template" / "report" / "index.html.j2"
    assert isinstance(policy, Tag)
    assert f'content="{policy["content"]}"' in template.read_text(encoding="utf-8")
    assert all("//" not in str(a["href"]) for a in shown.find_all("a"))


def test_the_same_page_is_not_written_again_and_one_that_is_gone_is(workspace: Workspace) -> None:
    put(workspace)
    path = workspace.outputs / "index.html"
    before = path.stat()
    publish.write_index(workspace, "试区司法局 & 档案")
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    path.unlink()
    publish.write_index(workspace, "试区司法局 & 档案")
    assert path.is_file()


def test_the_headline_counts_the_targets_of_the_plans_year(workspace: Workspace) -> None:
    folder = workspace.processed(YEAR)
    folder.mkdir(parents=True)
    head = (
        "indicator,period,place,target_year,value,op,target,gap,attainment,pace,pace_kind,standing,"
        "basis,department\n"
    )
    rows = "".join(
        f"i{number},2023,S00,{year},1,>=,1,,,,,{standing},assumed,x\n"
        for number, (year, standing) in enumerate(
            [(2024, "met"), (2024, "behind"), (2024, "met"), (2023, "missed")]
        )
    )
    (folder / "standings.csv").write_text(head + rows, encoding="utf-8-sig")
    assert headline(workspace, YEAR) == {"met": 2, "behind": 1}
