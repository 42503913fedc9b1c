"""Many: the reports of many workspaces, in processes of this machine or on a Dask cluster.

Both are executors, and one loop hands the districts out. A district that fails, fails alone; one
whose worker dies is made again, and its workspace is held while it is made: never half, never
twice at once.
"""

import contextlib
import multiprocessing
import os
import signal
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from concurrent.futures.process import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from nianbao import districts, rollup
from nianbao.accidents import what_happened
from nianbao.catalogue import load_catalogue
from nianbao.checking import FindingRow, Watch
from nianbao.errors import InputMissing, NianbaoError, NotebookFailed, Unavailable
from nianbao.holding import hold
from nianbao.period import Period
from nianbao.runs import Options
from nianbao.terminal import say
from nianbao.workspace import Workspace

ATTEMPTS = 3
"""How often a district is begun before it counts as the one that kills its workers."""

_ALONE = threading.Lock()  # a Dask worker may have several threads; a run takes a whole process
_ANSWERS_WITHIN = "30s"
_SHOWN = 10  # errors of a district that are told one by one


@dataclass(frozen=True, slots=True)
class Job:
    """What is asked for each district; it goes to other processes and other machines."""

    period: Period
    options: Options = field(default_factory=Options)
    keep: int | None = None
    lang: str = "zh"  # of messages
    wanted: rollup.Wanted = field(default_factory=dict)  # what its parent is to be told


@dataclass(frozen=True, slots=True)
class Ended:
    """How one district ended: `published`, `unchanged` or `failed`; `begun` counts its attempts."""

    root: Path
    status: str
    exit_code: int
    message: str = ""
    complete: bool = False
    release: str = ""
    bureau: tuple[str, str] = ("", "")
    findings: Mapping[str, int] = field(default_factory=dict)
    errors: tuple[FindingRow, ...] = ()  # the first of them
    share: rollup.Share | None = None
    begun: int = 1

    def as_record(self) -> dict[str, object]:
        """The same as plain values, for `--json`."""
        return {
            "workspace": str(self.root),
            "bureau": self.bureau[0],
            "status": self.status,
            "exit_code": self.exit_code,
            "message": self.message,
            "complete": self.complete,
            "release": self.release,
            "attempts": self.begun,
            "findings": dict(self.findings),
            "errors": [dict(row) for row in self.errors],
        }


Tell = Callable[[int, int, Ended], None]
"""Called as each district ends: how many have, of how many, and how this one did."""


# --- one district, where it is made ---------------------------------------------------------------


def make(root: Path, job: Job) -> Ended:
    """Make one district's report in this process, and tell how it ended, whatever happens."""
    os.environ["NIANBAO_LANG"] = job.lang  # another machine may speak another language
    workspace, rows = Workspace(root), list[FindingRow]()

    def note(found: Sequence[FindingRow]) -> None:
        rows[:] = found

    try:
        with _ALONE, hold(workspace, f"batch {job.period.name}"):
            from nianbao import rerun  # heavy, and not for the process that only hands out

            watch, share = Watch(findings=note), None
            outcome = rerun.run(workspace, job.period, job.options, watch, job.keep)
            if job.wanted:
                share = rollup.share(workspace, job.period, job.wanted, outcome.release)
    except Exception as error:
        code, told = what_happened(error, workspace, job.period)
        wrong = tuple(row for row in rows if row["severity"] == "error")[:_SHOWN]
        names, codes = _bureau(workspace), _counted(rows)
        return Ended(root, "failed", code, told, bureau=names, findings=codes, errors=wrong)
    return Ended(
        root,
        outcome.status,
        outcome.exit_code,
        complete=outcome.complete,
        release=outcome.release,
        bureau=outcome.bureau,
        findings=_counted(rows),
        share=share,
    )


def _counted(rows: Sequence[FindingRow]) -> dict[str, int]:
    return dict(Counter(sorted(row["code"] for row in rows)))


def _bureau(workspace: Workspace) -> tuple[str, str]:
    """Who would have published; nobody knows where the catalogue is what is wrong."""
    with contextlib.suppress(NianbaoError, OSError):
        bureau = load_catalogue(workspace).office.bureau
        return bureau.zh, bureau.en
    return "", ""


# --- all of them ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Crew:
    """Who works: `lanes` executors, each with `seats` districts at a time.

    An executor of this machine has one process, so that its end says which district it was.
    """

    engage: Callable[[], Executor]
    lanes: int = 1
    seats: int = 1


@dataclass(frozen=True, slots=True)
class Plan:
    """A batch: its districts, who works, where its page goes, and what it is rolled up to."""

    roots: Sequence[Path]
    crew: contextlib.AbstractContextManager["Crew"]
    page: Path
    parent: Workspace | None = None


def batch(plan: Plan, job: Job, tell: Tell) -> tuple[list[Ended], Ended | None]:
    """Make every district's report and their parent's, and write the page of them all.

    How each ended, and how the parent did. Raises CatalogueError where the parent's catalogue is
    wrong, before anything is made.
    """
    wanted = rollup.wanted(load_catalogue(plan.parent), job.period) if plan.parent else {}
    with plan.crew as workers:
        work = partial(make, job=replace(job, wanted=wanted))
        ended = make_all(plan.roots, work, workers, tell)
    parent = _roll_up(plan.parent, job, ended) if plan.parent else None
    lang = job.options.languages[0]

    def row(one: Ended) -> districts.Row:
        name, place, failed = one.bureau[lang == "en"], Workspace(one.root), one.status == "failed"
        wrong = {code: number for code, number in one.findings.items() if code[:2] == "E_"}
        ending = districts.Ending(one.exit_code, failed, wrong)
        return districts.row(place, job.period, plan.page, name, ending)

    above = row(parent) if parent else None
    districts.write_page(plan.page, job.period, list(map(row, ended)), lang, above)
    return ended, parent


