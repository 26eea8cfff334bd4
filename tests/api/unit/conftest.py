import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Self

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.issuer import Issuer
from sandbox.servers import ServerThread


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def eventually(condition: Callable[[], bool], timeout: float = 30.0) -> None:  # noqa: ASYNC109
    """Return as soon as the condition is true; fail after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true in time"
        await asyncio.sleep(0)


class AuthServer:
    """A server that really listens, one for all tests; each has it serve an application."""

    def __init__(self) -> None:
        self._app: ASGIApp = Starlette()
        self._thread = ServerThread(self)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)

    @property
    def url(self) -> str:
        return self._thread.url

    def serve(self, app: ASGIApp) -> None:
        self._app = app

    def serve_json(self, document: Any) -> None:
        """Answer every request with a document."""

        async def respond(_request: Request) -> Response:
            return JSONResponse(document)

        self.serve(Starlette(routes=[Route("/{path:path}", respond)]))

    def serve_for_ever(self) -> None:
        """Answer every request with a body that goes on and on, a byte at a time."""

        async def drip() -> AsyncIterator[bytes]:
            while True:
                yield b" "
                await asyncio.sleep(0.05)

        async def respond(_request: Request) -> Response:
            return StreamingResponse(drip())

        self.serve(Starlette(routes=[Route("/{path:path}", respond)]))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.stop()


@pytest.fixture(scope="session")
def auth_server() -> Iterator[AuthServer]:
    with AuthServer() as server:
        yield server


@pytest.fixture
def issuer(auth_server: AuthServer) -> Issuer:
    """A new issuer, being served."""
    issuer = Issuer("the-key-of-mana-credits", url=auth_server.url)
    auth_server.serve(issuer.app)
    return issuer


class Clock:
    """A clock that a test moves."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()
