"""What the process says of itself: that it lives, that it can serve, and its metrics."""

import asyncio
import hmac
import ipaddress
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec
from prometheus_client import REGISTRY
from prometheus_client.exposition import choose_encoder
from starlette.requests import Request
from starlette.responses import Response

from api.call import Call
from api.http import fields
from api.http.errors import ApiError
from api.http.operations import Answer, Caller, of_process
from api.observability.version import VERSION

_PROXY_HEADERS = frozenset(
    {"forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"}
)

PartState = Literal["ok", "unavailable"]


class Alive(msgspec.Struct, kw_only=True):
    """A sign of life, with the version of the process and the time."""

    status: str = "ok"
    service: str = "mana-credits"
    version: str = VERSION
    timestamp: fields.Moment


class Checks(msgspec.Struct, kw_only=True, rename="camel"):
    """Each part, `ok` or `unavailable`; without signing keys only users' tokens are refused."""

    database: PartState
    signing_keys: PartState


class Ready(msgspec.Struct, kw_only=True):
    """A sign that requests can be served."""

    status: str = "ok"
    checks: Checks


async def live(call: Call[Any]) -> Alive:
    """A sign of life: the process answers."""
    return Alive(timestamp=datetime.now(UTC))


async def ready(call: Call[Any]) -> Ready:
    """A sign that it can serve: the database answers.

    Signing keys are told beside it. Services, gift pages and webhooks need none, so a process
    without any serves on; nor does whoever asks wait for mana-auth.

    Raises:
        ApiError: 503 database_unavailable.
    """
    keys = call.services.signing_keys
    keys.refresh_when_old()
    signing_keys: PartState = "ok" if keys.usable else "unavailable"
    if not await call.services.database_answers():
        checks = Checks(database="unavailable", signing_keys=signing_keys)
        raise ApiError("database_unavailable", "The service is not ready", checks)
    return Ready(checks=Checks(database="ok", signing_keys=signing_keys))


async def tell_metrics(call: Call[Any]) -> Response:
    """Metrics that Prometheus reads."""
    _admit(call.request, call.services.settings.metrics_token)
    await call.services.gauges.refresh()
    encode, content_type = choose_encoder(call.request.headers.get("accept", ""))
    # Writing some thousand lines takes milliseconds, in which others are to be served.
    text = await asyncio.to_thread(encode, REGISTRY)
    return Response(text, headers={"Content-Type": content_type})


def _admit(request: Request, token: str) -> None:
    """Let those in who have the token, or, where there is none, who are on this machine."""
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
        "GET /health",
        handler=live,
        answers={200: Answer("It does.", [Alive])},
    ),
    of_process(
        "GET /health/ready",
        handler=ready,
        answers={200: Answer("It can.", [Ready])},
        refusals=("database_unavailable",),
    ),
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
