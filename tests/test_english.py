"""The English edition: the same figures as the Chinese one, in English throughout."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import page as reading
import pytest
from bs4 import BeautifulSoup, NavigableString, Tag
from conftest import Made, write_report

from nianbao.catalogue import load_catalogue
from nianbao.catalogue.source import read_source
from nianbao.errors import CatalogueError
from nianbao.findings import Finding
from nianbao.languages import LANGUAGES, noun
from nianbao.period import Period
from nianbao.report import Report
from nianbao.translation import check_edition, edition, retold
from nianbao.workspace import PROJECT, Workspace

pytestmark = pytest.mark.xdist_group("report")  # the reports are made once, by one worker

CHINESE = re.compile("[\u3000-\u303f\u3400-\u9fff\uff01-\uff5e]")
ENGLISH = LANGUAGES["en"]


@pytest.fixture(scope="module", params=["2023", "2024Q3", "partial"])
def pages(
    request: pytest.FixtureRequest,
    sample: Path,
    report_of: Callable[[str], Made],
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[BeautifulSoup, BeautifulSoup]:
    """A period's report in both languages, from the same tables."""
    if request.param == "partial":
        root = without_a_quarter_of_mediation(tmp_path_factory.mktemp("partial"))
        chinese = write_report(str(root), "2023", allow_partial=True)[1]
        english = english_of(str(root), "2023", allow_partial=True)
    else:
        chinese = report_of(request.param)[1]
        english = english_of(str(sample), request.param)
    return reading.parse(chinese), reading.parse(english)


def without_a_quarter_of_mediation(root: Path) -> Path:
    """A workspace on the sample, whose townships reported no mediation in one quarter."""
    raw = root / "data" / "raw"
    shutil.copytree(PROJECT / "data" / "raw", raw)
    for path in (raw / "2023Q2").iterdir():
        if "调解" in path.name or path.name.startswith("W7"):
            path.unlink()
    shutil.copy(PROJECT / "data" / "corrections.csv", root / "data")
    return root


def english_of(workspace: str, period: str, *, allow_partial: bool = False) -> str:
    """The third notebook's work, on the tables that the Chinese report left."""
    report = Report.open(workspace=workspace, period=period, lang="en", allow_partial=allow_partial)
    report.masthead()
    report.headlines()
    report.sections()
    report.appendices()
    report.sources()
    return "\n".join(report.shown)


def test_both_languages_print_the_same_figures_the_same_number_of_times(
    pages: tuple[BeautifulSoup, BeautifulSoup],
) -> None:
    chinese, english = map(reading.marks, pages)
    assert chinese == english
    assert chinese.total() > 1000


def test_no_numeral_of_the_english_page_stands_outside_a_figure(
    pages: tuple[BeautifulSoup, BeautifulSoup],
) -> None:
    assert list(reading.stray_numerals(pages[1])) == []


def test_a_figure_in_english_is_its_value_with_thousands_parted(
    pages: tuple[BeautifulSoup, BeautifulSoup],
) -> None:
    figures = reading.figures(pages[1])
    assert [f.text for f in figures if f.text.replace(",", "") != f["value"]] == []
    assert any("," in f.text for f in figures)


def test_chinese_stands_only_in_sources_and_where_it_is_marked_as_chinese(
    pages: tuple[BeautifulSoup, BeautifulSoup],
) -> None:
    page = pages[1]
    texts = [t for t in page.find_all(string=CHINESE) if type(t) is NavigableString]
    assert [str(t).strip() for t in texts if not _may_be_chinese(t)] == []
    labels = [one["aria-label"] for one in page.find_all(attrs={"aria-label": CHINESE})]
    assert labels + [one["alt"] for one in page.find_all(alt=CHINESE)] == []


def _may_be_chinese(text: NavigableString) -> bool:
    return str(text).strip("＊ ") == "" or any(
        isinstance(parent, Tag)
        and (
            parent.name == "code"
            or parent.get("lang") == "zh"
            or {"source", "withheld"} & set(parent.get("class") or ())
        )
        for parent in text.parents
    )


def test_every_chinese_template_has_its_english_beside_it() -> None:
    names = {
        lang: {path.name for path in (PROJECT / "wording" / lang).glob("*.j2")}
        for lang in ("zh", "en")
    }
    assert names["zh"] == names["en"]


