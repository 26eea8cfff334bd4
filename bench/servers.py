"""The API as in production: processes of their own, behind a stand-in of mana-auth."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.cluster import API, PASSWORD
from bench.errors import BenchError
from sandbox.cluster import Cluster
from sandbox.issuer import Issuer
from sandbox.processes import Child, clean_environment, log_tail
from sandbox.servers import free_port

_READY_SECONDS = 60
_STOP_SECONDS = 35.0


@dataclass(frozen=True, slots=True)
class Server:
    """One API process that listens on 127.0.0.1."""

    port: int
    pid: int


@contextmanager
def serving(cluster: Cluster, database: str, issuer: Issuer, log: Path) -> Iterator[Server]:
    """Run `python -m api` on a database until the block ends.

    Raises:
        BenchError: It does not get ready.
    """
    port = free_port()
    variables = {
        "PORT": str(port),
        "DATABASE_URL": cluster.dsn(database, API, PASSWORD),
        "MANA_AUTH_URL": issuer.url,
        "MANA_SERVICE_KEY": issuer.service_key,
        "BASE_URL": f"http://127.0.0.1:{port}",
        # Asked once a member, or the stand-in of mana-auth would be measured too.
        "MEMBERSHIP_TTL_SECONDS": "3600",
    }
    process = Child([sys.executable, "-m", "api"], log=log, env=clean_environment(variables))
    try:
        _await_ready(process, port)
        yield Server(port, process.pid)
    finally:
        process.stop((signal.SIGTERM, _STOP_SECONDS))


def _await_ready(process: Child, port: int) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while not _ready(port):
        if process.returncode is not None or time.monotonic() > deadline:
            raise BenchError(f"the API does not get ready; its log:\n{log_tail(process.log)}")
        time.sleep(0.05)


def _ready(port: int) -> bool:
    url = f"http://127.0.0.1:{port}/health/ready"
    try:
        return httpx.get(url, timeout=5, trust_env=False).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False
