"""Accessibility: axe-core finds nothing on the pages, by day and in the dark, at two widths."""

import html
import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from conftest import Made
from test_page_browser import CHROMIUM, DESKTOP, TELEPHONE, chromium

from nianbao.manifest import Ingredients, write_manifest
from nianbao.overview import index_page
from nianbao.period import Period
from nianbao.render import render_report
from nianbao.workspace import PROJECT

AXE = next((PROJECT / "build" / "axe").rglob("axe.min.js"), None)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="needs a Chromium on the PATH"),
    pytest.mark.skipif(AXE is None, reason="needs axe-core: make axe"),
    pytest.mark.xdist_group("report"),  # the report is made once, by one worker
]

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Runs in a copy of a page inside a frame of some width, and tells the frame's parent. A few sources
# stand open; hundreds more of the same kind only take time.
RUN = """
document.querySelectorAll(".card-source").forEach((card, number) =>
  number < 5 ? card.removeAttribute("popover") : card.remove());
document.querySelectorAll(".chart-data").forEach((data, number) => { data.open = number < 2; });
const dark = matchMedia("(prefers-color-scheme: dark)").matches;
axe.run(document, {runOnly: RULES, resultTypes: ["violations"]}).then((result) => {
  const told = result.violations.map((one) =>
    [one.id, one.nodes.length, one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160))]);
  parent.postMessage({page: PAGE, dark, width: innerWidth, version: axe.version,
    passed: result.passes.length, told}, "*");
});
"""
COLLECT = """
const told = [];
addEventListener("message", (event) => {
  if (!event.data.page) return;
  told.push(event.data);
  document.getElementById("told").textContent = JSON.stringify(told);
});
"""


@pytest.fixture(scope="module")
def told(
    report_of: Callable[[str], Made], tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, int, bool], dict[str, Any]]:
    """What axe says of each page in frames of two widths, each by day and in the dark."""
    folder = tmp_path_factory.mktemp("axe")
    pages = {"report": report(folder, report_of("2023")[1]), "index": index(folder)}
    for name, page in pages.items():
        script = RUN.replace("RULES", json.dumps(RULES)).replace("PAGE", json.dumps(name))
        # Looking needs a script, so these copies go without the policy that forbids it.
        copy = page.replace("Content-Security-Policy", "X-None")
        axe = AXE.read_text(encoding="utf-8") if AXE else ""
        copy = copy.replace("</body>", f"<script>{axe}</script><script>{script}</script></body>")
        (folder / f"{name}.html").write_text(copy, encoding="utf-8")
    said = [*in_frames(folder, pages, "light"), *in_frames(folder, pages, "dark")]
    return {(one["page"], one["width"], one["dark"]): one for one in said}


def in_frames(folder: Path, pages: Iterable[str], scheme: str) -> list[dict[str, Any]]:
    """What the copies tell from frames of two widths, whose reader prefers a scheme."""
    frames = "".join(
        f'<iframe src="{name}.html" style="width:{width}px;height:800px;color-scheme:{scheme}">'
        "</iframe>"
        for name in pages
        for width in (DESKTOP, TELEPHONE)
    )
    wrapper = folder / f"{scheme}.html"
    wrapper.write_text(
        '<meta charset="utf-8"><style>iframe { border: 0 }</style>'
        f'<script>{COLLECT}</script><pre id="told"></pre>{frames}',
        encoding="utf-8",
    )
    dom = chromium(folder, "--virtual-time-budget=120000", "--dump-dom", wrapper.as_uri())
    found = re.search(r'<pre id="told">(.*?)</pre>', dom.decode(), re.DOTALL)
    assert found is not None
    told: list[dict[str, Any]] = json.loads(html.unescape(found[1]))
    return told


def report(folder: Path, parts: str) -> str:
    """The whole page of a report, out of its parts."""
    shown = nbformat.v4.new_output("display_data", {"text/html": parts})
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(outputs=[shown])])
    nbformat.write(notebook, folder / "report.ipynb")
    render_report(folder / "report.ipynb", folder / "report.html")
    return (folder / "report.html").read_text(encoding="utf-8")


def index(folder: Path) -> str:
    """An index page with all that it can say."""
    outputs = folder / "outputs"
    for period, complete in (("2023", True), ("2024Q3", False), ("2022", True)):
        place = outputs / period
        place.mkdir(parents=True)
        for name in ("report.html", "report.docx", "tables.xlsx", "report.en.html"):
            (place / name).write_bytes(b"x" * 4321)
        made_of = Ingredients((), "", "c", "w", "k", "l", {"date": "2024-01-15"})
        write_manifest(
            place,
            Period.parse(period),
            made_of,
            complete=complete,
            headline={"met": 3, "on_track": 2, "behind": 1, "not_measurable": 1},
            finding_codes=[] if complete else ["E_MISSING", "E_PARSE"],
            supersedes="0123456789abcdef",
        )
    (outputs / "2022" / "manifest.json").write_text("[", encoding="utf-8")
    return index_page(outputs, "示例区司法局").decode()


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [DESKTOP, TELEPHONE])
@pytest.mark.parametrize("page", ["report", "index"])
def test_axe_finds_nothing(
    told: dict[tuple[str, int, bool], dict[str, Any]], page: str, width: int, dark: bool
) -> None:
    seen = told[page, width, dark]
    assert seen["told"] == []
    assert seen["passed"] >= 10, "it looked at nothing"


def test_axe_knows_wcag_2_2(told: dict[tuple[str, int, bool], dict[str, Any]]) -> None:
    for seen in told.values():
        assert tuple(map(int, seen["version"].split(".")[:2])) >= (4, 8)
