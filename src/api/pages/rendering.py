"""Answers made of pages: the template, its style, and the headers that keep it harmless."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from api.pages.content import Page

PICTURE_PATH: Final = "/assets/gift.png"


def _file(name: str) -> str:
    return files("api.pages").joinpath(name).read_text("utf-8").strip()


_STYLE = _file("style.css")
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

_TEMPLATES = Environment(
    loader=PackageLoader("api", "pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_GIFT = _TEMPLATES.get_template("page.html")
_START = _TEMPLATES.get_template("start.html")

# Nothing is loaded but the page itself: no script at all, one style known by its hash, and an icon
# that is part of the page. The path holds the code, so no other site is told where people were.
_HEADERS: Final = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src data:;"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Cache-Control": "no-store",
    "Content-Language": "en",
}

_TRUSTED = {
    "style": Markup(_STYLE),  # noqa: S704 (a file of ours)
    "emblem": Markup(_file("emblem.svg")),  # noqa: S704 (a file of ours)
}


@dataclass(frozen=True, slots=True)
class Place:
    """A path to go on with, and what is there."""

    path: str
    description: str


def start_answer(places: Sequence[Place]) -> Response:
    """Return the answer that shows where to begin."""
    return HTMLResponse(_START.render(places=places, **_TRUSTED), headers=_HEADERS)


def page_answer(page: Page, base_url: str, status: int = 200) -> HTMLResponse:
    """Return the answer that shows a page; its code and its state belong in no cache."""
    html = _GIFT.render(page=page, picture_url=base_url + PICTURE_PATH, **_TRUSTED)
    return HTMLResponse(html, status, _HEADERS)
