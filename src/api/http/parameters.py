"""Parameters in the path, the query and the headers of a request."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from urllib.parse import unquote

import msgspec
from msgspec import Meta
from starlette.requests import Request

from api.http.errors import invalid_request
from api.http.fields import ID_PATTERN, Id, Moment, UuidText, described, told
from api.http.paging import DEFAULT_LIMIT, MOST_OFFSET, MOST_ROWS

_ID = re.compile(ID_PATTERN)
_DIGITS = re.compile(r"[0-9]{1,19}")
_LONGEST_KEY = 255
_LOST_PLUS = re.compile(r":[0-9.]+ [0-9]{2}:[0-9]{2}\Z")

Limit = Annotated[
    int,
    Meta(
        ge=1,
        le=MOST_ROWS,
        description=f"a whole number from 1 to {MOST_ROWS}",
        extra_json_schema={"default": DEFAULT_LIMIT},
    ),
]
Offset = Annotated[
    int,
    Meta(
        ge=0,
        le=MOST_OFFSET,
        description=f"a whole number from 0 to {MOST_OFFSET}; what lies deeper is reached by the"
        " cursor that the Link of each page has",
        extra_json_schema={"default": 0},
    ),
]
Day = Annotated[date, Meta(description="a date such as 2026-01-31")]


def is_id(text: object) -> bool:
    """Return whether this can be the id of a user, guild or app."""
    return isinstance(text, str) and _ID.match(text) is not None


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a path, or of a query, where it may be left out unless it is required.

    Attributes:
        type: Its type, by which it is read and documented.
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
    required: bool = False

    def read(self, text: str) -> Any:
        """Return the value that a text means.

        Raises:
            ValueError: It is something else; the text says what it must be.
        """
        if self.type is Id and _ID.match(text):
            # Most are ids, and msgspec reads a type anew for every value.
            return text
        value: Any = text
        if self.choices and text not in self.choices:
            raise ValueError(f"must be one of {', '.join(self.choices)}")
        if (self.type is Limit or self.type is Offset) and _DIGITS.fullmatch(text):
            value = int(text)
        try:
            return msgspec.convert(value, self.type)
        except msgspec.ValidationError:
            # In a query a plus is a space.
            lost = self.type is Moment and _LOST_PLUS.search(text)
            hint = "; its + is sent as %2B" if lost else ""
            raise ValueError(f"must be {described(self.type)}{hint}") from None


def choice(name: str, description: str, *words: str) -> Parameter:
    """Return a parameter of a query that is one of these words, by default the first."""
    kind = Annotated[str, told(enum=words, default=words[0])]
    return Parameter(name, kind, description, choices=words, default=words[0])


def header_text(request: Request, name: str) -> str | None:
    """Return a header, read as UTF-8 like the body; Starlette would read it as Latin-1.

    Raises:
        ApiError: 400 invalid_request: it is not UTF-8, or given twice with different values.
    """
    wanted = name.lower().encode()
    given = {value for header, value in request.headers.raw if header == wanted}
    if len(given) > 1:
        raise invalid_request({name: "must be given once"})
    try:
        return given.pop().decode() if given else None
    except UnicodeDecodeError:
        raise invalid_request({name: "must be UTF-8"}) from None


def idempotency_key(request: Request, in_body: str | None) -> str | None:
    """Return the idempotency key of a call, from its header or its body, or None if it has none.

    Raises:
        ApiError: 400 invalid_request: the header is malformed, or differs from the body's key.
    """
    in_header = header_text(request, "Idempotency-Key")
    if in_header is None:
        return in_body
    if not 1 <= len(in_header) <= _LONGEST_KEY:
        raise invalid_request({"Idempotency-Key": f"must be 1 to {_LONGEST_KEY} characters"})
    if in_body is not None and in_body != in_header:
        raise invalid_request({"idempotencyKey": "must be the same in body and header"})
    return in_header


def path_text(request: Request, name: str) -> str:
    """Return a path parameter, decoded; bytes that are no UTF-8 are lone surrogates in it."""
    return unquote(request.path_params[name], errors="surrogateescape")


def read_path(request: Request, parameters: Sequence[Parameter]) -> dict[str, Any]:
    """Return the value of each parameter by its name.

    Raises:
        ApiError: 400 invalid_request whose details name each parameter that is wrong.
    """
    return _read(parameters, {one.name: path_text(request, one.name) for one in parameters})


def read_query(request: Request, parameters: Sequence[Parameter]) -> dict[str, Any]:
    """Return the value of each parameter by its name, None or its default without one.

    Raises:
        ApiError: 400 invalid_request whose details name each parameter that is wrong.
    """
    # Most requests have none, and to find that out in Starlette's way costs more than all of this.
    return _read(parameters, request.query_params if request.scope["query_string"] else {})


def _read(parameters: Sequence[Parameter], given: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for parameter in parameters:
        text = given.get(parameter.name)
        if parameter.required and not text:
            problems[parameter.name] = "is missing"
            continue
        try:
            values[parameter.name] = parameter.default if text is None else parameter.read(text)
        except ValueError as problem:
            problems[parameter.name] = str(problem)
    if problems:
        raise invalid_request(problems)
    return values


_A_NAME = Annotated[str, Meta(min_length=1)]
_OF_PATHS = (
    Parameter("guildId", Id, "The guild.", "p_organization_id"),
    Parameter("userId", Id, "The user.", "p_user_id"),
    # Of what, the operation says.
    Parameter("id", UuidText, "The id that the list or the answer to its creation tells."),
    Parameter("code", _A_NAME, "The gift's code; lower case, spaces and hyphens are forgiven."),
    Parameter("name", Id, "The name of the service's keys.", "p_name"),
    Parameter("file", _A_NAME, "The name of the file."),
)
IN_PATHS: Mapping[str, Parameter] = {parameter.name: parameter for parameter in _OF_PATHS}

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
        UuidText,
        "The id of the last row of the page before, as `Link` has it.",
        "p_cursor",
    ),
)

AT = Parameter("at", Moment, "A time in the past; without it, now.", "p_at")
