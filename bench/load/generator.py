"""A load of our own, for machines without wrk: the process `python -m bench.load.generator`.

Each connection sends its next request when the answer to the last one is complete. Prints the
same line as wrk.lua.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import httptools
import uvloop

from bench.load.requests import KEY, SEPARATOR

_QUOTED_KEY = f'"{KEY}"'.encode()
_OK = 200


class _Tally:
    """The outcome of the requests of all connections."""

    def __init__(self) -> None:
        self.latencies: list[float] = []
        self.refused = 0
        self.broken = 0


class _Connection(asyncio.Protocol):
    """One connection that is never idle until the end."""

    def __init__(self, requests: Iterator[bytes], end: float, tally: _Tally) -> None:
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._requests = requests
        self._end = end
        self._tally = tally
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self._sent_at = 0.0
        self._waiting = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # It is TCP; uvloop's transports do not inherit from asyncio's.
        self._transport = cast(asyncio.Transport, transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        now = time.perf_counter()
        self._waiting = False
        self._tally.latencies.append(now - self._sent_at)
        self._tally.refused += self._parser.get_status_code() != _OK
        if now < self._end:
            self._send()
        elif self._transport is not None:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._tally.broken += self._waiting
        self.closed.set_result(None)

    def _send(self) -> None:
        if self._transport is not None:
            self._sent_at = time.perf_counter()
            self._waiting = True
            self._transport.write(next(self._requests))


def _keyed(texts: list[bytes], run: str) -> Iterator[bytes]:
    """Return the requests in turn, for ever, each with a key of its own."""
    parts = [text.partition(_QUOTED_KEY) for text in texts]
    for number, (head, key, tail) in enumerate(itertools.cycle(parts), 1):
        yield b'%s"%s%024d"%s' % (head, run.encode(), number, tail) if key else head


async def _load(options: argparse.Namespace) -> dict[str, float]:
    texts = options.file.read_bytes().split(SEPARATOR)
    requests = _keyed(texts, options.run)
    tally = _Tally()
    started = time.perf_counter()
    loop = asyncio.get_running_loop()
    connections = [
        (
            await loop.create_connection(
                lambda: _Connection(requests, started + options.seconds, tally),
                "127.0.0.1",
                options.port,
            )
        )[1]
        for _ in range(options.connections)
    ]
    await asyncio.gather(*(connection.closed for connection in connections))
    ordered = sorted(tally.latencies)
    return {
        "answers": len(ordered),
        "refused": tally.refused,
        "broken": tally.broken,
        "seconds": time.perf_counter() - started,
        "p50_ms": ordered[len(ordered) // 2] * 1000 if ordered else 0.0,
        "p99_ms": ordered[len(ordered) * 99 // 100] * 1000 if ordered else 0.0,
    }


def main() -> None:
    """Run one load and print what became of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--file", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--connections", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--run", required=True, help="8 characters that no other run uses")
    print("RESULT", json.dumps(uvloop.run(_load(parser.parse_args()))))


if __name__ == "__main__":
    main()
