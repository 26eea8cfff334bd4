"""Makes the OpenAPI 3.1 document of operations; `make clients` writes it into the API's package."""

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from typing import Any

import msgspec

from api.database.refusals import REFUSALS
from api.http.error_codes import ERROR_CODES
from api.http.operations import JSON, Answer, Caller, Operation, Right
from api.http.parameters import PAGE, Parameter
from api.observability.version import VERSION
from deploy.deployment import DATABASE_FOLDER
from openapi.errors import BY_NAME, DETAILS, MEANINGS
from openapi.schemas import Schema, Schemas

FOLDER = Path(__file__).resolve().parent
FILE = FOLDER.parents[1] / "src" / "api" / "reference" / "openapi.json"

# In the comment on a function: up to its next label, or to its end.
_ERRORS = re.compile(r"^Errors: (.*?)(?=\n[A-Z][a-z]+: |';)", re.MULTILINE | re.DOTALL)

_DATABASE_ERRORS = ("overloaded", "database_unavailable", "timeout")
_ERRORS_OF_CALLER: Mapping[Caller, Sequence[str]] = {
    Caller.USER: ("unauthenticated", "auth_unavailable"),
    Caller.SERVICE: ("unauthenticated", "invalid_request"),
    Caller.STRIPE: ("invalid_request",),
    Caller.SCRAPER: ("unauthenticated",),
}
_ERRORS_OF_RIGHT: Mapping[Right | None, Sequence[str]] = {
    Right.ADMIN: ("admin_required",),
    Right.MEMBER: ("not_a_guild_member",),
    Right.MANAGER: ("not_a_guild_member", "guild_role_required"),
    Right.ONESELF_OR_MANAGER: ("not_a_guild_member", "guild_role_required"),
}


def error_codes(operation: Operation) -> list[str]:
    """Return the codes that an operation can answer, in the order of the catalogue."""
    functions = {*operation.calls, operation.function} - {""}
    codes = {REFUSALS[state] for function in functions for state in _states_of(function)}
    # The layer refuses malformed input, where there is any input.
    codes -= {"invalid_request", *operation.unmet}
    codes |= {"internal_error", *operation.refusals, *_ERRORS_OF_CALLER.get(operation.caller, ())}
    codes.update(_ERRORS_OF_RIGHT.get(operation.right, ()))
    if operation.needs_database:
        codes.update(_DATABASE_ERRORS)
    if operation.body is not None or operation.raw_body is not None:
        codes.update(("invalid_request", "request_timeout", "body_too_large"))
    if operation.query or operation.keyed or any(one.argument for one in operation.in_path):
        codes.add("invalid_request")
    return [code for code in ERROR_CODES if code in codes]


def _states_of(function: str) -> set[str]:
    """Return the SQLSTATEs of refusals that the comment on a function names."""
    schema, name = function.split(".")
    [path] = (DATABASE_FOLDER / "functions" / schema).rglob(f"{name}.sql")
    [told] = _ERRORS.findall(path.read_text("utf-8"))
    states = REFUSALS.keys() & set(re.findall(r"\bU[CG]\d{3}\b", told))
    return states.union(*map(_states_of, re.findall(r"those of ([a-z_.]+[a-z])", told)))


