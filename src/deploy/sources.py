"""The files of db/functions: one function or view each, in a folder named after its schema.

Beside the folders lie triggers.sql, which may be absent, and grants.sql.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from deploy.errors import DeploymentError

TRIGGERS = "triggers.sql"
GRANTS = "grants.sql"
NAME = re.compile(r"[a-z_][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Source:
    """One file, and the object that it defines."""

    path: Path
    schema: str
    name: str
    text: str

    @property
    def object(self) -> tuple[str, str]:
        """The schema and the name of the function or view."""
        return self.schema, self.name


def read_sources(folder: Path) -> list[Source]:
    """Return the folder's files in the order of their schemas and names.

    Raises:
        DeploymentError: A file lies where no schema can be told, or is named as no object can be.
    """
    if not folder.is_dir():
        raise DeploymentError(f"{folder} is not a folder: run from a whole checkout")
    if not (folder / GRANTS).is_file():
        raise DeploymentError(f"{folder / GRANTS} is missing: nobody could call anything")
    paths = set(folder.rglob("*.sql")) - {folder / TRIGGERS, folder / GRANTS}
    return [_read(folder, path) for path in sorted(paths)]


def _read(folder: Path, path: Path) -> Source:
    schema, name = path.parent.name, path.stem
    in_schema_folder = path.parent.parent == folder
    if not (in_schema_folder and NAME.fullmatch(schema) and NAME.fullmatch(name)):
        raise DeploymentError(f"{path}: a file is named {folder.name}/SCHEMA/OBJECT.sql")
    return Source(path, schema, name, path.read_text(encoding="utf-8"))
