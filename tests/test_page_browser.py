"""The finished page as a browser shows it: nothing runs off the side, sources open, paper fits."""

import html
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from conftest import Made

from nianbao.render import render_report

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "chrome"))), "")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="needs a Chromium on the PATH"),
    pytest.mark.xdist_group("report"),  # the reports are made once, by one worker
]

DESKTOP, TELEPHONE, NARROW, SMALL = 1280, 390, 360, 320
PAPER = 642  # A4 without its margins, 170 mm
WIDTHS = (DESKTOP, TELEPHONE, NARROW, SMALL, PAPER)
IN_THE_DARK = (NARROW, PAPER)  # frames whose reader prefers dark pages

# Runs in a copy of the page inside a frame of some width, and tells the frame's parent.
MEASURE = """
const shown = (element) => element.getClientRects().length > 0;
const inside = (element) => element.closest("[popover]")
  || getComputedStyle(element.closest(".table-wrap") ?? element).overflowX === "auto";
const nav = document.getElementById("contents");
const told = {
  width: innerWidth,
  over: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  cut: [...document.querySelectorAll("main *")]
    .filter((e) => shown(e) && !inside(e) && e.getBoundingClientRect().right > innerWidth + 1)
    .map((e) => e.tagName + "." + e.className),
  contents: getComputedStyle(nav).position === "fixed" && shown(nav),
  button: shown(document.querySelector(".contents-button")),
  sources: [...document.querySelectorAll(".card-source")].filter(shown).length,
  type: Math.min(...[...document.querySelectorAll("figure.chart > img")]
    .map((image) => 16 * image.clientWidth / image.getAttribute("width"))),
  ground: getComputedStyle(document.body).backgroundColor,
  ink: getComputedStyle(document.body).color,
  inverted: getComputedStyle(document.querySelector("figure.chart > img")).filter !== "none",
};
const figure = document.querySelector("[popovertarget='s-mediation_cases-S00']");
figure.click();
const card = document.querySelector(".card-source:popover-open");
told.open = card?.innerText ?? "";
const box = card?.getBoundingClientRect();
told.fits = !!box && box.left >= 0 && box.right <= innerWidth && box.bottom <= innerHeight;
card?.querySelector(".close").click();
told.closed = document.querySelector(":popover-open") === null;
parent.postMessage(told, "*");
"""
# Tells which links of the contents are marked, once the page has been drawn where it was opened.
MARKED = """
addEventListener("load", () => setTimeout(() => {
  const nav = document.getElementById("contents");
  const look = (one) => getComputedStyle(one).borderInlineStartColor;
  const unmarked = look(nav.querySelector("span"));
  const marked = [...nav.querySelectorAll("a")].filter((link) => look(link) !== unmarked);
  document.body.dataset.marked = marked.map((link) => link.hash).join(" ");
}, 500));
"""
COLLECT = """
const told = [];
addEventListener("message", (event) => {
  told.push(event.data);
  document.getElementById("told").textContent = JSON.stringify(told);
});
"""


@pytest.fixture(scope="module", params=["2023", "2024Q3"])
def page(
    request: pytest.FixtureRequest,
    report_of: Callable[[str], Made],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """The page of a report, with the frame that nbconvert's template puts around its parts."""
    folder = tmp_path_factory.mktemp("page")
    shown = nbformat.v4.new_output("display_data", {"text/html": report_of(request.param)[1]})
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(outputs=[shown])])
    nbformat.write(notebook, folder / "report.ipynb")
    render_report(folder / "report.ipynb", folder / "report.html")
    return folder / "report.html"


@pytest.fixture(scope="module")
def told(page: Path) -> dict[int, dict[str, Any]]:
    """What the page says of itself in frames of several widths; at PAPER in its print style."""
    # Measuring needs a script, so these copies go without the policy that forbids it.
    copy = page.read_text(encoding="utf-8").replace("Content-Security-Policy", "X-None")
    copy = copy.replace("</body>", f"<script>{MEASURE}</script></body>")
    printed = copy.replace("@media print", "@media all").replace("@media screen", "@media speech")
    (page.parent / "copy.html").write_text(copy, encoding="utf-8")
    (page.parent / "printed.html").write_text(printed, encoding="utf-8")
    frames = "".join(
        f'<iframe src="{"printed" if width == PAPER else "copy"}.html" '
        f'style="border:0;width:{width}px;height:800px;'
        f'color-scheme:{"dark" if width in IN_THE_DARK else "light"}"></iframe>'
        for width in WIDTHS
    )
    wrapper = page.parent / "wrapper.html"
    wrapper.write_text(
        f'<meta charset="utf-8"><script>{COLLECT}</script><pre id="told"></pre>{frames}',
        encoding="utf-8",
    )
    # A telephone's scroll bars take no room.
    flags = ("--hide-scrollbars", "--virtual-time-budget=20000", "--dump-dom")
    dom = chromium(page.parent, *flags, wrapper.as_uri())
    found = re.search(r'<pre id="told">(.*?)</pre>', dom.decode(), re.DOTALL)
    assert found is not None
    measured = {one["width"]: one for one in json.loads(html.unescape(found[1]))}
    assert set(measured) == set(WIDTHS)
    return measured


