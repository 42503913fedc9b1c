"""A reading process: paths in, workbooks out, within limits of memory and time.

It ends with the program that started it, however that ends: its standard input closes then.
"""

import math
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from nianbao.readers.opening import Seen
from nianbao.readers.reading import read_workbook
from nianbao.readers.wire import LENGTH, READY, Answer, pack_answer, too_much, unpack_request
from nianbao.readers.workbook import Rejected, Workbook

Read = Callable[[Path, Seen], Workbook]


def serve(megabytes: int, seconds: int, read: Read = read_workbook) -> None:
    """Answer requests from standard input on standard output until there are no more."""
    requests, answers = streams()
    _limit_memory(megabytes)
    answers.write(READY)
    answers.flush()
    for line in requests:
        limit_time(seconds)
        packed = _packed(line, read)
        answers.write(len(packed).to_bytes(LENGTH, "little"))
        answers.write(packed)
        answers.flush()


def _packed(line: bytes, read: Read) -> bytes:
    path, seen = unpack_request(line)
    answer: Answer
    try:
        answer = read(path, seen)
    except (Rejected, OSError) as refused:
        answer = refused
    try:
        return pack_answer(answer)
    except MemoryError:
        sha256 = "" if isinstance(answer, OSError) else answer.sha256
        del answer
        return pack_answer(too_much("in the memory that a file is given", sha256))


def streams() -> tuple[BinaryIO, BinaryIO]:
    """Keep both pipes to ourselves: what a library reads or prints goes nowhere."""
    if hasattr(signal, "SIGINT"):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends us, by closing our input
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(2, 1)
    os.close(nowhere)
    return requests, answers


def _limit_memory(megabytes: int) -> None:
    if sys.platform == "win32":
        return
    import resource

    for what, most in ((resource.RLIMIT_AS, megabytes << 20), (resource.RLIMIT_CORE, 0)):
        _, hard = resource.getrlimit(what)
        soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
        try:
            resource.setrlimit(what, (soft, hard))
        except (ValueError, OSError):  # macOS knows the limit and does not take it
            continue


def limit_time(seconds: int) -> None:
    """Let the system end this process where one file takes more of the processor's time."""
    if sys.platform == "win32":
        return
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    most = math.ceil(used.ru_utime + used.ru_stime) + seconds
    soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))
