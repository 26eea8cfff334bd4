"""A fresh installation as files: its tables, and the definition of everything.

`make schema` writes them, and the tests compare them with what there is: so that every change is
seen in a diff.
"""

import re
import subprocess
import tempfile
from pathlib import Path

import psycopg

from deploy.checkout import FILE, find, tell
from deploy.deployment import DATABASE_FOLDER
from deploy.record import Definitions
from installation import fresh_installation
from sandbox.cluster import binaries

ROOT = Path(__file__).resolve().parent.parent
SCHEMA_FILE = ROOT / "db" / "schema.sql"
DEFINITIONS_FILE = DATABASE_FOLDER / FILE

# Debian's programs of the oldest version that we know.
OLDEST = Path("/usr/lib/postgresql/15/bin")

# Lines of a dump that say nothing of the schema, or differ between two runs.
SESSION = re.compile(r"--|SET |SELECT pg_catalog\.set_config|\\(un)?restrict ")

# Objects with a file of their own in db/functions, in the list that pg_restore makes of an archive.
HAS_A_FILE = re.compile(r"\d+; \d+ \d+ (FUNCTION|VIEW|COMMENT \S+ (FUNCTION|VIEW)) ")

DUMP_HEADER = (
    "-- The tables of a fresh installation, as PostgreSQL tells them. Written by `make schema`.\n\n"
)


def dump(url: str) -> str:
    """Return tables, types, indexes, constraints and triggers of a database as SQL, with comments.

    Left out are the deployment's own bookkeeping, functions and views, which have files, and
    privileges, which db/definitions.txt has.
    """
    options = ("--schema-only", "--no-privileges", "--exclude-schema=deployment")
    with tempfile.TemporaryDirectory() as folder:
        archive, listed = Path(folder) / "archive", Path(folder) / "list"
        _run("pg_dump", *options, "--format=custom", "--file", archive, url)
        entries = _run("pg_restore", "--list", archive).splitlines(keepends=True)
        listed.write_text("".join(entry for entry in entries if not HAS_A_FILE.match(entry)))
        text = _run("pg_restore", "--no-owner", "--use-list", listed, "--file=-", archive)
    kept: list[str] = []
    for line in map(str.rstrip, text.splitlines()):
        if not SESSION.match(line) and (line or (kept and kept[-1])):
            kept.append(line)
    return DUMP_HEADER + "\n".join(kept).strip() + "\n"


def _run(program: str, *arguments: str | Path) -> str:
    command = [binaries() / program, *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def definitions(url: str) -> Definitions:
    """Return the definition of everything that a deployment has made."""
    with psycopg.connect(url) as connection:
        return find(connection, DATABASE_FOLDER)


def main() -> None:
    """Write both files."""
    with fresh_installation() as url:
        SCHEMA_FILE.write_text(dump(url), encoding="utf-8")
        found = [definitions(url)]
    if OLDEST.is_dir():
        with fresh_installation(OLDEST) as url:
            found.append(definitions(url))
    else:
        print(f"{OLDEST} is not there: how PostgreSQL 15 tells what it tells otherwise is left out")
    DEFINITIONS_FILE.write_text(tell(DATABASE_FOLDER, found), encoding="utf-8")
    for path in (SCHEMA_FILE, DEFINITIONS_FILE):
        print(f"wrote {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
