"""The work that nobody asks for, in a process of its own."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sandbox.processes import Child, clean_environment
from tests.api.exposition import scrape
from tests.api.live_api import LiveApi, StartApi, variables_for, wait_until
from tests.api.service_calls import hold
from tests.databases import Database


@contextmanager
def worker_for(api: LiveApi, log: Path) -> Iterator[Child]:
    variables = variables_for(api.database, api.issuer, api.stripe)
    process = Child([sys.executable, "-m", "worker"], log=log, env=clean_environment(variables))
    try:
        yield process
    finally:
        process.stop((signal.SIGTERM, 20.0))


def test_it_works_apart_from_the_api_and_ends_when_told(
    database: Database, start_api: StartApi, tmp_path: Path
) -> None:
    api = start_api(database=database, WORKER_IN_API="off")
    user = api.user(5)
    held = hold(api, user.id, 4, expiresInSeconds=1)
    with worker_for(api, tmp_path / "log") as worker:
        query = "select from credits.reservations where id = %s and status = 'expired'"
        wait_until(lambda: api.audit(query, held))
        assert "mana_credits_job_runs_total" not in scrape(api).names()
        worker.send(signal.SIGTERM)
        worker.wait(5)
    assert worker.returncode == 0


@pytest.mark.off_books
@pytest.mark.parametrize("job", ["seal", "expire_attempts"])
def test_a_job_that_fails_there_ages(
    database: Database, start_api: StartApi, tmp_path: Path, job: str
) -> None:
    """Nothing else tells of it: the worker has no metrics."""
    api = start_api(database=database, WORKER_IN_API="off")
    with database.connect() as owner:
        owner.execute(f"revoke execute on function credits.{job} from credits_api".encode())
        owner.execute(
            "insert into credits.job_claims (name, claimed_at, done_at)"
            " values (%s, now() - interval '1 day', now() - interval '1 day')",
            [job],
        )
    log = tmp_path / "log"
    with worker_for(api, log):
        wait_until(lambda: f'"job":"{job}"' in log.read_text(encoding="utf-8"))
    age = scrape(api).value("mana_credits_job_age_seconds", name=job)
    assert age is not None
    assert age >= 24 * 60 * 60
