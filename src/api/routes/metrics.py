"""Metrics, for Prometheus."""

import asyncio
import hmac
import ipaddress
from typing import Any

from prometheus_client import REGISTRY
from prometheus_client.exposition import choose_encoder
from starlette.requests import Request
from starlette.responses import Response

from api.call import Call
from api.http.errors import ApiError
from api.http.operations import Answer, Caller, of_process

_PROXY_HEADERS = frozenset(
    {"forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"}
)


async def tell_metrics(call: Call[Any]) -> Response:
    """What Prometheus reads."""
    _admit(call.request, call.services.settings.metrics_token)
    await call.services.gauges.refresh()
    encode, content_type = choose_encoder(call.request.headers.get("accept", ""))
    # Writing some thousand lines takes milliseconds, in which others are to be served.
    text = await asyncio.to_thread(encode, REGISTRY)
    return Response(text, headers={"Content-Type": content_type})


def _admit(request: Request, token: str) -> None:
    """Let those in who have the token, or, where there is none, who are on this machine.

    Raises:
        ApiError: 401 unauthenticated.
    """
    if token:
        given = request.headers.get("authorization", "").encode()
        if not hmac.compare_digest(given, f"Bearer {token}".encode()):
            raise ApiError("unauthenticated", "The token for metrics is needed")
    elif not _is_local(request):
        raise ApiError(
            "unauthenticated", "Metrics are told to this machine only: set METRICS_TOKEN"
        )


def _is_local(request: Request) -> bool:
    """Return whether the request was made here: what a proxy passed on only looks like it."""
    if not _PROXY_HEADERS.isdisjoint(request.headers):
        return False
    host = request.client.host if request.client else ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


OPERATIONS = [
    of_process(
        "GET /metrics",
        caller=Caller.SCRAPER,
        handler=tell_metrics,
        answers={
            200: Answer(
                "The metrics of this process, and the database's figures if it is there.",
                other={"text/plain": str, "application/openmetrics-text": str},
            )
        },
    ),
]
