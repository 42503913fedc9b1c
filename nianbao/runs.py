"""What a run is asked for beside its period, and how it ends."""

from dataclasses import dataclass, field
from pathlib import Path

from nianbao.engine import Limits
from nianbao.period import Period


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line decides beside the period.

    `date` is YYYY-MM-DD or ""; `lang` names one language or several, the report's own first.
    """

    lang: str = "zh"
    date: str = ""
    allow_partial: bool = False
    force: bool = False
    limits: Limits = field(default_factory=Limits)

    def parameters(self, period: Period) -> dict[str, str | bool]:
        """What of it decides the bytes of a report, as its notebooks take it."""
        return {
            "period": period.name,
            "lang": self.lang,
            "date": self.date,
            "allow_partial": self.allow_partial,
        }

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages, that of `report.html` first."""
        return tuple(self.lang.split(","))

    def named(self, stem: str, lang: str, ending: str = "") -> str:
        """A file's name: report.html in the first language, report.en.html in another."""
        return f"{stem}{ending}" if lang == self.languages[0] else f"{stem}.{lang}{ending}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended: `published` or `unchanged`."""

    status: str
    complete: bool
    release: str = ""
    files: tuple[Path, ...] = ()
    bureau: tuple[str, str] = ("", "")  # its Chinese and its English name

    @property
    def exit_code(self) -> int:
        """0 where every expected file was accepted, else 3."""
        return 0 if self.complete else 3


def files_in(place: Path) -> tuple[Path, ...]:
    """The files of a release in the order of their paths."""
    return tuple(path for path in sorted(place.rglob("*")) if path.is_file())
