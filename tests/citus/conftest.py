"""A spread database on the cluster that CITUS_URLS names, the coordinator's URL first."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from typing import Literal

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import dict_row

from sandbox.spread import create, drop, execute
from tests.citus.exercise import Names
from tests.databases import LOGIN_PASSWORD, Connection

URLS = os.environ.get("CITUS_URLS", "").split()
DATABASE = "mana_credits_test"
PACKAGE = (
    "insert into credits.packages (name, credits, price_euro_cents) values ('Small', 500, 499)"
)


def of_database(url: str, **more: str) -> str:
    """Return the URL of a node's database for tests, for another login if one is named."""
    return make_conninfo(url, dbname=DATABASE, **more)


@dataclass(frozen=True, slots=True)
class Nodes:
    """The nodes of a cluster whose accounts are spread."""

    urls: list[str]

    def connect(self, node: int = 0, **login: str) -> Connection:
        """Open a connection to a node, a superuser's unless a login is named."""
        url = of_database(self.urls[node], **login)
        return psycopg.connect(url, autocommit=True, row_factory=dict_row)

    def api(self, node: int = 0) -> Connection:
        """Open a connection with the rights of the HTTP layer."""
        return self.connect(node, user="test_api", password=LOGIN_PASSWORD)

    def place(self, account_id: str) -> tuple[int, int]:
        """Return the part and the node on which an account lies."""
        with self.connect() as connection:
            row = connection.execute(
                """
                select s.id as part, n.nodeport as port
                from (
                    select get_shard_id_for_distribution_column('credits.accounts', %s::text) as id
                ) s
                join pg_dist_placement p on p.shardid = s.id
                join pg_dist_node n on n.groupid = p.groupid and n.noderole = 'primary'
                """,
                (account_id,),
            ).fetchone()
        assert row is not None
        ports = [int(str(conninfo_to_dict(url)["port"])) for url in self.urls]
        return row["part"], ports.index(row["port"])

    def group(self, node: int) -> int:
        """Return what the cluster calls a node."""
        with self.connect(node) as connection:
            row = connection.execute("select groupid from pg_dist_local_group").fetchone()
        assert row is not None
        return int(row["groupid"])

    def crash(self, node: int) -> None:
        """Kill one process of a node hard; all others are ended for it, and it recovers."""
        with self.connect(node) as another, self.connect(node) as connection:
            with suppress(psycopg.OperationalError):
                connection.execute("copy (select) to program 'kill -KILL $PPID'")
            with suppress(psycopg.OperationalError):
                another.execute("select pg_sleep(60)")

    def end_what_is_in_doubt(self) -> None:
        """End transactions of several nodes that a crash has left prepared, as Citus does later."""
        for node in range(len(self.urls)):
            with self.connect(node) as connection:
                connection.execute("select recover_prepared_transactions()")

    def is_up(self, node: int) -> bool:
        """Return whether a node can be connected to."""
        with suppress(psycopg.OperationalError), self.connect(node):
            return True
        return False

    def on(self, node: int, prefix: str) -> str:
        """Return an id that begins so and lies on a node."""
        return next(
            account_id
            for account_id in (f"{prefix}-{number}" for number in range(1000))
            if self.place(account_id)[1] == node
        )

    def move(self, part: int, source: int, target: int, mode: str = "force_logical") -> None:
        """Move a part, and what lies with it, from one node to another."""
        with self.connect() as connection:
            self._move(connection, part, source, target, mode)

    @contextmanager
    def moving(self, part: int, source: int, target: int) -> Iterator[None]:
        """Have a part moved, writes blocked, whose move is committed after the block."""
        with self.connect() as connection, connection.transaction():
            self._move(connection, part, source, target, "block_writes")
            yield

    def waits(self, node: int, kind: Literal["advisory", "transactionid"]) -> bool:
        """Return whether somebody waits on a node: for a part to have moved, or for a row."""
        query = "select from pg_locks where locktype = %s and not granted"
        with self.connect(node) as connection:
            return bool(connection.execute(query, [kind]).fetchall())

    @contextmanager
    def locked(self, account_id: str) -> Iterator[None]:
        """Have an account locked on its node, which may die meanwhile."""
        _, node = self.place(account_id)
        query = "select from credits.accounts where account_id = %s for no key update"
        with closing(self.connect(node)) as connection:
            connection.execute("begin")
            connection.execute(query, [account_id])
            yield

    def _move(self, connection: Connection, part: int, source: int, target: int, mode: str) -> None:
        ends = [conninfo_to_dict(self.urls[node]) for node in (source, target)]
        connection.execute(
            "select citus_move_shard_placement(%s, %s, %s, %s, %s, %s)",
            (
                part,
                ends[0]["host"],
                int(str(ends[0]["port"])),
                ends[1]["host"],
                int(str(ends[1]["port"])),
                mode,
            ),
        )

    def change(self, table: str, key: str, change: str) -> None:
        """Change rows of one key by hand, past every trigger."""
        with self.connect() as connection:
            row = connection.execute(
                "select get_shard_id_for_distribution_column(%s::regclass, %s::text) as id",
                (table, key),
            ).fetchone()
        assert row is not None
        _, node = self.place(key)
        with self.connect(node) as connection:
            part = f"{table}_{row['id']}"
            connection.execute("set citus.enable_manual_changes_to_shards = on")
            connection.execute(f"alter table {part} disable trigger user".encode())
            connection.execute(f"update {part} set {change}".encode())
            connection.execute(f"alter table {part} enable trigger user".encode())

    def names(self, where: str, prefix: str = "") -> Names:
        """Return ids that lie in one part, on one worker in several, or on both workers."""
        found = [f"{prefix}{where}-ann"]
        part, node = self.place(found[0])
        for name in Names._fields[1:]:
            for number in range(1000):
                account_id = f"{prefix}{where}-{name}-{number}"
                its_part, its_node = self.place(account_id)
                fits = {
                    "one part": its_part == part,
                    "one worker": its_part != part and its_node == node,
                    "two workers": its_node != node,
                }
                if fits[where]:
                    found.append(account_id)
                    break
        return Names(*found)


@contextmanager
def spread_over(workers: int) -> Iterator[Nodes]:
    """Deploy and spread a database over the first workers; it is on the other nodes, too."""
    create(URLS, DATABASE, workers)
    for role in ("api", "service", "auditor"):
        with suppress(psycopg.errors.DuplicateObject):
            execute(
                of_database(URLS[0]),
                f"create role test_{role} login password '{LOGIN_PASSWORD}' in role credits_{role}",
            )
    execute(of_database(URLS[0]), PACKAGE)
    yield Nodes(URLS[: workers + 1])
    drop(URLS, DATABASE)


@pytest.fixture(scope="module")
def nodes() -> Iterator[Nodes]:
    """A database of the module's own on every node, deployed and spread."""
    if not URLS:
        pytest.skip("CITUS_URLS does not name a cluster")
    with spread_over(len(URLS) - 1) as found:
        yield found
