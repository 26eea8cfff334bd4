"""JSON Schemas of the types that requests are validated with and answers are made of."""

import inspect
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from msgspec import UNSET

from api.http.fields import TOLD_RANGE, Credits, FreeText, is_struct, parts_of

Schema = dict[str, Any]

REFERENCE = "#/components/schemas/{name}"

# Amounts have a component of their own, so that they are described once. Their digits are not told
# as multipleOf: a validator that divides doubles refuses 0.1.
AMOUNTS: Mapping[str, Schema] = {
    "Credits": {
        "type": "number",
        "description": "An exact decimal number of credits with up to 6 digits after the point;"
        " read it as a decimal, not as a binary float.",
    }
}

_PYTHON_PATTERN = (
    # A JSON text in UTF-8 has no lone surrogates, and a schema no name for the end of a text.
    (r"\\ud800-\\udfff", ""),
    (r"\\Z", "$"),
    (r"\\x([0-9a-f]{2})", r"\\u00\1"),
)

_REWRITTEN = frozenset({"title", "properties", "description", "pattern", "required"})


class Schemas:
    """Schemas of types, made as they are asked for; Structs become components."""

    def __init__(self) -> None:
        self.components: dict[str, Schema] = dict(AMOUNTS)
        self._structs: dict[str, type[msgspec.Struct]] = {}

    def of(self, *types: Any, answered: bool = False) -> Schema:
        """Return the schema of values that have one of these types.

        Args:
            types: The types.
            answered: True if they go out: what they always have is required.

        Raises:
            ValueError: Two Structs have the same name.
        """
        found, made = msgspec.json.schema_components(
            types, schema_hook=_custom, ref_template=REFERENCE
        )
        for struct in _structs(types):
            name = struct.__name__
            if self._structs.setdefault(name, struct) is not struct:
                raise ValueError(f"there are two Structs {name}")
            if name not in self.components:
                self.components[name] = _portable(made[name])
                if answered:
                    self._require_what_is_always_there(struct)
                else:
                    _tell_defaults_in_words(self.components[name])
        schemas: list[Schema] = [_portable(schema) for schema in found]
        return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}

    def example(self, wanted: Any) -> Any:
        """Return a value of a type: of each field that is always there its example."""
        return self._example(self.of(wanted, answered=True))

    def _example(self, schema: Schema) -> Any:
        if "$ref" in schema:
            return self._example(self.components[schema["$ref"].rpartition("/")[2]])
        if schema["type"] == "object":
            fields = schema["properties"]
            return {name: self._example(fields[name]) for name in schema["required"]}
        if schema["type"] != "string":
            return 1
        return "2026-01-31T12:00:00Z" if "format" in schema else schema["examples"][0]

    def _require_what_is_always_there(self, struct: type[msgspec.Struct]) -> None:
        """Require the fields that every answer has, and drop defaults: nothing is left out."""
        schema = self.components[struct.__name__]
        omits = struct.__struct_config__.omit_defaults
        required = []
        for field in msgspec.structs.fields(struct):
            schema["properties"][field.encode_name].pop("default", None)
            if field.default is not UNSET and (field.required or not omits):
                required.append(field.encode_name)
        schema["required"] = required


def _tell_defaults_in_words(schema: Schema) -> None:
    """Say in the description what goes without a field.

    Generators take a field with a default for one that is always there.
    """
    for field in schema.get("properties", {}).values():
        default = field.pop("default", None)
        if default is not None:
            told = field.get("description", "").removesuffix(".")
            field["description"] = f"{told}; by default {json.dumps(default)}".removeprefix("; ")


def _custom(custom: type) -> Schema:
    if custom is Credits:
        return {
            "type": "number",
            "maximum": 999999999.999999,
            "description": "With at most 6 digits after the point.",
        }
    if custom is FreeText:
        return {"type": "string"}
    raise NotImplementedError(f"no schema for {custom}")


def _structs(types: Iterable[Any]) -> set[type[msgspec.Struct]]:
    """Return the Structs among these types and inside of them."""
    found: set[type[msgspec.Struct]] = set()
    waiting = list(types)
    while waiting:
        structs = {part for part in parts_of(waiting.pop()) if is_struct(part)} - found
        found |= structs
        waiting += [field.type for one in structs for field in msgspec.structs.fields(one)]
    return found


def _portable(value: Any) -> Any:
    """Say what msgspec says in the way that the wire and every validator have it."""
    if isinstance(value, list):
        return [_portable(one) for one in value]
    if not isinstance(value, dict):
        return value
    if value.get("format") == "decimal":
        # A decimal with words of its own is no amount of credits.
        told = value.get("description")
        return (
            {"type": "number", "description": told}
            if told
            else {"$ref": REFERENCE.format(name="Credits")}
        )
    schema = {name: _portable(one) for name, one in value.items() if name not in _REWRITTEN}
    schema |= schema.pop(TOLD_RANGE, {})
    if "properties" in value:
        schema["properties"] = {name: _portable(one) for name, one in value["properties"].items()}
    if "description" in value:
        schema["description"] = inspect.cleandoc(value["description"])
    if "pattern" in value:
        schema["pattern"] = _portable_pattern(value["pattern"])
    if value.get("required"):
        schema["required"] = value["required"]
    if schema.get("type") == "object" and "properties" not in schema:
        # Without a word generators take it for an object that has no fields.
        schema.setdefault("additionalProperties", True)
    return schema


def _portable_pattern(pattern: str) -> str:
    for python, portable in _PYTHON_PATTERN:
        pattern = re.sub(python, portable, pattern)
    return pattern
