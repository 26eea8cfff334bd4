"""Settings, read from the environment and checked before anything starts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict

from api.origins import origin_of

GIFT_CODE_PLACE = "{code}"

_DEFAULT_PORT = 3061
_DATABASE_URL_FORM = "postgresql://user:password@host:port/database"
_HEADER_VALUE = re.compile(r"[!-~]+")


class SettingsError(Exception):
    """A variable is missing or malformed; the message is one line that names it."""


@dataclass(frozen=True, slots=True)
class ServiceKey:
    """A key of a trusted service.

    Attributes:
        name: Tells keys apart in logs.
        key: The secret itself.
    """

    name: str
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """How this process is configured; secrets are left out of its repr.

    Attributes:
        database_url: libpq URL of the API's login role.
        auth_url: Base URL of mana-auth without a slash at its end.
        service_keys: All keys that services may present; the first one is ours towards mana-auth.
        auth_issuer: What the claim `iss` of tokens is, without a slash at its end; empty: auth_url.
        port: TCP port to listen on.
        base_url: Public base URL without a slash at its end.
        gift_redeem_url: Where people redeem a gift, `{code}` in it standing for the code; or None.
        stripe_secret_key: Empty when purchases are not configured.
        stripe_webhook_secret: Empty when webhooks are not configured.
        stripe_api_base: Another address of the Stripe API, or None for Stripe's own.
        stripe_reconcile_interval_seconds: Seconds between two comparisons with Stripe, 0 = never.
        stripe_reconcile_days: How far back a comparison looks.
        cors_origins: Allowed web origins, as browsers send them.
        membership_ttl_seconds: How long a positive guild membership is remembered, 0 = never.
        limits_time_zone: Zone that the database must use for spending limits; None = any.
        database_pool_size: Most connections to the database.
        database_prepare: Whether to use prepared statements; off behind a PgBouncer before 1.22.
        expiry_interval_seconds: Seconds between two looks for gifts, holds and credits past their
            time.
        events_interval_seconds: Seconds between two looks for events to order and to deliver.
        metrics_token: Bearer token that may read /metrics; empty: only this machine may.
    """

    database_url: str = field(repr=False)
    auth_url: str
    service_keys: tuple[ServiceKey, ...]
    auth_issuer: str = ""
    port: int = _DEFAULT_PORT
    base_url: str = f"http://localhost:{_DEFAULT_PORT}"
    gift_redeem_url: str | None = None
    stripe_secret_key: str = field(default="", repr=False)
    stripe_webhook_secret: str = field(default="", repr=False)
    stripe_api_base: str | None = None
    stripe_reconcile_interval_seconds: float = 900.0
    stripe_reconcile_days: float = 3.0
    cors_origins: tuple[str, ...] = ()
    membership_ttl_seconds: float = 15.0
    limits_time_zone: str | None = None
    database_pool_size: int = 8
    database_prepare: bool = True
    expiry_interval_seconds: float = 30.0
    events_interval_seconds: float = 1.0
    metrics_token: str = field(default="", repr=False)


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read all settings.

    Raises:
        SettingsError: A variable is missing or malformed. Values are not repeated, since they
            may be secrets.
    """
    variables = _Variables(environ)
    port = variables.whole_number("PORT", _DEFAULT_PORT, 1, 65535)
    return Settings(
        database_url=_database_url(variables),
        auth_url=_base_url("MANA_AUTH_URL", variables.required("MANA_AUTH_URL")),
        auth_issuer=variables.header_value("MANA_AUTH_ISSUER").rstrip("/"),
        service_keys=_service_keys(variables.required("MANA_SERVICE_KEY")),
        port=port,
        base_url=_base_url("BASE_URL", variables.text("BASE_URL") or f"http://localhost:{port}"),
        gift_redeem_url=_gift_redeem_url(variables.text("GIFT_REDEEM_URL")),
        stripe_secret_key=variables.header_value("STRIPE_SECRET_KEY"),
        stripe_webhook_secret=variables.header_value("STRIPE_WEBHOOK_SECRET"),
        stripe_api_base=_optional_base_url(variables, "STRIPE_API_BASE"),
        stripe_reconcile_interval_seconds=variables.number(
            "STRIPE_RECONCILE_INTERVAL_SECONDS", 900, 0, 86400
        ),
        stripe_reconcile_days=variables.number("STRIPE_RECONCILE_DAYS", 3, 0.01, 90),
        cors_origins=_origins(variables.text("CORS_ORIGINS")),
        membership_ttl_seconds=variables.number("MEMBERSHIP_TTL_SECONDS", 15, 0, 3600),
        limits_time_zone=variables.text("LIMITS_TIME_ZONE") or None,
        database_pool_size=variables.whole_number("DATABASE_POOL_SIZE", 8, 1, 100),
        database_prepare=variables.switch("DATABASE_PREPARE", default=True),
        expiry_interval_seconds=variables.number("GIFT_EXPIRY_INTERVAL_SECONDS", 30, 0.1, 86400),
        events_interval_seconds=variables.number("EVENTS_INTERVAL_SECONDS", 1, 0.05, 3600),
        metrics_token=variables.header_value("METRICS_TOKEN"),
    )


