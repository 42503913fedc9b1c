"""The door: one command line in, one exit code out, whatever happens in between."""

import contextlib
import json
import logging
import os
import shutil
import signal
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from nianbao.accidents import what_happened
from nianbao.arguments import Asked, parse
from nianbao.errors import UsageError
from nianbao.screen import Screen
from nianbao.terminal import printable, say, terminal_language, typed

if TYPE_CHECKING:
    from nianbao.runs import Options

_NOT_READ = 141  # 128 and the signal's number, as a shell says it
_PATIENCE = 3.0  # seconds for a run to tidy up after a signal


class Stopped(KeyboardInterrupt):
    """A signal asked the run to end; a KeyboardInterrupt, so that no event loop swallows it."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_code = 128 + number


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks, and give the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    logging.getLogger().addHandler(logging.NullHandler())  # the log is a file, never the terminal
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        asked = parse(words)
    except UsageError as error:
        _tell(error.message)
        return error.exit_code
    except SystemExit as left:  # --help and --version
        return int(left.code or 0)
    screen = Screen(quiet=asked.quiet, verbose=_lists_all(asked))
    with _signals():
        try:
            code, told = _VERBS[asked.verb](asked, screen)
        except Stopped as stop:
            code, told = stop.exit_code, say(zh="已停止。", en="stopped.")
        except BrokenPipeError:  # as under `| head`: whoever asked has read enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return _NOT_READ
        except Exception as error:
            code, told = what_happened(error, asked.workspace, asked.given)
    if told:
        _tell(told)
        if asked.json:
            _answer(asked, screen, status="failed", exit_code=code, message=told)
    return code


def _lists_all(asked: Asked) -> bool:
    """Whether findings are listed one by one: `check` is asked for them, a run is not."""
    return asked.verbose or (asked.verb == "check" and not asked.quiet)


def _do(asked: Asked, screen: Screen) -> tuple[int, str]:
    """Make a report, and print the files that it is published in."""
    from nianbao.holding import hold  # before the rest: a second run is turned away at once

    with screen, hold(asked.workspace, f"run {asked.period.name}"):
        from nianbao import checking, rerun

        watch = checking.Watch(screen.progress, screen.findings)
        outcome = rerun.run(asked.workspace, asked.period, _options(asked), watch, asked.keep)
    screen.settled(outcome.status, asked.period.name, outcome.complete)
    if asked.json:
        _answer(
            asked,
            screen,
            status=outcome.status,
            exit_code=outcome.exit_code,
            release=outcome.release,
            complete=outcome.complete,
            files=[typed(path) for path in outcome.files],
        )
    else:
        for path in outcome.files:
            print(typed(path))
    return outcome.exit_code, ""


def _options(asked: Asked) -> "Options":
    from nianbao import engine, runs

    limits = engine.Limits(cell=asked.cell_timeout or engine.Limits().cell)
    return runs.Options(asked.lang, asked.date, asked.allow_partial, asked.force, limits)


def _check(asked: Asked, screen: Screen) -> tuple[int, str]:
    """Check the raw workbooks, and print a summary."""
    from nianbao.holding import hold  # before the rest: a second run is turned away at once

    with screen, hold(asked.workspace, f"check {asked.period.name}"):
        from nianbao import checking

        watch = checking.Watch(screen.progress, screen.findings)
        checked = checking.check(
            asked.workspace,
            asked.period,
            asked.lang.split(",")[0],
            watch,
            allow_partial=asked.allow_partial,
        )
    if checked.refusal is None:
        screen.settled("checked", asked.period.name, checked.complete)
        ending = {"status": "checked", "exit_code": checked.exit_code}
    else:
        _tell(checked.refusal.message)
        ending = {"status": "failed", "exit_code": checked.exit_code}
        ending |= {"message": checked.refusal.message}
    if asked.json:
        _answer(asked, screen, **ending, **checked.as_record())
    elif not asked.quiet:
        from nianbao.summary import summary

        shown = {"findings": typed(checked.findings_file)}
        shown |= {"quarantine": typed(checked.quarantine) if checked.quarantine else ""}
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
        for line in summary(checked, shown, width):
            print(line)
    return checked.exit_code, ""


def _explain(asked: Asked, screen: Screen) -> tuple[int, str]:
    """Print where one figure comes from; wrong data do not stop a question."""
    with screen:
        from nianbao.earlier import published_values
        from nianbao.explain import explain

        screen.progress("01_clean", 0)
        lang, published = terminal_language(), published_values(asked.workspace, asked.period)
        told = explain(asked.workspace, asked.period, asked.indicator, asked.place, lang, published)
    if asked.json:
        screen.codes.update(row["code"] for row in told.told.touched)
        _answer(asked, screen, status="explained", exit_code=0, **told.as_record())
    else:
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
        for line in told.lines(width):
            print(line)
    if (errors := told.errors) and not asked.quiet:
        _tell(
            say(
                zh=f"本期原始数据有 {errors} 条错误；全部问题见 pipeline.py check。",
                en=f"the raw data of this period have {errors} errors; "
                "pipeline.py check lists all findings.",
            )
        )
    return 0, ""


def _forms(asked: Asked, screen: Screen) -> tuple[int, str]:
    """Make the blank workbooks, and print where they are."""
    with screen:
        from nianbao.forms import make_forms

        made = make_forms(asked.workspace, asked.period, asked.to)
    status = "made" if made.new else "standing"
    screen.settled(status, asked.period.name, complete=True)
    files = [typed(path) for path in made.files]
    if asked.json:
        _answer(asked, screen, status=status, exit_code=0, files=files)
    else:
        for path in files:
            print(path)
    return 0, ""


def _draft(asked: Asked, screen: Screen) -> tuple[int, str]:
    """Fill or proof a draft; print what was written, then what needs a person."""
    if asked.draft is None:
        raise UsageError(say(zh="请写明文稿", en="say which draft"))
    with screen:
        from nianbao.drafts.filling import fill
        from nianbao.drafts.placing import beside
        from nianbao.drafts.proofing import proof

        screen.progress("01_clean", 0)
        do = fill if asked.verb == "fill" else proof
        lang, former = asked.lang.split(",")[0], beside(asked.draft)
        done = do(asked.workspace, asked.period, asked.draft, lang, asked.mapping)
    for kept in sorted(beside(asked.draft) - former - set(done.files)):
        _tell(
            say(
                zh=f"原有的同名文件可能有人改过，改名留存：{printable(typed(kept))}",
                en=f"a file of that name that may be somebody's is kept: {printable(typed(kept))}",
            )
        )
    files = [typed(path) for path in done.files]
    if asked.json:
        status = {"fill": "filled", "proof": "proved"}[asked.verb]
        ending = {"status": status, "exit_code": done.exit_code, "files": files}
        _answer(asked, screen, **ending, **done.as_record())
    else:
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
        for line in (*files, *done.lines(width)):
            print(line)
    return done.exit_code, ""


def _verify(asked: Asked, screen: Screen) -> tuple[int, str]:
    """Print each release that was looked at, and each of its files that is not as it was."""
    from nianbao.holding import hold  # before the rest: a second run is turned away at once

    holding = hold(asked.workspace, "verify") if asked.rerun else contextlib.nullcontext()
    with screen, holding:
        from nianbao import checking, verifying

        watch = checking.Watch(screen.progress)
        verified = verifying.verify(asked.workspace, asked.given, watch, rerun=asked.rerun)
    code = verifying.exit_code(verified)
    if asked.json:
        releases = [one.as_record() for one in verified]
        status = "different" if code else "verified"
        _answer(asked, screen, status=status, exit_code=code, releases=releases)
    else:
        for line in verifying.lines(verified, rerun=asked.rerun):
            print(line)
    return code, ""


def _batch(asked: Asked, screen: Screen) -> tuple[int, str]:
    """Make the reports of many workspaces, and print the page of them all and each report."""
    from nianbao import batch

    many = asked.many
    roots = [district.root for district in many.districts]
    job = batch.Job(asked.period, _options(asked), asked.keep, terminal_language())
    if many.scheduler:
        crew = batch.cluster(many.scheduler, many.tls, len(roots))
    else:
        crew = batch.processes(many.workers, len(roots))

    def tell(done: int, of: int, one: batch.Ended) -> None:
        screen.district(done, of, typed(one.root), one.exit_code, one.message, one.errors)

    with screen:
        plan = batch.Plan(roots, crew, many.page, many.roll_up)
        ended, parent = batch.batch(plan, job, tell)
        if parent and parent.message:
            tell(len(ended), len(ended), parent)
    every = [*ended, parent] if parent else ended
    code = 3 if any(one.exit_code for one in every) else 0
    if asked.json:
        _answer(
            asked,
            screen,
            status="done" if not code else "incomplete",
            exit_code=code,
            page=typed(many.page),
            retries=sum(one.begun - 1 for one in ended),
            workspaces=[one.as_record() for one in ended],
            roll_up=parent.as_record() if parent else None,
        )
        return code, ""
    print(typed(many.page))
    for one in every:
        if one.status != "failed":
            print(typed(one.root / "outputs" / asked.period.name / "report.html"))
    return code, ""


_VERBS = {
    "run": _do,
    "check": _check,
    "explain": _explain,
    "forms": _forms,
    "fill": _draft,
    "proof": _draft,
    "verify": _verify,
    "batch": _batch,
}


def _answer(asked: Asked, screen: Screen, **content: Any) -> None:
    answer = {
        "period": asked.given.name if asked.given else "",
        **content,
        "findings": dict(screen.codes),
    }
    print(json.dumps(answer, ensure_ascii=False))


def _tell(text: str) -> None:
    try:
        print(f"nianbao: {text}", file=sys.stderr, flush=True)
    except OSError:  # a full disk behind `2> file`; the exit code still says how it ended
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


# --- signals and accidents ------------------------------------------------------------------------


@contextlib.contextmanager
def _signals() -> Iterator[None]:
    """Turn SIGINT and SIGTERM into Stopped, once; a second one must not spoil the tidying up.

    Raised inside somebody's callback it may be swallowed, so it is raised again every few seconds
    until the run has ended; tidying up takes far less.
    """
    former: dict[signal.Signals, Any] = {}
    alarm: list[Any] = []

    def stop(number: int, _frame: object) -> None:
        for each in former:
            signal.signal(each, signal.SIG_IGN)
        if hasattr(signal, "setitimer"):
            alarm.append(signal.signal(signal.SIGALRM, lambda *_: _stop_again(number)))
            signal.setitimer(signal.ITIMER_REAL, _PATIENCE, _PATIENCE)
        raise Stopped(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
            former[number] = signal.signal(number, stop)
    try:
        yield
    finally:
        if alarm:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, alarm[0])
        for number, handler in former.items():
            signal.signal(number, handler)


def _stop_again(number: int) -> None:
    raise Stopped(number)
