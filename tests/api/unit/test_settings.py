from collections.abc import Mapping
from typing import Any

import pytest

from api.settings import ServiceKey, Settings, SettingsError, read_settings

LEAST = {
    "DATABASE_URL": "postgresql://api:s3cret-pw@db.example:5432/mana_credits",
    "MANA_AUTH_URL": "https://auth.example",
    "MANA_SERVICE_KEY": "s3cret-key",
}


def read(**changes: str) -> Settings:
    return read_settings({**LEAST, **changes})


def problem(environ: Mapping[str, str]) -> str:
    with pytest.raises(SettingsError) as caught:
        read_settings(environ)
    return str(caught.value)


def test_what_is_not_set_has_its_default() -> None:
    settings = read()

    assert settings.port == 3061
    assert settings.base_url == "http://localhost:3061"
    assert settings.membership_ttl_seconds == 15
    assert settings.cors_origins == ()
    assert settings.limits_time_zone is None
    assert (settings.stripe_secret_key, settings.stripe_webhook_secret) == ("", "")


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("localhost", "localhost"),
        ("::1", "::1"),
        ("[::1]", "::1"),
        ("::", ""),
        ("[::]", ""),
    ],
)
def test_host_says_where_to_listen(text: str, host: str) -> None:
    assert read(HOST=text).host == host


def test_all_that_is_wrong_is_told_at_once() -> None:
    told = problem({"PORT": "http", "BASE_URL": "x"})

    named = [part.partition(" ")[0] for part in told.split("; ")]
    assert sorted(named) == sorted([*LEAST, "PORT", "BASE_URL"])
    assert "\n" not in told


def test_the_base_url_follows_the_port() -> None:
    assert read(PORT="4000").base_url == "http://localhost:4000"


@pytest.mark.parametrize("name", ["DATABASE_URL", "MANA_AUTH_URL", "MANA_SERVICE_KEY"])
@pytest.mark.parametrize("blank", [None, "", "  "])
def test_a_missing_variable_is_named(name: str, blank: str | None) -> None:
    environ: dict[str, Any] = {**LEAST, name: blank}
    told = problem({key: value for key, value in environ.items() if value is not None})

    assert name in told
    assert "\n" not in told


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://api@db/x"),
        ("METRICS_TOKEN", "two words"),
        ("DATABASE_URL", "postgresql://api@db"),
        ("DATABASE_URL", "postgresql://api@db/x?nonsense=1"),
        ("MANA_AUTH_URL", "auth.example"),
        ("MANA_AUTH_ISSUER", "https://auth.example, https://other.example"),
        ("MANA_AUTH_URL", "ftp://auth.example"),
        ("MANA_AUTH_URL", "https://auth.example?x=1"),
        ("BASE_URL", "https://user@credits.example"),
        ("BASE_URL", "https://credits.example/?"),
        ("GIFT_REDEEM_URL", "/redeem/{code}"),
        ("GIFT_REDEEM_URL", "javascript:alert({code})"),
        ("GIFT_REDEEM_URL", "https://{code}.example"),
        ("GIFT_REDEEM_URL", "https://app.example:{code}/"),
        ("GIFT_REDEEM_URL", "https://app.example/{gift}"),
        ("GIFT_REDEEM_URL", "https://app.example/{{code}}"),
        ("GIFT_REDEEM_URL", "https://app.example/re deem"),
        ("METRICS_APPS", "chat,,images"),
        ("METRICS_APPS", "two words"),
        ("METRICS_APPS", ",".join(map(str, range(101)))),
        ("BRAND_NAME", "two\nlines"),
        ("BRAND_NAME", "\u202eanam"),
        ("BRAND_NAME", "a\u2066b"),
        ("BRAND_NAME", "\udcff"),
        ("BRAND_NAME", "m" * 41),
        ("BRAND_COLOUR", "red"),
        ("BRAND_COLOUR", "#fff"),
        ("BRAND_COLOUR", "#6429b8;}*{display:none"),
        ("BRAND_URL", "javascript:alert(1)"),
        ("BRAND_URL", "/start"),
        ("BRAND_URL", "https://user@app.example"),
        ("MANA_SERVICE_KEY", "one:key,two"),
        ("MANA_SERVICE_KEY", "one:"),
        ("MANA_SERVICE_KEY", ":key"),
        ("MANA_SERVICE_KEY", "one:key,"),
        ("MANA_SERVICE_KEY", "a key"),
        ("MANA_SERVICE_KEY", "one:key,two:other,three:key"),
        ("MANA_SERVICE_KEY", "schlüssel"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "http"),
        ("PORT", "٣٠٦١"),
        ("MEMBERSHIP_TTL_SECONDS", "-1"),
        ("MEMBERSHIP_TTL_SECONDS", "nan"),
        ("MEMBERSHIP_TTL_SECONDS", "inf"),
        ("MEMBERSHIP_TTL_SECONDS", "1e3"),
        ("CORS_ORIGINS", "*"),
        ("CORS_ORIGINS", "app.example"),
        ("CORS_ORIGINS", "https://app.example/path"),
        ("CORS_ORIGINS", "https://app.example,ftp://app.example"),
        ("STRIPE_API_BASE", "localhost:1234"),
        ("STRIPE_SECRET_KEY", "sk test"),
        ("STRIPE_SECRET_KEY", "sk_tést"),
        ("STRIPE_WEBHOOK_SECRET", "whsec one"),
        ("STRIPE_WEBHOOK_SECRET", "whsec_\u200bone"),
        ("DATABASE_POOL_SIZE", "0"),
        ("DATABASE_PREPARE", "maybe"),
        ("HOST", "localhost:3061"),
        ("HOST", "[::1]:3061"),
        ("HOST", "two words"),
        ("GIFT_EXPIRY_INTERVAL_SECONDS", "0"),
        ("EVENTS_INTERVAL_SECONDS", "0"),
    ],
)
def test_a_malformed_variable_is_named_in_one_line(name: str, value: str) -> None:
    told = problem({**LEAST, name: value})

    assert told.startswith(f"{name} ")
    assert "\n" not in told


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://api:s3cret@db/x"),
        ("DATABASE_URL", "postgresql://api:p@s3cret@db:5432/x"),
        ("DATABASE_URL", "postgresql://api:p@s3cret@db1,db2/x"),
        ("DATABASE_URL", "postgresql://api:p%40w@s3cret@db/x"),
        ("DATABASE_URL", "postgresql://api:p/s3cret@db/x"),
        ("DATABASE_URL", "postgresql://api@azure:s3cret@db/x"),
        ("DATABASE_URL", "postgresql://api:s3cret@db/x?nonsense=1"),
        ("MANA_SERVICE_KEY", "one:s3cret,two"),
        ("MANA_SERVICE_KEY", "one:s3cret,two:s3cret"),
        ("STRIPE_SECRET_KEY", "s3cret s3cret"),
        ("STRIPE_WEBHOOK_SECRET", "s3cret s3cret"),
    ],
)
def test_a_malformed_secret_is_not_repeated(name: str, value: str) -> None:
    assert "s3cret" not in problem({**LEAST, name: value})


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://api:p%40w%2F@db/x",
        "postgresql://api:p@db/x%40y",
        "postgresql:///x?host=/run/db&user=a@b&password=p@w",
    ],
)
def test_an_at_sign_where_it_may_be_is_left_alone(url: str) -> None:
    assert read(DATABASE_URL=url).database_url == url


