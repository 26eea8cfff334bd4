"""A client that sends whatever bytes it likes, when it likes."""

import select
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPResponse, parse_headers
from urllib.parse import urlsplit

import httpx

from tests.api.live_api import PREFIX, SHOP, LiveApi


def has_ipv6() -> bool:
    """Return whether this machine has an address of IPv6."""
    with suppress(OSError), socket.socket(socket.AF_INET6) as probe:
        probe.bind(("::1", 0))
        return True
    return False


class Wire:
    """One connection to the API."""

    def __init__(self, api: LiveApi, connection: socket.socket) -> None:
        self.host = urlsplit(api.url).netloc
        self._connection = connection

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._connection.sendall(data)

    def begin(self, method: str, path: str, **fields: str) -> None:
        """Send the head of a request; `content_type` stands for the field Content-Type."""
        self.send(self.head(method, path, fields))

    def head(self, method: str, path: str, fields: Mapping[str, str]) -> bytes:
        """Return the head of a request under the prefix."""
        lines = [f"{method} {PREFIX}{path} HTTP/1.1", f"Host: {self.host}", f"Origin: {SHOP}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    def answer(self) -> httpx.Response:
        """Return the next answer as soon as it is there."""
        reader = HTTPResponse(self._connection)
        reader.begin()
        body = reader.read()
        return httpx.Response(reader.status, headers=reader.getheaders(), content=body)

    def answers(self, count: int) -> list[httpx.Response]:
        """Return the next answers, which may come all at once; nothing may follow them."""
        found = []
        with self._connection.makefile("rb") as file:
            for _ in range(count):
                status = int(file.readline().split()[1])
                headers = parse_headers(file)
                body = file.read(int(headers["content-length"]))
                found.append(httpx.Response(status, headers=headers.items(), content=body))
        return found

    def has_news(self, seconds: float) -> bool:
        """Wait up to so many seconds for an answer, or the end of the connection."""
        return bool(select.select([self._connection], [], [], seconds)[0])

    def is_closed(self) -> bool:
        """Return True if the API has closed the connection; wait until it has said something."""
        try:
            return self._connection.recv(1) == b""
        except ConnectionResetError:
            return True

    def closes_within(self, size: int) -> bool:
        """Return True if the API closes the connection within so many bytes."""
        said = 0
        try:
            while said <= size:
                piece = self._connection.recv(64 * 1024)
                if not piece:
                    return True
                said += len(piece)
        except ConnectionResetError:
            return True
        return False


@contextmanager
def wired(api: LiveApi, timeout: float = 20.0) -> Iterator[Wire]:
    """Connect to the API; waiting for it fails after `timeout` seconds."""
    parts = urlsplit(api.url)
    address = (str(parts.hostname), parts.port or 0)
    with socket.create_connection(address, timeout=timeout) as connection:
        yield Wire(api, connection)
