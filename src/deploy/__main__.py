"""Command line: `python -m deploy migrate`."""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.deployment import DATABASE_FOLDER, deploy
from deploy.errors import DeploymentError
from deploy.settings import migration_url


def main(arguments: Sequence[str] | None = None, environ: Mapping[str, str] = os.environ) -> int:
    """Deploy, and return the exit status: 0, 1 if it cannot be done, 130 if interrupted."""
    parser = argparse.ArgumentParser(prog="python -m deploy", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")
    migrate = commands.add_parser(
        "migrate", help="bring the database at MIGRATION_DATABASE_URL to this version"
    )
    migrate.add_argument(
        "--folder",
        type=Path,
        default=DATABASE_FOLDER,
        help="where `migrations` and `functions` are (default: db in this checkout)",
    )
    options = parser.parse_args(arguments)
    try:
        deploy(migration_url(environ), options.folder)
    except DeploymentError as error:
        print(f"deployment stopped: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("deployment interrupted: run it again to finish", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
