"""Answers go out with head and body in a single write.

With two, the first would make the second wait for a step of the loop: see `BoundedProtocol`.
"""

import asyncio
from typing import Any

# A stream that never waits must not pile up here.
_MOST_BYTES_HELD = 64 * 1024


class GatheringTransport:
    """A transport that holds what is written until the present step of the loop is done."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        # Asked several times a request: found at once, without __getattr__.
        self.is_closing = transport.is_closing
        self._held: list[bytes] = []
        self._size = 0

    def write(self, data: bytes) -> None:
        """Hold what is written."""
        if not self._held:
            self._loop.call_soon(self._flush)
        self._held.append(data)
        self._size += len(data)
        if self._size > _MOST_BYTES_HELD:
            self._flush()

    def close(self) -> None:
        """Write all of it and close."""
        self._flush()
        self._transport.close()

    def __getattr__(self, name: str) -> Any:
        """Return what the transport itself has."""
        return getattr(self._transport, name)

    def _flush(self) -> None:
        # One that is closed refuses what nobody will read.
        if self._held and not self.is_closing():
            self._transport.write(b"".join(self._held))
        self._held.clear()
        self._size = 0
