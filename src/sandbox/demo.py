"""Things to play with: packages on sale, two people and a guild."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import psycopg

ALICE, BOB, GUILD = "alice", "bob", "demo-guild"

_WELCOME_CREDITS = 100


@dataclass(frozen=True)
class Package:
    """A row of credits.packages."""

    id: UUID
    name: str
    description: str
    credits: Decimal
    price_euro_cents: int
    sort_order: int


# Their ids are fixed, so that a second run finds the packages of the first.
PACKAGES = (
    Package(
        UUID("01900000-0000-7000-8000-000000000001"),
        "Small",
        "To try things out",
        Decimal(100),
        99,
        1,
    ),
    Package(
        UUID("01900000-0000-7000-8000-000000000002"),
        "Medium",
        "For every day",
        Decimal(550),
        499,
        2,
    ),
    Package(
        UUID("01900000-0000-7000-8000-000000000003"),
        "Large",
        "For heavy use",
        Decimal(1200),
        999,
        3,
    ),
)


class DemoError(Exception):
    """The API refused a step of the set-up."""


def insert_packages(dsn: str) -> None:
    """Put the demo packages on sale, as a DBA would; those that are there stay as they are."""
    with psycopg.connect(dsn) as connection:
        connection.cursor().executemany(
            "insert into credits.packages"
            " (id, name, description, credits, price_euro_cents, sort_order)"
            " values (%s, %s, %s, %s, %s, %s) on conflict (id) do nothing",
            [
                (
                    package.id,
                    package.name,
                    package.description,
                    package.credits,
                    package.price_euro_cents,
                    package.sort_order,
                )
                for package in PACKAGES
            ],
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
