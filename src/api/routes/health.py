"""Health: the process lives, and can serve."""

from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from api.call import Call
from api.http.errors import ApiError
from api.http.fields import Moment
from api.http.operations import Answer, of_process
from api.observability.version import VERSION

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


async def live(call: Call[Any]) -> Alive:
    """Whether the process answers."""
    return Alive(timestamp=datetime.now(UTC))


async def ready(call: Call[Any]) -> Ready:
    """Whether it can serve: the database answers.

    Signing keys are told beside it. Services, gift pages and webhooks need none, so a process
    without any serves on; nor does whoever asks wait for mana-auth.

    Raises:
        ApiError: 503 database_unavailable.
    """
    keys = call.services.signing_keys
    keys.refresh_when_old()
    signing_keys: PartState = "ok" if keys.usable else "unavailable"
    if not await call.services.database_answers.get():
        checks = Checks(database="unavailable", signing_keys=signing_keys)
        details = msgspec.to_builtins(checks)
        raise ApiError("database_unavailable", "The service is not ready", details)
    return Ready(checks=Checks(database="ok", signing_keys=signing_keys))


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
]
