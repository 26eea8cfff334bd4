"""Declarations of operations: what a route does, and all that is documented of it.

The routes are made from operations, and so is the OpenAPI document (`api.reference`).
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from enum import Enum
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.http.bodies import Body
from api.http.parameters import Parameter

JSON = "application/json"


class Caller(Enum):
    """A kind of caller; the value is what the reference calls the proof of it."""

    ANYONE = ""
    USER = "userToken"
    SERVICE = "serviceKey"
    STRIPE = "stripeSignature"
    SCRAPER = "metricsToken"


class Right(Enum):
    """A right that a user needs; the value is who has it."""

    ADMIN = "administrators"
    MEMBER = "members of the guild"
    MANAGER = "owners and admins of the guild"
    ONESELF_OR_MANAGER = "the member, owners and admins of the guild"


MEMBERS_ONLY = ("not_a_guild_member",)
_MANAGERS_ONLY = (*MEMBERS_ONLY, "guild_role_required")

# The errors of callers without the right.
REFUSED: Mapping[Right, Sequence[str]] = {
    Right.ADMIN: ("admin_required",),
    Right.MEMBER: MEMBERS_ONLY,
    Right.MANAGER: _MANAGERS_ONLY,
    Right.ONESELF_OR_MANAGER: _MANAGERS_ONLY,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer.

    Attributes:
        description: Its meaning.
        shapes: Types of the JSON, one of which it has; none for an answer without JSON.
        other: Media types that there are besides or instead, with the types of their content.
        paged: True if a `Link` may lead to a next page.
    """

    description: str
    shapes: Sequence[Any] = ()
    other: Mapping[str, Any] = field(default_factory=dict)
    paged: bool = False


# Not by value: two operations are never the same one.
@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """A method of a path.

    Attributes:
        route: HTTP method and path, its parameters in braces; HEAD goes with every GET.
        name: Unique name, by which generated clients call it.
        summary: Its effect, in one line.
        tag: The chapter of the reference that it belongs to.
        prefix: The beginning of the path.
        answers: Its answers, by status.
        description: More about it.
        caller: The callers who may call it.
        right: The right that a user needs besides.
        body: The body that it reads.
        raw_body: The schema of a body that it reads otherwise.
        query: Parameters of its query.
        function: The function that it calls.
        user_as: The function's parameter that a user goes to.
        id_as: The function's parameter that the path's `id` goes to.
        constants: Arguments that are always the same.
        handler: Serves a call (`api.routes.calls`); by default the function's rows are the answer.
        endpoint: Serves a request as it is, in place of all that.
        calls: Other functions that it calls; what they refuse, it refuses, as their comments say.
        unmet: Codes among those that its calls never meet.
        refusals: Codes of its own errors; those that follow from the rest go without saying.
        needs_database: True if it fails with the database.
        errors_also_as: Media type, besides JSON, that its errors may have.
    """

    route: str
    name: str
    summary: str
    _: KW_ONLY
    tag: str
    prefix: str = "/api/v1"
    answers: Mapping[int, Answer]
    description: str = ""
    caller: Caller = Caller.ANYONE
    right: Right | None = None
    body: Body[Any] | None = None
    raw_body: Any = None
    query: Sequence[Parameter] = ()
    function: str = ""
    user_as: str | None = None
    id_as: str = ""
    constants: Mapping[str, Any] = field(default_factory=dict)
    handler: Callable[[Any], Awaitable[Any]] | None = None
    endpoint: Callable[[Request], Awaitable[Response]] | None = None
    calls: Sequence[str] = ()
    unmet: Sequence[str] = ()
    refusals: Sequence[str] = ()
    needs_database: bool = True
    errors_also_as: str | None = None

    @property
    def method(self) -> str:
        """The HTTP method."""
        return self.route.partition(" ")[0]

    @property
    def path(self) -> str:
        """The whole path."""
        return self.prefix + self.route.partition(" ")[2]

    @property
    def keyed(self) -> bool:
        """True if an idempotency key may come, in the body or the header."""
        return self.body is not None and self.body.keyed


# What the process says of itself, with or without the database.
of_process = partial(Operation, tag="Operation", prefix="", needs_database=False)
