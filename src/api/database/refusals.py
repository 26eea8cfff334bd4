"""From what the database says to what the caller is told: SQLSTATE → status and code."""

from collections.abc import Mapping
from typing import Final

import msgspec
import psycopg

from api.http.error_codes import ERROR_CODES
from api.http.errors import ApiError, invalid_request

# Raised by our functions; their message and DETAIL go out as they are.
REFUSALS: Final[Mapping[str, str]] = {
    state: code for code, told in ERROR_CODES.items() for state in told.states.split()
}

# Values that PostgreSQL itself cannot read or hold, JSON nested too deeply among them; psycopg
# refuses some of them itself, without a SQLSTATE.
_UNREADABLE = frozenset({"22P02", "22P05", "22003", "22021", "22001", "22007", "22008", "54001"})

# The same of a call with metadata, which alone are sent as they came in. All else was decoded by
# types that let nothing through that cannot be stored.
_METADATA_PROBLEMS = {
    "22003": "must not contain numbers beyond the range of a double",
    "54001": "is nested too deeply",
}

# Serialization failure and deadlock: nothing has happened, so the same call can be made again.
# A cached plan that a deployment has outdated is refused before it runs (0A000).
RETRIABLE = frozenset({"40001", "40P01", "0A000"})

_BUSY = frozenset({"40001", "40P01", "55P03"})

# It goes down or comes up, has no connection, disk or memory left, or cannot read or write its
# files. Or it is a standby, to which a failover leaves one talking for a moment.
_AWAY = frozenset(
    {"57P01", "57P02", "57P03", "57P05", "53000", "53100", "53200", "53300", "58030", "25006"}
)
_CANCELLED = "57014"

# Citus has no SQLSTATE for another node that went away during a call, or before it had confirmed a
# commit. It says so in words, which are not translated.
_UNNAMED = "XX000"
_NODE_ASKED = "while executing command on "
_NODE_LOST = ("failure on connection marked as essential", "could not commit transaction for shard")


def overloaded() -> ApiError:
    """503: there is more to do than can be done now."""
    return ApiError("overloaded", "The service is busy, please try again")


def database_unavailable() -> ApiError:
    """503: the database cannot be reached."""
    return ApiError("database_unavailable", "The database is not available")


def timed_out() -> ApiError:
    """504: the database took too long; whether the call took effect is not known."""
    return ApiError("timeout", "The call took too long")


def refusal_of(error: psycopg.Error, *, with_metadata: bool = False) -> ApiError | None:
    """Return what the caller is told about a database error; None if it is our own mistake.

    Args:
        error: The error.
        with_metadata: True if the call that failed had metadata.
    """
    state = error.sqlstate or ""
    if state in REFUSALS:
        message = error.diag.message_primary or REFUSALS[state]
        return refusal_told(state, message, details_of(error.diag.message_detail))
    if with_metadata and state in _METADATA_PROBLEMS:
        return invalid_request({"metadata": _METADATA_PROBLEMS[state]})
    if state in _UNREADABLE or (isinstance(error, psycopg.DataError) and not state):
        return invalid_request({}, "A value cannot be stored")
    if state in _BUSY:
        return overloaded()
    if state == _CANCELLED:
        return timed_out()
    if _is_connection_failure(error):
        return database_unavailable()
    return None


def refusal_told(state: str, message: str, details: msgspec.Raw | None) -> ApiError:
    """Return the refusal that one of our functions raised or returned, by its SQLSTATE."""
    if state in _BUSY:
        return overloaded()
    code = REFUSALS[state]
    retry_after = None
    if code == "too_many_attempts" and details is not None:
        retry_after = msgspec.json.decode(details)["retryAfterSeconds"]
    return ApiError(code, message, details, retry_after)


def had_no_effect(error: psycopg.Error) -> bool:
    """Return whether a statement certainly changed nothing, and may be split into smaller ones.

    The server refused it, or psycopg did before it was sent. A lost connection tells nothing; a
    statement that was cancelled has had its time.
    """
    if error.sqlstate is None:
        return isinstance(error, psycopg.DataError | psycopg.ProgrammingError)
    return error.sqlstate != _CANCELLED and not _is_connection_failure(error)


def spoils(error: psycopg.Error) -> bool:
    """Return whether a call that failed so would have failed a whole batch as well."""
    # It failed because of others, and may do better by itself.
    waited_in_vain = error.sqlstate in _BUSY | RETRIABLE
    return had_no_effect(error) and not waited_in_vain and error.sqlstate not in REFUSALS


def details_of(text: str | None) -> msgspec.Raw | None:
    """Pass the DETAIL on as the JSON text that it is: its numbers are exact."""
    return msgspec.Raw(text) if text else None


def _is_connection_failure(error: psycopg.Error) -> bool:
    state = error.sqlstate
    if state is None:
        return isinstance(error, psycopg.OperationalError)
    return state in _AWAY or state.startswith("08") or (state == _UNNAMED and _lost_a_node(error))


def _lost_a_node(error: psycopg.Error) -> bool:
    message = error.diag.message_primary or ""
    return _NODE_ASKED in (error.diag.context or "") or message.startswith(_NODE_LOST)
