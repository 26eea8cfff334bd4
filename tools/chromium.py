"""The browser in which pages are looked at: Playwright's own Chromium, or an installed one."""

import shutil
from pathlib import Path

from playwright.sync_api import Browser, Playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")

# It must work as root, and talk to nobody but the pages under test.
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
]


class NoChromium(Exception):  # noqa: N818 (it says what is missing)
    """No Chromium is installed; the message says how to get one."""


def launch_chromium(playwright: Playwright) -> Browser:
    """Start a headless Chromium.

    Raises:
        NoChromium: There is none.
    """
    own = playwright.chromium.executable_path
    path = own if Path(own).exists() else next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        raise NoChromium(
            "no Chromium is installed: `.venv/bin/playwright install chromium`,"
            " or `apt-get install chromium`"
        )
    return playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
