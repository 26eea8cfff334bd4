"""A way to the service on which requests and answers get lost."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal, NamedTuple

import httpx


class Instead(NamedTuple):
    """An answer that somebody else gives."""

    status: int
    body: bytes = b""
    retry_after: str | None = None


Fault = Literal["lost request", "lost answer"] | Instead | None


@dataclass
class Line:
    """Each request meets the next fault; afterwards, none or the lasting one."""

    target: str
    faults: list[Fault] = field(default_factory=list)
    lasting: Fault = None
    url: str = ""
    asked: list[float] = field(default_factory=list)

    @contextmanager
    def serve(self) -> Iterator[None]:
        """Listen until the block ends."""
        line = self

        class Handler(BaseHTTPRequestHandler):
            def _pass_on(self) -> None:
                line.asked.append(time.monotonic())
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                fault = line.faults.pop(0) if line.faults else line.lasting
                if fault is None or fault == "lost answer":
                    answer = httpx.request(
                        self.command,
                        line.target + self.path,
                        content=body,
                        headers=dict(self.headers),
                        trust_env=False,
                    )
                    fault = fault or Instead(answer.status_code, answer.content)
                if isinstance(fault, Instead):
                    self.send_response(fault.status)
                    self.send_header("Content-Length", str(len(fault.body)))
                    if fault.retry_after:
                        self.send_header("Retry-After", fault.retry_after)
                    self.end_headers()
                    self.wfile.write(fault.body)
                self.close_connection = True

            do_GET = do_POST = _pass_on  # noqa: N815 (names of the standard library's)

            def log_message(self, *_: object) -> None:
                pass

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            self.url = f"http://127.0.0.1:{server.server_port}"
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            try:
                yield
            finally:
                server.shutdown()
                thread.join()
