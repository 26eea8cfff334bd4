"""Print the hashes under which the log has accounts: `python -m api.identity ID…`.

It needs the environment of the API, whose first service key the hashes are made with.
"""

import os
import sys

from api.observability.refusals import AccountHashes
from api.settings import SettingsError, read_settings


def main(account_ids: list[str]) -> int:
    """Print a line for each id, and return the exit status."""
    if not account_ids:
        print("usage: python -m api.identity ID…", file=sys.stderr)  # noqa: T201
        return 2
    try:
        settings = read_settings(os.environ)
    except SettingsError as error:
        print(f"the log cannot be searched: {error}", file=sys.stderr)  # noqa: T201
        return 1
    hashes = AccountHashes(settings.service_keys[0].key)
    for account_id in account_ids:
        print(hashes.of(account_id), account_id)  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
