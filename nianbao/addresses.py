"""Where a table is being read: its file, sheet and head, and findings that carry that address."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from nianbao.catalogue import Catalogue, Table
from nianbao.facts import Decision
from nianbao.findings import Finding, lighter
from nianbao.period import Period
from nianbao.places import PlaceNames
from nianbao.recognise import Head


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
