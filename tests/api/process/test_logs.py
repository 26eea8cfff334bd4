"""The log of a process: JSON, every line of a request under its id, and nobody's secrets."""

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

import pytest

from api.observability.refusals import AccountHashes
from sandbox.issuer import Issuer
from sandbox.stripe import StripeServer
from tests.api.gift_pages import visit
from tests.api.live_api import (
    PREFIX,
    SERVICE_KEY,
    LiveApi,
    StartApi,
    ok,
    refused,
    unique,
    wait_until,
)
from tests.api.wire import wired
from tests.databases import Database

MARKER = "s3cr3t-marker"


@dataclass
class Log:
    """The log of a process."""

    api: LiveApi

    @property
    def text(self) -> str:
        return self.api.process.log.read_text(encoding="utf-8")

    def lines(self) -> list[dict[str, Any]]:
        """Return all lines that are written to their end; each has to be JSON."""
        whole, _, _ = self.text.rpartition("\n")
        return [json.loads(line) for line in whole.splitlines()]

    def of_request(self, request_id: str) -> list[dict[str, Any]]:
        """Return the lines of a request that was answered."""

        def found() -> list[dict[str, Any]]:
            lines = [line for line in self.lines() if line.get("requestId") == request_id]
            return lines if any(line["message"] == "request" for line in lines) else []

        return wait_until(found)


@pytest.fixture(scope="module")
def own(broken_ledger: Database, start_module_api: StartApi) -> LiveApi:
    """A process and a database of this module's own."""
    return start_module_api(METRICS_TOKEN=MARKER)


@pytest.fixture(scope="module")
def broken_ledger(module_database: Database) -> Database:
    """A database that refuses ledger rows with a marker unexpectedly, and tells the whole row."""
    with module_database.connect() as owner:
        owner.execute(
            f"""
            alter table credits.entries
            add constraint unexpected check (description not like '%{MARKER}%') not valid
            """
        )
    return module_database


def test_a_request_is_one_line_with_what_it_was(own: LiveApi) -> None:
    answer = own.user(5).use(2)
    (line,) = Log(own).of_request(answer.headers["x-request-id"])
    assert line.pop("time").endswith("Z")
    assert line.pop("ms") >= 0
    assert line == {
        "level": "info",
        "logger": "api.requests",
        "message": "request",
        "requestId": answer.headers["x-request-id"],
        "method": "POST",
        "route": f"{PREFIX}/credits/use",
        "status": 200,
    }


def test_a_service_is_named(own: LiveApi) -> None:
    answer = own.service.get("/internal/credits/balance/u1")
    (line,) = Log(own).of_request(answer.headers["x-request-id"])
    assert line["service"] == "chat"


def test_a_refusal_says_why_for_which_app_and_whom(own: LiveApi) -> None:
    user, guild = own.user(1), own.guild(1)
    asked = {"userId": user.id, "amount": 5, "appId": "chat", "description": "d", "reason": "r"}
    held = ok(own.service.post("/internal/credits/reserve", {**asked, "amount": 1}))
    commit = {"reservationId": held["reservationId"], "amount": 2}
    answers = {
        "insufficient_credits": user.use(5),
        "malformed": user.post("/credits/use", {}),
        "spending": own.service.post("/internal/credits/use", asked),
        "amount_exceeds_reserved": own.service.post("/internal/credits/commit", commit),
        "pool": guild.use(guild.member, 5),
        "unauthenticated": own.client.get(f"{PREFIX}/credits/balance"),
    }
    log, hashes = Log(own), AccountHashes(SERVICE_KEY)
    whom = {}
    for name, answer in answers.items():
        (line,) = log.of_request(answer.headers["x-request-id"])
        assert line["code"] == answer.json()["code"]
        whom[name] = (line.get("app"), line.get("account"))
    assert whom == {
        "insufficient_credits": ("chat", hashes.of(user.id)),
        "malformed": (None, hashes.of(user.id)),
        "spending": ("chat", hashes.of(user.id)),
        "amount_exceeds_reserved": (None, hashes.of(user.id)),
        "pool": ("chat", hashes.of(guild.member.id)),
        "unauthenticated": (None, None),
    }
    assert user.id not in log.text


def test_a_request_that_was_served_says_nothing_of_whom(own: LiveApi) -> None:
    answer = own.user(5).use(1)
    (line,) = Log(own).of_request(answer.headers["x-request-id"])
    assert not {"code", "app", "account"} & set(line)


def test_a_refusal_that_is_a_page_is_told_too(own: LiveApi) -> None:
    (line,) = Log(own).of_request(visit(own, "ABCDEFGHJK").headers["x-request-id"])
    assert (line["code"], "account" in line) == ("gift_not_found", False)


def test_the_hash_of_an_account_is_told_to_who_has_the_key() -> None:
    environment = {
        "DATABASE_URL": "postgresql://api@localhost/x",
        "MANA_AUTH_URL": "http://localhost",
        "MANA_SERVICE_KEY": f"chat:{SERVICE_KEY},cron:another",
    }
    command = [sys.executable, "-m", "api.identity", "u1", "u2"]
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    hashes = AccountHashes(SERVICE_KEY)
    assert told.stdout == f"{hashes.of('u1')} u1\n{hashes.of('u2')} u2\n"
    assert hashes.of("u1") != AccountHashes("another").of("u1")


