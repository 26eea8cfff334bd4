"""One run of the benchmark, from the empty folder to the saved report."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg

from bench import dataset, plot, spread, sql, sustained, web, whole
from bench.bars import judge
from bench.books import Books
from bench.cluster import API, PASSWORD, SERVICE, filling, measuring, workplace
from bench.contests import Contest, Results
from bench.load.runner import find_wrk
from bench.plan import History, Part, Plan
from bench.progress import Progress
from bench.report import Report, circumstances
from bench.sql import Target
from sandbox.cluster import Cluster

MAIN = "bench"
SHALLOW = "bench_shallow"
DEEP = "bench_deep"
MANY = "bench_many"

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
    notes = circumstances(plan)
    progress.expect(_START_SECONDS + sum(map(_filling_seconds, _histories(plan).values())))
    with workplace(folder):
        with filling(folder, plan.shared_buffers) as cluster:
            _fill(plan, cluster, progress, notes)
        with measuring(folder, plan.shared_buffers) as cluster:
            _measure(plan, cluster, results, progress)
            if plan.many is not None:
                progress.step(f"sums over {plan.many.accounts:,} accounts", 0)
                notes += whole.over_all(cluster.dsn(MANY), plan.many)
    report = Report(plan, results, judge(plan, results), notes)
    progress.end()
    show(report, results_folder)
    return report


def run_on_cluster(plan: Plan, urls: Sequence[str], folder: Path, results_folder: Path) -> Report:
    """Measure debits on a cluster that others run, print the report and save it.

    Raises:
        WrongAnswerError: An answer was wrong, or the books are off.
        BenchError: It cannot be done, or not now.
    """
    progress = Progress()
    results, notes = spread.measure(plan, urls, folder, progress)
    report = Report(replace(plan, name="cluster"), results, [], notes)
    progress.end()
    show(report, results_folder)
    return report


def show(report: Report, results_folder: Path) -> None:
    """Save a report, with a picture where that can be drawn, and print it."""
    files = report.save(results_folder)
    if report.verdicts and plot.available():
        picture = results_folder / f"{report.plan.name}.png"
        title = f"Benchmark, {report.plan.name}"
        plot.save(title, report.verdicts, report.results, picture)
        files.append(picture)
    print(report.markdown())
    print("saved as " + ", ".join(map(str, files)))


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
    targets = {
        name: _target(cluster, name, history)
        for name, history in _histories(plan).items()
        if name != MANY
    }
    contests = _sql_contests(plan, targets)
    folder = cluster.data_dir.parent
    with ExitStack() as stack:
        stack.enter_context(_books_kept(target.books for target in targets.values()))
        if Part.HTTP in plan.parts:
            served = stack.enter_context(web.running(plan, cluster, folder, targets[MAIN], MAIN))
            served.verify()
            contests += served.contests()
        progress.expect(sum(contest.seconds(plan) for contest in contests))
        with psycopg.connect(cluster.dsn(), autocommit=True) as owner:
            owner.execute("checkpoint")
        for contest in contests:
            results.run(contest, plan, progress)


def _sql_contests(plan: Plan, targets: Mapping[str, Target]) -> list[Contest]:
    contests: list[Contest] = []
    if Part.SQL in plan.parts:
        contests += sql.contests(plan, targets[MAIN])
    if Part.BACKEND in plan.parts:
        contests.append(sustained.backend_contest(plan, targets[MAIN]))
        contests.append(sustained.lot_contest(plan, targets[MAIN]))
    if Part.SNAPSHOT in plan.parts and plan.snapshot_seconds:
        contests.append(sustained.snapshot_contest(plan, {"use": targets[MAIN]}))
    if DEEP in targets:
        contests.append(sql.depth_contest(plan, targets[SHALLOW], targets[DEEP]))
    return contests


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
    named: dict[str, History | None] = {}
    if plan.parts - {Part.DEPTH}:
        named |= {MAIN: plan.main}
    if Part.DEPTH in plan.parts:
        named |= {SHALLOW: plan.shallow, DEEP: plan.deep}
    named |= {MANY: plan.many}
    return {name: history for name, history in named.items() if history is not None}


def _gifts(plan: Plan, name: str) -> int:
    if name == MANY:
        return 0
    return sql.gifts_needed(plan, plan.clients if name == MAIN else (sql.DEPTH_CLIENTS,))


def _filling_seconds(history: History) -> float:
    return 3 + history.ledger_rows / _ROWS_A_SECOND
