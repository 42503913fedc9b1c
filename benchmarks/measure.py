"""Measuring: how long commands take, how much of a processor, and how much memory."""

import contextlib
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_SAMPLED_EVERY = 0.05  # seconds
_TOLD = 2000  # characters of what a failed command said


@dataclass(frozen=True, slots=True)
class Run:
    """What some commands, one after another, took; None where this system does not say.

    `seconds` on the wall; `cpu` seconds, user and system, with all that the commands started and
    waited for; `largest` the memory of the largest single process, in bytes.
    """

    seconds: float
    cpu: float | None = None
    largest: int | None = None


class CommandFailed(Exception):
    """A contestant did not do its work, so there is nothing to compare."""


def run(commands: Sequence[Sequence[str]], folder: Path, environment: Mapping[str, str]) -> Run:
    """Run commands in a folder one after another, and add up what they took."""
    runs = [_run_one(command, folder, environment) for command in commands]
    cpu = [one.cpu for one in runs if one.cpu is not None]
    largest = [one.largest for one in runs if one.largest is not None]
    return Run(
        sum(one.seconds for one in runs),
        sum(cpu) if cpu else None,
        max(largest) if largest else None,
    )


def _run_one(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Run:
    with tempfile.TemporaryFile() as said:
        started = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        cpu, largest = _wait(process)
        seconds = time.perf_counter() - started
        if process.returncode:
            said.seek(0)
            words = said.read().decode(errors="replace")[-_TOLD:]
            raise CommandFailed(f"{' '.join(command)}: exit {process.returncode}\n{words}")
    return Run(seconds, cpu, largest)


def _wait(process: subprocess.Popen[bytes]) -> tuple[float | None, int | None]:
    """Wait for a process; its CPU seconds and the size of the largest process of its family."""
    if not hasattr(os, "wait4"):  # Windows
        process.wait()
        return None, None
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    unit = 1 if sys.platform == "darwin" else 1024
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit


# --- memory of several processes at once ----------------------------------------------------------


class Memory:
    """The most that this process's descendants held together at any moment, in bytes."""

    def __init__(self) -> None:
        self.peak = 0


@contextlib.contextmanager
def watched() -> Iterator[Memory]:
    """Watch the memory of everything this process starts meanwhile; 0 where there is no /proc.

    Pages that processes share are counted once. Looking costs time: not for runs that are timed.
    """
    memory, ended = Memory(), threading.Event()

    def look() -> None:
        while not ended.wait(_SAMPLED_EVERY):
            held = sum(_held(process) for process in _descendants(os.getpid()))
            memory.peak = max(memory.peak, held)

    watcher = threading.Thread(target=look, daemon=True)
    if Path("/proc/self/smaps_rollup").exists():
        watcher.start()
    try:
        yield memory
    finally:
        ended.set()
        if watcher.ident is not None:
            watcher.join()


def _descendants(ancestor: int) -> Iterator[int]:
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            parent = int(path.read_text(errors="replace").rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(path.parent.name))
    waiting = children.get(ancestor, [])
    while waiting:
        process = waiting.pop()
        yield process
        waiting += children.get(process, [])


def _held(process: int) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0
