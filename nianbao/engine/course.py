"""The course of one notebook: how far it has come, and the words for how it failed."""

import logging
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nianbao import errors
from nianbao.errors import NianbaoError, NotebookFailed
from nianbao.terminal import printable, say

Parameters = Mapping[str, str | bool]
Progress = Callable[[str, int, int], None]
"""Called before each cell with the notebook's name, the cells done, and their number."""

COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_OS_ERROR = re.compile(r"\[Errno (\d+)\] [^:]*(?:: '(.*)')?")  # as Python words one
LOG = logging.getLogger("nianbao.engine")
_LONGEST_CAUSE = 300  # characters of somebody else's error on one line; the log has all of it


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds to wait for a start and for one cell; bytes that one cell may print."""

    start: int = 60
    cell: int = 900
    printed: int = 10_000_000


@dataclass(slots=True)
class Course:
    """How far a notebook has come; whoever runs it writes it down here."""

    notebook: Path
    positions: Mapping[str, int]
    sources: Mapping[str, str]
    progress: Progress | None
    limits: Limits
    current: str = ""
    left: str = ""
    process: int = 0

    def cell_starts(self, cell: Any, cell_index: int) -> None:
        """A cell begins; the signature is that of papermill's hook."""
        self.current = cell.get("id", "")
        if self.progress:
            done = self.positions.get(self.current, cell_index + 1) - 1
            self.progress(self.notebook.stem, done, len(self.positions))

    def refuse_flood(self, outputs: list[Any]) -> None:
        """Raise NotebookFailed where a cell printed more than it may."""
        printed = (one["text"] for one in outputs if one["output_type"] == "stream")
        if sum(len(text.encode(errors="replace")) for text in printed) > self.limits.printed:
            raise self.flooded()

    def hung(self) -> NotebookFailed:
        """Its time is over."""
        if not self.current:
            seconds = self.limits.start
            return self._not_started(
                zh=f"没有在 {seconds} 秒内启动", en=f"did not start within {seconds} seconds"
            )
        return self.failed(
            zh=f"{self.limits.cell} 秒内没有结束，已停止",
            en=f"it did not end within {self.limits.cell} seconds and was stopped",
        )

    def died(self) -> NotebookFailed:
        """Its process is gone."""
        if not self.current:
            return self._not_started(zh="无法启动，详情见日志", en="cannot start; the log says why")
        return self.failed(zh="进程中途退出", en="its process ended in the middle")

    def flooded(self) -> NotebookFailed:
        """It printed too much."""
        megabytes = self.limits.printed // 1_000_000
        return self.failed(
            zh=f"打印的内容超过 {megabytes} MB，已停止",
            en=f"it printed more than {megabytes} MB and was stopped",
        )

    def left_early(self) -> NotebookFailed:
        """It asked to leave."""
        return self.failed(zh="在笔记本结束之前退出", en="it left before the notebook's end")

    def raised(self, name: str, text: str) -> NianbaoError | OSError:
        """An error of ours keeps its kind and words, and one of the disk; any other is the cell's.

        A notebook writes tables, so that a full disk is often met there.
        """
        kind = getattr(errors, name, None)
        if isinstance(kind, type) and issubclass(kind, NianbaoError) and kind is not NianbaoError:
            return kind(text)
        if name == "SystemExit":
            return self.left_early()
        said = _OS_ERROR.fullmatch(text) if name == "OSError" else None
        if said and (number := int(said[1])) in errors.OF_THE_DISK:
            return OSError(number, os.strerror(number), said[2])
        cause = printable(f"{name}: {text}".splitlines()[0])[:_LONGEST_CAUSE]
        return self.failed(zh=cause, en=cause)

    def failed(self, *, zh: str, en: str) -> NotebookFailed:
        """A failure with the notebook's name and its cell."""
        name = self.notebook.name
        number = self.positions.get(self.current)
        lines = self.sources.get(self.current, "").strip().splitlines()
        first = printable(lines[0]) if lines else ""
        return NotebookFailed(
            say(
                zh=f"笔记本 {name} 第 {number or '?'} 个单元格（{first}）：{zh}。",
                en=f"the notebook {name}, cell {number or '?'} ({first}): {en}.",
            )
        )

    def _not_started(self, *, zh: str, en: str) -> NotebookFailed:
        name = self.notebook.name
        return NotebookFailed(
            say(
                zh=f"笔记本 {name} 第 1 个单元格之前：运行它的进程{zh}。",
                en=f"the notebook {name}, before cell 1: its process {en}.",
            )
        )

    def log(self, traceback: str, console: Path) -> None:
        """Write for developers what a failed notebook said."""
        heard = ""
        if console.exists():
            with console.open("rb") as said:
                heard = said.read(self.limits.printed).decode("utf-8", "replace")
        where = f"{self.notebook.name}, cell {self.positions.get(self.current, '?')}"
        LOG.error("%s\n%s\n%s", where, COLOURS.sub("", traceback), heard)
