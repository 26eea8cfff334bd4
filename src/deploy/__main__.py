"""Command line: `python -m deploy` with `migrate`, `import`, `distribute`, `reconcile` and more."""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.deployment import DATABASE_FOLDER, deploy
from deploy.distribution import distribute
from deploy.errors import DeploymentError, UnreachableError
from deploy.importing.moving import move_in
from deploy.reconciliation import Scope, reconcile
from deploy.seals import compare_seals, export_seals
from deploy.settings import (
    is_dry_run,
    limits_time_zone,
    migration_url,
    reconcile_url,
    source_url,
)


def main(arguments: Sequence[str] | None = None, environ: Mapping[str, str] = os.environ) -> int:
    """Run a command, and return the exit status.

    Returns:
        0 when all is well, 1 if it cannot be done or the books are off or were changed, 130 if
        interrupted.
    """
    options = _parser().parse_args(arguments)
    try:
        return 0 if _done_well(options, environ) else 1
    except DeploymentError as error:
        print(f"{options.command} stopped: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"{options.command} interrupted: run it again to finish", file=sys.stderr)
        return 130


def _done_well(options: argparse.Namespace, environ: Mapping[str, str]) -> bool:
    writes = options.command in ("migrate", "import", "distribute")
    variable, url = migration_url(environ) if writes else reconcile_url(environ)
    try:
        return _carry_out(options, url, environ)
    except UnreachableError as error:
        raise DeploymentError(f"{variable}: {error}") from error


def _carry_out(options: argparse.Namespace, url: str, environ: Mapping[str, str]) -> bool:
    if options.command == "reconcile":
        scope: Scope = "full" if options.full else "new"
        return reconcile(url, scope=scope)
    if options.command == "compare-seals":
        return compare_seals(url, options.file)
    if options.command == "distribute":
        distribute(url)
    elif options.command == "export-seals":
        export_seals(url, options.file)
    elif options.command == "import":
        move_in(source_url(environ), url, dry_run=is_dry_run(environ))
    else:
        deploy(url, options.folder, time_zone=limits_time_zone(environ))
    return True


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
    commands.add_parser(
        "distribute",
        help="deploy to the Citus coordinator at MIGRATION_DATABASE_URL, and spread the accounts",
    )
    commands.add_parser(
        "import",
        help="bring what the predecessor's database at FROM has; with DRY_RUN=1 only show it",
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
