"""All routes of the service."""

from starlette.routing import Route

from api.routes import gifts, guilds, health, internal, personal, purchases, webhooks

ROUTES: list[Route] = [
    *personal.ROUTES,
    *internal.ROUTES,
    *guilds.ROUTES,
    *gifts.ROUTES,
    *purchases.ROUTES,
    *webhooks.ROUTES,
    *health.ROUTES,
]
