"""Things to play with: packages on sale, two people and a guild."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

import httpx
import psycopg

ALICE, BOB, GUILD = "alice", "bob", "demo-guild"

_WELCOME_CREDITS = 100


class Package(NamedTuple):
    """A row of credits.packages."""

    id: UUID
    sort_order: int
    credits: int
    price_euro_cents: int
    name: str
    description: str


# Their ids are fixed, so that a second run finds the packages of the first.
PACKAGES = (
    Package(UUID("01900000-0000-7000-8000-000000000001"), 1, 100, 99, "Small", "To try things out"),
    Package(UUID("01900000-0000-7000-8000-000000000002"), 2, 550, 499, "Medium", "For every day"),
    Package(UUID("01900000-0000-7000-8000-000000000003"), 3, 1200, 999, "Large", "For heavy use"),
)


class DemoError(Exception):
    """The API refused a step of the set-up."""


def insert_packages(dsn: str) -> None:
    """Put the demo packages on sale, as a DBA would; those that are there stay as they are."""
    with psycopg.connect(dsn) as connection:
        connection.cursor().executemany(
            "insert into credits.packages"
            " (id, sort_order, credits, price_euro_cents, name, description)"
            " values (%s, %s, %s, %s, %s, %s) on conflict (id) do nothing",
            PACKAGES,
        )


def welcome(api_url: str, service_key: str) -> None:
    """Give alice her first credits, once, and the guild its pool, as a trusted service would.

    Raises DemoError if the API refuses.
    """
    grant: dict[str, Any] = {
        "userId": ALICE,
        "amount": _WELCOME_CREDITS,
        "reason": "welcome",
        "referenceId": "local-stack-welcome",
        "description": "Welcome to the local stack",
    }
    with httpx.Client(
        base_url=f"{api_url}/internal",
        headers={"X-Service-Key": service_key, "X-App-Id": "local-stack"},
        timeout=30,
        trust_env=False,
    ) as service:
        _post(service, "/credits/grant", grant)
        _post(service, "/guild-pool/init", {"organizationId": GUILD})


def _post(service: httpx.Client, path: str, body: dict[str, Any]) -> None:
    try:
        answer = service.post(path, json=body)
    except httpx.HTTPError as error:
        raise DemoError(f"POST {path}: {error}") from None
    if answer.status_code != 200:
        raise DemoError(f"POST {path}: {answer.status_code} {answer.text}")
