"""`check`: a summary by code and by file, lines to paste, one JSON object, nothing published."""

import json
from pathlib import Path

import pytest
import yaml
from workspaces import GRID_HEAD, GRID_ROWS, GRID_TITLE, small_workspace, write_quarter, write_xlsx

from nianbao import cli
from nianbao.captions import load_captions
from nianbao.errors import CatalogueError
from nianbao.terminal import columns
from nianbao.workspace import PROJECT, Workspace

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIANBAO_LANG", "en")


def whole_year(root: Path) -> Workspace:
    return small_workspace(root, *(f"2023Q{quarter}" for quarter in (1, 2, 3, 4)))


def with_mistakes(root: Path) -> Workspace:
    workspace = whole_year(root)
    rows = [["甲镇", 10, 9, 6, 3, "若干", 12.5], *GRID_ROWS[1:]]
    write_xlsx(workspace.raw / "2023Q1/g.xlsx", {"表": [*GRID_TITLE, *GRID_HEAD, *rows]})
    (workspace.raw / "2023Q2/m.xlsx").write_bytes(b"")
    (workspace.raw / "2023Q3/通知.txt").write_text("各镇街：\n请按时报送。\n", encoding="utf-8")
    return workspace


def check(workspace: Workspace, *more: str) -> int:
    return cli.main(["check", "--year", "2023", "--workspace", str(workspace.root), *more])


def test_nothing_wrong_is_0_and_says_so(tmp_path: Path, capsys: Capture) -> None:
    assert check(whole_year(tmp_path)) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[:2] == ["Findings by code", "  no findings."]
    assert "Total: 16 files (0 rejected or not read)," in "\n".join(out)
    assert out[-2] == "Ready to publish (exit 0)."
    assert out[-1].endswith("findings.csv")


def test_the_summary_counts_by_code_and_by_file_and_proposes(
    tmp_path: Path, capsys: Capture
) -> None:
    assert check(with_mistakes(tmp_path)) == 65
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert any(
        line.split()
        == ["error", "E_PARSE", "1", "not", "a", "number", *["2023Q1/g.xlsx", "›", "表", "›", "F5"]]
        for line in lines
    )
    files = lines[lines.index("Files with findings") :]
    assert files[1].split() == ["seen", "taken", "left", "aside"]
    assert files[2].split()[:4] == ["7", "2", "4", "1"]
    assert files[3].split() == ["rejected", "2023Q2/m.xlsx", "E_EMPTY", "1"]
    assert files[4].split() == ["not", "read", "2023Q3/通知.txt", "W_NOT_DATA", "1"]
    assert "  14 more files have nothing to say." in files
    assert any(line.startswith("  value,2023Q1,") and ",若干,____," in line for line in lines)
    assert "The data are wrong; nothing can be published (exit 65)." in lines
    assert lines[-1].endswith(str(Path("quarantine", "2023")))
    assert "error E_PARSE data/raw/2023Q1/g.xlsx › 表 › F5: " in err
    assert "among the files rejected there (m.xlsx)" in err


def test_json_is_one_object_with_files_findings_and_proposals(
    tmp_path: Path, capsys: Capture
) -> None:
    assert check(with_mistakes(tmp_path), "--json") == 65
    answer = json.loads(capsys.readouterr().out)
    assert (answer["period"], answer["status"], answer["exit_code"]) == ("2023", "failed", 65)
    assert answer["complete"] is False
    assert answer["findings"]["E_PARSE"] == 1
    assert sum(answer["findings"].values()) == len(answer["finding_rows"])
    assert {row["code"] for row in answer["finding_rows"]} == answer["findings"].keys()
    by_path = {file["path"]: file for file in answer["files"]}
    assert by_path["data/raw/2023Q1/g.xlsx"]["quarantined"] == 1
    assert by_path["data/raw/2023Q2/m.xlsx"]["rejected"] == "E_EMPTY"
    (proposal,) = answer["proposals"]
    assert (proposal["into"], proposal["cell"]) == ("data/corrections.csv", "F5")


def test_quiet_prints_nothing_but_errors(tmp_path: Path, capsys: Capture) -> None:
    assert check(whole_year(tmp_path), "--quiet") == 0
    assert capsys.readouterr() == ("", "")


