"""The application: routes, middleware and what lives as long as the process."""

import gc
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from api.http.errors import answer_to
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
    "X-Request-Id",
    "X-App-Id",
)
_EXPOSED_HEADERS = ("Link", "Retry-After", "X-Request-Id")

_OBJECTS_BETWEEN_COLLECTIONS = 20_000


def build_app(settings: Settings) -> Starlette:
    """Return the application that serves the contract with these settings."""
    name_apps(settings.metrics_apps)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            services = await stack.enter_async_context(open_services(settings))
            if settings.worker_in_api:
                work = working(settings, services.database, services.gateway)
                await stack.enter_async_context(work)
            app.state.services = services
            # All that is there by now stays. Every few thousand requests a collection that looks
            # through all of it would stop them for a quarter of a second.
            gc.collect()
            gc.freeze()
            # Nearly all garbage is gone without it.
            gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
            yield

    app = Starlette(
        routes=ROUTES,
        lifespan=lifespan,
        # Those of Starlette itself; what a route raises, the route answers.
        exception_handlers={HTTPException: answer_to},
        middleware=[
            Middleware(RequestRecord, hashes=AccountHashes(settings.service_keys[0].key)),
            Middleware(
                Cors,
                allow_origins=settings.cors_origins,
                allow_methods=("GET", "POST", "PUT", "PATCH", "DELETE"),
                allow_headers=_REQUEST_HEADERS,
                expose_headers=_EXPOSED_HEADERS,
            ),
        ],
    )
    # A redirect would be built from the Host header, and most clients drop the body of a POST.
    app.router.redirect_slashes = False
    return app
