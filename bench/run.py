"""One run of the benchmark, from the empty folder to the saved report."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from bench import dataset, plot, sql, web
from bench.bars import judge
from bench.books import Books
from bench.cluster import API, PASSWORD, SERVICE, filling, measuring, workplace
from bench.contests import Results
from bench.load.runner import find_wrk
from bench.plan import History, Plan
from bench.progress import Progress
from bench.report import Report
from bench.sql import Target
from sandbox.cluster import Cluster

MAIN = "bench"
SHALLOW = "bench_shallow"
DEEP = "bench_deep"

# Estimates, for the progress line alone.
_ROWS_A_SECOND = 40_000
_START_SECONDS = 8.0


def run(plan: Plan, folder: Path, results_folder: Path) -> Report:
    """Measure a plan, print the report and save it.

    Raises:
        WrongAnswerError: An answer was wrong, or the books are off.
        BenchError: It cannot be done, or not now.
    """
    progress = Progress()
    results = Results()
    notes: list[str] = []
    progress.expect(_START_SECONDS + sum(map(_filling_seconds, _histories(plan).values())))
    with workplace(folder):
        with filling(folder, plan.shared_buffers) as cluster:
            _fill(plan, cluster, progress, notes)
        with measuring(folder, plan.shared_buffers) as cluster:
            _measure(plan, cluster, results, progress)
    report = Report(plan, results, judge(plan, results), notes)
    files = report.save(results_folder)
    if plot.available():
        picture = results_folder / f"{plan.name}.png"
        plot.save(f"Benchmark, {plan.name}", report.verdicts, results, picture)
        files.append(picture)
    progress.end()
    print(report.markdown())
    print("saved as " + ", ".join(map(str, files)))
    return report


def _fill(plan: Plan, cluster: Cluster, progress: Progress, notes: list[str]) -> None:
    progress.step("migrating", _START_SECONDS)
    dataset.migrate(cluster, web.LAYER)
    for name, history in _histories(plan).items():
        progress.step(f"making up {history.ledger_rows:,} ledger rows", _filling_seconds(history))
        started = time.monotonic()
        dataset.clone(cluster, web.LAYER, name)
        dataset.fill(cluster, name, history, gifts=_gifts(plan, name), peers=name == MAIN)
        notes.append(
            f"{name}: {history.ledger_rows:,} ledger rows, made up in "
            f"{time.monotonic() - started:.0f} s"
        )
    dataset.answer_constants(cluster, web.LAYER)
    notes.append(
        f"HTTP load by {'wrk' if find_wrk() else 'our own generator: wrk is not installed'}"
    )


def _measure(plan: Plan, cluster: Cluster, results: Results, progress: Progress) -> None:
    targets = {name: _target(cluster, name, history) for name, history in _histories(plan).items()}
    main = targets[MAIN]
    contests = [*sql.contests(plan, main)]
    if plan.deep is not None:
        contests.append(sql.depth_contest(plan, targets[SHALLOW], targets[DEEP]))
    folder = cluster.data_dir.parent
    with (
        _books_kept(target.books for target in targets.values()),
        web.running(plan, cluster, folder, main, MAIN) as served,
    ):
        served.verify()
        contests += served.contests()
        progress.expect(sum(contest.seconds(plan.rounds) for contest in contests))
        with psycopg.connect(cluster.dsn(), autocommit=True) as owner:
            owner.execute("checkpoint")
        for contest in contests:
            results.run(contest, plan, progress)


@contextmanager
def _books_kept(all_books: Iterator[Books]) -> Iterator[None]:
    """Check the books before and after the block."""
    kept = list(all_books)
    for books in kept:
        books.open()
    yield
    for books in kept:
        books.check()


def _target(cluster: Cluster, name: str, history: History) -> Target:
    return Target(
        cluster.dsn(name, SERVICE, PASSWORD),
        cluster.dsn(name, API, PASSWORD),
        history,
        Books(cluster.dsn(name), peers=name == MAIN),
    )


def _histories(plan: Plan) -> dict[str, History]:
    named = {MAIN: plan.main, SHALLOW: plan.shallow, DEEP: plan.deep}
    return {name: history for name, history in named.items() if history is not None}


def _gifts(plan: Plan, name: str) -> int:
    return sql.gifts_needed(plan, plan.clients if name == MAIN else (sql.DEPTH_CLIENTS,))


def _filling_seconds(history: History) -> float:
    return 3 + history.ledger_rows / _ROWS_A_SECOND
