"""A request becomes a call: who calls, what they give, and which arguments that makes.

The order is: the caller, the path, the query, the body, the idempotency key, and last the right to
a guild's pool. Whatever is wrong first is refused. A handler does what is left to do. Most
operations have none, since what they answer is what a function returns.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, Generic, TypeVar, get_args, get_origin

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from api.database.client import Functions
from api.http.answers import encoded, json_answer
from api.http.bodies import Body
from api.http.errors import answer_to
from api.http.idempotency import idempotency_key
from api.http.operations import Caller, Operation, Right
from api.http.paging import Listed, Page, page_answer
from api.http.parameters import path_id, path_uuid, read_query
from api.identity.membership import require_manager, require_member, require_self_or_manager
from api.identity.service_keys import Service
from api.identity.tokens import User
from api.services import services_of

Shape = TypeVar("Shape")
Row = TypeVar("Row", bound=msgspec.Struct)


class Call(Generic[Shape]):
    """A call of an operation.

    Attributes:
        operation: The operation to be called.
        request: The request itself.
        services: Services of this process.
        functions: Functions of the database, as the caller may call them.
        user: The user who calls, if it is one.
        service: The service that calls, if it is one.
        body: The fields of the body.
        query: The values of the query, by name.
        arguments: All that was given, by the parameters of functions.
    """

    body: Shape
    user: User

    def __init__(self, operation: Operation, request: Request) -> None:
        self.operation = operation
        self.request = request
        self.services = services_of(request)
        self.functions: Functions = self.services.database
        self.service: Service | None = None
        self.query: dict[str, Any] = {}
        self.arguments: dict[str, Any] = {**operation.constants}

    @property
    def page(self) -> Page:
        """The page that is asked for."""
        return Page(self.query["limit"], self.query["offset"], self.query["cursor"])

    def give(self, arguments: Mapping[str, Any]) -> None:
        """Add arguments; of two for one parameter the one that is there already counts."""
        self.arguments = {**arguments, **self.arguments}

    async def one(self, shape: type[Row], **more: Any) -> Row:
        """Call the operation's function with all that was given, and return its row."""
        function = self.operation.function
        return await self.functions.one(function, shape, **{**self.arguments, **more})

    async def many(self, shape: type[Row], **more: Any) -> list[Row]:
        """Call the operation's function with all that was given, and return its rows."""
        function = self.operation.function
        return await self.functions.many(function, shape, **{**self.arguments, **more})


own_credits = partial(Operation, tag="Personal credits", caller=Caller.USER, user_as="p_user_id")
guild_pool = partial(Operation, tag="Guild pools", caller=Caller.USER)
for_services = partial(Operation, tag="Services: credits", caller=Caller.SERVICE)

_IDS_IN_PATHS = {"userId": "p_user_id", "guildId": "p_organization_id", "name": "p_name"}


class OperationRoute(Route):
    """The route of an operation."""

    def __init__(self, operation: Operation) -> None:
        self._answer = operation.endpoint or self._call
        super().__init__(operation.path, self._answer, methods=[operation.method])
        if operation.endpoint is None:
            self._handler = operation.handler or _answer_of_function(operation)
        self.operation = operation
        # Starlette's own way to an endpoint handles errors by three closures more.
        self.app = self._serve

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        try:
            response = await self._answer(request)
        except Exception as error:
            response = await answer_to(request, error)
        await response(scope, receive, send)

    async def _call(self, request: Request) -> Response:
        call: Call[Any] = Call(self.operation, request)
        await _recognise_caller(call)
        _read_path(call)
        if self.operation.query:
            _read_query(call)
        if self.operation.body is not None:
            await _read_body(call, self.operation.body)
        if self.operation.right is not None:
            await _require_right(call, self.operation.right)
        answer = await self._handler(call)
        return answer if isinstance(answer, Response) else json_answer(answer)


async def _recognise_caller(call: Call[Any]) -> None:
    callers, operation = call.services.callers, call.operation
    if operation.caller is Caller.SERVICE:
        call.service = await callers.service(call.request)
        call.functions = call.services.database.called_by(call.service.name)
    elif operation.caller is Caller.USER:
        find = callers.admin if operation.right is Right.ADMIN else callers.user
        call.user = await find(call.request)
        if operation.user_as:
            call.give({operation.user_as: call.user.id})


def _read_path(call: Call[Any]) -> None:
    for name in call.request.path_params:
        if name == "id":
            call.give({call.operation.id_as: path_uuid(call.request, name)})
        elif name in _IDS_IN_PATHS:
            call.give({_IDS_IN_PATHS[name]: path_id(call.request, name)})


def _read_query(call: Call[Any]) -> None:
    parameters = call.operation.query
    call.query = read_query(call.request, parameters)
    call.give({one.argument: call.query[one.name] for one in parameters if one.argument})


async def _read_body(call: Call[Any], body: Body[Any]) -> None:
    """Read the body, and the key from it or from the header; a service's app is its own."""
    call.body = await body.read(call.request)
    call.give(call.body.arguments())
    if body.keyed:
        key = idempotency_key(call.request, call.body.idempotency_key)
        call.arguments["p_idempotency_key"] = key
    if call.service is not None and call.arguments.get("p_app_id", "") is None:
        call.arguments["p_app_id"] = call.service.app_id


async def _require_right(call: Call[Any], right: Right) -> None:
    """Refuse who has no right to the pool of the guild in the path."""
    if right is Right.ADMIN:
        return
    memberships = call.services.memberships
    guild_id, user_id = call.arguments["p_organization_id"], call.user.id
    if right is Right.MEMBER:
        await require_member(memberships, guild_id, user_id)
    elif right is Right.MANAGER:
        await require_manager(memberships, guild_id, user_id)
    else:
        member_id = call.arguments["p_user_id"]
        await require_self_or_manager(memberships, guild_id, user_id, member_id)


def _answer_of_function(operation: Operation) -> Callable[[Call[Any]], Awaitable[Any]]:
    """Return what answers with the function's row, its rows, or a page of them."""
    answer = operation.answers[200]
    [shape] = answer.shapes
    function = operation.function
    if get_origin(shape) is not list:
        return lambda call: call.functions.one(function, shape, **call.arguments)
    [row] = get_args(shape)
    if answer.paged:
        return lambda call: list_page(call, row, function)
    return lambda call: call.functions.many(function, row, **call.arguments)


async def list_page(call: Call[Any], row: type[msgspec.Struct], function: str) -> Response:
    """Answer with a page of the list that a function returns."""
    arguments = {**call.arguments, **call.page.arguments()}
    items = await call.functions.items(function, row, **arguments)
    return _page(call, items)


def page_of_rows(call: Call[Any], rows: Sequence[Any]) -> Response:
    """Answer with a page of rows that have an id, found by the arguments of the page."""
    return _page(call, [(str(row.id), encoded(row).decode()) for row in rows])


def _page(call: Call[Any], items: Sequence[Listed]) -> Response:
    return page_answer(call.request, call.page, items, call.services.settings.base_url)
