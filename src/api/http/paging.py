"""Pages of long lists: by offset, and by cursor at a cost that does not grow with the depth."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

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
    cursor: str | None

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of a listing function.

        One row more than asked for, which tells whether another page follows.
        """
        offset = self.offset or None
        return {"p_limit": self.limit + 1, "p_offset": offset, "p_cursor": self.cursor}

    def cut(self, rows: Sequence[Listed]) -> "Part":
        """Return what a listing function found for `arguments`, as far as it is of this page."""
        if len(rows) <= self.limit:
            return Part(rows, None)
        return Part(rows[: self.limit], Page(self.limit, 0, rows[self.limit - 1][0]))


class Part(NamedTuple):
    """The rows of a page, and the next page if there is one."""

    rows: Sequence[Listed]
    following: Page | None


def array_answer(items: Sequence[Listed]) -> Response:
    """Return the answer that has these items, written as JSON."""
    text = f"[{','.join([text for _, text in items])}]"
    return Response(text, media_type="application/json")