class _Variables:
    """Typed access to the environment; a blank variable counts as not set."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def text(self, name: str) -> str:
        return self._environ.get(name, "").strip()

    def required(self, name: str) -> str:
        value = self.text(name)
        if not value:
            raise SettingsError(f"{name} is missing")
        return value

    def header_value(self, name: str) -> str:
        value = self.text(name)
        if value and not _HEADER_VALUE.fullmatch(value):
            raise SettingsError(f"{name} is malformed: it must be printable ASCII without spaces")
        return value

    def number(self, name: str, default: float, least: float, most: float) -> float:
        value = self.text(name)
        if not value:
            return default
        if (
            not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", value)
            or not least <= float(value) <= most
        ):
            raise SettingsError(f"{name} is malformed: it must be a number from {least} to {most}")
        return float(value)

    def whole_number(self, name: str, default: int, least: int, most: int) -> int:
        value = self.text(name)
        if not value:
            return default
        if not re.fullmatch(r"[0-9]{1,9}", value) or not least <= int(value) <= most:
            raise SettingsError(
                f"{name} is malformed: it must be a whole number from {least} to {most}"
            )
        return int(value)

    def switch(self, name: str, *, default: bool) -> bool:
        value = self.text(name).lower()
        if value not in ("", "on", "off"):
            raise SettingsError(f"{name} is malformed: it must be on or off")
        return value == "on" if value else default


def _database_url(variables: _Variables) -> str:
    url = variables.required("DATABASE_URL")
    problem = SettingsError(f"DATABASE_URL is malformed: it must look like {_DATABASE_URL_FORM}")
    if not url.startswith(("postgresql://", "postgres://")):
        raise problem
    try:
        parameters = conninfo_to_dict(url)
    except (psycopg.Error, UnicodeError):
        raise problem from None
    if _has_unquoted_password(url, parameters):
        raise SettingsError(
            "DATABASE_URL is malformed: "
            "@ and / in a user or password are percent-encoded, %40 and %2F"
        )
    if not parameters.get("dbname"):
        raise problem
    return url


def _has_unquoted_password(url: str, parameters: Mapping[str, Any]) -> bool:
    """Tell whether libpq takes the end of a password for a host, a port or a database.

    Errors name those, and would repeat it. One @ may stand in the URL, after a user.
    """
    named = "".join(str(parameters.get(name, "")) for name in ("host", "port", "dbname"))
    return "@" in named and url.count("@") > ("user" in parameters)


def _base_url(name: str, value: str) -> str:
    url = value.rstrip("/")
    if origin_of(url) is None or urlsplit(url).query or urlsplit(url).fragment:
        raise SettingsError(f"{name} is malformed: it must look like https://host[:port][/path]")
    return url


def _optional_base_url(variables: _Variables, name: str) -> str | None:
    value = variables.text(name)
    return _base_url(name, value) if value else None


def _gift_redeem_url(value: str) -> str | None:
    """Read a URL with or without a place for the code, which must not change its host."""
    if not value:
        return None
    url = value.replace(GIFT_CODE_PLACE, "CODE")
    origin = origin_of(url)
    if origin is None or origin != origin_of(value) or "{" in url or "}" in url:
        raise SettingsError(
            "GIFT_REDEEM_URL is malformed: it must look like https://host[:port]/path?code={code}"
        )
    return value


def _service_keys(value: str) -> tuple[ServiceKey, ...]:
    """Read one bare key, or `name:key` pairs separated by commas."""
    if ":" not in value and "," not in value:
        return (_service_key("default", value),)
    pairs = [pair.strip().partition(":") for pair in value.split(",")]
    if not all(name and colon for name, colon, _ in pairs):
        raise _malformed_service_key()
    keys = tuple(_service_key(name, key) for name, _, key in pairs)
    _refuse_shared_keys(keys)
    return keys


def _service_key(name: str, key: str) -> ServiceKey:
    if not _HEADER_VALUE.fullmatch(name) or not _HEADER_VALUE.fullmatch(key):
        raise _malformed_service_key()
    return ServiceKey(name, key)


def _refuse_shared_keys(keys: tuple[ServiceKey, ...]) -> None:
    """Refuse a key under two names: whose caps hold for it would be a matter of order."""
    if len({key.key for key in keys}) < len(set(keys)):
        raise SettingsError("MANA_SERVICE_KEY is malformed: one key stands there under two names")


def _malformed_service_key() -> SettingsError:
    return SettingsError("MANA_SERVICE_KEY is malformed: it must be one key or name:key,name:key")


def _origins(value: str) -> tuple[str, ...]:
    """Read origins separated by commas.

    A `*` is refused: the list also says where a buyer may be sent back to after paying.
    """
    origins = []
    for item in filter(None, (part.strip() for part in value.split(","))):
        origin = origin_of(item)
        parts = urlsplit(item) if origin else None
        if (
            origin is None
            or parts is None
            or parts.path.strip("/")
            or parts.query
            or parts.fragment
        ):
            raise SettingsError(
                "CORS_ORIGINS is malformed: it must be https://host[:port],https://host[:port]"
            )
        origins.append(origin)
    return tuple(dict.fromkeys(origins))