def test_one_bare_service_key() -> None:
    assert read(MANA_SERVICE_KEY="k-1").service_keys == (ServiceKey("default", "k-1"),)


def test_several_service_keys_are_told_apart_by_name() -> None:
    keys = read(MANA_SERVICE_KEY="memo:k-1, chat:k:2,memo:k-3").service_keys

    assert keys == (ServiceKey("memo", "k-1"), ServiceKey("chat", "k:2"), ServiceKey("memo", "k-3"))


def test_a_key_may_stand_twice_under_one_name() -> None:
    keys = read(MANA_SERVICE_KEY="memo:k-1,memo:k-1").service_keys

    assert {key.name for key in keys} == {"memo"}


def test_origins_are_kept_as_browsers_send_them() -> None:
    settings = read(CORS_ORIGINS="HTTPS://App.Example:443/, http://localhost:5173,")

    assert settings.cors_origins == ("https://app.example", "http://localhost:5173")


def test_issuer_may_differ_from_the_address() -> None:
    assert read().auth_issuer == ""
    assert read(MANA_AUTH_ISSUER="https://mana.example/").auth_issuer == "https://mana.example"
    assert read(MANA_AUTH_ISSUER="mana").auth_issuer == "mana"


def test_urls_lose_the_slash_at_their_end() -> None:
    settings = read(MANA_AUTH_URL="https://auth.example/", BASE_URL="https://c.example/x/")

    assert (settings.auth_url, settings.base_url) == ("https://auth.example", "https://c.example/x")


@pytest.mark.parametrize(
    "url",
    [
        "https://app.example/redeem/{code}",
        "http://localhost:5173/#/redeem?code={code}&again={code}",
        "https://app.example/redeem",
    ],
)
def test_gifts_are_redeemed_at_a_url_with_or_without_their_code(url: str) -> None:
    assert read(GIFT_REDEEM_URL=url).gift_redeem_url == url
    assert read(GIFT_REDEEM_URL=" ").gift_redeem_url is None


def test_no_secret_is_in_the_repr() -> None:
    settings = read(
        STRIPE_SECRET_KEY="sk_s3cret", STRIPE_WEBHOOK_SECRET="whsec_s3cret", PORT="4000"
    )

    assert "s3cret" not in repr(settings)
    assert "4000" in repr(settings)
