"""JSON answers: amounts as exact JSON numbers, times as RFC 3339 in UTC."""

from decimal import Decimal
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType
from starlette.responses import Response

_ENCODER = msgspec.json.Encoder(decimal_format="number")

COLUMNS = "columns"


def columns(*names: str) -> Meta:
    """Name the columns that a field is read from, where it is not one of its own name.

    None at all, one, or those of a part's fields (`api.database.shapes`).
    """
    return Meta(extra={COLUMNS: names})


# Always true, and no column.
Success = Annotated[bool, columns()]

# Only ever told where it is true.
REPLAYED = Meta(extra_json_schema={"const": True})
Replayed = Annotated[bool, REPLAYED] | UnsetType


class BalanceOnly(msgspec.Struct, rename="camel"):
    """A balance right after a call."""

    balance: Decimal


class Repeatable(msgspec.Struct, rename="camel", kw_only=True):
    """An answer to a call that moves credits: it tells when it repeats an earlier one."""

    message: Annotated[str, columns()] | UnsetType = UNSET
    replayed: Replayed = UNSET

    def __post_init__(self) -> None:
        """Say it for people too."""
        if self.replayed:
            self.message = "Transaction already processed"


class Succeeded(Repeatable, kw_only=True):
    """An answer that may be a repetition, with `success`, which is always true."""

    success: Success = True


class Debit(Succeeded, kw_only=True):
    """An answer to a debit, by which it is counted."""

    def debited(self) -> tuple[str, Decimal] | None:
        """Return the kind of the debit and the credits that it took; None if it took none."""
        raise NotImplementedError


def json_answer(content: Any, status: int = 200) -> Response:
    """Return the answer whose body is `content`: a Struct, dict or list of them."""
    return Response(encoded(content), status, media_type="application/json")


def encoded(content: Any) -> bytes:
    """Return the JSON of `content`; see `json_answer`."""
    return _ENCODER.encode(content)
