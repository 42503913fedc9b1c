"""Rendering: nbconvert turns the executed report notebook into one self-contained page."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from nianbao.languages import LANGUAGES

_TEMPLATES = Path(__file__).resolve().parent / "template"
# A browser may break a line on either side of a button, even before a comma or a percent sign.
_FIGURE = re.compile(
    r'(<button [^>]*class="fig"[^>]*>(?:(?!</button>).)*</button>)'
    r"((?:个百分点|个工作日|人次|万元|[件次个场期人项家条份倍分名日])?[%‰，。；：、）】》！？,.;:)]*)(?!</data>)",
    re.DOTALL,
)


def prepare() -> None:
    """Import nbconvert ahead of its use, which takes as long as a page does."""
    import nbconvert.exporters  # noqa: F401


def render_report(notebook: Path, output: Path, lang: str = "zh") -> None:
    """Write the page of an executed notebook: what its cells displayed as HTML, in order, no more.

    No input cell, no script, no outside address; the page's title is its first `<h1>`.
    """
    import nbformat
    from nbconvert.exporters import HTMLExporter
    from nbconvert.exporters.templateexporter import TemplateExporter
    from traitlets.config import Config

    executed: Any = nbformat.read(notebook, as_version=4)  # type: ignore[no-untyped-call]
    fragments = [
        _together(data["text/html"])
        for cell in executed.cells
        for shown in cell.get("outputs", ())
        if "text/html" in (data := shown.get("data", {}))
    ]
    exporter = HTMLExporter(  # type: ignore[no-untyped-call]
        config=Config({"HTMLExporter": {"default_preprocessors": [], "preprocessors": []}}),
        template_name="report",
        extra_template_basedirs=[str(_TEMPLATES)],
    )
    # HTMLExporter's own method goes over the finished page once more, to mend what we do not emit.
    page, _ = TemplateExporter.from_notebook_node(
        exporter,
        executed,
        {"lang": LANGUAGES[lang].html, "title": _title(fragments), "fragments": fragments},
    )
    output.write_bytes(str(page).encode())


def _together(fragment: str) -> str:
    """Keep each figure on one line with the sign or mark right behind it."""
    return _FIGURE.sub(r'<span class="keep">\1\2</span>', fragment)


def _title(fragments: list[str]) -> str:
    reader = _FirstHeading()
    for fragment in fragments:
        reader.feed(fragment)
        if reader.found:
            break
    return " ".join("".join(reader.text).split())


class _FirstHeading(HTMLParser):
    """The text of the first `<h1>`."""

    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self.inside = self.found = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = self.inside or (tag == "h1" and not self.found)

    def handle_endtag(self, tag: str) -> None:
        if tag == "h1" and self.inside:
            self.inside, self.found = False, True

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.text.append(data)
