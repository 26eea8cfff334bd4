"""A node is added while the service is used: nothing is lost or done twice, and it is asked."""

import io
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from deploy.distribution import distribute
from deploy.progress import Progress
from sandbox.spread import add_node
from tests.api.live_api import Guild, LiveApi, refused, unique, wait_until
from tests.api.load import running_load
from tests.citus.conftest import URLS, Nodes, of_database, spread_over
from tests.citus.serving import assert_books_are_even, serving, users_everywhere

# Before the node is added: a coordinator and two workers.
WORKERS = 2


@pytest.fixture
def few() -> Iterator[Nodes]:
    """A spread database that a node of the cluster has no part in yet."""
    if len(URLS) <= WORKERS + 1:
        pytest.skip("it takes CITUS_URLS of a coordinator and three workers")
    with spread_over(WORKERS) as nodes:
        yield nodes


class Fundings:
    """One person who pays into a pool without a pause."""

    def __init__(self, guild: Guild) -> None:
        self.guild = guild
        self.acknowledged = 0
        self.enough = threading.Event()

    def run(self) -> None:
        """Pay one credit after the other, each repeated with its key until it is answered."""
        while not self.enough.is_set():
            body = {"amount": 1, "idempotencyKey": unique("fund")}
            wait_until(partial(self._paid, body))
            self.acknowledged += 1

    def _paid(self, body: dict[str, object]) -> bool:
        return self.guild.owner.post(f"{self.guild.path}/fund", body).is_success


@contextmanager
def running_fundings(guild: Guild) -> Iterator[Fundings]:
    """Let somebody pay into a pool while the block runs."""
    fundings = Fundings(guild)
    with ThreadPoolExecutor(1) as executor:
        paying = executor.submit(fundings.run)
        try:
            yield fundings
        finally:
            fundings.enough.set()
        paying.result()


def guild_on_two_workers(api: LiveApi, nodes: Nodes) -> Guild:
    """Return a guild whose owner lies on another worker than its pool."""
    guilds = (api.guild() for _ in range(100))
    guild = next(
        each for each in guilds if nodes.place(each.id)[1] != nodes.place(each.owner.id)[1]
    )
    api.fund(guild.owner.id, 100_000)
    return guild


def sessions_that_spent(nodes: Nodes, node: int) -> int:
    """Return how many sessions of the API have asked a node for a debit last."""
    with nodes.connect(node) as connection:
        return len(
            connection.execute(
                "select from pg_stat_activity where datname = current_database()"
                " and usename = 'test_api' and application_name not like 'citus%'"
                " and query like '%credits.use_credits%'"
            ).fetchall()
        )


def test_a_node_that_is_added_under_load_takes_its_share(few: Nodes, tmp_path: Path) -> None:
    with serving(few, tmp_path / "before.log") as api:
        users = users_everywhere(api, few)
        guild = guild_on_two_workers(api, few)
        with running_fundings(guild) as fundings, running_load(users) as load:
            wait_until(lambda: load.count >= 200)
            add_node(of_database(URLS[0]), URLS[WORKERS + 1])
            distribute(of_database(URLS[0]), progress=Progress(io.StringIO()))
            with few.connect() as owner:
                owner.execute(
                    "select rebalance_table_shards(shard_transfer_mode => 'force_logical')"
                )
            before = load.count
            wait_until(lambda: load.count >= before + 200)
    for answer in load.refusals:
        refused(answer, 503, answer.json()["code"])
    more = Nodes(URLS[: WORKERS + 2])
    with serving(more, tmp_path / "after.log") as api:
        with running_load(users_everywhere(api, more)) as later:
            wait_until(lambda: later.count >= 200)
        assert sessions_that_spent(more, WORKERS + 1) > 0
    with more.connect() as owner:
        load.assert_each_written_once(owner)
        later.assert_each_written_once(owner)
        pool = owner.execute(
            "select balance from credits.get_guild_balance(%s)", [guild.id]
        ).fetchone()
        assert pool == {"balance": fundings.acknowledged}
        assert_books_are_even(owner)
