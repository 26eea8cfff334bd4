"""All routes of the service."""

from starlette.routing import Route

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
    *purchases.ROUTES,
    *webhooks.ROUTES,
    *health.ROUTES,
    *metrics.ROUTES,
]
