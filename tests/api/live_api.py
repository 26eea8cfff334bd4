"""The API as its clients meet it: a process that listens, and callers of it."""

import json
import signal
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import httpx
import msgspec
from psycopg import sql

from sandbox.issuer import Issuer
from sandbox.processes import Child, clean_environment, log_tail
from sandbox.servers import free_port
from sandbox.stripe import StripeServer
from tests.api.described import as_described
from tests.databases import Connection, Database

Result = TypeVar("Result")

PREFIX = "/api/v1"
SHOP = "https://shop.example"
SERVICE_KEY = "the-key-of-the-chat"
OTHER_SERVICE_KEY = "the-key-of-the-cron"
GIFT_EXPIRY_SECONDS = 0.2
REPEATED = "Transaction already processed"

# Long enough for a machine that is busy with much else: only what never comes takes so long.
PATIENCE_SECONDS = 30.0

# Words that only somebody who looks into the service could know.
_INTERNALS = ("traceback", "psycopg", "sqlstate", "constraint", "duplicate key", "pg_", ".py")

_ENCODER = msgspec.json.Encoder(decimal_format="number")


def unique(kind: str) -> str:
    """Return an id that no other test uses."""
    return f"{kind}-{uuid.uuid4().hex[:16]}"


def exact(answer: httpx.Response) -> Any:
    """Return the JSON of an answer, numbers with a point as exact decimals."""
    return json.loads(answer.text, parse_float=Decimal)


def ok(answer: httpx.Response, status: int = 200) -> Any:
    """Assert that a request was served, and return the JSON of its answer."""
    assert answer.status_code == status, f"{answer.status_code} {answer.text}"
    return exact(answer)


def refused(answer: httpx.Response, status: int, code: str) -> Any:
    """Assert that a request was refused in the shape of every error; return the details or None."""
    body = exact(answer)
    assert (answer.status_code, body["statusCode"], body["code"]) == (status, status, code), body
    assert body.keys() <= {"statusCode", "code", "message", "details"}
    assert isinstance(body["message"], str)
    assert body["message"]
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["access-control-allow-origin"] == SHOP
    assert not [word for word in _INTERNALS if word in answer.text.lower()]
    if code == "invalid_request" and body.get("details"):
        field, problem = next(iter(body["details"].items()))
        assert body["message"] == f"{field} {problem}"
    if status in (429, 503):
        assert int(answer.headers["retry-after"]) >= 1
    return body.get("details")


def replay_of(first: Any) -> Any:
    """Return how an answer comes again: it says so, and a message that is a gift's own stays."""
    return {**first, "message": first.get("message", REPEATED), "replayed": True}


def wait_until(condition: Callable[[], Result | None], timeout: float = PATIENCE_SECONDS) -> Result:
    """Return what the condition returns as soon as it is true; fail after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not (result := condition()):
        assert time.monotonic() < deadline, "the condition did not come true in time"
        time.sleep(0.02)
    return result


def at_once(n: int, work: Callable[[int], Result]) -> list[Result]:
    """Run `work(i)` for i in 0..n-1 at the same moment and return what each returned."""
    barrier = threading.Barrier(n)

    def one(i: int) -> Result:
        barrier.wait(timeout=30)
        return work(i)

    with ThreadPoolExecutor(max_workers=n) as executor:
        return list(executor.map(one, range(n)))


class Caller:
    """Somebody who calls the API, with the headers that say who it is."""

    def __init__(self, api: "LiveApi", headers: Mapping[str, str]) -> None:
        self.api = api
        self.headers = dict(headers)

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        **parameters: Any,
    ) -> httpx.Response:
        """Send one request; `parameters` are those of the query.

        Args:
            method: HTTP method.
            path: Path under the prefix, as it is sent.
            body: Bytes to send as they are, or something to send as JSON; None for nothing.
            headers: More headers.
            parameters: Of the query.
        """
        sent = {"Origin": SHOP, **self.headers, **(headers or {})}
        content = body
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
            content = body if isinstance(body, bytes) else _ENCODER.encode(body)
        return self.api.client.request(
            method, PREFIX + path, content=content, headers=sent, params=parameters or None
        )

    def get(self, path: str, **parameters: Any) -> httpx.Response:
        """GET a path under the prefix."""
        return self.request("GET", path, **parameters)

    def post(
        self, path: str, body: Any = None, *, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """POST to a path under the prefix."""
        return self.request("POST", path, body, headers=headers)

    def put(self, path: str, body: Any) -> httpx.Response:
        """PUT to a path under the prefix."""
        return self.request("PUT", path, body)

    def delete(self, path: str) -> httpx.Response:
        """DELETE a path under the prefix."""
        return self.request("DELETE", path)


class User(Caller):
    """A user, and what every test does with one."""

    def __init__(self, api: "LiveApi", user_id: str, email: str | None, name: str | None) -> None:
        self.id = user_id
        self.email = email
        token = api.issuer.token(user_id, email=email, name=name)
        super().__init__(api, {"Authorization": f"Bearer {token}"})

    def use(self, amount: Any = 1, *, key: str | None = None, **fields: Any) -> httpx.Response:
        """POST /credits/use."""
        body = {"amount": amount, "appId": "chat", "description": "One answer", **fields}
        return self.post("/credits/use", body if key is None else {**body, "idempotencyKey": key})

    def balance(self) -> Any:
        """Return the present balance."""
        return ok(self.get("/credits/balance"))["balance"]

    def ledger(self) -> list[dict[str, Any]]:
        """Return the user's ledger rows, oldest first, as an auditor sees them."""
        return self.api.audit(
            "select * from credits.transactions where user_id = %s order by id", self.id
        )

    def amounts(self) -> list[Decimal]:
        """Return what moved on the user's account, oldest first."""
        return [row["amount"] for row in self.ledger()]

    def give(self, total: int = 10, **fields: Any) -> Any:
        """Create a gift and return it."""
        return ok(self.post("/gifts", {"totalCredits": total, **fields}), 201)

    def redeem(self, code: str, **fields: Any) -> httpx.Response:
        """POST /gifts/:code/redeem."""
        return self.post(f"/gifts/{code}/redeem", fields)

    def buy(self, package_id: str, **fields: Any) -> Any:
        """Begin a purchase and return the answer."""
        return ok(self.post("/credits/purchase", {"packageId": package_id, **fields}))

    def purchase(self, purchase_id: str) -> Any:
        """Return a purchase of this user's."""
        return ok(self.get(f"/credits/purchase/{purchase_id}"))


