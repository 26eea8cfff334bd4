"""The embedded PostgreSQL cluster."""

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from sandbox.cluster import Cluster, ClusterError
from sandbox.locks import is_alive

pytestmark = pytest.mark.nightly

FAST = {"fsync": "off"}


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "pg"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster for tests that neither stop it nor depend on what is in it."""
    with Cluster(tmp_path_factory.mktemp("shared") / "pg", settings=FAST) as running:
        yield running


@pytest.fixture
def cluster(data_dir: Path) -> Iterator[Cluster]:
    with Cluster(data_dir, settings=FAST) as running:
        yield running


def value(cluster: Cluster, query: str, dsn: str | None = None) -> object:
    with psycopg.connect(dsn or cluster.dsn()) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def eventually(condition: Callable[[], bool], seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_is_utf8_with_passwords_for_everyone_and_a_hundred_connections(shared: Cluster) -> None:
    assert value(shared, "show server_encoding") == "UTF8"
    assert value(shared, "select upper('ä')") == "Ä"
    assert value(shared, "show max_connections") == "100"
    assert value(shared, "show fsync") == "off"
    methods = "select array_agg(distinct auth_method) from pg_hba_file_rules"
    assert value(shared, methods) == ["scram-sha-256"]
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(shared.dsn(user="postgres", password="wrong"))


def test_listens_on_the_loopback_address_only(shared: Cluster) -> None:
    assert value(shared, "show listen_addresses") == "127.0.0.1"
    assert value(shared, "show unix_socket_directories") == ""


def test_its_password_is_for_its_owner_only(shared: Cluster) -> None:
    file = shared.data_dir.with_name("pg.password")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_leaves_the_modes_of_parent_folders_alone(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with Cluster(closed / "pg", settings=FAST) as cluster:
        assert value(cluster, "select 1") == 1
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    assert closed.stat().st_uid == os.geteuid()


def test_databases_and_logins_are_made_once_and_passwords_set_again(shared: Cluster) -> None:
    with psycopg.connect(shared.dsn(), autocommit=True) as connection:
        connection.execute("create role readers nologin")
    for password in ("first", "se'cond/@ ü"):
        shared.create_database("shop")
        shared.create_login("clerk", password, member_of="readers")
    as_clerk = shared.dsn("shop", "clerk", "se'cond/@ ü")
    assert value(shared, "select current_database()", as_clerk) == "shop"
    assert value(shared, "select pg_has_role('readers', 'member')", as_clerk) is True
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(shared.dsn("shop", "clerk", "first"))


def test_keeps_its_data_port_and_password_over_a_stop(cluster: Cluster, data_dir: Path) -> None:
    cluster.create_database("kept")
    before = cluster.dsn("kept")
    cluster.stop()
    assert not cluster.running
    cluster.start()
    assert cluster.dsn("kept") == before
    cluster.stop()
    with Cluster(data_dir, settings=FAST) as another:
        assert value(another, "select current_database()", another.dsn("kept")) == "kept"


def test_starts_again_after_a_crash_with_sessions_open(cluster: Cluster) -> None:
    with psycopg.connect(cluster.dsn(), autocommit=True) as session:
        session.execute("create table kept (id int)")
        cluster.kill()
        cluster.start()
        assert value(cluster, "select count(*) from kept") == 0
        with pytest.raises(psycopg.OperationalError):
            session.execute("select 1")


def test_starts_when_the_id_in_a_stale_pid_file_belongs_to_another_program(
    cluster: Cluster, data_dir: Path
) -> None:
    pid_file = data_dir / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    owner = data_dir.stat().st_uid
    cluster.kill()
    with subprocess.Popen(["/bin/sleep", "60"], user=owner if os.geteuid() == 0 else None) as other:
        pid_file.write_text("\n".join([str(other.pid), *lines[1:]]))
        try:
            cluster.start()
            assert value(cluster, "select 1") == 1
        finally:
            other.kill()


def test_refuses_a_folder_that_a_live_cluster_uses(cluster: Cluster, data_dir: Path) -> None:
    with pytest.raises(ClusterError) as error:
        Cluster(data_dir).start()
    assert len(str(error.value).splitlines()) == 1
    assert str(os.getpid()) in str(error.value)
    assert value(cluster, "select 1") == 1


def test_refuses_a_port_that_is_taken(data_dir: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ClusterError) as error:
            Cluster(data_dir, port, FAST).start()
    assert str(port) in str(error.value)


def test_refuses_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ClusterError) as error:
        Cluster(tmp_path / "file" / "postgres").start()
    assert str(tmp_path / "file") in str(error.value)


def test_shows_the_end_of_the_log_when_the_server_does_not_start(data_dir: Path) -> None:
    with pytest.raises(ClusterError) as error:
        Cluster(data_dir, settings={**FAST, "no_such_setting": "1"}).start()
    assert "no_such_setting" in str(error.value)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel tells children on Linux only")
def test_ends_with_its_parent_even_if_that_is_killed(data_dir: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from sandbox.cluster import Cluster\n"
        "cluster = Cluster(Path(sys.argv[1]), settings={'fsync': 'off'}); cluster.start()\n"
        "print(cluster.pid, flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", script, str(data_dir)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        server = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
    assert eventually(lambda: not is_alive(server))
    with Cluster(data_dir, settings=FAST) as cluster:
        assert value(cluster, "select 1") == 1
