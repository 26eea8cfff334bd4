"""Request bodies: bounded, JSON, and of the shape that a route declares."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, Generic, TypeVar, get_args, get_origin

import msgspec
from msgspec import UNSET
from starlette.requests import Request

from api.http.errors import ApiError, invalid_request, request_timeout, too_large
from api.http.fields import (
    Credits,
    Items,
    Metadata,
    described,
    from_json,
    is_struct,
    parts_of,
)
from api.http.texts import without_half_characters, without_nul

MOST_BYTES = 64 * 1024
# Services send more metadata, in which an escape may take three times the bytes of its character.
MOST_SERVICE_BYTES = 256 * 1024

# Of a service the database's own limit holds.
_MOST_BYTES_OF_USERS_METADATA = 8192

# From when the body is asked for until all of it is there.
RECEIVE_SECONDS = 10.0

# In the scope of a request that has come in to its last byte: nothing to wait for.
IS_COMPLETE = "api.is_complete"

# An amount of a request goes on as the plain number that it is.
_ENCODER = msgspec.json.Encoder(decimal_format="number", enc_hook=Decimal)

Shape = TypeVar("Shape", bound=msgspec.Struct)

_Members = dict[str, msgspec.Raw]
_Elements = list[msgspec.Raw]

# What msgspec raises on hostile input: its own errors and UnicodeDecodeError are ValueErrors.
# Nesting beyond the interpreter's limit is a RecursionError, and InvalidOperation an exponent
# beyond what a Decimal can hold.
_NOT_DECODABLE = (ValueError, RecursionError, InvalidOperation)


async def read_body(request: Request, most_bytes: int = MOST_BYTES) -> bytes:
    """Read the raw body.

    Starlette's own limit answers in plain text, and differently for a declared and a streamed
    body, so the bytes are counted here.

    Raises:
        ApiError: 413 body_too_large, before more than `most_bytes` are held; 408 request_timeout.
    """
    if IS_COMPLETE in request.scope:
        return await _all_of(request, most_bytes)
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > most_bytes:
        raise too_large("body_too_large", "body", most_bytes)
    try:
        async with asyncio.timeout(RECEIVE_SECONDS):
            return await _all_of(request, most_bytes)
    except TimeoutError:
        raise request_timeout() from None


async def _all_of(request: Request, most_bytes: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most_bytes:
            raise too_large("body_too_large", "body", most_bytes)
        chunks.append(chunk)
    return b"".join(chunks)


class Given(msgspec.Struct, rename="camel"):
    """The fields that callers give in a body."""

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of a function, whose parameters are named after the fields.

        Objects within it have no parameter, and the idempotency key may be in the header instead.

        Raises:
            ApiError: 400 invalid_request.
        """
        arguments: dict[str, Any] = {}
        for name, parameter, converted in _parameters(type(self)):
            value = getattr(self, name)
            if value is None or value is UNSET:
                arguments[parameter] = None
            else:
                arguments[parameter] = converted(value) if converted else value
        return arguments


@cache
def _parameters(shape: type[msgspec.Struct]) -> list[tuple[str, str, Callable[[Any], Any] | None]]:
    """Return the fields of a body with their parameters, and what makes arguments of values."""
    found = []
    for field in msgspec.structs.fields(shape):
        parts = list(parts_of(field.type))
        converted: Callable[[Any], Any] | None = None
        if Items in parts:
            converted = text_of
        elif Metadata in parts:
            converted = given
        elif any(map(is_struct, parts)) or field.name == "idempotency_key":
            continue
        found.append((field.name, f"p_{field.name}", converted))
    return found


def text_of(value: msgspec.Struct | Items | None) -> msgspec.Raw | None:
    """Return a part of a body as the JSON text that the database reads."""
    return None if value is None else msgspec.Raw(_ENCODER.encode(value))


def given(metadata: msgspec.Raw) -> msgspec.Raw | None:
    """Return the metadata of a body; none at all and a JSON null are the same."""
    text = bytes(metadata)
    return None if text in (b"", b"null") else msgspec.Raw(without_nul(text))


