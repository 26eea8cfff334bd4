"""The load of our own, for machines without wrk: every request with a key of its own, counted."""

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request as Received
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bench.errors import WrongAnswerError
from bench.load import runner
from bench.load.requests import KEY, Request, write
from sandbox.servers import ServerThread


class Endpoint:
    """Keeps what it was sent, and refuses people whom it does not know."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.people: set[str] = set()

    async def take(self, request: Received) -> Response:
        self.keys.append((await request.json())["idempotencyKey"])
        person = request.headers["x-person"]
        self.people.add(person)
        return JSONResponse({"ok": True}, 403 if person == "eve" else 200)


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Endpoint:
    monkeypatch.setenv("BENCH_LOAD", "own")
    return Endpoint()


def load(endpoint: Endpoint, folder: Path, *people: str) -> runner.LoadResult:
    """Send requests of people over two connections."""
    file = folder / "requests"
    body = {"amount": 1, "idempotencyKey": KEY}
    requests = [Request("POST", "/take", {"X-Person": person}, body) for person in people]
    write(requests, "127.0.0.1", file)
    app = Starlette(routes=[Route("/take", endpoint.take, methods=["POST"])])
    with ServerThread(app) as server:
        return runner.run(file, [server.port], 2, 0.2)


def test_what_is_counted_was_answered_and_no_key_comes_twice(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    done = load(endpoint, tmp_path, "ann", "bob")
    assert done.answers == len(endpoint.keys) > 0
    assert len(set(endpoint.keys)) == len(endpoint.keys)
    assert endpoint.people == {"ann", "bob"}
    assert done.unanswered == 0
    assert 0 < done.p50_ms <= done.p99_ms


def test_one_refusal_is_enough_to_fail(endpoint: Endpoint, tmp_path: Path) -> None:
    with pytest.raises(WrongAnswerError):
        load(endpoint, tmp_path, "ann", "eve")
