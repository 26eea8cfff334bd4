"""Web origins: scheme, host and port, as browsers compare them."""

import re
from collections.abc import Collection
from urllib.parse import urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}
_LONGEST_URL = 2048

# Browsers read a backslash as a slash and drop tabs and newlines, Python's parser does neither:
# with any of them in it, the two could see different hosts in one URL.
_PLAIN_URL = re.compile(r"[!-\[\]-~]+")


def origin_of(url: str) -> str | None:
    """Return the origin of an http or https URL, such as `https://shop.example:8443`.

    Lower case and without a default port, the form in which browsers send it; None if the URL
    is relative, of another scheme, malformed or carries a user name.
    """
    if len(url) > _LONGEST_URL or not _PLAIN_URL.fullmatch(url):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or "@" in parts.netloc:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    if port is None or port == _DEFAULT_PORTS[parts.scheme]:
        return f"{parts.scheme}://{host}"
    return f"{parts.scheme}://{host}:{port}"


def lies_under(url: str, origins: Collection[str]) -> bool:
    """Tell whether the URL belongs to one of the origins (given as `origin_of` writes them)."""
    return origin_of(url) in origins
