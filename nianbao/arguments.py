"""The command line: what can be asked, how it is explained, and what is refused."""

import argparse
import contextlib
import difflib
import os
import re
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from nianbao import __version__
from nianbao.errors import UsageError
from nianbao.options import (
    read_date,
    read_folder,
    read_lang,
    read_mapping,
    read_number,
    read_period,
    read_to,
    read_workspace,
    which_year,
)
from nianbao.period import Period
from nianbao.terminal import printable, say
from nianbao.workspace import Workspace

VERBS = ("run", "check", "explain", "forms", "fill", "proof", "verify", "batch")
_OF_DRAFTS = ("fill", "proof")
_CELL_TIMEOUT = "NIANBAO_CELL_TIMEOUT"

_CODES_ZH = f"""\
退出码：0 完整发布，表已生成；2 用法有误，或有不同的同名文件；3 部分发布；65 数据有误；
66 缺少材料；69 缺少程序包，或调度器没有应答；70 笔记本失败；
73 无法写入；74 读写出错或磁盘已满；75 另有运行在进行；
76 核对发现不同；78 指标目录有误。
环境变量：NIANBAO_LANG=zh|en 终端语言；{_CELL_TIMEOUT}=秒 单元格时限。"""
_CODES_EN = f"""\
exit codes: 0 published, complete; forms made; 2 wrong usage, or a file is in the way;
3 published but partial; 65 data wrong; 66 input missing;
69 a library is not there, or no scheduler answers; 70 a notebook failed;
73 outputs not writable; 74 I/O error, disk full; 75 another run is going on;
76 a difference was found; 78 catalogue wrong.
environment: NIANBAO_LANG=zh|en, the terminal's language; {_CELL_TIMEOUT}=seconds."""

_NOT_ASKED: dict[str, tuple[str, str] | None] = dict.fromkeys(
    ("--lang", "--date", "--allow-partial", "--force", "--verbose")
)
_DRAFT: dict[str, tuple[str, str] | None] = {
    "--lang": ("批注和校对页的语言", "the language of comments and of the page"),
    "--quiet": ("不显示进度和提示", "no progress and no hints"),
}
_HELP_OF: dict[str, dict[str, tuple[str, str] | None]] = {  # what differs; None is not shown
    "forms": _NOT_ASKED
    | {
        "--quarter": (
            "只生成这一季度的表；省略为全年各季度和年报",
            "only this quarter's; else the year's",
        ),
        "--quiet": ("不显示进度", "no progress"),
    },
    "verify": _NOT_ASKED
    | {
        "--year": ("同 PERIOD，如 2023", "the same as PERIOD, such as 2023"),
        "--quarter": ("与 --year 同用", "with --year"),
    },
    "explain": _NOT_ASKED | {"--quiet": ("不显示进度和提示", "no progress and no hints")},
    "batch": {
        "--workspace": None,
        "--verbose": None,
        "--quiet": ("不显示进度", "no progress"),
    },
} | dict.fromkeys(_OF_DRAFTS, _NOT_ASKED | _DRAFT)


@dataclass(frozen=True, slots=True)
class Many:
    """What `batch` is asked: its districts, who works, and where their page and roll-up go."""

    districts: tuple[Workspace, ...]
    workers: int | None  # processes of this machine; one a core
    scheduler: str  # of Dask; "" for processes of this machine
    tls: dict[str, str]
    page: Path
    roll_up: Workspace | None


