"""The screen: a bar on a terminal, plain lines elsewhere, and the findings."""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TextIO

from nianbao.terminal import printable, say

_STEPS = {"01_clean": 4, "02_indicators": 2, "03_report": 5, "page": 1, "publish": 0.2}
"""The steps of a run, with their rough share of its time."""


@dataclass(slots=True)
class Screen:
    """What a user sees on stderr while a run goes on; `codes` counts the findings it was shown."""

    quiet: bool
    verbose: bool
    stream: TextIO = field(default_factory=lambda: sys.stderr)
    codes: Counter[str] = field(default_factory=Counter)
    _bar: Any = None
    _task: Any = None
    _label: str = ""

    def __enter__(self) -> "Screen":
        if self.stream.isatty() and not self.quiet:
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                TimeElapsedColumn(),
                console=Console(file=self.stream),
                transient=True,
            )
            self._task = self._bar.add_task("", total=1.0)
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def progress(self, step: str, share: float) -> None:
        """Show how far a step has come."""
        names, sizes = _step_names(), list(_STEPS.values())
        number = list(_STEPS).index(step)
        label = f"[{number + 1}/{len(_STEPS)}] {names[step]}"
        if self._bar is not None:
            done = sum(sizes[:number]) + sizes[number] * share
            description = label.replace("[", r"\[")
            self._bar.update(self._task, description=description, completed=done / sum(sizes))
        elif label != self._label and not self.quiet:
            print(label, file=self.stream, flush=True)
        self._label = label

    def district(
        self,
        done: int,
        of: int,
        name: str,
        code: int,
        message: str,
        errors: Sequence[Mapping[str, str]],
    ) -> None:
        """Show how far a batch has come: the district that has ended, and why if it failed."""
        label = f"[{done}/{of}] {printable(name)}"
        if self._bar is not None:
            self._bar.update(self._task, description=label.replace("[", r"\["), completed=done / of)
        if message:
            for row in errors:
                self._line(f"{label}: {_finding(row)}")
            self._line(f"{label}: exit {code}: {printable(message)}")
        elif self._bar is None and not self.quiet:
            self._line(label)

    def findings(self, rows: Sequence[Mapping[str, str]]) -> None:
        """List errors one by one, and warnings by code; --verbose lists them all."""
        self.codes = Counter(sorted(row["code"] for row in rows))
        listed = ("error", "warning", "info") if self.verbose else ("error",)
        for severity in listed:
            for row in rows:
                if row["severity"] == severity:
                    self._line(_finding(row))
        warned = Counter(row["code"] for row in rows if row["severity"] == "warning")
        if warned and not self.verbose and not self.quiet:
            counted = ", ".join(f"{code} {number}" for code, number in sorted(warned.items()))
            self._line(
                say(
                    zh=f"提醒 {warned.total()} 条：{counted}（--verbose 逐条列出）",
                    en=f"{warned.total()} warnings: {counted} (--verbose lists them)",
                )
            )

    def settled(self, status: str, period: str, complete: bool) -> None:
        """Say in one line how it ended."""
        if self.quiet:
            return
        words = {
            "published": say(zh="已发布", en="published"),
            "unchanged": say(zh="没有变化，未重新发布", en="unchanged; what is published stays"),
            "checked": say(zh="已检查", en="checked")
            + ("" if not complete else say(zh="，没有错误", en="; no errors")),
            "made": say(zh="空白表已生成", en="blank workbooks made"),
            "standing": say(zh="空白表都已在，没有变化", en="blank workbooks stand as they were"),
        }
        partial = "" if complete else say(zh="（不完整：PARTIAL）", en=" (PARTIAL)")
        self._line(f"{period}: {words[status]}{partial}")

    def _line(self, text: str) -> None:
        if self._bar is not None:
            from rich.text import Text

            self._bar.console.print(Text(text), soft_wrap=True)
        else:
            print(text, file=self.stream, flush=True)


def _step_names() -> dict[str, str]:
    return {
        "01_clean": say(zh="01_clean　读取并清理原始报表", en="01_clean: read the raw workbooks"),
        "02_indicators": say(zh="02_indicators　计算指标", en="02_indicators: compute"),
        "03_report": say(zh="03_report　成文制图", en="03_report: write and draw"),
        "page": say(zh="排版", en="make the page"),
        "publish": say(zh="发布", en="publish"),
    }


def _finding(row: Mapping[str, str]) -> str:
    """`error E_PARSE data/raw/2023Q4/W7.xls › 调解 › F9: message`."""
    place = " › ".join(printable(row[name]) for name in ("file", "sheet", "cell") if row[name])
    head, message = f"{row['severity']} {row['code']}", printable(row["message"])
    return f"{head} {place}: {message}" if place else f"{head}: {message}"
