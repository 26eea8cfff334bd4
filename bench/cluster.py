"""The PostgreSQL that is measured, and the login that calls it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.errors import BenchError
from sandbox.cluster import Cluster
from sandbox.locks import FileLock, LockHeldError

SERVICE = "bench_service"
API = "bench_api"
PASSWORD = "bench"  # noqa: S105 (of a server that listens on 127.0.0.1 and is gone afterwards)

# The number of processes of the API that stand against one.
API_PROCESSES = 2

# Settings of every contestant. Durable; no checkpoint falls into a measurement.
MEASURED = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "max_connections": "150",
    "max_wal_size": "16GB",
    "checkpoint_timeout": "1h",
    "work_mem": "16MB",
    "maintenance_work_mem": "256MB",
}

# While the past is made up nothing needs to survive a crash: all of it is synced at the end.
FILLING = {
    **MEASURED,
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "work_mem": "256MB",
    "maintenance_work_mem": "1GB",
}


@contextmanager
def workplace(folder: Path) -> Iterator[Path]:
    """Have a folder for oneself: empty at the beginning, gone at the end.

    Raises:
        BenchError: Another benchmark runs in it.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder.with_name(f"{folder.name}.lock"))
    try:
        lock.acquire(patience=30)
    except LockHeldError as error:
        raise BenchError(f"process {error.pid} measures in {folder} already") from None
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        lock.release()


@contextmanager
def filling(folder: Path, shared_buffers: str) -> Iterator[Cluster]:
    """Run a fresh cluster under FILLING; when it has ended all is on disk."""
    with Cluster(folder / "data", settings={**FILLING, "shared_buffers": shared_buffers}) as server:
        yield server
    os.sync()


@contextmanager
def measuring(folder: Path, shared_buffers: str) -> Iterator[Cluster]:
    """Run the cluster that `filling` has left, under MEASURED."""
    with Cluster(
        folder / "data", settings={**MEASURED, "shared_buffers": shared_buffers}
    ) as server:
        yield server
