"""YAML that remembers where everything stands, so that a mistake can be shown at its place."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from nianbao.errors import CatalogueError
from nianbao.terminal import say

SourcePath = tuple[str | int, ...]

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LISTS_AND_MAPPINGS = ("tag:yaml.org,2002:seq", "tag:yaml.org,2002:map")


@dataclass(frozen=True, slots=True)
class Source:
    """One file of the catalogue: its content and the position of every key and value."""

    name: str
    content: Any
    positions: dict[SourcePath, tuple[int, int]] = field(default_factory=dict)

    def error(self, path: SourcePath, message: str) -> CatalogueError:
        """Make an error that points at a key, or at the nearest thing above it."""
        line, column = self.position(path)
        return CatalogueError(f"{self.name}:{line}:{column}: {message}")

    def position(self, path: SourcePath) -> tuple[int, int]:
        """Line and column (from 1) of what stands at a path."""
        while path and path not in self.positions:
            path = path[:-1]
        return self.positions.get(path, (1, 1))


def read_bytes(path: Path, name: str) -> bytes:
    """Read a file as it stands; `name` is how messages call it. Raises CatalogueError."""
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise CatalogueError(f"{name}:1:1: {missing_file()}") from error
    except OSError as error:
        text = say(zh="文件无法读取", en="the file cannot be read")
        raise CatalogueError(f"{name}:1:1: {text}: {error.strerror}") from error


def read_source(path: Path, name: str) -> Source:
    """Read one YAML file. Raises CatalogueError as `parse_source` does."""
    return parse_source(read_bytes(path, name), name)


def parse_source(content: bytes, name: str) -> Source:
    """Parse one YAML file.

    Raises CatalogueError with line and column for bad YAML and for a key written twice.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise CatalogueError(f"{name}:{line}:1: {not_utf8()}") from error
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        built = _Built(loader, name, {})
        parsed = built.value(node, ()) if node is not None else {}
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        text = error.problem or error.context or ""
        text = say(
            zh=f"YAML写法有误（{text}），请检查这里和上一行的冒号、缩进、引号和括号", en=text
        )
        raise CatalogueError(f"{name}:{line}:{column}: {text}") from error
    except yaml.YAMLError as error:
        text = say(zh=f"这不是YAML文件：{error}", en=f"this is not YAML: {error}")
        raise CatalogueError(f"{name}:1:1: {text}") from error
    finally:
        loader.dispose()
    return Source(name, parsed, built.positions)


@dataclass(frozen=True, slots=True)
class _Built:
    """Builds plain values out of YAML nodes, and notes where each of them stands."""

    loader: Any
    name: str
    positions: dict[SourcePath, tuple[int, int]]

    def value(self, node: Any, path: SourcePath) -> Any:
        self.positions.setdefault(path, (node.start_mark.line + 1, node.start_mark.column + 1))
        if isinstance(node, yaml.CollectionNode) and node.tag not in _LISTS_AND_MAPPINGS:
            text = say(zh=f"不支持标记{node.tag}", en=f"the tag {node.tag} is not supported")
            raise self._error(node, text)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(child, (*path, i)) for i, child in enumerate(node.value)]
        if not isinstance(node, yaml.MappingNode):
            return self._plain(node)
        content: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise self._error(key_node, say(zh="键名应是一个词", en="a key is one word"))
            key = self._plain(key_node)
            if key in content:
                raise self._error(key_node, twice(key))
            mark = key_node.start_mark
            self.positions[(*path, key)] = (mark.line + 1, mark.column + 1)
            content[key] = self.value(value_node, (*path, key))
        return content

    def _plain(self, node: Any) -> Any:
        try:
            return self.loader.construct_object(node, deep=True)
        except ValueError as error:  # 2024-13-31 looks like a date and is none
            text = say(
                zh=f"“{node.value}”不是日期或数字",
                en=f"“{node.value}” is no date or number: {error}",
            )
            raise self._error(node, text) from error

    def _error(self, node: Any, message: str) -> CatalogueError:
        line, column = node.start_mark.line + 1, node.start_mark.column + 1
        return CatalogueError(f"{self.name}:{line}:{column}: {message}")


def yaml_line(content: dict[Any, Any]) -> str:
    """A mapping as it may be written on one line below the key that it belongs to."""
    text = yaml.safe_dump(
        content, default_flow_style=True, allow_unicode=True, sort_keys=False, width=10**6
    )
    return str(text).strip().removeprefix("{").removesuffix("}")


def nearest(word: str, known: Iterable[str]) -> tuple[str, ...]:
    """Up to three known names that look like a word, the nearest first."""
    return tuple(difflib.get_close_matches(str(word), sorted(set(known)), n=3, cutoff=0.5))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint at the end of a message: the nearest known names, or nothing."""
    near = nearest(word, known)
    if not near:
        return ""
    return say(zh=f"；是否应为{'或'.join(near)}？", en=f"; did you mean {' or '.join(near)}?")


def missing_file() -> str:
    """What is said of a file that is not there."""
    return say(zh="缺少这个文件", en="the file is missing")


def not_utf8() -> str:
    """What is said of a file in another encoding."""
    return say(zh="请把文件另存为UTF-8编码", en="save this file as UTF-8")


def twice(name: object) -> str:
    """What is said of a name that stands where it stands already."""
    return say(zh=f"“{name}”在这里写了两次", en=f"“{name}” stands here twice")


def unclosed(error: ValueError) -> str:
    """What is said of a text whose braces do not pair."""
    return say(zh="花括号没有成对", en=f"a brace is left open or closed: {error}")


def unknown(name: object, hint: str, *, zh: str, en: str) -> str:
    """What is said of a name that nobody knows; `zh` and `en` say what it should name."""
    return say(zh=f"没有名为“{name}”的{zh}{hint}", en=f"unknown {en} “{name}”{hint}")
