"""The catalogue: what is counted, promised, and where it stands on the forms, as checked data."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from nianbao.catalogue import checks, form_checks
from nianbao.catalogue.models import (
    Chart,
    Form,
    Indicator,
    Item,
    Office,
    Outline,
    Place,
    Table,
    Target,
)
from nianbao.catalogue.reading import read_model, read_models, read_places
from nianbao.catalogue.source import (
    Source,
    did_you_mean,
    nearest,
    parse_source,
    read_bytes,
    yaml_line,
)
from nianbao.catalogue.used import check_used, unused_indicators
from nianbao.errors import CatalogueError
from nianbao.period import Period
from nianbao.terminal import say
from nianbao.workspace import Workspace

__all__ = [
    "Catalogue",
    "Chart",
    "Form",
    "Indicator",
    "Item",
    "ItemHome",
    "Office",
    "Place",
    "Table",
    "Target",
    "did_you_mean",
    "load_catalogue",
    "nearest",
    "unused_indicators",
    "yaml_line",
]

_FILES = ("office.yml", "places.csv", "indicators.yml", "outline.yml", "phrases.yml")
_FOLDERS = ("forms", "targets")
_LAST_WORDS = "zh/plan.md.j2"  # a workspace whose sentences are whole has it


@dataclass(frozen=True, slots=True)
class ItemHome:
    """Where an item is reported."""

    form: str
    table: str
    item: Item


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything that is data about the report, read and checked."""

    office: Office
    places: dict[str, Place]
    forms: dict[str, Form]
    indicators: dict[str, Indicator]
    targets: dict[int, dict[str, Target]]
    outline: Outline
    sha256: str
    form_files: dict[str, str] = field(default_factory=dict)  # form → its file, as shown
    lang: str = "zh"  # in which its names show themselves
    _homes: dict[str, ItemHome] = field(default_factory=dict)

    @property
    def district(self) -> str:
        """The code of the district itself."""
        return self.office.district

    def home(self, item: str) -> ItemHome:
        """The form and table that report an item."""
        return self._homes[item]

    def knows(self, item: str) -> bool:
        """Whether any form reports an item."""
        return item in self._homes

    def table_of(self, item: str) -> Table:
        """The table that reports an item."""
        home = self._homes[item]
        return self.forms[home.form].tables[home.table]

    def flow_of(self, item: str) -> str:
        """`quarter`, `cumulative`, `stock` or `opening`."""
        return self.table_of(item).flow_of(item)

    def is_annual(self, item: str) -> bool:
        """Whether an item arrives once a year."""
        return self.office.expects[self._homes[item].form] == "year"

    def collected(self, indicator: str, period: Period) -> bool:
        """Whether the tables that an indicator rests on are collected in a period."""
        one = self.indicators[indicator]
        if one.across:
            return self.collected(one.across.of, period)
        if one.index:
            return all(self.collected(part, period) for part in one.index.components)
        return all(self.table_of(item).exists_in(period) for item in one.items)

    def places_of(self, item: str, period: Period) -> tuple[str, ...]:
        """The places that have to report an item in a period, in official order."""
        return self.places_of_kinds(self.table_of(item).kinds_of(item), period)

    def places_of_kinds(self, kinds: tuple[str, ...], period: Period) -> tuple[str, ...]:
        """The places of some kinds that exist in a period, in official order."""
        wanted = set(kinds)
        found = [p for p in self.places.values() if p.kind in wanted and p.valid_in(period)]
        return tuple(p.code for p in sorted(found, key=lambda p: p.order))

    def townships(self, period: Period) -> tuple[str, ...]:
        """The townships that exist in a period, in official order."""
        return self.places_of_kinds(("township",), period)

    def charts(self) -> Iterator[tuple[str, str, Chart]]:
        """Every chart as (section, chart id, chart), in the order of the report."""
        for section, content in self.outline.sections.items():
            for chart_id, chart in content.charts.items():
                yield section, chart_id, chart


