"""The media type that a client prefers, by its Accept header (RFC 9110)."""

from starlette.requests import Request

from api.http.operations import JSON


def prefers(request: Request, media_type: str) -> bool:
    """Return whether a request names a media type, and likes it better than JSON."""
    liking = dict(map(_preference, request.headers.get("accept", "").split(",")))
    return liking.get(media_type, 0.0) > liking.get(JSON, 0.0)


def _preference(media_range: str) -> tuple[str, float]:
    """Read one part of an Accept header, such as `text/csv;q=0.5`."""
    media_type, *parameters = (part.strip().lower() for part in media_range.split(";"))
    weight = next((text[2:] for text in parameters if text.startswith("q=")), "1")
    try:
        return media_type, float(weight)
    except ValueError:
        return media_type, 0.0
