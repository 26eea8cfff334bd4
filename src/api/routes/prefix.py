"""The common prefix of the API's routes."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

PREFIX = "/api/v1"

Handler = Callable[[Request], Awaitable[Response]]


def api_route(method: str, path: str, handler: Handler) -> Route:
    """Return the route of one method under the prefix."""
    return Route(PREFIX + path, handler, methods=[method])
