"""Pages in a real browser: the devices that show them, and what every page has to keep."""

from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize

Scheme = Literal["dark", "light"]

SCHEMES: tuple[Scheme, ...] = ("light", "dark")
DEVICES: dict[str, dict[str, Any]] = {
    "phone": {
        "viewport": ViewportSize(width=390, height=844),
        "device_scale_factor": 2,
        "is_mobile": True,
        "has_touch": True,
    },
    "desktop": {"viewport": ViewportSize(width=1280, height=900)},
}


def overflows(page: Page) -> bool:
    """Return whether anything makes the page wider than its window."""
    return bool(page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))


def accessible_by(page: Page) -> set[str]:
    """Assert that a page breaks no rule of axe, and return the rules that it follows."""
    results = Axe().run(page, options={})
    assert results.violations_count == 0, results.generate_report()
    return {rule["id"] for rule in results.response["passes"]}
