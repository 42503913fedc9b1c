"""Receiving: what lies in a raw folder is read, refused or passed over, and never hangs a run."""

import os
import socket
import sys
import time
from pathlib import Path

import pytest
from test_readers import write, xlsx_bytes
from workspaces import cleaned, codes, one, small_workspace

from nianbao.readers import Limits, Rejected, Workbook
from nianbao.receiving import Arrival, is_litter, receive
from nianbao.workspace import PROJECT, Workspace

UNIX_ONLY = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """The raw folder of an empty workspace in a place of its own."""
    folder = tmp_path / "ws" / "data" / "raw" / "2023Q1"
    folder.mkdir(parents=True)
    return folder


def arrived(raw: Path, limits: Limits | None = None) -> dict[str, Arrival]:
    workspace = Workspace(raw.parents[2])
    found = receive(workspace, raw, limits) if limits else receive(workspace, raw)
    return {one.path.relative_to(raw).as_posix(): one for one in found}


def outcome(arrival: Arrival) -> str:
    match arrival.answer:
        case None:
            return "litter"
        case Workbook():
            return "read"
        case Rejected():
            return arrival.answer.code
        case OSError():
            return "refused by the system"


def outcomes(raw: Path) -> dict[str, str]:
    return {name: outcome(arrival) for name, arrival in arrived(raw).items()}


def test_files_come_in_the_order_of_their_names_also_from_folders_below(raw: Path) -> None:
    (raw / "乙镇").mkdir()
    for name in ("b.xlsx", "乙镇/a.xlsx", "a.xlsx"):
        write(raw / name, xlsx_bytes())
    assert list(outcomes(raw).items()) == [
        ("a.xlsx", "read"),
        ("b.xlsx", "read"),
        ("乙镇/a.xlsx", "read"),
    ]


@UNIX_ONLY
def test_what_is_no_plain_file_is_refused_at_once(raw: Path) -> None:
    os.mkfifo(raw / "pipe.xlsx")
    (raw / "folder.xlsx").mkdir()
    write(raw / "folder.xlsx" / "inside.xlsx", xlsx_bytes())
    (raw / "zero.xlsx").symlink_to("/dev/zero")
    here = Path.cwd()
    with socket.socket(socket.AF_UNIX) as listener:
        os.chdir(raw)  # the name of a socket must be short
        try:
            listener.bind("socket.xlsx")
        finally:
            os.chdir(here)
        started = time.perf_counter()
        found = outcomes(raw)
    assert time.perf_counter() - started < 1
    assert found == dict.fromkeys(
        ("folder.xlsx", "pipe.xlsx", "socket.xlsx", "zero.xlsx"), "E_NOT_REGULAR"
    )


