"""Write our OpenAPI document, and what the client packages take from it: `make clients`.

A test writes it again, elsewhere, and compares.
"""

import builtins
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from api.routes import OPERATIONS
from openapi.document import FILE, OpenApi, written

Schema = dict[str, Any]

ROOT = Path(__file__).resolve().parent.parent
TYPESCRIPT = ROOT / "clients" / "typescript"
PYTHON = ROOT / "clients" / "python"

# Files that are written, below the folder of each package.
TYPESCRIPT_FILES = ("src/openapi.ts", "src/generated.ts")
PYTHON_FILES = ("src/mana_credits_client/models.py", "src/mana_credits_client/generated.py")

_BIN = Path(sys.executable).parent
_NPM = shutil.which("npm")
_OLDEST_NODE = 20
_PREFIX = "/api/v1/"
_NOT_FOR_CLIENTS = _PREFIX + "webhooks/"
_REFERENCE = "#/components/schemas/"
# The document has no webhooks of ours.
_AMOUNTS_OF_EVENTS = {"threshold"}
_HEADER = "Written by `make clients` from the OpenAPI document: change nothing here."
# As they are in answers and in requests.
_TEXT: Schema = {"type": "string"}
_DECIMAL: Schema = {"type": "number", "format": "decimal"}


def node() -> bool:
    """True if what the TypeScript package needs is installed here: Node.js 20 or newer, and npm."""
    program = shutil.which("node")
    if program is None or _NPM is None:
        return False
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    return int(told.stdout.removeprefix("v").partition(".")[0]) >= _OLDEST_NODE


def write_typescript(folder: Path, modules: Path) -> None:
    """Write the generated files of the TypeScript package below a folder.

    Args:
        folder: Where the package's files are written.
        modules: The package with the generator among its node_modules.
    """
    document = _document()
    amounts = _amount_names(document)
    _retype(document, amounts, answered=_TEXT, sent={"anyOf": [_TEXT, {"type": "number"}]})
    for path in document["paths"].values():
        for operation in path.values():
            _keep_what_is_returned(operation)
    types, generated = (folder / name for name in TYPESCRIPT_FILES)
    types.parent.mkdir(parents=True, exist_ok=True)
    source = types.with_suffix(".json")
    source.write_text(json.dumps(document), encoding="utf-8")
    generator = modules / "node_modules" / ".bin" / "openapi-typescript"
    options = ("--default-non-nullable=false", "--output", types)
    subprocess.run([generator, source, *options], check=True, capture_output=True, cwd=modules)
    source.unlink()
    generated.write_text(_typescript_errors(document, amounts), encoding="utf-8")


def write_python(folder: Path) -> None:
    """Write the generated files of the Python package below a folder."""
    document = _document()
    amounts = _amount_names(document)
    _retype(document, amounts, answered=_DECIMAL, sent={"anyOf": [_DECIMAL, _TEXT]})
    types, generated = (folder / name for name in PYTHON_FILES)
    types.parent.mkdir(parents=True, exist_ok=True)
    generated.write_text(_python_errors(document, amounts), encoding="utf-8")
    # Of errors only the details have a shape of their own here: each code has its class.
    schemas = document["components"]["schemas"]
    shapes = {name: one for name, one in schemas.items() if not _is_error(one)}
    source = types.with_suffix(".json")
    source.write_text(
        json.dumps({**document, "paths": {}, "components": {"schemas": shapes}}), encoding="utf-8"
    )
    options = (
        "--output-model-type=typing.TypedDict",
        "--target-python-version=3.11",
        "--enum-field-as-literal=all",
        "--collapse-root-models",
        "--formatters=builtin",
        "--disable-timestamp",
        "--use-schema-description",
        f"--custom-file-header=# {_HEADER}",
    )
    subprocess.run(
        [_BIN / "datamodel-codegen", "--input", source, "--output", types, *options],
        check=True,
        capture_output=True,
    )
    source.unlink()
    for command in (["check", "--fix-only", "--ignore=D"], ["format"]):
        told = ("--quiet", "--config", "pyproject.toml")
        subprocess.run([_BIN / "ruff", *command, *told, types, generated], check=True, cwd=ROOT)


