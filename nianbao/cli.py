"""The door: one command line in, one exit code out, whatever happens in between."""

import contextlib
import json
import logging
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from nianbao.arguments import Asked, parse
from nianbao.errors import OF_THE_DISK, NianbaoError, UsageError
from nianbao.screen import Screen
from nianbao.terminal import printable, say, terminal_language

_INTERNAL, _IO = 70, 74
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
        except NianbaoError as error:
            code, told = error.exit_code, error.message
        except BrokenPipeError:  # as under `| head`: whoever asked has read enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return _NOT_READ
        except OSError as error:
            code, told = _broken(asked, error)
        except Exception as error:
            code, told = _INTERNAL, _unexpected(asked, error)
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
        from nianbao import checking, engine, rerun, runs

        limits = engine.Limits(cell=asked.cell_timeout or engine.Limits().cell)
        options = runs.Options(asked.lang, asked.date, asked.allow_partial, asked.force, limits)
        watch = checking.Watch(screen.progress, screen.findings)
        outcome = rerun.run(asked.workspace, asked.period, options, watch, asked.keep)
    screen.settled(outcome.status, asked.period.name, outcome.complete)
    if asked.json:
        _answer(
            asked,
            screen,
            status=outcome.status,
            exit_code=outcome.exit_code,
            release=outcome.release,
            complete=outcome.complete,
            files=[_shown(path) for path in outcome.files],
        )
    else:
        for path in outcome.files:
            print(_shown(path))
    return outcome.exit_code, ""


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

        shown = {"findings": _shown(checked.findings_file)}
        shown |= {"quarantine": _shown(checked.quarantine) if checked.quarantine else ""}
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
    files = [_shown(path) for path in made.files]
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
                zh=f"原有的同名文件可能有人改过，改名留存：{printable(_shown(kept))}",
                en=f"a file of that name that may be somebody's is kept: {printable(_shown(kept))}",
            )
        )
    files = [_shown(path) for path in done.files]
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


_VERBS = {
    "run": _do,
    "check": _check,
    "explain": _explain,
    "forms": _forms,
    "fill": _draft,
    "proof": _draft,
    "verify": _verify,
}


def _answer(asked: Asked, screen: Screen, **content: Any) -> None:
    answer = {
        "period": asked.given.name if asked.given else "",
        **content,
        "findings": dict(screen.codes),
    }
    print(json.dumps(answer, ensure_ascii=False))


def _shown(path: Path) -> str:
    """A path as it can be typed here: short where it lies below this folder."""
    with contextlib.suppress(ValueError, OSError):
        return str(path.relative_to(Path.cwd()))
    return str(path)


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


def _broken(asked: Asked, error: OSError) -> tuple[int, str]:
    if error.errno not in OF_THE_DISK:
        return _INTERNAL, _unexpected(asked, error)
    where = printable(str(error.filename or asked.workspace.root))
    return _IO, say(
        zh=f"读写 {where} 出错：{error.strerror}。已发布的报告仍然完整；"
        "请腾出空间或检查磁盘后重新运行。",
        en=f"reading or writing {where} failed: {error.strerror}. What is published is "
        "whole; make room or check the disk, then run again.",
    )


def _unexpected(asked: Asked, error: Exception) -> str:
    """One line for the user; the traceback goes to the end of the run's log."""
    folder = asked.workspace.processed(asked.period) if asked.given else asked.workspace.outputs
    path = folder / "run.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as log:
            log.writelines(traceback.format_exception(error))
    except OSError:
        pass  # the line below still says what happened
    what = printable(f"{type(error).__name__}: {error}")
    return say(
        zh=f"程序内部出错（{what}），已发布的报告仍然完整。"
        f"详情见 {_shown(path)}，请连同它一起报告。",
        en=f"internal error ({what}); what is published is whole. "
        f"Details are in {_shown(path)}; please report it with that file.",
    )
