"""The official document: the standard's layout in the XML and on paper, the page's words in it."""

import re
import shutil
import struct
import subprocess
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree

import nbformat
import pytest
from bs4 import BeautifulSoup, Tag

from nianbao.documents import write_document
from nianbao.documents.widths import longest_word
from nianbao.errors import NotebookFailed
from nianbao.render import render_report
from nianbao.report import Report
from tests import page as reading
from tests.test_english import english_of
from tests.test_revisions import OUTLINE, SENTENCES, Line, grid, put
from tests.workspaces import write_catalogue, write_quarter

Made = tuple[Report, str]

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
MM = 1440 / 25.4  # twips
BUREAU = "示例区司法局"
SPACE = re.compile(r"[\s\u3000]+")

SMALL = """<header class="masthead"><h1>示例区司法局<wbr>2023年工作总结<wbr>与2024年工作计划</h1>
<p class="sub">数据期：<time>2023年</time></p>
<p class="sample-notice"><strong>样本数据。</strong>虚构</p>
</header><nav class="contents"><ol><li>目录一</li></ol></nav>
<section class="headlines" aria-label="一览"><div class="cards"><div class="card met">
<p class="card-name">调解</p>
<p class="card-value"><data value="5">5</data><span class="card-unit">件</span></p>
<p class="card-target"><span class="standing met">已达到</span>目标为5</p></div></div></section>
<section class="sub" id="one"><h2>一、开展情况</h2><h3>（一）党建</h3>
<p><strong>一是抓学习</strong>。学习<button class="fig"><data value="30">30</data></button>次（见<a
 href="#chart-a">图1</a>）。<span class="on-screen">点开可见</span></p>
<ul><li>甲：<data value="1">1</data>项</li><li>乙 &lt;script&gt; {{7*7}} =cmd()</li></ul>
<figure class="chart" id="chart-a"><img src="data:," alt="一图" width="640" height="300">
<figcaption><span class="chart-title">图1　学习（单位：次）</span>
<span class="chart-source">资料来源：W1</span></figcaption></figure></section>
<section class="part appendix" id="b"><h2>附录一　指标表</h2>
<div class="table-wrap" id="table-t" aria-label="指标">
<table class="data"><caption>表1　指标</caption>
<thead><tr><th>指标</th><th class="num">今年</th></tr></thead><tbody><tr id="r"><th>甲</th>
<td class="num"><span class="mark">含更正</span><data value="2">2</data></td></tr></tbody></table>
</div>
<dl class="definitions"><div><dt>甲</dt><dd>公式</dd><dd class="how">越高越好</dd></div></dl>
<details class="more"><summary>清单</summary><p>很长</p></details></section>
<div popover id="s-1" class="source">来源卡片</div>"""


def picture(width: int = 640, height: int = 300) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        whole = kind + data
        return struct.pack(">I", len(data)) + whole + struct.pack(">I", zlib.crc32(whole))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\xff" * width) * height)
    kinds = ((b"IHDR", head), (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*one) for one in kinds)


def write(folder: Path, html: str, **options: str) -> Path:
    """The document of a page with these parts; its charts are white."""
    (folder / "charts").mkdir(parents=True, exist_ok=True)
    for name in re.findall(r'id="chart-([^"]+)"', html):
        (folder / "charts" / f"{name}.png").write_bytes(picture())
    shown = nbformat.v4.new_output("display_data", {"text/html": html})
    cells = [nbformat.v4.new_code_cell(outputs=[shown])]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "report.ipynb")
    render_report(folder / "report.ipynb", folder / "report.html", options.get("lang", "zh"))
    output = folder / "report.docx"
    write_document(folder / "report.html", folder / "charts", output, creator=BUREAU, **options)
    return output


def part(document: Path, name: str) -> ElementTree.Element:
    with zipfile.ZipFile(document) as package:
        return ElementTree.fromstring(package.read(name))  # noqa: S314


def body(document: Path) -> ElementTree.Element:
    found = part(document, "word/document.xml").find(f"{W}body")
    assert found is not None
    return found


def value(element: ElementTree.Element, path: str, name: str = "val") -> str | None:
    found = element.find("/".join(W + step for step in path.split("/")))
    return None if found is None else found.get(W + name)


def text(element: ElementTree.Element) -> str:
    return "".join(one.text or "" for one in element.iter(f"{W}t"))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("small"), SMALL)


@pytest.fixture(scope="module")
def whole_of(
    report_of: Callable[[str], Made], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Path]:
    """The document of the sample for a period; report.html stands beside it."""
    return cache(lambda period: write(tmp_path_factory.mktemp("whole"), report_of(period)[1]))


