"""The page of the support desk in a real browser.

The pictures stay in the temporary folder of the run (`--basetemp=DIR` names another one).
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.api.browsers import DEVICES, Scheme, accessible_by, overflows
from tests.api.desk_calls import Admin
from tests.api.live_api import LiveApi, User, ok, unique, wait_until
from tests.api.service_calls import hold


@contextmanager
def opened(browser: Browser, api: LiveApi, token: str | None, **options: Any) -> Iterator[Page]:
    """Open the desk in a window of its own, by a link with a token or without one."""
    with browser.new_context(**{"locale": "en-GB", **options}) as context:
        page = context.new_page()
        page.goto(f"{api.url}/admin" + (f"#token={token}" if token else ""))
        yield page


def search(page: Page, text: str) -> None:
    """Search for something, by the keyboard."""
    box = page.get_by_role("searchbox")
    box.fill(text)
    box.press("Enter")


def open_account(page: Page, user: User) -> None:
    """Open a person's story."""
    search(page, user.id)
    page.get_by_role("button", name=user.id).click()
    expect(page.get_by_role("heading", name=user.id)).to_be_focused()


def act(
    page: Page, button: str, reason: str = "Ticket 17", opener: str = "", **fields: str
) -> None:
    """Act with what a dialog asks for."""
    page.get_by_role("button", name=opener or button, exact=True).first.click()
    dialog = page.get_by_role("dialog")
    for label, value in fields.items():
        dialog.get_by_label(label).fill(value)
    dialog.get_by_label("Reason").fill(reason)
    dialog.get_by_role("button", name=button, exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def somebody(api: LiveApi) -> User:
    """Return a user with something of everything."""
    user = api.user(120, name="Ann")
    ok(user.use(2.5))
    hold(api, user.id, 5)
    user.give(10)
    user.buy(api.package())
    body = {"userId": user.id, "amount": 20, "reason": "Bonus", "referenceId": user.id}
    ok(api.service.post("/internal/credits/grant", {**body, "expiresAt": "2999-01-01T00:00:00Z"}))
    return user


def test_a_grant_a_freeze_a_refund_and_a_search(browser: Browser, api: LiveApi) -> None:
    user = api.user(10)
    ok(user.use(4))
    admin = Admin(api)
    with opened(browser, api, admin.token) as page:
        open_account(page, user)
        act(page, "Grant", **{"Amount in credits": "2.5"})
        wait_until(lambda: user.balance() == 8.5)
        act(page, "Refund")
        wait_until(lambda: user.balance() == 12.5)
        act(page, "Take", **{"Amount in credits": "0,5"})
        wait_until(lambda: user.balance() == 12)
        act(page, "Freeze", reason="Reported stolen")
        expect(page.get_by_text("Reported stolen").first).to_be_visible()
        assert user.use(1).status_code == 403
        act(page, "Unfreeze")
        expect(page.get_by_role("button", name="Freeze", exact=True)).to_be_visible()
        page.get_by_role("button", name="Log").click()
        expect(page.get_by_role("heading", level=1, name="Log")).to_be_focused()
        expect(page.get_by_role("cell", name=admin.id).first).to_be_visible()
    acts = ok(admin.get("/admin/actions", account=user.id))
    assert [row["action"] for row in acts] == ["unfreeze", "freeze", "take", "refund", "grant"]


def test_a_package_and_a_price_are_set(browser: Browser, api: LiveApi) -> None:
    admin = Admin(api)
    with opened(browser, api, admin.token) as page:
        page.get_by_role("button", name="Packages").click()
        fields = {"Name": "Desk package", "Credits": "100", "Price in euro cents": "499"}
        act(page, "Save package", opener="New package", **fields)
        expect(page.get_by_role("cell", name="Desk package")).to_be_visible()
        page.get_by_role("button", name="Prices").click()
        fields = {"Operation": "desk.word", "Price in credits": "0.02"}
        act(page, "Set price", opener="New price", **fields)
        expect(page.get_by_role("cell", name="desk.word")).to_be_visible()


def test_a_token_in_the_link_of_an_open_page_is_taken_and_hidden(
    browser: Browser, api: LiveApi
) -> None:
    with opened(browser, api, None) as page:
        page.evaluate("token => { location.hash = `token=${token}`; }", Admin(api).token)
        expect(page.get_by_role("searchbox")).to_be_visible()
        assert "#" not in page.url


def test_whoever_opens_the_page_loses_hold_of_it(browser: Browser, api: LiveApi) -> None:
    with browser.new_context() as context:
        opener = context.new_page()
        opener.goto(f"{api.url}/health".replace("127.0.0.1", "localhost"))
        with context.expect_page() as opened_page:
            opener.evaluate("url => { window.desk = window.open(url); }", f"{api.url}/admin")
        expect(opened_page.value.get_by_label("Token")).to_be_visible()
        assert opener.evaluate("desk.closed")


def test_who_forgets_the_token_is_shown_nothing_more(browser: Browser, api: LiveApi) -> None:
    user = api.user(10)
    with opened(browser, api, Admin(api).token) as page:
        search(page, user.id)
        asked: list[Route] = []
        page.route(f"**/admin/accounts/{user.id}", lambda route: asked.append(route))
        with page.expect_request(f"**/admin/accounts/{user.id}"):
            page.get_by_role("button", name=user.id).click()
        page.get_by_role("button", name="Forget token").click()
        with page.expect_request_finished():
            asked[0].continue_()
        page.wait_for_timeout(200)
        expect(page.get_by_role("heading", level=1)).to_have_text("Who is there?")


def test_what_an_account_does_not_have_is_not_shown(browser: Browser, api: LiveApi) -> None:
    with opened(browser, api, Admin(api).token) as page:
        open_account(page, api.user(10))
        expect(page.get_by_role("main")).not_to_contain_text("false")


def test_the_smallest_price_may_be_changed(browser: Browser, api: LiveApi) -> None:
    admin = Admin(api)
    operation = unique("operation")
    admin.act("prices", operation=operation, unitPrice=0.0000001)
    with opened(browser, api, admin.token) as page:
        page.get_by_role("button", name="Prices").click()
        page.get_by_role("row", name=operation).get_by_role("button", name="Change").click()
        expect(page.get_by_label("Price in credits")).to_have_value("0.0000001")
        page.get_by_label("Reason").fill("Ticket 17")
        page.get_by_role("dialog").get_by_role("button", name="Set price").click()
        expect(page.get_by_role("row", name=operation)).to_have_count(2)


def test_only_the_price_of_now_is_valid(browser: Browser, api: LiveApi) -> None:
    admin = Admin(api)
    operation = unique("operation")
    for more in ({}, {}, {"validFrom": "2999-01-01T00:00:00Z", "active": False}):
        ok(admin.act("prices", operation=operation, unitPrice=1, **more))
    with opened(browser, api, admin.token) as page:
        page.get_by_role("button", name="Prices").click()
        states = page.get_by_role("row", name=operation).locator("td:nth-child(4)")
        expect(states).to_have_text(["To come", "Valid", "Replaced"])


@pytest.mark.parametrize(
    ("locale", "typed"),
    [
        ("en-GB", {"1.500": True, "1,5": True, "1,500": False}),
        ("de-DE", {"1,500": True, "1.500": False}),
        ("de-CH", {"1.500": True}),
    ],
)
def test_a_sign_between_thousands_begins_no_decimals(
    browser: Browser, api: LiveApi, locale: str, typed: dict[str, bool]
) -> None:
    user = api.user(10)
    with opened(browser, api, Admin(api).token, locale=locale) as page:
        open_account(page, user)
        page.get_by_role("button", name=re.compile("^(Grant|Gutschreiben)$")).click()
        amount = page.locator("[name=amount]")
        for text, taken in typed.items():
            amount.fill(text)
            assert amount.evaluate("input => input.checkValidity()") is taken


def test_a_text_that_is_emptied_is_empty(browser: Browser, api: LiveApi) -> None:
    admin = Admin(api)
    name = unique("package")
    fields = {"credits": 5, "priceEuroCents": 100, "description": "Until Sunday only"}
    admin.act("packages", name=name, **fields)
    with opened(browser, api, admin.token) as page:
        page.get_by_role("button", name="Packages").click()
        page.get_by_role("row", name=name).get_by_role("button").click()
        page.get_by_label("Description").fill("")
        page.get_by_label("Reason").fill("Ticket 17")
        page.get_by_role("dialog").get_by_role("button", name="Save package").click()
        expect(page.get_by_role("dialog")).to_have_count(0)
    [found] = [row for row in ok(admin.get("/admin/packages")) if row["name"] == name]
    assert found["description"] == ""


def test_a_hold_of_a_pool_is_released_where_it_is_found(browser: Browser, api: LiveApi) -> None:
    guild = api.guild(20)
    held = hold(api, guild.owner.id, 5, guildId=guild.id)
    with opened(browser, api, Admin(api).token) as page:
        search(page, held)
        act(page, "Release")
        wait_until(lambda: guild.balance() == 20)


def test_a_wrong_field_is_named_in_the_language_of_the_page(browser: Browser, api: LiveApi) -> None:
    user = api.user(1)
    with opened(browser, api, Admin(api).token, locale="de-CH") as page:
        open_account(page, user)
        page.get_by_role("button", name="Gutschreiben").click()
        page.get_by_label("Betrag in Credits").fill("0")
        page.get_by_label("Grund").fill("Ticket 17")
        page.get_by_role("dialog").get_by_role("button", name="Gutschreiben").click()
        expect(page.get_by_role("alert")).to_contain_text("Prüfe diese Felder: Betrag in Credits")


def test_what_cannot_be_a_token_is_not_taken(browser: Browser, api: LiveApi) -> None:
    with opened(browser, api, None) as page:
        page.get_by_label("Token").fill("näh…")
        page.get_by_role("button", name="Go on").click()
        expect(page.get_by_role("searchbox")).to_have_count(0)
        expect(page.locator("input:invalid")).to_have_count(1)


def test_a_service_key_is_made_shown_once_and_revoked(
    browser: Browser, api: LiveApi, tmp_path: Path
) -> None:
    admin = Admin(api)
    name = unique("service")
    with opened(browser, api, admin.token, **DEVICES["phone"]) as page:
        page.get_by_role("button", name="Service keys").click()
        expect(page.get_by_role("row", name="chat")).to_contain_text("of the environment")
        act(page, "Make key", opener="New key", Name=name)
        shown = page.locator("main code")
        expect(shown).to_have_text(re.compile("^mana_[0-9a-f]{64}$"))
        assert not overflows(page)
        accessible_by(page)
        page.screenshot(path=tmp_path / "key.png", full_page=True)
        row = page.get_by_role("row", name=name)
        row.get_by_role("button", name="Revoke").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text(f"{name}, 1")
        dialog.get_by_label("Reason").fill("It leaked")
        dialog.get_by_role("button", name="Revoke").click()
        expect(row).to_contain_text("It leaked")
        expect(shown).to_have_count(0)
    [key] = [key for key in ok(admin.get("/admin/service-keys")) if key["name"] == name]
    assert key["revokedReason"] == "It leaked"


def test_the_token_leaves_the_address_and_is_kept_nowhere(browser: Browser, api: LiveApi) -> None:
    admin = Admin(api)
    with opened(browser, api, admin.token) as page:
        page.get_by_role("searchbox").wait_for()
        assert page.url == f"{api.url}/admin"
        kept = "JSON.stringify([localStorage, sessionStorage, document.cookie, history.state])"
        assert admin.token not in page.evaluate(kept)
        page.reload()
        expect(page.get_by_label("Token")).to_be_visible()
        page.get_by_label("Token").fill(admin.token)
        page.get_by_role("button", name="Go on").click()
        page.get_by_role("searchbox").wait_for()


def test_who_is_no_administrator_is_asked_again(browser: Browser, api: LiveApi) -> None:
    with opened(browser, api, Admin(api, "user").token) as page:
        search(page, "anna")
        expect(page.get_by_role("alert")).to_contain_text("no role admin")
        expect(page.get_by_label("Token")).to_be_visible()


def test_what_is_refused_is_said_in_the_dialog(browser: Browser, api: LiveApi) -> None:
    user = api.user(1)
    with opened(browser, api, Admin(api).token) as page:
        open_account(page, user)
        page.get_by_role("button", name="Take", exact=True).click()
        page.get_by_label("Amount in credits").fill("5")
        page.get_by_label("Reason").fill("Ticket 17")
        page.get_by_role("dialog").get_by_role("button", name="Take").click()
        expect(page.get_by_role("alert")).to_have_text("There is not that much.")
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)


