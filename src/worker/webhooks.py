"""Delivery to webhooks: in order for each, at least once, none waiting for another.

Messages are signed as https://www.standardwebhooks.com specifies.
"""

import asyncio
import logging
import random
import re
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

import httpx
import msgspec
from standardwebhooks import Webhook as Signer

from api.database.client import Functions
from api.database.rows import Row
from api.http.errors import ApiError
from api.http.fields import Moment
from api.observability.metrics import WEBHOOK_DELIVERIES

logger = logging.getLogger("worker.webhooks")

_MOST_AT_ONCE: Final = 16
_EVENTS_AT_ONCE: Final = 50
_ATTEMPT_SECONDS: Final = 10.0

# The process that claimed a webhook sends for a while and gives it back. Even with a last attempt
# this is less than the claim, so no second process begins before.
_SENDING_SECONDS: Final = 40.0
_CLAIM_SECONDS: Final = 60.0

_FIRST_PAUSE_SECONDS: Final = 1.0
_LONGEST_PAUSE_SECONDS: Final = 3600.0

# The longest pause that a receiver may ask for; it could name a year by mistake.
_LONGEST_WISH_SECONDS: Final = 86400.0

# For what is under way when a process is to end.
_PATIENCE_SECONDS: Final = 2.0


class ClaimedWebhook(Row):
    """A webhook that is this caller's to deliver to for a while.

    `failures` counts those in a row; `claim` is what it is given back with.
    """

    consumer: str
    url: str
    secret: str
    failures: int
    claim: UUID


class Event(Row):
    """An event that a consumer has not acknowledged; `id` is the same at each delivery."""

    position: int
    id: UUID
    type: str
    data: msgspec.Raw
    created_at: Moment


@dataclass(frozen=True, slots=True)
class _Failure:
    """A reason why an event was not accepted.

    Attributes:
        reason: For the DBA.
        wished_pause: The seconds for which the receiver wants to be left alone.
        gone: True if it says that it is gone for good.
    """

    reason: str
    wished_pause: float = 0.0
    gone: bool = False


def pause_after(failures: int) -> float:
    """Return how many seconds to wait after so many failures in a row, at least one.

    Doubled each time up to an hour, and up to half shorter, so that not all come back at once.
    """
    longest = min(_LONGEST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 2.0 ** min(failures - 1, 30))
    return longest * random.uniform(0.5, 1)  # noqa: S311


def wished_pause(retry_after: str, now: datetime) -> float:
    """Return how many seconds a `Retry-After` asks for, none if it cannot be read; at most a day.

    It is a number of seconds or an HTTP date.
    """
    if re.fullmatch(r"[0-9]{1,20}", retry_after):
        seconds = float(retry_after)
    else:
        try:
            moment = parsedate_to_datetime(retry_after)
        except (ValueError, OverflowError):
            return 0.0
        # An HTTP date is in GMT, whether it says so or not.
        seconds = (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds()
    return min(max(seconds, 0.0), _LONGEST_WISH_SECONDS)


class Webhooks:
    """Delivers events to the webhooks that this process claims.

    Any number of processes may do so: a webhook is claimed by one at a time.
    """

    def __init__(self, functions: Functions) -> None:
        self._functions = functions
        self._deliveries: set[asyncio.Task[None]] = set()
        self._stopping = False
        # A proxy of the environment is not asked, and a redirect is a failure: requests go to the
        # address that was registered, and nowhere else.
        self._client = httpx.AsyncClient(
            timeout=_ATTEMPT_SECONDS, follow_redirects=False, trust_env=False
        )

    async def start_due(self) -> bool:
        """Begin delivery to the webhooks that are due, without waiting for it to end."""
        free = _MOST_AT_ONCE - len(self._deliveries)
        if free > 0:
            claimed = await self._functions.many(
                "credits.claim_webhooks", ClaimedWebhook, p_limit=free, p_seconds=_CLAIM_SECONDS
            )
            for webhook in claimed:
                delivery = asyncio.create_task(self._deliver(webhook))
                self._deliveries.add(delivery)
                delivery.add_done_callback(self._deliveries.discard)
        return False

    async def close(self) -> None:
        """Let what is being sent arrive if it does so soon, and stop.

        A webhook that is not given back is due again when its claim runs out.
        """
        self._stopping = True
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*self._deliveries), _PATIENCE_SECONDS)
        await self._client.aclose()

    async def _deliver(self, webhook: ClaimedWebhook) -> None:
        try:
            failure = await self._send_waiting(webhook)
            await self._functions.run(
                "credits.release_webhook",
                p_consumer=webhook.consumer,
                p_claim=webhook.claim,
                **_outcome(webhook, failure),
            )
        except ApiError as error:
            # The database is away, or a DBA has dropped the consumer meanwhile.
            extra = {"consumer": webhook.consumer, "reason": str(error)}
            logger.warning("webhook given up for now", extra=extra)
        except Exception:
            logger.exception("webhook failed", extra={"consumer": webhook.consumer})

    async def _send_waiting(self, webhook: ClaimedWebhook) -> _Failure | None:
        """Send the waiting events while there is time; return the failure that ended it, if any."""
        until = time.monotonic() + _SENDING_SECONDS
        while events := await self._functions.many(
            "credits.read_events", Event, p_consumer=webhook.consumer, p_limit=_EVENTS_AT_ONCE
        ):
            for event in events:
                if self._stopping or time.monotonic() >= until:
                    return None
                failure = await self._post(webhook, event)
                WEBHOOK_DELIVERIES.labels("failed" if failure else "delivered").inc()
                if failure:
                    extra = {
                        "consumer": webhook.consumer,
                        "event": str(event.id),
                        "failures": webhook.failures + 1,
                        "reason": failure.reason,
                    }
                    if failure.gone:
                        logger.error("webhook stopped: its address is gone", extra=extra)
                    else:
                        logger.warning("webhook not delivered", extra=extra)
                    return failure
                await self._functions.run(
                    "credits.ack_events", p_consumer=webhook.consumer, p_position=event.position
                )
        return None

    async def _post(self, webhook: ClaimedWebhook, event: Event) -> _Failure | None:
        """Send one event; return why it was not accepted, or None if it was."""
        message = {"type": event.type, "timestamp": event.created_at, "data": event.data}
        body = msgspec.json.encode(message)
        message_id, now = str(event.id), datetime.now(UTC)
        headers = {
            "content-type": "application/json",
            "user-agent": "mana-credits",
            "webhook-id": message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Signer(webhook.secret).sign(message_id, now, body.decode()),
        }
        try:
            async with (
                # The client's own timeout is for each step: a drip of bytes could last for ever.
                asyncio.timeout(_ATTEMPT_SECONDS),
                self._client.stream("POST", webhook.url, content=body, headers=headers) as answer,
            ):
                if answer.is_success:
                    return None
                pause = wished_pause(answer.headers.get("retry-after", ""), now)
                gone = answer.status_code == HTTPStatus.GONE
                return _Failure(f"status {answer.status_code}", pause, gone)
        except TimeoutError:
            return _Failure("no answer in time")
        # UnicodeError: a host whose name cannot be one.
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            return _Failure(type(error).__name__)


def _outcome(webhook: ClaimedWebhook, failure: _Failure | None) -> dict[str, Any]:
    """Return what a webhook is given back with."""
    if failure is None:
        return {}
    # A receiver that wants to be asked again soon is no reason to ask it more often than others.
    pause = max(pause_after(webhook.failures + 1), failure.wished_pause)
    return {"p_failure": failure.reason, "p_pause_seconds": pause, "p_stop": failure.gone}
