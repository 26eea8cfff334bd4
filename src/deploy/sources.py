"""The files of db/functions: one function or view each, in a folder named after its schema.

A schema's folder may have rooms, which are folders too. Beside the schemas lies grants.sql.
"""

import hashlib
import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import psycopg
import sqlparse

from deploy.errors import DeploymentError, in_file

GRANTS = "grants.sql"
OWNER = "credits_owner"
LEDGER = "credits_ledger"
NAME = re.compile(r"[a-z_][a-z0-9_]*")
DEFINED = re.compile(
    r"^\s*create (?:or replace )?(function|procedure|view)\s+([^\s(;]+)", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Source:
    """One file, and the object that it defines."""

    path: Path
    schema: str
    name: str
    text: str
    owner: str
    is_view: bool

    @property
    def object(self) -> tuple[str, str]:
        """The schema and the name of the function or view."""
        return self.schema, self.name


def read_sources(folder: Path, writer: str = LEDGER) -> list[Source]:
    """Return the folder's files in the order of their schemas and names.

    Args:
        folder: Holds them.
        writer: Owns what lies in a room `writers`, and alone may insert into the ledger.

    Raises:
        DeploymentError: A file lies where no schema can be told, is named as no object can be or as
            another one, or defines something else than its name says.
    """
    if not folder.is_dir():
        raise DeploymentError(f"{folder} is not a folder: run from a whole checkout")
    if not (folder / GRANTS).is_file():
        raise DeploymentError(f"{folder / GRANTS} is missing: nobody could call anything")
    paths = set(folder.rglob("*.sql")) - {folder / GRANTS}
    sources = sorted(
        (_read(folder, path, writer) for path in paths), key=lambda source: source.object
    )
    for one, other in pairwise(sources):
        if one.object == other.object:
            raise DeploymentError(f"{other.path}: {one.path} is named after the same object")
    return sources


def _read(folder: Path, path: Path, writer: str) -> Source:
    *folders, name = path.relative_to(folder).with_suffix("").parts
    if not (folders and NAME.fullmatch(folders[0]) and NAME.fullmatch(name)):
        raise DeploymentError(f"{path}: a file is named {folder.name}/SCHEMA/OBJECT.sql")
    text = path.read_text(encoding="utf-8")
    kinds = {defined: kind for kind, defined in DEFINED.findall(text)}
    named = f"{folders[0]}.{name}"
    if set(kinds) != {named}:
        found = ", ".join(sorted(kinds)) or "nothing"
        raise DeploymentError(f"{path}: defines {found}: a file defines what it is named after")
    owner = writer if path.parent.name == "writers" else OWNER
    return Source(path, folders[0], name, text, owner, kinds[named] == "view")


def execute_file(connection: psycopg.Connection, path: Path) -> None:
    """Execute the statements of a file, one by one.

    Where accounts are spread, a statement about a table is sent on as it came.

    Raises:
        DeploymentError: One fails.
    """
    text = path.read_text(encoding="utf-8")
    done = 0
    for statement in sqlparse.split(text):
        start = text.index(statement, done)
        done = start + len(statement)
        # As many lines come before as in the file, so that an error has its place there.
        sent = "\n" * text.count("\n", 0, start) + statement
        try:
            connection.execute(sent.encode())
        except psycopg.Error as error:
            raise in_file(path, error, sent) from error


def fingerprint(folder: Path) -> str:
    """Return a hash that tells one version of the SQL files of a folder like db from another."""
    digest = hashlib.sha256()
    for kind in ("migrations", "functions", "triggers"):
        for path in sorted((folder / kind).rglob("*.sql")):
            # The same whatever line ends the checkout has.
            content = path.read_bytes().replace(b"\r\n", b"\n")
            digest.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()
