"""Health: the process lives, and can serve."""

from datetime import UTC, datetime
from typing import Literal

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from api.http.answers import json_answer
from api.http.errors import ApiError
from api.http.fields import Moment
from api.http.operations import Answer, of_process
from api.observability.version import VERSION
from api.services import services_of

PartState = Literal["ok", "unavailable"]


class Alive(msgspec.Struct, kw_only=True):
    """A sign of life, with the version of the process and the time."""

    status: str = "ok"
    service: str = "mana-credits"
    version: str = VERSION
    timestamp: Moment


class Checks(msgspec.Struct, kw_only=True, rename="camel"):
    """Each part, `ok` or `unavailable`; without signing keys only users' tokens are refused."""

    database: PartState
    signing_keys: PartState


class Ready(msgspec.Struct, kw_only=True):
    """A sign that requests can be served."""

    status: str = "ok"
    checks: Checks


async def live(request: Request) -> Response:
    """GET /health: the process answers."""
    return json_answer(Alive(timestamp=datetime.now(UTC)))


async def ready(request: Request) -> Response:
    """GET /health/ready: the database answers; else 503. Signing keys are told beside it.

    Services, gift pages and webhooks need no signing keys, so a process without any serves on; nor
    does whoever asks wait for mana-auth.
    """
    services = services_of(request)
    keys = services.signing_keys
    keys.refresh_when_old()
    signing_keys: PartState = "ok" if keys.usable else "unavailable"
    if not await services.database_answers.get():
        checks = Checks(database="unavailable", signing_keys=signing_keys)
        details = msgspec.to_builtins(checks)
        raise ApiError("database_unavailable", "The service is not ready", details)
    return json_answer(Ready(checks=Checks(database="ok", signing_keys=signing_keys)))


OPERATIONS = [
    of_process(
        "GET /health",
        "live",
        "Whether the process answers",
        endpoint=live,
        answers={200: Answer("It does.", [Alive])},
    ),
    of_process(
        "GET /health/ready",
        "ready",
        "Whether it can serve: the database answers",
        endpoint=ready,
        answers={200: Answer("It can.", [Ready])},
        refusals=("database_unavailable",),
    ),
]
