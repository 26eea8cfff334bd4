"""The OpenAPI document: complete, valid, and true of the routes; that answers keep to it is held
by every test that calls the API (`described.py`)."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from starlette.routing import Route

from api.http.error_codes import ERROR_CODES
from api.routes import ROUTES
from openapi.errors import PAGE
from openapi.schemas import Schemas
from tests.api.described import assert_valid, document
from tests.api.live_api import LiveApi, ok

OPERATIONS = [(path, method) for path, methods in document()["paths"].items() for method in methods]
each_operation = pytest.mark.parametrize(("path", "method"), OPERATIONS)


def operation(path: str, method: str) -> Any:
    return document()["paths"][path][method]


def codes_of(described: Any) -> set[str]:
    """The codes that an operation is said to answer, by the names of their schemas."""
    return {
        schema["properties"]["code"]["const"]
        for name, schema in document()["components"]["schemas"].items()
        if name.endswith("Error") and f'"#/components/schemas/{name}"' in json.dumps(described)
    }


def test_anyone_is_told_it_without_a_token(api: LiveApi) -> None:
    answer = api.client.get("/openapi.json")
    assert json.loads(answer.text) == document(), "run `make clients`"
    assert "max-age" in answer.headers["cache-control"]


@pytest.mark.parametrize("path", ["/openapi.json", "/docs"])
def test_its_head_can_be_asked_for(api: LiveApi, path: str) -> None:
    head = api.client.head(path)
    assert (head.status_code, head.content) == (200, b"")


def test_it_is_valid() -> None:
    assert document()["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(document()).validate()


def test_it_names_no_host() -> None:
    assert document()["servers"] == [{"url": "/"}]


def test_it_has_every_route_and_no_other() -> None:
    routes = {
        (route.path, method.lower())
        for route in ROUTES
        if isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD"}
    }
    assert set(OPERATIONS) == routes


def test_operations_have_names_of_their_own() -> None:
    names = [operation(*one)["operationId"] for one in OPERATIONS]
    assert len(set(names)) == len(names)


def test_every_code_has_the_status_that_the_errors_page_says() -> None:
    page = re.findall(r"^\|.* `(\w+)` \| (\d{3}) \|", PAGE.read_text("utf-8"), re.MULTILINE)
    told = {code: each.status for code, each in ERROR_CODES.items()}
    assert {code: int(status) for code, status in page} == told


def test_amounts_are_valid_for_who_reads_them_as_doubles() -> None:
    """A validator that divides doubles takes 0.1 for no multiple of 0.000001."""
    factors = re.findall(r'"multipleOf": *([^,}]+)', json.dumps(document()))
    assert factors
    assert [factor for factor in factors if not float(factor).is_integer()] == []


@each_operation
def test_an_operation_that_needs_proof_of_the_caller_can_refuse_it(path: str, method: str) -> None:
    described = operation(path, method)
    proofs = {name for way in described["security"] for name in way}
    assert proofs <= document()["components"]["securitySchemes"].keys()
    assert ("401" in described["responses"]) == bool(
        proofs & {"userToken", "serviceKey", "metricsToken"}
    )


def test_an_operation_tells_what_the_functions_behind_it_refuse() -> None:
    assert "purchase_not_found" in codes_of(operation("/api/v1/credits/purchase/{id}", "get"))
    assert "guild_pool_not_found" in codes_of(operation("/api/v1/credits/use", "post"))


@each_operation
def test_a_body_that_can_be_sent_can_be_refused(path: str, method: str) -> None:
    described = operation(path, method)
    if "requestBody" in described:
        assert {"invalid_request", "body_too_large"} <= codes_of(described)


def test_every_parameter_of_a_path_is_described() -> None:
    for path, method in OPERATIONS:
        described = [
            one["name"] for one in operation(path, method)["parameters"] if one.get("in") == "path"
        ]
        assert described == re.findall(r"{(\w+)}", path)


def test_two_types_of_one_name_are_refused() -> None:
    schemas = Schemas()
    schemas.of(msgspec.defstruct("Twin", [("one", int)]))
    with pytest.raises(ValueError, match="Twin"):
        schemas.of(msgspec.defstruct("Twin", [("other", str)]), answered=True)


def test_amounts_are_numbers_with_six_decimals() -> None:
    amount = ("components", "schemas", "Credits")
    for text in ("0.1", "0.000001", "123456789012.123457", "-5"):
        assert_valid(json.loads(text, parse_float=Decimal), text, *amount)
    for wrong in (Decimal("0.0000001"), "5", True):
        with pytest.raises(AssertionError):
            assert_valid(wrong, str(wrong), *amount)


def test_objects_of_which_no_fields_are_told_may_have_any() -> None:
    """openapi-typescript makes objects that have none of those that say nothing."""
    told = {"properties", "additionalProperties"}
    assert [schema for schema in objects_in(document()) if not told & schema.keys()] == []


def objects_in(value: Any) -> Iterator[dict[str, Any]]:
    """Yield the schemas of objects inside a part of the document."""
    if isinstance(value, dict) and value.get("type") == "object":
        yield value
    for child in value.values() if isinstance(value, dict) else value:
        if isinstance(child, dict | list):
            yield from objects_in(child)


def test_every_operation_with_json_has_an_example_of_it() -> None:
    for path, method in OPERATIONS:
        described = operation(path, method)
        for status, answer in described["responses"].items():
            content = answer.get("content", {}).get("application/json")
            if status < "400" and content and path != "/openapi.json":
                assert "example" in content, f"{method} {path} {status}"
        for media_type in described.get("requestBody", {}).get("content", {}).values():
            assert "example" in media_type, f"{method} {path}"


@each_operation
def test_examples_are_as_described(path: str, method: str) -> None:
    described = operation(path, method)
    places: list[tuple[str, ...]] = [
        ("paths", path, method, "responses", status, "content", "application/json")
        for status, answer in described["responses"].items()
        if "example" in answer.get("content", {}).get("application/json", {})
    ]
    if "requestBody" in described:
        places.append(("paths", path, method, "requestBody", "content", "application/json"))
    for place in places:
        example = document()
        for key in (*place, "example"):
            example = example[key]
        exact = json.loads(json.dumps(example), parse_float=Decimal)
        assert_valid(exact, " ".join(place), *place, "schema")


def test_examples_of_errors_are_as_described() -> None:
    for code, example in document()["components"]["examples"].items():
        name = next(
            name
            for name, schema in document()["components"]["schemas"].items()
            if name.endswith("Error") and schema["properties"]["code"]["const"] == code
        )
        exact = json.loads(json.dumps(example["value"]), parse_float=Decimal)
        assert_valid(exact, code, "components", "schemas", name)


def test_the_document_is_small_enough_to_be_read_at_once(api: LiveApi) -> None:
    assert len(api.client.get("/openapi.json").content) < 460_000
    ok(api.client.get("/health"))
