"""Compares a database with what this checkout would make, which db/definitions.txt tells.

The file is written by `make schema` from fresh installations. With it a reconciliation also finds
changes in the record of the deployment, or in the functions that compare with it. It trusts nothing
that is kept in the database, and asks with its own copy of the query.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import psycopg

from deploy.record import SERVER, Definitions, Key, as_definitions, is_of_deployers
from deploy.sources import fingerprint, read_sources

FILE = "definitions.txt"
HEADER = """\
# The result of a deployment: kind, object and definition of everything that protects the books,
# rights included. A long definition is its SHA-256. A second one is that of another version of
# PostgreSQL. Written by `make schema`.
"""
MADE_OF = "# Of the files "
QUERY_OF = ("credits", "_definitions")
LONGEST = 250


def tell(folder: Path, installations: Iterable[Definitions]) -> str:
    """Return the text of the file, given what the folder makes on one or more servers."""
    told: dict[Key, list[str]] = {}
    for definitions in installations:
        for key, definition in _comparable(definitions):
            one = told.setdefault(key, [])
            if _short(definition) not in one:
                one.append(_short(definition))
    lines = ["\t".join([*key, *one]) for key, one in sorted(told.items())]
    return "\n".join([f"{HEADER}{MADE_OF}{fingerprint(folder)}", "", *lines]) + "\n"


def is_current(folder: Path) -> bool:
    """Return whether the folder has the file, made of the files that are there now."""
    path = folder / FILE
    return path.is_file() and f"{MADE_OF}{fingerprint(folder)}\n" in path.read_text("utf-8")


def find(connection: psycopg.Connection, folder: Path) -> Definitions:
    """Return what a database has, asked by the folder's own query and not by the database's."""
    (source,) = (each for each in read_sources(folder / "functions") if each.object == QUERY_OF)
    head, query, _ = source.text.split("$$")
    with connection.transaction():
        for setting in re.findall(r"^set (.+)$", head, re.MULTILINE):
            connection.execute(f"set local {setting}".encode())
        return as_definitions(connection.execute(query.encode()).fetchall())


def differences(folder: Path, found: Definitions) -> list[str]:
    """Return in one line each what is not as the folder makes it."""
    expected = _expected(folder)
    actual = {key: _short(definition) for key, definition in _comparable(found)}
    return [
        f"{kind} {name}: {_verdict(expected.get((kind, name)), actual.get((kind, name)))}"
        for kind, name in sorted(expected.keys() | actual.keys())
        if actual.get((kind, name)) not in expected.get((kind, name), ())
    ]


def _verdict(expected: tuple[str, ...] | None, actual: str | None) -> str:
    if not expected:
        return f"foreign ({actual})"
    if not actual:
        return "missing"
    return f"changed (it is {actual}, and should be {expected[0]})"


def _expected(folder: Path) -> dict[Key, tuple[str, ...]]:
    lines = (folder / FILE).read_text("utf-8").splitlines()
    fields = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return {(kind, name): tuple(one) for kind, name, *one in fields}


def _comparable(definitions: Definitions) -> Iterator[tuple[Key, str]]:
    """Leave out what no checkout can know: the server, and which logins deploy."""
    for key, definition in definitions.items():
        if key != SERVER and not is_of_deployers(key):
            yield key, definition


def _short(definition: str) -> str:
    if len(definition) <= LONGEST and not {"\n", "\t"} & set(definition):
        return definition
    return f"sha256 {hashlib.sha256(definition.encode()).hexdigest()}"
