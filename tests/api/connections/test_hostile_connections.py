"""Clients that speak no HTTP, too much of it, or too slowly, are told so and let go."""

import itertools
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import NamedTuple

import httpx
import pytest

from tests.api.live_api import LiveApi, StartApi, User, exact, lock_account, ok, refused
from tests.api.wire import Wire, wired

USE = "/credits/use"
BODY = b'{"amount": 1, "appId": "chat", "description": "One answer"}'

# The API waits ten seconds for what is missing of a request.
LEAST_SECONDS, MOST_SECONDS = 9.0, 15.0


def refused_unread(answer: httpx.Response, status: int, code: str) -> None:
    """Assert that what never became a request was refused in the shape of every error."""
    body = exact(answer)
    assert (answer.status_code, body["statusCode"], body["code"]) == (status, status, code)
    assert body.keys() <= {"statusCode", "code", "message", "details"}
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["connection"] == "close"


def use_head(wire: Wire, user: User, **fields: str) -> bytes:
    """Return the head of a debit's request."""
    head = {"Content-Type": "application/json", **user.headers, **fields}
    return wire.head("POST", USE, head)


# Too slow: each sends something, then a byte a second of what it announced, for ever.


def nothing_after_half_a_head(wire: Wire, user: User) -> Iterator[bytes]:
    yield use_head(wire, user)[:60]


def a_head_byte_by_byte(wire: Wire, user: User) -> Iterator[bytes]:
    yield b"GET "
    yield from itertools.repeat(b"/")


def fields_without_end(wire: Wire, user: User) -> Iterator[bytes]:
    yield use_head(wire, user)[:-2]
    yield from itertools.repeat(b"X-More: 1\r\n")


def nothing_of_a_body(wire: Wire, user: User) -> Iterator[bytes]:
    yield use_head(wire, user, Content_Length="50")


def a_body_byte_by_byte(wire: Wire, user: User) -> Iterator[bytes]:
    yield use_head(wire, user, Content_Length="5000")
    yield from itertools.repeat(b" ")


def chunks_without_end(wire: Wire, user: User) -> Iterator[bytes]:
    yield use_head(wire, user, Transfer_Encoding="chunked")
    yield from itertools.repeat(b"1\r\n \r\n")


def a_chunk_that_says_ever_more_about_itself(wire: Wire, user: User) -> Iterator[bytes]:
    yield use_head(wire, user, Transfer_Encoding="chunked") + b"1;more="
    yield from itertools.repeat(b"x")


def the_end_of_a_body_that_never_ends(wire: Wire, user: User) -> Iterator[bytes]:
    yield use_head(wire, user, Transfer_Encoding="chunked") + b"0\r\n"
    yield from itertools.repeat(b"X-More: 1\r\n")


def a_webhook_byte_by_byte(wire: Wire, user: User) -> Iterator[bytes]:
    yield wire.head("POST", "/webhooks/stripe", {"Content-Length": "5000"})
    yield from itertools.repeat(b" ")


SLOW_HEADS = [nothing_after_half_a_head, a_head_byte_by_byte, fields_without_end]
SLOW_BODIES = [
    nothing_of_a_body,
    a_body_byte_by_byte,
    chunks_without_end,
    a_chunk_that_says_ever_more_about_itself,
    the_end_of_a_body_that_never_ends,
    a_webhook_byte_by_byte,
]
Slowness = Callable[[Wire, User], Iterator[bytes]]


class Ending(NamedTuple):
    """The answer with which the API ended waiting, after how many seconds, and what it moved."""

    answer: httpx.Response
    seconds: float
    closed: bool
    moved: int


@pytest.fixture(scope="module", autouse=True)
def endings(api: LiveApi) -> Iterator[dict[Slowness, Future[Ending]]]:
    """All the slow clients, at the same time, while other tests run."""
    with ThreadPoolExecutor(len(SLOW_HEADS + SLOW_BODIES)) as executor:
        yield {
            each: executor.submit(_ending, api, api.user(5), each)
            for each in SLOW_HEADS + SLOW_BODIES
        }


def _ending(api: LiveApi, user: User, slowness: Slowness) -> Ending:
    with wired(api) as wire:
        started = time.monotonic()
        for data in slowness(wire, user):
            with suppress(OSError):
                wire.send(data)
            if wire.has_news(1):
                break
            assert time.monotonic() < started + MOST_SECONDS, "the API waits for ever"
        answer = wire.answer()
        seconds = time.monotonic() - started
        return Ending(answer, seconds, wire.is_closed(), len(user.amounts()) - 1)


@pytest.fixture(scope="module", autouse=True)
def unread_rest(api: LiveApi) -> Iterator[Future[bool]]:
    """Whether the API ends a connection whose refused request goes on and on."""
    with ThreadPoolExecutor(1) as executor:
        yield executor.submit(_is_let_go, api)


