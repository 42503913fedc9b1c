"""Where a table is being read: its file, sheet and head, and findings that carry that address."""

from collections.abc import Mapping
from dataclasses import dataclass

from nianbao.catalogue import Catalogue, Table
from nianbao.facts import Decision
from nianbao.findings import Finding
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

    @property
    def table(self) -> Table:
        """The catalogue's table."""
        return self.head.table

    def finding(
        self, code: str, cell: str = "", *, place: str = "", item: str = "", **words: str
    ) -> Finding:
        """Something found on this sheet; `words` fill its message."""
        return Finding(
            code,
            period=self.period.name,
            place=place,
            form=self.head.form,
            item=item,
            file=self.file,
            sheet=self.sheet,
            cell=cell,
            words=words,
        )
