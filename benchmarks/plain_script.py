"""The pipeline as one plain script: the functions that the notebooks call, and no notebook.

`python benchmarks/plain_script.py WORKSPACE PERIOD PAGE`. It is what the program is measured
against: any time the program takes beyond this goes into notebooks, kernels and publishing.
"""

import sys
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from markupsafe import escape

from nianbao import render
from nianbao.report import Report

_TEMPLATE = Path(render.__file__).resolve().parent / "template" / "report"


class Script(Report):
    """A report that only keeps what it shows, where a notebook would display it too."""

    def _show(self, html: str) -> None:
        self.shown.append(str(html))


def write_report(workspace: str, period: str, page: Path) -> None:
    """Clean, compute, and write the page; a test holds these calls to those of the notebooks."""
    report = Script.open(workspace=workspace, period=period)

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

    page.write_text(_page(report.shown), encoding="utf-8")


def _page(fragments: list[str]) -> str:
    """Fill the report's own template."""
    templates = Environment(
        loader=FileSystemLoader(_TEMPLATE),
        autoescape=False,  # noqa: S701 -- as nbconvert has it; the fragments are finished HTML
    )
    templates.filters["escape_html"] = escape
    kept = [render._together(fragment) for fragment in fragments]
    resources = {"lang": "zh-CN", "title": render._title(kept), "fragments": kept}
    return templates.get_template("index.html.j2").render(resources=resources)


if __name__ == "__main__":
    write_report(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
