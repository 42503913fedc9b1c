"""The shell: IPython inside the forked process, its outputs told to whoever watches from outside.

What is printed, by Python or by programs that a cell starts, goes to two files, which are read
whenever something else is shown and when a cell ends.
"""

import base64
import builtins
import io
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

Tell = Callable[[Mapping[str, object]], None]

OUT, ERR = "stdout", "stderr"
"""The two files, in the folder of the run."""


def run(
    shell: "Shell",
    folder: Path,
    desk: Path,
    cells: Sequence[tuple[int, str]],
    told: int,
    most: int,
) -> None:
    """Run cells (position and source) in this process, and tell of each over the pipe `told`.

    Stops behind the first that fails. Of what a cell prints, little more than `most` bytes is told.
    """
    owner = os.getpid()

    def tell(message: Mapping[str, object]) -> None:
        if os.getpid() != owner:  # a cell has forked: its copy has nothing to say here
            os._exit(1)
        _write(told, json.dumps(message).encode() + b"\n")

    shell.outputs = outputs = Outputs(folder, most)
    builtins.input = _no_input
    tell({"process": owner})
    os.chdir(desk)
    sys.path.insert(0, "")
    for number, source in cells:
        tell({"starts": number})
        outputs.begin(number)
        result = shell.run_cell(source, store_history=True)  # type: ignore[no-untyped-call]
        outputs.drain()
        for touched in sorted(outputs.touched):
            tell({"outputs": outputs.by_cell[touched], "of": touched})
        failed = not result.success or any(
            one["output_type"] == "error" for one in outputs.by_cell[number]
        )
        count = shell.execution_count - 1
        tell({"ends": number, "count": count, "failed": failed, "left": shell.left})
        if failed:
            break
    tell({"done": True})


def _write(pipe: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(pipe, rest) :]


@dataclass(slots=True)
class Outputs:
    """The outputs of every cell so far, as a notebook keeps them; `touched` since the last begin.

    A display with an id may be updated by a later cell.
    """

    folder: Path
    most: int
    by_cell: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    touched: set[int] = field(default_factory=set)
    _current: int = 0
    _named: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    _read: dict[str, int] = field(default_factory=dict)
    _clears: bool = False

    def __post_init__(self) -> None:
        for number, name in ((1, OUT), (2, ERR)):
            flags = os.O_CREAT | os.O_WRONLY | os.O_APPEND
            file = os.open(self.folder / name, flags, 0o600)
            os.dup2(file, number)
            os.close(file)
            stream = open(  # noqa: SIM115 (for as long as the process lives)
                number, "w", encoding="utf-8", errors="backslashreplace", closefd=False
            )
            setattr(sys, name, stream)
            setattr(sys, f"__{name}__", stream)

    def begin(self, number: int) -> None:
        """Turn to another cell."""
        self._current, self._clears = number, False
        self.by_cell[number], self.touched = [], {number}

    def add(self, output: dict[str, Any], name: str | None = None) -> None:
        """Append an output behind what was printed before it."""
        self.drain()
        self._append(output)
        if name:
            self._named.setdefault(name, []).append(output)

    def update(self, name: str, data: object, metadata: object) -> None:
        """Change what was shown under a name."""
        for output in self._named.get(name, ()):
            output["data"], output["metadata"] = data, metadata
            for number, outputs in self.by_cell.items():
                if any(one is output for one in outputs):
                    self.touched.add(number)

    def clear(self, wait: bool) -> None:
        """Forget the cell's outputs, now or as soon as there is another."""
        self.drain()
        self._clears = wait
        if not wait:
            self.by_cell[self._current] = []

    def drain(self) -> None:
        """Append what was printed since the last time."""
        for name in (OUT, ERR):
            getattr(sys, name).flush()
            with (self.folder / name).open("rb") as printed:
                printed.seek(self._read.get(name, 0))
                found = printed.read(self.most + 1)
                self._read[name] = printed.seek(0, io.SEEK_END)
            if found:
                text = found.decode("utf-8", "replace")
                self._append({"output_type": "stream", "name": name, "text": text})

    def _append(self, output: dict[str, Any]) -> None:
        if self._clears:
            self.by_cell[self._current], self._clears = [], False
        self.by_cell[self._current].append(output)


# --- IPython's parts ------------------------------------------------------------------------------


class _Publisher(DisplayPublisher):
    """Keeps what is displayed."""

    shell: Any

    def publish(  # type: ignore[override]
        self,
        data: Mapping[str, object],
        metadata: Mapping[str, object] | None = None,
        *,
        transient: Mapping[str, str] | None = None,
        update: bool = False,
        **_: object,
    ) -> None:
        """Append a display, or change an earlier one of the same id."""
        outputs, name = self.shell.outputs, (transient or {}).get("display_id")
        shown, words = _plain(data), _plain(metadata or {})
        if update:
            outputs.update(name, shown, words)
        else:
            made = {"output_type": "display_data", "data": shown, "metadata": words}
            outputs.add(made, name)

    def clear_output(self, wait: bool = False) -> None:
        """Forget the outputs of this cell."""
        self.shell.outputs.clear(wait)


class _Hook(DisplayHook):
    """Keeps the result of a cell."""

    shell: Any

    def write_output_prompt(self) -> None:
        """Nothing: the number stands beside the result."""

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        """Append the result, in all its forms."""
        if format_dict:
            self.shell.outputs.add(
                {
                    "output_type": "execute_result",
                    "data": _plain(format_dict),
                    "metadata": _plain(md_dict or {}),
                    "execution_count": self.prompt_count,
                }
            )

    def finish_displayhook(self) -> None:
        """Nothing is pending."""
        self._is_active = False


class Shell(InteractiveShell):
    """A shell without a terminal: no history on disk, no questions, no pager."""

    displayhook_class = Type(_Hook)
    display_pub_class = Type(_Publisher)
    system = InteractiveShell.system_piped
    kernel = None  # by which pandas knows that nobody sits at a terminal
    outputs: Outputs
    left = False

    def ask_exit(self) -> None:
        """Note that `exit` or `quit` was asked for; a notebook that leaves has failed."""
        self.left = True

    def enable_gui(self, gui: str | None = None) -> None:
        """Nothing: there are no windows."""

    def init_hooks(self) -> None:
        """Show help pages to nobody."""
        super().init_hooks()  # type: ignore[no-untyped-call]
        self.set_hook("show_in_pager", lambda *_, **__: None, 99)  # type: ignore[no-untyped-call]

    def _showtraceback(self, etype: Any, evalue: Any, stb: list[str]) -> None:
        name, text = str(etype.__name__), str(evalue)
        made = {"output_type": "error", "ename": name, "evalue": text, "traceback": stb}
        self.outputs.add(made)


def make_shell() -> Shell:
    """The one shell of this process, before anything has run in it."""
    config = Config()
    config.HistoryManager.enabled = False
    shell: Shell = Shell.instance(config=config)
    return shell


def _no_input(prompt: object = "") -> NoReturn:
    raise StdinNotImplementedError(
        "raw_input was called, but this frontend does not support input requests."
    )


def _plain(found: Any) -> Any:
    """What JSON can say: bytes of pictures in base64, keys and anything unknown as text."""
    if isinstance(found, bytes):
        return base64.encodebytes(found).decode("ascii").replace("\n", "") + "\n"
    if isinstance(found, Mapping):
        return {str(key): _plain(value) for key, value in found.items()}
    if isinstance(found, (list, tuple, set, frozenset)):
        return [_plain(value) for value in found]
    return found if found is None or isinstance(found, (str, int, float, bool)) else repr(found)
