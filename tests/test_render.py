"""The page: what the cells displayed, in order, in one file that asks for nothing else."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from nianbao.render import render_report

FRAGMENTS = (
    '<header class="masthead"><h1>示例区司法局<wbr>2023年工作总结 &amp; 计划</h1></header>',
    """<section class="part" id="a"><h2>一</h2><p>共 <data value="12.5">12.5</data>，\u00a0
    {{ 7*7 }} &lt;script&gt;</p></section><div id="p" popover>来源</div>""",
    '<section class="part"><h2>二</h2></section>',
)


@pytest.fixture
def page(tmp_path: Path) -> str:
    return render(tmp_path)


def render(folder: Path, fragments: tuple[str, ...] = FRAGMENTS, lang: str = "zh") -> str:
    def shown(number: int, html: str) -> dict:
        data = {"text/html": html, "text/plain": "<IPython.core.display.HTML object>"}
        output = {"output_type": "display_data", "data": data, "metadata": {}}
        return {
            "cell_type": "code",
            "id": f"c{number:02d}",
            "metadata": {},
            "source": "report.section('hidden input')",
            "execution_count": number,
            "outputs": [
                {"output_type": "stream", "name": "stdout", "text": "printed noise"},
                output,
            ],
        }

    cells = [
        {"cell_type": "markdown", "id": "m01", "metadata": {}, "source": "# hidden heading"},
        *(shown(number, html) for number, html in enumerate(fragments, 1)),
    ]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    source, output = folder / "03_report.ipynb", folder / "report.html"
    source.write_text(json.dumps(notebook), encoding="utf-8")
    render_report(source, output, lang)
    return output.read_text(encoding="utf-8")


def test_the_page_shows_the_html_of_the_cells_in_order_and_byte_for_byte(page: str):
    places = [page.index(fragment) for fragment in FRAGMENTS]
    assert places == sorted(places)


def test_a_figure_stays_on_one_line_with_the_sign_or_mark_behind_it(tmp_path: Path):
    figure = '<button type="button" class="fig" popovertarget="p"><data value="5">5</data></button>'
    page = render(tmp_path, (f"<h1>一</h1><p>{figure}%，{figure}件</p>",))
    assert (
        f'<p><span class="keep">{figure}%，</span><span class="keep">{figure}件</span></p>' in page
    )


def test_nothing_of_the_notebook_around_them_shows(page: str):
    for word in ("hidden input", "hidden heading", "printed noise", "IPython", "jp-", "In&nbsp;["):
        assert word not in page


def test_the_page_runs_no_script_and_asks_for_no_address(page: str):
    soup = BeautifulSoup(page, "html.parser")
    assert soup.find_all(["script", "link", "iframe", "object", "embed"]) == []
    for word in ("http:", "https:", "//cdn", "@import", "url(", "MathJax", "require"):
        assert word not in page
    policy = soup.find("meta", {"http-equiv": "Content-Security-Policy"})["content"]
    assert policy == (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    assert page.index("Content-Security-Policy") < page.index("<style>")


def test_the_title_is_the_first_heading_as_text(page: str):
    assert "<title>示例区司法局2023年工作总结 &amp; 计划</title>" in page


def test_a_heading_that_holds_markup_as_text_stays_text_in_the_title(tmp_path: Path):
    page = render(tmp_path, ("<h1>&lt;/title&gt;&lt;script&gt;1</h1>",))
    soup = BeautifulSoup(page, "html.parser")
    assert soup.title.string == "</title><script>1"
    assert soup.find("script") is None


def test_the_page_says_its_language_and_fits_a_telephone(page: str, tmp_path: Path):
    assert page.startswith('<!doctype html>\n<html lang="zh-CN">')
    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in page
    assert '<html lang="en">' in render(tmp_path, lang="en")


def test_the_same_notebook_gives_the_same_bytes(page: str, tmp_path: Path):
    assert render(tmp_path) == page


@pytest.mark.browser
@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs a Chromium")
def test_a_browser_obeys_the_style_and_a_wide_table_scrolls_inside_itself(tmp_path: Path):
    cells = "".join(f"<td>一个不能折行的很长的单元格{n}</td>" for n in range(40))
    wide = f'<div class="table-wrap"><table class="data"><tr>{cells}</tr></table></div>'
    page = render(tmp_path, (*FRAGMENTS, wide))
    # The measuring needs a script, so this copy goes without the policy that forbids it.
    measuring = page.replace("Content-Security-Policy", "X-None").replace(
        "</body>",
        "<script>document.title = [document.documentElement.scrollWidth <= innerWidth,"
        "getComputedStyle(document.getElementById('p')).display,"
        "getComputedStyle(document.body).fontFamily.includes('PingFang')]</script></body>",
    )
    copy = tmp_path / "measuring.html"
    copy.write_text(measuring, encoding="utf-8")
    dom = subprocess.run(
        [
            "chromium",
            "--headless",
            *(("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()),
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            f"--user-data-dir={tmp_path / 'profile'}",
            "--window-size=600,800",
            "--dump-dom",
            copy.as_uri(),
        ],
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=True,
    ).stdout
    assert "<title>true,none,true</title>" in dom
