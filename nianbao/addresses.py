"""Where a table is being read: its file, sheet and head, and findings that carry that address."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from nianbao.catalogue import Catalogue, Table
from nianbao.facts import Decision
from nianbao.findings import Finding, lighter
from nianbao.period import Period
from nianbao.places import PlaceNames
from nianbao.recognise import Head

MOST_SAID = 1000  # findings of one code in one table; the rest are one, with their number


@dataclass(frozen=True, slots=True)
class Where:
    """Everything that is the same for all rows of one table on one sheet."""

    catalogue: Catalogue
    period: Period
    file: str
    sheet: str
    names: PlaceNames
    decisions: Mapping[str, Decision]  # by cell
    head: Head
    years: frozenset[int] = frozenset()  # of the report: only they give facts in a table of years

    @property
    def wanted(self) -> bool:
        """Whether its numbers belong to the report's years."""
        return not self.table.yearly or self.period.year in self.years

    def in_year(self, year: int) -> "Where":
        """The same place of a table of years, as far as one of its years goes."""
        period = Period(year)
        return replace(self, period=period, names=PlaceNames.of(self.catalogue, period))

    @property
    def table(self) -> Table:
        """The catalogue's table."""
        return self.head.table

    def finding(
        self, code: str, cell: str = "", *, place: str = "", item: str = "", **words: str
    ) -> Finding:
        """Something found on this sheet; `words` fill its message.

        In a year that the report does not use, trouble is a warning.
        """
        finding = Finding(
            code,
            period=self.period.name,
            place=place,
            form=self.head.form,
            item=item,
            file=self.file,
            sheet=self.sheet,
            cell=cell,
            table=self.head.table_id,
            words=words,
        )
        return finding if self.wanted else lighter(finding)


class Folded:
    """Findings of one table in the order of its rows: very many of a code become a span."""

    def __init__(self) -> None:
        self._said: list[Finding] = []
        self._many: Counter[str] = Counter()
        self._rest: dict[str, tuple[Finding, str]] = {}  # the first that is not said, the last cell

    def add(self, finding: Finding) -> None:
        """Say one more, or count it."""
        self._many[finding.code] += 1
        if self._many[finding.code] <= MOST_SAID:
            self._said.append(finding)
        else:
            first, _ = self._rest.get(finding.code, (finding, ""))
            self._rest[finding.code] = first, finding.cell

    def skip(self, code: str, last: str, more: int) -> None:
        """Count some more, up to the cell `last`, like one that was added too many."""
        self._many[code] += more
        self._rest[code] = self._rest[code][0], last

    def all(self) -> list[Finding]:
        """What is to be said."""
        rest = [
            replace(first, cell=f"{first.cell}:{last} ({self._many[code] - MOST_SAID})")
            for code, (first, last) in self._rest.items()
        ]
        return [*self._said, *rest]
