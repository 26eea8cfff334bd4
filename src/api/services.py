"""Services for handlers, put together for one process."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass

import httpx
from prometheus_client import REGISTRY
from starlette.requests import Request

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


@dataclass(frozen=True, slots=True)
class Services:
    """The services that a handler may need."""

    settings: Settings
    database: Database
    signing_keys: SigningKeys
    callers: Callers
    memberships: Memberships
    gateway: Gateway
    purchases: Purchases
    stripe_events: EventHandler
    gauges: Gauges
    packages: Remembered[list[Package]]
    prices: Remembered[list[ListedPrice]]
    database_answers: Remembered[bool]


def services_of(request: Request) -> Services:
    """Return the services of the application that serves this request."""
    services: Services = request.app.state.services
    return services


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[Services]:
    """Connect; at the end close all of it."""
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(Database(settings))
        gauges = Gauges(database)
        REGISTRY.register(gauges)
        stack.callback(REGISTRY.unregister, gauges)
        client = await stack.enter_async_context(httpx.AsyncClient())
        signing_keys = SigningKeys(settings.auth_url, client)
        stack.push_async_callback(signing_keys.fetching.close)
        service_keys = ServiceKeys(
            settings.service_keys,
            lambda used: database.many("credits.list_service_keys", KnownServiceKey, p_used=used),
        )
        stack.push_async_callback(service_keys.reading.close)
        gateway = await stack.enter_async_context(
            aclosing(Gateway(settings.stripe_secret_key, settings.stripe_api_base))
        )
        # Ahead of the first caller; if they cannot be had now, every caller asks again.
        await signing_keys.ready()
        yield Services(
            settings=settings,
            database=database,
            signing_keys=signing_keys,
            callers=Callers(
                Tokens(settings.auth_issuer or settings.auth_url, signing_keys),
                service_keys,
            ),
            memberships=Memberships(
                settings.auth_url,
                settings.service_keys[0].key,
                client,
                ttl=settings.membership_ttl_seconds,
            ),
            gateway=gateway,
            purchases=Purchases(database, gateway),
            stripe_events=EventHandler(database, gateway),
            gauges=gauges,
            packages=Remembered(lambda: database.many("credits.list_packages", Package)),
            prices=Remembered(lambda: database.many("credits.list_prices", ListedPrice)),
            database_answers=Remembered(lambda: _answers(database)),
        )


async def _answers(database: Database) -> bool:
    try:
        await database.run("credits.limits_time_zone")
    except ApiError:
        return False
    return True
