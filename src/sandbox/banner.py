"""The text printed when the stack runs: tokens, and lines to paste, in order."""

from __future__ import annotations

import json
import os
import shlex
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sandbox.cluster import binaries
from sandbox.demo import ALICE, BOB, GUILD, PACKAGES
from sandbox.issuer import Issuer
from sandbox.stack import Stack

_TOKEN_SECONDS = 30 * 24 * 60 * 60
_CURL = "curl -sS -w '\\n'"
_SERVICE = '-H "X-Service-Key: $SERVICE_KEY"'


def banner(stack: Stack) -> str:
    """Return the whole text for a stack that runs."""
    # People paste the headings too. So each is a command that does nothing: in zsh a # at a prompt
    # begins no comment. Hence no quotes, brackets and other signs that mean something.
    parts = [
        (
            "First paste these. The tokens are good for 30 days.",
            [f"export {name}={shlex.quote(value)}" for name, value in exports(stack).items()],
        ),
        ("Personal credits", _personal()),
        ("Buy a package, and pay at the stand-in of Stripe", _payment_intent()),
        ("The same on a Checkout page, which opens in a browser too", _checkout(stack)),
        (f"The pool of a guild: {ALICE} is its owner and {BOB} a member", _guild()),
        (f"A gift from {ALICE} to {BOB}", _gift()),
        ("A bonus that expires, and a hold of which a part is used, by a trusted service", _hold()),
        ("A price, by a DBA, and what is charged at it", _price()),
        ("A trusted service, in SQL", _trusted_service()),
        ("The support desk, for who has the role admin", _desk()),
    ]
    sections = [f": {title}\n" + "\n".join(lines) for title, lines in parts]
    return "\n\n".join([*sections, _where_things_are(stack)])


def exports(stack: Stack) -> dict[str, str]:
    """Return the variables that the lines here, and the examples, are written with."""
    return {
        "API": stack.api_url,
        "STRIPE": stack.stripe.url,
        "JSON": "Content-Type: application/json",
        "SERVICE_KEY": stack.issuer.service_key,
        "SERVICE_DATABASE_URL": stack.service_database,
        "ADMIN_DATABASE_URL": stack.admin_database,
        **people(stack.issuer, ALICE, BOB),
        "EVE": stack.issuer.token("eve", name="Eve", role="admin", expires_in=_TOKEN_SECONDS),
        "GUILD": GUILD,
    }


def people(issuer: Issuer, alice: str, bob: str) -> dict[str, str]:
    """Return the variables of two people with these ids: a token of each, and the id."""
    variables = {}
    for name, user_id in ((ALICE, alice), (BOB, bob)):
        variables[name.upper()] = issuer.token(
            user_id,
            email=f"{user_id}@example.com",
            name=name.capitalize(),
            expires_in=_TOKEN_SECONDS,
        )
        variables[f"{name.upper()}_ID"] = user_id
    return variables


def _personal() -> list[str]:
    use = {
        "amount": 0.5,
        "appId": "chat",
        "description": "One answer",
        "idempotencyKey": "message-17",
    }
    return [
        _get("/credits/balance", ALICE),
        _post("/credits/use", ALICE, use),
        _get("/credits/transactions?limit=5", ALICE),
        f'{_CURL} "$API/internal/credits/balance/{ALICE}" {_SERVICE}',
    ]


def _payment_intent() -> list[str]:
    body = {"packageId": str(PACKAGES[0].id)}
    return [
        f'{_CURL} "$API/credits/packages"',
        *_kept("ANSWER", _post("/credits/purchase", ALICE, body)),
        _extracted("PURCHASE", "purchaseId", '[^"]*'),
        _extracted("INTENT", "clientSecret", "pi_[^_]*"),
        'curl -sS -X POST "$STRIPE/pay/$INTENT/pay"',
        _get("/credits/purchase/$PURCHASE", ALICE),
        _get("/credits/balance", ALICE),
    ]


def _checkout(stack: Stack) -> list[str]:
    shop = stack.shop.url
    body = {
        "packageId": str(PACKAGES[1].id),
        "successUrl": f"{shop}/paid",
        "cancelUrl": f"{shop}/cancelled",
    }
    return [
        *_kept("ANSWER", _post("/credits/purchase", ALICE, body)),
        _extracted("CHECKOUT", "checkoutUrl", '[^"]*'),
        'curl -sS -X POST "$CHECKOUT/pay"',
        _get("/credits/purchases?limit=2", ALICE),
        _get("/credits/balance", ALICE),
    ]


def _guild() -> list[str]:
    use = {"amount": 1.25, "appId": "chat", "description": "An answer for the guild"}
    return [
        _post(f"/credits/guild/{GUILD}/fund", ALICE, {"amount": 20}),
        _post(f"/credits/guild/{GUILD}/use", BOB, use),
        _get(f"/credits/guild/{GUILD}/balance", BOB),
    ]


