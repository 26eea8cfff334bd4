"""The primary dies under load and its synchronous standby takes over: nothing is lost or repeated.

Our part of a failover is the URL, which names both servers; to promote is another program's.
"""

import pytest

from tests.api.lasting import deployed_database, lasting_cluster, standby_of
from tests.api.live_api import StartApi, refused, wait_until
from tests.api.load import running_load
from tests.databases import LOGIN_PASSWORD, Database, Server

pytestmark = pytest.mark.nightly


def test_a_promoted_standby_has_all_that_was_acknowledged(start_api: StartApi) -> None:
    with (
        lasting_cluster() as primary,
        deployed_database(primary) as database,
        standby_of(primary) as standby,
    ):
        hosts = f"127.0.0.1:{primary.port},127.0.0.1:{standby.port}"
        url = f"postgresql://test_api:{LOGIN_PASSWORD}@{hosts}/{database.name}"
        api = start_api(database=database, DATABASE_URL=f"{url}?target_session_attrs=read-write")
        users = [api.user(100_000) for _ in range(3)]
        promoted = Database(Server.of(standby), database.name)
        with running_load(users) as load:
            wait_until(lambda: load.count >= 200)
            primary.kill()
            wait_until(lambda: len(load.refusals) >= len(users))
            before = load.count
            promoted.connect().execute("select pg_promote()")
            wait_until(lambda: load.count >= before + 200)
        for answer in load.refusals:
            refused(answer, 503, answer.json()["code"])
            assert answer.json()["code"] in ("database_unavailable", "overloaded")
        load.assert_each_exactly_once(promoted)
        for user in users:
            assert user.balance() == 100_000 - len(load.acknowledged[user.id])
        promoted.close()
        # Before its database goes, so that it ends in peace.
        api.end_unused()
