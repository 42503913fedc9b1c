"""Accidents: whatever stopped a run, as its exit code and one line that a user can act on."""

import traceback

from nianbao.errors import OF_THE_DISK, NianbaoError
from nianbao.period import Period
from nianbao.terminal import printable, say, typed
from nianbao.workspace import Workspace

_INTERNAL, _IO = 70, 74


def what_happened(error: Exception, workspace: Workspace, period: Period | None) -> tuple[int, str]:
    """The exit code and the line; what nobody expected goes to the run's log with its traceback."""
    if isinstance(error, NianbaoError):
        return error.exit_code, error.message
    if isinstance(error, OSError) and error.errno in OF_THE_DISK:
        return _IO, _broken(error, workspace)
    return _INTERNAL, _unexpected(error, workspace, period)


def _broken(error: OSError, workspace: Workspace) -> str:
    where = printable(str(error.filename or workspace.root))
    return say(
        zh=f"读写 {where} 出错：{error.strerror}。已发布的报告仍然完整；"
        "请腾出空间或检查磁盘后重新运行。",
        en=f"reading or writing {where} failed: {error.strerror}. What is published is "
        "whole; make room or check the disk, then run again.",
    )


def _unexpected(error: Exception, workspace: Workspace, period: Period | None) -> str:
    folder = workspace.processed(period) if period else workspace.outputs
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
        f"详情见 {typed(path)}，请连同它一起报告。",
        en=f"internal error ({what}); what is published is whole. "
        f"Details are in {typed(path)}; please report it with that file.",
    )
