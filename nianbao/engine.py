"""The engine: papermill runs one notebook in a kernel of this very Python, alike anywhere."""

import ast
import json
import logging
import os
import re
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat import ValidationError as _Invalid

from nianbao import errors
from nianbao.errors import NianbaoError, NotebookFailed
from nianbao.terminal import printable, say
from nianbao.workspace import PROJECT

Parameters = Mapping[str, str | bool]
Progress = Callable[[str, int, int], None]
"""Called before each cell with the notebook's name, the cells done, and their number."""

_LOG = logging.getLogger(__name__)
logging.getLogger("papermill").addHandler(logging.NullHandler())
_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_LONGEST_CAUSE = 300  # characters of somebody else's error on one line; the log has all of it
_LONGEST_SOCKET = 100  # bytes; the system's own limit is 104 or 108

# What a kernel computes must not depend on where it runs: no thread races in BLAS, no hash order,
# no locale, no time zone.
_PINNED = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "MPLBACKEND": "Agg",
    "PYTHONHASHSEED": "0",
    "PYTHONUTF8": "1",
    "LC_ALL": "C.UTF-8",
    "LANG": "C.UTF-8",
    "TZ": "UTC",
}
_DROPPED = ("LANGUAGE", "NIANBAO_LANG", "MATPLOTLIBRC", "SOURCE_DATE_EPOCH")
_DROPPED_PYTHON = ("STARTUP", "INSPECT", "OPTIMIZE", "WARNINGS", "IOENCODING", "BREAKPOINT")


@dataclass(frozen=True, slots=True)
class Limits:
    """How long to wait, in seconds, for a kernel to start and for one cell to end."""

    start: int = 60
    cell: int = 900


@dataclass(slots=True)
class _Course:
    """How far a notebook has come; the hooks of papermill write it while it runs."""

    notebook: Path
    positions: dict[str, int]
    sources: dict[str, str]
    progress: Progress | None
    current: str = ""
    left: str = ""
    process: int = 0

    def cell_starts(self, cell: NotebookNode, cell_index: int) -> None:
        self.current = cell.get("id", "")
        if self.progress:
            done = self.positions.get(self.current, cell_index + 1) - 1
            self.progress(self.notebook.stem, done, len(self.positions))

    def cell_ends(self, cell: NotebookNode, cell_index: int, execute_reply: Any) -> None:
        asked = (part.get("source") for part in execute_reply["content"].get("payload", ()))
        if not self.left and "ask_exit" in asked:  # `exit()`, which a kernel obeys only later
            self.left = cell.get("id", "")


def run_notebook(
    notebook: Path,
    output: Path,
    parameters: Parameters,
    *,
    shown: Parameters | None = None,
    limits: Limits = Limits(),
    progress: Progress | None = None,
) -> None:
    """Run a notebook with parameters in an empty folder, and write its normalised copy to `output`.

    `shown` replaces, in that copy, parameters that only mean something here (a path). Raises
    NotebookFailed for a parameter that the notebook does not have, and for a cell that fails, hangs
    or leaves; an error of ours inside the notebook keeps its own kind. Tracebacks go to the log.
    """
    source = _read(notebook)
    _refuse_unknown(notebook, source, parameters)
    cells = [(cell["id"], cell["source"]) for cell in source.cells]
    course = _Course(
        notebook,
        positions={identity: number for number, (identity, _) in enumerate(cells, 1)},
        sources=dict(cells),
        progress=progress,
    )
    with tempfile.TemporaryDirectory(prefix="nianbao-", ignore_cleanup_errors=True) as folder:
        executed = _execute(source, parameters, course, limits, Path(folder).resolve())
    _refuse_unfinished(course, executed)
    output.parent.mkdir(parents=True, exist_ok=True)
    tidy = _normalised(executed, {**parameters, **(shown or {})})
    text = json.dumps(tidy, ensure_ascii=False, indent=1, sort_keys=True)
    output.write_bytes(f"{text}\n".encode())
    if progress:
        progress(notebook.stem, len(cells), len(cells))


def _read(notebook: Path) -> NotebookNode:
    try:
        found: NotebookNode = nbformat.read(notebook, as_version=4)  # type: ignore[no-untyped-call]
        nbformat.validate(found)
        return found
    # Of a file that is no notebook, nbformat's converters raise whatever they stumble on.
    except (OSError, ValueError, TypeError, LookupError, AttributeError, _Invalid) as error:
        cause = printable(str(error).splitlines()[0] if str(error) else type(error).__name__)
        raise NotebookFailed(
            say(
                zh=f"笔记本 {notebook.name} 无法读取（{cause}）。请从版本库恢复该文件。",
                en=f"the notebook {notebook.name} cannot be read ({cause}). "
                "Restore the file from version control.",
            )
        ) from error


