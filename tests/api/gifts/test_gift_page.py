"""The page that a gift's link opens, for people."""

import base64
import hashlib
import itertools
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Any

import httpx
import pytest

from tests.api.gift_pages import LOOK_UPS, Document, anyone, until_refused, visit
from tests.api.live_api import SHOP, LiveApi, StartApi, forbidden, ok, refused
from tests.sql.books import run_out

HOSTILE = {
    "script": "<script>alert(1)</script>",
    "attribute": "\"><img src=x onerror='alert(1)'>",
    "end of the style": "</style><script>alert(1)</script>",
    "end of the title": "</title><svg onload=alert(1)>",
    "template": "{{ 7 * 7 }}{% if %}${7*7}",
    "entities": "&lt;b&gt; &amp;amp; &#60;",
    "comment": "<!-- ]]> -->",
    "link": "javascript:alert(1) https://evil.example",
    "turned text": "\u202eevil\u2066",
}

State = Callable[[LiveApi, Any], Any]


def _redeemed(api: LiveApi, gift: Any) -> None:
    ok(api.user().redeem(gift["code"]))


def _expired(api: LiveApi, gift: Any) -> None:
    with api.database.connect() as owner:
        run_out(owner, gift["code"])


def test_a_gift_shows_what_a_friend_wants_to_know(api: LiveApi) -> None:
    gift = api.user(5000, name="Ann").give(1250, message="For you & yours")
    answer = visit(api, gift["code"])
    assert answer.status_code == 200
    page = Document.of(answer)
    [heading] = page.headings
    assert "Ann" in heading
    assert "1,250" in heading
    assert "For you & yours" in page.text
    assert page.fields == {"code": gift["code"]}
    assert datetime.fromisoformat(gift["expiresAt"]).strftime("%B %Y") in page.text
    assert "svg" in page.elements


def test_a_gift_without_a_name_or_a_message_has_a_page_too(api: LiveApi) -> None:
    page = Document.of(visit(api, api.user(50).give(1)["code"]))
    assert "None" not in page.text
    assert "blockquote" not in page.elements


def test_a_shared_gift_tells_what_one_person_gets_and_what_is_left(api: LiveApi) -> None:
    gift = api.user(50).give(35, totalPortions=5)
    ok(api.user().redeem(gift["code"]))
    page = Document.of(visit(api, gift["code"]))
    assert "7 credits" in page.headings[0]
    assert "5 people" in page.text
    assert "4 portions" in page.text


def test_a_riddle_is_asked_and_its_answer_is_not_told(api: LiveApi) -> None:
    gift = api.user(50).give(10, riddleQuestion="What has keys?", riddleAnswer="Some piano")
    page = visit(api, gift["code"])
    assert "What has keys?" in Document.of(page).text
    assert "piano" not in page.text


def test_a_gift_for_one_person_does_not_tell_for_whom(api: LiveApi) -> None:
    giver = api.user(50, email="giver@example.com", name="Ann")
    page = visit(api, giver.give(10, targetEmail="bob@example.com")["code"])
    assert page.status_code == 200
    assert "@example.com" not in page.text
    assert giver.id not in page.text


def test_without_a_place_to_redeem_there_is_no_link_to_one(api: LiveApi) -> None:
    page = Document.of(visit(api, api.user(50).give(10)["code"]))
    assert page.links == []


def test_a_button_leads_to_where_gifts_are_redeemed(start_api: StartApi) -> None:
    redeem_url = "https://app.example/#/gifts/{code}/open"
    api = start_api(GIFT_REDEEM_URL=redeem_url, BASE_URL="https://credits.example/x")
    gift = api.user(50).give(10)
    page = Document.of(visit(api, gift["code"].lower()))
    assert page.links == [redeem_url.format(code=gift["code"])]
    assert page.meta["og:url"] == f"https://credits.example/x/g/{gift['code']}"


def test_codes_are_forgiving(api: LiveApi) -> None:
    code = api.user(50).give(10)["code"]
    typed = f"%20{code[:3].lower()}-{code[3:6]}%20{code[6:].lower()}%20"
    answer = visit(api, typed)
    assert answer.status_code == 200
    assert code in Document.of(answer).text


@pytest.mark.parametrize(
    "code", ["ABCDEFGHJK", "x", "%20", "%ff", "%00", "a%2Fb", "%3Cb%3E", "A" * 2000]
)
def test_what_is_no_code_has_a_kind_page(api: LiveApi, code: str) -> None:
    answer = visit(api, code)
    assert answer.status_code == 404
    page = Document.of(answer)
    assert len(page.headings) == 1
    assert "og:url" not in page.meta
    assert "b" not in page.elements


