"""Refusals: counted, and noted on the log line of the request, with whom they concern."""

import hashlib
import hmac

from msgspec import UNSET

from api.observability.logs import request_line
from api.observability.metrics import count_refusal

_PURPOSE = b"accounts in the log of mana-credits"
_HASH_LENGTH = 16


def note_account(account_id: str | None) -> None:
    """Note whose request this is: the first who is noted, since others are only concerned."""
    line = request_line.get()
    if line is not None and account_id is not None and line.account is UNSET:
        line.account = account_id


def note_app(app_id: str | None) -> None:
    """Note the app for which this request is made; the last one that is named counts."""
    line = request_line.get()
    if line is not None and app_id is not None:
        line.app = app_id


def note_service(name: str) -> None:
    """Note the service that makes this request."""
    line = request_line.get()
    if line is not None:
        line.service = name


def note_refusal(code: str) -> None:
    """Count the error that answers this request, in whatever form, and note it for the log."""
    line = request_line.get()
    if line is not None:
        line.code = code
    count_refusal(code, line.app or None if line else None)


class AccountHashes:
    """The log's name of an account: the same in all processes that have the same key.

    Args:
        secret: A secret of ours; what is hashed with is derived from it.
    """

    def __init__(self, secret: str) -> None:
        self._key = hmac.digest(secret.encode(), _PURPOSE, hashlib.sha256)

    def of(self, account_id: str) -> str:
        """Return the hash of a user's or guild's id."""
        digest = hmac.new(self._key, account_id.encode(errors="surrogatepass"), hashlib.sha256)
        return digest.hexdigest()[:_HASH_LENGTH]
