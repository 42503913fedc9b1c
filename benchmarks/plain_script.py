"""The pipeline as one plain script: the functions that the notebooks call, and no notebook.

`python benchmarks/plain_script.py WORKSPACE PERIOD FOLDER`. It writes the page, the document, the
tables and the charts of a release, byte for byte, and is what the program is measured against: any
time beyond this goes into notebooks, their processes, and publishing (what a release remembers, the
search for personal data, hashes, and the disk).
"""

import shutil
import sys
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from markupsafe import escape

from nianbao import render
from nianbao.documents import write_document
from nianbao.report import Report

_TEMPLATE = Path(render.__file__).resolve().parent / "template" / "report"


class Script(Report):
    """A report that only keeps what it shows, where a notebook would display it too."""

    def _show(self, html: str) -> None:
        self.shown.append(str(html))


def write_report(report: Report, folder: Path) -> None:
    """Clean, compute, and write everything; a test holds these calls to those of the notebooks."""

    report.clean()
    report.show_files()
    report.show_findings()
    report.show_facts()

    report.compute_values()
    report.show_values()
    report.compute_standings()
    report.show_standings()

    report.masthead()
    report.headlines()
    report.sections()
    report.appendices()
    report.sources()
    report.save_charts()
    report.save_tables()

    write_page(report, folder / "report.html")
    for name in ("charts", "tables.xlsx"):
        shutil.move(report.folder / name, folder / name)
    plain = folder / "charts" / "plain"
    write_document(
        folder / "report.html",
        plain,
        folder / "report.docx",
        creator=str(report.edition.office.bureau),
    )
    shutil.rmtree(plain)


def write_page(report: Report, page: Path) -> None:
    """Fill the report's own template with what was shown."""
    page.write_text(_page(report.shown), encoding="utf-8")


def _page(fragments: list[str]) -> str:
    templates = Environment(
        loader=FileSystemLoader(_TEMPLATE),
        autoescape=False,  # noqa: S701 -- as nbconvert has it; the fragments are finished HTML
    )
    templates.filters["escape_html"] = escape
    kept = [render._together(fragment) for fragment in fragments]
    resources = {"lang": "zh-CN", "title": render._title(kept), "fragments": kept}
    return templates.get_template("index.html.j2").render(resources=resources)


if __name__ == "__main__":
    target = Path(sys.argv[3])
    target.mkdir()
    write_report(Script.open(workspace=sys.argv[1], period=sys.argv[2]), target)
