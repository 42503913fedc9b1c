"""What stands in a draft's text where a figure is or belongs, and which figure it is taken for."""

from dataclasses import dataclass
from decimal import Decimal

from nianbao.numerals import Qualifier

NO_FIGURES = ("name", "date", "ordinal", "code")
ROLES = (
    "level", "previous", "numerator", "denominator", "change_percent", "change_points",
    "change_count", "times", "target", "gap", "attainment", "required", "pace", "rank", "apart",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mark:
    """A blank or a numeral at code points `start` to `end`, without 余, 近, 约 and its unit.

    `kind` is `blank`, `number` or one of NO_FIGURES; `scale` the power of ten of a 万 or 亿 in it;
    `direction` and `basis` the words of change beside it.
    """

    paragraph: int
    start: int
    end: int
    text: str
    kind: str
    value: Decimal | None = None
    qualifier: Qualifier = "="
    unit: str = ""
    style: str = "arabic"  # fullwidth, chinese
    direction: str = ""
    basis: str = ""
    decimals: int | None = None
    scale: int = 0


@dataclass(frozen=True, slots=True)
class Match:
    """A mark and the figure it stands for; without an indicator none was made, and `reason` why."""

    mark: Mark
    indicator: str = ""
    period: str = ""
    place: str = ""
    role: str = ""
    score: float = 0.0
    reason: str = ""
    candidates: tuple[tuple[str, float], ...] = ()
