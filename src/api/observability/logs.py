"""Structured logs: one JSON object a line on standard output, never a secret or a body in it."""

import asyncio
import logging
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import msgspec
import psycopg
from msgspec import UNSET, UnsetType

_MOST_FRAMES = 12
_FLUSH_SECONDS = 0.1

# Until it is answered.
_CLIENT_WENT_AWAY = 499

# Their INFO tells the addresses they call, with user ids in them.
_QUIET_LOGGERS = ("httpx", "httpcore", "psycopg.pool", "stripe")

_LEFT_OUT = frozenset(vars(logging.makeLogRecord({}))) | {
    "message",
    "asctime",
    "taskName",
    # uvicorn's message once more, with escape sequences.
    "color_message",
}


def configure_logs() -> None:
    """Send every log record of this process to standard output as JSON."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for name in _QUIET_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)


class JsonFormatter(logging.Formatter):
    """Formats a record as `{time, level, logger, message, requestId?, service?, …extra}`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line of JSON."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        request = request_line.get()
        if request is not None:
            line["requestId"] = request.request_id
            if request.service:
                line["service"] = request.service
        line |= {name: value for name, value in vars(record).items() if name not in _LEFT_OUT}
        if record.exc_info and record.exc_info[1]:
            line["exception"] = describe(record.exc_info[1])
        return msgspec.json.encode(line, enc_hook=str).decode()


class RequestLine(msgspec.Struct, rename="camel", kw_only=True):
    """The log line of one request, on which all that is noted of it stands while it is served.

    Its fields are those of any other line. Only a refused one goes out with the code, the app that
    it was for, and the account, of which a hash.
    """

    time: datetime | UnsetType = UNSET
    level: str = "info"
    logger: str = "api.requests"
    message: str = "request"
    request_id: str
    service: str | UnsetType = UNSET
    method: str
    route: str | None = None
    status: int = _CLIENT_WENT_AWAY
    ms: float = 0.0
    code: str | UnsetType = UNSET
    app: str | UnsetType = UNSET
    account: str | UnsetType = UNSET


# Of the request that is being served.
request_line: ContextVar[RequestLine | None] = ContextVar("request_line", default=None)


class RequestLog:
    """The log of requests: through `logging` a line would cost ten times as much."""

    def __init__(self) -> None:
        self._encoder = msgspec.json.Encoder()
        self._flushes = False

    def add(self, line: RequestLine) -> None:
        """Write a line; it goes out within a moment, with others."""
        sys.stdout.buffer.write(self._encoder.encode(line) + b"\n")
        if not self._flushes:
            self._flushes = True
            asyncio.get_running_loop().call_later(_FLUSH_SECONDS, self._flush)

    def _flush(self) -> None:
        self._flushes = False
        sys.stdout.flush()


def describe(error: BaseException) -> dict[str, Any]:
    """Return an exception as fields of a log line: type, text, trace, causes included.

    Of a database error only the sentence is told: its DETAIL repeats whole rows.
    """
    told: dict[str, Any] = {"type": type(error).__name__, "trace": _frames(error)}
    if isinstance(error, psycopg.Error):
        told["sqlstate"] = error.sqlstate
        told["text"] = error.diag.message_primary or str(error).partition("\n")[0]
    else:
        told["text"] = str(error)
    if error.__cause__ is not None and error.__cause__ is not error:
        told["cause"] = describe(error.__cause__)
    return told


def _frames(error: BaseException) -> list[str]:
    frames = traceback.extract_tb(error.__traceback__)[-_MOST_FRAMES:]
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
