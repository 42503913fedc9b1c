"""Every real file of the shared collection ends in a workbook or a refusal, at little cost."""

from collections import Counter
from pathlib import Path

import pytest
from test_readers_hostile import cost

from nianbao.readers import Rejected, Workbook
from nianbao.workspace import PROJECT

REAL_FILES = PROJECT.parent / "shared" / "realdata"

pytestmark = pytest.mark.skipif(
    not REAL_FILES.is_dir(), reason="no shared/realdata beside the project"
)


@pytest.mark.slow
def test_every_file_of_calamine_and_wps_ends_well_and_cheaply(
    capsys: pytest.CaptureFixture[str],
) -> None:
    paths = [path for name in ("calamine", "wps") for path in sorted((REAL_FILES / name).iterdir())]
    costs = {path.name: cost(path) for path in paths}
    codes = Counter(
        found.answer.code if isinstance(found.answer, Rejected) else type(found.answer).__name__
        for found in costs.values()
    )
    slowest = max(costs, key=lambda name: costs[name].seconds)
    hungriest = max(costs, key=lambda name: costs[name].megabytes)
    with capsys.disabled():
        print(f"\n{len(paths)} real files: {dict(codes)}")
        print(f"slowest {slowest}: {costs[slowest].seconds:.2f} s of the processor")
        print(f"hungriest {hungriest}: {costs[hungriest].megabytes} MB")
    assert all(isinstance(found.answer, Workbook | Rejected) for found in costs.values())
    assert costs[slowest].seconds < 10
    assert costs[hungriest].megabytes < 1000
    assert codes["Workbook"] > 0.8 * len(paths)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("calamine/OOM_alloc3.xls", "E_CORRUPT"),
        ("calamine/issue252.xlsx", "E_CORRUPT"),
        ("calamine/issue_594_dos.ods", "E_DIM_LIMIT"),
        ("calamine/pass_protected.xlsx", "E_ENCRYPTED"),
        ("calamine/pass_protected.ods", "E_ENCRYPTED"),
        ("calamine/picture.xlsb", "E_UNSUPPORTED"),
        ("calamine/strict_iso_paths.xlsx", "E_UNSUPPORTED"),
        ("calamine/too_small.xls", "E_TYPE_MISMATCH"),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_code(name: str, code: str) -> None:
    found = cost(_present(name)).answer
    assert isinstance(found, Rejected)
    assert found.code == code


def test_a_table_in_big5_is_read_from_its_publisher() -> None:
    found = cost(_present("taiwan/correction__98年監所受刑人人數.csv")).answer
    assert isinstance(found, Workbook)
    assert found.sheets[0].rows[1][:2] == ("臺灣臺北監獄", "5701")


def _present(name: str) -> Path:
    path = REAL_FILES / name
    if not path.is_file():
        pytest.skip(f"no real file {name} beside the project")
    return path
