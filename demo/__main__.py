"""Command line: `python -m demo`, or `make demo`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import httpx
import psycopg

from demo import plot
from demo.books import Books, Sums
from demo.clock import Clock
from demo.day import GUILD, LIMITS, POOL, SCENES, Day
from demo.errors import DemoError
from demo.narrator import Narrator
from deploy.reconciliation import reconcile
from sandbox.cluster import ClusterError
from sandbox.configuration import Configuration
from sandbox.servers import free_port
from sandbox.stack import Stack, StackError
from sandbox.stopping import StopRequestedError, StopSignals

_PICTURES = Path(__file__).resolve().parent / "results"
# Gifts, holds and bonuses end within a second, since nobody wants to wait for the half minute.
_API_VARIABLES = {"GIFT_EXPIRY_INTERVAL_SECONDS": "1"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Play the day, and return the exit status.

    Returns:
        0 when all went as the story has it and the books are clean, 1 if not, 130 if interrupted.
    """
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("--pictures", type=Path, default=_PICTURES, help="folder for the pictures")
    options = parser.parse_args(arguments)
    stop_signals = StopSignals()
    try:
        # Not the stack of `make run`: the story moves the clock, and is the same each time.
        with tempfile.TemporaryDirectory(prefix="mana-demo-") as folder:
            # Whoever runs PostgreSQL for us must be able to get there.
            Path(folder).chmod(0o755)
            return _play(Path(folder), options.pictures, stop_signals)
    except (DemoError, StackError, ClusterError, httpx.HTTPError, psycopg.Error) as error:
        print(f"the demo stopped: {error}", file=sys.stderr)
        return 1
    except StopRequestedError:
        return 130


def _play(folder: Path, pictures: Path, stop_signals: StopSignals) -> int:
    narrator = Narrator(len(SCENES))
    port = free_port()
    configuration = Configuration(folder, port, f"http://localhost:{port}")
    with Stack(configuration, narrator.prepare, stop_signals, _API_VARIABLES) as stack:
        database = stack.admin_database
        clock = Clock(database)
        day, books = Day(stack, clock, narrator), Books(database)
        before = books.sums().held
        day.play(stop_signals.check)
        clock.put_on_record()
        clean = _close(books.sums(), before, database)
        _draw(day, clock, books, pictures)
        print(f"\nPictures in {pictures}. It took {narrator.seconds:.0f} s.")
        print("The stack of the story is gone again; `make run` gives you one of your own.")
    return 0 if clean else 1


def _close(sums: Sums, before: Decimal, database: str) -> bool:
    """Tell where all credits went and check every rule; return whether the books are clean.

    Args:
        sums: What the ledgers add up to.
        before: What there was before the day: the stack's own people have been given something.
        database: Names the database.
    """
    print(
        f"\nThe books: {_short(before)} at the beginning + {_short(sums.bought)} bought"
        f" + {_short(sums.granted - before)} granted + {_short(sums.given_back)} given back"
        f"\n         = {_short(sums.spent)} spent + {_short(sums.expired)} expired"
        f" + {_short(sums.taken_back)} taken back + {_short(sums.held)} still there;"
        f" {_short(sums.missing)} missing."
        "\n\nThe reconciliation, as `make reconcile FULL=1` runs it:\n"
    )
    return reconcile(database, scope="full", folder=None) and not sums.missing


def _short(amount: Decimal) -> str:
    return f"{amount.normalize():f}"


def _draw(day: Day, clock: Clock, books: Books, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    names = day.people
    balances = {names[user]: curve for user, curve in books.balances(list(names)).items()}
    spending = {names[user]: curve for user, curve in books.spending(GUILD).items()}
    curves = {**balances, POOL: books.pool(GUILD)}
    plot.save_balances(folder / "balances.png", clock.midnight, curves, day.events)
    plot.save_spending(folder / "spending.png", clock.midnight, spending, LIMITS, day.refusals)


if __name__ == "__main__":
    sys.exit(main())
