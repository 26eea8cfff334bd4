"""The idempotency key of a call, from its body or its header."""

from starlette.requests import Request

from api.http.errors import invalid_request
from api.http.parameters import header_text

LONGEST_KEY = 255


def idempotency_key(request: Request, in_body: str | None) -> str | None:
    """Return the key of this call, or None if it has none.

    Raises:
        ApiError: 400 invalid_request: the header is malformed, or differs from the body's key.
    """
    in_header = header_text(request, "Idempotency-Key")
    if in_header is None:
        return in_body
    if not 1 <= len(in_header) <= LONGEST_KEY:
        raise invalid_request({"Idempotency-Key": f"must be 1 to {LONGEST_KEY} characters"})
    if in_body is not None and in_body != in_header:
        raise invalid_request({"idempotencyKey": "must be the same in body and header"})
    return in_header