@dataclass(frozen=True, slots=True)
class Asked:
    """One command line, read and checked; `cell_timeout` is in seconds, 0 for the usual one."""

    verb: str
    given: Period | None  # only `verify` may do without
    workspace: Workspace
    lang: str
    date: str
    allow_partial: bool
    force: bool
    quiet: bool
    verbose: bool
    json: bool
    cell_timeout: int
    to: Path | None = None  # where `forms` puts its folders
    indicator: str = ""  # what `explain` is asked about, as typed; `place` is None for the district
    place: str | None = None
    keep: int | None = None  # how many of the former releases stay; all
    rerun: bool = False
    batch: Many | None = None

    @property
    def many(self) -> Many:
        """What `batch` is asked; no other verb is."""
        if self.batch is None:
            raise UsageError(_which_districts())
        return self.batch

    draft: Path | None = None  # what `fill` and `proof` read; `mapping` is the office's matches
    mapping: Path | None = None

    @property
    def period(self) -> Period:
        """The period of the report; every verb but `verify` has one."""
        if self.given is None:
            raise UsageError(which_year())
        return self.given


class _Parser(argparse.ArgumentParser):
    """A parser that reports a mistake as one short message, and speaks the terminal's language."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(
            say(
                zh=f"{message}。用法见 pipeline.py {self.prog.split()[-1]} --help",
                en=f"{message}; see pipeline.py {self.prog.split()[-1]} --help",
            )
        )


class _Help(argparse.RawDescriptionHelpFormatter):
    """Help with the usage line in the terminal's language."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=30, width=96)

    def add_usage(
        self, usage: str | None, actions: Any, groups: Any, prefix: str | None = None
    ) -> None:
        super().add_usage(usage, actions, groups, prefix or say(zh="用法：", en="usage: "))


def parse(words: list[str]) -> Asked:
    """Read the command line; `run` where the first word is an option.

    Raises UsageError, and SystemExit after --help and --version.
    """
    if not words or words[0] in ("-h", "--help"):
        _general().print_help(sys.stdout if words else sys.stderr)
        raise SystemExit(0 if words else UsageError.exit_code)
    if words[0] == "--version":
        print(f"nianbao {__version__}")
        raise SystemExit(0)
    verb = "run" if words[0].startswith("-") else words[0]
    if verb not in VERBS:
        raise UsageError(_unknown_verb(verb))
    parser = _verb(verb)
    given, others = parser.parse_known_intermixed_args(words[1:] if words[0] == verb else words)
    if others:
        _refuse(parser, others)
    if verb == "explain" and not given.indicator:
        parser.error(
            say(
                zh="请写明指标的代号或名称，如 explain mediation_cases",
                en="say which indicator, by its id or its name: explain mediation_cases",
            )
        )
    if verb in _OF_DRAFTS and not given.draft:
        parser.error(
            say(
                zh=f"请写明文稿，如 {verb} 总结.docx",
                en=f"say which draft, such as {verb} summary.docx",
            )
        )
    period = _given(verb, given)
    return Asked(
        verb=verb,
        given=period,
        workspace=read_workspace(given.workspace),
        lang=read_lang(given.lang),
        date=read_date(given.date),
        allow_partial=given.allow_partial,
        force=given.force,
        quiet=given.quiet,
        verbose=given.verbose,
        json=given.json,
        cell_timeout=read_number(
            f"{_CELL_TIMEOUT}=",
            os.environ.get(_CELL_TIMEOUT) or None,
            "[1-9][0-9]{0,5}",
            "秒数，如 900",
            "seconds, such as 900",
        )
        or 0,
        to=read_to(given.to) if verb == "forms" else None,
        indicator=given.indicator if verb == "explain" else "",
        place=given.place if verb == "explain" else None,
        keep=read_number(
            "--keep ",
            given.keep,
            "[0-9]{1,4}",
            "留下几个旧版本，如 3",
            "how many former releases stay, such as 3",
        )
        if verb in ("run", "batch")
        else None,
        rerun=given.rerun if verb == "verify" else False,
        batch=_many(given, period) if verb == "batch" and period else None,
        draft=Path(given.draft) if verb in _OF_DRAFTS else None,
        mapping=read_mapping(given.mapping) if verb in _OF_DRAFTS else None,
    )


