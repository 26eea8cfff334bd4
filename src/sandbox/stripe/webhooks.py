"""Events and their delivery: signed, in the background, again and again until they are taken."""

from __future__ import annotations

import asyncio
import copy
import json
import time
from dataclasses import dataclass

import httpx
import stripe

from sandbox.stripe.store import Json, Store, now, public, random_id

_TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True)
class Delivery:
    """One attempt to deliver an event: `status` is the answer's, None if there was none."""

    event_id: str
    event_type: str
    attempt: int
    status: int | None
    answer: str

    @property
    def accepted(self) -> bool:
        """True if the receiver took it (any 2xx)."""
        return self.status is not None and 200 <= self.status < 300


class Endpoint:
    """Where events go: to `webhook_url`, or nowhere.

    `hold` keeps new events back. `retry_delays` are the seconds between attempts, whose number is
    one more than theirs.
    """

    def __init__(self, webhook_url: str | None) -> None:
        self.webhook_url = webhook_url
        self.hold = False
        self.retry_delays: tuple[float, ...] = (0.5, 1, 2, 4, 8, 15, 30, 60)


class Webhooks:
    """Makes events and delivers them; all methods but `sign` belong to the server's event loop."""

    def __init__(self, store: Store, secret: str, endpoint: Endpoint) -> None:
        self.secret = secret
        self._endpoint = endpoint
        self.deliveries: list[Delivery] = []
        self._store = store
        self._tasks: set[asyncio.Task[None]] = set()
        self._client: httpx.AsyncClient | None = None

    def start(self) -> None:
        """Begin to deliver, first what is still pending from before."""
        # No connection is kept: an API that is to end waits a while for those that are idle.
        limits = httpx.Limits(max_keepalive_connections=0)
        self._client = httpx.AsyncClient(timeout=_TIMEOUT_SECONDS, limits=limits, trust_env=False)
        for event in self._store.all("event"):
            if event["pending_webhooks"]:
                self._schedule(event)

    async def stop(self) -> None:
        """Give up the attempts under way; what is not delivered stays pending."""
        await self._give_up()
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def reset(self) -> None:
        """Give up the attempts under way, forget the deliveries, deliver new events again."""
        await self._give_up()
        self.deliveries.clear()
        self._endpoint.hold = False

    def sign(self, payload: bytes, secret: str | None = None, timestamp: int | None = None) -> str:
        """Return the Stripe-Signature header of a body, by default with our secret and of now."""
        text = payload.decode("utf-8", "replace")
        key = self.secret if secret is None else secret
        return str(stripe.WebhookSignature.generate_signature_header(text, key, timestamp))

    def make(self, kind: str, item: Json) -> Json:
        """Return an event about an object as it is now, without keeping or delivering it."""
        return {
            "id": random_id("evt_"),
            "object": "event",
            "api_version": stripe.api_version,
            "created": now(),
            "data": {"object": copy.deepcopy(public(item))},
            "livemode": False,
            "pending_webhooks": 1 if self._endpoint.webhook_url else 0,
            "type": kind,
        }

    def emit(self, kind: str, item: Json) -> None:
        """Keep an event about an object as it is now, and deliver it unless held back."""
        event = self.make(kind, item)
        self._store.put(event)
        self._schedule(event)

    async def deliver(self, *events: Json) -> list[Delivery]:
        """Deliver events once each, all at the same time, whether held back or not."""
        return list(await asyncio.gather(*(self._attempt(event, 1) for event in events)))

    async def idle(self, seconds: float) -> bool:
        """Wait until every delivery in the background has succeeded or been given up.

        Returns False if `seconds` were not enough.
        """
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)
        return not self._tasks

    async def _give_up(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _schedule(self, event: Json) -> None:
        endpoint = self._endpoint
        if endpoint.webhook_url is None or endpoint.hold or self._client is None:
            return
        task = asyncio.get_running_loop().create_task(self._deliver_with_retries(event))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver_with_retries(self, event: Json) -> None:
        for attempt, pause in enumerate((*self._endpoint.retry_delays, None), start=1):
            delivery = await self._attempt(event, attempt)
            if delivery.accepted or pause is None:
                return
            await asyncio.sleep(pause)

    async def _attempt(self, event: Json, attempt: int) -> Delivery:
        url = self._endpoint.webhook_url
        if url is None or self._client is None:
            raise RuntimeError("there is no webhook URL, or the server is not running")
        payload = json.dumps(event).encode()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": self.sign(payload, timestamp=int(time.time())),
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        }
        try:
            response = await self._client.post(url, content=payload, headers=headers)
        except httpx.HTTPError as error:
            status, answer = None, f"{type(error).__name__}: {error}"
        else:
            status, answer = response.status_code, response.text
        delivery = Delivery(event["id"], event["type"], attempt, status, answer)
        self.deliveries.append(delivery)
        kept = self._store.find(event["id"])
        if delivery.accepted and kept is not None:
            kept["pending_webhooks"] = 0
            self._store.save()
        return delivery
