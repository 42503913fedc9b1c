"""The forked engine: papermill's notebooks in processes forked from one that is warm.

The warm process (`server.py`) is started once and asked for one notebook after another; here they
are watched from outside. Nothing listens anywhere: a pipe each way.
"""

import atexit
import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from nianbao.engine.course import Course, Parameters
from nianbao.engine.surroundings import desk, environment
from nianbao.errors import CannotStart, NotebookFailed

if TYPE_CHECKING:
    from nbformat import NotebookNode
    from papermill.engines import NotebookExecutionManager

# Only nianbao itself is taken from the folder that this nianbao came from, whatever else is there.
_CODE = (
    "import sys; sys.path.insert(0, sys.argv[1]); import nianbao; del sys.path[0]; "
    "from nianbao.engine.server import serve; serve(sys.argv[2])"
)
_PARENT = str(Path(__file__).resolve().parents[2])
_NAME = "nianbao"
_LOOKS_EVERY = 0.2  # seconds
_PATIENCE = 10  # seconds for an ended notebook to be gone, and for the server to end

Meanwhile = Callable[[], None]


@dataclass(slots=True)
class _Server:
    """The warm process of this one; `folder` is where its notebooks' files lie."""

    process: subprocess.Popen[bytes]
    said: IO[bytes]  # what it writes on stderr
    folder: Path
    owner: int
    heard: bytearray = field(default_factory=bytearray)
    busy: bool = False

    def ask(self, request: dict[str, object]) -> None:
        """Ask for a notebook; where the process has ended, that shows when it is listened to."""
        self.busy = True
        if self.process.stdin:
            with contextlib.suppress(OSError):
                self.process.stdin.write(json.dumps(request).encode() + b"\n")
                self.process.stdin.flush()

    def messages(self) -> Iterator[dict[str, Any]]:
        """What has been told by now, after waiting a moment for it."""
        pipe = self.process.stdout.fileno() if self.process.stdout else -1
        ready, _, _ = select.select([pipe], [], [], _LOOKS_EVERY)
        self.heard += (part := os.read(pipe, 1 << 20) if ready else b"")
        if b"\n" in part:
            *lines, self.heard = self.heard.split(b"\n")
            for line in filter(None, lines):
                with contextlib.suppress(ValueError):  # cut off by a sudden end
                    yield json.loads(line)
        elif not part and (status := self.process.poll()) is not None:
            yield {"gone": status}

    def last_words(self) -> str:
        """What it said on stderr."""
        self.said.seek(0)
        return self.said.read().decode("utf-8", "replace").strip()

    def end(self) -> None:
        """Let it go, with the notebook that it runs and all that this started."""
        for pipe in (self.process.stdin, self.process.stdout, self.said):
            with contextlib.suppress(OSError):
                if pipe:
                    pipe.close()
        if self.owner != os.getpid():  # a copy of another process's
            return
        if not self.busy:
            self.process.kill()  # it has nothing to tidy up, and may be in the middle of importing
        try:
            self.process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


_warm: list[_Server] = []


def available() -> bool:
    """Whether notebooks can be forked here.

    Not on a Mac, whose own libraries do not bear a fork, and not where NIANBAO_ENGINE says `stock`.
    """
    stock = os.environ.get("NIANBAO_ENGINE") == "stock"
    return hasattr(os, "fork") and sys.platform != "darwin" and not stock


def warm_up() -> None:
    """Start the warm process, if there is none yet, and do not wait for it."""
    if _warm and (_warm[0].owner != os.getpid() or _warm[0].process.poll() is not None):
        dismiss()
    if available() and not _warm:
        _warm.append(_start())


def _start() -> _Server:
    folder = Path(tempfile.mkdtemp(prefix="nianbao-")).resolve()
    surroundings = environment(folder)
    others = surroundings["PYTHONPATH"].split(os.pathsep)[1:]
    said = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the process)
    try:
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", _CODE, _PARENT, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            cwd=desk(folder),
            env=surroundings | {"PYTHONPATH": os.pathsep.join(others)},
            start_new_session=True,  # the signals of a terminal are for the parent to handle
        )
    except OSError as error:
        why = error.strerror or str(error)
        raise CannotStart(why, zh="运行笔记本", en="runs notebooks") from error
    return _Server(process, said, folder, os.getpid())


@atexit.register
def dismiss() -> None:
    """End the warm process, if there is one of this process."""
    while _warm:
        _warm.pop().end()


# --- one notebook ---------------------------------------------------------------------------------


