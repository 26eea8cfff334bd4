"""The work that nobody asks for, in a process of its own."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sandbox.processes import Child, clean_environment
from tests.api.exposition import scrape
from tests.api.live_api import LiveApi, StartApi, forbidden, variables_for, wait_until
from tests.api.service_calls import hold


@contextmanager
def worker_for(api: LiveApi, log: Path) -> Iterator[Child]:
    variables = variables_for(api.database, api.issuer, api.stripe)
    process = Child([sys.executable, "-m", "worker"], log=log, env=clean_environment(variables))
    try:
        yield process
    finally:
        process.stop((signal.SIGTERM, 20.0))


@pytest.fixture(scope="module")
def api(start_module_api: StartApi) -> LiveApi:
    """A process that leaves the work to another one."""
    return start_module_api(WORKER_IN_API="off")


def test_it_works_apart_from_the_api_and_ends_when_told(api: LiveApi, tmp_path: Path) -> None:
    user = api.user(5)
    held = hold(api, user.id, 4, expiresInSeconds=1)
    with worker_for(api, tmp_path / "log") as worker:
        query = "select from credits.reservations where id = %s and status = 'expired'"
        wait_until(lambda: api.audit(query, held))
        assert "mana_credits_job_runs_total" not in scrape(api).names()
        worker.send(signal.SIGTERM)
        worker.wait(5)
    assert worker.returncode == 0


@pytest.mark.parametrize("job", ["seal", "expire_attempts"])
def test_a_job_that_fails_there_ages(api: LiveApi, tmp_path: Path, job: str) -> None:
    """Nothing else tells of it: the worker has no metrics."""
    with api.database.connect() as owner:
        owner.execute(
            "insert into credits.job_claims (name, claimed_at, done_at)"
            " values (%s, now() - interval '1 day', now() - interval '1 day')"
            " on conflict (name) do update"
            " set claimed_at = excluded.claimed_at, done_at = excluded.done_at",
            [job],
        )
    log = tmp_path / "log"
    with forbidden(api, f"credits.{job}"), worker_for(api, log):
        wait_until(lambda: f'"job":"{job}"' in log.read_text(encoding="utf-8"))
    name = "mana_credits_job_age_seconds"
    wait_until(lambda: (scrape(api).value(name, name=job) or 0) >= 24 * 60 * 60)
