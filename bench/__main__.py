"""Command line: `python -m bench`, or `make bench`. See docs/benchmark.md."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bench.errors import BenchError
from bench.plan import FULL, QUICK, TINY, Part, with_ledger_behind, with_many_accounts
from bench.run import run, run_on_cluster
from sandbox.cluster import ClusterError

_ROOT = Path(__file__).resolve().parent.parent
_PLANS = {plan.name: plan for plan in (FULL, QUICK, TINY)}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and return the exit status.

    Returns:
        0 when all was measured, met or not; 1 when an answer was wrong, the books are off or it
        cannot be done; 130 if interrupted.
    """
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--plan", choices=_PLANS, default="full", help="how much is measured")
    parser.add_argument(
        "--folder", type=Path, default=_ROOT / ".bench", help="for the database, on a real disk"
    )
    parser.add_argument(
        "--results", type=Path, default=_ROOT / "bench" / "results", help="for what is measured"
    )
    parser.add_argument(
        "--deep-rows", type=int, metavar="N", help="ledger rows of the deep database (2 million)"
    )
    parser.add_argument(
        "--many-accounts", type=int, metavar="N", help="time sums and reconciliation over so many"
    )
    parser.add_argument("--only", choices=Part, type=Part, nargs="*", help="measure these alone")
    parser.add_argument(
        "--cluster",
        nargs="*",
        metavar="URL",
        help="measure a Citus cluster alone: superusers' URLs, coordinator first (CITUS_URLS)",
    )
    options = parser.parse_args(arguments)
    plan = _PLANS[options.plan]
    if options.only is not None:
        plan = replace(plan, parts=frozenset(options.only))
    if options.deep_rows:
        plan = with_ledger_behind(plan, options.deep_rows)
    if options.many_accounts:
        plan = with_many_accounts(plan, options.many_accounts)
    try:
        if options.cluster is None:
            run(plan, options.folder, options.results)
        else:
            urls = options.cluster or os.environ.get("CITUS_URLS", "").split()
            run_on_cluster(plan, urls, options.folder, options.results)
    except (BenchError, ClusterError) as error:
        print(f"\nbenchmark failed: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nbenchmark interrupted", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
