import re
from datetime import UTC, datetime, timedelta
from importlib.resources import files

import pytest
from fluent.runtime import FluentResource
from fluent.syntax.ast import Message

from api.http.errors import ApiError
from api.pages.content import error_heading, time_left
from api.pages.languages import LANGUAGES

NOW = datetime(2026, 11, 22, 21, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("lasts", "left"),
    [
        (timedelta(days=90), "90 days left"),
        (timedelta(days=3, seconds=-1), "2 days left"),
        (timedelta(days=2, seconds=-1), "47 hours left"),
        (timedelta(hours=2, seconds=-1), "119 minutes left"),
        (timedelta(minutes=2), "2 minutes left"),
        (timedelta(seconds=5), "A moment left"),
        (timedelta(seconds=-5), "A moment left"),
    ],
)
def test_the_time_left_is_rounded_down(lasts: timedelta, left: str) -> None:
    assert time_left(lasts.total_seconds(), LANGUAGES["en"]) == left


@pytest.mark.parametrize(
    ("language", "in_zurich", "in_utc"),
    [
        ("en", "Monday, 23 November 2026, 00:30 in Zurich", "22 November 2026, 23:30 UTC"),
        (
            "en-us",
            "Monday, November 23, 2026, 12:30 AM in Zurich",
            "November 22, 2026, 11:30 PM UTC",
        ),
        (
            "de",
            "Montag, 23. November 2026, 00:30 Uhr in Zürich",
            "22. November 2026, 23:30 Uhr UTC",
        ),
        ("fr", "lundi 23 novembre 2026, 00:30 à Zurich", "22 novembre 2026, 23:30 UTC"),
        ("it", "lunedì 23 novembre 2026, ore 00:30 a Zurigo", "22 novembre 2026, ore 23:30 UTC"),
        (
            "es",
            "lunes, 23 de noviembre de 2026, 0:30 en Zúrich",
            "22 de noviembre de 2026, 23:30 UTC",
        ),
    ],
)
def test_the_deadline_is_told_by_two_clocks(language: str, in_zurich: str, in_utc: str) -> None:
    writer, moment = LANGUAGES[language], NOW + timedelta(hours=2)

    assert re.sub(r"\s", " ", writer.text("zurich-time", at=moment)) == in_zurich
    assert re.sub(r"\s", " ", writer.text("utc-time", at=moment)) == in_utc


def test_summer_is_an_hour_later_in_zurich() -> None:
    moment = NOW + timedelta(days=240)

    assert LANGUAGES["en"].text("zurich-time", at=moment).endswith("23:30 in Zurich")
    assert LANGUAGES["en"].text("utc-time", at=moment).endswith("21:30 UTC")


@pytest.mark.parametrize(
    ("language", "one", "thousands"),
    [
        ("en", "1 credit", "10,000 credits"),
        ("de", "1 Credit", "10.000 Credits"),
        ("de-ch", "1 Credit", "10'000 Credits"),
        ("fr", "1 crédit", "10 000 crédits"),
        ("it", "1 credito", "10.000 crediti"),
        ("es", "1 crédito", "10.000 créditos"),
    ],
)
def test_credits_are_counted_as_people_do(language: str, one: str, thousands: str) -> None:
    told = [LANGUAGES[language].text("credits", count=count) for count in (1, 10_000)]

    assert [re.sub(r"\s", " ", each).replace("\u2019", "'") for each in told] == [one, thousands]


@pytest.mark.parametrize(("seconds", "told"), [(1, "in 1 second."), (42, "in 42 seconds.")])
def test_who_looked_up_too_many_is_told_when_to_try_again(seconds: int, told: str) -> None:
    error = ApiError("too_many_attempts", "Not for people", retry_after=seconds)

    assert error_heading(error, LANGUAGES["en"]).summary.endswith(told)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "code", ["gift_not_found", "too_many_attempts", "internal_error", "overloaded", "timeout"]
)
def test_every_error_has_words(code: str, language: str) -> None:
    assert all(error_heading(ApiError(code, "Not for people"), LANGUAGES[language]))


def catalogue(language: str) -> dict[str, str]:
    """Return the texts of a language by their names, as they are written."""
    text = files("api.pages").joinpath("texts", f"{language}.ftl").read_text("utf-8")
    messages = re.split(r"^(?=[a-z])", text.partition("\n\n")[2], flags=re.MULTILINE)
    return dict(message.split(" = ", 1) for message in messages if message)


@pytest.mark.parametrize("language", ["de", "fr", "it", "es"])
def test_every_language_has_every_text_and_fills_in_the_same(language: str) -> None:
    english, other = catalogue("en"), catalogue(language)

    assert list(other) == list(english)
    for name, text in other.items():
        assert set(re.findall(r"\$\w+", text)) == set(re.findall(r"\$\w+", english[name])), name
        assert ("[one]" in text) == ("[one]" in english[name]), name


@pytest.mark.parametrize("language", ["en", "de", "fr", "it", "es"])
def test_a_text_is_html_as_it_stands(language: str) -> None:
    parsed = FluentResource("\n".join(map(" = ".join, catalogue(language).items()))).body
    assert [type(each) for each in parsed] == [Message] * len(catalogue(language))
    assert not re.search("[<>&]", "".join(catalogue(language).values()).replace("->", ""))


@pytest.mark.parametrize("hostile", ["<b>", "{ credits }", "a & b"])
def test_what_is_filled_in_stays_text(hostile: str) -> None:
    told = LANGUAGES["en"].text("from", name=hostile)

    assert told.unescape() == f"From {hostile}"
    assert "<" not in told


def test_a_text_that_lacks_a_value_is_a_mistake_of_ours() -> None:
    with pytest.raises(LookupError):
        LANGUAGES["en"].text("credits")
