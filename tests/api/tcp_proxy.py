"""A way to the database that breaks at a chosen moment."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Literal

# The message of PostgreSQL when a statement outside a transaction is done, commit included.
_READY = b"Z\x00\x00\x00\x05I"

Moment = Literal["before it is sent", "after the commit"]


class TcpProxy:
    """A proxy that passes on what it gets, until it meets a call that it is to cut off."""

    def __init__(self, port: int) -> None:
        self.cuts = 0
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._word = b""
        self._moment: Moment = "before it is sent"
        self._lock = threading.Lock()
        self.speaking = threading.Event()
        self.speaking.set()

    @property
    def port(self) -> int:
        """The address on which it listens."""
        return int(self._listener.getsockname()[1])

    def cut(self, word: str, moment: Moment) -> None:
        """Cut the connection that carries this word next, once."""
        with self._lock:
            self._word, self._moment = word.encode(), moment

    @contextmanager
    def silence(self) -> Iterator[None]:
        """Keep all answers back while the block runs."""
        self.speaking.clear()
        try:
            yield
        finally:
            self.speaking.set()

    def serve(self) -> None:
        """Take connections until closed."""
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
                _Pair(self, client, server).start()

    def close(self) -> None:
        """Take no more connections."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def meets(self, data: bytes) -> Moment | None:
        """Return when to cut the connection, if this is what it is to be cut for."""
        with self._lock:
            if not self._word or self._word not in data:
                return None
            self._word = b""
            self.cuts += 1
            return self._moment


class _Pair:
    """A connection, and the one that it stands for."""

    def __init__(self, proxy: TcpProxy, client: socket.socket, server: socket.socket) -> None:
        self._proxy = proxy
        self._client = client
        self._server = server
        self._swallowed: bytes | None = None

    def start(self) -> None:
        self._in_background(self._pass_on_calls)
        self._in_background(self._pass_on_answers)

    def _in_background(self, work: Callable[[], None]) -> None:
        def until_it_breaks() -> None:
            with suppress(OSError):
                work()
            for end in (self._client, self._server):
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

        threading.Thread(target=until_it_breaks, daemon=True).start()

    def _pass_on_calls(self) -> None:
        while data := self._client.recv(65536):
            moment = self._proxy.meets(data)
            if moment == "before it is sent":
                return
            if moment == "after the commit":
                self._swallowed = b""
            self._server.sendall(data)

    def _pass_on_answers(self) -> None:
        while data := self._server.recv(65536):
            self._proxy.speaking.wait()
            if self._swallowed is None:
                self._client.sendall(data)
                continue
            self._swallowed += data
            if _READY in self._swallowed:
                return


@contextmanager
def tcp_proxy(port: int) -> Iterator[TcpProxy]:
    """Stand in front of a port of this machine while the block runs."""
    proxy = TcpProxy(port)
    serving = threading.Thread(target=proxy.serve, daemon=True)
    serving.start()
    try:
        yield proxy
    finally:
        proxy.close()
        serving.join(timeout=10)