def _is_let_go(api: LiveApi) -> bool:
    with wired(api) as wire:
        wire.begin("GET", "/nothing", Content_Length="1000")
        refused(wire.answer(), 404, "not_found")
        until = time.monotonic() + MOST_SECONDS
        while not wire.has_news(1):
            wire.send(b"x")
            assert time.monotonic() < until, "the API waits for ever"
        return wire.is_closed()


def test_a_body_may_come_in_pieces(api: LiveApi) -> None:
    user = api.user(5)
    with wired(api) as wire:
        for data in (use_head(wire, user, Content_Length=str(len(BODY))), BODY[:20]):
            wire.send(data)
            assert not wire.has_news(0.2)
        wire.send(BODY[20:])
        ok(wire.answer())
    assert user.amounts() == [5, -1]


@pytest.fixture(scope="module")
def own(start_module_api: StartApi) -> LiveApi:
    """A process and a database of this module's own."""
    return start_module_api()


def test_a_request_that_takes_long_to_serve_is_no_slow_client(
    own: LiveApi,
) -> None:
    """The API awaits what is being worked on, and what the client has already sent after it."""
    user = own.user(5)
    holder = lock_account(own.database, user)
    with wired(own) as wire:
        request = use_head(wire, user, Content_Length=str(len(BODY))) + BODY
        wire.send(request + request[:50])
        own.wait_for_blocked_call()
        assert not wire.has_news(1)
        holder.rollback()
        ok(wire.answer())
        wire.send(request[50:])
        ok(wire.answer())
    assert user.amounts() == [5, -1, -1]


# Too much


TOO_MUCH = {
    "many fields": lambda head: head[:-2] + b"X-More: 1\r\n" * 10_000,
    "one field": lambda head: head[:-2] + b"X-More: " + b"x" * 100_000,
    "a field's name": lambda head: head[:-2] + b"x" * 100_000,
    "a path": lambda head: b"GET /" + b"x" * 100_000,
    "a query": lambda head: b"GET /?" + b"x=1&" * 25_000,
    "a whole head": lambda head: head[:-2] + b"X-More: " + b"x" * 100_000 + b"\r\n\r\n",
}


@pytest.mark.parametrize("flood", TOO_MUCH.values(), ids=TOO_MUCH.keys())
def test_a_head_that_is_too_large_is_refused(api: LiveApi, flood: Callable[[bytes], bytes]) -> None:
    with wired(api) as wire:
        with suppress(OSError):
            wire.send(flood(wire.head("GET", "/credits/packages", {})))
        refused_unread(wire.answer(), 431, "request_header_fields_too_large")
        assert wire.is_closed()


def test_a_large_head_is_taken(api: LiveApi) -> None:
    with wired(api) as wire:
        fields = {f"X-More-{i}": "x" * 1000 for i in range(60)}
        wire.send(wire.head("GET", "/credits/packages", fields))
        ok(wire.answer())


def test_what_follows_a_body_is_bounded(api: LiveApi) -> None:
    user = api.user(5)
    with wired(api) as wire:
        with suppress(OSError):
            wire.send(use_head(wire, user, Transfer_Encoding="chunked") + b"0\r\n")
            wire.send(b"X-More: 1\r\n" * 20_000)
        refused_unread(wire.answer(), 431, "request_header_fields_too_large")
    assert user.amounts() == [5]


def test_a_field_after_the_body_is_no_header(api: LiveApi) -> None:
    """A proxy that takes headers out of requests does not look there."""
    user = api.user(5)
    with wired(api) as wire:
        wire.send(use_head(wire, user, Transfer_Encoding="chunked"))
        wire.send(b"%x\r\n%s\r\n0\r\nIdempotency-Key: k\r\n\r\n" % (len(BODY), BODY))
        ok(wire.answer())
    assert user.ledger()[-1]["idempotency_key"] is None


# No HTTP


NO_HTTP = {
    "nothing known": b"HELLO\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)),
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "an unknown version": b"GET / HTTP/9.9\r\n\r\n",
    "an unknown method": b"STEAL /health HTTP/1.1\r\nHost: x\r\n\r\n",
    "a space in the path": b"GET /a b HTTP/1.1\r\nHost: x\r\n\r\n",
    "a raw byte in the path": b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n",
    "NUL in the path": b"GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n",
    "NUL in a field": b"GET /health HTTP/1.1\r\nHost: x\r\nA: \0\r\n\r\n",
    "a field without a colon": b"GET /health HTTP/1.1\r\nHost: x\r\nnothing\r\n\r\n",
    "a space before the colon": b"GET /health HTTP/1.1\r\nContent-Length : 5\r\n\r\nhello",
    "a folded field": b"GET /health HTTP/1.1\r\nA: b\r\n c\r\n\r\n",
    "a negative length": b"POST /health HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    "a long length": b"POST /health HTTP/1.1\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
    "a length in words": b"POST /health HTTP/1.1\r\nContent-Length: ten\r\n\r\n",
    "two lengths": b"POST /x HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "both lengths": b"POST /x HTTP/1.1\r\nContent-Length: 3\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "an unknown encoding": b"POST /x HTTP/1.1\r\nTransfer-Encoding: chunked, x\r\n\r\n",
    "to another server": b"CONNECT example.org:443 HTTP/1.1\r\nHost: x\r\n\r\n",
    "no path": b"GET http://example.org HTTP/1.1\r\nHost: x\r\n\r\n",
    "no host": b"GET /health HTTP/1.1\r\n\r\n",
    "two hosts": b"GET /health HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
}


