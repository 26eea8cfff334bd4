"""Declarations of operations: what a route does, and all that is documented of it.

The routes are made from operations, and so is the OpenAPI document (`api.reference`).
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.http.bodies import Body
from api.http.fields import Moment
from api.http.paging import DEFAULT_LIMIT, MOST_OFFSET, MOST_ROWS

Handler = Callable[[Request], Awaitable[Response]]

JSON = "application/json"


class Caller(Enum):
    """A kind of caller; the value is what the reference calls the proof of it."""

    ANYONE = ""
    USER = "userToken"
    SERVICE = "serviceKey"
    STRIPE = "stripeSignature"
    SCRAPER = "metricsToken"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of the query; all of them are optional."""

    name: str
    type: Any
    description: str


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer.

    Attributes:
        description: What it means.
        shapes: Types of the JSON, one of which it has; none for an answer without JSON.
        other: Media types that there are besides or instead, with the types of their content.
        paged: Whether a `Link` may lead to a next page.
    """

    description: str
    shapes: Sequence[Any] = ()
    other: Mapping[str, Any] = field(default_factory=dict)
    paged: bool = False


# Not by value: two operations are never the same one.
@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Operation:
    """A method of a path.

    Attributes:
        method: HTTP method; HEAD goes with every GET.
        path: Path with its parameters in braces.
        handler: Serves it.
        name: Unique name, by which generated clients call it.
        tag: The chapter of the reference that it belongs to.
        summary: What it does, in one line.
        description: More about it.
        caller: Who may call it.
        body: What it reads.
        raw_body: The schema of a body that it reads otherwise.
        query: Parameters of its query.
        keyed: Whether an idempotency key may come in the header.
        answers: What it answers, by status.
        calls: Functions that it calls; what they refuse, it refuses, as their comments say.
        unmet: Codes among those that its calls never meet.
        refusals: Codes of its own errors; those that follow from the rest go without saying.
        needs_database: Whether it fails with the database.
        errors_also_as: Media type, besides JSON, that its errors may have.
    """

    method: str
    path: str
    handler: Handler
    name: str
    tag: str
    summary: str
    description: str = ""
    caller: Caller = Caller.ANYONE
    body: Body[Any] | None = None
    raw_body: Any = None
    query: Sequence[Parameter] = ()
    keyed: bool = False
    answers: Mapping[int, Answer]
    calls: Sequence[str] = ()
    unmet: Sequence[str] = ()
    refusals: Sequence[str] = ()
    needs_database: bool = True
    errors_also_as: str | None = None


class OperationRoute(Route):
    """The route of an operation."""

    def __init__(self, operation: Operation) -> None:
        super().__init__(operation.path, operation.handler, methods=[operation.method])
        self.operation = operation


PAGE = (
    Parameter(
        "limit",
        Annotated[int, Meta(ge=1, le=MOST_ROWS, extra_json_schema={"default": DEFAULT_LIMIT})],
        "How many rows at most.",
    ),
    Parameter(
        "offset",
        Annotated[int, Meta(ge=0, le=MOST_OFFSET, extra_json_schema={"default": 0})],
        "How many rows to pass over; what lies deeper is reached by following `Link`.",
    ),
    Parameter(
        "cursor",
        UUID,
        "The id of the last row of the page before, as `Link` has it.",
    ),
)

AT = Parameter("at", Moment, "A time in the past; without it, now.")

# What somebody who may not do that with a guild's pool is answered.
MEMBERS_ONLY = ("not_a_guild_member", "auth_unavailable")
MANAGERS_ONLY = (*MEMBERS_ONLY, "guild_role_required")
