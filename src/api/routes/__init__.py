"""The routes of the service."""

from starlette.routing import Route

from api.pages import desk as desk_page
from api.pages import gift as gift_page
from api.pages import start as start_page
from api.routes import (
    alerts,
    desk,
    explain,
    gifts,
    guilds,
    health,
    internal,
    limits,
    metrics,
    personal,
    prices,
    purchases,
    reference,
    reservations,
    statements,
    stories,
    webhooks,
)
from api.routes.calls import OperationRoute

# A request is compared with one route after the other: those that services call most come early.
OPERATIONS = [
    *personal.OPERATIONS,
    *internal.OPERATIONS,
    *reservations.OPERATIONS,
    *prices.OPERATIONS,
    *statements.OPERATIONS,
    *purchases.OPERATIONS,
    *guilds.OPERATIONS,
    *alerts.OPERATIONS,
    *limits.OPERATIONS,
    *gifts.OPERATIONS,
    *gift_page.OPERATIONS,
    *explain.OPERATIONS,
    *stories.OPERATIONS,
    *desk.OPERATIONS,
    *desk_page.OPERATIONS,
    *webhooks.OPERATIONS,
    *health.OPERATIONS,
    *metrics.OPERATIONS,
    *reference.OPERATIONS,
    *start_page.OPERATIONS,
]

ROUTES: list[Route] = [OperationRoute(operation) for operation in OPERATIONS]
