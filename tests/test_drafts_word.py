"""Word drafts: all that a reader sees is read, and an edit leaves everything else as it was."""

import re
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_word import NAMESPACES, paragraph, run, table, word_bytes, write_word_file

from nianbao.drafts.text import Draft, Edit, read_draft, write_draft
from nianbao.errors import DataRejected

NOTE = (
    f"<w:footnotes {NAMESPACES}>"
    '<w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>'
    f'<w:footnote w:id="1">{paragraph(run("其中调解××件"))}</w:footnote></w:footnotes>'
)
HEADER = f"<w:hdr {NAMESPACES}>{paragraph(run('共××期简报'))}</w:hdr>"
BOX_TEXT = f"<w:txbxContent>{paragraph(run('框内××人'))}</w:txbxContent>"
BOX = (
    "<w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><wp:anchor><a:graphic>"
    f"<a:graphicData><wps:wsp><wps:txbx>{BOX_TEXT}</wps:txbx></wps:wsp></a:graphicData></a:graphic>"
    f"</wp:anchor></w:drawing></mc:Choice><mc:Fallback><w:pict><v:shape><v:textbox>{BOX_TEXT}"
    "</v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
)
FIELD = (
    '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>REF 数</w:instrText></w:r>'
    '<w:r><w:t>看不见</w:t></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>'
    '<w:r><w:t>域值</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
)
NOTED = '<w:r><w:footnoteReference w:id="1"/></w:r>'
SECTION = '<w:sectPr><w:headerReference w:type="default" r:id="r_header"/></w:sectPr>'


def _word(folder: Path, body: str, **others: str) -> Draft:
    return read_draft(write_word_file(folder / "稿.docx", body, others))


def _texts(draft: Draft) -> list[str]:
    return [one.text for one in draft.paragraphs]


def _written(draft: Draft, *edits: Edit) -> Path:
    return write_draft(draft, edits, draft.path.with_name("稿.filled.docx"), "nianbao")


def _part(path: Path, name: str = "word/document.xml") -> str:
    with zipfile.ZipFile(path) as package:
        return package.read(name).decode()


def test_every_story_is_read_once_and_says_where_it_stands(tmp_path: Path):
    body = paragraph(run("正文××次"), NOTED, BOX) + table(("指标", "数"), ("调解", "××"))
    draft = _word(tmp_path, body + SECTION, footnotes=NOTE, header=HEADER)

    assert [(one.where, one.text) for one in draft.paragraphs] == [
        ("正文第1段", "正文××次"),
        ("文本框", "框内××人"),
        ("表1 第1行第1格", "指标"),
        ("表1 第1行第2格", "数"),
        ("表1 第2行第1格", "调解"),
        ("表1 第2行第2格", "××"),
        ("脚注1", "其中调解××件"),
        ("页眉", "共××期简报"),
    ]
    assert (draft.paragraphs[5].row_head, draft.paragraphs[5].column_head) == ("调解", "数")


def test_a_paragraph_reads_as_its_reader_sees_it(tmp_path: Path):
    seen = (
        run("甲"),
        "<w:r><w:tab/><w:t>乙</w:t><w:br/></w:r>",
        '<w:hyperlink r:id="x"><w:r><w:t>链接</w:t></w:r></w:hyperlink>',
        "<w:sdt><w:sdtPr/><w:sdtContent><w:r><w:t>控件</w:t></w:r></w:sdtContent></w:sdt>",
        '<w:ins w:id="1"><w:r><w:t>插入</w:t></w:r></w:ins>',
        '<w:del w:id="2"><w:r><w:delText>删去</w:delText></w:r></w:del>',
        FIELD,
        '<w:fldSimple w:instr="SEQ 表"><w:r><w:t>7</w:t></w:r></w:fldSimple>',
        '<w:fldSimple w:instr=" PAGE "><w:r><w:t>3</w:t></w:r></w:fldSimple>',
        FIELD.replace("REF 数", " NUMPAGES ").replace("域值", "48"),
        '<w:r><w:sym w:font="Symbol" w:char="F0B4"/></w:r>',
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>隐藏</w:t></w:r>",
        "<m:oMath><m:r><m:t>95</m:t></m:r></m:oMath>",
    )
    draft = _word(tmp_path, paragraph(*seen))

    assert _texts(draft) == ["甲\t乙\n链接控件插入域值7×95"]


