"""The application: routes, middleware and what lives as long as the process."""

import gc
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from starlette.middleware import Middleware
from starlette.routing import Router

from api.http.errors import no_such_route
from api.observability.metrics import name_apps
from api.observability.refusals import AccountHashes
from api.routes import ROUTES
from api.server.middleware import Cors, RequestRecord
from api.services import open_services
from api.settings import Settings
from worker.work import working

_REQUEST_HEADERS = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-None-Match",
    "X-Request-Id",
    "X-App-Id",
)
_EXPOSED_HEADERS = ("ETag", "Link", "Retry-After", "X-Request-Id")

_OBJECTS_BETWEEN_COLLECTIONS = 20_000


def build_app(settings: Settings) -> Router:
    """Return the application that serves the contract with these settings."""
    name_apps(settings.metrics_apps)

    @asynccontextmanager
    async def lifespan(_app: None) -> AsyncIterator[Mapping[str, Any]]:
        async with AsyncExitStack() as stack:
            services = await stack.enter_async_context(open_services(settings))
            if settings.worker_in_api:
                work = working(settings, services.database, services.gateway)
                await stack.enter_async_context(work)
            # All that is there by now stays. Every few thousand requests a collection that looks
            # through all of it would stop them for a quarter of a second.
            gc.collect()
            gc.freeze()
            # Nearly all garbage is gone without it.
            gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
            yield {"services": services}

    # The router alone: an application around it would handle errors, and each route does already.
    return Router(
        ROUTES,
        # A redirect would be built from the Host header, and most clients drop the body of a POST.
        redirect_slashes=False,
        default=no_such_route,
        lifespan=lifespan,
        middleware=[
            Middleware(RequestRecord, hashes=AccountHashes(settings.service_keys[0].key)),
            Middleware(
                Cors,
                allow_origins=settings.cors_origins,
                allow_methods=("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"),
                allow_headers=_REQUEST_HEADERS,
                expose_headers=_EXPOSED_HEADERS,
            ),
        ],
    )