def _roll_up(parent: Workspace, job: Job, ended: Sequence[Ended]) -> Ended:
    """Fill the parent's forms in, and make its report; a district that failed is not in them."""
    shares = [one.share for one in ended if one.share]
    try:
        if not shares:
            raise InputMissing(
                say(
                    zh="没有一个区县的报告可以汇总。",
                    en="no district has a report that could be rolled up.",
                )
            )
        with hold(parent, f"batch {job.period.name}"):
            rollup.fill(parent, load_catalogue(parent), job.period, shares)
    except Exception as error:
        code, told = what_happened(error, parent, job.period)
        return Ended(parent.root, "failed", code, told, bureau=_bureau(parent))
    return make(parent.root, job)


def make_all(
    roots: Sequence[Path], work: Callable[[Path], Ended], crew: Crew, tell: Tell
) -> list[Ended]:
    """Do the work for every workspace; how each ended, in their order.

    A worker that dies costs its district another attempt with a new one, and nobody else anything.
    """
    waiting, begun = deque(roots), Counter[Path]()
    found: dict[Path, Ended] = {}
    with _engaged(crew) as lanes:
        free = [lane for lane in range(crew.lanes) for _ in range(crew.seats)]
        running: dict[Future[Ended], tuple[Path, int]] = {}
        while waiting or running:
            while waiting and free:
                root, lane = waiting.popleft(), free.pop()
                begun[root] += 1
                running[_submitted(lanes[lane], work, root)] = (root, lane)
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                root, lane = running.pop(future)
                free.append(lane)
                error = future.exception()
                if isinstance(error, BrokenExecutor):
                    lanes[lane].shutdown(wait=False)
                    lanes[lane] = crew.engage()
                    if begun[root] < ATTEMPTS:
                        waiting.append(root)
                        continue
                ended = future.result() if error is None else _lost(root, error)
                found[root] = replace(ended, begun=begun[root])
                tell(len(found), len(roots), found[root])
    return [found[root] for root in roots]


def _submitted(executor: Executor, work: Callable[[Path], Ended], root: Path) -> "Future[Ended]":
    """The future of a district; of one whose executor takes nothing any more, with the reason."""
    try:
        return executor.submit(work, root)
    except Exception as error:
        refused: Future[Ended] = Future()
        refused.set_exception(error)
        return refused


def _lost(root: Path, error: BaseException) -> Ended:
    """How a district ended whose worker has nothing to tell."""
    told = say(
        zh=f"处理它的进程没有给出结果（{type(error).__name__}：{error}）。原有的发布不受影响；"
        "请检查内存，再单独运行这个工作区。",
        en=f"the process that made it gave no answer ({type(error).__name__}: {error}). What was "
        "published stays; check the memory, then run this workspace by itself.",
    )
    return Ended(root, "failed", NotebookFailed.exit_code, told)


@contextlib.contextmanager
def _engaged(crew: Crew) -> Iterator[list[Executor]]:
    """The executors while they are needed; where the batch is stopped, its processes are ended."""
    lanes = [crew.engage() for _ in range(crew.lanes)]
    try:
        yield lanes
    except BaseException:
        for lane in lanes:
            lane.shutdown(wait=False, cancel_futures=True)
        for process in multiprocessing.active_children():
            process.terminate()
        raise
    for lane in lanes:
        lane.shutdown()


# --- who works ------------------------------------------------------------------------------------


@contextlib.contextmanager
def processes(workers: int | None, number: int) -> Iterator[Crew]:
    """Processes of this machine, one a core unless it is said how many; no more than districts."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    yield Crew(_process, min(workers or cores or 1, number))


def _process() -> Executor:
    """One new process, which imports what a report needs once, for all its districts."""
    clean = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(1, mp_context=clean, initializer=_begin)


def _begin() -> None:
    """Begin as a worker: the signals of a terminal are for the parent, and its end is the end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if parent := multiprocessing.parent_process():
        threading.Thread(target=_end_with, args=(parent.join,), daemon=True).start()


def _end_with(another: Callable[[], None]) -> None:
    another()
    os._exit(1)


@contextlib.contextmanager
def cluster(address: str, tls: Mapping[str, str], number: int) -> Iterator[Crew]:
    """The workers of a Dask scheduler, which makes again by itself what a dead one had begun.

    `tls` has the files `tls_ca_file`, `tls_client_cert` and `tls_client_key`, or nothing. Raises
    Unavailable where there is no Dask here, or nobody answers.
    """
    try:
        from distributed import Client, Security
    except ImportError as error:
        raise Unavailable(
            say(
                zh="--scheduler 需要 Dask：pip install 'dask[distributed]'，版本与集群相同。",
                en="--scheduler needs Dask: pip install 'dask[distributed]', the version of the "
                "cluster.",
            )
        ) from error
    security = Security(require_encryption=True, **tls) if tls else None
    try:
        client = Client(address, security=security, timeout=_ANSWERS_WITHIN)
    except (OSError, ValueError) as error:
        raise Unavailable(
            say(
                zh=f"{address} 没有 Dask 调度器应答（{error}）。请先启动 dask scheduler 和 "
                "dask worker，并检查地址和证书。",
                en=f"no Dask scheduler answers at {address} ({error}). Start `dask scheduler` and "
                "`dask worker` first, and check address and certificates.",
            )
        ) from error
    with client:
        yield Crew(partial(client.get_executor, pure=False), seats=number)
