"""Everything that can stop a run: one family of errors, each with its exit code."""

import errno

from nianbao.terminal import printable, say

# What is the disk's fault, not ours: a run that meets it ends with 74, in a notebook too.
OF_THE_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})


class NianbaoError(Exception):
    """An error a user can act on; its text is shown as it stands, without a traceback."""

    exit_code = 70

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class UsageError(NianbaoError):
    """The command line asks for something that does not exist (exit 2)."""

    exit_code = 2


class DataRejected(NianbaoError):
    """Raw data are wrong; nothing was published (exit 65)."""

    exit_code = 65


class InputMissing(NianbaoError):
    """A workbook or a row that was expected is not there (exit 66)."""

    exit_code = 66


class NotebookFailed(NianbaoError):
    """A notebook failed, hung or left early (exit 70)."""

    exit_code = 70


class CannotStart(NianbaoError):
    """A process of our own cannot be started (exit 70); `zh` and `en` say what it is for."""

    def __init__(self, why: str, *, zh: str, en: str) -> None:
        why = printable(why)
        super().__init__(
            say(
                zh=f"无法启动{zh}的进程（{why}）。请检查内存和进程数限制后重新运行。",
                en=f"the process that {en} cannot be started ({why}). Check the limits on memory "
                "and processes, then run again.",
            )
        )


class OutputsNotWritable(NianbaoError):
    """The workspace cannot be written (exit 73)."""

    exit_code = 73


class WorkspaceBusy(NianbaoError):
    """Another run holds the workspace (exit 75)."""

    exit_code = 75


class CatalogueError(NianbaoError):
    """Catalogue, targets or wording are wrong; the text gives file, line and column (exit 78)."""

    exit_code = 78