def _refuse_unknown(notebook: Path, source: NotebookNode, parameters: Parameters) -> None:
    """Papermill only warns of a parameter that no cell reads; the slip would go unseen."""
    known = {
        target.id
        for cell in source.cells
        if "parameters" in cell.metadata.get("tags", ())
        for statement in ast.parse(cell.source).body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    for name in parameters:
        if name not in known:
            listed = ", ".join(sorted(known)) or "-"
            raise NotebookFailed(
                say(
                    zh=f"笔记本 {notebook.name} 没有参数 {name}；它的参数单元格里有：{listed}。",
                    en=f"the notebook {notebook.name} has no parameter {name}; "
                    f"its parameters cell has: {listed}.",
                )
            )


# --- one run --------------------------------------------------------------------------------------


def _execute(
    source: NotebookNode,
    parameters: Parameters,
    course: _Course,
    limits: Limits,
    folder: Path,
) -> NotebookNode:
    """Give the notebook to papermill; whatever comes of it, no process is left behind."""
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    logging.getLogger("papermill").setLevel(logging.ERROR)
    console = folder / "kernel.log"
    try:
        executed: NotebookNode = papermill.execute_notebook(
            source,
            None,
            dict(parameters),
            kernel_name="python3",
            language="python",
            progress_bar=False,
            request_save_on_cell_execute=False,
            autosave_cell_every=0,
            start_timeout=limits.start,
            execution_timeout=limits.cell,
            kernel_manager_class=_kernel_in(folder, console, course),
            on_cell_start=course.cell_starts,
            on_cell_executed=course.cell_ends,
            shutdown_kernel="immediate",
            force_raise_errors=True,  # whatever a cell's tags say
            skip_cells_with_tag="",
            shell_timeout_interval=1,
            raise_on_iopub_timeout=True,
        )
        return executed
    except papermill.PapermillExecutionError as error:
        _log_failure(course, "\n".join(error.traceback), console)
        raise _named(course, error.ename, str(error.evalue)) from error
    except CellTimeoutError as error:
        _log_failure(course, str(error), console)
        raise _failed(
            course,
            zh=f"{limits.cell} 秒内没有结束，已停止",
            en=f"it did not end within {limits.cell} seconds and was stopped",
        ) from error
    except DeadKernelError as error:
        _log_failure(course, str(error), console)
        raise _failed(course, zh="进程中途退出", en="its process ended in the middle") from error
    except RuntimeError as error:  # jupyter_client: no answer from the kernel
        _log_failure(course, str(error), console)
        if course.current:
            raise _failed(course, zh=str(error), en=str(error)) from error
        raise _not_started(course, limits) from error
    finally:
        _kill(course.process)


def _kernel_in(folder: Path, console: Path, course: _Course) -> type:
    """Make the kernel manager of one run: this interpreter, everything of it in one folder."""
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager

    class ThisPython(KernelSpecManager):
        """Knows one kernel, so that none needs to be installed."""

        def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
            """Give the stock ipykernel under this interpreter, whatever the name."""
            command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
            return KernelSpec(argv=command, display_name="Python 3", language="python")

    class Kernel(AsyncKernelManager):
        """A kernel in a private, empty working folder, heard over files rather than ports."""

        def __init__(self, **options: Any) -> None:
            options["kernel_spec_manager"] = ThisPython()
            options["connection_file"] = str(folder / "kernel.json")
            if (socket := _socket_in(folder)) is not None:
                options |= {"transport": "ipc", "ip": socket}
            super().__init__(**options)

        async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]
            """Start it, its own console going to a file."""
            desk = folder / "desk"
            desk.mkdir(exist_ok=True)
            with console.open("ab") as heard:
                await super().start_kernel(
                    env=_environment(folder), cwd=str(desk), stdout=heard, stderr=heard, **options
                )
            process = getattr(self.provisioner, "process", None)
            course.process = process.pid if process else 0

    return Kernel


def _socket_in(folder: Path) -> str | None:
    """Where the kernel's sockets lie; None where the system has none or the path is too long."""
    import zmq

    socket = str(folder / "s")
    fits = len(os.fsencode(socket)) + len("-12345") < _LONGEST_SOCKET
    return socket if os.name == "posix" and zmq.has("ipc") and fits else None


