"""Work apart from the API: `python -m worker`, configured as the API is."""

import asyncio
import logging
import os
import signal
import sys
from contextlib import aclosing

import uvloop

from api.database.client import Database
from api.database.preflight import check_database
from api.observability.logs import configure_logs
from api.observability.version import VERSION
from api.payments.gateway import Gateway
from api.settings import Settings, SettingsError, read_settings
from worker.work import working

logger = logging.getLogger("worker")


def main() -> int:
    """Work until told to stop, and return the exit status."""
    try:
        settings = read_settings(os.environ)
        check_database(settings)
    except SettingsError as error:
        print(f"the worker cannot start: {error}", file=sys.stderr)  # noqa: T201
        return 1
    configure_logs()
    logger.info("the worker starts", extra={"version": VERSION})
    uvloop.run(_work(settings))
    return 0


async def _work(settings: Settings) -> None:
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    async with (
        Database(settings) as database,
        aclosing(Gateway(settings.stripe_secret_key, settings.stripe_api_base)) as gateway,
        working(settings, database, gateway),
    ):
        await told.wait()


if __name__ == "__main__":
    sys.exit(main())
