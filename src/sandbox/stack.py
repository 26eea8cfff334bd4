"""The local stack: PostgreSQL, the stand-ins and the API, started in order, stopped in reverse."""

from __future__ import annotations

import contextlib
import signal
import sys
import time
from collections.abc import Callable, Mapping
from typing import Self
from urllib.parse import urlsplit

import httpx

from sandbox import demo
from sandbox.cluster import Cluster, ClusterInUseError
from sandbox.configuration import Configuration
from sandbox.issuer import Issuer
from sandbox.processes import Child, clean_environment, log_tail
from sandbox.servers import port_is_free
from sandbox.shop import Shop
from sandbox.state import State
from sandbox.stopping import StopSignals
from sandbox.stripe import StripeServer

# As docs/production.md has it: a stuck lock ends in an answer that says when to try again.
LOGIN_SETTINGS = {"lock_timeout": "5s", "statement_timeout": "10s"}
DATABASE = "mana_credits"

_ANY_ADDRESS = "0.0.0.0"  # noqa: S104
_READY_SECONDS = 60.0
_API_STOP_SECONDS = 35.0
_SHOP_ORIGIN = "http://localhost:3000"


class StackError(Exception):
    """The stack cannot start or go on; the first line says why, further ones are from a log."""


class Stack:
    """One local stack; a context manager that starts it and stops it.

    Then `issuer`, `stripe` and `shop` are the stand-ins, `api_url` is where routes are, and
    `service_database` and `admin_database` are URLs of a trusted service's login and a superuser's.
    `api_variables` are more variables for the API's environment.
    """

    issuer: Issuer
    stripe: StripeServer
    shop: Shop
    service_database: str

    def __init__(
        self,
        configuration: Configuration,
        progress: Callable[[str], None],
        stop_signals: StopSignals,
        api_variables: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = configuration.folder
        self.api_url = f"{configuration.base_url}/api/v1"
        self.api_log = self.folder / "api.log"
        self._configuration = configuration
        self._progress = progress
        self._stop_signals = stop_signals
        self._api_variables = api_variables or {}
        self._parts = contextlib.ExitStack()
        self._cluster = Cluster(self.folder / "postgres", progress=progress)
        self._api: Child | None = None

    def __enter__(self) -> Self:
        """Start everything. Raises StackError, ClusterError, or StopRequestedError."""
        try:
            self._start()
        except BaseException:
            self._parts.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Stop everything that runs, last started first."""
        self._parts.close()

    @property
    def admin_database(self) -> str:
        """The URL of the database for its superuser."""
        return self._cluster.dsn(DATABASE)

    def watch(self) -> None:
        """Wait until we are asked to stop (StopRequestedError) or a part dies (StackError)."""
        while True:
            self._check_cluster()
            self._check_api()
            self._stop_signals.wait(0.5)

    def _start(self) -> None:
        self._check_port()
        self._start_cluster()
        state = State(self.folder / "state.json")
        self._deploy()
        databases = self._create_logins(state)
        self._start_stand_ins(state)
        self.service_database = databases["mana_service"]
        self._start_api(databases["mana_api"])
        self._progress("setting up the demo people and their guild")
        try:
            demo.welcome(self._local_api("/api/v1"), self.issuer.service_key)
        except demo.DemoError as error:
            raise StackError(f"the set-up of the demo failed: {error}") from None
        self._stop_signals.check()

    def _check_port(self) -> None:
        port = self._configuration.port
        if not port_is_free(port) or not port_is_free(port, _ANY_ADDRESS):
            raise StackError(f"port {port} is taken by another program: set PORT to a free one")

    def _start_cluster(self) -> None:
        try:
            self._parts.enter_context(self._cluster)
        except ClusterInUseError as error:
            raise StackError(
                f"{error}; a second stack needs its own SANDBOX_DIR and PORT"
            ) from None
        self._cluster.create_database(DATABASE)
        self._stop_signals.check()

    def _deploy(self) -> None:
        self._progress("deploying the database")
        log = self.folder / "deploy.log"
        log.unlink(missing_ok=True)
        child = Child(
            [sys.executable, "-m", "deploy", "migrate"],
            log=log,
            env=clean_environment({"MIGRATION_DATABASE_URL": self.admin_database}),
        )
        try:
            while not child.wait(0.1):
                self._stop_signals.check()
        finally:
            child.stop((signal.SIGINT, 10.0))
        if child.returncode != 0:
            raise StackError(f"the deployment failed; the end of {log}:\n{log_tail(log)}")

    def _create_logins(self, state: State) -> dict[str, str]:
        """Create the API's login and a trusted service's, and return the URL of each."""
        urls = {}
        for login, group in (("mana_api", "credits_api"), ("mana_service", "credits_service")):
            password = state.secret(login)
            self._cluster.create_login(login, password, member_of=group, settings=LOGIN_SETTINGS)
            urls[login] = self._cluster.dsn(DATABASE, login, password)
        demo.insert_packages(self.admin_database)
        return urls

    def _start_stand_ins(self, state: State) -> None:
        self._progress("starting the stand-ins of mana-auth, Stripe and an app")
        self.issuer = Issuer(state.secret("service_key"), keys_file=self.folder / "auth-keys.json")
        self.issuer.set_member(demo.GUILD, demo.ALICE, "owner")
        self.issuer.set_member(demo.GUILD, demo.BOB, "member")
        self._parts.enter_context(self.issuer.serve(state.port("auth")))
        self.stripe = StripeServer(
            state.secret("stripe_secret_key", "sk_test_"),
            state.secret("stripe_webhook_secret", "whsec_"),
            self._local_api("/api/v1/webhooks/stripe"),
            state_file=self.folder / "stripe.json",
        )
        self._parts.enter_context(self.stripe.serve(state.port("stripe")))
        self.shop = Shop(self.issuer, self._local_api("/api/v1"))
        self._parts.enter_context(self.shop.serve(state.port("shop")))
        self._stop_signals.check()

    def _start_api(self, database_url: str) -> None:
        self._progress(f"starting the API on port {self._configuration.port}")
        self.api_log.unlink(missing_ok=True)
        self._api = Child(
            [sys.executable, "-m", "api"],
            log=self.api_log,
            env=self._api_environment(database_url),
        )
        self._parts.callback(self._stop_api)
        deadline = time.monotonic() + _READY_SECONDS
        while not self._api_ready():
            self._check_api()
            if time.monotonic() > deadline:
                raise StackError(self._with_api_log("the API does not get ready"))
            self._stop_signals.wait(0.1)

    def _api_environment(self, database_url: str) -> Mapping[str, str]:
        base_url = self._configuration.base_url
        origins = (
            _SHOP_ORIGIN,
            self.shop.url,
            "{0.scheme}://{0.netloc}".format(urlsplit(base_url)),
        )
        environment = clean_environment(
            {
                # Its keys lie in the open. Some shells export a HOST of their own: the machine's.
                "HOST": "127.0.0.1",
                "PORT": str(self._configuration.port),
                "DATABASE_URL": database_url,
                "MANA_AUTH_URL": self.issuer.url,
                "MANA_SERVICE_KEY": self.issuer.service_key,
                "BASE_URL": base_url,
                "GIFT_REDEEM_URL": self._configuration.gift_redeem_url
                or f"{self.shop.url}/redeem?code={{code}}",
                "STRIPE_SECRET_KEY": self.stripe.secret_key,
                "STRIPE_WEBHOOK_SECRET": self.stripe.webhook_secret,
                "STRIPE_API_BASE": self.stripe.url,
                "CORS_ORIGINS": ",".join(origins),
                **self._api_variables,
            }
        )
        # The API has no need of the superuser.
        environment.pop("MIGRATION_DATABASE_URL", None)
        return environment

    def _api_ready(self) -> bool:
        try:
            answer = httpx.get(self._local_api("/health/ready"), timeout=5, trust_env=False)
        except httpx.HTTPError:
            return False
        return answer.status_code == 200

    def _check_cluster(self) -> None:
        if not self._cluster.running:
            log = self._cluster.log
            raise StackError(f"PostgreSQL ended; the end of {log}:\n{log_tail(log)}")

    def _check_api(self) -> None:
        if self._api is not None and self._api.returncode is not None:
            raise StackError(
                self._with_api_log(f"the API ended with status {self._api.returncode}")
            )

    def _stop_api(self) -> None:
        if self._api is not None:
            self._api.stop((signal.SIGTERM, _API_STOP_SECONDS))

    def _local_api(self, path: str) -> str:
        return f"http://127.0.0.1:{self._configuration.port}{path}"

    def _with_api_log(self, reason: str) -> str:
        return f"{reason}; the end of {self.api_log}:\n{log_tail(self.api_log)}"
