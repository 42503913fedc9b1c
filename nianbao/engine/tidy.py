"""The copy that is published: the executed notebook without times, ids by chance, or noise."""

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nianbao.engine.course import COLOURS, LOG, Parameters

if TYPE_CHECKING:
    from nbformat import NotebookNode

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


def write_tidy(executed: "NotebookNode", parameters: Parameters, output: Path) -> None:
    """Write an executed notebook, normalised; `parameters` are shown as those it was given."""
    output.parent.mkdir(parents=True, exist_ok=True)
    tidy = _normalised(executed, parameters)
    text = json.dumps(tidy, ensure_ascii=False, indent=1, sort_keys=True)
    output.write_bytes(f"{text}\n".encode())


def _normalised(executed: "NotebookNode", parameters: Parameters) -> dict[str, Any]:
    """The same notebook without times, random ids, paths of this machine, or noise on stderr."""
    cells = []
    for number, cell in enumerate(executed.cells, 1):
        tags = list(cell.metadata.get("tags", ()))
        tidy = {
            "cell_type": cell.cell_type,
            "id": f"c{number:02d}",
            "metadata": {"tags": tags} if tags else {},
            "source": cell.source.splitlines(keepends=True),
        }
        if "injected-parameters" in tags:
            tidy["source"] = _assignments(parameters).splitlines(keepends=True)
        if cell.cell_type == "code":
            tidy |= {"execution_count": cell.execution_count, "outputs": _quiet(cell.outputs)}
        cells.append(tidy)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {
        "cells": cells,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _assignments(parameters: Parameters) -> str:
    return "\n".join(["# Parameters", *(f"{name} = {text!r}" for name, text in parameters.items())])


def _quiet(outputs: "list[NotebookNode]") -> "list[NotebookNode]":
    """Outputs without stderr; what was printed in pieces is put together, pieces being chance."""
    kept: list[NotebookNode] = []
    for output in outputs:
        if output.output_type == "stream":
            if output.name == "stderr":
                LOG.warning("stderr of a cell: %s", COLOURS.sub("", output.text).rstrip())
                continue
            if kept and kept[-1].output_type == "stream":
                kept[-1].text += output.text
                continue
        elif "text/plain" in output.get("data", {}):
            output.data["text/plain"] = _ADDRESS.sub("", output.data["text/plain"])
        kept.append(output)
    return kept