def require_small(metadata: msgspec.Raw) -> None:
    """Refuse a user's metadata that are large, without spaces and escapes as the database has them.

    Raises:
        ApiError: 400 invalid_request.
    """
    most, size = _MOST_BYTES_OF_USERS_METADATA, len(bytes(metadata))
    if size > most:
        with suppress(*_NOT_DECODABLE):
            size = len(_ENCODER.encode(_decoder(Any).decode(metadata)))
        if size > most:
            raise invalid_request({"metadata": f"must be at most {most} bytes as text"})


class Body(Generic[Shape]):
    """The JSON body of a route, described by a Struct; fields that it does not know are ignored.

    Built once at import: decoders are costly to make and cheap to use.

    Attributes:
        shape: The Struct.
        keyed: True if an idempotency key may come, in the body or the header.
    """

    def __init__(self, shape: type[Shape], most_bytes: int = MOST_BYTES) -> None:
        self.shape = shape
        self.keyed = "idempotency_key" in shape.__struct_fields__
        self._most_bytes = most_bytes
        self._decoder = _decoder(shape)

    async def read(self, request: Request) -> Shape:
        """Read, decode and check the body; an empty one counts as an empty object.

        Raises:
            ApiError: 413, or 400 invalid_request whose details name every wrong field.
        """
        raw = await read_body(request, self._most_bytes)
        if raw:
            _require_json(request)
        return self.decode(raw or b"{}")

    def decode(self, raw: bytes) -> Shape:
        """Decode and check a body that was read."""
        try:
            return self._decode(raw)
        except _NOT_DECODABLE:
            whole = without_half_characters(raw)
        try:
            return self._decode(whole)
        except _NOT_DECODABLE:
            raise self._explain(whole) from None

    def _decode(self, raw: bytes) -> Shape:
        raw.decode()
        shape: Shape = self._decoder.decode(raw)
        return shape

    def _explain(self, raw: bytes) -> ApiError:
        """Decode field by field, since a decoder stops at the first one that is wrong."""
        try:
            members = msgspec.json.decode(raw, type=_Members)
        except msgspec.ValidationError:
            return invalid_request({}, "The body must be a JSON object")
        except RecursionError:
            return invalid_request({}, "The body is nested too deeply")
        except ValueError:
            return invalid_request({}, "The body is not well-formed JSON")
        return invalid_request(_problems(self.shape, members))


def _require_json(request: Request) -> None:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in ("", "application/json"):
        raise invalid_request({}, "The body must be sent as application/json")


@cache
def _decoder(shape: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(shape, dec_hook=from_json, float_hook=Decimal)


def _problems(shape: type[msgspec.Struct], members: Mapping[str, msgspec.Raw]) -> dict[str, str]:
    """Say of each field that is wrong what is."""
    problems: dict[str, str] = {}
    for field in msgspec.structs.fields(shape):
        name = field.encode_name
        if name not in members:
            if field.required:
                problems[name] = "is missing"
        elif not _is_a(field.type, members[name]):
            problems[name] = _problem(field.type, members[name])
    return problems


def _problem(wanted: Any, value: msgspec.Raw) -> str:
    """Say what is wrong with a value, or with the first part of it that is."""
    for part in parts_of(wanted):
        if get_origin(part) in (list, dict):
            kind = get_args(part)[-1]
            for name, member in _inside(value, get_origin(part)).items():
                if not _is_a(kind, member):
                    return f"{name} {_problem(kind, member)}"
            break
        if is_struct(part) and _is_a(_Members, value):
            inner = _problems(part, _inside(value, dict))
            if inner:
                return "; ".join(f"{name} {problem}" for name, problem in inner.items())
    if Credits in parts_of(wanted) and bytes(value)[:1] in b"-0123456789":
        return "has more digits than any number of credits"
    return f"must be {described(wanted)}"


def _inside(value: msgspec.Raw, wanted: type) -> dict[str, msgspec.Raw]:
    """Return what a list or object has, by names; nothing if it is not what is wanted."""
    if wanted is dict:
        return msgspec.json.decode(value, type=_Members) if _is_a(_Members, value) else {}
    elements = msgspec.json.decode(value, type=_Elements) if _is_a(_Elements, value) else []
    return {f"item {place}": element for place, element in enumerate(elements, 1)}


def _is_a(wanted: Any, value: msgspec.Raw) -> bool:
    try:
        _decoder(wanted).decode(value)
    except _NOT_DECODABLE:
        return False
    return True
