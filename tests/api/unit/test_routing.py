"""The tree of routes finds what Starlette would find."""

import re

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Match, Route

from api.routes import ROUTES
from api.server.routing import TreeRouter

pytestmark = pytest.mark.anyio


async def tell(request: Request) -> Response:
    route: Route = request.scope["route"]
    return PlainTextResponse(f"{route.path} {request.path_params}")


TOLD = [Route(route.path, tell, methods=list(route.methods or ())) for route in ROUTES]


async def answer_of(method: str, path: str) -> httpx.Response:
    transport = httpx.ASGITransport(TreeRouter(TOLD))
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
        return await client.request(method, path)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{sorted(route.methods)} {route.path}")
async def test_every_route_is_found_with_its_parameters(route: Route) -> None:
    names = re.findall(r"{(\w+)}", route.path)
    path = re.sub(r"{(\w+)}", r"the-\1%2F", route.path)
    [method] = (route.methods or set()) - {"HEAD"}
    answer = await answer_of(method, path)
    assert answer.text == f"{route.path} { {name: f'the-{name}%2F' for name in names} }"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/v1/gifts/me/redeem"),
        ("HEAD", "/api/v1/credits/balance"),
        ("DELETE", "/api/v1/credits/balance"),
        ("GET", "/api/v1/credits/balance/"),
        ("GET", "/api/v1/credits/guild//balance"),
        ("GET", "//api/v1/credits/balance"),
        ("GET", "/nothing"),
    ],
)
async def test_a_request_that_is_special_is_answered_as_starlette_would(
    method: str, path: str
) -> None:
    scope = {"type": "http", "method": method, "path": path}
    full = next((route for route in TOLD if route.matches(scope)[0] is Match.FULL), None)
    partial = any(route.matches(scope)[0] is Match.PARTIAL for route in TOLD)
    answer = await answer_of(method, path)
    assert answer.status_code == (200 if full else 405 if partial else 404)
