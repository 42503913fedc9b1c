"""Options as they are typed: each read into what it stands for, or refused with what to write."""

import contextlib
import datetime
import re
from pathlib import Path

from nianbao.errors import UsageError
from nianbao.period import Period
from nianbao.terminal import printable, say
from nianbao.workspace import PROJECT, Workspace


def which_year() -> str:
    """What is said where no year was given."""
    return say(
        zh="请用 --year 指明年份，如 --year 2023",
        en="say which --year, such as --year 2023",
    )


def read_period(year: str | None, quarter: str | None) -> Period:
    """The period of a year and, perhaps, a quarter."""
    if year is None:
        raise UsageError(which_year())
    if not re.fullmatch(r"(19|2[0-9])[0-9]{2}", year, re.ASCII):
        raise UsageError(
            say(
                zh=f"--year {printable(year)}：请写 1900 至 2999 之间的四位年份，如 2023",
                en=f"--year {printable(year)}: write a year from 1900 to 2999, such as 2023",
            )
        )
    if quarter is not None and quarter not in ("1", "2", "3", "4"):
        raise UsageError(
            say(
                zh=f"--quarter {printable(quarter)}：季度为 1、2、3 或 4",
                en=f"--quarter {printable(quarter)}: a quarter is 1, 2, 3 or 4",
            )
        )
    return Period(int(year), int(quarter) if quarter else None)


def read_workspace(folder: str | None) -> Workspace:
    """The workspace in a folder; without one, the project."""
    return Workspace(PROJECT) if folder is None else read_folder("--workspace", folder)


def read_folder(option: str, folder: str) -> Workspace:
    """The workspace in a folder that has to be there."""
    root = Path(folder).resolve()
    if not root.is_dir():
        raise UsageError(
            say(
                zh=f"{option} {printable(folder)}：没有这个文件夹",
                en=f"{option} {printable(folder)}: there is no such folder",
            )
        )
    return Workspace(root)


def read_to(folder: str | None) -> Path | None:
    """A folder to write to; it may yet have to be made."""
    if folder is None:
        return None
    if not folder or "\0" in folder or (Path(folder).exists() and not Path(folder).is_dir()):
        raise UsageError(
            say(
                zh=f"--to {printable(folder)}：这不是文件夹",
                en=f"--to {printable(folder)}: this is no folder",
            )
        )
    return Path(folder).resolve()


def read_mapping(file: str | None) -> Path | None:
    """A file of confirmed matches; whether it is there is seen as it is read."""
    if file is not None and (not file or "\0" in file or Path(file).is_dir()):
        raise UsageError(
            say(
                zh=f"--mapping {printable(file)}：这不是文件",
                en=f"--mapping {printable(file)}: this is no file",
            )
        )
    return Path(file) if file is not None else None


def read_lang(lang: str | None) -> str:
    """The languages of a report, parted by commas."""
    asked = (lang if lang is not None else "zh").split(",")
    if all(one in ("zh", "en") for one in asked) and len(set(asked)) == len(asked):
        return ",".join(asked)
    raise UsageError(
        say(
            zh=f"--lang {printable(str(lang))}：没有这种语言；请用 zh、en 或 zh,en",
            en=f"--lang {printable(str(lang))}: there is no such language; use zh, en or zh,en",
        )
    )


def read_date(text: str | None) -> str:
    """A date as YYYY-MM-DD; "" for none."""
    if text is None:
        return ""
    with contextlib.suppress(ValueError):
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text, re.ASCII):
            return datetime.date.fromisoformat(text).isoformat()
    raise UsageError(
        say(
            zh=f"--date {printable(text)}：请写成 2024-01-15 这样的日期",
            en=f"--date {printable(text)}: write a date such as 2024-01-15",
        )
    )


def read_number(named: str, text: str | None, form: str, zh: str, en: str) -> int | None:
    """A whole number that is written as `form`, or None for none; `zh` and `en` say what it is."""
    if text is not None and not re.fullmatch(form, text, re.ASCII):
        shown = f"{named}{printable(text)}"
        raise UsageError(say(zh=f"{shown}：请写{zh}", en=f"{shown}: write {en}"))
    return int(text) if text is not None else None