def _environment(folder: Path) -> dict[str, str]:
    """The environment of a kernel: the user's, with all that could change a result pinned."""
    dropped = {*_DROPPED, *(f"PYTHON{name}" for name in _DROPPED_PYTHON)}
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in dropped and not name.startswith(("LC_", "JUPYTER_", "IPYTHON"))
    }
    inherited = [part for part in kept.get("PYTHONPATH", "").split(os.pathsep) if part]
    path = [str(PROJECT), *(part for part in inherited if Path(part) != PROJECT)]
    own = {
        "PYTHONPATH": os.pathsep.join(path),
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTER_CONFIG_DIR": str(folder / "jupyter"),
        "JUPYTER_RUNTIME_DIR": str(folder / "jupyter"),
        "MPLCONFIGDIR": str(folder / "matplotlib"),
    }
    return kept | _PINNED | own


def _kill(process: int) -> None:
    """End a kernel and all it started; it leads a process group of its own."""
    if not process:
        return
    try:
        if os.name == "posix":
            os.killpg(process, signal.SIGKILL)
        else:
            os.kill(process, signal.SIGTERM)
    except (ProcessLookupError, PermissionError):
        pass  # all of it has ended already


# --- what went wrong ------------------------------------------------------------------------------


def _refuse_unfinished(course: _Course, executed: NotebookNode) -> None:
    """Papermill takes `sys.exit()` for a good end; a report half made is not one."""
    for cell in executed.cells:
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        failed = any(output.output_type == "error" for output in cell.outputs)
        if failed or cell["id"] == course.left or cell.execution_count is None:
            course.current = cell["id"]
            raise _failed(course, zh="在笔记本结束之前退出", en="it left before the notebook's end")


def _named(course: _Course, name: str, text: str) -> NianbaoError:
    """An error of ours keeps its kind and words; any other is the cell's."""
    kind = getattr(errors, name, None)
    if isinstance(kind, type) and issubclass(kind, NianbaoError) and kind is not NianbaoError:
        return kind(text)
    if name == "SystemExit":
        return _failed(course, zh="在笔记本结束之前退出", en="it left before the notebook's end")
    cause = printable(f"{name}: {text}".splitlines()[0])[:_LONGEST_CAUSE]
    return _failed(course, zh=cause, en=cause)


def _failed(course: _Course, *, zh: str, en: str) -> NotebookFailed:
    name = course.notebook.name
    number = course.positions.get(course.current)
    lines = course.sources.get(course.current, "").strip().splitlines()
    first = printable(lines[0]) if lines else ""
    return NotebookFailed(
        say(
            zh=f"笔记本 {name} 第 {number or '?'} 个单元格（{first}）：{zh}。",
            en=f"the notebook {name}, cell {number or '?'} ({first}): {en}.",
        )
    )


def _not_started(course: _Course, limits: Limits) -> NotebookFailed:
    name = course.notebook.name
    return NotebookFailed(
        say(
            zh=f"笔记本 {name} 第 1 个单元格之前：内核没有在 {limits.start} 秒内启动。",
            en=f"the notebook {name}, before cell 1: "
            f"its kernel did not start within {limits.start} seconds.",
        )
    )


def _log_failure(course: _Course, traceback: str, console: Path) -> None:
    heard = console.read_text(encoding="utf-8", errors="replace") if console.exists() else ""
    where = f"{course.notebook.name}, cell {course.positions.get(course.current, '?')}"
    _LOG.error("%s\n%s\n%s", where, _COLOURS.sub("", traceback), heard)


# --- the copy that is published -------------------------------------------------------------------


def _normalised(executed: NotebookNode, parameters: Parameters) -> dict[str, Any]:
    """The same notebook without times, random ids, paths of this machine, or noise on stderr."""
    cells = []
    for number, cell in enumerate(executed.cells, 1):
        tags = list(cell.metadata.get("tags", ()))
        tidy = {
            "cell_type": cell.cell_type,
            "id": f"c{number:02d}",
            "metadata": {"tags": tags} if tags else {},
            "source": cell.source.splitlines(keepends=True),
        }
        if "injected-parameters" in tags:
            tidy["source"] = _assignments(parameters).splitlines(keepends=True)
        if cell.cell_type == "code":
            tidy |= {"execution_count": cell.execution_count, "outputs": _quiet(cell.outputs)}
        cells.append(tidy)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {
        "cells": cells,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _assignments(parameters: Parameters) -> str:
    return "\n".join(["# Parameters", *(f"{name} = {text!r}" for name, text in parameters.items())])


def _quiet(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Outputs without stderr; what was printed in pieces is put together, pieces being chance."""
    kept: list[NotebookNode] = []
    for output in outputs:
        if output.output_type == "stream":
            if output.name == "stderr":
                _LOG.warning("stderr of a cell: %s", _COLOURS.sub("", output.text).rstrip())
                continue
            if kept and kept[-1].output_type == "stream":
                kept[-1].text += output.text
                continue
        elif "text/plain" in output.get("data", {}):
            output.data["text/plain"] = _ADDRESS.sub("", output.data["text/plain"])
        kept.append(output)
    return kept
