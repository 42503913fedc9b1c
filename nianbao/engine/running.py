"""Running: one notebook through papermill, by whichever engine there is, to its tidy copy."""

import ast
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from nianbao.engine import forked, kernels
from nianbao.engine.course import Course, Limits, Parameters, Progress
from nianbao.engine.tidy import write_tidy
from nianbao.errors import NotebookFailed
from nianbao.terminal import printable, say

if TYPE_CHECKING:
    from nbformat import NotebookNode

_USUAL = Limits()
logging.getLogger("papermill").addHandler(logging.NullHandler())


def run_notebook(
    notebook: Path,
    output: Path,
    parameters: Parameters,
    *,
    shown: Parameters | None = None,
    limits: Limits = _USUAL,
    progress: Progress | None = None,
    meanwhile: forked.Meanwhile = lambda: None,
) -> None:
    """Run a notebook with parameters in an empty folder, and write its normalised copy to `output`.

    `shown` replaces, in that copy, parameters that only mean something here (a path). `meanwhile`
    is work that this process may do while the notebook is on its way. Raises NotebookFailed for a
    parameter that the notebook does not have, and for a cell that fails, hangs or leaves; an error
    of ours inside the notebook keeps its own kind. Tracebacks go to the log.
    """
    source = _read(notebook)
    _refuse_unknown(notebook, source, parameters)
    cells = [(cell["id"], cell["source"]) for cell in source.cells]
    course = Course(
        notebook,
        positions={identity: number for number, (identity, _) in enumerate(cells, 1)},
        sources=dict(cells),
        progress=progress,
        limits=limits,
    )
    if progress:
        progress(notebook.stem, 0, len(cells))
    logging.getLogger("papermill").setLevel(logging.ERROR)
    if forked.available():
        executed = forked.execute(source, parameters, course, meanwhile)
    else:
        executed = kernels.execute(source, parameters, course)
    _refuse_unfinished(course, executed)
    write_tidy(executed, {**parameters, **(shown or {})}, output)
    if progress:
        progress(notebook.stem, len(cells), len(cells))


def _read(notebook: Path) -> "NotebookNode":
    import nbformat

    try:
        found: NotebookNode = nbformat.read(notebook, as_version=4)  # type: ignore[no-untyped-call]
        nbformat.validate(found)
        return found
    # Of a file that is no notebook, nbformat's converters raise whatever they stumble on.
    except (
        *(OSError, ValueError, TypeError, LookupError, AttributeError),
        nbformat.ValidationError,
    ) as error:
        cause = printable(str(error).splitlines()[0] if str(error) else type(error).__name__)
        raise NotebookFailed(
            say(
                zh=f"笔记本 {notebook.name} 无法读取（{cause}）。请从版本库恢复该文件。",
                en=f"the notebook {notebook.name} cannot be read ({cause}). "
                "Restore the file from version control.",
            )
        ) from error


def _refuse_unknown(notebook: Path, source: "NotebookNode", parameters: Parameters) -> None:
    """Papermill only warns of a parameter that no cell reads, and takes one of any type."""
    known = _defaults(source)
    for name, value in parameters.items():
        if name not in known:
            listed = ", ".join(sorted(known)) or "-"
            raise NotebookFailed(
                say(
                    zh=f"笔记本 {notebook.name} 没有参数 {name}；它的参数单元格里有：{listed}。",
                    en=f"the notebook {notebook.name} has no parameter {name}; "
                    f"its parameters cell has: {listed}.",
                )
            )
        if type(value) is not (wanted := known[name]):
            raise NotebookFailed(
                say(
                    zh=f"笔记本 {notebook.name} 的参数 {name} 应为 {wanted.__name__}，"
                    f"不是 {type(value).__name__}。",
                    en=f"the parameter {name} of the notebook {notebook.name} is a "
                    f"{wanted.__name__}, not a {type(value).__name__}.",
                )
            )


def _defaults(source: "NotebookNode") -> Mapping[str, type]:
    """The parameters that a notebook has, with the types of their defaults."""
    return {
        target.id: type(ast.literal_eval(statement.value))
        for cell in source.cells
        if "parameters" in cell.metadata.get("tags", ())
        for statement in ast.parse(cell.source).body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }


def _refuse_unfinished(course: Course, executed: "NotebookNode") -> None:
    """Papermill takes `sys.exit()` for a good end; a report half made is not one."""
    for cell in executed.cells:
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        failed = any(output.output_type == "error" for output in cell.outputs)
        if failed or cell["id"] == course.left or cell.execution_count is None:
            course.current = cell["id"]
            raise course.left_early()
