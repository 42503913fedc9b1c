"""The surroundings of a notebook: an environment in which nothing can change a result."""

import os
from pathlib import Path

from nianbao.terminal import terminal_language
from nianbao.workspace import PROJECT

# What a notebook computes must not depend on where it runs: no thread races in BLAS, no hash
# order, no locale, no time zone.
_PINNED = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "MPLBACKEND": "Agg",
    "PYTHONHASHSEED": "0",
    "PYTHONUTF8": "1",
    "LC_ALL": "C.UTF-8",
    "LANG": "C.UTF-8",
    "TZ": "UTC",
}
_DROPPED = ("LANGUAGE", "MATPLOTLIBRC", "SOURCE_DATE_EPOCH")
_DROPPED_PYTHON = ("STARTUP", "INSPECT", "OPTIMIZE", "WARNINGS", "IOENCODING", "BREAKPOINT")


def environment(folder: Path) -> dict[str, str]:
    """The user's environment, with all that could change a result pinned, and its own `folder`."""
    dropped = {*_DROPPED, *(f"PYTHON{name}" for name in _DROPPED_PYTHON)}
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in dropped and not name.startswith(("LC_", "JUPYTER_", "IPYTHON"))
    }
    inherited = [part for part in kept.get("PYTHONPATH", "").split(os.pathsep) if part]
    path = [str(PROJECT), *(part for part in inherited if Path(part) != PROJECT)]
    own = {
        "NIANBAO_LANG": terminal_language(),  # mistakes are told in it; results are not
        "PYTHONPATH": os.pathsep.join(path),
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTER_CONFIG_DIR": str(folder / "jupyter"),
        "JUPYTER_RUNTIME_DIR": str(folder / "jupyter"),
        "MPLCONFIGDIR": str(folder / "matplotlib"),
    }
    return kept | _PINNED | own


def desk(folder: Path) -> Path:
    """The empty working folder of a notebook."""
    made = folder / "desk"
    made.mkdir(exist_ok=True)
    return made