def load_catalogue(workspace: Workspace) -> Catalogue:
    """Read and check the whole catalogue of a workspace.

    Raises CatalogueError with file, line and column at the first mistake.
    """
    _check_names_of_files(workspace)
    read = _Reader(workspace)
    office_source = read.file("office.yml")
    form_sources = read.folder("forms")
    indicator_source = read.file("indicators.yml")
    target_sources = {_year_of(source): source for source in read.folder("targets")}
    outline_source = read.file("outline.yml")
    forms = _forms(form_sources)
    catalogue = Catalogue(
        office=read_model(office_source, Office),
        places=read_places(read.content("places.csv")),
        forms=forms,
        indicators=read_models(indicator_source, Indicator),
        targets={year: read_models(source, Target) for year, source in target_sources.items()},
        outline=read_model(outline_source, Outline),
        sha256=read.digest.hexdigest(),
        form_files=dict(zip(forms, (source.name for source in form_sources), strict=True)),
        _homes=_homes(form_sources, forms.values()),
    )
    checks.check_office(catalogue, office_source)
    for source, form in zip(form_sources, forms.values(), strict=True):
        form_checks.check_form(source, form)
        form_checks.check_derived(source, form)
    for source, form in zip(form_sources, forms.values(), strict=True):
        checks.check_across(catalogue, source, form, catalogue._homes)
    checks.check_indicators(catalogue, indicator_source, catalogue._homes)
    for year, source in target_sources.items():
        checks.check_targets(catalogue, source, catalogue.targets[year])
    checks.check_outline(catalogue, outline_source)
    if any((folder / _LAST_WORDS).exists() for folder in workspace.wording_folders()):
        check_used(catalogue, workspace, indicator_source)
    return catalogue


def _check_names_of_files(workspace: Workspace) -> None:
    """A file of the workspace's own catalogue that would be passed over is a mistake."""
    own = workspace.root / "catalogue"
    for path in sorted(own.iterdir()) if own.is_dir() else ():
        if not path.name.startswith((".", "~")) and path.name not in (*_FILES, *_FOLDERS):
            hint = did_you_mean(path.name, (*_FILES, *_FOLDERS))
            text = say(zh=f"没有程序读取这个文件{hint}", en=f"nothing reads this file{hint}")
            raise CatalogueError(f"catalogue/{path.name}:1:1: {text}")


class _Reader:
    """Reads the files of a catalogue, and hashes them as they are read."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.digest = hashlib.sha256()

    def content(self, name: str) -> bytes:
        """One file as it stands."""
        return self._read(self._workspace.catalogue_file(name), name)

    def file(self, name: str) -> Source:
        """One YAML file."""
        return parse_source(self.content(name), f"catalogue/{name}")

    def folder(self, name: str) -> list[Source]:
        """All YAML files of a folder, by name."""
        sources: list[Source] = []
        for path in sorted(self._workspace.catalogue_folder(name).iterdir()):
            if path.name.startswith((".", "~")):
                continue
            shown = f"{name}/{path.name}"
            if path.suffix != ".yml":
                text = say(zh="文件名应以.yml结尾", en="name this file with the ending .yml")
                raise CatalogueError(f"catalogue/{shown}:1:1: {text}")
            sources.append(parse_source(self._read(path, shown), f"catalogue/{shown}"))
        return sources

    def _read(self, path: Path, name: str) -> bytes:
        content = read_bytes(path, f"catalogue/{name}")
        self.digest.update(name.encode() + b"\0" + content + b"\0")
        return content


def _year_of(source: Source) -> int:
    stem = Path(source.name).stem
    if not (len(stem) == 4 and stem.isdecimal()):
        raise source.error(
            (),
            say(
                zh="目标文件以年份为名，如2024.yml",
                en="a targets file is named by its year, like 2024.yml",
            ),
        )
    return int(stem)


def _forms(sources: Iterable[Source]) -> dict[str, Form]:
    forms: dict[str, Form] = {}
    for source in sources:
        form = read_model(source, Form)
        if form.form in forms:
            raise source.error(
                ("form",),
                say(
                    zh=f"另一个文件已是表“{form.form}”",
                    en=f"another file has the form “{form.form}” already",
                ),
            )
        forms[form.form] = form
    return forms


def _homes(sources: Iterable[Source], forms: Iterable[Form]) -> dict[str, ItemHome]:
    homes: dict[str, ItemHome] = {}
    for source, form in zip(sources, forms, strict=True):
        for table_id, table in form.tables.items():
            for name, item in table.items.items():
                if name in homes:
                    raise source.error(
                        ("tables", table_id, "items", name),
                        say(
                            zh=f"数据项“{name}”已在表{homes[name].form}中填报",
                            en=f"the item “{name}” is already reported on {homes[name].form}",
                        ),
                    )
                homes[name] = ItemHome(form.form, table_id, item)
    return homes
