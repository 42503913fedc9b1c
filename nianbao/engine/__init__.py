"""The engine: papermill runs one notebook in a process of its own, alike anywhere.

Where there is fork, that process is forked from one that has imported the libraries; elsewhere it
is a stock kernel. Same outputs either way.
"""

from nianbao.engine.course import Limits, Parameters, Progress
from nianbao.engine.forked import dismiss, warm_up
from nianbao.engine.running import run_notebook

__all__ = ["Limits", "Parameters", "Progress", "dismiss", "run_notebook", "warm_up"]