@pytest.fixture(scope="module", params=["2023", "2024Q3"])
def whole(request: pytest.FixtureRequest, whole_of: Callable[[str], Path]) -> Path:
    """One such document."""
    return whole_of(request.param)


@pytest.fixture(scope="module")
def english(
    sample: Path, report_of: Callable[[str], Made], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The English document of the sample, from the tables that the Chinese report left."""
    report_of("2023")
    page = english_of(str(sample), "2023")
    return write(tmp_path_factory.mktemp("english"), page, lang="en")


NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
NAMED = re.compile(r"20[12]\d|12348|10000")  # years, the hotline, per 10,000 residents


def test_the_english_documents_tables_hold_the_numbers_of_the_chinese_one(
    whole_of: Callable[[str], Path], english: Path
):
    chinese, foreign = (numbers_of_tables(one) for one in (whole_of("2023"), english))
    assert chinese == foreign
    assert sum(map(len, chinese)) > 1000


def numbers_of_tables(document: Path) -> list[list[str]]:
    """The numbers in every row's cells, those in names and years left out, in no order."""
    return [
        sorted(
            number
            for cell in row.iter(f"{W}tc")
            for found in NUMBER.findall(" ".join(text(one) for one in cell.iter(f"{W}p")))
            if not NAMED.fullmatch(number := found.replace(",", ""))
        )
        for row in body(document).iter(f"{W}tr")
    ]


@pytest.fixture(scope="module")
def revised(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The document of a small report with one cell changed since its first release."""
    made = write_catalogue(tmp_path_factory.mktemp("revised"), outline=OUTLINE)
    folder = made.root / "wording" / "zh"
    folder.mkdir(parents=True)
    (folder / "society.md.j2").write_text(SENTENCES, encoding="utf-8")
    for quarter in ("2022Q1", "2023Q1"):
        write_quarter(made, quarter)
    line = Line(made)
    line.run()
    put(grid(line), "C5", 131)
    assert line.run()
    return write(made.root / "document", f"<h1>题</h1>{line.html}")


@pytest.fixture(params=["2023", "2024Q3", "english", "revised"])
def document(request: pytest.FixtureRequest, whole_of: Callable[[str], Path]) -> Path:
    """Each of them in its turn."""
    if request.param in ("english", "revised"):
        found: Path = request.getfixturevalue(request.param)
        return found
    return whole_of(request.param)


def test_the_page_is_a4_with_the_margins_and_the_line_grid_of_the_standard(whole: Path):
    (section,) = body(whole).iter(f"{W}sectPr")  # no page lies on its side
    assert (value(section, "pgSz", "w"), value(section, "pgSz", "h")) == ("11906", "16838")
    for side, millimetres in {"top": 37, "left": 28, "bottom": 35, "right": 26}.items():
        assert value(section, "pgMar", side) == str(round(millimetres * MM))
    assert value(section, "docGrid", "type") == "lines"
    assert value(section, "docGrid", "linePitch") == "579"
    # 22 lines of 28.95 pt in 225 mm, 28 characters of 16 - 0.25 pt in 156 mm; no room for one more
    assert 22 * 28.95 <= 225 / 25.4 * 72 < 23 * 28.95
    assert 28 * 15.75 <= 156 / 25.4 * 72 < 29 * 15.75


@pytest.mark.parametrize(
    ("style", "font", "half_points", "first_line", "outline"),
    [
        ("Title", "方正小标宋简体", "44", None, None),
        ("Heading1", "黑体", "32", "200", "0"),
        ("Heading2", "楷体_GB2312", "32", "200", "1"),
        ("Heading3", "仿宋_GB2312", "32", "200", "2"),
        ("BodyText", "仿宋_GB2312", "32", "200", None),
        ("ListNumber", "仿宋_GB2312", "32", "200", None),
    ],
)
def test_every_level_has_its_font_size_indent_and_outline(
    small: Path, style: str, font: str, half_points: str, first_line: str, outline: str
):
    (found,) = [one for one in part(small, "word/styles.xml") if one.get(f"{W}styleId") == style]
    assert value(found, "rPr/rFonts", "eastAsia") == font
    assert value(found, "rPr/sz") == half_points
    assert value(found, "pPr/ind", "firstLineChars") == first_line
    assert value(found, "pPr/outlineLvl") == outline
    assert (found.find(f"{W}rPr/{W}b") is not None) == (style == "Heading3")
    if half_points == "32":
        assert value(found, "pPr/spacing", "line") == "579"
        assert value(found, "pPr/spacing", "lineRule") == "exact"
        assert value(found, "rPr/spacing") == "-5"
    else:
        assert value(found, "pPr/jc") == "center"


def test_every_paragraph_has_a_style_that_exists_and_headings_stay_with_what_follows(whole: Path):
    styles = {
        one.get(f"{W}styleId"): one for one in part(whole, "word/styles.xml").findall(f"{W}style")
    }
    for paragraph in body(whole).iter(f"{W}p"):
        assert value(paragraph, "pPr/pStyle") in styles
    for name in ("Heading1", "Heading2", "Heading3", "Picture", "TableHead"):
        assert styles[name].find(f"{W}pPr/{W}keepNext") is not None


def test_every_run_names_its_chinese_font_and_takes_ambiguous_signs_for_chinese(whole: Path):
    runs = [*body(whole).iter(f"{W}r")]
    for number in (1, 2):
        runs += part(whole, f"word/footer{number}.xml").iter(f"{W}r")
    assert len(runs) > 2000
    for run in runs:
        assert value(run, "rPr/rFonts", "eastAsia")
        assert value(run, "rPr/rFonts", "hint") == "eastAsia"


def test_a_figure_in_the_text_is_set_in_times_and_the_page_number_in_song(whole: Path):
    texts = [p for p in body(whole).iter(f"{W}p") if value(p, "pPr/pStyle") == "BodyText"]
    for paragraph in texts:
        for run in paragraph.iter(f"{W}r"):
            assert value(run, "rPr/rFonts", "ascii") == "Times New Roman"
    for run in part(whole, "word/footer1.xml").iter(f"{W}r"):
        assert value(run, "rPr/rFonts", "ascii") == "宋体"


def test_page_numbers_stand_at_the_outer_edge_one_character_in(small: Path):
    (section,) = body(small).findall(f"{W}sectPr")
    relations = {one.get("Id"): one for one in part(small, "word/_rels/document.xml.rels")}
    sides = {}
    for reference in section.findall(f"{W}footerReference"):
        key = reference.get(REL)
        footer = part(small, f"word/{relations[key].get('Target')}")
        (paragraph,) = footer.findall(f"{W}p")
        assert text(paragraph) == "— 1 —"
        assert [one.text for one in footer.iter(f"{W}instrText")] == ["PAGE"]
        side = value(paragraph, "pPr/jc")
        assert value(paragraph, "pPr/ind", f"{side}Chars") == "100"
        sides[reference.get(f"{W}type")] = side
    assert sides == {"default": "right", "even": "left"}
    assert part(small, "word/settings.xml").find(f"{W}evenAndOddHeaders") is not None


def test_there_is_no_empty_paragraph_outside_a_cell(whole: Path):
    for paragraph in body(whole).findall(f"{W}p"):
        assert text(paragraph).strip() or paragraph.find(f".//{W}drawing") is not None


# --- tables and pictures --------------------------------------------------------------------------


def test_a_table_repeats_its_head_splits_no_row_and_fills_the_text(whole: Path):
    tables = list(body(whole).iter(f"{W}tbl"))
    headed = [one for one in tables if value(one, "tblPr/tblLook", "firstRow") == "1"]
    assert len(headed) == len(tables) - 1  # the headline figures have no head
    for table in tables:
        assert value(table, "tblPr/tblCaption")
        widths = [int(one.get(f"{W}w") or 0) for one in table.iter(f"{W}gridCol")]
        assert sum(widths) == 11906 - 1587 - 1474
        for number, row in enumerate(table.findall(f"{W}tr")):
            assert row.find(f"{W}trPr/{W}cantSplit") is not None
            repeated = row.find(f"{W}trPr/{W}tblHeader") is not None
            assert repeated == (number == 0 and table in headed)
            assert len(row.findall(f"{W}tc")) == len(widths)


def test_no_type_is_smaller_than_nine_points_but_a_mark_in_a_table(whole: Path):
    styles = part(whole, "word/styles.xml")
    sizes = {int(one.get(f"{W}val") or 0) for one in styles.iter(f"{W}sz")} - {2, 4, 6, 12}
    assert min(sizes) == 18
    for run in body(whole).iter(f"{W}r"):
        if (size := value(run, "rPr/sz")) is not None:
            assert text(run) in ("含更正", "重述") or "年" in text(run)
            assert int(size) >= 15


def test_no_word_of_an_english_table_has_to_be_broken(english: Path):
    for table in body(english).iter(f"{W}tbl"):
        widths = [int(one.get(f"{W}w") or 0) for one in table.iter(f"{W}gridCol")]
        for row in table.findall(f"{W}tr"):
            cells = row.findall(f"{W}tc")
            head = row.find(f"{W}trPr/{W}tblHeader") is not None
            if head or len(cells) != len(widths) or len(cells) > 10:  # those hold numbers
                continue
            for cell, width in zip(cells, widths, strict=True):
                style = value(cell, "p/pPr/pStyle") or ""
                size = 180 if style.endswith("Small") else 200  # twips an em
                assert longest_word([text(cell)]) * size <= width


def test_what_explains_a_table_stays_with_it(tmp_path: Path):
    table = "<table><thead><tr><th>一</tr></thead><tr><td>甲</tr></table>"
    page = f"<h1>题</h1><p>别的。</p><p>说明。</p><div class=table-wrap>{table}</div>"
    kept = {
        text(one): one.find(f"{W}pPr/{W}keepNext") is not None
        for one in body(write(tmp_path, page)).findall(f"{W}p")
    }
    assert (kept["说明。"], kept["别的。"]) == (True, False)


def test_two_tables_never_touch(whole: Path):
    kinds = [one.tag for one in body(whole)]
    assert (f"{W}tbl", f"{W}tbl") not in pairwise(kinds)
    assert kinds[-2:] != [f"{W}tbl", f"{W}sectPr"]


def test_every_chart_is_a_picture_with_its_alt_text_above_its_caption(whole: Path):
    page = reading.parse((whole.parent / "report.html").read_text("utf-8"))
    charts = page.select("figure.chart")
    drawn = list(body(whole).iter(f"{DRAWING}docPr"))
    assert [one.get("descr") for one in drawn] == [one.img["alt"] for one in charts if one.img]
    assert all(one.get("descr") for one in drawn)
    assert len({one.get("id") for one in drawn}) == len(drawn)
    styles = [value(one, "pPr/pStyle") or "" for one in body(whole)]
    for place, style in enumerate(styles):
        if style == "Picture":
            assert styles[place + 1 : place + 3] == ["Caption", "PictureSource"]


def test_a_chart_that_was_not_saved_is_refused_and_the_notebook_named(tmp_path: Path):
    write(tmp_path, SMALL)
    (tmp_path / "charts" / "a.png").unlink()
    with pytest.raises(NotebookFailed, match=r"save_charts\(\)"):
        write_document(
            tmp_path / "report.html", tmp_path / "charts", tmp_path / "again.docx", creator=BUREAU
        )


def test_a_citation_leads_to_its_chart_and_every_link_has_its_place(whole: Path):
    names = {one.get(f"{W}name") for one in body(whole).iter(f"{W}bookmarkStart")}
    links = list(body(whole).iter(f"{W}hyperlink"))
    assert len(links) > 20
    assert {one.get(f"{W}anchor") for one in links} <= names


# --- the page's words -----------------------------------------------------------------------------


def printed(page: BeautifulSoup) -> BeautifulSoup:
    """The page without what its print style leaves out."""
    hidden = "nav, [popover], [aria-hidden=true], details.more, .on-screen, .contents-button"
    for found in page.select(f"head, script, style, {hidden}"):
        found.decompose()
    return page


def squeezed(words: str) -> str:
    return SPACE.sub("", words)


def apart(document: Path) -> tuple[str, list[str]]:
    """The document's text without who signs it, and the captions of its pictures in order."""
    texts, captions, under = [], [], False
    for one in body(document):
        style = value(one, "pPr/pStyle")
        under = style == "Picture" or (under and style in ("Caption", "PictureSource"))
        if under and style != "Picture":
            captions.append(squeezed(text(one)))
        elif style != "Signature":
            texts.append(squeezed(text(one)))
    return "".join(texts), captions


def page_apart(document: Path) -> tuple[BeautifulSoup, list[str]]:
    """The printed page without its charts, and the captions of these in order."""
    page = printed(reading.parse((document.parent / "report.html").read_text("utf-8")))
    captions = [
        squeezed(part.get_text()) for part in page.select("figcaption > span, figcaption > small")
    ]
    for chart in page.select("figure.chart"):
        chart.decompose()
    return page, captions


def test_the_document_says_what_the_page_says_letter_by_letter(document: Path):
    page, captions = page_apart(document)
    words, found = apart(document)
    assert page.body is not None
    assert words == squeezed(page.body.get_text())
    assert "".join(found) == "".join(captions)


def test_every_figure_of_the_page_stands_in_the_document_in_the_same_order(document: Path):
    page, _ = page_apart(document)
    figures = reading.figures(page)
    assert len(figures) > (1000 if "revised" not in str(document) else 10)
    words, place = apart(document)[0], 0
    for figure in figures:
        place = words.index(squeezed(figure.get_text()), place) + 1


def test_every_sentence_of_the_page_is_a_paragraph_of_the_document(document: Path):
    page, _ = page_apart(document)
    said = {squeezed(text(one)) for one in body(document).iter(f"{W}p")}
    blocks = page.select("h1, h2, h3, section.sub p, section.sub > ul > li, .appendix > p, caption")
    assert len(blocks) > (60 if "revised" not in str(document) else 5)
    for block in blocks:
        assert squeezed(block.get_text()) in said


def test_a_picture_follows_the_words_that_cite_it_and_stays_in_its_part(whole: Path):
    cited: set[str] = set()
    seen, part, parts = [], 0, {}
    page = reading.parse((whole.parent / "report.html").read_text("utf-8"))
    for found in page.select("h2, figure.chart"):
        part += found.name == "h2"
        parts[str(found.get("id"))] = part
    part = 0
    names = {one.get(f"{W}anchor"): "" for one in body(whole).iter(f"{W}hyperlink")}
    for one in body(whole):
        part += value(one, "pPr/pStyle") == "Heading1"
        cited |= {link.get(f"{W}anchor") or "" for link in one.iter(f"{W}hyperlink")}
        for drawn in one.iter(f"{DRAWING}docPr"):
            place = value(one, "bookmarkStart", "name")
            assert place in cited
            assert place in names
            seen.append(drawn.get("name"))
            assert parts[f"chart-{drawn.get('name')}"] == part
    assert [f"chart-{name}" for name in seen] == [
        str(chart["id"]) for chart in page.select("figure.chart")
    ]


def test_the_revisions_are_in_the_document_without_their_signs(revised: Path):
    words = text(body(revised))
    assert "数字的修订" in words
    assert "由“" in words
    page = reading.parse((revised.parent / "report.html").read_text("utf-8"))
    assert len(page.select("a.revised")) > 0
    assert not [one for one in body(revised).iter(f"{W}t") if one.text == "修"]


def test_the_bureau_signs_under_the_text_and_the_date_stands_two_characters_in(tmp_path: Path):
    dated = SMALL.replace(
        'class="sub">', 'class="sub"><time datetime="2024-01-15">2024年1月15日</time>'
    )
    found = list(body(write(tmp_path, dated, date="2024-01-15")))
    (place,) = [n for n, one in enumerate(found) if text(one) == BUREAU]
    name, date, after = found[place : place + 3]
    assert text(date) == "2024年1月15日"
    assert text(after) == "附录一　指标表"
    assert not [one for one in body(write(tmp_path / "undated", SMALL)) if text(one) == BUREAU]
    # 6 characters; 3 and, of the digits, 7 of 0.64 with 5 quarters between the scripts: 8.73.
    assert [value(one, "pPr/ind", "rightChars") for one in (name, date)] == ["673", "200"]


def test_what_is_only_for_a_screen_is_left_out(small: Path):
    words = text(body(small))
    for left_out in ("目录一", "点开可见", "很长", "清单", "来源卡片"):
        assert left_out not in words
    assert "乙 <script> {{7*7}} =cmd()" in words


def test_a_title_breaks_after_the_bureau(small: Path):
    title = next(body(small).iter(f"{W}p"))
    assert value(title, "pPr/pStyle") == "Title"
    before, after = title.findall(f"{W}r")
    assert (text(before), text(after)) == (BUREAU, "2023年工作总结与2024年工作计划")
    assert after.find(f"{W}br") is not None


def test_every_list_counts_from_one(tmp_path: Path):
    lists = "<section class='sub'><h2>一</h2><ul><li>甲</li><li>乙</li></ul><ul><li>丙</li></ul>"
    found = body(write(tmp_path, f"<h1>题</h1>{lists}</section>"))
    numbers = [value(one, "pPr/numPr/numId") for one in found.iter(f"{W}p")]
    assert numbers[2:] == ["1", "1", "2"]


# --- what Word insists on -------------------------------------------------------------------------

# The children of each element in the order that the standard (ECMA-376, part 1) gives them.
ORDER = {
    "pPr": """pStyle keepNext keepLines pageBreakBefore framePr widowControl numPr
        suppressLineNumbers pBdr shd tabs suppressAutoHyphens kinsoku wordWrap overflowPunct
        topLinePunct autoSpaceDE autoSpaceDN bidi adjustRightInd snapToGrid spacing ind
        contextualSpacing mirrorIndents suppressOverlap jc textDirection textAlignment
        textboxTightWrap outlineLvl""",
    "rPr": """rStyle rFonts b bCs i iCs caps smallCaps strike dstrike outline shadow emboss
        imprint noProof snapToGrid vanish webHidden color spacing w kern position sz szCs
        highlight u effect bdr shd fitText vertAlign rtl cs em lang""",
    "tblPr": """tblStyle tblpPr tblOverlap bidiVisual tblStyleRowBandSize tblStyleColBandSize tblW
        jc tblCellSpacing tblInd tblBorders shd tblLayout tblCellMar tblLook tblCaption
        tblDescription""",
    "tblCellMar": "top left start bottom right end",
    "tblBorders": "top left start bottom right end insideH insideV",
    "pBdr": "top left bottom right between bar",
    "tcPr": """cnfStyle tcW gridSpan hMerge vMerge tcBorders shd noWrap tcMar textDirection
        tcFitText vAlign hideMark""",
    "tbl": "tblPr tblGrid tr",
    "tr": "tblPrEx trPr tc",
    "tc": "tcPr p",
    "sectPr": """headerReference footerReference type pgSz pgMar paperSrc pgBorders lnNumType
        pgNumType cols formProt vAlign noEndnote titlePg textDirection bidi rtlGutter
        docGrid""",
    "style": """name aliases basedOn next link autoRedefine hidden uiPriority semiHidden
        unhideWhenUsed qFormat locked pPr rPr tblPr trPr tcPr tblStylePr""",
    "tblStylePr": "pPr rPr tblPr trPr tcPr",
    "docDefaults": "rPrDefault pPrDefault",
    "styles": "docDefaults latentStyles style",
    "abstractNum": "nsid multiLevelType tmpl name styleLink numStyleLink lvl",
    "lvl": "start numFmt lvlRestart pStyle isLgl suff lvlText lvlPicBulletId legacy lvlJc pPr rPr",
    "num": "abstractNumId lvlOverride",
    "numbering": "numPicBullet abstractNum num",
    "font": "altName panose1 charset family notTrueType pitch sig",
    "settings": """zoom defaultTabStop evenAndOddHeaders characterSpacingControl compat
        themeFontLang decimalSymbol listSeparator""",
}
PARTS = "document styles numbering settings fontTable footer1 footer2"


def test_every_element_has_its_children_in_the_order_of_the_standard(document: Path):
    for name in PARTS.split():
        for one in part(document, f"word/{name}.xml").iter():
            order = ORDER.get(one.tag.removeprefix(W), "").split()
            places = [order.index(child.tag.removeprefix(W)) for child in one if order]
            assert places == sorted(places), ElementTree.tostring(one)[:300]


def test_every_cell_ends_with_a_paragraph_and_every_name_is_given_once(document: Path):
    found = body(document)
    for cell in found.iter(f"{W}tc"):
        assert cell[-1].tag == f"{W}p"
    for tag, name in ((f"{DRAWING}docPr", "id"), (f"{W}bookmarkStart", f"{W}id")):
        given = [one.get(name) for one in found.iter(tag)]
        assert len(given) == len(set(given))
    styles = [one.get(f"{W}styleId") for one in part(document, "word/styles.xml")]
    assert len(styles) == len(set(styles))
    lists = {one.get(f"{W}numId") for one in part(document, "word/numbering.xml")}
    assert {value(one, "numId") for one in found.iter(f"{W}numPr")} <= lists


def test_every_relation_leads_to_a_part_and_every_part_has_its_type(document: Path):
    with zipfile.ZipFile(document) as package:
        names = set(package.namelist())
        for rels in (name for name in names if name.endswith(".rels")):
            folder = PurePosixPath(rels).parent.parent
            for one in ElementTree.fromstring(package.read(rels)):  # noqa: S314
                target = one.get("Target", "")
                whole = PurePosixPath(target.lstrip("/")) if target[0] == "/" else folder / target
                assert str(whole) in names
        types = ElementTree.fromstring(package.read("[Content_Types].xml"))  # noqa: S314
    endings = {one.get("Extension") for one in types}
    given = {one.get("PartName", "").lstrip("/") for one in types}
    for name in names - {"[Content_Types].xml"}:
        assert name in given or name.rpartition(".")[2] in endings
    assert given - {""} <= names
    used = {one.get(REL) for one in body(document).iter() if one.get(REL)}
    ids = {one.get("Id") for one in part(document, "word/_rels/document.xml.rels")}
    assert used <= ids


def test_a_cell_over_two_rows_is_one_cell_of_the_document(tmp_path: Path):
    rows = (
        "<tr><td rowspan=2>甲</td><td class=num>1</td><td>子</td></tr>"
        "<tr><td class=num>2</td><td>丑</td></tr>"
        "<tr><td colspan=2 rowspan=2>乙</td><td>寅</td></tr><tr><td>卯</td></tr>"
    )
    page = f"<h1>题</h1><table><thead><tr><th>一<th>二<th>三</tr></thead>{rows}</table>"
    (table,) = body(write(tmp_path, page)).iter(f"{W}tbl")
    merged = [
        [
            (
                text(cell),
                value(cell, "tcPr/gridSpan"),
                (cell.find(f"{W}tcPr/{W}vMerge")) is not None,
            )
            for cell in row.iter(f"{W}tc")
        ]
        for row in table.iter(f"{W}tr")
    ]
    assert merged[1:] == [
        [("甲", None, True), ("1", None, False), ("子", None, False)],
        [("", None, True), ("2", None, False), ("丑", None, False)],
        [("乙", "2", True), ("寅", None, False)],
        [("", "2", True), ("卯", None, False)],
    ]


def test_the_first_rows_of_a_table_stay_together_and_the_last_three(whole: Path):
    for table in body(whole).iter(f"{W}tbl"):
        rows = [
            row.find(f".//{W}keepNext") is not None
            for row in table.findall(f"{W}tr")
            if row.find(f"{W}trPr/{W}tblHeader") is None
        ]
        if len(rows) > 3:
            assert rows[0]
            assert rows[-3:] == [True, True, False]
            assert not any(rows[1:-3])


# --- the package ----------------------------------------------------------------------------------


def entries(document: Path) -> Iterator[zipfile.ZipInfo]:
    with zipfile.ZipFile(document) as package:
        yield from package.infolist()


def test_the_same_page_gives_the_same_bytes(tmp_path: Path):
    one, other = write(tmp_path / "one", SMALL), write(tmp_path / "other", SMALL)
    assert one.read_bytes() == other.read_bytes()
    assert {entry.date_time for entry in entries(one)} == {(2000, 1, 1, 0, 0, 0)}
    assert {entry.create_system for entry in entries(one)} == {3}


def test_the_properties_name_the_bureau_and_no_person_and_no_moment(small: Path, tmp_path: Path):
    tags = {one.tag.partition("}")[2]: one.text for one in part(small, "docProps/core.xml")}
    assert tags == {
        "title": "示例区司法局2023年工作总结与2024年工作计划",
        "creator": BUREAU,
        "language": "zh-CN",
    }
    dated = part(write(tmp_path, SMALL, date="2024-01-15"), "docProps/core.xml")
    moments = {one.tag.partition("}")[2]: one.text for one in dated if "terms" in one.tag}
    assert moments == {"created": "2024-01-15T00:00:00Z", "modified": "2024-01-15T00:00:00Z"}


def test_nothing_of_the_template_is_left_and_word_opens_it_in_its_present_mode(small: Path):
    names = {entry.filename for entry in entries(small)}
    assert not {name for name in names if "thumbnail" in name or "customXml" in name}
    assert "docProps/app.xml" not in names
    with zipfile.ZipFile(small) as package:
        for name in names:
            if name.endswith((".xml", ".rels")):
                content = package.read(name).decode("utf-8")
                assert "rsid" not in content
                assert str(small.parent) not in content
                assert "python-docx" not in content
                assert 'TargetMode="External"' not in content
    (mode,) = part(small, "word/settings.xml").iter(f"{W}compatSetting")
    assert (mode.get(f"{W}name"), mode.get(f"{W}val")) == ("compatibilityMode", "15")
    assert value(part(small, "word/styles.xml"), "docDefaults/rPrDefault/rPr/lang", "eastAsia") == (
        "zh-CN"
    )


def test_an_english_edition_is_english_to_word_and_keeps_its_own_quotation_marks(tmp_path: Path):
    english = write(tmp_path, "<h1>Report</h1><p>“Rule of law” — 12.5%</p>", lang="en")
    (run,) = [one for one in body(english).iter(f"{W}r") if "Rule" in text(one)]
    assert value(run, "rPr/rFonts", "hint") == "default"
    assert value(run, "rPr/rFonts", "ascii") == "Times New Roman"
    assert value(run, "rPr/rFonts", "eastAsia") == "宋体"
    styles = part(english, "word/styles.xml")
    languages = "docDefaults/rPrDefault/rPr/lang"
    assert (value(styles, languages), value(styles, languages, "eastAsia")) == ("en-GB", "zh-CN")
    assert value(part(english, "word/settings.xml"), "themeFontLang") == "en-GB"
    tags = {one.tag.partition("}")[2]: one.text for one in part(english, "docProps/core.xml")}
    assert tags["language"] == "en-GB"
    assert not [one for one in styles.iter(f"{W}rPr") if one.find(f"{W}spacing") is not None]


def test_an_english_document_has_the_same_margins_and_no_chinese_habits(english: Path):
    (section,) = body(english).iter(f"{W}sectPr")
    assert value(section, "pgMar", "top") == str(round(37 * MM))
    assert value(section, "docGrid", "type") is None
    for number in (1, 2):
        assert text(part(english, f"word/footer{number}.xml")) == "1"
    styles = {one.get(f"{W}styleId"): one for one in part(english, "word/styles.xml")}
    for name in ("BodyText", "Heading1", "ListNumber", "TableText"):
        assert value(styles[name], "pPr/jc") == "left"
        assert value(styles[name], "pPr/ind", "firstLine") is None
    assert value(styles["BodyText"], "rPr/sz") == "24"
    captions = [text(one) for one in body(english).iter(f"{W}p") if text(one)[:7] == "Figure "]
    assert captions


# --- on paper -------------------------------------------------------------------------------------

needs_office = pytest.mark.skipif(
    not (shutil.which("soffice") and shutil.which("pdftotext")),
    reason="needs LibreOffice and poppler",
)


def on_paper(document: Path) -> list[Tag]:
    """The pages as LibreOffice sets them, with the place of every word."""
    folder = document.parent
    command = ["soffice", f"-env:UserInstallation=file://{folder}/office", "--headless"]
    done = subprocess.run(
        [*command, "--convert-to", "pdf", "--outdir", str(folder), str(document)],
        capture_output=True,
        text=True,
        timeout=180,
        check=True,
    )
    assert "error" not in (done.stdout + done.stderr).lower()
    boxes = folder / "boxes.html"
    pdf = document.with_suffix(".pdf")
    if not pdf.exists():
        pytest.skip("this LibreOffice has no Writer")
    subprocess.run(["pdftotext", "-bbox-layout", str(pdf), str(boxes)], check=True)
    return BeautifulSoup(boxes.read_text("utf-8"), "html.parser").find_all("page")


@pytest.mark.slow
@needs_office
def test_a_full_page_has_22_lines_of_28_characters_and_its_number_7_mm_below(tmp_path: Path):
    sentence = "中" * 28 * 70
    first, second, *_ = on_paper(
        write(tmp_path, f"<h1>题</h1><section class='sub'><p>{sentence}</p></section>")
    )[1:]
    for page, side in ((first, "left"), (second, "right")):
        lines = [one for one in page.find_all("line") if "中" in one.get_text()]
        assert len(lines) == 22
        assert {len(squeezed(one.get_text())) for one in lines} == {28}
        points = 72 / 25.4
        assert float(lines[0]["xmin"]) == pytest.approx(28 * points, abs=1)
        assert float(lines[0]["xmax"]) == pytest.approx((210 - 26) * points, abs=2.5)
        assert float(lines[0]["ymin"]) >= 37 * points - 1
        assert float(lines[-1]["ymax"]) <= (297 - 35) * points + 3
        pitch = (float(lines[-1]["ymin"]) - float(lines[0]["ymin"])) / 21
        assert pitch == pytest.approx(28.95, abs=0.02)
        (number,) = [one for one in page.find_all("line") if "—" in one.get_text()]
        middle = (float(number["ymin"]) + float(number["ymax"])) / 2
        assert middle == pytest.approx((297 - 35 + 7) * points, abs=5)
        outer = float(number["xmin"]) - 28 * points
        if side == "right":
            outer = (210 - 26) * points - float(number["xmax"])
        assert outer == pytest.approx(14, abs=2)


@pytest.mark.slow
@needs_office
def test_the_sample_opens_in_libreoffice_and_no_heading_ends_a_page(whole: Path):
    pages = on_paper(whole)
    assert 30 <= len(pages) <= 60
    page = reading.parse((whole.parent / "report.html").read_text("utf-8"))
    headings = {squeezed(one.get_text()) for one in page.select("h2, h3, caption")}
    for sheet in pages:
        lines = [squeezed(one.get_text()) for one in sheet.find_all("line")]
        assert lines, "a blank page"
        words = [line for line in lines if not line.startswith("—")]
        assert words[-1] not in headings
