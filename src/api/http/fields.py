"""Types of the fields that requests and answers carry; descriptions tell what is expected.

They hold what the database can store at all. What a value means, and its range, is the
database's rule.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, get_args, get_origin

import msgspec
from msgspec import Meta

# Far wider than any amount that the database accepts: the range is its rule. These only keep a
# number such as 1e999999999 from being written out in full on its way there.
_MOST_DIGITS_BEFORE_POINT = 20
_MOST_DIGITS_AFTER_POINT = 30


class FreeText(str):
    """A text that only decorates what it comes with: it is kept as far as it can be."""

    __slots__ = ()


class Credits(Decimal):
    """An amount of credits in a request: a JSON number, kept exact."""


def from_json(wanted: type, value: Any) -> Any:
    """Turn a decoded JSON value into an amount or a free text (msgspec's `dec_hook`).

    Raises:
        ValueError: It is not a number, or has more digits than any amount.
        TypeError: It is no text.
    """
    if wanted is FreeText:
        if not isinstance(value, str):
            raise TypeError("must be a text")
        return FreeText(value.replace("\0", "\ufffd"))
    if type(value) is not int and type(value) is not Decimal:
        raise ValueError("must be a number")
    amount = Credits(value)
    exponent = amount.as_tuple().exponent
    is_wide = amount.adjusted() >= _MOST_DIGITS_BEFORE_POINT
    if is_wide or not isinstance(exponent, int) or exponent < -_MOST_DIGITS_AFTER_POINT:
        raise ValueError("is out of range")
    return amount


_PLAIN_TYPES = {str: "a text", FreeText: "a text", int: "a whole number", bool: "true or false"}


def told(**schema: Any) -> Meta:
    """Document what the database will check of a value; here it is not checked."""
    return Meta(extra_json_schema=schema)


# No control character, and no lone surrogate, which JSON can spell and UTF-8 cannot.
PLAIN_CHARACTER = r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]"

ID_PATTERN = rf"^{PLAIN_CHARACTER}{{1,128}}\Z"

Id = Annotated[
    str,
    Meta(pattern=ID_PATTERN, description="a text of 1 to 128 characters, none a control character"),
]

Text = Annotated[str, Meta(pattern=r"^[^\x00]*\Z", description="a text without NUL characters")]

Key = Annotated[
    str,
    Meta(
        pattern=r"^[^\x00]{1,255}\Z",
        description="a text of 1 to 255 characters without NUL characters",
    ),
]

Count = Annotated[
    int, Meta(ge=-(2**31), le=2**31 - 1, description="a whole number of at most 32 bits")
]

Moment = Annotated[
    datetime,
    Meta(tz=True, description="an RFC 3339 time with its offset, such as 2026-01-31T12:00:00Z"),
]

_A_NUMBER_OF_CREDITS = "a number of credits, written as a JSON number"

Amount = Annotated[
    Credits, Meta(description=_A_NUMBER_OF_CREDITS, extra_json_schema={"exclusiveMinimum": 0})
]

Limit = Annotated[Credits, Meta(description=_A_NUMBER_OF_CREDITS, extra_json_schema={"minimum": 0})]


Quantity = Annotated[
    Credits,
    Meta(description="a number, written as a JSON number", extra_json_schema={"minimum": 0}),
]


class Item(msgspec.Struct, rename="camel"):
    """An operation that has a price, and how much of it; 1 if not given."""

    operation: Id
    quantity: Quantity | None = None


Items = Annotated[list[Item], told(minItems=1, maxItems=100)]

Metadata = Annotated[
    msgspec.Raw,
    Meta(
        description="a JSON object",
        extra_json_schema={"type": ["object", "null"], "additionalProperties": True},
    ),
]


LINES: dict[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "operation": {"type": "string"},
            "unit": {"type": "string"},
            "quantity": {"type": "number"},
            "unitPrice": {"type": "number"},
            "per": {"type": "number"},
            "step": {"type": "number"},
            "minimum": {"type": "number"},
            "amount": {"type": "number"},
        },
        "required": ["operation", "quantity", "amount"],
    },
}

Lines = Annotated[msgspec.Raw, told(**LINES)]

# In the schema of a type, the range that the database holds a value to.
TOLD_RANGE = "told_range"


def within(least: int, most: int, otherwise: str = "") -> Meta:
    """Document which whole numbers the database will take, and the default."""
    return told(
        # Not as minimum and maximum, in whose place those of the type would be told.
        **{TOLD_RANGE: {"minimum": least, "maximum": most}},
        description=f"A whole number from {least} to {most}{otherwise}.",
    )


def cut(most_characters: int, **schema: Any) -> Meta:
    """Document after how many characters the database cuts a free text."""
    return told(
        description=f"Free text: longer ones are cut after {most_characters} characters; halves of"
        " characters, and control characters but line breaks and tabs, become U+FFFD.",
        **schema,
    )


Description = Annotated[FreeText, cut(1000)]

# In its usual form: what reads a UUID, here and elsewhere, takes others too.
UUID_PATTERN = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z"

UuidText = Annotated[
    str, Meta(pattern=UUID_PATTERN, description="a UUID", extra_json_schema={"format": "uuid"})
]

# msgspec has no Raw that may also be None, and cannot describe one as a plain default.
NO_METADATA: Any = msgspec.field(default_factory=msgspec.Raw)


def parts_of(wanted: Any) -> Iterator[Any]:
    """Yield a type, its annotations, and the same of all types that it is made of."""
    yield wanted
    yield from getattr(wanted, "__metadata__", ())
    for part in get_args(wanted):
        if not isinstance(part, Meta):
            yield from parts_of(part)


def is_struct(part: Any) -> bool:
    """Return whether a type is that of a JSON object with fields of its own."""
    return isinstance(part, type) and issubclass(part, msgspec.Struct)


def described(wanted: Any) -> str:
    """Say what a type expects: its own words, or those of the plain type."""
    for part in parts_of(wanted):
        if isinstance(part, Meta) and part.description:
            return part.description
        if get_origin(part) is list:
            return "a list"
        if get_origin(part) is dict:
            return f"an object in which each name is {described(get_args(part)[0])}"
        if is_struct(part):
            names = [each.encode_name for each in msgspec.structs.fields(part) if each.required]
            return f"an object with {', '.join(names)}" if names else "an object"
    return next((_PLAIN_TYPES[part] for part in parts_of(wanted) if part in _PLAIN_TYPES), "valid")
