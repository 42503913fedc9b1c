"""What the files of a catalogue say about one another, checked: every name must lead somewhere."""

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from nianbao.catalogue.chart_kinds import complaint
from nianbao.catalogue.models import Form, Target
from nianbao.catalogue.source import Source, SourcePath, did_you_mean, twice, unknown
from nianbao.terminal import say

if TYPE_CHECKING:
    from nianbao.catalogue import Catalogue

_NOUNS = {
    "place": "单位",
    "form": "表",
    "item": "数据项",
    "field": "台账栏",
    "value": "可选值",
    "column": "表头栏",
    "column of the head": "表头栏",
    "group": "分组",
    "indicator": "指标",
}


def known_name(
    source: Source, path: SourcePath, name: str, known: Collection[str], what: str
) -> None:
    """Refuse a name that nobody knows, with the nearest ones."""
    if name not in known:
        hint = did_you_mean(name, known)
        raise source.error(path, unknown(name, hint, zh=_NOUNS[what], en=what))


def check_office(catalogue: "Catalogue", source: Source) -> None:
    """The district is one, and the forms expected are those that there are."""
    known_name(source, ("district",), catalogue.district, catalogue.places, "place")
    if catalogue.places[catalogue.district].kind != "district":
        districts = [p.code for p in catalogue.places.values() if p.kind == "district"]
        is_it = " or ".join(districts)
        hint = say(zh=f"；区是{is_it}", en=f"; the district is {is_it}") if districts else ""
        kind = catalogue.places[catalogue.district].kind
        text = say(
            zh=f"“{catalogue.district}”的类别是{kind}{hint}",
            en=f"“{catalogue.district}” is a {kind}{hint}",
        )
        raise source.error(("district",), text)
    for form in catalogue.office.expects:
        known_name(source, ("expects", form), form, catalogue.forms, "form")
    for form in catalogue.forms:
        if form not in catalogue.office.expects:
            raise source.error(
                ("expects",),
                say(
                    zh=f"请写明表“{form}”多久报一次（quarter或year）",
                    en=f"say how often the form “{form}” arrives",
                ),
            )


def check_indicators(catalogue: "Catalogue", source: Source, items: Collection[str]) -> None:
    """Every item and indicator that an indicator needs exists, and none needs itself."""
    groups = catalogue.outline.groups
    for name, indicator in catalogue.indicators.items():
        if groups:
            known_name(source, (name, "section"), indicator.section, groups, "group")
        for part in ("numerator", "denominator", "diversity"):
            formula = getattr(indicator, part)
            for item in formula.items if formula else ():
                known_name(source, (name, part), item, items, "item")
        for part, other in _others(catalogue, name):
            known_name(source, (name, part), other, catalogue.indicators, "indicator")
    for name in catalogue.indicators:
        _check_circle(catalogue, source, name)


def _others(catalogue: "Catalogue", name: str) -> Iterable[tuple[str, str]]:
    """The indicators that an indicator is worked out from, each with the key that names it."""
    indicator = catalogue.indicators[name]
    if indicator.across:
        yield "across", indicator.across.of
    if indicator.index:
        for component in indicator.index.components:
            yield "index", component


def _check_circle(catalogue: "Catalogue", source: Source, name: str) -> None:
    seen: list[str] = []
    waiting = [other for _, other in _others(catalogue, name)]
    while waiting:
        other = waiting.pop()
        if other == name:
            raise source.error(
                (name,),
                say(zh=f"“{name}”由自身算出，成了循环", en=f"“{name}” is worked out from itself"),
            )
        if other not in seen:
            seen.append(other)
            waiting += [further for _, further in _others(catalogue, other)]


def check_across(
    catalogue: "Catalogue", source: Source, form: Form, items: Collection[str]
) -> None:
    """What must agree across forms is reported at all, and where and when it can be compared."""
    for number, agreement in enumerate(form.across):
        path: SourcePath = ("across", number)
        named = [term.item for term in agreement.holds.terms]
        for name in named:
            known_name(source, path, name, items, "item")
        earlier = {term.earlier for term in agreement.holds.terms}
        if "quarter_before" in earlier and any(map(catalogue.is_annual, named)):
            raise source.error(
                path,
                say(
                    zh="年报没有上一季度，请写year_before(…)",
                    en="a year has no quarter before; write year_before(…)",
                ),
            )
        kinds = {name: catalogue.table_of(name).kinds_of(name) for name in named}
        if agreement.at == "place" and not frozenset.intersection(*map(frozenset, kinds.values())):
            told = ", ".join(f"“{name}”: {'/'.join(kinds[name])}" for name in kinds)
            raise source.error(
                path,
                say(
                    zh=f"没有单位同时报这几项（{told}），请写at: district",
                    en=f"no place reports all of these ({told}); say `at: district`",
                ),
            )


def check_targets(catalogue: "Catalogue", source: Source, targets: Mapping[str, Target]) -> None:
    """Every target has its indicator; `done` is for milestones, a value for what has one."""
    for name, target in targets.items():
        if name not in catalogue.indicators:
            hint = did_you_mean(name, catalogue.indicators)
            raise source.error(
                (name,), unknown(name, hint, zh="指标，目标无从对应", en="indicator for the target")
            )
        milestone = catalogue.indicators[name].over_time == "done"
        if milestone and target.op != "done":
            raise source.error(
                (name, "op"),
                say(
                    zh=f"“{name}”是定性事项，目标应写op: done",
                    en=f"“{name}” is a milestone: its target is `op: done`",
                ),
            )
        if not milestone and target.op == "done":
            raise source.error(
                (name, "op"),
                say(
                    zh=f"“{name}”是数字指标，请给出目标值",
                    en=f"“{name}” is a number: give its target a value",
                ),
            )


def check_outline(catalogue: "Catalogue", source: Source) -> None:
    """Every chart is of a known kind and stands once; every indicator that is shown exists."""
    seen: set[str] = set()
    for section, chart_id, chart in catalogue.charts():
        path = ("sections", section, "charts", chart_id)
        if chart_id in seen:
            raise source.error(path, twice(chart_id))
        seen.add(chart_id)
        for number, name in enumerate(chart.indicators):
            known_name(
                source, (*path, "indicators", number), name, catalogue.indicators, "indicator"
            )
        if wrong := complaint(chart):
            raise source.error((*path, *wrong[0]), wrong[1])
    for part in ("headlines", "township_table"):
        for number, name in enumerate(getattr(catalogue.outline, part)):
            known_name(source, (part, number), name, catalogue.indicators, "indicator")
