"""Applications served from a thread."""

import contextlib
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from sandbox.servers import ServerThread


async def hello(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("hello")


def application() -> Starlette:
    return Starlette(routes=[Route("/", hello)])


def test_serves_while_open_and_refuses_afterwards() -> None:
    with ServerThread(application()) as server:
        assert httpx.get(server.url).text == "hello"
    with pytest.raises(httpx.ConnectError):
        httpx.get(server.url)


def test_comes_back_on_the_same_port_after_an_outage() -> None:
    with ServerThread(application()) as server, httpx.Client() as client:
        url = server.url
        assert client.get(url).status_code == 200
        server.stop()
        with pytest.raises(httpx.TransportError):
            client.get(url)
        server.start()
        assert client.get(url).status_code == 200
        assert server.url == url


def test_a_taken_port_is_an_error() -> None:
    with ServerThread(application()) as server, pytest.raises(OSError):  # noqa: PT011
        ServerThread(application(), server.port).start()


def test_an_application_that_fails_to_start_is_an_error() -> None:
    @contextlib.asynccontextmanager
    async def fail(_app: Starlette) -> AsyncIterator[None]:
        raise ValueError
        yield

    with pytest.raises(RuntimeError):
        ServerThread(Starlette(lifespan=fail)).start()