@dataclass
class Guild:
    """A guild with a pool and its people."""

    id: str
    owner: User
    member: User

    @property
    def path(self) -> str:
        """The path of the pool's routes."""
        return f"/credits/guild/{self.id}"

    def use(self, who: User, amount: Any = 1, **fields: Any) -> httpx.Response:
        """Use the pool."""
        body = {"amount": amount, "appId": "chat", "description": "One answer", **fields}
        return who.post(f"{self.path}/use", body)

    def limit(self, who: User, **limits: Any) -> Any:
        """Set a member's limits as the owner, and return the new ones."""
        return ok(self.owner.put(f"{self.path}/members/{who.id}/limits", limits))

    def balance(self) -> Any:
        """Return what the pool holds."""
        return ok(self.owner.get(f"{self.path}/balance"))["balance"]

    def ledger(self) -> list[dict[str, Any]]:
        """Return the pool's ledger rows, oldest first, as an auditor sees them."""
        return self.owner.api.audit(
            "select * from credits.guild_transactions where organization_id = %s order by id",
            self.id,
        )


@dataclass
class LiveApi:
    """An API process, the issuer and the Stripe that it works with, and its database."""

    database: Database
    issuer: Issuer
    stripe: StripeServer
    process: Child
    client: httpx.Client
    auditor: Connection = field(init=False)

    def __post_init__(self) -> None:
        self.auditor = self.database.connect("auditor")
        self.anyone = Caller(self, {})
        self.service = Caller(self, {"X-Service-Key": SERVICE_KEY})

    @property
    def url(self) -> str:
        """The base URL, without a slash at its end."""
        return str(self.client.base_url).rstrip("/")

    def user(self, balance: Any = 0, *, email: str | None = None, name: str | None = None) -> User:
        """Return a user whom nobody else uses, with so many credits."""
        user = User(self, unique("user"), email, name)
        if balance:
            self.fund(user.id, balance)
        return user

    def fund(self, user_id: str, amount: Any) -> None:
        """Give credits to a user, as a trusted service."""
        body = {"userId": user_id, "amount": amount, "description": "To begin with"}
        ok(self.service.post("/internal/credits/refund", body))

    def guild(self, balance: Any = 0) -> Guild:
        """Return a guild whom nobody else uses, its pool holding so many credits."""
        guild = Guild(unique("guild"), self.user(balance), self.user())
        self.issuer.set_member(guild.id, guild.owner.id, "owner")
        self.issuer.set_member(guild.id, guild.member.id, "member")
        ok(self.service.post("/internal/guild-pool/init", {"organizationId": guild.id}))
        if balance:
            ok(guild.owner.post(f"{guild.path}/fund", {"amount": balance}))
        return guild

    def package(self, worth: Any = 100, cents: int = 499, **columns: Any) -> str:
        """Put a package on sale, as a DBA would, and return its id."""
        values = {"name": "A package", "credits": worth, "price_euro_cents": cents, **columns}
        with self.database.connect() as owner:
            insert = sql.SQL("insert into credits.packages ({}) values ({}) returning id").format(
                sql.SQL(", ").join(map(sql.Identifier, values)),
                sql.SQL(", ").join(sql.Placeholder() * len(values)),
            )
            row = owner.execute(insert, list(values.values())).fetchone()
        assert row is not None
        return str(row["id"])

    def audit(self, query: Any, *values: Any) -> list[dict[str, Any]]:
        """Return the rows of a query by an auditor."""
        return self.auditor.execute(query, values).fetchall()

    def uncover(self, query: Any, *values: Any) -> list[dict[str, Any]]:
        """Return the rows of a query about codes of gifts, which auditors do not see."""
        with self.database.connect() as owner:
            return owner.execute(query, values).fetchall()

    def wait_for_blocked_call(self) -> None:
        """Return as soon as a call of ours waits for a lock in the database."""
        query = (
            "select 1 from pg_stat_activity where datname = current_database()"
            " and usename = 'test_api' and wait_event_type = 'Lock'"
        )
        with self.database.connect() as owner:
            wait_until(lambda: owner.execute(query).fetchall())

    def end(self, patience: float = 20.0) -> int | None:
        """Ask the process to end and return its exit status; None if it did not in time."""
        self.process.send(signal.SIGTERM)
        self.process.wait(patience)
        return self.process.returncode

    def end_unused(self, patience: float = 20.0) -> int | None:
        """End it as `end` does, without the seconds that it leaves to our idle connections."""
        self.client.close()
        return self.end(patience)


