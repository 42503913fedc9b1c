"""Refusing a file that is no draft that can be read, in words that say what to do."""

from pathlib import Path

from nianbao.errors import DataRejected, UsageError
from nianbao.readers.workbook import Rejected
from nianbao.terminal import printable, say

_OLD_KINDS = (".doc", ".wps", ".wpt", ".dot", ".rtf", ".odt", ".docm", ".dotx", ".ofd", ".pdf")
_WHY = {
    "E_EMPTY": ("文件是空的；请重新保存", "the file holds nothing; save it again"),
    "E_ENCRYPTED": (
        "文件有密码；请去掉密码后另存",
        "the file is protected by a password; remove it and save the file again",
    ),
    "E_NOT_REGULAR": ("这不是普通文件", "this is not a plain file"),
    "E_UNSTABLE": (
        "读取时文件被改动；请保存并关闭后重试",
        "the file changed while it was read; save and close it, then try again",
    ),
    "E_DIM_LIMIT": ("文件太大", "the file is too large"),
    "E_ZIP_BOMB": (
        "文件解开后大得不正常，没有打开",
        "the file would unpack to far too much, so it was not opened",
    ),
    "E_ENCODING": (
        "文字不是统一的 UTF-8 或 GB18030 编码；请另存为 UTF-8",
        "the text is neither UTF-8 nor GB18030 throughout; save it as UTF-8",
    ),
    "E_UNSUPPORTED": (
        "这个文件不是 Word 的 .docx（严格开放格式也不行）；请用 Word 或 WPS 另存为 .docx",
        "the file is no .docx of Word (nor may it be Strict Open XML); save it as .docx",
    ),
}
_BROKEN = (
    "文件已损坏或不是所称的格式；请用 Word 或 WPS 打开后另存为 .docx",
    "the file is damaged or not what it is called; open it in Word or WPS and save it as .docx",
)


def wrong_kind(path: Path) -> UsageError:
    """Refuse a file by its name."""
    name = printable(path.name)
    if path.suffix.casefold() in _OLD_KINDS:
        return UsageError(
            say(
                zh=f"{name}：不能读取 {path.suffix}；请用 Word 或 WPS 另存为 .docx。",
                en=f"{name}: {path.suffix} cannot be read; save it as .docx in Word or WPS.",
            )
        )
    return UsageError(
        say(
            zh=f"{name}：只能读取 .docx、.txt 和 .md 文稿。",
            en=f"{name}: a draft is a .docx, .txt or .md file.",
        )
    )


def unreadable(path: Path, rejected: Rejected) -> DataRejected:
    """Refuse a file by what is in it; the code stays in the message."""
    zh, en = _WHY.get(rejected.code, _BROKEN)
    name = f"{rejected.code} {printable(path.name)}"
    return DataRejected(say(zh=f"{name}：{zh}。", en=f"{name}: {en}."))
