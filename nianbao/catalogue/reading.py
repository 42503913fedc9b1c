"""Files of the catalogue into models, and a mistake into its place: file, line and column."""

import csv
import io
import re
import types
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from nianbao.catalogue.models import Model, Place
from nianbao.catalogue.source import Source, SourcePath, did_you_mean
from nianbao.errors import CatalogueError

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
        raise source.error((), "expected a mapping of names")
    for name in source.content:
        if not isinstance(name, str):
            raise source.error(
                (name,), f"“{name}” is no name; begin with a letter, or put it in quotes"
            )
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
            return f"unknown key “{name}”{did_you_mean(name, _keys_beside(kind, error['loc']))}"
        case "missing":
            return f"“{name}” is missing here"
        case "literal_error":
            allowed = re.findall(r"'([^']*)'", str(error["ctx"]["expected"]))
            hint = did_you_mean(said, allowed)
            return f"{name}: “{said}” is not one of {', '.join(allowed)}{hint}"
        case "model_type" | "dict_type" | "model_attributes_type":
            return f"{name}: expected keys with values, not “{said}”"
        case "date_from_datetime_parsing" | "date_parsing" | "date_from_datetime_inexact":
            return f"{name}: “{said}” is not a date; write one like 2024-01-01"
        case "string_type":
            return f"{name}: expected text, not “{said}”; put it in quotes if it is meant so"
    text = str(error["msg"]).removeprefix("Value error, ")
    return (
        f"{name}: {text}, not “{said}”"
        if name and "Value error" not in error["msg"]
        else (f"{name}: {text}" if name else text)
    )


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
        raise CatalogueError(f"{PLACES}:1:1: save this file as UTF-8") from error
    header = [name.strip() for name in next(rows, [])]
    for column, name in enumerate(header, 1):
        if name not in Place.model_fields:
            hint = did_you_mean(name, Place.model_fields)
            raise CatalogueError(f"{PLACES}:1:{column}: unknown column “{name}”{hint}")
    places: dict[str, Place] = {}
    taken: dict[str, str] = {}
    for row in rows:
        if not any(cell.strip() for cell in row):
            continue
        place = _place(header, row, rows.line_num)
        where = f"{PLACES}:{rows.line_num}:1"
        if place.code in places:
            raise CatalogueError(f"{where}: the code “{place.code}” stands here twice")
        for word in (place.name, *place.aliases):
            if word in taken:
                raise CatalogueError(f"{where}: “{word}” already means {taken[word]}")
            taken[word] = place.code
        places[place.code] = place
    return places


def _place(header: list[str], row: list[str], line: int) -> Place:
    if len(row) > len(header):
        text = f"the row has {len(row)} cells under {len(header)} columns"
        raise CatalogueError(
            f"{PLACES}:{line}:{len(header) + 1}: {text}; part aliases with “;”, not with a comma"
        )
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
