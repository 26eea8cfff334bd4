"""The place of a local stack, read from the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_DEFAULT_PORT = "3061"
_CHECKOUT = Path(__file__).resolve().parents[2]


class ConfigurationError(Exception):
    """A variable is malformed; one line that names it."""


@dataclass(frozen=True)
class Configuration:
    """`folder` holds everything that a stack keeps; the rest is the API's.

    Without a `gift_redeem_url` gifts are redeemed on a page of the stack.
    """

    folder: Path
    port: int
    base_url: str
    gift_redeem_url: str = ""


def read_configuration() -> Configuration:
    """Return the configuration that variables name. Raises ConfigurationError.

    They are SANDBOX_DIR (default .sandbox in the clone), PORT, BASE_URL and GIFT_REDEEM_URL.
    """
    text = os.environ.get("PORT", "").strip() or _DEFAULT_PORT
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise ConfigurationError("PORT is malformed: it must be a whole number from 1 to 65535")
    home = _CHECKOUT if (_CHECKOUT / "pyproject.toml").exists() else Path.cwd()
    folder = Path(os.environ.get("SANDBOX_DIR", "").strip() or home / ".sandbox")
    base_url = os.environ.get("BASE_URL", "").strip() or f"http://localhost:{int(text)}"
    gift_redeem_url = os.environ.get("GIFT_REDEEM_URL", "").strip()
    return Configuration(folder.absolute(), int(text), base_url.rstrip("/"), gift_redeem_url)