def test_an_edit_over_runs_takes_the_looks_of_the_first_and_leaves_the_others(tmp_path: Path):
    body = paragraph(run("学习", "<w:b/>"), run("×", "<w:i/>"), run("×次，", "<w:u/>"), run("其他"))
    draft = _word(tmp_path, body)

    written = _written(draft, Edit(0, 2, 4, "12"))

    wanted = paragraph(
        run("学习", "<w:b/>"), run("12", "<w:i/>"), run("次，", "<w:u/>"), run("其他")
    )
    assert wanted in _part(written)
    assert _texts(read_draft(written)) == ["学习12次，其他"]


def test_a_comment_stands_around_its_figure_and_splits_no_more_than_that_run(tmp_path: Path):
    draft = _word(tmp_path, paragraph(run("学习××次", "<w:b/>"), run("，其他")))

    written = _written(draft, Edit(0, 2, 4, "12", "指标 学习\n值 12"))

    around = (
        f'{run("学习", "<w:b/>")}<w:commentRangeStart w:id="0"/>{run("12", "<w:b/>")}'
        '<w:commentRangeEnd w:id="0"/><w:r><w:commentReference w:id="0"/></w:r>'
        f"{run('次', '<w:b/>')}{run('，其他')}"
    )
    assert around in _part(written)
    comments = _part(written, "word/comments.xml")
    assert 'w:author="nianbao"' in comments
    assert "指标 学习" in comments
    assert "/word/comments.xml" in _part(written, "[Content_Types].xml")
    assert 'Target="comments.xml"' in _part(written, "word/_rels/document.xml.rels")


def test_comments_that_are_there_stay_and_new_ones_are_counted_on(tmp_path: Path):
    comment = f'<w:comment w:id="7" w:author="甲">{paragraph(run("原批注"))}</w:comment>'
    comments = f"<w:comments {NAMESPACES}>{comment}</w:comments>"
    draft = _word(tmp_path, paragraph(run("学习××次")), comments=comments)

    written = _part(_written(draft, Edit(0, 2, 4, None, "无数据")), "word/comments.xml")

    assert "原批注" in written
    assert 'w:id="8"' in written


def test_where_no_comment_may_stand_it_goes_to_the_body_and_says_where_it_belongs(tmp_path: Path):
    body = paragraph(run("正文"), NOTED, BOX)
    draft = _word(tmp_path, body + SECTION, footnotes=NOTE, header=HEADER)

    edits = [
        Edit(one.number, one.text.index("××"), one.text.index("××") + 2, "98", "批注")
        for one in draft.paragraphs[1:]
    ]
    written = _written(draft, *edits)

    assert _texts(read_draft(written)) == ["正文", "框内98人", "其中调解98件", "共98期简报"]
    assert _part(written).count("框内") == 2  # the copy for older programs too
    assert "××" not in _part(written)
    for part in ("word/footnotes.xml", "word/header.xml"):
        assert "comment" not in _part(written, part)
    comments = _part(written, "word/comments.xml")
    assert [f"【{where}】批注" in comments for where in ("文本框", "脚注1", "页眉")] == [True] * 3
    assert _part(written).count("w:commentReference") == 3


def test_parts_that_no_edit_touches_are_the_same_bytes(tmp_path: Path):
    styles = f"<w:styles {NAMESPACES}  ><!-- 原样 --></w:styles>"
    draft = _word(tmp_path, paragraph(run("××次")), styles=styles, header=HEADER)

    written = _written(draft, Edit(0, 0, 2, "3"))

    with zipfile.ZipFile(draft.path) as before, zipfile.ZipFile(written) as after:
        assert before.namelist() == after.namelist()
        for name in set(before.namelist()) - {"word/document.xml"}:
            assert before.read(name) == after.read(name)


def test_the_same_edits_give_the_same_bytes_and_replace_what_was_written_before(tmp_path: Path):
    draft = _word(tmp_path, paragraph(run("××次")))

    first = _written(draft, Edit(0, 0, 2, "3", "甲")).read_bytes()
    assert _written(draft, Edit(0, 0, 2, "4", "甲")).read_bytes() != first
    assert _written(draft, Edit(0, 0, 2, "3", "甲")).read_bytes() == first
    assert sorted(path.name for path in tmp_path.iterdir()) == ["稿.docx", "稿.filled.docx"]


def test_a_copy_that_somebody_saved_is_kept(tmp_path: Path):
    draft = _word(tmp_path, paragraph(run("××次")))
    edited = word_bytes(paragraph(run("领导改过")))
    (tmp_path / "稿.filled.docx").write_bytes(edited)

    _written(draft, Edit(0, 0, 2, "3"))

    assert (tmp_path / "稿.filled.1.docx").read_bytes() == edited