@UNIX_ONLY
def test_links_are_followed_once_and_never_out_of_the_workspace(raw: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    write(outside / "secret.xlsx", xlsx_bytes())
    kept = raw.parents[2] / "kept"
    kept.mkdir()
    write(kept / "k.xlsx", xlsx_bytes({"A1": "内"}))
    (raw / "out.xlsx").symlink_to(outside / "secret.xlsx")
    (raw / "outfolder").symlink_to(outside, target_is_directory=True)
    (raw / "in.xlsx").symlink_to(kept / "k.xlsx")
    (raw / "infolder").symlink_to(kept, target_is_directory=True)
    (raw / "loop").symlink_to(raw, target_is_directory=True)
    (raw / "nowhere.xlsx").symlink_to(kept / "gone.xlsx")
    assert outcomes(raw) == {
        "in.xlsx": "read",
        "infolder/k.xlsx": "read",
        "nowhere.xlsx": "E_NOT_REGULAR",
        "out.xlsx": "E_NOT_REGULAR",
        "outfolder": "E_NOT_REGULAR",
    }


@UNIX_ONLY
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read all")
def test_a_folder_that_may_not_be_read_is_said(raw: Path) -> None:
    (raw / "closed").mkdir(mode=0)
    assert outcomes(raw) == {"closed": "refused by the system"}


@UNIX_ONLY
def test_names_that_play_tricks_are_shown_escaped(raw: Path) -> None:
    names = [b"a\n.xlsx", "b\u202exslx.xlsx".encode(), b"c\xff\xfe.xlsx"]
    for name in names:
        write(raw / os.fsdecode(name), xlsx_bytes())
    found = list(arrived(raw).values())
    assert [outcome(arrival) for arrival in found] == ["read"] * 3
    assert [arrival.shown.rpartition("/")[2] for arrival in found] == [
        r"a\n.xlsx",
        r"b\u202exslx.xlsx",
        r"c\udcff\udcfe.xlsx",
    ]


def test_the_same_names_go_through_a_whole_cleaning(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    folder = workspace.raw / "2023Q1"
    (folder / "g.xlsx").rename(
        folder / os.fsdecode("调\u202e解\udcff.xlsx".encode("utf-8", "surrogateescape"))
    )
    got = cleaned(workspace)
    assert codes(got) == {}
    assert {fact.file for fact in got.facts if fact.form == "G"} == {
        r"data/raw/2023Q1/调\u202e解\udcff.xlsx"
    }


# --- a file that somebody is writing

SLOW = f"""
import sys
sys.path.insert(0, {str(PROJECT)!r})
from nianbao.readers.reading import read_workbook
from nianbao.readers.worker import serve

def read(path, seen):
    with path.open("ab") as file:
        file.write(b"x")
    return read_workbook(path, seen)

serve(int(sys.argv[1]), int(sys.argv[2]), read)
"""


def test_a_file_that_changes_between_listing_and_reading_is_unstable(raw: Path) -> None:
    write(raw / "a.xlsx", xlsx_bytes())
    found = arrived(raw, Limits(command=(sys.executable, "-c", SLOW)))
    assert outcome(found["a.xlsx"]) == "E_UNSTABLE"


def test_a_file_that_changes_while_it_is_parsed_is_unstable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nianbao.readers import read_workbook, reading

    path = write(tmp_path / "a.xlsx", xlsx_bytes())
    parse = reading.read_xlsx

    def saved_meanwhile(package: object) -> object:
        write(path, xlsx_bytes({"A1": "乙镇"}))
        return parse(package)  # type: ignore[arg-type]

    monkeypatch.setattr(reading, "read_xlsx", saved_meanwhile)
    with pytest.raises(Rejected) as caught:
        read_workbook(path)
    assert caught.value.code == "E_UNSTABLE"


# --- the traces of office programs


@pytest.mark.parametrize(
    ("name", "litter"),
    [
        ("~$W7-甲镇.xlsx", True),
        (".~W7-甲镇.xlsx", True),
        (".~lock.W7.ods#", True),
        (".DS_Store", True),
        ("Thumbs.db", True),
        ("desktop.ini", True),
        ("._W7.xlsx", True),
        ("W7-甲镇.xlsx", False),
        ("W7~$.xlsx", False),
    ],
)
def test_what_programs_leave_behind_is_litter(name: str, litter: bool) -> None:
    assert is_litter(Path("data/raw/2023") / name) is litter


@pytest.mark.parametrize(
    "lock", ["~$调解情况.xlsx", "~$情况.xlsx", ".~调解情况.xlsx", ".~lock.调解情况.xlsx#"]
)
def test_a_lock_beside_its_workbook_says_that_it_is_open(lock: str, raw: Path) -> None:
    write(raw / "调解情况.xlsx", xlsx_bytes())
    write(raw / "别的.xlsx", xlsx_bytes())
    write(raw / lock, b"x")
    found = arrived(raw)
    assert {name: one.lock for name, one in found.items() if one.lock} == {"调解情况.xlsx": lock}
    assert outcome(found[lock]) == "litter"


def test_an_open_workbook_is_warned_of_by_name(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    write(workspace.raw / "2023Q1" / "~$g.xlsx", b"x")
    got = cleaned(workspace)
    assert codes(got) == {"I_IGNORED": 1, "W_OPEN_IN_EXCEL": 1}
    assert one(got, "W_OPEN_IN_EXCEL").file == "data/raw/2023Q1/g.xlsx"


def test_the_lock_of_a_workbook_that_is_gone_is_only_listed(raw: Path) -> None:
    write(raw / "~$gone.xlsx", b"x")
    assert {name: one.lock for name, one in arrived(raw).items()} == {"~$gone.xlsx": ""}
