"""Listens, and ends without losing a request."""

import asyncio
import errno
import socket
from collections.abc import Sequence
from contextlib import suppress

import uvicorn

from api.settings import SettingsError

# Longer than a proxy keeps an idle connection to us open (deploy/nginx: one second), so that the
# proxy closes it. One that we close may have a request on its way.
_LEAVING_SECONDS = 2.0
_LOOK_SECONDS = 0.02

# A machine without IPv6 listens on IPv4 alone.
_NO_SUCH_FAMILY = frozenset({errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL})


def listen(host: str, port: int) -> list[socket.socket]:
    """Take the port before anything else is started; an empty host is every address of ours.

    Each address has a socket of its own, so that visitors by IPv4 have addresses of IPv4.

    Raises:
        SettingsError: It cannot be opened.
    """
    listeners: list[socket.socket] = []
    try:
        infos = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        # A name may stand for one address twice.
        for family, _, _, _, address in dict.fromkeys(infos):
            try:
                listeners.append(_listener(family, address))
            except OSError as error:
                if host or not listeners or error.errno not in _NO_SUCH_FAMILY:
                    raise
    except OSError as error:
        for listener in listeners:
            listener.close()
        what = f"HOST and PORT are {host} and {port}" if host else f"PORT is {port}"
        raise SettingsError(f"{what}, which cannot be opened: {error.strerror}") from None
    return listeners


def _listener(family: int, address: tuple[object, ...]) -> socket.socket:
    listener = socket.socket(family)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind(address)
    except OSError:
        listener.close()
        raise
    return listener


class Server(uvicorn.Server):
    """uvicorn's server, which by itself closes connections on which a request is on its way.

    Told to end it takes no more connections. It answers what comes on
    those that are made, telling each that it is the last, and closes the others after a moment.
    """

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End."""
        # uvicorn makes one list a second of these, and no more from here on.
        self.server_state.default_headers.append((b"connection", b"close"))
        await self._take_those_made(sockets or [])
        with suppress(TimeoutError):
            async with asyncio.timeout(_LEAVING_SECONDS):
                # uvicorn has no event for it.
                while self.server_state.connections and not self.force_exit:  # noqa: ASYNC110
                    await asyncio.sleep(_LOOK_SECONDS)
        await super().shutdown(sockets)

    async def _take_those_made(self, listeners: Sequence[socket.socket]) -> None:
        """Stop listening; closing a listener resets the connections that nobody has taken yet."""
        made: list[socket.socket] = []
        for server, listener in zip(self.servers, listeners, strict=True):
            with suppress(BlockingIOError):
                while True:
                    made.append(listener.accept()[0])
            server.close()
        loop = asyncio.get_running_loop()
        for connection in made:
            await loop.connect_accepted_socket(self._protocol, connection)

    def _protocol(self) -> asyncio.Protocol:
        protocol: asyncio.Protocol = self.config.http_protocol_class(  # type: ignore[call-arg]
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return protocol
