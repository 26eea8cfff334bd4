"""Requests to mana-auth, whose answers are taken only if they come in time and are not too long."""

import asyncio
from collections.abc import Mapping

import httpx

from api.http.errors import ApiError

_TIMEOUT_SECONDS = 3.0
_MOST_BYTES = 1024 * 1024

# What keeps an answer from being had or understood.
UNANSWERED = (httpx.HTTPError, TimeoutError, ValueError, RecursionError)


def auth_unavailable() -> ApiError:
    """503: mana-auth does not answer, so nobody can be told who they are."""
    return ApiError("auth_unavailable", "The auth service is not available")


async def ask(
    client: httpx.AsyncClient, url: str, headers: Mapping[str, str] | None = None
) -> bytes:
    """Return the body of the answer to a GET.

    Raises:
        One of `UNANSWERED`.
    """
    body = bytearray()
    # The client's own timeout is for each step: a drip of bytes could last for ever.
    async with (
        asyncio.timeout(_TIMEOUT_SECONDS),
        client.stream("GET", url, headers=headers) as answer,
    ):
        async for part in answer.aiter_bytes():
            body += part
            if len(body) > _MOST_BYTES:
                raise ValueError("too long")
        # After the body: a connection that is left before its end is closed.
        answer.raise_for_status()
    return bytes(body)
