"""The page of the support desk: the routes under /admin in a browser, for people in support.

The page itself holds no data; it asks for them with the token of its user.
"""

import json
from functools import cache
from typing import Any, Final

from starlette.responses import Response

from api.call import Call
from api.http.operations import Answer, Operation
from api.http.preferences import preferred_language
from api.pages.brand import page_file
from api.pages.rendering import page_answer

LANGUAGES: Final = ("en", "de")


async def show_desk(call: Call[Any]) -> Response:
    """The support desk as a page.

    For anyone: it asks for a token before it shows anything.
    """
    language = preferred_language(call.request.headers.get("accept-language", ""), LANGUAGES)
    answer = page_answer(
        "desk.html",
        call.services.settings,
        language,
        style="desk.css",
        script="desk.js",
        policy="connect-src 'self'; form-action 'none'",
        texts=texts_of(language),
    )
    # Whoever has opened it must not put another token into its address.
    answer.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    return answer


@cache
def texts_of(language: str) -> dict[str, Any]:
    """Return what the page says in a language."""
    texts: dict[str, Any] = json.loads(page_file(f"texts/desk.{language}.json"))
    return texts


OPERATIONS = [
    Operation(
        "GET /admin",
        prefix="",
        tag="Support desk",
        description="It asks for an administrator's token, or takes it from the fragment of the"
        " link that opened it (`#token=…`), and keeps it in memory only.",
        handler=show_desk,
        answers={200: Answer("The page.", other={"text/html": str})},
        needs_database=False,
    ),
]
