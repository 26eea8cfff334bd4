"""Backups of the nodes of a cluster, restored beside it: what is of one moment, and what is not."""

import io
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from psycopg.conninfo import conninfo_to_dict

from deploy.deployment import deploy
from deploy.progress import Progress
from sandbox.cluster import Cluster
from sandbox.processes import clean_environment
from tests.api.live_api import wait_until
from tests.citus.conftest import Nodes, of_database
from tests.databases import Connection, Server, clone
from tests.sql.calls import call

MOMENT = "all at once"
# Nothing that a copy does by itself reaches the nodes that it was copied from.
BY_ITSELF = {
    "citus.recover_2pc_interval": "-1",
    "citus.defer_shard_delete_interval": "-1",
    "citus.distributed_deadlock_detection_factor": "-1",
}
# In its group each node keeps its number; the metadata of the others follow the coordinator's.
MOVED = """
    select citus_update_node(n.nodeid, '127.0.0.1', ports.port)
    from unnest(%s::integer[], %s::integer[]) ports (was, port)
    join pg_dist_node n on n.nodeport = ports.was
"""
# Objects that a plain server has in another way than a cluster are dropped, and deployed again.
PLAIN = (
    "update credits.settings set spread = false",
    "drop function credits._post, credits._post_batch, credits._refuse_other_writers cascade",
    "delete from credits.deployed",
)


class Fundings:
    """People who pay into pools of other workers, and use what is left, without a pause."""

    def __init__(self, nodes: Nodes) -> None:
        self.nodes = nodes
        workers = range(1, len(nodes.urls))
        self.people = [nodes.on(node, "restored-person") for node in workers]
        self.pools = [nodes.on(node, "restored-pool") for node in workers]
        self.paid = 0
        self.enough = threading.Event()
        with nodes.api() as api:
            for person in self.people:
                call(
                    api,
                    "credits.grant_credits",
                    user_id=person,
                    amount=1_000_000,
                    reason="bonus",
                    reference_id="1",
                )
            for pool in self.pools:
                call(api, "credits.init_guild_pool", organization_id=pool)

    def pay(self, number: int) -> None:
        """Pay from the person of that number into the pool of the next."""
        person, pool = self.people[number], self.pools[(number + 1) % len(self.pools)]
        use = {"user_id": person, "amount": 1, "app_id": "chat", "description": "One"}
        with self.nodes.api(number + 1) as api:
            while not self.enough.is_set():
                call(api, "credits.fund_guild_pool", user_id=person, organization_id=pool, amount=1)
                call(api, "credits.use_credits", **use)
                self.paid += 1

    @contextmanager
    def running(self) -> Iterator[None]:
        """Have all of them pay while the block runs."""
        with ThreadPoolExecutor(len(self.people)) as executor:
            paying = [executor.submit(self.pay, number) for number in range(len(self.people))]
            try:
                yield
            finally:
                self.enough.set()
            for payer in paying:
                payer.result()

    def go_on(self) -> None:
        """Wait until more was paid by everybody."""
        before = self.paid
        wait_until(lambda: self.paid >= before + 30)


@pytest.fixture(scope="module")
def programs(nodes: Nodes) -> Path:
    """The programs of the cluster's PostgreSQL."""
    with nodes.connect() as owner:
        row = owner.execute("select setting from pg_config where name = 'BINDIR'").fetchone()
    assert row is not None
    folder = Path(row["setting"])
    if not (folder / "pg_basebackup").exists():
        pytest.skip("it takes the programs of the cluster's PostgreSQL on this machine")
    return folder


@pytest.fixture(scope="module")
def backups(nodes: Nodes, programs: Path) -> Iterator[Path]:
    """A backup of each node, one after the other while it is used, and its WAL until the end."""
    with TemporaryDirectory(prefix="mana-test-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        fundings = Fundings(nodes)
        with fundings.running():
            # A worker first, the coordinator last.
            for node in reversed(range(len(nodes.urls))):
                fundings.go_on()
                _back_up(nodes.urls[node], programs, folder / f"backup-{node}")
            fundings.go_on()
            with nodes.connect() as owner:
                owner.execute("select citus_create_restore_point(%s)", [MOMENT])
            fundings.go_on()
        for node in range(len(nodes.urls)):
            with nodes.connect(node) as connection:
                _archive(connection, folder / f"wal-{node}")
        yield folder


def _back_up(url: str, programs: Path, folder: Path) -> None:
    where = ("--dbname", url, "--pgdata", folder)
    _run(programs / "pg_basebackup", *where, "--checkpoint", "fast", "--no-sync")


def _archive(connection: Connection, folder: Path) -> None:
    """Copy the WAL of a node that is complete, as an archive has it."""
    folder.mkdir()
    connection.execute("select pg_switch_wal()")
    rows = connection.execute(
        "select name, pg_read_binary_file('pg_wal/' || name) as content from pg_ls_waldir()"
        " where name ~ '^[0-9A-F]{24}$' and name <= pg_walfile_name(pg_current_wal_lsn())"
    ).fetchall()
    for row in rows:
        (folder / row["name"]).write_bytes(row["content"])


@contextmanager
def restored(
    nodes: Nodes, backups: Path, programs: Path, *, until: str | None = None
) -> Iterator[Nodes]:
    """Start a copy of the cluster from the backups, as they are or until a restore point."""
    with TemporaryDirectory(prefix="mana-test-") as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o755)
        urls = []
        for node, url in enumerate(nodes.urls):
            data = folder / f"node-{node}"
            shutil.copytree(backups / f"backup-{node}", data, symlinks=True)
            settings = {**BY_ITSELF, "max_connections": _setting(nodes, node, "max_connections")}
            if until:
                (data / "recovery.signal").touch()
                settings |= {
                    "restore_command": f'cp "{backups}/wal-{node}/%f" "%p"',
                    "recovery_target_name": until,
                    "recovery_target_action": "promote",
                }
            _give_to_the_owner_of(Path(_setting(nodes, node, "data_directory")), data)
            password = str(conninfo_to_dict(url).get("password") or "")
            data.with_name(f"{data.name}.password").write_text(password)
            cluster = stack.enter_context(Cluster(data, settings=settings, bin_dir=programs))
            urls.append(cluster.dsn())
        copy = Nodes(urls)
        for node in range(len(urls)):
            wait_until(partial(_is_recovered, copy, node))
        _make_known_to_each_other(nodes, copy)
        copy.end_what_is_in_doubt()
        yield copy


