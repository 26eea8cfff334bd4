"""Settings, read from the environment and checked before anything starts."""

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, Literal
from urllib.parse import urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict

from api.http.origins import origin_of

GIFT_CODE_PLACE = "{code}"

# When statements are prepared: where no pooler is in front of the database, always, or never.
Preparation = Literal["auto", "on", "off"]

_DEFAULT_PORT = 3061
DATABASE_URL_FORM = "postgresql://user:password@host:port/database"
_HOST_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_LONGEST_NAME = 40
_MOST_APPS = 100
_WHOLE = re.compile(r"[0-9]{1,9}")
_DECIMAL = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")
_HEADER_VALUE = re.compile(r"[!-~]+")


class SettingsError(Exception):
    """Variables are missing or malformed; the message is one line that names each of them."""


class _MalformedError(Exception):
    """A value that is not taken; the message says what it must be."""


@dataclass(frozen=True, slots=True)
class ServiceKey:
    """A key of a trusted service; the name tells keys apart in logs."""

    name: str
    key: str = field(repr=False)


def _number(kind: type[float], least: float, most: float) -> Callable[[str], float]:
    digits, article = (_WHOLE, "a whole") if kind is int else (_DECIMAL, "a")

    def parse(text: str) -> float:
        if not digits.fullmatch(text) or not least <= kind(text) <= most:
            raise _MalformedError(f"it must be {article} number from {least} to {most}")
        return kind(text)

    return parse


