"""Drafts as plain text and Markdown: read as they stand, written with nothing else changed."""

from pathlib import Path

import pytest

from nianbao.drafts.text import Draft, Edit, read_draft, write_draft
from nianbao.errors import DataRejected, UsageError

TEXT = (
    "一、工作开展情况\r\n\r\n（一）深化政治机关建设。开展主题党日活动××次。\n全年受理××件\r第四行"
)


def _draft(folder: Path, name: str, content: bytes) -> Draft:
    path = folder / name
    path.write_bytes(content)
    return read_draft(path)


def _rewritten(draft: Draft, *edits: Edit) -> bytes:
    to = draft.path.with_name(f"filled{draft.path.suffix}")
    return write_draft(draft, edits, to, "nianbao").read_bytes()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_text_comes_back_byte_for_byte_in_any_encoding(tmp_path: Path, encoding: str):
    draft = _draft(tmp_path, "稿.txt", TEXT.encode(encoding))

    assert [one.text for one in draft.paragraphs] == [
        "一、工作开展情况",
        "（一）深化政治机关建设。开展主题党日活动××次。",
        "全年受理××件",
        "第四行",
    ]
    assert _rewritten(draft) == TEXT.encode(encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_an_edit_changes_its_letters_and_no_line_end(tmp_path: Path, encoding: str):
    draft = _draft(tmp_path, "稿.txt", TEXT.encode(encoding))
    at = draft.paragraphs[1].text.index("××")

    written = _rewritten(draft, Edit(1, at, at + 2, "12"), Edit(2, 4, 6, "1,096"))

    wanted = TEXT.replace("活动××次", "活动12次").replace("受理××件", "受理1,096件")
    assert written == wanted.encode(encoding)


def test_a_paragraph_knows_its_line_and_the_headings_above_it(tmp_path: Path):
    draft = _draft(tmp_path, "稿.txt", TEXT.encode())

    third = draft.paragraphs[2]
    assert third.where == "第4行"
    assert third.headings == ("一、工作开展情况", "（一）深化政治机关建设")
    assert draft.paragraphs[1].headings == ("一、工作开展情况",)


def test_the_cells_of_a_markdown_table_know_their_row_and_column(tmp_path: Path):
    page = "# 总结\n\n| 指标 | 2023年 |\n|---|---:|\n| 调解案件 | ××件 |\n"
    draft = _draft(tmp_path, "稿.md", page.encode())

    assert [one.text for one in draft.paragraphs] == [
        "# 总结", "指标", "2023年", "调解案件", "××件",
    ]  # fmt: skip
    cell = draft.paragraphs[4]
    assert (cell.row_head, cell.column_head) == ("调解案件", "2023年")
    assert cell.headings == ("总结",)
    assert _rewritten(draft, Edit(4, 0, 2, "98")).decode() == page.replace("××", "98")


def test_a_draft_that_is_not_there_or_of_no_kind_is_wrong_usage(tmp_path: Path):
    with pytest.raises(UsageError):
        read_draft(tmp_path / "没有.docx")
    (tmp_path / "旧.doc").write_bytes(b"x")
    with pytest.raises(UsageError, match="docx"):
        read_draft(tmp_path / "旧.doc")


@pytest.mark.parametrize("content", [b"", b"\xe4\xb8\xad\xe6\x96\x87\xff\xfe\xfa\xd6\xd0", b"a\0b"])
def test_a_broken_text_is_rejected(tmp_path: Path, content: bytes):
    with pytest.raises(DataRejected):
        _draft(tmp_path, "稿.txt", content)


def test_the_draft_is_never_written_over(tmp_path: Path):
    draft = _draft(tmp_path, "稿.txt", TEXT.encode())

    with pytest.raises(ValueError, match="draft itself"):
        write_draft(draft, [], draft.path, "nianbao")


def test_what_somebody_else_wrote_is_kept_under_another_name(tmp_path: Path):
    draft = _draft(tmp_path, "稿.txt", TEXT.encode())
    to = tmp_path / "稿.filled.txt"
    to.write_text("改过的稿", encoding="utf-8")

    write_draft(draft, [], to, "nianbao")

    assert to.read_bytes() == TEXT.encode()
    assert (tmp_path / "稿.filled.1.txt").read_text(encoding="utf-8") == "改过的稿"


def test_edits_that_overlap_or_lie_outside_are_refused(tmp_path: Path):
    draft = _draft(tmp_path, "稿.txt", TEXT.encode())

    for edits in ([Edit(0, 0, 3, "a"), Edit(0, 2, 4, "b")], [Edit(0, 0, 99, "a")]):
        with pytest.raises(ValueError, match="Edit"):
            write_draft(draft, edits, tmp_path / "新.txt", "nianbao")
