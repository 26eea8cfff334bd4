"""JSON answers: amounts as exact JSON numbers, times as RFC 3339 in UTC."""

from decimal import Decimal
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType
from starlette.responses import Response

_ENCODER = msgspec.json.Encoder(decimal_format="number")

ALREADY_PROCESSED = "Transaction already processed"


class BalanceOnly(msgspec.Struct, rename="camel"):
    """A balance right after a call."""

    balance: Decimal


def repeated(replayed: bool) -> str | UnsetType:
    """Return the message of an answer that repeats an earlier one; other answers have none."""
    return ALREADY_PROCESSED if replayed else UNSET


def json_answer(content: Any, status: int = 200) -> Response:
    """Return the answer whose body is `content`: a Struct, dict or list of them."""
    return Response(_ENCODER.encode(content), status, media_type="application/json")