def chromium(folder: Path, *arguments: str) -> bytes:
    """Run the browser once, without a network and with a profile of its own."""
    root = ("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()
    quiet = ("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync")
    alone = ("--disable-background-networking", "--disable-component-update")
    profile = f"--user-data-dir={folder / 'profile'}"
    return subprocess.run(
        [CHROMIUM, "--headless", *root, *quiet, *alone, profile, *arguments],
        capture_output=True,
        timeout=120,
        check=True,
    ).stdout


@pytest.mark.parametrize("width", [DESKTOP, TELEPHONE, NARROW, SMALL])
def test_nothing_runs_off_the_side_of_the_screen(
    told: dict[int, dict[str, Any]], width: int
) -> None:
    assert told[width]["over"] == 0
    assert told[width]["cut"] == []


def test_type_in_charts_is_readable_on_a_telephone(told: dict[int, dict[str, Any]]) -> None:
    assert told[TELEPHONE]["type"] >= 11
    assert told[NARROW]["type"] >= 11
    assert told[DESKTOP]["type"] == 16  # never blown up


def test_who_prefers_dark_pages_gets_them_but_paper_is_light(
    told: dict[int, dict[str, Any]],
) -> None:
    day, night, paper = told[TELEPHONE], told[NARROW], told[PAPER]
    assert (day["ground"], day["inverted"]) == ("rgb(255, 255, 255)", False)
    assert (night["ground"], night["ink"]) == ("rgb(20, 24, 29)", "rgb(223, 227, 230)")
    assert night["inverted"]
    assert (paper["ground"], paper["ink"]) == (day["ground"], day["ink"])
    assert not paper["inverted"]


def test_the_contents_mark_the_section_one_is_in_and_no_other(page: Path) -> None:
    copy = page.read_text(encoding="utf-8").replace("Content-Security-Policy", "X-None")
    marking = page.parent / "marking.html"
    marking.write_text(
        copy.replace("</body>", f"<script>{MARKED}</script></body>"), encoding="utf-8"
    )
    for where in ("#headlines", "#society-1", "#appendix-targets"):
        address = marking.as_uri() + where
        window = f"--window-size={DESKTOP},800"
        dom = chromium(page.parent, window, "--virtual-time-budget=3000", "--dump-dom", address)
        found = re.search(r'data-marked="([^"]*)"', dom.decode())
        assert found is not None
        assert found[1] == where


def test_the_contents_stay_at_hand(told: dict[int, dict[str, Any]]) -> None:
    assert (told[DESKTOP]["contents"], told[DESKTOP]["button"]) == (True, False)
    assert (told[TELEPHONE]["contents"], told[TELEPHONE]["button"]) == (False, True)


@pytest.mark.parametrize("width", [DESKTOP, TELEPHONE])
def test_a_figure_opens_its_source_and_closes_it_again(
    told: dict[int, dict[str, Any]], width: int
) -> None:
    assert told[width]["sources"] == 0  # until somebody asks
    assert "公式：受理调解件数" in told[width]["open"]
    assert re.search(r"data/raw/\d{4}Q1/\S+ › .+ › [A-Z]+\d+", told[width]["open"])
    assert told[width]["fits"]
    assert told[width]["closed"]


def test_no_table_is_wider_than_the_paper(told: dict[int, dict[str, Any]]) -> None:
    # A browser would shrink the whole document to its widest table.
    assert told[PAPER]["over"] == 0
    assert told[PAPER]["cut"] == []
    assert not told[PAPER]["button"]


def test_it_prints_on_a_sensible_number_of_a4_pages(page: Path, tmp_path: Path) -> None:
    paper = tmp_path / "report.pdf"
    chromium(page.parent, "--no-pdf-header-footer", f"--print-to-pdf={paper}", page.as_uri())
    document = paper.read_bytes()
    boxes = re.findall(rb"/MediaBox \[0 0 ([0-9.]+) ([0-9.]+)\]", document)
    assert {(round(float(w)), round(float(h))) for w, h in boxes} == {(595, 842)}
    assert 15 <= len(re.findall(rb"/Type /Page\b", document)) <= 45