def _is_recovered(nodes: Nodes, node: int) -> bool:
    with nodes.connect(node) as connection:
        row = connection.execute("select pg_is_in_recovery() as it_is").fetchone()
    return row is not None and not row["it_is"]


def _setting(nodes: Nodes, node: int, name: str) -> str:
    with nodes.connect(node) as connection:
        row = connection.execute("select current_setting(%s) as value", [name]).fetchone()
    assert row is not None
    return str(row["value"])


def _give_to_the_owner_of(original: Path, folder: Path) -> None:
    if os.geteuid() == 0:
        owner = original.stat()
        for path in (folder, *folder.rglob("*")):
            os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def _make_known_to_each_other(nodes: Nodes, copy: Nodes) -> None:
    """Give the coordinator of a copy the places of its nodes, all at once, and wait for theirs."""
    ports = [[int(str(conninfo_to_dict(url)["port"])) for url in n.urls] for n in (nodes, copy)]
    with copy.connect() as owner:
        owner.execute(MOVED, ports)
        wait_until(
            lambda: (
                not owner.execute(
                    "select from pg_dist_node where hasmetadata and not metadatasynced"
                ).fetchall()
            )
        )


def what_is_off(nodes: Nodes) -> set[str]:
    """Return the names of checks of the books that find something."""
    with nodes.connect() as owner:
        return _what_is_off(owner)


def _what_is_off(owner: Connection) -> set[str]:
    rows = owner.execute(
        "select check_name from credits.reconcile(p_scope => 'full') where discrepancies > 0"
    )
    return {row["check_name"] for row in rows}


def test_nodes_of_different_moments_are_told_by_half_transfers(
    nodes: Nodes, backups: Path, programs: Path
) -> None:
    assert what_is_off(nodes) == set()
    with restored(nodes, backups, programs) as copy:
        assert what_is_off(copy) == {"credits_not_conserved", "transfers_without_other_side"}


def test_nodes_of_one_restore_point_are_even(nodes: Nodes, backups: Path, programs: Path) -> None:
    with restored(nodes, backups, programs, until=MOMENT) as copy:
        assert what_is_off(copy) == set()
        assert 0 < fundings_of(copy) < fundings_of(nodes)


@pytest.mark.usefixtures("migrated")
def test_a_dump_of_the_coordinator_becomes_a_plain_database(
    nodes: Nodes, programs: Path, server: Server, tmp_path: Path
) -> None:
    fundings = Fundings(nodes)
    with fundings.running():
        fundings.go_on()
    dump = tmp_path / "dump"
    what = ("--format", "custom", "--exclude-extension", "citus")
    _run(programs / "pg_dump", *what, "--file", dump, of_database(nodes.urls[0]))
    with clone(server, "template0", "restored") as plain:
        _run(programs / "pg_restore", "--exit-on-error", "--dbname", plain.dsn(), dump)
        owner = plain.connect()
        for change in PLAIN:
            owner.execute(change)
        deploy(plain.dsn(), progress=Progress(io.StringIO()))
        assert _what_is_off(owner) == set()
        assert _fundings_in(owner) == fundings_of(nodes) > 0
        debit = {"amount": 1, "app_id": "chat", "description": "One"}
        call(plain.connect("api"), "credits.use_credits", user_id="restored-person-0", **debit)


def _run(program: Path, *arguments: object) -> None:
    command = [str(program), *map(str, arguments)]
    subprocess.run(command, env=clean_environment({"LC_ALL": "C"}), check=True, capture_output=True)


def fundings_of(nodes: Nodes) -> int:
    """Return how many payments into pools there are."""
    with nodes.connect() as owner:
        return _fundings_in(owner)


def _fundings_in(owner: Connection) -> int:
    row = owner.execute(
        "select count(*) as n from credits.entries where type = 'guild_funding'"
    ).fetchone()
    assert row is not None
    return int(row["n"])
