"""Declarations of operations: what a route does, and all that is documented of it.

The routes are made from operations (`api.routes.calls`), and so is the OpenAPI document
(`tools/openapi`).
"""

import inspect
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from enum import Enum
from functools import partial
from typing import Any

from api.http.bodies import Body
from api.http.parameters import IN_PATHS, Parameter

JSON = "application/json"


class Caller(Enum):
    """A kind of caller; the value is what the reference calls the proof of it."""

    ANYONE = ""
    USER = "userToken"
    SERVICE = "serviceKey"
    STRIPE = "stripeSignature"
    SCRAPER = "metricsToken"


class Right(Enum):
    """A right that a user needs; all but the first are rights to the guild that a call names."""

    ADMIN = "administrators"
    MEMBER = "members of the guild"
    MANAGER = "its owners and admins"
    ONESELF_OR_MANAGER = "these and the member"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer.

    Attributes:
        shapes: Types of the JSON, one of which it has; none for an answer without JSON.
        other: Media types that there are besides or instead, with the types of their content.
    """

    description: str
    shapes: Sequence[Any] = ()
    other: Mapping[str, Any] = field(default_factory=dict)


# Not by value: two operations are never the same one.
@dataclass(slots=True, eq=False)
class Operation:
    """A method of a path.

    Attributes:
        route: HTTP method and path, its parameters in braces; HEAD goes with every GET.
        summary: A line on what it does; by default the first one that its handler's docstring has.
        name: Unique name, by which generated clients call it; by default that of its function,
            else of its handler, in camel case.
        tag: The chapter of the reference that it belongs to.
        answers: Its answers, by status.
        right: The right that a user needs besides.
        raw_body: The schema of a body that it reads otherwise.
        user_as: The function's parameter that a user goes to.
        id_as: The function's parameter that the path's `id` goes to.
        constants: Arguments that are always the same.
        handler: Serves a call (`api.call`); by default the function's rows are the answer.
        calls: Other functions that it calls; what they refuse, it refuses, as their comments say.
        unmet: Codes among those that its calls never meet.
        refusals: Codes of its own errors; those that follow from the rest go without saying.
        needs_database: True if it fails with the database.
        errors_also_as: Media type, besides JSON, that its errors may have.
        method, path: The two halves of `route`, the path with its prefix.
        in_path: The parameters of the path.
        keyed: True if an idempotency key may come, in the body or the header.
        paged: True if a `Link` may lead to a next page.
    """

    route: str
    summary: str = ""
    _: KW_ONLY
    name: str = ""
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
    calls: Sequence[str] = ()
    unmet: Sequence[str] = ()
    refusals: Sequence[str] = ()
    needs_database: bool = True
    errors_also_as: str | None = None
    method: str = field(init=False)
    path: str = field(init=False)
    in_path: Sequence[Parameter] = field(init=False)
    keyed: bool = field(init=False)
    paged: bool = field(init=False)

    def __post_init__(self) -> None:
        """Derive what goes without saying."""
        self.method, _, path = self.route.partition(" ")
        self.path = self.prefix + path
        named_after = self.function.partition(".")[2] or getattr(self.handler, "__name__", "")
        first, *others = named_after.split("_")
        self.name = self.name or first + "".join(map(str.capitalize, others))
        told = inspect.getdoc(self.handler) or ""
        self.summary = self.summary or told.partition("\n")[0].removesuffix(".")
        found = [IN_PATHS[name] for name in re.findall(r"{(\w+)}", self.path)]
        self.in_path = [replace(one, argument=one.argument or self.id_as) for one in found]
        self.keyed = self.body is not None and self.body.keyed
        self.paged = any(parameter.name == "cursor" for parameter in self.query)


# What the process says of itself, with or without the database.
of_process = partial(Operation, tag="Operation", prefix="", needs_database=False)

own_credits = partial(Operation, tag="Personal credits", caller=Caller.USER, user_as="p_user_id")
guild_pool = partial(Operation, tag="Guild pools", caller=Caller.USER)
for_services = partial(Operation, tag="Services: credits", caller=Caller.SERVICE)
