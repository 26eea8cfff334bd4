"""A shop that uses the stand-in of Stripe, for the tests of that."""

from dataclasses import dataclass, field

import stripe
from starlette.requests import Request
from starlette.responses import JSONResponse

from sandbox.servers import ServerThread
from sandbox.stripe import StripeServer


@dataclass
class Receiver:
    """A shop's webhook endpoint: keeps what it gets and answers with the statuses in line."""

    received: list[tuple[bytes, str]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    async def take(self, request: Request) -> JSONResponse:
        self.received.append((await request.body(), request.headers["stripe-signature"]))
        return JSONResponse({}, self.statuses.pop(0) if self.statuses else 200)


@dataclass
class Shop:
    """The stand-in, a client of Stripe's own that talks to it, and the shop's endpoint."""

    stand_in: StripeServer
    url: str
    client: stripe.StripeClient
    receiver: Receiver
    endpoint: ServerThread


def client_of(
    stand_in: StripeServer, url: str, *, secret_key: str | None = None, retries: int = 0
) -> stripe.StripeClient:
    return stripe.StripeClient(
        secret_key or stand_in.secret_key,
        base_addresses={"api": url},
        max_network_retries=retries,
        http_client=stripe.HTTPXClient(timeout=10, allow_sync_methods=False),
    )
