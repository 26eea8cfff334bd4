"""The address on which the process listens, and the end of its connections."""

import asyncio
import socket
from contextlib import ExitStack, suppress

import pytest
import uvicorn
from starlette.applications import Starlette

from api.server.serving import Server, listen
from api.settings import SettingsError
from sandbox.servers import free_port
from tests.api.wire import has_ipv6

LOOPBACK = ("127.0.0.1", "::1")


def heard(host: str, port: int) -> list[str]:
    """Return by which addresses the port answers, as the listener sees who calls."""
    callers = []
    with ExitStack() as stack:
        for listener in listen(host, port):
            stack.enter_context(listener).listen()
            listener.setblocking(False)
            for address in LOOPBACK:
                with suppress(OSError):
                    socket.create_connection((address, port)).close()
            with suppress(BlockingIOError):
                while True:
                    callers.append(listener.accept()[1][0])
    return list(dict.fromkeys(callers))


@pytest.mark.skipif(not has_ipv6(), reason="there is no IPv6 here")
@pytest.mark.parametrize(
    ("host", "callers"),
    [
        ("", ["127.0.0.1", "::1"]),
        ("::1", ["::1"]),
        ("0.0.0.0", ["127.0.0.1"]),  # noqa: S104
        ("127.0.0.1", ["127.0.0.1"]),
    ],
)
def test_callers_have_addresses_of_their_own_family(host: str, callers: list[str]) -> None:
    assert heard(host, free_port()) == callers


@pytest.mark.parametrize("host", ["", "127.0.0.1"])
def test_a_port_that_is_taken_is_told(host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(SettingsError, match=str(port)):
            listen(host, port)


def test_an_address_that_is_not_ours_is_told() -> None:
    with pytest.raises(SettingsError, match="HOST"):
        listen("192.0.2.1", free_port())


@pytest.mark.anyio
async def test_a_connection_that_nobody_has_taken_yet_is_answered() -> None:
    config = uvicorn.Config(Starlette(), http="httptools", lifespan="off", log_config=None)
    config.load()
    server = Server(config)
    server.lifespan = config.lifespan_class(config)
    [listener] = listen("127.0.0.1", free_port())
    listening = await asyncio.get_running_loop().create_server(asyncio.Protocol, sock=listener)
    server.servers = [listening]
    with socket.create_connection(listener.getsockname(), timeout=20) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
        ending = asyncio.create_task(server.shutdown([listener]))
        answer = await asyncio.to_thread(client.recv, 65536)
        await ending
    assert answer.startswith(b"HTTP/1.1 404 ")
    assert b"connection: close" in answer
