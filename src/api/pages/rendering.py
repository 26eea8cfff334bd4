"""Answers made of pages: the template, its style, and the headers that keep it harmless."""

import base64
import hashlib
from functools import partial
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from api.http.errors import ApiError
from api.pages.brand import Brand, brand_of, page_file
from api.pages.content import Page
from api.pages.languages import ENGLISH, Language
from api.settings import Settings

PICTURE_PATH: Final = "/assets/gift.png"

TEMPLATES = Environment(
    loader=PackageLoader("api", "pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_GIFT = TEMPLATES.get_template("page.html")
_START = TEMPLATES.get_template("start.html")

_SCRIPT: Final = Markup(page_file("copy.js"))  # noqa: S704 (a file of ours)


def start_answer(brand: Brand) -> Response:
    """Return the answer that shows where to begin, to those who write programs."""
    html = _START.render(brand=brand, language=ENGLISH)
    return HTMLResponse(html, headers=_headers(brand, ENGLISH))


def page_answer(
    page: Page, settings: Settings, language: Language, error: ApiError | None = None
) -> HTMLResponse:
    """Return the answer that shows a page, of an error too; it belongs in no cache."""
    brand = brand_of(settings)
    html = _GIFT.render(
        page=page,
        picture_url=settings.base_url + PICTURE_PATH,
        brand=brand,
        language=language,
        text=partial(language.text, brand=brand.name),
        script=_SCRIPT,
    )
    form_action = "'self'" if page.other_code else "'none'"
    headers = _headers(brand, language, form_action)
    if error is not None and error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    return HTMLResponse(html, 200 if error is None else error.status, headers)


def _headers(brand: Brand, language: Language, form_action: str = "'none'") -> dict[str, str]:
    return headers_of(brand.style, _SCRIPT, language.tag, f"form-action {form_action}")


def headers_of(style: Markup, script: Markup, language: str, allowed: str) -> dict[str, str]:
    """Return the headers of a page; `allowed` adds to its policy.

    Nothing is loaded but the page itself: one style and one script known by their hashes, and an
    icon that is part of the page. The path of a gift holds its code, so no other site is told where
    people were.
    """
    return {
        "Content-Security-Policy": (
            f"default-src 'none'; style-src {source_of(style)}; script-src {source_of(script)};"
            f" img-src data:; base-uri 'none'; {allowed}; frame-ancestors 'none'"
        ),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
        "Cache-Control": "no-store",
        "Content-Language": language,
        "Vary": "Accept, Accept-Language",
    }


def source_of(inline: str) -> str:
    """Return what allows an element with this content in a Content-Security-Policy."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()}'"