@pytest.mark.parametrize("data", NO_HTTP.values(), ids=NO_HTTP.keys())
def test_what_is_no_http_is_refused(api: LiveApi, data: bytes) -> None:
    with wired(api) as wire:
        wire.send(data)
        refused_unread(wire.answer(), 400, "invalid_request")
        assert wire.is_closed()


def test_an_older_http_needs_no_host(api: LiveApi) -> None:
    with wired(api) as wire:
        wire.send(b"GET /health HTTP/1.0\r\n\r\n")
        ok(wire.answer())
        assert wire.is_closed()


@pytest.mark.parametrize("data", [b"zz\r\n", b"-1\r\n", b"1\r\nab", b"f" * 20 + b"\r\n"])
def test_a_body_in_broken_chunks_is_refused(api: LiveApi, data: bytes) -> None:
    user = api.user(5)
    with wired(api) as wire:
        wire.send(use_head(wire, user, Transfer_Encoding="chunked"))
        wire.send(data)
        refused_unread(wire.answer(), 400, "invalid_request")
    assert user.amounts() == [5]


def test_a_body_that_is_cut_short_moves_nothing(api: LiveApi) -> None:
    user = api.user(5)
    with wired(api) as wire:
        wire.send(use_head(wire, user, Content_Length=str(len(BODY) + 1)) + BODY)
    ok(api.client.get("/health"))
    assert user.amounts() == [5]


def test_a_request_to_speak_something_else_is_served_as_http(api: LiveApi) -> None:
    fields = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Key": "x"}
    with wired(api) as wire:
        wire.send(wire.head("GET", "/credits/packages", fields))
        ok(wire.answer())


@pytest.mark.parametrize("fields", [{}, {"Transfer-Encoding": "chunked"}], ids=["length", "chunks"])
def test_the_body_of_a_request_to_speak_something_else_is_no_request(
    api: LiveApi, fields: dict[str, str]
) -> None:
    # So does the HTTP client of Java, with each call to an address without TLS.
    wish = {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2-Settings": "AAM"}
    user = api.user(5)
    with wired(api) as wire:
        inner = wire.head("GET", "/health", {})
        body = json.dumps({"amount": 1, "appId": "chat", "description": inner.decode()}).encode()
        length = {"Content-Length": str(len(body))}
        wire.send(use_head(wire, user, **wish, **(fields or length)))
        wire.send(b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) if fields else body)
        assert ok(wire.answer())["newBalance"]["balance"] == 4
        assert not wire.has_news(0.2)


def test_requests_that_ask_for_something_else_are_answered_in_order(api: LiveApi) -> None:
    user = api.user(5)
    wish = {"Connection": "Upgrade", "Upgrade": "h2c", "Content-Length": str(len(BODY))}
    with wired(api) as wire:
        wire.send((use_head(wire, user, **wish) + BODY) * 3)
        assert [ok(answer)["newBalance"]["balance"] for answer in wire.answers(3)] == [4, 3, 2]


def test_garbage_after_a_request_is_not_taken_for_its_answer(
    own: LiveApi,
) -> None:
    user = own.user(5)
    holder = lock_account(own.database, user)
    with wired(own) as wire:
        wire.send(use_head(wire, user, Content_Length=str(len(BODY))) + BODY)
        wire.send(b"\0garbage\r\n\r\n")
        own.wait_for_blocked_call()
        assert not wire.has_news(0.2)
        holder.rollback()
        assert ok(wire.answer())["newBalance"]["balance"] == 4
        assert wire.is_closed()
    assert user.amounts() == [5, -1]


# How the slow ones ended: the last tests, since the API waits ten seconds for each


@pytest.mark.parametrize("slowness", SLOW_HEADS, ids=lambda each: each.__name__)
def test_a_head_is_not_awaited_for_ever(
    endings: dict[Slowness, Future[Ending]], slowness: Slowness
) -> None:
    ending = endings[slowness].result()
    refused_unread(ending.answer, 408, "request_timeout")
    assert LEAST_SECONDS < ending.seconds < MOST_SECONDS
    assert ending.closed


@pytest.mark.parametrize("slowness", SLOW_BODIES, ids=lambda each: each.__name__)
def test_a_body_is_not_awaited_for_ever(
    endings: dict[Slowness, Future[Ending]], slowness: Slowness
) -> None:
    ending = endings[slowness].result()
    refused(ending.answer, 408, "request_timeout")
    assert LEAST_SECONDS < ending.seconds < MOST_SECONDS
    assert ending.closed
    assert ending.moved == 0


def test_the_rest_of_a_refused_request_is_not_awaited_for_ever(
    unread_rest: Future[bool],
) -> None:
    assert unread_rest.result()
