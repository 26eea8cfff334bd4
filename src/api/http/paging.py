"""Pages of long lists: by offset, and by cursor at a cost that does not grow with the depth."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from api.http.answers import json_answer

DEFAULT_LIMIT = 50
MOST_ROWS = 100

# Whatever is passed over is read all the same.
MOST_OFFSET = 10_000


class Listed(Protocol):
    """A row of a list; its id is the cursor of the page that begins after it."""

    @property
    def id(self) -> UUID:
        """The row's time-ordered id."""


@dataclass(frozen=True, slots=True)
class Page:
    """The part of a list that is asked for."""

    limit: int
    offset: int
    cursor: UUID | None

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of a listing function.

        One row more than asked for, which tells whether another page follows.
        """
        return {"p_limit": self.limit + 1, "p_offset": self.offset, "p_cursor": self.cursor}


def page_answer(
    request: Request, page: Page, rows: Sequence[Listed], answers: Sequence[Any], base_url: str
) -> Response:
    """Return the page, with a `Link` to the next one if there is one.

    Args:
        request: What was asked; its path and filters are those of the next page too.
        page: Which part was asked for.
        rows: What the listing function returned for `page.arguments()`.
        answers: The same rows as they go out.
        base_url: Public base URL of the service.
    """
    following = None
    if len(rows) > page.limit:
        following = Page(page.limit, 0, rows[page.limit - 1].id)
    return link_next(json_answer(answers[: page.limit]), request, following, base_url)


def link_next(
    answer: Response, request: Request, following: Page | None, base_url: str
) -> Response:
    """Return the answer with a `Link` to the next page if there is one; see `page_answer`."""
    if following is not None:
        parameters = {
            name: value
            for name, value in request.query_params.items()
            if name not in ("cursor", "offset")
        }
        parameters["cursor"] = str(following.cursor)
        if following.offset:
            parameters["offset"] = str(following.offset)
        url = f"{base_url}{request.scope['path']}?{urlencode(parameters)}"
        answer.headers["Link"] = f'<{url}>; rel="next"'
    return answer
