"""Parameters in the path and the query of a request."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Annotated, Any
from urllib.parse import unquote
from uuid import UUID

import msgspec
from msgspec import Meta
from starlette.requests import Request

from api.http.errors import invalid_request
from api.http.fields import ID_PATTERN, Id, Moment, Text
from api.http.paging import DEFAULT_LIMIT, MOST_OFFSET, MOST_ROWS

_ID = re.compile(ID_PATTERN)
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DIGITS = re.compile(r"[0-9]{1,19}")
_LOST_PLUS = re.compile(r":[0-9.]+ [0-9]{2}:[0-9]{2}\Z")

_ID_PROBLEM = "must be a text of 1 to 128 characters, none a control character"
_OFFSET_PROBLEM = (
    f"must be a whole number from 0 to {MOST_OFFSET};"
    " what lies deeper is reached by the cursor that the Link of each page has"
)


def path_text(request: Request, name: str) -> str | None:
    """Return a path parameter, decoded; None if it is not UTF-8."""
    raw: str = request.path_params[name]
    try:
        return unquote(raw, errors="strict")
    except UnicodeDecodeError:
        return None


def path_id(request: Request, name: str) -> str:
    """Return a path parameter that is the id of a user or guild.

    Raises:
        ApiError: 400 invalid_request.
    """
    value = path_text(request, name)
    if value is None or not _ID.match(value):
        raise invalid_request({name: _ID_PROBLEM})
    return value


def path_uuid(request: Request, name: str) -> UUID:
    """Return a path parameter that is one of our own ids.

    Raises:
        ApiError: 400 invalid_request.
    """
    return uuid_of(name, request.path_params[name])


def uuid_of(name: str, text: str) -> UUID:
    """Return a field or parameter that is one of our own ids.

    Raises:
        ApiError: 400 invalid_request.
    """
    try:
        return _uuid(text)
    except ValueError as problem:
        raise invalid_request({name: str(problem)}) from None


def parse_uuid(text: object) -> UUID | None:
    """Read a UUID in its usual form; Python's own parser takes braces and more."""
    return UUID(text) if isinstance(text, str) and _UUID.fullmatch(text) else None


def is_id(text: object) -> bool:
    """Return whether this can be the id of a user, guild or app."""
    return isinstance(text, str) and _ID.match(text) is not None


@dataclass(slots=True)
class Parameter:
    """A parameter of the query; all of them are optional.

    Attributes:
        type: Its type, by which it is read and documented; by itself an id or a word like one.
        argument: The parameter of functions that it goes to.
        choices: The only words that it may be.
        default: The value in its place.
    """

    name: str
    type: Any
    description: str
    argument: str | None = None
    choices: Sequence[str] = ()
    default: Any = None
    _reader: Callable[[str], Any] = field(init=False)

    def __post_init__(self) -> None:
        """Find what reads it."""
        self._reader = _READERS.get(self.type, _id)

    def read(self, text: str) -> Any:
        """Return the value that the query has.

        Raises:
            ValueError: It is something else; the text says what it must be.
        """
        if self.choices and text not in self.choices:
            raise ValueError(f"must be one of {', '.join(self.choices)}")
        return self._reader(text)


def read_query(request: Request, parameters: Sequence[Parameter]) -> dict[str, Any]:
    """Return the value of each parameter, None or its default without one.

    Raises:
        ApiError: 400 invalid_request whose details name each parameter that is wrong.
    """
    # Most requests have none, and to find that out in Starlette's way costs more than all of this.
    given = request.query_params if request.scope["query_string"] else {}
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for parameter in parameters:
        text = given.get(parameter.name)
        try:
            value = parameter.default if text is None else parameter.read(text)
        except ValueError as problem:
            problems[parameter.name] = str(problem)
        else:
            values[parameter.name] = value
    if problems:
        raise invalid_request(problems)
    return values


def _id(text: str) -> str:
    if not _ID.match(text):
        raise ValueError(_ID_PROBLEM)
    return text


def _moment(text: str) -> datetime:
    try:
        return msgspec.convert(text, Moment)
    except msgspec.ValidationError:
        problem = "must be an RFC 3339 time with its offset"
        # In a query a plus is a space.
        hint = "; its + is sent as %2B" if _LOST_PLUS.search(text) else ""
        raise ValueError(problem + hint) from None


def _day(text: str) -> date:
    try:
        return msgspec.convert(text, date)
    except msgspec.ValidationError:
        raise ValueError("must be a date such as 2026-01-31") from None


def _text(text: str) -> str:
    if "\0" in text:
        raise ValueError("must be a text without NUL characters")
    return text


def _uuid(text: str) -> UUID:
    if not _UUID.fullmatch(text):
        raise ValueError("must be a UUID")
    return UUID(text)


def _whole_number(least: int, most: int, problem: str, text: str) -> int:
    if not _DIGITS.fullmatch(text) or not least <= int(text) <= most:
        raise ValueError(problem)
    return int(text)


Limit = Annotated[int, Meta(ge=1, le=MOST_ROWS, extra_json_schema={"default": DEFAULT_LIMIT})]
Offset = Annotated[int, Meta(ge=0, le=MOST_OFFSET, extra_json_schema={"default": 0})]

_READERS: Mapping[Any, Callable[[str], Any]] = {
    Id: _id,
    Text: _text,
    str: _text,
    Moment: _moment,
    date: _day,
    UUID: _uuid,
    Limit: partial(_whole_number, 1, MOST_ROWS, f"must be a whole number from 1 to {MOST_ROWS}"),
    Offset: partial(_whole_number, 0, MOST_OFFSET, _OFFSET_PROBLEM),
}

PAGE = (
    Parameter("limit", Limit, "How many rows at most.", "p_limit", default=DEFAULT_LIMIT),
    Parameter(
        "offset",
        Offset,
        "How many rows to pass over; what lies deeper is reached by following `Link`.",
        "p_offset",
        default=0,
    ),
    Parameter(
        "cursor",
        UUID,
        "The id of the last row of the page before, as `Link` has it.",
        "p_cursor",
    ),
)

AT = Parameter("at", Moment, "A time in the past; without it, now.", "p_at")
