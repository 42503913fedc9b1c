"""Sharing: independent pieces of work on every core, by processes forked from this one.

What a piece gives does not depend on who does it. A process that has other threads is never forked
(theirs may hold a lock), so that in a stock kernel, or on one core, all is done in turn.
"""

import gc
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO

Piece = Callable[[], bytes]
_NUMBER = 2  # bytes of a piece's number in the queue


def shared(pieces: Sequence[Piece], cores: int | None = None) -> list[bytes]:
    """What every piece gives, in their order.

    A piece may leave files; it must bear being done twice. Whatever a forked process did not
    deliver is done here, so that an error of a piece is raised here as if nothing was shared.
    """
    others = min(cores or _cores(), len(pieces)) - 1
    given = _with_others(pieces, others) if others > 0 and _alone() else {}
    return [given[number] if number in given else do() for number, do in enumerate(pieces)]


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1


def _alone() -> bool:
    """Whether this process is known to run one thread only."""
    threads = Path("/proc/self/task")
    return sys.platform == "linux" and threads.is_dir() and len(list(threads.iterdir())) == 1


def _with_others(pieces: Sequence[Piece], others: int) -> dict[int, bytes]:
    """Take pieces from one queue, here and in some forked processes; what was given by number."""
    queue = _queue(len(pieces))
    forked: dict[int, IO[bytes]] = {}
    try:
        while len(forked) < others:
            kept: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 (closed below)
            forked[_fork(pieces, queue, kept)] = kept
        given = {number: pieces[number]() for number in _turns(queue)}
        for child in tuple(forked):
            os.waitpid(child, 0)
            given.update(_read(forked.pop(child)))
        return given
    finally:
        os.close(queue)
        for child, delivered in forked.items():  # nobody waits for them any more
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            delivered.close()


def _queue(count: int) -> int:
    """A pipe that holds every number once; whoever reads takes the next."""
    out, into = os.pipe()
    os.write(into, b"".join(number.to_bytes(_NUMBER, "big") for number in range(count)))
    os.close(into)
    return out


def _turns(queue: int) -> Iterator[int]:
    while number := os.read(queue, _NUMBER):
        yield int.from_bytes(number, "big")


def _fork(pieces: Sequence[Piece], queue: int, delivered: IO[bytes]) -> int:
    child = os.fork()
    if child:
        return child
    gc.freeze()  # its collector need not touch, and so copy, what was here before
    try:
        for number in _turns(queue):
            given = pieces[number]()
            delivered.write(b"%d %d\n" % (number, len(given)) + given)
            delivered.flush()
    finally:
        os._exit(0)  # what is not delivered is done again, where its error can be raised


def _read(delivered: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """What a process delivered whole."""
    with delivered:
        delivered.seek(0)
        while head := delivered.readline():
            number, length = map(int, head.split())
            if len(given := delivered.read(length)) < length:
                return
            yield number, given
