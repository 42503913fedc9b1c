"""Stock kernels: where there is no fork, papermill starts one for each notebook."""

import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nianbao.engine.course import Course, Parameters
from nianbao.engine.surroundings import desk, environment

if TYPE_CHECKING:
    from nbformat import NotebookNode

_LONGEST_SOCKET = 100  # bytes; the system's own limit is 104 or 108


def execute(source: "NotebookNode", parameters: Parameters, course: Course) -> "NotebookNode":
    """Give the notebook to a kernel of this Python; whatever comes of it, none is left behind."""
    from papermill import PapermillExecutionError

    with tempfile.TemporaryDirectory(prefix="nianbao-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        try:
            return _execute(source, parameters, course, folder)
        except PapermillExecutionError as error:
            course.log("\n".join(error.traceback), folder / "kernel.log")
            raise course.raised(error.ename, str(error.evalue)) from error
        finally:
            _kill(course.process)


def _execute(
    source: "NotebookNode", parameters: Parameters, course: Course, folder: Path
) -> "NotebookNode":
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    console, limits = folder / "kernel.log", course.limits
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
            on_cell_executed=lambda **told: _cell_ended(course, **told),
            shutdown_kernel="immediate",
            force_raise_errors=True,  # whatever a cell's tags say
            skip_cells_with_tag="",
            shell_timeout_interval=1,
            raise_on_iopub_timeout=True,
        )
        return executed
    except CellTimeoutError as error:
        course.log(str(error), console)
        raise course.hung() from error
    except DeadKernelError as error:
        course.log(str(error), console)
        raise course.died() from error
    except RuntimeError as error:  # jupyter_client: no answer from the kernel
        course.log(str(error), console)
        if course.current:
            raise course.failed(zh=str(error), en=str(error)) from error
        raise course.hung() from error


def _cell_ended(course: Course, cell: Any, cell_index: int, execute_reply: Any) -> None:
    course.refuse_flood(cell.get("outputs", []))
    asked = (part.get("source") for part in execute_reply["content"].get("payload", ()))
    if not course.left and "ask_exit" in asked:  # `exit()`, which a kernel obeys only later
        course.left = cell.get("id", "")


def _kernel_in(folder: Path, console: Path, course: Course) -> type:
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
            with console.open("ab") as heard:
                await super().start_kernel(
                    env=environment(folder),
                    cwd=str(desk(folder)),
                    stdout=heard,
                    stderr=heard,
                    **options,
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
