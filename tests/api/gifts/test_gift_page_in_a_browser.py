"""The page of a gift in a real browser: how it looks, and what it loads and runs.

The pictures stay in the temporary folder of the run (`--basetemp=DIR` names another one).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize

from tests.api.browsers import DEVICES, SCHEMES, Scheme, accessible_by, overflows
from tests.api.gift_pages import anyone
from tests.api.live_api import LiveApi, StartApi, ok

pytestmark = pytest.mark.nightly

NARROWEST = {"viewport": ViewportSize(width=320, height=640)}

DARK_INK = "rgb(33, 26, 43)"
MESSAGE = "Happy birthday, Bob!\n\nFor all the questions you never dared to ask."
STATES = ("open", "redeemed", "unknown")


@contextmanager
def opened(browser: Browser, api: LiveApi, code: str, **options: Any) -> Iterator[Page]:
    """Open a gift's page in a window of its own, as somebody whom no throttle knows."""
    headers = anyone(api).headers
    with browser.new_context(extra_http_headers=headers, **options) as context:
        page = context.new_page()
        page.goto(f"{api.url}/g/{code}")
        yield page


def code_of(api: LiveApi, state: str) -> str:
    """Return the code of a gift with everything that a page can show, in a state."""
    gift = api.user(500, name="Ann").give(
        250,
        message=MESSAGE,
        totalPortions=5,
        riddleQuestion="What has keys, and opens no door?",
        riddleAnswer="A piano",
    )
    if state == "redeemed":
        for _ in range(5):
            ok(api.user().redeem(gift["code"], answer="A piano"))
    return "ABCDEFGHJK" if state == "unknown" else str(gift["code"])


def brightness(page: Page) -> float:
    """Return how light the page is behind everything, from 0 to 255."""
    color: str = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return sum(map(int, color.removeprefix("rgb(").removesuffix(")").split(","))) / 3


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("device", DEVICES)
def test_every_state_suits_the_device_and_its_colour_scheme(
    browser: Browser, api: LiveApi, tmp_path: Path, device: str, scheme: Scheme
) -> None:
    for state in STATES:
        code = code_of(api, state)
        with opened(browser, api, code, color_scheme=scheme, **DEVICES[device]) as page:
            assert (brightness(page) > 128) == (scheme == "light")
            assert not overflows(page)
            page.screenshot(path=tmp_path / f"{state}-{device}-{scheme}.png", full_page=True)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("state", STATES)
def test_no_rule_of_accessibility_is_broken(
    browser: Browser, api: LiveApi, state: str, scheme: Scheme
) -> None:
    with opened(browser, api, code_of(api, state), color_scheme=scheme) as page:
        passed = accessible_by(page)
        assert {"color-contrast", "html-has-lang", "landmark-one-main", "region"} <= passed


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_qr_code_leads_to_the_page(
    browser: Browser, api: LiveApi, tmp_path: Path, scheme: Scheme
) -> None:
    picture = tmp_path / "page.png"
    code = code_of(api, "open")
    with opened(browser, api, code, color_scheme=scheme, **DEVICES["phone"]) as page:
        page.screenshot(path=picture, full_page=True)
    with Image.open(picture) as image:
        [found] = zxingcpp.read_barcodes(image)
    assert found.text == f"{api.url}/g/{code}"


LANGUAGES = ("de-CH", "en-GB", "es-ES", "fr-CH", "it-CH")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_suits_the_narrowest_window_and_every_reader(
    browser: Browser, api: LiveApi, tmp_path: Path, language: str
) -> None:
    for state in STATES:
        with opened(browser, api, code_of(api, state), locale=language, **NARROWEST) as page:
            assert page.get_attribute("html", "lang") == language[:2]
            assert not overflows(page)
            accessible_by(page)
            page.screenshot(path=tmp_path / f"{state}-{language}.png", full_page=True)


@pytest.mark.parametrize("scripts", [True, False])
def test_the_code_is_copied_with_a_script_and_selected_without(
    browser: Browser, api: LiveApi, scripts: bool
) -> None:
    code = code_of(api, "open")
    with opened(browser, api, code, java_script_enabled=scripts) as page:
        button = page.get_by_role("button", name="Copy")
        if scripts:
            page.context.grant_permissions(["clipboard-read", "clipboard-write"])
            button.click()
            page.get_by_role("button", name="Copied").wait_for()
            assert page.evaluate("navigator.clipboard.readText()") == code
        else:
            assert not button.is_visible()
            page.keyboard.press("Tab")
            field = page.get_by_label("Code of the gift")
            assert field.evaluate("each => each === document.activeElement")
            assert field.evaluate("each => each.selectionEnd - each.selectionStart") == len(code)


