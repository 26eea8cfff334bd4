"""A server of somebody else's, which webhooks are delivered to."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.servers import ServerThread


@dataclass(frozen=True)
class Delivery:
    """A request as it came, and when."""

    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def id(self) -> str:
        """The id of the event."""
        return self.headers["webhook-id"]

    @property
    def event(self) -> Any:
        """The decoded body."""
        return msgspec.json.decode(self.body)


@dataclass
class Receiver:
    """Keeps what comes, and answers as told.

    Attributes:
        answers: Statuses of the next answers; afterwards 204.
        retry_after: What every answer says about when to come back, if anything.
        hangs: While set, no request is answered.
        deliveries: What came, oldest first.
    """

    answers: list[int] = field(default_factory=list)
    retry_after: str | None = None
    hangs: threading.Event = field(default_factory=threading.Event)
    deliveries: list[Delivery] = field(default_factory=list)
    url: str = ""

    def ids(self) -> list[str]:
        """The ids of the events that came."""
        return [delivery.id for delivery in self.deliveries]

    def balances(self) -> list[Any]:
        """The data of events of balances."""
        return [delivery.event["data"]["balance"] for delivery in self.deliveries]

    async def _receive(self, request: Request) -> Response:
        at = asyncio.get_running_loop().time()
        self.deliveries.append(Delivery(dict(request.headers), await request.body(), at))
        while self.hangs.is_set():  # noqa: ASYNC110 (a test lets go, in another thread)
            await asyncio.sleep(0.02)
        status = self.answers.pop(0) if self.answers else 204
        headers = {"location": f"{self.url}/elsewhere"}
        if self.retry_after is not None:
            headers["retry-after"] = self.retry_after
        return Response(status_code=status, headers=headers)

    @contextmanager
    def serve(self) -> Iterator[None]:
        """Listen until the block ends."""
        routes = [Route("/{path:path}", self._receive, methods=["GET", "POST"])]
        with ServerThread(Starlette(routes=routes)) as server:
            self.url = server.url
            try:
                yield
            finally:
                self.hangs.clear()
