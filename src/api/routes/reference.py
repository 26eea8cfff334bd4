"""The reference: the OpenAPI document, and a page that shows it to people."""

from typing import Any, Final

import msgspec
from jinja2 import Template
from starlette.responses import FileResponse, HTMLResponse, Response
from swagger_ui_bundle import swagger_ui_path

from api.call import Call
from api.http.errors import ApiError
from api.http.operations import JSON, Answer, of_process
from api.pages.brand import page_file
from api.pages.rendering import source_of

# The folder is named after the version, so what was fetched once never changes.
_ASSETS: Final = f"docs/{swagger_ui_path.name}"
_MEDIA_TYPES: Final = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
    "favicon-32x32.png": "image/png",
}
_FOR_A_YEAR: Final = {"Cache-Control": "public, max-age=31536000, immutable"}
_FOR_MINUTES: Final = {"Cache-Control": "public, max-age=300"}

_SCRIPT: Final = page_file("reference.js", "api.reference")
_STYLE: Final = page_file("reference.css", "api.reference")

# Everything comes from here; the pictures that the style sheet has in itself are data URLs.
_PAGE_HEADERS: Final = {
    **_FOR_MINUTES,
    "Content-Security-Policy": (
        f"default-src 'none'; script-src 'self' {source_of(_SCRIPT)};"
        f" style-src 'self' {source_of(_STYLE)};"
        " img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
}

_TEMPLATE = Template(page_file("reference.html", "api.reference"), autoescape=True)
_PAGE = _TEMPLATE.render(assets=_ASSETS, script=_SCRIPT, style=_STYLE)


async def tell_open_api(call: Call[Any]) -> Response:
    """This document."""
    document = page_file("openapi.json", "api.reference")
    return Response(document, headers=_FOR_MINUTES, media_type=JSON)


async def show_reference(call: Call[Any]) -> Response:
    """This document as a page to read."""
    return HTMLResponse(_PAGE, headers=_PAGE_HEADERS)


async def show_reference_asset(call: Call[Any]) -> Response:
    """A file that the page of this document loads.

    A script, style sheet or picture, from the package that has them.
    """
    name = call.request.path_params["file"]
    if name not in _MEDIA_TYPES:
        raise ApiError("not_found", "There is no such file")
    path = swagger_ui_path.joinpath(name)
    return FileResponse(path, headers=_FOR_A_YEAR, media_type=_MEDIA_TYPES[name])


OPERATIONS = [
    of_process(
        "GET /openapi.json",
        handler=tell_open_api,
        answers={200: Answer("An OpenAPI 3.1 document.", [dict[str, Any]])},
    ),
    of_process(
        "GET /docs",
        handler=show_reference,
        answers={200: Answer("The page.", other={"text/html": str})},
    ),
    of_process(
        f"GET /{_ASSETS}/{{file}}",
        handler=show_reference_asset,
        answers={200: Answer("The file.", other=dict.fromkeys(_MEDIA_TYPES.values(), msgspec.Raw))},
        refusals=("not_found",),
    ),
]
