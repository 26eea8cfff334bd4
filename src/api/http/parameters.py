"""Parameters in the path and the query of a request."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from urllib.parse import unquote
from uuid import UUID

import msgspec
from starlette.requests import Request

from api.http.errors import invalid_request
from api.http.fields import ID_PATTERN, Moment
from api.http.paging import DEFAULT_LIMIT, MOST_OFFSET, MOST_ROWS, Page

_ID = re.compile(ID_PATTERN)
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DIGITS = re.compile(r"[0-9]{1,19}")
_LOST_PLUS = re.compile(r":[0-9.]+ [0-9]{2}:[0-9]{2}\Z")

_ID_PROBLEM = "must be a text of 1 to 128 characters, none a control character"
_UUID_PROBLEM = "must be a UUID"
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
    value = parse_uuid(text)
    if value is None:
        raise invalid_request({name: _UUID_PROBLEM})
    return value


def parse_uuid(text: object) -> UUID | None:
    """Read a UUID in its usual form; Python's own parser takes braces and more."""
    return UUID(text) if isinstance(text, str) and _UUID.fullmatch(text) else None


def is_id(text: object) -> bool:
    """Return whether this can be the id of a user, guild or app."""
    return isinstance(text, str) and _ID.match(text) is not None


def _moment_problem(value: str) -> str:
    problem = "must be an RFC 3339 time with its offset"
    # In a query a plus is a space.
    return f"{problem}; its + is sent as %2B" if _LOST_PLUS.search(value) else problem


class Query:
    """Reads the query, collecting what is wrong with it until `check` is called."""

    def __init__(self, request: Request) -> None:
        self._values = request.query_params
        self._problems: dict[str, str] = {}

    def page(self) -> Page:
        """Read `limit`, `offset` and `cursor`."""
        return Page(
            limit=self._whole_number("limit", DEFAULT_LIMIT, 1, MOST_ROWS),
            offset=self._whole_number("offset", 0, 0, MOST_OFFSET, _OFFSET_PROBLEM),
            cursor=self._uuid("cursor"),
        )

    def identifier(self, name: str) -> str | None:
        """Read an id, or a word that has to be as plain as one."""
        value = self._values.get(name)
        if value is not None and not _ID.match(value):
            self._problems[name] = _ID_PROBLEM
        return value

    def moment(self, name: str) -> datetime | None:
        """Read an RFC 3339 time."""
        value = self._values.get(name)
        if value is None:
            return None
        try:
            return msgspec.convert(value, Moment)
        except msgspec.ValidationError:
            self._problems[name] = _moment_problem(value)
            return None

    def day(self, name: str) -> date | None:
        """Read a date such as 2026-01-31."""
        value = self._values.get(name)
        if value is None:
            return None
        try:
            return msgspec.convert(value, date)
        except msgspec.ValidationError:
            self._problems[name] = "must be a date such as 2026-01-31"
            return None

    def text(self, name: str) -> str | None:
        """Read a text."""
        value = self._values.get(name)
        if value is not None and "\0" in value:
            self._problems[name] = "must be a text without NUL characters"
        return value

    def choice(self, name: str, choices: Sequence[str]) -> str | None:
        """Read one of a few words."""
        value = self._values.get(name)
        if value is not None and value not in choices:
            self._problems[name] = f"must be one of {', '.join(choices)}"
        return value

    def check(self) -> None:
        """Refuse the request if anything read so far was wrong.

        Raises:
            ApiError: 400 invalid_request whose details name each parameter.
        """
        if self._problems:
            raise invalid_request(self._problems)

    def _whole_number(
        self, name: str, default: int, least: int, most: int, problem: str | None = None
    ) -> int:
        value = self._values.get(name)
        if value is None:
            return default
        if not _DIGITS.fullmatch(value) or not least <= int(value) <= most:
            self._problems[name] = problem or f"must be a whole number from {least} to {most}"
            return default
        return int(value)

    def _uuid(self, name: str) -> UUID | None:
        value = self._values.get(name)
        if value is None:
            return None
        parsed = parse_uuid(value)
        if parsed is None:
            self._problems[name] = _UUID_PROBLEM
        return parsed
