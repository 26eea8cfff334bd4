"""Whether the process lives, and whether it can serve."""

from datetime import UTC, datetime

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from api.answers import json_answer
from api.errors import ApiError
from api.fields import Moment
from api.operations import Answer, Operation
from api.services import services_of

_RETRY_AFTER = 5


class Alive(msgspec.Struct, kw_only=True):
    """That the process answers, and when."""

    status: str = "ok"
    service: str = "mana-credits"
    timestamp: Moment


class Ready(msgspec.Struct, kw_only=True):
    """That every part is `ok`."""

    status: str = "ok"
    checks: dict[str, str]


async def live(request: Request) -> Response:
    """GET /health: the process answers."""
    return json_answer(Alive(timestamp=datetime.now(UTC)))


async def ready(request: Request) -> Response:
    """GET /health/ready: all that requests need can be reached; else 503 with each part named."""
    services = services_of(request)
    parts = {
        "database": await services.database_answers.get(),
        "signingKeys": await services.signing_keys.ready(),
    }
    told = {name: "ok" if is_ready else "unavailable" for name, is_ready in parts.items()}
    if not all(parts.values()):
        code = "auth_unavailable" if parts["database"] else "database_unavailable"
        raise ApiError(503, code, "The service is not ready", told, _RETRY_AFTER)
    return json_answer(Ready(checks=told))


OPERATIONS = [
    Operation(
        method="GET",
        path="/health",
        handler=live,
        name="live",
        tag="Operation",
        summary="Whether the process answers",
        answers={200: Answer("It does.", [Alive])},
        needs_database=False,
    ),
    Operation(
        method="GET",
        path="/health/ready",
        handler=ready,
        name="ready",
        tag="Operation",
        summary="Whether it can serve: database and signing keys can be reached",
        answers={200: Answer("It can.", [Ready])},
        refusals=("auth_unavailable", "database_unavailable"),
        needs_database=False,
    ),
]
