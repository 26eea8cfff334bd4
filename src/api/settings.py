"""Settings, read from the environment and checked before anything starts."""

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, Literal, cast, get_args
from urllib.parse import urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict

from api.http.origins import origin_of

GIFT_CODE_PLACE = "{code}"

# When statements are prepared: where no pooler is in front of the database, always, or never.
Preparation = Literal["auto", "on", "off"]

_DEFAULT_PORT = 3061
_DATABASE_URL_FORM = "postgresql://user:password@host:port/database"
_HOST_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_LONGEST_NAME = 40
_MOST_APPS = 100
_HEADER_VALUE = re.compile(r"[!-~]+")


class SettingsError(Exception):
    """Variables are missing or malformed; the message is one line that names each of them."""


class _MalformedError(Exception):
    """A value that is not taken; the message says what it must be."""


@dataclass(frozen=True, slots=True)
class ServiceKey:
    """A key of a trusted service.

    Attributes:
        name: Tells keys apart in logs.
        key: The secret itself.
    """

    name: str
    key: str = field(repr=False)


def _number(least: float, most: float) -> Callable[[str], float]:
    def parse(text: str) -> float:
        if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text) or not least <= float(text) <= most:
            raise _MalformedError(f"it must be a number from {least} to {most}")
        return float(text)

    return parse