def _document() -> Schema:
    """Return the document with what clients of the API call, and no more."""
    document: Schema = json.loads(written(OpenApi(OPERATIONS).document))
    document["paths"] = {
        path: operations
        for path, operations in document["paths"].items()
        if path.startswith(_PREFIX) and not path.startswith(_NOT_FOR_CLIENTS)
    }
    schemas = document["components"]["schemas"]
    errors = [one for one in schemas.values() if _is_error(one)]
    wanted = _reached(schemas, document["paths"], *errors)
    wanted |= {name for name, one in schemas.items() if _is_error(one)}
    document["components"]["schemas"] = {name: schemas[name] for name in sorted(wanted)}
    return document


def _keep_what_is_returned(operation: Schema) -> None:
    """Drop the errors, which are thrown as classes, and the headers, from what is answered."""
    operation["responses"] = {
        status: {name: told for name, told in answer.items() if name != "headers"}
        for status, answer in operation["responses"].items()
        if status.startswith("2")
    }


def _reached(schemas: Schema, *values: Any) -> set[str]:
    """Return the names of the schemas that values refer to, by others too."""
    reached: set[str] = set()
    waiting = list(values)
    while waiting:
        for name in _referenced(waiting.pop()):
            if name not in reached:
                reached.add(name)
                waiting.append(schemas[name])
    return reached


def _referenced(value: Any) -> Iterator[str]:
    for schema in _schemas_in(value):
        if str(schema.get("$ref", "")).startswith(_REFERENCE):
            yield schema["$ref"].removeprefix(_REFERENCE)


def _schemas_in(value: Any) -> Iterator[Schema]:
    """Yield each object inside a JSON value, itself included."""
    if isinstance(value, dict):
        yield value
    for child in value.values() if isinstance(value, dict) else value:
        if isinstance(child, dict | list):
            yield from _schemas_in(child)


def _is_amount(schema: Schema) -> bool:
    """True if a schema is that of an amount, or of a list, a map or a union with some."""
    if schema.get("$ref") == _REFERENCE + "Credits" or schema.get("type") == "number":
        return True
    inner = [*schema.get("anyOf", ()), schema.get("items"), schema.get("additionalProperties")]
    return any(isinstance(one, dict) and _is_amount(one) for one in inner)


def _amount_names(document: Schema) -> list[str]:
    """Return the names of the fields that hold amounts.

    A field of one of these names is read and typed as an amount wherever it is.
    """
    found = {
        name
        for schema in _schemas_in(document["components"]["schemas"])
        for name, field in _properties(schema).items()
        if _is_amount(field)
    }
    return sorted(found | _AMOUNTS_OF_EVENTS)


def _properties(schema: Schema) -> Schema:
    properties = schema.get("properties")
    return properties if isinstance(properties, dict) and "type" in schema else {}


def _retype(document: Schema, amounts: list[str], *, answered: Schema, sent: Schema) -> None:
    """Give amounts the types that they have in the language of a package."""
    schemas = document["components"]["schemas"]
    bodies = [
        one.get("requestBody", {}) for path in document["paths"].values() for one in path.values()
    ]
    in_requests = _reached(schemas, *bodies)
    schemas["Credits"] = {**answered, "description": schemas["Credits"]["description"]}
    for schema in _schemas_in(schemas):
        for name, field in _properties(schema).items():
            if name in amounts and field.get("type") == "integer":
                schema["properties"][name] = {"$ref": _REFERENCE + "Credits"}
    for name, component in schemas.items():
        kind = sent if name in in_requests else answered
        for schema in list(_schemas_in(component)) if name != "Credits" else ():
            if schema.get("type") == "number":
                description = schema.get("description")
                schema.clear()
                schema.update(kind, **({"description": description} if description else {}))