@pytest.mark.parametrize(
    ("end", "keeps_message"), [(_redeemed, True), (_expired, True), (None, False)]
)
def test_a_gift_that_has_ended_is_still_told_about(
    api: LiveApi, end: State | None, keeps_message: bool
) -> None:
    giver = api.user(50, name="Ann")
    gift = giver.give(10, message="For you")
    opened = Document.of(visit(api, gift["code"]))
    if end is None:
        ok(giver.delete(f"/gifts/{gift['id']}"))
    else:
        end(api, gift)
    answer = visit(api, gift["code"])
    page = Document.of(answer)
    assert answer.status_code == 200
    assert page.headings != opened.headings
    assert ("For you" in page.text) == keeps_message
    assert gift["code"] not in page.text
    assert page.fields == {}


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("de-CH,de;q=0.9,en;q=0.8", "de"),
        ("fr", "fr"),
        ("it;q=0.4, es;q=0.5", "es"),
        ("pt, it;q=0.1", "it"),
        ("ja, *;q=0.5", "en"),
        ("", "en"),
    ],
)
def test_a_page_is_in_the_language_that_its_reader_likes_best(
    api: LiveApi, asked: str, language: str
) -> None:
    for code in (api.user(50, name="Ann").give(10)["code"], "ABCDEFGHJK"):
        answer = visit(api, code, Accept_Language=asked)
        page = Document.of(answer)
        assert (page.language, answer.headers["content-language"]) == (language, language)
        assert {"Accept", "Accept-Language"} <= set(answer.headers["vary"].split(", "))
        assert (page.text == Document.of(visit(api, code)).text) == (language == "en")


def test_a_page_has_the_name_and_the_colour_of_its_brand(start_api: StartApi) -> None:
    brand = {"BRAND_NAME": "Rock & <Roll>", "BRAND_COLOUR": "#0A7D4F"}
    urls = {
        "BRAND_URL": "https://app.example/start?a=1&b=2",
        "GIFT_REDEEM_URL": "https://app.example/redeem",
    }
    api = start_api(**brand, **urls)
    gift = api.user(50).give(10)
    page = Document.of(visit(api, gift["code"]))
    assert page.meta["og:site_name"] == "Rock & <Roll>"
    assert "Rock & <Roll>" in page.text
    assert "#0a7d4f" in page.style
    assert page.links == [urls["GIFT_REDEEM_URL"]]
    _expired(api, gift)
    for code in (gift["code"], "ABCDEFGHJK"):
        assert Document.of(visit(api, code)).links == [urls["BRAND_URL"]]


@pytest.mark.parametrize("typed", ["{0}", " {0} ", "{0}/../x?y=1#z", "é%", ""])
def test_who_typed_a_wrong_code_may_type_another(api: LiveApi, typed: str) -> None:
    gift = api.user(50).give(10)
    page = Document.of(visit(api, "ABCDEFGHJK"))
    assert page.fields == {"code": ""}
    answer = api.client.get("/g", params={"code": typed.format(gift["code"])})
    assert answer.status_code == 303
    location = answer.headers["location"]
    assert location.startswith("g/")
    found = visit(api, location.removeprefix("g/"))
    assert found.status_code == (200 if typed.strip() == "{0}" else 404)


def test_every_end_of_a_gift_has_its_own_heading(api: LiveApi) -> None:
    giver = api.user(50)
    gifts = [giver.give(1) for _ in range(3)]
    ok(api.user().redeem(gifts[1]["code"]))
    ok(giver.delete(f"/gifts/{gifts[2]['id']}"))
    _expired(api, gifts[0])
    codes = [*(gift["code"] for gift in gifts), "ABCDEFGHJK"]
    headings = [Document.of(visit(api, code)).headings[0] for code in codes]
    assert len(set(headings)) == len(headings)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_whatever_people_write_is_text_and_nothing_else(api: LiveApi, text: str) -> None:
    def page_saying(words: str) -> Document:
        giver = api.user(50, name=words)
        fields = {"message": words, "riddleQuestion": words, "riddleAnswer": "2"}
        return Document.of(visit(api, giver.give(10, **fields)["code"]))

    page = page_saying(text)
    assert page.shape == page_saying("Plain").shape
    assert page.text.count(text) == 3
    assert not {"img", "object", "iframe", "form"} & page.elements


def test_a_name_cannot_turn_the_words_of_a_preview_around(api: LiveApi) -> None:
    giver = api.user(50, name="\u202eAnn\u2066  B")
    page = Document.of(visit(api, giver.give(10)["code"]))
    assert page.meta["og:title"].startswith("Ann B ")


