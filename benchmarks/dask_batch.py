"""A batch on a LocalCluster of so many processes: `dask_batch.py WORKERS`, then batch's words."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))


def main() -> int:
    from distributed import LocalCluster

    from nianbao import cli

    workers = int(sys.argv[1])
    with LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as cluster:
        return cli.main(["batch", "--scheduler", cluster.scheduler_address, *sys.argv[2:]])


if __name__ == "__main__":
    sys.exit(main())
