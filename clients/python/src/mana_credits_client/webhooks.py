"""Events: messages to webhooks, verified and read, and what a consumer reads over SQL."""

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from .amounts import read

_TOLERANCE_SECONDS = 300
# As text, so that no amount becomes a float on the way.
_READ = """
    select "position", id::text, type, data::text,
        to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    from credits.read_events(p_consumer => %s, p_limit => %s)
"""
_ACKNOWLEDGE = "select credits.ack_events(p_consumer => %s, p_position => %s)"


@dataclass(frozen=True)
class Event:
    """Something that has happened. Types that you do not know may come: skip them.

    Attributes:
        id: The same each time it comes: who must act once keeps those it has dealt with.
        type: Such as `balance.changed`.
        timestamp: When, in UTC.
        data: What the type tells; amounts are Decimals.
    """

    id: str
    type: str
    timestamp: str
    data: Mapping[str, Any]


class Connection(Protocol):
    """A psycopg connection, its rows tuples."""

    def execute(self, query: str, params: Sequence[Any], /) -> Any:
        """Run a statement."""


class WebhookError(Exception):
    """The headers or the signature are not as they should be: answer 401 and do nothing."""


def read_webhook(
    body: bytes | str,
    headers: Mapping[str, str],
    secrets: str | Sequence[str],
    *,
    now: float | None = None,
) -> Event:
    """Verify a message (Standard Webhooks) and return its event.

    Args:
        body: As it came, not parsed.
        headers: The request's headers.
        secrets: Begins with `whsec_`; several while one is being replaced.
        now: The present time, in seconds since 1970.

    Raises:
        WebhookError: It is not from the service, was changed, or is too old.
        ValueError: There is no secret.
    """
    content = body.encode() if isinstance(body, str) else body
    lower = {name.lower(): value for name, value in headers.items()}
    try:
        names = ("webhook-id", "webhook-timestamp", "webhook-signature")
        event_id, stamp, signatures = (lower[name] for name in names)
        age = abs((time.time() if now is None else now) - int(stamp))
    except (KeyError, ValueError) as error:
        raise WebhookError(f"a header is missing or malformed: {error}") from None
    if age > _TOLERANCE_SECONDS:
        raise WebhookError("the message is too old or too new")
    signed = f"{event_id}.{stamp}.".encode() + content
    given = [one.removeprefix("v1,").encode() for one in signatures.split() if one[:3] == "v1,"]
    for secret in [secrets] if isinstance(secrets, str) else secrets or [""]:
        right = base64.b64encode(hmac.digest(_key(secret), signed, hashlib.sha256))
        if any(hmac.compare_digest(right, one) for one in given):
            return read_event(event_id, content)
    raise WebhookError("no signature is right")


def read_event(event_id: str, content: bytes | str) -> Event:
    """Read an event whose origin is known."""
    told = read(content)
    return Event(event_id, told["type"], told["timestamp"], told["data"])


def read_events(connection: Connection, consumer: str, *, limit: int = 100) -> Iterator[Event]:
    """Yield what a registered consumer has not dealt with yet, and acknowledge each batch after it.

    Within a transaction of the caller's, what is done and the acknowledgement are one.
    """
    while rows := connection.execute(_READ, (consumer, limit)).fetchall():
        for _, event_id, kind, data, at in rows:
            yield Event(event_id, kind, at, read(data))
        connection.execute(_ACKNOWLEDGE, (consumer, rows[-1][0]))


def _key(secret: str) -> bytes:
    raw = (secret or "").removeprefix("whsec_")
    if not raw:
        raise ValueError("the secret of the webhook is missing: it begins with whsec_")
    try:
        return base64.b64decode(raw, validate=True)
    except binascii.Error:
        raise WebhookError("the secret is not base64") from None
