"""Break the rules on purpose, one at a time, and demand that a test notices each.

Each mutant is a database of its own, a copy of a fresh installation with one rule broken. Only the
tests that are named for it run against it. The same tests pass on a copy with nothing broken.

Words choose the mutants that have them in their names; `--sample` takes a tenth of all, another one
for each commit.
"""

import io
import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from installation import fresh_installation
from mutants import MUTANTS, Mutant, MutantError

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = {"synchronous_commit": "off", "full_page_writes": "off", "max_connections": "300"}
OPTIONS = ("--maxfail=1", "--tb=line", "-p", "no:cacheprovider")
LOGINS = ("api", "service", "auditor")


# Modules that are slow to import are imported once: each mutant's process is a copy of that one.
PRELOADED = ["hypothesis", "hypothesis.strategies", "psycopg", "pytest_postgresql", "schemathesis"]
ONE_IN = 10


def main() -> int:
    """Run the mutants and print one line each; return 1 unless each is caught."""
    words = sys.argv[1:]
    chosen = sample(_commits()) if words == ["--sample"] else _named(words)
    if not chosen:
        print(f"no mutant has all of these words in its name: {' '.join(words)}")
        return 1
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    with (
        fresh_installation(settings=SETTINGS) as url,
        ProcessPoolExecutor(os.cpu_count() or 1, context, max_tasks_per_child=1) as pool,
    ):
        _create_logins(url)
        all_tests = sorted({test for mutant in chosen for test in mutant.tests})
        status, output = pool.submit(_run, all_tests, _copy(url, "unbroken")).result()
        if status != pytest.ExitCode.OK:
            print(f"the tests fail with nothing broken\n{output}")
            return 1
        print(f"{len(all_tests)} tests pass with nothing broken", flush=True)
        numbers = range(len(chosen))
        survived = [
            not caught for caught in pool.map(_is_caught, [url] * len(chosen), numbers, chosen)
        ]
    print(f"{len(chosen)} mutants, {sum(survived)} not caught")
    return 1 if any(survived) else 0


def _named(words: Iterable[str]) -> Sequence[Mutant]:
    return [mutant for mutant in MUTANTS if all(word in mutant.name for word in words)]


def sample(number: int) -> Sequence[Mutant]:
    """Return every tenth mutant; which is the first depends on a number that goes up."""
    return MUTANTS[number % ONE_IN :: ONE_IN]


def _commits() -> int:
    """Count the commits; a checkout without history has none."""
    command = ["git", "rev-list", "--count", "HEAD"]
    counted = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    return int(counted.stdout or 0)


def _is_caught(url: str, number: int, mutant: Mutant) -> bool:
    started = time.monotonic()
    copy = _copy(url, f"mutant_{number}")
    try:
        mutant.infect(copy)
    except MutantError as error:
        print(f"DOES NOT FIT   {mutant.name}: {error}", flush=True)
        return False
    status, output = _run(mutant.tests, copy)
    caught = status == pytest.ExitCode.TESTS_FAILED
    verdict = "caught" if caught else "NOT CAUGHT"
    print(f"{verdict:<14} {mutant.name} ({time.monotonic() - started:.1f} s)", flush=True)
    if not caught:
        print(f"    by {' '.join(mutant.tests)}\n{output}", flush=True)
    return caught


def _run(tests: Iterable[str], url: str) -> tuple[int, str]:
    """Run tests in this process, on a database that is deployed already: status and output."""
    os.environ["TEST_TEMPLATE_URL"] = url
    os.chdir(ROOT)
    output = io.StringIO()
    with redirect_stdout(output), redirect_stderr(output):
        status = pytest.main(["-q", *OPTIONS, *tests])
    return status, output.getvalue()


def _copy(url: str, name: str) -> str:
    """Copy the database at a URL on its server; return the URL of the copy."""
    info = psycopg.conninfo.conninfo_to_dict(url)
    server, _, origin = url.rpartition("/")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        # Two copies at once would each be in the other's way.
        connection.execute("select pg_advisory_lock(1)")
        connection.execute(
            sql.SQL("create database {} template {}").format(
                sql.Identifier(name), sql.Identifier(str(info["dbname"]))
            )
        )
    return f"{server}/{name}{origin.removeprefix(str(info['dbname']))}"


def _create_logins(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for name in LOGINS:
            connection.execute(
                sql.SQL("create role {} login password 'test' in role {}").format(
                    sql.Identifier(f"test_{name}"), sql.Identifier(f"credits_{name}")
                )
            )


if __name__ == "__main__":
    sys.exit(main())
