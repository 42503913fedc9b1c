"""Files of the catalogue into models, and a mistake into its place: file, line and column."""

import csv
import io
import re
import types
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from nianbao.catalogue.models import Model, Place
from nianbao.catalogue.source import Source, SourcePath, did_you_mean, not_utf8, twice, unknown
from nianbao.errors import CatalogueError
from nianbao.terminal import say

M = TypeVar("M", bound=BaseModel)

PLACES = "catalogue/places.csv"


def read_model(source: Source, kind: type[M], path: SourcePath = ()) -> M:
    """Make one model of what stands at a path. Raises CatalogueError at the mistake's place."""
    content = source.content
    for part in path:
        content = content[part]
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        # A key that is missing is most often there under a wrong name: that is said first.
        first = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
        raise source.error(
            _known_part(source, (*path, *first["loc"])), _message(first, kind)
        ) from error


def read_models(source: Source, kind: type[M]) -> dict[str, M]:
    """Make a model of every named piece of a file."""
    if not isinstance(source.content, dict):
        raise source.error((), say(zh="这里应是一组名称及其内容", en="expected a mapping of names"))
    for name in source.content:
        if not isinstance(name, str):
            text = say(
                zh=f"“{name}”不能作名称；请以字母开头，或加引号",
                en=f"“{name}” is no name; begin with a letter, or put it in quotes",
            )
            raise source.error((name,), text)
    return {name: read_model(source, kind, (name,)) for name in source.content}


def _known_part(source: Source, path: SourcePath) -> SourcePath:
    """A path without what the validation adds to it and the file lacks, such as union branches."""
    known: SourcePath = ()
    for part in path:
        if (*known, part) in source.positions:
            known = (*known, part)
    return known


def _message(error: Any, kind: type[BaseModel]) -> str:
    names = [part for part in error["loc"] if isinstance(part, str)]
    name = names[-1] if names else ""
    said = str(error.get("input", ""))
    match error["type"]:
        case "extra_forbidden":
            hint = did_you_mean(name, _keys_beside(kind, error["loc"]))
            return unknown(name, hint, zh="键", en="key")
        case "missing":
            return say(zh=f"这里缺少“{name}”", en=f"“{name}” is missing here")
        case "literal_error":
            allowed = re.findall(r"'([^']*)'", str(error["ctx"]["expected"]))
            hint = did_you_mean(said, allowed)
            return say(
                zh=f"{name}：“{said}”不在可选值之内（{'、'.join(allowed)}）{hint}",
                en=f"{name}: “{said}” is not one of {', '.join(allowed)}{hint}",
            )
        case "model_type" | "dict_type" | "model_attributes_type":
            return say(
                zh=f"{name}：应是一组键和值，而不是“{said}”",
                en=f"{name}: expected keys with values, not “{said}”",
            )
        case "date_from_datetime_parsing" | "date_parsing" | "date_from_datetime_inexact":
            return say(
                zh=f"{name}：“{said}”不是日期，请写成2024-01-01的样式",
                en=f"{name}: “{said}” is not a date; write one like 2024-01-01",
            )
        case "string_type":
            return say(
                zh=f"{name}：应是文字，而不是“{said}”；如确是如此，请加引号",
                en=f"{name}: expected text, not “{said}”; put it in quotes if it is meant so",
            )
    text = str(error["msg"])
    if text.startswith("Value error, "):  # our own words, in the terminal's language
        text = text.removeprefix("Value error, ")
        return f"{name}: {text}" if name else text
    wanted = say(zh=_wanted(error), en=text)
    colon, refused = say(zh="：", en=": "), say(zh=f"，而不是“{said}”", en=f", not “{said}”")
    return f"{name}{colon}{wanted}{refused}" if name else wanted