def test_the_glossary_names_every_place_department_item_and_note() -> None:
    catalogue = load_catalogue(Workspace(PROJECT))
    english = edition(catalogue, Workspace(PROJECT), "en")
    names = [one.name for one in english.places.values()]
    names += [one.department for one in english.indicators.values()]
    names += [english.home(item).item.en for item in catalogue._homes]
    names += [target.note for year in english.targets.values() for target in year.values()]
    assert [name for name in names if CHINESE.search(name)] == []
    known = read_source(PROJECT / "wording" / "en" / "names.yml", "names.yml").content
    assert {one.name for one in catalogue.places.values()} <= set(known)


def test_a_name_without_english_is_shown_at_its_line_only_when_english_is_asked(
    tmp_path: Path,
) -> None:
    (tmp_path / "catalogue").mkdir()
    own = tmp_path / "catalogue" / "indicators.yml"
    text = (PROJECT / "catalogue" / "indicators.yml").read_text(encoding="utf-8")
    own.write_text(text.replace(", en: Matters dealt with for the public}", "}"), encoding="utf-8")
    workspace = Workspace(tmp_path)
    catalogue = load_catalogue(workspace)
    check_edition(catalogue, workspace, "zh")
    with pytest.raises(CatalogueError, match=r"^catalogue/indicators\.yml:\d+:\d+: .*has no Engl"):
        check_edition(catalogue, workspace, "en")


def test_what_english_lacks_is_told_in_chinese_where_the_terminal_is_chinese(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIANBAO_LANG", "zh")
    (tmp_path / "wording" / "zh").mkdir(parents=True)
    shutil.copy(PROJECT / "wording" / "zh" / "party.md.j2", tmp_path / "wording" / "zh")
    workspace = Workspace(tmp_path)
    with pytest.raises(CatalogueError, match=r"^wording/en/party\.md\.j2:1:1: 缺少英文；请把"):
        check_edition(load_catalogue(workspace), workspace, "en")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("青穗街道的W7《人民调解工作情况统计表》", "W7 Return of people’s mediation · Qingsui"),
        ("W7《人民调解工作情况统计表》", "W7 Return of people’s mediation"),
        (
            "受理调解件数＝书面协议件数＋口头协议件数",
            "Mediation cases accepted = Written agreements + Oral agreements",
        ),
        ("合计·人民调解员数", "合计 · People’s mediators"),
    ],
)
def test_a_finding_names_returns_and_identities_in_english(words: str, told: str) -> None:
    catalogue = load_catalogue(Workspace(PROJECT))
    english = edition(catalogue, Workspace(PROJECT), "en")
    one = Finding("E_MISSING", words={"name": words})
    assert retold([one], catalogue, english, {})[0].words["name"] == told


def test_a_workspace_with_sentences_in_chinese_only_gets_no_half_english_report(
    tmp_path: Path,
) -> None:
    (tmp_path / "wording" / "zh").mkdir(parents=True)
    shutil.copy(PROJECT / "wording" / "zh" / "party.md.j2", tmp_path / "wording" / "zh")
    workspace = Workspace(tmp_path)
    with pytest.raises(CatalogueError, match=r"^wording/en/party\.md\.j2:1:1: the file is missing"):
        check_edition(load_catalogue(workspace), workspace, "en")


def test_english_writes_numbers_dates_and_periods_its_own_way() -> None:
    assert [ENGLISH.digits(one) for one in ("0", "999", "1234.50", "1234567", "—")] == [
        "0", "999", "1,234.50", "1,234,567", "—",
    ]  # fmt: skip
    assert ENGLISH.date("2024-01-05") == "5 January 2024"
    assert ENGLISH.period(Period(2023)) == "2023"
    assert ENGLISH.period(Period(2024, 3)) == "January–September 2024"
    assert ENGLISH.listed(["A", "B", "C"]) == "A, B and C"


def test_a_noun_agrees_with_its_number() -> None:
    assert [noun("case(s)", n) for n in (0, 1, 2, None)] == ["cases", "case", "cases", "cases"]
    assert [noun("branch(es)", n) for n in (1, 2)] == ["branch", "branches"]
    assert [noun("person|people", n) for n in (1, 2)] == ["person", "people"]
