"""Publishing and the manifest: a reader sees the old release or the new one, whole."""

import errno
import hashlib
import json
import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import filelock
import pytest

from nianbao import publish
from nianbao.errors import OutputsNotWritable, WorkspaceBusy
from nianbao.holding import hold
from nianbao.manifest import Damage, Ingredients, damages, gather, read_manifest, write_manifest
from nianbao.period import Period
from nianbao.pointing import current
from nianbao.workspace import Workspace

YEAR = Period(2023)
RAW = {
    "path": "data/raw/2023Q4/W7-甲镇.xls",
    "sha256": "ab" * 32,
    "form": "W7",
    "rows_seen": 20,
    "accepted": 18,
    "excluded": 2,
    "quarantined": 0,
}

posix = pytest.mark.skipif(os.name == "nt", reason="modes and links of a POSIX system")


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIANBAO_LANG", "en")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


def ingredients(**changes) -> Ingredients:
    usual = {
        "inputs": (RAW,),
        "corrections": "",
        "catalogue": "c1",
        "wording": "w1",
        "code": "k1",
        "lock": "l1",
        "parameters": {"period": "2023", "lang": "zh", "date": "", "allow_partial": False},
    }
    return Ingredients(**{**usual, **changes})


def release(
    workspace: Workspace,
    name: str,
    text: str,
    period: Period = YEAR,
    supersedes: str | None = None,
) -> Path:
    """Publish one release whose page is `text`."""
    with hold(workspace, "run"), publish.building(workspace, period) as folder:
        (folder / "report.html").write_text(text, encoding="utf-8")
        (folder / "notebooks").mkdir()
        (folder / "notebooks" / "03_report.ipynb").write_text("{}", encoding="utf-8")
        write_manifest(
            folder,
            period,
            ingredients(),
            complete=True,
            headline={"met": 1},
            finding_codes=[],
            supersedes=supersedes,
        )
        publish.publish(workspace, period, name, folder)
        publish.write_index(workspace, "示例区司法局 & 档案")
    return workspace.outputs / period.name


# --- the release readers see ----------------------------------------------------------------------


def test_the_period_shows_the_newest_release_and_the_former_stays(workspace: Workspace):
    release(workspace, "aaaa", "old")
    place = release(workspace, "bbbb", "new")
    assert place == workspace.outputs / "2023"
    assert (place / "report.html").read_text(encoding="utf-8") == "new"
    former = workspace.outputs / "releases" / "2023" / "aaaa" / "report.html"
    assert former.read_text(encoding="utf-8") == "old"


@posix
def test_the_period_is_a_relative_link_so_the_workspace_can_be_moved(workspace: Workspace):
    place = release(workspace, "aaaa", "x")
    assert place.readlink() == Path("releases/2023/aaaa")
    moved = workspace.root.rename(workspace.root.with_name("moved"))
    assert (moved / "outputs" / "2023" / "report.html").read_text(encoding="utf-8") == "x"


@posix
def test_files_can_be_read_by_everybody_whatever_the_umask(workspace: Workspace):
    former = os.umask(0o077)
    try:
        place = release(workspace, "aaaa", "x")
    finally:
        os.umask(former)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in place.rglob("*")}
    assert modes == {
        "report.html": 0o644,
        "manifest.json": 0o644,
        "notebooks": 0o755,
        "03_report.ipynb": 0o644,
    }
    assert stat.S_IMODE(place.resolve().stat().st_mode) == 0o755
    assert stat.S_IMODE((workspace.outputs / "index.html").stat().st_mode) == 0o644


def test_nothing_is_published_and_nothing_left_when_a_run_fails(workspace: Workspace):
    release(workspace, "aaaa", "old")
    before = sorted(path.name for path in workspace.outputs.iterdir())

    def fail() -> None:
        with hold(workspace, "run"), publish.building(workspace, YEAR) as folder:
            (folder / "report.html").write_text("half", encoding="utf-8")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert sorted(path.name for path in workspace.outputs.iterdir()) == before
    assert (workspace.outputs / "2023" / "report.html").read_text(encoding="utf-8") == "old"


