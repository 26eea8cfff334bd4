"""Those who call the API in the story."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

import httpx

from demo.errors import DemoError
from demo.narrator import Narrator

Result = TypeVar("Result")

# What the sentence of a scene says already, and ids, addresses and texts that say nothing.
_UNTOLD = {
    "appId", "cancelUrl", "description", "idempotencyKey", "organizationId", "packageId",
    "reservationId", "successUrl",
}  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """The answer to a call, which is told as a line: where to, and what with."""

    call: str
    status: int
    body: Any


class Caller:
    """Somebody who calls the API; `headers` say who."""

    def __init__(self, api: str, headers: Mapping[str, str], narrator: Narrator) -> None:
        self._http = httpx.Client(base_url=api, headers=headers, timeout=30, trust_env=False)
        self._narrator = narrator

    def ask(self, method: str, path: str, **body: Any) -> Answer:
        """Call, and return the answer, whatever it is."""
        answer = self._http.request(method, path, json=body or None)
        told = {name: value for name, value in body.items() if name not in _UNTOLD}
        asked = f" {json.dumps(told, ensure_ascii=False)}" if told else ""
        return Answer(f"{method} {path}{asked}", answer.status_code, answer.json())

    def call(
        self, method: str, path: str, *, expect: int = 200, show: Sequence[str] = (), **body: Any
    ) -> Any:
        """Call, tell the fields `show` of the answer (of a refusal its code), and return it.

        Raises DemoError if the answer has another status than `expect`.
        """
        answer = checked(self.ask(method, path, **body), expect)
        shown = ("code", "details") if expect >= 400 else show
        if shown:
            fields = {name: answer.body[name] for name in shown if name in answer.body}
            self._narrator.answer(answer.call, answer.status, fields)
        return answer.body


class Person(Caller):
    """A user."""

    def __init__(self, name: str, token: str, api: str, narrator: Narrator) -> None:
        super().__init__(api, {"Authorization": f"Bearer {token}"}, narrator)
        self.name = name
        self.id = name.lower()

    def balance(self) -> Decimal:
        """Return what they can spend now."""
        return Decimal(str(self.call("GET", "/credits/balance")["balance"]))


def checked(answer: Answer, *expected: int) -> Answer:
    """Return the answer if its status is one of those. Raises DemoError."""
    if answer.status not in expected:
        raise DemoError(f"{answer.call} answered {answer.status} {answer.body}")
    return answer


def at_once(times: int, work: Callable[[int], Result]) -> list[Result]:
    """Do something so many times at the same time, and return all results."""
    with ThreadPoolExecutor(max_workers=times) as threads:
        return list(threads.map(work, range(times)))