def test_wrong_data_come_before_what_is_missing_and_partial_is_3(
    tmp_path: Path, capsys: Capture
) -> None:
    workspace = whole_year(tmp_path)
    (workspace.raw / "2023Q2/m.xlsx").unlink()
    assert check(workspace) == 66
    assert "Inputs are missing; nothing can be published (exit 66)." in capsys.readouterr().out
    assert check(workspace, "--allow-partial") == 3
    assert "Incomplete; publishes with --allow-partial (exit 3)." in capsys.readouterr().out
    write_quarter(workspace, "2023Q2")
    (workspace.raw / "2023Q3/m.xlsx").write_bytes(b"")
    assert check(workspace) == 65


def test_it_writes_findings_and_quarantine_only(tmp_path: Path, capsys: Capture) -> None:
    workspace = with_mistakes(tmp_path)
    before = {path: path.read_bytes() for path in workspace.root.rglob("*") if path.is_file()}
    check(workspace)
    after = {path: path.read_bytes() for path in workspace.root.rglob("*") if path.is_file()}
    assert all(after[path] == content for path, content in before.items())
    new = {path.relative_to(tmp_path).as_posix() for path in after.keys() - before.keys()}
    aside = {name for name in new if name.startswith("data/quarantine/2023/")}
    assert new - aside == {
        "data/processed/2023/findings.csv",
        "data/processed/2023/findings.json",
        "data/processed/2023/run.log",
        "outputs/.lock",
    }
    assert "data/quarantine/2023/proposals/corrections.csv" in aside


def test_on_a_terminal_no_line_but_those_to_paste_is_wider_than_it(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = with_mistakes(tmp_path)
    long = workspace.raw / "2023Q4" / f"{'人民调解情况统计表' * 5}.txt"
    long.write_text("通知\n", encoding="utf-8")
    for lang in ("zh", "en"):
        monkeypatch.setenv("NIANBAO_LANG", lang)
        monkeypatch.setattr("sys.stdout.isatty", lambda: True)
        monkeypatch.setenv("COLUMNS", "80")
        check(workspace)
        out = capsys.readouterr().out
        for line in out.splitlines():
            to_paste = line.startswith("  value,") or str(tmp_path) in line
            assert to_paste or columns(line) <= 80, line


def test_every_code_has_its_meaning_in_both_languages() -> None:
    messages = yaml.safe_load((PROJECT / "wording" / "messages.yml").read_text(encoding="utf-8"))
    for lang in ("zh", "en"):
        captions = load_captions(Workspace(PROJECT), lang)
        assert messages.keys() == captions.texts["codes"].keys()
        assert all(columns(text) <= 22 for text in captions.texts["codes"].values())


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("codes: {E_PARS: {zh: x, en: x}}", "unknown text “E_PARS”; did you mean E_PARSE"),
        ("codes: {E_PARSE: {zh: x}}", "“E_PARSE” has no text in “en”"),
        ("summary: {where: {zh: x, en: '{finding}'}}", "unknown word “{finding}”"),
        ("summary: {where: {zh: x, en: '{'}}", "a brace is left open"),
        ("sumary: {where: {zh: x, en: x}}", "unknown"),
    ],
)
def test_a_mistake_in_the_words_of_check_is_named(text: str, says: str, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    (tmp_path / "wording").mkdir()
    (tmp_path / "wording/check.yml").write_text(text, encoding="utf-8")
    with pytest.raises(CatalogueError) as caught:
        load_captions(workspace, "en")
    assert caught.value.message.startswith("wording/check.yml:1:")
    assert says in caught.value.message


def test_a_workspace_may_word_check_in_its_own_way(tmp_path: Path) -> None:
    (tmp_path / "wording").mkdir()
    own = "codes: {E_PARSE: {zh: 不是数, en: no number}}"
    (tmp_path / "wording/check.yml").write_text(own, encoding="utf-8")
    captions = load_captions(Workspace(tmp_path), "zh")
    assert captions.meaning("E_PARSE") == "不是数"
    assert captions.meaning("E_DATE") == "读不成日期"
