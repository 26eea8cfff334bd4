"""A request becomes a call: who calls, what they give, and which arguments that makes.

It is looked at in this order: who calls, the path, the query, the body, the idempotency key, and
last whether a guild lets the user do it. A handler gets what is left to do; most operations have
none, since what they answer is what a function returns.
"""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Generic, TypeVar, get_args, get_origin

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.database.client import Functions
from api.http.answers import encoded, json_answer
from api.http.idempotency import idempotency_key
from api.http.operations import Caller, Operation, Right
from api.http.paging import Listed, Page, page_answer
from api.http.parameters import path_id, path_uuid, read_query
from api.identity.guild_policy import require_manager, require_member, require_self_or_manager
from api.identity.service_keys import Service
from api.identity.tokens import User
from api.services import services_of

Shape = TypeVar("Shape")
Row = TypeVar("Row", bound=msgspec.Struct)


class Call(Generic[Shape]):
    """A call of an operation.

    Attributes:
        operation: What is called.
        request: The request itself.
        services: Services of this process.
        functions: Functions of the database, as the caller may call them.
        service: The service that calls, if it is one.
        body: What the body gives.
        query: What the query gives, by name.
        arguments: All that was given, by the parameters of functions.
    """

    body: Shape

    def __init__(self, operation: Operation, request: Request) -> None:
        self.operation = operation
        self.request = request
        self.services = services_of(request)
        self.functions: Functions = self.services.database
        self.service: Service | None = None
        self.query: dict[str, Any] = {}
        self.arguments: dict[str, Any] = {**operation.constants}
        self._user: User | None = None

    @property
    def user(self) -> User:
        """The user who calls."""
        assert self._user is not None  # noqa: S101
        return self._user

    @property
    def page(self) -> Page:
        """The page that is asked for."""
        return Page(self.query["limit"], self.query["offset"], self.query["cursor"])

    async def one(self, shape: type[Row], **more: Any) -> Row:
        """Call the operation's function with all that was given, and return its row."""
        function = self.operation.function
        return await self.functions.one(function, shape, **{**self.arguments, **more})

    async def many(self, shape: type[Row], **more: Any) -> list[Row]:
        """Call the operation's function with all that was given, and return its rows."""
        function = self.operation.function
        return await self.functions.many(function, shape, **{**self.arguments, **more})

    async def recognise_caller(self) -> None:
        """Find out who calls.

        Raises:
            ApiError: 401, 403 admin_required or 503, as `Callers` says.
        """
        callers, operation = self.services.callers, self.operation
        if operation.caller is Caller.SERVICE:
            self.service = callers.service(self.request)
            self.functions = self.services.database.called_by(self.service.name)
        elif operation.caller is Caller.USER:
            wanted = callers.admin if operation.right is Right.ADMIN else callers.user
            self._user = await wanted(self.request)
            if operation.user_as:
                self.arguments[operation.user_as] = self._user.id

    def read_path(self) -> None:
        """Read the ids that the path names.

        Raises:
            ApiError: 400 invalid_request.
        """
        for name in self.request.path_params:
            if name == "id":
                self.arguments[self.operation.id_as] = path_uuid(self.request, name)
            elif name in _IDS_IN_PATHS:
                self.arguments[_IDS_IN_PATHS[name]] = path_id(self.request, name)

    def read_query(self) -> None:
        """Read the query, as far as the operation has parameters.

        Raises:
            ApiError: 400 invalid_request.
        """
        parameters = self.operation.query
        if parameters:
            self.query = read_query(self.request, parameters)
            self.arguments |= {
                each.argument: self.query[each.name] for each in parameters if each.argument
            }

    async def read_body(self) -> None:
        """Read the body, and the key from it or from the header.

        Raises:
            ApiError: 400 invalid_request, 408 request_timeout or 413 body_too_large.
        """
        body = self.operation.body
        if body is None:
            return
        self.body = given = await body.read(self.request)
        self.arguments |= given.arguments()
        if self.operation.keyed:
            key = idempotency_key(self.request, given.idempotency_key)
            self.arguments["p_idempotency_key"] = key
        if self.service is not None and self.arguments.get("p_app_id", "") is None:
            self.arguments["p_app_id"] = self.service.app_id

    async def require_right(self) -> None:
        """Refuse who has no right to the pool of the guild in the path.

        Raises:
            ApiError: 403, or 503 auth_unavailable.
        """
        right = self.operation.right
        if right in (None, Right.ADMIN):
            return
        memberships = self.services.memberships
        guild_id, user_id = self.arguments["p_organization_id"], self.user.id
        if right is Right.MEMBER:
            await require_member(memberships, guild_id, user_id)
        elif right is Right.MANAGER:
            await require_manager(memberships, guild_id, user_id)
        else:
            member_id = self.arguments["p_user_id"]
            await require_self_or_manager(memberships, guild_id, user_id, member_id)


own_credits = partial(Operation, tag="Personal credits", caller=Caller.USER, user_as="p_user_id")
guild_pool = partial(Operation, tag="Guild pools", caller=Caller.USER)
for_services = partial(Operation, tag="Services: credits", caller=Caller.SERVICE)

_IDS_IN_PATHS = {"userId": "p_user_id", "guildId": "p_organization_id"}


class OperationRoute(Route):
    """The route of an operation."""

    def __init__(self, operation: Operation) -> None:
        endpoint = operation.endpoint
        if endpoint is None:
            self._handler = operation.handler or _answer_of_function(operation)
            endpoint = self._serve
        super().__init__(operation.path, endpoint, methods=[operation.method])
        self.operation = operation

    async def _serve(self, request: Request) -> Response:
        call: Call[Any] = Call(self.operation, request)
        await call.recognise_caller()
        call.read_path()
        call.read_query()
        await call.read_body()
        await call.require_right()
        answer = await self._handler(call)
        return answer if isinstance(answer, Response) else json_answer(answer)


def _answer_of_function(operation: Operation) -> Callable[[Call[Any]], Awaitable[Any]]:
    """Return what answers with the function's row, its rows, or a page of them."""
    answer = operation.answers[200]
    [shape] = answer.shapes
    if get_origin(shape) is not list:
        return lambda call: call.one(shape)
    [row] = get_args(shape)
    if answer.paged:
        return lambda call: list_page(call, row)
    return lambda call: call.many(row)


async def list_page(call: Call[Any], row: type[msgspec.Struct], function: str = "") -> Response:
    """Answer with a page of the list that a function returns, by default the operation's."""
    arguments = {**call.arguments, **call.page.arguments()}
    items = await call.functions.items(function or call.operation.function, row, **arguments)
    return _page(call, items)


def page_of_rows(call: Call[Any], rows: Sequence[Any]) -> Response:
    """Answer with a page of rows that have an id, found by the arguments of the page."""
    return _page(call, [(str(row.id), encoded(row).decode()) for row in rows])


def _page(call: Call[Any], items: Sequence[Listed]) -> Response:
    return page_answer(call.request, call.page, items, call.services.settings.base_url)
