"""Finds the route of a request by the segments of its path, whatever the number of routes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.routing import Route, Router
from starlette.types import Receive, Scope, Send

_PARAMETER = "{}"


@dataclass(slots=True)
class _Node:
    """A place in the tree of segments; `routes` end here, by method."""

    children: dict[str, "_Node"] = field(default_factory=dict)
    routes: dict[str, tuple[Route, list[str]]] = field(default_factory=dict)


class TreeRouter(Router):
    """Starlette's router, asked only about what the tree does not know: 404s, 405s and the like.

    A path is matched as it was sent, still percent-encoded. A decoded path cannot tell a slash
    inside an id from one between segments, nor two ids of broken UTF-8 from each other;
    `api.http.parameters` decodes each id by itself.
    """

    def __init__(self, routes: Sequence[Route], **options: Any) -> None:
        # A redirect would be built from the Host header, and most clients drop the body of a POST.
        super().__init__(routes, redirect_slashes=False, **options)
        self._root = _Node()
        for route in routes:
            self._insert(route)

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request by its route."""
        if scope["type"] != "http":
            await super().app(scope, receive, send)
            return
        if scope.get("raw_path"):
            scope["path"] = scope["raw_path"].decode("ascii", "replace")
        found = self._find(scope["method"], scope["path"])
        if found is None:
            await super().app(scope, receive, send)
            return
        route, parameters = found
        scope["router"] = self
        scope["route"] = route
        scope["endpoint"] = route.endpoint
        scope["path_params"] = parameters
        await route.app(scope, receive, send)

    def _insert(self, route: Route) -> None:
        node, names = self._root, []
        for segment in route.path.split("/"):
            if segment.startswith("{"):
                names.append(segment.strip("{}"))
                segment = _PARAMETER
            node = node.children.setdefault(segment, _Node())
        for method in route.methods or ():
            node.routes.setdefault(method, (route, names))

    def _find(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        node, values = self._root, []
        for segment in path.split("/"):
            child = node.children.get(segment)
            if child is None:
                child = node.children.get(_PARAMETER)
                if child is None or not segment:
                    return None
                values.append(segment)
            node = child
        found = node.routes.get(method)
        if found is None:
            return None
        route, names = found
        return route, dict(zip(names, values, strict=True))