def _text(pattern: re.Pattern[str], problem: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if not pattern.fullmatch(text):
            raise _MalformedError(problem)
        return text.lower() if pattern.flags & re.IGNORECASE else text

    return parse


_header_value = _text(_HEADER_VALUE, "it must be printable ASCII without spaces")
_colour = _text(re.compile("#[0-9a-f]{6}", re.IGNORECASE), "it must look like #6429b8")
_preparation = _text(re.compile("auto|on|off", re.IGNORECASE), "it must be auto, on or off")
_on_or_off = _text(re.compile("on|off", re.IGNORECASE), "it must be on or off")


def _issuer(text: str) -> str:
    return _header_value(text).rstrip("/")


def _switch(text: str) -> bool:
    return _on_or_off(text) == "on"


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


def problem_of_database_url(url: str) -> str | None:
    """Say what is wrong with a URL without repeating any of it; None if nothing is."""
    wrong_form = f"it must look like {DATABASE_URL_FORM}"
    if not url.startswith(("postgresql://", "postgres://")):
        return wrong_form
    try:
        parameters = conninfo_to_dict(url)
    except (psycopg.Error, UnicodeError):
        return wrong_form
    if _has_unquoted_password(url, parameters):
        return "@ and / in a user or password are percent-encoded, %40 and %2F"
    well_formed = _ports_are_valid(parameters) and parameters.get("dbname")
    return None if well_formed else wrong_form


def _has_unquoted_password(url: str, parameters: Mapping[str, Any]) -> bool:
    """Return whether libpq takes the end of a password for a host, a port or a database.

    Errors name those, and would repeat it. One @ may stand in the URL, after a user.
    """
    named = "".join(str(parameters.get(name, "")) for name in ("host", "port", "dbname"))
    return "@" in named and url.count("@") > ("user" in parameters)


def _ports_are_valid(parameters: Mapping[str, Any]) -> bool:
    ports = str(parameters.get("port") or "5432").split(",")
    return all(port.isascii() and port.isdecimal() and 0 < int(port) < 65536 for port in ports)


def _database_url(url: str) -> str:
    problem = problem_of_database_url(url)
    if problem:
        raise _MalformedError(problem)
    return url


def _database_urls(urls: str) -> tuple[str, ...]:
    return tuple(_database_url(url) for url in urls.split())


def _base_url(text: str) -> str:
    url = text.rstrip("/")
    if origin_of(url) is None or "?" in url or "#" in url:
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


def _web_address(url: str) -> str:
    if origin_of(url) is None:
        raise _MalformedError("it must look like https://host[:port]/path")
    return url


def _service_keys(value: str) -> tuple[ServiceKey, ...]:
    """Read one bare key, or `name:key` pairs separated by commas."""
    if ":" not in value and "," not in value:
        return (_service_key("default", value),)
    pairs = [pair.strip().partition(":") for pair in value.split(",")]
    keys = tuple(_service_key(name, key) for name, _, key in pairs)
    # Their order would decide whose caps hold for it.
    if len({key.key for key in keys}) < len(set(keys)):
        raise _MalformedError("one key stands there under two names")
    return keys


def _service_key(name: str, key: str) -> ServiceKey:
    if not _HEADER_VALUE.fullmatch(name) or not _HEADER_VALUE.fullmatch(key):
        raise _MalformedError("it must be one key or name:key,name:key")
    return ServiceKey(name, key)


def _origins(value: str) -> tuple[str, ...]:
    """Read origins separated by commas.

    A `*` is refused: the list also says where a buyer may be sent back to after paying.
    """
    origins = []
    for item in filter(None, (part.strip() for part in value.split(","))):
        origin = origin_of(item)
        if origin is None or any(urlsplit(item.rstrip("/"))[2:]):
            raise _MalformedError("it must be https://host[:port],https://host[:port]")
        origins.append(origin)
    return tuple(dict.fromkeys(origins))


def _read(
    variable: str, parse: Callable[[str], Any], default: Any = MISSING, *, secret: bool = False
) -> Any:
    return field(default=default, repr=not secret, metadata={"variable": variable, "parse": parse})


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of this process, each with its variable; secrets are left out of their repr."""

    # libpq URL of the API's login role.
    database_url: str = _read("DATABASE_URL", _database_url, secret=True)
    # Base URL of mana-auth without a slash at its end.
    auth_url: str = _read("MANA_AUTH_URL", _base_url)
    # All keys that services may present; the first one is ours towards mana-auth.
    service_keys: tuple[ServiceKey, ...] = _read("MANA_SERVICE_KEY", _service_keys)
    # Address to listen on; empty: all, of IPv4 and IPv6.
    host: str = _read("HOST", _host, "")
    # The claim `iss` of tokens, without a slash at its end; empty: auth_url.
    auth_issuer: str = _read("MANA_AUTH_ISSUER", _issuer, "")
    port: int = _read("PORT", _number(int, 1, 65535), _DEFAULT_PORT)
    # Public base URL without a slash at its end.
    base_url: str = _read("BASE_URL", _base_url, f"http://localhost:{_DEFAULT_PORT}")
    # Where people redeem a gift, `{code}` in it standing for the code; or None.
    gift_redeem_url: str | None = _read("GIFT_REDEEM_URL", _gift_redeem_url, None)
    # The name by which pages for people call the whole that credits are for.
    brand_name: str = _read("BRAND_NAME", _name, "mana")
    # The colour of their buttons and links, as `#rrggbb`.
    brand_colour: str = _read("BRAND_COLOUR", _colour, "#6429b8")
    # Where they lead people whose gift has ended; or None.
    brand_url: str | None = _read("BRAND_URL", _web_address, None)
    # Empty when purchases are not configured.
    stripe_secret_key: str = _read("STRIPE_SECRET_KEY", _header_value, "", secret=True)
    # Empty when webhooks are not configured.
    stripe_webhook_secret: str = _read("STRIPE_WEBHOOK_SECRET", _header_value, "", secret=True)
    # Another address of the Stripe API, or None for Stripe's own.
    stripe_api_base: str | None = _read("STRIPE_API_BASE", _base_url, None)
    # Seconds between two comparisons with Stripe, 0 = never.
    stripe_reconcile_interval_seconds: float = _read(
        "STRIPE_RECONCILE_INTERVAL_SECONDS", _number(float, 0, 86400), 900.0
    )
    # The days that a comparison looks back.
    stripe_reconcile_days: float = _read("STRIPE_RECONCILE_DAYS", _number(float, 0.01, 90), 3.0)
    # Allowed web origins, as browsers send them.
    cors_origins: tuple[str, ...] = _read("CORS_ORIGINS", _origins, ())
    # The time for which a positive guild membership is remembered, 0 = never.
    membership_ttl_seconds: float = _read("MEMBERSHIP_TTL_SECONDS", _number(float, 0, 3600), 15.0)
    # Zone that the database must use for spending limits; None = any.
    limits_time_zone: str | None = _read("LIMITS_TIME_ZONE", str, None)
    database_pool_size: int = _read("DATABASE_POOL_SIZE", _number(int, 1, 100), 8)
    database_prepare: Preparation = _read("DATABASE_PREPARE", _preparation, "auto")  # noqa: RUF009
    # URLs of the nodes that hold accounts, where they are spread; else none.
    database_nodes: tuple[str, ...] = _read("DATABASE_NODES", _database_urls, (), secret=True)
    # Seconds between two looks for gifts, holds and credits past their time.
    expiry_interval_seconds: float = _read(
        "GIFT_EXPIRY_INTERVAL_SECONDS", _number(float, 0.1, 86400), 30.0
    )
    # Seconds between two looks for events to order and to deliver.
    events_interval_seconds: float = _read(
        "EVENTS_INTERVAL_SECONDS", _number(float, 0.05, 3600), 1.0
    )
    # `on`: the API process does the work of `python -m worker` too.
    worker_in_api: bool = _read("WORKER_IN_API", _switch, True)
    # Bearer token that may read /metrics; empty: only this machine may.
    metrics_token: str = _read("METRICS_TOKEN", _header_value, "", secret=True)
    # Apps by which refusals are counted; empty: those that come first.
    metrics_apps: tuple[str, ...] = _read("METRICS_APPS", _apps, ())


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
