"""ASGI middleware: the request's id, log line, path and headers, and CORS.

Plain ASGI, since Starlette's BaseHTTPMiddleware costs a task and a queue for every request.
"""

import random
import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime

from msgspec import UNSET
from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.errors import error_answer, invalid_request
from api.observability.logs import RequestLine, RequestLog, request_line
from api.observability.metrics import count_request
from api.observability.refusals import AccountHashes

_SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")

_COMMON_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    (b"vary", b"Origin"),
]


class RequestRecord:
    """Gives each request an id, its answer the headers that all answers have, and logs one line.

    The line names the route, never the path: paths hold user ids and gift codes.
    """

    def __init__(self, app: ASGIApp, hashes: AccountHashes) -> None:
        self._app = app
        self._log = RequestLog()
        self._hashes = hashes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # Still percent-encoded: a decoded path cannot tell a slash inside an id from one between
        # segments, nor two ids of broken UTF-8 from each other. Ids are decoded one by one.
        scope["path"] = scope["raw_path"].decode("ascii", "replace")
        line = RequestLine(request_id=_request_id(scope), method=scope["method"])
        # Every request has a context of its own (`reset_contextvars`).
        request_line.set(line)
        started = time.perf_counter()

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                line.status = message["status"]
                _add_headers(message, line.request_id)
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        finally:
            line.route = getattr(scope.get("route"), "path", None)
            line.ms = round((time.perf_counter() - started) * 1000, 2)
            self._end(line)

    def _end(self, line: RequestLine) -> None:
        count_request(line.method, line.route, line.status, line.ms / 1000)
        line.time = datetime.now(UTC)
        if line.status >= 500:
            line.level = "error"
        if line.code is UNSET:
            line.app = line.account = UNSET
        elif line.account:
            line.account = self._hashes.of(line.account)
        self._log.add(line)


class Cors(CORSMiddleware):
    """CORS whose refusals have the shape of every other error."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; with one that no web page sent there is nothing to do."""
        if scope["type"] == "http" and any(name == b"origin" for name, _ in scope["headers"]):
            await super().__call__(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def preflight_response(self, request_headers: Headers) -> Response:
        """Answer a browser's question whether it may send a request."""
        answer = super().preflight_response(request_headers)
        if answer.status_code == 200:
            return Response(status_code=200, headers=_without_body(answer.headers))
        refusal = error_answer(invalid_request({}, bytes(answer.body).decode()))
        refusal.headers.update(_without_body(answer.headers))
        return refusal


def _without_body(headers: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in headers.items()
        if name not in ("content-length", "content-type")
    }


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            given = value.decode("latin-1")
            if _SANE_REQUEST_ID.fullmatch(given):
                return str(given)
    # Told from the others, and no secret.
    return f"{random.getrandbits(128):032x}"


def _add_headers(message: Message, current_id: str) -> None:
    headers: list[tuple[bytes, bytes]] = message.setdefault("headers", [])
    present = {name for name, _ in headers}
    headers.extend(header for header in _COMMON_HEADERS if header[0] not in present)
    headers.append((b"x-request-id", current_id.encode()))