def _refuse(parser: argparse.ArgumentParser, others: list[str]) -> NoReturn:
    """Words that no option takes: a verb in the wrong place, a slip, or something unknown."""
    first = printable(others[0])
    if first in VERBS:
        parser.error(
            say(
                zh=f"动词要写在最前面：pipeline.py {first} …",
                en=f"the verb comes first: pipeline.py {first} ...",
            )
        )
    options = [name for action in parser._actions for name in action.option_strings]
    near = difflib.get_close_matches(first.split("=")[0], options, 1, 0.6)
    hint = say(zh=f"，是不是 {near[0]}？", en=f"; did you mean {near[0]}?") if near else ""
    parser.error(say(zh=f"不认识“{first}”{hint}", en=f"unknown argument “{first}”{hint}"))


def _general() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="pipeline.py",
        usage=f"pipeline.py [{'|'.join(VERBS)}] --year YEAR [--quarter 1-4] [...]",
        formatter_class=_Help,
        add_help=False,
        description=say(
            zh="从原始报表到发布的工作报告。\n\n"
            "  run      清理、计算、成稿、发布一份报告（省略动词即为 run）\n"
            "  check    只读取并检查原始报表，列出问题，不发布\n"
            "  explain  一个数的公式、代入、上年数、目标和每个来源单元格\n"
            "  forms    生成发给科室和镇街填报的空白表\n"
            "  fill     用数据填写文稿中的 ××，另存为 NAME.filled.EXT\n"
            "  proof    用数据核对文稿中的每个数，批注在 NAME.proof.EXT\n"
            "  verify   核对已发布的文件与其清单；--rerun 重新生成并逐字节比较\n"
            "  batch    多个工作区（区县）一起运行，另出一张总览",
            en="From raw workbooks to a published report.\n\n"
            "  run      clean, compute, render and publish one report (also without a verb)\n"
            "  check    read and check the raw workbooks, print the findings, publish nothing\n"
            "  explain  one figure: formula with numbers, last year's, target, every cell\n"
            "  forms    make the blank workbooks for the departments and townships to fill in\n"
            "  fill     fill the ×× of a draft from the data, into NAME.filled.EXT\n"
            "  proof    hold every figure of a draft against the data, into NAME.proof.EXT\n"
            "  verify   published files against their manifest; --rerun makes them once more\n"
            "  batch    many workspaces (districts) at once, and a page of them all",
        ),
        epilog=say(
            zh="例：pipeline.py --year 2023    pipeline.py check --year 2024 --quarter 2\n"
            "各动词的选项：pipeline.py run --help",
            en="pipeline.py --year 2023    pipeline.py check --year 2024 --quarter 2\n"
            "options of a verb: pipeline.py run --help",
        ),
    )
    _add_options(parser)
    return parser


