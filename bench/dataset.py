"""Databases with a past: migrated by the real deployer, filled set-based."""

from __future__ import annotations

import io
from dataclasses import asdict
from pathlib import Path

import psycopg
from psycopg import sql

from bench.cluster import API, PASSWORD, SERVICE
from bench.plan import History
from deploy.deployment import deploy
from deploy.progress import Progress
from sandbox.cluster import Cluster

_FOLDER = Path(__file__).parent

# Those of the API as docs/production.md has them; a service sets its own.
_SETTINGS = {
    SERVICE: {},
    API: {"lock_timeout": "5s", "statement_timeout": "10s"},
}


def migrate(cluster: Cluster, database: str) -> None:
    """Create a database of this version, and the logins of a service and of the API."""
    cluster.create_database(database)
    deploy(cluster.dsn(database), progress=Progress(io.StringIO()))
    for login, group in ((SERVICE, "credits_service"), (API, "credits_api")):
        cluster.create_login(login, PASSWORD, member_of=group, settings=_SETTINGS[login])


def clone(cluster: Cluster, migrated: str, database: str) -> None:
    """Copy a migrated database that nobody is connected to."""
    with psycopg.connect(cluster.dsn(), autocommit=True) as owner:
        names = map(sql.Identifier, (database, migrated))
        owner.execute(sql.SQL("create database {} template {}").format(*names))


def fill(cluster: Cluster, database: str, history: History, *, gifts: int, peers: bool) -> None:
    """Give a migrated database its past and so many gifts to redeem, with `peers` beside it."""
    with psycopg.connect(cluster.dsn(database)) as owner:
        _run(owner, "sql/history.sql", asdict(history))
        # The functions that go on from there plan by what is there now.
        owner.execute("analyze")
    with psycopg.connect(cluster.dsn(database)) as owner:
        owner.execute("create schema bench")
        if peers:
            _run(owner, "peers/limit.sql")
            _run(owner, "peers/double_entry.sql")
        _run(owner, "sql/gifts.sql", {"gifts": gifts, "active": history.active})
        _run(owner, "sql/prices.sql")
        _run(owner, "sql/grants.sql")
    add_lots(cluster, database, history)


def add_lots(cluster: Cluster, database: str, history: History) -> None:
    """Add people with credits that expire, and end the filling of a database."""
    with psycopg.connect(cluster.dsn(database)) as owner:
        _run(owner, "sql/lots.sql", {"accounts": history.accounts, "lots": history.lots})
    with psycopg.connect(cluster.dsn(database), autocommit=True) as owner:
        owner.execute("vacuum analyze")


def answer_constants(cluster: Cluster, database: str) -> None:
    """Replace the functions that the HTTP load reaches by ones that do nothing."""
    with psycopg.connect(cluster.dsn(database)) as owner:
        _run(owner, "sql/layer.sql")


def _run(owner: psycopg.Connection, name: str, values: dict[str, int] | None = None) -> None:
    text = (_FOLDER / name).read_text(encoding="utf-8")
    # Whole numbers of ours: several statements at once cannot take parameters.
    owner.execute(text % values if values is not None else text)