def test_a_merged_head_gives_each_column_its_names(tmp_path: Path):
    def cell(text: str, properties: str = "") -> str:
        return f"<w:tc><w:tcPr>{properties}</w:tcPr>{paragraph(run(text))}</w:tc>"

    rows = (
        cell("序号", '<w:vMerge w:val="restart"/>')
        + cell("指标", '<w:vMerge w:val="restart"/>')
        + cell("件数", '<w:gridSpan w:val="2"/>'),
        cell("", "<w:vMerge/>") + cell("", "<w:vMerge/>") + cell("2023年") + cell("2022年"),
        cell("1") + cell("复议") + cell("××") + cell("98"),
    )
    lines = "".join(f"<w:tr>{row}</w:tr>" for row in rows)
    draft = _word(tmp_path, f"<w:tbl>{lines}</w:tbl>")

    blank = next(one for one in draft.paragraphs if one.text == "××")
    assert (blank.row_head, blank.column_head) == ("复议", "件数 2023年")


def test_a_heading_is_known_by_its_style(tmp_path: Path):
    styles = (
        f'<w:styles {NAMESPACES}><w:style w:type="paragraph" w:styleId="a1"><w:name '
        'w:val="heading 1"/></w:style><w:style w:type="paragraph" w:styleId="a2"><w:basedOn '
        'w:val="a1"/></w:style></w:styles>'
    )
    heading = f'<w:p><w:pPr><w:pStyle w:val="a2"/></w:pPr>{run("普法工作")}</w:p>'
    draft = _word(tmp_path, heading + paragraph(run("举办××场")), styles=styles)

    assert draft.paragraphs[1].headings == ("普法工作",)


def _bomb() -> bytes:
    return word_bytes(paragraph(run("0" * (80 << 20))))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "E_EMPTY"),
        (b"hello", "E_UNSUPPORTED"),
        (word_bytes(paragraph(run("甲")))[:300], "E_CORRUPT"),
        (word_bytes("<w:p><w:r>"), "E_CORRUPT"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600, "E_CORRUPT"),
        (_bomb(), "E_ZIP_BOMB"),
    ],
    ids=["empty", "text", "cut short", "ill-formed", "old word", "bomb"],
)
def test_what_is_no_sound_word_file_is_rejected(tmp_path: Path, content: bytes, code: str):
    path = tmp_path / "稿.docx"
    path.write_bytes(content)
    with pytest.raises(DataRejected, match=code):
        read_draft(path)


LOOKS = ("", "<w:b/>", "<w:i/>")
RUNS = st.lists(
    st.tuples(st.text("甲乙×1 ", min_size=1, max_size=5), st.sampled_from(LOOKS)), min_size=1
)
PLACES = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=4)


def _looks(text: str) -> list[tuple[str, str]]:
    """Every letter of a body with its looks."""
    found = []
    for one in re.finditer(r"<w:r>(?:<w:rPr>(.*?)</w:rPr>)?(.*?)</w:r>", text):
        letters = "".join(re.findall(r"<w:t [^>]*>(.*?)</w:t>", one[2]))
        found += [(letter, one[1] or "") for letter in letters]
    return found


@settings(deadline=None, max_examples=150)
@given(RUNS, PLACES, st.booleans())
def test_letters_that_no_edit_touches_keep_their_looks(
    tmp_path_factory: pytest.TempPathFactory,
    runs: list[tuple[str, str]],
    places: list[tuple[int, int]],
    comments: bool,
):
    letters = [(letter, looks) for text, looks in runs for letter in text]
    wanted, edits, free = list(letters), [], len(letters)
    for place, length in sorted(places, reverse=True):
        if place < min(free, len(letters)):
            end = min(place + length % 4, free)
            edits.append(Edit(0, place, end, "98", "批注" if comments else ""))
            at = place if end > place else max(place, 0)
            wanted[place:end] = [("9", letters[at][1]), ("8", letters[at][1])]
            free = place
    path = tmp_path_factory.mktemp("looks") / "稿.docx"
    draft = read_draft(write_word_file(path, paragraph(run("头"), *(run(*one) for one in runs))))
    moved = [replace(one, start=one.start + 1, end=one.end + 1) for one in edits]

    written = _part(_written(draft, *moved))

    assert _looks(written) == [("头", ""), *wanted]
    assert written.count("commentReference") == len(edits) * comments