def test_nothing_comes_from_elsewhere_and_nothing_complains(browser: Browser, api: LiveApi) -> None:
    asked: list[str] = []
    complaints: list[str] = []
    user = somebody(api)
    with opened(browser, api, None) as page:
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{api.url}/admin")
        page.get_by_label("Token").fill(Admin(api).token)
        page.get_by_label("Token").press("Enter")
        open_account(page, user)
    assert complaints == []
    assert all(url.startswith((f"{api.url}/", "data:")) for url in asked)


def test_markup_of_strangers_stays_text(browser: Browser, api: LiveApi) -> None:
    user = api.user(10)
    ok(user.use(1, description="<img src=x onerror=alert(1)><b>bold</b>"))
    with opened(browser, api, Admin(api).token) as page:
        open_account(page, user)
        expect(page.get_by_role("cell", name="<b>bold</b>")).to_be_visible()
        assert page.locator("td b, td img").count() == 0


# One every time, of what hides most mistakes; every night each two of them meet once.
READERS = (
    ("phone", "dark", "de-CH"),
    *(
        pytest.param(*reader, marks=pytest.mark.nightly)
        for reader in (
            ("desktop", "light", "en-GB"),
            ("phone", "light", "de-CH"),
            ("phone", "dark", "en-GB"),
            ("desktop", "dark", "de-CH"),
        )
    ),
)


