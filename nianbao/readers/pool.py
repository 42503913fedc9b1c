"""Reading files in processes of their own, so that whatever a file does costs that file alone.

Each worker is sent a few files ahead and answers in order; its pipe holds what nobody has asked
for yet. Idle workers wait for the next run of this process, and end with it.
"""

import atexit
import contextlib
import hashlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from nianbao.errors import CannotStart
from nianbao.readers.opening import Seen, read_once
from nianbao.readers.wire import LENGTH, READY, Answer, pack_request, too_much, unpack_answer
from nianbao.readers.workbook import Rejected

Request = tuple[Path, Seen]

# Only nianbao itself is taken from the folder that this nianbao came from, whatever else lies
# there; -E and -P keep modules out that lie in the current folder or that the environment names.
_CODE = (
    "import sys; sys.path.insert(0, sys.argv[1]); import nianbao; del sys.path[0]; "
    "from nianbao.readers.worker import serve; serve(int(sys.argv[2]), int(sys.argv[3]))"
)
_PARENT = str(Path(__file__).resolve().parents[2])
_AHEAD = 4  # files that a worker is sent before their answers are asked for
_WORTH_A_WORKER = 24  # files for which one more is started
_MOST_WORKERS = 3
_START_SECONDS = 60
_LOOKS_EVERY = 0.2
_OUT_OF_TIME = -getattr(signal, "SIGXCPU", 0) or None  # how the system ends a process for that


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost; `command` is the worker, for tests that bring one of their own.

    The seconds are the processor's, so that a busy machine refuses what an idle one does; a worker
    that only waits (a disk that is gone) is waited for twice as long.
    """

    seconds: int = 8
    megabytes: int = 1000
    command: tuple[str, ...] = (sys.executable, "-E", "-P", "-X", "utf8", "-c", _CODE, _PARENT)


LIMITS = Limits()


@dataclass(slots=True)
class _Worker:
    """One process, and the files that it was sent and has not answered."""

    limits: Limits
    process: subprocess.Popen[bytes]
    said: IO[bytes]  # what it writes on stderr
    owner: int
    sent: deque[Request] = field(default_factory=deque)
    ready: bool = False

    def send(self, request: Request) -> None:
        self.sent.append(request)
        if self.process.stdin:
            try:
                self.process.stdin.write(pack_request(*request))
                self.process.stdin.flush()
            except OSError:  # it has ended; that shows when its answer is asked for
                return

    def receive(self, watch: "_Watch") -> bytes | None:
        """The next answer; None where the process ended instead. Raises TimeoutError."""
        if not self.ready:
            with watch.over(self.process, _START_SECONDS):
                self.ready = self._read(len(READY)) == READY
            if not self.ready:
                raise _cannot_start(self._last_words())
        with watch.over(self.process, 2 * self.limits.seconds):
            head = self._read(LENGTH)
            length = int.from_bytes(head, "little")
            packed = self._read(length) if len(head) == LENGTH else b""
        if packed and len(packed) == length:
            return packed
        if self.process.wait() == _OUT_OF_TIME:
            raise TimeoutError
        return None

    def _read(self, length: int) -> bytes:
        return self.process.stdout.read(length) if self.process.stdout else b""

    def _last_words(self) -> str:
        self.process.wait()
        self.said.seek(0)
        lines = self.said.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else f"exit code {self.process.returncode}"

    def end(self) -> None:
        """Let it go: an idle one ends at the end of its input, any other is ended."""
        if self.sent or not self.ready:
            self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            try:
                if pipe:
                    pipe.close()
            except OSError:  # words that it never read
                continue
        try:
            self.process.wait(self.limits.seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.said.close()


class _Watch:
    """One thread for a run, which ends the process that is waited for too long."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._over = threading.Event()
        self._waiting: tuple[subprocess.Popen[bytes], float] | None = None
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    @contextlib.contextmanager
    def over(self, process: subprocess.Popen[bytes], seconds: int) -> Iterator[None]:
        """Wait for a process within the block; TimeoutError where it had to be ended."""
        with self._turn:
            self._waiting = process, time.monotonic() + seconds
        yield
        with self._turn:
            ended, self._waiting = self._waiting is None, None
        if ended:
            raise TimeoutError

    def _look(self) -> None:
        while not self._over.wait(_LOOKS_EVERY):
            with self._turn:
                if self._waiting and time.monotonic() > self._waiting[1]:
                    self._waiting[0].kill()
                    self._waiting = None

    def end(self) -> None:
        """Look no more."""
        self._over.set()
        self._thread.join()