def _verb(verb: str) -> argparse.ArgumentParser:
    about = {
        "run": say(
            zh="清理、计算、成稿、发布一份报告。",
            en="Clean, compute, render and publish one report.",
        ),
        "check": say(
            zh="读取并检查原始报表，列出问题；不发布。",
            en="Read and check the raw workbooks, print the findings; publish nothing.",
        ),
        "explain": say(
            zh="说明一个数从哪里来：公式、代入、上年数、变化、目标、口径、每个来源单元格、更正和核对结果。\n"
            "INDICATOR 是指标的代号或名称。按现有原始报表计算，不写任何文件；数据有误也可以查。",
            en="Tell where a figure comes from: formula with its numbers, last year's, change,\n"
            "target, definition, every cell, corrections and findings. INDICATOR is an id or a\n"
            "name. It is worked out of the raw workbooks as they are; no file is written.",
        ),
        "forms": say(
            zh="生成空白报表，每个季度和全年各一个文件夹，与 data/raw 中的文件夹同名。\n"
            "给了 --quarter 只生成这一季度的表。已有的文件不会被覆盖。",
            en="Make the blank workbooks, a folder for each quarter and one for the year, named\n"
            "as those of data/raw; with --quarter, only that quarter's. No file is overwritten.",
        ),
        "fill": say(
            zh="用数据填写文稿（.docx、.txt、.md）中的 ××，写到旁边的 NAME.filled.EXT；\n"
            "文稿本身不变。每个填上的数在 Word 中有批注：指标、数值和来源单元格。没有把握的\n"
            "不填，逐个列出原因和候选；还有数没填上时退出码为 76（名称不算）。",
            en="Fill the ×× of a draft (.docx, .txt, .md) from the data, into NAME.filled.EXT\n"
            "beside it; the draft stays as it is. In Word each figure filled bears a comment with\n"
            "its indicator, value and cells. What is not certain is left and listed with its\n"
            "reason and candidates; exit 76 where a number stays blank (names do not count).",
        ),
        "proof": say(
            zh="用数据核对文稿中的每个数和升降用语：数值、修约、单位、百分点、余和近、合计、前后一致。\n"
            "批注写在 NAME.proof.EXT（Word），全部结论在 NAME.proof.html；文稿本身不变。\n"
            "有不一致时退出码为 76。",
            en="Hold every figure and word of change of a draft against the data: value,\n"
            "rounding, unit, points, 余 and 近, sums, the same said twice. Comments go into\n"
            "NAME.proof.EXT (Word), all verdicts into NAME.proof.html; the draft stays as it\n"
            "is. Exit 76 where something disagrees.",
        ),
        "verify": say(
            zh="核对每一期已发布的文件与其清单：改动、缺失或多出的文件逐个列出（退出码 76）。\n"
            "PERIOD 如 2023、2024Q3；省略为全部。--rerun 用清单所记的材料重新生成读者看到的版本，\n"
            "逐字节比较；不发布。",
            en="Hold every published file against its manifest; each that was changed, lost or\n"
            "added is listed (exit 76). PERIOD is one such as 2023 or 2024Q3; without it, all.\n"
            "--rerun makes what readers see once more, and compares byte for byte; nothing is\n"
            "published.",
        ),
        "batch": say(
            zh="生成许多工作区（区县）的报告，用本机的多个进程，或 Dask 集群。\n"
            "一个工作区失败只影响它自己（退出码 3，写明原因）；处理它的进程意外中止，就重做一次。\n"
            "另写一张总览：各地的报告和目标进展。",
            en="Make the reports of many workspaces (districts), in processes of this machine or\n"
            "on a Dask cluster. A workspace that fails, fails alone (exit 3, with its reason);\n"
            "where a worker dies, its workspace is made again. A page lists all with their\n"
            "standings.",
        ),
    }
    parser = _Parser(
        prog=f"pipeline.py {verb}",
        formatter_class=_Help,
        add_help=False,
        allow_abbrev=False,
        description=about[verb],
        epilog=say(zh=_CODES_ZH, en=_CODES_EN),
    )
    if verb == "explain":
        asked = parser.add_argument_group(say(zh="要说明的数", en="the figure"))
        about_it = say(zh="指标的代号或名称", en="the indicator's id or name")
        asked.add_argument("indicator", metavar="INDICATOR", nargs="?", help=about_it)
        who = say(
            zh="单位的代码、名称或别名；省略为全区",
            en="a place's code, name or alias; else the district",
        )
        asked.add_argument("--place", metavar="PLACE", help=who)
    if verb in _OF_DRAFTS:
        asked = parser.add_argument_group(say(zh="文稿", en="the draft"))
        kinds = say(zh=".docx、.txt 或 .md 文稿", en="a .docx, .txt or .md file")
        asked.add_argument("draft", metavar="DRAFT", nargs="?", help=kinds)
        kept = say(
            zh="本单位已确认的对应关系（YAML）",
            en="the office's confirmed matches (YAML)",
        )
        asked.add_argument("--mapping", metavar="FILE", help=kept)
    if verb == "verify":
        which = say(zh="期间，如 2023、2024Q3；省略为全部", en="such as 2023 or 2024Q3; else all")
        group = parser.add_argument_group(say(zh="核对什么", en="what to verify"))
        group.add_argument("period", metavar="PERIOD", nargs="?", help=which)
        again = say(zh="重新生成并逐字节比较", en="make it once more and compare byte for byte")
        group.add_argument("--rerun", action="store_true", help=again)
    if verb == "batch":
        _add_many(parser)
    _add_options(parser, verb)
    return parser