def test_the_next_run_clears_what_a_dead_one_left(workspace: Workspace):
    litter = workspace.outputs / ".building" / "release" / "report.html"
    litter.parent.mkdir(parents=True)
    litter.write_text("half", encoding="utf-8")
    (workspace.outputs / ".fresh-2023").write_text("", encoding="utf-8")
    release(workspace, "aaaa", "x")
    names = {path.name for path in workspace.outputs.iterdir()}
    assert names - {".lock"} == {"2023", "releases", "index.html"}


def test_a_damaged_release_of_the_same_name_is_replaced(workspace: Workspace):
    place = release(workspace, "aaaa", "good")
    (place / "report.html").write_text("tampered", encoding="utf-8")
    (place / "extra").write_text("", encoding="utf-8")
    release(workspace, "aaaa", "good")
    assert (place / "report.html").read_text(encoding="utf-8") == "good"
    assert not (place / "extra").exists()


@pytest.mark.parametrize("number", [errno.EPERM, errno.ENOTSUP])
def test_where_links_cannot_be_a_page_points_to_the_release(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, number: int
):
    def refused(*_: object, **__: object) -> None:
        raise OSError(number, "no links here")

    monkeypatch.setattr(Path, "symlink_to", refused)
    release(workspace, "aaaa", "old")
    release(workspace, "bbbb", "new")
    assert not (workspace.outputs / "2023").exists()
    page = (workspace.outputs / "2023.html").read_text(encoding="utf-8")
    assert 'url=releases/2023/bbbb/report.html"' in page
    assert current(workspace.outputs, YEAR).name == "bbbb"
    assert 'href="releases/2023/bbbb/report.html"' in (workspace.outputs / "index.html").read_text(
        encoding="utf-8"
    )


@posix
def test_a_link_that_fails_for_another_reason_leaves_what_readers_saw(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
):
    release(workspace, "aaaa", "old")

    def broken(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, "the disk is broken")

    monkeypatch.setattr(Path, "symlink_to", broken)
    with pytest.raises(OSError, match="the disk is broken"):
        release(workspace, "bbbb", "new")
    assert (workspace.outputs / "2023" / "report.html").read_text(encoding="utf-8") == "old"


def test_a_release_made_once_more_is_never_gone(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
):
    place = release(workspace, "aaaa", "good")
    (place / "report.html").write_text("tampered", encoding="utf-8")
    seen = []
    really = Path.replace

    def watched(path: Path, target: Path) -> Path:
        seen.append((place / "report.html").exists())
        return really(path, target)

    monkeypatch.setattr(Path, "replace", watched)
    release(workspace, "aaaa", "good")
    assert all(seen)
    assert len(seen) >= 3


@posix
def test_folders_of_the_outputs_are_open_to_readers_whatever_the_umask(workspace: Workspace):
    former = os.umask(0o077)
    try:
        release(workspace, "aaaa", "x")
    finally:
        os.umask(former)
    shelf = workspace.outputs / "releases" / "2023"
    for folder in (workspace.outputs, shelf.parent, shelf):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o755


@pytest.mark.parametrize(("keep", "left"), [(0, "d"), (1, "cd"), (2, "bcd"), (9, "abcd")])
def test_former_releases_are_thinned_out_oldest_first_and_never_the_last(
    workspace: Workspace, keep: int, left: str
):
    before = None
    for letter in "abcd":
        release(workspace, letter * 4, letter, supersedes=before)
        before = letter * 4
    with hold(workspace, "run"):
        publish.thin_out(workspace, YEAR, keep)
    shelf = workspace.outputs / "releases" / "2023"
    assert sorted(path.name for path in shelf.iterdir()) == [letter * 4 for letter in left]
    assert (workspace.outputs / "2023" / "report.html").read_text(encoding="utf-8") == "d"


def test_the_index_lists_every_period_newest_first_and_names_the_bureau(workspace: Workspace):
    release(workspace, "aaaa", "x", Period(2023))
    release(workspace, "bbbb", "x", Period(2024, 3))
    release(workspace, "cccc", "x", Period(2024, 1))
    page = (workspace.outputs / "index.html").read_text(encoding="utf-8")
    assert "示例区司法局 &amp; 档案" in page
    listed = ["2024Q3/report.html", "2024Q1/report.html", "2023/report.html"]
    places = [page.index(link) for link in listed]
    assert places == sorted(places)
    assert "2024年1—9月" in page
    assert "2023年度" in page
    assert "<script" not in page


