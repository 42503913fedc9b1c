"""Rerun: a run, or nothing where nothing has changed; the door of `run`, and of every district."""

from nianbao import publish, unchanged
from nianbao.checking import Watch, finding_rows
from nianbao.findings import read_findings
from nianbao.period import Period
from nianbao.runs import Options, Outcome
from nianbao.workspace import Workspace


def run(
    workspace: Workspace, period: Period, options: Options, watch: Watch, keep: int | None = None
) -> Outcome:
    """Make and publish one report where anything has changed; the caller holds the workspace.

    Of the releases before it the newest `keep` stay; None keeps all. Raises what `steps.run` does.
    """
    seen = unchanged.see(workspace, period, options)
    ended = None if options.force else unchanged.as_before(workspace, period, seen)
    if ended is None:
        from nianbao import engine  # heavy, and only where there is something to do

        engine.warm_up()  # it imports what the notebooks use while this process imports the rest
        from nianbao import steps

        ended = steps.run(workspace, period, options, watch)
        unchanged.stamp(workspace, period, seen, ended)
    else:
        watch.findings(finding_rows(workspace, read_findings(workspace.processed(period))))
    if keep is not None:
        publish.thin_out(workspace, period, keep)
    publish.write_index(workspace, *ended.bureau)
    return ended
