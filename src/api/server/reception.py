"""Requests come in within bounds of time and size, or are refused in the shape of every error."""

import asyncio
import socket
from functools import partial
from weakref import WeakKeyDictionary

from httptools import HttpParserUpgrade, HttpRequestParser
from starlette.responses import Response
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)
from uvicorn.server import ServerState

from api.http.bodies import IS_COMPLETE, RECEIVE_SECONDS
from api.http.errors import ApiError, error_answer, invalid_request, request_timeout, too_large
from api.server.gathering import GatheringTransport
from api.server.turns import Turns, caller_of

# Of the request line and all header fields together; also of what may lie between two parts of a
# body, and after it.
MOST_HEAD_BYTES = 64 * 1024

# Behind the one under way. Each costs far more memory than the bytes it came in.
MOST_WAITING = 8

# An answer waits no longer than that for a client that reads nothing of it.
SENDING_SECONDS = 30.0

# Of all connections of a server.
_TURNS: WeakKeyDictionary[ServerState, Turns] = WeakKeyDictionary()

_CLOSING_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    (b"connection", b"close"),
]


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol, which by itself waits for ever and holds any number of heads of any size.

    For a body the application has a limit of its own (`api.http.bodies`): its answers have the
    headers that a web page needs to read them. Here ends what the application never sees, heads
    above all.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to serve a connection; one that says nothing counts as idle."""
        super().connection_made(GatheringTransport(transport, self.loop))  # type: ignore[arg-type]
        self.parser = _Parser(self)
        _limit_sending(transport)
        self._deadline: asyncio.TimerHandle | None = None
        self._served: RequestResponseCycle | None = None
        self._turns = _TURNS.get(self.server_state) or Turns(self.loop)
        _TURNS[self.server_state] = self._turns
        self._problem: ApiError | None = None
        self._refused = False
        self._unused_bytes = 0
        self._in_head = False
        self._complete = True
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection, and leave nothing that only the garbage collector would find."""
        self._forget_deadline()
        self._unset_keepalive_if_required()
        super().connection_lost(exc)
        # uvicorn tells the last request that came in, which is not the one under way.
        if self._served is not None and not self._served.response_complete:
            self._served.disconnected = True
            self._served.message_event.set()
        self._served = None
        self.cycle = None  # type: ignore[assignment]
        self.pipeline.clear()

    def data_received(self, data: bytes) -> None:
        """Take what came, and see to it that the rest comes too."""
        if self.transport.is_closing() or self._refused:
            return
        self._unused_bytes += len(data)
        super().data_received(data)
        if self.transport.is_closing() or self._refused:
            return
        if self._unused_bytes > MOST_HEAD_BYTES:
            self._refuse(_head_too_large())
        elif self._complete and self._is_under_way():
            self._forget_deadline()
        elif self._deadline is None:
            self._set_deadline()

    def on_message_begin(self) -> None:
        """Begin a request; with too many before it the connection ends after those."""
        if len(self.pipeline) >= MOST_WAITING:
            raise _RefusedError
        super().on_message_begin()
        self._in_head = True
        self._complete = False

    def on_headers_complete(self) -> None:
        """Begin to serve a request whose head is there."""
        if self._unused_bytes > MOST_HEAD_BYTES and self._head_size() > MOST_HEAD_BYTES:
            self._problem = _head_too_large()
            raise _RefusedError
        if self.parser.should_upgrade():
            if self.parser.get_method() == b"CONNECT":
                raise _RefusedError
            return
        hosts = [name for name, _ in self.headers].count(b"host")
        if hosts != 1 and self.parser.get_http_version() == "1.1":
            self._problem = invalid_request({}, "The request must have one Host header")
            raise _RefusedError
        self._unused_bytes = 0
        self._in_head = False
        super().on_headers_complete()
        # Fields after the body would become headers, which no proxy has looked at.
        self.headers = []

    def on_body(self, body: bytes) -> None:
        """Take a part of a body."""
        self._unused_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Note that nothing is missing."""
        if self.parser.should_upgrade():
            return
        self._unused_bytes = 0
        self._complete = True
        self.scope[IS_COMPLETE] = True  # type: ignore[literal-required]
        super().on_message_complete()

    def head_without_upgrade(self) -> bytes:
        """Return the head that came last, but for the protocol that it asks for."""
        fields = [name + b": " + value for name, value in self.headers if name != b"upgrade"]
        version = self.parser.get_http_version().encode()
        line = self.parser.get_method() + b" " + self.url + b" HTTP/" + version
        return b"\r\n".join([line, *fields, b"", b""])

    def send_400_response(self, msg: str) -> None:
        """Refuse what cannot be parsed."""
        self._refuse(self._problem or invalid_request({}, "The request is not valid HTTP"))

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._served = cycle
        begin = partial(super()._start_asgi_task, cycle, app)
        self._turns.take(caller_of(cycle.scope["headers"], self.client), begin)

    def _refuse(self, error: ApiError) -> None:
        """Answer what never reached the application, and close the connection."""
        self._refused = True
        if self._is_under_way() and (self._complete or self._in_head):
            # A refusal of what follows a request would be taken for its answer.
            self.cycle.keep_alive = False
            self.flow.pause_reading()
            return
        if not self.pipeline and not self._is_being_answered():
            self.transport.write(_closing_answer(error))
        self.transport.close()

    def _set_deadline(self) -> None:
        self._deadline = self.loop.call_later(RECEIVE_SECONDS, self._end_waiting)

    def _forget_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _end_waiting(self) -> None:
        if self._is_under_way():
            # The application itself ends waiting for a body, and may be busy until it asks for it.
            self._set_deadline()
        elif self._in_head:
            self._refuse(request_timeout())
        else:
            self.transport.close()

    def _is_under_way(self) -> bool:
        """Return whether a request is being served."""
        return self.cycle is not None and not self.cycle.response_complete

    def _is_being_answered(self) -> bool:
        """Return whether what is missing is the rest of a request whose answer has begun."""
        return not self._in_head and self.cycle is not None and self.cycle.response_started

    def _head_size(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)


class _Parser(HttpRequestParser):
    """Speaks HTTP alone: a wish for another protocol is passed over, as RFC 9110 lets servers.

    llhttp itself ends a request with such a head: its body would be taken for the next request.
    """

    def __init__(self, protocol: BoundedProtocol) -> None:
        super().__init__(protocol)
        # As uvicorn has it: what follows a last request is no fault of that.
        self.set_dangerous_leniencies(lenient_data_after_close=True)
        self._head_without_upgrade = protocol.head_without_upgrade

    def feed_data(self, data: bytes) -> None:  # type: ignore[override]
        """Parse what came, a head with such a wish once more without it."""
        while True:
            try:
                super().feed_data(data)
            except HttpParserUpgrade as upgrade:
                (end_of_head,) = upgrade.args
                data = self._head_without_upgrade() + data[end_of_head:]
            else:
                return


class _RefusedError(Exception):
    """Stops the parser; not the refusal itself, which would hold on to the parser's frames."""


def _limit_sending(transport: asyncio.Transport) -> None:
    """Have the kernel end a connection whose client reads nothing; only Linux can."""
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        milliseconds = int(SENDING_SECONDS * 1000)
        connection: socket.socket = transport.get_extra_info("socket")
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)


def _head_too_large() -> ApiError:
    return too_large("request_header_fields_too_large", "head of the request", MOST_HEAD_BYTES)


def _closing_answer(error: ApiError) -> bytes:
    answer: Response = error_answer(error)
    fields = {**dict(answer.raw_headers), **dict(_CLOSING_HEADERS)}
    head = b"".join(name + b": " + value + b"\r\n" for name, value in fields.items())
    return STATUS_LINE[answer.status_code] + head + b"\r\n" + bytes(answer.body)
