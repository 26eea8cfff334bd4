"""The reference in a real browser: all of it is rendered, and nothing comes from elsewhere."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.api.described import document
from tests.api.live_api import LiveApi, ok, refused

pytestmark = pytest.mark.nightly

Scheme = Literal["light", "dark"]


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context() as context:
        yield context.new_page()


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> Scheme:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def tinted(browser: Browser, scheme: Scheme) -> Iterator[Page]:
    """A page for somebody who likes everything light, or everything dark."""
    with browser.new_context(color_scheme=scheme) as context:
        yield context.new_page()


def read(page: Page, api: LiveApi) -> None:
    """Open the reference and wait until it is there."""
    page.goto(f"{api.url}/docs", wait_until="networkidle")
    page.locator(".opblock").first.wait_for()


def test_every_operation_is_rendered(page: Page, api: LiveApi, tmp_path: Path) -> None:
    read(page, api)
    page.screenshot(path=tmp_path / "reference.png", full_page=True)
    rendered = {
        (
            block.locator(".opblock-summary-path").inner_text().replace("\u200b", ""),
            block.locator(".opblock-summary-method").inner_text().lower(),
        )
        for block in page.locator(".opblock").all()
    }
    described = {
        (path, method) for path, methods in document()["paths"].items() for method in methods
    }
    assert rendered == described


def test_all_of_it_comes_from_us_and_nothing_complains(page: Page, api: LiveApi) -> None:
    requests: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    read(page, api)
    page.locator(".opblock-summary-control").first.click()
    page.locator(".opblock-body .responses-wrapper").wait_for()
    outside = [url for url in requests if not url.startswith((f"{api.url}/", "data:", "blob:"))]
    assert outside == []
    assert complaints == []


def test_an_operation_shows_its_fields_examples_and_errors(
    page: Page, api: LiveApi, tmp_path: Path
) -> None:
    read(page, api)
    page.locator("#operations-Personal_credits-useCredits .opblock-summary-control").click()
    body = page.locator("#operations-Personal_credits-useCredits .opblock-body")
    body.locator(".responses-wrapper").wait_for()
    page.screenshot(path=tmp_path / "operation.png", full_page=True)
    text = body.inner_text()
    assert "insufficient_credits" in text
    assert "Idempotency-Key" in text
    assert "idempotencyKey" in text


def test_it_is_as_light_or_dark_as_everything_else_and_everybody_can_use_it(
    tinted: Page, scheme: Scheme, api: LiveApi, tmp_path: Path
) -> None:
    read(tinted, api)
    color: str = tinted.evaluate("getComputedStyle(document.querySelector('html')).backgroundColor")
    assert (color == "rgb(28, 32, 34)") == (scheme == "dark")
    # One chapter is like the others, and takes less time, with an operation that is being tried.
    tinted.locator(".operation-filter-input").fill("Gifts")
    tinted.locator("#operations-tag-Personal_credits").wait_for(state="detached")
    tinted.locator("#operations-Gifts-createGift .opblock-summary-control").click()
    tinted.locator("#operations-Gifts-createGift .try-out__btn").click()
    tinted.locator("#operations-Gifts-createGift .execute").wait_for()
    tinted.screenshot(path=tmp_path / f"gifts-{scheme}.png", full_page=True)
    assert_accessible(tinted)


def test_the_root_leads_to_it(tinted: Page, scheme: Scheme, api: LiveApi, tmp_path: Path) -> None:
    tinted.goto(api.url)
    color: str = tinted.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (color == "rgb(21, 17, 27)") == (scheme == "dark")
    tinted.screenshot(path=tmp_path / f"start-{scheme}.png")
    assert_accessible(tinted)
    assert [link.get_attribute("href") for link in tinted.locator("a").all()] == [
        "docs",
        "openapi.json",
        "health",
    ]
    tinted.get_by_role("link", name="/docs").click()
    tinted.locator(".opblock").first.wait_for()


def test_the_root_tells_programs_where_to_go_on(api: LiveApi) -> None:
    answer = api.client.get("/", headers={"Accept": "application/json"})
    assert answer.headers["vary"].lower().startswith("accept")
    places = ok(answer)
    assert places.pop("service") == "mana-credits"
    assert places.keys() == {"docs", "openapi", "health"}
    for path in places.values():
        assert api.client.get(path).status_code == 200


def assert_accessible(page: Page) -> None:
    """Assert that the page breaks no rule of axe."""
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


def test_what_the_page_loads_may_be_kept_for_long(api: LiveApi) -> None:
    page = api.client.get("/docs")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "http" not in policy
    assert "unsafe" not in policy
    asset = page.text.partition('<script src="')[2].partition('"')[0]
    assert "immutable" in api.client.get(f"/{asset}").headers["cache-control"]
    refused_file = asset.replace("swagger-ui-bundle.js", "index.html")
    answer = api.client.get(f"/{refused_file}", headers={"Origin": "https://shop.example"})
    refused(answer, 404, "not_found")