_idle: list[_Worker] = []


def read_all(requests: Sequence[Request], limits: Limits = LIMITS) -> Iterator[Answer]:
    """Read files in worker processes, and give the answers in the files' order.

    A file that breaks its reader down, or takes more than `limits`, is `Rejected` `E_CORRUPT`.
    Raises NianbaoError where no process can be started.
    """
    if not requests:
        return
    crew: list[_Worker] = []
    watch = _Watch()
    try:
        while len(crew) < min(_workers(), 1 + len(requests) // _WORTH_A_WORKER):
            crew.append(_hire(limits))
        sent = 0
        for number in range(len(requests)):
            while sent < min(len(requests), number + _AHEAD * len(crew)):
                crew[sent % len(crew)].send(requests[sent])
                sent += 1
            yield _answer(crew, number % len(crew), watch)
    finally:
        watch.end()
        for worker in crew:
            if worker.sent or not worker.ready:
                worker.end()
            else:
                _idle.append(worker)


def _workers() -> int:
    """One core is the caller's."""
    return max(1, min(_MOST_WORKERS, (os.cpu_count() or 1) - 1))


def _answer(crew: list[_Worker], number: int, watch: _Watch) -> Answer:
    """The next answer of one worker, which is replaced where the file broke it down.

    The file is tried twice: what ended the worker may have come from outside.
    """
    path, _ = crew[number].sent[0]
    for _attempt in range(2):
        worker = crew[number]
        try:
            packed = worker.receive(watch)
        except TimeoutError:
            return _given_up(crew, number, f"in {worker.limits.seconds} seconds")
        if packed is not None:
            worker.sent.popleft()
            return unpack_answer(packed, path)
        _replace(crew, number, worker.sent)
    return _given_up(crew, number, "without breaking its reader down")


def _given_up(crew: list[_Worker], number: int, how: str) -> Rejected:
    path, seen = crew[number].sent[0]
    _replace(crew, number, list(crew[number].sent)[1:])
    try:
        sha256 = hashlib.sha256(read_once(path, seen)).hexdigest()
    except (OSError, Rejected):  # gone or changed by now
        sha256 = ""
    return too_much(how, sha256)


def _replace(crew: list[_Worker], number: int, left: Sequence[Request]) -> None:
    """Start a new worker in the place of one, with the files that are left."""
    old, left = crew[number], list(left)
    crew[number] = _start(old.limits)
    old.end()
    for request in left:
        crew[number].send(request)


def _hire(limits: Limits) -> _Worker:
    """An idle worker of this process (not of the one that it was forked from), or a new one."""
    for position, worker in enumerate(_idle):
        if worker.limits == limits and worker.owner == os.getpid():
            return _idle.pop(position)
    return _start(limits)


def _start(limits: Limits) -> _Worker:
    said = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the worker)
    try:
        process = subprocess.Popen(
            [*limits.command, str(limits.megabytes), str(limits.seconds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            cwd=_PARENT,
            env={**os.environ, "MALLOC_ARENA_MAX": "1"},  # others reserve memory that none uses
        )
    except OSError as error:
        said.close()
        raise _cannot_start(error.strerror or str(error)) from error
    return _Worker(limits, process, said, os.getpid())


def _cannot_start(why: str) -> CannotStart:
    return CannotStart(why, zh="读取工作簿", en="reads workbooks")


@atexit.register
def _dismiss() -> None:
    """End the idle workers with this process."""
    while _idle:
        worker = _idle.pop()
        if worker.owner == os.getpid():
            worker.end()
