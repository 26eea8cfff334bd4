"""The core beside the one of before, in one server: `python -m bench.peers.before`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import psycopg

from bench import dataset, run, sql, sustained
from bench.bars import Bar, Verdict, snapshot_bar
from bench.books import Books
from bench.cluster import PASSWORD, SERVICE, filling, measuring, workplace
from bench.contests import Contest, Contestant, Results
from bench.errors import BenchError
from bench.plan import History, Part, Plan
from bench.progress import Progress
from bench.report import Report
from bench.sql import Target
from sandbox.cluster import Cluster, ClusterError

_FOLDER = Path(__file__).resolve().parent
_ROOT = _FOLDER.parent.parent.parent
_NEW, _BEFORE = "bench", "bench_before"
_EMPTY = "bench_empty"
_SUFFIX = ", before"

PLAN = Plan(
    name="before",
    main=History(accounts=20_000, guilds=200, active=20_000, readers=100, lots=2_000),
    shallow=None,
    deep=None,
    rounds=7,
    sql_seconds=2,
    http_seconds=0,
    clients=(8, 32),
    connections=(),
    users=0,
    backend_calls=3_000,
    snapshot_seconds=60,
    parts=frozenset({Part.SQL, Part.BACKEND, Part.SNAPSHOT}),
)
_SPREAD = ("use", "use_guild", "batch")
_HOT = ("use", "use_hot_guild", "batch")

# By clients and backends alike: what, the contest's script, the least new : before, spread and hot.
_WANTED_SPREAD = {"use": 1.15, "use_guild": 1.25, "batch": 1.1}
_WANTED_HOT = {"use": 1.3, "use_hot_guild": 1.25, "batch": 1.0}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure both, print and save the report; 1 if it cannot be done."""
    parser = argparse.ArgumentParser(prog="python -m bench.peers.before", description=__doc__)
    parser.add_argument("--only", choices=PLAN.parts, type=Part, nargs="*", help="these alone")
    parser.add_argument("--rounds", type=int, default=PLAN.rounds)
    parser.add_argument("--seconds", type=int, default=PLAN.sql_seconds, help="of a run of pgbench")
    parser.add_argument("--clients", type=int, nargs="*", default=PLAN.clients)
    parser.add_argument("--snapshot-seconds", type=int, default=PLAN.snapshot_seconds)
    parser.add_argument("--accounts", type=int, default=PLAN.main.accounts)
    parser.add_argument("--folder", type=Path, default=_ROOT / ".bench", help="on a real disk")
    parser.add_argument("--results", type=Path, default=_ROOT / "bench" / "results")
    options = parser.parse_args(arguments)
    people = replace(PLAN.main, accounts=options.accounts, active=options.accounts)
    plan = replace(
        PLAN,
        main=people,
        rounds=options.rounds,
        sql_seconds=options.seconds,
        clients=tuple(options.clients),
        snapshot_seconds=options.snapshot_seconds,
        backend_calls=min(PLAN.backend_calls, people.accounts),
        parts=PLAN.parts if options.only is None else frozenset(options.only),
    )
    try:
        _measure(plan, options.folder, options.results)
    except (BenchError, ClusterError) as error:
        print(f"\nbenchmark failed: {error}", file=sys.stderr)
        return 1
    return 0


def _measure(plan: Plan, folder: Path, results_folder: Path) -> None:
    progress, results = Progress(), Results()
    with workplace(folder):
        with filling(folder, plan.shared_buffers) as cluster:
            progress.step("making up a past, twice", 0)
            _fill(plan, cluster)
        with measuring(folder, plan.shared_buffers) as cluster:
            targets = {"": _target(cluster, _NEW, plan), _SUFFIX: _target(cluster, _BEFORE, plan)}
            contests = list(_contests(plan, targets))
            progress.expect(sum(contest.seconds(plan) for contest in contests))
            targets[""].books.open()
            with psycopg.connect(cluster.dsn(), autocommit=True) as owner:
                owner.execute("checkpoint")
            for contest in contests:
                results.run(contest, plan, progress)
            targets[""].books.check()
    progress.end()
    run.show(Report(plan, results, _judge(plan, results), []), results_folder)


