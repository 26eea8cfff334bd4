"""Fixtures that the tests of the local stack share."""

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from sandbox.servers import ServerThread
from sandbox.stripe import StripeServer
from tests.sandbox.stripe_shop import Receiver, Shop, client_of


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def opened_shop() -> Iterator[Shop]:
    receiver = Receiver()
    routes = [Route("/hook", receiver.take, methods=["POST"])]
    with ServerThread(Starlette(routes=routes)) as endpoint:
        stand_in = StripeServer(webhook_url=f"{endpoint.url}/hook")
        stand_in.retry_delays = (0.02, 0.02)
        with stand_in.serve() as server:
            client = client_of(stand_in, server.url)
            yield Shop(stand_in, server.url, client, receiver, endpoint)


@pytest.fixture
def shop(opened_shop: Shop) -> Shop:
    opened_shop.endpoint.start()
    # Events that the test before did not wait for must not arrive in this one.
    opened_shop.stand_in.wait_delivered()
    opened_shop.stand_in.reset()
    opened_shop.receiver.received.clear()
    opened_shop.receiver.statuses.clear()
    # A new one each time: its connections belong to the event loop of one test.
    opened_shop.client = client_of(opened_shop.stand_in, opened_shop.url)
    return opened_shop
