"""Pages of long lists: by offset, and by cursor at a cost that does not grow with the depth."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

DEFAULT_LIMIT = 50
MOST_ROWS = 100

# Whatever is passed over is read all the same.
MOST_OFFSET = 10_000


# A row of a list: its id, which is the cursor of the page that begins after it, and its text.
Listed = tuple[str, str]


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
        offset = self.offset or None
        return {"p_limit": self.limit + 1, "p_offset": offset, "p_cursor": self.cursor}


def page_answer(request: Request, page: Page, items: Sequence[Listed], base_url: str) -> Response:
    """Return the page, with a `Link` to the next one if there is one.

    Args:
        request: The request; its path and filters are those of the next page too.
        page: The part that was asked for.
        items: The result of the listing function for `page.arguments()`, as JSON.
        base_url: Public base URL of the service.
    """
    following = None
    if len(items) > page.limit:
        following = Page(page.limit, 0, UUID(items[page.limit - 1][0]))
    return link_next(array_answer(items[: page.limit]), request, following, base_url)


def array_answer(items: Sequence[Listed]) -> Response:
    """Return the answer that has these items, written as JSON."""
    text = f"[{','.join([text for _, text in items])}]"
    return Response(text, media_type="application/json")


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