def _is_error(schema: Schema) -> bool:
    return "const" in schema.get("properties", {}).get("code", {})


def _errors(document: Schema) -> Iterator[tuple[str, str, str, str | None]]:
    """Yield name of the class, code, meaning and type of the details of each error."""
    for name, schema in document["components"]["schemas"].items():
        if not _is_error(schema):
            continue
        details = schema["properties"].get("details")
        reference = None if details is None else details.get("$ref", "")
        class_name = f"Credits{name}" if hasattr(builtins, name) else name
        kind = None if reference is None else reference.removeprefix(_REFERENCE) or "problems"
        yield class_name, schema["properties"]["code"]["const"], schema["description"], kind


def _typescript_errors(document: Schema, amounts: list[str]) -> str:
    errors = list(_errors(document))
    lines = [
        f"// {_HEADER}",
        "",
        'import { CreditsError } from "./errors.js";',
        'import type { components } from "./openapi.js";',
        "",
        'type Schemas = components["schemas"];',
        "",
        "/** Fields that hold amounts: they are read as text, digit by digit. */",
        f"export const AMOUNTS: ReadonlySet<string> = new Set({json.dumps(amounts)});",
    ]
    for name, code, meaning, details in errors:
        kind = {None: "undefined", "problems": "Record<string, string> | undefined"}.get(
            details, f'Schemas["{details}"]'
        )
        lines += [
            "",
            f"/** `{code}`: {meaning} */",
            f'export class {name} extends CreditsError<{kind}, "{code}"> {{}}',
        ]
    listed = "".join(f"  {code}: {name},\n" for name, code, _, _ in errors)
    lines += [
        "",
        "/** The class of each code. */",
        f"export const ERRORS = {{\n{listed}}} as const;",
    ]
    return "\n".join(lines) + "\n"


def _python_errors(document: Schema, amounts: list[str]) -> str:
    errors = list(_errors(document))
    used = sorted({kind for *_, kind in errors if kind not in (None, "problems")})
    lines = [
        f"# {_HEADER}",
        '"""The fields that hold amounts, and an error class for each code."""',
        "",
        "from .errors import CreditsError",
        f"from .models import {', '.join(str(kind) for kind in used)}",
        "",
        f"AMOUNTS = frozenset({json.dumps(amounts)})",
    ]
    for name, code, meaning, details in errors:
        kind = {None: "None", "problems": "dict[str, str] | None"}.get(details, details)
        lines += [
            "",
            f"class {name}(CreditsError[{kind}]):",
            f'    """`{code}`: {meaning.removesuffix(".")}."""',
        ]
    lines += ["", f"__all__ = {json.dumps(['AMOUNTS', 'ERRORS', *(name for name, *_ in errors)])}"]
    listed = ", ".join(f'"{code}": {name}' for name, code, _, _ in errors)
    lines += ["", f"ERRORS: dict[str, type[CreditsError[object]]] = {{{listed}}}"]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write all that can be written here."""
    FILE.write_text(written(OpenApi(OPERATIONS).document), encoding="utf-8")
    write_python(PYTHON)
    if not node():
        print("clients/typescript: left as it is, without Node.js 20 and npm")
        return 0
    install_typescript()
    write_typescript(TYPESCRIPT, TYPESCRIPT)
    return 0


def install_typescript() -> None:
    """Install what the TypeScript package is built with, unless it is there already."""
    lock, stamp = TYPESCRIPT / "package-lock.json", TYPESCRIPT / "node_modules" / ".ready"
    if not stamp.exists() or stamp.stat().st_mtime < lock.stat().st_mtime:
        subprocess.run([str(_NPM), "ci", "--silent"], check=True, cwd=TYPESCRIPT)
        stamp.touch()


if __name__ == "__main__":
    sys.exit(main())
