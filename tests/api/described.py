"""Holds what is answered to what the OpenAPI document says."""

import json
import re
from copy import deepcopy
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

import httpx
import jsonschema_rs

from api.routes import OPERATIONS
from openapi.document import OpenApi, written

Schema = dict[str, Any]

JSON = "application/json"
CSV = "text/csv"

# Answers where no operation is: an unknown path, a method that a path lacks, a preflight.
ELSEWHERE = {404: "NotFoundError", 405: "MethodNotAllowedError", 400: "InvalidRequestError"}

# Answered to every request alike, before anybody has looked which route it is for.
ANYWHERE = {431: "RequestHeaderFieldsTooLargeError"}


@cache
def document() -> Schema:
    """The document as a client reads it."""
    described: Schema = json.loads(written(OpenApi(OPERATIONS).document))
    return described


class Place(NamedTuple):
    """A path of the document, and what sent paths look like."""

    pattern: re.Pattern[str]
    path: str


@cache
def _places() -> list[Place]:
    """The paths; one with fewer parameters goes before one with more."""
    paths = sorted(document()["paths"], key=lambda path: path.count("{"))
    return [
        Place(re.compile("/".join(map(_segment, path.split("/"))) + r"\Z"), path) for path in paths
    ]


def _segment(segment: str) -> str:
    return "[^/]+" if segment.startswith("{") else re.escape(segment)


@cache
def _components() -> Schema:
    """The components, with nothing allowed in an object that they do not name.

    Amounts, which are read as decimals here, have as many digits as the description says.
    """
    components: Schema = deepcopy(document()["components"])
    components["schemas"]["Credits"]["multipleOf"] = 0.000001
    for schema in components["schemas"].values():
        if "properties" in schema:
            schema["additionalProperties"] = False
    return components


@cache
def validator(*keys: str) -> jsonschema_rs.Draft202012Validator:
    """Compile the schema at this place of the document."""
    schema: Any = {**document(), "components": _components()}
    for key in keys:
        schema = schema[key]
    return jsonschema_rs.Draft202012Validator(
        {**schema, "components": _components()}, validate_formats=True
    )


def described_operation(method: str, path: str) -> tuple[str, str] | None:
    """Return the path and the method under which a request is described, if it is."""
    method = "get" if method == "HEAD" else method.lower()
    for place in _places():
        if place.pattern.match(path) and method in document()["paths"][place.path]:
            return place.path, method
    return None


def as_described(answer: httpx.Response) -> None:
    """Assert that an answer is one that the document describes; reads its body if it is JSON."""
    request = answer.request
    path = request.url.raw_path.decode("ascii").partition("?")[0]
    found = described_operation(request.method, path)
    media_type = answer.headers.get("content-type", "").partition(";")[0]
    if found is not None and media_type == CSV:
        # The table of a list is described apart from it, so that each has one type.
        found = (found[0].removesuffix(".csv") + ".csv", found[1])
    told = f"{request.method} {path} {answer.status_code}"
    if found is None or answer.status_code in ANYWHERE:
        if answer.is_error:
            name = {**ELSEWHERE, **ANYWHERE}[answer.status_code]
            _assert_valid(answer, told, "components", "schemas", name)
        return
    place = ("paths", *found, "responses", str(answer.status_code))
    responses = document()["paths"][found[0]][found[1]]["responses"]
    assert str(answer.status_code) in responses, f"{told} is not described"
    response = responses[str(answer.status_code)]
    _assert_headers(answer, response["headers"], told)
    if "content" not in response:
        assert answer.read() == b""
        return
    assert media_type in response["content"], f"{told} {media_type} is not described"
    if media_type == JSON and request.method != "HEAD":
        _assert_valid(answer, told, *place, "content", JSON, "schema")


def _assert_valid(answer: httpx.Response, told: str, *place: str) -> None:
    if answer.request.method == "HEAD":
        return
    answer.read()
    assert_valid(json.loads(answer.text, parse_float=Decimal), told, *place)


def assert_valid(value: Any, told: str, *place: str) -> None:
    """Assert that a value, its numbers exact, has the schema at a place of the document."""
    error = next(validator(*place).iter_errors(value), None)
    assert error is None, f"{told}: {error}"


def _assert_headers(answer: httpx.Response, described: Schema, told: str) -> None:
    for name, reference in described.items():
        header = document()["components"]["headers"][reference["$ref"].rpartition("/")[2]]
        value = answer.headers.get(name)
        if value is None:
            assert not header.get("required"), f"{told} has no {name}"
            continue
        given = int(value) if header["schema"]["type"] == "integer" else value
        assert jsonschema_rs.is_valid(header["schema"], given), f"{told} {name}: {value}"
    for name in ("link", "retry-after", "www-authenticate"):
        if name in answer.headers:
            assert name in {each.lower() for each in described}, f"{told}: {name} is not described"
