"""A request becomes a call: who calls, what they give, and which arguments that makes.

The order is: the caller, the path, the query, the body, the idempotency key, and last the right to
a guild's pool. Whatever is wrong first is refused. A handler does what is left to do. Most
operations have none, since what they answer is what a function returns.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, get_args, get_origin

import msgspec
from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from api.call import Call
from api.http.answers import Debit, encoded, json_answer
from api.http.bodies import Body
from api.http.errors import answer_to, method_not_allowed
from api.http.operations import Caller, Operation, Right
from api.http.paging import Listed, Page, array_answer
from api.http.parameters import PAGE, Parameter, idempotency_key, read_path, read_query
from api.identity.membership import require_manager, require_member
from api.observability.metrics import count_debit


class OperationRoute(Route):
    """The route of an operation."""

    def __init__(self, operation: Operation) -> None:
        super().__init__(operation.path, self._answer, methods=[operation.method])
        self.operation = operation
        self._handler = operation.handler or _answer_of_function(operation)
        self._named = [parameter for parameter in operation.in_path if parameter.argument]

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request for the path; Starlette's own way is by five closures more."""
        request = Request(scope, receive, send)
        try:
            if self.methods and request.method not in self.methods:
                response = method_not_allowed(request)
            else:
                response = await self._answer(request)
        except Exception as error:
            response = answer_to(error)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        call: Call[Any] = Call(self.operation, request)
        await _recognise_caller(call)
        if self._named:
            _give(call, self._named, read_path(request, self._named))
        if self.operation.query:
            call.query = read_query(request, self.operation.query)
            _give(call, self.operation.query, call.query)
        if self.operation.paged:
            call.page = Page(*(call.query[one.name] for one in PAGE))
            call.arguments.update(call.page.arguments())
        if self.operation.body is not None:
            await _read_body(call, self.operation.body)
        if self.operation.right is not None:
            await _require_right(call, self.operation.right)
        answer = await self._handler(call)
        if isinstance(answer, Debit) and (debited := answer.debited()) is not None:
            count_debit(*debited, replayed=bool(answer.replayed))
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


def _give(call: Call[Any], parameters: Sequence[Parameter], values: dict[str, Any]) -> None:
    call.give({one.argument: values[one.name] for one in parameters if one.argument})


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
    """Refuse who has no right to the pool of the guild in the path, or in the body, if one is."""
    if right is Right.ADMIN:
        return
    parameter = "p_guild_id" if "p_guild_id" in call.arguments else "p_organization_id"
    guild_id = call.arguments[parameter]
    if guild_id is None:
        return
    oneself = right is Right.ONESELF_OR_MANAGER and call.arguments["p_user_id"] == call.user.id
    require = require_member if right is Right.MEMBER or oneself else require_manager
    await require(call.services.memberships, guild_id, call.user.id)


def _answer_of_function(operation: Operation) -> Callable[[Call[Any]], Awaitable[Any]]:
    """Return what answers with the function's row, its rows, or a page of them."""
    [shape] = operation.answers[200].shapes
    function = operation.function
    if get_origin(shape) is not list:
        return lambda call: call.functions.one(function, shape, **call.arguments)
    [row] = get_args(shape)
    if operation.paged:
        return lambda call: list_page(call, row, function)
    return lambda call: call.functions.many(function, row, **call.arguments)


async def list_page(call: Call[Any], row: type[msgspec.Struct], function: str) -> Response:
    """Answer with a page of the list that a function returns."""
    return _page(call, await call.functions.items(function, row, **call.arguments))


def page_of_rows(call: Call[Any], rows: Sequence[Any]) -> Response:
    """Answer with a page of rows that have an id."""
    return _page(call, [(str(row.id), encoded(row).decode()) for row in rows])


def _page(call: Call[Any], items: Sequence[Listed]) -> Response:
    rows, following = call.page.cut(items)
    return linked(call, following, array_answer(rows))


def linked(call: Call[Any], following: Page | None, answer: Response) -> Response:
    """Return an answer with a `Link` to the next page, with the same path and filters, if any."""
    if following is not None:
        base, request = call.services.settings.base_url, call.request
        url = URL(f"{base}{request.scope['path']}?{request.url.query}")
        next_offset = {"offset": following.offset} if following.offset else {}
        url = url.remove_query_params(["offset", "cursor"])
        url = url.include_query_params(cursor=following.cursor, **next_offset)
        answer.headers["Link"] = f'<{url}>; rel="next"'
    return answer
