"""Refusals: noted while a request is served, written in its log line and counted."""

import hashlib
import hmac
from contextvars import ContextVar

from api.observability.metrics import count_refusal

_account: ContextVar[str | None] = ContextVar("account", default=None)
_app: ContextVar[str | None] = ContextVar("app", default=None)
_code: ContextVar[str | None] = ContextVar("code", default=None)

_PURPOSE = b"accounts in the log of mana-credits"
_HASH_LENGTH = 16


def note_account(account_id: str | None) -> None:
    """Note whose request this is: the first who is noted, since others are only concerned."""
    if account_id is not None and _account.get() is None:
        _account.set(account_id)


def note_app(app_id: str | None) -> None:
    """Note the app for which this request is made; the last one that is named counts."""
    if app_id is not None:
        _app.set(app_id)


def note_refusal(code: str) -> None:
    """Count the error that answers this request, in whatever form, and note it for the log."""
    _code.set(code)
    count_refusal(code, _app.get())


def noted_refusal() -> tuple[str | None, str | None, str | None]:
    """Return the code of the error that answered this request, its app and its account."""
    return _code.get(), _app.get(), _account.get()


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
