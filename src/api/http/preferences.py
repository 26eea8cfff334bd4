"""Preferences of a client, by its Accept and Accept-Language headers (RFC 9110)."""

import re
from collections.abc import Collection, Sequence

from starlette.requests import Request

from api.http.operations import JSON

# No browser says more. Each part costs a hundred times as much as other bytes of a head.
_MOST_CHARACTERS = 2000

_WEIGHT = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")


def prefers(request: Request, media_type: str) -> bool:
    """Return whether a request names a media type, and likes it better than JSON."""
    liking = _preferences(request.headers.get("accept", ""))
    return liking.get(media_type, 0.0) > liking.get(JSON, 0.0)


def preferred_language(header: str, offered: Sequence[str]) -> str:
    """Return the tag that an Accept-Language header likes best, else the first one offered.

    A range such as `de-CH` finds the longest tag that it begins with (RFC 4647, lookup). `*` means
    the first language that the header does not name.
    """
    liking = _preferences(header)
    # Languages that are named come before others; beyond that the order of the header counts.
    for language, weight in sorted(liking.items(), key=lambda each: (-each[1], each[0] == "*")):
        if weight > 0:
            others = (tag for tag in offered if _lookup(tag, liking) is None)
            found = next(others, None) if language == "*" else _lookup(language, offered)
            if found is not None:
                return found
    return offered[0]


def _lookup(language: str, offered: Collection[str]) -> str | None:
    while language:
        if language in offered:
            return language
        language = language.rpartition("-")[0]
    return None


def _preferences(header: str) -> dict[str, float]:
    return dict(map(_preference, header[:_MOST_CHARACTERS].split(",")))


def _preference(text: str) -> tuple[str, float]:
    """Read one part of such a header, such as `text/csv;q=0.5`; a malformed weight is zero."""
    name, *parameters = (part.strip().lower() for part in text.split(";"))
    weight = next((part[2:] for part in parameters if part.startswith("q=")), "1")
    return name, float(weight) if _WEIGHT.fullmatch(weight) else 0.0