@pytest.mark.parametrize(("device", "scheme", "language"), READERS)
def test_every_view_suits_device_scheme_language_and_reader(
    browser: Browser, api: LiveApi, tmp_path: Path, device: str, scheme: Scheme, language: str
) -> None:
    user = somebody(api)
    admin = Admin(api)
    ok(admin.act(f"accounts/{user.id}/freeze", reason="Reported stolen"))
    options: dict[str, Any] = {**DEVICES[device], "color_scheme": scheme, "locale": language}

    def look(page: Page, name: str) -> None:
        assert not overflows(page), name
        accessible_by(page)
        page.screenshot(path=tmp_path / f"{name}-{device}-{scheme}-{language}.png", full_page=True)

    with opened(browser, api, None, **options) as page:
        assert page.get_attribute("html", "lang") == language[:2]
        look(page, "token")
    with opened(browser, api, admin.token, **options) as page:
        search(page, user.id)
        page.get_by_role("button", name=user.id).wait_for()
        look(page, "search")
        open_account(page, user)
        look(page, "account")
        page.get_by_role("button", name=re.compile("^(Grant|Gutschreiben)$")).click()
        look(page, "dialog")
        page.keyboard.press("Escape")
        for number, name in enumerate(["packages", "prices", "keys", "actions"], 1):
            page.get_by_role("navigation").get_by_role("button").nth(number).click()
            page.locator("section table, section p").first.wait_for()
            look(page, name)


# The last ones, since what they leave makes every view long.


def test_all_prices_are_there_however_many(browser: Browser, api: LiveApi) -> None:
    operation = unique("~")
    with api.database.connect() as owner:
        owner.execute(
            "insert into credits.prices (operation, unit_price, valid_from)"
            " select %s, 1, now() + n * interval '1 day' from generate_series(1, 101) n",
            [operation],
        )
    with opened(browser, api, Admin(api).token) as page:
        page.get_by_role("button", name="Prices").click()
        expect(page.get_by_role("row", name=operation)).to_have_count(101)


def test_the_log_goes_on_to_what_is_older(browser: Browser, api: LiveApi) -> None:
    admin = Admin(api)
    first = ok(admin.act(f"accounts/{api.user().id}/grant", amount=1))["action"]
    user = api.user()
    for _ in range(100):
        ok(admin.act(f"accounts/{user.id}/grant", amount=1))
    with opened(browser, api, admin.token) as page:
        page.get_by_role("button", name="Log").click()
        expect(page.get_by_role("button", name=user.id)).to_have_count(100)
        page.get_by_role("button", name="Older").click()
        expect(page.get_by_role("button", name=first["userId"])).to_be_visible()
