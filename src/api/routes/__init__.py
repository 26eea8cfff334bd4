"""All routes of the service."""

from starlette.routing import Route

from api.pages import gift as gift_page
from api.routes import (
    explain,
    gifts,
    guilds,
    health,
    internal,
    metrics,
    personal,
    purchases,
    reservations,
    statements,
    webhooks,
)

ROUTES: list[Route] = [
    *personal.ROUTES,
    *statements.ROUTES,
    *internal.ROUTES,
    *reservations.ROUTES,
    *explain.ROUTES,
    *guilds.ROUTES,
    *gifts.ROUTES,
    *gift_page.ROUTES,
    *purchases.ROUTES,
    *webhooks.ROUTES,
    *health.ROUTES,
    *metrics.ROUTES,
]