def _wanted(error: Any) -> str:
    """What a value should be, in Chinese, from the kind of the mistake that pydantic found."""
    kind, _, rest = str(error["type"]).partition("_")
    limit = next(iter(error.get("ctx", {}).values()), "")
    match kind:
        case "int":
            return "应是整数"
        case "bool":
            return "应是true或false"
        case "decimal" | "float" | "finite":
            return "应是数字"
        case "tuple" | "list":
            return "应是列表，写作[…, …]"
        case "greater":
            return f"应{'不小于' if rest.endswith('equal') else '大于'}{limit}"
        case "less":
            return f"应{'不大于' if rest.endswith('equal') else '小于'}{limit}"
    return "写法不合要求"


def _keys_beside(kind: type[BaseModel], path: tuple[str | int, ...]) -> set[str]:
    """The keys of the model in which an unknown key stands."""
    current: Any = kind
    for part in path[:-1]:
        if isinstance(current, type) and issubclass(current, BaseModel):
            field = current.model_fields.get(str(part))
            current = field.annotation if field else None
        elif get_origin(current) in (dict, Mapping):
            current = get_args(current)[1]
        elif get_origin(current) is tuple:
            current = get_args(current)[0]
        current = _model_in(current)
    is_model = isinstance(current, type) and issubclass(current, BaseModel)
    return set(current.model_fields) if is_model else set()


def _model_in(annotation: Any) -> Any:
    """A model out of `Annotated[Model, …]` or `Model | None`; anything else as it is."""
    if get_origin(annotation) is Annotated:
        return _model_in(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        for choice in get_args(annotation):
            inner = _model_in(choice)
            if isinstance(inner, type) and issubclass(inner, Model):
                return inner
    return annotation


def read_places(content: bytes) -> dict[str, Place]:
    """Read places.csv: every place by its code.

    Raises CatalogueError for an unknown column, a bad cell, and a code or name that is taken.
    """
    try:
        rows = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    except UnicodeDecodeError as error:
        raise CatalogueError(f"{PLACES}:1:1: {not_utf8()}") from error
    header = [name.strip() for name in next(rows, [])]
    for column, name in enumerate(header, 1):
        if name not in Place.model_fields:
            hint = did_you_mean(name, Place.model_fields)
            text = unknown(name, hint, zh="栏", en="column")
            raise CatalogueError(f"{PLACES}:1:{column}: {text}")
    places: dict[str, Place] = {}
    taken: dict[str, str] = {}
    for row in rows:
        if not any(cell.strip() for cell in row):
            continue
        place = _place(header, row, rows.line_num)
        where = f"{PLACES}:{rows.line_num}:1"
        if place.code in places:
            raise CatalogueError(f"{where}: {twice(place.code)}")
        for word in (place.name, *place.aliases):
            if word in taken:
                text = say(
                    zh=f"“{word}”已是{taken[word]}的名称或别名",
                    en=f"“{word}” already means {taken[word]}",
                )
                raise CatalogueError(f"{where}: {text}")
            taken[word] = place.code
        places[place.code] = place
    return places


def _place(header: list[str], row: list[str], line: int) -> Place:
    if len(row) > len(header):
        text = say(
            zh=f"本行有{len(row)}格，表头只有{len(header)}栏；多个别名请用“;”隔开，不用逗号",
            en=f"the row has {len(row)} cells under {len(header)} columns; "
            "part aliases with “;”, not with a comma",
        )
        raise CatalogueError(f"{PLACES}:{line}:{len(header) + 1}: {text}")
    cells = {name: cell.strip() for name, cell in zip(header, row, strict=False)}
    aliases = re.split("[;；]", cells.pop("aliases", ""))
    fields: dict[str, object] = {name: cell for name, cell in cells.items() if cell}
    fields["aliases"] = tuple(alias.strip() for alias in aliases if alias.strip())
    try:
        return Place.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        column = header.index(name) + 1 if name in header else 1
        raise CatalogueError(f"{PLACES}:{line}:{column}: {_message(first, Place)}") from error
