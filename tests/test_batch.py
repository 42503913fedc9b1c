"""Many districts at once: each fails alone, none is doubled, and one page shows them all."""

import contextlib
import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from small_runs import find, small_home, stand_in

from nianbao import batch, cli
from nianbao.batch import Crew, Ended, make_all
from nianbao.findings import Finding
from nianbao.holding import hold
from nianbao.schema import read_table, records
from nianbao.workspace import PROJECT, Workspace

posix = pytest.mark.skipif(os.name == "nt", reason="kills by signals")
PARSE = Finding(
    "E_PARSE",
    file="data/raw/2023/a.xls",
    sheet="调解",
    cell="F9",
    words={"raw": "若干", "name": "受理", "why": "names no number"},
)


@contextlib.contextmanager
def one_thread(*_: object) -> Iterator[Crew]:
    """In this very process, where the stand-in notebooks are known."""

    def engage() -> Executor:
        return ThreadPoolExecutor(1)

    yield Crew(engage)


@pytest.fixture
def homes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Three districts; the second has a number that nobody can read."""
    stand_in(tmp_path / "notebooks", monkeypatch)
    monkeypatch.setattr(batch, "processes", one_thread)
    monkeypatch.chdir(tmp_path)
    found = [small_home(tmp_path / name) for name in ("east", "middle", "west")]
    find(found[1], PARSE)
    return found


def run(homes: list[Path], *more: str) -> int:
    return cli.main(["batch", "--year", "2023", *map(str, homes), *more])


# --- one fails alone ------------------------------------------------------------------------------


def test_a_district_that_fails_fails_alone_and_is_named_with_its_reason(homes, capsys) -> None:
    assert run(homes, "--json", "--quiet") == 3
    said = capsys.readouterr()
    answer = json.loads(said.out)
    assert (answer["status"], answer["exit_code"], answer["retries"]) == ("incomplete", 3, 0)
    told = [(one["status"], one["exit_code"], one["attempts"]) for one in answer["workspaces"]]
    assert told == [("published", 0, 1), ("failed", 65, 1), ("published", 0, 1)]
    assert [one["workspace"] for one in answer["workspaces"]] == [str(home) for home in homes]
    failed = answer["workspaces"][1]
    assert "E_PARSE 1" in failed["message"]
    assert failed["findings"] == {"E_PARSE": 1}
    lines = said.err.splitlines()
    assert lines[0].startswith("[2/3] middle: error E_PARSE data/raw/2023/a.xls › 调解 › F9: ")
    assert lines[1].startswith("[2/3] middle: exit 65: the raw data are wrong (E_PARSE 1)")
    assert [row["cell"] for row in failed["errors"]] == ["F9"]
    assert [(home / "outputs/2023/report.html").exists() for home in homes] == [True, False, True]


def test_all_well_is_exit_0_with_a_line_for_the_page_and_for_each_report(homes, capsys) -> None:
    find(homes[1])
    assert run(homes) == 0
    said = capsys.readouterr()
    assert said.out.splitlines() == [
        "outputs/batch/2023.html",
        *(f"{name}/outputs/2023/report.html" for name in ("east", "middle", "west")),
    ]
    assert said.err.splitlines() == ["[1/3] east", "[2/3] middle", "[3/3] west"]
    assert run(homes, "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert {one["status"] for one in answer["workspaces"]} == {"unchanged"}


def test_a_district_that_is_held_by_another_run_fails_alone(homes, capsys) -> None:
    find(homes[1])
    with hold(Workspace(homes[2]), "run 2023"):
        assert run(homes, "--json") == 3
    codes = [one["exit_code"] for one in json.loads(capsys.readouterr().out)["workspaces"]]
    assert codes == [0, 0, 75]


def test_a_wrong_catalogue_and_a_partial_report_are_told_apart(homes, capsys) -> None:
    (homes[0] / "catalogue").mkdir()
    (homes[0] / "catalogue" / "office.yml").write_text("bureau: [", encoding="utf-8")
    assert run(homes, "--json", "--allow-partial") == 3
    told = json.loads(capsys.readouterr().out)["workspaces"]
    codes = [(one["status"], one["exit_code"], one["complete"]) for one in told]
    assert codes == [("failed", 78, False), ("published", 3, False), ("published", 0, True)]


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("no-such-folder",),
        (".", "."),
        (".", "--workers", "0"),
        (".", "--scheduler", "http://x:1"),
        (".", "--scheduler", "tcp://x:1", "--workers", "2"),
        (".", "--scheduler", "tls://x:1", "--tls-ca", "a"),
        (".", "--scheduler", "tcp://x:1", "--tls-ca", "a", "--tls-cert", "b", "--tls-key", "c"),
    ],
)
def test_what_cannot_be_meant_is_exit_2_before_anything_is_run(words, monkeypatch) -> None:
    monkeypatch.setattr(batch, "batch", None)
    assert cli.main(["batch", "--year", "2023", *words]) == 2


def test_options_may_stand_between_the_districts(homes) -> None:
    words = ["batch", str(homes[0]), "--year", "2023", str(homes[2]), "--workers", "2"]
    assert cli.main(words) == 0
    assert (homes[2] / "outputs" / "2023" / "report.html").exists()


# --- the page -------------------------------------------------------------------------------------


def test_the_page_lists_every_district_and_its_links_open(homes, tmp_path: Path) -> None:
    run(homes)
    path = tmp_path / "outputs" / "batch" / "2023.html"
    page = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    assert page.h1 is not None
    assert page.h1.get_text() == "2023年各地工作报告"
    text = page.get_text(" ")
    assert "共3个工作区：已发布2个（其中不完整0个），失败1个。" in text
    assert "失败（退出码 65）" in text
    assert "原始数据有误，见该工作区的findings.csv。 E_PARSE 1" in " ".join(text.split())
    assert [code.get_text() for code in page.select("tbody th code")] == ["east", "middle", "west"]
    links = [str(link["href"]) for link in page.find_all("a")]
    assert links
    assert all((path.parent / link).is_file() for link in links)
    assert not page.find_all(["script", "link", "img"])
    assert "default-src 'none'" in str(page.find("meta", {"http-equiv": True}))


def test_the_page_of_a_failed_district_says_that_the_former_report_stands(homes, tmp_path) -> None:
    find(homes[1])
    run(homes)
    find(homes[1], PARSE)
    assert run(homes, "--lang", "en", "--to", "pages", "--force") == 3
    page = (tmp_path / "pages" / "2023.html").read_text(encoding="utf-8")
    assert "Reports of the districts, 2023" in page
    assert "The report published before stands" in page


def test_the_same_batch_writes_the_same_page(homes, tmp_path: Path) -> None:
    path = tmp_path / "outputs" / "batch" / "2023.html"
    run(homes)
    first = path.read_bytes()
    run(homes)
    assert path.read_bytes() == first


# --- a worker dies --------------------------------------------------------------------------------


def begun(root: Path) -> int:
    """Write down that a district is begun once more."""
    with (root / "begun").open("a") as file:
        file.write(f"{os.getpid()}\n")
    return len((root / "begun").read_text().splitlines())


def dies_at_first(root: Path) -> Ended:
    if begun(root) == 1 and root.name == "b":
        os.kill(os.getpid(), signal.SIGKILL)
    return Ended(root, "published", 0)


def dies_always(root: Path) -> Ended:
    begun(root)
    if root.name == "b":
        os.kill(os.getpid(), signal.SIGKILL)
    return Ended(root, "published", 0)


@pytest.fixture
def roots(tmp_path: Path) -> list[Path]:
    found = [tmp_path / name for name in "abcdef"]
    for root in found:
        root.mkdir()
    return found


def times(roots: list[Path]) -> list[int]:
    return [len((root / "begun").read_text().splitlines()) for root in roots]


@posix
def test_a_killed_worker_costs_its_own_district_one_more_attempt(roots: list[Path]) -> None:
    told: list[str] = []
    with batch.processes(2, len(roots)) as crew:
        ended = make_all(roots, dies_at_first, crew, lambda *words: told.append(words[2].root.name))
    assert [one.root for one in ended] == roots
    assert [one.begun for one in ended] == times(roots) == [1, 2, 1, 1, 1, 1]
    assert {one.status for one in ended} == {"published"}
    assert sorted(told) == list("abcdef")


@posix
def test_a_district_that_always_kills_its_worker_is_given_up_alone(roots: list[Path]) -> None:
    with batch.processes(2, len(roots)) as crew:
        ended = make_all(roots, dies_always, crew, lambda *_: None)
    assert [one.begun for one in ended] == times(roots) == [1, batch.ATTEMPTS, 1, 1, 1, 1]
    assert [one.exit_code for one in ended] == [0, 70, 0, 0, 0, 0]
    assert "BrokenProcessPool" in ended[1].message
    assert multiprocessing.active_children() == []


def sleeps(root: Path) -> Ended:
    begun(root)
    time.sleep(600)
    return Ended(root, "published", 0)


@posix
def test_a_batch_that_is_stopped_leaves_no_process(roots: list[Path]) -> None:
    class Stop(BaseException):
        pass

    def stop(*_: object) -> None:
        raise Stop

    def stop_as_soon_as_it_works() -> None:
        mark = begun_by(roots[0])
        os.kill(os.getpid(), signal.SIGALRM)
        seen.append(mark)

    seen: list[int] = []
    former = signal.signal(signal.SIGALRM, stop)
    try:
        with batch.processes(2, len(roots)) as crew:
            threading.Thread(target=stop_as_soon_as_it_works).start()
            with pytest.raises(Stop):
                make_all(roots, sleeps, crew, lambda *_: None)
    finally:
        signal.signal(signal.SIGALRM, former)
    assert gone(seen[0])


def begun_by(root: Path) -> int:
    """The process that begins a district, as soon as it does."""
    for _ in range(600):
        if (root / "begun").exists() and (text := (root / "begun").read_text()).endswith("\n"):
            return int(text)
        time.sleep(0.1)
    raise TimeoutError(root)


def gone(process: int) -> bool:
    """Whether a process ends within some seconds."""
    for _ in range(100):
        try:
            os.kill(process, 0)
            if Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.1)
    return False


@posix
def test_workers_end_when_the_batch_itself_is_killed(roots: list[Path]) -> None:
    code = (
        "import sys, test_batch; from nianbao import batch; from pathlib import Path\n"
        "if __name__ == '__main__':\n"
        "    roots = [Path(root) for root in sys.argv[1:]]\n"
        "    with batch.processes(2, len(roots)) as crew:\n"
        "        batch.make_all(roots, test_batch.sleeps, crew, print)\n"
    )
    path = os.pathsep.join([str(PROJECT), str(PROJECT / "tests")])
    words = [sys.executable, "-c", code, *map(str, roots)]
    parent = subprocess.Popen(words, env=os.environ | {"PYTHONPATH": path})
    worker = begun_by(roots[0])
    parent.kill()
    parent.wait()
    assert gone(worker)


# --- the real thing -------------------------------------------------------------------------------


@posix
@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="finds the worker through /proc")
def test_a_worker_killed_in_the_middle_of_a_real_run_leaves_one_whole_release(
    tmp_path: Path,
) -> None:
    homes = [tmp_path / name for name in ("east", "west")]
    for home in homes:
        sample_district(home, "示例区")
    words = [sys.executable, str(PROJECT / "pipeline.py"), "batch", "--year", "2023"]
    words += ["--quarter", "1", "--allow-partial", "--json", *map(str, homes)]
    process = subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    for _ in range(600):
        holder = homes[0] / "outputs" / ".lock.json"
        with contextlib.suppress(OSError, ValueError):
            worker = json.loads(holder.read_text())["pid"]
            if (homes[0] / "data" / "processed" / "2023Q1" / "facts.csv").exists():
                os.kill(worker, signal.SIGKILL)
                break
        time.sleep(0.05)
    out, err = process.communicate(timeout=200)
    answer = json.loads(out)
    assert (answer["retries"], [one["attempts"] for one in answer["workspaces"]]) == (1, [2, 1]), (
        err
    )
    assert [one["exit_code"] for one in answer["workspaces"]] == [3, 3]
    names = [[path.name for path in (home / "outputs/releases/2023Q1").iterdir()] for home in homes]
    assert names[0] == names[1] == [answer["workspaces"][0]["release"]]
    for home in homes:
        assert cli.main(["verify", "--workspace", str(home)]) == 0


def sample_district(home: Path, name: str) -> Path:
    """A district with the sample's first quarters of two years, under a name of its own."""
    left_out = shutil.ignore_patterns("processed", "quarantine", "202?Q[234]", "2024*")
    shutil.copytree(PROJECT / "data", home / "data", ignore=left_out)
    if name == "示例区":
        return home
    (home / "catalogue").mkdir()
    places = (PROJECT / "catalogue" / "places.csv").read_text(encoding="utf-8")
    own = places.replace("S00,示例区,district,0,,,", f"S00,{name},district,0,,,示例区;")
    (home / "catalogue" / "places.csv").write_text(own, encoding="utf-8")
    return home