def execute(
    source: "NotebookNode", parameters: Parameters, course: Course, meanwhile: Meanwhile
) -> "NotebookNode":
    """Run the notebook in a fork of the warm process; `meanwhile` is called once it is on its way.

    Whatever goes wrong ends the warm process too, and with it all that the notebook started.
    """
    warm_up()
    import papermill

    server = _warm[0]
    folder = Path(tempfile.mkdtemp(dir=server.folder))
    console = folder / "stderr"
    whole = False
    try:
        executed: NotebookNode = papermill.execute_notebook(
            source,
            None,
            dict(parameters),
            engine_name=_registered(),
            kernel_name="python3",
            language="python",
            progress_bar=False,
            request_save_on_cell_execute=False,
            autosave_cell_every=0,
            run=_Run(server, folder, course, meanwhile),
        )
        whole = True
        return executed
    except papermill.PapermillExecutionError as error:
        course.log("\n".join(error.traceback), console)
        raise course.raised(error.ename, str(error.evalue)) from error
    except NotebookFailed as error:
        course.log(f"{error.message}\n{server.last_words()}", console)
        raise
    finally:
        if whole:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            dismiss()
            if server.process.returncode and server.busy:  # nobody has ended the notebook
                _kill(course.process)


def _kill(leader: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if leader:
            os.killpg(leader, signal.SIGKILL)


@dataclass(slots=True)
class _Run:
    """One notebook on its way through the warm process, as seen from outside."""

    server: _Server
    folder: Path
    course: Course
    meanwhile: Meanwhile
    until: float = 0.0
    printed: int = 0
    done: bool = False

    def follow(self, managed: "NotebookExecutionManager") -> None:
        """Ask for the notebook, and write down what is told of it until its process has ended.

        Raises NotebookFailed where it dies, hangs or prints too much.
        """
        limits = self.course.limits
        self.server.ask(self._request(managed.nb.cells))
        self.until = time.monotonic() + limits.start
        self.meanwhile()
        while True:
            for message in self.server.messages():
                if "ended" in message:
                    self.server.busy = False
                    if self.done:
                        return
                    raise self.course.died()
                if "gone" in message:  # the warm process itself
                    raise self.course.died()
                self._note(message, managed)
            if self._size() - self.printed > limits.printed:
                raise self.course.flooded()
            if time.monotonic() > self.until:
                raise self.course.hung()

    def _request(self, cells: "list[NotebookNode]") -> dict[str, object]:
        wanted = (
            (number, cell.source)
            for number, cell in enumerate(cells)
            if cell.cell_type == "code" and cell.source.strip()
        )
        return {
            "cells": list(wanted),
            "folder": str(self.folder),
            "desk": str(desk(self.folder)),
            "environment": environment(self.folder),
            "most": self.course.limits.printed,
        }

    def _note(self, message: dict[str, Any], managed: "NotebookExecutionManager") -> None:
        import nbformat

        cells, course = managed.nb.cells, self.course
        if "process" in message:
            course.process = message["process"]
        elif (number := message.get("starts")) is not None:
            self.printed = self._size()
            self.until = time.monotonic() + course.limits.cell
            managed.cell_start(cells[number], number)
            course.cell_starts(cells[number], number)
        elif (number := message.get("of")) is not None:
            cells[number].outputs = nbformat.from_dict(message["outputs"])  # type: ignore[no-untyped-call]
        elif (number := message.get("ends")) is not None:
            cell = cells[number]
            course.refuse_flood(cell.outputs)
            cell.execution_count = message["count"]
            if message["left"] and not course.left:
                course.left = cell["id"]
            if message["failed"]:
                managed.cell_exception(cell, number)
            managed.cell_complete(cell, number)
        elif message.get("done"):
            self.done, self.until = True, time.monotonic() + _PATIENCE

    def _size(self) -> int:
        """The bytes printed so far."""
        paths = (self.folder / name for name in ("stdout", "stderr"))
        return sum(path.stat().st_size for path in paths if path.exists())


def _registered() -> str:
    """The name under which papermill knows this engine."""
    from papermill.engines import Engine, papermill_engines

    class Forked(Engine):  # type: ignore[misc]
        """Runs a notebook in a fork of a warm process of this very Python."""

        @classmethod
        def execute_managed_notebook(
            cls, nb_man: "NotebookExecutionManager", kernel_name: str, *, run: _Run, **_: object
        ) -> None:
            """Follow one run."""
            run.follow(nb_man)

    papermill_engines.register(_NAME, Forked)
    return _NAME