class OpenApi:
    """The document of a service with these operations."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        self._operations = operations
        self._examples: Any = msgspec.json.decode(_text("examples.json"))
        self._schemas = Schemas()

    @cached_property
    def document(self) -> Schema:
        """The whole document."""
        shared = msgspec.json.decode(_text("components.json"))
        shared["parameters"] |= {
            one.name.capitalize(): self._parameter(one, "query") for one in PAGE
        }
        return {
            "openapi": "3.1.1",
            "info": {
                "title": "mana-credits",
                "version": VERSION,
                "summary": "Credits for an ecosystem of apps",
                "description": _text("introduction.md"),
            },
            "servers": [{"url": "/"}],
            "tags": [{"name": tag} for tag in dict.fromkeys(one.tag for one in self._operations)],
            "paths": self._paths(),
            "components": {
                "schemas": dict(sorted({**self._errors(), **self._schemas.components}.items())),
                **shared,
                "examples": {code: {"value": self._example_of(code)} for code in ERROR_CODES},
            },
        }

    def _paths(self) -> Schema:
        paths: Schema = {}
        for operation in self._operations:
            described = self._operation(operation)
            paths.setdefault(operation.path, {})[operation.method.lower()] = described
        return paths

    def _operation(self, operation: Operation) -> Schema:
        described: Schema = {
            "operationId": operation.name,
            "tags": [operation.tag],
            "summary": operation.summary,
            "security": _security(operation.caller),
            "parameters": self._parameters(operation),
            "responses": self._responses(operation),
        }
        if operation.description:
            described["description"] = operation.description
        body = self._request_body(operation)
        if body is not None:
            described["requestBody"] = body
        return described

    def _parameters(self, operation: Operation) -> list[Schema]:
        own = [self._parameter(one, "path") for one in operation.in_path]
        own += [
            _reference("parameters", one.name.capitalize())
            if one in PAGE
            else self._parameter(one, "query")
            for one in operation.query
        ]
        headers = ["RequestId"]
        if operation.keyed:
            headers.append("IdempotencyKey")
        if operation.caller is Caller.SERVICE:
            headers.append("AppId")
        shared = [_reference("parameters", name) for name in headers]
        return [*own, *shared]

    def _parameter(self, parameter: Parameter, place: str) -> Schema:
        required = {"required": True} if place == "path" or parameter.required else {}
        return {
            "name": parameter.name,
            "in": place,
            **required,
            "description": parameter.description,
            "schema": self._schemas.of(parameter.type),
        }

    def _request_body(self, operation: Operation) -> Schema | None:
        shape = operation.raw_body if operation.body is None else operation.body.shape
        if shape is None:
            return None
        schema = self._schemas.of(shape)
        # No body counts as an empty object.
        required = any(field.required for field in msgspec.structs.fields(shape))
        examples = self._examples_of(operation, "request")
        return {"required": required, "content": {JSON: {"schema": schema, **examples}}}

    def _responses(self, operation: Operation) -> Schema:
        responses = {
            str(status): self._answer(operation, status, answer)
            for status, answer in operation.answers.items()
        }
        by_status: dict[int, list[str]] = {}
        for code in error_codes(operation):
            by_status.setdefault(ERROR_CODES[code].status, []).append(code)
        for status, codes in sorted(by_status.items()):
            responses[str(status)] = self._error_answer(operation, status, codes)
        return responses

    def _answer(self, operation: Operation, status: int, answer: Answer) -> Schema:
        content: Schema = {}
        if answer.shapes:
            schema = self._schemas.of(*answer.shapes, answered=True)
            content[JSON] = {"schema": schema, **self._examples_of(operation, str(status))}
        for media_type, shape in answer.other.items():
            content[media_type] = {"schema": self._schemas.of(shape, answered=True)}
        headers = {"Link": "Link"} if operation.paged else {}
        return {
            "description": answer.description,
            "headers": _headers(headers),
            **({"content": content} if content else {}),
        }

    def _error_answer(self, operation: Operation, status: int, codes: Sequence[str]) -> Schema:
        references = {code: _reference("schemas", _error_name(code))["$ref"] for code in codes}
        schema: Schema = {"$ref": references[codes[0]]}
        if len(codes) > 1:
            schema = {
                "oneOf": [{"$ref": reference} for reference in references.values()],
                "discriminator": {"propertyName": "code", "mapping": references},
            }
        examples = {code: _reference("examples", code) for code in codes}
        content: Schema = {JSON: {"schema": schema, "examples": examples}}
        if operation.errors_also_as is not None:
            content[operation.errors_also_as] = {"schema": {"type": "string"}}
        headers = (
            {"WWW-Authenticate": "WwwAuthenticate"} if status == HTTPStatus.UNAUTHORIZED else {}
        )
        if any(ERROR_CODES[code].retry_after for code in codes):
            headers["Retry-After"] = "RetryAfter"
        named = ", ".join(f"`{code}`" for code in codes)
        return {
            "description": f"{HTTPStatus(status).phrase}: {named}",
            "headers": _headers(headers),
            "content": content,
        }

    def _errors(self) -> Schema:
        """Return the schema of each error by its name."""
        return {_error_name(code): self._error(code) for code in ERROR_CODES}

    def _error(self, code: str) -> Schema:
        properties: Schema = {
            "statusCode": {"type": "integer", "const": ERROR_CODES[code].status},
            "code": {"type": "string", "const": code},
            "message": {"type": "string", "description": "A sentence for people; it may change."},
        }
        required = list(properties)
        if code in DETAILS:
            properties["details"] = self._schemas.of(DETAILS[code], answered=True)
            # Of problems by name there may be none.
            if DETAILS[code] is not BY_NAME:
                required.append("details")
        return {
            "type": "object",
            "description": MEANINGS[code],
            "properties": properties,
            "required": required,
        }

    def _example_of(self, code: str) -> Any:
        """Return the example of an error: what was answered once, else made up by its schema."""
        played = self._examples["errors"].get(code)
        if played is not None:
            return played
        status, message = ERROR_CODES[code].status, MEANINGS[code]
        example = {"statusCode": status, "code": code, "message": message}
        if DETAILS.get(code, BY_NAME) is not BY_NAME:
            example["details"] = self._schemas.example(DETAILS[code])
        return example

    def _examples_of(self, operation: Operation, part: str) -> Schema:
        found = self._examples["operations"].get(operation.name, {}).get(part)
        return {} if found is None else {"example": found}


def _text(file: str) -> str:
    return (FOLDER / file).read_text("utf-8")


def written(document: Schema) -> str:
    """Return the document as it is served: a line for each operation and component."""
    return _written(document, levels=3) + "\n"


def _written(value: Any, levels: int) -> str:
    if levels == 0 or not isinstance(value, dict):
        return msgspec.json.encode(value).decode()
    lines = (f'"{name}":{_written(part, levels - 1)}' for name, part in value.items())
    return "{\n" + ",\n".join(lines) + "\n}"


def _security(caller: Caller) -> list[Schema]:
    if caller is Caller.ANYONE:
        return []
    wanted: list[Schema] = [{caller.value: []}]
    return [*wanted, {}] if caller is Caller.SCRAPER else wanted


def _headers(others: Mapping[str, str]) -> Schema:
    named = {"X-Request-Id": "RequestId", **others}
    return {name: _reference("headers", component) for name, component in named.items()}


def _reference(kind: str, name: str) -> Schema:
    return {"$ref": f"#/components/{kind}/{name}"}


def _error_name(code: str) -> str:
    return "".join(word.capitalize() for word in code.removesuffix("_error").split("_")) + "Error"
