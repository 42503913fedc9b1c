"""Everything that can stop a run: one family of errors, each with its exit code."""


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


class OutputsNotWritable(NianbaoError):
    """The workspace cannot be written (exit 73)."""

    exit_code = 73


class WorkspaceBusy(NianbaoError):
    """Another run holds the workspace (exit 75)."""

    exit_code = 75


class CatalogueError(NianbaoError):
    """Catalogue, targets or wording are wrong; the text gives file, line and column (exit 78)."""

    exit_code = 78