def test_a_preview_shows_who_gives_what_but_not_the_message(api: LiveApi) -> None:
    gift = api.user(50, name="Ann").give(10, message="For your eyes only")
    page = Document.of(visit(api, gift["code"]))
    assert "Ann" in page.meta["og:title"]
    assert "10 credits" in page.meta["og:title"]
    assert page.meta["og:url"] == gift["url"]
    assert not [content for content in page.meta.values() if "eyes" in content]


def test_the_picture_of_a_preview_is_our_own(api: LiveApi) -> None:
    page = Document.of(visit(api, api.user(50).give(10)["code"]))
    assert page.meta["og:image"].startswith(api.url)
    picture = api.client.get(page.meta["og:image"])
    assert picture.status_code == 200
    assert picture.headers["content-type"] == page.meta["og:image:type"]
    assert "max-age" in picture.headers["cache-control"]
    size = [int.from_bytes(picture.content[at : at + 4], "big") for at in (16, 20)]
    assert size == [int(page.meta[f"og:image:{side}"]) for side in ("width", "height")]


@pytest.mark.parametrize("known", [True, False])
def test_a_page_may_load_nothing_be_framed_nowhere_and_is_kept_by_nobody(
    api: LiveApi, known: bool
) -> None:
    answer = visit(api, api.user(50).give(10)["code"] if known else "ABCDEFGHJK")
    policy = dict(part.split(maxsplit=1) for part in _policy(answer.headers))
    page = Document.of(answer)
    script = page.script if known else Document.of(visit(api, api.user(50).give(1)["code"])).script
    assert policy == {
        "default-src": "'none'",
        "style-src": _digest(page.style),
        "script-src": _digest(script),
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'" if known else "'self'",
        "frame-ancestors": "'none'",
    }
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-robots-tag"] == "noindex"
    assert answer.headers["cache-control"] == "no-store"


def _digest(inline: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()}'"


def _policy(headers: Any) -> list[str]:
    return [part.strip() for part in headers["content-security-policy"].split(";")]


def test_head_is_answered_as_get_without_the_page(api: LiveApi) -> None:
    code = api.user(50).give(10)["code"]
    head, get = visit(api, code, method="HEAD"), visit(api, code)
    assert (head.status_code, head.content) == (200, b"")
    varying = ("date", "x-request-id", "content-length")
    assert _without(head.headers, varying) == _without(get.headers, varying)
    assert visit(api, "ABCDEFGHJK", method="HEAD").status_code == 404


def _without(headers: Any, names: tuple[str, ...]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name not in names}


@pytest.fixture
def mistaken(api: LiveApi) -> Iterator[LiveApi]:
    """An API that may not look gifts up, by a mistake of ours."""
    with forbidden(api, "gifts.get_gift"):
        yield api


def test_a_mistake_of_ours_has_a_page_that_shows_nothing_of_it(mistaken: LiveApi) -> None:
    code = mistaken.user(50).give(10)["code"]
    answer = visit(mistaken, code)
    assert answer.status_code == 500
    assert len(Document.of(answer).headings) == 1
    assert 'href="">Try again' in answer.text
    assert "permission" not in answer.text


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/json, text/html;q=0.5"])
def test_its_errors_are_json_for_who_is_no_browser(api: LiveApi, accept: str) -> None:
    headers = {**anyone(api).headers, "Accept": accept, "Origin": SHOP}
    answer = api.client.get("/g/ABCDEFGHJK", headers=headers)
    refused(answer, 404, "gift_not_found")


def test_a_mistake_of_ours_is_json_for_who_is_no_browser(mistaken: LiveApi) -> None:
    headers = {**anyone(mistaken).headers, "Origin": SHOP}
    refused(mistaken.client.get("/g/ABCDEFGHJK", headers=headers), 500, "internal_error")


def test_the_page_and_the_route_share_one_budget(api: LiveApi) -> None:
    code = api.user(50).give(10)["code"]
    busy = anyone(api)
    ways = partial(visit, api, code, busy), partial(busy.get, f"/gifts/{code}")
    turns: Iterator[Callable[[], httpx.Response]] = itertools.cycle(ways)
    assert len(until_refused(lambda: next(turns)())) > LOOK_UPS
    page, answer = (until_refused(way)[-1] for way in ways)
    refused(answer, 429, "too_many_attempts")
    assert page.status_code == 429
    assert int(page.headers["retry-after"]) >= 1
    assert len(Document.of(page).headings) == 1
    assert visit(api, code).status_code == 200