def _gift() -> list[str]:
    return [
        *_kept("ANSWER", _post("/gifts", ALICE, {"totalCredits": 5, "message": "Enjoy!"})),
        _extracted("CODE", "code", '[^"]*'),
        f'{_CURL} "$API/gifts/$CODE"',
        _extracted("PAGE", "url", '[^"]*'),
        "curl -sS \"$PAGE\" | sed -n 's/.*<title>/The page of the gift: /; s/<.title>//p'",
        _post("/gifts/$CODE/redeem", BOB, {}),
        _get("/credits/balance", BOB),
    ]


def _hold() -> list[str]:
    grant = {
        "userId": ALICE,
        "amount": 1.5,
        "reason": "welcome-bonus",
        "referenceId": "bonus-1",
        "expiresAt": _in_days(30),
    }
    reserve = {"userId": ALICE, "amount": 2, "appId": "research", "reason": "A long answer"}
    commit = '{"reservationId": "\'$RESERVATION\'", "amount": 1.5}'
    return [
        _post_as_service("/internal/credits/grant", grant),
        _get("/credits/balance", ALICE),
        *_kept("ANSWER", _post_as_service("/internal/credits/reserve", reserve)),
        _extracted("RESERVATION", "reservationId", '[^"]*'),
        f'{_CURL} "$API/internal/credits/commit" {_SERVICE} -H "$JSON" -d \'{commit}\'',
        _get("/credits/balance", ALICE),
        f"{_get('/credits/transactions', ALICE)} -H 'Accept: text/csv'",
    ]


def _price() -> list[str]:
    insert = (
        "insert into credits.prices (operation, app_id, unit, unit_price, per, step)"
        " values ('chat.token', 'chat', 'token', 0.25, 1000, 100)"
    )
    items = {"items": [{"operation": "chat.token", "quantity": 1230}]}
    use = {**items, "appId": "chat", "description": "An answer of 1230 tokens"}
    return [
        f'{_psql()} "$ADMIN_DATABASE_URL" -c "{insert}"',
        f'{_CURL} "$API/credits/prices"',
        _post("/credits/quote", ALICE, items),
        _post("/credits/use", ALICE, use),
    ]


def _desk() -> list[str]:
    grant = {"amount": 2, "reason": "She reported a mistake", "idempotencyKey": "ticket-1"}
    return [
        _get(f"/admin/accounts?query={ALICE}", "eve"),
        _post(f"/admin/accounts/{ALICE}/grant", "eve", grant),
    ]


def _trusted_service() -> list[str]:
    arguments = {
        "p_user_id": f"'{ALICE}'",
        "p_amount": "0.02",
        "p_app_id": "'chat'",
        "p_description": "'From a service'",
        "p_idempotency_key": "'row-1'",
    }
    named = ", ".join(f"{name} => {value}" for name, value in arguments.items())
    statement = f"select * from credits.use_credits({named})"  # noqa: S608 (printed, never run)
    return [f'{_psql()} "$SERVICE_DATABASE_URL" -x -c "{statement}"']


def _where_things_are(stack: Stack) -> str:
    pages = stack.api_url.removesuffix("/api/v1")
    return "\n".join(
        [
            f"API       {stack.api_url}",
            f"Reference {pages}/docs",
            f"Desk      {pages}/admin (asks for a token: that of EVE)",
            f"Stripe    {stack.stripe.url} (stand-in)",
            f"mana-auth {stack.issuer.url} (stand-in)",
            f"App       {stack.shop.url}/redeem (stand-in: redeems gifts)",
            f"Database  {stack.admin_database} (superuser)",
            f"Logs      {_typed(stack.api_log)}, {_typed(stack.folder / 'postgres.log')}",
            f"Data      {_typed(stack.folder)} (remove it to begin anew)",
            "Ctrl-C stops everything; make run brings it back as it was.",
        ]
    )


def _psql() -> str:
    return f"{shlex.quote(_typed(binaries() / 'psql'))} -X -P pager=off"


def _get(path: str, person: str) -> str:
    return f'{_CURL} "$API{path}" {_bearer(person)}'


def _post(path: str, person: str, body: dict[str, Any]) -> str:
    data = shlex.quote(json.dumps(body))
    return f'{_CURL} "$API{path}" {_bearer(person)} -H "$JSON" -d {data}'


def _post_as_service(path: str, body: dict[str, Any]) -> str:
    return f'{_CURL} "$API{path}" {_SERVICE} -H "$JSON" -d {shlex.quote(json.dumps(body))}'


def _in_days(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _bearer(person: str) -> str:
    return f'-H "Authorization: Bearer ${person.upper()}"'


def _kept(name: str, command: str) -> list[str]:
    return [f'{name}=$({command}); echo "${name}"']


def _extracted(name: str, field: str, pattern: str) -> str:
    """Return a line that takes a text out of the last answer, without tools to install."""
    expression = f's/.*"{field}": *"\\({pattern}\\).*/\\1/'
    return f'{name}=$(echo "$ANSWER" | sed \'{expression}\'); echo "${name}"'


def _typed(path: Path) -> str:
    """Return a path as short as can be typed in the current folder."""
    short = os.path.relpath(path)
    return str(path) if short.startswith("..") else short
