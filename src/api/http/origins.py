"""Web origins: scheme, host and port, as browsers compare them."""

import re
from collections.abc import Collection
from urllib.parse import SplitResult, urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}
_LONGEST_URL = 2048

# Browsers read a backslash as a slash and drop tabs and newlines; Python's parser does neither.
# With any of them in it, the two could see different hosts in one URL.
_PLAIN_URL = re.compile(r"[!-\[\]-~]+")


class AddressError(ValueError):
    """An address that is not taken; its text says what it must be."""


def origin_of(url: str) -> str | None:
    """Return the origin of an http or https URL, such as `https://shop.example:8443`.

    Lower case and without a default port, the form in which browsers send it. None if the URL is
    relative, of another scheme, malformed or carries a user name.
    """
    try:
        return _origin(_parts(url))
    except AddressError:
        return None


def address_under(url: str, origins: Collection[str]) -> str:
    """Return a URL that belongs to one of the origins (given as `origin_of` writes them).

    Its scheme, host and port are written as the origin is, so that whoever gets it sees what was
    compared.

    Raises:
        AddressError: It is malformed or belongs elsewhere.
    """
    parts = _parts(url)
    if _origin(parts) not in origins:
        raise AddressError("must lie under an allowed origin")
    return parts.geturl()


def _parts(url: str) -> SplitResult:
    """Take a URL apart, its scheme, host and port in their one form."""
    if len(url) > _LONGEST_URL:
        raise AddressError(f"must be at most {_LONGEST_URL} characters")
    if not _PLAIN_URL.fullmatch(url):
        raise AddressError(
            "must be printable ASCII without spaces or backslashes: percent-encode the rest"
        )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise AddressError("must be an http or https URL") from None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise AddressError("must be an http or https URL")
    if "@" in parts.netloc:
        raise AddressError("must be a URL without a user name")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    is_default = port is None or port == _DEFAULT_PORTS[parts.scheme]
    return parts._replace(netloc=host if is_default else f"{host}:{port}")


def _origin(parts: SplitResult) -> str:
    return f"{parts.scheme}://{parts.netloc}"
