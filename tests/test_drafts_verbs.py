"""The verbs `fill` and `proof`: files beside the draft, exit codes, and what is printed."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from small_word import paragraph, run, write_word_file

from nianbao import cli
from nianbao.drafts.text import read_draft

Capture = pytest.CaptureFixture[str]
Verb = Callable[..., tuple[int, str, str]]
GOOD = "2023年，全区受理人民调解案件5412件，比上年增长10.5％。\n"


@pytest.fixture
def verb(sample: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> Verb:
    """Do a verb on the sample's year 2023: its exit code, and what it printed on both streams."""
    monkeypatch.setenv("NIANBAO_LANG", "en")

    def do(*words: object) -> tuple[int, str, str]:
        place = ("--year", "2023", "--workspace", str(sample), "--quiet")
        code = cli.main([*map(str, words), *place])
        return code, *capsys.readouterr()

    return do


def _draft(folder: Path, text: str, name: str = "总结.txt") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_fill_writes_beside_the_draft_and_never_touches_it(verb: Verb, tmp_path: Path):
    text = GOOD.replace("5412", "××").replace("10.5", "××")
    draft = _draft(tmp_path, text)

    code, out, _ = verb("fill", draft)

    assert code == 0
    assert out.splitlines()[0].endswith("总结.filled.txt")
    assert (tmp_path / "总结.filled.txt").read_text(encoding="utf-8") == GOOD
    assert draft.read_text(encoding="utf-8") == text


def test_a_number_that_stays_blank_is_76_and_a_name_is_not(verb: Verb, tmp_path: Path):
    named = _draft(tmp_path, "打造×××机关党建品牌。\n", "名.txt")
    assert verb("fill", named)[0] == 0

    unknown = _draft(tmp_path, "走访慰问困难家庭××户。\n", "数.txt")
    code, out, _ = verb("fill", unknown)
    assert code == 76
    assert "××" in out
    assert (tmp_path / "数.filled.txt").read_bytes() == unknown.read_bytes()


def test_fill_comments_each_figure_in_word(verb: Verb, tmp_path: Path):
    body = paragraph(run("全年受理人民调解案件"), run("××", "<w:b/>"), run("件。"))
    draft = write_word_file(tmp_path / "总结.docx", body)

    code, out, _ = verb("fill", draft, "--json")

    told = json.loads(out)
    assert (code, told["exit_code"], told["status"]) == (0, 0, "filled")
    filled = Path(told["files"][0])
    assert filled.name == "总结.filled.docx"
    assert read_draft(filled).paragraphs[0].text == "全年受理人民调解案件5412件。"
    assert told["filled"][0]["indicator"] == "mediation_cases"


def test_proof_agrees_with_what_is_right(verb: Verb, tmp_path: Path):
    code, out, _ = verb("proof", _draft(tmp_path, GOOD))

    assert code == 0
    assert [Path(line).name for line in out.splitlines()[:2]] == [
        "总结.proof.txt",
        "总结.proof.html",
    ]
    assert {path.name for path in tmp_path.iterdir()} == {
        "总结.txt", "总结.proof.txt", "总结.proof.html",
    }  # fmt: skip


def test_proof_is_76_where_a_figure_or_a_word_of_change_is_wrong(verb: Verb, tmp_path: Path):
    for wrong in (GOOD.replace("5412", "5421"), GOOD.replace("增长", "下降")):
        code, out, _ = verb("proof", _draft(tmp_path, wrong), "--json")
        verdicts = json.loads(out)["verdicts"]
        assert code == 76
        assert [one["verdict"] for one in verdicts].count("disagrees") == 1


def test_the_same_asked_twice_gives_the_same_bytes_and_no_more_files(verb: Verb, tmp_path: Path):
    draft = write_word_file(tmp_path / "总结.docx", paragraph(run(GOOD.strip())))
    verb("proof", draft)
    first = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    verb("proof", draft)

    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == first


def test_a_file_that_somebody_changed_is_kept_and_named(verb: Verb, tmp_path: Path):
    draft = _draft(tmp_path, GOOD)
    _draft(tmp_path, "领导改过的稿\n", "总结.filled.txt")

    _, _, err = verb("fill", draft)

    assert "总结.filled.1.txt" in err
    assert (tmp_path / "总结.filled.1.txt").read_text(encoding="utf-8") == "领导改过的稿\n"


@pytest.mark.parametrize("name", ["fill", "proof"])
def test_wrong_usage_is_2_and_a_broken_draft_65(verb: Verb, tmp_path: Path, name: str):
    assert verb(name)[0] == 2
    assert verb(name, tmp_path / "没有.docx")[0] == 2
    assert verb(name, _draft(tmp_path, "旧", "旧.doc"))[0] == 2
    assert verb(name, _draft(tmp_path, GOOD), "--mapping", tmp_path)[0] == 2
    assert verb(name, _draft(tmp_path, "不是Word", "坏.docx"))[0] == 65
    assert not list(tmp_path.glob(f"*.{name}*"))
