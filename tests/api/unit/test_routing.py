"""Starlette finds every route, whatever comes before it in the list."""

import re

import pytest
from starlette.routing import Match, Route

from api.routes import ROUTES


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{sorted(route.methods)} {route.path}")
def test_every_route_is_found_with_its_parameters(route: Route) -> None:
    names = re.findall(r"{(\w+)}", route.path)
    path = re.sub(r"{(\w+)}", r"the-\1%2F", route.path)
    [method] = (route.methods or set()) - {"HEAD"}
    scope = {"type": "http", "method": method, "path": path}
    matches = ((each, *each.matches(scope)) for each in ROUTES)
    found, found_scope = next((each, of) for each, how, of in matches if how is Match.FULL)
    assert found is route
    assert found_scope["path_params"] == {name: f"the-{name}%2F" for name in names}
