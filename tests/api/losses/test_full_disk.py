"""The ledger's disk is full: nothing is half written, and all goes on when there is space."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from sandbox.cluster import Cluster
from tests.api.lasting import deployed_database, lasting_cluster
from tests.api.live_api import StartApi, ok, refused, unique
from tests.databases import Database, Server, assert_books_balance

pytestmark = pytest.mark.nightly

DISK_BYTES = 64 * 1024 * 1024
NOISE_BYTES = 3500


@pytest.fixture
def disk() -> Iterator[Path]:
    """A small disk of its own."""
    with TemporaryDirectory(prefix="mana-disk-") as folder:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", folder]
        try:
            subprocess.run(mount, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("only one who may mount file systems (root) can make a small disk")
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", folder], check=True)


@pytest.fixture
def cramped(disk: Path) -> Iterator[Database]:
    """A database whose tables lie on the small disk; the rest of the server has space."""
    with lasting_cluster() as cluster:
        _create_tablespace(cluster, disk)
        with deployed_database(cluster, tablespace="small") as database:
            yield database


def _create_tablespace(cluster: Cluster, disk: Path) -> None:
    owner = cluster.data_dir.stat()
    disk.chmod(0o755)
    folder = disk / "tables"
    folder.mkdir(mode=0o700)
    os.chown(folder, owner.st_uid, owner.st_gid)
    postgres = Database(Server.of(cluster), "postgres")
    postgres.connect().execute(f"create tablespace small location '{folder}'")
    postgres.close()


def fill(disk: Path) -> Path:
    """Leave no space at all on the disk; removing the file gives it back."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return ballast


def test_a_full_disk_is_told_and_nothing_is_half_written(
    disk: Path, cramped: Database, start_api: StartApi
) -> None:
    api = start_api(database=cramped)
    user = api.user(10_000)
    ballast = fill(disk)
    acknowledged = []
    for _ in range(1000):
        key = unique("use")
        answer = user.use(1, key=key, metadata={"noise": os.urandom(NOISE_BYTES).hex()})
        if answer.status_code != 200:
            break
        acknowledged.append(key)
    refused(answer, 503, "database_unavailable")
    assert user.balance() == 10_000 - len(acknowledged)
    assert [row["idempotency_key"] for row in user.ledger()[1:]] == acknowledged
    ballast.unlink()
    ok(user.use(1, key=key))
    assert user.balance() == 10_000 - len(acknowledged) - 1
    assert_books_balance(cramped.connect())
    api.end_unused()
