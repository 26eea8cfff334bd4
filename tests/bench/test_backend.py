"""The cost of a call to one backend: the scripts of pgbench, called by the session itself."""

import psycopg
import pytest

from bench import backend, dataset
from bench.plan import History
from sandbox.cluster import Cluster
from tests.databases import Database, programs


@pytest.fixture
def past(cluster: Cluster, database: Database) -> Database:
    """A database with a made-up past, some people with credits that expire among them."""
    if programs() is not None:
        pytest.skip("the benchmark runs on the embedded PostgreSQL only")
    for login in ("bench_service", "bench_api"):
        cluster.create_login(login, "bench")
    history = History(accounts=20, guilds=2, active=20, readers=5, lots=3)
    dataset.fill(cluster, database.name, history, gifts=0, peers=True)
    return database


@pytest.mark.parametrize("script", ["limit", "use", "charge", "use_guild"])
def test_every_account_is_called_as_often_as_is_told(past: Database, script: str) -> None:
    accounts = range(1, 6)
    counts = {
        "limit": "select count(*) from bench.transactions",
        "use": "select count(*) from credits.transactions where type = 'usage'",
        "charge": "select count(*) from credits.transactions where type = 'usage'",
        "use_guild": "select count(*) from credits.guild_transactions where type = 'usage'",
    }
    with psycopg.connect(past.dsn(), autocommit=True) as owner:
        before = owner.execute(counts[script]).fetchone()
        sample = backend.measure(script, past.dsn(), accounts, guilds=2)
        after = owner.execute(counts[script]).fetchone()
    assert before is not None
    assert after is not None
    assert after[0] - before[0] == backend.calls_of(accounts)
    assert sample.wal_bytes is not None
    assert sample.wal_bytes > 0
    assert sample.rate > 0


def test_some_people_have_credits_that_expire_and_as_many_have_none(past: Database) -> None:
    with psycopg.connect(past.dsn()) as owner:
        found = owner.execute(
            """
            select (b).balance, (b).expiring is not null
            from generate_series(21, 26) as n
            cross join lateral credits.get_balance('user-' || n) as b
            order by n
            """
        ).fetchall()
    assert found == [(1000000, expires) for expires in [True] * 3 + [False] * 3]
