"""Whether the process lives, and whether it can serve."""

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.answers import json_answer
from api.errors import ApiError
from api.rows import TimeZone
from api.services import Services, services_of

_RETRY_AFTER = 5


async def live(request: Request) -> Response:
    """GET /health: the process answers."""
    return json_answer({"status": "ok", "service": "mana-credits", "timestamp": datetime.now(UTC)})


async def ready(request: Request) -> Response:
    """GET /health/ready: all that requests need can be reached; else 503 with each part named."""
    services = services_of(request)
    parts = {
        "database": await _database_ready(services),
        "signingKeys": await services.signing_keys.ready(),
    }
    told = {name: "ok" if is_ready else "unavailable" for name, is_ready in parts.items()}
    if not all(parts.values()):
        code = "auth_unavailable" if parts["database"] else "database_unavailable"
        raise ApiError(503, code, "The service is not ready", told, _RETRY_AFTER)
    return json_answer({"status": "ok", "checks": told})


async def _database_ready(services: Services) -> bool:
    try:
        await services.database.one("credits.limits_time_zone", TimeZone)
    except ApiError:
        return False
    return True


ROUTES = [Route("/health", live), Route("/health/ready", ready)]
