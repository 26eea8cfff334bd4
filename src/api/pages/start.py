"""The page at the root of the address: links to go on with."""

from typing import Any

import msgspec
from starlette.responses import Response

from api.call import Call
from api.http.answers import json_answer
from api.http.operations import Answer, of_process
from api.http.preferences import prefers
from api.pages.rendering import page_answer


class Start(msgspec.Struct, kw_only=True):
    """The name of the service, and the paths to go on with."""

    service: str = "mana-credits"
    docs: str = "/docs"
    openapi: str = "/openapi.json"
    health: str = "/health"


async def show_start(call: Call[Any]) -> Response:
    """Paths to begin with."""
    if prefers(call.request, "text/html"):
        return page_answer("start.html", call.services.settings, "en")
    answer = json_answer(Start())
    answer.headers["Vary"] = "Accept"
    return answer


OPERATIONS = [
    of_process(
        "GET /",
        description="A page where `Accept` names `text/html`.",
        handler=show_start,
        answers={200: Answer("Paths to go on with.", [Start], other={"text/html": str})},
    ),
]