def _add_many(parser: argparse.ArgumentParser) -> None:
    """What only `batch` is asked."""
    group = parser.add_argument_group(say(zh="哪些工作区，由谁处理", en="which, and by whom"))
    which = say(zh="工作区文件夹，可以多个", en="folders of workspaces")
    group.add_argument("districts", metavar="WORKSPACE", nargs="*", help=which)
    for name, meta, zh, en in (
        ("--workers", "N", "本机进程数；默认每核一个", "processes here; by default one a core"),
        (
            "--scheduler",
            "ADDRESS",
            "Dask 调度器，如 tcp://127.0.0.1:8786 或 tls://…；工作区须在各机共享的文件夹上",
            "a Dask scheduler, tcp://... or tls://...; its machines share the workspaces' folder",
        ),
        ("--tls-ca", "FILE", "与 tls:// 同用：CA 证书", "with tls://: certificate authority"),
        ("--tls-cert", "FILE", "本机证书", "own certificate"),
        ("--tls-key", "FILE", "本机私钥", "own key"),
        (
            "--to",
            "DIR",
            "总览写到 DIR/<期间>.html；默认为汇总工作区或当前文件夹的 outputs/batch",
            "the page goes to DIR/<period>.html; by default outputs/batch of the roll-up or here",
        ),
        (
            "--roll-up",
            "DIR",
            "汇总工作区：填好它的 data/raw（collected_from: districts 的报表），再出上级的报告",
            "the parent's workspace: fill its forms that say collected_from: districts, and run it",
        ),
    ):
        group.add_argument(name, metavar=meta, help=say(zh=zh, en=en))


def _add_options(parser: argparse.ArgumentParser, verb: str = "run") -> None:
    """Every option is taken by every verb; one that a verb has no use for is not in its help."""
    group = parser.add_argument_group(say(zh="选项", en="options"))
    differs = _HELP_OF.get(verb, {})
    for names, meta, zh, en in (
        ("--year", "YEAR", "年份，如 2023（必填）", "the year, such as 2023 (required)"),
        (
            "--quarter",
            "1-4",
            "截至第几季度；省略为全年",
            "up to this quarter; without it, the year",
        ),
        ("--workspace", "DIR", "工作区；默认为项目目录", "the workspace; by default the project"),
        (
            "--lang",
            "zh|en",
            "报告语言：zh、en，或两种都要：zh,en（第一种为 report.html）",
            "the report's language: zh, en, or both: zh,en (the first is report.html)",
        ),
        (
            "--date",
            "YYYY-MM-DD",
            "报告落款日期；省略则不印",
            "the report's date; else none is printed",
        ),
    ):
        told = differs.get(names, (zh, en))
        shown = say(zh=told[0], en=told[1]) if told else argparse.SUPPRESS
        group.add_argument(names, metavar=meta, help=shown)
    for name, zh, en in (
        (
            "--allow-partial",
            "材料不全也发布，并注明缺什么（退出码 3）",
            "publish what there is and say what is missing (exit 3)",
        ),
        ("--force", "即使没有变化也重新生成", "rebuild even where nothing has changed"),
        ("--quiet", "不显示进度和提醒", "no progress and no warnings"),
        ("--verbose", "逐条列出提醒", "list every warning"),
        ("--json", "在标准输出给出一个 JSON 对象", "print one JSON object on stdout"),
    ):
        told = differs.get(name, (zh, en))
        shown = say(zh=told[0], en=told[1]) if told else argparse.SUPPRESS
        group.add_argument(name, action="store_true", help=shown)
    if verb in ("run", "batch"):
        stay = say(
            zh="只留最近的 N 个旧版本；默认全留", en="former releases that stay; by default all"
        )
        group.add_argument("--keep", metavar="N", help=stay)
    if verb == "forms":
        where = say(
            zh="放在哪里；默认为工作区的 forms", en="where to; by default the workspace's forms"
        )
        group.add_argument("--to", metavar="DIR", help=where)
    group.add_argument(
        "-h", "--help", action="help", help=say(zh="显示本说明", en="show this help")
    )


