"""Services for handlers, put together for one process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager

import httpx
from prometheus_client import REGISTRY

from api.database.client import Database
from api.database.gauges import Gauges
from api.database.rows import ListedPrice, Package
from api.http.errors import ApiError
from api.identity.callers import Callers
from api.identity.membership import Memberships
from api.identity.service_keys import KnownServiceKey, ServiceKeys
from api.identity.signing_keys import SigningKeys
from api.identity.tokens import Tokens
from api.payments.gateway import Gateway
from api.payments.purchases import Purchases
from api.payments.webhooks import EventHandler
from api.remembered import Remembered
from api.settings import Settings

# For an answer of the database; whoever asks is a probe that does not wait for long either.
_PATIENCE_SECONDS = 2.0


class Services:
    """The services that a handler may need."""

    def __init__(
        self, settings: Settings, database: Database, gateway: Gateway, client: httpx.AsyncClient
    ) -> None:
        self.settings = settings
        self.database = database
        self.gateway = gateway
        self.gauges = Gauges(database)
        self.signing_keys = SigningKeys(settings.auth_url, client)
        self.service_keys = ServiceKeys(
            settings.service_keys,
            lambda used: database.many("credits.list_service_keys", KnownServiceKey, p_used=used),
        )
        tokens = Tokens(settings.auth_issuer or settings.auth_url, self.signing_keys)
        self.callers = Callers(tokens, self.service_keys)
        self.memberships = Memberships(
            settings.auth_url,
            settings.service_keys[0].key,
            client,
            ttl=settings.membership_ttl_seconds,
        )
        self.purchases = Purchases(database, gateway)
        self.stripe_events = EventHandler(database, gateway)
        self.packages = Remembered(lambda: database.many("credits.list_packages", Package))
        self.prices = Remembered(lambda: database.many("credits.list_prices", ListedPrice))
        self._asked_database = Remembered(self._ask_database)

    async def database_answers(self) -> bool:
        """Tell whether it does; a silent one counts as away, and is asked on for who comes next."""
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return await self._asked_database.get()
        except TimeoutError:
            return False

    async def _ask_database(self) -> bool:
        try:
            await self.database.run("credits.limits_time_zone")
        except ApiError:
            return False
        return True


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[Services]:
    """Connect; at the end close all of it."""
    async with (
        Database(settings) as database,
        aclosing(Gateway(settings.stripe_secret_key, settings.stripe_api_base)) as gateway,
        httpx.AsyncClient() as client,
        AsyncExitStack() as stack,
    ):
        services = Services(settings, database, gateway, client)
        REGISTRY.register(services.gauges)
        stack.callback(REGISTRY.unregister, services.gauges)
        stack.push_async_callback(services.signing_keys.fetching.close)
        stack.push_async_callback(services.service_keys.reading.close)
        # Ahead of the first caller; if they cannot be had now, every caller asks again.
        await services.signing_keys.fetching.get()
        yield services
