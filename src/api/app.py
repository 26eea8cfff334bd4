"""The application: routes, middleware and what lives as long as the process."""

import gc
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.types import ASGIApp

from api.observability.logs import RequestLog
from api.observability.metrics import name_apps
from api.observability.refusals import AccountHashes
from api.routes import ROUTES
from api.server.middleware import Cors, ErrorAnswers, RequestRecord
from api.server.routing import TreeRouter
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


class _Application(Starlette):
    """Starlette without the middleware of its own: ErrorAnswers does what that does."""

    def build_middleware_stack(self) -> ASGIApp:
        """Return the router inside our own middleware."""
        app: ASGIApp = self.router
        for each in reversed(self.user_middleware):
            app = each.cls(app, *each.args, **each.kwargs)
        return app


def build_app(settings: Settings) -> Starlette:
    """Return the application that serves the contract with these settings."""
    request_log = RequestLog(sys.stdout)
    if settings.metrics_apps:
        name_apps(settings.metrics_apps)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            stack.enter_context(request_log)
            services = await stack.enter_async_context(open_services(settings))
            if settings.worker_in_api:
                work = working(settings, services.database, services.gateway)
                await stack.enter_async_context(work)
            app.state.services = services
            # What is there by now stays. Looking through all of it again and again for what
            # could be thrown away would stop every request for tens of milliseconds.
            gc.collect()
            gc.freeze()
            # Nearly all garbage is gone without it; every 700 objects it costs 2% of the time.
            gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
            yield

    app = _Application(
        middleware=[
            Middleware(
                RequestRecord,
                log=request_log,
                hashes=AccountHashes(settings.service_keys[0].key),
            ),
            Middleware(
                Cors,
                allow_origins=settings.cors_origins,
                allow_methods=("GET", "POST", "PUT", "DELETE"),
                allow_headers=_REQUEST_HEADERS,
                expose_headers=_EXPOSED_HEADERS,
            ),
            Middleware(ErrorAnswers),
        ],
    )
    app.router = TreeRouter(ROUTES, lifespan=lifespan)
    return app
