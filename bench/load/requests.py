"""Requests as bytes, prepared once, so that making them costs the load next to nothing."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# A load puts a key of the same length in its place, another one for each request.
KEY = "0" * 32
SEPARATOR = b"\x00"


@dataclass(frozen=True, slots=True)
class Request:
    """One request; `body` is sent as JSON, KEY in it stands for an idempotency key."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any] | None = field(default=None)

    def raw(self, host: str) -> bytes:
        """Return it as it goes over the wire."""
        content = b"" if self.body is None else json.dumps(self.body).encode()
        headers = {"Host": host, **self.headers}
        if self.body is not None:
            headers |= {"Content-Type": "application/json", "Content-Length": str(len(content))}
        lines = [f"{self.method} {self.path} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join([*lines, "", ""]).encode() + content

    def body_once(self) -> dict[str, Any] | None:
        """Return the body with a key of its own, for a single request."""
        if self.body is None:
            return None
        return {
            name: uuid.uuid4().hex if value == KEY else value for name, value in self.body.items()
        }


def write(requests: Sequence[Request], host: str, file: Path) -> None:
    """Write requests to a file that a load reads."""
    file.write_bytes(SEPARATOR.join(request.raw(host) for request in requests))
