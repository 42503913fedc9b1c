"""Pieces of work on several cores: the same results, and the same errors, as in turn.

Who runs tests has threads, and is never forked; what is to be forked is a process of its own here.
"""

import os
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path

import pytest

from nianbao.errors import DataRejected
from nianbao.sharing import shared

PROJECT = Path(__file__).resolve().parents[1]
FIRST = """
import os, signal, sys
from nianbao.errors import DataRejected
from nianbao.sharing import shared

here = os.getpid()
woken, wakes = os.pipe()

def who():
    return str(os.getpid()).encode()

"""
forks = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="nothing is forked here")


def who() -> bytes:
    return str(os.getpid()).encode()


def says(script: str) -> str:
    """What a script prints, run alone."""
    ended = subprocess.run(
        [sys.executable, "-c", FIRST + script],
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.stderr == ""
    return ended.stdout.strip()


def test_results_come_in_the_order_of_the_pieces():
    pieces = [partial(bytes, [number, 10]) for number in range(50)]
    assert shared(pieces, 3) == [bytes([number, 10]) for number in range(50)]
    assert shared([]) == []


def test_a_process_with_threads_is_not_forked():
    over = threading.Event()
    thread = threading.Thread(target=over.wait)
    thread.start()
    try:
        assert set(shared([who] * 5, 2)) == {who()}
    finally:
        over.set()
        thread.join()


def test_an_error_of_a_piece_is_raised_as_it_is():
    def refuse() -> bytes:
        raise DataRejected("no")

    with pytest.raises(DataRejected, match="no"):
        shared([who, who, refuse, who], 2)


@forks
def test_any_number_of_processes_gives_the_same():
    script = """
for cores in (1, 2, 3, 80):
    print(b"".join(shared([lambda n=n: b"%d\\n" % n for n in range(40)], cores)).split() ==
          [b"%d" % n for n in range(40)], end=" ")
"""
    assert says(script) == "True True True True"


@forks
def test_two_cores_work_at_the_same_time():
    script = """
def hear():
    if os.getpid() == here:
        os.read(woken, 1)  # until the other process speaks
    else:
        os.write(wakes, b".")
    return who()
given = shared([hear, hear], 2)
print(len(set(given)), str(here).encode() in given)
"""
    assert says(script) == "2 True"


@forks
def test_what_a_killed_process_left_undone_is_done_here():
    script = """
def die_elsewhere():
    if os.getpid() == here:
        os.read(woken, 1)  # until the other process has its piece
        os.write(wakes, b".")
        return b"here"
    os.write(wakes, b".")
    os.kill(os.getpid(), signal.SIGKILL)
print(shared([die_elsewhere] * 4, 2) == [b"here"] * 4)
"""
    assert says(script) == "True"


@forks
def test_an_error_met_in_another_process_is_raised_here():
    script = """
def refuse():
    if os.getpid() == here:
        if not told:
            told.append(os.read(woken, 1))
            return b""
    else:
        os.write(wakes, b".")
    raise DataRejected("no")
told = []
try:
    shared([refuse, refuse], 2)
except DataRejected as error:
    print(error.message)
"""
    assert says(script) == "no"


@forks
def test_no_process_is_left_behind():
    script = """
def stop():
    raise KeyboardInterrupt
for piece in (who, stop):
    try:
        shared([piece] * 4, 3)
    except KeyboardInterrupt:
        print("stopped", end=" ")
try:
    os.waitpid(-1, os.WNOHANG)
except ChildProcessError:
    print("none")
"""
    assert says(script) == "stopped none"
