"""The one shape of every error: `{statusCode, code, message, details?}`."""

import logging
import re
from http import HTTPStatus
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match, Route

from api.http.answers import json_answer
from api.observability.refusals import note_refusal

logger = logging.getLogger("api.requests")


class ApiError(Exception):
    """A refusal with its HTTP status.

    Attributes:
        status: HTTP status code.
        code: Stable name of the error, documented for callers.
        message: A sentence for people.
        details: Anything JSON, or None for no details.
        retry_after: Seconds after which another try makes sense, or None.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        details: Any = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message
        self.details = details
        self.retry_after = retry_after


def invalid_request(details: dict[str, str], message: str = "") -> ApiError:
    """400: the request has the wrong shape.

    Args:
        details: Each wrong field with its problem; the first is what the message says.
        message: The message where no field is to blame.
    """
    if details:
        field, problem = next(iter(details.items()))
        message = f"{field} {problem}"
    return ApiError(400, "invalid_request", message, details or None)


def not_found(code: str, message: str) -> ApiError:
    """404 with the code of what was not found."""
    return ApiError(404, code, message)


def unauthenticated(message: str) -> ApiError:
    """401: nobody we know, or not proven."""
    return ApiError(401, "unauthenticated", message)


def forbidden(code: str, message: str) -> ApiError:
    """403: known, and not allowed to."""
    return ApiError(403, code, message)


def unavailable(code: str, message: str, retry_after: int) -> ApiError:
    """503: something we depend on is away; worth another try in `retry_after` seconds."""
    return ApiError(503, code, message, retry_after=retry_after)


def request_timeout() -> ApiError:
    """408: the request, or the rest of it, did not come in time."""
    return ApiError(408, "request_timeout", "The request took too long to come in")


def head_too_large(most_bytes: int) -> ApiError:
    """431: the request line and the header fields are too long."""
    return ApiError(
        431,
        "request_header_fields_too_large",
        f"The head of the request is larger than {most_bytes} bytes",
        {"maxBytes": most_bytes},
    )


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


def internal_error() -> ApiError:
    """500: our own mistake, of which nothing is shown."""
    return ApiError(500, "internal_error", "Something went wrong on our side")


async def answer_to(request: Request, error: Exception) -> Response:
    """Answer a request that ended in an exception: one of `ANSWERED`, or a mistake of ours."""
    match error:
        case ApiError():
            return error_answer(error)
        case HTTPException():
            return _answer_to_http_exception(request, error)
        case ClientDisconnect():
            # Nobody is left to read this: the client went away while it sent its body.
            return error_answer(ApiError(400, "invalid_request", "The request ended too early"))
    logger.exception("unexpected error", exc_info=error)
    return error_answer(internal_error())


ANSWERED: Final = (ApiError, HTTPException, ClientDisconnect)


def _answer_to_http_exception(request: Request, error: HTTPException) -> Response:
    """Answer what Starlette itself refuses: an unknown path, a method that a path lacks."""
    if error.status_code == HTTPStatus.NOT_FOUND:
        return error_answer(not_found("not_found", "There is no such route"))
    message = phrase = HTTPStatus(error.status_code).phrase
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_allowed_methods(request))
        message = f"This route has only {headers['Allow']}"
    code = re.sub(r"[^a-z]+", "_", phrase.lower())
    answer = error_answer(ApiError(error.status_code, code, message))
    answer.headers.update(headers)
    return answer


def _allowed_methods(request: Request) -> list[str]:
    """Return all methods of a path: Starlette names those of the first route that matches."""
    methods: set[str] = set()
    for route in request.app.routes:
        if isinstance(route, Route) and route.matches(request.scope)[0] is not Match.NONE:
            methods |= route.methods or set()
    return sorted(methods)
