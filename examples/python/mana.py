"""A small client of mana-credits, with what every caller has to know about retries and refusals."""

from __future__ import annotations

import json
import os
import time
from decimal import Decimal
from typing import Any

import httpx

ATTEMPTS = 4
TRY_AGAIN = {429, 503, 504}


class RefusedError(Exception):
    """The answer was no. Decide by `code`, show the figures of `details`, log `message`."""

    def __init__(self, answer: dict[str, Any]) -> None:
        super().__init__(f"{answer['statusCode']} {answer['code']}: {answer['message']}")
        self.code: str = answer["code"]
        self.details: dict[str, Any] = answer.get("details", {})


class Mana:
    """Calls the API at the address in the variable API, as the one whom `headers` name."""

    def __init__(self, headers: dict[str, str]) -> None:
        self._http = httpx.Client(base_url=os.environ["API"], headers=headers, timeout=15)

    def get(self, path: str) -> Any:
        """GET a path, and return the answer. Raises RefusedError."""
        return self._call("GET", path)

    def post(self, path: str, **body: Any) -> Any:
        """POST a body to a path, and return the answer. Raises RefusedError.

        Give each thing that is to happen one `idempotencyKey`, so that it happens once.
        """
        return self._call("POST", path, body)

    def put(self, path: str, **body: Any) -> Any:
        """PUT a body to a path, and return the answer. Raises RefusedError."""
        return self._call("PUT", path, body)

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                answer = self._http.request(method, path, json=body)
            except httpx.TransportError:
                # Nobody knows whether it happened. The same key again finds out.
                if attempt == ATTEMPTS:
                    raise
                time.sleep(attempt)
                continue
            if answer.status_code not in TRY_AGAIN or attempt == ATTEMPTS:
                break
            time.sleep(float(answer.headers.get("Retry-After", attempt)))
        # Credits are decimals with 6 digits after the point: no binary floats, please.
        content = json.loads(answer.text, parse_float=Decimal)
        if answer.is_success:
            return content
        raise RefusedError(content)


def user(token: str) -> Mana:
    """Return a client for the user whose token is in a variable, such as ALICE."""
    return Mana({"Authorization": f"Bearer {os.environ[token]}"})


def service(app_id: str) -> Mana:
    """Return a client for a trusted service, with the key in SERVICE_KEY."""
    return Mana({"X-Service-Key": os.environ["SERVICE_KEY"], "X-App-Id": app_id})
