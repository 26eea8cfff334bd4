"""One connection after another, in this process: what is left of each, and of unread answers."""

import asyncio
import gc
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress

import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle
from uvicorn.server import ServerState

from api.server import reception
from api.server.reception import BoundedProtocol

from .conftest import eventually

pytestmark = pytest.mark.anyio

REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"

# Far more than what the sockets of both sides hold.
MUCH = 24 * 1024 * 1024
PIECE = b"x" * 64 * 1024


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """The loop that the API runs in."""
    return "asyncio", {"use_uvloop": True}


@pytest.fixture
def no_collection() -> Iterator[None]:
    """Whatever is in cycles stays; what was there before is left out, so that it is quick."""
    gc.collect()
    gc.freeze()
    gc.disable()
    yield
    gc.enable()
    gc.unfreeze()


@asynccontextmanager
async def serving(app: ASGIApp) -> AsyncIterator[tuple[str, int]]:
    """Serve an application and return its address."""
    config = uvicorn.Config(app, http=BoundedProtocol, log_config=None, access_log=False)
    config.load()
    state = ServerState()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: BoundedProtocol(config, state, {}), host="127.0.0.1", port=0
    )
    async with server:
        yield server.sockets[0].getsockname()


def in_memory(*types: type) -> int:
    """Return how many objects of these types there are, those in dead cycles among them."""
    return sum(isinstance(each, types) for each in gc.get_objects())


class Nothing:
    """Answers with nothing, at once or as soon as it may; notes who was told to go."""

    def __init__(self) -> None:
        self.is_open = asyncio.Event()
        self.served = 0
        self.told_to_go = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.served += 1
        if not self.is_open.is_set():
            await receive()
            while (await receive())["type"] != "http.disconnect":
                pass
            self.told_to_go += 1
            return
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})


async def send_and_leave(address: tuple[str, int], data: bytes, *, read: int = 0) -> None:
    """Send something, wait for so many bytes of an answer, and hang up."""
    reader, writer = await asyncio.open_connection(*address)
    writer.write(data)
    await writer.drain()
    if read:
        await reader.read(read)
    writer.close()


@pytest.mark.parametrize(
    "data",
    [
        REQUEST,
        REQUEST * 5,
        REQUEST * 100,
        REQUEST[:20],
        b"\0garbage",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    ids=["one", "five", "many", "half", "garbage", "no host", "long"],
)
@pytest.mark.parametrize("answers", [True, False], ids=["answered", "left"])
async def test_a_connection_leaves_nothing_for_the_garbage_collector(
    no_collection: None, data: bytes, answers: bool
) -> None:
    app = Nothing()
    if answers:
        app.is_open.set()
    ours = (BoundedProtocol, RequestResponseCycle)
    before = in_memory(*ours)
    async with serving(app) as address:
        for _ in range(3):
            await send_and_leave(address, data, read=1 if answers and len(data) > 20 else 0)
        await eventually(lambda: in_memory(*ours) <= before)


async def test_the_request_under_way_is_told_that_its_client_has_gone() -> None:
    app = Nothing()
    async with serving(app) as address:
        _, writer = await asyncio.open_connection(*address)
        writer.write(REQUEST * 4)
        await eventually(lambda: app.served == 1)
        writer.close()
        await eventually(lambda: app.told_to_go == 1)
        assert app.served == 1


class Much:
    """Answers with far more than anybody has room for; notes how it ended."""

    def __init__(self) -> None:
        self.ended: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-length", b"%d" % MUCH)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for number in range(MUCH // len(PIECE)):
            more = (number + 1) * len(PIECE) < MUCH
            await send({"type": "http.response.body", "body": PIECE, "more_body": more})
        self.ended.append("sent")


def unread(address: tuple[str, int]) -> socket.socket:
    """Ask for much and read nothing of it."""
    client = socket.create_connection(address)
    client.sendall(REQUEST)
    client.setblocking(False)
    return client


async def read_all(client: socket.socket, pause: float = 0.0) -> int:
    """Read to the end, with a pause between the pieces."""
    loop = asyncio.get_running_loop()
    size = 0
    while size < MUCH and (piece := await loop.sock_recv(client, 256 * 1024)):
        size += len(piece)
        await asyncio.sleep(pause)
    return size


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="only Linux can")
async def test_an_answer_that_nobody_reads_is_dropped(
    no_collection: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reception, "SENDING_SECONDS", 0.3)
    app = Much()
    before = in_memory(BoundedProtocol)
    async with serving(app) as address:
        with unread(address) as client:
            await eventually(lambda: in_memory(BoundedProtocol) > before)
            await eventually(lambda: in_memory(BoundedProtocol) == before)
            # The kernel hands out what had come, or resets the connection at once.
            with suppress(ConnectionResetError):
                assert await read_all(client) < MUCH


async def test_an_answer_that_is_read_slowly_is_not_dropped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reception, "SENDING_SECONDS", 0.3)
    app = Much()
    async with serving(app) as address:
        with unread(address) as client:
            assert await read_all(client, pause=0.01) > MUCH - 1024
        await eventually(lambda: app.ended == ["sent"])