def test_on_paper_there_is_what_paper_is_good_for(browser: Browser, api: LiveApi) -> None:
    code = code_of(api, "open")
    with opened(browser, api, code, color_scheme="dark") as page:
        page.emulate_media(media="print")
        assert page.get_by_text(f"{api.url}/g/{code}").is_visible()
        assert page.get_by_label("Code of the gift").is_visible()
        assert not page.get_by_role("button").is_visible()
        assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") == DARK_INK


def test_a_code_that_was_typed_wrong_is_typed_again(browser: Browser, api: LiveApi) -> None:
    code = code_of(api, "open")
    with opened(browser, api, "ABCDEFGHJK") as page:
        page.get_by_label("Enter the code once more").fill(f"{code[:5].lower()} {code[5:]}")
        page.keyboard.press("Enter")
        page.get_by_label("Code of the gift").wait_for()
        assert page.get_by_label("Code of the gift").input_value() == code


def test_the_page_is_all_that_is_loaded(browser: Browser, api: LiveApi) -> None:
    requests: list[str] = []
    complaints: list[str] = []
    code = code_of(api, "open")
    with browser.new_context(extra_http_headers=anyone(api).headers) as context:
        page = context.new_page()
        page.on("request", lambda request: requests.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(f"{api.url}/g/{code}", wait_until="networkidle")
    assert [url for url in requests if not url.startswith("data:")] == [f"{api.url}/g/{code}"]
    assert complaints == []


@pytest.mark.parametrize(
    "text",
    [
        "<script>document.title = 'run'</script>",
        "<img src=x onerror=\"document.title = 'run'\">",
        "</style></title><svg onload=\"document.title = 'run'\">",
    ],
)
def test_no_text_of_people_is_run(browser: Browser, api: LiveApi, text: str) -> None:
    gift = api.user(50, name=text).give(
        10, message=text, riddleQuestion=text, riddleAnswer="A piano"
    )
    with opened(browser, api, gift["code"]) as page:
        assert text in page.inner_text("blockquote >> nth=0")
        assert text in page.inner_text("h1")
        assert page.title() != "run"
        assert page.locator("img").count() == 0
        assert page.locator("script").count() == 1


@pytest.mark.parametrize("letter", ["W", "\u0e4a", "\ufdfd", "\n"])
def test_the_longest_texts_fit_into_the_narrowest_window(
    browser: Browser, api: LiveApi, letter: str
) -> None:
    gift = api.user(50, name=(letter * 200).strip() or "W" * 200).give(
        10,
        message=f"W{letter * 498}W",
        riddleQuestion=f"W{letter * 198}W",
        riddleAnswer="A piano",
    )
    with opened(browser, api, gift["code"], **NARROWEST) as page:
        assert not overflows(page)
        assert page.get_by_label("Code of the gift").bounding_box() is not None


def test_letters_of_twice_the_size_fit_on_a_phone(browser: Browser, api: LiveApi) -> None:
    with opened(browser, api, code_of(api, "open"), **DEVICES["phone"]) as page:
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert not overflows(page)


def test_the_button_is_reached_by_keyboard_seen_and_followed(
    browser: Browser, start_api: StartApi
) -> None:
    api = start_api(GIFT_REDEEM_URL="http://127.0.0.1:9/redeem?code={code}")
    code = api.user(50).give(10)["code"]
    for scheme in SCHEMES:
        with opened(browser, api, code, color_scheme=scheme) as page:
            assert "link-name" in accessible_by(page)
    with opened(browser, api, code, **DEVICES["phone"]) as page:
        button = page.get_by_role("link")
        plain = button.evaluate("each => getComputedStyle(each).outlineStyle")
        page.keyboard.press("Tab")
        focused = button.evaluate("each => getComputedStyle(each).outlineStyle")
        assert (plain, focused) == ("none", "solid")
        with page.expect_request(f"http://127.0.0.1:9/redeem?code={code}") as request:
            page.keyboard.press("Enter")
        assert "referer" not in request.value.headers


def test_on_a_phone_the_button_is_seen_at_once(
    browser: Browser, start_api: StartApi, tmp_path: Path
) -> None:
    api = start_api(GIFT_REDEEM_URL="https://app.example/redeem?code={code}")
    gift = api.user(50, name="Ann").give(10, message=MESSAGE)
    with opened(browser, api, gift["code"], **DEVICES["phone"]) as page:
        page.screenshot(path=tmp_path / "with-a-button.png")
        box = page.get_by_role("link").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= DEVICES["phone"]["viewport"]["height"]
        assert box["height"] >= 44
