"""ASGI applications served from threads of this process, on 127.0.0.1."""

from __future__ import annotations

import contextlib
import errno
import random
import socket
import threading
import time
from typing import TYPE_CHECKING, Self

import uvicorn

if TYPE_CHECKING:
    from starlette.types import ASGIApp

_HOST = "127.0.0.1"
_LASTING_PORTS = range(20_000, 32_000)


def free_port() -> int:
    """Return a TCP port that nobody uses at 127.0.0.1 right now.

    It lies below those that systems give to outgoing connections, so that none of these takes it
    while a server is down for a moment.
    """
    attempts = (random.choice(_LASTING_PORTS) for _ in range(100))  # noqa: S311 (not a secret)
    for port in attempts:
        if port_is_free(port):
            return port
    raise OSError(errno.EADDRINUSE, "no free port found")


def port_is_free(port: int, host: str = _HOST) -> bool:
    """True if a server could listen on the port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


class ServerThread:
    """Serves one application; a context manager, and startable again on the same port.

    The port is known from the beginning: `port=0` picks a free one.
    """

    def __init__(self, app: ASGIApp, port: int = 0) -> None:
        self._app = app
        self.port = port or free_port()
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The base URL, without a slash at its end."""
        return f"http://{_HOST}:{self.port}"

    @property
    def running(self) -> bool:
        """True if it is being served."""
        return self._thread is not None and self._thread.is_alive()

    def __enter__(self) -> Self:
        """Start serving."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop serving."""
        self.stop()

    def start(self) -> None:
        """Start serving; requests are accepted when this returns.

        Raises OSError if the port is taken, RuntimeError if the application's start-up fails.
        """
        if self.running:
            return
        # By the protocol's name asyncio sends at once, not when the last packet was acknowledged.
        listener = socket.socket(proto=socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((_HOST, self.port))
            listener.listen(512)
        except OSError:
            listener.close()
            raise
        config = uvicorn.Config(
            self._app,
            loop="asyncio",
            lifespan="auto",
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=1,
        )
        server = self._server = uvicorn.Server(config)
        name = f"server on {self.port}"
        self._thread = threading.Thread(
            target=_serve, args=(server, listener), name=name, daemon=True
        )
        self._thread.start()
        while not server.started and self.running:
            time.sleep(0.002)
        if not server.started:
            raise RuntimeError("the application did not start; its log says why")

    def stop(self) -> None:
        """Stop listening, let requests in progress end for up to a second, close connections."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(timeout=10)
            self._thread = None


def _serve(server: uvicorn.Server, listener: socket.socket) -> None:
    # uvicorn ends the program when an application does not start; here it ends its thread.
    with listener, contextlib.suppress(SystemExit):
        server.run(sockets=[listener])