# --- who may write --------------------------------------------------------------------------------


def test_a_second_run_is_turned_away_at_once_and_told_who_holds_the_workspace(
    workspace: Workspace,
):
    script = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from nianbao.holding import hold\n"
        "from nianbao.workspace import Workspace\n"
        "with hold(Workspace(Path(sys.argv[1])), 'run 2023'):\n"
        "    print('held', flush=True)\n"
        "    time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(workspace.root)], stdout=subprocess.PIPE
    ) as holder:
        try:
            assert holder.stdout.readline().strip() == b"held"
            started = time.monotonic()
            with pytest.raises(WorkspaceBusy) as caught, hold(workspace, "run 2024"):
                pass
            assert time.monotonic() - started < 1
            assert f"process {holder.pid}: run 2023" in caught.value.message
            assert caught.value.exit_code == 75
        finally:
            holder.kill()
    with hold(workspace, "run 2024"):
        pass  # a dead holder holds nothing


def test_a_hold_that_cannot_be_given_up_in_order_does_not_spoil_what_was_done(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
):
    def broken(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, "the disk is broken")

    with hold(workspace, "run"):
        monkeypatch.setattr(Path, "unlink", broken)
        monkeypatch.setattr(filelock.FileLock, "release", broken)


def test_outputs_that_cannot_be_locked_cannot_be_written(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
):
    def refused(*_: object, **__: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(filelock.FileLock, "acquire", refused)
    with pytest.raises(OutputsNotWritable, match="No locks available"), hold(workspace, "run"):
        pass


def test_outputs_that_are_a_file_cannot_be_written(workspace: Workspace):
    workspace.outputs.write_text("", encoding="utf-8")
    with pytest.raises(OutputsNotWritable) as caught, hold(workspace, "run"):
        pass
    assert str(workspace.outputs) in caught.value.message
    assert caught.value.exit_code == 73


@posix
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write anywhere")
def test_outputs_that_are_read_only_cannot_be_written(workspace: Workspace):
    workspace.outputs.mkdir()
    workspace.outputs.chmod(0o555)
    with pytest.raises(OutputsNotWritable, match="Permission denied"):
        release(workspace, "aaaa", "x")


@posix
def test_a_folder_in_the_place_of_the_link_is_left_alone(workspace: Workspace):
    own = workspace.outputs / "2023" / "notes.txt"
    own.parent.mkdir(parents=True)
    own.write_text("mine", encoding="utf-8")
    with pytest.raises(OutputsNotWritable, match="not a link that this program made"):
        release(workspace, "aaaa", "x")
    assert own.read_text(encoding="utf-8") == "mine"


# --- the manifest ---------------------------------------------------------------------------------


def test_a_release_is_named_by_sixteen_hex_digits_of_what_made_it():
    assert ingredients().release(None) == ingredients().release(None)
    assert len(ingredients().release(None)) == 16
    assert set(ingredients().release(None)) <= set("0123456789abcdef")


CHANGES = {
    "inputs": ({**RAW, "sha256": "cd" * 32},),
    "corrections": "x",
    "catalogue": "x",
    "wording": "x",
    "code": "x",
    "lock": "x",
    "parameters": {"period": "2023", "lang": "zh", "date": "2024-01-15", "allow_partial": False},
}


@pytest.mark.parametrize("name", CHANGES)
def test_anything_that_goes_into_a_release_changes_its_name(name: str):
    changed = ingredients(**{name: CHANGES[name]})
    assert changed.release(None) != ingredients().release(None)


def test_the_superseded_release_changes_the_name_and_the_order_of_files_does_not():
    assert ingredients().release("aaaa") != ingredients().release(None)
    other = {**RAW, "path": "data/raw/2023Q4/W1.xlsx"}
    assert ingredients(inputs=(RAW, other)).release(None) == ingredients(
        inputs=(other, RAW)
    ).release(None)


def test_the_manifest_says_what_the_contract_asks_and_nothing_of_this_machine(
    workspace: Workspace,
):
    folder = workspace.root / "release"
    folder.mkdir()
    (folder / "report.html").write_bytes(b"page")
    write_manifest(
        folder,
        YEAR,
        ingredients(),
        complete=False,
        headline={"met": 3, "behind": 1},
        finding_codes=["W_JUMP", "E_MISSING", "W_JUMP"],
        supersedes="0123456789abcdef",
    )
    text = (folder / "manifest.json").read_text(encoding="utf-8")
    content = json.loads(text)
    assert list(content) == [
        "release",
        "period",
        "parameters",
        "complete",
        "headline",
        "inputs",
        "corrections",
        "catalogue",
        "wording",
        "code",
        "lock",
        "versions",
        "outputs",
        "findings",
        "supersedes",
        "sha256",
    ]
    assert content["release"] == ingredients().release("0123456789abcdef")
    assert content["period"] == "2023"
    assert content["complete"] is False
    assert content["headline"] == {"met": 3, "behind": 1}
    assert content["inputs"] == [RAW]
    assert content["outputs"] == [
        {"path": "report.html", "sha256": hashlib.sha256(b"page").hexdigest()}
    ]
    assert content["findings"] == {"E_MISSING": 1, "W_JUMP": 2}
    assert content["supersedes"] == "0123456789abcdef"
    assert str(workspace.root) not in text
    assert "甲镇" in text


def test_a_release_is_whole_until_a_file_changes_goes_or_comes(workspace: Workspace):
    place = release(workspace, "aaaa", "x")
    assert damages(place) == []
    (place / "report.html").write_text("y", encoding="utf-8")
    (place / "notebooks" / ".hidden").write_text("", encoding="utf-8")
    (place / "notebooks" / "03_report.ipynb").unlink()
    assert damages(place) == [
        Damage("notebooks/.hidden", "added"),
        Damage("notebooks/03_report.ipynb", "missing"),
        Damage("report.html", "changed"),
    ]


@pytest.mark.parametrize(
    ("wrong", "kinds"),
    [
        (lambda text: text.replace('"complete": true', '"complete": false'), ["changed"]),
        (lambda text: text + "\n", ["changed"]),
        (lambda text: text.replace('"met"', '"mét"'), ["changed"]),
        (lambda text: "[]", ["changed"]),
    ],
)
def test_a_manifest_that_was_touched_says_so_itself(workspace: Workspace, wrong, kinds):
    place = release(workspace, "aaaa", "x")
    path = place / "manifest.json"
    path.write_text(wrong(path.read_text(encoding="utf-8")), encoding="utf-8")
    assert [one.kind for one in damages(place) if one.path == "manifest.json"] == kinds


def test_a_manifest_that_cannot_be_read_is_none(workspace: Workspace):
    assert read_manifest(workspace.root) is None
    (workspace.root / "manifest.json").write_text("[", encoding="utf-8")
    assert read_manifest(workspace.root) is None
    (workspace.root / "manifest.json").write_text("[]", encoding="utf-8")
    assert read_manifest(workspace.root) is None


def test_ingredients_are_gathered_from_the_workspace(workspace: Workspace):
    processed = workspace.processed(YEAR)
    processed.mkdir(parents=True)
    (processed / "files.csv").write_text(
        "path,sha256,form,rows_seen,accepted,excluded,quarantined\n"
        f"data/raw/2023/通知.pdf,{'cd' * 32},,,,,\n"
        f"data/raw/2023/W5.xlsx,{'ab' * 32},W5,20,18,2,0\n",
        encoding="utf-8-sig",
    )
    made_of = gather(workspace, YEAR, "c1", {"period": "2023"})
    assert made_of.inputs[0]["path"] == "data/raw/2023/W5.xlsx"
    assert made_of.inputs[0]["accepted"] == 18
    assert made_of.inputs[1]["form"] == ""
    assert made_of.inputs[1]["rows_seen"] is None
    assert made_of.corrections == ""
    for name in ("wording", "code", "lock"):
        assert len(getattr(made_of, name)) == 64

    own = workspace.root / "wording" / "zh" / "party.md.j2"
    own.parent.mkdir(parents=True)
    own.write_text("自己的句子", encoding="utf-8")
    workspace.corrections.write_text("period\n", encoding="utf-8")
    again = gather(workspace, YEAR, "c1", {"period": "2023"})
    assert again.wording != made_of.wording
    assert again.corrections == hashlib.sha256(b"period\n").hexdigest()
    assert (again.code, again.lock) == (made_of.code, made_of.lock)
