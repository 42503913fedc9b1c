"""docs/coverage.md says truly which indicators serve which row of the reference list."""

import re

from nianbao.catalogue import load_catalogue
from nianbao.workspace import PROJECT, Workspace

ROW = re.compile(r"^\| ([EPT][0-9]+[a-e]?) \| [^|]+ \| ([^|]+) \|$", re.MULTILINE)


def test_the_page_names_the_indicators_that_serve_each_row() -> None:
    catalogue = load_catalogue(Workspace(PROJECT))
    page = (PROJECT / "docs" / "coverage.md").read_text(encoding="utf-8")
    said = {row: set(re.findall(r"`([a-z0-9_]+)`", cells)) for row, cells in ROW.findall(page)}
    serving: dict[str, set[str]] = {}
    for name, indicator in catalogue.indicators.items():
        for row in indicator.source_rows:
            serving.setdefault(row, set()).add(name)
    assert said == serving
    assert len(said) == 96


def test_the_page_says_which_indicators_have_a_target() -> None:
    catalogue = load_catalogue(Workspace(PROJECT))
    page = (PROJECT / "docs" / "coverage.md").read_text(encoding="utf-8")
    assert set(re.findall(r"`([a-z0-9_]+)` \(target\)", page)) == set(catalogue.targets[2024])


def test_what_nobody_has_published_is_called_assumed() -> None:
    catalogue = load_catalogue(Workspace(PROJECT))
    index = catalogue.indicators["township_rol_index"].index
    assert index is not None
    assert index.basis == "assumed"
    assert sum(part.weight for part in index.components.values()) == 100
