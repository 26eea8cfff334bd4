"""Servers of one's own that keep what they have acknowledged, whatever becomes of them."""

import io
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from psycopg import sql

from deploy.deployment import deploy
from deploy.progress import Progress
from sandbox.cluster import Cluster
from sandbox.processes import clean_environment
from tests.databases import LOGIN_PASSWORD, SETTINGS, Database, Server, program, programs

_SETTINGS = {**SETTINGS, "synchronous_commit": "on"}


@contextmanager
def lasting_cluster() -> Iterator[Cluster]:
    """Start a server that survives its own death, if not that of the machine."""
    with TemporaryDirectory(prefix="mana-test-") as folder:
        Path(folder).chmod(0o755)
        with Cluster(Path(folder) / "data", settings=_SETTINGS, bin_dir=programs()) as cluster:
            yield cluster


@contextmanager
def deployed_database(cluster: Cluster, tablespace: str | None = None) -> Iterator[Database]:
    """Deploy a database on a server, with the logins test_api and test_auditor."""
    if tablespace is None:
        cluster.create_database("mana_credits")
    else:
        with Database(Server.of(cluster), "postgres").connect() as owner:
            owner.execute(
                sql.SQL("create database mana_credits tablespace {}").format(
                    sql.Identifier(tablespace)
                )
            )
    deploy(cluster.dsn("mana_credits"), progress=Progress(io.StringIO()))
    for name in ("api", "auditor"):
        cluster.create_login(f"test_{name}", LOGIN_PASSWORD, f"credits_{name}")
    database = Database(Server.of(cluster), "mana_credits")
    yield database
    database.close()


@contextmanager
def standby_of(primary: Cluster) -> Iterator[Cluster]:
    """Start a standby without which the primary acknowledges nothing from then on."""
    data = primary.data_dir.with_name("standby")
    owner = primary.data_dir.stat()
    subprocess.run(
        [
            str(program("pg_basebackup")),
            *("--dbname", primary.dsn()),
            *("--pgdata", str(data)),
            *("--checkpoint", "fast", "--write-recovery-conf", "--no-sync"),
        ],
        env=clean_environment({"LC_ALL": "C"}),
        check=True,
        capture_output=True,
    )
    for path in (data, *data.rglob("*")):
        os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)
    password = primary.data_dir.with_name(f"{primary.data_dir.name}.password")
    shutil.copy2(password, data.with_name("standby.password"))
    with Cluster(data, settings=_SETTINGS, bin_dir=programs()) as standby:
        with Database(Server.of(primary), "postgres").connect() as connection:
            connection.execute("alter system set synchronous_standby_names = '*'")
            connection.execute("select pg_reload_conf()")
        yield standby
