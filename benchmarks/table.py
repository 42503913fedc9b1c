"""The table: medians, ranges and ratios of what was measured, as lines of text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.measure import Run

_MEGABYTE = 1_000_000
_NONE = "–"


@dataclass(frozen=True, slots=True)
class Spread:
    """The middle, the lowest and the highest of some measurements."""

    middle: float
    low: float
    high: float


def spread(measured: Sequence[float]) -> Spread:
    """Sum measurements up; there is at least one."""
    return Spread(median(measured), min(measured), max(measured))


def ratio(over: Sequence[float], under: Sequence[float]) -> Spread:
    """How many times `under` goes into `over`: of the medians, and lowest and highest of a round.

    Both have the measurements of the same rounds, in the same order.
    """
    rounds = [a / b for a, b in zip(over, under, strict=True)]
    return Spread(median(over) / median(under), min(rounds), max(rounds))


def rows(runs: Mapping[str, Sequence[Run]], together: Mapping[str, int]) -> list[str]:
    """One line a contestant: seconds, CPU seconds, megabytes of its largest process and of all."""
    heading = ("", "median s", "min", "max", "CPU s", "largest MB", "all MB")
    lines = [_line(heading)]
    for name, its in runs.items():
        seconds = spread([one.seconds for one in its])
        cpu = [one.cpu for one in its if one.cpu is not None]
        largest = [one.largest for one in its if one.largest is not None]
        lines.append(
            _line(
                (
                    name,
                    *(f"{part:.2f}" for part in (seconds.middle, seconds.low, seconds.high)),
                    f"{median(cpu):.2f}" if cpu else _NONE,
                    _megabytes(max(largest, default=0)),
                    _megabytes(together.get(name, 0)),
                )
            )
        )
    return lines


def ratio_row(words: str, over: Sequence[Run], under: Sequence[Run]) -> str:
    """One line for how many times longer: on the wall, its range over the rounds, and in CPU.

    Where others use the machine too, the CPU seconds suffer least from it.
    """
    wall = ratio([one.seconds for one in over], [one.seconds for one in under])
    line = f"{words:<44}{wall.middle:6.2f}   ({wall.low:.2f} to {wall.high:.2f})"
    over_cpu, under_cpu = ([one.cpu for one in runs if one.cpu] for runs in (over, under))
    if over_cpu and under_cpu:
        line += f"   in CPU {median(over_cpu) / median(under_cpu):.2f}"
    return line


def _line(cells: Sequence[str]) -> str:
    name, *numbers = cells
    return f"{name:<29}" + "".join(f"{number:>11}" for number in numbers)


def _megabytes(held: int) -> str:
    return f"{held / _MEGABYTE:.0f}" if held else _NONE
