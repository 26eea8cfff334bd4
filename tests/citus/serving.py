"""The API before a spread database, and what has to hold when it was used."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from psycopg.conninfo import conninfo_to_dict

from sandbox.issuer import Issuer
from sandbox.stripe import StripeServer
from tests.api.live_api import SERVICE_KEY, LiveApi, User, serve_api, unique
from tests.citus.conftest import DATABASE, Nodes
from tests.databases import LOGIN_PASSWORD, Connection, Database, Server

Asked = Literal["right node", "coordinator"]


@contextmanager
def serving(nodes: Nodes, log: Path, asked: Asked = "right node") -> Iterator[LiveApi]:
    """Serve the API, which asks the node that holds an account, or the coordinator alone."""
    issuer, stripe = Issuer(SERVICE_KEY), StripeServer()
    urls = [_url_of_the_api(url) for url in nodes.urls]
    others = " ".join(urls[1:]) if asked == "right node" else ""
    database = Database(Server.at(nodes.urls[0]), DATABASE)
    with (
        issuer.serve(),
        stripe.serve(),
        serve_api(
            database, issuer, stripe, log, DATABASE_URL=urls[0], DATABASE_NODES=others
        ) as api,
    ):
        yield api
    database.close()


def users_everywhere(api: LiveApi, nodes: Nodes) -> list[User]:
    """Return a user with credits on each worker, in their order."""
    workers = range(1, len(nodes.urls))
    users = [User(api, nodes.on(node, unique("user")), None, None) for node in workers]
    for user in users:
        api.fund(user.id, 100_000)
    return users


def assert_books_are_even(owner: Connection) -> None:
    """Assert that reconciliation finds nothing."""
    found = owner.execute(
        "select check_name, sample from credits.reconcile() where discrepancies > 0"
    ).fetchall()
    assert found == []


def _url_of_the_api(url: str) -> str:
    parts = conninfo_to_dict(url)
    return f"postgresql://test_api:{LOGIN_PASSWORD}@{parts['host']}:{parts['port']}/{DATABASE}"
