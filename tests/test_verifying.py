"""Verifying: any byte that is not as it was published is found and named."""

import json
from pathlib import Path

import pytest
from small_runs import small_home, stand_in

from nianbao import cli


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small workspace with a report of 2023, which superseded another."""
    stand_in(tmp_path / "notebooks", monkeypatch)
    root = small_home(tmp_path / "home")
    for date in ("2024-01-05", "2024-01-06"):
        words = ["run", "--year", "2023", "--workspace", str(root), "--quiet", "--date", date]
        assert cli.main(words) == 0
    return root


def verify(root: Path, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, str]:
    capsys.readouterr()
    code = cli.main(["verify", "--workspace", str(root), "--quiet", *more])
    return code, "".join(capsys.readouterr())


def test_what_was_published_is_intact(root: Path, capsys):
    code, told = verify(root, capsys)
    assert code == 0
    assert told.count("intact") == 2


@pytest.mark.parametrize("period", [["2023"], ["--year", "2023"], ["2023", "--year", "2023"]])
def test_a_period_is_named_in_either_way(root: Path, capsys, period: list[str]):
    assert verify(root, capsys, *period)[0] == 0


@pytest.mark.parametrize("words", [["2O23"], ["--quarter", "1"], ["2023", "--year", "2024"]])
def test_a_period_that_is_none_is_wrong_usage(root: Path, capsys, words: list[str]):
    assert verify(root, capsys, *words)[0] == 2


def test_a_period_without_a_report_is_missing_input(root: Path, capsys):
    code, told = verify(root, capsys, "2019")
    assert code == 66
    assert "no report of 2019 is published" in told


def flip(path: Path, offset: int) -> None:
    content = bytearray(path.read_bytes())
    content[offset] ^= 1
    path.write_bytes(content)


def test_any_flipped_byte_of_any_file_is_found(root: Path, capsys):
    place = (root / "outputs" / "2023").resolve()
    for path in sorted(path for path in place.rglob("*") if path.is_file()):
        for offset in (0, path.stat().st_size // 2, path.stat().st_size - 1):
            flip(path, offset)
            code, told = verify(root, capsys, "2023")
            assert code == 76
            assert f"{path.relative_to(place).as_posix()}: changed" in told
            flip(path, offset)
    assert verify(root, capsys)[0] == 0


def test_files_that_went_and_came_are_named(root: Path, capsys):
    place = root / "outputs" / "2023"
    (place / "report.docx").unlink()
    (place / "notebooks" / "mine.png").write_bytes(b"")
    code, told = verify(root, capsys)
    assert code == 76
    assert "report.docx: missing" in told
    assert "notebooks/mine.png: added" in told


def test_a_former_release_is_verified_too(root: Path, capsys):
    place = (root / "outputs" / "2023").resolve()
    former = next(path for path in place.parent.iterdir() if path != place)
    flip(former / "report.html", 100)
    code, told = verify(root, capsys, "--json")
    answer = json.loads(told)
    assert code == answer["exit_code"] == 76
    assert answer["releases"] == [
        {"period": "2023", "release": place.name, "current": True, "differences": []},
        {
            "period": "2023",
            "release": former.name,
            "current": False,
            "differences": [{"path": "report.html", "kind": "changed"}],
        },
    ]


def test_a_release_under_another_name_is_found(root: Path, capsys):
    place = (root / "outputs" / "2023").resolve()
    place.rename(place.with_name("0" * 16))
    code, told = verify(root, capsys)
    assert code == 76
    assert "not the release that its manifest names" in told
    assert "2023: missing" in told  # and readers see nothing


def test_a_rerun_gives_the_same_bytes_and_publishes_nothing(root: Path, capsys):
    before = root / "outputs" / "2023" / "manifest.json"
    stamp = before.stat().st_mtime_ns
    code, told = verify(root, capsys, "--rerun")
    assert (code, told.count("made once more, same bytes")) == (0, 1)
    assert before.stat().st_mtime_ns == stamp


def test_a_rerun_names_what_is_not_the_same_any_more(root: Path, capsys):
    raw = root / "data" / "raw" / "2023" / "a.xls"
    raw.write_bytes(b"second")
    code, told = verify(root, capsys, "--rerun")
    assert code == 76
    assert "data/raw/2023/a.xls: not what it was made from" in told
