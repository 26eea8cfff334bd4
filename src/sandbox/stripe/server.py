"""The stand-in as a whole: its application, and what tests do to it from their own thread."""

from __future__ import annotations

import asyncio
import contextlib
import copy
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from starlette.applications import Starlette

from sandbox.faults import Faults
from sandbox.servers import ServerThread
from sandbox.stripe.api import Api
from sandbox.stripe.cashier import Cashier
from sandbox.stripe.checkout import Checkout
from sandbox.stripe.pages import Pages
from sandbox.stripe.params import Params
from sandbox.stripe.payments import Payments
from sandbox.stripe.store import Json, Store, public, random_id
from sandbox.stripe.webhooks import Delivery, Endpoint, Webhooks

T = TypeVar("T")

_PATIENCE_SECONDS = 30.0


class StripeServer(Endpoint):
    """A stand-in for Stripe's API that the official client works against.

    Keys that are not given are random. With a `state_file` the objects and the events not delivered
    yet survive a restart. `faults` makes the API refuse, dawdle or lose answers. While the stand-in
    is served, its methods work from any thread.
    """

    def __init__(
        self,
        secret_key: str | None = None,
        webhook_secret: str | None = None,
        webhook_url: str | None = None,
        *,
        state_file: Path | None = None,
    ) -> None:
        super().__init__(webhook_url)
        self.secret_key = secret_key or random_id("sk_test_")
        self.webhook_secret = webhook_secret or random_id("whsec_")
        self.faults = Faults()
        self._store = Store(state_file)
        self._webhooks = Webhooks(self._store, self.webhook_secret, self)
        self._payments = Payments(self._store, self._webhooks)
        self._checkout = Checkout(self._store, self._webhooks, self._payments)
        self._cashier = Cashier(self._store, self._payments, self._checkout)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._api = Api(
            self.secret_key,
            self._store,
            self._payments,
            self._checkout,
            self.faults,
        )
        pages = Pages(self._store, self._checkout, self._cashier, self._webhooks)
        self.app = Starlette(routes=[*pages.routes(), *self._api.routes()], lifespan=self._lifespan)

    @contextlib.asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        self._loop = asyncio.get_running_loop()
        self._webhooks.start()
        try:
            yield
        finally:
            await self._webhooks.stop()
            self._loop = None

    def serve(self, port: int = 0) -> ServerThread:
        """Return a server of `app`, not started yet, and let the pages' addresses be its."""
        server = ServerThread(self.app, port)
        self._checkout.base_url = server.url
        return server

    def reset(self) -> None:
        """Forget objects, events, deliveries, keys, counts and faults: as new, at its address."""

        async def run() -> None:
            self._store.clear()
            self._api.reset()
            await self._webhooks.reset()

        self._await(run)
        self.faults.reset()
        self.faults.requests.clear()

    # Objects

    @property
    def url(self) -> str:
        """The address at which it is served, once `serve` was called."""
        return self._checkout.base_url

    @property
    def events(self) -> list[Json]:
        """Copies of all events so far, oldest first."""
        return self._call(lambda: list(self._store.all("event")))

    def events_of(self, kind: str) -> list[Json]:
        """Return copies of the events of one type, oldest first."""
        return [event for event in self.events if event["type"] == kind]

    def object(self, object_id: str) -> Json:
        """Return a copy of an object by its id, as the API shows it. Raises KeyError."""
        found = self._call(lambda: self._store.find(object_id))
        if found is None:
            raise KeyError(object_id)
        return public(found)

    def objects(self, kind: str) -> list[Json]:
        """Return copies of the objects of one kind, such as "refund", oldest first."""
        return self._call(lambda: [public(item) for item in self._store.all(kind)])

    # Acts of customers and banks

    def create_intent(self, params: Params) -> Json:
        """Create a PaymentIntent, as a request would."""
        return self._call(lambda: self._payments.create_intent(params))

    def pay(self, object_id: str) -> None:
        """Pay a PaymentIntent or Checkout Session, or let its debit in processing succeed."""
        self._call(lambda: self._cashier.pay(object_id))

    def decline(self, object_id: str) -> None:
        """Decline a PaymentIntent or Checkout Session, or let its debit in processing fail."""
        self._call(lambda: self._cashier.decline(object_id))

    def debit(self, object_id: str) -> None:
        """Pay by a debit, whose outcome `pay` or `decline` brings."""
        self._call(lambda: self._cashier.debit(object_id))

    def expire(self, session_id: str) -> None:
        """Let an open Checkout Session expire."""
        self._change("checkout.session", session_id, self._checkout.expire)

    def refund(self, object_id: str, amount: int | None = None) -> Json:
        """Refund a charge or PaymentIntent, all that is left or `amount` cents."""
        return self._call(lambda: self._payments.refund(_form(object_id, amount)))

    def fail_refund(self, refund_id: str, status: str = "failed") -> Json:
        """Let a refund fail, or be "canceled", after it was reported."""
        return self._change("refund", refund_id, self._payments.fail_refund, status=status)

    def dispute(
        self, object_id: str, amount: int | None = None, status: str = "needs_response"
    ) -> Json:
        """Dispute a charge or PaymentIntent, all of it or `amount` cents."""
        form = _form(object_id, amount, status=status)
        return self._call(lambda: self._payments.open_dispute(form))

    def update_dispute(self, dispute_id: str, **changes: str | int) -> Json:
        """Let a dispute have another amount or status."""
        return self._change("dispute", dispute_id, self._payments.update_dispute, **changes)

    def close_dispute(self, dispute_id: str, status: str) -> Json:
        """Close a dispute: "won" by the shop, or "lost"; a lost one may be won after all."""
        return self._change("dispute", dispute_id, self._payments.close_dispute, status=status)

    def withdraw(self, dispute_id: str) -> Json:
        """Take the money of a dispute, whatever its status says."""
        return self._change("dispute", dispute_id, lambda item, _: self._payments.withdraw(item))

    def reinstate(self, dispute_id: str) -> Json:
        """Give back the money of a dispute, whatever its status says."""
        return self._change("dispute", dispute_id, lambda item, _: self._payments.reinstate(item))

    def _change(
        self, kind: str, object_id: str, change: Callable[[Json, Params], Json], **form: str | int
    ) -> Json:
        params = Params({name: str(value) for name, value in form.items()})
        return self._call(lambda: change(self._store.get(kind, object_id), params))

    # Webhooks

    @property
    def deliveries(self) -> list[Delivery]:
        """Every attempt to deliver an event so far."""
        return self._call(lambda: list(self._webhooks.deliveries))

    def sign(self, payload: bytes, secret: str | None = None, timestamp: int | None = None) -> str:
        """Return the Stripe-Signature header of a body, by default with our secret and of now."""
        return self._webhooks.sign(payload, secret, timestamp)

    def make_event(self, kind: str, item: Json) -> Json:
        """Return an event about any object, real or not, for `deliver`; it is not kept."""
        return self._call(lambda: self._webhooks.make(kind, item))

    def deliver(self, *events: Json) -> list[Delivery]:
        """Deliver events once each, all at the same time, and return what came of each.

        They may be the same event several times, old ones, or held back.
        """
        return self._await(lambda: self._webhooks.deliver(*events))

    def wait_delivered(self) -> None:
        """Wait until no delivery in the background is under way or waits for its next attempt.

        Raises TimeoutError.
        """
        if not self._await(lambda: self._webhooks.idle(_PATIENCE_SECONDS)):
            raise TimeoutError("deliveries are still under way")

    # Crossing threads

    def _call(self, function: Callable[[], T]) -> T:
        """Run a function where the state lives, in the server's event loop if there is one.

        Returns a copy of its result.
        """
        if self._loop is None:
            return copy.deepcopy(function())

        async def run() -> T:
            return copy.deepcopy(function())

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(_PATIENCE_SECONDS)

    def _await(self, make: Callable[[], Coroutine[Any, Any, T]]) -> T:
        if self._loop is None:
            raise RuntimeError("the stand-in is not being served")
        return asyncio.run_coroutine_threadsafe(make(), self._loop).result()


def _form(object_id: str, amount: int | None, **more: str) -> Params:
    given = {} if amount is None else {"amount": str(amount)}
    return Params({"charge": object_id, **given, **more})