def _unknown_verb(word: str) -> str:
    near = difflib.get_close_matches(word, VERBS, 1, 0.5)
    hint = say(zh=f"，是不是 {near[0]}？", en=f"; did you mean {near[0]}?") if near else ""
    return say(
        zh=f"没有动词“{printable(word)}”{hint or '。'}可用的有：{'、'.join(VERBS)}",
        en=f"there is no verb “{printable(word)}”{hint or '.'} There are: {', '.join(VERBS)}",
    )


def _given(verb: str, given: argparse.Namespace) -> Period | None:
    """The period that is asked for; `verify` takes it in one word too, and may do without."""
    if verb != "verify" or given.year is not None:
        period = read_period(given.year, given.quarter)
        if verb != "verify" or given.period in (None, period.name):
            return period
    elif given.quarter is None and given.period is None:
        return None
    elif given.quarter is None:
        with contextlib.suppress(ValueError):
            return Period.parse(given.period)
    raise UsageError(
        say(
            zh=f"{printable(given.period or '--quarter')}：请写一个期间，如 2023 或 2024Q3",
            en=f"{printable(given.period or '--quarter')}: write one, such as 2023 or 2024Q3",
        )
    )


def _which_districts() -> str:
    return say(
        zh="请写明工作区，如 batch --year 2023 甲区 乙区",
        en="say which workspaces, such as batch --year 2023 east west",
    )


def _many(given: argparse.Namespace, period: Period) -> Many:
    """The districts and who works on them."""
    districts = tuple(read_folder("WORKSPACE", folder) for folder in given.districts)
    if not districts:
        raise UsageError(_which_districts())
    parent = read_folder("--roll-up", given.roll_up) if given.roll_up is not None else None
    outputs = parent.outputs if parent else Path.cwd() / "outputs"
    page = read_to(given.to) or outputs / "batch"
    twice = [
        str(one.root) for one, times in Counter([*districts, parent]).items() if one and times > 1
    ]
    if twice:
        named = printable(twice[0])
        raise UsageError(say(zh=f"{named} 写了两次", en=f"{named} is named twice"))
    tls = {
        "tls_ca_file": given.tls_ca,
        "tls_client_cert": given.tls_cert,
        "tls_client_key": given.tls_key,
    }
    scheduler = given.scheduler or ""
    asked = {name: path for name, path in tls.items() if path is not None}
    if scheduler and not re.fullmatch(r"(tcp|tls)://[^/\s]+", scheduler, re.ASCII):
        raise UsageError(
            say(
                zh=f"--scheduler {printable(scheduler)}：请写 tcp://主机:端口 或 tls://主机:端口",
                en=f"--scheduler {printable(scheduler)}: write tcp://host:port or tls://host:port",
            )
        )
    if bool(asked) != scheduler.startswith("tls://") or (asked and len(asked) < len(tls)):
        raise UsageError(
            say(
                zh="tls:// 的调度器需要 --tls-ca、--tls-cert 和 --tls-key，三个都要",
                en="a scheduler at tls:// takes --tls-ca, --tls-cert and --tls-key, all three",
            )
        )
    if scheduler and given.workers is not None:
        raise UsageError(
            say(
                zh="--workers 是本机进程数，不能与 --scheduler 同用",
                en="--workers counts processes of this machine; not with --scheduler",
            )
        )
    return Many(
        districts=districts,
        workers=read_number(
            "--workers ",
            given.workers,
            "[1-9][0-9]{0,2}",
            "进程数，如 4",
            "a number of processes, such as 4",
        ),
        scheduler=scheduler,
        tls=asked,
        page=page / f"{period.name}.html",
        roll_up=parent,
    )