def values(home: Path, place: str) -> dict[str, dict[str, str]]:
    frame = read_table("values", home / "data" / "processed" / "2023Q1")
    return {row["indicator"]: row for row in records(frame) if row["place"] == place}


@posix
@pytest.mark.slow
def test_a_city_is_rolled_up_from_its_districts(tmp_path: Path) -> None:
    homes = [sample_district(tmp_path / name, name) for name in ("东河区", "西山区")]
    city = shutil.copytree(PROJECT / "examples" / "city", tmp_path / "city")
    places = city / "catalogue" / "places.csv"
    listed = places.read_text(encoding="utf-8")
    places.write_text(listed.replace("D03,南原区,township,3,,,\n", ""), encoding="utf-8")
    words = [sys.executable, str(PROJECT / "pipeline.py"), "batch", *map(str, homes)]
    words += ["--year", "2023", "--quarter", "1", "--allow-partial", "--json"]
    done = subprocess.run([*words, "--roll-up", str(city)], cwd=tmp_path, capture_output=True)
    answer = json.loads(done.stdout)
    assert answer["roll_up"]["status"] == "published", done.stderr.decode()
    own, above = values(homes[0], "S00"), values(city, "C00")
    for indicator in ("mediation_cases", "reconsideration_received"):
        assert int(above[indicator]["value"]) == 2 * int(own[indicator]["value"]) > 0
    rate = above["mediation_success_rate"]
    assert int(rate["numerator"]) == 2 * int(own["mediation_success_rate"]["numerator"])
    assert rate["value"] == own["mediation_success_rate"]["value"]
    assert (city / "outputs" / "batch" / "2023Q1.html").is_file()
    report = (city / "outputs" / "2023Q1" / "report.html").read_text(encoding="utf-8")
    assert "镇街" not in BeautifulSoup(report, "html.parser").get_text()


def test_a_roll_up_of_nothing_fails_by_itself(homes, capsys, tmp_path: Path) -> None:
    city = shutil.copytree(PROJECT / "examples" / "city", tmp_path / "city")
    for home in homes:
        find(home, PARSE)
    assert run(homes, "--roll-up", str(city), "--to", "p", "--json") == 3
    told = json.loads(capsys.readouterr().out)["roll_up"]
    assert (told["status"], told["exit_code"]) == ("failed", 66)


# --- a Dask cluster -------------------------------------------------------------------------------


def test_without_dask_it_says_what_to_install(homes, monkeypatch, capsys) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert run(homes, "--scheduler", "tcp://127.0.0.1:1") == 69
    assert "pip install 'dask[distributed]'" in capsys.readouterr().err


def test_a_dask_cluster_does_the_same_through_the_same_loop(roots: list[Path]) -> None:
    distributed = pytest.importorskip("distributed", reason="no Dask here")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None
        ) as local,
        batch.cluster(local.scheduler_address, {}, len(roots)) as crew,
    ):
        ended = make_all(roots, dies_at_first, crew, lambda *_: None)
    assert {one.status for one in ended} == {"published"}
    assert times(roots) == [1, 2, 1, 1, 1, 1]
