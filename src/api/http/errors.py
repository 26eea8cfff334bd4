"""The one shape of every error: `{statusCode, code, message, details?}`."""

import logging
from http import HTTPStatus
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

from api.http.answers import json_answer
from api.http.error_codes import ERROR_CODES
from api.observability.refusals import note_refusal

logger = logging.getLogger("api.requests")


class ApiError(Exception):
    """A refusal; its code says which status it has.

    Attributes:
        status: HTTP status code.
        code: Stable name of the error, one of `ERROR_CODES`.
        message: A sentence for people.
        details: Anything JSON, or None for no details.
        retry_after: Seconds after which another try makes sense, or None.
    """

    def __init__(
        self, code: str, message: str, details: Any = None, retry_after: int | None = None
    ) -> None:
        super().__init__(code)
        self.status = ERROR_CODES[code].status
        self.code = code
        self.message = message
        self.details = details
        self.retry_after = retry_after or ERROR_CODES[code].retry_after


def invalid_request(details: dict[str, str], message: str = "") -> ApiError:
    """400: the request has the wrong shape.

    Args:
        details: Each wrong field with its problem; the first is what the message says.
        message: The message where no field is to blame.
    """
    if details:
        field, problem = next(iter(details.items()))
        message = f"{field} {problem}"
    return ApiError("invalid_request", message, details or None)


def request_timeout() -> ApiError:
    """408: the request, or the rest of it, did not come in time."""
    return ApiError("request_timeout", "The request took too long to come in")


def too_large(code: str, what: str, most_bytes: int) -> ApiError:
    """413 or 431: a part of the request is too long."""
    message = f"The {what} is larger than {most_bytes} bytes"
    return ApiError(code, message, {"maxBytes": most_bytes})


def error_answer(error: ApiError) -> Response:
    """Return the answer that tells the error, which is counted and logged."""
    note_refusal(error.code)
    body = {"statusCode": error.status, "code": error.code, "message": error.message}
    if error.details is not None:
        body["details"] = error.details
    answer = json_answer(body, error.status)
    if error.retry_after is not None:
        answer.headers["Retry-After"] = str(error.retry_after)
    if error.status == HTTPStatus.UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = "Bearer"
    if error.status == HTTPStatus.REQUEST_TIMEOUT:
        answer.headers["Connection"] = "close"
    return answer


def answer_to(error: Exception) -> Response:
    """Answer a request that ended in an exception: a refusal, or a mistake of ours."""
    if isinstance(error, ClientDisconnect):
        # Nobody is left to read this: the client went away while it sent its body.
        error = ApiError("invalid_request", "The request ended too early")
    return error_answer(told_of(error))


def told_of(error: Exception) -> ApiError:
    """Return what is told of an exception: a refusal, or that it was a mistake of ours."""
    if isinstance(error, ApiError):
        return error
    logger.exception("unexpected error", exc_info=error)
    return ApiError("internal_error", "Something went wrong on our side")


async def no_such_route(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request for a path that no route has."""
    answer = error_answer(ApiError("not_found", "There is no such route"))
    await answer(scope, receive, send)


def method_not_allowed(request: Request) -> Response:
    """Answer a request for a path whose routes have other methods: all of them are named."""
    methods: set[str] = set()
    for route in request.scope["router"].routes:
        if isinstance(route, Route) and route.matches(request.scope)[0] is not Match.NONE:
            methods |= route.methods or set()
    allowed = ", ".join(sorted(methods))
    answer = error_answer(ApiError("method_not_allowed", f"This route has only {allowed}"))
    answer.headers["Allow"] = allowed
    return answer
