"""Serve the API: `python -m api`, configured by the environment."""

import os
import socket
import sys

import uvicorn

from api.app import build_app
from api.logs import configure_logs
from api.preflight import check_database
from api.protocol import GatheringProtocol
from api.settings import SettingsError, read_settings

# Longer than most proxies keep a connection, so that it is they who close an idle one.
_KEEP_ALIVE_SECONDS = 75

# Requests under way may end; the longest ones wait for Stripe.
_SHUTDOWN_SECONDS = 30


def main() -> int:
    """Serve until told to stop, and return the exit status."""
    try:
        settings = read_settings(os.environ)
        listener = _listen(settings.port)
        check_database(settings)
    except SettingsError as error:
        print(f"mana-credits cannot start: {error}", file=sys.stderr)  # noqa: T201
        return 1
    configure_logs()
    # No limit_concurrency: its refusals are plain text without CORS headers. The queue for
    # database connections is bounded instead, and refuses with a 503 of our own shape.
    config = uvicorn.Config(
        build_app(settings),
        port=settings.port,
        loop="uvloop",
        http=GatheringProtocol,
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        # What one request has noted must not be there for the next one of its connection.
        reset_contextvars=True,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
    )
    server = uvicorn.Server(config)
    try:
        server.run(sockets=[listener])
    except KeyboardInterrupt:
        return 130
    return 0 if server.started else 1


def _listen(port: int) -> socket.socket:
    """Take the port before anything else is started.

    Raises:
        SettingsError: It cannot be opened.
    """
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("0.0.0.0", port))  # noqa: S104
    except OSError as error:
        listener.close()
        raise SettingsError(f"PORT is {port}, which cannot be opened: {error.strerror}") from None
    return listener


if __name__ == "__main__":
    sys.exit(main())
