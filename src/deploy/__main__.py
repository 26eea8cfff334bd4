"""Command line: `python -m deploy migrate`, `reconcile`, `export-seals` and `compare-seals`."""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.deployment import DATABASE_FOLDER, deploy
from deploy.errors import DeploymentError
from deploy.reconciliation import Scope, reconcile
from deploy.seals import compare_seals, export_seals
from deploy.settings import limits_time_zone, migration_url, reconcile_url


def main(arguments: Sequence[str] | None = None, environ: Mapping[str, str] = os.environ) -> int:
    """Run a command, and return the exit status.

    Returns:
        0 when all is well, 1 if it cannot be done or the books are off or were changed, 130 if
        interrupted.
    """
    options = _parser().parse_args(arguments)
    try:
        if options.command == "reconcile":
            scope: Scope = "full" if options.full else "new"
            return 0 if reconcile(reconcile_url(environ), scope=scope) else 1
        if options.command == "export-seals":
            export_seals(reconcile_url(environ), options.file)
            return 0
        if options.command == "compare-seals":
            return 0 if compare_seals(reconcile_url(environ), options.file) else 1
        deploy(migration_url(environ), options.folder, time_zone=limits_time_zone(environ))
    except DeploymentError as error:
        print(f"{options.command} stopped: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"{options.command} interrupted: run it again to finish", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command", dest="command")
    migrate = commands.add_parser(
        "migrate", help="bring the database at MIGRATION_DATABASE_URL to this version"
    )
    migrate.add_argument(
        "--folder",
        type=Path,
        default=DATABASE_FOLDER,
        help="where `migrations` and `functions` are (default: db in this checkout)",
    )
    books = commands.add_parser(
        "reconcile", help="check the books of the database at RECONCILE_DATABASE_URL"
    )
    books.add_argument(
        "--full",
        action="store_true",
        help="check all there is, not only what is newer than the last clean run",
    )
    export = commands.add_parser(
        "export-seals",
        help="export how the ledgers of the database at RECONCILE_DATABASE_URL stand",
    )
    export.add_argument("file", type=Path, help="a new CSV file")
    compare = commands.add_parser(
        "compare-seals",
        help="tell which ledgers of the database at RECONCILE_DATABASE_URL were changed since",
    )
    compare.add_argument("file", type=Path, help="what export-seals wrote")
    return parser


if __name__ == "__main__":
    sys.exit(main())
