"""Draw src/api/pages/picture.png, the picture in previews of a gift's link, from the emblem.

Usage: `.venv/bin/python tools/gift_picture.py`, where a Chromium is installed.
"""

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from chromium import launch_chromium

PAGES = Path(__file__).resolve().parent.parent / "src" / "api" / "pages"

# The size that previews are cut to.
WIDTH, HEIGHT = 1200, 630

CANVAS = """
<style>
body { margin: 0; height: 100vh; display: grid; place-items: center; background: #f3eff8 }
svg { width: 20rem }
</style>
"""


def main() -> int:
    """Write the picture."""
    emblem = (PAGES / "emblem.svg").read_text("utf-8")
    with sync_playwright() as playwright, launch_chromium(playwright) as browser:
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.set_content(CANVAS + emblem)
        page.screenshot(path=PAGES / "picture.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
