"""Where things lie: the folders of a workspace and of the project it borrows from."""

from dataclasses import dataclass
from pathlib import Path

from nianbao.period import Period

PROJECT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Workspace:
    """A folder with `data/` and `outputs/`, and perhaps a `catalogue/` or `wording/` of its own."""

    root: Path

    @property
    def raw(self) -> Path:
        """The workbooks as received; read only."""
        return self.root / "data" / "raw"

    @property
    def corrections(self) -> Path:
        """The office's recorded decisions."""
        return self.root / "data" / "corrections.csv"

    @property
    def outputs(self) -> Path:
        """What readers open."""
        return self.root / "outputs"

    def processed(self, period: Period) -> Path:
        """The rebuilt tables of one report."""
        return self.root / "data" / "processed" / period.name

    def quarantine(self, period: Period) -> Path:
        """Rejected files of one report, each with its reason."""
        return self.root / "data" / "quarantine" / period.name

    def catalogue_file(self, name: str) -> Path:
        """One file of the catalogue: the workspace's own where it has one, else the project's."""
        own = self.root / "catalogue" / name
        return own if own.exists() else PROJECT / "catalogue" / name

    def catalogue_folder(self, name: str) -> Path:
        """`forms` or `targets`: replaced as whole folders."""
        own = self.root / "catalogue" / name
        return own if own.is_dir() else PROJECT / "catalogue" / name

    def wording_folders(self) -> tuple[Path, ...]:
        """Where sentences are looked for, the workspace's own first."""
        own = self.root / "wording"
        theirs = PROJECT / "wording"
        return (own, theirs) if own.is_dir() and own != theirs else (theirs,)

    def notebook(self, name: str) -> Path:
        """One of the three notebooks: always the project's."""
        return PROJECT / "notebooks" / f"{name}.ipynb"

    def shown(self, path: Path) -> str:
        """A path as a message and a table show it: from the workspace's root, with `/`."""
        return path.relative_to(self.root).as_posix()
