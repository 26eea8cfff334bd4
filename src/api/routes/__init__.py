"""The routes of the service."""

from starlette.routing import Route

from api.http.operations import Operation
from api.pages import desk as desk_page
from api.pages import gift as gift_page
from api.pages import start as start_page
from api.routes import (
    alerts,
    desk,
    gifts,
    guilds,
    internal,
    limits,
    prices,
    process,
    purchases,
    reference,
    reservations,
    statements,
    usage,
)
from api.routes.calls import OperationRoute

_MODULES = (
    usage,
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
    desk,
    desk_page,
    process,
    reference,
    start_page,
)

# A request is compared with one route after the other, so what is called all day comes first.
_BUSIEST = (
    "useCredits",
    "getBalance",
    "useCreditsForUser",
    "getBalanceOfUser",
    "useGuildPool",
    "reserveCredits",
    "commitReservation",
    "captureReservation",
    "listTransactions",
)


def _rank(operation: Operation) -> int:
    return _BUSIEST.index(operation.name) if operation.name in _BUSIEST else len(_BUSIEST)


OPERATIONS = sorted(
    (operation for module in _MODULES for operation in module.OPERATIONS), key=_rank
)
ROUTES: list[Route] = [OperationRoute(operation) for operation in OPERATIONS]
