"""The requests of the HTTP load: the routes that matter, by real people with real tokens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import httpx

from bench.errors import WrongAnswerError
from bench.load.requests import KEY, Request
from bench.plan import Plan
from sandbox.issuer import Issuer

_PREFIX = "/api/v1"
_TOKEN_SECONDS = 3 * 60 * 60
_AT_ONCE = 8
_HOT_MEMBERS = 100
_MEMBERS = 250
_PAGE = 50
_AMOUNT = 0.01
_USE = {"amount": _AMOUNT, "appId": "chat", "description": "One answer", "idempotencyKey": KEY}


@dataclass(frozen=True, slots=True)
class Route:
    """One kind of request, by everybody who makes it in turn.

    Attributes:
        name: The name in the results.
        requests: One for each person.
        writes: The books' name of its rows, or an empty text.
        by_all: True if everybody's answer is looked at before it is measured, not only the first.
        is_right: True for the JSON of a right answer.
    """

    name: str
    requests: Sequence[Request]
    writes: str
    is_right: Callable[[Any], bool] = field(repr=False)
    by_all: bool = False

    def verify(self, port: int) -> int:
        """Make the requests of some people once, look at the whole answers, and count them.

        Everybody asks for the balance, and all members use the pool of their guild. So the API has
        seen every token and knows every member before it is measured.

        Raises:
            WrongAnswerError: An answer is not what it should be.
        """
        some = self.requests if self.by_all else self.requests[:1]
        with (
            httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False) as api,
            ThreadPoolExecutor(_AT_ONCE) as threads,
        ):
            for answer in threads.map(lambda request: _once(api, request), some):
                if answer.status_code != httpx.codes.OK or not self.is_right(answer.json()):
                    raise WrongAnswerError(f"{self.name}: {answer.status_code} {answer.text[:500]}")
        return len(some)


def routes(plan: Plan, issuer: Issuer) -> list[Route]:
    """Return the routes, and make the issuer know the members of the guilds."""
    guilds = plan.main.guilds
    users = range(1, plan.users + 1)
    hot_members = range(1, plan.main.accounts + 1, guilds)[:_HOT_MEMBERS]
    tokens = {n: _bearer(issuer, n) for n in {*users, *hot_members}}
    for n in tokens:
        issuer.set_member(_guild(n, guilds), f"user-{n}")
    service = {"X-Service-Key": issuer.service_key}
    own = f"{_PREFIX}/credits/use"
    return [
        Route(
            "POST /credits/use",
            [Request("POST", own, tokens[n], _USE) for n in users],
            "debits",
            _is_use,
        ),
        Route(
            "GET /credits/balance",
            [Request("GET", f"{_PREFIX}/credits/balance", tokens[n]) for n in users],
            "",
            lambda answer: answer["balance"] > 0,
            by_all=True,
        ),
        Route(
            "POST /internal/credits/use",
            [
                Request(
                    "POST",
                    f"{_PREFIX}/internal/credits/use",
                    service,
                    {**_USE, "userId": f"user-{n}"},
                )
                for n in users
            ],
            "debits",
            _is_use,
        ),
        Route(
            "POST /credits/guild/:id/use",
            [_guild_use(_guild(n, guilds), tokens[n]) for n in users[:_MEMBERS]],
            "pool debits",
            _is_use,
            by_all=True,
        ),
        Route(
            "GET /credits/transactions, 50 rows",
            [
                Request("GET", f"{_PREFIX}/credits/transactions?limit={_PAGE}", tokens[n])
                for n in users
            ],
            "",
            _is_page,
        ),
        Route("hot user", [Request("POST", own, tokens[1], _USE)], "debits", _is_use),
        Route(
            "hot guild",
            [_guild_use(_guild(1, guilds), tokens[n]) for n in hot_members],
            "pool debits",
            _is_use,
            by_all=True,
        ),
    ]


def _once(api: httpx.Client, request: Request) -> httpx.Response:
    return api.request(
        request.method, request.path, headers=dict(request.headers), json=request.body_once()
    )


def _guild_use(guild: str, headers: dict[str, str]) -> Request:
    return Request("POST", f"{_PREFIX}/credits/guild/{guild}/use", headers, _USE)


def _guild(user: int, guilds: int) -> str:
    return f"guild-{(user - 1) % guilds + 1}"


def _bearer(issuer: Issuer, user: int) -> dict[str, str]:
    token = issuer.token(f"user-{user}", expires_in=_TOKEN_SECONDS)
    return {"Authorization": f"Bearer {token}"}


def _is_use(answer: Any) -> bool:
    return bool(answer["success"] and answer["transaction"]["amount"] == -_AMOUNT)


def _is_page(answer: Any) -> bool:
    return len(answer) == _PAGE