def _fill(plan: Plan, cluster: Cluster) -> None:
    """Give the new core and that of before the same past, each in a database of its own."""
    dataset.migrate(cluster, _EMPTY)
    dataset.clone(cluster, _EMPTY, _NEW)
    dataset.fill(cluster, _NEW, plan.main, gifts=0, peers=True)
    cluster.create_database(_BEFORE)
    for name, values in (("schema.sql", None), ("history.sql", asdict(plan.main))):
        text = (_FOLDER / name).read_text(encoding="utf-8")
        with psycopg.connect(cluster.dsn(_BEFORE)) as owner:
            owner.execute(text if values is None else text % values)
            owner.execute("analyze")
    dataset.add_lots(cluster, _BEFORE, plan.main)


def _target(cluster: Cluster, database: str, plan: Plan) -> Target:
    dsn = cluster.dsn(database, SERVICE, PASSWORD)
    return Target(dsn, dsn, plan.main, Books(cluster.dsn(database)))


def _contests(plan: Plan, targets: Mapping[str, Target]) -> Iterator[Contest]:
    """The new and the old stand side by side, call by call."""
    for clients in plan.clients if Part.SQL in plan.parts else ():
        for name, scripts, accounts in (
            (_spread(clients), _SPREAD, None),
            (_hot(clients), _HOT, sql.HOT_ACCOUNT),
        ):
            yield Contest(
                name,
                [
                    sql.contestant(
                        plan, target, script, clients, accounts=accounts, name=script + suffix
                    )
                    for script in scripts
                    for suffix, target in targets.items()
                ],
            )
    if Part.BACKEND in plan.parts:
        yield Contest(sustained.BACKEND, list(_backends(plan, targets)))
    if Part.SNAPSHOT in plan.parts:
        yield sustained.snapshot_contest(
            plan, {f"use{suffix}": target for suffix, target in targets.items()}
        )


def _backends(plan: Plan, targets: Mapping[str, Target]) -> Iterator[Contestant]:
    everybody = range(1, plan.backend_calls + 1)
    with_lot, _ = sustained.lot_accounts(plan)
    yield sustained.backend_contestant(targets[""], "limit", everybody)
    for script, accounts, name in (
        ("use", everybody, "use"),
        ("use_guild", everybody, "use_guild"),
        ("use", with_lot, "use with a lot"),
    ):
        for suffix, target in targets.items():
            yield sustained.backend_contestant(target, script, accounts, name=name + suffix)


def _judge(plan: Plan, results: Results) -> list[Verdict]:
    measured = ((bar, bar.ratio(results)) for bar in _bars(plan))
    return [Verdict(bar, ratio) for bar, ratio in measured if ratio is not None]


def _bars(plan: Plan) -> Iterator[Bar]:
    for clients in plan.clients:
        for contest, wanted in ((_spread(clients), _WANTED_SPREAD), (_hot(clients), _WANTED_HOT)):
            for script, least in wanted.items():
                yield _bar(f"{script}, {contest}", least, contest, script)
    for script in ("use", "use_guild"):
        yield _bar(f"backend's time, {script}", 0.75, sustained.BACKEND, script, "backend_us")
        yield _bar(f"WAL, {script}", 0.8, sustained.BACKEND, script, "wal_bytes")
    for name in ("use", f"use{_SUFFIX}"):
        yield snapshot_bar(name)


def _bar(what: str, wanted: float, contest: str, script: str, field: str = "rate") -> Bar:
    return Bar(
        f"new : before, {what}",
        wanted,
        lambda results: results.ratio((contest, script), (contest, script + _SUFFIX), field),
        at_most=field != "rate",
    )


def _spread(clients: int) -> str:
    return f"spread, {clients} clients"


def _hot(clients: int) -> str:
    return f"hot, {clients} clients"


if __name__ == "__main__":
    sys.exit(main())