def test_a_request_sent_behind_that_of_a_service_is_not_its(own: LiveApi) -> None:
    with wired(own) as wire:
        balance = "/internal/credits/balance/u1"
        service = wire.head("GET", balance, {**own.service.headers, "X-Request-Id": "first"})
        wire.send(service + wire.head("GET", balance, {"X-Request-Id": "second"}))
        served, stranger = wire.answers(2)
    ok(served)
    refused(stranger, 401, "unauthenticated")
    (first,), (second,) = (Log(own).of_request(each) for each in ("first", "second"))
    assert first["service"] == "chat"
    assert "service" not in second


def test_every_line_of_a_request_has_its_id(own: LiveApi) -> None:
    user = own.user(5)
    answer = user.post(
        "/credits/use",
        {"amount": 1, "appId": "chat", "description": MARKER},
        headers={"X-Request-Id": "trace-4711"},
    )
    refused(answer, 500, "internal_error")
    assert answer.headers["x-request-id"] == "trace-4711"
    error, request = Log(own).of_request("trace-4711")
    assert (error["message"], request["message"]) == ("unexpected error", "request")
    assert error["exception"]["sqlstate"] == "23514"
    assert MARKER not in Log(own).text


def test_lines_about_what_others_refused_have_the_id_too(
    own: LiveApi, issuer: Issuer, stripe: StripeServer
) -> None:
    user, guild = own.user(), unique("guild")
    issuer.faults.fail_with = 500
    stripe.faults.fail_with = 500
    try:
        asked = user.get(f"/credits/guild/{guild}/balance")
        bought = user.post("/credits/purchase", {"packageId": own.package()})
    finally:
        stripe.faults.reset()
    refused(asked, 503, "auth_unavailable")
    refused(bought, 503, "payments_unavailable")
    for answer in (asked, bought):
        about, _ = Log(own).of_request(answer.headers["x-request-id"])
        assert about["level"] in ("warning", "error")


@pytest.mark.parametrize(
    "given", ["", "two words", "x" * 129, 'a","level":"error', "naïve", "a%0ab", "{}"]
)
def test_an_id_that_could_forge_a_log_is_replaced(own: LiveApi, given: str) -> None:
    answer = own.client.get("/health", headers={b"X-Request-Id": given.encode("latin-1")})
    request_id = answer.headers["x-request-id"]
    assert request_id != given
    assert len(request_id) == 32
    assert len(Log(own).of_request(request_id)) == 1


def test_hostile_requests_leave_no_secret_in_the_log(own: LiveApi) -> None:
    user = own.user(50)
    code = user.give(10, riddleQuestion="Who?", riddleAnswer=MARKER)["code"]
    body = {"amount": 1, "appId": "chat", "description": MARKER, "metadata": {MARKER: MARKER}}
    sent = [
        user.post("/credits/use", body),
        user.post("/credits/use", f'{{"amount": "{MARKER}", {MARKER}'.encode()),
        user.post("/credits/use", f'{{"amount": 1, "appId": "\\ud800{MARKER}"}}'.encode()),
        user.post("/credits/use", b"\xff" + MARKER.encode()),
        user.post("/credits/use", {**body, "idempotencyKey": MARKER * 50}),
        user.post("/credits/use", body, headers={"Idempotency-Key": MARKER}),
        user.redeem(code, riddleAnswer=MARKER + "?"),
        user.get(f"/gifts/{MARKER}"),
        user.get("/credits/transactions", cursor=MARKER, type=MARKER),
        own.client.get(f"/{MARKER}?{MARKER}={MARKER}"),
        own.client.get(f"{PREFIX}/credits/balance?token={MARKER}"),
        own.client.request(
            "GET", f"{PREFIX}/credits/balance", headers={"Authorization": f"Bearer {MARKER}"}
        ),
        own.client.get(f"{PREFIX}/internal/credits/balance/u1", headers={"X-Service-Key": MARKER}),
        own.client.get("/metrics", headers={"Authorization": f"Bearer {MARKER}"}),
        own.client.get("/metrics", headers={"Authorization": f"Basic {MARKER}"}),
        own.client.post(
            f"{PREFIX}/webhooks/stripe",
            content=MARKER.encode(),
            headers={"Stripe-Signature": f"t=1,v1={MARKER}"},
        ),
        own.client.get("/health", headers={"X-Request-Id": f"{MARKER} {MARKER}"}),
        own.client.get("/health", headers={"Origin": f"https://{MARKER}.example"}),
    ]
    assert {answer.status_code for answer in sent} >= {200, 400, 401, 404, 500}
    log = Log(own)
    for answer in sent:
        log.of_request(answer.headers["x-request-id"])
    token = user.headers["Authorization"].removeprefix("Bearer ")
    for secret in (MARKER, token, token.rpartition(".")[2], user.id, code, SERVICE_KEY):
        assert secret not in log.text


def test_a_database_that_cannot_be_reached_is_logged_without_its_password(
    database: Database, start_api: StartApi
) -> None:
    api = start_api(database=database)
    ok(api.user(1).use(1))
    with database.connect() as owner:
        owner.execute(f"revoke connect on database {database.name} from public")
        owner.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where usename = 'test_api' and datname = current_database()"
        )
    refused(api.user().get("/credits/balance"), 503, "database_unavailable")
    log = Log(api)
    # The request may learn that its connection was ended before another one is tried.
    wait_until(lambda: any(line["logger"] == "psycopg.pool" for line in log.lines()))
    assert database.dsn("api") not in log.text
    assert "password" not in log.text
