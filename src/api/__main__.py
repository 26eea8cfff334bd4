"""Serve the API: `python -m api`, configured by the environment."""

import logging
import os
import signal
import sys

import uvicorn

from api.app import build_app
from api.database.preflight import check_database
from api.observability.logs import configure_logs
from api.observability.version import VERSION
from api.server.reception import BoundedProtocol
from api.server.serving import Server, listen
from api.settings import SettingsError, read_settings

logger = logging.getLogger("api")

# Longer than most proxies keep a connection, so that it is they who close an idle one.
_KEEP_ALIVE_SECONDS = 75

# Requests under way may end; the longest ones wait for Stripe.
_SHUTDOWN_SECONDS = 30


def main() -> int:
    """Serve until told to stop, and return the exit status."""
    try:
        settings = read_settings(os.environ)
        listeners = listen(settings.host, settings.port)
        check_database(settings)
    except SettingsError as error:
        print(f"mana-credits cannot start: {error}", file=sys.stderr)  # noqa: T201
        return 1
    configure_logs()
    addresses = [listener.getsockname()[:2] for listener in listeners]
    logger.info("mana-credits starts", extra={"version": VERSION, "addresses": addresses})
    # No limit_concurrency: its refusals are plain text without CORS headers. The queue for
    # database connections is bounded instead, and refuses with a 503 of our own shape.
    config = uvicorn.Config(
        build_app(settings),
        loop="uvloop",
        http=BoundedProtocol,
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        # Notes of one request must not reach the next one of its connection.
        reset_contextvars=True,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
    )
    server = Server(config)
    # uvicorn itself looks to SIGTERM and SIGINT. One that is ignored stays so, as nohup has it.
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, server.handle_exit)
    try:
        server.run(sockets=listeners)
    except KeyboardInterrupt:
        return 130
    return 0 if server.started else 1


if __name__ == "__main__":
    sys.exit(main())
