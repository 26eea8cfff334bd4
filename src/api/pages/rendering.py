"""Answers made of pages: a template, the brand, and the headers that keep it harmless."""

import base64
import hashlib
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from api.pages.brand import coloured, emblem, page_file
from api.settings import Settings

_TEMPLATES = Environment(
    loader=PackageLoader("api", "pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page_answer(
    template: str,
    settings: Settings,
    language: str,
    *,
    style: str = "style.css",
    script: str = "copy.js",
    policy: str = "form-action 'none'",
    **values: Any,
) -> HTMLResponse:
    """Return the answer that shows a page in the brand of the settings; it belongs in no cache.

    Nothing is loaded but the page itself: one style and one script known by their hashes, and an
    icon that is part of the page. The path of a gift holds its code, so no other site is told where
    people were. `policy` is added to its Content-Security-Policy. Template, style and script are
    files of this folder; `language` is a tag, and `values` is all else that the template shows.
    """
    colour = settings.brand_colour
    written = {"style": coloured(style, colour), "script": page_file(script)}
    brand = {"name": settings.brand_name, "url": settings.brand_url, "emblem": emblem(colour)}
    html = _TEMPLATES.get_template(template).render(
        brand=brand, language=language, **written, **values
    )
    headers = {
        "Content-Security-Policy": (
            f"default-src 'none'; style-src {source_of(written['style'])};"
            f" script-src {source_of(written['script'])}; img-src data:; base-uri 'none';"
            f" {policy}; frame-ancestors 'none'"
        ),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
        "Cache-Control": "no-store",
        "Content-Language": language,
        "Vary": "Accept, Accept-Language",
    }
    return HTMLResponse(html, headers=headers)


def source_of(inline: str) -> str:
    """Return what allows an element with this content in a Content-Security-Policy."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()}'"
