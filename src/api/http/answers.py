"""JSON answers: amounts as exact JSON numbers, times as RFC 3339 in UTC."""

from decimal import Decimal
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType
from starlette.responses import Response

_ENCODER = msgspec.json.Encoder(decimal_format="number")

ALREADY_PROCESSED = "Transaction already processed"

# Only ever told where it is true.
Replayed = Annotated[bool, Meta(extra_json_schema={"const": True})] | UnsetType


class BalanceOnly(msgspec.Struct, rename="camel"):
    """A balance right after a call."""

    balance: Decimal


class Repeatable(msgspec.Struct, rename="camel", kw_only=True):
    """An answer to a call that moves credits: it tells when it repeats an earlier one."""

    message: str | UnsetType = UNSET
    replayed: Replayed = UNSET


def repeated(replayed: bool) -> dict[str, Any]:
    """Return what an answer that repeats an earlier one says of itself; other answers nothing."""
    return {"message": ALREADY_PROCESSED, "replayed": True} if replayed else {}


def json_answer(content: Any, status: int = 200) -> Response:
    """Return the answer whose body is `content`: a Struct, dict or list of them."""
    return Response(encoded(content), status, media_type="application/json")


def encoded(content: Any) -> bytes:
    """Return the JSON of `content`; see `json_answer`."""
    return _ENCODER.encode(content)
