"""The server: one process that has imported the libraries, and forks for each notebook.

It runs no thread, so that forking is safe whatever its parent does, and knows two things: a line on
its input asks for a notebook, the end of its input is the end of its parent.
"""

import contextlib
import gc
import importlib
import json
import os
import select
import shutil
import signal
import sys
import traceback
from pathlib import Path
from typing import Any

from nianbao.engine.shell import Shell, make_shell, run

_FIRST = ("nianbao.report", "nianbao.cleaning")
# What later notebooks use, imported while an earlier one runs.
_LATER = (
    "nianbao.proposals",
    "nianbao.quarantine",
    "nianbao.indicators",
    "nianbao.targets",
    "nianbao.revised",
    "nianbao.calculation",
    "nianbao.sources",
    "nianbao.charts",
    "nianbao.spreadsheets",
)


def serve(folder: str) -> None:
    """Fork for every notebook that is asked for; `folder` goes when nobody asks any more."""
    asked, told = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    woken, wakes = os.pipe()
    for end in (woken, wakes):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(wakes)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    sys.argv = [""]
    status = 70
    try:
        shell = make_shell()
        with shell.builtin_trap:  # libraries look once, when imported, whether they are in IPython
            for name in _FIRST:
                importlib.import_module(name)
            _listen(shell, asked, told, woken)
        status = 0
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os._exit(status)  # as taking a warm process down in order would only take time


def _listen(shell: Shell, asked: int, told: int, woken: int) -> None:
    """Answer until the end of the input; what is left to import is imported while nobody asks."""
    later, child = list(_LATER), 0
    while True:
        ready, _, _ = select.select([asked, woken], [], [], 0 if later else None)
        if woken in ready:
            os.read(woken, 4096)
        if child and (status := _ended(child)) is not None:
            child = 0
            # The child may have been cut off within a line; this one begins with a new line.
            os.write(told, b'\n{"ended": %d}\n' % status)
        if asked in ready:
            line = _line(asked)
            if not line:
                if child:
                    _kill(child)
                return
            child = _fork(shell, json.loads(line), told)
        if not ready and later:
            importlib.import_module(later.pop(0))


def _line(asked: int) -> bytes:
    """One request; nobody sends another before it is answered."""
    line = b""
    while not line.endswith(b"\n"):
        part = os.read(asked, 1 << 20)
        if not part:
            return b""
        line += part
    return line


def _ended(child: int) -> int | None:
    """The exit status of a child that has ended, all that it started being ended with it."""
    if os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        return None
    return _kill(child)


def _kill(child: int) -> int:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)  # not reaped yet, so the number is still its own
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _fork(shell: Shell, request: dict[str, Any], told: int) -> int:
    gc.freeze()  # a child's collector need not touch, and so copy, what is here already
    child = os.fork()
    with contextlib.suppress(OSError):  # whoever of the two is second
        os.setpgid(child, child)
    if child:
        return child
    status = 70
    try:
        _run(shell, request, told)
        status = 0
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(status)


def _run(shell: Shell, request: dict[str, Any], told: int) -> None:
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(request["environment"])
    cells = [(number, source) for number, source in request["cells"]]
    folder, desk = Path(request["folder"]), Path(request["desk"])
    run(shell, folder, desk, cells, told, request["most"])
