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
_MODULES = (
    personal,
    internal,
    reservations,
    prices,
    statements,
    purchases,
    guilds,
    alerts,
    limits,
    gifts,
    gift_page,
    explain,
    stories,
    desk,
    desk_page,
    webhooks,
    health,
    metrics,
    reference,
    start_page,
)

OPERATIONS = [operation for module in _MODULES for operation in module.OPERATIONS]
ROUTES: list[Route] = [OperationRoute(operation) for operation in OPERATIONS]
