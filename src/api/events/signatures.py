"""Signatures of webhooks, as https://www.standardwebhooks.com specifies them."""

import base64
import hashlib
import hmac
from datetime import datetime
from typing import Final

_PREFIX: Final = "whsec_"


def signed_headers(secret: str, message_id: str, sent_at: datetime, body: bytes) -> dict[str, str]:
    """Return the headers that go with a body.

    Args:
        secret: `whsec_` and the key in base64.
        message_id: The same for every attempt to deliver the same message.
        sent_at: The moment of this attempt.
        body: Exactly as it is sent.
    """
    timestamp = str(int(sent_at.timestamp()))
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    content = b".".join((message_id.encode(), timestamp.encode(), body))
    digest = hmac.new(key, content, hashlib.sha256).digest()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }
