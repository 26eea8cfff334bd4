"""A database that is spread over the nodes of a Citus cluster, which others run (docs/scale.md)."""

from __future__ import annotations

import io
from collections.abc import Sequence

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from deploy.distribution import distribute
from deploy.progress import Progress


def execute(url: str, *statements: str) -> None:
    """Execute statements, each in a transaction of its own."""
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def drop(urls: Sequence[str], database: str) -> None:
    """Drop a database on every node, and whoever is connected to it."""
    for url in urls:
        execute(url, f"drop database if exists {database} with (force)")


def create(urls: Sequence[str], database: str, workers: int | None = None) -> None:
    """Make a database anew on every node, deploy it, and spread it over the first workers.

    Args:
        urls: Superusers' URLs of all nodes, the coordinator's first.
        database: Its name.
        workers: How many take part; all by default.
    """
    drop(urls, database)
    for url in reversed(urls):
        execute(
            url,
            f"create database {database} template template0 encoding 'UTF8'",
            # Without it what was acknowledged is lost when a node dies or a part is moved online.
            f"alter database {database} set synchronous_commit = on",
        )
        execute(make_conninfo(url, dbname=database), "create extension citus")
    coordinator = make_conninfo(urls[0], dbname=database)
    execute(coordinator, f"select citus_set_coordinator_host({_address(urls[0])})")
    for url in urls[1 : None if workers is None else workers + 1]:
        add_node(coordinator, url)
    distribute(coordinator, progress=Progress(io.StringIO()))


def add_node(coordinator: str, url: str) -> None:
    """Make a worker known to the coordinator of a database."""
    execute(coordinator, f"select citus_add_node({_address(url)})")


def _address(url: str) -> str:
    parts = conninfo_to_dict(url)
    return f"'{parts['host']}', {parts['port']}"