StartApi = Callable[..., LiveApi]
"""Starts an API of one's own: see `serve_api`."""


@contextmanager
def forbidden(api: LiveApi, function: str) -> Iterator[None]:
    """Keep the API from calling a function, as only a mistake of ours would."""
    with api.database.connect() as owner:
        owner.execute(f"revoke execute on function {function} from credits_api".encode())
        try:
            yield
        finally:
            owner.execute(f"grant execute on function {function} to credits_api".encode())


def lock_account(database: Database, user: User) -> Connection:
    """Hold a user's account, so that whoever moves credits on it waits until it is let go."""
    owner = database.connect(autocommit=False)
    owner.execute("select from credits.accounts where account_id = %s for update", [user.id])
    return owner


def variables_for(database: Database, issuer: Issuer, stripe: StripeServer) -> dict[str, str]:
    """Return the tests' usual variables of a process, but for where it listens."""
    return {
        "DATABASE_URL": database.dsn("api"),
        "MANA_AUTH_URL": issuer.url,
        "MANA_SERVICE_KEY": f"chat:{SERVICE_KEY},cron:{OTHER_SERVICE_KEY}",
        "STRIPE_SECRET_KEY": stripe.secret_key,
        "STRIPE_WEBHOOK_SECRET": stripe.webhook_secret,
        "STRIPE_API_BASE": stripe.url,
        "CORS_ORIGINS": SHOP,
        "GIFT_EXPIRY_INTERVAL_SECONDS": str(GIFT_EXPIRY_SECONDS),
        "EVENTS_INTERVAL_SECONDS": "0.1",
        "MEMBERSHIP_TTL_SECONDS": "15",
        "LIMITS_TIME_ZONE": "UTC",
        # Tests that hold events back want to see what comes without them.
        "STRIPE_RECONCILE_INTERVAL_SECONDS": "0",
    }


@contextmanager
def serve_api(
    database: Database,
    issuer: Issuer,
    stripe: StripeServer,
    log: Path,
    **environment: str,
) -> Iterator[LiveApi]:
    """Run `python -m api` until the block ends.

    Args:
        database: Its database.
        issuer: Its mana-auth, being served or not.
        stripe: Its Stripe, being served or not.
        log: File to log to.
        environment: Variables that differ from the tests' usual ones.
    """
    port = int(environment.get("PORT") or free_port())
    url = f"http://127.0.0.1:{port}"
    variables = variables_for(database, issuer, stripe)
    variables |= {"PORT": str(port), "BASE_URL": url, **environment}
    process = Child([sys.executable, "-m", "api"], log=log, env=clean_environment(variables))
    limits = httpx.Limits(max_connections=100, max_keepalive_connections=100)
    client = httpx.Client(
        base_url=url,
        timeout=30,
        limits=limits,
        trust_env=False,
        # Whatever a test asks for, the answer is as documented.
        event_hooks={"response": [as_described]},
    )
    try:
        with client:
            wait_until(lambda: _is_ready(process, client))
            yield LiveApi(database, issuer, stripe, process, client)
    finally:
        process.stop((signal.SIGTERM, 20.0))


def _is_ready(process: Child, client: httpx.Client) -> bool:
    assert process.returncode is None, log_tail(process.log)
    try:
        return client.get("/health/ready").status_code == httpx.codes.OK
    except httpx.ConnectError:
        return False
