"""Compare with Stripe and heal: `python -m worker.stripe`, configured as the API is."""

import argparse
import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta

from api.database.client import Database
from api.http.errors import ApiError
from api.payments.gateway import Gateway, PaymentsUnavailableError
from api.settings import Settings, SettingsError, read_settings
from worker.stripe.reconciliation import Finding, Reconciliation, Summary


def main(arguments: Sequence[str] | None = None, environ: Mapping[str, str] = os.environ) -> int:
    """Print a line for each thing healed or off, and a summary.

    Returns:
        0 when both sides agree now, 1 if something is off or the comparison came to no end, 130 if
        interrupted.
    """
    parser = argparse.ArgumentParser(prog="python -m worker.stripe", description=__doc__)
    looking_back = "how far to look back (default: STRIPE_RECONCILE_DAYS)"
    parser.add_argument("--days", type=_days, help=looking_back)
    options = parser.parse_args(arguments)
    try:
        settings = read_settings(environ)
        days = options.days or settings.stripe_reconcile_days
        summary = asyncio.run(_reconcile(settings, timedelta(days=days)))
    except (SettingsError, ApiError) as error:
        print(f"comparing with Stripe stopped: {_reason_of(error)}", file=sys.stderr)  # noqa: T201
        return 1
    except KeyboardInterrupt:
        return 130
    _print_summary(summary)
    return 1 if summary.off else 0


async def _reconcile(settings: Settings, look_back: timedelta) -> Summary:
    async with (
        aclosing(Gateway(settings.stripe_secret_key, settings.stripe_api_base)) as gateway,
        Database(replace(settings, database_pool_size=1)) as database,
    ):
        return await Reconciliation(database, gateway, look_back, _print_finding).run()


def _reason_of(error: SettingsError | ApiError) -> str:
    match error:
        case PaymentsUnavailableError():
            return error.reason
        case ApiError():
            return error.message
    return str(error)


def _print_finding(finding: Finding) -> None:
    stripe_id, purchase_id = finding.stripe_id or "-", finding.purchase_id or "-"
    print(  # noqa: T201
        f"{finding.verdict:<6}  {finding.outcome}: {finding.subject}, {stripe_id},"
        f" purchase {purchase_id}",
        flush=True,
    )


def _print_summary(summary: Summary) -> None:
    since = summary.since.isoformat(timespec="seconds")
    print(  # noqa: T201
        f"since {since}:"
        f" {summary.paid_at_stripe} paid at Stripe ({_money(summary.cents_at_stripe)}),"
        f" {summary.completed_here} completed here ({_money(summary.cents_here)});"
        f" {summary.healed} healed, {summary.off} off"
    )


def _money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"


def _days(text: str) -> float:
    days = float(text)
    if not 0 < days <= 90:
        raise argparse.ArgumentTypeError("must be more than 0 and at most 90")
    return days


if __name__ == "__main__":
    sys.exit(main())