def _whole_number(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
            raise _MalformedError(f"it must be a whole number from {least} to {most}")
        return int(text)

    return parse


def _header_value(text: str) -> str:
    if not _HEADER_VALUE.fullmatch(text):
        raise _MalformedError("it must be printable ASCII without spaces")
    return text


def _issuer(text: str) -> str:
    return _header_value(text).rstrip("/")


def _preparation(text: str) -> Preparation:
    for known in get_args(Preparation):
        if text.lower() == known:
            return cast(Preparation, known)
    raise _MalformedError("it must be auto, on or off")


def _switch(text: str) -> bool:
    if text.lower() not in ("on", "off"):
        raise _MalformedError("it must be on or off")
    return text.lower() == "on"


def _host(text: str) -> str:
    """Read an address or the name of a host; `::` is the same as none, IPv4 being meant too."""
    host = text.removeprefix("[").removesuffix("]")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        if not _HOST_NAME.fullmatch(text):
            raise _MalformedError("it must be an address or a name, without a port") from None
        return text
    return "" if address == ipaddress.IPv6Address("::") else host


def _database_url(url: str) -> str:
    problem = _MalformedError(f"it must look like {_DATABASE_URL_FORM}")
    if not url.startswith(("postgresql://", "postgres://")):
        raise problem
    try:
        parameters = conninfo_to_dict(url)
    except (psycopg.Error, UnicodeError):
        raise problem from None
    if _has_unquoted_password(url, parameters):
        raise _MalformedError("@ and / in a user or password are percent-encoded, %40 and %2F")
    if not parameters.get("dbname"):
        raise problem
    return url


def _database_urls(urls: str) -> tuple[str, ...]:
    return tuple(_database_url(url) for url in urls.split())


def _has_unquoted_password(url: str, parameters: Mapping[str, Any]) -> bool:
    """Return whether libpq takes the end of a password for a host, a port or a database.

    Errors name those, and would repeat it. One @ may stand in the URL, after a user.
    """
    named = "".join(str(parameters.get(name, "")) for name in ("host", "port", "dbname"))
    return "@" in named and url.count("@") > ("user" in parameters)


def _base_url(text: str) -> str:
    url = text.rstrip("/")
    if origin_of(url) is None or urlsplit(url).query or urlsplit(url).fragment:
        raise _MalformedError("it must look like https://host[:port][/path]")
    return url


def _gift_redeem_url(value: str) -> str:
    """Read a URL with or without a place for the code, which must not change its host."""
    url = value.replace(GIFT_CODE_PLACE, "CODE")
    origin = origin_of(url)
    if origin is None or origin != origin_of(value) or "{" in url or "}" in url:
        raise _MalformedError("it must look like https://host[:port]/path?code={code}")
    return value


def _apps(text: str) -> tuple[str, ...]:
    """Read ids of apps, separated by commas."""
    apps = tuple(dict.fromkeys(part.strip() for part in text.split(",")))
    if len(apps) > _MOST_APPS or not all(map(_HEADER_VALUE.fullmatch, apps)):
        raise _MalformedError(f"it must be at most {_MOST_APPS} ids of apps: chat,images")
    return apps


def _name(text: str) -> str:
    """Read a name that people are shown, without what would turn the text around it."""
    if not text.isprintable() or len(text) > _LONGEST_NAME:
        raise _MalformedError(f"it must be at most {_LONGEST_NAME} printable characters")
    return text


def _colour(text: str) -> str:
    if not _COLOUR.fullmatch(text):
        raise _MalformedError("it must look like #6429b8")
    return text.lower()


def _web_address(url: str) -> str:
    if origin_of(url) is None:
        raise _MalformedError("it must look like https://host[:port]/path")
    return url


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
    """Refuse a key under two names: their order would decide whose caps hold for it."""
    if len({key.key for key in keys}) < len(set(keys)):
        raise _MalformedError("one key stands there under two names")


def _malformed_service_key() -> _MalformedError:
    return _MalformedError("it must be one key or name:key,name:key")


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
            raise _MalformedError("it must be https://host[:port],https://host[:port]")
        origins.append(origin)
    return tuple(dict.fromkeys(origins))


def _read(variable: str, parse: Callable[[str], Any]) -> Mapping[str, Any]:
    return {"variable": variable, "parse": parse}


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of this process, each with its variable; secrets are left out of their repr."""

    # libpq URL of the API's login role.
    database_url: str = field(repr=False, metadata=_read("DATABASE_URL", _database_url))
    # Base URL of mana-auth without a slash at its end.
    auth_url: str = field(metadata=_read("MANA_AUTH_URL", _base_url))
    # All keys that services may present; the first one is ours towards mana-auth.
    service_keys: tuple[ServiceKey, ...] = field(metadata=_read("MANA_SERVICE_KEY", _service_keys))
    # Address to listen on; empty: all, of IPv4 and IPv6.
    host: str = field(default="", metadata=_read("HOST", _host))
    # The claim `iss` of tokens, without a slash at its end; empty: auth_url.
    auth_issuer: str = field(default="", metadata=_read("MANA_AUTH_ISSUER", _issuer))
    # TCP port to listen on.
    port: int = field(default=_DEFAULT_PORT, metadata=_read("PORT", _whole_number(1, 65535)))
    # Public base URL without a slash at its end.
    base_url: str = field(
        default=f"http://localhost:{_DEFAULT_PORT}", metadata=_read("BASE_URL", _base_url)
    )
    # Where people redeem a gift, `{code}` in it standing for the code; or None.
    gift_redeem_url: str | None = field(
        default=None, metadata=_read("GIFT_REDEEM_URL", _gift_redeem_url)
    )
    # The name by which pages for people call the whole that credits are for.
    brand_name: str = field(default="mana", metadata=_read("BRAND_NAME", _name))
    # The colour of their buttons and links, as `#rrggbb`.
    brand_colour: str = field(default="#6429b8", metadata=_read("BRAND_COLOUR", _colour))
    # Where they lead people whose gift has ended; or None.
    brand_url: str | None = field(default=None, metadata=_read("BRAND_URL", _web_address))
    # Empty when purchases are not configured.
    stripe_secret_key: str = field(
        default="", repr=False, metadata=_read("STRIPE_SECRET_KEY", _header_value)
    )
    # Empty when webhooks are not configured.
    stripe_webhook_secret: str = field(
        default="", repr=False, metadata=_read("STRIPE_WEBHOOK_SECRET", _header_value)
    )
    # Another address of the Stripe API, or None for Stripe's own.
    stripe_api_base: str | None = field(default=None, metadata=_read("STRIPE_API_BASE", _base_url))
    # Seconds between two comparisons with Stripe, 0 = never.
    stripe_reconcile_interval_seconds: float = field(
        default=900.0, metadata=_read("STRIPE_RECONCILE_INTERVAL_SECONDS", _number(0, 86400))
    )
    # The days that a comparison looks back.
    stripe_reconcile_days: float = field(
        default=3.0, metadata=_read("STRIPE_RECONCILE_DAYS", _number(0.01, 90))
    )
    # Allowed web origins, as browsers send them.
    cors_origins: tuple[str, ...] = field(default=(), metadata=_read("CORS_ORIGINS", _origins))
    # The time for which a positive guild membership is remembered, 0 = never.
    membership_ttl_seconds: float = field(
        default=15.0, metadata=_read("MEMBERSHIP_TTL_SECONDS", _number(0, 3600))
    )
    # Zone that the database must use for spending limits; None = any.
    limits_time_zone: str | None = field(default=None, metadata=_read("LIMITS_TIME_ZONE", str))
    # Most connections to the database.
    database_pool_size: int = field(
        default=8, metadata=_read("DATABASE_POOL_SIZE", _whole_number(1, 100))
    )
    # The use of prepared statements.
    database_prepare: Preparation = field(
        default="auto", metadata=_read("DATABASE_PREPARE", _preparation)
    )
    # URLs of the nodes that hold accounts, where they are spread; else none.
    database_nodes: tuple[str, ...] = field(
        default=(), repr=False, metadata=_read("DATABASE_NODES", _database_urls)
    )
    # Seconds between two looks for gifts, holds and credits past their time.
    expiry_interval_seconds: float = field(
        default=30.0, metadata=_read("GIFT_EXPIRY_INTERVAL_SECONDS", _number(0.1, 86400))
    )
    # Seconds between two looks for events to order and to deliver.
    events_interval_seconds: float = field(
        default=1.0, metadata=_read("EVENTS_INTERVAL_SECONDS", _number(0.05, 3600))
    )
    # `on`: the API process does the work of `python -m worker` too.
    worker_in_api: bool = field(default=True, metadata=_read("WORKER_IN_API", _switch))
    # Bearer token that may read /metrics; empty: only this machine may.
    metrics_token: str = field(
        default="", repr=False, metadata=_read("METRICS_TOKEN", _header_value)
    )
    # Apps by which refusals are counted; empty: those that come first.
    metrics_apps: tuple[str, ...] = field(default=(), metadata=_read("METRICS_APPS", _apps))


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read all settings; a blank variable counts as not set.

    Raises:
        SettingsError: Variables are missing or malformed; all of them are named. Values are not
            repeated, since they may be secrets.
    """
    values: dict[str, Any] = {}
    problems: list[str] = []
    for each in fields(Settings):
        variable = each.metadata["variable"]
        text = environ.get(variable, "").strip()
        if text:
            try:
                values[each.name] = each.metadata["parse"](text)
            except _MalformedError as error:
                problems.append(f"{variable} is malformed: {error}")
        elif each.default is MISSING:
            problems.append(f"{variable} is missing")
    if problems:
        raise SettingsError("; ".join(problems))
    values.setdefault("base_url", f"http://localhost:{values.get('port', _DEFAULT_PORT)}")
    return Settings(**values)
