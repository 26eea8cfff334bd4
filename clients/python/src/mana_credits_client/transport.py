"""The steps from a call to its answer, without the waiting: others send and sleep."""

import asyncio
import random
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any, Literal, TypeAlias, TypeVar

import httpx

from .amounts import read, write
from .errors import CreditsError, UnreachableError
from .generated import ERRORS

Result = TypeVar("Result")
Unreachable: TypeAlias = Literal["refuse", "allow"]
# Yields requests to send and seconds to sleep, and is sent the answer to a request.
Steps: TypeAlias = Generator[
    httpx.Request | float, httpx.Response | UnreachableError | None, Result
]

HOLDS = "/api/v1/internal/credits/"

_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 5.0
# POSTs that are known again by what they name, or move nothing.
_KNOWN_AGAIN = (
    "commit",
    "extend",
    "refund-reservation",
    "grant",
    "init",
    "redeem-pending",
    "quote",
    "explain",
)


@dataclass(frozen=True, kw_only=True)
class Transport:
    """The service, its caller and the caller's patience: see `CreditsClient`."""

    base_url: str
    unreachable: Unreachable
    service_key: str | None
    token: str | Callable[[], str] | None
    app_id: str | None
    timeout: float
    patience: float

    def __post_init__(self) -> None:
        """Refuse to go on without an address, or not knowing what to do when nobody answers."""
        if not str(self.base_url).startswith(("http://", "https://")):
            raise ValueError(
                "base_url is the address of mana-credits, such as https://credits.example, "
                f"and not {self.base_url!r}"
            )
        if self.unreachable not in ("refuse", "allow"):
            raise ValueError("unreachable must be 'refuse' or 'allow': there is no default")

    def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        query: Mapping[str, Any] | None = None,
        key: str | None = None,
        repeatable: bool | None = None,
    ) -> Steps[Any]:
        """Send a call, again while it may help: an answer of 4xx, 429 included, is a no."""
        if repeatable is None:
            repeatable = method != "POST" or key is not None or path.endswith(_KNOWN_AGAIN)
        deadline = time.monotonic() + self.patience
        for attempt in count():
            request = self._request(method, path, body, query, key)
            answer = yield request
            try:
                return _read(request, answer)
            except CreditsError as error:
                backoff = min(_FIRST_PAUSE * 2**attempt, _LONGEST_PAUSE)
                # The service asks for a minimum: a little later is right for all who wait.
                pause = (error.retry_after or 0) + backoff * random.uniform(0.5, 1)  # noqa: S311
                late = time.monotonic() + pause > deadline
                if not error.unavailable or not repeatable or late:
                    raise
            yield pause
        raise AssertionError

    def _request(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        query: Mapping[str, Any] | None,
        key: str | None,
    ) -> httpx.Request:
        token = self.token() if callable(self.token) else self.token
        headers = {
            "Accept": "application/json",
            "Content-Type": None if body is None else "application/json",
            "Idempotency-Key": key,
            "X-Service-Key": self.service_key,
            "X-App-Id": self.app_id if self.service_key else None,
            "Authorization": token and f"Bearer {token}",
        }
        limits = httpx.Timeout(self.timeout).as_dict()
        return httpx.Request(
            method,
            self.base_url.rstrip("/").removesuffix("/api/v1") + path,
            headers={name: value for name, value in headers.items() if value is not None},
            params={name: value for name, value in (query or {}).items() if value is not None},
            content=None if body is None else write(body).encode(),
            extensions={"timeout": limits},
        )


def _read(request: httpx.Request, answer: httpx.Response | UnreachableError | None) -> Any:
    if isinstance(answer, UnreachableError):
        raise answer
    assert answer is not None  # noqa: S101 (each request has an answer)
    if answer.is_success and not answer.content:
        return None
    asked = answer.headers.get("Retry-After", "")
    try:
        told = read(answer.content)
        if answer.is_success:
            return told
        code, message, details = told["code"], told["message"], told.get("details")
    except (ValueError, TypeError, KeyError, AttributeError):
        # Not ours: a proxy's, or another server's.
        code, details = "unknown", None
        message = (
            f"{request.method} {request.url}: status {answer.status_code}, and not an answer of "
            "mana-credits; is base_url its address?"
        )
    raise ERRORS.get(code, CreditsError)(
        answer.status_code,
        code,
        message,
        details,
        request_id=answer.headers.get("X-Request-Id"),
        retry_after=float(asked) if asked.isdigit() else None,
    )


def run(http: httpx.Client, steps: Steps[Result]) -> Result:
    """Take steps one after the other."""
    reply: httpx.Response | UnreachableError | None = None
    try:
        while True:
            wanted = steps.send(reply)
            reply = None
            if isinstance(wanted, httpx.Request):
                try:
                    reply = http.send(wanted)
                except httpx.HTTPError as error:
                    reply = _no_answer(wanted, error)
            else:
                time.sleep(wanted)
    except StopIteration as end:
        result: Result = end.value
        return result


async def arun(http: httpx.AsyncClient, steps: Steps[Result]) -> Result:
    """Take steps one after the other, while others go on."""
    reply: httpx.Response | UnreachableError | None = None
    try:
        while True:
            wanted = steps.send(reply)
            reply = None
            if isinstance(wanted, httpx.Request):
                try:
                    reply = await http.send(wanted)
                except httpx.HTTPError as error:
                    reply = _no_answer(wanted, error)
            else:
                await asyncio.sleep(wanted)
    except StopIteration as end:
        result: Result = end.value
        return result


def _no_answer(request: httpx.Request, error: httpx.HTTPError) -> UnreachableError:
    unreachable = UnreachableError(f"{request.method} {request.url} had no answer: {error!r}")
    unreachable.__cause__ = error
    return unreachable
